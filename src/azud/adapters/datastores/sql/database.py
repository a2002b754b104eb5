"""`services.sql_ports.Database` on SQLAlchemy Core."""

from __future__ import annotations

import contextlib
import importlib
import logging
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.pool import NullPool

from azud.adapters.datastores.sql.drivers import Credential, address_of, driver_of
from azud.adapters.datastores.sql.inserting import insert_into, table_named
from azud.adapters.datastores.sql.kinds import unique_names
from azud.adapters.datastores.sql.streaming import Stream
from azud.adapters.datastores.sql.troubles import translated
from azud.core.errors import AzudError, UserError
from azud.model.data import DatastoreRecord
from azud.services.sql_ports import Row, Rows

_log = logging.getLogger(__name__)
CHECK_S = 15.0
WRITE_S = 600.0
"""How long a database may be silent while it takes a batch of rows."""


class SqlDatabase:
    """One database. Each call opens a connection of its own and closes it.

    Args:
        datastore: Of driver `sql`.
        credential: What opens it.

    Raises:
        UserError: It is of a kind that azud does not know.
        BackendError: The library for its kind is missing.
    """

    def __init__(self, datastore: DatastoreRecord, credential: Credential) -> None:
        self._datastore = datastore
        self._credential = credential
        self._driver = driver_of(datastore)
        self._place = f"datastore {datastore.name!r}"

    def check(self) -> None:
        self._run("SELECT 1")

    @contextlib.contextmanager
    def rows(self, query: str, timeout_s: float) -> Iterator[Rows]:
        statement = query.strip().rstrip(";").rstrip()
        if not statement:
            raise UserError(f"{self._place}: the query is empty", hint="write a SELECT")
        with self._connected(timeout_s, self._driver.reading(timeout_s)) as connection:
            try:
                raw = connection.connection.dbapi_connection
                stream = self._driver.stream(raw, statement, timeout_s, self._run_if_possible)
            except Exception as error:
                connection.invalidate()
                raise self._told(error, statement) from error
            reading = _Reading(stream, lambda error: self._told(error, statement))
            try:
                yield Rows(self._columns(stream), reading.batches())
            finally:
                if not reading.at_end:
                    stream.leave()
                # Not handed back by the usual way, which would read what is left of a result.
                connection.invalidate()

    def insert(self, table: str, columns: Sequence[str], batches: Iterator[Sequence[Row]]) -> int:
        with self._connected(WRITE_S, self._driver.writing) as connection:
            try:
                with connection.begin():
                    found = table_named(connection, table, self._place)
                    return insert_into(connection, found, columns, batches, self._place)
            except SQLAlchemyError as error:  # all that the database says; what `batches` raises is not its concern
                raise self._told(error, "") from error

    def _columns(self, stream: Stream) -> tuple[tuple[str, str], ...]:
        if not stream.described:
            raise UserError(f"{self._place}: the query gives no rows", hint="write a SELECT")
        names = unique_names(str(item[0]) for item in stream.described)
        return tuple(zip(names, (self._driver.kind_of(item) for item in stream.described), strict=True))

    def _run(self, statement: str) -> None:
        with self._connected(CHECK_S, self._driver.reading(CHECK_S)) as connection:
            try:
                connection.exec_driver_sql(statement)
            except SQLAlchemyError as error:
                raise self._told(error, "") from error

    def _run_if_possible(self, statement: str) -> None:
        try:
            self._run(statement)
        except AzudError as error:
            _log.info("%s: %s did not succeed: %s", self._place, statement, error)

    @contextlib.contextmanager
    def _connected(self, timeout_s: float, first: Sequence[str]) -> Iterator[sa.Connection]:
        """Yield a connection on which these statements were run."""
        with contextlib.ExitStack() as closing:
            try:
                connection = self._opened(timeout_s, closing)
                for statement in first:
                    connection.exec_driver_sql(statement)
                connection.commit()
            except Exception as error:  # libraries let errors of TLS and of sockets through as they are
                raise self._told(error, "") from error
            yield connection

    def _opened(self, timeout_s: float, closing: contextlib.ExitStack) -> sa.Connection:
        address = address_of(self._driver, self._datastore, self._credential)
        settings = self._driver.connect(self._datastore, self._credential, timeout_s)
        if "sock" in settings:
            closing.enter_context(settings["sock"])
        module = importlib.import_module(self._driver.module)
        engine = sa.create_engine(
            address, connect_args=settings, poolclass=NullPool, hide_parameters=True, module=module
        )
        closing.callback(engine.dispose)
        return closing.enter_context(engine.connect())

    def _told(self, error: Exception, statement: str) -> AzudError:
        secrets = [str(part) for part in self._credential.values()]
        return translated(error, self._place, secrets, statement, len(self._driver.stream.PREFIX))


class _Reading:
    """Reads a stream and knows whether all was read. It is read outside of `rows`, so it translates errors itself."""

    def __init__(self, stream: Stream, told: Callable[[Exception], Exception]) -> None:
        self._stream = stream
        self._told = told
        self.at_end = False

    def batches(self) -> Iterator[Sequence[Row]]:
        """Yield all rows, some thousand at a time."""
        rows: Iterator[Sequence[Any]] = self._stream.batches()
        while True:
            try:
                batch = next(rows, None)
            except Exception as error:
                raise self._told(error) from error
            if batch is None:
                self.at_end = True
                return
            yield batch
