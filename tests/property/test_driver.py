"""The real driver on a store in memory, with a crash before or after any write: nothing is lost or done twice."""

from __future__ import annotations

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule
from tests.doubles import AT, Crash, MemoryStore, NoData, OneEnvironment, step

from azud.engine import events as ev
from azud.engine.commands import Decide
from azud.engine.context import open_context
from azud.engine.driver import Driver
from azud.engine.ends import Observation
from azud.engine.machine import LIVE, replay
from azud.engine.retrying import RetryRule
from azud.engine.reuse import InFlight, ReuseDecider
from azud.model.jobs import Manifest

RUN = "run"
STATUS = {"completed": "Completed", "failed": "Failed", "canceled": "Canceled", "bypassed": "Bypassed"}


@st.composite
def pipelines(draw):
    steps = []
    for index in range(draw(st.integers(1, 5))):
        after = draw(st.sets(st.integers(0, index - 1), max_size=2)) if index else set()
        steps.append(step(f"s{index}", *(f"s{other}" for other in sorted(after))))
    return steps


class DriverModel(RuleBasedStateMachine):
    """Plays orchestrator, backend and people. Store and attempts survive a crash; everything else is memory."""

    @initialize(
        steps=pipelines(), go_on=st.booleans(), retries=st.integers(0, 2), losses=st.integers(0, 2), long=st.booleans()
    )
    def submit(self, steps, go_on, retries, losses, long):
        self.store = MemoryStore()
        self.store.add(RUN, *steps, go_on=go_on, retry=RetryRule(retries, losses, 0.0))
        self.live, self.manifests = set(), {}
        self.long = long
        self.items, self.waits = [], []
        self.open()

    # -- what the orchestrator does -----------------------------------------------------------------

    def open(self):
        """Start as a new server does: from what is stored, and nothing else."""
        decider = ReuseDecider(self.store, NoData(), InFlight())
        self.driver = Driver(self.store, decider, OneEnvironment(), 1, self.part_of_spool)
        self.items, self.waits = [], []
        stored = self.store.load_run(RUN)
        self.context = open_context(stored, self.store.datastores(), {})
        if not self.context.machine.terminal:
            self.work(self.context.machine.pending())

    def spool(self, attempt):
        return [{"t": "metric", "name": "attempt", "kind": "scalar", "value": attempt}]

    def part_of_spool(self, attempt, offset, most_bytes):
        return (self.spool(attempt), 1) if offset == 0 else ([], offset)

    def work(self, items):
        try:
            result = self.driver.advance(self.context, items)
        except Crash:
            self.open()
            return
        for command in result.starts:
            self.start(command.step, command.attempt)
        for command in result.cancels:
            if command.attempt in self.live:
                self.end(command.step, command.attempt, "canceled")
        self.waits += result.waits

    def start(self, name, attempt):
        stored = [event.attempt for event in self.store.runs[RUN].events if isinstance(event, ev.AttemptIntended)]
        assert stored.count(attempt) == 1, "started before it was written, or intended twice"
        if attempt in self.manifests:
            self.items.append(self.seen(name, attempt))
        elif attempt not in self.live:
            assert not any(other.rpartition("-")[0] == attempt.rpartition("-")[0] for other in self.live), (
                "two at a time"
            )
            self.live.add(attempt)

    def end(self, name, attempt, outcome):
        self.live.discard(attempt)
        self.manifests[attempt] = outcome
        self.items.append(self.seen(name, attempt))

    def seen(self, name, attempt):
        spooled = None if self.long else tuple(self.spool(attempt))
        return Observation(name, attempt, Manifest(attempt, self.manifests[attempt]), spooled)

    # -- what happens -------------------------------------------------------------------------------

    @precondition(lambda self: self.live)
    @rule(data=st.data(), outcome=st.sampled_from(["completed", "completed", "failed", "timed_out", "lost"]))
    def an_attempt_ends(self, data, outcome):
        attempt = data.draw(st.sampled_from(sorted(self.live)))
        self.end(attempt.split("-")[1], attempt, outcome)

    @precondition(lambda self: self.items)
    @rule(data=st.data(), keep=st.booleans())
    def an_end_is_seen(self, data, keep):
        index = data.draw(st.integers(0, len(self.items) - 1))
        self.work([self.items[index] if keep else self.items.pop(index)])

    @precondition(lambda self: self.items)
    @rule()
    def all_ends_are_seen_at_once(self):
        items, self.items = self.items, []
        self.work(items)

    @precondition(lambda self: self.waits)
    @rule(data=st.data(), keep=st.booleans())
    def a_wait_is_over(self, data, keep):
        index = data.draw(st.integers(0, len(self.waits) - 1))
        wait = self.waits[index] if keep else self.waits.pop(index)
        self.work([Decide(wait.step, wait.number)])

    @rule(data=st.data())
    def an_attempt_is_said_to_have_started(self, data):
        if self.live:
            attempt = data.draw(st.sampled_from(sorted(self.live)))
            self.work([ev.AttemptStarted(AT, attempt.split("-")[1], attempt)])

    @rule(data=st.data())
    def somebody_cancels_a_step(self, data):
        self.work([ev.StepCancelRequested(AT, data.draw(st.sampled_from(sorted(self.context.machine.steps))))])

    @rule(cause=st.sampled_from(["user", "timeout"]))
    def somebody_cancels_the_run(self, cause):
        self.work([ev.CancelRequested(AT, cause)])

    @rule(when=st.sampled_from(["before", "after"]))
    def the_next_write_is_the_last(self, when):
        self.store.crash = when

    @rule()
    def the_server_is_started_again(self):
        self.open()

    # -- what must hold -----------------------------------------------------------------------------

    @invariant()
    def what_is_stored_is_what_the_events_say(self):
        if not hasattr(self, "context"):
            return
        run = self.store.runs[RUN]
        machine = replay(RUN, run.events)
        machine.validate()
        assert run.status == machine.status
        assert vars_of(machine) == vars_of(self.context.machine)
        for name, state in machine.steps.items():
            row = run.rows[name]
            assert row.attempt == state.attempt
            if state.state in STATUS:
                assert row.status == STATUS[state.state]
                assert row.ended_at is not None
            else:
                assert row.ended_at is None

    @invariant()
    def what_the_last_attempt_logged_is_stored_once(self):
        if not hasattr(self, "context"):
            return
        run = self.store.runs[RUN]
        for name, state in replay(RUN, run.events).steps.items():
            row_id = run.rows[name].id
            over = state.state in STATUS and state.attempt is not None
            # What was spooled for an end that was not written yet is not shown.
            stored = run.metrics.get(row_id, []) + (run.spooled.get(row_id, []) if over else [])
            assert stored == ([state.attempt] if over else []), (name, state.state)

    @invariant()
    def attempts_live_where_the_events_say(self):
        if not hasattr(self, "context"):
            return
        states = replay(RUN, self.store.runs[RUN].events).steps.values()
        running = {state.attempt for state in states if state.state in LIVE}
        assert self.live <= running, "an attempt runs that nobody waits for"
        assert running <= self.live | set(self.manifests), "an attempt was written and never started"

    def teardown(self):
        """Let everything that is due happen: the run ends."""
        if not hasattr(self, "context"):
            return
        self.store.crash = None
        for _ in range(200):
            if self.store.runs[RUN].status in ("Completed", "Failed", "Canceled"):
                return
            for attempt in sorted(self.live):
                self.end(attempt.split("-")[1], attempt, "failed")
            items, self.items = self.items, []
            waits, self.waits = self.waits, []
            self.work([*items, *(Decide(wait.step, wait.number) for wait in waits)])
        raise AssertionError("the run does not end")


def vars_of(machine):
    return machine.status, {name: vars(state) for name, state in machine.steps.items()}


TestDriver = DriverModel.TestCase
TestDriver.settings = settings(max_examples=150, stateful_step_count=30, deadline=None)
