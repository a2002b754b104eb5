"""The run machine under everything that can happen, in any order, twice and late."""

from __future__ import annotations

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from azud.engine import events as ev
from azud.engine.commands import CancelAttempt, ConcludeRun, Decide, StartAttempt
from azud.engine.machine import INFRASTRUCTURE_RETRIES, TERMINAL, RunMachine, replay

AT = "2026-01-01T00:00:00.000000Z"
OUTCOMES = ("completed", "failed", "timed_out", "canceled", "lost")


@st.composite
def plans(draw):
    """Steps in topological order: each needs some of those before it."""
    count = draw(st.integers(1, 7))
    steps = []
    for index in range(count):
        needed = draw(st.sets(st.integers(0, index - 1), max_size=3)) if index else set()
        steps.append(ev.StepNeeds(f"s{index}", tuple(f"s{other}" for other in sorted(needed))))
    return tuple(steps)


class RunMachineModel(RuleBasedStateMachine):
    """Plays driver, backend and people; keeps the stored events and the commands that are due."""

    @initialize(steps=plans(), go_on=st.booleans())
    def submit(self, steps, go_on):
        self.machine = RunMachine("r")
        self.events = []
        self.decides, self.attempts, self.started = [], {}, set()
        self.conclusions = []
        self.give(ev.RunSubmitted(AT, steps, go_on))

    def give(self, event):
        """Store what is accepted, take in the commands, and check that terminal states stay."""
        before = {name: step.state for name, step in self.machine.steps.items() if step.state in TERMINAL}
        accepted = self.machine.accepts(event)
        commands = self.machine.handle(event)
        if accepted:
            self.events.append(event)
        else:
            assert commands == []
        for name, state in before.items():
            assert self.machine.steps[name].state == state, "a terminal step changed"
        for command in commands:
            if isinstance(command, Decide):
                self.decides.append(command)
            elif isinstance(command, StartAttempt):
                assert command.attempt not in self.attempts, "an attempt was started twice"
                self.attempts[command.attempt] = command.step
            elif isinstance(command, CancelAttempt):
                assert command.attempt in self.attempts
            elif isinstance(command, ConcludeRun):
                self.conclusions.append(command.status)

    @precondition(lambda self: self.decides)
    @rule(data=st.data())
    def decide(self, data):
        command = self.decides.pop(data.draw(st.integers(0, len(self.decides) - 1)))
        answer = data.draw(st.sampled_from(["start", "start", "reuse", "refuse"]))
        if answer == "start" or command.number > 1:
            attempt = f"{command.step}-{command.number}"
            self.give(ev.AttemptIntended(AT, command.step, attempt, command.number))
        elif answer == "reuse":
            self.give(ev.StepReused(AT, command.step, "earlier"))
        else:
            self.give(ev.StepRefused(AT, command.step, "not_found"))

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
            self.give(ev.AttemptEnded(AT, self.attempts[attempt], attempt, data.draw(st.sampled_from(OUTCOMES))))

    @rule(data=st.data())
    def somebody_cancels_a_step(self, data):
        self.give(ev.StepCancelRequested(AT, data.draw(st.sampled_from(sorted(self.machine.steps)))))

    @rule(cause=st.sampled_from(["user", "timeout", "defect"]))
    def the_run_is_to_end(self, cause):
        self.give(ev.CancelRequested(AT, cause))

    @precondition(lambda self: self.conclusions)
    @rule()
    def conclude(self):
        self.give(ev.RunEnded(AT, self.conclusions[-1]))

    @rule()
    def crash_and_start_again(self):
        """Memory is lost; what was stored gives the same state and asks for the same things."""
        again = replay("r", self.events)
        assert _picture(again) == _picture(self.machine)
        self.machine = again
        self.decides, self.conclusions = [], []
        for command in again.pending():
            if isinstance(command, Decide):
                self.decides.append(command)
            elif isinstance(command, ConcludeRun):
                self.conclusions.append(command.status)
            elif isinstance(command, StartAttempt):
                assert command.attempt in self.attempts, "recovery invented an attempt"

    @invariant()
    def holds_together(self):
        if not hasattr(self, "machine"):
            return
        self.machine.validate()
        states = [step.state for step in self.machine.steps.values()]
        if all(state in TERMINAL for state in states) and not self.machine.terminal:
            assert self.conclusions, "nothing is left to do and nobody was told to conclude"
        for step in self.machine.steps.values():
            assert step.number <= INFRASTRUCTURE_RETRIES + 1


def _picture(machine):
    return (
        machine.status,
        machine.cancel_requested,
        {
            name: (step.state, step.attempt, step.number, step.missing, step.cancel_requested, step.reused_from)
            for name, step in machine.steps.items()
        },
    )


TestRunMachine = RunMachineModel.TestCase
TestRunMachine.settings = settings(max_examples=300, stateful_step_count=40, deadline=None)
