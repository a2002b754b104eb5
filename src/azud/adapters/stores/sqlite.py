"""What azud needs of the SQLite library that Python is linked with, and of the file system under a database.

Light to import: `azud doctor` uses it without SQLAlchemy.
"""

from __future__ import annotations

import logging
import sqlite3
from typing import Any, Protocol

from azud.core.errors import StorageError

_log = logging.getLogger(__name__)

MINIMUM = (3, 35, 0)
"""Tables without rowid and partial indexes are older, upserts came with 3.24, SQLAlchemy's RETURNING with 3.35."""

# Where the WAL-reset bug was mended: two connections that write and checkpoint at the same time could lose a commit.
_MENDED = ((3, 44, 6), (3, 50, 7), (3, 51, 3))

WAL = "wal"
MEMORY_MODE = "memory"
# How much is synced so that an acknowledged commit survives a loss of power: with DELETE also the folder, after the
# journal's name has gone from it.
_FALLBACKS = (("truncate", "FULL"), ("delete", "EXTRA"))


class Cursor(Protocol):
    """The part of `sqlite3.Cursor` that choosing a journal needs."""

    def execute(self, sql: str, /) -> Any:
        """Run a statement."""

    def fetchone(self) -> Any:
        """Return the answer's first row."""


def check_version(version: tuple[int, int, int] | None = None) -> None:
    """Refuse a SQLite that lacks what azud uses.

    Args:
        version: The library's; by default that of the one that Python is linked with.

    Raises:
        StorageError: It is too old.
    """
    found = version or sqlite3.sqlite_version_info
    if found < MINIMUM:
        raise StorageError(
            f"Python is linked with SQLite {dotted(found)}, and azud needs {dotted(MINIMUM[:2])} or later",
            hint="use a newer Python for azud, or one that brings its own SQLite",
        )


def mended(version: tuple[int, int, int] | None = None) -> bool:
    """Return whether several connections may write and checkpoint at once without losing a commit.

    azud does not rely on it: one connection writes. Who opens a workspace's database with other tools might.
    """
    found = version or sqlite3.sqlite_version_info
    return found >= _MENDED[-1] or any(found[:2] == fixed[:2] and found >= fixed for fixed in _MENDED)


def dotted(version: tuple[int, ...]) -> str:
    """Return a version as people write it."""
    return ".".join(map(str, version))


def choose_journal(cursor: Cursor, path: str) -> str:
    """Set the journal mode in which commits are safe here, and return it.

    That is WAL, except where it cannot work (most network file systems), which SQLite says by answering with another
    mode; then a rollback journal, under which readers and the writer wait for each other.

    Raises:
        StorageError: No mode that survives a crash is possible.
    """
    mode = _asked(cursor, WAL)
    if mode in (WAL, MEMORY_MODE):
        cursor.execute("PRAGMA synchronous=FULL")
        return mode
    for fallback, synchronous in _FALLBACKS:
        mode = _asked(cursor, fallback)
        if mode == fallback:
            cursor.execute(f"PRAGMA synchronous={synchronous}")
            _log.warning(
                "%s: WAL does not work on this file system; journal mode %s is used, which is slower. "
                "Keep workspaces on a local disk",
                path,
                mode.upper(),
            )
            return mode
    raise StorageError(
        f"{path}: SQLite offers only journal mode {mode.upper()}, which does not survive a crash",
        hint="move the workspace to a local disk",
    )


def _asked(cursor: Cursor, mode: str) -> str:
    cursor.execute(f"PRAGMA journal_mode={mode.upper()}")
    return str(cursor.fetchone()[0]).lower()


def journal_of(path: str) -> str | None:
    """Return `wal` or `rollback`, as a database's header says, or None if there is no database.

    The file is read, not opened as a database: nothing is locked, made or changed.
    """
    try:
        with open(path, "rb") as stream:
            header = stream.read(20)
    except FileNotFoundError:
        return None
    if len(header) < 20 or not header.startswith(b"SQLite format 3\0"):
        return None
    return WAL if header[18] == 2 else "rollback"
