"""A workspace in one file, made while its server goes on.

The database is copied first, as it is at one moment. What it names lies in files that are written before the row that
names them and never change afterwards, so files gathered after the copy hold all that it needs. What appears later
belongs to runs that the copy does not know as ended, and is left out: it would be in the way of the attempts that begin
anew after a restore.
"""

from __future__ import annotations

import functools
import os
import re
import stat
import tempfile
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

from azud import __version__
from azud.adapters.archives.tar import ArchiveWriter
from azud.adapters.stores.copying import CopiedRuns, copied_runs, copy_file
from azud.client.homes import HOME_FOLDER, Home
from azud.client.launch import check_host
from azud.core.clock import now_text
from azud.core.errors import ConflictError, StorageError
from azud.engine.jobspecs import ARTIFACTS

DATABASE = "azud.db"
CONFIG = ".azureml/config.json"
_SINGLE_FILES = ("workspace.json", ".gitignore", "settings.toml")
_FOLDERS = ("blobs", "datastores")
_UNFINISHED = (".azud-",)  # files that datastores are receiving
_OF_RUNS = ("azureml", "dataset", ARTIFACTS.partition("/")[0])
_ID = re.compile(r"^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$")

Watcher = Callable[[int, int], None]
"""Called with the bytes done and the bytes that there are in all."""


class _Entry(NamedTuple):
    path: str
    name: str
    size: int
    folder: bool


class _Gathered(NamedTuple):
    entries: list[_Entry]
    left_out: list[str]


def back_up(home: Home, file: str, watch: Watcher = lambda done, total: None) -> dict[str, Any]:
    """Write a workspace into one archive and return what is in it.

    Args:
        home: The workspace; whether its server runs does not matter.
        file: Where; compressed if it ends in `.gz` or `.tgz`.
        watch: Told how far it is.

    Raises:
        ConflictError: The file exists.
        SettingsError: The workspace is served from another machine.
        StorageError: Something cannot be read or written; there is no file then.
    """
    check_host(home)
    if _inside(home, file):
        raise ConflictError(f"{file} would lie in the workspace that it is of", hint="choose a folder outside of .azud")
    done = total = 0

    def advance(size: int) -> None:
        nonlocal done
        done += size
        watch(done, total)

    writer = ArchiveWriter(file, advance)
    try:
        with tempfile.TemporaryDirectory(prefix=".azud-backup-", dir=os.path.dirname(writer.path)) as folder:
            copy = os.path.join(folder, DATABASE)
            copy_file(os.path.join(home.path, DATABASE), copy)
            runs = copied_runs(copy)
            made_at = now_text()
            gathered = _gather(home, runs)
            entries = [_Entry(copy, f"{HOME_FOLDER}/{DATABASE}", os.path.getsize(copy), False), *gathered.entries]
            total = sum(entry.size for entry in entries)
            for entry in entries:
                if entry.folder:
                    writer.add_folder(entry.path, entry.name)
                else:
                    writer.add_file(entry.path, entry.name)
        size = writer.finish(_facts(home, runs, made_at))
    except OSError as error:
        raise StorageError(f"{home.path} cannot be backed up: {error}", hint="check permissions and space") from error
    finally:
        writer.discard()
    return {
        "file": writer.path,
        "size_bytes": size,
        "workspace": home.names.workspace_name,
        "made_at": made_at,
        "files": writer.files,
        "runs": len(runs.pipelines),
        "active_runs": sorted(runs.active),
        "left_out": gathered.left_out,
    }


def _inside(home: Home, file: str) -> bool:
    return os.path.realpath(file).startswith(home.path + os.sep)


def _facts(home: Home, runs: CopiedRuns, made_at: str) -> dict[str, Any]:
    stores = os.path.join(home.path, "datastores")
    places = {home.path: ""}
    # Outputs are recorded by the real path of their datastore, which may lie on another disk.
    for name in sorted(os.listdir(stores)) if os.path.isdir(stores) else ():
        places[os.path.realpath(os.path.join(stores, name))] = f"datastores/{name}"
    return {
        "azud": __version__,
        "made_at": made_at,
        "workspace": home.names.workspace_name,
        "schema": runs.revision,
        "places": places,
        "active_runs": sorted(runs.active),
    }


def _gather(home: Home, runs: CopiedRuns) -> _Gathered:
    """Return what goes into the archive beside the database, and the links and the like that do not."""
    entries, left_out = [], []
    config = os.path.join(os.path.dirname(home.path), CONFIG)
    singles = [(config, CONFIG)]
    singles += [(os.path.join(home.path, name), f"{HOME_FOLDER}/{name}") for name in _SINGLE_FILES]
    for path, name in singles:
        if os.path.isfile(path):
            entries.append(_Entry(path, name, os.path.getsize(path), False))
    for folder in _FOLDERS:
        root = os.path.join(home.path, folder)
        for relative, info in _walk(root, functools.partial(_belongs, folder, runs)):
            path, name = os.path.join(root, relative), f"{HOME_FOLDER}/{folder}/{relative}"
            if stat.S_ISDIR(info.st_mode):
                entries.append(_Entry(path, name, 0, True))
            elif stat.S_ISREG(info.st_mode):
                entries.append(_Entry(path, name, info.st_size, False))
            else:
                left_out.append(path)
    return _Gathered(entries, left_out)


def _belongs(folder: str, runs: CopiedRuns, relative: str) -> bool:
    """Return whether a file or folder is of the moment of the copy."""
    parts = relative.split("/")
    if folder == "blobs":
        return parts[0] != "incoming"
    if parts[-1].startswith(_UNFINISHED):
        return False
    inside = parts[1:]  # the first is the datastore
    if any(part.removeprefix("dcid.") in runs.open_steps for part in inside):
        return False
    if len(inside) < 2 or inside[0] not in _OF_RUNS:
        return True
    run = inside[1].removeprefix("dcid.")
    return not _ID.match(run) or run in runs.pipelines or run in runs.ended_steps


def _walk(root: str, wanted: Callable[[str], bool]) -> Iterator[tuple[str, os.stat_result]]:
    """Yield what is wanted below a folder, folders before their content; what goes away meanwhile is passed over."""
    stack = [""]
    while stack:
        below = stack.pop()
        try:
            with os.scandir(os.path.join(root, below) if below else root) as found:
                entries = sorted(found, key=lambda entry: entry.name)
        except FileNotFoundError:
            continue
        for entry in entries:
            relative = f"{below}/{entry.name}" if below else entry.name
            if not wanted(relative):
                continue
            try:
                # A datastore itself may be a link to another disk; below it, links are not followed.
                info = entry.stat(follow_symlinks=not below and os.path.basename(root) == "datastores")
            except FileNotFoundError:
                continue
            if stat.S_ISDIR(info.st_mode):
                stack.append(relative)
            yield relative, info
