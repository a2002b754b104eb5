"""Safe paths: one way to join a user's relative path to a root, by components, never by string tests.

Source: the classes "path traversal" and "containment by prefix" of advisories in this field. A path
is decoded nowhere here; callers hand over text that is decoded exactly once.
"""

from __future__ import annotations

import os
import stat

from azud.core.errors import UserError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import List


def split_relative(path: str) -> List[str]:
    """Return the components of a relative path with forward slashes.

    Leading slashes, `.` components and doubled slashes are dropped, as v1's datastore paths do.

    Raises:
        UserError: A `..` component, a backslash, a NUL or another control character.
    """
    if any(ord(char) < 32 for char in path) or "\\" in path:
        raise UserError(
            f"path {path!r} holds a control character or a backslash",
            hint="use forward slashes and printable characters",
        )
    parts = [part for part in path.split("/") if part not in ("", ".")]
    if ".." in parts:
        raise UserError(f"path {path!r} leaves its root", hint="paths on a datastore or in a run hold no '..'")
    return parts


def clean_relative(path: str) -> str:
    """Return the path in its one normal form (`a/b`), or "" for the root.

    Raises:
        UserError: As `split_relative`.
    """
    return "/".join(split_relative(path))


def safe_join(root: str, path: str) -> str:
    """Return the absolute path of `path` below `root`, links resolved and checked.

    The result need not exist. Every component that exists is resolved, so a symbolic link cannot lead
    out of the root.

    Raises:
        UserError: The path would lie outside the root.
    """
    return join_resolved(os.path.realpath(root), path)


def join_resolved(base: str, path: str) -> str:
    """As `safe_join`, below a root whose own links are resolved already (`os.path.realpath`).

    Raises:
        UserError: The path would lie outside the root.
    """
    place = base
    parts = split_relative(path)
    for index, part in enumerate(parts):
        place = os.path.join(place, part)
        try:
            mode = os.lstat(place).st_mode
        except OSError:  # not there, or not to be looked at: then nobody can get through it to elsewhere
            return os.path.join(place, *parts[index + 1 :])
        if stat.S_ISLNK(mode):
            return _through_links(base, path, os.path.join(base, *parts))
    return place


def _through_links(base: str, path: str, joined: str) -> str:
    target = os.path.realpath(joined)
    if not is_within(os.path.realpath(base), target):
        raise UserError(f"path {path!r} leads outside of its root", hint="a symbolic link points out of the folder")
    return target


def is_within(root: str, path: str) -> bool:
    """Return whether absolute `path` is `root` or lies below it, by components."""
    if root == path:
        return True
    prefix = root if root.endswith(os.sep) else root + os.sep
    return path.startswith(prefix)
