"""Data of datastores elsewhere: asked of the workspace's server, which alone holds what opens them."""

from __future__ import annotations

import dataclasses
import errno
import os
import time
from collections.abc import Callable
from typing import Any

from azud.client.transport import Client
from azud.core import durable, paths
from azud.core.errors import AzudError, NotFoundError
from azud.job.attempt import Attempt
from azud.model.attempt_files import ARTIFACTS, INPUTS, PREPARATION_LOG
from azud.model.jobs import JobSpec, StagedInput, StagedOutput
from azud.planning.globs import is_glob
from azud.runner.files import copy_file, remove

SERVER_RETRY_S = 600.0
"""How long a server may be away: a killed one comes back when somebody asks it something."""
_TELL_EVERY_S = 5.0
_BROUGHT = ".brought"


def bring(spec: JobSpec, attempt: Attempt, item: StagedInput) -> StagedInput:
    """Return an input with its files on this machine; one that has them already as it is.

    What is mounted is laid out where the script finds it, as hard links to the server's copies: these stay as long as
    the attempt needs them, whatever becomes of the cache.

    Raises:
        NotFoundError: The dataset has no files.
        AzudError: The server, or the store, does not answer.
    """
    if item.fetch is None:
        return item
    place = attempt.path(os.path.join(INPUTS, item.name if item.mode == "mount" else f"{_BROUGHT}/{item.name}"))
    remove(place)
    try:
        found = _ask(spec, attempt, f"input {item.name!r}", "/fetches", {"dataset": item.fetch})["paths"]
    except NotFoundError:
        # A reference may lead to where nothing is yet.
        if item.kind != "reference" or item.mode != "mount":
            raise
        found = []
    os.makedirs(place, exist_ok=True)
    if len(found) == 1 and (found[0][1] == "" or is_list_of_files(item)):
        local, name = found[0]
        target = paths.safe_join(place, name or os.path.basename(local))
        _link(local, target)
        return dataclasses.replace(item, paths=((target, ""),))
    for local, name in found:
        _link(local, paths.safe_join(place, name))
    return dataclasses.replace(item, paths=((place, ""),))


def is_list_of_files(item: StagedInput) -> bool:
    """Return whether a dataset names files, so that it stands for the file itself where there is only one, as in v1.

    A folder is a folder, however many files it has.
    """
    locations = (item.fetch or {})["locations"]
    return item.kind == "dataset" and (len(locations) > 1 or is_glob(locations[0]["path"]))


def send(spec: JobSpec, attempt: Attempt, output: StagedOutput) -> None:
    """Write a sealed output to its datastore elsewhere, and return when it is there.

    Raises:
        AzudError: The server, or the store, does not answer.
    """
    if output.send is not None:
        _ask(spec, attempt, f"output {output.name!r}", "/sends", output.send)


def send_artifacts(spec: JobSpec, attempt: Attempt) -> list[str]:
    """Write a run's files to the default datastore where that lies elsewhere.

    They stay on this machine as well, so that this fails is a warning, which is returned.
    """
    if spec.artifacts_send is None or not os.path.isdir(spec.artifacts_to):
        return []
    try:
        _ask(spec, attempt, "the run's files", "/sends", spec.artifacts_send)
    except AzudError as error:
        return [f"the run's files were not sent to datastore {spec.artifacts_send['datastore']!r}: {error.message}"]
    return []


def _ask(spec: JobSpec, attempt: Attempt, what: str, path: str, body: dict[str, Any]) -> Any:
    client = Client(spec.endpoint, retry_s=SERVER_RETRY_S)
    started = time.monotonic()
    tell = _teller(attempt, what)
    try:
        result = client.follow(path, body, tell)
    finally:
        client.close()
    _say(attempt, f"{what}: done in {time.monotonic() - started:.1f} s")
    return result


def _teller(attempt: Attempt, what: str) -> Callable[[dict[str, Any]], None]:
    told_at = [0.0]

    def tell(progress: dict[str, Any]) -> None:
        now = time.monotonic()
        if now - told_at[0] < _TELL_EVERY_S or not progress.get("files_total"):
            return
        told_at[0] = now
        files, size = f"{progress['files']} of {progress['files_total']} files", progress["size_bytes"]
        _say(attempt, f"{what}: {files}, {size} of {progress['size_bytes_total']} bytes")

    return tell


def _say(attempt: Attempt, line: str) -> None:
    """Add a line to the log that v1's users know for what comes before and after a job."""
    log = attempt.path(os.path.join(ARTIFACTS, PREPARATION_LOG))
    if os.path.isdir(os.path.dirname(log)):  # an earlier runner may have moved it away already
        with open(log, "a", encoding="utf-8") as stream:
            stream.write(f"{line}\n")


def _link(source: str, target: str) -> None:
    os.makedirs(os.path.dirname(target), exist_ok=True)
    try:
        durable.link(source, target, point="runner.link_brought")
    except OSError as error:
        if error.errno not in (errno.EXDEV, errno.EMLINK, errno.EPERM):
            raise
        copy_file(source, target, mode=0o444)
