"""A short sweep and a short storm; all points are `make crash`, a thousand kills `make crash-long`."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.crash.points import all_points, engine_points
from tests.crash.shooting import NOBODY, shoot

SHORT = (
    "store.submit:after",
    "store.apply:before#3",
    "store.apply:after#5",
    "forkserver.fork:after",
    "runner.claim:after,runner.claim_job:before",
    "monitor.start_job:before",
    "monitor.exit:before",
    "runner.seal_output:after",
    "runner.publish:before",
    "runner.manifest:before",
    "attempt.cancel:before",
)
KILLS = 20
FILLED_RUNS = 4


@pytest.fixture(scope="module")
def arena() -> Iterator[Path]:
    # Sockets need short paths.
    folder = Path(tempfile.mkdtemp(prefix="azc-", dir="/tmp"))
    outcome = shoot(folder / "a", NOBODY)
    assert outcome["violations"] == []
    yield folder / "a"
    shutil.rmtree(folder)


@pytest.mark.parametrize("point", SHORT)
def test_whoever_is_killed_there_nothing_is_lost(arena: Path, point: str) -> None:
    outcome = shoot(arena, point)
    assert outcome["killed"] == sorted(part.partition("#")[0] for part in point.split(","))
    assert outcome["violations"] == []


def test_a_storm_of_kills_loses_nothing(arena: Path) -> None:
    outcome = shoot(arena, str(KILLS), "7", module="tests.crash.storm")
    assert outcome["violations"] == []
    assert sum(outcome["kills"].values()) >= KILLS


def test_a_disk_that_is_full_now_and_again(arena: Path) -> None:
    outcome = shoot(arena.parent / "full", str(FILLED_RUNS), "3", module="tests.crash.full")
    if "skipped" in outcome:
        pytest.skip(outcome["skipped"])
    assert outcome["violations"] == []
    assert outcome["fillings"] >= FILLED_RUNS


def test_every_point_of_the_engine_is_known() -> None:
    points = all_points()
    assert set(engine_points()) <= set(points)
    for prefix in ("store.", "runner.", "monitor.", "forkserver.", "attempt.", "job."):
        assert any(name.startswith(prefix) for name in engine_points()), prefix
    assert {part.partition(":")[0] for point in SHORT for part in point.split(",")} <= set(points)
