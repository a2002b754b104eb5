"""Programs as people write them pass a strict type checker, and mistakes in them are reported where they stand."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

import azud
import azureml

SAMPLES = Path(__file__).parent / "samples"
_EXPECTED = re.compile(r"# E: (.+)$")
_REPORTED = re.compile(r"^.*?(\w+\.py):(\d+): error: (.*)$")

Place = tuple[str, int]


@pytest.fixture(scope="module")
def reported(tmp_path_factory: pytest.TempPathFactory) -> dict[Place, list[str]]:
    """What mypy says of all samples, by file and line."""
    folder = tmp_path_factory.mktemp("mypy")
    # The packages are found as installed ones are: py.typed and stubs count, and nothing of their own is told.
    paths = [Path(str(package.__file__)).parents[1] for package in (azud, azureml)]
    done = subprocess.run(
        [sys.executable, "-m", "mypy", "--strict", "--config-file=", "--no-color-output", "--hide-error-context",
         f"--cache-dir={folder}", *map(str, sorted(SAMPLES.glob("*.py")))],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(map(str, paths))},
        capture_output=True,
        text=True,
        check=False,
        timeout=240,
    )  # fmt: skip
    assert done.returncode in (0, 1), done.stdout + done.stderr
    found: dict[Place, list[str]] = {}
    for match in filter(None, map(_REPORTED.match, done.stdout.splitlines())):
        found.setdefault((match[1], int(match[2])), []).append(match[3])
    return found


def _expected() -> Iterator[tuple[Place, str]]:
    for path in sorted(SAMPLES.glob("*.py")):
        for number, line in enumerate(path.read_text().splitlines(), 1):
            match = _EXPECTED.search(line)
            if match and "`" not in line:
                yield (path.name, number), match[1]


def test_what_is_right_passes(reported: dict[Place, list[str]]) -> None:
    wrong = {place for place, _ in _expected()}
    assert {place: texts for place, texts in reported.items() if place not in wrong} == {}


def test_each_mistake_is_reported_where_it_stands(reported: dict[Place, list[str]]) -> None:
    expected = dict(_expected())
    assert len(expected) > 40
    missed = {
        place: text for place, text in expected.items() if not any(text in told for told in reported.get(place, []))
    }
    assert missed == {}
