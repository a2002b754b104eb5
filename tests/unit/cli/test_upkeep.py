"""`azud gc` asks before it removes, `azud verify` says what is wrong, pins are tags."""

from __future__ import annotations

import json
from typing import Any

import pytest

from azud.cli import upkeep

from .conftest import RUN_ID, FakeClient

FOUND = {"totals": [{"kind": "run", "count": 2, "size_bytes": 2048}], "items": []}
DONE = {"state": "done", "count": 2, "total": 2, "result": FOUND, "error": None}


def asked(client: FakeClient, path: str) -> list[Any]:
    return [body for posted, body in client.posted if posted == path]


@pytest.fixture
def collecting(client: FakeClient) -> FakeClient:
    client.answers.update({"POST /gc": FOUND, "/gc": DONE})
    return client


def test_without_a_terminal_gc_only_shows_what_would_go(azud: Any, collecting: FakeClient) -> None:
    code, out, err = azud("gc")
    assert (code, out) == (0, "WHAT\tCOUNT\tSIZE\nrun\t2\t2.0 KiB\n")
    assert "azud gc --yes" in err
    assert asked(collecting, "/gc") == [{"dry_run": True, "list": False}]


def test_yes_removes_at_once(azud: Any, collecting: FakeClient) -> None:
    code, out, err = azud("gc", "--yes", "--json")
    assert (code, json.loads(out)) == (0, FOUND)
    assert "removed 2 things, 2.0 KiB" in err
    assert asked(collecting, "/gc") == [{"dry_run": False, "list": False}]


@pytest.mark.parametrize("answer, removes", [("y", True), ("", False), ("no", False)])
def test_at_a_terminal_it_asks(
    azud: Any, collecting: FakeClient, monkeypatch: pytest.MonkeyPatch, answer: str, removes: bool
) -> None:
    monkeypatch.setattr(upkeep.output, "is_terminal", lambda: True)
    monkeypatch.setattr(upkeep.sys.stdin, "isatty", lambda: True)
    monkeypatch.setattr("builtins.input", lambda prompt: answer)
    assert azud("gc")[0] == 0
    assert ({"dry_run": False, "list": False} in asked(collecting, "/gc")) == removes


def test_nothing_to_remove_asks_nothing(azud: Any, client: FakeClient, monkeypatch: pytest.MonkeyPatch) -> None:
    client.answers["POST /gc"] = {"totals": [], "items": []}
    monkeypatch.setattr("builtins.input", lambda prompt: pytest.fail("it asked"))
    assert azud("gc") == (0, "", "nothing to remove\n")


def test_a_collection_that_failed_or_was_cut_off_is_an_error(azud: Any, collecting: FakeClient) -> None:
    problem = {"code": "storage", "detail": "the disk went", "hint": "look"}
    collecting.answers["/gc"] = {**DONE, "state": "failed", "error": problem}
    assert azud("gc", "--yes") == (1, "", "azud: the disk went\n  hint: look\n")
    collecting.answers["/gc"] = {**DONE, "state": "none"}
    assert azud("gc", "--yes")[0] == 1


def test_verify_prints_problems_with_what_to_do_and_is_exit_code_1(azud: Any, client: FakeClient) -> None:
    problem = {"kind": "output", "name": "s/out", "detail": "gone", "hint": "do that", "repaired": False}
    result = {"outputs": 3, "blobs": 4, "read_bytes": 10, "problems": [problem]}
    client.answers["/verification"] = {**DONE, "result": result}
    code, out, err = azud("verify", "--storage")
    assert (code, out) == (1, "PROBLEM WITH\tWHICH\tFOUND\noutput\ts/out\tgone\n")
    assert "hint: do that" in err
    client.answers["/verification"] = {**DONE, "result": {**result, "problems": []}}
    assert azud("verify")[0] == 0
    assert asked(client, "/verification") == [{"storage": True, "repair": False}, {"storage": False, "repair": False}]


def test_pins_are_tags(azud: Any, client: FakeClient) -> None:
    assert azud("runs", "pin", RUN_ID)[0] == 0
    assert azud("runs", "unpin", RUN_ID)[0] == 0
    (_, pinned), (_, unpinned) = client.posted
    assert list(pinned["set_tags"]) == ["azud.pin"]
    assert unpinned == {"remove_tags": ["azud.pin"]}
