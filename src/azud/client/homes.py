"""Workspace homes: finding, making and checking the folder that a workspace lives in.

A home is the folder `.azud` beside `.azureml/config.json` (see docs/architecture.md, "A workspace home"). The
registry of this user maps Azure's names to homes, so that a `config.json` from Azure finds its own.
"""

from __future__ import annotations

import os
import sys
from typing import Dict, List, NamedTuple, Optional

from azud.client.configs import (
    WorkspaceNames,
    existing_config,
    find_config,
    json_bytes,
    read_config,
    read_json,
    write_config,
)
from azud.core import durable
from azud.core.clock import now_text
from azud.core.errors import (
    ConflictError,
    NotFoundError,
    PermissionDeniedError,
    SchemaVersionError,
    SettingsError,
)
from azud.core.ids import check_workspace_name, new_uuid

FORMAT = 1
LOCAL_SUBSCRIPTION = "00000000-0000-0000-0000-000000000000"
LOCAL_RESOURCE_GROUP = "azud"
HOME_FOLDER = ".azud"
DELETED_FOLDER = ".azud.deleted"
"""Beside the former: where homes go that were deleted."""


class Home(NamedTuple):
    """A workspace home as its `workspace.json` describes it; `path` is absolute, links resolved."""

    path: str
    id: str
    names: WorkspaceNames
    interpreter: Optional[str]
    created_at: str


def find_home(start: Optional[str] = None, file_name: Optional[str] = None) -> Home:
    """Return the home of the workspace that `start` belongs to; the parameters are those of `find_config`.

    Raises:
        NotFoundError: No configuration above `start`, or it names a workspace that is not on this machine.
        SettingsError: As `read_config` and `load_home`.
    """
    config = find_config(start, file_name)
    if config is None:
        raise NotFoundError(
            f"no workspace configuration (.azureml/{file_name or 'config.json'}) in "
            f"{os.path.abspath(start or os.getcwd())} or above it",
            hint="make a workspace with `azud init`",
        )
    names = read_config(config)
    folder = os.path.dirname(config)
    if os.path.basename(folder) in (".azureml", "aml_config"):
        folder = os.path.dirname(folder)
    beside = os.path.join(folder, HOME_FOLDER)
    if os.path.isfile(os.path.join(beside, "workspace.json")):
        home = load_home(beside)
        if home.names == names:
            return home
    return home_of_names(names, asked_by=config)


def home_of_names(names: WorkspaceNames, *, asked_by: str = "the registry") -> Home:
    """Return the home registered under Azure's names.

    Raises:
        NotFoundError: No workspace of these names is on this machine, or its folder is gone.
    """
    key = registry_key(names)
    known = read_registry()
    # Azure takes its names in any case, so configurations spell them in several.
    alike = [path for other, path in known.items() if other.lower() == key.lower()]
    path = known.get(key) or (alike[0] if len(alike) == 1 else None)
    if path is not None:
        if os.path.isfile(os.path.join(path, "workspace.json")):
            return load_home(path)
        raise NotFoundError(
            f"workspace {names.workspace_name!r} was in {path}, which is gone",
            hint="restore the folder, or make the workspace anew with `azud init`",
        )
    raise NotFoundError(
        f"{asked_by} names workspace {names.workspace_name!r} (resource group {names.resource_group!r}), "
        "which does not exist on this machine",
        hint="`azud init` beside that file makes it, under the same names",
    )


def load_home(path: str) -> Home:
    """Return the home in the folder `path`, checked.

    Raises:
        NotFoundError: There is no home.
        PermissionDeniedError: The folder belongs to another user.
        SchemaVersionError: A newer version of azud made it.
        SettingsError: Its `workspace.json` is damaged.
    """
    path = os.path.realpath(path)
    description = os.path.join(path, "workspace.json")
    if not os.path.isfile(description):
        raise NotFoundError(f"{path} is no workspace home", hint="make a workspace with `azud init`")
    owner = os.stat(path).st_uid
    if owner != os.geteuid():
        raise PermissionDeniedError(
            f"the workspace in {path} belongs to user id {owner}, and you are {os.geteuid()}",
            hint="ask its owner to share it with `azud serve`, or make your own with `azud init`",
        )
    data = read_json(description)
    found = data.get("format")
    if not isinstance(found, int) or isinstance(found, bool):
        raise SettingsError(f"{description} has no format number", hint="restore it from a backup")
    if found > FORMAT:
        raise SchemaVersionError(
            f"the workspace in {path} was made by a newer version of azud (format {found}, this one knows {FORMAT})",
            hint="upgrade azud: pip install --upgrade azud",
        )
    values = [data.get(key) for key in ("id", "name", "subscription_id", "resource_group", "created_at")]
    if not all(isinstance(value, str) and value for value in values):
        raise SettingsError(f"{description} is incomplete", hint="restore it from a backup")
    identity, name, subscription, group, created_at = values
    names = WorkspaceNames(str(subscription), str(group), str(name))
    return Home(path, str(identity), names, data.get("interpreter") or None, str(created_at))


def create_home(
    directory: str,
    name: Optional[str] = None,
    *,
    subscription_id: Optional[str] = None,
    resource_group: Optional[str] = None,
    interpreter: Optional[str] = None,
    exist_ok: bool = False,
) -> Home:
    """Make a workspace in `directory`: `.azureml/config.json`, `.azud/`, an entry in the registry.

    Names that are not given come from a `config.json` that lies in the directory, else are local defaults
    (the directory's name for the workspace). An existing `config.json` of the same names is left alone.

    Args:
        directory: Created if it is missing.
        name: 3–33 letters, digits, `_` or `-`.
        subscription_id: Any text.
        resource_group: Any text.
        interpreter: Python that may start the server; by default `server_interpreter()`.
        exist_ok: Return the workspace that is already there, if its names are those asked for.

    Returns:
        The home, on disk.

    Raises:
        ConflictError: There is a workspace already, or the `config.json` names another one.
        UserError: The name is not valid.
        SettingsError: The directory cannot be written.
    """
    directory = os.path.realpath(directory)
    found = existing_config(directory)
    config, existing = found or (None, None)
    names = WorkspaceNames(
        subscription_id or (existing.subscription_id if existing else LOCAL_SUBSCRIPTION),
        resource_group or (existing.resource_group if existing else LOCAL_RESOURCE_GROUP),
        check_workspace_name(name or (existing.workspace_name if existing else _name_from_folder(directory))),
    )
    path = os.path.join(directory, HOME_FOLDER)
    if os.path.isfile(os.path.join(path, "workspace.json")):
        home = load_home(path)
        if not exist_ok or home.names != names:
            raise ConflictError(
                f"{directory} already holds workspace {home.names.workspace_name!r}",
                hint="use it, or choose another folder",
            )
        _register(home)
        return home
    if existing is not None and existing != names:
        raise ConflictError(
            f"{config} names workspace {existing.workspace_name!r}, not {names.workspace_name!r}",
            hint="leave out the name, or choose another folder",
        )
    try:
        home = _write_home(directory, path, names, interpreter or server_interpreter())
        if config is None or find_config(directory) != config:  # one in a folder above would be found first
            write_config(directory, names)
        _register(home)
    except OSError as error:
        raise SettingsError(
            f"the workspace in {directory} cannot be made: {error}", hint="check permissions and free space"
        ) from error
    return home


def server_interpreter() -> Optional[str]:
    """Return the Python that may start a server: azud's own, if it is known here."""
    chosen = os.environ.get("AZUD_SERVER_PYTHON")
    if chosen:
        return chosen
    import importlib.util  # only when a home is made or a server started

    return sys.executable if importlib.util.find_spec("azud.server") is not None else None


def registry_path() -> str:
    """Return the path of this user's registry of workspaces."""
    base = os.environ.get("XDG_DATA_HOME") or os.path.join(os.path.expanduser("~"), ".local", "share")
    return os.path.join(base, "azud", "workspaces.json")


def registry_key(names: WorkspaceNames) -> str:
    """Return the registry's key: `subscription/resource group/name`."""
    return "/".join(names)


def read_registry() -> Dict[str, str]:
    """Return home folders by `registry_key`; empty if nothing was registered yet.

    Raises:
        SettingsError: The file is damaged.
    """
    path = registry_path()
    if not os.path.exists(path):
        return {}
    return {key: value for key, value in read_json(path).items() if isinstance(value, str)}


def registered_names() -> List[WorkspaceNames]:
    """Return the names of the workspaces of this user whose folders are there.

    Raises:
        SettingsError: The registry is damaged.
    """
    return [
        WorkspaceNames(*key.split("/"))
        for key, path in read_registry().items()
        if key.count("/") == 2 and os.path.isfile(os.path.join(path, "workspace.json"))
    ]


def forget_home(names: WorkspaceNames) -> None:
    """Take a workspace out of the registry; its folder stays."""
    _change_registry(registry_key(names), None)


def register_home(home: Home) -> bool:
    """Enter a home into the registry and return True, unless its names belong to another folder that exists."""
    known = read_registry().get(registry_key(home.names))
    if known is not None and known != home.path and os.path.isfile(os.path.join(known, "workspace.json")):
        return False
    _register(home)
    return True


def _register(home: Home) -> None:
    _change_registry(registry_key(home.names), home.path)


def _change_registry(key: str, value: Optional[str]) -> None:
    import fcntl

    path = registry_path()
    os.makedirs(os.path.dirname(path), mode=0o700, exist_ok=True)
    with open(path + ".lock", "w", encoding="utf-8") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        entries = read_registry()
        if entries.get(key) == value:
            return
        if value is None:
            entries.pop(key, None)
        else:
            entries[key] = value
        durable.replace_file(path, json_bytes(entries), point="client.registry.replace")


def _write_home(directory: str, path: str, names: WorkspaceNames, interpreter: Optional[str]) -> Home:
    os.makedirs(directory, exist_ok=True)
    os.makedirs(path, mode=0o700, exist_ok=True)
    description = {
        "format": FORMAT,
        "id": new_uuid(),
        "name": names.workspace_name,
        "subscription_id": names.subscription_id,
        "resource_group": names.resource_group,
        "created_at": now_text(),
        "interpreter": interpreter or "",
    }
    durable.replace_file(os.path.join(path, ".gitignore"), b"*\n", point="client.home.gitignore", mode=0o644)
    # Last, because its presence says that the home is complete.
    durable.replace_file(os.path.join(path, "workspace.json"), json_bytes(description), point="client.home.workspace")
    return load_home(path)


def _name_from_folder(directory: str) -> str:
    name = "".join(char if char.isascii() and char.isalnum() else "-" for char in os.path.basename(directory))
    name = name.strip("-")[:33]
    return name if len(name) >= 3 else "workspace"
