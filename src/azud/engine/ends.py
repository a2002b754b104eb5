"""What an ended attempt leaves in the record, and how a failure is told."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from typing import Any

from azud.core.clock import now_text
from azud.core.digests import digest_value
from azud.core.errors import AzudError
from azud.engine.context import RunContext
from azud.engine.jobspecs import output_place
from azud.engine.machine import FAILED, StepState
from azud.engine.metrics import Spooled
from azud.engine.ports import AttemptEnd, StepRow
from azud.model.codec import to_json
from azud.model.data import LOCAL_DRIVER, DataLocation, DatasetDefinition
from azud.model.definition import StepDefinition
from azud.model.jobs import Manifest, SealedOutput
from azud.model.lineage import OUTPUT
from azud.model.runs import RunError


@dataclasses.dataclass(frozen=True)
class Observation:
    """An attempt was seen to have ended: its manifest, and what its job logged; None if that is long, in its spool."""

    step: str
    attempt: str
    manifest: Manifest
    spooled: Sequence[dict[str, Any]] | None = ()


def step_signature(step: StepDefinition) -> str:
    """Return what identifies "this step" across runs, for its memory and time: name, type and script."""
    return digest_value([step.name, step.type, step.script])


def count_attempts(row: StepRow, state: StepState) -> None:
    """Let the error of a step that was tried again say how often."""
    if state.state == FAILED and state.number > 1 and row.error is not None:
        message = f"{row.error.message}; {state.number} attempts were made"
        row.error = dataclasses.replace(row.error, message=message)


def tried_again(state: StepState, manifest: Manifest) -> str:
    """Return the warning about an attempt that is followed by another."""
    word = {"failed": "failed", "timed_out": "ran too long"}.get(manifest.outcome, "was lost")
    detail = ""
    if manifest.outcome == "failed":
        error = manifest.error
        if error is not None and error.signal:
            detail = f" (signal {error.signal})"
        elif error is not None and error.exit_code:
            detail = f" (exit code {error.exit_code})"
        elif error is not None:
            detail = f" ({error.message})"
    return f"attempt {state.number} {word}{detail}; tried again in {state.wait_s:g} s"


def slot_withheld(step: StepDefinition, manifest: Manifest) -> str:
    """Return the run's warning about processes of a step that could not be ended."""
    pids = ", ".join(str(mark.pid) for mark in manifest.survivors)
    return (
        f"step {step.name!r} left processes that could not be ended ({pids}); "
        "nothing else gets their slot until they are gone"
    )


def attempt_end(context: RunContext, step: StepDefinition, seen: Observation, logged: Spooled) -> AttemptEnd:
    """Return what an observed end, and what the job logged, add to the record."""
    ports = {port.name: port for port in step.outputs}
    outputs, registrations = [], []
    for output in seen.manifest.outputs:
        port = ports[output.name]
        datastore, authority, published = output_place(context, step, port)
        outputs.append((output, datastore, published or authority, port.data_type, port.pipeline_output_name))
        if port.register_as is not None:
            # On a datastore elsewhere only what was sent is there; here the sealed bytes are the better place.
            elsewhere = context.datastores[datastore].driver != LOCAL_DRIVER
            place = published if published and elsewhere else authority
            made = _registration(port.register_as, output, datastore, place, port.reader)
            registrations.append({**made, "makers": [(context.rows[step.id].id, OUTPUT, output.name)]})
    return AttemptEnd(
        attempt=seen.attempt,
        step_run_id=context.rows[step.id].id,
        signature=step_signature(step),
        manifest=seen.manifest,
        outputs=tuple(outputs),
        registrations=tuple(registrations),
        metrics=tuple(logged.points),
        spooled=logged.stored,
        tags=logged.tags,
        properties=logged.properties,
        reads=tuple(logged.reads),
        writes=tuple(logged.writes),
    )


def _registration(
    asked: dict[str, Any], output: SealedOutput, datastore: str, authority: str, reader: dict[str, Any]
) -> dict[str, Any]:
    kind = "tabular" if reader else "file"
    definition = DatasetDefinition(kind, (DataLocation(datastore, authority),), reader=reader)
    return {**asked, "id": definition.saved_id(), "definition": to_json(definition)}


def run_error(context: RunContext) -> RunError:
    """Return why a run failed: the error of its first failed step, or its time limit."""
    if context.machine.cancel_cause == "defect":
        return RunError("invariant", "azud could not go on with this run", hint="see server.log; please report it")
    if context.machine.cancel_cause == "timeout":
        limit = context.stored.options.timeout_s
        return RunError("step_timed_out", f"the run reached its limit of {limit} s", hint="raise timeout_s")
    for step in context.machine.steps.values():
        error = context.rows[step.id].error
        if step.state == "failed" and error is not None:
            return dataclasses.replace(error, step=context.steps[step.id].name)
    return RunError("step_failed", "a step did not succeed")


def lost_manifest(attempt_id: str, why: str) -> Manifest:
    """Return the manifest of an attempt that left none."""
    error = RunError("backend", f"attempt {attempt_id} was lost: {why}", hint="it is tried again if it may be")
    return Manifest(attempt_id, "lost", error=error, ended_at=now_text())


def ended_manifest(attempt_id: str, outcome: str, error: AzudError) -> Manifest:
    """Return the manifest of an attempt that could not be started."""
    return Manifest(
        attempt_id, outcome, error=RunError(error.code, error.message, hint=error.hint), ended_at=now_text()
    )
