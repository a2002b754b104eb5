"""Many files at once between stores and this machine."""

from __future__ import annotations

import concurrent.futures
import logging
import os
import shutil
import threading
from collections.abc import Callable, Iterator, Sequence
from typing import TypeVar

from azud.adapters.datastores.digests import walk
from azud.adapters.datastores.file_cache import FileCache
from azud.adapters.datastores.local import LocalData
from azud.adapters.datastores.patience import patiently
from azud.core.errors import AzudError, StorageError
from azud.model.data import DatastoreRecord
from azud.services.file_ports import FileStore, Progress, Report, StoredFile

_log = logging.getLogger(__name__)
AT_ONCE = 16
"""So many files at once, of all transfers together: a store far away answers late, but it answers many."""
LARGE_BYTES, LARGE_AT_ONCE = 16 << 20, 4
"""Of larger files fewer: each keeps some of its bytes in memory."""
T = TypeVar("T")
R = TypeVar("R")


class Transfers:
    """Brings and sends files on threads of its own.

    Args:
        cache: Keeps what was brought.
    """

    def __init__(self, cache: FileCache) -> None:
        self._cache = cache
        self._pool = concurrent.futures.ThreadPoolExecutor(AT_ONCE, thread_name_prefix="transfer")
        self._large = threading.Semaphore(LARGE_AT_ONCE)

    def close(self) -> None:
        """Begin nothing more."""
        self._pool.shutdown(wait=False, cancel_futures=True)

    def fetch(self, wanted: Sequence[tuple[FileStore, StoredFile]], report: Report) -> list[str]:
        """Return the local path of each file.

        Raises:
            AzudError: Of the first that could not be brought; the others are not begun any more.
        """
        meter = Meter(report, len(wanted), sum(file.size_bytes for _, file in wanted))

        def bring(item: tuple[FileStore, StoredFile]) -> str:
            store, file = item
            with self._room(file.size_bytes):
                place = self._cache.bring(store, file, meter.came)
            meter.ended()
            return place

        return self._all(bring, wanted)

    def send(self, source: str, store: FileStore, path: str, report: Report, *, own: bool) -> None:
        """Write a local file, or all files below a local folder, to a path; see `DataFiles.send`.

        Raises:
            AzudError: A file could not be written.
        """
        if os.path.isdir(source):
            files = [(os.path.join(source, name), f"{path}/{name}", info.st_size) for name, info in walk(source)]
            names = {name for _, name, _ in files}
            for old in patiently(lambda: list(store.files(path))) if own else ():
                if old.path not in names:
                    store.remove(old.path)
        else:
            files = [(source, path, os.path.getsize(source))]
        meter = Meter(report, len(files), sum(size for _, _, size in files))

        def write(item: tuple[str, str, int]) -> None:
            local, name, size = item
            with self._room(size):
                patiently(lambda: store.write(name, local))
            meter.came(size)
            meter.ended()

        try:
            self._all(write, files)
        except BaseException:
            if own:  # nobody shall find half of it
                _remove_all(store, [name for _, name, _ in files])
            raise

    def _room(self, size_bytes: int) -> threading.Semaphore | _Always:
        return self._large if size_bytes > LARGE_BYTES else _Always()

    def _all(self, work: Callable[[T], R], items: Sequence[T]) -> list[R]:
        """Return what `work` makes of each item, in order."""
        futures = [self._pool.submit(work, item) for item in items]
        try:
            return [future.result() for future in futures]
        except BaseException:
            for future in futures:
                future.cancel()
            concurrent.futures.wait(futures)  # who asked may remove what the others still write
            raise


def _remove_all(store: FileStore, names: Sequence[str]) -> None:
    """Remove files as far as the store lets us: it may be what has gone away."""
    for name in names:
        try:
            store.remove(name)
        except AzudError as error:
            _log.warning("%s stays on its store: %s", name, error)
            return


class _Always:
    def __enter__(self) -> None:
        """Let everybody in."""

    def __exit__(self, *details: object) -> None:
        """Nothing was taken."""


class Meter:
    """Counts what has come and reports it. Thread-safe."""

    def __init__(self, report: Report, files: int, size_bytes: int) -> None:
        self._report = report
        self._totals = (files, size_bytes)
        self._files = self._bytes = 0
        self._lock = threading.Lock()

    def came(self, size_bytes: int) -> None:
        """So many more bytes are there."""
        with self._lock:
            self._bytes += size_bytes
        self._tell()

    def ended(self) -> None:
        """One more file is whole."""
        with self._lock:
            self._files += 1
        self._tell()

    def _tell(self) -> None:
        self._report(Progress(self._files, self._bytes, *self._totals))


def local_files(local: LocalData, datastore: DatastoreRecord, prefix: str) -> Iterator[StoredFile]:
    """Yield the files of a local datastore whose path starts with a text, sorted."""
    prefix = prefix.lstrip("/")
    if prefix and os.path.isfile(local.locate(datastore, prefix)):
        status = os.stat(local.locate(datastore, prefix))
        yield StoredFile(prefix.strip("/"), status.st_size, _mark(status), status.st_mtime)
        return
    folder = prefix.rpartition("/")[0]
    place = local.locate(datastore, folder)
    if not os.path.isdir(place):
        return
    for name, status in sorted(walk(place)):
        path = f"{folder}/{name}" if folder else name
        if path.startswith(prefix):
            yield StoredFile(path, status.st_size, _mark(status), status.st_mtime)


def require_room(folder: str, size_bytes: int) -> None:
    """Check that a disk can take so many bytes.

    Raises:
        StorageError: It cannot.
    """
    free = shutil.disk_usage(folder).free
    if free < size_bytes:
        raise StorageError(
            f"{size_bytes} bytes are to be kept in {folder}, where {free} are free",
            hint="make room on that disk, or take a part of the data",
        )


def _mark(status: os.stat_result) -> str:
    return f"{status.st_size}-{status.st_mtime_ns}"
