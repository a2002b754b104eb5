"""`RunDetails(run).show()`: text in a program, HTML that lives on in a real notebook kernel."""

from __future__ import annotations

import json
import time

import pytest
from tests.acceptance.pages import Project

PIPELINE = """
from azureml.core import Experiment, Workspace
from azureml.pipeline.core import Pipeline
from azureml.pipeline.steps import PythonScriptStep
from azureml.widgets import RunDetails

ws = Workspace.from_config()
first = PythonScriptStep("work.py", name="<script>alert(1)</script>", source_directory="shown", allow_reuse=False,
                         arguments=[SECONDS])
second = PythonScriptStep("work.py", name="second", source_directory="shown", arguments=["0"], allow_reuse=False)
second.run_after(first)
run = Experiment(ws, "shown").submit(Pipeline(ws, [second]))
"""
WORK = """
import sys, time
from azureml.core import Run

Run.get_context().parent.log("loss", 0.25)
time.sleep(float(sys.argv[1]))
"""


@pytest.fixture
def shown(project: Project) -> Project:
    project.write("shown/work.py", WORK)
    return project


def test_text_in_a_program(shown: Project) -> None:
    text = """
run.wait_for_completion(show_output=False)
RunDetails(run).show()
data = RunDetails(run).get_widget_data()
print([step["status"] for step in data["steps"]], data["metrics"])
for wrong in ("text", None):
    try:
        RunDetails(wrong)
    except Exception as error:
        print(type(error).__name__, error.message)
"""
    printed = shown.run("text.py", PIPELINE.replace("SECONDS", "0") + text)
    assert "shown: Completed, " in printed
    assert "  second" in printed
    assert "['Completed', 'Completed'] {'loss': '0.25 (the last of 2)'}" in printed
    assert printed.count("UserErrorException RunDetails() shows runs") == 2


def test_html_that_follows_the_run_in_a_notebook(shown: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    manager = pytest.importorskip("jupyter_client.manager", reason="this environment has no jupyter_client")
    pytest.importorskip("ipykernel", reason="this environment has no ipykernel")
    jupyter = shown.folder / "jupyter"
    for name, value in {**shown.env, "JUPYTER_DATA_DIR": str(jupyter), "JUPYTER_PATH": str(jupyter)}.items():
        monkeypatch.setenv(name, value)
    monkeypatch.delenv("PYTHONWARNINGS")  # the kernel's own libraries warn
    monkeypatch.delenv("PYTHONPATH", raising=False)
    shown.env.update(JUPYTER_DATA_DIR=str(jupyter))
    shown.azud("kernel", "install")
    started, client = manager.start_new_kernel(kernel_name="azud", startup_timeout=120, cwd=str(shown.folder))
    said: list[dict] = []
    try:
        for cell in (PIPELINE.replace("SECONDS", "3"), "RunDetails(run).show()\nprint('back at once')"):
            client.execute_interactive(cell, output_hook=said.append, timeout=120)
        # The cell is over; what follows comes by itself, while the notebook does nothing.
        deadline = time.monotonic() + 120
        while not _pages(said)[-1:] or _pages(said)[-1].count("Completed") < 3:
            assert time.monotonic() < deadline, _pages(said)
            said.append(client.get_iopub_msg(timeout=60))
    finally:
        client.stop_channels()
        started.shutdown_kernel(now=True)
    pages = _pages(said)
    assert "back at once" in json.dumps([message["content"] for message in said if message["msg_type"] == "stream"])
    assert pages[0].count("Completed") == 0
    assert "loss" in pages[-1]
    assert all("<script>" not in page and "&lt;script&gt;alert(1)" in page for page in pages), "names are text"
    displays = {message["content"]["transient"]["display_id"] for message in said if _is_shown(message)}
    assert len(displays) == 1, "one place in the notebook"


def _is_shown(message: dict) -> bool:
    return message["msg_type"] in ("display_data", "update_display_data")


def _pages(said: list[dict]) -> list[str]:
    return [message["content"]["data"]["text/html"] for message in said if _is_shown(message)]
