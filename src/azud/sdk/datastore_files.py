"""Copying files to and from a datastore: by local path where its folder is at hand, else through the server."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any, Callable, Dict, Iterator, List, Optional, Tuple, TypeVar

from azud.core.paths import clean_relative, safe_join
from azud.sdk.exceptions import UserErrorException, translated
from azud.sdk.observing import note_read, note_write

if TYPE_CHECKING:
    from azud.sdk.datastore import FilesDatastore


T = TypeVar("T")
R = TypeVar("R")
_AT_ONCE = 16
"""So many files pass the server at once; each waits for the store, not for this machine."""
_SLOWEST_BYTES_S = 100_000


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
    datastore: FilesDatastore,
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
    root = os.path.abspath(root)
    note_write("files", datastore=datastore.name, path=target)
    goals = [(path, _goal(path, root, target)) for path in files]
    teller = Teller(show_progress, "Uploaded", len(files))
    teller.say(f"Uploading an estimated of {len(files)} files")
    # One question for all where the store is far away; a folder of this machine is asked file by file.
    taken = set() if overwrite or datastore._local_root() else set(names_with_prefix(datastore, _common(goals)))

    def put(item: Tuple[str, str]) -> bool:
        path, goal = item
        if goal in taken or not _put(datastore, path, goal, overwrite):
            teller.say(f"Target already exists. Skipping upload for {goal}")
            return False
        teller.done(path)
        return True

    uploaded = sum(_each(datastore, put, goals))
    teller.say(f"Uploaded {uploaded} files")
    return uploaded


def _goal(path: str, root: str, target: str) -> str:
    relative = os.path.relpath(path, root).replace(os.sep, "/")
    if relative.startswith("../"):
        raise UserErrorException(f"{path!r} lies outside of the relative root {root!r}")
    with translated():
        return clean_relative(f"{target}/{relative}")


def _common(goals: List[Tuple[str, str]]) -> str:
    """Return what the paths of all files begin with."""
    return os.path.commonprefix([goal for _, goal in goals])


def _each(datastore: FilesDatastore, work: Callable[[T], R], items: List[T]) -> List[R]:
    """Return what `work` makes of each item: many at once where the bytes go through the server."""
    if datastore._local_root() is not None or len(items) < 2:
        return [work(item) for item in items]
    from concurrent.futures import ThreadPoolExecutor

    with ThreadPoolExecutor(_AT_ONCE, thread_name_prefix="azud-files") as pool:
        futures = [pool.submit(work, item) for item in items]
        try:
            return [future.result() for future in futures]
        except BaseException:
            for future in futures:
                future.cancel()
            raise


class Teller:
    """Prints which files have passed. For several threads."""

    def __init__(self, shown: bool, word: str, total: int) -> None:
        """Say nothing unless `shown`."""
        self._shown = shown
        self._word = word
        self._total = total
        self._count = 0

    def say(self, text: str) -> None:
        """Print a line."""
        if self._shown:
            print(text)

    def done(self, path: str) -> None:
        """One more has passed."""
        self._count += 1
        self.say(f"{self._word} {path}, {self._count} files out of an estimated total of {self._total}")


def download(
    datastore: FilesDatastore,
    target_path: str,
    prefix: str,
    overwrite: bool,
    show_progress: bool,
) -> int:
    """Copy the files whose path starts with `prefix` below `target_path`; return how many were written."""
    note_read(datastore._workspace(), {"kind": "prefix", "datastore": datastore.name, "path": prefix.lstrip("/")})
    files = list(files_with_prefix(datastore, prefix))
    teller = Teller(show_progress, "Downloaded", len(files))

    def get(file: Dict[str, Any]) -> bool:
        name = str(file["path"])
        with translated():
            local = safe_join(os.path.abspath(target_path), name)
        if os.path.exists(local) and not overwrite:
            teller.say(f"Path already exists. Skipping download for {local}")
            return False
        teller.say(f"Downloading {name}")
        fetch(datastore, file, local)
        teller.done(name)
        return True

    return sum(_each(datastore, get, files))


def names_with_prefix(datastore: FilesDatastore, prefix: str) -> Iterator[str]:
    """Yield the paths of the files on a datastore that start with a text, sorted."""
    for file in files_with_prefix(datastore, prefix):
        yield str(file["path"])


def files_with_prefix(datastore: FilesDatastore, prefix: str) -> Iterator[Dict[str, Any]]:
    """Yield the files on a datastore whose path starts with a text, sorted.

    Each has a `path`; where the server was asked, also `size_bytes` and `mark`, which changes whenever the file does.
    """
    prefix = prefix.lstrip("/")
    root = datastore._local_root()
    if root is None:
        with translated():
            answer = datastore._workspace()._api.get(f"/datastores/{datastore.name}/files", {"prefix": prefix})
        rows = answer["value"] if isinstance(answer, dict) else answer
        yield from sorted(rows, key=lambda row: str(row["path"]))
        return
    base = os.path.join(root, os.path.dirname(prefix))
    for path in files_below(base):
        name = os.path.relpath(path, os.path.abspath(root)).replace(os.sep, "/")
        if name.startswith(prefix) and not name.startswith("../"):
            yield {"path": name}


def fetch(datastore: FilesDatastore, file: Dict[str, Any], local: str) -> None:
    """Copy one file of the datastore, as it was listed, to a local path, whose folder is made."""
    root, name = datastore._local_root(), str(file["path"])
    if root is None:
        known = {"size_bytes": file.get("size_bytes"), "mark": file.get("mark")}
        datastore._workspace()._api.download_file(f"/datastores/{datastore.name}/content/{name}", local, known)
        return
    import shutil  # 3 ms that most programs do not need

    os.makedirs(os.path.dirname(local), exist_ok=True)
    with translated():
        source = safe_join(root, name)
    shutil.copyfile(source, local)


def _put(datastore: FilesDatastore, path: str, goal: str, overwrite: bool) -> bool:
    root = datastore._local_root()
    if root is None:
        # The server has the bytes long before the store has, if that is far away.
        wait_s = 600 + os.path.getsize(path) / _SLOWEST_BYTES_S
        datastore._workspace()._api.upload_file(f"/datastores/{datastore.name}/content/{goal}", path, wait_s=wait_s)
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

        # Neither the bytes nor the name are synced: who uploads still has the file.
        durable.rename(str(temporary), local, point="sdk.upload.rename", sync=False)
        temporary = None
    finally:
        if temporary and os.path.exists(temporary):
            os.unlink(temporary)
    return True
