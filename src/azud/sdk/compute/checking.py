"""Checks that the configurations of many kinds of compute targets share, all with `ComputeTargetException`."""

from __future__ import annotations

import os
from typing import Any, Optional

from azud.sdk.exceptions import ComputeTargetException


def whole(value: Any, name: str, lowest: int = 0) -> int:
    """Return a whole number; texts of digits are taken, because counts often come from the environment.

    Raises:
        ComputeTargetException: It is none, or below `lowest`.
    """
    text = str(value).strip()
    if isinstance(value, bool) or not isinstance(value, (int, str)) or not text.isdigit() or int(text) < lowest:
        raise ComputeTargetException(f"{name} is {value!r}: give a whole number, {lowest} or more")
    return int(text)


def one_of(value: Any, name: str, *allowed: str) -> str:
    """Return the allowed text that equals a value in whatever case.

    Raises:
        ComputeTargetException: None does.
    """
    for text in allowed:
        if isinstance(value, str) and value.lower() == text.lower():
            return text
    raise ComputeTargetException(f"{name} is {value!r}: use {' or '.join(repr(text) for text in allowed)}")


def all_or_none(**values: Any) -> bool:
    """Return whether settings that belong together are given.

    Raises:
        ComputeTargetException: Some of them are, others are not.
    """
    missing = [name for name, value in values.items() if not value]
    if missing and len(missing) < len(values):
        given = ", ".join(name for name in values if name not in missing)
        raise ComputeTargetException(f"{given} without {', '.join(missing)}: give all of them or none")
    return not missing


def needed(**values: Any) -> None:
    """Check that settings are texts that are not empty.

    Raises:
        ComputeTargetException: One is missing.
    """
    for name, value in values.items():
        if not isinstance(value, str) or not value.strip():
            what = (
                "empty" if isinstance(value, str) else f"of type {type(value).__name__}"
            )  # not shown: it may be a secret
            raise ComputeTargetException(f"{name} is {what}: give a text")


def resource(resource_id: Optional[str], **parts: Any) -> None:
    """Check that an Azure resource is named: by its id, or by all of its parts; by both if they agree.

    Args:
        resource_id: As Azure writes it.
        **parts: The resource group and the resource's own name, by the names of their parameters.

    Raises:
        ComputeTargetException: It is not, or id and parts name different things.
    """
    names = ", ".join(parts)
    if not resource_id:
        if not all_or_none(**parts):
            raise ComputeTargetException(f"nothing says which resource to attach: give resource_id, or {names}")
        return
    needed(resource_id=resource_id)
    inside = [part.lower() for part in resource_id.split("/")]
    for name, value in parts.items():
        if value and str(value).lower() not in inside:
            raise ComputeTargetException(f"{name} is {value!r}, which resource_id {resource_id!r} does not hold")


def port(value: Any) -> int:
    """Return the number of an SSH port.

    Raises:
        ComputeTargetException: There is no such port.
    """
    number = whole(value, "ssh_port", 1)
    if number > 65535:
        raise ComputeTargetException(f"ssh_port is {value!r}: give a number up to 65535")
    return number


def file(path: Optional[str], name: str) -> None:
    """Check that a file that is given is there.

    Raises:
        ComputeTargetException: It is not.
    """
    if path and not os.path.isfile(os.path.expanduser(path)):
        raise ComputeTargetException(f"{name} is {path!r}: there is no such file")
