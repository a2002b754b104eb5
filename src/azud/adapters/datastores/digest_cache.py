"""What files and trees were when they were hashed, kept from one server to the next.

An SQLite file of its own: nothing is lost with it but time. It is thrown away when it is damaged or of another version,
each row carries a check of itself, and it does not grow beyond a number of rows.
"""

from __future__ import annotations

import contextlib
import hashlib
import logging
import os
import sqlite3
import threading
import time
from collections.abc import Iterable, Mapping

from azud.core.digests import digest_value

_log = logging.getLogger(__name__)

VERSION = 1
LIMIT_ROWS = 1_000_000
_LIMIT_TREES = 50_000
_KEEP = 0.75
"""What part of a limit is kept when it is reached: what was used last."""
_FLUSH_ROWS = 1_000
_FLUSH_BYTES = 64 << 20
_MEMORY = ":memory:"
_SCHEMA = f"""
CREATE TABLE files (
    folder BLOB, name BLOB, mark TEXT, digest TEXT, guard BLOB, PRIMARY KEY (folder, name)
) WITHOUT ROWID;
CREATE TABLE trees (place TEXT PRIMARY KEY, state TEXT, digest TEXT, guard BLOB, at INTEGER) WITHOUT ROWID;
CREATE TABLE used (folder BLOB PRIMARY KEY, at INTEGER) WITHOUT ROWID;
PRAGMA user_version = {VERSION};
"""
_TABLES = {"files", "trees", "used"}
_OLDEST_FOLDERS = """
SELECT folder, count(*) FROM files LEFT JOIN used USING (folder) GROUP BY folder ORDER BY coalesce(at, 0)
"""

Row = tuple[str, str]
"""A file's mark (what `stat` said, as text) and its digest."""


class DigestCache:
    """Marks and digests of files by folder and name, states and digests of trees by place. Thread-safe.

    Args:
        path: The file, or None to remember in memory only.
        limit_rows: Most files that are remembered.
    """

    def __init__(self, path: str | None = None, limit_rows: int = LIMIT_ROWS) -> None:
        self._path = path or _MEMORY
        self._limit_rows = limit_rows
        self._lock = threading.RLock()
        self._fresh: dict[tuple[str, str], Row] = {}
        self._fresh_bytes = 0
        self._fresh_trees: dict[str, Row] = {}
        self._used: set[str] = set()
        self._connection = self._open()
        self._rows = self._count()

    def file(self, folder: str, name: str) -> Row | None:
        """Return what is known of a file."""
        with self._lock:
            found = self._fresh.get((folder, name))
            if found is None:
                found = self._select(folder, "AND name = ?", os.fsencode(name)).get(name)
            return found

    def folder(self, folder: str) -> dict[str, Row]:
        """Return what is known of the files in a folder, by name."""
        with self._lock:
            found = self._select(folder)
            found.update({name: row for (place, name), row in self._fresh.items() if place == folder})
            return found

    def put(self, folder: str, rows: Mapping[str, Row], size_bytes: int) -> None:
        """Remember files of a folder, of `size_bytes` in all: what took long to read is written at once."""
        with self._lock:
            self._used.add(folder)
            self._fresh.update({(folder, name): row for name, row in rows.items()})
            self._fresh_bytes += size_bytes
            if len(self._fresh) >= _FLUSH_ROWS or self._fresh_bytes >= _FLUSH_BYTES:
                self._flush()

    def tree(self, place: str) -> Row | None:
        """Return the state and the digest of a tree when it was looked at last."""
        with self._lock:
            fresh = self._fresh_trees.get(place)
            if fresh is not None:
                return fresh
            rows = self._ask("SELECT state, digest, guard FROM trees WHERE place = ?", (place,))
        for state, digest, guard in rows:
            if guard == _guard(place, state, digest):
                return str(state), str(digest)
        return None

    def put_tree(self, place: str, state: str, digest: str) -> None:
        """Remember a tree."""
        with self._lock:
            self._fresh_trees[place] = (state, digest)
            if len(self._fresh_trees) >= _FLUSH_ROWS:
                self._flush()

    def close(self) -> None:
        """Write what was not written yet, and remember in memory what is asked for from now on."""
        with self._lock:
            self._flush()
            self._connection.close()
            self._path = _MEMORY
            self._connection = self._connect()

    # -- the file -------------------------------------------------------------------------------

    def _open(self) -> sqlite3.Connection:
        try:
            return self._connect()
        except (OSError, sqlite3.OperationalError) as error:  # a full disk, or a server that is about to end has it
            return self._in_memory(error)
        except sqlite3.DatabaseError as error:
            return self._begin_anew(error)

    def _in_memory(self, error: Exception) -> sqlite3.Connection:
        _log.warning("digests are remembered in memory only: %s: %s", self._path, error)
        self._path = _MEMORY
        return self._connect()

    def _connect(self) -> sqlite3.Connection:
        if self._path != _MEMORY:
            os.close(os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600))
        connection = sqlite3.connect(self._path, check_same_thread=False, isolation_level=None, timeout=1.0)
        try:
            connection.execute("PRAGMA synchronous = NORMAL")
            version = connection.execute("PRAGMA user_version").fetchone()[0]
            if version != VERSION:
                if version or connection.execute("SELECT count(*) FROM sqlite_master").fetchone()[0]:
                    raise sqlite3.DatabaseError(f"it is of version {version}, not {VERSION}")
                connection.executescript(_SCHEMA)
            tables = {name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
            if tables != _TABLES:
                raise sqlite3.DatabaseError(f"it has the tables {sorted(tables)}")
        except BaseException:
            connection.close()
            raise
        return connection

    def _begin_anew(self, error: Exception) -> sqlite3.Connection:
        """Throw the file away; where that cannot be done, remember in memory."""
        _log.warning("the digests in %s are made anew: %s", self._path, error)
        try:
            with contextlib.suppress(FileNotFoundError):
                os.unlink(self._path)
            return self._connect()
        except (OSError, sqlite3.Error) as trouble:
            return self._in_memory(trouble)

    def _damaged(self, error: sqlite3.DatabaseError) -> None:
        with contextlib.suppress(sqlite3.Error):
            self._connection.close()
        self._connection, self._rows = self._begin_anew(error), 0

    def _ask(self, query: str, values: tuple[object, ...]) -> list[tuple[object, ...]]:
        try:
            return self._connection.execute(query, values).fetchall()
        except sqlite3.OperationalError as error:  # locked, or the disk cannot be read just now
            _log.warning("what %s knows cannot be read: %s", self._path, error)
        except sqlite3.DatabaseError as error:
            self._damaged(error)
        return []

    def _flush(self) -> None:
        """Write what is fresh; what cannot be kept is hashed again one day."""
        files, self._fresh, self._fresh_bytes = self._fresh, {}, 0
        trees, self._fresh_trees = self._fresh_trees, {}
        if not files and not trees:
            return
        try:
            self._write(files, trees)
        except sqlite3.OperationalError as error:  # a full disk, most likely
            _log.warning("digests cannot be kept in %s: %s", self._path, error)
            with contextlib.suppress(sqlite3.Error):
                self._connection.execute("ROLLBACK")
        except sqlite3.DatabaseError as error:
            self._damaged(error)

    def _select(self, folder: str, also: str = "", *values: bytes) -> dict[str, Row]:
        self._used.add(folder)
        query = f"SELECT name, mark, digest, guard FROM files WHERE folder = ? {also}"  # noqa: S608 - our own words
        found = {}
        for raw, mark, digest, guard in self._ask(query, (os.fsencode(folder), *values)):
            name = os.fsdecode(raw)  # type: ignore[arg-type]
            if guard == _guard(folder, name, mark, digest):
                found[name] = (str(mark), str(digest))
        return found

    def _count(self) -> int:
        rows = self._ask("SELECT count(*) FROM files", ())
        return int(rows[0][0]) if rows else 0  # type: ignore[call-overload]

    def _write(self, files: Mapping[tuple[str, str], Row], trees: Mapping[str, Row]) -> None:
        now, used, self._used = time.time_ns(), self._used, set()
        write = self._connection.executemany
        self._connection.execute("BEGIN IMMEDIATE")
        write("INSERT OR REPLACE INTO files VALUES (?, ?, ?, ?, ?)", _file_rows(files))
        write("INSERT OR REPLACE INTO used VALUES (?, ?)", ((os.fsencode(folder), now) for folder in used))
        rows = ((place, state, digest, _guard(place, state, digest), now) for place, (state, digest) in trees.items())
        write("INSERT OR REPLACE INTO trees VALUES (?, ?, ?, ?, ?)", rows)
        self._rows += len(files)
        if self._rows > self._limit_rows:
            self._forget_folders()
        self._forget_trees()
        self._connection.execute("COMMIT")

    def _forget_folders(self) -> None:
        """Forget the folders that were not used for longest."""
        self._rows = self._count()
        if self._rows <= self._limit_rows:
            return
        for folder, count in self._connection.execute(_OLDEST_FOLDERS).fetchall():
            if self._rows <= self._limit_rows * _KEEP:
                return
            self._connection.execute("DELETE FROM files WHERE folder = ?", (folder,))
            self._connection.execute("DELETE FROM used WHERE folder = ?", (folder,))
            self._rows -= count

    def _forget_trees(self) -> None:
        count = self._connection.execute("SELECT count(*) FROM trees").fetchone()[0]
        if count > _LIMIT_TREES:
            query = "DELETE FROM trees WHERE place IN (SELECT place FROM trees ORDER BY at LIMIT ?)"
            self._connection.execute(query, (count - int(_LIMIT_TREES * _KEEP),))


def _file_rows(fresh: Mapping[tuple[str, str], Row]) -> Iterable[tuple[bytes, bytes, str, str, bytes]]:
    for (folder, name), (mark, digest) in fresh.items():
        yield os.fsencode(folder), os.fsencode(name), mark, digest, _guard(folder, name, mark, digest)


def _guard(*parts: object) -> bytes:
    """Return a check of a row: a byte of the file that went bad must not become a wrong digest."""
    text = "\0".join(map(str, parts)).encode("utf-8", "surrogateescape")
    return hashlib.blake2b(text, digest_size=8).digest()


def place_of(places: Iterable[tuple[str, str]]) -> str:
    """Return under what a tree of these `(path, name)` is remembered."""
    return digest_value([list(item) for item in places])
