"""Digests of files and folders with a stat cache, and the files below a folder."""

from __future__ import annotations

import dataclasses
import hashlib
import os
import stat
import time
from collections.abc import Iterator, Sequence

from azud.adapters.datastores.digest_cache import DigestCache, Row, place_of
from azud.core.digests import digest_descriptor, digest_tree
from azud.core.errors import StorageError
from azud.core.paths import is_within
from azud.core.writers import has_writer

# A file whose ctime is younger than this when it is looked at may change again within one tick of its file system's
# clock, which is two seconds long on the coarsest.
RACY_NS = 2_000_000_000
_TRIES = 3

Entry = tuple[str, str, int]
"""A file's name below an input's folder, its digest, and its size in bytes."""


@dataclasses.dataclass(frozen=True)
class Tree:
    """What files are together.

    `entries` are the files, in no particular order; None if `stat` says of each what it said when `digest` was made.
    """

    digest: str
    entries: tuple[Entry, ...] | None


class FileDigests:
    """Digests of files, remembered as long as `stat` says the same. Thread-safe.

    A file's mark is its inode, size, mtime and ctime. It is trusted only if the file was at rest when it was read:
    its ctime older than the clock's grain, the same mark before and after, and nobody who may write to it.

    Args:
        cache: Where digests are remembered; in memory by default.
    """

    def __init__(self, cache: DigestCache | None = None) -> None:
        self._cache = cache or DigestCache()

    def digest(self, path: str) -> tuple[str, int]:
        """Return a file's digest and size in bytes.

        Raises:
            StorageError: It cannot be read, is no regular file, or does not stop changing.
        """
        folder, name = os.path.split(path)
        try:
            status = os.stat(path)
            known = self._cache.file(folder, name)
            if known is not None and known[0] == _mark(status):
                return known[1], status.st_size
            read = _read(path)
        except OSError as error:
            raise _unreadable(path, error) from error
        if read.at_rest:
            self._cache.put(folder, {name: (read.mark, read.digest)}, read.size_bytes)
        return read.digest, read.size_bytes

    def tree(self, places: Sequence[tuple[str, str]]) -> Tree:
        """Return what files and folders are together.

        Args:
            places: Absolute paths, and the name that each has below the input's folder.

        Raises:
            StorageError: Something cannot be read, is neither a file nor a folder, or does not stop changing.
        """
        started_ns = time.time_ns()
        look = _Look(places)
        place, state = place_of(places), look.state()
        known = self._cache.tree(place)
        if known is not None and known[0] == state:
            return Tree(known[1], None)
        entries = tuple(self._entries(look))
        digest = digest_tree(entries)
        # What was read is what was looked at, and nothing of it may still change within a tick.
        if len(entries) > 1 and look.is_confirmed and started_ns - look.newest_ns > RACY_NS:
            self._cache.put_tree(place, state, digest)
        return Tree(digest, entries)

    def entries(self, places: Sequence[tuple[str, str]]) -> tuple[Entry, ...]:
        """Return the files of a tree, in no particular order.

        Raises:
            StorageError: As for `tree`.
        """
        return tuple(self._entries(_Look(places)))

    def close(self) -> None:
        """Keep what is known for the next server."""
        self._cache.close()

    def _entries(self, look: _Look) -> Iterator[Entry]:
        for folder in look.folders:
            known = self._known(folder)
            fresh: dict[str, Row] = {}
            read_bytes = 0
            for row in folder.rows:
                mark, name, size_bytes = _parsed(row)
                shown = folder.shown or folder.prefix + name
                found = known.get(name)
                if found is not None and found[0] == mark:
                    yield shown, found[1], size_bytes
                    continue
                path = os.path.join(folder.path, name)
                try:
                    read = _read(path)
                except OSError as error:
                    raise _unreadable(path, error) from error
                look.is_confirmed = look.is_confirmed and read.mark == mark
                if read.at_rest:
                    fresh[name] = (read.mark, read.digest)
                    read_bytes += read.size_bytes
                yield shown, read.digest, read.size_bytes
            if fresh:
                self._cache.put(folder.path, fresh, read_bytes)

    def _known(self, folder: _Folder) -> dict[str, Row]:
        if folder.shown is None:
            return self._cache.folder(folder.path)
        name = _parsed(folder.rows[0])[1]
        found = self._cache.file(folder.path, name)
        return {} if found is None else {name: found}


@dataclasses.dataclass(frozen=True)
class _Read:
    """A file that was read, and whether its mark vouches for what was read."""

    digest: str
    mark: str
    size_bytes: int
    at_rest: bool


def _read(path: str) -> _Read:
    """Read a file until it is the same before and after.

    Raises:
        OSError: It cannot be read.
        StorageError: It is no regular file, or does not stop changing.
    """
    descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK)
    try:
        for _ in range(_TRIES):
            started_ns = time.time_ns()
            before = os.fstat(descriptor)
            if not stat.S_ISREG(before.st_mode):
                raise _special(path)
            os.lseek(descriptor, 0, os.SEEK_SET)
            digest = digest_descriptor(descriptor, before.st_size)
            if _mark(os.fstat(descriptor)) == _mark(before):
                at_rest = started_ns - before.st_ctime_ns > RACY_NS and not has_writer(descriptor)
                return _Read(digest, _mark(before), before.st_size, at_rest)
    finally:
        os.close(descriptor)
    raise StorageError(f"{path} changes while it is read", hint="submit again when it is at rest")


@dataclasses.dataclass(frozen=True)
class _Folder:
    """Files of one folder as they were looked at.

    `rows` are a file's mark and its name in the folder, `prefix` comes before that name in the input. `shown` is the
    name of a lone file there.
    """

    path: str
    prefix: str
    rows: list[str]
    shown: str | None = None


class _Look:
    """One look at the files of a tree, without reading any."""

    def __init__(self, places: Sequence[tuple[str, str]]) -> None:
        self.newest_ns = 0
        self.is_confirmed = True
        self.folders: list[_Folder] = []
        for place, name in places:
            try:
                self._add(place, name)
            except OSError as error:
                raise _unreadable(error.filename or place, error) from error

    def state(self) -> str:
        """Return a digest that differs when a name, or what `stat` says of a file, does."""
        state = hashlib.sha256()
        for folder in self.folders:
            text = "\0".join((folder.shown or folder.prefix, *folder.rows, ""))
            state.update(text.encode("utf-8", "surrogateescape"))
        return state.hexdigest()

    def _add(self, place: str, name: str) -> None:
        status = os.stat(place)
        if not stat.S_ISDIR(status.st_mode):
            folder, own = os.path.split(place)
            # The script sees the path of the file itself, so its name is part of what it is given.
            self.folders.append(_Folder(folder, "", self._rows(place, [(own, status)]), name or own))
            return
        for below, entries in _scan(place):
            rows = self._rows(os.path.join(place, below), entries)
            if rows:
                self.folders.append(
                    _Folder(os.path.join(place, below).rstrip("/"), f"{name}/{below}/" if below else f"{name}/", rows)
                )

    def _rows(self, path: str, entries: Sequence[tuple[str, os.stat_result]]) -> list[str]:
        rows = []
        newest_ns, regular = self.newest_ns, stat.S_IFREG
        for name, status in entries:  # the loop that a look at many files consists of
            ctime_ns = status.st_ctime_ns
            newest_ns = max(newest_ns, ctime_ns)
            if status.st_mode & 0o170000 != regular:
                raise _special(os.path.join(path, name))
            rows.append(f"{status.st_ino} {status.st_size} {status.st_mtime_ns} {ctime_ns} {name}")
        self.newest_ns = newest_ns
        return rows


def _parsed(row: str) -> tuple[str, str, int]:
    """Return a row's mark, name, and size in bytes."""
    inode, size, mtime, ctime, name = row.split(" ", 4)
    return f"{inode} {size} {mtime} {ctime}", name, int(size)


def _mark(status: os.stat_result) -> str:
    return f"{status.st_ino} {status.st_size} {status.st_mtime_ns} {status.st_ctime_ns}"


def walk(folder: str) -> Iterator[tuple[str, os.stat_result]]:
    """Yield the files below a folder as `(relative path, status)`, links followed, in no particular order.

    Links to nothing are left out.

    Raises:
        OSError: A folder cannot be read.
        StorageError: A link leads to a folder above it.
    """
    for below, entries in _scan(folder):
        for name, status in entries:
            yield (f"{below}/{name}" if below else name), status


def _scan(root: str) -> Iterator[tuple[str, list[tuple[str, os.stat_result]]]]:
    """Yield each folder's path below the root and its files."""
    stack = [""]
    while stack:
        below = stack.pop()
        found = []
        with os.scandir(os.path.join(root, below) if below else root) as entries:
            for entry in entries:
                if entry.is_dir(follow_symlinks=False):
                    stack.append(f"{below}/{entry.name}" if below else entry.name)
                    continue
                try:
                    status = entry.stat()
                except FileNotFoundError:  # a link to nothing
                    continue
                if stat.S_ISDIR(status.st_mode):
                    _refuse_circle(entry.path)
                    stack.append(f"{below}/{entry.name}" if below else entry.name)
                else:
                    found.append((entry.name, status))
        yield below, found


def _refuse_circle(link: str) -> None:
    """Raise StorageError for a link that leads to a folder in which it lies."""
    if is_within(os.path.realpath(link), os.path.realpath(os.path.dirname(link))):
        raise StorageError(f"{link} is a link to a folder above it", hint="remove the link from the data")


def _special(path: str) -> StorageError:
    return StorageError(f"{path} is neither a file nor a folder", hint="remove it from the data")


def _unreadable(path: str, error: OSError) -> StorageError:
    return StorageError(f"{path} cannot be read: {error.strerror}", hint="check that the file is there and readable")
