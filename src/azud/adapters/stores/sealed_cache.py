"""Sealed outputs, remembered by the step run that made them: they are written once and never change."""

from __future__ import annotations

import collections
import threading
from collections.abc import Mapping, Sequence

from azud.model.jobs import SealedOutput

MOST_REMEMBERED = 10_000
"""So many outputs and files of theirs are remembered; the step runs that were not asked for longest go first."""


class SealedCache:
    """Outputs of step runs whose rows exist: who asks has just read that they do. Thread-safe."""

    def __init__(self, most: int = MOST_REMEMBERED) -> None:
        self._most = most
        self._lock = threading.Lock()
        self._known: collections.OrderedDict[str, tuple[SealedOutput, ...]] = collections.OrderedDict()
        self._size = 0

    def get(self, step_runs: Sequence[str]) -> dict[str, tuple[SealedOutput, ...]]:
        """Return the outputs of those step runs that are remembered."""
        with self._lock:
            found = {name: self._known[name] for name in step_runs if name in self._known}
            for name in found:
                self._known.move_to_end(name)
        return found

    def put(self, found: Mapping[str, tuple[SealedOutput, ...]]) -> None:
        """Remember the outputs of step runs."""
        with self._lock:
            for name, outputs in found.items():
                if name not in self._known:
                    self._known[name] = outputs
                    self._size += _size(outputs)
            while self._size > self._most:
                self._size -= _size(self._known.popitem(last=False)[1])


def _size(outputs: tuple[SealedOutput, ...]) -> int:
    return 1 + sum(len(output.files) + 1 for output in outputs)
