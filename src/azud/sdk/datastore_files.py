"""Copying files to and from a datastore: by local path where its folder is at hand, else through the server."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Iterator, List, Optional

from azud.core.paths import clean_relative, safe_join
from azud.sdk.exceptions import UserErrorException, translated
from azud.sdk.observing import note_read, note_write

if TYPE_CHECKING:
    from azud.sdk.datastore import AbstractAzureStorageDatastore


def files_below(folder: str) -> List[str]:
    """Return the absolute paths of all files below a folder, sorted, links to folders not followed."""
    found: List[str] = []
    for parent, folders, names in os.walk(os.path.abspath(folder)):
        folders.sort()
        found.extend(os.path.join(parent, name) for name in names)
    return sorted(found)


def common_folder(files: List[str]) -> str:
    """Return the deepest folder that all files lie below."""
    return os.path.commonpath([os.path.dirname(path) for path in files]) if files else os.getcwd()


def upload(
    datastore: AbstractAzureStorageDatastore,
    files: List[str],
    root: str,
    target: str,
    overwrite: bool,
    show_progress: bool,
) -> int:
    """Copy local files to `target` on the datastore, under their paths below `root`.

    Returns:
        How many were written; those that exist are skipped unless `overwrite`.

    Raises:
        UserErrorException: A file lies outside of `root`, or the target outside of the datastore.
    """
    say = print if show_progress else _quiet
    root = os.path.abspath(root)
    note_write("files", datastore=datastore.name, path=target)
    say(f"Uploading an estimated of {len(files)} files")
    uploaded = 0
    for path in files:
        relative = os.path.relpath(path, root).replace(os.sep, "/")
        if relative.startswith("../"):
            raise UserErrorException(f"{path!r} lies outside of the relative root {root!r}")
        with translated():
            goal = clean_relative(f"{target}/{relative}")
        if not _put(datastore, path, goal, overwrite):
            say(f"Target already exists. Skipping upload for {goal}")
            continue
        uploaded += 1
        say(f"Uploaded {path}, {uploaded} files out of an estimated total of {len(files)}")
    say(f"Uploaded {uploaded} files")
    return uploaded


def download(
    datastore: AbstractAzureStorageDatastore,
    target_path: str,
    prefix: str,
    overwrite: bool,
    show_progress: bool,
) -> int:
    """Copy the files whose path starts with `prefix` below `target_path`; return how many were written."""
    say = print if show_progress else _quiet
    note_read(datastore._workspace(), {"kind": "prefix", "datastore": datastore.name, "path": prefix.lstrip("/")})
    names = list(names_with_prefix(datastore, prefix))
    written = 0
    for name in names:
        with translated():
            local = safe_join(os.path.abspath(target_path), name)
        if os.path.exists(local) and not overwrite:
            say(f"Path already exists. Skipping download for {local}")
            continue
        say(f"Downloading {name}")
        fetch(datastore, name, local)
        written += 1
        say(f"Downloaded {name}, {written} files out of an estimated total of {len(names)}")
    return written


def names_with_prefix(datastore: AbstractAzureStorageDatastore, prefix: str) -> Iterator[str]:
    """Yield the paths of the files on a datastore that start with a text, sorted."""
    prefix = prefix.lstrip("/")
    root = datastore._local_root()
    if root is None:
        with translated():
            answer = datastore._workspace()._api.get(f"/datastores/{datastore.name}/files", {"prefix": prefix})
        rows = answer["value"] if isinstance(answer, dict) else answer
        yield from sorted(row["path"] for row in rows)
        return
    base = os.path.join(root, os.path.dirname(prefix))
    for path in files_below(base):
        name = os.path.relpath(path, os.path.abspath(root)).replace(os.sep, "/")
        if name.startswith(prefix) and not name.startswith("../"):
            yield name


def fetch(datastore: AbstractAzureStorageDatastore, name: str, local: str) -> None:
    """Copy one file of the datastore to a local path, whose folder is made."""
    root = datastore._local_root()
    if root is None:
        datastore._workspace()._api.download_file(f"/datastores/{datastore.name}/content/{name}", local)
        return
    import shutil  # 3 ms that most programs do not need

    os.makedirs(os.path.dirname(local), exist_ok=True)
    with translated():
        source = safe_join(root, name)
    shutil.copyfile(source, local)


def _put(datastore: AbstractAzureStorageDatastore, path: str, goal: str, overwrite: bool) -> bool:
    root = datastore._local_root()
    if root is None:
        if not overwrite and goal in set(names_with_prefix(datastore, goal)):
            return False
        datastore._workspace()._api.upload_file(f"/datastores/{datastore.name}/content/{goal}", path)
        return True
    import shutil  # as above

    with translated():
        local = safe_join(root, goal)
    if os.path.exists(local) and not overwrite:
        return False
    os.makedirs(os.path.dirname(local), exist_ok=True)
    # A new file, never through an old name: a sealed output or another dataset may share its bytes.
    temporary: Optional[str] = f"{local}.{os.getpid()}.part"
    try:
        shutil.copyfile(path, str(temporary))
        from azud.core import durable

        durable.rename(str(temporary), local, point="sdk.upload.rename")
        temporary = None
    finally:
        if temporary and os.path.exists(temporary):
            os.unlink(temporary)
    return True


def _quiet(text: str) -> None:
    """Print nothing."""
