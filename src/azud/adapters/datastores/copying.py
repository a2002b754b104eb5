"""Sizes and file systems of local data, asked for before anything is copied."""

from __future__ import annotations

import os
from collections.abc import Sequence

from azud.adapters.datastores.digests import walk
from azud.adapters.datastores.local import root_of
from azud.core.errors import StorageError
from azud.model.data import DatastoreRecord


class LocalCopying:
    """`azud.engine.copying.Copying` for local datastores.

    Args:
        attempts: The folder in which steps run.
    """

    def __init__(self, attempts: str) -> None:
        self._attempts = attempts

    def size_bytes(self, paths: Sequence[str]) -> int:
        try:
            return sum(_size(path) for path in paths)
        except OSError as error:
            raise StorageError(
                f"{error.filename} cannot be looked at: {error.strerror}", hint="check that it is there and readable"
            ) from error

    def is_elsewhere(self, datastore: DatastoreRecord) -> bool:
        if datastore.driver != "local":
            return True
        root = root_of(datastore)
        try:
            return os.stat(root).st_dev != os.stat(self._attempts).st_dev
        except FileNotFoundError:
            return False  # it will be made by whoever writes there first


def _size(path: str) -> int:
    if os.path.isdir(path):
        return sum(status.st_size for _relative, status in walk(path))
    return os.stat(path).st_size
