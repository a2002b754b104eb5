"""What every database of a datastore keeps. SQL Server runs the same where AZUD_TEST_SQLSERVER names one.

AZUD_TEST_SQLSERVER is JSON: `{"host", "port", "user", "password", "database", "odbc_driver", "encrypt"}`.
"""

from __future__ import annotations

import contextlib
import dataclasses
import datetime
import decimal
import json
import os
import threading
import time
import uuid
from collections.abc import Iterator

import pytest

from azud.adapters.datastores.sql.database import SqlDatabase
from azud.core.errors import BackendError, NotFoundError, PermissionDeniedError, StorageError, UserError
from azud.model.data import DatastoreRecord
from azud.services.sql_ports import Database, Rows

ROWS = 30_000


@dataclasses.dataclass(frozen=True)
class Words:
    """What the dialects write differently."""

    many: str
    slow: str
    moment: str
    binary: str
    sleeping: str
    text: str = "VARCHAR(200)"
    truth: str = "BOOLEAN"


_POSTGRESQL = Words(
    f"SELECT i, CAST(i AS VARCHAR(20)) || '-text' AS t FROM generate_series(1, {ROWS}) AS s(i) ORDER BY i",
    "SELECT pg_sleep(20)",
    "TIMESTAMP",
    "BYTEA",
    "SELECT count(*) FROM pg_stat_activity WHERE state = 'active' AND query LIKE '%pg_sleep(20)%' "
    "AND pid <> pg_backend_pid()",
)
_MYSQL = Words(
    f"SELECT seq AS i, CONCAT(seq, '-text') AS t FROM seq_1_to_{ROWS} ORDER BY seq",
    "SELECT SLEEP(20)",
    "DATETIME(6)",
    "VARBINARY(200)",
    "SELECT count(*) FROM information_schema.processlist WHERE info LIKE 'SELECT SLEEP(20)%'",
)
_SQL_SERVER = Words(
    f"WITH n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 200) SELECT TOP {ROWS} "
    "ROW_NUMBER() OVER (ORDER BY (SELECT 1)) AS i, CONCAT(ROW_NUMBER() OVER (ORDER BY (SELECT 1)), '-text') AS t "
    "FROM n a CROSS JOIN n b OPTION (MAXRECURSION 0)",
    "WAITFOR DELAY '00:00:20'; SELECT 1 AS a",
    "DATETIME2(6)",
    "VARBINARY(200)",
    "SELECT count(*) FROM sys.dm_exec_requests WHERE command = 'WAITFOR'",
    "NVARCHAR(200)",
    "BIT",
)


@dataclasses.dataclass(frozen=True)
class Place:
    """A database to test with."""

    options: dict[str, object]
    password: str
    words: Words

    def opened(self, password: str | None = None, **options: object) -> Database:
        record = DatastoreRecord("sales", "Any", "sql", {**self.options, **options})
        return SqlDatabase(record, {"password": self.password if password is None else password})


def _server(dialect: str, server, words: Words) -> Place:
    options = {"dialect": dialect, "host": server.host, "port": server.port, "user": server.user}
    return Place({**options, "database": server.database}, server.password, words)


def _sql_server() -> Place:
    told = os.environ.get("AZUD_TEST_SQLSERVER")
    if not told:
        pytest.skip("not run: AZUD_TEST_SQLSERVER names no SQL Server")
    options = json.loads(told)
    password = options.pop("password")
    return Place({"dialect": "sqlserver", **options}, password, _SQL_SERVER)


@pytest.fixture(params=["postgresql", "mysql", "sqlserver"])
def place(request: pytest.FixtureRequest) -> Place:
    if request.param == "sqlserver":
        return _sql_server()
    fixture, words = ("postgresql", _POSTGRESQL) if request.param == "postgresql" else ("mariadb", _MYSQL)
    return _server(request.param, request.getfixturevalue(fixture), words)


@pytest.fixture
def database(place: Place) -> Database:
    return place.opened()


def _all(database: Database, query: str, timeout_s: float = 20) -> list[tuple[object, ...]]:
    with database.rows(query, timeout_s) as found:
        return [tuple(row) for batch in found.batches for row in batch]


def _columns(database: Database, query: str) -> list[tuple[str, str]]:
    with database.rows(query, 20) as found:
        return list(found.columns)


@contextlib.contextmanager
def _table(database: SqlDatabase, columns: str) -> Iterator[str]:
    """A table of its own, made as the owner of the database would."""
    name = f"t_{uuid.uuid4().hex[:12]}"
    _execute(database, f"CREATE TABLE {name} ({columns})")
    try:
        yield name
    finally:
        _execute(database, f"DROP TABLE {name}")


def _execute(database: SqlDatabase, statement: str) -> None:
    with database._connected(20, database._driver.writing) as connection, connection.begin():
        connection.exec_driver_sql(statement)


def test_a_database_that_lets_us_in_passes_its_check(database: Database) -> None:
    database.check()


def test_rows_come_with_names_kinds_and_values(database: Database) -> None:
    query = (
        "SELECT 7 AS whole, CAST(1.25 AS DECIMAL(30, 10)) AS exact, CAST('2024-02-29' AS DATE) AS day, "
        "'ä%s :x \\' AS text, NULL AS nothing, '' AS empty"
    )
    if database._driver.library == "pymysql":
        query = query.replace("\\", "\\\\")
    columns = dict(_columns(database, query))
    assert {name: columns[name] for name in ("whole", "exact", "day", "text")} == {
        "whole": "integer",
        "exact": "decimal",
        "day": "date",
        "text": "text",
    }
    exact = decimal.Decimal("1.25")
    assert _all(database, query) == [(7, exact, datetime.date(2024, 2, 29), "ä%s :x \\", None, "")]


def test_many_rows_come_in_order_and_in_batches(database: Database, place: Place) -> None:
    with database.rows(place.words.many, 20) as found:
        assert [name for name, _kind in found.columns] == ["i", "t"]
        sizes, first, last = [], None, None
        for batch in found.batches:
            sizes.append(len(batch))
            first, last = first or tuple(batch[0]), tuple(batch[-1])
    assert sum(sizes) == ROWS and max(sizes) <= 2000
    assert (first, last) == ((1, "1-text"), (ROWS, f"{ROWS}-text"))


def test_a_query_can_be_left_before_its_end(database: Database, place: Place) -> None:
    with database.rows(place.words.many, 20) as found:
        assert tuple(next(found.batches)[0]) == (1, "1-text")
    with database.rows(place.words.many, 20):
        pass
    assert _all(database, "SELECT 1 AS a") == [(1,)]


def test_what_the_reader_raises_is_not_the_databases(database: Database, place: Place) -> None:
    def read(found: Rows) -> None:
        next(found.batches)
        raise OSError(28, "No space left on device")

    with pytest.raises(OSError, match="No space left"), database.rows(place.words.many, 20) as found:
        read(found)


def test_no_row_is_a_result_too(database: Database) -> None:
    assert _all(database, "SELECT 1 AS a WHERE 1 = 0") == []
    assert _columns(database, "SELECT 1 AS a WHERE 1 = 0") == [("a", "integer")]


def test_columns_of_one_name_are_told_apart(database: Database) -> None:
    assert [name for name, _kind in _columns(database, "SELECT 1 AS a, 2 AS b, 3 AS a")] == ["a", "b", "a_1"]


@pytest.mark.parametrize("query", ["", " \n;", "-- nothing"])
def test_a_query_that_is_none_is_refused(database: Database, query: str) -> None:
    with pytest.raises(UserError):
        _all(database, query)


def test_a_mistake_is_told_in_the_databases_words_with_its_place(database: Database) -> None:
    with pytest.raises(UserError, match=r"datastore 'sales': .*line 2") as caught:
        _all(database, "SELECT 1\nFRM nowhere AS it is")
    assert caught.value.hint


def test_a_table_that_is_not_there_is_named(database: Database) -> None:
    with pytest.raises(NotFoundError, match="no_such_table"):
        _all(database, "SELECT * FROM no_such_table")


@pytest.mark.parametrize("statement", ["DELETE FROM {}", "DROP TABLE {}", "SELECT 1; DROP TABLE {}"])
def test_a_query_changes_nothing(database: SqlDatabase, statement: str) -> None:
    with _table(database, "a INTEGER") as table:
        assert database.insert(table, ["a"], iter([[[1], [2]]])) == 2
        with contextlib.suppress(UserError):
            _all(database, statement.format(table))
        assert _all(database, f"SELECT COUNT(*) AS n FROM {table}") == [(2,)]


def test_a_query_that_takes_too_long_is_stopped_in_the_database(database: Database, place: Place) -> None:
    with pytest.raises(StorageError) as caught:
        _all(database, place.words.slow, 1)
    assert "query_timeout" in str(caught.value.hint) and not caught.value.retryable
    deadline = time.monotonic() + 15
    while _all(database, place.words.sleeping) != [(0,)]:
        assert time.monotonic() < deadline, "the query goes on in the database"
        time.sleep(0.2)


def test_a_wrong_password_is_told_without_it(place: Place) -> None:
    with pytest.raises(PermissionDeniedError) as caught:
        place.opened("c4n4ry-wrong").check()
    shown = f"{caught.value} {caught.value.hint} {caught.value.__cause__!r} {caught.value.details}"
    assert "c4n4ry" not in shown and place.password not in shown


def test_a_database_that_is_not_there_is_named(place: Place) -> None:
    with pytest.raises((NotFoundError, PermissionDeniedError), match="no_such_db"):
        place.opened(database="no_such_db").check()


def test_a_server_that_is_away_may_be_asked_again(place: Place, cutting_proxy) -> None:
    proxy = cutting_proxy(str(place.options["host"]), int(str(place.options["port"])))
    database = place.opened(host=proxy.host, port=proxy.port)
    proxy.refuse()
    with pytest.raises(StorageError) as caught:
        database.check()
    assert caught.value.retryable
    proxy.heal()
    database.check()
    proxy.cut_after(100_000)
    with pytest.raises(StorageError) as caught:
        _all(database, place.words.many)
    assert caught.value.retryable
    proxy.heal()
    assert len(_all(database, place.words.many)) == ROWS


def test_connections_are_closed_whatever_happens(database: Database, place: Place, cutting_proxy) -> None:
    proxy = cutting_proxy(str(place.options["host"]), int(str(place.options["port"])))
    watched = place.opened(host=proxy.host, port=proxy.port)
    watched.check()
    _all(watched, "SELECT 1 AS a")
    for query in ("SELECT nonsense FROM nowhere", "SELEC"):
        with pytest.raises(UserError):
            _all(watched, query)
    with watched.rows(place.words.many, 20) as found:
        next(found.batches)
    deadline = time.monotonic() + 15
    while proxy.open_connections:
        assert time.monotonic() < deadline, "a connection is left open"
        time.sleep(0.05)


def test_queries_run_side_by_side(database: Database, place: Place) -> None:
    counts: list[int] = []
    threads = [threading.Thread(target=lambda: counts.append(len(_all(database, place.words.many)))) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert counts == [ROWS] * 4


def test_rows_are_appended_with_their_types(database: SqlDatabase, place: Place) -> None:
    words = place.words
    columns = (
        f"a INTEGER, b DECIMAL(20, 4), c {words.text}, d DATE, e {words.moment}, f {words.binary}, g {words.truth}"
    )
    names = ["a", "b", "c", "d", "e", "f", "g"]
    rows = [
        ["1", "1.5000", "", "2024-02-29", "2024-02-29T12:30:00.250000", b"\x00\xff", "true"],
        ["-2", "12345678901234.5678", "'; DROP TABLE x; --", "1999-12-31", "1999-12-31 00:00:00", b"", "False"],
        [None] * 7,
    ]
    with _table(database, columns) as table:
        assert database.insert(table, names, iter([rows[:2], rows[2:]])) == 3
        found = sorted(_all(database, f"SELECT * FROM {table}"), key=lambda row: (row[0] is None, row[0] or 0))
        first, second = found[1], found[0]
        assert first[:4] == (1, decimal.Decimal("1.5"), "", datetime.date(2024, 2, 29))
        assert first[4] == datetime.datetime(2024, 2, 29, 12, 30, 0, 250000)
        assert bytes(first[5]) == b"\x00\xff" and bool(first[6])
        assert second[:3] == (-2, decimal.Decimal("12345678901234.5678"), "'; DROP TABLE x; --")
        assert bytes(second[5]) == b"" and not second[6]
        assert found[2] == (None,) * 7


def test_all_rows_are_appended_or_none(database: SqlDatabase) -> None:
    with _table(database, "a INTEGER NOT NULL") as table:
        with pytest.raises(UserError, match="row 3, column 'a': 'x'"):
            database.insert(table, ["a"], iter([[["1"], ["2"]], [["x"]]]))
        with pytest.raises(UserError):
            database.insert(table, ["a"], iter([[["1"]], [[None]]]))

        def broken() -> Iterator[list[list[str]]]:
            yield [["1"]]
            raise OSError("the file cannot be read")

        with pytest.raises(OSError, match="the file"):
            database.insert(table, ["a"], broken())
        assert _all(database, f"SELECT COUNT(*) AS n FROM {table}") == [(0,)]


def test_names_that_are_not_there_are_refused_and_never_run(database: SqlDatabase) -> None:
    with _table(database, "a INTEGER") as table:
        for name in (f"{table}; DROP TABLE {table}", f'{table}" (a) VALUES (1); --', "a.b.c", "", "."):
            with pytest.raises((UserError, NotFoundError)):
                database.insert(name, ["a"], iter([[["1"]]]))
        for column in ("b", 'a") VALUES (1); --', "a`, b"):
            with pytest.raises(UserError, match="no column"):
                database.insert(table, [column], iter([[["1"]]]))
        assert _all(database, f"SELECT COUNT(*) AS n FROM {table}") == [(0,)]


def test_a_kind_without_its_library_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, "pymysql", None)
    record = DatastoreRecord("sales", "AzureMySql", "sql", {"dialect": "mysql", "host": "h", "database": "d"})
    with pytest.raises(BackendError, match="pymysql") as caught:
        SqlDatabase(record, {})
    assert "azud[mysql]" in str(caught.value.hint)


def test_a_kind_that_nobody_knows_is_refused() -> None:
    record = DatastoreRecord("sales", "Any", "sql", {"dialect": "oracle", "host": "h", "database": "d"})
    with pytest.raises(UserError, match="'oracle'"):
        SqlDatabase(record, {})
