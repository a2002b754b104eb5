"""Every named fail point, read from the sources."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import azud

SOURCES = Path(azud.__file__).parent
CLIENT_SIDE = ("cli.", "client.", "sdk.")
"""Points of users' own processes, which hold nothing that the engine promises to keep."""
ELSEWHERE = (
    "archive.",
    "restore.",
    "store.copy",
    "store.migrate",
    "store.remove_",
    "store.forget_left",
    "store.drop_entries",
    "store.compact_events",
    "store.give_up",
    "store.verification",
    "runner.sync_own_copy",
    "runner.link_brought",
    "cache.",
)
"""Points of backups, restores, migrations, garbage collection, verifications, damaged runs, outputs that somebody
holds open and data elsewhere, which no sound run of the scenario passes: they have tests of their own, most of them
killed at every point, too."""


def all_points() -> dict[str, set[str]]:
    """Return every point with the modules in which it stands."""
    found: dict[str, set[str]] = {}
    for path in sorted(SOURCES.rglob("*.py")):
        module = ".".join(path.relative_to(SOURCES).with_suffix("").parts)
        for name in _names(ast.parse(path.read_text("utf-8"))):
            found.setdefault(name, set()).add(module)
    return found


def engine_points() -> list[str]:
    """Return the points of server, fork servers, runners, monitors and jobs that are about to start."""
    return sorted(name for name in all_points() if not name.startswith(CLIENT_SIDE + ELSEWHERE))


def _names(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            for keyword in node.keywords:
                if keyword.arg == "point":
                    yield from _texts(keyword.value)
        elif isinstance(node, ast.Assign) and any(isinstance(at, ast.Name) and at.id == "point" for at in node.targets):
            yield from _texts(node.value)


def _texts(value: ast.expr) -> Iterator[str]:
    if isinstance(value, ast.Constant) and isinstance(value.value, str):
        yield value.value
    elif isinstance(value, ast.IfExp):
        yield from _texts(value.body)
        yield from _texts(value.orelse)
