"""Safe paths: one way to join a user's relative path to a root, by components, never by string tests.

Source: the classes "path traversal" and "containment by prefix" of advisories in this field. A path
is decoded nowhere here; callers hand over text that is decoded exactly once.
"""

from __future__ import annotations

import os

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
    parts = split_relative(path)
    base = os.path.realpath(root)
    target = os.path.realpath(os.path.join(base, *parts)) if parts else base
    if not is_within(base, target):
        raise UserError(f"path {path!r} leads outside of its root", hint="a symbolic link points out of the folder")
    return target


def is_within(root: str, path: str) -> bool:
    """Return whether absolute `path` is `root` or lies below it, by components."""
    if root == path:
        return True
    prefix = root if root.endswith(os.sep) else root + os.sep
    return path.startswith(prefix)
