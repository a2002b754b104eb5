"""A short form of every load: nothing is missing, and the server's memory stays where it was."""

from __future__ import annotations

import pytest
from tests.load.loads import Loads

LITTLE_BYTES = 250 << 20


@pytest.fixture
def loads(workspace) -> Loads:
    workspace.client.get("/server")
    return Loads(workspace.folder)


@pytest.mark.parametrize(
    ("load", "amounts"),
    [("submitters", (4, 6)), ("steps", (150,)), ("points", (40_000,)), ("log", (32 << 20,))],
)
def test_much_at_once(loads: Loads, load: str, amounts: tuple[int, ...], monkeypatch, pytestconfig) -> None:
    sources = (pytestconfig.rootpath / name for name in ("src", "compat/src"))
    monkeypatch.setenv("PYTHONPATH", ":".join(map(str, sources)))  # for the programs that submit
    figures = getattr(loads, load)(*amounts)
    assert figures["server_mb"] * 1_000_000 < LITTLE_BYTES
