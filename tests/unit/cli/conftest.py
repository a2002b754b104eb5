"""A workspace whose server is a table of answers, and a way to run commands in this process."""

from __future__ import annotations

import dataclasses
import pathlib
from collections.abc import Callable, Mapping
from typing import Any

import pytest

from azud.cli import entry, server, waiting, workspace
from azud.client.configs import WorkspaceNames
from azud.client.homes import Home
from azud.core.errors import NotFoundError
from azud.model.codec import to_json
from azud.model.runs import RunError, RunRecord

RUN_ID = "6d0ce5a1-0000-4000-8000-000000000001"
OTHER_ID = "6d0fffff-0000-4000-8000-000000000002"
PREPARE_ID = "aaaaaaaa-0000-4000-8000-000000000003"
TRAIN_ID = "bbbbbbbb-0000-4000-8000-000000000004"


def run_record(run_id: str = RUN_ID, **changes: Any) -> RunRecord:
    """Return a completed pipeline run."""
    values: dict[str, Any] = {
        "id": run_id,
        "type": "azureml.PipelineRun",
        "experiment": "irises",
        "status": "Completed",
        "name": "pipeline",
        "number": 3,
        "created_at": "2026-11-21T09:30:00.000000Z",
        "started_at": "2026-11-21T09:30:00.100000Z",
        "ended_at": "2026-11-21T09:30:02.500000Z",
    }
    return RunRecord(**{**values, **changes})


def step_record(step_id: str, name: str, **changes: Any) -> RunRecord:
    """Return a completed step of the run."""
    values = {"type": "azureml.StepRun", "name": name, "number": 0, "parent_id": RUN_ID, "node_id": name}
    return run_record(step_id, **{**values, **changes})


class FakeResponse:
    """Bytes of a file."""

    def __init__(self, data: bytes) -> None:
        self._data = data

    def read(self) -> bytes:
        return self._data


class FakeClient:
    """Answers from `answers` (path to JSON value) and `files` (path to bytes); remembers what was posted."""

    def __init__(self) -> None:
        self.answers: dict[str, Any] = {}
        self.files: dict[str, bytes] = {}
        self.posted: list[tuple[str, Any]] = []

    def get(self, path: str, query: Mapping[str, Any] | None = None, *, wait_s: float = 0.0) -> Any:
        answer = self.answers.get(path)
        if answer is None:
            raise NotFoundError(f"nothing at {path}")
        return answer(query) if callable(answer) else answer

    def post(self, path: str, body: Any = None, *, key: str | None = None, repeat: bool = False) -> Any:
        self.posted.append((path, body))
        return self.answers.get(f"POST {path}")

    def call(self, method: str, path: str, *, body: Any = None) -> Any:
        self.posted.append((f"{method} {path}", body))

    def open(self, path: str, query: Mapping[str, Any], *, wait_s: float = 0.0) -> FakeResponse:
        if path not in self.files:
            raise NotFoundError(f"nothing at {path}")
        return FakeResponse(self.files[path][int(query["offset"]) :])

    def close(self) -> None:
        """There is no connection."""


@pytest.fixture
def home(tmp_path: pathlib.Path) -> Home:
    return Home(
        str(tmp_path / ".azud"), "w1", WorkspaceNames("sub", "group", "lab"), None, "2026-11-21T09:00:00.000000Z"
    )


@pytest.fixture
def client(monkeypatch: pytest.MonkeyPatch, home: Home) -> FakeClient:
    """A workspace with one completed run of two steps and one failed run."""
    fake = FakeClient()
    for module in (workspace, server, waiting):
        monkeypatch.setattr(module, "find_home", lambda folder: home)
    for module in (workspace, waiting):
        monkeypatch.setattr(module, "connect", lambda home: fake)
    prepare = step_record(PREPARE_ID, "prepare")
    train = step_record(TRAIN_ID, "train", reused_from=OTHER_ID)
    error = RunError("step_failed", "step 'train' ended with exit code 1", hint="read its log", exit_code=1)
    failed = run_record(OTHER_ID, status="Failed", error=dataclasses.replace(error, step="train"))
    fake.answers.update(
        {
            "/runs": lambda query: {"value": to_json([run_record(), failed]), "next": None},
            f"/runs/{RUN_ID}": to_json(run_record()),
            f"/runs/{OTHER_ID}": to_json(failed),
            f"/runs/{PREPARE_ID}": to_json(prepare),
            f"/runs/{RUN_ID}/steps": {"value": to_json([prepare, train]), "next": None},
            f"/runs/{OTHER_ID}/steps": {"value": [], "next": None},
            **{f"/runs/{run}/verifications": {"value": [], "next": None} for run in (RUN_ID, OTHER_ID, PREPARE_ID)},
        }
    )
    return fake


@pytest.fixture
def azud(capsys: pytest.CaptureFixture[str]) -> Callable[..., tuple[int, str, str]]:
    """Run `azud …` in this process; the result is its exit code and what it printed to both streams."""

    def run(*arguments: str) -> tuple[int, str, str]:
        code = entry.main(arguments)
        captured = capsys.readouterr()
        return code, captured.out, captured.err

    return run
