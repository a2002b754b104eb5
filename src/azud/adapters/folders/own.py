"""What azud made on this machine and may remove: attempt folders, folders of runs on datastores, temporary files."""

from __future__ import annotations

import os
import re
import time
from collections.abc import Iterator, Mapping, Sequence

from azud.core.ids import is_safe_id
from azud.core.paths import is_within
from azud.core.processes import is_alive
from azud.engine.owned import owned_folders
from azud.engine.retention import AttemptFacts
from azud.job.attempt import Attempt
from azud.model.attempt_files import MANIFEST
from azud.model.data import DatastoreRecord
from azud.runner.files import remove, size_below

_ATTEMPT = re.compile(r"^[A-Za-z0-9].*-[0-9]+$")
STALE_S = 3600.0
"""A temporary file that was not written for so long belongs to nobody any more."""


class LocalOwnFolders:
    """`azud.services.upkeep_ports.OwnFolders` below a workspace home.

    Args:
        home: The workspace home.
    """

    def __init__(self, home: str) -> None:
        self._home = home
        self._attempts = os.path.join(home, "attempts")
        self._datastores = os.path.realpath(os.path.join(home, "datastores"))

    # -- attempts -------------------------------------------------------------------------------

    def attempts(self, completed: frozenset[str]) -> Sequence[AttemptFacts]:
        names = sorted(name for name in os.listdir(self._attempts) if _ATTEMPT.match(name))
        return [AttemptFacts(name, name in completed) for name in names if not self._is_worked_on(name)]

    def _is_worked_on(self, name: str) -> bool:
        attempt = Attempt(os.path.join(self._attempts, name))
        if not os.path.isdir(attempt.folder):
            return True
        if os.path.exists(attempt.path(MANIFEST)):
            return False  # whoever held it serves another one by now
        holder = attempt.runner_mark()
        return holder is not None and is_alive(holder)

    def attempt_bytes(self, attempt: str) -> int:
        return _size(self._attempt(attempt))

    def remove_attempt(self, attempt: str) -> None:
        place = self._attempt(attempt)
        try:
            remove(place)
        except FileNotFoundError:  # the tidier was at it, too
            remove(place)

    def _attempt(self, attempt: str) -> str:
        return os.path.join(self._attempts, _component(attempt))

    # -- runs and step runs ---------------------------------------------------------------------

    def owner_bytes(self, owner: str) -> int:
        return sum(_size(place) for place in self._owned(owner))

    def remove_owner(self, owner: str) -> None:
        for place in self._owned(owner):
            remove(place)

    def _owned(self, owner: str) -> Iterator[str]:
        for root in self._own_roots():
            for path in owned_folders(_component(owner)):
                place = os.path.join(root, path)
                # A link on the way, which somebody else must have put there, leads to what is not ours.
                if os.path.lexists(place) and os.path.realpath(os.path.dirname(place)) == os.path.dirname(place):
                    yield place

    def _own_roots(self) -> list[str]:
        with os.scandir(self._datastores) as entries:
            # A datastore may have been moved to another disk, with a link in its place.
            return sorted(os.path.realpath(entry.path) for entry in entries if entry.is_dir())

    def roots(self, datastores: Sequence[DatastoreRecord]) -> tuple[dict[str, str], tuple[str, ...]]:
        roots = {}
        for record in datastores:
            # What azud made on a store elsewhere lies below its mirror, under the same paths.
            mirror = os.path.join(self._datastores, record.name)
            roots[record.name] = os.path.realpath(str(record.options.get("root") or mirror))
        return roots, tuple(self._own_roots())

    # -- temporaries ----------------------------------------------------------------------------

    def temporaries(self) -> Mapping[str, int]:
        limit = time.time() - STALE_S
        found = {}
        incoming = os.path.join(self._home, "blobs", "incoming")
        for folder, every in ((self._home, False), (self._attempts, False), (incoming, True)):
            if not os.path.isdir(folder):
                continue
            with os.scandir(folder) as entries:
                for entry in entries:
                    is_ours = every or (entry.name.startswith(".") and entry.name.endswith(".tmp"))
                    if is_ours and entry.is_file(follow_symlinks=False):
                        status = entry.stat(follow_symlinks=False)
                        if status.st_mtime < limit:
                            found[entry.path] = status.st_size
        return found

    def remove_temporary(self, path: str) -> None:
        if is_within(self._home, path):
            remove(path)


def _component(name: str) -> str:
    """Return an id that is one component of a path, which all ids are."""
    if not is_safe_id(name):
        raise ValueError(f"{name!r} is no id")
    return name


def _size(place: str) -> int:
    try:
        if os.path.isdir(place) and not os.path.islink(place):
            return size_below(place)
        return os.lstat(place).st_size
    except FileNotFoundError:  # never there, or being removed by somebody else
        return 0
