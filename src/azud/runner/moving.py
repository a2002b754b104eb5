"""Moving finished files and folders to where they stay, with one sync of all the names at the end."""

from __future__ import annotations

import os
import stat

from azud.core import durable
from azud.job.attempt import Attempt
from azud.runner.files import copy_tree, remove, walk

_MOVED_SUFFIX = ".azud-moved"


class Moves:
    """Moves whose names are on disk once `sync` has returned.

    The bytes of what is moved must be on disk before; a name may never vouch for bytes that are not.

    Args:
        attempt: Whose files they are; its id makes temporary names unique.
    """

    def __init__(self, attempt: Attempt) -> None:
        self._attempt = attempt
        self._parents: set[str] = set()

    def move(self, source: str, target: str, *, point: str, sync: bool = True) -> None:
        """Move a file or folder, by renaming where both lie on one file system, else by a synced copy.

        What is at the target goes away.

        Raises:
            OSError: The disk is full, or something cannot be read or written.
        """
        parent = os.path.dirname(target)
        parents = durable.make_dirs(parent, point="runner.make_target", sync=False)
        if sync:
            self._parents.update(parents, (parent,))
        if os.path.lexists(target):
            remove(target)
        if os.lstat(source).st_dev == os.stat(parent).st_dev:
            durable.rename(source, target, point=point, sync=False)
            return
        temporary = os.path.join(parent, f".{os.path.basename(target)}.{os.path.basename(self._attempt.folder)}")
        remove(temporary)
        copy_tree(source, temporary)
        durable.sync_files(everything_below(temporary), folder=parent, point="runner.sync_copy")
        durable.rename(temporary, target, point=point, sync=False)
        # All of it goes at once: what is left of a source would be moved again, as the whole, by the next runner.
        gone = f"{source}{_MOVED_SUFFIX}"
        remove(gone)
        durable.rename(source, gone, point="runner.moved", sync=False)
        remove(gone)

    def sync(self) -> None:
        """Return once the names of everything moved so far are on disk."""
        if self._parents:
            durable.sync_files(sorted(self._parents), folder="/", point="runner.sync_names")
            self._parents.clear()


def everything_below(root: str) -> list[str]:
    """Return a path and all files and folders below it, each file once however many names it has."""
    if not os.path.isdir(root):
        return [root]
    inodes = {info.st_ino: path for path, info in walk(root) if not stat.S_ISLNK(info.st_mode)}
    return [root, *(os.path.join(root, path) for path in inodes.values())]
