"""A database as a file of its own: consistent copies, and the paths in a copy that was brought to another folder.

Works on `sqlite3` alone, on the schema of any revision.
"""

from __future__ import annotations

import json
import os
import sqlite3
import urllib.parse
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple, TypeVar

from azud.adapters.stores import sqlite
from azud.core import durable
from azud.core.errors import StorageError
from azud.model.runs import RunStatus

_READ_TIMEOUT_S = 30.0
T = TypeVar("T")


class CopiedRuns(NamedTuple):
    """The ids that a copy knows: runs that are no steps, those that the engine has to end, steps by whether it has."""

    revision: str
    pipelines: frozenset[str]
    active: frozenset[str]
    ended_steps: frozenset[str]
    open_steps: frozenset[str]


def copy_database(source: sqlite3.Connection, target: str) -> None:
    """Write a consistent copy of a database, on disk when this returns; a reader of `target` sees all of it or none.

    The copy is of one moment, whatever others write meanwhile, and it does not keep them from writing.

    Raises:
        sqlite3.Error: The source cannot be read, or the disk is full.
        OSError: The folder cannot be written.
    """
    temporary = f"{target}.{os.getpid()}.tmp"
    try:
        copy = sqlite3.connect(temporary)
        try:
            source.backup(copy)
            copy.execute("PRAGMA journal_mode=DELETE")  # one file, without companions
        finally:
            copy.close()
        os.chmod(temporary, 0o600)
        durable.fsync_file(temporary)
        durable.rename(temporary, target, point="store.copy")
    finally:
        if os.path.exists(temporary):
            os.unlink(temporary)


def copy_file(path: str, target: str) -> None:
    """Copy the database at a path, which another process may be writing to.

    Raises:
        StorageError: There is no database, it cannot be read, or the copy cannot be written.
    """
    sqlite.check_version()
    if not os.path.isfile(path):
        raise StorageError(f"there is no database {path}", hint="azud run makes it, with the first run")
    try:
        # A connection that only reads checkpoints when it closes as the last one, and then nobody else has the file
        # open: SQLite holds it alone meanwhile. (One that is opened read-only could not, and would leave its WAL.)
        source = sqlite3.connect(f"file:{urllib.parse.quote(path)}?mode=rw", uri=True, timeout=_READ_TIMEOUT_S)
        try:
            source.execute("PRAGMA query_only=ON")
            copy_database(source, target)
        finally:
            source.close()
    except (sqlite3.Error, OSError) as error:
        raise StorageError(f"{path} cannot be copied to {target}: {error}", hint="check free space") from error


def copied_runs(path: str) -> CopiedRuns:
    """Return which runs a copied database knows.

    Raises:
        StorageError: It is no database of azud.
    """
    ended = tuple(sorted(RunStatus.TERMINAL))
    marks = ", ".join("?" * len(ended))

    def read(connection: sqlite3.Connection) -> CopiedRuns:
        def ids(condition: str, *values: str) -> frozenset[str]:
            rows = connection.execute(f"SELECT id FROM runs WHERE {condition}", values)  # noqa: S608 - ours
            return frozenset(row[0] for row in rows)

        tables = {row[0] for row in connection.execute("SELECT name FROM sqlite_master")}
        interactive = connection.execute("SELECT id FROM interactive_runs") if "interactive_runs" in tables else ()
        (revision,) = connection.execute("SELECT value FROM meta WHERE key = 'schema_revision'").fetchone()
        return CopiedRuns(
            revision,
            ids("parent_id IS NULL") | {row[0] for row in interactive},
            ids(f"parent_id IS NULL AND status NOT IN ({marks})", *ended),
            ids(f"parent_id IS NOT NULL AND status IN ({marks})", *ended),
            ids(f"parent_id IS NOT NULL AND status NOT IN ({marks})", *ended),
        )

    return _with(path, read)


def relocate(path: str, moved: Mapping[str, str]) -> None:
    """Rewrite the absolute paths in a database whose folders lie elsewhere now, in one transaction.

    Those are the places of sealed outputs and of their published copies, and the roots of local datastores. What enters
    keys and digests names no place, and what a message or log says stays as it was said.

    Args:
        path: The database; nobody else may have it open.
        moved: New folders by old ones.

    Raises:
        StorageError: It is no database of azud.
    """
    # The longest first: a datastore that was moved out of its home has a place of its own.
    prefixes = sorted(moved.items(), key=lambda item: -len(item[0]))

    def new_place(place: Any) -> Any:
        for old, new in prefixes:
            if isinstance(place, str) and (place == old or place.startswith(old.rstrip("/") + "/")):
                return new + place[len(old) :]
        return place

    def write(connection: sqlite3.Connection) -> None:
        with connection:
            for step_run, name, text in connection.execute("SELECT step_run_id, name, sealed FROM outputs").fetchall():
                sealed = json.loads(text)
                for key in ("path", "published_to"):
                    sealed[key] = new_place(sealed.get(key))
                connection.execute(
                    "UPDATE outputs SET sealed = ? WHERE step_run_id = ? AND name = ?", (_dumps(sealed), step_run, name)
                )
            for name, text in connection.execute("SELECT name, body FROM datastores").fetchall():
                body = json.loads(text)
                options = body.get("options") or {}
                if "root" in options:
                    options["root"] = new_place(options["root"])
                    connection.execute("UPDATE datastores SET body = ? WHERE name = ?", (_dumps(body), name))

    _with(path, write)


def _dumps(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def _with(path: str, work: Callable[[sqlite3.Connection], T]) -> T:
    try:
        connection = sqlite3.connect(path)
        try:
            return work(connection)
        finally:
            connection.close()
    except (sqlite3.Error, TypeError, ValueError) as error:
        raise StorageError(f"{path} is no database of azud: {error}", hint="use another backup") from error
