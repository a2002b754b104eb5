"""`azud init|new|compute|data|datastore|server`, errors and exit codes."""

from __future__ import annotations

import json
import pathlib
from collections.abc import Callable
from typing import Any

import pytest

from azud.cli import entry, output, server
from azud.client.homes import Home
from azud.core.errors import BackendError, InvariantViolation, NotFoundError

from .conftest import FakeClient

Azud = Callable[..., tuple[int, str, str]]


@pytest.fixture
def folder(tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch) -> pathlib.Path:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_init_makes_a_workspace_once(azud: Azud, folder: pathlib.Path) -> None:
    code, out, _ = azud("init", "project", "--name", "lab")
    assert (code, out) == (0, f"workspace lab in {folder / 'project'}\n")
    config = json.loads((folder / "project" / ".azureml" / "config.json").read_text())
    assert config["workspace_name"] == "lab"
    assert azud("init", "project")[0] == 0
    code, _, err = azud("init", "project", "--name", "other")
    assert code == 2 and "already holds workspace 'lab'" in err


def test_init_says_whose_names_it_took(azud: Azud, folder: pathlib.Path) -> None:
    config = folder / "project" / ".azureml" / "config.json"
    config.parent.mkdir(parents=True)
    config.write_text(json.dumps({"subscription_id": "sub", "resource_group": "group", "workspace_name": "team-ws"}))
    for _ in range(2):
        code, out, _ = azud("init", "project")
        assert (code, out.splitlines()[0]) == (0, f"workspace team-ws in {folder / 'project'}")
        assert "its names are those of project/.azureml/config.json: subscription sub, resource group group" in out
    code, _, err = azud("init", "project", "--name", "other")
    assert code == 2 and "team-ws" in err


def test_new_makes_a_project_that_says_what_to_do(azud: Azud, folder: pathlib.Path) -> None:
    code, out, _ = azud("new", "hello")
    assert code == 0
    assert "cd hello\n" in out
    project = folder / "hello"
    assert (project / ".azud" / "workspace.json").exists()
    for script in ("pipeline.py", "steps/count_words.py", "steps/report.py"):
        compile((project / script).read_text(), script, "exec")
    assert "azure" not in (project / "README.md").read_text().lower()


def test_new_does_not_write_into_a_folder_with_files(azud: Azud, folder: pathlib.Path) -> None:
    (folder / "mine").mkdir()
    assert azud("new", "hello", "mine")[0] == 0
    code, _, err = azud("new", "hello", "mine")
    assert code == 2 and "is not empty" in err
    code, _, err = azud("new", "goodbye")
    assert code == 2 and "there are: hello" in err


def test_compute_data_and_datastores_are_listed(azud: Azud, client: FakeClient) -> None:
    target = {
        "name": "gpu",
        "type": "AmlCompute",
        "provisioning_state": "Succeeded",
        "properties": {"vm_size": "STANDARD_NC6", "max_nodes": 4},
        "status": {"current_node_count": 2},
    }
    location = {"datastore": "blob", "path": "iris.csv"}
    dataset = {
        "name": "iris",
        "version": 2,
        "id": "i",
        "definition": {"type": "tabular", "locations": [location, location]},
        "created_at": "",
        "fingerprint": {"at": "", "digest": "d", "file_count": 2, "size_bytes": 1024},
        "seen": {"at": "", "digest": "e", "file_count": 3, "size_bytes": 2048},
        "drifted": True,
    }
    store = {"name": "blob", "type": "AzureBlob", "driver": "local", "is_default": True, "options": {"root": "/x"}}
    for path, item in (("/compute", target), ("/datasets", dataset), ("/datastores", store)):
        client.answers[path] = {"value": [item], "next": None}
    assert azud("compute", "ls")[1].splitlines()[1] == "gpu\tAmlCompute\tSucceeded\t2\t4\tSTANDARD_NC6"
    instance = {**target, "type": "ComputeInstance", "properties": {"state": "Stopped"}}
    vm = {**target, "type": "VirtualMachine", "driver": "none", "properties": {"address": "10.0.0.1"}}
    client.answers["/compute"] = {"value": [instance, vm], "next": None}
    rows = azud("compute", "ls")[1].splitlines()[1:]
    assert [row.split("\t")[2:4] for row in rows] == [["Stopped", "2"], ["kept only", ""]]
    assert azud("data", "ls")[1].splitlines()[1] == "iris\t2\ttabular\tblob:iris.csv and 1 more\t\t3\t2.0 KiB\tchanged"
    assert azud("datastore", "ls")[1].splitlines()[1] == "blob\tAzureBlob\tdefault\t/x"
    assert json.loads(azud("datastore", "ls", "--json")[1]) == [store]


def test_server_status_never_starts_one(azud: Azud, client: FakeClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(server, "server_answer", lambda home: None)
    code, out, _ = azud("server", "status")
    assert code == 0 and out.startswith("no server runs for ")
    assert json.loads(azud("server", "status", "--json")[1])["running"] is False
    assert azud("server", "stop")[0] == 0


def test_server_status_tells_what_it_does(azud: Azud, client: FakeClient, monkeypatch: pytest.MonkeyPatch) -> None:
    answer = {
        "version": "0.1.0",
        "pid": 42,
        "started_at": "2026-11-21T09:30:00.000000Z",
        "runs_active": 1,
        "rss_bytes": 60 << 20,
        "socket": "/run/s",
        "tcp": None,
        "slots": {"cores": 4, "busy": 2, "queued": 7},
    }
    monkeypatch.setattr(server, "server_answer", lambda home: answer)
    _, out, _ = azud("server", "status")
    assert "slots\t2 of 4 busy, 7 steps queued\n" in out
    assert "memory\t60.0 MiB\n" in out


def test_server_logs_are_the_end_of_the_file(azud: Azud, client: FakeClient, home: Home) -> None:
    code, _, err = azud("server", "logs")
    assert code == 2 and "no server has run" in err
    pathlib.Path(home.path).mkdir()
    pathlib.Path(home.path, "server.log").write_text("one\ntwo\nthree\n")
    assert azud("server", "logs", "-n", "2")[1] == "two\nthree\n"
    assert azud("server", "logs", "-n", "0")[1] == ""


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (NotFoundError("no such\nthing", hint="look\nagain"), 2),
        (BackendError("gone", hint="look again"), 1),
        (InvariantViolation("a defect"), 1),
    ],
)
def test_errors_are_a_line_and_a_hint(azud: Azud, monkeypatch: pytest.MonkeyPatch, error: Exception, code: int) -> None:
    def fail(arguments: list[str]) -> int:
        raise error

    monkeypatch.setattr(entry, "_dispatch", fail)
    found, out, err = azud("runs")
    assert (found, out) == (code, "")
    assert err.startswith("azud: ") and len(err.splitlines()) == (2 if error.hint else 1)  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    "arguments", [("frob",), ("runs", "ls", "--nope"), ("runs", "ls", "--limit", "0"), ("server",)]
)
def test_a_wrong_command_line_is_a_users_error(azud: Azud, arguments: tuple[str, ...]) -> None:
    code, out, err = azud(*arguments)
    assert (code, out) == (2, "")
    first, second = err.splitlines()
    assert first.startswith("azud: ") and second.startswith("  hint: see: azud")


def test_interruption_is_130(azud: Azud, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupt(arguments: list[str]) -> int:
        raise KeyboardInterrupt

    monkeypatch.setattr(entry, "_dispatch", interrupt)
    assert azud("runs")[0] == 130


def test_a_terminal_gets_a_table_without_markup(monkeypatch: pytest.MonkeyPatch, capsys: Any) -> None:
    monkeypatch.setattr(output, "is_terminal", lambda: True)
    monkeypatch.setenv("NO_COLOR", "1")
    output.table(("name", "state"), [("[red]x[/red]:smile:", "Failed")])
    assert "[red]x[/red]:smile:" in capsys.readouterr().out
