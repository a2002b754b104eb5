"""Advance one run: feed events to its machine, perform what it commands, write everything in one transaction.

The order is fixed: events are gathered and decisions made in memory; then one fenced transaction writes them with their
projection; only then does anything happen that the world can see (an attempt starts or is asked to end). A crash in
between loses nothing: rebuilding the machine from its events gives the same commands again.
"""

from __future__ import annotations

import collections
import dataclasses
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from azud.core.clock import now_text
from azud.core.errors import AzudError
from azud.core.ids import attempt_id
from azud.engine import events as ev
from azud.engine.commands import CancelAttempt, Command, ConcludeRun, Decide, StartAttempt, Wait
from azud.engine.confirming import Present, doubt
from azud.engine.context import RunContext
from azud.engine.ends import Observation, attempt_end, count_attempts, run_error, slot_withheld, tried_again
from azud.engine.machine import DELAYED, LIVE, TERMINAL
from azud.engine.metrics import Spooled, split_records, spool_parts
from azud.engine.ports import (
    AttemptEnd,
    Environments,
    ResolvedEnvironment,
    ReuseEntry,
    RunStore,
    RunUpdate,
    StepRow,
)
from azud.engine.registered import Uses, is_looked_up
from azud.engine.resolving import resolve_environment
from azud.engine.reuse import HIT, REFUSE, RUN, ReuseDecider, Verdict
from azud.model.definition import EnvironmentSpec, StepDefinition
from azud.model.jobs import Manifest
from azud.model.runs import RunError

# Properties of step runs: the Python that they ran in, and the digest of what was installed in it.
INTERPRETER, ENVIRONMENT = "azud.interpreter", "azud.environment"


Item = ev.Event | Observation | Command


@dataclasses.dataclass
class Advance:
    """What one advance wrote, and what is to be done in the world now that it is written."""

    starts: list[StartAttempt] = dataclasses.field(default_factory=list)
    cancels: list[CancelAttempt] = dataclasses.field(default_factory=list)
    waits: list[Wait] = dataclasses.field(default_factory=list)
    undecided: list[tuple[str, str]] = dataclasses.field(default_factory=list)
    postponed: list[Decide] = dataclasses.field(default_factory=list)
    ended: bool = False
    wrote: bool = False


class Driver:
    """Performs what machines command.

    Args:
        store: Where everything is written.
        decider: Decides on reuse.
        environments: Resolves what steps run in.
        token: The fencing token of this server's lease.
        spool: Returns what an attempt's job has logged, part by part (`ComputeBackend.spool`).
    """

    def __init__(
        self,
        store: RunStore,
        decider: ReuseDecider,
        environments: Environments,
        token: int,
        spool: Callable[[str, int, int], tuple[Sequence[dict[str, Any]], int]],
    ) -> None:
        self._store = store
        self._decider = decider
        self._environments = environments
        self._token = token
        self._spool = spool

    def advance(self, context: RunContext, items: Iterable[Item]) -> Advance:
        """Take in what happened, decide, write.

        Raises:
            LeaseLost: Another server has this workspace; nothing was written.
            StorageError: Nothing was written; the context no longer matches the store and must be opened anew.
        """
        update = RunUpdate(context.id, context.next_seq)
        result = Advance()
        # Made when all that is looked at together has happened.
        present = Present(self._decider.data, self._environments)
        inbox: collections.deque[Item] = collections.deque(items)
        decides: list[Decide] = []
        while inbox or decides:
            if not inbox:
                self._decide(context, _postpone(context, decides, update, result), inbox, update)
                decides = []
                continue
            item = inbox.popleft()
            if isinstance(item, Decide):
                decides.append(item)
            elif isinstance(item, StartAttempt):
                result.starts.append(item)
            elif isinstance(item, CancelAttempt):
                result.cancels.append(item)
            elif isinstance(item, Wait):
                result.waits.append(item)
            elif isinstance(item, ConcludeRun):
                inbox.append(ev.RunEnded(now_text(), item.status))
            elif isinstance(item, Observation):
                inbox.extend(self._observe(context, item, update, result, present))
            else:
                inbox.extend(self._apply(context, item, update, result))
        self._write(context, update, result)
        return result

    # -- events ---------------------------------------------------------------------------------

    def _apply(self, context: RunContext, event: ev.Event, update: RunUpdate, result: Advance) -> list[Command]:
        machine = context.machine
        if not machine.accepts(event):
            if isinstance(event, ev.AttemptIntended):
                # Passed over between its decision and its start, the step leads nobody: its followers decide anew.
                self._free_followers(context, event.step, result)
            return []
        before = machine.status
        commands = machine.handle(event)
        update.events.append(event)
        self._project(context, event, update)
        if machine.status != before:
            update.status = machine.status
            if before == "NotStarted":
                update.started_at = event.at
        if isinstance(event, ev.RunEnded):
            update.ended_at = event.at
            if event.status == "Failed":
                update.error = run_error(context)
        return commands

    def _project(self, context: RunContext, event: ev.Event, update: RunUpdate) -> None:
        """Bring the rows of changed steps up to date; the machine says which."""
        for step in context.machine.changed:
            row, state = context.rows[step], context.machine.steps[step]
            row.status = context.row_status(step)
            row.attempt = state.attempt
            row.reused_from = state.reused_from
            own = getattr(event, "step", None) == step
            if row.started_at is None and isinstance(event, ev.AttemptStarted) and own:
                row.started_at = event.at
            if isinstance(event, ev.AttemptIntended) and own:
                row.error = None
            if state.state in TERMINAL and row.ended_at is None:
                row.ended_at = event.at
                count_attempts(row, state)
                if state.attempt is not None and not (isinstance(event, ev.AttemptEnded) and own):
                    # It ended while it waited: the attempt that was to be followed by another is the last after all.
                    self._add_late_end(context, context.steps[step], state.attempt, update)
        context.dirty.update(context.machine.changed)
        context.machine.changed.clear()

    def _add_late_end(self, context: RunContext, step: StepDefinition, attempt: str, update: RunUpdate) -> None:
        """Have what the last attempt of a step logged written; its outcome is what it was when it ended."""
        seen = Observation(step.id, attempt, Manifest(attempt, "failed"), None)
        late = attempt_end(context, step, seen, self._logged(context, seen))
        for place, end in enumerate(update.ends):
            if end.attempt == attempt:
                # It ended in this very advance: an end without what it logged would remove that from the store.
                update.ends[place] = dataclasses.replace(late, manifest=end.manifest)
                return
        update.ends.append(late)

    def _logged(self, context: RunContext, seen: Observation) -> Spooled:
        """Return what a job logged; of a long spool the metric points are stored on the way, and not returned.

        They go part by part, in transactions of their own, at places that follow from the spool: if the end is not
        written after all, or written again, they are stored there once more.
        """
        if seen.spooled is not None:
            return split_records(seen.spooled)
        found, count = Spooled(stored=True), 0
        for part, _ in spool_parts(self._spool, seen.attempt, 0):
            if part.points:
                self._store.add_spooled(context.rows[seen.step].id, count, part.points, self._token)
            count += len(part.points)
            found.take_labels(part)
        return found

    def _observe(
        self, context: RunContext, seen: Observation, update: RunUpdate, result: Advance, present: Present
    ) -> list[Command]:
        event = ev.AttemptEnded(now_text(), seen.step, seen.attempt, seen.manifest.outcome)
        if not context.machine.accepts(event):
            return []
        row, step = context.rows[seen.step], context.steps[seen.step]
        manifest = seen.manifest
        if row.started_at is None and manifest.exit is not None:
            row.started_at = manifest.exit.started_at
        row.error = manifest.error if manifest.outcome != "completed" else None
        row.warnings = tuple(dict.fromkeys((*row.warnings, *manifest.warnings)))
        if manifest.survivors:
            context.warnings.append(slot_withheld(step, manifest))
            update.warnings = tuple(context.warnings)
        if manifest.outcome == "completed":
            context.sealed[seen.step] = {output.name: output for output in manifest.outputs}
        self._free_followers(context, seen.step, result)
        commands = self._apply(context, event, update, result)
        state = context.machine.steps[seen.step]
        if state.state == DELAYED:
            # What counts is what the last attempt logs, so nothing of this one is stored beside its outcome.
            end = attempt_end(context, step, seen, Spooled())
            row.warnings = (*row.warnings, tried_again(state, manifest))
        else:
            end = attempt_end(context, step, seen, self._logged(context, seen))
            self._remember(context, step, end, update, present)
        update.ends.append(end)
        return commands

    @staticmethod
    def _free_followers(context: RunContext, step: str, result: Advance) -> None:
        key = context.rows[step].key
        if key is not None:
            result.undecided.append((key, step))

    def _remember(
        self, context: RunContext, step: StepDefinition, end: AttemptEnd, update: RunUpdate, present: Present
    ) -> None:
        """Store a completed step's result for reuse, unless something kept it from being sure."""
        row, manifest = context.rows[step.id], end.manifest
        if manifest.outcome != "completed" or row.key is None or not step.allow_reuse:
            return
        flaw = doubt(self._decider, context, step, end, present)
        if flaw is not None:
            row.warnings = (*row.warnings, f"not stored for reuse: {flaw}")
            return
        update.entries.append(ReuseEntry(row.key, context.id, row.id, manifest.outputs, reads=end.reads))

    # -- decisions ------------------------------------------------------------------------------

    def _decide(
        self,
        context: RunContext,
        decides: Sequence[Decide],
        inbox: collections.deque[Item],
        update: RunUpdate,
    ) -> None:
        wanted = [item for item in decides if context.machine.expects(item)]
        numbers = {item.step: item.number for item in wanted}
        steps, refused = self._with_environments(context, [context.steps[name] for name in numbers], update)
        for step, error in refused:
            inbox.append(self._refuse(context, step, error))
        retries = {name for name, number in numbers.items() if number > 1}
        for verdict in self._decider.decide(context, steps, retries):
            self._enact(context, verdict, numbers[verdict.step], inbox, update)

    def _with_environments(
        self, context: RunContext, steps: Sequence[StepDefinition], update: RunUpdate
    ) -> tuple[list[StepDefinition], list[tuple[str, AzudError]]]:
        """Resolve what the steps run in; return those that can run, and the others with why not."""
        ready, refused = [], []
        known = len(context.warnings)
        current: list[tuple[EnvironmentSpec, ResolvedEnvironment]] = []
        for step in steps:
            try:
                resolved = resolve_environment(self._environments, context, step, current)
                if resolved is not None:
                    update.environments.append(resolved)
                ready.append(step)
            except AzudError as error:
                refused.append((step.id, error))
        if len(context.warnings) > known:
            update.warnings = tuple(context.warnings)
        return ready, refused

    def _enact(
        self,
        context: RunContext,
        verdict: Verdict,
        number: int,
        inbox: collections.deque[Item],
        update: RunUpdate,
    ) -> None:
        row = context.rows[verdict.step]
        if verdict.decision is not None:
            update.decisions.append(verdict.decision)
            row.key = verdict.decision.key
        if verdict.dropped_key is not None:
            update.dropped_keys.append(verdict.dropped_key)
        if verdict.reads is not None:
            self._take_reads(row, verdict, update)
        if verdict.action == REFUSE and verdict.error is not None:
            inbox.append(self._refuse(context, verdict.step, verdict.error))
        elif verdict.action == HIT and verdict.entry is not None:
            entry = verdict.entry
            context.sealed[verdict.step] = {output.name: output for output in entry.outputs}
            source = {
                "azureml.reusedrunid": entry.step_run_id,
                "azureml.reusednodeid": entry.node_id,
                "azureml.reusedpipeline": entry.run_id,
            }
            self._label(row, source, update)
            inbox.append(ev.StepReused(now_text(), verdict.step, entry.step_run_id))
        elif verdict.action == RUN:
            update.contents.update(verdict.contents)
            environment = context.environments[verdict.step]
            found = {INTERPRETER: environment.interpreter, ENVIRONMENT: environment.digest}
            self._label(row, found, update)
            inbox.append(ev.AttemptIntended(now_text(), verdict.step, attempt_id(row.id, number), number))

    @staticmethod
    def _take_reads(row: StepRow, verdict: Verdict, update: RunUpdate) -> None:
        """Record what a decided step reads; a result that is taken over was made by reading what it read."""
        reads = verdict.reads
        if reads is None:
            return
        row.properties = {**row.properties, **reads.properties}  # written with those of the verdict
        row.warnings = tuple(dict.fromkeys((*row.warnings, *reads.warnings)))
        update.states += reads.states
        if verdict.entry is not None and verdict.entry.reads:
            reads.uses.add_reads(row.id, verdict.entry.reads)
        _note_uses(reads.uses, update)

    @staticmethod
    def _label(row: StepRow, properties: dict[str, str], update: RunUpdate) -> None:
        row.properties = {**row.properties, **properties}
        update.properties.append(row)

    def _refuse(self, context: RunContext, step: str, error: AzudError) -> ev.StepRefused:
        context.rows[step].error = RunError(error.code, error.message, hint=error.hint, step=context.steps[step].name)
        return ev.StepRefused(now_text(), step, error.code)

    # -- writing --------------------------------------------------------------------------------

    def _write(self, context: RunContext, update: RunUpdate, result: Advance) -> None:
        update.steps = [context.rows[step] for step in sorted(context.dirty)]
        for end in update.ends:
            if end.reads:
                found = Uses()
                found.add_reads(end.step_run_id, end.reads)
                _note_uses(found, update)
        if not (update.events or update.steps or update.ends or update.decisions or update.warnings):
            return
        self._store.apply(update, self._token)
        context.dirty.clear()
        context.next_seq += len(update.events)
        result.ended = context.machine.terminal
        result.wrote = True
        states = context.machine.steps
        result.starts = [item for item in result.starts if states[item.step].state in LIVE]
        result.waits = [item for item in result.waits if states[item.step].state == DELAYED]


def _postpone(context: RunContext, decides: list[Decide], update: RunUpdate, result: Advance) -> list[Decide]:
    """Return what can be decided now: a name is looked up only when what has just been registered is written."""
    if not any(end.registrations for end in update.ends):
        return decides
    now = [item for item in decides if not is_looked_up(context.steps[item.step], context.parameters)]
    result.postponed += [item for item in decides if item not in now]
    return now


def _note_uses(found: Uses, update: RunUpdate) -> None:
    update.uses += found.uses
    update.datasets.update(found.definitions)
