"""Datasets that are queries: each fetch runs the query and gives its rows as a file of this machine."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from azud.adapters.datastores.file_cache import FileCache
from azud.adapters.datastores.naming import datastore_of
from azud.core.errors import StorageError
from azud.engine.ports import DataFingerprint, RemoteFiles
from azud.model.data import DatasetDefinition, DatastoreRecord
from azud.services.databases import query_of, write_rows_file
from azud.services.sql_ports import Databases

ROWS_FILE = "rows.azud"
_UNKNOWN = (
    "what a query gives can be known by running it only, so the step runs each time; "
    "a DataTransferStep to a file lets the steps after it be reused while the rows stay the same"
)


class QueryFiles:
    """Runs the queries of datasets.

    Args:
        databases: Opens datastores.
        cache: Keeps the rows while they are used.
    """

    def __init__(self, databases: Databases, cache: FileCache) -> None:
        self._databases = databases
        self._cache = cache

    @staticmethod
    def fingerprint(datastores: Mapping[str, DatastoreRecord], dataset: DatasetDefinition) -> DataFingerprint | None:
        """Return that a query has no fingerprint, and why; None if the dataset is of files."""
        found = query_of(dataset)
        if found is None:
            return None
        datastore_of(datastores, found[0])
        return DataFingerprint(None, (), _UNKNOWN, remote=RemoteFiles(dataset))

    def fetch(
        self, datastores: Mapping[str, DatastoreRecord], dataset: DatasetDefinition
    ) -> Sequence[tuple[str, str]] | None:
        """Return the local path and name of a file with the rows (see `azud.model.rows`); None for a dataset of files.

        Raises:
            AzudError: As `services.sql_ports.Database.rows`.
        """
        found = query_of(dataset)
        if found is None:
            return None
        name, query, timeout_s = found
        database = self._databases.database(datastore_of(datastores, name))

        def make(path: str) -> None:
            try:
                write_rows_file(database, query, timeout_s, path)
            except OSError as error:
                raise StorageError(
                    f"the rows of datastore {name!r} cannot be kept: {error.strerror}", hint="is the disk full?"
                ) from error

        return [(self._cache.add(ROWS_FILE, make), ROWS_FILE)]
