"""The local backend: what it says of attempts that it cannot look into."""

from __future__ import annotations

import queue
from collections.abc import Iterator
from pathlib import Path

import pytest

from azud.adapters.compute import local
from azud.adapters.compute.local import LocalBackend
from azud.engine.ports import ABSENT, ENDED, FOUND, UNKNOWN
from azud.model.attempt_files import CLAIM, MANIFEST

Heard = "queue.Queue[tuple[str, str]]"


class NoForkServers:
    """Fork servers that nobody may ask."""

    def start_runners(self) -> None: ...

    def close(self) -> None: ...

    def fork_runner(self, order: object) -> None:
        raise AssertionError("nothing may be started while it is not known what there is")


@pytest.fixture
def heard() -> Heard:
    return queue.Queue()


@pytest.fixture
def backend(tmp_path: Path, heard: Heard, monkeypatch: pytest.MonkeyPatch) -> Iterator[LocalBackend]:
    monkeypatch.setattr(local, "RETRY_S", 0.01)
    made = LocalBackend(str(tmp_path), NoForkServers(), 1)  # type: ignore[arg-type]
    made.open(lambda what, attempt: heard.put((what, attempt)))
    yield made
    made.close()


def attempt(tmp_path: Path) -> Path:
    folder = tmp_path / "s-1"
    folder.mkdir()
    return folder


def test_an_attempt_is_absent_then_found_then_ended(backend: LocalBackend, tmp_path: Path) -> None:
    assert backend.find("s-1") == ABSENT
    folder = attempt(tmp_path)
    assert backend.find("s-1") == ABSENT
    (folder / CLAIM).write_text("{}")
    assert backend.find("s-1") == FOUND, "a damaged claim was somebody's"
    (folder / MANIFEST).write_text("{}")
    assert backend.find("s-1") == ENDED


def test_what_cannot_be_looked_at_is_unknown_and_looked_at_again(
    backend: LocalBackend, heard: Heard, tmp_path: Path
) -> None:
    folder = attempt(tmp_path)
    claim = folder / CLAIM
    claim.mkdir()  # whoever reads it gets an error of the system
    assert backend.find("s-1") == UNKNOWN
    backend.adopt("s-1")
    with pytest.raises(queue.Empty):
        heard.get(timeout=0.1)
    (folder / MANIFEST).write_text("{}")  # while nothing can be read: it is looked at whenever that changes
    claim.rmdir()
    assert heard.get(timeout=30) == ("ended", "s-1")
