"""`make crash`: one shot at every point, before and after, and at every pass of the engine's one write.

    python -m tests.crash [--only TEXT] [--storm KILLS] [--seed N] [--workers N] [--folder DIR] [--json]

With `--storm`, processes are killed at random afterwards (instead, with `--only -`). Prints a table of points, kills
and violations; exit code 1 if there is a violation, or a point that nobody passes.
"""

from __future__ import annotations

import argparse
import collections
import concurrent.futures
import json
import queue
import shutil
import sys
import tempfile
import time
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from tests.crash.points import engine_points
from tests.crash.shooting import NOBODY, shoot

COMBINED = (
    "runner.claim:after,runner.claim_job:before",
    "runner.claim:after,runner.claim_job:after",
    "monitor.claim_job:after,runner.manifest:before",
    "forkserver.fork:after#3,runner.fork_monitor:before",
    "forkserver.fork:after#3,runner.fork_monitor:after",
    "runner.seal_output:after,store.apply:before#4",
    "runner.manifest:after,store.lease:before#1",
)
"""Some points are passed only by those who come after somebody else was killed."""
EVERY_PASS = ("store.apply",)
NO_AFTER = ("job.exec",)


def shots(passes: collections.Counter[str], only: str = "") -> list[str]:
    """Return all shots: every point before and after, every pass of some, and the combined ones."""
    found = []
    for point in engine_points():
        for side in ("before",) if point in NO_AFTER else ("before", "after"):
            name = f"{point}:{side}"
            last = passes[name] if point in EVERY_PASS else 1
            found += [f"{name}#{number}" if number > 1 else name for number in range(1, max(1, last) + 1)]
    return [name for name in [*found, *COMBINED] if only in name]


def main() -> int:
    """Shoot, print, judge."""
    options = _options()
    folder = Path(options.folder or tempfile.mkdtemp(prefix="azc-", dir="/tmp"))
    start = time.monotonic()
    try:
        outcomes, passes = _sweep(folder, options)
        storms = _storms(folder, options) if options.storm else []
        full = _full(folder, options) if options.full else {}
    finally:
        if not options.folder:
            shutil.rmtree(folder, ignore_errors=True)
    reached = {part.partition("#")[0] for one in outcomes for part in one["killed"]}
    hit = {name.partition(":")[0] for name in reached}
    missing = [] if options.only else [point for point in engine_points() if point not in hit]
    if options.json:
        print(json.dumps({"shots": outcomes, "passes": passes, "missing": missing, "storms": storms, "full": full}))
    else:
        _print(outcomes, missing)
        _print_storms(storms)
        _print_full(full)
        print(f"\n{time.monotonic() - start:.0f} s")
    return 1 if missing or any(one["violations"] for one in [*outcomes, *storms, full] if one) else 0


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.crash")
    parser.add_argument("--only", default="", help="only the shots whose name contains this")
    parser.add_argument("--storm", type=int, default=0, metavar="KILLS", help="then kill so many at random")
    parser.add_argument("--full", type=int, default=0, metavar="RUNS", help="then so many runs on a disk that fills up")
    parser.add_argument("--seed", type=int, default=1, help="of the random choices")
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--folder", help="keep everything below this folder; its path must be short")
    parser.add_argument("--json", action="store_true")
    return parser.parse_args()


def _sweep(folder: Path, options: argparse.Namespace) -> tuple[list[dict[str, Any]], collections.Counter[str]]:
    arenas: queue.Queue[Path] = queue.Queue()
    for number in range(options.workers):
        arenas.put(folder / f"a{number}")
    first = [shoot(folder / f"a{number}", NOBODY) for number in range(options.workers)]
    for one in first:
        if one["violations"]:
            raise SystemExit(f"the undisturbed run does not hold: {one['violations']}")
    passes = collections.Counter((folder / "a0" / "passed").read_text().split())

    def one_shot(name: str) -> dict[str, Any]:
        arena = arenas.get()
        try:
            outcome = shoot(arena, name)
        finally:
            arenas.put(arena)
        if not options.json:
            print(_line(outcome), flush=True)
        return outcome

    with concurrent.futures.ThreadPoolExecutor(options.workers) as pool:
        return list(pool.map(one_shot, shots(passes, options.only))), passes


def _storms(folder: Path, options: argparse.Namespace) -> list[dict[str, Any]]:
    share = -(-options.storm // options.workers)

    def one_storm(number: int) -> dict[str, Any]:
        seed = str(options.seed + number)
        arena = folder / f"a{number}"
        return shoot(arena, str(share), seed, module="tests.crash.storm", timeout_s=120 + 5.0 * share)

    with concurrent.futures.ThreadPoolExecutor(options.workers) as pool:
        return list(pool.map(one_storm, range(options.workers)))


def _full(folder: Path, options: argparse.Namespace) -> dict[str, Any]:
    runs = str(options.full)
    arena = folder / "full"
    return shoot(arena, runs, str(options.seed), module="tests.crash.full", timeout_s=120 + 10.0 * options.full)


def _line(one: dict[str, Any]) -> str:
    killed = "killed" if one["killed"] else "nobody passed"
    return f"{one['point']:<52} {killed:<14} {one['seconds']:5.1f} s  {'; '.join(one['violations']) or 'holds'}"


def _print_storms(storms: list[dict[str, Any]]) -> None:
    kills: collections.Counter[str] = collections.Counter()
    for one in storms:
        kills.update(one.get("kills", {}))
        for violation in one["violations"]:
            print(violation)
    if storms:
        print(f"\n{'at random':<14}{'kills':>8}")
        for kind, count in sorted(kills.items()):
            print(f"{kind:<14}{count:>8}")
        violations = sum(len(one["violations"]) for one in storms)
        runs = sum(one.get("runs", 0) for one in storms)
        print(f"{'all':<14}{kills.total():>8}   in {runs} runs, {violations} violations")


def _print_full(full: dict[str, Any]) -> None:
    if "skipped" in full:
        print(f"\nno full disk: {full['skipped']}")
    elif "fillings" not in full:
        print("\n".join(full.get("violations", [])))
    else:
        print(
            f"\na full disk: {full['fillings']} times in {full['runs']} runs, {full['failed_steps']} steps failed "
            f"and said so, {len(full['violations'])} violations"
        )
        for violation in full["violations"]:
            print(violation)


def _print(outcomes: Iterable[dict[str, Any]], missing: list[str]) -> None:
    families: dict[str, collections.Counter[str]] = collections.defaultdict(collections.Counter)
    for one in outcomes:
        family = families[one["point"].partition(".")[0]]
        family["shots"] += 1
        family["kills"] += len(one["killed"])
        family["violations"] += len(one["violations"])
    print(f"\n{'points of':<14}{'shots':>8}{'kills':>8}{'violations':>12}")
    total: collections.Counter[str] = collections.Counter()
    for name, family in sorted(families.items()):
        total += family
        print(f"{name:<14}{family['shots']:>8}{family['kills']:>8}{family['violations']:>12}")
    print(f"{'all':<14}{total['shots']:>8}{total['kills']:>8}{total['violations']:>12}")
    for point in missing:
        print(f"nobody was killed at {point}")


if __name__ == "__main__":
    sys.exit(main())
