"""The run machine under all that can happen, in any order, twice, late, with a crash between any two writes."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from azud.engine import events as ev
from azud.engine.commands import CancelAttempt, ConcludeRun, Decide, StartAttempt, Wait
from azud.engine.machine import COMPLETED, DELAYED, LIVE, RUNNING, TERMINAL, RunMachine, replay
from azud.engine.retrying import RetryRule

AT = "2026-01-01T00:00:00.000000Z"
OUTCOMES = ("completed", "failed", "timed_out", "canceled", "lost")


def rules_of_retrying():
    counts = st.integers(0, 2)
    return st.builds(RetryRule, retries=counts, infrastructure_retries=counts, delay_s=st.sampled_from([0.0, 4.0]))


@st.composite
def plans(draw):
    """Steps in topological order: each needs some of those before it, and may have its own rule of retrying."""
    count = draw(st.integers(1, 7))
    steps = []
    for index in range(count):
        needed = draw(st.sets(st.integers(0, index - 1), max_size=3)) if index else set()
        own = draw(st.none() | rules_of_retrying())
        steps.append(ev.StepNeeds(f"s{index}", tuple(f"s{other}" for other in sorted(needed)), own))
    return tuple(steps)


class RunMachineModel(RuleBasedStateMachine):
    """Plays driver, backend and people; keeps the stored events and the commands that are due."""

    @initialize(steps=plans(), go_on=st.booleans(), retry=rules_of_retrying())
    def submit(self, steps, go_on, retry):
        self.machine = RunMachine("r")
        self.events = []
        self.decides, self.waits, self.cancels, self.conclusions = [], [], [], []
        self.attempts = {}  # every attempt that was ever intended, with its step
        self.ended = set()  # those whose end was stored
        self.give(ev.RunSubmitted(AT, steps, go_on, retry))

    # -- what the engine does ---------------------------------------------------------------------

    def give(self, event):
        """Store what is accepted, take in the commands, and check what no event may change."""
        before = {name: step.state for name, step in self.machine.steps.items() if step.state in TERMINAL}
        was_over = self.machine.terminal
        accepted = self.machine.accepts(event)
        commands = self.machine.handle(event)
        if accepted:
            assert not was_over, "an ended run took an event"
            self.events.append(event)
            if isinstance(event, ev.AttemptEnded):
                assert event.attempt not in self.ended, "an attempt ended twice"
                self.ended.add(event.attempt)
        else:
            assert commands == []
        for name, state in before.items():
            assert self.machine.steps[name].state == state, "a terminal step changed"
        self.take(commands)
        return accepted

    def take(self, commands):
        for command in commands:
            if isinstance(command, Decide):
                self.decides.append(command)
            elif isinstance(command, Wait):
                self.waits.append(command)
            elif isinstance(command, StartAttempt):
                step = self.machine.steps[command.step]
                assert all(self.machine.steps[name].state == COMPLETED for name in step.predecessors)
                assert self.attempts[command.attempt] == command.step
                assert command.attempt not in self.ended, "an attempt that has ended is started"
            elif isinstance(command, CancelAttempt):
                assert command.attempt in self.attempts
                self.cancels.append(command)
            elif isinstance(command, ConcludeRun):
                self.conclusions.append(command.status)

    def intend(self, step, number):
        """Store the intention, unless that was done; ids are given once."""
        attempt = f"{step}-{number}"
        if self.machine.accepts(ev.AttemptIntended(AT, step, attempt, number)):
            assert attempt not in self.attempts, "an attempt is intended twice"
            self.attempts[attempt] = step
        self.give(ev.AttemptIntended(AT, step, attempt, number))

    def answer(self, command, what):
        """Answer a decision as the driver does: only if it is still wanted, and a retry is never looked up."""
        if not self.machine.expects(command):
            return
        if what == "refuse":
            self.give(ev.StepRefused(AT, command.step, "not_found"))
        elif what == "reuse" and command.number == 1:
            self.give(ev.StepReused(AT, command.step, "earlier"))
        else:
            self.intend(command.step, command.number)

    @precondition(lambda self: self.decides)
    @rule(data=st.data(), what=st.sampled_from(["start", "start", "start", "reuse", "refuse"]), again=st.booleans())
    def decide(self, data, what, again):
        index = data.draw(st.integers(0, len(self.decides) - 1))
        self.answer(self.decides[index] if again else self.decides.pop(index), what)

    @precondition(lambda self: self.waits)
    @rule(data=st.data(), again=st.booleans())
    def a_wait_is_over(self, data, again):
        index = data.draw(st.integers(0, len(self.waits) - 1))
        wait = self.waits[index] if again else self.waits.pop(index)
        self.decides.append(Decide(wait.step, wait.number))

    # -- what happens to attempts: also to those of long ago ------------------------------------------

    @precondition(lambda self: self.attempts)
    @rule(data=st.data())
    def attempt_starts(self, data):
        attempt = data.draw(st.sampled_from(sorted(self.attempts)))
        self.give(ev.AttemptStarted(AT, self.attempts[attempt], attempt))

    @precondition(lambda self: self.attempts)
    @rule(data=st.data(), outcome=st.sampled_from(OUTCOMES), twice=st.booleans())
    def attempt_ends(self, data, outcome, twice):
        attempt = data.draw(st.sampled_from(sorted(self.attempts)))
        self.give(ev.AttemptEnded(AT, self.attempts[attempt], attempt, outcome))
        if twice:
            second = ev.AttemptEnded(AT, self.attempts[attempt], attempt, data.draw(st.sampled_from(OUTCOMES)))
            assert not self.give(second), "an attempt ended twice"

    @rule(step=st.integers(0, 6), number=st.integers(1, 7))
    def somebody_speaks_of_an_attempt_that_nobody_intended(self, step, number):
        attempt = f"s{step}-{number}"
        if attempt not in self.attempts:
            assert not self.give(ev.AttemptEnded(AT, f"s{step}", attempt, "completed"))

    # -- what people do -------------------------------------------------------------------------------

    @rule(data=st.data())
    def somebody_cancels_a_step(self, data):
        name = data.draw(st.sampled_from(sorted(self.machine.steps)))
        live = self.machine.steps[name].state in LIVE
        if self.give(ev.StepCancelRequested(AT, name)) and not live:
            assert self.machine.steps[name].state in TERMINAL, "nothing runs and the step waits"

    @rule(cause=st.sampled_from(["user", "timeout", "defect"]))
    def the_run_is_to_end(self, cause):
        if self.give(ev.CancelRequested(AT, cause)):
            states = {step.state for step in self.machine.steps.values()}
            assert states <= TERMINAL | LIVE, "something may still start after a cancel"

    @precondition(lambda self: self.conclusions)
    @rule()
    def conclude(self):
        self.give(ev.RunEnded(AT, self.conclusions[-1]))

    # -- crashes --------------------------------------------------------------------------------------

    @rule()
    def crash_and_start_again(self):
        """Memory is lost; what was stored gives the same state and asks for what is due."""
        again = replay("r", self.events)
        assert picture(again) == picture(self.machine)
        self.machine = again
        self.decides, self.waits, self.cancels, self.conclusions = [], [], [], []
        self.take(again.pending())

    # -- what must hold -------------------------------------------------------------------------------

    @invariant()
    def holds_together(self):
        if not hasattr(self, "machine"):
            return
        self.machine.validate()
        live = [step.attempt for step in self.machine.steps.values() if step.state in LIVE]
        assert len(live) == len(set(live))
        assert not set(live) & self.ended
        for attempt in set(self.attempts) - self.ended:
            step = self.machine.steps[self.attempts[attempt]]
            assert step.attempt == attempt and step.state in LIVE, "an attempt runs that the machine forgot"
        states = [step.state for step in self.machine.steps.values()]
        if all(state in TERMINAL for state in states) and not self.machine.terminal:
            assert self.conclusions, "nothing is left to do and nobody was told to conclude"

    @invariant()
    def everything_that_is_due_was_asked_for(self):
        if not hasattr(self, "machine"):
            return
        asked = {(command.step, command.number) for command in (*self.decides, *self.waits)}
        for command in self.machine.pending():
            if isinstance(command, (Decide, Wait)):
                assert (command.step, command.number) in asked, f"{command} is due and was never asked for"
            elif isinstance(command, CancelAttempt):
                assert command in self.cancels

    @invariant()
    def whatever_runs_and_should_not_was_told(self):
        if not hasattr(self, "machine"):
            return
        for step in self.machine.steps.values():
            if step.state in LIVE and step.cancel_requested:
                assert CancelAttempt(step.id, step.attempt) in self.cancels

    def teardown(self):
        """Whatever has happened: doing what is due brings the run to an end."""
        if hasattr(self, "machine"):
            drive_to_the_end(replay("r", self.events))


def drive_to_the_end(machine):
    """Perform everything that is due, with attempts that fail while they may, until the run has ended."""
    todo = machine.pending()
    # Each attempt brings at most three events, and the rules allow at most 1 + retries of both kinds.
    most = sum(8 * (1 + step.retry.retries + step.retry.infrastructure_retries) for step in machine.steps.values()) + 8
    while todo:
        most -= 1
        assert most >= 0, "it does not come to an end"
        command = todo.pop()
        if isinstance(command, (Decide, Wait)):
            decide = Decide(command.step, command.number)
            if machine.expects(decide):
                attempt = f"{decide.step}-{decide.number}"
                todo += machine.handle(ev.AttemptIntended(AT, decide.step, attempt, decide.number))
        elif isinstance(command, StartAttempt):
            outcome = "failed" if len(todo) % 2 else "lost"
            todo += machine.handle(ev.AttemptEnded(AT, command.step, command.attempt, outcome))
        elif isinstance(command, CancelAttempt):
            todo += machine.handle(ev.AttemptEnded(AT, command.step, command.attempt, "canceled"))
        elif isinstance(command, ConcludeRun):
            machine.handle(ev.RunEnded(AT, command.status))
    machine.validate()
    assert machine.terminal or not machine.steps


def picture(machine):
    """Return everything that a machine is, so that two can be compared."""
    return (
        machine.status,
        machine.cancel_requested,
        machine.cancel_cause,
        machine._failed,
        +machine.counts,
        {name: vars(step) for name, step in machine.steps.items()},
    )


TestRunMachine = RunMachineModel.TestCase
TestRunMachine.settings = settings(max_examples=300, stateful_step_count=40, deadline=None)


# -- single laws ----------------------------------------------------------------------------------------


def started(retry, number=1, machine=None):
    """Return a machine of one step whose attempt of this number runs."""
    if machine is None:
        machine = RunMachine("r")
        machine.handle(ev.RunSubmitted(AT, (ev.StepNeeds("a"), ev.StepNeeds("b", ("a",))), retry=retry))
    machine.handle(ev.AttemptIntended(AT, "a", f"a-{number}", number))
    machine.handle(ev.AttemptStarted(AT, "a", f"a-{number}"))
    assert machine.steps["a"].state == RUNNING
    return machine


@given(retry=rules_of_retrying(), outcomes=st.lists(st.sampled_from(["failed", "timed_out", "lost"]), max_size=9))
def test_failures_and_losses_never_use_up_each_others_retries(retry, outcomes):
    machine = started(retry)
    failures = losses = 0
    for number, outcome in enumerate(outcomes, 1):
        machine.handle(ev.AttemptEnded(AT, "a", f"a-{number}", outcome))
        losses += outcome == "lost"
        failures += outcome != "lost"
        if failures > retry.retries or losses > retry.infrastructure_retries:
            assert machine.steps["a"].state == "failed"
            return
        assert machine.steps["a"].state == DELAYED
        started(retry, number + 1, machine)
    assert (machine.steps["a"].failures, machine.steps["a"].losses) == (failures, losses)


def test_the_wait_doubles_and_has_a_cap_and_follows_from_the_events():
    machine = started(RetryRule(retries=9, delay_s=4, delay_max_s=10))
    waits = []
    for number in range(1, 5):
        (wait,) = machine.handle(ev.AttemptEnded(AT, "a", f"a-{number}", "failed"))
        assert machine.pending() == [wait]
        waits.append((wait.wait_s, wait.not_before))
        started(None, number + 1, machine)
    assert waits == [(each, f"2026-01-01T00:00:{each:02.0f}.000000Z") for each in (4, 8, 10, 10)]


def test_a_decision_of_long_ago_counts_for_nothing():
    machine = started(RetryRule(retries=1))
    machine.handle(ev.AttemptEnded(AT, "a", "a-1", "failed"))
    assert not machine.expects(Decide("a", 1))
    assert machine.expects(Decide("a", 2))
    assert not machine.accepts(ev.AttemptIntended(AT, "a", "a-1", 1))
    assert machine.accepts(ev.AttemptIntended(AT, "a", "a-2", 2))
    assert not machine.accepts(ev.StepReused(AT, "a", "earlier")), "a retry is never looked up"


def test_a_cancel_ends_the_wait_at_once():
    for cancel in (ev.CancelRequested(AT), ev.StepCancelRequested(AT, "a")):
        machine = started(RetryRule(retries=1))
        machine.handle(ev.AttemptEnded(AT, "a", "a-1", "failed"))
        (command,) = machine.handle(cancel)
        assert machine.steps["a"].state == "canceled"
        assert command == ConcludeRun("Canceled")


def test_what_waits_for_its_next_attempt_has_failed_when_the_run_has():
    machine = RunMachine("r")
    own = RetryRule(retries=1)
    machine.handle(ev.RunSubmitted(AT, (ev.StepNeeds("a", retry=own), ev.StepNeeds("b"))))
    for step, state in (("a", DELAYED), ("b", "failed")):
        machine.handle(ev.AttemptIntended(AT, step, f"{step}-1", 1))
        machine.handle(ev.AttemptEnded(AT, step, f"{step}-1", "failed"))
        assert machine.steps[step].state == state
    assert machine.steps["a"].state == "failed"
    assert machine.pending() == [ConcludeRun("Failed")]


def test_events_that_an_earlier_version_stored_are_read():
    bodies = [
        ("RunSubmitted", {"at": AT, "steps": [{"step": "a", "predecessors": []}], "continue_on_step_failure": False}),
        ("AttemptIntended", {"at": AT, "step": "a", "attempt": "a-1", "number": 1}),
        ("AttemptEnded", {"at": AT, "step": "a", "attempt": "a-1", "outcome": "lost"}),
        ("AttemptIntended", {"at": AT, "step": "a", "attempt": "a-2", "number": 2}),
        ("AttemptEnded", {"at": AT, "step": "a", "attempt": "a-2", "outcome": "failed"}),
        ("RunEnded", {"at": AT, "status": "Failed"}),
    ]
    machine = replay("r", [ev.read_event(kind, body) for kind, body in bodies])
    assert (machine.status, machine.steps["a"].number) == ("Failed", 2)
    written = ev.RunSubmitted(AT, (ev.StepNeeds("a", (), RetryRule(3)),), retry=RetryRule(1, 0, 0.5, 9))
    assert ev.read_event("RunSubmitted", ev.event_body(written)) == written
