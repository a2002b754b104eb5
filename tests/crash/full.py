"""A disk that is full now and again: a small file system under the workspace, filled and freed at random moments.

    python -m tests.crash.full ARENA ROUNDS SEED    prints {"runs", "fillings", "failed_steps", "violations", "seconds"}

Needs the right to mount a tmpfs; without it, prints {"skipped": why}.
"""

from __future__ import annotations

import contextlib
import json
import random
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

from tests.crash.arena import Arena
from tests.crash.check import check_run, check_store, out_of_space, output_digests, tried_too_often

from azud.core.errors import AzudError
from azureml.exceptions import AzureMLException

SIZE_MB = 48
RUN_MB = 2
"""More than one run leaves, so that the disk is only full while it is made so."""
MOST_FILLINGS = 3
LONGEST_PAUSE_S = 0.6
LONGEST_FULL_S = 1.0
PATIENCE_S = 30.0


class Filler:
    """Takes all space, and gives it back.

    Args:
        place: A file on the file system.
    """

    def __init__(self, place: Path) -> None:
        self._place = place

    def fill(self) -> None:
        """Write until nothing fits any more."""
        with contextlib.suppress(OSError), self._place.open("wb", buffering=0) as stream:
            size = 1 << 20
            while size:
                try:
                    stream.write(bytes(size))
                except OSError:
                    size //= 2

    def free(self) -> None:
        """Give all of it back."""
        self._place.unlink(missing_ok=True)


def one_run(arena: Arena, chance: random.Random, digests: dict[str, str]) -> tuple[list[str], int, int]:
    """Run the scenario on a disk that is full at times; returns violations, fillings and steps that failed of it."""
    filler = Filler(arena.live / "filler")
    over = threading.Event()
    times = chance.randint(1, MOST_FILLINGS)
    run_id = arena.scenario.submit()
    filling = threading.Thread(target=_fill_and_free, args=(filler, times, chance, over))
    filling.start()
    try:
        _patiently(lambda: arena.cancel(run_id))
        ended = arena.wait(run_id)
    finally:
        over.set()
        filling.join()
    if not ended:
        return [f"run {run_id} is stuck"], times, 0
    failed = out_of_space(arena.store, run_id)
    excused = [*failed, *tried_too_often(arena.store, run_id)]
    counter = arena.scenario.counter
    found = check_run(arena.store, run_id, counter, digests=digests, shot=excused, all_metrics=False)
    return found, times, len(failed)


def _fill_and_free(filler: Filler, times: int, chance: random.Random, over: threading.Event) -> None:
    for _ in range(times):
        if over.wait(chance.uniform(0.0, LONGEST_PAUSE_S)):
            return
        filler.fill()
        time.sleep(chance.uniform(0.05, LONGEST_FULL_S))
        filler.free()


def _patiently(call: Callable[[], object]) -> None:
    """Call again while there is no space: a person would."""
    deadline = time.monotonic() + PATIENCE_S
    while True:
        try:
            call()
            return
        except (AzudError, AzureMLException):
            if time.monotonic() > deadline:
                raise
            time.sleep(0.1)


def main(folder: str, rounds: str, seed: str) -> int:
    """Fill and free, and print the outcome as JSON."""
    arena = Arena(Path(folder))
    arena.enter()
    start = time.monotonic()
    arena.live.mkdir(parents=True, exist_ok=True)
    command = ["mount", "-t", "tmpfs", "-o", f"size={SIZE_MB + RUN_MB * int(rounds)}m", "tmpfs", str(arena.live)]
    mounted = subprocess.run(command, capture_output=True, text=True, check=False)
    if mounted.returncode != 0:
        print(json.dumps({"skipped": f"no tmpfs can be mounted here: {mounted.stderr.strip()}"}))
        return 0
    chance = random.Random(int(seed))
    violations, fillings, failed = [], 0, 0
    try:
        arena.prepare()
        calm = arena.scenario.submit()
        arena.cancel(calm)
        arena.wait(calm)
        digests = output_digests(arena.store, calm)
        for _ in range(int(rounds)):
            found, times, lost = one_run(arena, chance, digests)
            violations += found
            fillings += times
            failed += lost
    finally:
        arena.end()
        if arena.store.exists():
            violations += check_store(arena.store)
        subprocess.run(["umount", "--lazy", str(arena.live)], check=True)
    outcome = {
        "runs": int(rounds),
        "fillings": fillings,
        "failed_steps": failed,
        "violations": violations,
        "seconds": round(time.monotonic() - start, 1),
    }
    print(json.dumps(outcome))
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
