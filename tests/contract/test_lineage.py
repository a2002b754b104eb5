"""What is known of data over time: which version a step read, who made it, and what its files were."""

from __future__ import annotations

import dataclasses

import pytest
from tests.contract.values import AT, first_step_done, new_run

from azud.core.errors import ConflictError
from azud.engine.ports import RunUpdate, VersionState
from azud.model.codec import to_json
from azud.model.data import DataLocation, DatasetDefinition, DatasetRecord, DataState
from azud.model.definition import InputPort, OutputPort, PipelineDefinition, StepDefinition
from azud.model.lineage import INPUT, OUTPUT, READ, REGISTERED, DataUse
from azud.services.lineage_ports import Handed, Made


def dataset(path="raw", name="raw"):
    definition = DatasetDefinition("file", (DataLocation("store", path),))
    return DatasetRecord(definition.saved_id(), definition, name=name)


def write(stores, *uses, states=(), **more):
    """Write uses and states as the engine does, with an update of a run."""
    update = RunUpdate("run-1", 1, uses=list(uses), states=list(states), warnings=("w",), **more)
    stores.runs.apply(update, stores.runs.acquire_lease("me"))


@pytest.fixture
def store(stores):
    stores.catalog.create_run(new_run())
    return stores


def register(stores, record, makers=()):
    return stores.assets.register_dataset(record, create_new_version=True, makers=makers)


# -- which version a step read ------------------------------------------------------------------


def test_what_an_input_stands_for_is_found_whatever_is_registered_since(store):
    first = register(store, dataset("one"))
    write(store, DataUse("run-1-a", INPUT, 0, "data", first.id, "raw", 1))
    register(store, dataset("two"))
    assert store.runs.dataset_version("raw", None).version == 2
    store.assets.unregister_dataset("raw")
    found = store.runs.dataset_used("run-1-a", "data")
    assert (found.id, found.definition, found.name, found.version) == (first.id, first.definition, "raw", 1)
    assert store.runs.dataset_version("raw", 1) is None
    assert store.runs.dataset_used("run-1-a", "other") is None
    assert store.runs.dataset_used("run-1-b", "data") is None


def test_the_version_is_that_of_the_name_and_number(store):
    register(store, dataset("one"))
    second = register(store, dataset("two"))
    assert [store.runs.dataset_version("raw", version).id for version in (None, 2)] == [second.id] * 2
    assert store.runs.dataset_version("raw", 1).definition.locations == (DataLocation("store", "one"),)
    assert store.runs.dataset_version("raw", 3) is None
    assert [store.assets.registered_id("raw", version) for version in (None, 2, 3)] == [second.id, second.id, None]


def test_uses_written_again_take_their_place_and_others_stay(store):
    known = dataset()
    uses = [DataUse("run-1-a", INPUT, 0, "data", known.id), DataUse("run-1-a", READ, 0, "", known.id)]
    write(store, *uses, datasets={known.id: to_json(known.definition)})
    changed = dataclasses.replace(uses[0], port="other")
    write(store, changed)
    assert sorted(store.lineage.uses_by(["run-1-a", "run-9"]), key=lambda use: use.kind) == [changed, uses[1]]
    assert list(store.lineage.uses_of([known.id]))
    assert store.lineage.saved([known.id])[known.id].definition == known.definition


def test_reading_by_name_alone_is_reading_the_version_that_was_there(store):
    first = register(store, dataset("one"))
    register(store, dataset("two"))
    write(store, DataUse("run-1-a", READ, 0, "", first.id, "raw"))
    (use,) = store.lineage.uses_by(["run-1-a"])
    assert use.version == 1


def test_what_a_job_looked_at_to_register_it_was_not_read(store):
    made = register(store, dataset(), [("run-1-a", REGISTERED, "")])
    reads = [DataUse(step, READ, 0, "", made.id) for step in ("run-1-a", "run-1-b")]
    write(store, *reads)
    assert store.lineage.uses_of([made.id]) == [reads[1]]


# -- who made it --------------------------------------------------------------------------------


def test_makers_are_found_from_both_ends_and_go_with_the_name(store):
    register(store, dataset("one"), [("run-1-a", OUTPUT, "out"), ("run-1-a", REGISTERED, ""), ("run-0", OUTPUT, "")])
    register(store, dataset("two"), [("run-1-b", REGISTERED, "")])
    made = [Made("raw", 1, "run-0", OUTPUT), Made("raw", 1, "run-1-a", OUTPUT, "out")]
    assert sorted(store.lineage.makers([("raw", 1)]), key=lambda one: one.step_run_id) == made
    assert store.lineage.made(["run-1-b"]) == [Made("raw", 2, "run-1-b", REGISTERED)]
    assert [item.version for item in store.lineage.versions([("raw", 2), ("raw", 9)])] == [2]
    store.assets.unregister_dataset("raw")
    assert store.lineage.made(["run-1-a", "run-1-b"]) == []


def test_an_equal_definition_gets_no_second_version_and_no_second_maker(store):
    register(store, dataset(), [("run-1-a", REGISTERED, "")])
    again = store.assets.register_dataset(dataset(), create_new_version=False, makers=[("run-1-b", REGISTERED, "")])
    assert (again.version, store.lineage.made(["run-1-b"])) == (1, [])
    with pytest.raises(ConflictError):
        store.assets.register_dataset(dataset("two"), create_new_version=False)


def test_an_output_that_is_registered_names_its_step_run(store):
    registration = {
        "name": "made",
        "description": "",
        "tags": {},
        "id": dataset("out").id,
        "definition": to_json(dataset("out").definition),
        "makers": [("run-1-a", OUTPUT, "out")],
    }
    store.runs.apply(first_step_done(store.runs, (registration,)), store.runs.acquire_lease("me"))
    assert store.lineage.made(["run-1-a"]) == [Made("made", 1, "run-1-a", OUTPUT, "out")]
    assert [item.name for item in store.lineage.versions_of([dataset("out").id])] == ["made"]


def test_what_steps_handed_to_each_other_is_read_from_the_definition(stores):
    steps = (
        StepDefinition("n1", "first", "PythonScriptStep", "a.py", outputs=(OutputPort("out"),)),
        StepDefinition(
            "n2", "second", "PythonScriptStep", "b.py", inputs=(InputPort("x", "reference", "mount", "n1", "out"),)
        ),
    )
    definition = PipelineDefinition(steps)
    new = dataclasses.replace(new_run(), definition=definition, definition_json=to_json(definition))
    stores.catalog.create_run(new)
    assert stores.lineage.handed("run-1") == [Handed("run-1-a", "run-1-b", "out")]
    assert (stores.lineage.handed("run-9"), list(stores.lineage.step_ids("run-1"))) == ([], ["run-1-a", "run-1-b"])
    assert list(stores.lineage.step_ids("run-1-b")) == ["run-1-b"]
    assert stores.lineage.steps(["run-1-a", "gone"]).keys() == {"run-1-a"}


# -- what the files were ------------------------------------------------------------------------


def state(digest, files=1):
    return DataState(AT, digest, files, 10 * files)


def look(stores, record, seen, by_engine=False):
    found = VersionState(record.name, record.version, record.id, seen)
    if by_engine:
        write(stores, states=[found])
    else:
        stores.assets.note_state(found)
    return stores.assets.dataset_versions(record.name)[0]


@pytest.mark.parametrize("by_engine", [False, True])
def test_the_first_digest_is_the_fingerprint_and_what_comes_after_is_compared(store, by_engine):
    record = register(store, dataset())
    assert [item.name for item in store.assets.unseen_versions()] == ["raw"]
    away = look(store, record, DataState(AT, reason="away"), by_engine)
    assert (away.fingerprint.reason, away.drifted, list(store.assets.unseen_versions())) == ("away", None, [])
    first = look(store, record, state("a"), by_engine)
    assert (first.fingerprint, first.seen, first.drifted) == (state("a"), None, False)
    assert look(store, record, state("a"), by_engine).seen is None
    other = look(store, record, state("b", 2), by_engine)
    assert (other.fingerprint, other.seen, other.drifted) == (state("a"), state("b", 2), True)
    assert look(store, record, DataState(AT, reason="away"), by_engine).seen == state("b", 2)
    back = look(store, record, state("a"), by_engine)
    assert (back.seen, back.drifted) == (state("a"), False)


def test_nothing_is_kept_of_a_version_that_means_something_else_by_now(store):
    record = register(store, dataset("one"))
    store.assets.unregister_dataset("raw")
    register(store, dataset("two"))
    assert look(store, record, state("a")).fingerprint is None


# -- what is kept -------------------------------------------------------------------------------


def test_uses_go_with_their_step_run_and_keep_what_an_input_stood_for(store):
    chosen = register(store, dataset("azureml/somebody/out"))
    write(store, DataUse("run-1-a", INPUT, 0, "data", chosen.id, "raw", 1), DataUse("run-1-b", INPUT, 0, "d", "x"))
    facts = store.retention.facts()
    assert facts.run_places["run-1"] == (("store", "azureml/somebody/out"),)
    assert store.retention.remove_steps(["run-1-a"], facts, lambda newcomers: ()) == ["run-1-a"]
    assert store.lineage.uses_by(["run-1-a"]) == []
    assert [use.dataset_id for use in store.lineage.uses_by(["run-1-b"])] == ["x"]
