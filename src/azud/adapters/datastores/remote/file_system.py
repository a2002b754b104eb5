"""A datastore on any file system of fsspec."""

from __future__ import annotations

import contextlib
import dataclasses
import datetime
import threading
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from azud.adapters.datastores.remote.troubles import is_away, translated
from azud.core.errors import ConflictError
from azud.services.file_ports import IN_ONE_BYTES, StoredFile

CHUNK_BYTES = IN_ONE_BYTES
"""Asked for at once: so much of a file is in memory for each thread that reads it."""


@dataclasses.dataclass(frozen=True)
class Traits:
    """What file systems of fsspec do in different ways.

    Args:
        ranges: Whether `cat_file` asks for a part of a file; else files are opened and moved about in.
        folders: Whether folders have to be made, and files are renamed into their places, as on a disk.
        put_options: For `put_file`, so that it keeps little in memory.
        check: Asks for as little as tells whether the container opens.
    """

    ranges: bool = True
    folders: bool = False
    put_options: Mapping[str, Any] = dataclasses.field(default_factory=dict)
    check: Callable[[Any], object] | None = None


class FileSystemStore:
    """`azud.services.file_ports.FileStore` on an fsspec file system.

    Args:
        name: Of the datastore, for messages.
        identity: See `FileStore`.
        connect: Opens the file system; called again after a connection was lost.
        root: Path of the datastore's root on it.
        traits: What has to be known of its kind.
    """

    def __init__(self, name: str, identity: str, connect: Callable[[], Any], root: str, traits: Traits) -> None:
        self.identity = identity
        self._name = name
        self._connect = connect
        self._root = root.rstrip("/")
        self._traits = traits
        self._lock = threading.Lock()
        self._system: Any = None

    def check(self) -> None:
        with self._told("") as system:
            if self._traits.check is not None:
                self._traits.check(system)
            else:
                system.ls(self._root or "/", detail=False)

    def create(self) -> None:
        with self._told("") as system, contextlib.suppress(FileExistsError):
            if self._traits.folders:
                system.makedirs(self._root, exist_ok=True)
            elif not system.exists(self._root.partition("/")[0]):
                system.mkdir(self._root.partition("/")[0])

    def find(self, path: str) -> StoredFile | None:
        with self._told(path) as system:
            try:
                found = system.info(self._full(path))
            except FileNotFoundError:
                return None
        return self._file(path, found) if found.get("type") == "file" and not _is_folder_mark(found) else None

    def files(self, folder: str) -> Iterator[StoredFile]:
        base = self._full(folder)
        with self._told(folder) as system:
            try:
                # Object stores answer for `a` with `a/x` and `ab`: only what lies below `a/` is meant.
                found = system.find(f"{base}/" if base else "", detail=True, withdirs=False)
            except FileNotFoundError:
                found = {}
        if not isinstance(found, dict):  # adlfs answers with a list where there is nothing
            return
        root = f"{self._root}/".lstrip("/")
        inside = f"{folder}/" if folder else ""
        for full in sorted(found):
            path = full.lstrip("/").removeprefix(root)
            if found[full].get("type") == "file" and not _is_folder_mark(found[full]) and path.startswith(inside):
                yield self._file(path, found[full])

    def read(self, file: StoredFile, offset: int = 0) -> Iterator[bytes]:
        if self._traits.ranges:
            yield from self._read_ranges(file, offset)
        else:
            yield from self._read_opened(file, offset)
        if file.mark:
            self._require_same(file)

    def _read_ranges(self, file: StoredFile, offset: int) -> Iterator[bytes]:
        while offset < file.size_bytes:
            end = min(offset + CHUNK_BYTES, file.size_bytes)
            with self._told(file.path) as system:
                data = system.cat_file(self._full(file.path), start=offset, end=end)
            if len(data) != end - offset:
                raise self._changed(file)
            offset = end
            yield data

    def _read_opened(self, file: StoredFile, offset: int) -> Iterator[bytes]:
        with self._told(file.path) as system, system.open(self._full(file.path), "rb") as stream:
            stream.seek(offset)
            while offset < file.size_bytes:
                data = stream.read(min(CHUNK_BYTES, file.size_bytes - offset))
                if not data:
                    raise self._changed(file)
                offset += len(data)
                yield data

    def _require_same(self, file: StoredFile) -> None:
        now = self.find(file.path)
        if now is None or (now.mark, now.size_bytes) != (file.mark, file.size_bytes):
            raise self._changed(file)

    def _changed(self, file: StoredFile) -> ConflictError:
        return ConflictError(
            f"{file.path!r} on datastore {self._name!r} changed while it was read", hint="read it again"
        )

    def write(self, path: str, source: str) -> None:
        full = self._full(path)
        with self._told(path) as system:
            if not self._traits.folders:
                system.put_file(source, full, **self._traits.put_options)
                return
            parent, _, leaf = full.rpartition("/")
            system.makedirs(parent, exist_ok=True)
            partial = f"{parent}/.azud-{leaf}.part"
            system.put_file(source, partial, **self._traits.put_options)
            system.mv(partial, full)

    def remove(self, path: str) -> None:
        with self._told(path) as system, contextlib.suppress(FileNotFoundError):
            system.rm_file(self._full(path))

    def close(self) -> None:
        with self._lock:
            self._system = None

    def _full(self, path: str) -> str:
        return f"{self._root}/{path}" if path else self._root

    def _file(self, path: str, facts: dict[str, Any]) -> StoredFile:
        size = int(facts.get("size") or 0)
        moment = facts.get("last_modified") or facts.get("LastModified") or facts.get("mtime") or facts.get("updated")
        at = moment.timestamp() if isinstance(moment, datetime.datetime) else moment
        at = float(at) if isinstance(at, (int, float)) else None
        return StoredFile(path, size, _mark(facts, size, at), at)

    @contextlib.contextmanager
    def _told(self, path: str) -> Iterator[Any]:
        """Give the file system; what it raises becomes azud's, and one that lost its connection is opened anew."""
        place = f"{path!r} on datastore {self._name!r}" if path else f"datastore {self._name!r}"
        try:
            yield self._opened()
        except Exception as error:
            if is_away(error):
                self.close()
            raise translated(error, place) from error

    def _opened(self) -> Any:
        with self._lock:
            if self._system is None:
                self._system = self._connect()
            return self._system


def _mark(facts: dict[str, Any], size: int, at: float | None) -> str:
    for name in ("etag", "ETag", "generation", "version_id", "md5Hash"):
        if facts.get(name):
            return str(facts[name]).strip('"')
    return "" if at is None else f"{size}-{at:.6f}"


def _is_folder_mark(facts: dict[str, Any]) -> bool:
    """Return whether this stands for a folder: object stores have none, so some tools write empty objects for them."""
    metadata = facts.get("metadata") or {}
    is_marked = any(str(metadata.get(name, "")).lower() == "true" for name in ("hdi_isfolder", "is_directory"))
    return is_marked or (str(facts.get("name", "")).endswith("/") and not facts.get("size"))
