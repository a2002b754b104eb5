"""Compute targets in the workspace's API and in v1's JSON."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Dict, Mapping, Optional

from azud.client.transport import in_job
from azud.sdk.exceptions import ComputeTargetException
from azud.sdk.support import text_items

if TYPE_CHECKING:
    from azud.sdk.workspace import Workspace

Record = Dict[str, Any]


def put(
    workspace: Workspace,
    name: str,
    type: str,
    properties: Mapping[str, Any],
    tags: Optional[Mapping[str, Any]] = None,
    description: Optional[str] = None,
) -> Record:
    """Have the server keep a target, and return its record.

    Raises:
        ComputeTargetException: The name or the properties cannot be used, or the target is of another type.
    """
    body = {
        "name": name,
        "type": type,
        "properties": dict(properties),
        "tags": text_items(tags or {}),
        "description": description or "",
    }
    found: Record = workspace._api.send("PUT", f"/compute/{name}", body, kind=ComputeTargetException)
    return found


def scope(workspace: Workspace, name: str) -> str:
    """Return v1's id of a compute target."""
    return (
        f"/subscriptions/{workspace.subscription_id}/resourceGroups/{workspace.resource_group}"
        f"/providers/Microsoft.MachineLearningServices/workspaces/{workspace.name}/computes/{name}"
    )


def refuse_in_job(what: str) -> None:
    """Raise `ComputeTargetException` in a job."""
    if in_job():
        raise ComputeTargetException(
            f"a job cannot {what}: compute targets are managed from outside of pipelines",
            hint="do it in the program that submits the pipeline",
        )


def camel(name: str) -> str:
    """Return `resource_group` as `resourceGroup`."""
    first, *others = name.split("_")
    return first + "".join(part.capitalize() for part in others)


def snake(name: str) -> str:
    """Return `resourceGroup` as `resource_group`."""
    return re.sub(r"(?<!^)([A-Z])", r"_\1", name).lower()
