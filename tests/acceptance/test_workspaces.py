"""Workspaces by Azure's names, with a real server: found, adopted, described, deleted; headers; no names at all."""

from __future__ import annotations

import json
import os
import pathlib
import socket
import urllib.error
import urllib.request
from collections.abc import Iterator

import pytest
from tests.acceptance.authoring import Authoring
from tests.conftest import LiveWorkspace

from azud.cli import scaffold
from azud.client import homes
from azud.client.stopping import end_server
from azureml.core import Experiment, Workspace
from azureml.core.authentication import InteractiveLoginAuthentication, ServicePrincipalAuthentication
from azureml.core.compute import AmlCompute
from azureml.exceptions import UserErrorException, WorkspaceException
from azureml.pipeline.core import Pipeline
from azureml.pipeline.steps import PythonScriptStep

SCOPE = "/subscriptions/1f2e/resourceGroups/Team-RG/providers/Microsoft.MachineLearningServices/workspaces/team-ws"


@pytest.fixture
def folder(private_user: pathlib.Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[pathlib.Path]:
    """A project's folder, which is the current one; every server that the test starts ends with it."""
    found = private_user / "project"
    found.mkdir()
    monkeypatch.chdir(found)
    yield found
    for home in homes.read_registry().values():
        if os.path.isdir(home):
            end_server(homes.load_home(home))


@pytest.fixture
def author(workspace: LiveWorkspace) -> Authoring:
    return Authoring(workspace)


def source(folder: pathlib.Path, text: str) -> str:
    """Return a source folder with `train.py`."""
    (folder / "src").mkdir(exist_ok=True)
    (folder / "src" / "train.py").write_text(text)
    return str(folder / "src")


def test_a_folder_from_azure_is_adopted_with_its_names(
    folder: pathlib.Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (folder / "aml_config").mkdir()
    (folder / "aml_config" / "config.json").write_text(json.dumps({"Id": None, "Scope": SCOPE}))
    with pytest.raises(UserErrorException, match="azud init"):
        Workspace.from_config()
    assert scaffold.init(".", None) == 0
    out = capsys.readouterr().out
    assert "workspace team-ws" in out
    assert "aml_config/config.json: subscription 1f2e, resource group Team-RG" in out

    # As programs do: from the file, by names from the environment, and with a service principal.
    ws = Workspace.from_config()
    print(ws.name, ws.resource_group, ws.location, ws.subscription_id, sep="\n")
    assert (ws.name, ws.resource_group, ws.subscription_id) == ("team-ws", "Team-RG", "1f2e")
    auth = ServicePrincipalAuthentication(
        tenant_id=os.environ.get("TENANT_ID"),
        service_principal_id=os.environ.get("SP_APP_ID"),
        service_principal_password=os.environ.get("SP_APP_SECRET"),
    )
    monkeypatch.chdir("/")
    for other in (
        Workspace.get(name="team-ws", subscription_id="1f2e", resource_group="team-rg", auth=auth),
        Workspace.get("anything", id=SCOPE),
        Workspace(subscription_id="1f2e", resource_group="TEAM-RG", workspace_name="team-ws", auth=auth),
        Workspace.list("1f2e", auth=auth)["team-ws"][0],
    ):
        assert other.get_details()["workspaceid"] == ws.get_details()["workspaceid"]
    assert auth.get_authentication_header()["Authorization"].startswith("Bearer ")


def test_no_azure_words_are_needed(folder: pathlib.Path) -> None:
    step = PythonScriptStep("train.py", source_directory=source(folder, "print('trained')\n"))
    with pytest.raises(UserErrorException, match="azud init"):
        Pipeline(steps=[step])
    made = Workspace.setup()
    assert Workspace.setup().get_details()["workspaceid"] == made.get_details()["workspaceid"]
    (folder / "deep" / "down").mkdir(parents=True)
    os.chdir("deep/down")
    run = Pipeline(steps=[step]).submit("no-names")
    assert run.wait_for_completion(show_output=False) == "Finished"
    assert list(Workspace.from_config().experiments) == ["no-names"]


def test_the_header_opens_the_workspace_on_tcp(
    workspace: LiveWorkspace, author: Authoring, monkeypatch: pytest.MonkeyPatch
) -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    monkeypatch.setenv("AZUD_TCP", f"127.0.0.1:{port}")
    monkeypatch.chdir(workspace.folder)
    name = author.ws.get_details()["name"]
    address = f"http://127.0.0.1:{port}/api/v1/workspace"
    headers = InteractiveLoginAuthentication().get_authentication_header()
    with urllib.request.urlopen(urllib.request.Request(address, headers=headers), timeout=20) as answer:
        assert json.load(answer)["name"] == name
    with pytest.raises(urllib.error.HTTPError, match="401"):
        urllib.request.urlopen(address, timeout=20)


def test_in_a_step_the_header_is_the_runs(author: Authoring) -> None:
    code = (
        "import os\n"
        "from azureml.core import Run, Workspace\n"
        "from azureml.core.authentication import MsiAuthentication\n"
        "auth = MsiAuthentication()\n"
        "assert auth.get_authentication_header() == {'Authorization': 'Bearer ' + os.environ['AZUREML_RUN_TOKEN']}\n"
        "mine = Run.get_context().experiment.workspace\n"
        "same = Workspace.get(mine.name, auth, mine.subscription_id, mine.resource_group)\n"
        "assert same.get_details()['workspaceid'] == mine.get_details()['workspaceid']\n"
        "try:\n"
        "    mine.delete()\n"
        "except Exception as error:\n"
        "    assert 'a job cannot delete' in str(error), error\n"
        "else:\n"
        "    raise SystemExit('deleted')\n"
    )
    author.run(author.step("ask", code))


def test_what_is_said_of_a_workspace_is_kept(folder: pathlib.Path) -> None:
    ws = Workspace.create(
        name="described",
        subscription_id="s",
        resource_group="g",
        create_resource_group=True,
        location="westeurope",
        sku="basic",
        friendly_name="Ours",
        tags={"team": "a", "cost": 3},
        default_cpu_compute_target=Workspace.DEFAULT_CPU_CLUSTER_CONFIGURATION,
        exist_ok=True,
    )
    assert (ws.get_details()["friendlyName"], ws.tags) == ("Ours", {"team": "a", "cost": "3"})
    assert type(ws.get_default_compute_target("CPU")) is AmlCompute
    assert ws.get_default_compute_target("gpu") is None
    changed = ws.update(description="for tests", tags={"team": "b"})
    assert (changed["description"], changed["friendlyName"], changed["tags"]) == ("for tests", "Ours", {"team": "b"})
    end_server(homes.find_home())
    again = Workspace.from_config()
    assert (again.tags, again.get_details()["description"]) == ({"team": "b"}, "for tests")
    with pytest.raises(UserErrorException, match="'CPU' or 'GPU'"):
        ws.get_default_compute_target("TPU")
    with pytest.raises(WorkspaceException, match="text"):
        ws.update(friendly_name=3)
    assert (ws.webservices, ws.images, ws.linked_services, ws.private_endpoints) == ({}, {}, {}, {})


def test_several_of_one_name_are_told_apart_by_their_group(folder: pathlib.Path) -> None:
    for group in ("one", "two"):
        homes.create_home(str(folder / group), "team-ws", subscription_id="s", resource_group=group)
    with pytest.raises(WorkspaceException, match="one, two") as caught:
        Workspace.get("team-ws", subscription_id="s")
    assert caught.value.found_multiple
    assert Workspace.get("team-ws", resource_group="two").resource_group == "two"
    assert [ws.resource_group for ws in Workspace.list("s")["team-ws"]] == ["one", "two"]
    assert list(Workspace.list("s", resource_group="two")) == ["team-ws"]
    with pytest.raises(WorkspaceException, match="names no workspace"):
        Workspace.get("team-ws", id="/subscriptions/s")


def test_configurations_of_other_names(folder: pathlib.Path) -> None:
    ws = Workspace.create("named", show_output=False)
    (folder / ".azureml" / "config.json").unlink()
    ws.write_config(path=str(folder), file_name="ws_config.json")
    assert json.loads((folder / ".azureml" / "ws_config.json").read_text())["Scope"].endswith("/workspaces/named")
    assert Workspace.from_config(_file_name="ws_config.json").name == "named"
    assert Workspace.from_config(path=str(folder / ".azureml" / "ws_config.json")).name == "named"
    with pytest.raises(UserErrorException, match=r"other\.json"):
        Workspace.from_config(_file_name="other.json")


def test_a_workspace_is_deleted_without_loss(folder: pathlib.Path, capsys: pytest.CaptureFixture[str]) -> None:
    ws = Workspace.create("to-delete")
    gate = folder / "gate"
    os.mkfifo(gate)
    step = PythonScriptStep("train.py", source_directory=source(folder, f"open({str(gate)!r}).read()\n"))
    run = Experiment(ws, "kept").submit(Pipeline(ws, [step]))
    with pytest.raises(WorkspaceException, match="1 active runs"):
        ws.delete()
    with gate.open("w"):
        pass
    assert run.wait_for_completion(show_output=False) == "Finished"
    capsys.readouterr()
    ws.delete()
    kept = pathlib.Path(capsys.readouterr().out.strip().rpartition(" ")[2])
    assert kept.parent == folder / ".azud.deleted" and (kept / "workspace.json").is_file()
    assert (folder / ".azureml" / "config.json").is_file() and not (folder / ".azud").exists()
    with pytest.raises(UserErrorException, match="does not exist on this machine"):
        Workspace.from_config()
    with pytest.raises(UserErrorException, match="is gone"):
        print(ws.experiments)

    kept.rename(folder / ".azud")
    assert scaffold.init(".", None) == 0
    again = Workspace.from_config()
    assert [run.id for run in Experiment(again, "kept").get_runs()] == [run.id]
    again.delete(delete_dependent_resources=True, no_wait=True)
    assert list((folder / ".azud.deleted").iterdir()) == []
    assert not (folder / ".azud").exists()
