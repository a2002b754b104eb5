"""A query's rows as they come, in bounded memory: each library has its own way to do that.

A stream that is left before its end is cancelled in the database, for nobody waits for the rest.
"""

from __future__ import annotations

import contextlib
import importlib
import threading
from collections.abc import Callable, Iterator, Sequence
from typing import Any, Protocol

from azud.services.sql_ports import Row

BATCH_ROWS = 2000
Cancel = Callable[[str], None]
"""Runs a statement on another connection; errors are nobody's concern."""


class Stream(Protocol):
    """A query that runs."""

    @property
    def described(self) -> Sequence[Any]:
        """For each column, its name and what the library says of its type; empty if the statement gives no rows."""

    def batches(self) -> Iterator[Sequence[Row]]:
        """Yield the rows, some thousand at a time."""

    def leave(self) -> None:
        """End the query before all of its rows were read."""


class PostgresqlStream:
    """A cursor of the server's, which gives no more rows than are asked for.

    Args:
        raw: Connection of pg8000.
        query: One statement; the extended protocol refuses several.
    """

    PREFIX = "DECLARE azud_rows NO SCROLL CURSOR FOR "

    def __init__(self, raw: Any, query: str, timeout_s: float, cancel: Cancel) -> None:
        self._raw = raw
        raw.execute_simple("BEGIN READ ONLY")
        raw.execute_unnamed(self.PREFIX + query)
        columns = self._fetch(0).columns or ()
        self.described: Sequence[Any] = [(column["name"], column["type_oid"]) for column in columns]

    def _fetch(self, count: int) -> Any:
        return self._raw.execute_simple(f"FETCH FORWARD {count} FROM azud_rows")

    def batches(self) -> Iterator[Sequence[Row]]:
        while rows := self._fetch(BATCH_ROWS).rows:
            yield rows

    def leave(self) -> None:
        """Nothing goes on in the server between two fetches."""


class MysqlStream:
    """A result that is read from the connection row by row; a watch stops a query that says nothing for too long.

    Args:
        raw: Connection of PyMySQL.
        query: One statement; the protocol refuses several unless they are asked for.
        timeout_s: The longest silence.
        cancel: Runs `KILL QUERY`.
    """

    PREFIX = ""

    def __init__(self, raw: Any, query: str, timeout_s: float, cancel: Cancel) -> None:
        self._cursor = raw.cursor(importlib.import_module("pymysql.cursors").SSCursor)
        self._timeout_s = timeout_s
        thread = int(raw.thread_id())
        self._kill: Callable[[], None] = lambda: cancel(f"KILL QUERY {thread}")
        with self._watched():
            self._cursor.execute(query)
        self.described: Sequence[Any] = self._cursor.description or ()

    @contextlib.contextmanager
    def _watched(self) -> Iterator[None]:
        watch = threading.Timer(self._timeout_s, self._kill)
        watch.daemon = True
        watch.start()
        try:
            yield
        finally:
            watch.cancel()

    def batches(self) -> Iterator[Sequence[Row]]:
        while True:
            with self._watched():
                rows = self._cursor.fetchmany(BATCH_ROWS)
            if not rows:
                return
            yield rows

    def leave(self) -> None:
        """Stop the query, and let the library forget it instead of reading the rest of its rows."""
        if self._cursor._result is not None:
            self._cursor._result.unbuffered_active = False
        self._kill()


class OdbcStream:
    """A forward-only cursor, which fetches from the network as it is read.

    Args:
        raw: Connection of pyodbc.
        query: What to run.
        timeout_s: Whole seconds that a statement may take.
    """

    PREFIX = ""

    def __init__(self, raw: Any, query: str, timeout_s: float, cancel: Cancel) -> None:
        raw.timeout = max(1, round(timeout_s))
        self._cursor = raw.cursor()
        self._cursor.execute(query)
        self.described: Sequence[Any] = self._cursor.description or ()

    def batches(self) -> Iterator[Sequence[Row]]:
        while rows := self._cursor.fetchmany(BATCH_ROWS):
            yield rows

    def leave(self) -> None:
        self._cursor.cancel()
