"""One active run in memory: its machine and what its steps need to be decided and started."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Any

from azud.core.clock import from_text
from azud.core.errors import DefinitionError, InvariantViolation, RecordUnreadable
from azud.engine import machine as states
from azud.engine.machine import RunMachine, replay
from azud.engine.ports import ResolvedEnvironment, StepRow, StoredRun
from azud.model.compute import ComputeTargetRecord
from azud.model.data import DatastoreRecord
from azud.model.definition import StepDefinition
from azud.model.jobs import SealedOutput, StagedInput
from azud.model.runs import RunStatus
from azud.planning.binding import effective_parameters

STATUS_OF = {
    states.WAITING: RunStatus.NOT_STARTED,
    states.DECIDING: RunStatus.NOT_STARTED,
    states.DELAYED: RunStatus.QUEUED,
    states.QUEUED: RunStatus.QUEUED,
    states.RUNNING: RunStatus.RUNNING,
    states.COMPLETED: RunStatus.COMPLETED,
    states.FAILED: RunStatus.FAILED,
    states.CANCELED: RunStatus.CANCELED,
    states.BYPASSED: RunStatus.BYPASSED,
}


@dataclasses.dataclass
class RunContext:
    """A run that has not ended."""

    stored: StoredRun
    machine: RunMachine
    rows: dict[str, StepRow]
    steps: Mapping[str, StepDefinition]
    parameters: Mapping[str, Any]
    datastores: Mapping[str, DatastoreRecord]
    targets: Mapping[str, ComputeTargetRecord]
    sealed: dict[str, dict[str, SealedOutput]]
    next_seq: int
    staged: dict[str, tuple[StagedInput, ...]] = dataclasses.field(default_factory=dict)
    environments: dict[str, ResolvedEnvironment] = dataclasses.field(default_factory=dict)
    resolved: dict[str, ResolvedEnvironment] = dataclasses.field(default_factory=dict)
    warnings: list[str] = dataclasses.field(default_factory=list)
    dirty: set[str] = dataclasses.field(default_factory=set)
    memory_bytes: dict[str, int] | None = None
    """What each step used when it last ran, by step; read when the first is started."""

    @property
    def id(self) -> str:
        """The run's id."""
        return self.stored.id

    @property
    def default_datastore(self) -> str:
        """Name of the datastore for outputs that name none."""
        named = self.stored.definition.default_datastore
        return named or next((name for name, record in self.datastores.items() if record.is_default), "")

    def row_status(self, step: str) -> str:
        """Return the status that people see of a step."""
        state = self.machine.steps[step]
        if state.cancel_requested and state.state in states.LIVE:
            return RunStatus.CANCEL_REQUESTED
        return STATUS_OF[state.state]

    def age_s(self, now_text: str) -> float:
        """Return the seconds since the run was submitted."""
        return (from_text(now_text) - from_text(self.stored.created_at)).total_seconds()


def open_context(
    stored: StoredRun,
    datastores: Mapping[str, DatastoreRecord],
    targets: Mapping[str, ComputeTargetRecord],
) -> RunContext:
    """Rebuild a run from what is stored.

    Raises:
        RecordUnreadable: It does not hold together.
    """
    try:
        return _rebuild(stored, datastores, targets)
    except (ValueError, KeyError, TypeError, DefinitionError, InvariantViolation) as error:
        raise RecordUnreadable(
            f"what is stored of run {stored.id} does not hold together: {type(error).__name__}: {error}",
            hint="submit it again; the other runs are not touched",
        ) from error


def _rebuild(
    stored: StoredRun,
    datastores: Mapping[str, DatastoreRecord],
    targets: Mapping[str, ComputeTargetRecord],
) -> RunContext:
    rows = {row.step: row for row in stored.steps}
    return RunContext(
        stored=stored,
        machine=replay(stored.id, stored.events),
        rows=rows,
        steps={step.id: step for step in stored.definition.steps},
        parameters=effective_parameters(stored.definition, stored.options.parameters),
        datastores=datastores,
        targets=targets,
        sealed={
            row.step: {output.name: output for output in stored.sealed.get(row.reused_from or row.id, ())}
            for row in stored.steps
        },
        next_seq=len(stored.events),
        warnings=list(stored.warnings),
    )
