"""Every database that an earlier azud wrote becomes one of the present schema, with all its rows."""

from __future__ import annotations

import errno
import os
import pathlib
import signal
import sqlite3
import subprocess
import sys

import pytest
import sqlalchemy as sa

from azud.adapters.stores import migrating, schema
from azud.adapters.stores.database import MEMORY, Database
from azud.adapters.stores.engine_store import SqlRunStore
from azud.adapters.stores.run_catalog import SqlRunCatalog
from azud.core.errors import SchemaVersionError, StorageError
from azud.engine.context import open_context

DUMPS = sorted((pathlib.Path(__file__).parent / "databases").glob("*.sql"))


@pytest.fixture(params=DUMPS, ids=lambda path: path.stem)
def old_file(request, tmp_path):
    path = tmp_path / "azud.db"
    with sqlite3.connect(path) as connection:
        connection.executescript(request.param.read_text(encoding="utf-8"))
    connection.close()
    return path


def _query(path, sql):
    connection = sqlite3.connect(path)
    try:
        return connection.execute(sql).fetchall()
    finally:
        connection.close()


def _tables(path):
    return [name for (name,) in _query(path, "SELECT name FROM sqlite_master WHERE type = 'table'")]


def _layout(path):
    """Everything that SQLite knows of the schema: the statements, and what it makes of them."""
    statements = {
        (kind, name, table): " ".join(sql.split()) if sql else None
        for kind, name, table, sql in _query(path, "SELECT type, name, tbl_name, sql FROM sqlite_master")
    }
    columns = {name: _query(path, f"PRAGMA table_info({name})") for name in _tables(path)}
    indexes = {
        name: sorted(
            (index, unique, origin, partial, tuple(_query(path, f"PRAGMA index_xinfo({index})")))
            for _, index, unique, origin, partial in _query(path, f"PRAGMA index_list({name})")
        )
        for name in _tables(path)
    }
    return statements, columns, indexes


def _rows(path):
    """All rows, by table, as `{column: value}` sorted, without what is empty: columns that came later; no revision."""
    found = {}
    for table in _tables(path):
        names = [column[1] for column in _query(path, f"PRAGMA table_info({table})")]
        rows = [dict(zip(names, row, strict=True)) for row in _query(path, f"SELECT * FROM {table}")]
        found[table] = sorted(repr([item for item in sorted(row.items()) if item[1] is not None]) for row in rows)
    found.pop("meta")
    return found


@pytest.fixture
def present(tmp_path):
    path = tmp_path / "present.db"
    Database(str(path)).close()
    return path


def test_there_are_dumps():
    assert {path.stem for path in DUMPS} >= {"0001-early", "0001-last"}


def test_an_old_database_gets_the_present_schema_and_keeps_its_rows(old_file, present):
    before = _rows(old_file)
    Database(str(old_file)).close()
    assert _layout(old_file) == _layout(present)
    after = _rows(old_file)
    assert {table: rows for table, rows in after.items() if table in before} == before
    assert all(not after[table] for table in after.keys() - before.keys())
    assert sum(len(rows) for rows in before.values()) > 20
    assert _query(old_file, "SELECT value FROM meta WHERE key = 'schema_revision'") == [(schema.SCHEMA_REVISION,)]


def test_a_run_of_an_old_database_reads_as_it_did(old_file):
    database = Database(str(old_file))
    try:
        catalog, store = SqlRunCatalog(database), SqlRunStore(database)
        assert catalog.run("run-1").tags == {"t": "ä 'quoted'"}
        assert [point.value for point in catalog.metrics("run-1-a")[0]] == [1.5, {"c": [1, None, "x"]}]
        assert [output.sealed.digest for output in catalog.outputs("run-1-a")] == ["d" * 64]
        assert catalog.decision("run-1-a").preimage == {"version": 1}
        assert store.lookup(["k1"])["k1"].step_run_id == "run-1-a"
        assert store.active_runs() == ["run-1", "run-2"]
        context = open_context(store.load_run("run-1"), {}, {})
        assert (context.machine.status, context.machine.steps["n1"].state) == ("Running", "completed")
    finally:
        database.close()


def test_the_database_as_it_was_lies_beside_the_migrated_one(old_file):
    layout, rows = _layout(old_file), _rows(old_file)
    Database(str(old_file)).close()
    (copy,) = old_file.parent.glob("azud.db.before-000?")
    assert (_layout(copy), _rows(copy)) == (layout, rows)
    assert not list(old_file.parent.glob("*.tmp"))


def test_a_migration_that_fails_changes_nothing_and_is_done_by_the_next_start(old_file, monkeypatch):
    layout, rows = _layout(old_file), _rows(old_file)
    real = migrating.upgrade

    def upgrade_and_die(connection, revision):
        real(connection, revision)
        raise RuntimeError("the process dies here")

    monkeypatch.setattr(migrating, "upgrade", upgrade_and_die)
    with pytest.raises(RuntimeError, match="dies here"):
        Database(str(old_file))
    assert (_layout(old_file), _rows(old_file)) == (layout, rows)
    monkeypatch.undo()
    Database(str(old_file)).close()
    assert _query(old_file, "SELECT value FROM meta WHERE key = 'schema_revision'") == [(schema.SCHEMA_REVISION,)]


def test_without_a_copy_nothing_is_migrated(old_file, monkeypatch):
    layout, rows = _layout(old_file), _rows(old_file)

    def full(source, target):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(migrating, "copy_database", full)
    with pytest.raises(StorageError, match=r"before it is migrated: .*No space left") as raised:
        Database(str(old_file))
    assert raised.value.retryable
    assert (_layout(old_file), _rows(old_file)) == (layout, rows)


POINTS = ["store.copy:before", "store.copy:after", "store.migrate:before", "store.migrate:after"]


def _open_in_a_process(path, **variables):
    code = "import sys; from azud.adapters.stores.database import Database; Database(sys.argv[1]).close()"
    return subprocess.run(
        [sys.executable, "-c", code, str(path)],
        env={**os.environ, **variables},
        capture_output=True,
        timeout=60,
        check=False,
    )


@pytest.mark.parametrize("point", POINTS)
def test_a_process_that_is_killed_at_any_point_leaves_the_old_database_or_the_new_one(point, old_file, present):
    layout, rows = _layout(old_file), _rows(old_file)
    assert _open_in_a_process(old_file, AZUD_FAIL_POINT=point).returncode == -signal.SIGKILL
    if point != "store.migrate:after":
        assert (_layout(old_file), _rows(old_file)) == (layout, rows)
    Database(str(old_file)).close()
    assert _layout(old_file) == _layout(present)
    assert {table: after for table, after in _rows(old_file).items() if table in rows} == rows


def test_these_are_all_points_of_a_migration(old_file, tmp_path):
    assert _open_in_a_process(old_file, AZUD_FAIL_LOG=str(tmp_path / "log")).returncode == 0
    assert (tmp_path / "log").read_text().split() == POINTS


@pytest.mark.parametrize("revision", ["9999", "0003a", ""])
def test_a_revision_that_is_not_known_is_refused_and_left_alone(present, revision):
    with sqlite3.connect(present) as connection:
        connection.execute("UPDATE meta SET value = ?", (revision,))
    connection.close()
    with pytest.raises(SchemaVersionError):
        Database(str(present))
    assert _query(present, "SELECT value FROM meta") == [(revision,)]
    assert not list(present.parent.glob("*.before-*"))


def test_the_history_ends_in_the_schema_of_the_code(tmp_path, present):
    path = tmp_path / "history.db"
    engine = sa.create_engine(f"sqlite:///{path}")
    with engine.begin() as connection:
        migrating.upgrade(connection, None)
    engine.dispose()
    assert _layout(path) == _layout(present)
    assert _query(path, "SELECT * FROM meta") == _query(present, "SELECT * FROM meta")


def test_a_new_database_is_made_without_alembic():
    code = (
        "import sys; from azud.adapters.stores.database import Database; Database(sys.argv[1]).close();"
        "print([name for name in sys.modules if name.partition('.')[0] in ('alembic', 'mako')])"
    )
    done = subprocess.run([sys.executable, "-c", code, MEMORY], capture_output=True, text=True, check=True, timeout=60)
    assert done.stdout.strip() == "[]"
