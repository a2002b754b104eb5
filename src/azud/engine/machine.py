"""The run machine: events in, commands out, nothing else.

It holds no clock, no ids of its own making and no references to the world; the attempt id of try N of a step is given
by the event that intends it. Handling the events of a run in their stored order always gives the same state.

Events that come twice, late or out of order (an end observed by two watchers, a start reported after the end) are not
*accepted*: they change nothing and are not stored.
"""

from __future__ import annotations

import collections
import dataclasses
from collections.abc import Callable, Iterable

from azud.core.errors import InvariantViolation
from azud.engine import events as ev
from azud.engine.commands import CancelAttempt, Command, ConcludeRun, Decide, StartAttempt, Wait
from azud.engine.retrying import NO_RULE, RetryRule, later

WAITING, DECIDING, QUEUED, RUNNING = "waiting", "deciding", "queued", "running"
DELAYED = "delayed"  # an attempt did not succeed, and the time for the next has not come
COMPLETED, FAILED, CANCELED, BYPASSED = "completed", "failed", "canceled", "bypassed"
TERMINAL = frozenset((COMPLETED, FAILED, CANCELED, BYPASSED))
LIVE = frozenset((QUEUED, RUNNING))

# (state, event) -> state. `AttemptEnded` is looked up with its outcome. What is not here is not accepted.
# After `failed`, `timed_out` and `lost` the step's rule may make it DELAYED instead.
TRANSITIONS: dict[tuple[str, str], str] = {
    (DECIDING, "StepReused"): COMPLETED,
    (DECIDING, "StepRefused"): FAILED,
    (DECIDING, "AttemptIntended"): QUEUED,
    (DELAYED, "AttemptIntended"): QUEUED,
    (DELAYED, "StepRefused"): FAILED,
    (QUEUED, "AttemptStarted"): RUNNING,
    (WAITING, "StepCancelRequested"): CANCELED,
    (DECIDING, "StepCancelRequested"): CANCELED,
    (DELAYED, "StepCancelRequested"): CANCELED,
    (QUEUED, "StepCancelRequested"): QUEUED,
    (RUNNING, "StepCancelRequested"): RUNNING,
}
for _state in (QUEUED, RUNNING):
    TRANSITIONS.update(
        {
            (_state, "AttemptEnded:completed"): COMPLETED,
            (_state, "AttemptEnded:failed"): FAILED,
            (_state, "AttemptEnded:timed_out"): FAILED,
            (_state, "AttemptEnded:canceled"): CANCELED,
            (_state, "AttemptEnded:lost"): FAILED,
        }
    )


@dataclasses.dataclass
class StepState:
    """Where one step stands.

    `number` counts the attempts so far, `failures` those that failed by themselves, `losses` those that the
    infrastructure lost. While the step is delayed, `wait_s` and `not_before` say how long, and until when.
    """

    id: str
    predecessors: tuple[str, ...]
    retry: RetryRule = NO_RULE
    state: str = WAITING
    attempt: str | None = None
    number: int = 0
    missing: int = 0
    cancel_requested: bool = False
    reused_from: str | None = None
    failures: int = 0
    losses: int = 0
    wait_s: float = 0.0
    not_before: str = ""


class RunMachine:
    """The state of one run.

    Args:
        run_id: Only for messages.
    """

    def __init__(self, run_id: str) -> None:
        self.run_id = run_id
        self.steps: dict[str, StepState] = {}
        self.status = "NotStarted"
        self.continue_on_step_failure = False
        self.cancel_requested = False
        self.cancel_cause = ""
        self.changed: set[str] = set()
        self.counts: collections.Counter[str] = collections.Counter()
        self._successors: dict[str, list[str]] = collections.defaultdict(list)
        self._failed = False

    # -- events ---------------------------------------------------------------------------------

    def accepts(self, event: ev.Event) -> bool:
        """Return whether handling the event would change anything. Unaccepted events are not stored."""
        if isinstance(event, ev.RunSubmitted):
            return not self.steps
        if self.terminal:
            return False
        if isinstance(event, ev.CancelRequested):
            return not self.cancel_requested
        if isinstance(event, ev.RunEnded):
            return self._nothing_left()
        step = self.steps.get(event.step)
        return step is not None and _concerns(event, step) and (step.state, _label(event)) in TRANSITIONS

    def expects(self, decide: Decide) -> bool:
        """Return whether a decision is still wanted; one that was asked for twice, or long ago, is not."""
        step = self.steps[decide.step]
        return step.state in (DECIDING, DELAYED) and decide.number == step.number + 1

    def handle(self, event: ev.Event) -> list[Command]:
        """Apply an accepted event and return what is to be done now; [] for one that is not accepted."""
        if not self.accepts(event):
            return []
        handler: Callable[[ev.Event], list[Command]] = getattr(self, f"_on_{type(event).__name__}", self._on_step_event)
        commands = handler(event)
        if not isinstance(event, ev.RunEnded) and self._nothing_left() and not self.terminal:
            commands.append(ConcludeRun(self._final_status()))
        return commands

    def pending(self) -> list[Command]:
        """Return what is to be done in the present state: what a machine rebuilt from its events starts with."""
        if self.terminal or not self.steps:
            return []
        commands: list[Command] = []
        for step in self.steps.values():
            if step.state == DECIDING:
                commands.append(Decide(step.id, step.number + 1))
            elif step.state == DELAYED:
                commands.append(_wait(step))
            elif step.state in LIVE and step.attempt is not None:
                commands.append(StartAttempt(step.id, step.attempt))
                if step.cancel_requested:
                    commands.append(CancelAttempt(step.id, step.attempt))
        if self._nothing_left():
            commands.append(ConcludeRun(self._final_status()))
        return commands

    # -- handlers -------------------------------------------------------------------------------

    def _on_RunSubmitted(self, event: ev.RunSubmitted) -> list[Command]:
        self.continue_on_step_failure = event.continue_on_step_failure
        for needs in event.steps:
            self.steps[needs.step] = StepState(
                needs.step, needs.predecessors, needs.retry or event.retry, missing=len(needs.predecessors)
            )
            self.counts[WAITING] += 1
            for predecessor in needs.predecessors:
                self._successors[predecessor].append(needs.step)
        return [command for step in self.steps.values() if step.missing == 0 for command in self._make_ready(step)]

    def _on_CancelRequested(self, event: ev.CancelRequested) -> list[Command]:
        self.cancel_requested = True
        self.cancel_cause = event.cause
        return [command for step in list(self.steps.values()) for command in self._cancel_step(step)]

    def _on_StepCancelRequested(self, event: ev.StepCancelRequested) -> list[Command]:
        return self._cancel_step(self.steps[event.step])

    def _on_RunEnded(self, event: ev.RunEnded) -> list[Command]:
        self.status = event.status
        return []

    def _on_step_event(self, event: ev.Event) -> list[Command]:
        if isinstance(event, (ev.RunSubmitted, ev.CancelRequested, ev.RunEnded)):
            raise InvariantViolation(f"{_label(event)} is not an event of a step")
        step = self.steps[event.step]
        target = TRANSITIONS[step.state, _label(event)]
        if isinstance(event, ev.AttemptIntended):
            return self._intend(step, event)
        if isinstance(event, ev.AttemptEnded) and event.outcome in ("failed", "timed_out", "lost"):
            return self._not_succeeded(step, event)
        if isinstance(event, ev.StepReused):
            step.reused_from = event.source
        self._move(step, target)
        if self.status == "NotStarted":
            self.status = "Running"
        return self._after(step)

    def _intend(self, step: StepState, event: ev.AttemptIntended) -> list[Command]:
        step.attempt, step.number = event.attempt, event.number
        self._move(step, QUEUED)
        self.status = "Running"
        return [StartAttempt(step.id, event.attempt)]

    def _not_succeeded(self, step: StepState, event: ev.AttemptEnded) -> list[Command]:
        """Delay the step if its rule allows another attempt, else let it fail."""
        lost = event.outcome == "lost"
        if lost:
            step.losses += 1
        else:
            step.failures += 1
        self.status = "Running"
        if lost and step.cancel_requested:
            self._move(step, CANCELED)
            return self._after(step)
        count = step.losses if lost else step.failures
        allowed = step.retry.infrastructure_retries if lost else step.retry.retries
        if count > allowed or step.cancel_requested or self._starts_nothing:
            self._move(step, FAILED)
            return self._after(step)
        step.wait_s = step.retry.wait_s(count)
        step.not_before = later(event.at, step.wait_s)
        self._move(step, DELAYED)
        return [_wait(step)]

    def _cancel_step(self, step: StepState) -> list[Command]:
        if step.state in TERMINAL or step.cancel_requested:
            return []
        step.cancel_requested = True
        if step.state in LIVE and step.attempt is not None:
            self.changed.add(step.id)
            return [CancelAttempt(step.id, step.attempt)]
        self._move(step, CANCELED)
        return self._after(step)

    # -- consequences ---------------------------------------------------------------------------

    def _after(self, step: StepState) -> list[Command]:
        """Return what a step's new terminal state brings: successors made ready, or passed over."""
        if step.state not in TERMINAL:
            return []
        if step.state == COMPLETED:
            return self._release(step)
        if step.state == FAILED:
            is_first, self._failed = not self._failed, True
            if is_first and self._starts_nothing:
                self._leave_the_rest()
        self._bypass(self._successors[step.id])
        return []

    @property
    def _starts_nothing(self) -> bool:
        return self._failed and not self.continue_on_step_failure

    def _leave_the_rest(self) -> None:
        """The first step has failed: what has not started will not, and what waits for another attempt has failed."""
        for other in self.steps.values():
            if other.state == DELAYED:
                self._move(other, FAILED)
        self._bypass(other.id for other in list(self.steps.values()) if other.state in (WAITING, DECIDING))

    def _release(self, step: StepState) -> list[Command]:
        commands: list[Command] = []
        for name in self._successors[step.id]:
            successor = self.steps[name]
            successor.missing -= 1
            if successor.missing == 0 and successor.state == WAITING:
                commands.extend(self._make_ready(successor))
        return commands

    def _make_ready(self, step: StepState) -> list[Command]:
        self._move(step, DECIDING)
        return [Decide(step.id, step.number + 1)]

    def _bypass(self, names: Iterable[str]) -> None:
        todo = collections.deque(names)
        while todo:
            step = self.steps[todo.popleft()]
            if step.state not in (WAITING, DECIDING):
                continue
            self._move(step, CANCELED if self.cancel_requested else BYPASSED)
            todo.extend(self._successors[step.id])

    def _move(self, step: StepState, state: str) -> None:
        self.counts[step.state] -= 1
        self.counts[state] += 1
        step.state = state
        self.changed.add(step.id)

    # -- the run as a whole ---------------------------------------------------------------------

    @property
    def terminal(self) -> bool:
        """Whether the run has ended."""
        return self.status in ("Completed", "Failed", "Canceled")

    def _nothing_left(self) -> bool:
        return bool(self.steps) and sum(self.counts[state] for state in TERMINAL) == len(self.steps)

    def _final_status(self) -> str:
        if self.cancel_cause in ("timeout", "defect") or (self._failed and not self.cancel_requested):
            return "Failed"
        if self.counts[FAILED]:
            return "Canceled" if self.cancel_requested else "Failed"
        if self.cancel_requested or self.counts[CANCELED]:
            return "Canceled"
        return "Completed"

    def validate(self) -> None:
        """Check what must always hold.

        Raises:
            InvariantViolation: Says what does not.
        """
        actual = collections.Counter(step.state for step in self.steps.values())
        if actual != +self.counts:
            raise InvariantViolation(f"run {self.run_id}: counts {dict(+self.counts)} but steps {dict(actual)}")
        for step in self.steps.values():
            self._validate_step(step)
        if self.terminal and not self._nothing_left():
            raise InvariantViolation(f"run {self.run_id} is {self.status} with steps left to do")

    def _validate_step(self, step: StepState) -> None:
        unfinished = [name for name in step.predecessors if self.steps[name].state != COMPLETED]
        if step.state in (DECIDING, DELAYED, QUEUED, RUNNING, COMPLETED) and unfinished:
            raise InvariantViolation(f"step {step.id} is {step.state} before {unfinished} completed")
        if step.state in (*LIVE, DELAYED) and step.attempt is None:
            raise InvariantViolation(f"step {step.id} is {step.state} without an attempt")
        if step.state in (WAITING, DECIDING, DELAYED) and (step.cancel_requested or self._starts_nothing):
            raise InvariantViolation(f"step {step.id} is {step.state} and will never start")
        spent = step.failures + step.losses
        # Attempts that have ended otherwise have ended their step.
        if not step.number - 1 <= spent <= step.number or (step.state in LIVE and spent == step.number):
            raise InvariantViolation(f"step {step.id} is {step.state}, {spent} of {step.number} attempts have failed")
        if step.failures > step.retry.retries + 1 or step.losses > step.retry.infrastructure_retries + 1:
            raise InvariantViolation(f"step {step.id} was tried again more often than its rule allows")
        if step.missing != len(unfinished):
            raise InvariantViolation(f"step {step.id} counts {step.missing} missing, {len(unfinished)} are")


def _wait(step: StepState) -> Wait:
    return Wait(step.id, step.number + 1, step.not_before, step.wait_s)


def _concerns(event: ev.Event, step: StepState) -> bool:
    """Return whether the event speaks of the step as it is now: not of an earlier attempt, not a second cancel."""
    if isinstance(event, (ev.AttemptStarted, ev.AttemptEnded)):
        return event.attempt == step.attempt
    if isinstance(event, ev.AttemptIntended):
        return event.number == step.number + 1
    return not (isinstance(event, ev.StepCancelRequested) and step.cancel_requested)


def _label(event: ev.Event) -> str:
    name = ev.event_type(event)
    return f"{name}:{event.outcome}" if isinstance(event, ev.AttemptEnded) else name


def replay(run_id: str, events: Iterable[ev.Event]) -> RunMachine:
    """Return the machine that these events lead to."""
    machine = RunMachine(run_id)
    for event in events:
        machine.handle(event)
    return machine
