from __future__ import annotations

from pathlib import Path

import pytest
from tests.unit.sdk.fakes import FakeWorkspace

from azud.sdk import support


@pytest.fixture(autouse=True)
def own_place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let caches and warnings of one test mean nothing to the next."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setattr(support, "_warned", {})


@pytest.fixture
def workspace(tmp_path: Path) -> FakeWorkspace:
    return FakeWorkspace(tmp_path / "store")


@pytest.fixture
def source(tmp_path: Path) -> str:
    """A source folder with the scripts a.py, b.py and c.py."""
    folder = tmp_path / "src"
    folder.mkdir()
    for name in ("a.py", "b.py", "c.py"):
        (folder / name).write_text(f"print({name!r})\n")
    return str(folder)
