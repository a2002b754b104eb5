"""Copies of databases: whole while others write, and at home in another folder whatever their schema."""

from __future__ import annotations

import json
import pathlib
import sqlite3
import threading

import pytest
from tests.contract.values import AT, new_run

from azud.adapters.stores.copying import copied_runs, copy_file, relocate
from azud.adapters.stores.database import Database
from azud.adapters.stores.run_catalog import SqlRunCatalog
from azud.core.errors import StorageError
from azud.model.runs import MetricPoint

DUMPS = sorted((pathlib.Path(__file__).parents[2] / "golden" / "databases").glob("*.sql"))


def test_a_copy_holds_whole_transactions_while_another_connection_writes(tmp_path):
    database = Database(str(tmp_path / "azud.db"), busy_timeout_s=0.5)
    catalog = SqlRunCatalog(database)
    catalog.create_run(new_run())
    stop = threading.Event()

    def write():
        while not stop.is_set():
            catalog.add_metrics("run-1", [MetricPoint("m", "scalar", index, None, AT) for index in range(10)])

    writer = threading.Thread(target=write)
    writer.start()
    try:
        counts = []
        for index in range(10):
            copy = str(tmp_path / f"{index}.db")
            copy_file(database.path, copy)
            connection = sqlite3.connect(copy)
            assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
            counts.append(connection.execute("SELECT count(*) FROM metrics").fetchone()[0])
            connection.close()
    finally:
        stop.set()
        writer.join()
        database.close()
    assert [count % 10 for count in counts] == [0] * 10
    assert counts == sorted(counts) and counts[-1] > 0
    assert {path.name for path in tmp_path.iterdir()} == {"azud.db", *(f"{index}.db" for index in range(10))}


def test_there_must_be_a_database(tmp_path):
    with pytest.raises(StorageError, match="there is no database"):
        copy_file(str(tmp_path / "azud.db"), str(tmp_path / "copy.db"))
    (tmp_path / "other.db").write_text("something else, and long enough to have a header" * 20)
    with pytest.raises(StorageError, match="no database of azud"):
        copied_runs(str(tmp_path / "other.db"))
    assert {path.name for path in tmp_path.iterdir()} == {"other.db"}


@pytest.mark.parametrize("dump", DUMPS, ids=lambda path: path.stem)
def test_paths_move_with_the_home_in_every_schema(dump, tmp_path):
    path = str(tmp_path / "azud.db")
    connection = sqlite3.connect(path)
    connection.executescript(dump.read_text(encoding="utf-8"))
    other = json.dumps({"name": "mine", "options": {"root": "/srv/ws/.azud-not/this"}})
    connection.execute("INSERT INTO datastores (name, body, is_default) VALUES ('mine', ?, 0)", (other,))
    connection.commit()
    relocate(path, {"/srv/ws/.azud": "/new/place/.azud"})
    ((sealed,),) = connection.execute("SELECT sealed FROM outputs").fetchall()
    assert json.loads(sealed)["path"] == "/new/place/.azud/datastores/workspaceblobstore/azureml/run-1-a/out"
    assert json.loads(sealed)["published_to"] is None
    roots = {
        name: json.loads(body)["options"]["root"]
        for name, body in connection.execute("SELECT name, body FROM datastores")
    }
    assert roots == {
        "workspaceblobstore": "/new/place/.azud/datastores/workspaceblobstore",
        "mine": "/srv/ws/.azud-not/this",
    }
    connection.close()
    runs = copied_runs(path)
    assert (runs.pipelines - {"int-1", "int-2"}, runs.active) == ({"run-1", "run-2"}, {"run-1", "run-2"})
    assert (runs.ended_steps, runs.open_steps) == ({"run-1-a"}, {"run-1-b", "run-2-a", "run-2-b"})
    database = Database(path)
    assert SqlRunCatalog(database).outputs("run-1-a")[0].sealed.path.startswith("/new/place/")
    database.close()


def test_the_longest_old_folder_counts(tmp_path):
    database = Database(str(tmp_path / "azud.db"))
    with database.write(point="store.test") as connection:
        connection.exec_driver_sql(
            "INSERT INTO datastores (name, body, is_default) VALUES ('a', ?, 0), ('b', ?, 0)",
            (json.dumps({"options": {"root": "/old/stores/a"}}), json.dumps({"options": {"root": "/old"}})),
        )
    database.close()
    relocate(database.path, {"/old": "/new", "/old/stores/a": "/disk/a"})
    connection = sqlite3.connect(database.path)
    roots = [json.loads(body)["options"]["root"] for (body,) in connection.execute("SELECT body FROM datastores")]
    connection.close()
    assert roots == ["/disk/a", "/new"]
