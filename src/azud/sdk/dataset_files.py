"""Which files a dataset means, and copying them."""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING, Any, Dict, List, Optional

from azud.core.paths import clean_relative, is_within, safe_join
from azud.planning.globs import glob_test
from azud.planning.selecting import Files, selected_files
from azud.sdk.datastore import Datastore
from azud.sdk.datastore_files import files_below
from azud.sdk.exceptions import UserErrorException, translated
from azud.sdk.query_rows import is_query

if TYPE_CHECKING:
    from datetime import datetime

    from azud.sdk.dataset import FileDataset
    from azud.sdk.workspace import Workspace

_GLOB = re.compile(r"[*?\[]")


def resolve(definition: Dict[str, Any], workspace: Workspace) -> Files:
    """Return `(absolute local path, relative name)` of every file of a dataset, in a fixed order.

    The relative name is below the folder that a location names, or below the last folder before its glob; a
    single file's is its own name. Files of datastores elsewhere are brought to this machine.
    """
    if is_query(definition):
        return _brought(definition, workspace)
    roots = [Datastore.get(workspace, location["datastore"])._local_root() for location in definition["locations"]]
    if None in roots:
        return _brought(definition, workspace)
    found: Files = []
    for root, location in zip(roots, definition["locations"]):
        found.extend(files_at(str(root), location["path"]))
    return apply_file_operations(found, definition)


def _brought(definition: Dict[str, Any], workspace: Workspace) -> Files:
    """Have the server bring the files of a dataset to this machine, where that keeps them for whoever comes next."""
    answer = workspace._api.follow("/fetches", {"dataset": definition})
    found = [(str(path), str(name)) for path, name in answer["paths"]]
    for path, _ in found:
        if not os.path.exists(path):
            raise UserErrorException(
                f"the workspace's server keeps {path} on another machine than this one",
                hint="download the files of the datastore: datastore.download(target_path)",
            )
    return found


def files_at(root: str, path: str) -> Files:
    """Return the files that a path or glob names below `root`, as `resolve` does; [] if there are none."""
    with translated():
        path = clean_relative(path)
        if not _GLOB.search(path):
            target = safe_join(root, path)
            if os.path.isfile(target):
                return [(target, os.path.basename(path))]
            return [(name, _relative(name, target)) for name in _contained(target)]
        fixed = path.split("/")[: _first_glob(path)]
        base = safe_join(root, "/".join(fixed))
    pattern = glob_test("/".join(path.split("/")[len(fixed) :]))
    pairs = ((name, _relative(name, base)) for name in _contained(base))
    return [(name, relative) for name, relative in pairs if pattern(relative)]


def expand_staged(staged: Files, definition: Dict[str, Any], applied: int) -> Files:
    """Return the files that a job's runner laid out: each entry a file, or a folder with all below it.

    The first `applied` operations of a file dataset were applied when they were laid out.
    """
    found: Files = []
    for path, name in staged:
        if os.path.isdir(path):
            prefix = f"{name}/" if name else ""
            found.extend((item, prefix + _relative(item, path)) for item in files_below(path))
        else:
            found.append((path, name or os.path.basename(path)))
    return apply_file_operations(found, definition, applied)


def apply_file_operations(files: Files, definition: Dict[str, Any], applied: int = 0) -> Files:
    """Return what the operations of a file dataset leave of its files; a table's operations are about rows."""
    if definition["type"] != "file":
        return files
    with translated():
        return selected_files(files, definition["operations"][applied:])


def download(dataset: FileDataset, target_path: Optional[str], overwrite: bool, ignore_not_found: bool) -> List[str]:
    """Copy a dataset's files to a folder; see `FileDataset.download`."""
    import shutil

    files = dataset._files()
    if not files and not ignore_not_found:
        raise UserErrorException(f"{dataset!r}: there is no file to download")
    if target_path is None:
        import tempfile

        target_path = tempfile.mkdtemp(prefix="azud-")
    written = []
    for source, relative in files:
        with translated():
            local = safe_join(os.path.abspath(target_path), relative)
        if os.path.exists(local) and not overwrite:
            raise UserErrorException(f"{local} exists", hint="pass overwrite=True, or choose another folder")
        os.makedirs(os.path.dirname(local), exist_ok=True)
        shutil.copyfile(source, local)
        written.append(local)
    return written


def changed_time(files: Files) -> Optional[datetime]:
    """Return when the newest of these files was last written, in UTC; None if there are none."""
    import datetime

    newest = max((os.path.getmtime(path) for path, _ in files), default=None)
    return None if newest is None else datetime.datetime.fromtimestamp(newest, datetime.timezone.utc)


def _contained(folder: str) -> List[str]:
    """Return the files below a folder that do not lead out of it by a link."""
    return [name for name in files_below(folder) if is_within(folder, os.path.realpath(name))]


def _relative(path: str, base: str) -> str:
    return os.path.relpath(path, base).replace(os.sep, "/")


def _first_glob(path: str) -> int:
    return next(index for index, part in enumerate(path.split("/")) if _GLOB.search(part))
