"""What the services rely on where verifications of past steps are kept."""

from __future__ import annotations

import dataclasses

import pytest
from tests.contract.values import SEALED, first_step_done, new_run

from azud.model.snapshot import SnapshotFile, SourceSnapshot
from azud.model.verifications import DIFFERENT, NONDETERMINISTIC, SAME, VERIFIES, FileDifference, Verification

FILE = FileDifference("out", "x", "content", (3, 4), ("a", "b"), 2, 1, ("one", "two"))
FOUND = Verification("run-1-a", "first", "run-2-a", DIFFERENT, "2026-01-01T00:00:01.000000Z", "", 1, 1, (FILE,))


def verifying(run_id, original="run-1"):
    new = new_run(run_id)
    steps = tuple(
        dataclasses.replace(step, properties={VERIFIES: step.id.replace(run_id, original)}) for step in new.steps
    )
    return dataclasses.replace(new, steps=steps, properties={VERIFIES: original})


@pytest.fixture
def store(stores):
    stores.catalog.create_run(new_run("run-1"))
    stores.catalog.create_run(verifying("run-2"))
    return stores.verifications


def test_a_verification_is_read_as_it_was_written_from_both_sides(stores, store):
    store.add_verification(FOUND, "it differs")
    for run, applies_to in (("run-1", "run-1-a"), ("run-1-a", "run-1-a"), ("run-2", "run-2-a"), ("run-2-a", "run-2-a")):
        assert list(store.verifications(run)) == [dataclasses.replace(FOUND, applies_to=applies_to)]
    assert list(store.verifications("run-1-b")) == []
    assert store.compared("run-2") == {"run-2-a"}


def test_the_step_run_that_proved_non_deterministic_is_marked_once(stores, store):
    store.add_verification(FOUND, "it differs")
    store.add_verification(FOUND, "it differs again")
    step = stores.catalog.run("run-1-a")
    assert step.properties == {"k": "v", NONDETERMINISTIC: "out/x"}
    assert step.warnings == ("it differs",)
    same = dataclasses.replace(FOUND, verified_by="run-3-a", outcome=SAME, files=())
    store.add_verification(same, "")
    assert stores.catalog.run("run-1-a").warnings == ("it differs",)
    assert [item.outcome for item in store.verifications("run-1")] == [DIFFERENT, SAME]


def test_verifying_runs_are_unsettled_until_all_their_steps_are_compared(stores, store):
    assert list(store.unsettled()) == ["run-2"]
    store.add_verification(FOUND, "")
    assert list(store.unsettled()) == ["run-2"]
    store.add_verification(dataclasses.replace(FOUND, step_run_id="run-1-b", verified_by="run-2-b"), "")
    assert list(store.unsettled()) == []


def test_what_a_step_sealed_and_observed_is_found(stores, store):
    update = first_step_done(stores.runs)
    end = dataclasses.replace(update.ends[0], reads=({"source": 1, "seen": "x"},), writes=({"what": "files"},))
    stores.runs.apply(dataclasses.replace(update, ends=[end]), stores.runs.acquire_lease("me"))
    assert stores.runs.sealed_outputs("run-1-a") == {"out": SEALED}
    assert stores.runs.sealed_outputs("run-1-b") == {}
    assert store.observed("run-1-a").writes == ({"what": "files"},)
    assert store.observed("run-1-b").reads == ()
    assert store.environment_contents("unknown") is None


def test_other_steps_of_the_same_name_and_source_show_what_is_known_about_it(stores, store):
    for run_id, blob in (("run-3", "a" * 64), ("run-4", "a" * 64), ("run-5", "b" * 64)):
        _with_snapshot(stores, run_id, blob)
    store.add_verification(dataclasses.replace(FOUND, step_run_id="run-3-a"), "")
    (found,) = store.verifications("run-4")
    assert (found.step_run_id, found.applies_to, found.of_same_code) == ("run-3-a", "run-4-a", True)
    assert list(store.verifications("run-5")) == []


def _with_snapshot(stores, run_id, blob):
    digest = stores.assets.put_snapshot(SourceSnapshot((SnapshotFile("a.py", blob, 1),)))
    new = new_run(run_id)
    steps = tuple(dataclasses.replace(step, snapshot=digest) for step in new.steps)
    stores.catalog.create_run(dataclasses.replace(new, steps=steps))


def test_a_verification_goes_with_the_step_run_that_it_is_about(stores, store):
    store.add_verification(FOUND, "")
    since = stores.retention.facts()
    stores.retention.remove_steps(["run-2-a"], since, lambda newcomers: ())
    assert len(store.verifications("run-1")) == 1
    stores.retention.remove_steps(["run-1-a"], since, lambda newcomers: ())
    assert list(store.verifications("run-1")) == []
    store.add_verification(FOUND, "it is gone")
    assert stores.catalog.run("run-1-b").warnings == ()
