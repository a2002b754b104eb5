"""Writing and running small pipelines in a live workspace, as short as a test needs."""

from __future__ import annotations

import pathlib
import subprocess
import sys
import time

from tests.conftest import LiveWorkspace

from azureml.core import Experiment, Workspace
from azureml.pipeline.core import Pipeline
from azureml.pipeline.steps import PythonScriptStep


class Authoring:
    """A person who writes steps in a workspace.

    Args:
        live: The workspace and its server.
    """

    def __init__(self, live: LiveWorkspace) -> None:
        self.live = live
        self.ws = Workspace.from_config(str(live.folder))

    def source(self, name: str) -> pathlib.Path:
        """Return the source folder of a step."""
        return self.live.folder / "src" / name

    def step(self, name: str, code: str, *, script_name: str | None = None, write: bool = True, **options):
        """Return a step whose script holds `code`; without `write` the script is left out."""
        folder = self.source(name)
        folder.mkdir(parents=True, exist_ok=True)
        script_name = script_name or f"{name}.py"
        if write:
            (folder / script_name).write_text(code)
        options.setdefault("compute_target", "local")
        return PythonScriptStep(script_name, name=name, source_directory=str(folder), **options)

    def submit(self, pipeline: Pipeline, **options):
        """Submit a pipeline to the experiment `bad`."""
        return Experiment(self.ws, "bad").submit(pipeline, **options)

    def run(self, *steps):
        """Run steps as one pipeline to its end, which must be good."""
        run = self.submit(Pipeline(self.ws, steps=list(steps)))
        run.wait_for_completion(show_output=False)
        return run

    def azud(self, *arguments: str) -> list[str]:
        """Return the command line of azud with these arguments."""
        return [sys.executable, "-m", "azud.cli", *arguments]

    def run_azud(self, *arguments: str, code: int = 0, timeout_s: float = 120) -> subprocess.CompletedProcess[str]:
        """Run azud in the workspace's folder, check its exit code, and return what it printed."""
        done = subprocess.run(
            self.azud(*arguments),
            cwd=self.live.folder,
            capture_output=True,
            text=True,
            check=False,
            timeout=timeout_s,
        )
        assert done.returncode == code, done.stdout + done.stderr
        return done

    def wait_for_log(self, run, text: str, timeout_s: float = 60) -> None:
        """Wait until a step of a run has printed something."""
        deadline = time.monotonic() + timeout_s
        while time.monotonic() < deadline:
            for step in self.live.client.get(f"/runs/{run.id}/steps")["value"]:
                for item in self.live.client.get(f"/runs/{step['id']}/files")["value"]:
                    if item["path"] == "azureml-logs/70_driver_log.txt":
                        path = f"/runs/{step['id']}/files/{item['path']}"
                        if text.encode() in b"".join(self.live.client.download(path)):
                            return
            time.sleep(0.02)
        raise AssertionError(f"no step of {run.id} printed {text!r}")
