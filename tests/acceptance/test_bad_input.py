"""What people get wrong, and what goes wrong.

Each gives a clear error at the earliest moment, in v1's exception types, and loses nothing recorded.
"""

from __future__ import annotations

import builtins
import json
import os
import signal
import subprocess
import time

import pytest
from tests.acceptance.authoring import Authoring

from azud.core.processes import is_alive, mark_of
from azud.sdk.exceptions import ActivityFailedException, UserErrorException
from azureml.core import Datastore, Experiment, Workspace
from azureml.core.runconfig import RunConfiguration
from azureml.data.data_reference import DataReference
from azureml.pipeline.core import Pipeline, PipelineData, PipelineParameter


@pytest.fixture
def author(workspace):
    return Authoring(workspace)


def refuse_to_read(monkeypatch, name):
    """Make files of this name unreadable, which no mode does for root."""
    real = builtins.open

    def guarded(file, *args, **kwargs):
        if isinstance(file, str) and file.endswith(name):
            raise PermissionError(13, "Permission denied", file)
        return real(file, *args, **kwargs)

    monkeypatch.setattr(builtins, "open", guarded)


# -- known before anything runs -----------------------------------------------------------------------


def test_a_cycle_is_told_by_validate_and_refused_by_submit(author):
    first, second = author.step("a", "pass"), author.step("b", "pass")
    first.run_after(second)
    second.run_after(first)
    pipeline = Pipeline(author.ws, steps=[first, second])
    assert any("Cycle detected" in text for text in pipeline.validate())
    with pytest.raises(Exception, match=r"(?i)circle|cycle"):
        author.submit(pipeline)
    assert list(Experiment(author.ws, "bad").get_runs()) == []


def test_a_missing_script_is_refused_when_the_pipeline_is_built(author):
    step = author.step("a", "pass", script_name="not_there.py", write=False)
    with pytest.raises(Exception, match=r"not_there\.py"):
        Pipeline(author.ws, steps=[step])


def test_an_input_that_nobody_makes_is_refused(author):
    orphan = PipelineData("orphan", datastore=author.ws.get_default_datastore())
    step = author.step("a", "pass", inputs=[orphan], arguments=["--in", orphan])
    with pytest.raises(ValueError, match="orphan"):
        Pipeline(author.ws, steps=[step])


def test_two_producers_of_one_output_are_refused(author):
    data = PipelineData("data", datastore=author.ws.get_default_datastore())
    steps = [author.step(name, "pass", outputs=[data], arguments=["--out", data]) for name in "ab"]
    with pytest.raises(ValueError, match="data"):
        Pipeline(author.ws, steps=steps)


def test_an_unknown_datastore_is_refused(author):
    with pytest.raises(Exception, match="no_such_store"):
        Datastore(author.ws, "no_such_store")


@pytest.mark.parametrize("value", ["text", 1.5])
def test_a_parameter_of_the_wrong_type_is_refused_at_submit(author, value):
    rounds = PipelineParameter("rounds", default_value=3)
    pipeline = Pipeline(author.ws, steps=[author.step("a", "pass", arguments=["--rounds", rounds])])
    with pytest.raises(Exception, match="rounds"):
        author.submit(pipeline, pipeline_parameters={"rounds": value})
    with pytest.raises(Exception, match="does not exist"):
        author.submit(pipeline, pipeline_parameters={"unknown": 1})
    assert list(Experiment(author.ws, "bad").get_runs()) == []


def test_a_corrupt_config_names_the_file_and_the_way_out(author):
    config = author.live.folder / ".azureml" / "config.json"
    config.write_text("{ not json")
    with pytest.raises(UserErrorException, match=r"config\.json"):
        Workspace.from_config(str(author.live.folder))


def test_a_workspace_of_a_newer_version_is_refused_and_left_alone(author):
    path = author.live.folder / ".azud" / "workspace.json"
    before = json.loads(path.read_text())
    path.write_text(json.dumps({**before, "format": 99}))
    with pytest.raises(Exception, match="newer version"):
        Workspace.from_config(str(author.live.folder))
    assert json.loads(path.read_text())["format"] == 99
    path.write_text(json.dumps(before))


def test_an_unreadable_file_in_the_source_folder_is_named(author, monkeypatch):
    step = author.step("a", "pass")
    (author.source("a") / "secret.bin").write_bytes(b"x")
    refuse_to_read(monkeypatch, "secret.bin")
    with pytest.raises(Exception, match=r"secret\.bin"):
        author.submit(Pipeline(author.ws, steps=[step]))


# -- seen while it runs -------------------------------------------------------------------------------


def fails(author, step, **options):
    """Run one step that must fail; return its step run's error."""
    run = author.submit(Pipeline(author.ws, steps=[step]), **options)
    with pytest.raises(ActivityFailedException):
        run.wait_for_completion(show_output=False)
    assert run.get_status() == "Failed"
    (step_run,) = run.get_steps()
    assert step_run.get_status() == "Failed"
    return author.live.client.get(f"/runs/{step_run.id}")["error"], step_run


def test_a_failing_step_shows_the_tracebacks_end_the_exit_code_and_the_log(author):
    error, step_run = fails(
        author, author.step("a", "def f():\n    raise KeyError('missing column')\nprint('before')\nf()")
    )
    assert error["exit_code"] == 1
    assert "KeyError: 'missing column'" in error["traceback_tail"][-1]
    assert error["log"] == "azureml-logs/70_driver_log.txt"
    assert [line for line in error["traceback_tail"] if line.startswith("  File")] == [
        line for line in error["traceback_tail"] if "/a.py" in line
    ]
    assert "before" in step_run.get_job_log()


def test_a_syntax_error_shows_its_line(author):
    error, _ = fails(author, author.step("a", "x = 1\nif x\n    pass"))
    assert "SyntaxError" in "\n".join(error["traceback_tail"])


def test_a_step_killed_from_outside_names_the_signal(author):
    error, _ = fails(author, author.step("a", "import os, signal\nos.kill(os.getpid(), signal.SIGKILL)"))
    assert (error["signal"], error["exit_code"]) == ("SIGKILL", None)
    assert error["hint"]


def test_a_step_that_writes_no_output_is_told_where_it_was_expected(author):
    data = PipelineData("model", datastore=author.ws.get_default_datastore())
    error, _ = fails(author, author.step("a", "print('done')", outputs=[data], arguments=["--out", data]))
    assert error["code"] == "output_missing"
    assert "model" in error["message"]
    assert error["hint"]


def test_a_step_that_deletes_its_working_folder_still_ends_and_keeps_its_log(author):
    step = author.step("a", "import os, shutil\nprint('going', flush=True)\nshutil.rmtree(os.getcwd())\nprint('gone')")
    run = author.run(step)
    assert run.get_status() == "Finished"
    (step_run,) = run.get_steps()
    assert "gone" in step_run.get_job_log()


def test_two_hundred_megabytes_of_output_are_kept_whole(author):
    code = "line = 'x' * 1023\nfor _ in range(200 * 1024):\n    print(line)\n"
    run = author.run(author.step("a", code))
    (step_run,) = run.get_steps()
    files = author.live.client.get(f"/runs/{step_run.id}/files")["value"]
    (size,) = [item["size_bytes"] for item in files if item["path"] == "azureml-logs/70_driver_log.txt"]
    assert size >= 200 * 1024 * 1024


def test_daemons_that_a_step_leaves_are_ended_and_said(author, tmp_path):
    code = f"""
import os, subprocess, sys
child = "import os, time; open({str(tmp_path / "pid")!r}, 'w').write(str(os.getpid())); time.sleep(300)"
subprocess.Popen([sys.executable, "-c", child], start_new_session=True)
import time
while not os.path.exists({str(tmp_path / "pid")!r}):
    time.sleep(0.01)
time.sleep(0.05)
"""
    run = author.run(author.step("a", code))
    pid = int((tmp_path / "pid").read_text())
    assert not is_alive(mark_of(pid))
    (step_run,) = run.get_steps()
    assert author.live.client.get(f"/runs/{step_run.id}")["warnings"]


def test_a_step_that_ignores_sigterm_is_canceled_all_the_same(author, monkeypatch):
    monkeypatch.setenv("AZUD_GRACE_S", "0.3")
    code = (
        "import signal, time\nsignal.signal(signal.SIGTERM, signal.SIG_IGN)\nprint('up', flush=True)\ntime.sleep(300)"
    )
    run = author.submit(Pipeline(author.ws, steps=[author.step("a", code)]))
    author.wait_for_log(run, "up")
    run.cancel()
    run.wait_for_completion(show_output=False, raise_on_error=False)
    assert run.get_status() == "Canceled"
    assert [step.get_status() for step in run.get_steps()] == ["Canceled"]


def test_a_step_that_runs_too_long_is_ended_and_says_its_limit(author, monkeypatch):
    monkeypatch.setenv("AZUD_GRACE_S", "0.3")
    config = RunConfiguration()
    config.max_run_duration_seconds = 1
    error, _ = fails(author, author.step("a", "import time\ntime.sleep(300)", runconfig=config))
    assert error["code"] == "step_timed_out"
    assert "1" in error["message"]


def test_a_missing_file_behind_a_dataset_is_told_before_the_step_starts(author):
    from azureml.core import Dataset

    dataset = Dataset.File.from_files((author.ws.get_default_datastore(), "not/here.csv"), validate=False)
    step = author.step("a", "pass", inputs=[dataset.as_named_input("data").as_mount()])
    error, _ = fails(author, step)
    assert "not/here.csv" in error["message"]


def test_one_failing_step_passes_over_what_needs_it_and_lets_the_others_finish(author):
    store = author.ws.get_default_datastore()
    data = PipelineData("data", datastore=store)
    bad = author.step("bad", "raise SystemExit(3)", outputs=[data], arguments=["--out", data])
    needs = author.step("needs", "pass", inputs=[data], arguments=["--in", data])
    free = author.step("free", "pass")
    run = author.submit(Pipeline(author.ws, steps=[bad, needs, free]), continue_on_step_failure=True)
    run.wait_for_completion(show_output=False, raise_on_error=False)
    assert run.get_status() == "Failed"
    assert {step.name: step.get_status() for step in run.get_steps()} == {
        "bad": "Failed",
        "needs": "Bypassed",
        "free": "Finished",
    }


# -- the machine fails --------------------------------------------------------------------------------


@pytest.fixture
def small_disk(private_user):
    if os.geteuid() != 0:
        pytest.skip("mounting a small file system needs root")
    folder = private_user / "small"
    folder.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=24m", "tmpfs", str(folder)], capture_output=True, check=False
    )
    if mounted.returncode:
        pytest.skip(f"no tmpfs can be mounted here: {mounted.stderr.decode().strip()}")
    yield folder
    subprocess.run(["umount", "-l", str(folder)], check=True)


def test_a_full_disk_fails_the_step_clearly_and_loses_nothing(small_disk):
    from tests.conftest import LiveWorkspace

    live = LiveWorkspace(small_disk / "ws")
    author = Authoring(live)
    data = PipelineData("data", datastore=author.ws.get_default_datastore())
    good = author.run(author.step("good", "print('fine')"))
    code = (
        "import os, sys\nos.makedirs(sys.argv[2])\nopen(os.path.join(sys.argv[2], 'x'), 'wb').write(b'x' * (64 << 20))"
    )
    error, _ = fails(author, author.step("big", code, outputs=[data], arguments=["--out", data]))
    assert "No space left" in " ".join([error["message"], *error["traceback_tail"]]), error
    assert good.get_status() == "Finished"
    live.kill_server()
    assert {run.status for run in Experiment(author.ws, "bad").get_runs()} == {"Completed", "Failed"}
    live.stop_server()


def test_a_killed_server_is_started_by_the_next_call_and_the_run_goes_on(author):
    slow = author.step("slow", "import time\nprint('up', flush=True)\ntime.sleep(2)\nprint('end')")
    after = author.step("after", "print('after')")
    after.run_after(slow)
    run = author.submit(Pipeline(author.ws, steps=[slow, after]))
    author.wait_for_log(run, "up")
    author.live.kill_server()
    run.wait_for_completion(show_output=False)
    assert {step.name: step.get_status() for step in run.get_steps()} == {"slow": "Finished", "after": "Finished"}
    (slow_run,) = run.find_step_run("slow")
    assert slow_run.get_job_log().count("up") == 1


def test_killing_the_submitting_process_changes_nothing(author, tmp_path):
    author.step("a", "import time\ntime.sleep(1)\nprint('end')")
    program = tmp_path / "submit.py"
    program.write_text(
        f"import os, signal, sys\nos.chdir({str(author.live.folder)!r})\n"
        "from azureml.core import Workspace, Experiment\nfrom azureml.pipeline.core import Pipeline\n"
        "from azureml.pipeline.steps import PythonScriptStep\nws = Workspace.from_config()\n"
        f"step = PythonScriptStep(script_name='a.py', source_directory={str(author.source('a'))!r})\n"
        "run = Experiment(ws, 'bad').submit(Pipeline(ws, steps=[step]))\nprint(run.id, flush=True)\n"
        "os.kill(os.getpid(), signal.SIGKILL)\n"
    )
    done = subprocess.run(author.azud("run", str(program)), capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == -signal.SIGKILL, done.stderr
    (run,) = Experiment(author.ws, "bad").get_runs()
    deadline = time.monotonic() + 60
    while run.get_status() not in ("Finished", "Failed", "Canceled"):
        assert time.monotonic() < deadline
        time.sleep(0.1)
    assert run.get_status() == "Finished"


def test_a_script_name_that_leaves_the_folder_is_refused(author):
    step = author.step("a", "pass", script_name="../a.py", write=False)
    with pytest.raises(Exception, match=r"\.\./a\.py"):
        author.submit(Pipeline(author.ws, steps=[step]))


def test_a_reference_out_of_its_datastore_is_refused(author):
    reference = DataReference(author.ws.get_default_datastore(), "ref", path_on_datastore="../../../etc")
    step = author.step("a", "pass", inputs=[reference], arguments=["--in", reference])
    run = None
    with pytest.raises(Exception, match="leaves its root"):
        run = author.submit(Pipeline(author.ws, steps=[step]))
        run.wait_for_completion(show_output=False)
