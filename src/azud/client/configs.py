"""v1's `config.json`: where it lies, and which workspace it names."""

from __future__ import annotations

import json
import os
from typing import Any, Dict, Iterator, NamedTuple, Optional, Tuple

from azud.core import durable
from azud.core.errors import SettingsError

CONFIG_FOLDERS = (".azureml", "aml_config", "")
CONFIG_FILES = ("config.json", "project.json")


class WorkspaceNames(NamedTuple):
    """The three names that identify a workspace in Azure's words."""

    subscription_id: str
    resource_group: str
    workspace_name: str


def find_config(start: Optional[str] = None, file_name: Optional[str] = None) -> Optional[str]:
    """Return the path of the `config.json` that v1's `Workspace.from_config` would take, or None.

    Args:
        start: A file, which is taken as it is, or a folder to start from; the current one by default.
            For each kind of place (`.azureml`, `aml_config`, the folder itself) the folders are tried from
            `start` up to the root, so `.azureml/config.json` of a parent beats `./config.json`.
        file_name: Look for files of this name only.
    """
    start = os.path.abspath(start or os.getcwd())
    if os.path.isfile(start):
        return start
    folders = list(_upwards(start))
    for kind in CONFIG_FOLDERS:
        for name in (file_name,) if file_name else CONFIG_FILES:
            for folder in folders:
                path = os.path.join(folder, kind, name)
                if os.path.isfile(path):
                    return path
    return None


def read_config(path: str) -> WorkspaceNames:
    """Return the names that a `config.json` holds, in its flat form or with a `Scope`.

    Raises:
        SettingsError: The file cannot be read, is no JSON object, or lacks a name.
    """
    data = read_json(path)
    scope = data.get("Scope")
    if isinstance(scope, str):
        found = names_of_scope(scope)
    else:
        found = _names(data.get("subscription_id"), data.get("resource_group"), data.get("workspace_name"))
    if found is None:
        raise SettingsError(
            f"{path} does not name a workspace",
            hint='it needs "subscription_id", "resource_group" and "workspace_name"; `azud init` writes one',
        )
    return found


def names_of_scope(scope: str) -> Optional[WorkspaceNames]:
    """Return the names in Azure's id of a workspace, or of something below it; None if it lacks one."""
    parts = [part for part in scope.split("/") if part]
    found = {kind.lower(): name for kind, name in zip(parts[::2], parts[1::2])}
    return _names(found.get("subscriptions"), found.get("resourcegroups"), found.get("workspaces"))


def scope_of(names: WorkspaceNames) -> str:
    """Return Azure's id of a workspace."""
    group = f"/subscriptions/{names.subscription_id}/resourceGroups/{names.resource_group}"
    return f"{group}/providers/Microsoft.MachineLearningServices/workspaces/{names.workspace_name}"


def _names(*values: Any) -> Optional[WorkspaceNames]:
    return WorkspaceNames(*values) if all(isinstance(value, str) and value for value in values) else None


def existing_config(directory: str) -> Optional[Tuple[str, WorkspaceNames]]:
    """Return the `config.json` that lies in a folder, or in one of those that v1 uses in it, and what it names.

    Raises:
        SettingsError: The one in a folder of v1's is damaged. Others may be files of other programs, and are passed.
    """
    for kind in CONFIG_FOLDERS:
        for file_name in CONFIG_FILES:
            path = os.path.join(directory, kind, file_name)
            if os.path.isfile(path):
                try:
                    return path, read_config(path)
                except SettingsError:
                    if kind:
                        raise
    return None


def write_config(directory: str, names: WorkspaceNames) -> None:
    """Write `.azureml/config.json` with these names into a project's folder."""
    folder = os.path.join(directory, ".azureml")
    os.makedirs(folder, exist_ok=True)
    durable.replace_file(
        os.path.join(folder, "config.json"), json_bytes(names._asdict()), point="client.home.config", mode=0o644
    )


def _upwards(folder: str) -> Iterator[str]:
    while True:
        yield folder
        parent = os.path.dirname(folder)
        if parent == folder:
            return
        folder = parent


def json_bytes(value: Any) -> bytes:
    """Return a value as the JSON text of a file that people read."""
    return (json.dumps(value, indent=4) + "\n").encode()


def read_json(path: str) -> Dict[str, Any]:
    """Return the JSON object that a file holds.

    Raises:
        SettingsError: The file cannot be read, or holds something else.
    """
    try:
        with open(path, encoding="utf-8") as stream:
            data = json.load(stream)
    except (OSError, ValueError) as error:
        raise SettingsError(
            f"{path} cannot be read: {error}",
            hint="mend it, or move it away and run `azud init` to write it anew",
        ) from error
    if not isinstance(data, dict):
        raise SettingsError(f"{path} holds no JSON object", hint="move it away and run `azud init`")
    return data
