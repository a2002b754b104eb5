"""What the files behind registered versions are: looked at once when a version is new, and again when somebody asks.

One thread looks, so that registering answers at once however large the data are, and looking takes one disk at a time.
Versions that a server did not come to are found by the next one. A step that reads a version looks at its files anyway:
then that look counts, and the thread finds it done.
"""

from __future__ import annotations

import concurrent.futures
import logging
import threading
from collections.abc import Callable, Mapping

from azud.core.clock import now_text
from azud.core.errors import AzudError, NotFoundError
from azud.engine.ports import DataPort, VersionState
from azud.engine.registered import nothing_there, state_of
from azud.model.data import DatasetRecord, DataState, DatastoreRecord
from azud.services.ports import AssetCatalog

_log = logging.getLogger(__name__)
_Version = tuple[str, int]


class DataVersionService:
    """Looks at the files of registered versions.

    Args:
        catalog: Registered versions, and what is known of their files.
        data: Fingerprints files.
        datastores: Returns all datastores by name.
    """

    def __init__(
        self,
        catalog: AssetCatalog,
        data: DataPort,
        datastores: Callable[[], Mapping[str, DatastoreRecord]],
    ) -> None:
        self._catalog = catalog
        self._data = data
        self._datastores = datastores
        self._lock = threading.Lock()
        self._looking: dict[_Version, concurrent.futures.Future[None]] = {}
        self._pool = concurrent.futures.ThreadPoolExecutor(1, thread_name_prefix="data versions")
        self._closing = False

    def open(self) -> None:
        """Look at what an earlier server did not come to."""
        self.look_for_new()

    def close(self) -> None:
        """Finish the file that is being read; the rest is found by the next server."""
        with self._lock:
            self._closing = True
        self._pool.shutdown(wait=True, cancel_futures=True)

    def look_for_new(self) -> None:
        """Have every version looked at that nobody has looked at; costs one question to the store."""
        with self._lock:
            if not self._closing:
                self._pool.submit(self._take_up)

    def _take_up(self) -> None:
        try:
            for record in self._catalog.unseen_versions():
                if self._closing:
                    return
                self._look(record)
        except AzudError as error:
            _log.warning("new versions of datasets are looked at later: %s", error)

    def look(self, record: DatasetRecord, wait_s: float) -> bool:
        """Look at the files of a version now, for up to `wait_s`; return whether they are still being looked at.

        What was found is kept with the version: as its fingerprint if it has none, else as what was seen.
        """
        place = record.name, record.version
        with self._lock:
            going_on = self._looking.get(place)
            if going_on is None and not self._closing:
                going_on = self._looking[place] = self._pool.submit(self._look_and_forget, record)
        return going_on is not None and not concurrent.futures.wait([going_on], wait_s).done

    def _look_and_forget(self, record: DatasetRecord) -> None:
        try:
            self._look(record)
        except AzudError as error:
            _log.warning("what the files of dataset %r are is not kept: %s", record.name, error)
        finally:
            with self._lock:
                self._looking.pop((record.name, record.version), None)

    def _look(self, record: DatasetRecord) -> None:
        """Keep what the files of a version are; that they cannot be read is kept as well."""
        self._catalog.note_state(VersionState(record.name, record.version, record.id, self._state(record)))

    def _state(self, record: DatasetRecord) -> DataState:
        try:
            return state_of(self._data.fingerprint_dataset(self._datastores(), record.definition))
        except NotFoundError as error:
            return nothing_there(error.message)
        except (AzudError, OSError) as error:
            return DataState(now_text(), reason=str(getattr(error, "message", error)))
