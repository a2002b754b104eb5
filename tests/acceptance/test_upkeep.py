"""Garbage collection and verification of a live workspace: what is needed stays, the rest goes, damage is found."""

from __future__ import annotations

import json
import os
import pathlib
import sqlite3
import time

import pytest
from tests.acceptance.authoring import Authoring

from azureml.core import Dataset, Experiment
from azureml.data import OutputFileDatasetConfig
from azureml.pipeline.core import Pipeline, PipelineData

WRITE = """
import os, sys
os.makedirs(sys.argv[1], exist_ok=True)
open(os.path.join(sys.argv[1], "x"), "w").write(sys.argv[2])
print("wrote", sys.argv[2])
"""


@pytest.fixture
def author(workspace, monkeypatch):
    """A workspace that keeps the newest run of each experiment, and results for reuse as long as they are used."""
    monkeypatch.setenv("AZUD_KEEP_RUNS_DAYS", "0")
    monkeypatch.setenv("AZUD_KEEP_RUNS_NEWEST", "1")
    return Authoring(workspace)


def step(author, name, text, **options):
    data = PipelineData("data", datastore=author.ws.get_default_datastore())
    return author.step(name, WRITE, arguments=[data, text], outputs=[data], **options)


def only(run):
    (found,) = run.get_steps()
    return found


def azud(author, *arguments, code=0):
    return author.run_azud(*arguments, code=code, timeout_s=60).stdout


def gc(author):
    """Collect, and return what went as `{kind: count}`."""
    return {total["kind"]: total["count"] for total in json.loads(azud(author, "gc", "--yes", "--json"))["totals"]}


def runs(author):
    return [run["id"] for run in author.live.client.get("/runs")["value"]]


def outputs(author, step_run):
    return author.live.client.get(f"/runs/{step_run.id}/outputs")["value"]


def make_old(author):
    """Let every blob look as if it had been sent long ago."""
    blobs = author.live.folder / ".azud" / "blobs"
    for path in blobs.glob("??/*"):
        os.utime(path, (1, time.time() - 1e6))


def test_an_old_run_goes_and_what_the_newest_reuses_stays(author):
    first = author.run(step(author, "a", "one"), step(author, "b", "gone"))
    second = author.run(step(author, "a", "one"))
    (reused,) = second.get_steps()
    azud(author, "gc")
    assert runs(author) == [second.id, first.id]
    assert gc(author)["run"] == 1
    assert runs(author) == [second.id]
    (output,) = outputs(author, reused)
    assert pathlib.Path(output["local_path"], "x").read_text() == "one"
    log = "azureml-logs/70_driver_log.txt"
    assert b"wrote one" in b"".join(author.live.client.download(f"/runs/{reused.id}/files/{log}"))
    with pytest.raises(Exception, match="no run"):
        author.live.client.get(f"/runs/{first.id}/events")
    third = author.run(step(author, "b", "gone"))
    assert "azureml.reusedrunid" in only(third).get_properties(), "an entry keeps its result"
    assert gc(author)["run"] == 1
    assert gc(author) == {}
    assert azud(author, "verify", "--storage", "--json")


def test_the_preview_is_what_is_then_done_and_nobody_else_loses_anything(author, tmp_path):
    store = author.ws.get_default_datastore()
    (tmp_path / "mine.txt").write_text("mine")
    for target in ("in", "azureml/mine", "dataset/6d0ce5a1-0000-4000-8000-000000000001"):
        store.upload_files([str(tmp_path / "mine.txt")], target_path=target, show_progress=False)
    fixed = OutputFileDatasetConfig("out", destination=(store, "results/latest"))
    code = "import os, sys\nopen(os.path.join(sys.argv[1], 'r.txt'), 'w').write('result')"
    author.run(author.step("publish", code, arguments=[fixed], allow_reuse=False))
    author.run(step(author, "a", "one", allow_reuse=False))
    make_old(author)
    root = author.live.folder / ".azud" / "datastores" / "workspaceblobstore"
    previewed = json.loads(azud(author, "gc", "--json", "--list"))
    done = json.loads(azud(author, "gc", "--yes", "--json", "--list"))
    assert done == previewed
    assert {"run", "step run", "attempt", "snapshot", "blob"} <= {item["kind"] for item in done["items"]}
    assert (root / "results" / "latest" / "r.txt").read_text() == "result"
    for target in ("in", "azureml/mine", "dataset/6d0ce5a1-0000-4000-8000-000000000001"):
        assert (root / target / "mine.txt").read_text() == "mine"
    assert gc(author) == {}


def test_pins_and_registered_datasets_keep_what_they_point_to(author):
    pinned = author.run(step(author, "a", "one", allow_reuse=False))
    one_step = author.run(step(author, "b", "two", allow_reuse=False), step(author, "c", "three", allow_reuse=False))
    registering = author.run(step(author, "d", "four", allow_reuse=False))
    (registered,) = outputs(author, only(registering))
    Dataset.File.from_files((author.ws.get_default_datastore(), registered["path"])).register(author.ws, "kept")
    author.run(author.step("last", "pass"))
    azud(author, "runs", "pin", pinned.id)
    azud(author, "runs", "pin", f"{one_step.id}/b")
    b, c = (one_step.find_step_run(name)[0] for name in "bc")
    kept = [outputs(author, item)[0]["local_path"] for item in (only(pinned), b)]
    lost = outputs(author, c)[0]["local_path"]
    gc(author)
    assert pinned.id in runs(author)
    assert one_step.id not in runs(author)
    for path in (*kept, registered["local_path"]):
        assert os.path.exists(path + "/x"), path
    assert not os.path.exists(lost)
    azud(author, "runs", "unpin", pinned.id)
    azud(author, "runs", "unpin", b.id)
    assert gc(author)["run"] == 1
    assert not any(os.path.exists(path) for path in kept)
    assert os.path.exists(registered["local_path"] + "/x")


def test_a_failed_step_keeps_its_folder_as_long_as_its_run_and_a_completed_one_does_not(author):
    author.run(author.step("good", "pass"))
    run = author.submit(Pipeline(author.ws, steps=[author.step("bad", "raise SystemExit(3)")]))
    run.wait_for_completion(show_output=False, raise_on_error=False)
    attempts = author.live.folder / ".azud" / "attempts"
    assert len(os.listdir(attempts)) == 2
    gc(author)
    assert os.listdir(attempts) == [f"{only(run).id}-1"]
    author.run(author.step("good", "pass"))
    gc(author)
    assert os.listdir(attempts) == []


def test_runs_that_are_active_are_not_touched_by_a_collection(author, tmp_path):
    gate = tmp_path / "go"
    wait = f"import os, time\nprint('up', flush=True)\nwhile not os.path.exists({str(gate)!r}): time.sleep(0.01)\n"
    data = PipelineData("data", datastore=author.ws.get_default_datastore())
    make = author.step("make", WRITE, arguments=[data, "text"], outputs=[data])
    use = author.step(
        "use", wait + "import sys\nprint(open(sys.argv[1] + '/x').read())", arguments=[data], inputs=[data]
    )
    active = author.submit(Pipeline(author.ws, steps=[make, use]))
    author.wait_for_log(active, "up")
    Experiment(author.ws, "bad").submit(Pipeline(author.ws, steps=[author.step("other", "pass")])).wait_for_completion(
        show_output=False
    )
    make_old(author)
    gc(author)
    gate.touch()
    active.wait_for_completion(show_output=False)
    assert {item.get_status() for item in active.get_steps()} == {"Finished"}


def test_verify_finds_decay_that_leaves_no_trace_and_repair_makes_it_anew(author):
    (first,) = author.run(step(author, "a", "one")).get_steps()
    path = outputs(author, first)[0]["local_path"] + "/x"
    assert json.loads(azud(author, "verify", "--storage", "--json"))["problems"] == []
    status = os.stat(path)
    with open(path, "r+") as stream:
        stream.write("eno")
    os.utime(path, ns=(status.st_atime_ns, status.st_mtime_ns))
    assert json.loads(azud(author, "verify", "--json"))["problems"] == [], "existence and size are as they were"
    assert first.id in azud(author, "verify", "--storage", code=1)
    (problem,) = json.loads(azud(author, "verify", "--storage", "--repair", "--json", code=1))["problems"]
    assert (problem["kind"], problem["repaired"]) == ("output", True)
    (again,) = author.run(step(author, "a", "one")).get_steps()
    assert "azureml.reusedrunid" not in again.get_properties()
    assert author.live.client.get(f"/runs/{again.id}/reuse")["reason"] == "no stored result has the same key"


def test_verify_finds_damaged_and_missing_blobs_and_repair_has_them_sent_again(author):
    author.run(author.step("a", "print(1)"), author.step("b", "print(2)"))
    blobs = sorted((author.live.folder / ".azud" / "blobs").glob("??/*"))
    blobs[0].write_bytes(b"x" * blobs[0].stat().st_size)
    blobs[1].unlink()
    found = json.loads(azud(author, "verify", "--storage", "--repair", "--json", code=1))["problems"]
    assert sorted((item["kind"], item["repaired"]) for item in found) == [("blob", False), ("blob", True)]
    author.run(author.step("a", "print(1)", allow_reuse=False), author.step("b", "print(2)", allow_reuse=False))
    assert json.loads(azud(author, "verify", "--storage", "--json"))["problems"] == []


HIDE = """
import os, sys
(folder,) = sys.argv[1:]
path = os.path.join(folder, "x")
status = os.stat(path)
with open(path, "r+") as stream:
    stream.write("eno")
os.utime(path, ns=(status.st_atime_ns, status.st_mtime_ns))
"""


def test_an_output_altered_behind_the_back_is_found_before_it_is_read(author):
    data = PipelineData("data", datastore=author.ws.get_default_datastore())
    make = author.step("make", WRITE, arguments=[data, "one"], outputs=[data])
    # It has the same output as its input, and changes it where it lies.
    spoil = author.step("spoil", HIDE, arguments=[data], inputs=[data])
    use = author.step("use", "pass", arguments=[data], inputs=[data])
    use.run_after(spoil)
    run = author.submit(Pipeline(author.ws, steps=[make, spoil, use]))
    run.wait_for_completion(show_output=False, raise_on_error=False)
    (failed,) = run.find_step_run("use")
    assert failed.get_status() == "Failed"
    assert "altered after it was sealed" in author.live.client.get(f"/runs/{failed.id}")["error"]["message"]


def test_a_step_whose_result_went_between_look_up_and_hit_is_decided_anew(author):
    first = only(author.run(step(author, "a", "one")))
    taken_away = (
        f"DELETE FROM reuse_entries WHERE step_run_id = '{first.id}'; DELETE FROM runs WHERE id = '{first.id}';"
    )
    database = sqlite3.connect(author.live.folder / ".azud" / "azud.db", timeout=20, isolation_level=None)
    # It goes in the very transaction that would write the hit, which is rolled back and tried again.
    database.execute(
        "CREATE TRIGGER gone AFTER INSERT ON run_events WHEN NEW.type = 'StepReused' "
        f"BEGIN DELETE FROM runs WHERE id = '{first.id}'; END"
    )
    run = author.submit(Pipeline(author.ws, steps=[step(author, "a", "one")]))
    log = author.live.folder / ".azud" / "server.log"
    deadline = time.monotonic() + 30
    while "was removed before it could be used again" not in log.read_text():
        assert time.monotonic() < deadline
        time.sleep(0.02)
    database.executescript(f"BEGIN IMMEDIATE; DROP TRIGGER gone; {taken_away} COMMIT;")
    database.close()
    run.wait_for_completion(show_output=False)
    assert "azureml.reusedrunid" not in only(run).get_properties()
    assert outputs(author, only(run))


def test_pipelines_go_on_while_everything_else_is_collected_again_and_again(author):
    """Each run is the newest of its experiment, so each stays; what they reuse was made by runs that go."""
    client, submitted = author.live.client, []
    for round_ in range(4):
        for text in "xy":
            data = PipelineData("data", datastore=author.ws.get_default_datastore())
            make = author.step("make", WRITE, arguments=[data, text], outputs=[data])
            use = author.step("use", f"import sys\nprint({round_})", arguments=[data], inputs=[data])
            run = Experiment(author.ws, f"e{round_}{text}").submit(Pipeline(author.ws, steps=[make, use]))
            submitted.append(run)
            other = Pipeline(author.ws, steps=[author.step("noise", f"print({round_}, {text!r})", allow_reuse=False)])
            author.submit(other)
        make_old(author)
        client.post("/gc", {"dry_run": False})
        assert client.get("/gc", {"wait_s": 30}, wait_s=30)["state"] == "done"
    for run in submitted:
        run.wait_for_completion(show_output=False)
    gc(author)
    for run in submitted:
        (made,) = run.find_step_run("make")
        assert pathlib.Path(outputs(author, made)[0]["local_path"], "x").read_text() in "xy"
        assert client.get(f"/runs/{run.id}/events")["events"][-1]["type"] == "RunEnded"
    assert len([name for name in runs(author) if name not in {run.id for run in submitted}]) <= 1
    assert json.loads(azud(author, "verify", "--storage", "--json"))["problems"] == []
