"""Rows of queries in the cache: there when whole, gone when not."""

from __future__ import annotations

import contextlib
import os
import pathlib
from collections.abc import Iterator

import pytest

from azud.adapters.datastores.file_cache import FileCache
from azud.adapters.datastores.patience import read_on
from azud.adapters.datastores.sql.fetching import QueryFiles
from azud.core.errors import NotFoundError, StorageError, UserError
from azud.model.data import DataLocation, DatasetDefinition, DatastoreRecord
from azud.services.sql_ports import Rows

SALES = DatastoreRecord("sales", "AzureMySql", "sql")


class FakeDatabase:
    """Gives two batches, and fails after them if told to."""

    def __init__(self, error: Exception | None) -> None:
        self._error = error

    @contextlib.contextmanager
    def rows(self, query: str, timeout_s: float) -> Iterator[Rows]:
        def batches() -> Iterator[list[list[object]]]:
            yield [[1, query]]
            yield [[2, str(timeout_s)]]
            if self._error is not None:
                raise self._error

        yield Rows((("a", "integer"), ("b", "text")), batches())


class FakeDatabases:
    def __init__(self, error: Exception | None = None) -> None:
        self._error = error

    def database(self, datastore: DatastoreRecord) -> FakeDatabase:
        return FakeDatabase(self._error)


def _query(**reader: object) -> DatasetDefinition:
    return DatasetDefinition("tabular", (DataLocation("sales"),), {"format": "azud-rows/1", "query": "Q", **reader})


def _files(folder: pathlib.Path) -> list[pathlib.Path]:
    return [pathlib.Path(parent, name) for parent, _, names in os.walk(folder) for name in names]


@pytest.fixture
def cache(tmp_path: pathlib.Path) -> FileCache:
    return FileCache(str(tmp_path), 1 << 30, read_on)


def test_each_fetch_is_a_file_of_its_own(cache: FileCache, tmp_path: pathlib.Path) -> None:
    queries = QueryFiles(FakeDatabases(), cache)
    ((one, name),) = queries.fetch({"sales": SALES}, _query(query_timeout_s=5)) or ()
    ((other, _),) = queries.fetch({"sales": SALES}, _query()) or ()
    assert one != other and name == "rows.azud"
    text = pathlib.Path(one).read_text()
    assert text == '{"format": "azud-rows/1", "columns": [["a", "integer"], ["b", "text"]]}\n1,Q\n2,5.0\n'
    assert sorted(map(str, _files(tmp_path))) == sorted([one, other])


@pytest.mark.parametrize(
    ("raised", "told"),
    [
        (StorageError("away", retryable=True), StorageError),
        (OSError(28, "No space left on device"), StorageError),
    ],
)
def test_rows_that_did_not_all_come_leave_nothing(
    cache: FileCache, tmp_path: pathlib.Path, raised: Exception, told: type[Exception]
) -> None:
    with pytest.raises(told):
        QueryFiles(FakeDatabases(raised), cache).fetch({"sales": SALES}, _query())
    assert _files(tmp_path) == []


def test_a_query_has_no_fingerprint_and_says_why() -> None:
    found = QueryFiles.fingerprint({"sales": SALES}, _query())
    assert found is not None and found.digest is None and "DataTransferStep" in found.reason
    with pytest.raises(NotFoundError):
        QueryFiles.fingerprint({}, _query())


def test_a_dataset_of_files_is_not_its_concern(cache: FileCache) -> None:
    files = DatasetDefinition("tabular", (DataLocation("sales", "a.csv"),), {"format": "delimited"})
    assert QueryFiles.fingerprint({"sales": SALES}, files) is None
    assert QueryFiles(FakeDatabases(), cache).fetch({"sales": SALES}, files) is None


@pytest.mark.parametrize("timeout", [0, -1, "30", True, 10**9, None])
def test_timeouts_that_are_none_are_refused(timeout: object) -> None:
    with pytest.raises(UserError, match="query_timeout"):
        QueryFiles.fingerprint({"sales": SALES}, _query(query_timeout_s=timeout))
