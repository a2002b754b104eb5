"""Runs, slots and the backend together, on doubles: withheld slots, waits, and runs that trouble nobody else."""

from __future__ import annotations

import queue
import threading

import pytest
from tests.doubles import MemoryStore, NoData, OneEnvironment, ToldBackend, step

from azud.core.errors import StorageError
from azud.core.processes import ProcessMark
from azud.engine import orchestrator as module
from azud.engine import withholding
from azud.engine.jobspecs import Places
from azud.engine.orchestrator import Orchestrator
from azud.engine.ports import UNKNOWN
from azud.engine.retrying import RetryRule
from azud.engine.scheduling import SlotScheduler


class Engine:
    """An orchestrator on doubles."""

    def __init__(self, cores=2, store=None, backend=None):
        self.store, self.backend = store or MemoryStore(), backend or ToldBackend(cores)
        self.scheduler = SlotScheduler(self.backend.capacity(), self.backend.free_memory_bytes)
        self.news = threading.Condition()
        places = Places("/nowhere", "/nowhere", "unix:/nowhere", {}, "workspaceblobstore")
        self.orchestrator = Orchestrator(
            self.store,
            self.backend,
            NoData(),
            OneEnvironment(),
            places,
            self.scheduler,
            notify=self.heard,
            on_lease_lost=lambda: None,
        )
        self.backend.listener = self.orchestrator.on_attempt

    def heard(self, _run_id, _ended):
        with self.news:
            self.news.notify_all()

    def wait_for(self, condition):
        with self.news:
            assert self.news.wait_for(condition, 30), "it never came"

    def wait_for_end(self, run_id, status):
        self.wait_for(lambda: self.store.runs[run_id].status in ("Completed", "Failed", "Canceled"))
        assert self.store.runs[run_id].status == status

    def wait_started(self, *attempts):
        self.backend.wait_for(lambda: set(attempts) <= set(self.backend.started))


@pytest.fixture
def make(monkeypatch):
    monkeypatch.setattr(withholding, "LOOK_S", 0.02)
    monkeypatch.setattr(module, "RETRY_DELAY_S", 0.001)
    made = []

    def make_engine(**options):
        made.append(Engine(**options))
        return made[-1]

    yield make_engine
    for engine in made:
        engine.orchestrator.stop()


def test_the_slot_of_what_cannot_be_ended_is_withheld_until_it_is_gone(make):
    engine = make(cores=1)
    engine.store.add("r", step("a"), step("b"))
    engine.orchestrator.start("me")
    engine.wait_started("r-a-1")
    looked = threading.Event()
    stuck = [4711]
    engine.backend.survivors = lambda attempt: looked.set() or (stuck if attempt == "r-a-1" else [])
    engine.backend.end("r-a-1", "canceled", survivors=(ProcessMark(4711, "1", "boot"),))
    engine.wait_for(lambda: engine.store.runs["r"].rows["a"].status == "Canceled")
    for _ in range(3):
        looked.clear()
        assert looked.wait(30)
    assert engine.backend.started == ["r-a-1"], "the slot went to another"
    assert engine.scheduler.counts() == (1, 1)
    (warning,) = engine.store.runs["r"].warnings
    assert "'a'" in warning and "4711" in warning

    stuck.clear()
    engine.wait_started("r-b-1")
    engine.backend.end("r-b-1")
    engine.wait_for_end("r", "Canceled")
    assert engine.scheduler.counts() == (0, 0)


def test_an_attempt_that_left_nothing_gives_its_slot_back_at_once(make):
    engine = make(cores=1)
    engine.store.add("r", step("a"), step("b"))
    engine.orchestrator.start("me")
    engine.wait_started("r-a-1")
    engine.backend.survivors = lambda attempt: pytest.fail("nobody has to look")
    engine.backend.end("r-a-1")
    engine.wait_started("r-b-1")


def test_a_failed_attempt_is_followed_by_another_and_lets_others_have_its_slot_meanwhile(make):
    engine = make(cores=1)
    engine.store.add("r", step("a"), step("b"), retry=RetryRule(retries=1, delay_s=3600, delay_max_s=0.05))
    engine.orchestrator.start("me")
    engine.wait_started("r-a-1")
    engine.backend.end("r-a-1", "failed")
    engine.wait_started("r-b-1")
    engine.backend.end("r-b-1")
    engine.wait_started("r-a-2")
    engine.backend.end("r-a-2")
    engine.wait_for_end("r", "Completed")
    assert engine.backend.started == ["r-a-1", "r-b-1", "r-a-2"]


def test_a_wait_is_over_when_it_should_have_been_also_if_the_clock_was_set_back(make, monkeypatch):
    engine = make()
    engine.store.add("r", step("a"), retry=RetryRule(retries=1, delay_s=0.05))
    engine.orchestrator.start("me")
    engine.wait_started("r-a-1")
    monkeypatch.setattr(module, "now_text", lambda: "2001-01-01T00:00:00.000000Z")
    engine.backend.end("r-a-1", "failed")
    engine.wait_started("r-a-2")


def test_a_run_that_cannot_be_read_is_ended_and_the_others_go_on(make, caplog):
    engine = make()
    for run_id in ("bad", "good"):
        engine.store.add(run_id, step("a"))
    engine.store.unreadable.add("bad")
    engine.store.runs["bad"].rows["a"].attempt = "bad-a-1"
    engine.orchestrator.start("me")
    engine.wait_for_end("bad", "Failed")
    engine.wait_started("good-a-1")
    engine.backend.end("good-a-1")
    engine.wait_for_end("good", "Completed")
    engine.backend.wait_for(lambda: engine.backend.canceled == ["bad-a-1"])
    assert engine.store.runs["bad"].error.code == "record_unreadable"
    assert "run bad" in caplog.text
    assert engine.store.active_runs() == []


def test_a_run_that_cannot_be_written_is_given_up_and_the_others_go_on(make, caplog):
    engine = make()
    engine.store.add("bad", step("a"))
    engine.store.refused.add("bad")
    engine.orchestrator.start("me")
    engine.wait_for_end("bad", "Failed")
    engine.store.add("good", step("a"))  # the same step: it must not wait for the one that never ran
    engine.orchestrator.submitted("good")
    engine.wait_started("good-a-1")
    engine.backend.end("good-a-1")
    engine.wait_for_end("good", "Completed")
    assert engine.backend.started == ["good-a-1"], "what was not written is not started"
    assert "cannot be written" in engine.store.runs["bad"].error.message
    assert "run bad" in caplog.text


def test_a_new_run_is_not_read_back_unless_its_first_write_fails(make):
    engine = make()
    engine.orchestrator.start("me")
    read, load_run = [], engine.store.load_run
    engine.store.load_run = lambda run_id: read.append(run_id) or load_run(run_id)
    for run_id, crash in (("r", None), ("s", "before")):
        engine.store.add(run_id, step("a"))
        new = load_run(run_id)
        engine.store.crash = crash
        engine.orchestrator.submitted(run_id, new)
        engine.wait_started(f"{run_id}-a-1")
        engine.backend.end(f"{run_id}-a-1")
        engine.wait_for_end(run_id, "Completed")
    assert read == ["s"]


def test_a_crash_at_any_write_is_survived(make):
    for when in ("before", "after"):
        for write in range(6):
            engine = make()
            engine.store.add("r", step("a"), step("b", "a"), retry=RetryRule(retries=1, delay_s=0))
            crash_at(engine.store, write, when)
            engine.orchestrator.start("me")
            for attempt, outcome in (("r-a-1", "failed"), ("r-a-2", "completed"), ("r-b-1", "completed")):
                engine.wait_started(attempt)
                engine.backend.end(attempt, outcome)
            engine.wait_for_end("r", "Completed")
            assert engine.backend.started == ["r-a-1", "r-a-2", "r-b-1"]


def crash_at(store, write, when):
    """Let the write of this index fail, counted from 0."""
    real, count = store.apply, iter(range(1000))

    def apply(update, token):
        if next(count) == write:
            store.crash = when
        real(update, token)

    store.apply = apply


def test_a_slot_stays_withheld_while_it_is_not_known_what_an_attempt_left(make):
    engine = make(cores=1)
    engine.store.add("r", step("a"), step("b"))
    engine.orchestrator.start("me")
    engine.wait_started("r-a-1")
    looks = threading.Semaphore(0)
    readable = threading.Event()

    def survivors(_attempt):
        looks.release()
        if not readable.is_set():
            raise StorageError("the manifest cannot be read")
        return []

    engine.backend.survivors = survivors
    engine.backend.end("r-a-1", "failed", survivors=(ProcessMark(4711, "1", "boot"),))
    for _ in range(3):
        assert looks.acquire(timeout=30)
    assert engine.backend.started == ["r-a-1"], "the slot went to another"
    readable.set()
    engine.wait_for(lambda: engine.scheduler.counts() == (0, 0) or "r-b-1" in engine.backend.started)


def test_an_attempt_of_unknown_fate_is_not_started_again(make):
    engine = make(cores=1)
    engine.store.add("r", step("a"))
    engine.orchestrator.start("me")
    engine.wait_started("r-a-1")
    engine.orchestrator.stop()
    adopted = queue.Queue()
    engine.backend.find = lambda attempt: UNKNOWN
    engine.backend.adopt = adopted.put
    second = make(cores=1, store=engine.store, backend=engine.backend)
    second.orchestrator.start("me")
    assert adopted.get(timeout=30) == "r-a-1", "whoever knows the machine looks until it knows more"
    assert engine.backend.started == ["r-a-1"]
    assert second.scheduler.counts() == (1, 0)
    engine.backend.end("r-a-1")
    second.wait_for_end("r", "Completed")
