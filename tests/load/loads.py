"""The loads themselves: each runs one kind of much, checks that nothing is missing, and returns its figures."""

from __future__ import annotations

import contextlib
import io
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from tests.load.asking import Asking

from azud.client import homes, launch
from azud.client.transport import Client
from azureml.core import Experiment, Workspace
from azureml.pipeline.core import Pipeline
from azureml.pipeline.steps import PythonScriptStep

SUBMITTER = """\
import contextlib, io, sys
from azureml.core import Experiment, Workspace
from azureml.pipeline.core import Pipeline
from azureml.pipeline.steps import PythonScriptStep
folder, source, count = sys.argv[1], sys.argv[2], int(sys.argv[3])
ids = []
with contextlib.redirect_stdout(io.StringIO()):
    ws = Workspace.from_config(folder)
    for _ in range(count):
        step = PythonScriptStep("nothing.py", name="one", source_directory=source, allow_reuse=False)
        ids.append(Experiment(ws, "many").submit(Pipeline(ws, steps=[step])).id)
print(*ids)
"""
POINTS = """\
import sys
from azureml.core import Run
run = Run.get_context()
for number in range(int(sys.argv[1])):
    run.log("number", number)
"""
LOG = """\
import sys
line = "x" * 1023 + "\\n"
for _ in range(int(sys.argv[1]) >> 10):
    sys.stdout.write(line)
"""


def points_of(client: Client, run_id: str) -> Iterator[dict[str, Any]]:
    """Yield the metric points of a run, page by page."""
    after = None
    while True:
        page = client.get(f"/runs/{run_id}/metrics", {"after": after})
        yield from page["points"]
        after = page["next"]
        if after is None:
            return


class Loads:
    """Loads on one workspace.

    Args:
        folder: The workspace's, with a config.json.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.home = homes.load_home(str(folder / ".azud"))
        self.source = folder / "load-src"
        self.source.mkdir(exist_ok=True)
        for name, code in (("nothing.py", "pass\n"), ("points.py", POINTS), ("log.py", LOG)):
            (self.source / name).write_text(code)

    @property
    def client(self) -> Client:
        """The workspace's server."""
        return launch.connect(self.home)

    def submitters(self, processes: int, runs: int) -> dict[str, Any]:
        """Submit so many runs from each of so many processes at once, and wait for all."""
        command = [sys.executable, "-c", SUBMITTER, str(self.folder), str(self.source), str(runs)]
        start = time.monotonic()
        with Asking(self.home) as asking:
            started = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True) for _ in range(processes)]
            ids = [run_id for one in started for run_id in one.communicate()[0].split()]
            statuses = [self._await(run_id) for run_id in ids]
        if len(set(ids)) != processes * runs or set(statuses) != {"Completed"}:
            raise AssertionError(f"{len(set(ids))} runs were made, {statuses.count('Completed')} of them completed")
        return self._figures(f"{processes * runs} runs from {processes} processes", start, asking, processes * runs)

    def steps(self, count: int) -> dict[str, Any]:
        """Run one pipeline of so many steps."""
        steps = [self._step("nothing.py", f"step {number}") for number in range(count)]
        start = time.monotonic()
        with Asking(self.home) as asking:
            run_id = self._run(steps)
        rows = self.client.get(f"/runs/{run_id}/steps")["value"]
        if [row["status"] for row in rows] != ["Completed"] * count:
            raise AssertionError("not every step completed")
        return self._figures(f"{count} steps in a run", start, asking, count)

    def points(self, count: int) -> dict[str, Any]:
        """Log so many metric points in one step."""
        start = time.monotonic()
        with Asking(self.home) as asking:
            run_id = self._run([self._step("points.py", "points", [str(count)])])
        [row] = self.client.get(f"/runs/{run_id}/steps")["value"]
        values = [point["value"] for point in points_of(self.client, row["id"])]
        if values != list(range(count)):
            raise AssertionError(f"{len(values)} of {count} metric points are there, or in another order")
        return self._figures(f"{count} metric points", start, asking, count)

    def log(self, size_bytes: int) -> dict[str, Any]:
        """Print so many bytes in one step, and read them back."""
        start = time.monotonic()
        with Asking(self.home) as asking:
            run_id = self._run([self._step("log.py", "log", [str(size_bytes)])])
            [row] = self.client.get(f"/runs/{run_id}/steps")["value"]
            path = f"/runs/{row['id']}/files/azureml-logs/70_driver_log.txt"
            found = sum(len(chunk) for chunk in self.client.download(path))
        if found != size_bytes:
            raise AssertionError(f"the log has {found} bytes, {size_bytes} were printed")
        return self._figures(f"a log of {size_bytes >> 20} MiB", start, asking, size_bytes >> 20)

    def _step(self, script: str, name: str, arguments: list[str] | None = None) -> PythonScriptStep:
        return PythonScriptStep(
            script, name=name, source_directory=str(self.source), arguments=arguments or [], allow_reuse=False
        )

    def _run(self, steps: list[PythonScriptStep]) -> str:
        with contextlib.redirect_stdout(io.StringIO()):
            ws = Workspace.from_config(str(self.folder))
            run = Experiment(ws, "load").submit(Pipeline(ws, steps=steps))
            run.wait_for_completion(show_output=False)
        return str(run.id)

    def _await(self, run_id: str) -> str:
        while True:
            answer = self.client.get(f"/runs/{run_id}/end", {"wait_s": 20.0}, wait_s=20.0)
            if answer["terminal"]:
                return str(answer["status"])

    @staticmethod
    def _figures(name: str, start: float, asking: Asking, count: int) -> dict[str, Any]:
        seconds = time.monotonic() - start
        return {
            "load": name,
            "seconds": round(seconds, 2),
            "ms_each": round(seconds * 1000 / count, 3),
            "api_p50_ms": round(asking.percentile(0.5) * 1000, 1),
            "api_p99_ms": round(asking.percentile(0.99) * 1000, 1),
            "server_mb": round(asking.most_bytes / 1e6),
        }
