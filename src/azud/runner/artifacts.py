"""The run's files: logs, `outputs/` and `logs/`, moved to their place on the default datastore."""

from __future__ import annotations

import os
import stat

from azud.core import durable
from azud.job.attempt import Attempt
from azud.model.attempt_files import ARTIFACTS, ATTEMPTS, DRIVER_LOG, STD_LOG, WORK
from azud.model.jobs import JobSpec
from azud.runner.files import remove, walk
from azud.runner.moving import Moves, everything_below
from azud.runner.sealing import make_plain

KEPT = ("outputs", "logs")
"""Folders of the working directory whose files become the run's."""


def set_aside(spec: JobSpec, attempt: Attempt) -> None:
    """Move the files of a step run's earlier attempt out of the way of this one's.

    Idempotent: what is moved already is not there any more. They only tell, so their new names need not be on disk.
    The folder of the earlier attempt is made even if it had no files: it says whose the others are.
    """
    if spec.number == 1:
        return
    place = os.path.join(spec.artifacts_to, ATTEMPTS, str(spec.number - 1))
    os.makedirs(place, exist_ok=True)
    moves = Moves(attempt)
    for name in sorted(os.listdir(spec.artifacts_to)):
        if name != ATTEMPTS:
            source = os.path.join(spec.artifacts_to, name)
            moves.move(source, os.path.join(place, name), point="runner.set_aside", sync=False)


def gather_artifacts(attempt: Attempt) -> list[str]:
    """Move `work/outputs` and `work/logs` beside the logs, unless they are empty or gone.

    A file that the script has uploaded under the same name itself stays as it is.

    Returns:
        A warning for each file that was there already.

    Raises:
        StorageError: One holds a link to elsewhere, a device or a socket.
        OSError: Something cannot be moved.
    """
    warnings: list[str] = []
    for name in KEPT:
        source, target = attempt.path(os.path.join(WORK, name)), attempt.path(os.path.join(ARTIFACTS, name))
        if not os.path.isdir(source) or os.path.islink(source) or not os.listdir(source):
            continue
        make_plain(source, name)
        if os.path.isdir(target):
            warnings.extend(_merge(source, target, Moves(attempt), name))
        else:
            durable.rename(source, target, point="runner.collect", sync=False)
    return warnings


def paths_to_sync(attempt: Attempt) -> list[str]:
    """Return the paths of all artifacts if there are any but the log that every job has.

    That log tells, and nothing is made of it: to have it on disk at once would cost a small step more than its own
    work. It survives the death of any process, and a loss of power as far as the system had written it.
    """
    root = attempt.path(ARTIFACTS)
    if not os.path.isdir(root):
        return []
    paths = everything_below(root)
    known = {attempt.path(os.path.join(ARTIFACTS, name)) for log in (DRIVER_LOG, STD_LOG) for name in _parts(log)}
    return paths if any(path != root and path not in known for path in paths) else []


def _parts(path: str) -> list[str]:
    return [os.path.dirname(path), path]


def move_artifacts(spec: JobSpec, attempt: Attempt, moves: Moves, *, sync: bool = True) -> list[str]:
    """Move the artifacts to `spec.artifacts_to`; files that are there already stay as they are.

    Args:
        spec: Of the attempt.
        attempt: Its folder.
        moves: What else was moved, whose names are synced together.
        sync: Whether the folder's name has to be on disk too; see `paths_to_sync`.

    Returns:
        A warning for each file that was there already.
    """
    source, target = attempt.path(ARTIFACTS), spec.artifacts_to
    if not os.path.isdir(source):
        return []
    if os.path.isdir(target):
        return _merge(source, target, moves)
    moves.move(source, target, point="runner.place_artifacts", sync=sync)
    return []


def _merge(source: str, target: str, moves: Moves, shown: str = "") -> list[str]:
    """Move file by file into a folder that has files of its own; those win."""
    warnings = []
    for path, info in list(walk(source)):
        if stat.S_ISDIR(info.st_mode):
            continue
        place = os.path.join(target, path)
        if os.path.lexists(place):
            name = os.path.join(shown, path)
            warnings.append(f"the run has a file {name} already; what the script wrote there was not kept")
        else:
            moves.move(os.path.join(source, path), place, point="runner.place_artifact")
    remove(source)
    return warnings
