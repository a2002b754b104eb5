"""Assets are known by name: finding one, and names that can be one."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeVar

from azud.core.errors import NotFoundError, UserError
from azud.core.ids import is_safe_id

T = TypeVar("T")


def named(items: Sequence[T], name: str, what: str, name_of: Callable[[T], str]) -> T:
    """Return the item of this name.

    Raises:
        NotFoundError: There is none; the hint lists those that there are.
    """
    for item in items:
        if name_of(item) == name:
            return item
    known = ", ".join(sorted(name_of(item) for item in items)) or "none"
    raise NotFoundError(f"there is no {what} {name!r}", hint=f"known: {known}")


def check_name(name: str, what: str) -> None:
    """Check a name that is to be a part of addresses and paths.

    Raises:
        UserError: It cannot be one.
    """
    if not is_safe_id(name):
        raise UserError(f"{what} name {name!r} is not valid", hint="use letters, digits, '-', '_' and '.'")
