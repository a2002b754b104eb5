"""Identifiers: unguessable, unique, readable in a log."""

from __future__ import annotations

import os
import re

from azud.core.errors import UserError

_EXPERIMENT_NAME = re.compile(r"^[A-Za-z0-9][A-Za-z0-9_-]{0,254}$")
_WORKSPACE_NAME = re.compile(r"^[A-Za-z0-9][A-Za-z0-9_-]{2,32}$")
_SAFE_ID = re.compile(r"^[A-Za-z0-9][A-Za-z0-9_.-]{0,127}$")


def new_uuid() -> str:
    """Return a random UUID (version 4) as text; run ids have this form in Azure ML v1."""
    raw = bytearray(os.urandom(16))
    raw[6] = (raw[6] & 0x0F) | 0x40
    raw[8] = (raw[8] & 0x3F) | 0x80
    text = raw.hex()
    return f"{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:]}"


def new_token() -> str:
    """Return 256 random bits as 64 hexadecimal characters."""
    return os.urandom(32).hex()


def attempt_id(step_run_id: str, number: int) -> str:
    """Return the id of a step run's `number`-th attempt, counted from 1."""
    return f"{step_run_id}-{number}"


def step_run_of(attempt: str) -> str:
    """Return the id of the step run that this attempt belongs to."""
    return attempt.rpartition("-")[0]


def attempt_number(attempt: str) -> int:
    """Return which of its step run's attempts this id names."""
    return int(attempt.rpartition("-")[2])


def check_experiment_name(name: str) -> str:
    """Return the name if v1 accepts it as an experiment's.

    Raises:
        UserError: Not 1–255 letters, digits, `_` or `-`, starting with a letter or digit.
    """
    if not isinstance(name, str) or not _EXPERIMENT_NAME.match(name):
        raise UserError(
            f"experiment name {name!r} is not valid",
            hint="use 1 to 255 letters, digits, '_' or '-', and start with a letter or digit",
        )
    return name


def check_workspace_name(name: str) -> str:
    """Return the name if v1 accepts it as a workspace's.

    Raises:
        UserError: Not 3–33 letters, digits, `_` or `-`, starting with a letter or digit.
    """
    if not isinstance(name, str) or not _WORKSPACE_NAME.match(name):
        raise UserError(
            f"workspace name {name!r} is not valid",
            hint="use 3 to 33 letters, digits, '_' or '-', and start with a letter or digit",
        )
    return name


def is_safe_id(text: str) -> bool:
    """Return whether the text can be one component of a path or address."""
    return bool(_SAFE_ID.match(text)) and ".." not in text
