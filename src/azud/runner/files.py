"""Copying, listing and removing files on this machine."""

from __future__ import annotations

import errno
import os
import shutil
import stat
from collections.abc import Iterator

from azud.core.digests import digest_value
from azud.core.errors import StorageError

_COPY_BYTES = 1 << 30
_READ_BYTES = 1 << 20
# What copy_file_range says where it cannot help: another file system, an old kernel, a special one.
_NO_KERNEL_COPY = (errno.EXDEV, errno.EINVAL, errno.ENOSYS, errno.EOPNOTSUPP, errno.EPERM, errno.EBADF)


def copy_file(source: str, target: str, *, mode: int = 0o644) -> int:
    """Copy a file's bytes to a new file of its own, sharing blocks where the file system can.

    Returns:
        The number of bytes.

    Raises:
        OSError: The source cannot be read, the target exists, or the disk is full.
    """
    reader = os.open(source, os.O_RDONLY | os.O_CLOEXEC)
    try:
        writer = os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, mode)
        try:
            return _copy_bytes(reader, writer)
        finally:
            os.close(writer)
    finally:
        os.close(reader)


def _copy_bytes(reader: int, writer: int) -> int:
    if os.fstat(reader).st_size < _READ_BYTES:
        return _copy_by_hand(reader, writer)  # quicker than to ask the kernel for a copy of so little
    total = 0
    try:
        while copied := os.copy_file_range(reader, writer, _COPY_BYTES):
            total += copied
        if total:
            return total
    except (AttributeError, OSError) as error:
        if total or (isinstance(error, OSError) and error.errno not in _NO_KERNEL_COPY):
            raise
    return _copy_by_hand(reader, writer)


def _copy_by_hand(reader: int, writer: int) -> int:
    total = 0
    while chunk := os.read(reader, _READ_BYTES):
        view = memoryview(chunk)
        while view:
            view = view[os.write(writer, view) :]
        total += len(chunk)
    return total


def copy_tree(source: str, target: str) -> None:
    """Copy a file or folder to a path that does not exist, following links, into files that we may write.

    Raises:
        StorageError: A link leads round in a circle, or something is no file or folder.
        OSError: Something cannot be read or written.
    """
    _copy_entry(source, target, frozenset())


def _copy_entry(source: str, target: str, above: frozenset[tuple[int, int]]) -> None:
    info = os.stat(source)
    if stat.S_ISREG(info.st_mode):
        copy_file(source, target, mode=0o644 | (info.st_mode & 0o111))
        return
    if not stat.S_ISDIR(info.st_mode):
        raise StorageError(f"{source} is neither a file nor a folder", hint="remove it from the data")
    own = (info.st_dev, info.st_ino)
    if own in above:
        raise StorageError(f"{source} is a link to a folder above it", hint="remove the link from the data")
    os.mkdir(target)
    for name in os.listdir(source):
        _copy_entry(os.path.join(source, name), os.path.join(target, name), above | {own})


def walk(root: str) -> Iterator[tuple[str, os.stat_result]]:
    """Yield `(relative path, lstat)` of everything below a folder, sorted, folders before their content.

    Raises:
        OSError: A folder cannot be read.
    """
    pending = [""]
    while pending:
        folder = pending.pop()
        with os.scandir(os.path.join(root, folder)) as entries:
            found = sorted((entry.name, entry.stat(follow_symlinks=False)) for entry in entries)
        below = []
        for name, info in found:
            path = f"{folder}/{name}" if folder else name
            yield path, info
            if stat.S_ISDIR(info.st_mode):
                below.append(path)
        pending.extend(reversed(below))


def state_of(path: str) -> str:
    """Return a digest that changes when anything at or below a path is changed, by what `stat` says.

    Content is not read: inode, size, mtime and ctime are compared, of links and of what they lead to. A path that is
    missing has a state, too.
    """
    rows: list[list[object]] = []
    seen: set[tuple[int, int]] = set()
    pending = [path]
    try:
        while pending:
            _add_states(rows, pending.pop(), seen, pending)
    except OSError as error:
        rows.append([type(error).__name__, error.errno])
    return digest_value(rows)


def _add_states(rows: list[list[object]], path: str, seen: set[tuple[int, int]], pending: list[str]) -> None:
    """Add a path and what lies below it; folders that links lead to are left in `pending`."""
    info = os.stat(path)
    _add_state(rows, "", info)
    if not stat.S_ISDIR(info.st_mode) or (info.st_dev, info.st_ino) in seen:
        return
    seen.add((info.st_dev, info.st_ino))
    for relative, below in walk(path):
        name = os.fsencode(relative).hex()
        _add_state(rows, name, below)
        if stat.S_ISLNK(below.st_mode):
            place = os.path.join(path, relative)
            if os.path.isdir(place):
                pending.append(place)
            elif os.path.exists(place):
                _add_state(rows, name, os.stat(place))


def _add_state(rows: list[list[object]], name: str, info: os.stat_result) -> None:
    if stat.S_ISDIR(info.st_mode):
        rows.append([name, info.st_ino])  # names below are rows of their own
    else:
        rows.append([name, info.st_ino, info.st_size, info.st_mtime_ns, info.st_ctime_ns])


def size_below(root: str) -> int:
    """Return the bytes of all regular files below a folder, each once however many names it has."""
    if not os.path.isdir(root):
        return 0
    return sum({info.st_ino: info.st_size for _path, info in walk(root) if stat.S_ISREG(info.st_mode)}.values())


def remove(path: str) -> None:
    """Remove a file or a whole folder, if it is there; links are removed, never followed.

    Raises:
        OSError: Something cannot be removed.
    """
    try:
        os.rmdir(path)  # most folders of an attempt are empty by now, and this is a tenth of `rmtree`
    except FileNotFoundError:
        return
    except NotADirectoryError:  # a file, or a link
        os.unlink(path)
    except OSError:
        shutil.rmtree(path, onerror=_make_removable)


def _make_removable(function: object, path: str, info: object) -> None:
    """Open a folder that a job closed to itself, then try once more."""
    parent = os.path.dirname(path)
    os.chmod(parent, 0o700)
    if os.path.isdir(path) and not os.path.islink(path):
        os.chmod(path, 0o700)
        shutil.rmtree(path)
    elif os.path.lexists(path):
        os.unlink(path)
