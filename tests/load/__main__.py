"""`python -m tests.load [--quick] [--json]`: every load on a fresh workspace, with its figures."""

from __future__ import annotations

import argparse
import json
import shutil
import sys
import tempfile
from pathlib import Path
from typing import Any

CURVE = (100, 300, 1000, 3000, 10000)


def main() -> int:
    """Run all loads and print a table."""
    parser = argparse.ArgumentParser(prog="python -m tests.load")
    parser.add_argument("--quick", action="store_true", help="a tenth of everything")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    folder = Path(tempfile.mkdtemp(prefix="azl-", dir="/tmp"))
    sys.path[:0] = [str(Path(__file__).parents[2] / name) for name in (".", "compat/src")]
    from tests.load.workspaces import opened

    try:
        with opened(folder) as loads:
            part = 10 if options.quick else 1
            found = [_show(loads.submitters(20 // min(part, 4), 10), options.json)]
            found += [_show(loads.steps(count), options.json) for count in CURVE if count <= 10000 // part]
            found.append(_show(loads.points(1_000_000 // part), options.json))
            found.append(_show(loads.log((1 << 30) // part >> 10 << 10), options.json))
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    if options.json:
        print(json.dumps(found))
    return 0


def _show(figures: dict[str, Any], as_json: bool) -> dict[str, Any]:
    if not as_json:
        print(
            "{load:<34} {seconds:8.2f} s {ms_each:9.3f} ms each   "
            "API p50 {api_p50_ms:6.1f} ms, p99 {api_p99_ms:6.1f} ms   server {server_mb} MB".format(**figures),
            flush=True,
        )
    return figures


if __name__ == "__main__":
    sys.exit(main())
