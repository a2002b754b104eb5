"""Which workspaces there are on this machine, by Azure's three names; and the one that a job belongs to."""

from __future__ import annotations

import os
from typing import List, Optional, Sequence

from azud.client import homes
from azud.client.configs import WorkspaceNames, names_of_scope
from azud.client.homes import Home
from azud.client.transport import in_job
from azud.core.errors import NotFoundError
from azud.sdk.exceptions import WorkspaceException, translated


def named(
    name: str, subscription_id: Optional[str], resource_group: Optional[str], id: Optional[str]
) -> WorkspaceNames:
    """Return the names of the one workspace on this machine, or of this job, that is meant.

    Args:
        name: Its name.
        subscription_id: None for any.
        resource_group: None for any.
        id: Azure's id of a workspace, which says all three.

    Raises:
        WorkspaceException: There is none, or several, or the id names none.
    """
    wanted: Sequence[Optional[str]] = (subscription_id, resource_group, name)
    if id:
        found = names_of_scope(id)
        if found is None:
            raise WorkspaceException(f"id {id!r} names no workspace", hint="give /subscriptions/…/workspaces/NAME")
        wanted = found
    known = {job_names()} if in_job() else set()
    with translated(WorkspaceException):
        known.update(homes.registered_names())
    matching = sorted(names for names in known if _matches(names, wanted))
    if not matching:
        raise WorkspaceException(
            f"workspace {name!r} does not exist on this machine",
            hint="make it with `azud init` or Workspace.create",
            code="not_found",
        )
    if len(matching) > 1:
        raise WorkspaceException(
            f"several workspaces are called {name!r}",
            found_multiple=True,
            hint=f"give the resource group; there are: {', '.join(names.resource_group for names in matching)}",
        )
    return matching[0]


def registered(subscription_id: str, resource_group: Optional[str]) -> List[WorkspaceNames]:
    """Return the names of a subscription's workspaces on this machine, or of one of its resource groups."""
    with translated(WorkspaceException):
        known = homes.registered_names()
    return [names for names in known if _matches(names, (subscription_id, resource_group, None))]


def _matches(names: WorkspaceNames, wanted: Sequence[Optional[str]]) -> bool:
    """Return whether names are those that are wanted, in whatever case, as Azure takes them; None wants any."""
    return all(text is None or text.lower() == name.lower() for name, text in zip(names, wanted))


def job_names() -> WorkspaceNames:
    """Return the names of the workspace that this job belongs to."""
    names = ("AZUREML_ARM_SUBSCRIPTION", "AZUREML_ARM_RESOURCEGROUP", "AZUREML_ARM_WORKSPACE_NAME")
    return WorkspaceNames(*(os.environ.get(name, "") for name in names))


def is_job_workspace(names: WorkspaceNames) -> bool:
    """Return whether this is a job, and its workspace has these names."""
    return in_job() and bool(os.environ.get("AZUD_ENDPOINT")) and names == job_names()


def existing_home(names: WorkspaceNames) -> Optional[Home]:
    """Return the home of these names, or None."""
    try:
        return homes.home_of_names(names)
    except NotFoundError:
        return None
