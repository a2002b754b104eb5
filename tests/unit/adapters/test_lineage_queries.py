"""Lineage is read through indexes: a workspace of many runs is not gone through for one dataset."""

from __future__ import annotations

import pytest
import sqlalchemy as sa

from azud.adapters.stores.asset_catalog import SqlAssetCatalog
from azud.adapters.stores.database import MEMORY, Database
from azud.adapters.stores.engine_store import SqlRunStore
from azud.adapters.stores.lineage import SqlLineage

ASKS = {
    "makers": lambda store: store.makers([("a", 1)]),
    "made": lambda store: store.made(["s"]),
    "uses_by": lambda store: store.uses_by(["s"]),
    "uses_of": lambda store: store.uses_of(["d"]),
    "uses_of_outputs": lambda store: store.uses_of_outputs(["s"]),
    "versions": lambda store: store.versions([("a", 1)]),
    "versions_of": lambda store: store.versions_of(["d"]),
    "saved": lambda store: store.saved(["d"]),
    "steps": lambda store: store.steps(["s"]),
    "step_ids": lambda store: store.step_ids("r"),
    "script_runs": lambda store: store.script_runs(["r"]),
    "handed": lambda store: store.handed("r"),
}
ENGINE_ASKS = {
    "dataset_version": lambda store: store.dataset_version("a", None),
    "dataset_used": lambda store: store.dataset_used("s", "p"),
}


@pytest.fixture
def database():
    opened = Database(MEMORY)
    yield opened
    opened.close()


def plans(database, ask):
    """Return what SQLite would do for each statement that a question makes."""
    statements = []

    def note(connection, cursor, statement, parameters, context, executemany):
        if statement.lstrip().upper().startswith("SELECT"):
            statements.append((statement, parameters))

    sa.event.listen(sa.Engine, "before_cursor_execute", note)
    try:
        ask()
    finally:
        sa.event.remove(sa.Engine, "before_cursor_execute", note)
    assert statements
    with database.read() as connection:
        return [
            row[3]
            for statement, parameters in statements
            for row in connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", parameters)
        ]


@pytest.mark.parametrize("name", [*ASKS, *ENGINE_ASKS])
def test_nothing_is_scanned(database, name):
    if name in ASKS:
        found = plans(database, lambda: ASKS[name](SqlLineage(database)))
    else:
        found = plans(database, lambda: ENGINE_ASKS[name](SqlRunStore(database)))
    assert not [step for step in found if step.startswith("SCAN")], found


def test_new_versions_are_found_by_their_own_index(database):
    found = plans(database, SqlAssetCatalog(database).unseen_versions)
    assert any("dataset_versions_unseen" in step for step in found), found
