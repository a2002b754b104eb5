"""The files of inputs, remembered by the digest of what they are together."""

from __future__ import annotations

import collections
import threading
from collections.abc import Callable, Sequence

from azud.core.digests import digest_tree
from azud.core.errors import StorageError
from azud.engine.ports import ListedFile

MOST_LISTED = 20_000
"""Of inputs with more files it is not kept which files they were."""
MOST_REMEMBERED = 100_000
"""So many files are remembered, of all inputs together; the inputs that were not asked for longest go first."""


class Listings:
    """Lists of files. Thread-safe."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._known: collections.OrderedDict[str, tuple[ListedFile, ...] | None] = collections.OrderedDict()
        self._count = 0

    def put(self, digest: str, entries: Sequence[ListedFile]) -> None:
        """Remember the files of a tree; of one with too many, that it has too many."""
        files = None
        if len(entries) <= MOST_LISTED:
            files = tuple((name.lstrip("/"), file, size_bytes) for name, file, size_bytes in entries)
        with self._lock:
            if digest in self._known:
                return
            self._known[digest] = files
            self._count += len(files or ())
            while self._count > MOST_REMEMBERED:
                self._count -= len(self._known.popitem(last=False)[1] or ())

    def get(self, digest: str, look: Callable[[], Sequence[ListedFile]]) -> tuple[ListedFile, ...] | None:
        """Return the files of a tree; None if they are too many, or not what they were when the digest was made.

        Args:
            digest: Of the tree.
            look: Returns its files as they are now; asked if they are not remembered.
        """
        with self._lock:
            if digest in self._known:
                self._known.move_to_end(digest)
                return self._known[digest]
        try:
            entries = look()
        except StorageError:
            return None
        if digest_tree(entries) != digest:
            return None
        self.put(digest, entries)
        with self._lock:
            return self._known.get(digest)
