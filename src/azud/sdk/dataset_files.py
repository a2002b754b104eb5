"""Which files a dataset means, and copying them."""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING, Any, Dict, List, Optional

from azud.core.paths import clean_relative, is_within, safe_join
from azud.model.places import WEB
from azud.planning.globs import glob_test
from azud.planning.partitions import PartitionFormat
from azud.planning.selecting import Files, path_to_split, selected_files
from azud.sdk.datastore import Datastore
from azud.sdk.datastore_files import files_below
from azud.sdk.exceptions import UserErrorException, translated
from azud.sdk.query_rows import is_query

if TYPE_CHECKING:
    from datetime import datetime

    from azud.sdk.workspace import Workspace

_GLOB = re.compile(r"[*?\[]")


def resolve(definition: Dict[str, Any], workspace: Workspace) -> Files:
    """Return `(absolute local path, relative name)` of every file of a dataset, in a fixed order.

    The relative name is below the folder that a location names, or below the last folder before its glob; a
    single file's is its own name. Files of datastores elsewhere are brought to this machine.
    """
    if is_query(definition):
        return _brought(definition, workspace)
    names = [location["datastore"] for location in definition["locations"]]
    roots = [None if name == WEB else Datastore.get(workspace, name)._local_root() for name in names]
    if None in roots:
        return _brought(definition, workspace)
    found: Files = []
    for root, location in zip(roots, definition["locations"]):
        found.extend(files_at(str(root), location["path"]))
    return apply_file_operations(found, definition)


def _brought(definition: Dict[str, Any], workspace: Workspace) -> Files:
    """Have the server bring the files of a dataset to this machine, where that keeps them for whoever comes next."""
    answer = workspace._api.follow("/fetches", {"dataset": definition})
    found = [(str(path), str(name) or os.path.basename(path)) for path, name in answer["paths"]]
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


def files_matching(folder: str, pattern: str) -> List[str]:
    """Return the files below a local folder whose relative paths match a glob.

    Raises:
        UserErrorException: No such folder, or none does.
    """
    if not os.path.isdir(folder):
        raise UserErrorException(f"{folder!r} is no folder")
    matches = glob_test(pattern)
    found = [name for name in files_below(folder) if matches(_relative(name, folder))]
    if not found:
        raise UserErrorException(f"no file below {folder!r} matches {pattern!r}", hint="** spans folders: '**/*.csv'")
    return found


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
        partitions = definition["reader"].get("partition_format")
        return selected_files(files, definition["operations"][applied:], partition_format=partitions)


def partition_values(files: Files, definition: Dict[str, Any], keys: Optional[List[str]]) -> List[Dict[str, Any]]:
    """Return what a partition format finds in the paths of files; see `get_partition_key_values`."""
    found = definition["reader"].get("partition_format")
    if not found:
        raise UserErrorException(
            "this dataset has no partition columns", hint="give its paths a partition_format when it is made"
        )
    with translated():
        form = PartitionFormat(found)
        wanted = form.keys if keys is None else keys
        for key in wanted:
            if key not in form.keys:
                raise UserErrorException(f"{key!r} is no partition column", hint=f"they are: {', '.join(form.keys)}")
        values = (form.values(path_to_split(*item)) for item in files)
        rows = {tuple(row[key] for key in wanted): None for row in values}
    return [dict(zip(wanted, row)) for row in rows]


def download(files: Files, what: str, target_path: Optional[str], overwrite: bool, ignore_not_found: bool) -> List[str]:
    """Copy files to a folder, see `FileDataset.download`; `what` is the dataset in messages."""
    import shutil

    if not files and not ignore_not_found:
        raise UserErrorException(f"{what}: there is no file to download")
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
