"""Deleting a workspace so that nobody loses data by it."""

from __future__ import annotations

import os
import time
from typing import TYPE_CHECKING

from azud.client import homes
from azud.client.homes import DELETED_FOLDER, Home
from azud.client.stopping import end_server, without_server
from azud.client.transport import in_job
from azud.core import durable
from azud.core.errors import ConflictError
from azud.sdk.exceptions import WorkspaceException, translated

if TYPE_CHECKING:
    from azud.sdk.workspace import Workspace


def delete(workspace: Workspace, *, for_good: bool) -> None:
    """Take a workspace out of use, and remove it if that is `for_good`; say which.

    Raises:
        WorkspaceException: In a job, while runs are active, or its server does not end.
    """
    if in_job():
        raise WorkspaceException("a job cannot delete a workspace", hint="do it in a program of your own")
    active = workspace._api.get("/server", kind=WorkspaceException)["runs_active"]
    if active:
        raise WorkspaceException(
            f"workspace {workspace.name!r} has {active} active runs", hint="cancel them, or wait until they have ended"
        )
    with translated(WorkspaceException):
        folder = set_aside(workspace._home or homes.home_of_names(workspace._names))
    if for_good:
        import shutil

        shutil.rmtree(folder)
        print(f"Workspace {workspace.name} is removed, with its data")
    else:
        print(f"Workspace {workspace.name} is deleted; what it held lies in {folder}")


def set_aside(home: Home) -> str:
    """Take a workspace out of use and return the folder that holds what it was.

    Effects: its server ends, `.azud` moves to `.azud.deleted/<time>` beside it, and its names are free. Moved back,
    and made known by `azud init`, it is as it was.

    Raises:
        ConflictError: A server was started meanwhile.
        BackendError: Its server does not end.
    """
    end_server(home)
    parent = os.path.join(os.path.dirname(home.path), DELETED_FOLDER)
    os.makedirs(parent, mode=0o700, exist_ok=True)
    target = os.path.join(parent, time.strftime("%Y-%m-%dT%H%M%SZ", time.gmtime()))
    with without_server(home):
        if os.path.exists(target):
            raise ConflictError(f"{target} exists already", hint="try again")
        durable.rename(home.path, target, point="client.home.set_aside")
        homes.forget_home(home.names)
    return target
