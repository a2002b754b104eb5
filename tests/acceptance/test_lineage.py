"""Registered data over time: the version that is read when a step starts, fingerprints and drift, lineage."""

from __future__ import annotations

import json
import pathlib

import pytest
from tests.acceptance.authoring import Authoring

from azureml.core import Dataset, Experiment
from azureml.data import OutputFileDatasetConfig
from azureml.data.dataset_consumption_config import DatasetConsumptionConfig
from azureml.pipeline.core import Pipeline, PipelineData, StepSequence

COUNT = """
import os
from azureml.core import Run
run = Run.get_context()
place = run.input_datasets["words"]
run.log("files", len(os.listdir(place)) if os.path.isdir(place) else 1)
"""
REGISTER = """
from azureml.core import Dataset, Run
ws = Run.get_context().experiment.workspace
Dataset.File.from_files((ws.get_default_datastore(), "words/*.txt")).register(ws, "words", create_new_version=True)
"""


@pytest.fixture
def author(workspace):
    return Authoring(workspace)


def put(author, path: str, text: str) -> None:
    """Write a file on the default datastore."""
    place = author.live.folder / ".azud" / "datastores" / "workspaceblobstore" / path
    place.parent.mkdir(parents=True, exist_ok=True)
    place.write_text(text)


def register(author, path: str, name: str, **options):
    store = author.ws.get_default_datastore()
    return Dataset.File.from_files((store, path)).register(author.ws, name, **options)


def look(author, name: str, version: int):
    return author.live.client.call("POST", f"/datasets/registered/{name}/{version}/look", repeat=True, wait_s=30)[
        "dataset"
    ]


def submitted(author, *steps, **options):
    run = Experiment(author.ws, "lineage").submit(Pipeline(author.ws, steps=list(steps)), **options)
    run.wait_for_completion(show_output=False, raise_on_error=False)
    return run


def only(run):
    (step,) = run.get_steps()
    return step


def record(author, run_id: str):
    return author.live.client.get(f"/runs/{run_id}")


def latest(author, *version):
    return DatasetConsumptionConfig("words", (author.ws, "words", *version)).as_mount()


# -- which version is read ----------------------------------------------------------------------


def test_the_newest_version_is_that_of_the_moment_when_the_step_starts(author):
    put(author, "words/a.txt", "a")
    put(author, "words/b.txt", "b")
    register(author, "words/a.txt", "words")
    makes = author.step("makes", REGISTER, allow_reuse=False)
    count = author.step("count", COUNT, inputs=[latest(author)])
    first_only = author.step("first", COUNT, inputs=[latest(author, 1)])
    run = submitted(author, StepSequence([makes, [count, first_only]]))
    assert run.get_status() == "Finished"
    counted, first = run.find_step_run("count")[0], run.find_step_run("first")[0]
    assert (counted.get_metrics(), first.get_metrics()) == ({"files": 2}, {"files": 1})
    assert counted.properties["azud.dataset.words"] == "words:2"
    assert first.properties["azud.dataset.words"] == "words:1"
    (given,) = counted.get_details()["inputDatasets"]
    assert (given["dataset"].name, given["dataset"].version) == ("words", 2)
    assert given["consumptionDetails"]["mechanism"] == "Mount"


def test_what_an_output_was_registered_as_is_found_by_the_next_step(author):
    put(author, "old/a.txt", "a")
    register(author, "old", "words")
    made = OutputFileDatasetConfig("made").register_on_complete("words")
    code = "import sys\nfor name in 'xyz':\n    open(f'{sys.argv[1]}/{name}', 'w').write(name)\n"
    makes = author.step("makes", code, arguments=[made])
    other = author.step("other", "pass")
    run = submitted(author, StepSequence([makes, [author.step("count", COUNT, inputs=[latest(author)]), other]]))
    counted = run.find_step_run("count")[0]
    assert (counted.get_metrics(), counted.properties["azud.dataset.words"]) == ({"files": 3}, "words:2")
    assert run.find_step_run("other")[0].get_status() == "Finished"
    assert record(author, run.id)["warnings"] == []


def test_results_are_reused_by_what_the_version_holds(author):
    put(author, "words/a.txt", "a")
    put(author, "same/a.txt", "a")
    put(author, "more/a.txt", "a")
    put(author, "more/b.txt", "b")
    decisions = []
    for path in ("words", "same", "more"):
        register(author, path, "words", create_new_version=True)
        step = only(submitted(author, author.step("count", COUNT, inputs=[latest(author)])))
        decisions.append((record(author, step.id)["reused_from"] is not None, step.properties["azud.dataset.words"]))
    assert decisions == [(False, "words:1"), (True, "words:2"), (False, "words:3")]


def test_a_further_attempt_reads_the_version_that_the_first_one_read(author):
    put(author, "words/a.txt", "a")
    put(author, "words/b.txt", "b")
    register(author, "words/a.txt", "words")
    code = REGISTER + COUNT + "if len(Dataset.get_by_name(ws, 'words').to_path()) and not os.path.exists(MARK):\n"
    code = (
        f"MARK = {str(author.live.folder / 'mark')!r}\n"
        + code
        + "    open(MARK, 'w').close()\n    raise SystemExit(3)\n"
    )
    step = only(submitted(author, author.step("again", code, inputs=[latest(author)], retries=1)))
    assert record(author, step.id)["attempt"] == 2
    assert (step.get_metrics(), step.properties["azud.dataset.words"]) == ({"files": 1}, "words:1")


@pytest.mark.parametrize("fails", [False, True])
def test_a_server_that_takes_over_keeps_to_the_version(author, fails):
    put(author, "words/a.txt", "a")
    put(author, "words/b.txt", "b")
    register(author, "words/a.txt", "words")
    go_on = author.live.folder / "go on"
    wait = f"print('up', flush=True)\nimport time\nwhile not os.path.exists({str(go_on)!r}):\n    time.sleep(0.02)\n"
    mark = str(author.live.folder / "failed")
    fail = f"if not os.path.exists({mark!r}):\n    open({mark!r}, 'w').close()\n    raise SystemExit(3)\n"
    step = author.step("waits", COUNT + wait + (fail if fails else ""), inputs=[latest(author)], retries=1)
    run = Experiment(author.ws, "lineage").submit(Pipeline(author.ws, steps=[step]))
    author.wait_for_log(run, "up")
    author.live.kill_server()
    register(author, "words/*.txt", "words", create_new_version=True)
    go_on.touch()
    run.wait_for_completion(show_output=False)
    found = record(author, only(run).id)
    assert (found["status"], found["attempt"]) == ("Completed", 2 if fails else 1)
    assert found["properties"]["azud.dataset.words"] == "words:1"
    assert only(run).get_metrics() == {"files": 1}
    assert not any("not stored for reuse" in warning for warning in found["warnings"])


def test_a_looked_up_version_stays_while_its_run_is_kept(author, monkeypatch):
    made = OutputFileDatasetConfig("made").register_on_complete("words")
    code = "import sys\nopen(sys.argv[1] + '/x', 'w').write('x')\n"
    first = submitted(author, author.step("makes", code, arguments=[made]))
    second = submitted(author, author.step("count", COUNT, inputs=[latest(author)]))
    author.run_azud("runs", "pin", second.id)
    author.run_azud("data", "unregister", "words")
    (output,) = author.live.client.get(f"/runs/{only(first).id}/outputs")["value"]
    author.live.stop_server()
    for name, value in (("KEEP_RUNS_DAYS", "0"), ("KEEP_RUNS_NEWEST", "0"), ("REUSE_KEEP_BYTES", "0")):
        monkeypatch.setenv(f"AZUD_{name}", value)
    gone = json.loads(author.run_azud("gc", "--yes", "--json", "--list").stdout)["items"]
    assert [item["name"] for item in gone if item["kind"] in ("run", "step run")] == [first.id]
    assert pathlib.Path(output["local_path"]).exists()
    assert author.live.client.get(f"/runs/{only(second).id}/datasets")["inputs"][0]["port"] == "words"


def test_what_is_not_registered_is_said_at_submit_and_refused_at_the_start(author):
    run = submitted(author, author.step("count", COUNT, inputs=[latest(author)]))
    assert "step 'count' reads dataset 'words', which is not registered yet" in record(author, run.id)["warnings"]
    error = record(author, only(run).id)["error"]
    assert "no dataset 'words' is registered when its step is to start" in error["message"]


def test_a_table_is_not_mounted(author):
    put(author, "t.csv", "a\n1\n")
    store = author.ws.get_default_datastore()
    Dataset.Tabular.from_delimited_files((store, "t.csv")).register(author.ws, "words")
    error = record(author, only(submitted(author, author.step("count", COUNT, inputs=[latest(author)]))).id)["error"]
    assert "the dataset is a table, which cannot be consumed in mode mount" in error["message"]


def test_a_plan_and_a_replay_know_the_version(author):
    put(author, "words/a.txt", "a")
    register(author, "words", "words")
    step = author.step("count", COUNT, inputs=[latest(author)])
    run = submitted(author, step)
    plan = Pipeline(author.ws, steps=[step]).plan()
    assert [item.action for item in plan.steps] == ["reuse"]
    put(author, "more/b.txt", "b")
    register(author, "more", "words", create_new_version=True)
    assert [item.action for item in Pipeline(author.ws, steps=[step]).plan().steps] == ["run"]
    verified = author.run_azud("verify", run.id, "--json")
    assert [item["outcome"] for item in json.loads(verified.stdout)["verifications"]] == ["same"]
    replay = author.live.client.get(f"/runs/{only(run).id}/replay")
    assert replay["spec"]["inputs"][0]["dataset"]["version"] == 1


# -- fingerprints and drift ---------------------------------------------------------------------


def test_a_version_keeps_what_its_files_were_and_shows_when_they_are_not(author):
    put(author, "words/a.txt", "a")
    register(author, "words", "words")
    before = look(author, "words", 1)
    assert (before["fingerprint"]["file_count"], before["fingerprint"]["size_bytes"]) == (1, 1)
    assert before["drifted"] is False
    put(author, "words/b.txt", "bb")
    after = look(author, "words", 1)
    assert (after["drifted"], after["seen"]["file_count"], after["seen"]["size_bytes"]) == (True, 2, 3)
    assert after["fingerprint"] == before["fingerprint"]
    shown = author.run_azud("data", "show", "words:1").stdout
    assert "state\tchanged: not what it was when its fingerprint was taken; 2, 3 B" in shown
    assert author.run_azud("data", "ls").stdout.splitlines()[1].endswith("\tchanged")
    (author.live.folder / ".azud/datastores/workspaceblobstore/words/b.txt").unlink()
    again = look(author, "words", 1)
    assert (again["drifted"], again["seen"]["digest"]) == (False, before["fingerprint"]["digest"])


def test_a_step_that_reads_a_changed_version_is_warned_and_runs(author):
    put(author, "words/a.txt", "a")
    dataset = register(author, "words", "words")
    look(author, "words", 1)
    put(author, "words/b.txt", "b")
    for given in (latest(author), dataset.as_named_input("words").as_mount()):
        step = only(submitted(author, author.step("count", COUNT, inputs=[given], allow_reuse=False)))
        assert step.get_metrics() == {"files": 2}
        (warning,) = record(author, step.id)["warnings"]
        assert (
            "input 'words': the files of dataset 'words' version 1 are not what they were (1 file, 1 bytes" in warning
        )
    assert author.live.client.get("/datasets/registered/words")["drifted"] is True


def test_data_that_come_later_are_another_thing_than_nothing(author):
    store = author.ws.get_default_datastore()
    Dataset.File.from_files((store, "later"), validate=False).register(author.ws, "later")
    assert look(author, "later", 1)["fingerprint"]["digest"] == "nothing"
    put(author, "later/a.txt", "a")
    assert look(author, "later", 1)["drifted"] is True


def test_what_a_server_did_not_come_to_the_next_one_looks_at(author):
    put(author, "words/a.txt", "a")
    register(author, "words", "words")
    author.live.stop_server()
    assert look(author, "words", 1)["fingerprint"]["digest"]


# -- lineage ------------------------------------------------------------------------------------

PREPARE = """
import os, sys
os.makedirs(sys.argv[2], exist_ok=True)
for name in os.listdir(sys.argv[1]):
    open(os.path.join(sys.argv[2], name), "w").write(open(os.path.join(sys.argv[1], name)).read() * 2)
"""
REPORT = """
from azureml.core import Dataset, Run
run = Run.get_context()
ws = run.experiment.workspace
Dataset.get_by_name(ws, "notes").to_path()
place = run.input_datasets["features"]
store = ws.get_default_datastore()
Dataset.File.from_files((store, "reports")).register(ws, "report")
"""


@pytest.fixture
def history(author):
    """raw:1 → prepare → (output) → train → features:1 → report, which reads notes:1 in its script → report:1."""
    put(author, "raw/a.txt", "a")
    put(author, "notes/n.txt", "n")
    put(author, "reports/r.txt", "r")
    raw = register(author, "raw", "raw")
    register(author, "notes", "notes")
    middle = PipelineData("middle", is_directory=True)
    features = OutputFileDatasetConfig("features").register_on_complete("features")
    named = raw.as_named_input("raw").as_mount()
    prepare = author.step("prepare", PREPARE, arguments=[named, middle], inputs=[named], outputs=[middle])
    train = author.step("train", PREPARE, arguments=[middle, features], inputs=[middle])
    first = submitted(author, prepare, train)
    assert first.get_status() == "Finished"
    read = DatasetConsumptionConfig("features", (author.ws, "features")).as_mount()
    second = submitted(author, author.step("report", REPORT, inputs=[read]))
    assert second.get_status() == "Finished"
    return first, second


def lineage(author, name: str):
    return author.live.client.get(f"/datasets/registered/{name}/lineage")


def names(found, side: str) -> list[str]:
    end = "source" if side == "back" else "target"
    nodes = [found["nodes"][edge[end]] for edge in found[side]]
    return [f"{node['name']}:{node['version']}" if node["kind"] == "dataset" else node["name"] for node in nodes]


def test_lineage_goes_through_datasets_and_outputs_back_and_forward(author, history):
    back, forward = lineage(author, "report"), lineage(author, "raw")
    assert names(back, "back") == ["report", "notes:1", "features:1", "train", "prepare", "raw:1"]
    assert names(forward, "forward") == ["prepare", "train", "features:1", "report", "report:1"]
    assert (back["forward"], forward["back"], back["cut"]) == ([], [], False)
    assert names(lineage(author, "notes"), "forward") == ["report", "report:1"]
    middle = lineage(author, "features")
    assert names(middle, "back") == ["train", "prepare", "raw:1"]
    assert names(middle, "forward") == ["report", "report:1"]
    near = author.live.client.get("/datasets/registered/report/lineage", {"depth": 1})
    assert names(near, "back") == ["report"]
    vias = [edge["via"] for edge in back["back"]]
    assert vias == ["registered", "read in the script", "features", "features", "middle", "raw"]


def test_lineage_reads_as_a_tree(author, history):
    first, second = history
    lines = author.run_azud("data", "lineage", "report").stdout.splitlines()
    assert lines[0] == "report:1 came from"
    assert lines[1].startswith(f"  step 'report' of run {second.id[:8]} in lineage (Completed, ")
    assert lines[2:4] == ["    notes:1  [read in the script]", "    features:1  [features]"]
    assert lines[4].startswith(f"      step 'train' of run {first.id[:8]}")
    assert [line.strip() for line in lines[-2:]] == ["report:1 went to", "nothing"]
    shown = author.run_azud("data", "show", "features").stdout
    assert f"made by\tstep 'train' of run {first.id[:8]}" in shown
    assert f"used by\tstep 'report' of run {second.id[:8]}" in shown


def test_details_of_a_run_name_its_datasets(author, history):
    first, second = history
    train = first.find_step_run("train")[0]
    (made,) = train.get_details()["outputDatasets"]
    assert (made["outputType"], made["outputDetails"]) == ("RunOutput", {"outputName": "features"})
    assert (made["dataset"].name, made["dataset"].version) == ("features", 1)
    assert made["identifier"]["savedId"] == made["dataset"].id == Dataset.get_by_id(author.ws, made["dataset"].id).id
    (path,) = made["dataset"].download(str(author.live.folder / "downloaded"))
    assert pathlib.Path(path).read_text() == "aaaa"
    (given,) = only(second).get_details()["inputDatasets"]
    assert (given["dataset"].name, given["dataset"].version) == ("features", 1)
    assert given["consumptionDetails"]["type"] == "RunInput"
    found = author.live.client.get(f"/runs/{only(second).id}/datasets")
    assert [(item["kind"], item["dataset"]["name"]) for item in found["inputs"]] == [
        ("input", "features"),
        ("read", "notes"),
    ]
    assert [(item["kind"], item["dataset"]["name"]) for item in found["outputs"]] == [("registered", "report")]


def test_a_reused_step_has_read_what_it_was_decided_with(author, history):
    raw = Dataset.get_by_name(author.ws, "raw").as_named_input("raw").as_mount()
    middle = PipelineData("middle", is_directory=True)
    again = author.step("prepare", PREPARE, arguments=[raw, middle], inputs=[raw], outputs=[middle])
    step = only(submitted(author, again))
    node = lineage(author, "raw")["nodes"][f"step:{step.id}"]
    assert (node["status"], node["reused_from"]) == ("Completed", history[0].find_step_run("prepare")[0].id)


def test_a_reused_step_shows_the_version_that_it_took_over(author):
    made = OutputFileDatasetConfig("made").register_on_complete("made")
    code = "import sys\nopen(sys.argv[1] + '/x', 'w').write('x')\n"
    for reused in (False, True):
        step = only(submitted(author, author.step("makes", code, arguments=[made])))
        assert (record(author, step.id)["reused_from"] is not None) is reused
        (found,) = step.get_details()["outputDatasets"]
        assert (found["dataset"].name, found["dataset"].version) == ("made", 1)


def test_an_output_that_is_read_or_registered_from_outside_is_known_by_its_place(author, history):
    first, _ = history
    data = first.find_step_run("prepare")[0].get_output_data("middle")
    place = (author.ws.get_default_datastore(), data.path_on_datastore)
    Dataset.File.from_files(place).register(author.ws, "by-hand")
    assert names(lineage(author, "by-hand"), "back") == ["prepare", "raw:1"]
    bound = data.as_mount()
    code = "import os, sys\nassert os.listdir(sys.argv[1])\n" + REGISTER.replace("words", "again").replace("/*.txt", "")
    put(author, "again/x", "x")
    reads = author.step("reads", code, arguments=[bound], inputs=[bound])
    assert submitted(author, reads).get_status() == "Finished"
    assert names(lineage(author, "again"), "back") == ["reads", "prepare", "raw:1"]


def test_a_version_that_was_unregistered_is_still_named(author, history):
    step = only(history[1])
    author.live.client.call("DELETE", "/datasets/registered/features")
    found = lineage(author, "report")
    node = next(node for node in found["nodes"].values() if node["name"] == "features")
    assert (node["registered"], node["version"]) == (False, 1)
    assert found["nodes"][f"step:{step.id}"]["status"] == "Completed"


def test_tags_and_unregistering_from_the_command_line(author):
    put(author, "words/a.txt", "a")
    register(author, "words", "words", tags={"a": "1", "b": "2"})
    assert author.run_azud("data", "tag", "words", "c=3", "--remove", "a").stdout == "words:1: b=2, c=3\n"
    assert Dataset.get_by_name(author.ws, "words").tags == {"b": "2", "c": "3"}
    assert "no tag" in author.run_azud("data", "tag", "words", "c", code=2).stderr
    author.run_azud("data", "unregister", "words")
    assert "no dataset 'words' is registered" in author.run_azud("data", "show", "words", code=2).stderr
