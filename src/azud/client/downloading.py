"""Bytes of the server as local files."""

from __future__ import annotations

import os
import stat
from typing import TYPE_CHECKING, Any, Iterable, Mapping, Optional

from azud.core import durable
from azud.core.paths import safe_join

if TYPE_CHECKING:
    from azud.client.transport import Client, QueryValue


def download_file(client: Client, path: str, local_path: str, query: Optional[Mapping[str, QueryValue]] = None) -> None:
    """GET bytes into a local file, whose folder is made; the file appears when it is complete.

    Raises:
        AzudError: The server refused, or nobody answered.
        OSError: The file cannot be written.
    """
    folder = os.path.dirname(os.path.abspath(local_path))
    os.makedirs(folder, exist_ok=True)
    partial = os.path.join(folder, f".{os.path.basename(local_path)}.{os.getpid()}.part")
    try:
        with open(partial, "wb") as stream:
            for chunk in client.download(path, query):
                stream.write(chunk)
        durable.rename(partial, local_path, point="client.download.rename")
    finally:
        if os.path.exists(partial):
            os.unlink(partial)


def download_snapshot(client: Client, files: Iterable[Mapping[str, Any]], folder: str) -> None:
    """Write the files of a snapshot below a local folder.

    Args:
        client: Of the workspace.
        files: `azud.model.snapshot.SnapshotFile` as JSON.
        folder: Made if it does not exist.

    Raises:
        UserError: The path of a file leaves the folder.
        AzudError: As `download_file`.
    """
    for file in files:
        place = safe_join(folder, file["path"])
        download_file(client, f"/blobs/{file['digest']}", place)
        if file.get("executable"):
            os.chmod(place, os.stat(place).st_mode | stat.S_IXUSR)
