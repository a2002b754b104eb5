"""Files on datastores: what they are known by, and what a store of them can do.

Paths are relative to the datastore's root, with forward slashes, in the form of `azud.core.paths.clean_relative`.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, Protocol

from azud.model.data import DatasetDefinition, DatastoreRecord

IN_ONE_BYTES = 8 << 20
"""A file of at most this size is read in one request, so what comes is never a mixture of two."""


@dataclasses.dataclass(frozen=True)
class StoredFile:
    """A file as its store described it.

    Args:
        path: On the datastore.
        size_bytes: Of its content.
        mark: Changes whenever the content does (an etag, a version, else size and time); "" if the store has no such
            thing.
        modified_at_s: Seconds since the epoch, if the store says.
    """

    path: str
    size_bytes: int
    mark: str = ""
    modified_at_s: float | None = None


class FileStore(Protocol):
    """The files of one datastore. Calls block and may be made from several threads.

    All raise `NotFoundError` (the container is not there), `PermissionDeniedError` (the credential does not open it) or
    `StorageError`, which is `retryable` where the same call may succeed later.
    """

    identity: str
    """Names the place and nothing secret: stores of one identity hold the same files."""

    def check(self) -> None:
        """Look whether the store answers and lets us in."""

    def create(self) -> None:
        """Make the container that the files lie in; without effect if it is there."""

    def find(self, path: str) -> StoredFile | None:
        """Return the file at a path; None if there is none, or a folder."""

    def files(self, folder: str) -> Iterator[StoredFile]:
        """Yield the files below a folder, "" for all, sorted by path; none if there is no such folder."""

    def read(self, file: StoredFile, offset: int = 0) -> Iterator[bytes]:
        """Yield a file's bytes from an offset, in pieces of a few MiB; without a mark, of whichever version is there.

        Raises:
            NotFoundError: It is gone.
            ConflictError: It is another one than `file` by now.
        """

    def write(self, path: str, source: str) -> None:
        """Write a local file, replacing what is there; nobody sees it before it is whole."""

    def remove(self, path: str) -> None:
        """Remove a file; without effect if there is none."""

    def close(self) -> None:
        """Let go of connections."""


@dataclasses.dataclass(frozen=True)
class Progress:
    """How far a transfer is; totals are None until they are known."""

    files: int = 0
    size_bytes: int = 0
    files_total: int | None = None
    size_bytes_total: int | None = None


Report = Callable[[Progress], None]
"""Called now and then from any thread while a transfer goes on."""


class DataFiles(Protocol):
    """The files of all datastores, wherever they lie."""

    def locate(self, datastore: DatastoreRecord, path: str) -> str:
        """Return the absolute local path of a place on a datastore, or on this machine's mirror of one elsewhere."""

    def files(self, datastore: DatastoreRecord, prefix: str) -> Iterator[StoredFile]:
        """Yield the files whose path starts with a text, sorted."""

    def find(self, datastore: DatastoreRecord, path: str) -> StoredFile | None:
        """Return the file at a path, or None."""

    def read(self, datastore: DatastoreRecord, file: StoredFile, offset: int) -> Iterator[bytes]:
        """Yield a file's bytes from an offset; goes on by itself where a connection was cut."""

    def write(self, datastore: DatastoreRecord, path: str, source: str) -> None:
        """Write a local file, replacing what is there; tried again where a connection was cut."""

    def fetch(
        self,
        datastores: Mapping[str, DatastoreRecord],
        dataset: DatasetDefinition,
        report: Report,
    ) -> Sequence[tuple[str, str]]:
        """Bring the files of a dataset to this machine.

        Returns:
            Local path, and name below the dataset's folder, of each file; those of local datastores where they lie. A
            lone file is named "".

        Raises:
            NotFoundError: A location matches nothing.
            StorageError: A store is away, or a file changes while it is read.
        """

    def send(self, source: str, datastore: DatastoreRecord, path: str, report: Report, *, own: bool) -> None:
        """Write a local file, or all files below a local folder, to a path on a datastore.

        Args:
            source: Local file or folder.
            datastore: Where to.
            path: On it.
            report: Hears how far it is.
            own: Whether the path is azud's alone: what else lies there is of an attempt that was cut off, and goes.
        """


Opener = Callable[[DatastoreRecord, Mapping[str, Any]], FileStore]
"""Opens a datastore with its credential."""
