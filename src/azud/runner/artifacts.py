"""The run's files: logs, `outputs/` and `logs/`, moved to their place on the default datastore."""

from __future__ import annotations

import os
import stat

from azud.core import durable
from azud.job.attempt import Attempt
from azud.model.attempt_files import SPOOL
from azud.model.jobs import JobSpec
from azud.runner.files import remove, walk
from azud.runner.moving import Moves, everything_below
from azud.runner.sealing import make_plain
from azud.runner.staging import ARTIFACTS, WORK

KEPT = ("outputs", "logs")
"""Folders of the working directory whose files become the run's."""


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
    """Return the paths of all artifacts and of the metric spool, where there are any."""
    roots = [attempt.path(ARTIFACTS), attempt.path(SPOOL)]
    return [path for root in roots if os.path.exists(root) for path in everything_below(root)]


def move_artifacts(spec: JobSpec, attempt: Attempt, moves: Moves) -> list[str]:
    """Move the artifacts to `spec.artifacts_to`; files that are there already stay as they are.

    Returns:
        A warning for each file that was there already.
    """
    source, target = attempt.path(ARTIFACTS), spec.artifacts_to
    if not os.path.isdir(source):
        return []
    if os.path.isdir(target):
        return _merge(source, target, moves)
    moves.move(source, target, point="runner.place_artifacts")
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
