"""Interactive runs: begun, driven and ended by a program of the user's, which may die at any time."""

from __future__ import annotations

import dataclasses
import logging
import threading
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from azud.core.errors import AzudError, ConflictError, NotFoundError, UserError
from azud.core.ids import check_experiment_name, is_safe_id
from azud.core.processes import ProcessMark, is_alive
from azud.model.codec import from_json
from azud.model.runs import RunError, RunRecord, RunStatus, RunType
from azud.services.interactive_ports import InteractiveRunStore, NewInteractiveRun, OpenRun
from azud.services.ports import RunCatalog

_log = logging.getLogger(__name__)
MOST_AT_ONCE = 100
LOOK_EVERY_S = 15.0
_BEFORE = {
    RunStatus.RUNNING: frozenset((RunStatus.NOT_STARTED,)),
    RunStatus.COMPLETED: frozenset((RunStatus.RUNNING, RunStatus.NOT_STARTED)),
    RunStatus.FAILED: frozenset((RunStatus.RUNNING, RunStatus.NOT_STARTED)),
    RunStatus.CANCELED: frozenset((RunStatus.RUNNING, RunStatus.NOT_STARTED)),
}
"""From which states a program may take its run to a state."""
_ORPHAN = RunError(
    "program_ended",
    "the program that drove this run ended without ending it",
    hint="call run.complete() or run.fail(), or use the run in a with statement",
)


@dataclasses.dataclass(frozen=True)
class InteractiveRunItem:
    """One of the runs that a request begins; the caller makes up its id, so that a repeated request means the same."""

    id: str
    name: str = ""
    tags: dict[str, str | None] = dataclasses.field(default_factory=dict)
    properties: dict[str, str] = dataclasses.field(default_factory=dict)


@dataclasses.dataclass(frozen=True)
class InteractiveRunRequest:
    """The body of `POST /interactive-runs`.

    Args:
        experiment: Made if it does not exist; for runs below another one, that one's.
        runs: What to begin, up to 100 at once.
        parent_id: The run that they are below.
        start: Whether they run already.
        owner: The process that drives them, on this machine; without it nobody notices that it died.
        snapshot: Digest of the source folder, if one was taken.
    """

    runs: tuple[InteractiveRunItem, ...]
    experiment: str = ""
    parent_id: str | None = None
    start: bool = True
    owner: ProcessMark | None = None
    submitted_by: str = ""
    snapshot: str | None = None


class InteractiveRunService:
    """Begins and ends interactive runs, and ends those whose program has died.

    Args:
        store: Where they are kept.
        catalog: All runs.
        notify: Called with the id of a run that has ended.
    """

    def __init__(self, store: InteractiveRunStore, catalog: RunCatalog, notify: Callable[[str], None]) -> None:
        self._store = store
        self._catalog = catalog
        self._notify = notify
        self._closing = threading.Event()
        self._clock = threading.Thread(target=self._look_regularly, name="interactive runs", daemon=True)

    def open(self) -> None:
        """Begin to look after the programs."""
        self._clock.start()

    def close(self) -> None:
        """Stop looking."""
        self._closing.set()

    def begin(self, body: Mapping[str, Any], key: str | None) -> Sequence[RunRecord]:
        """Make runs.

        Idempotent: by `key`.

        Raises:
            UserError: No runs or too many, or an id that cannot be a folder's name.
            NotFoundError: There is no such parent.
            ConflictError: One of the ids is taken, or the parent is one that the engine drives alone.
        """
        request = from_json(InteractiveRunRequest, dict(body), "body")
        if not 1 <= len(request.runs) <= MOST_AT_ONCE:
            raise UserError(f"{len(request.runs)} runs cannot be made at once", hint=f"ask for 1 to {MOST_AT_ONCE}")
        experiment = request.experiment
        if request.parent_id is not None:
            experiment = self._parent(request.parent_id).experiment
        check_experiment_name(experiment)
        return self._store.create([_new(request, experiment, place) for place in range(len(request.runs))], key)

    def _parent(self, run_id: str) -> RunRecord:
        record = self._catalog.run(run_id)
        if record.type == RunType.PIPELINE:
            raise ConflictError(
                "the engine makes the runs below a pipeline run", hint="begin it below one of its steps"
            )
        return record

    def change(self, run_id: str, body: Mapping[str, Any]) -> RunRecord:
        """Take a run to another state; to the one that it is in is no change.

        Args:
            run_id: An interactive run.
            body: `{"status", "error": RunError or null, "owner": ProcessMark or null}`.

        Raises:
            UserError: There is no such state.
            ConflictError: The run has ended otherwise, or is not one that programs drive.
        """
        status, record = str(body.get("status") or ""), self._catalog.run(run_id)
        if status not in _BEFORE:
            raise UserError(f"a run cannot be taken to {status!r}", hint=f"use one of {', '.join(sorted(_BEFORE))}")
        if record.type != RunType.INTERACTIVE:
            raise ConflictError(f"run {run_id} is driven by the engine", hint="POST /runs/{id}/cancel ends it")
        error = None if body.get("error") is None else from_json(RunError, body["error"], "body.error")
        owner = None if body.get("owner") is None else from_json(ProcessMark, body["owner"], "body.owner")
        changed = self._store.change(run_id, status, allowed=_BEFORE[status], error=error, owner=owner)
        now = self._catalog.run(run_id)
        if not changed and now.status != status:
            raise ConflictError(f"run {run_id} is {now.status} already", hint="begin another one")
        if changed and status in RunStatus.TERMINAL:
            self._notify(run_id)
        return now

    def end_orphans(self) -> int:
        """End the runs whose program is gone, and those that wait below a run that has ended; return how many."""
        ended = 0
        for run in self._store.open_runs():
            status, error = self._fate(run)
            if status and self._store.change(run.id, status, allowed=frozenset((run.status,)), error=error):
                self._notify(run.id)
                ended += 1
        return ended

    def _fate(self, run: OpenRun) -> tuple[str, RunError | None]:
        """Return the state that a run is to end in, or ""."""
        if run.status == RunStatus.RUNNING:
            return ("", None) if run.owner is None or is_alive(run.owner) else (RunStatus.FAILED, _ORPHAN)
        if run.parent_id is not None and self._has_ended(run.parent_id):
            return RunStatus.CANCELED, None
        return "", None

    def _has_ended(self, run_id: str) -> bool:
        try:
            return self._catalog.run(run_id).status in RunStatus.TERMINAL
        except NotFoundError:  # it was collected
            return True

    def _look_regularly(self) -> None:
        while True:
            try:
                self.end_orphans()
            except AzudError as error:
                _log.warning("interactive runs were not looked at: %s", error)
            if self._closing.wait(LOOK_EVERY_S):
                return


def _new(request: InteractiveRunRequest, experiment: str, place: int) -> NewInteractiveRun:
    item = request.runs[place]
    if not is_safe_id(item.id):
        raise UserError(f"a run cannot have the id {item.id!r}", hint="use letters, digits, - and _")
    return NewInteractiveRun(
        id=item.id,
        experiment=experiment,
        name=item.name or f"run_{item.id}",
        parent_id=request.parent_id,
        position=place,
        started=request.start,
        owner=request.owner,
        tags=item.tags,
        properties={"azureml.runsource": "experiment", **item.properties},
        submitted_by=request.submitted_by,
        snapshot=request.snapshot,
    )
