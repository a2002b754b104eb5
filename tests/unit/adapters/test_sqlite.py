"""SQLite itself: which library, which journal, a full disk, a locked file, files that are something else."""

from __future__ import annotations

import dataclasses
import logging
import sqlite3
import time

import pytest
from tests.contract.values import AT, new_run

from azud.adapters.stores import sqlite
from azud.adapters.stores.database import MEMORY, Database
from azud.adapters.stores.engine_store import SqlRunStore
from azud.adapters.stores.run_catalog import SqlRunCatalog
from azud.core.errors import LeaseLost, RecordUnreadable, SchemaVersionError, StorageError, StoreBusy
from azud.engine.context import open_context
from azud.engine.ports import RunUpdate
from azud.model.runs import MetricPoint, RunError


@pytest.fixture
def database(tmp_path):
    database = Database(str(tmp_path / "azud.db"))
    yield database
    database.close()


# -- the library --------------------------------------------------------------------------------


@pytest.mark.parametrize("version", [(3, 7, 17), (3, 34, 1)])
def test_a_library_without_what_azud_uses_is_refused_before_a_file_is_touched(version, tmp_path, monkeypatch):
    monkeypatch.setattr(sqlite3, "sqlite_version_info", version)
    with pytest.raises(StorageError, match=r"3\.35 or later") as raised:
        Database(str(tmp_path / "azud.db"))
    assert "newer Python" in raised.value.hint
    assert list(tmp_path.iterdir()) == []


def test_the_oldest_library_that_has_it_is_taken():
    sqlite.check_version((3, 35, 0))


@pytest.mark.parametrize(
    ("version", "is_mended"),
    [
        ((3, 40, 1), False),
        ((3, 44, 5), False),
        ((3, 44, 6), True),
        ((3, 45, 0), False),
        ((3, 50, 6), False),
        ((3, 50, 7), True),
        ((3, 51, 2), False),
        ((3, 51, 3), True),
        ((3, 52, 0), True),
    ],
)
def test_which_versions_have_the_wal_reset_bug(version, is_mended):
    assert sqlite.mended(version) is is_mended


# -- the journal --------------------------------------------------------------------------------


class OnDisk:
    """A cursor on a file system that allows some journal modes only."""

    def __init__(self, *allowed: str) -> None:
        self.allowed = allowed
        self.mode = "delete" if "delete" in allowed else allowed[0]
        self.synchronous = None

    def execute(self, sql):
        name, _, value = sql.removeprefix("PRAGMA ").partition("=")
        if name == "journal_mode":
            self.mode = value.lower() if value.lower() in self.allowed else self.mode
        else:
            self.synchronous = value

    def fetchone(self):
        return (self.mode,)


@pytest.mark.parametrize(
    ("allowed", "mode", "synchronous", "warned"),
    [
        (("wal", "truncate", "delete"), "wal", "FULL", False),
        (("truncate", "delete"), "truncate", "FULL", True),
        (("delete",), "delete", "EXTRA", True),
        (("memory",), "memory", "FULL", False),
    ],
)
def test_the_safest_journal_that_the_file_system_allows(allowed, mode, synchronous, warned, caplog):
    cursor = OnDisk(*allowed)
    with caplog.at_level(logging.WARNING):
        assert sqlite.choose_journal(cursor, "/nfs/azud.db") == mode
    assert (cursor.mode, cursor.synchronous) == (mode, synchronous)
    assert ("WAL does not work" in caplog.text) is warned


def test_a_journal_that_survives_no_crash_is_refused():
    with pytest.raises(StorageError, match="only journal mode OFF"):
        sqlite.choose_journal(OnDisk("off"), "/nfs/azud.db")


def test_a_store_without_wal_keeps_its_promises(tmp_path, monkeypatch):
    real = sqlite._asked
    monkeypatch.setattr(sqlite, "_asked", lambda cursor, mode: "delete" if mode == "wal" else real(cursor, mode))
    path = tmp_path / "azud.db"
    database = Database(str(path))
    try:
        with database.write(point="store.test") as connection:
            assert connection.exec_driver_sql("PRAGMA journal_mode").scalar() == "truncate"
            assert connection.exec_driver_sql("PRAGMA synchronous").scalar() == 2
        catalog = SqlRunCatalog(database)
        catalog.create_run(new_run())
        assert catalog.run("run-1").status == "NotStarted"
    finally:
        database.close()
    assert sqlite.journal_of(str(path)) == "rollback"


def test_what_a_files_header_says_of_its_journal(database, tmp_path):
    assert sqlite.journal_of(database.path) == "wal"
    assert sqlite.journal_of(str(tmp_path / "none.db")) is None
    (tmp_path / "text.db").write_bytes(b"no database at all, but long enough")
    assert sqlite.journal_of(str(tmp_path / "text.db")) is None


def test_a_file_is_written_with_wal_and_every_commit_synced(database):
    with database.write(point="store.test") as connection:
        assert connection.exec_driver_sql("PRAGMA journal_mode").scalar() == "wal"
        assert connection.exec_driver_sql("PRAGMA synchronous").scalar() == 2


# -- other processes, full disks, other files ---------------------------------------------------


def test_what_was_committed_is_in_the_file_itself_after_a_rest(database, tmp_path):
    SqlRunCatalog(database).create_run(new_run())
    assert _runs_in_the_file_alone(tmp_path) == 0
    database.checkpoint()
    assert _runs_in_the_file_alone(tmp_path) == 3
    database.checkpoint()
    SqlRunCatalog(database).create_run(new_run("run-2"))
    assert SqlRunCatalog(database).run("run-2").status == "NotStarted"
    database.checkpoint()
    assert _runs_in_the_file_alone(tmp_path) == 6


def _runs_in_the_file_alone(folder):
    """Count the runs in a copy of the file without its log; the file may not even have tables yet."""
    copy = folder / "copy.db"
    copy.write_bytes((folder / "azud.db").read_bytes())
    connection = sqlite3.connect(copy)
    try:
        if not connection.execute("SELECT 1 FROM sqlite_master WHERE name = 'runs'").fetchall():
            return 0
        return connection.execute("SELECT count(*) FROM runs").fetchone()[0]
    finally:
        connection.close()


def test_a_file_that_another_process_holds_too_long_is_busy_and_works_later(tmp_path):
    path = str(tmp_path / "azud.db")
    database = Database(path, busy_timeout_s=0.2)
    other = sqlite3.connect(path, isolation_level=None)
    try:
        catalog = SqlRunCatalog(database)
        other.execute("BEGIN IMMEDIATE")
        started = time.monotonic()
        with pytest.raises(StoreBusy) as raised:
            catalog.create_run(new_run())
        assert 0.1 < time.monotonic() - started < 5
        assert raised.value.retryable
        other.execute("ROLLBACK")
        catalog.create_run(new_run())
        assert catalog.run("run-1").number == 1
    finally:
        other.close()
        database.close()


def test_what_is_in_memory_is_gone_with_its_database_and_seen_by_no_other():
    first, second = Database(MEMORY), Database(MEMORY)
    try:
        SqlRunCatalog(first).create_run(new_run())
        assert SqlRunCatalog(first).run("run-1").status == "NotStarted"
        assert SqlRunCatalog(second).runs(experiment=None, status=None, parent=None, limit=9, after=None)[0] == []
    finally:
        first.close()
        second.close()


def test_a_store_of_a_newer_azud_is_refused_untouched(tmp_path):
    path = tmp_path / "azud.db"
    database = Database(str(path))
    with database.write(point="store.test") as connection:
        connection.exec_driver_sql("UPDATE meta SET value='9999' WHERE key='schema_revision'")
    database.close()
    before = path.read_bytes()
    with pytest.raises(SchemaVersionError, match="9999"):
        Database(str(path))
    assert path.read_bytes() == before


def test_a_file_that_is_no_database_is_refused(tmp_path):
    path = tmp_path / "azud.db"
    path.write_bytes(b"this is not SQLite" * 100)
    with pytest.raises(StorageError, match=r"azud\.db"):
        Database(str(path))


def test_a_store_whose_disk_was_full_works_again_when_there_is_room(database):
    catalog = SqlRunCatalog(database)
    catalog.create_run(new_run())
    with database.write(point="store.test") as connection:
        pages = connection.exec_driver_sql("PRAGMA page_count").scalar()
        connection.exec_driver_sql(f"PRAGMA max_page_count={pages}")
    refused = 0
    for index in range(20):
        try:
            catalog.add_metrics("run-1", [MetricPoint(f"m{index}", "scalar", "x" * 4000, None, AT)])
        except StorageError as error:
            assert "full" in error.message
            refused += 1
    assert refused > 10
    with database.write(point="store.test") as connection:
        connection.exec_driver_sql(f"PRAGMA max_page_count={pages + 1000}")
    catalog.add_metrics("run-1", [MetricPoint("after", "scalar", 1, None, AT)])
    points = catalog.metrics("run-1")[0]
    assert (points[-1].name, len(points)) == ("after", 21 - refused)


def test_who_lost_the_lease_makes_no_runs_and_changes_none(tmp_path):
    late, newest = (Database(str(tmp_path / "azud.db")) for _ in range(2))
    SqlRunStore(late).acquire_lease("late")
    catalog = SqlRunCatalog(late)
    catalog.create_run(new_run())
    SqlRunStore(newest).acquire_lease("newest")
    with pytest.raises(LeaseLost) as caught:
        catalog.create_run(new_run("run-2"))
    assert caught.value.retryable  # by whoever holds it now
    with pytest.raises(LeaseLost):
        catalog.add_metrics("run-1", [MetricPoint("m", "scalar", 1, None, AT)])
    found, _ = SqlRunCatalog(newest).runs(experiment=None, status=None, parent=None, limit=9, after=None)
    assert [run.id for run in found] == ["run-1"]
    for database in (late, newest):
        database.close()


def test_a_run_can_be_given_up_without_reading_its_record(tmp_path):
    database = Database(str(tmp_path / "azud.db"))
    catalog, store = SqlRunCatalog(database), SqlRunStore(database)
    catalog.create_run(new_run())
    catalog.create_run(new_run("other"))
    old, token = store.acquire_lease("old"), store.acquire_lease("me")
    row = dataclasses.replace(open_context(store.load_run("run-1"), {}, {}).rows["n1"], status="Running", attempt="a-1")
    store.apply(RunUpdate("run-1", 1, steps=[row], status="Running"), token)
    with database.write(point="store.test") as connection:
        connection.exec_driver_sql("UPDATE run_events SET body='{ torn' WHERE run_id='run-1'")
    for read in (store.load_run, lambda run_id: catalog.events(run_id, -1)):
        with pytest.raises(RecordUnreadable, match="run-1"):
            read("run-1")
    error = RunError("record_unreadable", "it cannot be read", hint="submit it again")
    with pytest.raises(LeaseLost):
        store.give_up("run-1", error, old)
    assert catalog.run("run-1").status == "Running"
    assert store.give_up("run-1", error, token) == ["a-1"]
    ended = catalog.run("run-1")
    assert (ended.status, ended.error, ended.ended_at is None) == ("Failed", error, False)
    assert {catalog.run(f"run-1-{step}").status for step in "ab"} == {"Canceled"}
    assert store.active_runs() == ["other"]
    assert store.give_up("run-1", RunError("x", "y"), token) == []
    assert catalog.run("run-1").error == error, "what has ended stays as it is"
    database.close()
