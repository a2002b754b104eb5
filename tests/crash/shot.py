"""One shot: run the scenario, kill one process at one point, say what did not hold. A program of its own.

    python -m tests.crash.shot ARENA POINT      prints {"point", "killed", "violations", "seconds", "digests"}

With `-` as the point nobody is killed, and every point that is passed is listed in ARENA/passed.
"""

from __future__ import annotations

import json
import os
import sys
import time
from pathlib import Path

from tests.crash.arena import Arena
from tests.crash.check import check_run, check_store, check_touched, killed_attempts, output_digests
from tests.crash.shooting import NOBODY


def main(folder: str, point: str) -> int:
    """Shoot and print the outcome as JSON."""
    arena = Arena(Path(folder))
    start = time.monotonic()
    arena.set_up()
    for path in arena.folder.glob("once-*"):
        path.unlink()
    if point == NOBODY:
        (arena.folder / "passed").unlink(missing_ok=True)
        os.environ["AZUD_FAIL_LOG"] = str(arena.folder / "passed")
    else:
        os.environ.update(AZUD_FAIL_POINT=point, AZUD_FAIL_ONCE=str(arena.folder / "once-"))
    violations, digests = _run(arena, point)
    outcome = {
        "point": point,
        "killed": sorted(path.name[len("once-") :] for path in arena.folder.glob("once-*")),
        "violations": violations,
        "seconds": round(time.monotonic() - start, 2),
        "digests": digests,
    }
    print(json.dumps(outcome))
    return 0


def _run(arena: Arena, point: str) -> tuple[list[str], dict[str, str]]:
    try:
        arena.scenario.touch()
        run_id = arena.scenario.submit()
        arena.cancel(run_id)
        ended = arena.wait(run_id)
    finally:
        arena.end()
    if not ended:
        return [f"run {run_id} is stuck"], {}
    digests = output_digests(arena.store, run_id)
    known = arena.folder / "digests.json"
    if point == NOBODY:
        known.write_text(json.dumps(digests))
    wanted = json.loads(known.read_text())
    # The process that is about to become the job is the job: its step fails, as one whose job somebody kills.
    shot = killed_attempts(arena.store, run_id) if point.startswith("job.") else []
    found = check_run(arena.store, run_id, arena.scenario.counter, digests=wanted, shot=shot)
    return found + check_touched(arena.store) + check_store(arena.store), digests


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
