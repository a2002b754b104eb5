"""A tar file whose last member lists all others with their digests.

Only regular files and folders go in, and nothing else comes out. A file that has no list at its end is not complete.
"""

from __future__ import annotations

import contextlib
import hashlib
import io
import json
import os
import stat
import tarfile
import zlib
from collections.abc import Callable, Mapping
from typing import IO, Any

from azud.core import durable
from azud.core.errors import ConflictError, DigestMismatch, StorageError

FORMAT = 1
MANIFEST = "manifest.json"
_AT_ONCE_BYTES = 1 << 20
_PERMISSIONS = 0o755  # what others may write, or run with our rights, does not travel

Progress = Callable[[int], None]
"""Called with how many bytes were done since the last call."""


class ArchiveWriter:
    """Writes an archive; it appears under its name when it is complete.

    Args:
        path: Where; compressed if it ends in `.gz` or `.tgz`.
        progress: Told of the bytes that were read.

    Raises:
        ConflictError: The file exists.
        StorageError: It cannot be written.
    """

    def __init__(self, path: str, progress: Progress = lambda size: None) -> None:
        self.path = os.path.abspath(path)
        if os.path.lexists(self.path):
            raise ConflictError(f"{path} exists already", hint="choose another name, or remove it first")
        self.temporary = f"{self.path}.{os.getpid()}.partial"
        self._progress = progress
        self._members: dict[str, dict[str, Any]] = {}
        try:
            descriptor = os.open(self.temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
        except OSError as error:
            raise StorageError(f"{path} cannot be written: {error.strerror}", hint="choose another folder") from error
        self._stream = os.fdopen(descriptor, "wb")
        packed = self.path.endswith((".gz", ".tgz"))
        self._tar = tarfile.open(  # noqa: SIM115 - closed by finish or discard
            fileobj=self._stream, mode="w|gz" if packed else "w|", format=tarfile.PAX_FORMAT
        )

    def add_file(self, path: str, name: str) -> bool:
        """Add a file; returns False if there is none any more, or if it is something else than a regular file.

        Raises:
            StorageError: It became shorter while it was read, or the disk is full.
        """
        try:
            descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW | os.O_NONBLOCK)
        except FileNotFoundError:
            return False
        except OSError as error:
            raise StorageError(f"{path} cannot be read: {error.strerror}", hint="check its permissions") from error
        with os.fdopen(descriptor, "rb") as stream:
            info = os.fstat(descriptor)
            if not stat.S_ISREG(info.st_mode):
                return False
            # A small file may grow while we look: what is read at once is of one moment, whatever its size was.
            small = io.BytesIO(stream.read()) if info.st_size <= _AT_ONCE_BYTES else None
            size = small.getbuffer().nbytes if small else info.st_size
            self._add(small or stream, _member(name, size, info), path)
        return True

    def add_folder(self, path: str, name: str) -> bool:
        """Add a folder without what is in it; returns False if there is none any more."""
        try:
            member = _member(name, 0, os.stat(path))
        except FileNotFoundError:
            return False
        member.type = tarfile.DIRTYPE
        self._tar.addfile(member)
        self._members[name] = {"folder": True}
        return True

    def _add(self, stream: IO[bytes], member: tarfile.TarInfo, path: str) -> None:
        reading = _Digested(stream, self._progress)
        try:
            self._tar.addfile(member, reading)
        except OSError as error:
            if reading.size < member.size and error.errno is None:
                raise StorageError(
                    f"{path} became shorter while it was read", hint="try again", retryable=True
                ) from error
            raise StorageError(f"{self.path} cannot be written: {error}", hint="free some space") from error
        self._members[member.name] = {"size_bytes": member.size, "sha256": reading.digest()}

    @property
    def files(self) -> int:
        """How many files there are in it."""
        return sum("sha256" in member for member in self._members.values())

    def finish(self, facts: Mapping[str, Any]) -> int:
        """Write the list of members with these facts, and give the archive its name; returns its size in bytes.

        Raises:
            StorageError: The disk is full.
        """
        body = json.dumps({"format": FORMAT, **facts, "members": self._members}, indent=1).encode()
        member = tarfile.TarInfo(MANIFEST)
        member.size = len(body)
        try:
            self._tar.addfile(member, io.BytesIO(body))
            self._tar.close()
            self._stream.flush()
            durable.fsync_file(self._stream.fileno())
            size = os.fstat(self._stream.fileno()).st_size
            self._stream.close()
            durable.rename(self.temporary, self.path, point="archive.finish")
        except OSError as error:
            raise StorageError(f"{self.path} cannot be written: {error}", hint="free some space") from error
        return size

    def discard(self) -> None:
        """Leave nothing of an archive that was not finished; after `finish` nothing is left to do."""
        with contextlib.suppress(OSError):  # what it still wants to write is thrown away
            self._tar.close()
        with contextlib.suppress(OSError):
            self._stream.close()
        if os.path.exists(self.temporary):
            os.unlink(self.temporary)


class _Counted:
    """Bytes on their way, counted."""

    def __init__(self, stream: IO[bytes], progress: Progress) -> None:
        self._stream, self._progress = stream, progress
        self.size = 0

    def read(self, size: int = -1) -> bytes:
        data = self._stream.read(size)
        self.size += len(data)
        self._progress(len(data))
        return data


class _Digested(_Counted):
    """Bytes on their way, counted and digested."""

    def __init__(self, stream: IO[bytes], progress: Progress) -> None:
        super().__init__(stream, progress)
        self._state = hashlib.sha256()

    def read(self, size: int = -1) -> bytes:
        data = super().read(size)
        self._state.update(data)
        return data

    def digest(self) -> str:
        return self._state.hexdigest()


def _member(name: str, size: int, info: os.stat_result) -> tarfile.TarInfo:
    member = tarfile.TarInfo(name)
    member.size, member.mode, member.mtime = size, stat.S_IMODE(info.st_mode), int(info.st_mtime)
    return member


def extract(path: str, target: str, progress: Progress = lambda size: None) -> dict[str, Any]:
    """Write the members of an archive below a folder, every digest checked, and return its list with the facts.

    Args:
        path: The archive, compressed or not.
        target: An empty folder of our own.
        progress: Told of the bytes of the archive that were read.

    Raises:
        DigestMismatch: A member is not what the list says.
        StorageError: It is no complete archive, a member would lie outside of the folder or is neither file nor folder,
            or the disk is full.
    """
    try:
        with open(path, "rb") as raw, tarfile.open(fileobj=_Counted(raw, progress), mode="r|*") as tar:  # type: ignore[call-overload]
            return _Extraction(path, target).run(tar)
    except FileNotFoundError as error:
        raise StorageError(f"there is no file {path}", hint="check the name") from error
    except (tarfile.TarError, EOFError, zlib.error) as error:
        raise StorageError(f"{path} is damaged or no backup: {error}", hint="use another backup") from error
    except OSError as error:
        raise StorageError(f"{path} cannot be unpacked in {target}: {error}", hint="check free space") from error


class _Extraction:
    """One pass over an archive."""

    def __init__(self, path: str, target: str) -> None:
        self._path, self._target = path, target
        self._found: dict[str, dict[str, Any]] = {}
        self._folders: list[tuple[str, int]] = []

    def run(self, tar: tarfile.TarFile) -> dict[str, Any]:
        listed: dict[str, Any] | None = None
        for member in tar:
            if listed is not None:
                raise self._damaged(f"{member.name!r} stands after the list")
            if member.name == MANIFEST:
                listed = self._list(tar.extractfile(member))
                continue
            place = self._place(member)
            if member.isdir():
                os.makedirs(place, mode=0o700, exist_ok=True)
                self._folders.append((place, member.mode & _PERMISSIONS))
                self._found[member.name] = {"folder": True}
            else:
                self._found[member.name] = self._write(tar.extractfile(member), place, member)
        if listed is None:
            raise self._damaged("it has no list at its end, so it was not finished")
        self._compare(listed["members"])
        # Last and from below, because what is in a folder that may not be written could not be made.
        for place, mode in reversed(self._folders):
            os.chmod(place, mode)
        return listed

    def _place(self, member: tarfile.TarInfo) -> str:
        parts = member.name.split("/")
        if not (member.isreg() or member.isdir()) or member.issparse():
            raise self._damaged(f"{member.name!r} is neither a file nor a folder")
        if member.name in self._found or any(part in ("", ".", "..") or "\0" in part for part in parts):
            raise self._damaged(f"{member.name!r} would not lie in a place of its own")
        if hasattr(tarfile, "data_filter"):  # from 3.11.4 on: Python's own rules as well, which raise
            tarfile.data_filter(member, self._target)
        return os.path.join(self._target, *parts)

    def _write(self, source: IO[bytes] | None, place: str, member: tarfile.TarInfo) -> dict[str, Any]:
        if source is None:
            raise self._damaged(f"{member.name!r} has no bytes")
        os.makedirs(os.path.dirname(place), mode=0o700, exist_ok=True)
        descriptor = os.open(place, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
        state, size = hashlib.sha256(), 0
        with os.fdopen(descriptor, "wb") as stream:
            while chunk := source.read(_AT_ONCE_BYTES):
                state.update(chunk)
                size += len(chunk)
                stream.write(chunk)
            stream.flush()
            os.fchmod(descriptor, member.mode & _PERMISSIONS)
            os.utime(descriptor, (member.mtime, member.mtime))
        return {"size_bytes": size, "sha256": state.hexdigest()}

    def _list(self, source: IO[bytes] | None) -> dict[str, Any]:
        try:
            listed = json.loads(source.read()) if source else None
        except ValueError as error:
            raise self._damaged(f"its list cannot be read: {error}") from error
        if not isinstance(listed, dict) or not isinstance(listed.get("members"), dict):
            raise self._damaged("its list is incomplete")
        if listed.get("format") != FORMAT:
            raise StorageError(
                f"{self._path} has format {listed.get('format')}, this azud knows {FORMAT}", hint="upgrade azud"
            )
        return listed

    def _compare(self, members: Mapping[str, Any]) -> None:
        for name in sorted(members.keys() | self._found.keys()):
            if members.get(name) != self._found.get(name):
                raise DigestMismatch(
                    f"{self._path}: {name!r} is not what was written into the backup", hint="use another backup"
                )

    def _damaged(self, what: str) -> StorageError:
        return StorageError(f"{self._path} is damaged or no backup: {what}", hint="use another backup")
