"""Asking databases: what a query gives, as a file, and rows into tables."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from azud.core.errors import UserError
from azud.model import rows as rows_file
from azud.model.data import DatasetDefinition
from azud.services.datastores import DatastoreService
from azud.services.sql_ports import QUERY_TIMEOUT_S, Database, Databases, Row

_BATCH_ROWS = 2000
_LONGEST_S = 24 * 3600.0


def query_of(dataset: DatasetDefinition) -> tuple[str, str, float] | None:
    """Return datastore, query and timeout in seconds of a dataset that is a query; None if it is of files.

    Raises:
        UserError: The definition is none that azud writes.
    """
    if dataset.reader.get("format") != rows_file.FORMAT or "query" not in dataset.reader:
        return None
    if len(dataset.locations) != 1:
        raise UserError("a dataset of a query has one location: the database")
    timeout_s = checked_timeout(dataset.reader.get("query_timeout_s", QUERY_TIMEOUT_S))
    return dataset.locations[0].datastore, str(dataset.reader["query"]), timeout_s


def checked_timeout(value: object) -> float:
    """Return a query's timeout in seconds.

    Raises:
        UserError: It is not a number of seconds between 0 and a day.
    """
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not 0 < value <= _LONGEST_S:
        raise UserError(f"query_timeout is {value!r}", hint="give a number of seconds above 0, a day at most")
    return float(value)


def write_rows_file(database: Database, query: str, timeout_s: float, path: str) -> int:
    """Run a query, write what it gives to a local file (see `azud.model.rows`), and return the number of rows.

    Rows are written as they come, so memory is bounded whatever their number.

    Raises:
        AzudError: As `Database.rows`.
        OSError: The disk is full.
    """
    count = 0
    with (
        database.rows(query, timeout_s) as found,
        open(path, "w", encoding="utf-8", errors="surrogatepass", newline="") as stream,
    ):
        rows_file.write_head(stream, found.columns)
        for batch in found.batches:
            count += rows_file.write_rows(stream, batch)
    return count


class DatabaseService:
    """What the API asks of databases.

    Args:
        datastores: Knows the records.
        databases: Opens them.
    """

    def __init__(self, datastores: DatastoreService, databases: Databases) -> None:
        self._datastores = datastores
        self._databases = databases

    def columns(self, name: str, body: dict[str, Any]) -> list[dict[str, str]]:
        """Run a query up to its first rows and return its columns; `body` is `{query, query_timeout_s}`.

        Raises:
            AzudError: As `Database.rows`.
        """
        timeout_s = checked_timeout(body.get("query_timeout_s", QUERY_TIMEOUT_S))
        database = self._databases.database(self._datastores.datastore(name))
        with database.rows(str(body.get("query", "")), timeout_s) as found:
            return [{"name": column, "kind": kind} for column, kind in found.columns]

    def insert(self, name: str, table: str, path: str) -> int:
        """Append the rows of a local file (see `azud.model.rows`) to a table, all or none; return their number.

        Raises:
            UserError: The file holds no rows, or they do not fit the table.
            NotFoundError: There is no such table.
        """
        database = self._databases.database(self._datastores.datastore(name))
        with open(path, encoding="utf-8", errors="surrogatepass", newline="") as stream:
            try:
                columns = rows_file.read_head(stream.readline(), "what was sent")
            except ValueError as error:
                raise UserError(str(error)) from error
            return database.insert(table, [column for column, _kind in columns], _batches(stream))


def _batches(stream: Any) -> Iterator[Sequence[Row]]:
    batch: list[Row] = []
    for cells in rows_file.read_cells(stream):
        batch.append([rows_file.unescaped(cell) for cell in cells])
        if len(batch) == _BATCH_ROWS:
            yield batch
            batch = []
    yield batch
