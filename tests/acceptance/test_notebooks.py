"""A notebook as people keep it: run, planned and scanned. What azud does not have is only imported in it."""

from __future__ import annotations

import pathlib
import shutil
import subprocess
import sys

from tests.acceptance.pages import Project

HERE = pathlib.Path(__file__).parent
COMPAT = HERE.parents[1] / "compat" / "src"


def _azud(project: Project, *arguments: str, code: int = 0) -> str:
    done = subprocess.run(
        [sys.executable, "-m", "azud.cli", *arguments],
        cwd=project.folder,
        env={**project.env, "PYTHONWARNINGS": "default"},  # IPython's own, where it is installed
        capture_output=True,
        text=True,
        timeout=240,
        check=False,
    )
    assert done.returncode == code, f"{done.stdout}\n{done.stderr}\n{project.log()}"
    return done.stdout


def test_a_notebook_runs_its_pipeline_and_a_second_time_reuses_it(project: Project) -> None:
    shutil.copy(HERE / "notebooks" / "monthly.ipynb", project.folder)
    lines = _azud(project, "run", "monthly.ipynb", "3").splitlines()
    assert "Azure ML SDK version: 1.61.0" in lines and "acceptance" in lines
    assert lines[-2:] == ["total {'total': 135}", "{'status': 'Finished', 'scale': 3}"]
    planned = _azud(project, "plan", "monthly.ipynb", "3")
    assert "total\treuse" in planned
    assert "total {'total': 135}" in _azud(project, "run", "monthly.ipynb", "3")
    assert "total\trun" in _azud(project, "plan", "monthly.ipynb", "4")


def test_the_notebook_is_scanned_with_the_script_that_it_writes(project: Project) -> None:
    shutil.copy(HERE / "notebooks" / "monthly.ipynb", project.folder)
    said = _azud(project, "migrate", "scan", "monthly.ipynb")
    rows = {line.split("\t")[0]: line for line in said.splitlines() if "\t" in line}
    assert "monthly.ipynb ($source/total.py) cell 4:12" in rows["Run.get_context"]
    assert "monthly.ipynb cell 9:1" in rows["PipelineRun.get_status"] or "Run.get_status" in said
    assert "not there yet" in rows["azureml.pipeline.core.Schedule"]


def test_plain_python_finds_azureml_where_azud_azureml_is_installed(project: Project) -> None:
    project.write(
        "plain.py",
        """
        from azureml.core import Experiment, Workspace
        from azureml.pipeline.core import Pipeline
        from azureml.pipeline.steps import PythonScriptStep

        ws = Workspace.from_config()
        step = PythonScriptStep("hello.py", name="hello", source_directory="plain_src", compute_target="local")
        run = Experiment(ws, "plain").submit(Pipeline(ws, steps=[step]))
        run.wait_for_completion(show_output=False)
        print(run.get_status())
        """,
    )
    project.write("plain_src/hello.py", "from azureml.core import Run\nRun.get_context().log('a', 1)\n")
    done = subprocess.run(
        [sys.executable, "plain.py"],
        cwd=project.folder,
        env={**project.env, "PYTHONPATH": str(COMPAT)},  # what the distribution's files are, on the path
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.stdout.splitlines()[-1] == "Finished", done.stderr
