"""The code printed in the four pages that azud is made after, and running it as a user would."""

from __future__ import annotations

import dataclasses
import json
import os
import pathlib
import re
import subprocess
import sys
import textwrap
from typing import Any

HERE = pathlib.Path(__file__).parent
BLOCKS = HERE / "seeds"
PAGES = HERE.parents[2] / "shared" / "seeds"


def block(page: int, number: int) -> str:
    """Return a code block, character for character as the page prints it."""
    return (BLOCKS / f"page{page:03d}_block{number:02d}.py").read_text(encoding="utf-8")


def printed_blocks(page: int) -> list[str]:
    """Return the Python blocks of a page itself, where the pages lie beside the checkout."""
    (path,) = PAGES.glob(f"{page:03d}_*.txt")
    return re.findall(r"^```[ \t]*[Pp]ython[^\n]*\n(.*?)^```", path.read_text(encoding="utf-8"), re.M | re.S)


@dataclasses.dataclass
class Project:
    """A user's project folder with a workspace, and the environment that its programs run in."""

    folder: pathlib.Path
    env: dict[str, str]

    def write(self, name: str, text: str) -> None:
        """Write a file of the project."""
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(textwrap.dedent(text), encoding="utf-8")

    def run(self, name: str, text: str, *, expect: int = 0, timeout_s: float = 240) -> str:
        """Write a program, run it with `azud run`, and return what it printed."""
        (self.folder / name).write_text(text, encoding="utf-8")
        result = subprocess.run(
            [sys.executable, "-m", "azud.cli", "run", name],
            cwd=self.folder,
            env=self.env,
            capture_output=True,
            text=True,
            timeout=timeout_s,
            check=False,
        )
        assert result.returncode == expect, f"{result.returncode}\n{result.stdout}\n{result.stderr}\n{self.log()}"
        return result.stdout + result.stderr

    def azud(self, *arguments: str) -> str:
        """Run a command of azud in the project, which must succeed, and return what it printed."""
        result = subprocess.run(
            [sys.executable, "-m", "azud.cli", *arguments],
            cwd=self.folder,
            env=self.env,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
        assert result.returncode == 0, f"{result.returncode}\n{result.stdout}\n{result.stderr}\n{self.log()}"
        return result.stdout

    def log(self) -> str:
        """Return the end of the server's log, for messages."""
        path = self.folder / ".azud" / "server.log"
        return path.read_text(errors="replace")[-4000:] if path.exists() else ""


def answer(printed: str) -> dict[str, Any]:
    """Return what a program said last as a JSON object on one line, whatever else it printed."""
    found: dict[str, Any] = json.loads(next(line for line in reversed(printed.splitlines()) if line.startswith("{")))
    return found


def clean_environment(folder: pathlib.Path) -> dict[str, str]:
    """Return an environment in which nothing of this user's is found."""
    runtime = folder / "run"
    for name in ("home", "run"):
        (folder / name).mkdir(exist_ok=True)
    kept = {name: os.environ[name] for name in ("PATH", "LANG", "TMPDIR") if name in os.environ}
    return {**kept, "HOME": str(folder / "home"), "XDG_RUNTIME_DIR": str(runtime), "PYTHONWARNINGS": "error"}
