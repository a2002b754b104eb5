from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest


@pytest.fixture(autouse=True)
def runtime(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Give the test folders of its own for sockets (with a short path: theirs has about 100 bytes) and registries."""
    with tempfile.TemporaryDirectory(prefix="az-") as name:
        monkeypatch.setenv("XDG_RUNTIME_DIR", name)
        monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
        yield Path(name)
