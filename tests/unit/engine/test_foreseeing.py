"""Foreseeing with the engine's ports in memory: what is looked at, what is assumed, and what nobody notices."""

from __future__ import annotations

import dataclasses

from tests.doubles import MemoryStore, NoData, OneEnvironment, step

from azud.core.errors import EnvironmentBuildError
from azud.engine.context import open_context
from azud.engine.foreseeing import Foreseer
from azud.engine.onlooking import AssumedOutput, OneMoment, Onlooker, assumed
from azud.engine.reuse import InFlight
from azud.model.data import DataLocation, DatasetDefinition, DatastoreRecord
from azud.model.jobs import SealedOutput
from azud.planning.graph import build_plan

OUTPUT = SealedOutput("out", "/there", "file", "d" * 64, 3)


def foresee(*steps, environments=None, in_flight=None, **changes):
    store = MemoryStore()
    store.add("run", *steps)
    stored = store.load_run("run")
    stored = dataclasses.replace(stored, options=dataclasses.replace(stored.options, **changes))
    context = open_context(stored, store.datastores(), {})
    foreseer = Foreseer(store, NoData(), environments or OneEnvironment(), in_flight or InFlight())
    return foreseer.foresee(
        context, build_plan(stored.definition), lambda names: {}, lambda name, decision: decision.reason
    )


class NoPython:
    def resolve(self, spec, interpreter):
        raise EnvironmentBuildError("the interpreter is gone", hint="choose another")


def test_a_step_that_runs_makes_those_after_it_new():
    found = foresee(step("a"), step("b", "a"), step("c", "b"), step("d"))
    assert {name: item.action for name, item in found.items()} == dict.fromkeys("abcd", "run")
    assert found["b"].waits_for == ("a",)
    assert found["c"].reason == "it runs after 'b', and a run of that is always new"


def test_an_environment_that_cannot_be_resolved_is_the_error_of_each_step_and_not_of_the_plan():
    found = foresee(step("a"), step("b", "a"), environments=NoPython())
    assert [item.action for item in found.values()] == ["cannot_run", "cannot_run"]
    assert found["a"].error.hint == "choose another"
    assert found["b"].reason == "'a' before it cannot run"


def test_everything_regenerated_runs_whatever_comes_before():
    found = foresee(step("a"), step("b", "a"), regenerate_outputs=True)
    assert {item.reason for item in found.values()} == {"the run was submitted with regenerate_outputs=True"}


def test_many_names_are_cut_short():
    found = foresee(*(step(name) for name in "abcde"), step("z", *"abcde"))
    assert found["z"].reason == "it runs after 'a', 'b', 'c' and 2 more, and a run of that is always new"


def test_an_onlooker_joins_nobody():
    in_flight = InFlight()
    onlooker = Onlooker(in_flight)
    assert onlooker.lead_or_follow("key", "plan", "a")
    assert in_flight.leader("key") is None
    in_flight.lead_or_follow("key", "run", "a")
    assert not onlooker.lead_or_follow("key", "plan", "b")
    assert onlooker.would_wait == {"b": ("run", "a")}
    assert in_flight.ended("key", "run", "a") == []


class Counting:
    """`DataPort` that counts how often it looks."""

    def __init__(self):
        self.looks = []

    def __getattr__(self, name):
        def look(*arguments):
            self.looks.append(name)
            return f"{name} {len(self.looks)}"

        return look


def test_a_moment_looks_at_each_thing_once_and_takes_assumptions_for_sound():
    data = Counting()
    moment = OneMoment(data)
    store = DatastoreRecord("s", "AzureBlob", "local", {"root": "/x"})
    dataset = DatasetDefinition("file", (DataLocation("s", "x"),))
    for _ in range(2):
        assert moment.fingerprint_reference(store, "a") == "fingerprint_reference 1"
        assert moment.fingerprint_dataset({"s": store}, dataset) == "fingerprint_dataset 2"
        assert moment.fingerprint_prefix(store, "a") == "fingerprint_prefix 3"
        assert moment.verify(OUTPUT) == "verify 4"
    assert moment.fingerprint_reference(store, "b") == "fingerprint_reference 5"
    assert moment.verify(assumed(OUTPUT)) is None
    assert isinstance(assumed(OUTPUT), AssumedOutput)
    assert dataclasses.asdict(assumed(OUTPUT)) == dataclasses.asdict(OUTPUT)
