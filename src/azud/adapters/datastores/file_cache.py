"""Files of other machines, kept here: each is brought once, and what was not used for longest goes first."""

from __future__ import annotations

import hashlib
import logging
import os
import shutil
import threading
import time
import uuid
from collections.abc import Callable, Iterator

from azud.core import durable
from azud.core.errors import StorageError
from azud.services.file_ports import FileStore, StoredFile

_log = logging.getLogger(__name__)
_PART = ".part"
IN_USE_S = 3600.0
"""What was asked for so lately is not removed: whoever asked may not have opened it yet."""
Read = Callable[[FileStore, StoredFile, int], Iterator[bytes]]


class FileCache:
    """Copies of files, by the store that they are in, their path and their mark. Thread-safe.

    A copy is `<root>/<2 hex>/<62 hex>/<the file's own name>`, read-only, with the moment of the file's last change as
    its own: one that says something else was written to by a job, and is brought again.

    Args:
        root: Folder of the cache.
        most_bytes: What it may hold; exceeded only by what was used within the last hour.
        read: Brings a file's bytes from an offset.
    """

    def __init__(self, root: str, most_bytes: int, read: Read) -> None:
        self._root = root
        self._most_bytes = most_bytes
        self._read = read
        self._lock = threading.Lock()
        self._busy: dict[str, threading.Lock] = {}
        self._held_bytes: int | None = None

    def bring(self, store: FileStore, file: StoredFile, told: Callable[[int], None]) -> str:
        """Return the local path of a file's copy, which is made if there is none.

        Args:
            store: Where the file is.
            file: As the store described it.
            told: Called with the number of bytes whenever some have come, or were there.

        Raises:
            StorageError: The disk is full, or the store is away.
            ConflictError: The file is another one by now.
        """
        # A file without a mark may change unnoticed, so a copy of it is nobody else's.
        mark = file.mark or uuid.uuid4().hex
        key = hashlib.sha256("\0".join((store.identity, file.path, mark, str(file.size_bytes))).encode()).hexdigest()
        place = os.path.join(self._root, key[:2], key[2:], _leaf(file.path))
        with self._only_one(key):
            if _is_sound(place, file):
                os.utime(os.path.dirname(place))
                told(file.size_bytes)
                return place
            try:
                self._bring(store, file, place, told)
            except OSError as error:
                raise StorageError(
                    f"{file.path!r} cannot be kept in {self._root}: {error.strerror}", hint="is the disk full?"
                ) from error
        self._added(file.size_bytes)
        return place

    def add(self, leaf: str, make: Callable[[str], None]) -> str:
        """Return the local path of a new file that is nowhere else, such as the rows of a query.

        Args:
            leaf: Its own name.
            make: Writes it to the path that it gets; what it raises goes to the caller, and nothing is kept.
        """
        key = hashlib.sha256(uuid.uuid4().bytes).hexdigest()
        folder = os.path.join(self._root, key[:2], key[2:])
        partial, place = os.path.join(folder, _PART), os.path.join(folder, leaf)
        os.makedirs(folder, mode=0o700)
        try:
            make(partial)
            os.chmod(partial, 0o444)
            durable.rename(partial, place, point="cache.keep", sync=False)
        except BaseException:
            shutil.rmtree(folder, ignore_errors=True)
            raise
        self._added(os.path.getsize(place))
        return place

    def _bring(self, store: FileStore, file: StoredFile, place: str, told: Callable[[int], None]) -> None:
        os.makedirs(os.path.dirname(place), mode=0o700, exist_ok=True)
        partial = os.path.join(os.path.dirname(place), _PART)
        # Of the same mark, so what an earlier server got of it is its beginning.
        with open(partial, "ab") as stream:
            have = stream.tell()
            if have > file.size_bytes:
                stream.truncate(0)
                have = 0
            told(have)
            for chunk in self._read(store, file, have):
                stream.write(chunk)
                told(len(chunk))
        os.chmod(partial, 0o444)
        os.utime(partial, ns=(time.time_ns(), _changed_ns(file)))
        durable.rename(partial, place, point="cache.keep", sync=False)

    def _only_one(self, key: str) -> threading.Lock:
        with self._lock:
            if len(self._busy) > 10_000:
                self._busy = {name: lock for name, lock in self._busy.items() if lock.locked()}
            return self._busy.setdefault(key, threading.Lock())

    def _added(self, size_bytes: int) -> None:
        with self._lock:
            if self._held_bytes is None:
                self._held_bytes = sum(size for _used, size, _folder in self._kept())
            else:
                self._held_bytes += size_bytes
            if self._held_bytes <= self._most_bytes:
                return
            self._held_bytes = self._make_room()

    def _make_room(self) -> int:
        """Remove what was not used for longest until a tenth is free; return the bytes that are left."""
        kept = sorted(self._kept())
        held = sum(size for _used, size, _folder in kept)
        now = time.time()
        for used, size, folder in kept:
            if held <= self._most_bytes * 0.9 or now - used < IN_USE_S:
                break
            shutil.rmtree(folder, ignore_errors=True)
            held -= size
        return held

    def _kept(self) -> Iterator[tuple[float, int, str]]:
        for shelf in _scan(self._root):
            for folder in _scan(shelf):
                try:
                    size = sum(entry.stat().st_size for entry in os.scandir(folder))
                    yield os.stat(folder).st_mtime, size, folder
                except FileNotFoundError:  # removed by hand
                    continue


def _scan(folder: str) -> list[str]:
    try:
        return [entry.path for entry in os.scandir(folder) if entry.is_dir(follow_symlinks=False)]
    except FileNotFoundError:
        return []


def _is_sound(place: str, file: StoredFile) -> bool:
    try:
        status = os.stat(place)
    except FileNotFoundError:
        return False
    if status.st_size == file.size_bytes and status.st_mtime_ns == _changed_ns(file):
        return True
    _log.warning("%s was written to and is brought again", place)
    os.unlink(place)
    return False


def _changed_ns(file: StoredFile) -> int:
    return int((file.modified_at_s or 0) * 1_000_000) * 1000


def _leaf(path: str) -> str:
    """Return the file's own name, which people and libraries know its format by; another if a disk cannot have it."""
    leaf = path.partition("?")[0].rpartition("/")[2] if "://" in path else path.rpartition("/")[2]
    return leaf if 0 < len(leaf.encode()) <= 250 and leaf != _PART and leaf.isprintable() else "file"
