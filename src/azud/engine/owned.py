"""The folders on the workspace's own datastores that belong to runs and step runs, and who points into them."""

from __future__ import annotations

import fnmatch
import glob
import os
from collections.abc import Iterable, Mapping

FOLDERS = (("azureml", ""), ("dataset", ""), ("ExperimentRun", "dcid."))
"""Folder and prefix of the names in it that end with the id of a run or step run."""
_GLOB_CHARACTERS = frozenset("*?[")


def owned_folders(owner: str) -> tuple[str, ...]:
    """Return the paths, on a datastore of the workspace's own, that belong to a run or step run."""
    return tuple(f"{folder}/{prefix}{owner}" for folder, prefix in FOLDERS)


class OwnedPlaces:
    """Finds the runs and step runs that a place on a datastore belongs to.

    Args:
        roots: Local root of each datastore, links resolved, by name.
        own: Those roots that are the workspace's own.
        owners: All runs and step runs.
    """

    def __init__(self, roots: Mapping[str, str], own: Iterable[str], owners: Iterable[str]) -> None:
        self._roots = roots
        self._own = [_parts(root) for root in own]
        self._owners = frozenset(owners)

    def owners(self, datastore: str, path: str, *, above: bool) -> frozenset[str]:
        """Return whose folders a path leads into; it may be a pattern.

        Args:
            datastore: Name of a datastore; one that is not known leads nowhere.
            path: A path or pattern on it.
            above: Whether a folder that holds such folders counts as pointing into each of them.
        """
        root = self._roots.get(datastore)
        if root is None:
            return frozenset()
        asked, pattern = _parts(root), _parts(path)
        found: set[str] = set()
        for own in self._own:
            for folder, prefix in FOLDERS:
                base = [*own, folder]
                found |= self._below(base, prefix, [*asked, *pattern], above)
                # A reference's path is no pattern, a dataset's is: both readings hold what they lead to.
                if not _GLOB_CHARACTERS.isdisjoint("".join(pattern[: max(0, len(base) + 1 - len(asked))])):
                    asked_for = [*map(glob.escape, asked), *pattern]
                    found |= {name for name in self._owners if _matches([*base, prefix + name], asked_for, above)}
        return frozenset(found)

    def _below(self, base: list[str], prefix: str, asked: list[str], above: bool) -> set[str]:
        if len(asked) <= len(base):
            return set(self._owners) if above and asked == base[: len(asked)] else set()
        if asked[: len(base)] != base or not asked[len(base)].startswith(prefix):
            return set()
        return {asked[len(base)][len(prefix) :]} & self._owners


def _matches(folder: list[str], asked: list[str], above: bool) -> bool:
    for index, part in enumerate(folder):
        if index >= len(asked):
            return above
        if asked[index] == "**":
            return True
        if not fnmatch.fnmatchcase(part, asked[index]):
            return False
    return True


def _parts(path: str) -> list[str]:
    return [part for part in path.replace(os.sep, "/").split("/") if part not in ("", ".")]
