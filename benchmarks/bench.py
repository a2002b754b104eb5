"""Fresh workspaces to measure in, and what a measurement is."""

from __future__ import annotations

import contextlib
import dataclasses
import io
import os
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from typing import Any

from azud import Experiment, Workspace
from azud.client.homes import create_home, load_home
from azud.client.launch import connect
from azud.client.places import socket_path
from azud.client.stopping import has_ended
from azud.client.transport import Client
from azud.core.errors import BackendError
from benchmarks.pipelines import WORKERS, source_folder

TEXT = "It is a truth universally acknowledged, that a single man in possession of a good fortune\n" * 12


@dataclasses.dataclass(frozen=True)
class Result:
    """One line of the table.

    Args:
        name: What was measured.
        value: The measured value, in `unit`.
        unit: `s`, `ms`, `µs`, `MB` or `×` (a ratio to bare processes).
        limit: What it may be at most, in the same unit.
        detail: What stands behind the value.
    """

    name: str
    value: float
    unit: str
    limit: float
    detail: str = ""

    @property
    def kept(self) -> bool:
        """Whether the limit is kept."""
        return self.value <= self.limit


@dataclasses.dataclass(frozen=True)
class Place:
    """A fresh workspace with two slots, on disk.

    Args:
        folder: Where it lies; removed with everything in it when the place is left.
        workspace: The SDK's workspace.
        source: A source folder that holds `step.py`.
        text: The file that bare twins read.
    """

    folder: str
    workspace: Any
    source: str
    text: str

    @property
    def client(self) -> Client:
        """The API of the place's server."""
        return connect(load_home(self.home))

    @property
    def home(self) -> str:
        """The workspace home."""
        return os.path.join(self.folder, ".azud")

    def run(self, pipeline: Any, **options: Any) -> float:
        """Submit a pipeline, wait until it has ended, and return the seconds from submit to the end seen."""
        with quiet():
            start = time.perf_counter()
            run = Experiment(self.workspace, "bench").submit(pipeline, **options)
            status = run.wait_for_completion(show_output=False)
            seconds = time.perf_counter() - start
        if status != "Finished":
            raise RuntimeError(f"run {run.id} is {status}: azud runs show {run.id} -w {self.folder}")
        return seconds


@contextlib.contextmanager
def quiet() -> Iterator[None]:
    """Keep what the SDK prints for people out of the table."""
    with contextlib.redirect_stdout(io.StringIO()):
        yield


@contextlib.contextmanager
def fresh_place(**settings: Any) -> Iterator[Place]:
    """Make a workspace with these settings beside two slots, and stop its server afterwards.

    Its files stay until the end of all measurements: on a file system without a journal, ext4 passes over each inode
    that was freed within the last minute whenever it makes a file, and the next measurement would pay for that.
    """
    folder = tempfile.mkdtemp(prefix="workspace-", dir=os.environ["AZUD_BENCH_DIR"])
    try:
        home = create_home(folder, "bench")
        with open(os.path.join(home.path, "settings.toml"), "w") as stream:
            for name, value in {"slots": WORKERS, **settings}.items():
                stream.write(f"{name} = {value!r}\n")
        text = os.path.join(folder, "source.txt")
        with open(text, "w") as stream:
            stream.write(TEXT)
        with quiet():
            workspace = Workspace.from_config(folder)
            workspace.get_default_datastore().upload_files([text], overwrite=True, show_progress=False)
        yield Place(folder, workspace, source_folder(os.path.join(folder, "source"), "step.py"), text)
    finally:
        stop_server(os.path.join(folder, ".azud"))


def stop_server(home: str) -> None:
    """Stop the server of a home, if one runs, and return when it is gone."""
    client = Client(f"unix:{socket_path(home)}", retry_s=0)
    with contextlib.suppress(BackendError):  # none runs
        client.post("/server/stop", {"drain": False}, repeat=True)
    client.close()
    while not has_ended(load_home(home)):
        time.sleep(0.02)


def twins(ours: Callable[[], float], bare: Callable[[], None], repeats: int) -> tuple[float, float]:
    """Return the median seconds of both, measured in turns so that both meet the same machine."""
    own, others = [], []
    for _ in range(repeats):
        own.append(ours())
        start = time.perf_counter()
        bare()
        others.append(time.perf_counter() - start)
    return statistics.median(own), statistics.median(others)
