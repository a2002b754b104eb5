"""Starting a shot as a program of its own, with the environment and the memory of a new user."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
SHOT_S = 240
NOBODY = "-"


def shoot(arena: Path, *arguments: str, module: str = "tests.crash.shot", timeout_s: float = SHOT_S) -> dict[str, Any]:
    """Run one shot in an arena and return what it says."""
    env = {**os.environ, "PYTHONPATH": os.pathsep.join((str(ROOT), str(ROOT / "compat" / "src"), str(ROOT / "src")))}
    command = [sys.executable, "-m", module, str(arena), *arguments]
    try:
        done = subprocess.run(command, env=env, capture_output=True, text=True, timeout=timeout_s, check=False)
    except subprocess.TimeoutExpired:
        return _failed(arguments[0], f"no end within {timeout_s:g} s")
    if done.returncode != 0:
        return _failed(arguments[0], done.stderr.strip()[-2000:])
    outcome: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return outcome


def _failed(point: str, why: str) -> dict[str, Any]:
    return {"point": point, "killed": [], "violations": [why], "seconds": 0.0, "digests": {}}
