"""Reads the blocks of a Markdown page and runs them as a reader would (see CONTRIBUTING, "Documentation blocks")."""

from __future__ import annotations

import dataclasses
import os
import pathlib
import re
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
PAGES = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md"), *ROOT.glob("examples/**/*.md")])

_BLOCK = re.compile(
    r"(?:^<!-- (?P<key>file|from|not run): (?P<value>.+?) -->\n)?^```(?P<language>\w*)\n(?P<text>.*?)^```$",
    re.MULTILINE | re.DOTALL,
)


@dataclasses.dataclass(frozen=True)
class Block:
    """A fenced block, with the comment that stands before it."""

    language: str
    text: str
    key: str
    value: str


def blocks(page: pathlib.Path) -> list[Block]:
    """Return the fenced blocks of a page, in order."""
    return [
        Block(match["language"], match["text"], match["key"] or "", match["value"] or "")
        for match in _BLOCK.finditer(page.read_text())
    ]


def name_of(page: pathlib.Path) -> str:
    """Return the page's path as links and test ids show it."""
    return str(page.relative_to(ROOT))


def is_runnable(page: pathlib.Path) -> bool:
    """Return whether a page has commands to run."""
    return any(block.language == "console" and block.key != "not run" for block in blocks(page))


class Reader:
    """Somebody with an empty home who follows a page in one folder, where `azud` is the checkout."""

    def __init__(self, folder: pathlib.Path) -> None:
        """Prepare the folder."""
        self._folder = self._at = folder / "page"
        self._folder.mkdir()
        (self._folder / "azud").symlink_to(ROOT)
        scripts = os.path.dirname(sys.executable)
        self._env = {
            "HOME": str(folder),
            "PATH": os.pathsep.join([scripts, "/usr/local/bin", "/usr/bin", "/bin"]),
            "LANG": "C.UTF-8",
            "XDG_DATA_HOME": str(folder / "data"),
            "XDG_CACHE_HOME": str(folder / "cache"),
            "XDG_CONFIG_HOME": str(folder / "config"),
        }

    def follow(self, page: pathlib.Path) -> None:
        """Write the page's files and run its commands; a command that fails ends with an AssertionError."""
        for block in blocks(page):
            if block.key == "file":
                target = self._at / block.value
                target.parent.mkdir(parents=True, exist_ok=True)
                target.write_text(block.text)
            elif block.language == "console" and block.key != "not run":
                self._run_block(block.text)

    def _run_block(self, text: str) -> None:
        printed = ""
        for line in text.splitlines():
            if line.startswith("$ "):
                printed = self.run(line[2:])
            else:
                assert line.strip() in printed, f"the page shows {line!r}, the command printed:\n{printed}"

    def run(self, command: str) -> str:
        """Run one command where the last one left off, and return what it printed."""
        place = self._folder.parent / "pwd"
        done = subprocess.run(
            ["bash", "-c", f"{command}\ncode=$?; pwd > {place}; exit $code"],
            cwd=self._at,
            env=self._env,
            capture_output=True,
            text=True,
            timeout=240,
            check=False,
        )
        printed = done.stdout + done.stderr
        assert done.returncode == 0, f"{command!r} ended with {done.returncode}:\n{printed}"
        self._at = pathlib.Path(place.read_text().strip())
        return printed

    def leave(self) -> None:
        """Stop the servers that the page's commands started."""
        for home in self._folder.rglob(".azud/workspace.json"):
            self.run(f"azud server stop -w {home.parent.parent}")
