"""`python -m benchmarks [--only NAME] [--quick] [--json] [--strict]`."""

from __future__ import annotations

import argparse
import dataclasses
import json
import os
import sys
import tempfile


def main() -> int:
    """Measure and print the table; with `--strict`, 1 if a limit is not kept."""
    # Not /tmp, which is memory on some machines: durability is to cost here what it costs.
    place = os.environ.get("AZUD_BENCH_DIR", "/var/tmp")
    with tempfile.TemporaryDirectory(prefix="azud-bench-", dir=place) as own:
        # A registry, cache and configuration of our own: the user's settings change what is measured.
        for name in ("XDG_DATA_HOME", "XDG_CACHE_HOME", "XDG_CONFIG_HOME"):
            os.environ[name] = os.path.join(own, name.lower())
        for name in [name for name in os.environ if name.startswith("AZUD_")]:
            del os.environ[name]
        os.environ["AZUD_BENCH_DIR"] = own
        return _measure()


def _measure() -> int:
    # After the environment is set: these import the SDK.
    from benchmarks.measures import MEASURES

    parser = argparse.ArgumentParser(prog="python -m benchmarks", description="What azud costs.")
    parser.add_argument("--only", action="append", choices=MEASURES, help="may be given more than once")
    parser.add_argument("--quick", action="store_true", help="fewer repeats and 200 steps instead of 1,000")
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--strict", action="store_true", help="exit code 1 if a limit is not kept")
    arguments = parser.parse_args()

    results = []
    for name in arguments.only or MEASURES:
        for result in MEASURES[name](arguments.quick):
            results.append(result)
            if not arguments.json:
                _print(result)
    if arguments.json:
        print(json.dumps([{**dataclasses.asdict(result), "kept": result.kept} for result in results], indent=2))
    missed = [result.name for result in results if not result.kept]
    if missed and not arguments.json:
        print(f"\nabove their limit: {', '.join(missed)}")
    return 1 if missed and arguments.strict else 0


def _print(result: object) -> None:
    from benchmarks.bench import Result

    assert isinstance(result, Result)
    value = f"{result.value:.2f} {result.unit}" if result.unit in ("s", "×") else f"{result.value:.1f} {result.unit}"
    mark = "ok" if result.kept else "MISSED"
    print(
        f"{result.name:<42}{value:>12}   (at most {result.limit:g} {result.unit})  {mark:<7} {result.detail}",
        flush=True,
    )


if __name__ == "__main__":
    sys.exit(main())
