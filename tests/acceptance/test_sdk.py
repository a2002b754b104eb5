"""Programs as v1's users write them, against a real server: data, parameters, metrics, failures, cancelling."""

from __future__ import annotations

import signal
import subprocess
import sys

from tests.acceptance.pages import Project

IMPORTS = """
import json, os
from azureml.core import Dataset, Datastore, Experiment, Run, Workspace
from azureml.data import OutputFileDatasetConfig
from azureml.data.datapath import DataPath, DataPathComputeBinding
from azureml.exceptions import ActivityFailedException, UserErrorException
from azureml.pipeline.core import Pipeline, PipelineData, PipelineParameter, StepSequence
from azureml.pipeline.steps import PythonScriptStep

ws = Workspace.from_config()
store = ws.get_default_datastore()
"""


def test_parameters(project: Project) -> None:
    script = (
        "import os, sys\nprint('GOT', sys.argv[1:], os.environ['AML_PARAMETER_rate'], os.environ['AML_PARAMETER_x'])\n"
    )
    project.write("parameters/show.py", script)
    text = """
count, rate = PipelineParameter("count", 3), PipelineParameter("rate", 0.5)
step = PythonScriptStep("show.py", source_directory="parameters", arguments=["--n", count, rate, "parameter:x"],
                        params={"x": PipelineParameter("word", "default")})
pipeline = Pipeline(ws, [step])
experiment = Experiment(ws, "parameters")
experiment.submit(pipeline).wait_for_completion()
experiment.submit(pipeline, pipeline_parameters={"count": 4, "word": "other"}).wait_for_completion()
for wrong in ({"missing": 1}, {"count": "text"}, {"rate": "x"}, {"word": 3}):
    try:
        experiment.submit(pipeline, pipeline_parameters=wrong)
    except UserErrorException as error:
        print("REFUSED", error.message)
    else:
        raise SystemExit(f"{wrong} was accepted")
"""
    printed = project.run("parameters.py", IMPORTS + text)
    assert "GOT ['--n', '3', '0.5', 'default'] 0.5 default" in printed
    assert "GOT ['--n', '4', '0.5', 'other'] 0.5 other" in printed
    assert "REFUSED Pipeline parameter with name missing does not exist" in printed


def test_a_path_that_is_chosen_at_submit(project: Project) -> None:
    project.write("paths/read.py", "import sys\nprint('READ', open(sys.argv[1]).read())\n")
    text = """
for name in ("one", "two"):
    os.makedirs("data", exist_ok=True)
    open(f"data/{name}.txt", "w").write(name)
store.upload("data", "paths", overwrite=True, show_progress=False)
where = (PipelineParameter("where", DataPath(store, "paths/one.txt")), DataPathComputeBinding("mount"))
step = PythonScriptStep("read.py", source_directory="paths", inputs=[where], arguments=[where])
pipeline = Pipeline(ws, [step])
experiment = Experiment(ws, "paths")
experiment.submit(pipeline).wait_for_completion()
experiment.submit(pipeline, pipeline_parameters={"where": DataPath(store, "paths/two.txt")}).wait_for_completion()
"""
    printed = project.run("paths.py", IMPORTS + text)
    assert "READ one" in printed
    assert "READ two" in printed


def test_outputs_that_are_datasets(project: Project) -> None:
    write = """
        import os, sys
        for folder in sys.argv[1:3]:
            assert os.path.isdir(folder)
            with open(os.path.join(folder, "rows.csv"), "w") as stream:
                stream.write("a,b\\n1,x\\n2,y\\n")
        from azureml.core import Run
        outputs = Run.get_context().output_datasets
        assert outputs == {"plain": sys.argv[1], "fixed": sys.argv[2]}, outputs
    """
    project.write("outputs/write.py", write)
    read = """
        import os, sys
        from azureml.core import Run
        run = Run.get_context()
        assert run.input_datasets["files"] == sys.argv[1]
        print("FILES", sorted(os.listdir(sys.argv[1])), run.input_datasets["rows"].to_pandas_dataframe()["a"].sum())
    """
    project.write("outputs/read.py", read)
    text = """
plain = OutputFileDatasetConfig("plain").register_on_complete("kept")
fixed = OutputFileDatasetConfig("fixed", destination=(store, "results/{output-name}")).as_upload(overwrite=True)
writer = PythonScriptStep("write.py", source_directory="outputs", arguments=[plain, fixed])
rows = plain.read_delimited_files().as_input("rows")
reader = PythonScriptStep("read.py", source_directory="outputs", inputs=[rows], arguments=[fixed.as_input("files")])
run = Experiment(ws, "outputs").submit(Pipeline(ws, [reader]))
assert run.wait_for_completion() == "Finished"
kept = Dataset.get_by_name(ws, "kept")
print("KEPT", kept.version, kept.to_path())
print("FIXED", store.download("down", prefix="results/fixed", overwrite=True, show_progress=False))
"""
    printed = project.run("outputs.py", IMPORTS + text)
    assert "FILES ['rows.csv'] 3" in printed
    assert "KEPT 1 ['/rows.csv']" in printed
    assert "FIXED 1" in printed
    assert (project.folder / "down/results/fixed/rows.csv").read_text() == "a,b\n1,x\n2,y\n"


def test_what_a_script_keeps_with_its_run(project: Project) -> None:
    script = """
        import math, os, sys
        import matplotlib
        matplotlib.use("Agg")
        import matplotlib.pyplot as plt
        from azureml.core import Run, Dataset, Workspace
        from azureml.core.compute import AmlCompute, ComputeTarget
        from azureml.exceptions import ComputeTargetException

        run = Run.get_context()
        for value in (0.5, 0.25, math.inf):
            run.log("loss", value)
        run.log("once", 1)
        run.log_list("list", [1, 2])
        run.log_row("row", a=1, b=2)
        run.log_table("table", {"a": [1, 2]})
        plt.plot([1, 2])
        run.log_image("chart", plot=plt)
        run.tag("mine", "yes")
        run.add_properties({"made": "here"})
        run.parent.tag("from", "child")
        run.parent.log("shared", 7)
        os.makedirs("outputs", exist_ok=True)
        with open("outputs/model.txt", "w") as stream:
            stream.write("model")
        with open("logs/own.log", "w") as stream:
            stream.write("own")
        run.upload_file("note.txt", "outputs/model.txt")
        dataset = Dataset.get_by_id(run.experiment.workspace, sys.argv[1])
        print("DATASET", dataset.to_path(), run.input_datasets["files"].to_path())
        ws = Workspace.from_config()
        assert ws.get_details()["name"] == run.experiment.workspace.name
        try:
            ComputeTarget.create(ws, "new", AmlCompute.provisioning_configuration(max_nodes=1))
        except ComputeTargetException as error:
            print("COMPUTE", error.message)
        run.complete()
        print("STATUS", run.get_status())
    """
    project.write("keeps/keep.py", script)
    text = """
os.makedirs("keep_data", exist_ok=True)
open("keep_data/f.txt", "w").write("f")
store.upload("keep_data", "keep", overwrite=True, show_progress=False)
files = Dataset.File.from_files((store, "keep")).as_named_input("files")
step = PythonScriptStep("keep.py", source_directory="keeps", inputs=[files], arguments=[files])
run = Experiment(ws, "keeps").submit(Pipeline(ws, [step]), tags={"given": "at submit"})
assert run.wait_for_completion() == "Finished"
(step_run,) = run.get_steps()
metrics = step_run.get_metrics()
chart = metrics.pop("chart")
print("METRICS", json.dumps(metrics, sort_keys=True))
print("PARENT", run.get_metrics(), sorted(run.get_tags().items()))
print("OWN", step_run.tags["mine"], step_run.properties["made"])
names = step_run.get_file_names()
assert chart.endswith(next(name for name in names if name.startswith("chart_"))), (chart, names)
logs = ["logs/own.log", "azureml-logs/70_driver_log.txt", "user_logs/std_log.txt"]
for name in ("outputs/model.txt", "note.txt", *logs):
    assert name in names, (name, names)
step_run.download_file("outputs/model.txt", "downloaded_model.txt")
step_run.download_files(prefix="outputs", output_directory="all")
assert open("downloaded_model.txt").read() == open("all/outputs/model.txt").read() == "model"
assert "STATUS Running" in step_run.get_stdout_log()
details = step_run.get_details_with_logs()
assert details["status"] == "Completed" and "DATASET" in details["logFiles"]["STDOUT"], details
assert details["inputDatasets"][0]["consumptionDetails"]["inputName"] == "files", details
assert [found.id for found in Experiment(ws, "keeps").get_runs(tags={"given": "at submit"})] == [run.id]
assert Run.get(ws, run.id).get_status() == "Finished"
try:
    run.upload_file("again.txt", "downloaded_model.txt")
    run.upload_file("again.txt", "downloaded_model.txt")
except UserErrorException as error:
    print("TWICE", error.message)
"""
    printed = project.run("keeps.py", IMPORTS + text)
    assert "DATASET ['/f.txt'] ['/f.txt']" in printed
    assert "COMPUTE a job cannot create a compute target" in printed
    assert (
        'METRICS {"list": [1, 2], "loss": [0.5, 0.25, Infinity], "once": 1, "row": {"a": 1, "b": 2}, '
        '"table": {"a": [1, 2]}}'
    ) in printed
    assert "PARENT {'shared': 7} [('from', 'child'), ('given', 'at submit')]" in printed
    assert "OWN yes here" in printed
    assert "TWICE" in printed


def test_a_step_that_fails(project: Project) -> None:
    project.write("fails/bad.py", "import sys\nprint('before')\nraise ValueError('the reason')\n")
    project.write("fails/good.py", "print('good')\n")
    text = """
data = PipelineData("data")
bad = PythonScriptStep("bad.py", source_directory="fails", outputs=[data], allow_reuse=False)
after = PythonScriptStep("good.py", name="after", source_directory="fails", inputs=[data], allow_reuse=False)
other = PythonScriptStep("good.py", name="first", source_directory="fails", allow_reuse=False)
last = PythonScriptStep("good.py", name="last", source_directory="fails", allow_reuse=False)
pipeline = Pipeline(ws, [after, StepSequence([other, last])])
run = Experiment(ws, "fails").submit(pipeline, continue_on_step_failure=True)
try:
    run.wait_for_completion()
except ActivityFailedException as error:
    details = json.loads(error.message)["error"]
    print("FAILED", details["details"]["exit_code"], details["details"]["log"], details["message"].splitlines()[-1])
else:
    raise SystemExit("no exception")
assert run.wait_for_completion(show_output=False, raise_on_error=False) == "Failed"
print("STATES", sorted((step.name, step.get_status()) for step in run.get_steps()))
print("DETAILS", run.get_details()["error"]["error"]["step"])
"""
    printed = project.run("fails.py", IMPORTS + text)
    assert "FAILED 1 azureml-logs/70_driver_log.txt ValueError: the reason" in printed
    assert "('bad.py', 'Failed'), ('first', 'Finished'), ('last', 'Finished')" in printed
    assert "('after', 'Finished')" not in printed
    assert "DETAILS bad.py" in printed
    assert "    ValueError: the reason" in printed


def test_a_run_that_is_cancelled(project: Project) -> None:
    project.write("long/sleep.py", "import time\nprint('sleeping', flush=True)\ntime.sleep(120)\n")
    text = """
import time
step = PythonScriptStep("sleep.py", source_directory="long", allow_reuse=False)
run = Experiment(ws, "long").submit(Pipeline(ws, [step]))
assert run.wait_for_completion(timeout_seconds=1) == "Running"
run.cancel()
print("ENDED", run.wait_for_completion(show_output=False, raise_on_error=False), next(run.get_steps()).get_status())
"""
    printed = project.run("long.py", IMPORTS + text)
    assert "sleeping" in printed
    assert "Timed out after 1 s" in printed
    assert "ENDED Canceled Canceled" in printed


def test_ctrl_c_ends_the_wait_and_not_the_run(project: Project) -> None:
    project.write("wait/wait.py", "import time\nprint('waiting', flush=True)\ntime.sleep(3)\nprint('done')\n")
    text = """
step = PythonScriptStep("wait.py", source_directory="wait", allow_reuse=False)
run = Experiment(ws, "wait").submit(Pipeline(ws, [step]))
try:
    run.wait_for_completion()
except Exception as error:
    print("CAUGHT", type(error).__name__)
print("LATER", run.wait_for_completion(show_output=False))
"""
    (project.folder / "wait.py").write_text(IMPORTS + text)
    child = subprocess.Popen(
        [sys.executable, "-m", "azud.cli", "run", "wait.py"],
        cwd=project.folder,
        env={**project.env, "PYTHONUNBUFFERED": "1"},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    assert child.stdout is not None
    printed = ""
    for line in child.stdout:
        printed += line
        if line.startswith("waiting"):
            child.send_signal(signal.SIGINT)
            break
    rest, _ = child.communicate(timeout=60)
    printed += rest
    assert child.returncode == 0, printed
    assert "the run itself goes on" in printed
    assert "CAUGHT ExperimentExecutionException" in printed
    assert "LATER Finished" in printed


def test_a_killed_server_is_started_again(project: Project) -> None:
    text = """
import signal
pid = ws._api.get("/server")["pid"]
os.kill(pid, signal.SIGKILL)
assert ws.get_details()["name"] == ws.name
assert ws._api.get("/server")["pid"] != pid
print("AGAIN")
"""
    assert "AGAIN" in project.run("killed.py", IMPORTS + text)


def test_unknown_names(project: Project) -> None:
    project.write("unknown/a.py", "")
    text = """
def refused(action):
    try:
        action()
    except UserErrorException as error:
        print("REFUSED", error.message)
    else:
        raise SystemExit("accepted")

def submit(**kwargs):
    step = PythonScriptStep("a.py", source_directory="unknown", **kwargs)
    Experiment(ws, "unknown").submit(Pipeline(ws, [step]))

refused(lambda: Datastore(ws, "nowhere"))
refused(lambda: submit(compute_target="nowhere"))
refused(lambda: submit(outputs=[OutputFileDatasetConfig("o", destination=("elsewhere", "x"))]))
refused(lambda: Dataset.get_by_name(ws, "nothing"))
refused(lambda: Run.get(ws, "00000000-0000-0000-0000-000000000000"))
"""
    printed = project.run("unknown.py", IMPORTS + text)
    assert printed.count("REFUSED") == 5
    for name in ("nowhere", "elsewhere", "nothing"):
        assert name in printed


def test_the_current_folder_as_the_source(project: Project) -> None:
    """v1's default source folder is the current one, which holds the workspace itself."""
    project.write("here.py", "print('HERE')\n")
    project.write(".amlignore", "*\n!here.py\n!.amlignore\n")
    text = 'Experiment(ws, "here").submit(Pipeline(ws, [PythonScriptStep("here.py")])).wait_for_completion()\n'
    assert "HERE" in project.run("from_here.py", IMPORTS + text)
    (project.folder / ".amlignore").unlink()
