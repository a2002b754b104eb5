"""Databases behind datastores: what a query gives, and how rows get into a table."""

from __future__ import annotations

import contextlib
import dataclasses
from collections.abc import Iterator, Sequence
from typing import Any, Protocol

from azud.model.data import DatastoreRecord

Row = Sequence[Any]
QUERY_TIMEOUT_S = 30.0


@dataclasses.dataclass(frozen=True)
class Rows:
    """What a query gives, while it is read.

    Args:
        columns: Name, unique among them, and kind (see `azud.model.rows`) of each.
        batches: Rows in the database's order, some thousand at a time; may be read once.
    """

    columns: tuple[tuple[str, str], ...]
    batches: Iterator[Sequence[Row]]


class Database(Protocol):
    """One database with what opens it. Every call has its own connection, which is closed at its end.

    All raise `PermissionDeniedError` (wrong password, no right), `NotFoundError` (no such database or table),
    `UserError` (the statement is wrong: the database's words, and where) or `StorageError`, which is `retryable` where
    the same call may succeed later. No message holds anything of the credential.
    """

    def check(self) -> None:
        """Look whether the database answers and lets us in."""

    def rows(self, query: str, timeout_s: float) -> contextlib.AbstractContextManager[Rows]:
        """Run a query in a transaction that only reads, and give its rows as they come.

        Args:
            query: One statement; it reaches the database as it is.
            timeout_s: How long the database may take until the first rows come, and between rows.
        """

    def insert(self, table: str, columns: Sequence[str], batches: Iterator[Sequence[Row]]) -> int:
        """Append rows to a table that exists, all or none of them.

        Args:
            table: `table` or `schema.table`; the names are quoted.
            columns: Of the table, in the order of the rows' values.
            batches: Rows; texts are read as the column's type asks for, None is NULL.

        Returns:
            How many rows the database says that it took.

        Raises:
            UserError: The table has no such column, or a value does not fit; nothing was inserted.
        """


class Databases(Protocol):
    """Opens datastores that are databases."""

    def database(self, datastore: DatastoreRecord) -> Database:
        """Return the database of a datastore, with its credential.

        Raises:
            UserError: The datastore is none.
            BackendError: The library for it is not installed.
        """
