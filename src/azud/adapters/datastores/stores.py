"""The open stores of a workspace's datastores."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from azud.model.data import DatastoreRecord
from azud.services.file_ports import FileStore, Opener


class Stores:
    """Opens each datastore once, with its credential. Thread-safe.

    Args:
        opener: Opens one.
        credential: Returns what opens a datastore, by name; {} if it needs nothing.
    """

    def __init__(self, opener: Opener, credential: Callable[[str], Mapping[str, Any]]) -> None:
        self._opener = opener
        self._credential = credential
        self._lock = threading.Lock()
        self._open: dict[str, tuple[DatastoreRecord, FileStore]] = {}

    def of(self, datastore: DatastoreRecord) -> FileStore:
        """Return a datastore's files.

        Raises:
            AzudError: It holds none that azud reaches, its library is missing, or its credential cannot be opened.
        """
        with self._lock:
            known = self._open.get(datastore.name)
            if known is not None and known[0].options == datastore.options and known[0].driver == datastore.driver:
                return known[1]
            store = self._opener(datastore, self._credential(datastore.name))
            self._open[datastore.name] = (datastore, store)
            return store

    @contextlib.contextmanager
    def opened_with(self, datastore: DatastoreRecord, credential: Mapping[str, Any]) -> Iterator[FileStore]:
        """Open a datastore, which need not be kept yet, with a credential, and close it."""
        store = self._opener(datastore, credential)
        try:
            yield store
        finally:
            store.close()

    def forget(self, name: str) -> None:
        """Let go of a datastore whose record or credential has changed."""
        with self._lock:
            known = self._open.pop(name, None)
        if known is not None:
            known[1].close()

    def close(self) -> None:
        """Let go of all connections."""
        for name in list(self._open):
            self.forget(name)
