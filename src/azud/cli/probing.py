"""Asking a person's Python something, in a process of its own."""

from __future__ import annotations

import os
import subprocess
from typing import NamedTuple

from azud.core import durable


class Answer(NamedTuple):
    """What an interpreter answered: its exit code, and what it wrote to standard output and error."""

    code: int
    output: bytes
    complaint: bytes


def ask(interpreter: str, program: str, *, timeout_s: float, point: str) -> Answer:
    """Run a short program in an interpreter, which is ended if it does not answer in time.

    Raises:
        OSError: It cannot be started.
        subprocess.TimeoutExpired: It did not answer within `timeout_s` seconds.
    """
    child = durable.spawn(
        [interpreter, "-c", program],
        env=dict(os.environ),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        point=point,
    )
    try:
        output, complaint = child.communicate(timeout=timeout_s)
    except subprocess.TimeoutExpired:
        child.kill()
        child.communicate()
        raise
    return Answer(child.returncode, output, complaint)
