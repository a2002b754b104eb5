"""Digests of files with a stat cache, and the files below a folder."""

from __future__ import annotations

import os
import stat
import threading
import time
from collections.abc import Iterator

from azud.core.digests import digest_file
from azud.core.errors import StorageError

# A file whose ctime is younger than this when its hashing starts may change again within one tick of the
# file system's clock.
_RACY_NS = 50_000_000
_CACHE_LIMIT = 200_000


class FileDigests:
    """Digests of files, remembered as long as `stat` says the same. Thread-safe."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._known: dict[str, tuple[tuple[int, int, int, int], str]] = {}

    def digest(self, path: str, status: os.stat_result | None = None) -> tuple[str, int]:
        """Return a file's digest and size in bytes.

        Raises:
            StorageError: The file cannot be read.
        """
        try:
            status = status or os.stat(path)
            mark = (status.st_ino, status.st_size, status.st_mtime_ns, status.st_ctime_ns)
            with self._lock:
                known = self._known.get(path)
            if known is not None and known[0] == mark:
                return known[1], status.st_size
            started_ns = time.time_ns()
            digest = digest_file(path)
        except OSError as error:
            raise StorageError(
                f"{path} cannot be read: {error.strerror}", hint="check that the file is there and readable"
            ) from error
        if started_ns - status.st_ctime_ns > _RACY_NS:
            with self._lock:
                if len(self._known) >= _CACHE_LIMIT:
                    self._known.clear()
                self._known[path] = (mark, digest)
        return digest, status.st_size


def walk(folder: str) -> Iterator[tuple[str, os.stat_result]]:
    """Yield the files below a folder as `(relative path, status)`, links followed, in no particular order."""
    stack = [""]
    while stack:
        below = stack.pop()
        with os.scandir(os.path.join(folder, below) if below else folder) as entries:
            for entry in entries:
                relative = f"{below}/{entry.name}" if below else entry.name
                if entry.is_dir(follow_symlinks=False):
                    stack.append(relative)
                    continue
                status = entry.stat()
                if stat.S_ISDIR(status.st_mode):
                    stack.append(relative)
                else:
                    yield relative, status
