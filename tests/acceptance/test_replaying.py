"""`azud replay`: a past step in a folder of one's own, which really runs there, without a server."""

from __future__ import annotations

import json
import os
import pathlib
import shutil
import subprocess

import pytest
from tests.acceptance.authoring import Authoring

from azureml.core import Dataset
from azureml.core.runconfig import RunConfiguration
from azureml.data import OutputFileDatasetConfig
from azureml.pipeline.core import Pipeline, PipelineData, PipelineParameter


@pytest.fixture
def author(workspace):
    return Authoring(workspace)


def azud(author, *arguments, code=0):
    return author.run_azud(*arguments, code=code)


def replay(author, *arguments):
    return json.loads(azud(author, "replay", *map(str, arguments), "--json").stdout)


def run_there(told, *options, code=0):
    """Run what was laid out, from another folder and with a strange environment."""
    env = {"PATH": os.environ["PATH"], "HOME": os.environ["HOME"], "PYTHONPATH": "/nowhere", "STRANGE": "1"}
    done = subprocess.run(
        [told["script"], *options], cwd="/", env=env, capture_output=True, text=True, check=False, timeout=60
    )
    assert done.returncode == code, done.stdout + done.stderr
    return done.stdout + done.stderr


def submit(author, *steps, **options):
    run = author.submit(Pipeline(author.ws, steps=list(steps)), **options)
    run.wait_for_completion(show_output=False, raise_on_error=False)
    return run


def test_a_failed_step_fails_in_the_same_way_until_it_is_repaired(author, tmp_path):
    store = author.ws.get_default_datastore()
    made, out = PipelineData("made", datastore=store), PipelineData("out", datastore=store)
    number = PipelineParameter("number", 0)
    code = (
        "import sys\nimport helper\nfrom azureml.core import Run\n"
        "run = Run.get_context()\nrun.log('rows', 3)\n"
        "text = open(sys.argv[1]).read()\nassert 'STRANGE' not in __import__('os').environ\n"
        "open(sys.argv[3], 'w').write(text + str(helper.divide(12, int(sys.argv[2]))))\n"
    )
    make = author.step("make", "import sys\nopen(sys.argv[1], 'w').write('twelve ')", outputs=[made], arguments=[made])
    use = author.step("use", code, inputs=[made], outputs=[out], arguments=[made, number, out])
    (author.source("use") / "helper.py").write_text("def divide(a, b):\n    return a // b\n")
    run = submit(author, make, use)
    assert run.get_status() == "Failed"
    folder = tmp_path / "debug it"
    told = replay(author, run.id, "use", folder)
    assert told["status"] == "Failed"
    assert told["warnings"] == []
    author.live.stop_server()
    printed = run_there(told, code=1)
    assert "ZeroDivisionError" in printed
    assert "Attempted to log scalar metric rows:\n3" in printed
    assert str(folder / "source" / "use.py") in printed
    (folder / "source" / "helper.py").write_text("def divide(a, b):\n    return 'nothing'\n")
    run_there(told)
    assert (folder / "outputs" / "out").read_text() == "twelve nothing"
    run_there(told)  # as in a job, outputs are not there before
    assert "-> import sys" in run_there(told, "-m", "pdb", "-c", "where", "-c", "quit")
    # It can be moved, and nothing of the workspace was touched.
    shutil.move(folder, tmp_path / "elsewhere")
    told["script"] = str(tmp_path / "elsewhere" / "run.sh")
    run_there(told)
    assert (tmp_path / "elsewhere" / "outputs" / "out").read_text() == "twelve nothing"
    assert json.loads(azud(author, "verify", "--storage", "--json").stdout)["problems"] == []


def test_everything_that_a_job_gets_is_there_and_no_token_is(author, tmp_path):
    store = author.ws.get_default_datastore()
    for name in "ab":
        (tmp_path / f"{name}.csv").write_text(f"x,y\n1,{ord(name)}\n")
    store.upload_files([str(tmp_path / f"{name}.csv") for name in "ab"], target_path="in", show_progress=False)
    mounted = Dataset.File.from_files((store, "in")).as_named_input("mounted").as_mount()
    loaded = Dataset.File.from_files((store, "in/*.csv")).as_named_input("loaded").as_download("data/here")
    single = Dataset.File.from_files((store, "in/a.csv")).as_named_input("single").as_mount()
    table = Dataset.Tabular.from_delimited_files((store, "in/*.csv")).as_named_input("table")
    folder_out, file_out = OutputFileDatasetConfig("folder_out"), PipelineData("file_out", datastore=store)
    settings = RunConfiguration()
    settings.environment_variables = {"GREETING": 'it\'s $HOME "quoted"\nand long'}
    code = """
import json, os, sys
from azureml.core import Run
run = Run.get_context()
number, mounted, loaded, single, folder_out, file_out = sys.argv[1:]
found = {
    "number": [number, os.environ["AML_PARAMETER_number"], os.environ["AML_PARAMETER_rate"]],
    "mounted": sorted(os.listdir(mounted)),
    "loaded": [sorted(os.listdir(loaded)), os.path.relpath(loaded)],
    "single": [os.path.basename(single), open(single).read()],
    "inputs": [run.input_datasets["mounted"] == mounted == os.environ["mounted"], sorted(run.input_datasets)],
    "table": run.input_datasets["table"].to_pandas_dataframe().y.tolist(),
    "greeting": os.environ["GREETING"],
    "outputs": [os.path.isdir(folder_out), os.path.exists(file_out), run.output_datasets["folder_out"] == folder_out],
    "reference": os.environ["AZUREML_DATAREFERENCE_file_out"] == file_out,
    "folders": [os.path.isdir("outputs"), os.path.isdir("logs")],
    "argv0": sys.argv[0],
}
with open(file_out, "w") as stream:
    json.dump(found, stream, sort_keys=True)
with open(os.path.join(folder_out, "x"), "w") as stream:
    stream.write("x")
"""
    step = author.step(
        "all",
        code,
        inputs=[mounted, loaded, single, table],
        outputs=[file_out],
        arguments=[PipelineParameter("number", 7), mounted, loaded, single, folder_out, file_out],
        params={"rate": "0.1"},
        runconfig=settings,
        runconfig_pipeline_params=None,
    )
    run = submit(author, step, pipeline_parameters={"number": 9})
    assert run.get_status() == "Finished", author.live.client.get(f"/runs/{run.id}")
    (step_run,) = run.get_steps()
    in_the_job = json.loads(pathlib.Path(sealed(author, step_run, "file_out")).read_text())
    for options in ((), ("--link",)):
        folder = tmp_path / f"replay{len(options)}"
        told = replay(author, f"{run.id}/all", folder, *options)
        run_there(told)
        assert json.loads((folder / "outputs" / "file_out").read_text()) == in_the_job
        assert (folder / "outputs" / "folder_out" / "x").read_text() == "x"
        written = (folder / "run.sh").read_text()
        assert "TOKEN" not in written
        assert "AZUD_ENDPOINT" not in written
        assert not any("TOKEN" in name for name in told["env"])
        assert (folder / "inputs" / "mounted").is_symlink() == bool(options)
        assert os.stat(folder / "run.sh").st_mode & 0o077 == 0
    # A copy is one's own: what is done to it does not reach what is stored.
    (tmp_path / "replay0" / "inputs" / "mounted" / "a.csv").write_text("changed")
    assert pathlib.Path(store._local_root(), "in", "a.csv").read_text() == "x,y\n1,97\n"


def sealed(author, step_run, name):
    outputs = author.live.client.get(f"/runs/{step_run.id}/outputs")["value"]
    return next(item["local_path"] for item in outputs if item["name"] == name)


def test_what_is_not_as_it_was_is_said_and_a_reused_step_is_laid_out_too(author, tmp_path):
    store = author.ws.get_default_datastore()
    (tmp_path / "data.txt").write_text("one")
    store.upload_files([str(tmp_path / "data.txt")], target_path="in", show_progress=False)
    data = Dataset.File.from_files((store, "in/data.txt")).as_named_input("data").as_mount()

    def step():
        return author.step("show", "import sys\nprint(open(sys.argv[1]).read())", inputs=[data], arguments=[data])

    first, second = submit(author, step()), submit(author, step())
    (made,) = first.get_steps()
    told = replay(author, second.id, tmp_path / "reused")
    assert any(made.id in warning for warning in told["warnings"])
    assert "one" in run_there(told)
    (tmp_path / "data.txt").write_text("two")
    store.upload_files([str(tmp_path / "data.txt")], target_path="in", overwrite=True, show_progress=False)
    told = replay(author, first.id, tmp_path / "changed")
    assert told["warnings"] == ["not as it was: input 'data' is not what it was"]
    assert "two" in run_there(told)
    done = azud(author, "replay", first.id, str(tmp_path / "plain"))
    assert "warning: not as it was: input 'data' is not what it was" in done.stderr
    assert f"run it with\t{tmp_path / 'plain' / 'run.sh'}" in done.stdout


def test_a_fixed_place_on_the_machine_is_not_touched(author, tmp_path):
    place = tmp_path / "fixed"
    out = PipelineData(
        "out",
        datastore=author.ws.get_default_datastore(),
        output_mode="upload",
        output_path_on_compute=str(place),
    )
    code = "import os, sys\nos.makedirs(sys.argv[1], exist_ok=True)\nopen(sys.argv[1] + '/x', 'w').write('1')\n"
    run = submit(author, author.step("fixed", code, outputs=[out], arguments=[out]))
    assert run.get_status() == "Finished"
    told = replay(author, run.id, tmp_path / "there")
    run_there(told)
    assert not place.exists()
    assert (tmp_path / "there" / "outputs" / "out" / "x").read_text() == "1"
    assert "a fixed place" in told["warnings"][0]


def test_what_cannot_be_laid_out_leaves_nothing_behind(author, tmp_path):
    run = submit(author, author.step("a", "pass"), author.step("b", "pass"))
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "x").touch()
    assert "not empty" in azud(author, "replay", run.id, "a", str(tmp_path / "full"), code=2).stderr
    assert "has 2 steps" in azud(author, "replay", run.id, str(tmp_path / "new"), code=2).stderr
    blobs = author.live.folder / ".azud" / "blobs"
    for path in blobs.glob("??/*"):
        path.unlink()
    assert "cannot be read" in azud(author, "replay", run.id, "a", str(tmp_path / "new"), code=1).stderr
    assert not (tmp_path / "new").exists()
