"""Before the job: its working folder, its inputs, and the places of its outputs.

A `path_on_compute` that is relative lies below the working folder. One that is absolute is honoured only if
nothing but an empty folder is there: azud creates it for the job and removes it afterwards, so that no run sees
what another left and nothing of the user's is overwritten.
"""

from __future__ import annotations

import dataclasses
import json
import os
from collections.abc import Callable
from typing import Any

from azud.core import durable, paths
from azud.core.errors import BlobMissing, ConflictError, DigestMismatch, NotFoundError
from azud.job.attempt import Attempt
from azud.model.attempt_files import ARTIFACTS, DRIVER_LOG, INPUTS, OUTPUTS, STD_LOG, WORK
from azud.model.jobs import JobSpec, StagedInput, StagedOutput
from azud.runner.files import copy_file, copy_tree, remove, state_of
from azud.runner.transferring import bring, is_list_of_files

DATASETS = "datasets.json"
CREATED = "created.json"
"""Absolute paths outside of the attempt that were made for the job and go after it."""


@dataclasses.dataclass(frozen=True)
class Staged:
    """What staging left for the time after the job.

    Args:
        inputs: What the script gets for each input: a path, or the id of a direct dataset.
        states: State of each mounted input before the job (see `files.state_of`).
        items: The inputs, with their files on this machine.
    """

    inputs: dict[str, str]
    states: dict[str, str]
    items: tuple[StagedInput, ...] = ()


def stage(spec: JobSpec, attempt: Attempt) -> Staged:
    """Make everything that the job finds when it starts.

    Raises:
        BlobMissing, DigestMismatch: A file of the snapshot is not as it was stored.
        NotFoundError: An input is not there.
        BackendError, StorageError: The server, or the store that holds an input, does not answer.
        ConflictError: An absolute `path_on_compute` is taken.
        OSError: The disk is full, or a file cannot be read.
    """
    for name in (WORK, INPUTS, OUTPUTS, ARTIFACTS):
        remove(attempt.path(name))  # only a loss of power, which undoes claims, leaves anything here
    _make_log(attempt)
    _materialise(spec, attempt)
    for output in spec.outputs:
        prepare_output(attempt, output)
    staged = Staged({}, {}, tuple(bring(spec, attempt, item) for item in spec.inputs))
    for item in staged.items:
        staged.inputs[item.name] = _stage_input(attempt, item, staged)
    write_datasets(attempt, _direct(staged.items))
    return staged


def staged_by_another(spec: JobSpec) -> Staged:
    """Return what a runner that died has staged, as far as the one that follows can know.

    How inputs looked before the job is not known any more, so all of them will count as changed: a result is then
    kept, and not offered for reuse.
    """
    return Staged({}, {item.name: "unknown" for item in spec.inputs})


def changed_inputs(spec: JobSpec, staged: Staged) -> list[str]:
    """Return the names of inputs that are no longer what they were before the job.

    Downloaded ones count as well: what was copied may not be what the key names, and may be that again by now.
    """
    before = staged.states
    items = staged.items or spec.inputs
    return [item.name for item in items if item.name in before and before[item.name] != _state(item)]


def output_place(attempt: Attempt, output: StagedOutput) -> str:
    """Return the absolute path where the job writes an output."""
    if output.mode == "upload" and output.path_on_compute:
        return _on_compute(attempt, output.path_on_compute)
    return attempt.path(os.path.join(OUTPUTS, output.name))


def _make_log(attempt: Attempt) -> None:
    log = attempt.path(os.path.join(ARTIFACTS, DRIVER_LOG))
    second = attempt.path(os.path.join(ARTIFACTS, STD_LOG))
    os.makedirs(os.path.dirname(log))
    os.makedirs(os.path.dirname(second))
    os.close(os.open(log, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o644))
    durable.link(log, second, point="runner.link_log")


def _materialise(spec: JobSpec, attempt: Attempt) -> None:
    """Make the working folder: a private, writable copy of the snapshot, and v1's two folders in it."""
    work = attempt.path(WORK)
    os.mkdir(work)
    made = {""}
    for file in spec.snapshot:
        parts = paths.split_relative(file.path)
        folder = "/".join(parts[:-1])
        if folder not in made:
            os.makedirs(os.path.join(work, folder), exist_ok=True)
            made.add(folder)
        blob = os.path.join(spec.blobs, file.digest[:2], file.digest[2:])
        try:
            copied = copy_file(blob, os.path.join(work, *parts), mode=0o755 if file.executable else 0o644)
        except FileNotFoundError as error:
            raise BlobMissing(
                f"the stored bytes of {file.path} are gone: {blob}", hint="submit the pipeline again"
            ) from error
        if copied != file.size_bytes:
            raise DigestMismatch(
                f"the stored bytes of {file.path} have changed: {blob} has {copied} bytes, not {file.size_bytes}",
                hint="remove that file and submit the pipeline again",
            )
    for name in ("outputs", "logs"):
        os.makedirs(os.path.join(work, name), exist_ok=True)
    os.mkdir(attempt.path(OUTPUTS))


def prepare_output(attempt: Attempt, output: StagedOutput) -> None:
    """Make what the job finds where it writes an output: the folder of a dataset, or the folder above anything else.

    Raises:
        ConflictError: An absolute `path_on_compute` is taken.
    """
    place = output_place(attempt, output)
    if output.mode == "upload" and os.path.isabs(output.path_on_compute or ""):
        _require_free(attempt, place, output.name)
    os.makedirs(os.path.dirname(place), exist_ok=True)
    # A dataset output is a folder that azud makes; a reference may become a file or a folder, and what is linked is
    # not there until the script links it.
    if output.kind == "dataset" and output.mode != "link":
        os.makedirs(place, exist_ok=True)


def _stage_input(attempt: Attempt, item: StagedInput, staged: Staged) -> str:
    staged.states[item.name] = _state(item)  # before anything is copied
    if item.mode == "direct":
        return str((item.dataset or {}).get("id", ""))
    require_present(item)
    if item.mode == "download":
        return place_input(attempt, item, copy_tree)
    if len(item.paths) == 1 and item.paths[0][1] == "":
        return item.paths[0][0]
    return _point_to(_link_all(attempt, item), item)


def require_present(item: StagedInput) -> None:
    """Check that all that an input stands for is on this machine.

    Raises:
        NotFoundError: Something is not.
    """
    for path, *_name in item.paths:
        if not os.path.exists(path):
            raise NotFoundError(
                f"input {item.name!r} is not there: {path}", hint="check the datastore path of the data"
            )


def _link_all(attempt: Attempt, item: StagedInput) -> str:
    root = attempt.path(os.path.join(INPUTS, item.name))
    os.makedirs(root)
    for path, name in item.paths:
        place = paths.safe_join(root, name)
        os.makedirs(os.path.dirname(place), exist_ok=True)
        os.symlink(path, place)
    return root


def place_input(attempt: Attempt, item: StagedInput, put: Callable[[str, str], None]) -> str:
    """Give an attempt its own form of an input and return the path that the script gets.

    Args:
        attempt: The attempt.
        item: What lies elsewhere on this machine.
        put: Makes one file or folder, `put(source, place)`; `copy_tree` makes a private, writable copy.
    """
    root = attempt.path(os.path.join(INPUTS, item.name))
    if item.path_on_compute:
        root = _on_compute(attempt, item.path_on_compute)
        if os.path.isabs(item.path_on_compute):
            _require_free(attempt, root, item.name)
    if len(item.paths) == 1 and item.paths[0][1] == "":
        source = item.paths[0][0]
        if os.path.isdir(source):
            os.makedirs(os.path.dirname(root), exist_ok=True)
            remove(root) if _is_empty_folder(root) else None
            put(source, root)
            return root
        os.makedirs(root, exist_ok=True)
        place = os.path.join(root, os.path.basename(source))
        put(source, place)
        return place
    os.makedirs(root, exist_ok=True)
    for path, name in item.paths:
        place = paths.safe_join(root, name)
        os.makedirs(os.path.dirname(place), exist_ok=True)
        put(path, place)
    return _point_to(root, item)


def _point_to(root: str, item: StagedInput) -> str:
    """Return what the script gets: v1 gives the file itself for a dataset of a single file."""
    lone = item.kind == "dataset" and len(item.paths) == 1 and os.path.isfile(item.paths[0][0])
    if lone and (item.fetch is None or is_list_of_files(item)):
        return os.path.join(root, *paths.split_relative(item.paths[0][1]))
    return root


def _on_compute(attempt: Attempt, path: str) -> str:
    return os.path.normpath(path) if os.path.isabs(path) else paths.safe_join(attempt.path(WORK), path)


def _is_empty_folder(path: str) -> bool:
    return os.path.isdir(path) and not os.path.islink(path) and not os.listdir(path)


def _require_free(attempt: Attempt, place: str, name: str) -> None:
    """Check that nothing is at an absolute place, and note before anything is that it will be ours.

    Raises:
        ConflictError: Something is there.
    """
    if os.path.lexists(place) and not _is_empty_folder(place):
        raise ConflictError(
            f"path_on_compute {place} of {name!r} already holds something on this machine",
            hint="use a relative path, or remove what is there if nobody needs it",
        )
    places = [*_created(attempt), place]
    durable.replace_file(attempt.path(CREATED), json.dumps(places).encode(), point="runner.created", sync=False)


def _created(attempt: Attempt) -> list[str]:
    try:
        with open(attempt.path(CREATED), "rb") as stream:
            return [str(place) for place in json.load(stream)]
    except FileNotFoundError:
        return []


def remove_created(attempt: Attempt) -> None:
    """Remove what was made for the job outside of the attempt's folder.

    Raises:
        OSError: Something cannot be removed.
    """
    for place in _created(attempt):
        remove(place)


def _state(item: StagedInput) -> str:
    return "".join(state_of(path) for path, *_name in item.paths)


def _direct(items: tuple[StagedInput, ...]) -> dict[str, Any]:
    return {
        item.name: dict(item.dataset or {}, paths=[list(entry) for entry in item.paths])
        for item in items
        if item.mode == "direct"
    }


def write_datasets(attempt: Attempt, direct: dict[str, Any]) -> None:
    """Describe direct datasets for `run.input_datasets`."""
    if direct:
        durable.replace_file(attempt.path(DATASETS), json.dumps(direct).encode(), point="runner.datasets", sync=False)
