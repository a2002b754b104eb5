"""A fresh workspace of a fresh user, whose server ends with it."""

from __future__ import annotations

import contextlib
import os
import sys
from collections.abc import Iterator
from pathlib import Path

from tests.load.loads import Loads

from azud.client import homes
from azud.core.errors import AzudError

ROOT = Path(__file__).parents[2]


@contextlib.contextmanager
def opened(folder: Path) -> Iterator[Loads]:
    """Make a workspace below a folder with a short path."""
    for name in ("HOME", "XDG_CACHE_HOME", "XDG_DATA_HOME", "XDG_CONFIG_HOME"):
        path = folder / name.lower()
        path.mkdir(parents=True, exist_ok=True)
        os.environ[name] = str(path)
    os.environ.pop("XDG_RUNTIME_DIR", None)
    os.environ["AZUD_SERVER_PYTHON"] = sys.executable
    os.environ["PYTHONPATH"] = os.pathsep.join(str(ROOT / name) for name in ("src", "compat/src"))
    homes.create_home(str(folder / "ws"), "load")
    loads = Loads(folder / "ws")
    try:
        yield loads
    finally:
        with contextlib.suppress(AzudError):
            loads.client.post("/server/stop", {})
