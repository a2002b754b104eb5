"""Files that belong to environments, copied to the workspace's default datastore."""

from __future__ import annotations

import hashlib
import os
import pathlib
from typing import TYPE_CHECKING, Any, List

from azud.sdk.datastore_files import files_below, names_with_prefix
from azud.sdk.exceptions import UserErrorException

if TYPE_CHECKING:
    from azud.sdk.workspace import Workspace

WHEELS = "azureml/private-wheels"


def upload_folder(workspace: Workspace, folder: str, place: str) -> str:
    """Copy a folder to `place/<digest>` and return its address; the same content has the same one.

    Raises:
        UserErrorException: The default datastore is not at hand as a folder.
    """
    files = files_below(folder)
    target = f"{place}/{_digest(folder, files)}"
    datastore = workspace.get_default_datastore()
    address = _address(datastore, target)
    datastore.upload_files(files, folder, target, overwrite=False, show_progress=False)
    return address


def upload_wheel(workspace: Workspace, path: str, exist_ok: bool) -> str:
    """Copy a wheel to the workspace and return the address that pip installs it from.

    Raises:
        UserErrorException: No wheel, one of this name is there and may not be, or the default datastore is not at hand
            as a folder.
    """
    name = os.path.basename(path)
    if not os.path.isfile(path) or not name.endswith(".whl"):
        raise UserErrorException(f"{path!r} is not a wheel", hint="name a file that ends in .whl")
    datastore = workspace.get_default_datastore()
    address = _address(datastore, f"{WHEELS}/{name}")
    if f"{WHEELS}/{name}" in names_with_prefix(datastore, f"{WHEELS}/{name}"):
        if not exist_ok:
            raise UserErrorException(
                f"the workspace has a wheel {name}", hint="give it a new version, or exist_ok=True"
            )
        return address
    datastore.upload_files([path], None, WHEELS, overwrite=False, show_progress=False)
    return address


def _digest(folder: str, files: List[str]) -> str:
    digest = hashlib.sha256()
    for path in files:
        name = os.path.relpath(path, folder).replace(os.sep, "/").encode()
        with open(path, "rb") as stream:
            content = stream.read()
        digest.update(b"%d:%s%d:" % (len(name), name, len(content)) + content)
    return digest.hexdigest()


def _address(datastore: Any, path: str) -> str:
    root = datastore._local_root()
    if root is None:
        raise UserErrorException(
            f"datastore {datastore.name} is no folder of this machine", hint="make a local datastore the default one"
        )
    return pathlib.Path(os.path.abspath(root), path).as_uri()
