"""What belongs into a backup: what the copied database knows as ended, and nothing of a later moment."""

from __future__ import annotations

import json
import os
import pathlib
import sqlite3

import pytest

from azud.adapters.archives.tar import ArchiveWriter
from azud.adapters.stores.copying import CopiedRuns
from azud.adapters.stores.database import Database
from azud.bootstrap.backup import _belongs, back_up
from azud.bootstrap.restore import restore
from azud.client.homes import Home, create_home
from azud.core.errors import SchemaVersionError, StorageError

PIPELINE = "00000000-0000-4000-8000-000000000001"
ENDED = "00000000-0000-4000-8000-000000000002"
OPEN = "00000000-0000-4000-8000-000000000003"
LATER = "00000000-0000-4000-8000-000000000004"
RUNS = CopiedRuns("0002", frozenset({PIPELINE}), frozenset({PIPELINE}), frozenset({ENDED}), frozenset({OPEN}))


@pytest.mark.parametrize(
    ("relative", "belongs"),
    [
        ("store", True),
        ("store/iris/iris.csv", True),
        ("store/azureml", True),
        (f"store/azureml/{ENDED}/out/x", True),
        (f"store/azureml/{OPEN}", False),
        (f"store/azureml/{LATER}", False),
        ("store/azureml/mine/x", True),
        (f"store/dataset/{LATER}/out", False),
        (f"store/ExperimentRun/dcid.{ENDED}/logs/x", True),
        (f"store/ExperimentRun/dcid.{PIPELINE}/x", True),
        (f"store/ExperimentRun/dcid.{OPEN}", False),
        (f"store/ExperimentRun/dcid.{LATER}", False),
        (f"store/results/{OPEN}/x", False),
        (f"store/results/{LATER}/x", True),
        ("store/.azud-k3f8", False),
        (f"{OPEN}/a-datastore-of-this-name", True),
    ],
)
def test_files_of_datastores(relative: str, belongs: bool) -> None:
    assert _belongs("datastores", RUNS, relative) is belongs


@pytest.mark.parametrize(("relative", "belongs"), [("ab", True), ("ab/cd", True), ("incoming", False)])
def test_blobs(relative: str, belongs: bool) -> None:
    assert _belongs("blobs", RUNS, relative) is belongs


@pytest.fixture
def home(private_user: pathlib.Path) -> Home:
    """A workspace without runs."""
    made = create_home(str(private_user / "project"), "lab")
    Database(os.path.join(made.path, "azud.db")).close()
    return made


def test_a_datastore_that_is_a_link_to_another_disk_travels(home: Home, private_user: pathlib.Path) -> None:
    disk, store = private_user / "disk", pathlib.Path(home.path, "datastores", "workspaceblobstore")
    (disk / "data").mkdir(parents=True)
    (disk / "data" / "iris.csv").write_text("5.1,3.5")
    store.parent.mkdir()
    store.symlink_to(disk)
    sealed = {"name": "out", "path": str(disk / "azureml" / "x" / "out"), "published_to": str(disk / "data")}
    with sqlite3.connect(os.path.join(home.path, "azud.db")) as connection:
        connection.execute(
            "INSERT INTO outputs VALUES ('s', 'out', 'r', 'workspaceblobstore', 'x', NULL, NULL, ?)",
            (json.dumps(sealed),),
        )
    connection.close()
    back_up(home, str(private_user / "b.tar"))
    restore(str(private_user / "b.tar"), str(private_user / "copy"))
    new = private_user / "copy" / ".azud" / "datastores" / "workspaceblobstore"
    assert not new.is_symlink()
    assert (new / "data" / "iris.csv").read_text() == "5.1,3.5"
    connection = sqlite3.connect(private_user / "copy" / ".azud" / "azud.db")
    ((text,),) = connection.execute("SELECT sealed FROM outputs").fetchall()
    connection.close()
    assert json.loads(text)["path"] == str(new / "azureml" / "x" / "out")
    assert json.loads(text)["published_to"] == str(new / "data")


def test_a_backup_of_a_newer_azud_is_refused(home: Home, private_user: pathlib.Path) -> None:
    with sqlite3.connect(os.path.join(home.path, "azud.db")) as connection:
        connection.execute("UPDATE meta SET value = '9999'")
    connection.close()
    back_up(home, str(private_user / "b.tar"))
    with pytest.raises(SchemaVersionError, match="9999"):
        restore(str(private_user / "b.tar"), str(private_user / "copy"))
    assert list((private_user / "copy").iterdir()) == []


def test_an_archive_without_the_facts_is_no_backup(home: Home, private_user: pathlib.Path) -> None:
    writer = ArchiveWriter(str(private_user / "b.tar"))
    for name in ("azud.db", "workspace.json"):
        writer.add_file(os.path.join(home.path, name), f".azud/{name}")
    writer.finish({"made_at": "2026-01-01T00:00:00.000000Z"})
    with pytest.raises(StorageError, match="holds no workspace"):
        restore(str(private_user / "b.tar"), str(private_user / "copy"))
    assert list((private_user / "copy").iterdir()) == []


def test_a_workspace_that_was_never_used_has_nothing_to_back_up(private_user: pathlib.Path) -> None:
    made = create_home(str(private_user / "fresh"), "fresh")
    with pytest.raises(StorageError, match="there is no database"):
        back_up(made, str(private_user / "b.tar"))
    assert not list(private_user.glob("b.tar*"))
