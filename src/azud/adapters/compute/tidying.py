"""Removes what completed attempts left, when nothing runs or too much of it has gathered."""

from __future__ import annotations

import collections
import json
import logging
import os
import threading
from collections.abc import Callable

from azud.job.attempt import Attempt
from azud.model.attempt_files import MANIFEST
from azud.runner.leftovers import FOLDERS, remove_leftovers

_log = logging.getLogger(__name__)
QUIET_S = 1.0
"""For how long nothing must have run: the next run of a series should not find us at work."""
MOST_WAITING = 2000


class Tidier:
    """A thread that removes leftovers at quiet times.

    Args:
        attempts: Folder of all attempt folders.
        is_busy: Whether any attempt runs, or a run is worked on.
    """

    def __init__(self, attempts: str, is_busy: Callable[[], bool]) -> None:
        self._attempts = attempts
        self._is_busy = is_busy
        self._waiting: collections.deque[str] = collections.deque()
        self._changed = threading.Condition()
        self._closing = False
        self._thread = threading.Thread(target=self._run, name="tidier", daemon=True)

    def open(self) -> None:
        """Begin, a little later with what an earlier server left."""
        self._thread.start()

    def close(self) -> None:
        """Stop after the folder that is being removed; the rest is found by the next server."""
        with self._changed:
            self._closing = True
            self._changed.notify()
        self._thread.join()

    def add(self, attempt_id: str) -> None:
        """Remove what this attempt left, some time."""
        with self._changed:
            self._waiting.append(attempt_id)
            if len(self._waiting) == 1 or self._is_too_much():
                self._changed.notify()

    def _run(self) -> None:
        with self._changed:
            self._changed.wait(QUIET_S)
        self._find_left_before()
        while self._wait():
            while self._waiting and not self._closing and (self._is_too_much() or not self._is_busy()):
                self._remove(self._waiting.popleft())

    def _wait(self) -> bool:
        """Wait for something to do and a time to do it; False when closing."""
        with self._changed:
            while not self._closing:
                if not self._waiting:
                    self._changed.wait()
                    continue
                was_busy = self._is_busy()
                if self._is_too_much():
                    return True
                self._changed.wait(QUIET_S)
                if not was_busy and not self._is_busy():
                    return True
        return False

    def _is_too_much(self) -> bool:
        return len(self._waiting) > MOST_WAITING

    def _find_left_before(self) -> None:
        try:
            names = os.listdir(self._attempts)
        except FileNotFoundError:
            return
        for name in names:
            folder = os.path.join(self._attempts, name)
            if any(os.path.isdir(os.path.join(folder, left)) for left in FOLDERS) and _is_completed(folder):
                self.add(name)

    def _remove(self, attempt_id: str) -> None:
        try:
            remove_leftovers(Attempt(os.path.join(self._attempts, attempt_id)))
        except OSError as error:
            _log.warning("attempt %s: what it left cannot be removed: %s", attempt_id, error)


def _is_completed(folder: str) -> bool:
    try:
        with open(os.path.join(folder, MANIFEST), "rb") as stream:
            manifest = json.load(stream)
    except (OSError, ValueError):
        return False
    return isinstance(manifest, dict) and manifest.get("outcome") == "completed"
