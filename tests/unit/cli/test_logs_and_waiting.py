"""Following logs and waiting: what is printed, and what Ctrl-C says."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from typing import Any

import pytest

from azud.cli import logs, waiting
from azud.model.attempt_files import DRIVER_LOG
from azud.model.codec import to_json

from .conftest import PREPARE_ID, RUN_ID, TRAIN_ID, FakeClient, run_record, step_record

Azud = Callable[..., tuple[int, str, str]]


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(logs, "_PAUSE_S", 0.0)
    monkeypatch.setattr(waiting, "_REDRAW_S", 0.0)


def log_of(step_id: str) -> str:
    return f"/runs/{step_id}/files/{DRIVER_LOG}"


def states(*words: str) -> Callable[[Any], Any]:
    """Return an answer that passes through the states of the run, one for each call."""
    later = itertools.chain(words, itertools.repeat(words[-1]))
    return lambda query: to_json(run_record(status=next(later)))


def test_logs_of_a_run_have_a_heading_for_every_step(azud: Azud, client: FakeClient) -> None:
    client.files[log_of(PREPARE_ID)] = b"one\ntwo"
    _, out, _ = azud("runs", "logs")
    assert out == "==> prepare (Completed) <==\none\ntwo\n==> train (Completed) <==\n"


def test_logs_of_a_step_are_its_bytes(azud: Azud, client: FakeClient) -> None:
    client.files[log_of(PREPARE_ID)] = "grüß\r\n\x1b[31mred\n".encode()
    assert azud("runs", "logs", "latest/prepare")[1] == "grüß\r\n\x1b[31mred\n"


def test_logs_of_a_missing_file_list_what_there_is(azud: Azud, client: FakeClient) -> None:
    client.answers[f"/runs/{PREPARE_ID}/files"] = {"value": [{"path": "outputs/model.pkl", "size_bytes": 1}]}
    code, _, err = azud("runs", "logs", "latest/prepare", "--file", "outputs/x")
    assert code == 2
    assert "has no file outputs/x" in err and "outputs/model.pkl" in err


def test_following_a_run_marks_lines_with_their_step(azud: Azud, client: FakeClient) -> None:
    client.answers[f"/runs/{RUN_ID}"] = states("Running", "Running", "Completed")
    client.files[log_of(PREPARE_ID)] = b"one\ntw"
    client.files[log_of(TRAIN_ID)] = b"three\n"
    code, out, _ = azud("runs", "logs", "-f", RUN_ID)
    assert code == 0
    assert out.splitlines() == ["prepare | one", "prepare | tw", "train   | three"]


def test_following_a_run_that_fails_is_exit_code_1(azud: Azud, client: FakeClient) -> None:
    client.answers[f"/runs/{RUN_ID}"] = states("Running", "Failed")
    assert azud("runs", "logs", "-f", RUN_ID)[0] == 1


def test_lines_are_cut_only_at_their_ends(client: FakeClient) -> None:
    step = step_record(PREPARE_ID, "prepare")
    tail = logs._Tail(client, step, DRIVER_LOG)  # type: ignore[arg-type]
    assert tail.lines(step, last=False) == [] and not tail.exists
    client.files[log_of(PREPARE_ID)] = "a\nü".encode()[:-1]
    assert tail.lines(step, last=False) == ["a"]
    client.files[log_of(PREPARE_ID)] = "a\nüb\nc".encode()
    assert tail.lines(step, last=False) == ["üb"]
    assert tail.lines(step, last=True) == ["c"]


def test_waiting_prints_a_line_for_every_change(azud: Azud, client: FakeClient) -> None:
    client.answers[f"/runs/{RUN_ID}"] = states("Running", "Running", "Running", "Completed")
    client.answers[f"/runs/{RUN_ID}/events"] = {"events": [{"seq": 7}], "status": "Running", "terminal": False}
    code, out, _ = azud("runs", "wait", RUN_ID)
    assert code == 0
    assert out.splitlines() == [
        "prepare: Completed in 2.4 s",
        "train: Completed, reused from 6d0fffff",
        f"run {RUN_ID}: Running in 2.4 s",
        f"run {RUN_ID}: Completed in 2.4 s",
    ]


def test_a_terminal_gets_a_bar_and_a_line_for_what_has_ended(
    azud: Azud, client: FakeClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(waiting.output, "is_terminal", lambda: True)
    client.answers[f"/runs/{RUN_ID}"] = states("Running", "Running", "Completed")
    client.answers[f"/runs/{RUN_ID}/events"] = {"events": [{"seq": 0}], "status": "Running", "terminal": False}
    _, out, _ = azud("runs", "wait", RUN_ID)
    assert "train: Completed, reused from 6d0fffff\n" in out
    assert f"run {RUN_ID}: Completed in 2.4 s\n" in out
    assert "2/2" in out


def test_interrupting_a_wait_says_that_the_run_goes_on(
    azud: Azud, client: FakeClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    client.answers[f"/runs/{RUN_ID}"] = states("Running")

    def interrupt(*arguments: Any) -> Any:
        raise KeyboardInterrupt

    monkeypatch.setattr(waiting, "_next_events", interrupt)
    code, _, err = azud("runs", "wait", RUN_ID)
    assert code == 130
    assert "run 6d0ce5a1 goes on" in err
    assert "azud runs cancel 6d0ce5a1" in err


def test_a_submission_is_found_by_its_property(client: FakeClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(waiting, "read_registry", dict)
    mine = run_record(properties={"azud.submission": "s1"}, status="Failed")
    others = run_record(TRAIN_ID, properties={"azud.submission": "s2"})
    client.answers["/runs"] = {"value": to_json([others, mine]), "next": None}
    client.answers[f"/runs/{RUN_ID}"] = to_json(mine)
    client.answers[f"/runs/{TRAIN_ID}"] = to_json(step_record(TRAIN_ID, "x"))
    assert waiting.wait_for_submission("s1") is True
    assert waiting.wait_for_submission("s3") is False
