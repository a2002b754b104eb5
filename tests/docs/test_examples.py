"""The examples run, and a second time everything is reused."""

from __future__ import annotations

import pathlib
import re
import shutil
from collections.abc import Iterator

import pytest

from .pages import ROOT, Reader

STEPS = ["prepare", "train centroid", "train neighbours", "compare"]


@pytest.fixture
def reader(tmp_path: pathlib.Path) -> Iterator[Reader]:
    reader = Reader(tmp_path)
    ignored = shutil.ignore_patterns(".azud", ".azureml", "__pycache__")
    shutil.copytree(ROOT / "examples" / "quickstart", tmp_path / "page" / "quickstart", ignore=ignored)
    yield reader
    reader.leave()


def test_the_quickstart_prints_metrics_and_reuses_every_step(reader: Reader) -> None:
    first = reader.run("python quickstart/quickstart.py")
    assert "(reused)" not in first
    assert re.search(r"^compare$.*best accuracy: 0\.9", first, re.MULTILINE | re.DOTALL), first
    assert "The whole command took" in first
    second = reader.run("python quickstart/quickstart.py")
    for step in STEPS:
        assert re.search(rf"^{step}  \(reused\)$", second, re.MULTILINE), second
    best = re.search(r"^The best model is (\S+) on workspaceblobstore\.$", second, re.MULTILINE)
    assert best is not None
    assert '"kind":' in reader.run(f"cat quickstart/.azud/datastores/workspaceblobstore/{best[1]}")
