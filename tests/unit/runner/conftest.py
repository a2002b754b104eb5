"""Whole attempts, run for real through a runner's and a job's fork server."""

from __future__ import annotations

import dataclasses
import hashlib
import json
import os
import shutil
import sys
import tempfile
import textwrap
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import azud
from azud.core.processes import ProcessMark
from azud.job.attempt import Attempt
from azud.job.forkclient import JOB_PRELOAD, RUNNER_PRELOAD, ForkServer
from azud.job.lines import LineReader
from azud.model import codec
from azud.model.attempt_files import DRIVER_LOG
from azud.model.jobs import JobSpec, Manifest, StagedOutput
from azud.model.snapshot import SnapshotFile
from azud.runner.main import read_manifest

LIBRARY = str(Path(azud.__file__).parent.parent)


@dataclasses.dataclass
class Servers:
    runner: ForkServer
    job: ForkServer


@pytest.fixture(scope="session")
def servers() -> Iterator[Servers]:
    folder = tempfile.mkdtemp(prefix="azt-", dir="/tmp")
    started = []
    for name, preload in (("runner", RUNNER_PRELOAD), ("job", JOB_PRELOAD)):
        started.append(
            ForkServer.start(
                sys.executable,
                runtime_dir=folder,
                log_path=os.path.join(folder, f"{name}.log"),
                library_path=LIBRARY,
                preload=[module for module in preload if module != "azud.sdk.run"],
                drain_idle_s=0.05,
            )
        )
    yield Servers(*started)
    for server in started:
        server.close()
        server.process.wait(20)
    shutil.rmtree(folder)


@dataclasses.dataclass
class Trial:
    """An attempt folder with its spec, and the things around it."""

    servers: Servers
    root: Path
    spec: JobSpec

    @property
    def attempt(self) -> Attempt:
        return Attempt(str(self.root / "attempts" / self.spec.attempt_id))

    @property
    def folder(self) -> Path:
        return Path(self.attempt.folder)

    @property
    def files(self) -> Path:
        return Path(self.spec.artifacts_to)

    @property
    def log(self) -> str:
        return (self.files / DRIVER_LOG).read_text("utf-8", "replace")

    def write_spec(self) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        (self.folder / "spec.json").write_text(json.dumps(codec.to_json(self.spec)))

    def start(self) -> Trial:
        self.write_spec()
        self.reader = LineReader(self.servers.runner.fork("runner", {"attempt_dir": self.attempt.folder}))
        announced = self.reader.read()
        assert announced is not None and "pid" in announced, announced
        self.runner = ProcessMark(announced["pid"], announced["started"], announced["boot"])
        return self

    def report(self) -> dict[str, Any] | None:
        """Return the runner's last word, or None if it died without one."""
        with self.reader:
            while (message := self.reader.read()) is not None:
                if message.get("done"):
                    return message
        return None

    def run(self) -> Manifest:
        report = self.start().report()
        manifest = read_manifest(self.attempt)
        assert manifest is not None, (report, (self.folder / "runner.log").read_text())
        assert report == {"done": True, "outcome": manifest.outcome}
        return manifest

    def until(self, name: str) -> Path:
        """Wait for a file in the working folder."""
        path = self.folder / "work" / name
        deadline = time.monotonic() + 20
        while not path.exists():
            assert time.monotonic() < deadline, f"{path} never appeared"
            time.sleep(0.005)
        return path


@pytest.fixture
def make(servers: Servers, tmp_path: Path):
    """Return a function that makes an attempt of a script's source; keywords are fields of JobSpec."""
    count = 0

    def store(content: bytes, path: str, executable: bool = False) -> SnapshotFile:
        digest = hashlib.sha256(content).hexdigest()
        blob = tmp_path / "blobs" / digest[:2] / digest[2:]
        blob.parent.mkdir(parents=True, exist_ok=True)
        blob.write_bytes(content)
        return SnapshotFile(path, digest, len(content), executable)

    def make_trial(source: str, *, files: dict[str, bytes] | None = None, **changes: Any) -> Trial:
        nonlocal count
        count += 1
        snapshot = [store(textwrap.dedent(source).encode(), "step.py")]
        snapshot += [store(content, path, path.endswith(".sh")) for path, content in (files or {}).items()]
        spec = JobSpec(
            attempt_id=f"attempt{count}",
            run_id="run-1",
            step_run_id=f"step-{count}",
            step_name="train",
            experiment="exp",
            interpreter=sys.executable,
            launch="fork",
            library_path=LIBRARY,
            blobs=str(tmp_path / "blobs"),
            script="step.py",
            artifacts_to=str(tmp_path / "store" / "artifacts" / f"step-{count}"),
            workspace={"id": "w", "name": "ws", "subscription_id": "sub", "resource_group": "rg"},
            endpoint="unix:/nowhere",
            run_token="token",
            job_server=servers.job.socket_path,
            snapshot=tuple(snapshot),
            grace_s=2.0,
        )
        trial = Trial(servers, tmp_path, dataclasses.replace(spec, **changes))
        trial.write_spec()
        return trial

    return make_trial


@pytest.fixture
def output(tmp_path: Path):
    """Return a function that makes a declared output."""

    def make_output(name: str = "out", kind: str = "reference", mode: str = "mount", **changes: Any) -> StagedOutput:
        return StagedOutput(name, kind, mode, str(tmp_path / "store" / "azureml" / "step" / name), **changes)

    return make_output
