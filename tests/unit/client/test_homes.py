"""Finding, making and refusing workspace homes."""

from __future__ import annotations

import json
import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from azud.client import homes
from azud.client.configs import WorkspaceNames, find_config, read_config
from azud.client.homes import create_home, find_home, load_home, read_registry
from azud.client.places import runtime_folder, socket_path
from azud.core.errors import (
    ConflictError,
    NotFoundError,
    PermissionDeniedError,
    SchemaVersionError,
    SettingsError,
    UserError,
)


def test_a_home_is_made_and_found(tmp_path: Path) -> None:
    home = create_home(str(tmp_path / "project"), "first")
    deep = tmp_path / "project" / "a" / "b"
    deep.mkdir(parents=True)
    assert find_home(str(deep)) == home == load_home(home.path)
    assert (tmp_path / "project/.azud/.gitignore").read_text() == "*\n"
    assert json.loads((tmp_path / "project/.azureml/config.json").read_text()) == home.names._asdict()
    assert stat.S_IMODE(os.stat(home.path).st_mode) == 0o700
    assert list(read_registry().values()) == [home.path]


def test_the_name_comes_from_the_folder(tmp_path: Path) -> None:
    assert create_home(str(tmp_path / "my project!")).names.workspace_name == "my-project"
    assert create_home(str(tmp_path / "ab")).names.workspace_name == "workspace"
    with pytest.raises(UserError):
        create_home(str(tmp_path / "c"), "no")


def test_a_config_json_from_azure_keeps_its_names(tmp_path: Path) -> None:
    names = {"subscription_id": "s", "resource_group": "g", "workspace_name": "team-ws"}
    (tmp_path / "config.json").write_text(json.dumps(names))
    with pytest.raises(NotFoundError, match="does not exist on this machine"):
        find_home(str(tmp_path))
    home = create_home(str(tmp_path))
    assert home.names == WorkspaceNames("s", "g", "team-ws")
    assert not (tmp_path / ".azureml").exists()
    assert find_home(str(tmp_path)) == home
    # The same file anywhere else finds it through the registry.
    other = tmp_path / "elsewhere" / "config.json"
    other.parent.mkdir()
    other.write_text(json.dumps(names))
    assert find_home(str(other)) == home
    with pytest.raises(ConflictError):
        create_home(str(tmp_path / "elsewhere"), "another-name")


def test_a_second_workspace_in_a_folder_is_refused(tmp_path: Path) -> None:
    home = create_home(str(tmp_path / "p"), "first")
    with pytest.raises(ConflictError, match="already holds workspace 'first'"):
        create_home(str(tmp_path / "p"), "first")
    assert create_home(str(tmp_path / "p"), "first", exist_ok=True) == home
    with pytest.raises(ConflictError):
        create_home(str(tmp_path / "p"), "second", exist_ok=True)


def test_the_order_in_which_configurations_are_found(tmp_path: Path) -> None:
    inner = tmp_path / "a" / "b"
    inner.mkdir(parents=True)
    places = [
        tmp_path / "a" / "project.json",
        inner / "config.json",
        inner / "aml_config" / "config.json",
        tmp_path / "a" / ".azureml" / "project.json",
        tmp_path / ".azureml" / "config.json",
        tmp_path / "a" / ".azureml" / "config.json",
    ]
    for place in places:  # each one that is added beats those before
        place.parent.mkdir(exist_ok=True)
        place.write_text("{}")
        assert find_config(str(inner)) == str(place)


@pytest.mark.parametrize("text", ["", "{", "[]", "{}", '{"subscription_id": 1}', '{"Scope": "/x"}'])
def test_a_damaged_config(tmp_path: Path, text: str) -> None:
    path = tmp_path / "config.json"
    path.write_text(text)
    with pytest.raises(SettingsError, match=str(path)) as caught:
        find_home(str(path))
    assert "azud init" in str(caught.value.hint)


def test_the_scope_form(tmp_path: Path) -> None:
    path = tmp_path / "config.json"
    scope = "/subscriptions/s/resourceGroups/g/providers/Microsoft.MachineLearningServices/workspaces/w"
    path.write_text(json.dumps({"Id": None, "Scope": scope}))
    assert read_config(str(path)) == WorkspaceNames("s", "g", "w")


def test_no_workspace(tmp_path: Path) -> None:
    with pytest.raises(NotFoundError, match=r"no workspace configuration"):
        find_home(str(tmp_path))


def _change(home: homes.Home, **changes: object) -> None:
    path = Path(home.path, "workspace.json")
    path.write_text(json.dumps({**json.loads(path.read_text()), **changes}))


def test_a_workspace_of_a_newer_version(tmp_path: Path) -> None:
    home = create_home(str(tmp_path / "p"))
    _change(home, format=2)
    with pytest.raises(SchemaVersionError, match="made by a newer version"):
        load_home(home.path)


@pytest.mark.parametrize("changes", [{"format": None}, {"format": True}, {"id": ""}, {"name": 3}])
def test_a_damaged_workspace(tmp_path: Path, changes: dict[str, object]) -> None:
    home = create_home(str(tmp_path / "p"))
    _change(home, **changes)
    with pytest.raises(SettingsError):
        load_home(home.path)


def test_somebody_elses_workspace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    home = create_home(str(tmp_path / "p"))
    monkeypatch.setattr(os, "geteuid", lambda: os.getuid() + 1)
    with pytest.raises(PermissionDeniedError, match="belongs to user"):
        load_home(home.path)


def test_a_home_that_is_gone(tmp_path: Path) -> None:
    home = create_home(str(tmp_path / "p"), "first")
    os.rename(home.path, str(tmp_path / "moved"))
    with pytest.raises(NotFoundError, match="is gone"):
        find_home(str(tmp_path / "p"))


def test_the_registry_keeps_what_others_write_at_the_same_time(tmp_path: Path) -> None:
    program = "import sys; from azud.client.homes import create_home; create_home(sys.argv[1], sys.argv[2])"
    children = [
        subprocess.Popen([sys.executable, "-c", program, str(tmp_path / f"p{index}"), f"name{index}"])
        for index in range(6)
    ]
    assert [child.wait() for child in children] == [0] * 6
    assert len(read_registry()) == 6
    homes.forget_home(WorkspaceNames(homes.LOCAL_SUBSCRIPTION, homes.LOCAL_RESOURCE_GROUP, "name3"))
    assert len(read_registry()) == 5


def test_sockets_lie_in_a_private_folder(tmp_path: Path, runtime: Path) -> None:
    path = socket_path(str(tmp_path))
    assert path.startswith(str(runtime / "azud"))
    for folder in (os.path.dirname(path), os.path.dirname(os.path.dirname(path))):
        assert stat.S_IMODE(os.stat(folder).st_mode) == 0o700
    (tmp_path / "link").symlink_to(tmp_path)
    assert socket_path(str(tmp_path / "link")) == path


def test_a_runtime_folder_that_is_too_long_or_not_ours(
    tmp_path: Path, runtime: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (runtime / "azud").symlink_to(tmp_path)
    with pytest.raises(SettingsError, match="not a folder of yours"):
        runtime_folder(str(tmp_path))
    long = tmp_path / ("x" * 120)
    long.mkdir()
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(long))
    folder = runtime_folder(str(tmp_path))
    assert folder.startswith(f"/tmp/azud-{os.getuid()}/")
    os.rmdir(folder)


def test_every_form_of_azures_configuration_is_adopted(tmp_path: Path) -> None:
    scope = "/subscriptions/s/resourceGroups/g/providers/Microsoft.MachineLearningServices/workspaces/team/projects/p"
    flat = {"subscription_id": "s", "resource_group": "g", "workspace_name": "team"}
    places = ("config.json", ".azureml/config.json", "aml_config/config.json", "aml_config/project.json")
    for number, place in enumerate(places):
        for form in (flat, {"Id": None, "Scope": scope}):
            folder = tmp_path / f"{number}-{len(form)}"
            path = folder / place
            path.parent.mkdir(parents=True)
            path.write_text(json.dumps(form))
            home = create_home(str(folder))
            assert (home.names, find_home(str(folder))) == (("s", "g", "team"), home)
            assert json.loads(path.read_text()) == form


def test_a_configuration_of_another_program_is_passed(tmp_path: Path) -> None:
    (tmp_path / "config.json").write_text('{"port": 80}')
    assert create_home(str(tmp_path), "mine").names.workspace_name == "mine"
    assert find_home(str(tmp_path)).names.workspace_name == "mine"


def test_a_folder_that_was_adopted_is_found_before_the_one_above_it(tmp_path: Path) -> None:
    create_home(str(tmp_path), "outer")
    names = {"subscription_id": "s", "resource_group": "g", "workspace_name": "inner"}
    folder = tmp_path / "inside"
    folder.mkdir()
    (folder / "config.json").write_text(json.dumps(names))
    home = create_home(str(folder))
    assert find_home(str(folder)) == home
    assert home.names.workspace_name == "inner"


def test_names_are_found_in_any_case(tmp_path: Path) -> None:
    home = create_home(str(tmp_path / "p"), "Team-WS", subscription_id="ABC", resource_group="Group")
    assert homes.home_of_names(WorkspaceNames("abc", "GROUP", "team-ws")) == home
    other = create_home(str(tmp_path / "q"), "team-ws", subscription_id="abc", resource_group="group")
    assert homes.home_of_names(WorkspaceNames("abc", "group", "team-ws")) == other
    with pytest.raises(NotFoundError):  # two are alike, and neither is written so
        homes.home_of_names(WorkspaceNames("abc", "GROUP", "team-ws"))
