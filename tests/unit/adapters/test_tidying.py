"""What completed attempts left goes at quiet times, or when there is too much of it."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from azud.adapters.compute import tidying
from azud.adapters.compute.tidying import Tidier


@pytest.fixture
def make(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[Callable[[], bool]], Tidier]]:
    monkeypatch.setattr(tidying, "QUIET_S", 0.05)
    opened: list[Tidier] = []

    def of(is_busy: Callable[[], bool]) -> Tidier:
        opened.append(Tidier(str(tmp_path), is_busy))
        opened[-1].open()
        return opened[-1]

    yield of
    for tidier in opened:
        tidier.close()


def ended(folder: Path, name: str, outcome: str = "completed") -> Path:
    work = folder / name / "work"
    work.mkdir(parents=True)
    (work / "script.py").write_text("pass")
    (folder / name / "manifest.json").write_text(f'{{"outcome": "{outcome}"}}')
    return work


def wait_until(is_so: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 20
    while not is_so() and time.monotonic() < deadline:
        time.sleep(0.01)
    assert is_so()


def wait_gone(path: Path) -> None:
    wait_until(lambda: not path.exists())


def test_nothing_is_removed_while_attempts_run(tmp_path, make):
    busy = threading.Event()
    busy.set()
    tidier = make(busy.is_set)
    work = ended(tmp_path, "a-1")
    tidier.add("a-1")
    time.sleep(0.3)
    assert work.exists()
    busy.clear()
    wait_gone(work)
    assert (tmp_path / "a-1" / "manifest.json").exists()


def test_too_much_does_not_wait(tmp_path, make, monkeypatch):
    monkeypatch.setattr(tidying, "MOST_WAITING", 2)
    tidier = make(lambda: True)
    time.sleep(0.3)  # it has looked for what an earlier one left
    works = [ended(tmp_path, f"a-{number}") for number in range(3)]
    for work in works:
        tidier.add(work.parent.name)
    wait_gone(works[0])
    time.sleep(0.2)
    assert works[1].exists() and works[2].exists()


def test_what_an_earlier_server_left_is_found_and_failures_are_kept(tmp_path, make):
    completed, failed = ended(tmp_path, "a-1"), ended(tmp_path, "b-1", "failed")
    (tmp_path / "c-1" / "work").mkdir(parents=True)  # still running
    make(lambda: False)
    wait_gone(completed)
    assert failed.exists() and (tmp_path / "c-1" / "work").exists()


def test_what_cannot_be_removed_stops_nothing(tmp_path, make, monkeypatch, caplog):
    bad, good = ended(tmp_path, "a-1"), ended(tmp_path, "b-1")
    real = tidying.remove_leftovers

    def remove(attempt):
        if attempt.folder.endswith("a-1"):
            raise PermissionError("not yours")
        real(attempt)

    monkeypatch.setattr(tidying, "remove_leftovers", remove)
    make(lambda: False)
    wait_gone(good)
    wait_until(lambda: "not yours" in caplog.text)
    assert bad.exists()
