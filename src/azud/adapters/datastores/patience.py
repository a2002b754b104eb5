"""Trying again what a store refused for the moment."""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Iterator
from typing import TypeVar

from azud.core.errors import AzudError
from azud.services.file_ports import FileStore, StoredFile

T = TypeVar("T")
TRIES = 6
FIRST_WAIT_S, LONGEST_WAIT_S = 0.25, 8.0


def patiently(call: Callable[[], T]) -> T:
    """Return what a call returns, made again a few times, with growing waits, while it says that this may help.

    Raises:
        AzudError: Of the last try.
    """
    for number in range(1, TRIES):
        try:
            return call()
        except AzudError as error:
            if not error.retryable:
                raise
        wait(number)
    return call()


def _nothing() -> None:
    """Nobody wants to hear of troubles that pass."""


def read_on(
    store: FileStore, file: StoredFile, offset: int = 0, on_trouble: Callable[[], object] = _nothing
) -> Iterator[bytes]:
    """Yield a file's bytes; where a connection was cut, it goes on from there.

    Args:
        store: Where the file is.
        file: As the store described it.
        offset: Where to begin.
        on_trouble: Called before each further try.

    Raises:
        AzudError: Nothing came in several tries, or it would not help.
    """
    failures = 0
    while True:
        try:
            for chunk in store.read(file, offset):
                offset += len(chunk)
                failures = 0
                yield chunk
            return
        except AzudError as error:
            failures += 1
            if not error.retryable or failures >= TRIES:
                raise
        wait(failures)
        on_trouble()


def wait(number: int) -> None:
    """Wait before the try after the `number`-th failure, not in step with others who failed at the same moment."""
    time.sleep(min(LONGEST_WAIT_S, FIRST_WAIT_S * 2 ** (number - 1)) * random.uniform(0.5, 1))  # noqa: S311 - no secret
