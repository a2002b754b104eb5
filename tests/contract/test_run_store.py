"""What the engine and the services rely on in a store: fencing, atomicity, replay, one run for one submission."""

from __future__ import annotations

import concurrent.futures
import dataclasses
import threading

import pytest
from tests.contract.values import AT, DECISION, ENTRY, SEALED, everything_about, first_step_done, new_run

from azud.core.errors import ConflictError, LeaseLost, NotFoundError, StorageError
from azud.engine import events as ev
from azud.engine.context import open_context
from azud.engine.ports import RunOptions, RunUpdate
from azud.engine.retrying import RetryRule
from azud.model.runs import MetricPoint, RunType
from azud.services.new_runs import first_state

EVERYTHING = {"experiment": None, "status": None, "parent": None, "after": None}


def _run_ids(catalog):
    return [run.id for run in catalog.runs(**EVERYTHING, limit=99)[0]]


# -- submitting ---------------------------------------------------------------------------------


def test_a_submission_repeated_with_its_key_gives_the_same_run(stores):
    first = stores.catalog.create_run(new_run("run-1", key="k"))
    again = stores.catalog.create_run(new_run("run-2", key="k"))
    assert again == first
    assert _run_ids(stores.catalog) == ["run-1"]


@pytest.mark.parametrize("kind", [RunType.PIPELINE, RunType.SCRIPT])
def test_a_new_run_is_handed_on_as_it_would_be_read(stores, kind):
    new = dataclasses.replace(
        new_run(),
        type=kind,
        options=RunOptions("/usr/bin/python3", {"p": 1.5, "q": [1, None]}, True, True, 60.0, "exec"),
        warnings=("of the run",),
        retry=RetryRule(retries=2),
    )
    first, second = new.steps
    second = dataclasses.replace(second, warnings=("of the step",), retry=RetryRule(retries=1, delay_s=0.5))
    new = dataclasses.replace(new, steps=(first, second))
    record = stores.catalog.create_run(new)
    assert stores.runs.load_run("run-1") == first_state(new, record.created_at)


def test_a_submission_whose_answer_was_lost_is_repeated_after_the_run_went_on(stores):
    stores.catalog.create_run(new_run("run-1", key="k"))
    stores.runs.apply(first_step_done(stores.runs), stores.runs.acquire_lease("me"))
    again = stores.catalog.create_run(new_run("run-2", key="k"))
    assert (again.id, again.status) == ("run-1", "Running")
    with pytest.raises(NotFoundError):
        stores.catalog.run("run-2")


def test_one_key_from_many_threads_at_once_is_one_run(stores):
    together = threading.Barrier(8)

    def submit(index):
        together.wait()
        return stores.catalog.create_run(new_run(f"run-{index}", key="k"))

    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(submit, range(8)))
    assert {answer.id for answer in answers} == set(_run_ids(stores.catalog))
    assert len(_run_ids(stores.catalog)) == 1
    assert answers.count(answers[0]) == 8
    assert stores.catalog.create_run(new_run("next")).number == 2


def test_submissions_from_many_threads_are_numbered_without_gaps(stores):
    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        records = list(pool.map(lambda index: stores.catalog.create_run(new_run(f"run-{index}")), range(16)))
    assert sorted(record.number for record in records) == list(range(1, 17))


def test_runs_of_an_experiment_are_numbered(stores):
    assert [stores.catalog.create_run(new_run(f"run-{i}")).number for i in range(3)] == [1, 2, 3]


# -- the engine's writes ------------------------------------------------------------------------


def test_a_loaded_run_replays_to_its_projection(stores):
    runs, catalog, *_ = stores
    catalog.create_run(new_run())
    runs.apply(first_step_done(runs), runs.acquire_lease("me"))

    again = open_context(runs.load_run("run-1"), {}, {})
    assert again.machine.status == catalog.run("run-1").status == "Running"
    assert again.machine.steps["n1"].state == "completed"
    assert again.sealed["n1"] == {"out": SEALED}
    step = catalog.run("run-1-a")
    assert (step.status, step.tags["seen"], step.properties) == ("Completed", "yes", {"k": "v", "new": "1"})
    assert [point.value for point in catalog.metrics("run-1-a")[0]] == [1.5]
    assert [output.sealed for output in catalog.outputs("run-1-a")] == [SEALED]
    assert [output.pipeline_output_name for output in catalog.outputs("run-1")] == ["final"]
    assert runs.lookup(["k1", "k2"]) == {"k1": ENTRY}
    assert runs.last_rss_bytes(["sig", "other"]) == {"sig": 77}
    assert catalog.decision("run-1-a") == DECISION


def test_tokens_of_a_lease_only_grow(stores):
    tokens = [stores.runs.acquire_lease(holder) for holder in ("a", "b", "a")]
    assert tokens == sorted(set(tokens))


def test_a_holder_whose_lease_was_taken_writes_nothing_at_all(stores):
    stores.catalog.create_run(new_run())
    old, new = stores.runs.acquire_lease("old"), stores.runs.acquire_lease("new")
    update = first_step_done(stores.runs, [_registration()])
    before = everything_about(stores)
    with pytest.raises(LeaseLost):
        stores.runs.apply(update, old)
    assert everything_about(stores) == before
    stores.runs.apply(update, new)
    after = everything_about(stores)
    assert [part for part in before if before[part] == after[part]] == []


def test_a_token_that_nobody_was_given_writes_nothing(stores):
    stores.catalog.create_run(new_run())
    newest = stores.runs.acquire_lease("me")
    before = everything_about(stores)
    for token in (0, newest + 1):
        with pytest.raises(LeaseLost):
            stores.runs.apply(first_step_done(stores.runs), token)
    assert everything_about(stores) == before


def test_an_update_that_contradicts_the_record_is_not_written(stores):
    stores.catalog.create_run(new_run())
    token = stores.runs.acquire_lease("me")
    before = everything_about(stores)
    taken_seq = RunUpdate("run-1", 0, [ev.CancelRequested(AT)], "Canceled")
    with pytest.raises(StorageError):
        stores.runs.apply(taken_seq, token)
    assert everything_about(stores) == before


def test_an_update_that_breaks_off_in_the_middle_leaves_nothing(stores):
    stores.catalog.create_run(new_run())
    token = stores.runs.acquire_lease("me")
    before = everything_about(stores)
    # A registration without its parts: by then events, rows and outputs have been handed to the store.
    incomplete = first_step_done(stores.runs, [{"name": "made"}])
    with pytest.raises(KeyError):
        stores.runs.apply(incomplete, token)
    assert everything_about(stores) == before
    stores.runs.apply(first_step_done(stores.runs, [_registration()]), token)
    assert everything_about(stores)["dataset"] == "ds-1"


def _registration():
    definition = {"type": "file", "locations": [], "reader": {}, "operations": []}
    return {"name": "made", "description": "", "tags": {}, "id": "ds-1", "definition": definition}


def test_runs_that_have_not_ended_are_active_oldest_first(stores):
    for index in range(3):
        stores.catalog.create_run(new_run(f"run-{index}"))
    stores.runs.apply(RunUpdate("run-1", 1, [ev.RunEnded(AT, "Failed")], "Failed"), stores.runs.acquire_lease("me"))
    assert stores.runs.active_runs() == ["run-0", "run-2"]


# -- reading and labelling ----------------------------------------------------------------------


def test_properties_are_added_and_never_changed(stores):
    catalog = stores.catalog
    catalog.create_run(new_run())
    nothing = {"remove_tags": [], "display_name": None}
    changed = catalog.patch("run-1", set_tags={"t": "2", "u": None}, add_properties={"a": "1"}, **nothing)
    assert (changed.tags, changed.properties["a"]) == ({"t": "2", "u": None}, "1")
    with pytest.raises(ConflictError, match="property 'a'"):
        catalog.patch("run-1", set_tags={"t": "3"}, add_properties={"a": "2"}, **nothing)
    assert catalog.run("run-1").tags["t"] == "2"


def test_lists_page_without_gaps(stores):
    for index in range(5):
        stores.catalog.create_run(new_run(f"run-{index}"))
    seen, after = [], None
    while True:
        page, after = stores.catalog.runs(experiment="e", status=None, parent=None, limit=2, after=after)
        seen += [run.id for run in page]
        if after is None:
            break
    assert seen == [f"run-{index}" for index in (4, 3, 2, 1, 0)]


def test_what_is_not_there_says_so(stores):
    with pytest.raises(NotFoundError, match="no run nope"):
        stores.catalog.run("nope")
    with pytest.raises(NotFoundError):
        stores.runs.load_run("nope")


def test_readers_see_whole_updates_while_others_write(stores):
    stores.catalog.create_run(new_run())
    token = stores.runs.acquire_lease("me")
    torn, done = [], threading.Event()

    def look():
        while not done.is_set():
            stored = stores.runs.load_run("run-1")
            if len(stored.events) % 2 == 0:  # the submission, then two at a time
                torn.append(len(stored.events))

    reader = threading.Thread(target=look)
    reader.start()
    try:
        for index in range(50):
            pair = [ev.CancelRequested(AT), ev.StepCancelRequested(AT, "n1")]
            stores.runs.apply(RunUpdate("run-1", 1 + 2 * index, pair), token)
    finally:
        done.set()
        reader.join()
    assert torn == []
    assert len(stores.catalog.events("run-1", -1)[0]) == 101


def test_how_steps_are_tried_again_is_stored_with_the_submission(stores):
    new = new_run()
    steps = (dataclasses.replace(new.steps[0], retry=RetryRule(5, 6, 7.0, 8.0)), new.steps[1])
    stores.catalog.create_run(dataclasses.replace(new, steps=steps, retry=RetryRule(1, 2, 3.0, 4.0)))
    machine = open_context(stores.runs.load_run("run-1"), {}, {}).machine
    assert machine.steps["n1"].retry == RetryRule(5, 6, 7.0, 8.0)
    assert machine.steps["n2"].retry == RetryRule(1, 2, 3.0, 4.0)


def test_the_points_of_a_long_spool_keep_their_places(stores):
    runs, catalog, *_ = stores
    catalog.create_run(new_run())
    stale, token = runs.acquire_lease("old"), runs.acquire_lease("me")
    catalog.add_metrics("run-1-a", [_point("by hand")])
    parts = {0: [_point(0), _point(1)], 2: [_point(2)]}
    for _ in range(2):  # again, after an end that was not written
        for position, points in parts.items():
            runs.add_spooled("run-1-a", position, points, token)
    with pytest.raises(LeaseLost):
        runs.add_spooled("run-1-a", 0, [_point("late")], stale)
    assert [point.value for point in catalog.metrics("run-1-a")[0]] == ["by hand", 0, 1, 2]
    assert [point.value for point in catalog.metrics("run-1-a", spooled=False)[0]] == ["by hand"]
    found, after = [], -1
    while True:
        page, after = catalog.metrics("run-1-a", after, 3)
        found += [point.value for point in page]
        if len(page) < 3:
            break
    assert found == ["by hand", 0, 1, 2]
    # Those of an attempt that is tried again after all make way for the next one's.
    runs.add_spooled("run-1-a", 0, [_point("next")], token)
    assert [point.value for point in catalog.metrics("run-1-a")[0]] == ["by hand", "next"]


def _point(value):
    return MetricPoint("m", "scalar", value, None, AT)


def test_events_that_were_put_together_read_the_same(stores):
    runs, catalog, *_ = stores
    catalog.create_run(new_run())
    token = runs.acquire_lease("me")
    runs.apply(RunUpdate("run-1", 1, [ev.CancelRequested(AT), ev.RunEnded(AT, "Canceled")], "Canceled"), token)
    catalog.create_run(new_run("active"))
    before, loaded = [catalog.events("run-1", after) for after in (-1, 0, 1, 2)], runs.load_run("run-1")
    assert [len(found) for found, _ in before] == [3, 2, 1, 0]
    assert stores.retention.facts().loose == {"run-1"}
    for _ in range(2):
        assert stores.retention.compact_events(["run-1", "active"]) == ["run-1"]
        assert [catalog.events("run-1", after) for after in (-1, 0, 1, 2)] == before
        assert runs.load_run("run-1") == loaded
    assert stores.retention.facts().loose == set()
