"""Reuse is never wrong: what is stored, what is found again, and what keeps a result from either."""

from __future__ import annotations

import os
import pathlib
import subprocess
import sys

import pytest
from tests.acceptance.authoring import Authoring

from azureml.core import Dataset
from azureml.core.compute import AmlCompute, ComputeTarget
from azureml.data.data_reference import DataReference
from azureml.pipeline.core import Pipeline, PipelineData, PipelineParameter

WAIT = """
import os, sys, time
def wait_for(path):
    deadline = time.monotonic() + 60
    while not os.path.exists(path):
        assert time.monotonic() < deadline, path
        time.sleep(0.005)
"""
COPY = """
import shutil, sys
shutil.copyfile(sys.argv[1], sys.argv[2])
"""


@pytest.fixture
def author(workspace) -> Authoring:
    return Authoring(workspace)


def step_named(run, name: str):
    (found,) = run.find_step_run(name)
    return found


def decision(author, run, name: str) -> dict:
    return author.live.client.get(f"/runs/{step_named(run, name).id}/reuse")


def outcomes(author, run) -> dict[str, str]:
    return {step.name: decision(author, run, step.name)["outcome"] for step in run.get_steps()}


def warnings(author, run, name: str) -> str:
    return "\n".join(author.live.client.get(f"/runs/{step_named(run, name).id}")["warnings"])


def output_text(author, run, name: str) -> str:
    (output,) = author.live.client.get(f"/runs/{step_named(run, name).id}/outputs")["value"]
    return pathlib.Path(output["local_path"]).read_text()


def data_file(author, text: str) -> pathlib.Path:
    """Return the file of the dataset that steps read, with this text."""
    path = author.live.folder / ".azud" / "datastores" / "workspaceblobstore" / "in" / "data.txt"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    return path


def reader(author, name: str, code: str, mode: str, **options):
    """Return a step that copies the dataset to its output, after `code`."""
    dataset = Dataset.File.from_files((author.ws.get_default_datastore(), "in/data.txt")).as_named_input("data")
    given = {"mount": dataset.as_mount, "download": dataset.as_download}[mode]()
    out = PipelineData("out", datastore=author.ws.get_default_datastore())
    return author.step(name, code + COPY, inputs=[given], outputs=[out], arguments=[given, out], **options)


# -- content, not ancestry ---------------------------------------------------------------------


def test_a_comment_changed_upstream_runs_that_step_again_and_no_other(author):
    def run(comment: str, text: str):
        made = PipelineData("made", datastore=author.ws.get_default_datastore())
        last = PipelineData("last", datastore=author.ws.get_default_datastore())
        code = f"import sys\nopen(sys.argv[1], 'w').write({text!r})\n# {comment}\n"
        first = author.step("first", code, outputs=[made], arguments=[made])
        second = author.step("second", COPY, inputs=[made], outputs=[last], arguments=[made, last])
        third = author.step("third", "pass", inputs=[last])
        return outcomes(author, author.run(first, second, third))

    assert run("as written", "text") == dict.fromkeys(("first", "second", "third"), "miss")
    assert run("as reviewed", "text") == {"first": "miss", "second": "hit", "third": "hit"}
    assert run("as reviewed", "TEXT") == dict.fromkeys(("first", "second", "third"), "miss")


def test_a_file_rewritten_within_a_tick_with_its_times_restored_is_noticed(author):
    path = data_file(author, "0")
    for number in range(1, 4):
        status = path.stat()
        with path.open("r+") as stream:
            stream.write(str(number))
        os.utime(path, ns=(status.st_atime_ns, status.st_mtime_ns))
        run = author.run(reader(author, "reads", "", "mount"))
        assert (outcomes(author, run), output_text(author, run, "reads")) == ({"reads": "miss"}, str(number))


# -- what changes meanwhile --------------------------------------------------------------------


@pytest.mark.parametrize("mode", ["mount", "download"])
@pytest.mark.parametrize("is_taken_back", [False, True])
def test_an_input_that_changes_while_its_step_waits_for_a_slot_is_not_stored(author, tmp_path, mode, is_taken_back):
    path = data_file(author, "old")
    configuration = AmlCompute.provisioning_configuration("STANDARD_D1", min_nodes=0, max_nodes=1)
    ComputeTarget.create(author.ws, "narrow", configuration)
    go = [str(tmp_path / f"go{number}") for number in range(2)]
    blocker = author.step(
        "blocker", WAIT + f"print('up', flush=True)\nwait_for({go[0]!r})", compute_target="narrow", allow_reuse=False
    )
    copy = COPY + WAIT + f"print('copied', flush=True)\nwait_for({go[1]!r})\n"
    reads = reader(author, "reads", copy, mode, compute_target="narrow")
    reads.run_after(author.step("before", "pass"))
    run = author.submit(Pipeline(author.ws, steps=[blocker, reads]))
    author.wait_for_log(run, "up")
    wait_for_decision(author, run, "reads")
    path.write_text("new")
    pathlib.Path(go[0]).touch()
    author.wait_for_log(run, "copied")
    if is_taken_back:
        path.write_text("old")
    pathlib.Path(go[1]).touch()
    run.wait_for_completion(show_output=False)
    told = warnings(author, run, "reads")
    assert "not stored for reuse: input data changed" in told
    path.write_text("old")
    again = author.run(reader(author, "reads", copy, mode))
    assert outcomes(author, again)["reads"] == "miss"
    assert output_text(author, again, "reads") == "old"


def wait_for_decision(author, run, name: str) -> None:
    def decided(events) -> bool:
        nodes = {event["step"] for event in events if event["type"] == "AttemptIntended"}
        steps = author.live.client.get(f"/runs/{run.id}/steps")["value"]
        return any(step["name"] == name and step["node_id"] in nodes for step in steps)

    after, events = 0, []
    while not decided(events):
        answer = author.live.client.get(f"/runs/{run.id}/events", {"after": after, "wait_s": 30})
        assert answer["events"] and not answer["terminal"], "the step was never decided"
        events += answer["events"]
        after = events[-1]["seq"]


def test_an_input_that_changes_while_no_server_lives_is_not_stored(author, tmp_path):
    path, go = data_file(author, "old"), str(tmp_path / "go")
    code = WAIT + f"print('up', flush=True)\nwait_for({go!r})\n"
    run = author.submit(Pipeline(author.ws, steps=[reader(author, "reads", code, "mount")]))
    author.wait_for_log(run, "up")
    author.live.kill_server()
    path.write_text("new")
    pathlib.Path(go).touch()
    run.wait_for_completion(show_output=False)
    assert "not stored for reuse" in warnings(author, run, "reads")
    path.write_text("old")
    assert outcomes(author, author.run(reader(author, "reads", code, "mount"))) == {"reads": "miss"}


@pytest.fixture
def interpreter(tmp_path, monkeypatch) -> pathlib.Path:
    """An environment of its own, in which the test's programs run; returns its site folder."""
    folder = tmp_path / "env"
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(folder)], check=True)
    monkeypatch.setattr(sys, "executable", str(folder / "bin" / "python"))
    (site,) = folder.glob("lib/python*/site-packages")
    return site


def install(site: pathlib.Path, version: str) -> None:
    for old in site.glob("tool-*"):
        (old / "RECORD").unlink()
        old.rmdir()
    (site / f"tool-{version}.dist-info").mkdir()
    (site / f"tool-{version}.dist-info" / "RECORD").write_text(f"tool.py,sha256={version},1\n")
    # Of another size: Python itself takes a compiled file for current if size and second are the same.
    (site / "tool.py").write_text(f"version = {version!r}" + " " * int(float(version)))


CODE = "import sys, tool\nopen(sys.argv[1], 'w').write(tool.version)\n"


def tool_step(author, name: str, code: str = ""):
    out = PipelineData(f"out_{name}", datastore=author.ws.get_default_datastore())
    return author.step(name, code + CODE, outputs=[out], arguments=[out])


def test_a_package_that_is_replaced_while_a_run_goes_on(author, tmp_path, interpreter):
    install(interpreter, "1.0")
    go = str(tmp_path / "go")
    early = WAIT + f"print('up', flush=True)\nwait_for({go!r})\n"

    def pipeline():
        first, second = tool_step(author, "first", early), tool_step(author, "second")
        second.run_after(first)
        return Pipeline(author.ws, steps=[second])

    run = author.submit(pipeline())
    author.wait_for_log(run, "up")
    install(interpreter, "2.0")
    pathlib.Path(go).touch()
    run.wait_for_completion(show_output=False)
    assert "not stored for reuse" in warnings(author, run, "first")
    assert output_text(author, run, "second") == "2.0"
    environments = {step.name: step.properties["azud.environment"] for step in run.get_steps()}
    assert environments["first"] != environments["second"], "each step is keyed by what it ran in"

    install(interpreter, "1.0")
    run = author.submit(pipeline())
    run.wait_for_completion(show_output=False)
    assert outcomes(author, run) == {"first": "miss", "second": "miss"}
    assert output_text(author, run, "second") == "1.0"
    run = author.submit(pipeline())
    run.wait_for_completion(show_output=False)
    assert outcomes(author, run) == {"first": "hit", "second": "hit"}


def test_source_of_an_editable_install_counts_from_one_step_to_the_next(author, tmp_path, interpreter):
    project = tmp_path / "project"
    project.mkdir()
    (project / "tool.py").write_text("version = 'a'")
    (interpreter / "project.pth").write_text(str(project))
    seen = []
    for text in ("a", "a", "b", "a"):
        (project / "tool.py").write_text(f"version = {text!r}" + " " * ord(text))
        run = author.run(tool_step(author, "step"))
        seen.append((outcomes(author, run)["step"], output_text(author, run, "step")))
    assert seen == [("miss", "a"), ("hit", "a"), ("miss", "b"), ("hit", "a")]


# -- what is stored, and what is found ---------------------------------------------------------


def test_neither_failed_nor_canceled_results_are_stored(author, tmp_path):
    go = tmp_path / "go"
    endings = {"fails": "raise SystemExit(3)", "canceled": "time.sleep(60)"}

    def steps():
        for name, ending in endings.items():
            out = PipelineData(f"out_{name}", datastore=author.ws.get_default_datastore())
            code = WAIT + "open(sys.argv[1], 'w').write('made')\nprint('up', flush=True)\n"
            code += f"if not os.path.exists({str(go)!r}): {ending}"
            yield author.step(name, code, outputs=[out], arguments=[out])

    run = author.submit(Pipeline(author.ws, steps=list(steps())), continue_on_step_failure=True)
    author.wait_for_log(run, "up")
    wait_for_decision(author, run, "canceled")
    step_named(run, "canceled").cancel()
    run.wait_for_completion(show_output=False, raise_on_error=False)
    assert {step.name: step.get_status() for step in run.get_steps()} == {"fails": "Failed", "canceled": "Canceled"}
    go.touch()
    for outcome in ("miss", "hit"):
        assert set(outcomes(author, author.run(*steps())).values()) == {outcome}


def test_followers_run_themselves_when_the_leader_fails(author, tmp_path):
    go, failed = str(tmp_path / "go"), str(tmp_path / "failed")
    code = (
        WAIT
        + f"""
print('up', flush=True)
wait_for({go!r})
try:
    os.mkdir({failed!r})
except FileExistsError:
    sys.exit(0)
sys.exit(3)
"""
    )
    first = author.submit(Pipeline(author.ws, steps=[author.step("slow", code)]))
    author.wait_for_log(first, "up")
    second = author.submit(Pipeline(author.ws, steps=[author.step("slow", code)]))
    pathlib.Path(go).touch()
    second.wait_for_completion(show_output=False)
    first.wait_for_completion(show_output=False, raise_on_error=False)
    assert (first.get_status(), second.get_status()) == ("Failed", "Finished")
    assert "azureml.reusedrunid" not in step_named(second, "slow").properties


def remove(path: pathlib.Path) -> str:
    path.unlink()
    return "gone"


def alter(path: pathlib.Path) -> str:
    path.write_text("MADE")
    return "altered after it was sealed"


def replace_by_a_folder(path: pathlib.Path) -> str:
    path.unlink()
    path.mkdir()
    return "output 'out'"


def take_the_datastore_away(path: pathlib.Path) -> str:
    for folder in path.parents:
        if folder.name == "azureml":
            folder.rename(folder.with_name("unmounted"))
    return "gone"


@pytest.mark.parametrize("spoil", [remove, alter, replace_by_a_folder, take_the_datastore_away])
def test_outputs_that_are_not_what_they_were_are_a_miss_and_the_entry_goes(spoil, author):
    def run():
        out = PipelineData("out", datastore=author.ws.get_default_datastore())
        code = "import sys\nopen(sys.argv[1], 'w').write('made')"
        return author.run(author.step("makes", code, outputs=[out], arguments=[out]))

    first = run()
    (output,) = author.live.client.get(f"/runs/{step_named(first, 'makes').id}/outputs")["value"]
    reason = spoil(pathlib.Path(output["local_path"]))
    second = run()
    told = decision(author, second, "makes")
    assert (told["outcome"], reason in told["reason"]) == ("miss", True), told
    third = decision(author, run(), "makes")
    assert (third["outcome"], third["reused_from"]) == ("hit", step_named(second, "makes").id)


def test_run_after_counts_by_the_attempt_that_completed(author, tmp_path):
    def run(comment: str):
        code = f"import os, sys\nif not os.path.exists({str(tmp_path / 'tried')!r}):\n"
        code += f"    os.mkdir({str(tmp_path / 'tried')!r}); sys.exit(1)\n# {comment}\n"
        before = author.step("before", code, retries=1, retry_delay_s=0)
        after = author.step("after", "pass")
        after.run_after(before)
        return author.run(after)

    first = run("one")
    assert step_named(first, "before").get_status() == "Finished"
    (maker,) = decision(author, first, "after")["preimage"]["run_after"]
    assert maker == step_named(first, "before").id
    assert outcomes(author, run("one")) == {"before": "hit", "after": "hit"}
    assert outcomes(author, run("two")) == {"before": "miss", "after": "miss"}, "what it did may be something else"


def test_what_cannot_be_fingerprinted_is_not_reused_and_says_why(author):
    folder = data_file(author, "text").parent
    os.mkfifo(folder / "pipe")
    store = author.ws.get_default_datastore()
    given = {
        "pipe": DataReference(store, data_reference_name="data", path_on_datastore="in"),
        "all": DataReference(store, data_reference_name="data"),
    }
    for _ in range(2):
        run = author.run(*(author.step(name, "pass", inputs=[data]) for name, data in given.items()))
        told = {name: decision(author, run, name) for name in given}
        assert {item["outcome"] for item in told.values()} == {"not_fingerprinted"}
        assert "in/pipe is neither a file nor a folder" in told["pipe"]["reason"]
        assert "whole of datastore" in told["all"]["reason"]
        assert {item["key"] for item in told.values()} == {None}


def test_a_parameter_that_an_argument_names_in_its_text_counts(author):
    rounds = PipelineParameter("rounds", default_value=3)
    seen = []
    for value in (3, 3, 4):
        user = author.step("user", "pass", arguments=["--rounds", rounds], allow_reuse=False)
        text = author.step("text", "import sys\nprint(sys.argv)", arguments=["--name=run-$AML_PARAMETER_rounds-x"])
        run = author.submit(Pipeline(author.ws, steps=[user, text]), pipeline_parameters={"rounds": value})
        run.wait_for_completion(show_output=False)
        assert f"run-{value}-x" in step_named(run, "text").get_job_log()
        seen.append(outcomes(author, run)["text"])
    assert seen == ["miss", "hit", "miss"]
