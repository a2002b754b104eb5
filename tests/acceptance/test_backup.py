"""A workspace is backed up while it works, and lives on in another folder."""

from __future__ import annotations

import concurrent.futures
import json
import os
import pathlib
import shutil
import sqlite3

import pytest
from tests.acceptance.authoring import Authoring
from tests.conftest import LiveWorkspace

from azud.bootstrap.backup import back_up
from azud.bootstrap.restore import restore
from azud.client import launch
from azud.client.homes import load_home, read_registry, registry_key
from azud.core import durable
from azud.core.errors import ConflictError, DigestMismatch, SettingsError, StorageError
from azureml.data import OutputFileDatasetConfig
from azureml.pipeline.core import Pipeline, PipelineData

MAKE = """
import os, sys
print("made here")
os.makedirs(sys.argv[2])
os.makedirs(os.path.join(sys.argv[2], "empty"))
open(os.path.join(sys.argv[2], "x"), "w").write("made")
"""
USE = """
import os, sys
from azureml.core import Run
Run.get_context().log("length", len(open(os.path.join(sys.argv[1], "x")).read()))
"""


@pytest.fixture
def author(workspace):
    return Authoring(workspace)


@pytest.fixture
def elsewhere(private_user):
    """A second project; its server is stopped in the end."""
    other = object.__new__(LiveWorkspace)
    other.folder = private_user / "other"
    yield other
    if (other.folder / ".azud").is_dir():
        other.home = load_home(str(other.folder / ".azud"))
        other.stop_server()


@pytest.fixture
def gone(workspace):
    """Take a workspace's home away, until the test has ended."""
    place = pathlib.Path(workspace.home.path)
    away = place.with_name("gone")

    def take(live):
        live.stop_server()
        place.rename(away)

    yield take
    if away.exists():
        away.rename(place)


def _restored(archive, elsewhere, **options):
    told = restore(str(archive), str(elsewhere.folder), **options)
    elsewhere.home = load_home(str(elsewhere.folder / ".azud"))
    return told


def _steps(author):
    made = PipelineData("made", datastore=author.ws.get_default_datastore())
    one = PipelineData("one", datastore=author.ws.get_default_datastore())
    published = OutputFileDatasetConfig("published", destination=(author.ws.get_default_datastore(), "results"))
    return [
        author.step("make", MAKE, outputs=[made], arguments=["--out", made]),
        author.step(
            "publish",
            "import sys\nopen(sys.argv[1] + '/y', 'w').write('y')",
            outputs=[published],
            arguments=[published],
        ),
        author.step("use", USE, inputs=[made], arguments=[made]),
        author.step("file", "import sys\nopen(sys.argv[2], 'w').write('z')", outputs=[one], arguments=["--out", one]),
    ]


def _outcomes(author, run):
    steps = author.live.client.get(f"/runs/{run.id}/steps")["value"]
    return {step["name"]: author.live.client.get(f"/runs/{step['id']}/reuse") for step in steps}


def test_in_another_folder_everything_is_there_and_reused(author, gone, elsewhere, tmp_path):
    first = author.run(*_steps(author))
    told = back_up(author.live.home, str(tmp_path / "b.tar.gz"))  # its server goes on
    assert (told["runs"], told["active_runs"], told["left_out"]) == (1, [], [])
    gone(author.live)
    _restored(tmp_path / "b.tar.gz", elsewhere)
    shutil.copytree(author.live.folder / "src", elsewhere.folder / "src")
    again = Authoring(elsewhere)
    assert elsewhere.client.get(f"/runs/{first.id}")["status"] == "Completed"
    steps = {step["name"]: step["id"] for step in elsewhere.client.get(f"/runs/{first.id}/steps")["value"]}
    (output,) = elsewhere.client.get(f"/runs/{steps['make']}/outputs")["value"]
    log = b"".join(elsewhere.client.download(f"/runs/{steps['make']}/files/azureml-logs/70_driver_log.txt"))
    assert b"made here" in log
    assert [point["value"] for point in elsewhere.client.get(f"/runs/{steps['use']}/metrics")["points"]] == [4]

    second = again.run(*_steps(again))
    outcomes = _outcomes(again, second)
    assert {name: told["outcome"] for name, told in outcomes.items()} == dict.fromkeys(steps, "hit"), outcomes
    assert output["name"] == "made"
    assert str(author.live.folder) not in json.dumps(elsewhere.client.get("/datastores"))
    with sqlite3.connect(elsewhere.folder / ".azud" / "azud.db") as connection:
        places = [json.loads(text) for (text,) in connection.execute("SELECT sealed FROM outputs")]
    connection.close()
    assert all(place["path"].startswith(f"{elsewhere.home.path}/datastores/") for place in places)
    assert {place["published_to"] for place in places} >= {
        f"{elsewhere.home.path}/datastores/workspaceblobstore/results"
    }


def test_runs_that_go_on_while_it_is_made_are_all_there_or_not_at_all(author, elsewhere, tmp_path):
    def submit():
        for _ in range(5):
            made = PipelineData("made", datastore=author.ws.get_default_datastore())
            author.run(author.step("make", MAKE, outputs=[made], arguments=["--out", made], allow_reuse=False))

    author.run(author.step("warm", "pass", allow_reuse=False))
    archives = []
    with concurrent.futures.ThreadPoolExecutor(1) as pool:
        working = pool.submit(submit)
        while not working.done() or not archives:
            archives.append(str(tmp_path / f"{len(archives)}.tar"))
            back_up(author.live.home, archives[-1])
        working.result()
    author.live.stop_server()
    sealed_in_all = 0
    for index, archive in enumerate(archives[-6:]):
        target = tmp_path / f"restored-{index}"
        restore(archive, str(target))
        with sqlite3.connect(target / ".azud" / "azud.db") as connection:
            assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
            rows = connection.execute("SELECT step_run_id, sealed FROM outputs").fetchall()
        connection.close()
        for step, text in rows:
            sealed = json.loads(text)
            assert sealed["path"].startswith(str(target))
            for file in sealed["files"]:
                assert (pathlib.Path(sealed["path"]) / file["path"]).stat().st_size == file["size_bytes"], step
        sealed_folders = target / ".azud/datastores/workspaceblobstore/azureml"
        there = set(os.listdir(sealed_folders)) if sealed_folders.is_dir() else set()
        assert there == {step for step, _ in rows}
        sealed_in_all += len(rows)
    assert sealed_in_all > 0


def test_a_step_that_was_running_is_run_again_after_a_restore(author, elsewhere, tmp_path, private_user):
    gate = private_user / "gate"
    code = f"import os, sys, time\nprint('up', flush=True)\nwhile not os.path.exists({str(gate)!r}): time.sleep(.05)\n"
    made = PipelineData("made", datastore=author.ws.get_default_datastore())
    waits = author.step("waits", code + MAKE, outputs=[made], arguments=["--out", made], allow_reuse=False)
    use = author.step("use", USE, inputs=[made], arguments=[made], allow_reuse=False)
    run = author.submit(Pipeline(author.ws, steps=[waits, use]))
    author.wait_for_log(run, "up")
    told = back_up(author.live.home, str(tmp_path / "b.tar"))
    assert told["active_runs"] == [run.id]
    gate.touch()
    run.wait_for_completion(show_output=False)
    author.live.stop_server()

    assert _restored(tmp_path / "b.tar", elsewhere)["active_runs"] == [run.id]
    assert elsewhere.client.get(f"/runs/{run.id}/end", {"wait_s": 60})["status"] == "Completed"
    for step in elsewhere.client.get(f"/runs/{run.id}/steps")["value"]:
        assert step["status"] == "Completed"
    assert author.live.client.get(f"/runs/{run.id}")["status"] == "Completed"


def test_a_workspace_in_the_way_is_kept_and_only_replaced_when_told(author, tmp_path):
    author.run(author.step("a", "pass"))
    back_up(author.live.home, str(tmp_path / "b.tar"))
    author.run(author.step("b", "pass"))
    folder = str(author.live.folder)
    with pytest.raises(ConflictError, match="holds a workspace already"):
        restore(str(tmp_path / "b.tar"), folder)
    with pytest.raises(ConflictError, match="a server runs"):
        restore(str(tmp_path / "b.tar"), folder, force=True)
    author.live.stop_server()
    told = restore(str(tmp_path / "b.tar"), folder, force=True)
    assert (pathlib.Path(told["kept"]) / "azud.db").is_file()
    assert len(author.live.client.get("/runs")["value"]) == 1
    assert [name for name in os.listdir(folder) if name.startswith(".azud-")] == []


def test_a_workspace_whose_place_cannot_be_taken_stays(author, tmp_path, monkeypatch):
    author.run(author.step("a", "pass"))
    back_up(author.live.home, str(tmp_path / "b.tar"))
    author.live.stop_server()
    real, before = durable.rename, set(os.listdir(author.live.folder))

    def rename(source, target, *, point, **options):
        if point == "restore.place":
            raise OSError(28, "No space left on device")
        real(source, target, point=point, **options)

    monkeypatch.setattr(durable, "rename", rename)
    with pytest.raises(StorageError, match="No space left"):
        restore(str(tmp_path / "b.tar"), str(author.live.folder), force=True)
    monkeypatch.undo()
    assert set(os.listdir(author.live.folder)) == before
    assert len(author.live.client.get("/runs")["value"]) == 1


def test_a_step_that_a_stopped_server_left_running_is_not_pulled_from_under(author, tmp_path, private_user):
    gate = private_user / "gate"
    code = f"import os, time\nprint('up', flush=True)\nwhile not os.path.exists({str(gate)!r}): time.sleep(.05)\n"
    run = author.submit(Pipeline(author.ws, steps=[author.step("waits", code)]))
    author.wait_for_log(run, "up")
    back_up(author.live.home, str(tmp_path / "b.tar"))
    author.live.stop_server()
    try:
        with pytest.raises(ConflictError, match="1 steps of the workspace"):
            restore(str(tmp_path / "b.tar"), str(author.live.folder), force=True)
    finally:
        gate.touch()
    assert author.live.client.get(f"/runs/{run.id}/end", {"wait_s": 60})["status"] == "Completed"


def test_a_damaged_backup_changes_nothing(author, elsewhere, tmp_path):
    author.run(author.step("a", "print('hello')"))
    back_up(author.live.home, str(tmp_path / "b.tar"))
    data = bytearray((tmp_path / "b.tar").read_bytes())
    data[data.index(b"print('hello')")] ^= 1
    (tmp_path / "b.tar").write_bytes(data)
    elsewhere.folder.mkdir()
    (elsewhere.folder / "mine.py").write_text("mine")
    with pytest.raises(DigestMismatch):
        restore(str(tmp_path / "b.tar"), str(elsewhere.folder))
    assert os.listdir(elsewhere.folder) == ["mine.py"]


def test_an_archive_of_something_else_is_refused(tmp_path, private_user):
    from azud.adapters.archives.tar import ArchiveWriter

    writer = ArchiveWriter(str(tmp_path / "b.tar"))
    writer.finish({"places": {}})
    with pytest.raises(StorageError, match="holds no workspace"):
        restore(str(tmp_path / "b.tar"), str(tmp_path / "target"))
    assert list((tmp_path / "target").iterdir()) == []


def test_what_is_secret_or_of_the_moment_stays_at_home(author, tmp_path):
    author.run(author.step("a", "pass"))
    (pathlib.Path(author.live.home.path) / "token").write_text("secret")
    store = pathlib.Path(author.live.home.path) / "datastores" / "workspaceblobstore"
    (store / "link").symlink_to("/etc/passwd")
    told = back_up(author.live.home, str(tmp_path / "b.tar"))
    assert told["left_out"] == [str(store / "link")]
    restore(str(tmp_path / "b.tar"), str(tmp_path / "target"))
    names = set(os.listdir(tmp_path / "target" / ".azud"))
    assert names == {"workspace.json", ".gitignore", "azud.db", "blobs", "datastores", "server.lock"}
    assert not (tmp_path / "target" / ".azud" / "datastores" / "workspaceblobstore" / "link").is_symlink()


def test_names_stay_with_the_folder_that_has_them(author, gone, tmp_path):
    author.run(author.step("a", "pass"))
    back_up(author.live.home, str(tmp_path / "b.tar"))
    assert not restore(str(tmp_path / "b.tar"), str(tmp_path / "one"))["registered"]
    assert read_registry()[registry_key(author.live.home.names)] == author.live.home.path
    gone(author.live)
    assert restore(str(tmp_path / "b.tar"), str(tmp_path / "two"))["registered"]
    assert read_registry()[registry_key(author.live.home.names)] == str(tmp_path / "two" / ".azud")


def test_a_backup_leaves_no_traces_and_does_not_go_into_the_workspace(author, tmp_path):
    author.run(author.step("a", "pass"))
    author.live.stop_server()
    before = set(os.listdir(author.live.home.path))
    with pytest.raises(ConflictError, match="would lie in the workspace"):
        back_up(author.live.home, os.path.join(author.live.home.path, "b.tar"))
    (tmp_path / "place").mkdir()
    back_up(author.live.home, str(tmp_path / "place" / "b.tar"))
    with pytest.raises(ConflictError, match="exists already"):
        back_up(author.live.home, str(tmp_path / "place" / "b.tar"))
    assert os.listdir(tmp_path / "place") == ["b.tar"]
    assert set(os.listdir(author.live.home.path)) == before


def test_a_workspace_that_another_machine_serves_is_left_to_it(author, tmp_path, monkeypatch):
    author.run(author.step("a", "pass"))
    monkeypatch.setattr(launch.platform, "node", lambda: "another-machine")
    with pytest.raises(SettingsError, match="served on host"):
        back_up(author.live.home, str(tmp_path / "b.tar"))
