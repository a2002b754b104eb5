"""Random kills of server, fork servers, runners, monitors and jobs, run after run. A program of its own.

python -m tests.crash.storm ARENA KILLS SEED     prints {"runs", "kills": {kind: count}, "violations", "seconds"}
"""

from __future__ import annotations

import collections
import contextlib
import json
import os
import random
import signal
import sys
import threading
import time
from pathlib import Path

from tests.crash.arena import Arena
from tests.crash.check import (
    check_run,
    check_store,
    check_touched,
    output_digests,
    shot_before_they_began,
    tried_too_often,
)
from tests.crash.victims import Victim, choose

from azud.client import launch

MOST_A_RUN = 6
LONGEST_PAUSE_S = 0.25


class Storm:
    """Kills at random while runs go on.

    Args:
        arena: Where.
        seed: Of the random choices; the moments are the machine's.
    """

    def __init__(self, arena: Arena, seed: int) -> None:
        self._arena = arena
        self._random = random.Random(seed)
        self.kills: collections.Counter[str] = collections.Counter()
        self.violations: list[str] = []
        self.runs = 0
        self._pids: set[int] = set()

    def blow(self, kills: int, digests: dict[str, str]) -> None:
        """Run the scenario again and again until so many processes were killed."""
        while self.kills.total() < kills:
            self._one_run(self._random.randint(1, MOST_A_RUN), digests)

    def _one_run(self, kills: int, digests: dict[str, str]) -> None:
        self.runs += 1
        shot: list[str] = []
        launch._started.clear()  # a client gives up on a server that dies five times a minute; here that is the point
        over = threading.Event()
        killer = threading.Thread(target=self._kill, args=(kills, shot, over))
        killer.start()
        try:
            run_id = self._arena.scenario.submit()
            self._arena.cancel(run_id)
            ended = self._arena.wait(run_id)
        finally:
            over.set()
            killer.join()
        if not ended:
            self.violations.append(f"run {run_id} is stuck")
            return
        store = self._arena.store
        shot += shot_before_they_began(store, run_id, self._pids)
        excused = [*shot, *tried_too_often(store, run_id)]
        counter = self._arena.scenario.counter
        self.violations += check_run(store, run_id, counter, digests=digests, shot=excused)

    def _kill(self, kills: int, shot: list[str], over: threading.Event) -> None:
        for _ in range(kills):
            if over.wait(self._random.uniform(0.0, LONGEST_PAUSE_S)):
                return
            victim = choose(self._random, self._arena)
            if victim is not None:
                self._shoot(victim, shot)

    def _shoot(self, victim: Victim, shot: list[str]) -> None:
        if victim.attempt is not None:
            shot.append(victim.attempt)
        with contextlib.suppress(ProcessLookupError):
            os.kill(victim.pid, signal.SIGKILL)
            self.kills[victim.kind] += 1
            self._pids.add(victim.pid)


def main(folder: str, kills: str, seed: str) -> int:
    """Blow and print the outcome as JSON."""
    arena = Arena(Path(folder))
    start = time.monotonic()
    arena.set_up()
    storm = Storm(arena, int(seed))
    try:
        arena.scenario.touch()
        calm = arena.scenario.submit()
        arena.cancel(calm)
        arena.wait(calm)
        storm.blow(int(kills), output_digests(arena.store, calm))
    finally:
        arena.end()
    outcome = {
        "runs": storm.runs,
        "kills": dict(storm.kills),
        "violations": storm.violations + check_touched(arena.store) + check_store(arena.store),
        "seconds": round(time.monotonic() - start, 1),
    }
    print(json.dumps(outcome))
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
