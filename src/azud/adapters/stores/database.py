"""The database of a workspace: one writing connection, some reading ones.

SQLite runs in WAL mode with `synchronous=FULL` (see `azud.adapters.stores.sqlite` for where that cannot be): a commit
that was acknowledged survives a power loss. There is exactly one writing connection in the process, guarded by a lock,
and it alone checkpoints; readers are opened `query_only`. (SQLite before 3.51.3 can lose committed writes when two
connections write and checkpoint at the same time.) A database in memory has one connection for everybody.
"""

from __future__ import annotations

import contextlib
import sqlite3
import threading
from collections.abc import Iterator
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Engine
from sqlalchemy.pool import QueuePool, StaticPool

from azud.adapters.stores import migrating, schema, sqlite
from azud.adapters.stores.bulk import dumps
from azud.core import durable
from azud.core.errors import LeaseLost, StorageError, StoreBusy

LEASE = "engine"
MEMORY = ":memory:"
BUSY_TIMEOUT_S = 10.0
READERS = 4
READER_CACHE_KIB = 8_000
"""Pages that a reader keeps: enough that a look-up among 100,000 results costs what it costs among 1,000."""
LOG_PAGES = 8_000
"""Pages in the WAL (32 MB) from which a commit brings them into the file; a server at rest does so with fewer."""
_NEWEST_TOKEN = sa.select(schema.leases.c.token).where(schema.leases.c.name == LEASE)


class Database:
    """Connections and transactions. Thread-safe.

    Args:
        path: The SQLite file, made when missing; or `MEMORY`.
        busy_timeout_s: How long to wait for another process that holds the file.

    Raises:
        SchemaVersionError: A newer azud made it.
        StorageError: It cannot be opened, or the linked SQLite is too old.
    """

    def __init__(self, path: str, *, busy_timeout_s: float = BUSY_TIMEOUT_S) -> None:
        sqlite.check_version()
        self.path = path
        self._token: int | None = None
        self._has_committed = False
        self._lock = threading.RLock()
        self._write_engine = _engine(path, busy_timeout_s, StaticPool)
        _pragmas(self._write_engine, path, read_only=False)
        self._reading: contextlib.AbstractContextManager[Any]
        if path == MEMORY:
            # The one connection: what is in memory is seen through it alone, so readers take turns with the writer.
            self._read_engine = self._write_engine
            self._reading = self._lock
        else:
            self._reading = contextlib.nullcontext()
            self._read_engine = _engine(path, busy_timeout_s, QueuePool, pool_size=READERS, max_overflow=READERS)
            _pragmas(self._read_engine, path, read_only=True)
        try:
            with translated(path):
                self._writer = self._write_engine.connect()
                self._prepare()
        except BaseException:
            self._write_engine.dispose()
            raise

    def _prepare(self) -> None:
        """Make the schema of an empty file, upgrade an older one, refuse a newer one."""
        with self._lock:
            with self._writer.begin():
                revision = migrating.revision_of(self._writer)
                if revision is None:
                    migrating.create(self._writer)
            if revision not in (None, schema.SCHEMA_REVISION):
                migrating.bring_up_to_date(self._writer, self.path, revision)

    @contextlib.contextmanager
    def write(self, *, point: str, token: int | None = None) -> Iterator[Connection]:
        """Run a writing transaction: commit at the end, roll back on an exception.

        Args:
            point: Name of the fail points around the commit.
            token: The fencing token that must still be the newest; that of `fence` if None.

        Raises:
            LeaseLost: Another holder has the lease; nothing was written.
            StoreBusy: The file was locked for longer than we wait.
            StorageError: The database could not be written, for instance because the disk is full.
        """
        with self._lock, translated(self.path):
            try:
                transaction = self._writer.begin()
                held = self._token if token is None else token
                if held is not None:
                    self._check_token(held)
                yield self._writer
                durable.commit(transaction.commit, point=point)
                self._has_committed = True
            except BaseException:
                self._start_afresh()
                raise

    def checkpoint(self) -> None:
        """Bring what was committed from the WAL into the file, so that no commit has to: for a time when nothing runs.

        Effects: None that a reader sees; nothing where there was no commit since the last time, or no WAL.

        Raises:
            StorageError: The file could not be written; what was committed stays in the WAL.
        """
        with self._lock, translated(self.path):
            if self._has_committed:
                self._has_committed = False
                self._writer.connection.cursor().execute("PRAGMA wal_checkpoint(PASSIVE)")

    def fence(self, token: int) -> None:
        """Make every further write that of a holder: none succeeds once somebody else has taken the lease."""
        self._token = token

    def _start_afresh(self) -> None:
        """Roll back whatever is open: a BEGIN or COMMIT that the disk refused leaves a connection fit for neither."""
        self._writer.close()
        self._writer = self._write_engine.connect()

    def _check_token(self, token: int) -> None:
        newest = self._writer.scalar(_NEWEST_TOKEN)
        if newest != token:
            raise LeaseLost(
                f"the engine's lease has token {newest}, this server holds {token}",
                hint="another server took over this workspace; this one stops",
            )

    @contextlib.contextmanager
    def read(self) -> Iterator[Connection]:
        """Open a consistent view of the committed state."""
        with self._reading, translated(self.path), self._read_engine.connect() as connection:
            yield connection

    def close(self) -> None:
        """Close readers first, so that the writing connection does the last checkpoint."""
        with self._lock:
            if self._read_engine is not self._write_engine:
                self._read_engine.dispose()
            self._writer.close()
            self._write_engine.dispose()


def _engine(path: str, busy_timeout_s: float, pool: Any, **options: Any) -> Engine:
    return sa.create_engine(
        f"sqlite:///{path}",
        poolclass=pool,
        json_serializer=dumps,
        connect_args={"check_same_thread": False, "timeout": busy_timeout_s},
        **options,
    )


def _pragmas(engine: Engine, path: str, *, read_only: bool) -> None:
    @sa.event.listens_for(engine, "connect")
    def connected(connection: sqlite3.Connection, _record: Any) -> None:
        connection.isolation_level = None  # we say BEGIN ourselves; the driver would say it too late
        cursor = connection.cursor()
        if read_only:
            cursor.execute("PRAGMA query_only=ON")
            cursor.execute(f"PRAGMA cache_size=-{READER_CACHE_KIB}")
        else:
            sqlite.choose_journal(cursor, path)
            cursor.execute(f"PRAGMA wal_autocheckpoint={LOG_PAGES}")
        cursor.close()

    @sa.event.listens_for(engine, "begin")
    def began(connection: Connection) -> None:
        connection.exec_driver_sql("BEGIN" if read_only else "BEGIN IMMEDIATE")


@contextlib.contextmanager
def translated(path: str) -> Iterator[None]:
    """Turn the database's exceptions into ours, saying where and what to do."""
    try:
        yield
    except sa.exc.OperationalError as error:
        text = str(error.orig)
        if "locked" in text or "busy" in text:
            raise StoreBusy(
                f"{path} is locked by another process", hint="wait, or find it with: fuser " + path
            ) from error
        if "full" in text:
            raise StorageError(
                f"{path}: the disk is full", hint="free some space and try again", retryable=True
            ) from error
        raise StorageError(f"{path}: {text}", hint="check the file and its permissions") from error
    except sa.exc.DatabaseError as error:
        raise StorageError(f"{path}: {error.orig}", hint="the file may be damaged; restore a copy") from error
