"""Jobs run for real: through a fork server of this interpreter and its monitors."""

from __future__ import annotations

import dataclasses
import os
import shutil
import signal
import sys
import tempfile
import textwrap
from collections.abc import Iterator
from pathlib import Path

import pytest

import azud
from azud.job.attempt import Attempt
from azud.job.baseline import baseline_environment
from azud.job.forkclient import JOB_PRELOAD, ForkServer
from azud.job.lines import LineReader
from azud.job.monitor import MonitorOrder
from azud.job.script import Launch
from azud.model.jobs import JobExit

LIBRARY = str(Path(azud.__file__).parent.parent)
JOB_PYTHON = os.environ.get("AZUD_TEST_JOB_PYTHON", sys.executable)
"""Interpreter of the jobs; set the variable to run these tests with another CPython from 3.9 on."""


@pytest.fixture(scope="session")
def runtime_dir() -> Iterator[str]:
    # pytest's own folders are too deep for a socket's path
    folder = tempfile.mkdtemp(prefix="azt-", dir="/tmp")
    yield folder
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
def job_python(request: pytest.FixtureRequest) -> str:
    """The interpreter of the jobs; a test may be run for others, too."""
    return str(getattr(request, "param", JOB_PYTHON))


@pytest.fixture(scope="session")
def job_server(runtime_dir: str, job_python: str) -> Iterator[ForkServer]:
    server = ForkServer.start(
        job_python,
        runtime_dir=runtime_dir,
        log_path=os.path.join(runtime_dir, "job.log"),
        library_path=LIBRARY,
        preload=[name for name in JOB_PRELOAD if name != "azud.sdk.run"],
        drain_idle_s=0.05,
    )
    yield server
    server.close()
    server.process.wait(20)


@dataclasses.dataclass
class Job:
    """One attempt with nothing but a script; `wait` returns how it ended."""

    server: ForkServer
    attempt: Attempt
    order: MonitorOrder

    def start(self) -> Job:
        self.reader = LineReader(self.server.fork("monitor", self.order.to_args()))
        self.announced = self.reader.read()
        return self

    def wait(self) -> JobExit:
        with self.reader:
            while (message := self.reader.read()) is not None:
                if message.get("done"):
                    self.report = message
                    break
        ended = self.attempt.read_exit()
        assert ended is not None, "the monitor left no exit.json"
        return ended

    def run(self) -> JobExit:
        return self.start().wait()

    @property
    def work(self) -> Path:
        return Path(self.order.launch.directory)

    @property
    def log(self) -> str:
        return Path(self.order.launch.log).read_text("utf-8", "replace")


@pytest.fixture
def make_job(job_server: ForkServer, job_python: str, tmp_path: Path):
    """Return a function that makes a job of a script's source."""
    count = 0

    def make(
        source: str,
        *arguments: str,
        mode: str = "fork",
        script: str = "script.py",
        timeout_s: float | None = None,
        grace_s: float = 5.0,
        interpreter: str = job_python,
        **environment: str,
    ) -> Job:
        nonlocal count
        count += 1
        folder = tmp_path / f"attempt{count}"
        (folder / "work").mkdir(parents=True)
        place = folder / "work" / script
        place.parent.mkdir(exist_ok=True)
        place.write_text(textwrap.dedent(source))
        launch = Launch(
            mode=mode,
            interpreter=interpreter,
            script=script,
            arguments=arguments,
            environment={**baseline_environment(LIBRARY), "AZUD_ATTEMPT_DIR": str(folder), **environment},
            directory=str(folder / "work"),
            log=str(folder / "log.txt"),
        )
        attempt = Attempt(str(folder))
        return Job(job_server, attempt, MonitorOrder(str(folder), launch, timeout_s, grace_s))

    return make


@pytest.fixture(params=["fork", "exec"])
def mode(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def ended_by_test() -> Iterator[list[int]]:
    """Pids that a test started and that must be gone at its end."""
    pids: list[int] = []
    yield pids
    for pid in pids:
        try:
            os.kill(pid, signal.SIGKILL)
        except ProcessLookupError:
            continue
