"""`azud init` and `azud new`: workspaces and projects to start from."""

from __future__ import annotations

import os
import shutil

from azud.cli import output
from azud.client.configs import WorkspaceNames, existing_config
from azud.client.homes import LOCAL_RESOURCE_GROUP, LOCAL_SUBSCRIPTION, create_home
from azud.core.errors import ConflictError, NotFoundError, SettingsError

_TEMPLATES = os.path.join(os.path.dirname(os.path.abspath(__file__)), "templates")


def init(directory: str, name: str | None) -> int:
    """Make a workspace in a folder, or say that it is there already; say whose names it took over."""
    found = existing_config(directory)
    home = create_home(directory, name, exist_ok=True)
    output.line(f"workspace {home.names.workspace_name} in {os.path.dirname(home.path)}")
    if found is not None and not _is_local(home.names):
        names = home.names
        output.line(
            f"  its names are those of {found[0]}: subscription {names.subscription_id}, "
            f"resource group {names.resource_group}"
        )
    return 0


def _is_local(names: WorkspaceNames) -> bool:
    """Return whether azud itself chose subscription and resource group."""
    return names[:2] == (LOCAL_SUBSCRIPTION, LOCAL_RESOURCE_GROUP)


def template_names() -> list[str]:
    """Return the names of the projects that `azud new` can make."""
    return sorted(entry.name for entry in os.scandir(_TEMPLATES) if entry.is_dir())


def new(template: str, directory: str | None) -> int:
    """Make a project from a template, with a workspace, in a new or empty folder.

    Raises:
        NotFoundError: There is no such template.
        ConflictError: The folder holds files already.
    """
    if template not in template_names():
        raise NotFoundError(
            f"there is no project template {template!r}", hint=f"there are: {', '.join(template_names())}"
        )
    target = directory or template
    if os.path.lexists(target) and (not os.path.isdir(target) or os.listdir(target)):
        raise ConflictError(f"{target} exists and is not empty", hint="name a folder that does not exist yet")
    ignored = shutil.ignore_patterns("__pycache__", "*.pyc")
    try:
        shutil.copytree(os.path.join(_TEMPLATES, template), target, ignore=ignored, dirs_exist_ok=True)
    except (OSError, shutil.Error) as error:
        raise SettingsError(
            f"the project in {target} cannot be written: {error}", hint="check permissions and free space"
        ) from error
    create_home(target, exist_ok=True)
    output.line(f"made {target}: read {os.path.join(target, 'README.md')}, then:")
    output.line(f"    cd {target}")
    output.line("    azud run pipeline.py")
    return 0
