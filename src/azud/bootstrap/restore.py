"""A workspace from its backup, in the folder where it was or in another one."""

from __future__ import annotations

import contextlib
import fcntl
import os
import shutil
import tempfile
from collections.abc import Iterator
from typing import Any

from azud.adapters.archives.tar import extract
from azud.adapters.stores import schema
from azud.adapters.stores.copying import copied_runs, relocate
from azud.bootstrap.backup import CONFIG, DATABASE, Watcher
from azud.client.configs import read_config, write_config
from azud.client.homes import HOME_FOLDER, Home, load_home, register_home
from azud.core import durable
from azud.core.clock import now_text
from azud.core.errors import ConflictError, SchemaVersionError, StorageError
from azud.core.processes import is_alive
from azud.job.attempt import Attempt
from azud.model.attempt_files import MANIFEST as ATTEMPT_ENDED

LOCK = "server.lock"
_FACTS = {"places": dict, "made_at": str, "active_runs": list}


def restore(
    file: str, directory: str, *, force: bool = False, watch: Watcher = lambda done, total: None
) -> dict[str, Any]:
    """Make the workspace of a backup in a folder and return what it is.

    It appears when all of it is on disk and checked; before, nothing that was there has changed.

    Args:
        file: The backup.
        directory: The project's folder; made when missing. Files beside the workspace stay.
        force: Put it in the place of a workspace that is there, which is kept beside it.
        watch: Told how far it is.

    Raises:
        ConflictError: There is a workspace, or a server or step of it runs.
        SchemaVersionError: A newer azud made the backup.
        StorageError: The backup is damaged, or the disk is full.
    """
    directory = os.path.realpath(directory)
    path = os.path.join(directory, HOME_FOLDER)
    try:
        if os.path.lexists(path) and os.listdir(path) and not force:
            raise ConflictError(
                f"{directory} holds a workspace already",
                hint="choose another folder; --force puts the backup in its place",
            )
        os.makedirs(directory, exist_ok=True)
        with _nobody_uses(path), tempfile.TemporaryDirectory(prefix=".azud-restore-", dir=directory) as staging:
            listed = _unpack(file, staging, watch)
            unpacked = os.path.join(staging, HOME_FOLDER)
            home = load_home(unpacked)
            _check_config(directory, home, force)
            relocate(
                os.path.join(unpacked, DATABASE),
                {old: os.path.join(path, new) if new else path for old, new in listed["places"].items()},
            )
            durable.sync_files(list(_everything(staging)), folder=staging, point="restore.sync")
            with _held(unpacked):
                kept = _put_in_place(unpacked, path)
                _put_config(os.path.join(staging, CONFIG), directory, home)
                home = load_home(path)
                registered = register_home(home)
    except OSError as error:
        raise StorageError(f"{directory} cannot be restored: {error}", hint="check permissions and space") from error
    return {
        "workspace": home.names.workspace_name,
        "home": home.path,
        "made_at": listed["made_at"],
        "files": sum("sha256" in member for member in listed["members"].values()),
        "active_runs": listed["active_runs"],
        "kept": kept,
        "registered": registered,
    }


def _unpack(file: str, staging: str, watch: Watcher) -> dict[str, Any]:
    done, total = 0, os.path.getsize(file) if os.path.exists(file) else 0

    def advance(size: int) -> None:
        nonlocal done
        done += size
        watch(done, total)

    listed = extract(file, staging, advance)
    database = f"{HOME_FOLDER}/{DATABASE}"
    whole = {database, f"{HOME_FOLDER}/workspace.json"} <= listed["members"].keys()
    if not whole or not all(isinstance(listed.get(name), kind) for name, kind in _FACTS.items()):
        raise StorageError(f"{file} holds no workspace", hint="use a file that azud backup made")
    revision = copied_runs(os.path.join(staging, database)).revision
    if revision > schema.SCHEMA_REVISION:
        raise SchemaVersionError(
            f"{file} has schema {revision}, this azud knows {schema.SCHEMA_REVISION}",
            hint="use the version of azud that made the backup, or a newer one",
        )
    return listed


def _everything(root: str) -> Iterator[str]:
    for folder, _, files in os.walk(root):
        yield folder
        yield from (os.path.join(folder, name) for name in files)


# -- the place ----------------------------------------------------------------------------------


@contextlib.contextmanager
def _nobody_uses(path: str) -> Iterator[None]:
    """Hold the lock of a workspace that is to be replaced, so that no server runs and none starts.

    Raises:
        ConflictError: A server, or a step that a stopped server left, runs.
    """
    if not os.path.isdir(path):
        yield
        return
    with _held(path):
        attempts = os.path.join(path, "attempts")
        names = os.listdir(attempts) if os.path.isdir(attempts) else []
        running = [name for name in names if _runs(os.path.join(attempts, name))]
        if running:
            # What they still write would land in the restored workspace, under the same paths.
            raise ConflictError(
                f"{len(running)} steps of the workspace in {path} still run",
                hint="wait for them, or end them with: azud runs cancel",
            )
        yield


def _runs(attempt: str) -> bool:
    holder = Attempt(attempt).runner_mark()
    return not os.path.exists(os.path.join(attempt, ATTEMPT_ENDED)) and holder is not None and is_alive(holder)


@contextlib.contextmanager
def _held(path: str) -> Iterator[None]:
    lock = os.open(os.path.join(path, LOCK), os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise ConflictError(
                f"a server runs for {path}", hint=f"stop it first: azud server stop -w {os.path.dirname(path)}"
            ) from error
        yield
    finally:
        os.close(lock)


def _put_in_place(unpacked: str, path: str) -> str | None:
    """Give the workspace its place; returns where the one that was there lies now."""
    kept = None
    if os.path.lexists(path):
        kept = f"{path}.before-restore-{now_text().replace(':', '')}"
        durable.rename(path, kept, point="restore.keep")
    try:
        durable.rename(unpacked, path, point="restore.place")
    except OSError:
        if kept is not None:
            durable.rename(kept, path, point="restore.put_back")
        raise
    if kept is not None and not set(os.listdir(kept)) - {LOCK}:
        shutil.rmtree(kept)  # an empty folder, with the lock that we made
        return None
    return kept


def _check_config(directory: str, home: Home, force: bool) -> None:
    config = os.path.join(directory, CONFIG)
    if os.path.exists(config) and not force and read_config(config) != home.names:
        raise ConflictError(
            f"{config} names another workspace than {home.names.workspace_name!r}",
            hint="choose another folder; --force replaces that file",
        )


def _put_config(unpacked: str, directory: str, home: Home) -> None:
    config = os.path.join(directory, CONFIG)
    if os.path.exists(config) and read_config(config) == home.names:
        return
    if not os.path.exists(unpacked):
        write_config(directory, home.names)
        return
    with open(unpacked, "rb") as stream:
        data = stream.read()
    os.makedirs(os.path.dirname(config), exist_ok=True)
    durable.replace_file(config, data, point="restore.config", mode=0o644)
