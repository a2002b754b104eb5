"""Verifying past steps: run them again aside, and compare what they make with what they made.

The second run is an ordinary pipeline run, so the engine's promises hold for it. Its steps do not depend on each other:
each reads the very bytes that the first one read. It runs every script in a fresh interpreter, even where the first
run forked a warm one: what depends on the hash seed of a process shows only so.

A result is stored when the verifying run has ended, by whichever server lives then; nobody has to wait for it.
"""

from __future__ import annotations

import concurrent.futures
import dataclasses
import json
import logging
import os
import threading
from collections.abc import Mapping, Sequence
from typing import Any

from azud.core.clock import now_text
from azud.core.errors import AzudError, ConflictError, NotFoundError, StorageError, UserError
from azud.engine.context import RunContext
from azud.engine.jobspecs import authority_path
from azud.model.codec import to_json
from azud.model.definition import Argument, InputPort, OutputPort, PipelineDefinition, StepDefinition
from azud.model.runs import RunRecord, RunStatus, RunType
from azud.model.verifications import (
    DIFFERENT,
    FAILED,
    NOT_COMPARABLE,
    RUNNING,
    SAME,
    SKIPPED,
    VERIFIES,
    StepToVerify,
    Verification,
)
from azud.services.comparing import compare_outputs
from azud.services.past_steps import PastSteps
from azud.services.ports import RunCatalog
from azud.services.runs import step_runs
from azud.services.submit import Submission, SubmitService
from azud.services.verification_ports import FileComparer, VerificationStore

_log = logging.getLogger(__name__)
EXPERIMENT_SUFFIX = "-verification"
_LONGEST_NAME = 255
_RETRY_S = 2.0
_NAMED_IN_WARNING = 3


@dataclasses.dataclass(frozen=True)
class VerificationStarted:
    """What was begun: the verifying run, or None if no step can run, and what becomes of each step."""

    run: RunRecord | None
    steps: tuple[StepToVerify, ...]


class ReexecutionService:
    """Runs past steps again and compares.

    Args:
        past: Looks at past steps.
        catalog: Runs and their outputs.
        history: Where verifications are kept.
        submit: Makes the verifying run.
        comparer: Reads differing files.
    """

    def __init__(
        self,
        past: PastSteps,
        catalog: RunCatalog,
        history: VerificationStore,
        submit: SubmitService,
        comparer: FileComparer,
    ) -> None:
        self._past = past
        self._catalog = catalog
        self._history = history
        self._submit = submit
        self._comparer = comparer
        self._changed = threading.Condition()
        self._watched: set[str] = set()
        self._looked = False
        self._stopping = threading.Event()
        self._pool = concurrent.futures.ThreadPoolExecutor(1, thread_name_prefix="verify")

    # -- life -----------------------------------------------------------------------------------

    def open(self) -> None:
        """Take up what an earlier server left."""
        self._pool.submit(self._take_up)

    def close(self) -> None:
        """Finish what is being compared; the rest is found by the next server."""
        self._stopping.set()
        self._pool.shutdown(wait=True, cancel_futures=True)

    def _take_up(self) -> None:
        try:
            for run_id in self._history.unsettled():
                self._watch(run_id)
        except AzudError as error:
            _log.error("verifications that an earlier server left are not taken up: %s", error)
        with self._changed:
            self._looked = True
            self._changed.notify_all()

    def ended(self, run_id: str) -> None:
        """A run has ended; costs nothing for one that verifies nothing."""
        if run_id in self._watched and not self._stopping.is_set():
            self._pool.submit(self._settle, run_id)

    def _watch(self, run_id: str) -> None:
        with self._changed:
            self._watched.add(run_id)
        # It may have ended before anybody knew that its end matters.
        if self._catalog.run(run_id).status in RunStatus.TERMINAL:
            self.ended(run_id)

    # -- asking ---------------------------------------------------------------------------------

    def start(
        self, run_id: str, asked: Sequence[str] | None, *, everything: bool, submitted_by: str, key: str | None
    ) -> VerificationStarted:
        """Begin to run steps of a run again.

        Args:
            run_id: A pipeline run that has ended, or one of its step runs.
            asked: Names or ids of steps; None means all.
            everything: Steps that wrote somewhere else than into their outputs, too.
            submitted_by: Who asks.
            key: Idempotency key.

        Raises:
            NotFoundError: There is no such run or step.
            ConflictError: The run has not ended.
            UserError: It is itself a verifying run.
        """
        record = self._catalog.run(run_id)
        if record.type == RunType.INTERACTIVE:
            raise UserError(f"run {run_id} was driven by a program", hint="only what the engine ran can be verified")
        if record.parent_id is not None:
            asked, record = [record.id], self._catalog.run(record.parent_id)
        _check_verifiable(record)
        context = self._past.open(record.id)
        told: dict[str, StepToVerify] = {}
        pinned: list[StepDefinition] = []
        for step in _chosen(context, asked):
            told[step.id], ready = self._plan(context, step, everything)
            pinned += [ready] if ready is not None else []
        if not pinned:
            return VerificationStarted(None, tuple(told.values()))
        verifying = self._submit.submit(_submission(context, record, pinned, submitted_by), key)
        self._watch(verifying.id)
        for step_run in step_runs(self._catalog, verifying.id):
            node = step_run.node_id or ""
            told[node] = dataclasses.replace(told[node], verified_by=step_run.id)
        return VerificationStarted(verifying, tuple(told.values()))

    def _plan(
        self, context: RunContext, step: StepDefinition, everything: bool
    ) -> tuple[StepToVerify, StepDefinition | None]:
        row = context.rows[step.id]
        maker = row.reused_from or row.id
        if row.status != RunStatus.COMPLETED:
            return StepToVerify(maker, step.name, SKIPPED, f"it did not complete: it is {row.status}"), None
        effects = [] if everything else self._effects(step, maker)
        if effects:
            return StepToVerify(maker, step.name, SKIPPED, f"it {'; it '.join(effects)}"), None
        try:
            past = self._past.look(context, step)
            if past.gap is not None or past.changes:
                reason = "; ".join([*([past.gap] if past.gap is not None else []), *past.changes])
                return StepToVerify(maker, step.name, NOT_COMPARABLE, reason), None
            return StepToVerify(maker, step.name, RUNNING), self._pinned(context, step, maker)
        except AzudError as error:
            return StepToVerify(maker, step.name, NOT_COMPARABLE, error.message), None

    def _effects(self, step: StepDefinition, maker: str) -> list[str]:
        """Return what a step does elsewhere than in its outputs."""
        found = [_write_in_words(write) for write in self._history.observed(maker).writes]
        places = [*(port.path_on_compute for port in step.inputs), *(port.path_on_compute for port in step.outputs)]
        found += [f"uses {place}, a fixed place on this machine" for place in places if os.path.isabs(place or "")]
        return list(dict.fromkeys(found))

    def _pinned(self, context: RunContext, step: StepDefinition, maker: str) -> StepDefinition:
        """Return a step that reads what the first one read, and whose result is its own affair."""
        inputs = tuple(self._pinned_input(context, step, port) for port in step.inputs)
        return dataclasses.replace(
            step,
            inputs=inputs,
            arguments=tuple(_of_inputs(argument, step.inputs, inputs) for argument in step.arguments),
            outputs=tuple(_own_output(port) for port in step.outputs),
            run_after=(),
            allow_reuse=False,
            properties={**step.properties, VERIFIES: maker},
            warnings=(),
        )

    def _pinned_input(self, context: RunContext, step: StepDefinition, port: InputPort) -> InputPort:
        if port.step is None:
            return self._past.chosen(context, step, port)
        row = context.rows[port.step]
        stored = next(item for item in self._catalog.outputs(row.id) if item.sealed.name == port.output)
        maker, published = stored.step_run_id, stored.sealed.published_to
        path = authority_path(maker, stored.sealed.name, stored.path, published)
        return dataclasses.replace(port, step=None, datastore=stored.datastore, path=path, sealed_by=maker)

    # -- comparing ------------------------------------------------------------------------------

    def verifications(self, run_id: str, wait_s: float = 0.0) -> Sequence[Verification]:
        """Return what is known about the steps of a run, or one step run; of a verifying run, after its comparison.

        Args:
            run_id: A run or step run.
            wait_s: For how long to wait while a verifying run has not been compared.

        Raises:
            NotFoundError: There is no such run.
        """
        self._catalog.run(run_id)
        with self._changed:
            if wait_s > 0:
                self._changed.wait_for(lambda: self._looked and run_id not in self._watched, wait_s)
        return self._history.verifications(run_id)

    def _settle(self, run_id: str) -> None:
        """Compare every step of a verifying run that has ended; again and again while the store cannot take it."""
        while not self._stopping.is_set():
            try:
                self._compare_all(run_id)
                break
            except Exception as error:  # noqa: BLE001 - nobody waits for this thread; the next server tries again
                if not (isinstance(error, StorageError) and error.retryable):
                    _log.exception("run %s cannot be compared", run_id)
                    break
                _log.error("run %s cannot be compared yet: %s", run_id, error)
                self._stopping.wait(_RETRY_S)
        with self._changed:
            self._watched.discard(run_id)
            self._changed.notify_all()

    def _compare_all(self, run_id: str) -> None:
        compared = self._history.compared(run_id)
        for step_run in step_runs(self._catalog, run_id):
            if step_run.id not in compared and VERIFIES in step_run.properties:
                found = self._compare(step_run)
                self._history.add_verification(found, _warning(found))

    def _compare(self, second: RunRecord) -> Verification:
        first = second.properties[VERIFIES]
        found = Verification(first, second.name, second.id, SAME, now_text())
        if second.status != RunStatus.COMPLETED:
            reason = second.error.message if second.error is not None else f"it is {second.status}"
            never_ran = second.status == RunStatus.FAILED and second.attempt == 0
            return dataclasses.replace(found, outcome=NOT_COMPARABLE if never_ran else FAILED, reason=reason)
        try:
            moved = self._moved(first, second.id)
            if moved is not None:
                return dataclasses.replace(found, outcome=NOT_COMPARABLE, reason=moved)
            count, differing, files = compare_outputs(
                [item.sealed for item in self._catalog.outputs(first)],
                [item.sealed for item in self._catalog.outputs(second.id)],
                self._comparer,
            )
            found = dataclasses.replace(found, file_count=count, differing_count=differing, files=files)
            moved = self._moved_meanwhile(second) if differing else None
        except NotFoundError as error:
            moved = error.message
        if moved is not None:
            return dataclasses.replace(found, outcome=NOT_COMPARABLE, reason=moved)
        return dataclasses.replace(found, outcome=DIFFERENT if differing else SAME)

    def _moved(self, first: str, second: str) -> str | None:
        """Return what the two step runs did not have in common before they ran, or None."""
        images = [
            (decision.preimage if decision else None) or {} for decision in map(self._catalog.decision, (first, second))
        ]
        for part in ("source", "environment", "parameters", "inputs"):
            before, now = (_fixed(image.get(part)) for image in images)
            if before != now:
                return f"{part} changed before it ran again"
        seen = [_seen(self._history.observed(step_run).reads) for step_run in (first, second)]
        changed = [source for source in seen[0].keys() & seen[1].keys() if seen[0][source] != seen[1][source]]
        return f"what it read undeclared changed: {min(changed)}" if changed else None

    def _moved_meanwhile(self, second: RunRecord) -> str | None:
        """Return what changed since a step was decided: then what it read while it ran is not sure."""
        try:
            context = self._past.open(second.parent_id or "")
            past = self._past.look(context, context.steps[second.node_id or ""])
        except AzudError as error:
            return error.message
        return "; ".join(past.changes) or None


def _check_verifiable(record: RunRecord) -> None:
    verified = record.properties.get(VERIFIES)
    if verified is not None:
        raise UserError(
            f"run {record.id} is itself a verification", hint=f"verify the run that it verifies: {verified}"
        )
    if record.status not in RunStatus.TERMINAL:
        raise ConflictError(
            f"run {record.id} has not ended: it is {record.status}",
            hint=f"wait for it with: azud runs wait {record.id[:8]}",
        )


def _chosen(context: RunContext, asked: Sequence[str] | None) -> list[StepDefinition]:
    """Return the steps that somebody means, in the order of the definition."""
    steps = list(context.steps.values())
    if asked is None:
        return steps
    chosen = set()
    for word in asked:
        found = [step.id for step in steps if word in (step.name, context.rows[step.id].id)]
        if not found:
            names = ", ".join(dict.fromkeys(step.name for step in steps))
            raise NotFoundError(f"there is no step {word!r} in run {context.id}", hint=f"its steps are: {names}")
        chosen.update(found)
    return [step for step in steps if step.id in chosen]


def _submission(
    context: RunContext, record: RunRecord, steps: Sequence[StepDefinition], submitted_by: str
) -> dict[str, Any]:
    definition = PipelineDefinition(
        steps=tuple(steps),
        parameters=context.stored.definition.parameters,
        name=f"verification of {record.id[:8]}",
        default_datastore=context.default_datastore,
    )
    options = context.stored.options
    body: dict[str, Any] = to_json(
        Submission(
            experiment=record.experiment[: _LONGEST_NAME - len(EXPERIMENT_SUFFIX)] + EXPERIMENT_SUFFIX,
            definition=definition,
            interpreter=options.interpreter,
            parameters=options.parameters,
            properties={VERIFIES: record.id},
            continue_on_step_failure=True,
            submitted_by=submitted_by,
            launch="exec",
        )
    )
    return body


def _of_inputs(argument: Argument, before: Sequence[InputPort], pinned: Sequence[InputPort]) -> Argument:
    """Return an argument that was the path of a parameter's input, where that has no parameter any more."""
    for port, now in zip(before, pinned, strict=True):
        if argument.kind == "parameter" and argument.value == port.parameter != now.parameter:
            return Argument("input", port.name)
    return argument


def _fixed(part: Any) -> Any:
    """Return a part of a pre-image without parameters that are looked up: what was found counts as an input."""
    if not isinstance(part, dict):
        return part
    return {
        name: value
        for name, value in part.items()
        if not (isinstance(value, list) and isinstance(value[-1], dict) and "registered" in value[-1])
    }


def _own_output(port: OutputPort) -> OutputPort:
    return dataclasses.replace(port, destination=None, register_as=None, pipeline_output_name=None)


def _write_in_words(write: Mapping[str, Any]) -> str:
    what = write.get("what")
    if what == "dataset":
        return f"registered dataset {write.get('name')!r}"
    if what == "files":
        return f"wrote to {write.get('path')!r} on datastore {write.get('datastore')!r}"
    if what == "run":
        return f"changed {write.get('changed')} of run {write.get('run')}"
    return f"changed something else ({what})"


def _seen(reads: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    return {json.dumps(read.get("source"), sort_keys=True): read.get("seen") for read in reads}


def _warning(found: Verification) -> str:
    names = [item.name() for item in found.files]
    more = f" and {found.differing_count - _NAMED_IN_WARNING} more" if found.differing_count > _NAMED_IN_WARNING else ""
    named = ", ".join(names[:_NAMED_IN_WARNING]) + more
    return f"not deterministic: {named} differed when it ran again as {found.verified_by[:8]} (azud verify)"
