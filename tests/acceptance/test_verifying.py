"""`azud verify RUN`: steps run again aside, byte for byte the same or not, whatever happens meanwhile."""

from __future__ import annotations

import json
import os
import pathlib
import sqlite3
import subprocess

import pytest
from tests.acceptance.authoring import Authoring

from azud.core.errors import AzudError
from azureml.core import Dataset
from azureml.data import OutputFileDatasetConfig
from azureml.data.datapath import DataPath, DataPathComputeBinding
from azureml.pipeline.core import Pipeline, PipelineData, PipelineParameter

MAKE = "import sys\nopen(sys.argv[1], 'w').write('made\\n' * 3)\n"
TRAIN = """
import os, sys, time
print(open(sys.argv[1]).read())
os.makedirs(sys.argv[2])
open(os.path.join(sys.argv[2], "report.txt"), "w").write("accuracy 0.5\\n")
open(os.path.join(sys.argv[2], "model.txt"), "w").write(f"line one\\nmade at {time.time_ns()}\\n")
"""


@pytest.fixture
def author(workspace):
    return Authoring(workspace)


def azud(author, *arguments, code=0):
    return author.run_azud(*arguments, code=code).stdout


def verify(author, *arguments, code):
    """Verify and return what came of each step, by its name."""
    told = json.loads(azud(author, "verify", *arguments, "--json", code=code))
    found = {item["step_name"]: item for item in told["steps"]}
    found.update({item["step_name"]: item for item in told["verifications"]})
    return found


def pipeline(author, make=MAKE, train=TRAIN):
    store = author.ws.get_default_datastore()
    made, model = PipelineData("made", datastore=store), PipelineData("model", datastore=store)
    return [
        author.step("make", make, outputs=[made], arguments=[made]),
        author.step("train", train, inputs=[made], outputs=[model], arguments=[made, model]),
    ]


def steps_of(run):
    return {step.name: step for step in run.get_steps()}


def test_each_step_says_whether_it_makes_the_same_bytes_and_which_file_it_does_not(author):
    run = author.run(*pipeline(author))
    found = verify(author, run.id, code=1)
    assert found["make"]["outcome"] == "same"
    assert found["make"]["file_count"] == 1
    assert found["train"]["outcome"] == "different"
    assert (found["train"]["file_count"], found["train"]["differing_count"]) == (2, 1)
    (file,) = found["train"]["files"]
    assert (file["output"], file["path"], file["what"], file["first_line"]) == ("model", "model.txt", "content", 2)
    assert [line.startswith("made at ") for line in file["lines"]] == [True, True]
    assert file["lines"][0] != file["lines"][1]
    assert file["digests"][0] != file["digests"][1]
    lines = azud(author, "verify", run.id[:8], "train", code=1)
    assert "train\tdifferent\tmodel/model.txt (" in lines
    assert "line 2: 'made at" in lines
    assert azud(author, "verify", "latest/make", code=0).splitlines()[-1] == "make\tsame\t1 file"


def test_the_result_is_shown_on_the_run_and_the_step_is_marked_on_later_runs_too(author):
    run = author.run(*pipeline(author))
    verify(author, run.id, code=1)
    train = steps_of(run)["train"]
    assert train.get_properties()["azud.nondeterministic"] == "model/model.txt"
    (warning,) = author.live.client.get(f"/runs/{train.id}")["warnings"]
    assert warning.startswith("not deterministic: model/model.txt differed when it ran again")
    shown = azud(author, "runs", "show")
    assert run.id in shown, "latest is the run, not its verification"
    assert "different: model/model.txt" in shown
    assert "same" in shown
    # A reused step shows what is known about its source, a step that ran anew what is known about the same code.
    reused = author.run(*pipeline(author))
    assert "azureml.reusedrunid" in steps_of(reused)["train"].get_properties()
    assert "different: model/model.txt" in azud(author, "runs", "show", reused.id)
    anew = author.run(*pipeline(author, make=MAKE.replace("3", "4")))
    assert f"different as {train.id[:8]}: model/model.txt" in azud(author, "runs", "show", anew.id)
    repaired = author.run(*pipeline(author, train=TRAIN.replace("time.time_ns()", "0")))
    assert "different" not in azud(author, "runs", "show", repaired.id)
    assert verify(author, repaired.id, code=0)["train"]["outcome"] == "same"


def test_a_verification_is_a_run_of_its_own_that_touches_nothing_of_the_first(author):
    store = author.ws.get_default_datastore()
    fixed = OutputFileDatasetConfig("out", destination=(store, "results/latest")).register_on_complete("result")
    code = "import os, sys, time\nopen(os.path.join(sys.argv[1], 'r.txt'), 'w').write(str(time.time_ns()))"
    run = author.run(author.step("publish", code, arguments=[fixed]))
    published = pathlib.Path(store._local_root(), "results", "latest", "r.txt")
    before = published.read_text()
    decisions = len(author.live.client.get("/runs")["value"])
    assert verify(author, run.id, code=1)["publish"]["outcome"] == "different"
    assert published.read_text() == before
    assert Dataset.get_by_name(author.ws, "result").version == 1
    second = author.live.client.get("/runs")["value"][0]
    assert len(author.live.client.get("/runs")["value"]) == decisions + 1
    assert (second["experiment"], second["properties"]["azud.verifies"]) == ("bad-verification", run.id)
    again = author.run(author.step("publish", code, arguments=[fixed]))
    assert steps_of(again)["publish"].get_properties()["azureml.reusedrunid"] == steps_of(run)["publish"].id
    with pytest.raises(AzudError, match="is itself a verification"):
        author.live.client.post(f"/runs/{second['id']}/verifications", {})


def test_a_step_reads_what_the_first_run_read_even_when_the_maker_would_write_something_else_now(author, tmp_path):
    wild = "import sys, os\nopen(sys.argv[1], 'w').write(os.urandom(8).hex())\n"
    copy = "import shutil, sys\nshutil.copyfile(sys.argv[1], sys.argv[2])\n"
    run = author.run(*pipeline(author, make=wild, train=copy))
    found = verify(author, run.id, code=1)
    assert {name: item["outcome"] for name, item in found.items()} == {"make": "different", "train": "same"}
    (file,) = found["make"]["files"]
    assert (file["path"], file["sizes"]) == ("", [16, 16])
    assert file["first_byte"] < 16


def test_a_reused_step_is_compared_with_the_step_run_that_made_its_bytes(author):
    first = author.run(*pipeline(author))
    second = author.run(*pipeline(author))
    found = verify(author, second.id, "make", code=0)
    assert found["make"]["step_run_id"] == steps_of(first)["make"].id
    listed = author.live.client.get(f"/runs/{first.id}/verifications")["value"]
    assert [(item["outcome"], item["applies_to"]) for item in listed] == [("same", steps_of(first)["make"].id)]


def test_a_step_that_fails_when_it_runs_again_has_failed_and_the_others_are_compared(author, tmp_path):
    gone = f"import os\nos.remove({str(tmp_path / 'once')!r})\n"
    (tmp_path / "once").touch()
    run = author.run(author.step("fragile", gone), author.step("sound", "print(1)"))
    found = verify(author, run.id, code=1)
    assert found["fragile"]["outcome"] == "failed"
    assert "exit code 1" in found["fragile"]["reason"]
    assert (found["sound"]["outcome"], found["sound"]["file_count"]) == ("same", 0)


def test_an_input_that_changed_since_makes_a_step_not_comparable_and_not_non_deterministic(author, tmp_path):
    store = author.ws.get_default_datastore()
    data = tmp_path / "data.txt"
    out = PipelineData("out", datastore=store)

    def upload(text):
        data.write_text(text)
        store.upload_files([str(data)], target_path="in", overwrite=True, show_progress=False)

    upload("one")
    dataset = Dataset.File.from_files((store, "in/data.txt")).as_named_input("data").as_mount()
    copy = "import shutil, sys\nshutil.copyfile(sys.argv[1], sys.argv[2])\n"
    run = author.run(author.step("copy", copy, inputs=[dataset], arguments=[dataset, out], outputs=[out]))
    assert verify(author, run.id, code=0)["copy"]["outcome"] == "same"
    upload("two")
    found = verify(author, run.id, code=1)["copy"]
    assert (found["outcome"], found["reason"]) == ("not_comparable", "input 'data' is not what it was")
    assert found["verified_by"] is None, "it is not even run"
    upload("one")
    assert verify(author, run.id, code=0)["copy"]["outcome"] == "same"


def test_an_input_that_changes_while_a_step_runs_again_is_no_proof_against_the_step(author, tmp_path):
    store = author.ws.get_default_datastore()
    (tmp_path / "data.txt").write_text("one")
    store.upload_files([str(tmp_path / "data.txt")], target_path="in", show_progress=False)
    (tmp_path / "open").touch()
    out = PipelineData("out", datastore=store)
    dataset = Dataset.File.from_files((store, "in/data.txt")).as_named_input("data").as_mount()
    code = (
        f"import os, sys, time\nprint('up', flush=True)\nwhile not os.path.exists({str(tmp_path / 'open')!r}):\n"
        "    time.sleep(0.01)\nopen(sys.argv[2], 'w').write(open(sys.argv[1]).read())\n"
    )
    run = author.run(author.step("slow", code, inputs=[dataset], arguments=[dataset, out], outputs=[out]))
    (tmp_path / "open").unlink()
    begun = author.live.client.post(f"/runs/{run.id}/verifications", {})
    from azureml.pipeline.core import PipelineRun

    second = PipelineRun.get(author.ws, begun["run"]["id"])
    author.wait_for_log(second, "up")
    pathlib.Path(store._local_root(), "in", "data.txt").write_text("two")
    (tmp_path / "open").touch()
    second.wait_for_completion(show_output=False)
    (found,) = author.live.client.get(f"/runs/{second.id}/verifications", {"wait_s": 30}, wait_s=30)["value"]
    assert (found["outcome"], found["reason"]) == ("not_comparable", "input 'data' is not what it was")
    assert "azud.nondeterministic" not in steps_of(run)["slow"].get_properties()


def test_another_package_in_the_interpreter_is_named(author, tmp_path):
    import sys
    import venv

    venv.create(tmp_path / "env", with_pip=False)
    (site,) = (tmp_path / "env" / "lib").glob("python*/site-packages")
    info = site / "things-1.0.dist-info"
    info.mkdir()
    (info / "RECORD").write_text("things.py,sha256=1,1\n")
    definition = author.live.client.get
    run = author.submit(Pipeline(author.ws, steps=[author.step("a", "pass")]))
    run.wait_for_completion(show_output=False)
    body = {
        "experiment": "bad",
        "definition": definition(f"/runs/{run.id}/definition"),
        "interpreter": str(tmp_path / "env" / "bin" / "python"),
        "regenerate_outputs": True,
    }
    submitted = author.live.client.post("/runs", body)
    assert author.live.client.get(f"/runs/{submitted['id']}/end", {"wait_s": 60}, wait_s=60)["status"] == "Completed"
    assert verify(author, submitted["id"], code=0)["a"]["outcome"] == "same"
    info.rename(site / "things-1.1.dist-info")
    found = verify(author, submitted["id"], code=1)["a"]
    assert found["outcome"] == "not_comparable"
    assert found["reason"].startswith("package things: 1.0 → 1.1")
    assert sys.executable not in found["reason"]


def test_steps_that_did_not_complete_or_write_elsewhere_are_skipped(author):
    register = (
        "from azureml.core import Dataset, Run\nws = Run.get_context().experiment.workspace\n"
        "Dataset.File.from_files((ws.get_default_datastore(), 'in'), validate=False).register(ws, 'kept', "
        "create_new_version=True)\n"
    )
    writing = author.run(author.step("writes", register))
    found = verify(author, writing.id, code=1)["writes"]
    assert (found["outcome"], found["reason"]) == ("skipped", "it registered dataset 'kept'")
    assert verify(author, writing.id, "--all", code=0)["writes"]["outcome"] == "same"
    failed = author.submit(Pipeline(author.ws, steps=[author.step("bad", "raise SystemExit(3)")]))
    failed.wait_for_completion(show_output=False, raise_on_error=False)
    found = verify(author, failed.id, code=1)["bad"]
    assert (found["outcome"], found["reason"]) == ("skipped", "it did not complete: it is Failed")


def test_parameters_and_all_kinds_of_inputs_are_given_again(author, tmp_path):
    store = author.ws.get_default_datastore()
    (tmp_path / "a.csv").write_text("x,y\n1,2\n3,4\n")
    store.upload_files([str(tmp_path / "a.csv")], target_path="in", show_progress=False)
    number = PipelineParameter("number", 7)
    path = PipelineParameter("path", DataPath(store, "in/a.csv"))
    given = (path, DataPathComputeBinding(mode="mount"))
    table = Dataset.Tabular.from_delimited_files((store, "in/a.csv")).as_named_input("table")
    files = Dataset.File.from_files((store, "in/*.csv")).as_named_input("files").as_download()
    out = OutputFileDatasetConfig("out")
    code = """
import os, sys
from azureml.core import Run
number, path, files, out = sys.argv[1:]
run = Run.get_context()
frame = run.input_datasets["table"].to_pandas_dataframe()
with open(os.path.join(out, "result.txt"), "w") as stream:
    print(number, os.environ["AML_PARAMETER_number"], open(path).read(), open(files).read(), file=stream)
    print(frame.sum().to_dict(), file=stream)
"""
    step = author.step("all", code, inputs=[given, table, files], arguments=[number, given, files, out], outputs=[out])
    run = author.submit(Pipeline(author.ws, steps=[step]), pipeline_parameters={"number": 9})
    run.wait_for_completion(show_output=False)
    assert verify(author, run.id, code=0)["all"]["outcome"] == "same"


def test_a_set_that_a_warm_interpreter_would_always_show_in_one_order_is_found(author):
    code = "import sys\nopen(sys.argv[1], 'w').write(repr({str(n) * 3 for n in range(50)}))\n"
    out = PipelineData("out", datastore=author.ws.get_default_datastore())
    run = author.run(author.step("order", code, outputs=[out], arguments=[out]))
    assert verify(author, run.id, code=1)["order"]["outcome"] == "different"


def test_nobody_waits_the_server_dies_and_the_result_is_there_all_the_same(author, tmp_path):
    (tmp_path / "open").touch()
    code = (
        f"import os, sys, time\nprint('up', flush=True)\nwhile not os.path.exists({str(tmp_path / 'open')!r}):\n"
        "    time.sleep(0.01)\nopen(sys.argv[1], 'w').write(str(time.time_ns()))\n"
    )
    out = PipelineData("out", datastore=author.ws.get_default_datastore())
    run = author.run(author.step("slow", code, outputs=[out], arguments=[out]))
    (tmp_path / "open").unlink()
    told = json.loads(azud(author, "verify", run.id, "--no-wait", "--json"))
    from azureml.pipeline.core import PipelineRun

    author.wait_for_log(PipelineRun.get(author.ws, told["run"]["id"]), "up")
    author.live.kill_server()
    (tmp_path / "open").touch()
    second = told["run"]["id"]
    client = author.live.client
    assert client.get(f"/runs/{second}/end", {"wait_s": 60}, wait_s=60)["terminal"]
    (found,) = client.get(f"/runs/{second}/verifications", {"wait_s": 30}, wait_s=30)["value"]
    assert found["outcome"] == "different"
    assert steps_of(run)["slow"].get_properties()["azud.nondeterministic"] == "out"


@pytest.mark.parametrize("point", ["store.verification:before", "store.verification:after"])
def test_a_server_that_dies_while_it_writes_the_result_leaves_it_to_the_next(author, monkeypatch, point, tmp_path):
    monkeypatch.setenv("AZUD_FAIL_POINT", point)
    monkeypatch.setenv("AZUD_FAIL_ONCE", str(tmp_path / "once-"))
    run = author.run(*pipeline(author))
    begun = author.live.client.post(f"/runs/{run.id}/verifications", {}, key="k" * 64)
    second = begun["run"]["id"]
    client = author.live.client
    assert client.get(f"/runs/{second}/end", {"wait_s": 60}, wait_s=60)["terminal"]
    listed = client.get(f"/runs/{second}/verifications", {"wait_s": 30}, wait_s=30)["value"]
    assert os.path.exists(f"{tmp_path / 'once-'}{point}"), "the server died there"
    assert sorted(item["outcome"] for item in listed) == ["different", "same"]
    database = sqlite3.connect(author.live.folder / ".azud" / "azud.db")
    assert database.execute("SELECT count(*) FROM verifications").fetchone() == (2,)


def test_what_cannot_be_asked_for_is_refused_with_a_hint(author):
    run = author.run(author.step("a", "pass"))
    assert "no step 'b'" in _stderr(author, "verify", run.id, "b")
    assert "about the steps of a run" in _stderr(author, "verify", "--all")
    assert "leave RUN out" in _stderr(author, "verify", run.id, "--storage")
    assert azud(author, "verify", "--storage") == ""


def _stderr(author, *arguments):
    done = subprocess.run(
        author.azud(*arguments), cwd=author.live.folder, capture_output=True, text=True, check=False, timeout=60
    )
    assert done.returncode == 2
    return done.stderr


def test_the_sdk_verifies_runs_and_steps(author):
    run = author.run(*pipeline(author))
    assert [(item["step_name"], item["outcome"]) for item in run.verify()] == [("make", "same"), ("train", "different")]
    (found,) = steps_of(run)["train"].verify()
    assert [file["path"] for file in found["files"]] == ["model.txt"]
    assert [item["outcome"] for item in run.verify(["make"])] == ["same"]


def test_outputs_with_a_destination_and_tables_of_other_steps_are_handed_over_as_they_were(author, tmp_path):
    store = author.ws.get_default_datastore()
    rows = OutputFileDatasetConfig("rows", destination=(store, "fixed/rows"))
    write = "import os, sys\nopen(os.path.join(sys.argv[1], 'a.csv'), 'w').write('x,y\\n1,2\\n3,4\\n')\n"
    read = (
        "import os, sys\nfrom azureml.core import Run\n"
        "frame = Run.get_context().input_datasets['table'].to_pandas_dataframe()\n"
        "open(sys.argv[2], 'w').write(f\"{frame.y.sum()} {sorted(os.listdir(sys.argv[1]))}\")\n"
    )
    total = PipelineData("total", datastore=store)
    folder, table = rows.as_input("folder"), rows.read_delimited_files().as_input("table")
    run = author.run(
        author.step("write", write, arguments=[rows]),
        author.step("read", read, arguments=[folder, total], inputs=[folder, table], outputs=[total]),
    )
    # Somebody else writes there now; the steps read what was sealed.
    pathlib.Path(store._local_root(), "fixed", "rows", "a.csv").write_text("x,y\n9,9\n")
    found = verify(author, run.id, code=0)
    assert {name: item["outcome"] for name, item in found.items()} == {"write": "same", "read": "same"}
    told = json.loads(azud(author, "replay", run.id, "read", str(tmp_path / "there"), "--json"))
    subprocess.run([told["script"]], check=True, timeout=60)
    assert (tmp_path / "there" / "outputs" / "total").read_text() == "6 ['a.csv']"


def test_bytes_that_were_altered_since_are_neither_compared_nor_replayed(author, tmp_path):
    run = author.run(*pipeline(author))
    (made,) = author.live.client.get(f"/runs/{steps_of(run)['make'].id}/outputs")["value"]
    pathlib.Path(made["local_path"]).write_text("altered")
    found = verify(author, run.id, "train", code=1)["train"]
    assert found["outcome"] == "not_comparable"
    assert "was altered after it was sealed" in found["reason"]
    assert "was altered after it was sealed" in _stderr(author, "replay", run.id, "train", str(tmp_path / "there"))
    assert not (tmp_path / "there").exists()


def test_an_interpreter_that_is_gone_is_named(author, tmp_path):
    import shutil
    import venv

    venv.create(tmp_path / "env", with_pip=False)
    run = author.run(author.step("a", "print('it ran')"))
    body = {
        "experiment": "bad",
        "definition": author.live.client.get(f"/runs/{run.id}/definition"),
        "interpreter": str(tmp_path / "env" / "bin" / "python"),
        "regenerate_outputs": True,
    }
    submitted = author.live.client.post("/runs", body)
    assert author.live.client.get(f"/runs/{submitted['id']}/end", {"wait_s": 60}, wait_s=60)["status"] == "Completed"
    shutil.rmtree(tmp_path / "env")
    found = verify(author, submitted["id"], code=1)["a"]
    assert (found["outcome"], found["reason"]) == ("not_comparable", f"the interpreter {body['interpreter']} is gone")
    told = json.loads(azud(author, "replay", submitted["id"], str(tmp_path / "there"), "--json"))
    assert f"the interpreter {body['interpreter']} is gone; put another one into run.sh" in told["warnings"]
