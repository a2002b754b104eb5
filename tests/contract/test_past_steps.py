"""What planning relies on in a store: earlier step runs by name, what they made, and that damage stays where it is."""

from __future__ import annotations

import dataclasses

import pytest
import sqlalchemy as sa
from tests.contract.values import DEFINITION, SEALED, first_step_done, new_run

from azud.adapters.stores import schema
from azud.adapters.stores.database import Database
from azud.adapters.stores.engine_store import SqlRunStore
from azud.adapters.stores.history import _NEWEST_BY_NAME, SqlHistory
from azud.adapters.stores.run_catalog import SqlRunCatalog
from azud.engine.ports import RunUpdate, StepRow

START, END = "2026-01-01T00:00:00.000000Z", "2026-01-01T00:00:02.500000Z"


@pytest.fixture
def database(tmp_path):
    opened = Database(str(tmp_path / "azud.db"))
    yield opened
    opened.close()


def complete(database, run_id, step="n1", **changes):
    """Make a run whose step has ended as these columns say."""
    catalog, runs = SqlRunCatalog(database), SqlRunStore(database)
    catalog.create_run(new_run(run_id))
    row = next(row for row in runs.load_run(run_id).steps if row.step == step)
    values = {"status": "Completed", "started_at": START, "ended_at": END, **changes}
    update = dataclasses.replace(RunUpdate(run_id, 1), steps=[dataclasses.replace(row, **values)])
    runs.apply(update, runs.acquire_lease("me"))


def test_completed_step_runs_come_newest_first_with_script_and_time(database):
    complete(database, "run-1")
    complete(database, "run-2", ended_at="2026-01-01T00:00:01.000000Z")
    complete(database, "run-3", status="Failed")
    history = SqlHistory(database)
    found = history.past_steps(["first", "first", "nobody"], 10)
    assert list(found) == ["first"]
    told = [(run.node_id, run.type, run.script, run.made_by, run.duration_s) for run in found["first"]]
    assert told == [
        ("n1", "PythonScriptStep", "a.py", "run-2-a", 1.0),
        ("n1", "PythonScriptStep", "a.py", "run-1-a", 2.5),
    ]
    assert [run.made_by for run in history.past_steps(["first"], 2)["first"]] == ["run-2-a"]


def test_a_reused_step_run_stands_for_the_one_that_made_its_result(database):
    complete(database, "run-1")
    complete(database, "run-2", reused_from="run-1-a", started_at=None)
    (newest, oldest) = SqlHistory(database).past_steps(["first"], 10)["first"]
    assert (newest.made_by, newest.duration_s) == (oldest.made_by, oldest.duration_s) == ("run-1-a", 2.5)
    (alone,) = SqlHistory(database).past_steps(["first"], 1)["first"]
    assert (alone.made_by, alone.duration_s) == ("run-1-a", 2.5)


def test_outputs_and_their_sizes(database):
    SqlRunCatalog(database).create_run(new_run())
    runs = SqlRunStore(database)
    runs.apply(first_step_done(runs), runs.acquire_lease("me"))
    history = SqlHistory(database)
    assert history.sealed(["run-1-a", "run-1-b"]) == {"run-1-a": (SEALED,)}
    assert history.output_bytes(["run-1-a", "run-1-b"]) == {"run-1-a": {"out": SEALED.size_bytes}}


@pytest.mark.parametrize("body", ["{", "[]", '{"steps": [{"id": "n1"}]}', "null"])
def test_a_damaged_definition_hides_its_own_runs_alone(database, body):
    complete(database, "run-1")
    with database.write(point="test") as connection:
        connection.execute(sa.text("UPDATE definitions SET body = :body"), {"body": body})
        other = {**new_run("run-2").definition_json, "name": "other"}
    assert SqlHistory(database).past_steps(["first"], 10) == {}
    catalog, runs = SqlRunCatalog(database), SqlRunStore(database)
    definition = dataclasses.replace(DEFINITION, name="other")
    catalog.create_run(dataclasses.replace(new_run("run-2"), definition=definition, definition_json=other))
    row = StepRow("run-2-a", "n1", "Completed", started_at=START, ended_at=END)
    runs.apply(dataclasses.replace(RunUpdate("run-2", 1), steps=[row]), runs.acquire_lease("me"))
    assert [run.made_by for run in SqlHistory(database).past_steps(["first"], 10)["first"]] == ["run-2-a"]


def test_the_walk_uses_the_index(database):
    values = {"names": '["first"]', "most": 5, "completed": "Completed"}
    with database.read() as connection:
        plan = connection.execute(sa.text(f"EXPLAIN QUERY PLAN {_NEWEST_BY_NAME.text}"), values).all()
    steps = " ".join(row[-1] for row in plan)
    assert "steps_by_name" in steps
    assert f"SCAN {schema.runs.name}" not in steps
