"""What collecting relies on: references go first, what came since is seen, a crash leaves nothing that nobody finds."""

from __future__ import annotations

import os
import pathlib
import subprocess
import sys
import threading
import time

import pytest
from tests.property.keeping import World

from azud.adapters.stores.interactive_runs import SqlInteractiveRuns
from azud.core.errors import BackendError, ConflictError, NotFoundError, StorageError
from azud.engine.retention import RetentionPolicy
from azud.services.collecting import CollectionService
from azud.services.interactive import InteractiveRunService
from azud.services.tasks import DONE, FAILED, Progress, Task

NOTHING_KEPT = RetentionPolicy(keep_runs_days=0, reuse_keep_bytes=0)


@pytest.fixture
def world(tmp_path):
    world = World(tmp_path)
    yield world
    world.close()


def an_old_run(world, key="k1", source="a"):
    """Return an ended run, its one step run, and the entry of that."""
    run = world.submit("e", [source])
    world.complete_step(run, 0, key, 10)
    world.end(run, 5)
    return run, world.runs[run][0], world.store.lookup([key])[key]


def collect_with(world, before, happens):
    """Collect, with something happening before a call of the store."""

    class Store:
        def __getattr__(self, name):
            if name == before:
                happens()
            return getattr(world.retention, name)

    return {total.kind: total.count for total in world.collect(NOTHING_KEPT, Store()).totals}


@pytest.mark.parametrize("is_new", [False, True])
@pytest.mark.parametrize("before", ["remove_runs", "remove_entries", "remove_steps"])
def test_a_hit_that_comes_before_the_rows_go_keeps_the_result(world, before, is_new):
    _, step_run, entry = an_old_run(world)
    run = None if is_new else world.submit("e", ["b"])
    hits = []

    def hit():
        hits.append(run or world.submit("e", ["b"]))
        world.reuse(hits[0], 0, entry)

    collect_with(world, before, hit)
    world.check_run(hits[0])
    world.check_step(step_run)


def test_a_hit_that_comes_after_the_rows_went_is_told_so_and_writes_nothing(world):
    _, step_run, entry = an_old_run(world)
    run = world.submit("e", ["b"])

    def hit():
        with pytest.raises(StorageError, match="removed before") as caught:
            world.reuse(run, 0, entry)
        assert caught.value.retryable

    collect_with(world, "newcomers", hit)
    assert not world.exists(step_run)
    assert world.catalog.run(world.runs[run][0]).status == "NotStarted"
    world.check_run(run)


@pytest.mark.parametrize("before", ["remove_runs", "remove_steps"])
def test_a_pin_that_comes_in_time_keeps_the_run_or_is_told(world, before):
    run, step_run, _ = an_old_run(world)

    def pin():
        if before == "remove_runs":
            world.pin(run)
        else:
            with pytest.raises(NotFoundError):
                world.pin(run)
            world.pin(step_run)

    collect_with(world, before, pin)
    world.check_step(step_run)
    assert world.exists(run) == (before == "remove_runs")


@pytest.mark.parametrize("before", ["remove_steps", "newcomers"])
def test_a_dataset_registered_meanwhile_keeps_the_bytes_that_it_points_to(world, before):
    _, step_run, _ = an_old_run(world)
    collect_with(world, before, lambda: world.register("late", "alias", f"{step_run}/out"))
    place = world.data / "azureml" / step_run / "out"
    assert place.read_text() == world.content[step_run]
    assert world.exists(step_run) == (before == "remove_steps")
    world.collect(NOTHING_KEPT)
    assert place.exists()
    world.forget_dataset("late")
    world.collect(NOTHING_KEPT)
    assert not place.exists()


def test_a_run_that_reads_a_result_by_its_path_keeps_it(world):
    _, step_run, _ = an_old_run(world)
    collect_with(world, "remove_steps", lambda: world.submit("e", ["b"], step_run))
    world.check_step(step_run)


def test_a_snapshot_and_its_blobs_stay_while_a_client_is_about_to_use_them(world):
    an_old_run(world)
    world.make_blobs_old()
    digest = world.snapshot("a")
    collected = world.collect(NOTHING_KEPT)
    assert "blob" not in {total.kind for total in collected.totals}
    (file,) = world.store.snapshot(digest).files
    assert world.blobs.examine(file.digest, file.size_bytes, read=True) is None
    world.make_blobs_old()
    assert {total.kind for total in world.collect(NOTHING_KEPT).totals} == {"snapshot", "blob"}


def test_a_blob_asked_for_while_it_is_collected_is_here_or_is_said_to_be_missing(world):
    an_old_run(world)
    (digest,) = world.blobs.listing()
    world.make_blobs_old()
    missing = []
    collect_with(world, "blobs_in_use", lambda: missing.extend(world.blobs.missing([digest])))
    assert missing == []
    assert world.blobs.has(digest)


def test_a_submission_whose_snapshot_went_is_refused(world):
    step = world.snapshot("z")
    world.make_blobs_old()
    world.collect(NOTHING_KEPT)
    world.snapshot = lambda text: step
    with pytest.raises(Exception, match="of a step is gone"):
        world.submit("e", ["z"])


CRASH = """
import pathlib, sys
from tests.contract.test_retention_store import NOTHING_KEPT
from tests.property.keeping import World
World(pathlib.Path(sys.argv[1]), fresh=False).collect(NOTHING_KEPT)
"""
POINTS = [
    f"store.{name}:{when}"
    for name in ("remove_runs", "remove_entries", "remove_steps", "remove_snapshots", "remove_preimages", "forget_left")
    for when in ("before", "after")
]


@pytest.mark.parametrize("point", POINTS)
def test_a_crash_in_the_middle_leaves_what_is_kept_and_the_next_collection_finds_the_rest(tmp_path, point):
    world = World(tmp_path)
    _, _, entry = an_old_run(world)
    an_old_run(world, "k2", "b")
    active = world.submit("e", ["c"])
    world.reuse(active, 0, entry)
    world.make_blobs_old()
    expected = {total.kind for total in world.collector(NOTHING_KEPT).preview(listed=False).totals}
    assert expected >= {"run", "step run", "reuse entry", "attempt", "snapshot", "pre-image"}
    world.close()
    root = pathlib.Path(__file__).resolve().parents[2]
    done = subprocess.run(
        [sys.executable, "-c", CRASH, str(tmp_path)],
        cwd=root,
        env={**os.environ, "AZUD_FAIL_POINT": point},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == -9, done.stderr
    world.reopen()
    world.check_run(active)
    world.check_nothing_dangles(outputs_of=entry.step_run_id)
    world.collect(NOTHING_KEPT)
    world.check_run(active)
    world.check_strangers()
    world.check_nothing_dangles()
    assert os.listdir(world.data / "ExperimentRun") != []
    assert {path.name for path in (world.data / "azureml").iterdir()} == {"mine", entry.step_run_id}
    assert os.listdir(world.home / "attempts") == []
    assert world.collect(NOTHING_KEPT).totals == ()
    world.close()


def test_temporary_files_go_when_they_are_stale_and_nothing_else_in_their_folders(world):
    stale, fresh = world.home / ".workspace.json.1.ab.tmp", world.home / ".token.1.cd.tmp"
    upload = world.home / "blobs" / "incoming" / "tmpx"
    mine = world.data / "in" / ".mine.tmp"
    for path in (stale, fresh, upload, mine):
        path.write_text("x")
    for path in (stale, upload, mine):
        os.utime(path, (1, 1))
    assert [(total.kind, total.count) for total in world.collect(RetentionPolicy()).totals] == [("temporary file", 2)]
    assert (stale.exists(), upload.exists(), fresh.exists(), mine.exists()) == (False, False, True, True)


def test_an_attempt_folder_that_a_runner_works_on_stays(world):
    from azud.job.attempt import Attempt

    place = world.home / "attempts" / "00000000-0000-4000-8000-00000000abcd-1"
    place.mkdir()
    Attempt(str(place)).claim_for_runner()
    assert world.collect(NOTHING_KEPT).totals == ()
    (place / "manifest.json").write_text("{}")
    assert [total.kind for total in world.collect(NOTHING_KEPT).totals] == ["attempt"]


def test_a_link_in_place_of_a_folder_of_ours_is_not_followed(world, tmp_path):
    _, step_run, _ = an_old_run(world)
    azureml, elsewhere = world.data / "azureml", tmp_path / "elsewhere" / "azureml"
    azureml.rename(elsewhere)
    azureml.symlink_to(elsewhere)
    world.collect(NOTHING_KEPT)
    assert (elsewhere / step_run / "out").exists()


def test_a_datastore_that_was_moved_to_another_disk_is_still_our_own(world, tmp_path):
    _, gone, _ = an_old_run(world)
    _, kept, _ = an_old_run(world, "k2")
    elsewhere = tmp_path / "elsewhere" / "blobs"
    world.data.rename(elsewhere)
    world.data.symlink_to(elsewhere)
    world.register("kept", "alias", f"{kept}/out")
    world.collect(NOTHING_KEPT)
    assert not (elsewhere / "azureml" / gone).exists()
    assert (elsewhere / "azureml" / kept / "out").exists()
    world.check_strangers()


def test_one_task_at_a_time_says_how_far_it_is_and_ends_with_the_server():
    task, go = Task("work"), threading.Event()

    def work(progress: Progress):
        progress.expect(2)
        progress.advance()
        go.wait(20)
        progress.advance()
        return "done"

    task.start(work)
    with pytest.raises(ConflictError, match="going on"):
        task.start(work)
    go.set()
    ended = task.status(20)
    assert (ended.state, ended.result, ended.count, ended.total) == (DONE, "done", 2, 2)

    def endless(progress: Progress):
        while True:
            progress.advance(0)

    task.start(endless)
    task.close()
    ended = task.status()
    assert (ended.state, ended.error["code"]) == (FAILED, BackendError.code)


def test_the_server_collects_by_itself_when_told_so(world):
    run, _, _ = an_old_run(world)
    service = CollectionService(world.retention, world.blobs, world.folders, NOTHING_KEPT, interval_s=0.01)
    service.open()
    try:
        deadline = time.monotonic() + 20
        while world.exists(run):
            assert time.monotonic() < deadline
            time.sleep(0.01)
    finally:
        service.close()


def test_runs_that_programs_drove_go_as_others_do(world):
    service = InteractiveRunService(SqlInteractiveRuns(world.database), world.catalog, lambda run_id: None)
    source = world.snapshot("source")

    def begin(parent=None):
        body = {"experiment": "e", "runs": [{"id": world.new_id()}], "parent_id": parent, "snapshot": source}
        (run,) = service.begin(body, None)
        folder = world.data / "ExperimentRun" / f"dcid.{run.id}"
        folder.mkdir()
        (folder / "log.txt").write_text("x")
        return run.id, folder

    (ended, ended_folder), (active, active_folder) = begin(), begin()
    child, child_folder = begin(ended)
    kept_child, _ = begin(active)
    still_running, _ = begin(ended)
    for run in (child, kept_child, ended):
        service.change(run, {"status": "Completed"})
    counts = {total.kind: total.count for total in world.collect(NOTHING_KEPT).totals}
    assert (counts["run"], counts["step run"]) == (1, 1)
    for run in (ended, child):
        with pytest.raises(NotFoundError):
            world.catalog.run(run)
    assert [folder.exists() for folder in (ended_folder, child_folder, active_folder)] == [False, False, True]
    assert {world.catalog.run(run).status for run in (active, still_running)} == {"Running"}
    assert world.catalog.run(kept_child).status == "Completed"
    assert world.assets.snapshot(source).files, "a run that stays names it"
    service.change(active, {"status": "Completed"})
    service.change(still_running, {"status": "Completed"})
    world.collect(NOTHING_KEPT)
    with pytest.raises(NotFoundError):
        world.catalog.run(active)
