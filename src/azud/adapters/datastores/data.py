"""The data of all datastores: folders of this machine, and stores elsewhere through a cache of their files."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from azud.adapters.datastores.file_cache import FileCache
from azud.adapters.datastores.local import LocalData
from azud.adapters.datastores.naming import datastore_of, named
from azud.adapters.datastores.patience import patiently, read_on
from azud.adapters.datastores.remote.web import relative_name
from azud.adapters.datastores.sql.fetching import QueryFiles
from azud.adapters.datastores.sql.opening import SqlDatabases
from azud.adapters.datastores.stores import Stores
from azud.adapters.datastores.transferring import Transfers, local_files
from azud.core.digests import digest_tree, digest_value
from azud.core.errors import NotFoundError, StorageError
from azud.core.paths import clean_relative
from azud.engine.ports import DataFingerprint, RemoteFiles
from azud.model.data import WEB_DRIVER, DatasetDefinition, DatastoreRecord
from azud.model.jobs import SealedOutput
from azud.model.places import WEB
from azud.planning.globs import fixed_folder, glob_test, is_glob
from azud.planning.selecting import selected_files
from azud.services.datastore_kinds import SQL
from azud.services.file_ports import Report, StoredFile

Found = tuple[DatastoreRecord, StoredFile]


class DatastoreData:
    """`engine.ports.DataPort`, `services.file_ports.DataFiles` and `services.upkeep_ports.OutputExaminer` of azud.

    What azud itself makes on a store elsewhere it keeps below `mirrors`, too: there it is sealed, and looked at before
    it is reused or read.

    Args:
        local: Folders of this machine.
        stores: The other datastores.
        cache: Keeps their files.
        mirrors: Folder with a folder for each of them.
        databases: The datastores that hold tables.
    """

    def __init__(
        self, local: LocalData, stores: Stores, cache: FileCache, mirrors: str, databases: SqlDatabases
    ) -> None:
        self._local = local
        self._stores = stores
        self._mirrors = mirrors
        self._transfers = Transfers(cache)
        self._databases = databases
        self._queries = QueryFiles(databases, cache)

    def close(self) -> None:
        """Let go of connections, and keep the stat cache for the next server."""
        self._transfers.close()
        self._stores.close()
        self._local.close()

    # -- places ---------------------------------------------------------------------------------

    def locate(self, datastore: DatastoreRecord, path: str) -> str:
        return self._local.locate(self._on_this_machine(datastore), path)

    def _on_this_machine(self, datastore: DatastoreRecord) -> DatastoreRecord:
        if is_local(datastore):
            return datastore
        root = os.path.join(self._mirrors, datastore.name)
        return DatastoreRecord(datastore.name, datastore.type, "local", {"root": root})

    # -- fingerprints ---------------------------------------------------------------------------

    def fingerprint_reference(self, datastore: DatastoreRecord, path: str) -> DataFingerprint:
        if is_local(datastore):
            return self._local.fingerprint_reference(datastore, path)
        if not clean_relative(path):
            remote = RemoteFiles(_dataset(datastore, ""))
            reason = f"the whole of datastore {datastore.name!r} is given, which always changes"
            return DataFingerprint(None, (), reason, remote=remote)
        try:
            return self.fingerprint_dataset({datastore.name: datastore}, _dataset(datastore, path))
        except NotFoundError:
            reason = f"{path!r} does not exist on datastore {datastore.name!r} yet"
            return DataFingerprint(None, (), reason, remote=RemoteFiles(_dataset(datastore, path)))

    def fingerprint_dataset(
        self, datastores: Mapping[str, DatastoreRecord], dataset: DatasetDefinition
    ) -> DataFingerprint:
        query = self._queries.fingerprint(datastores, dataset)
        if query is not None:
            return query
        if all(is_local(datastore_of(datastores, place.datastore)) for place in dataset.locations):
            return self._local.fingerprint_dataset(datastores, dataset)
        found = self._files_of(datastores, dataset)
        remote = RemoteFiles(dataset, len(found), sum(file.size_bytes for (_, file), _ in found))
        unmarked = next((file.path for (_, file), _ in found if not file.mark), None)
        if unmarked is not None:
            return DataFingerprint(None, (), f"its store cannot say whether {unmarked!r} has changed", remote=remote)
        listed = tuple((name, file.mark, file.size_bytes) for (_, file), name in found)
        return DataFingerprint(_stores_digest(digest_tree(listed)), (), files=lambda: listed, remote=remote)

    def fingerprint_prefix(self, datastore: DatastoreRecord, prefix: str) -> str:
        if is_local(datastore):
            return self._local.fingerprint_prefix(datastore, prefix)
        found = self.files(datastore, prefix)
        return _stores_digest(digest_tree((file.path, file.mark, file.size_bytes) for file in found))

    def verify(self, output: SealedOutput) -> str | None:
        return self._local.verify(output)

    def examine(self, output: SealedOutput, *, read: bool) -> str | None:
        """`azud.services.upkeep_ports.OutputExaminer`."""
        return self._local.examine(output, read=read)

    # -- files ----------------------------------------------------------------------------------

    def try_out(self, datastore: DatastoreRecord, credential: Mapping[str, Any]) -> None:
        """`azud.services.datastores.Datastores`."""
        if datastore.driver == SQL:
            self._databases.try_out(datastore, credential)
        elif not is_local(datastore):
            with self._stores.opened_with(datastore, credential) as store:
                store.check()
        elif not os.path.isdir(str(datastore.options["root"])):
            root = datastore.options["root"]
            raise NotFoundError(f"{root} is no folder of the server's machine", hint="make it, or correct the path")

    def create(self, datastore: DatastoreRecord, credential: Mapping[str, Any]) -> None:
        """`azud.services.datastores.Datastores`."""
        if is_local(datastore):
            os.makedirs(str(datastore.options["root"]), exist_ok=True)
            return
        with self._stores.opened_with(datastore, credential) as store:
            store.create()

    def forget(self, name: str) -> None:
        self._stores.forget(name)

    def files(self, datastore: DatastoreRecord, prefix: str) -> Iterator[StoredFile]:
        if is_local(datastore):
            yield from local_files(self._local, datastore, prefix)
            return
        store, prefix = self._stores.of(datastore), prefix.lstrip("/")
        folder = clean_relative(prefix.rpartition("/")[0])
        for file in patiently(lambda: list(store.files(folder))):
            if file.path.startswith(prefix):
                yield file

    def find(self, datastore: DatastoreRecord, path: str) -> StoredFile | None:
        if is_local(datastore):
            return next((file for file in local_files(self._local, datastore, path) if file.path == path), None)
        store, relative = self._stores.of(datastore), clean_relative(path)
        return patiently(lambda: store.find(relative))

    def read(self, datastore: DatastoreRecord, file: StoredFile, offset: int) -> Iterator[bytes]:
        if is_local(datastore):
            return _read_local(self._local.locate(datastore, file.path), file, offset)
        return read_on(self._stores.of(datastore), file, offset)

    def write(self, datastore: DatastoreRecord, path: str, source: str) -> None:
        if is_local(datastore):
            with open(source, "rb") as stream:
                self._local.write(datastore, path, iter(lambda: stream.read(1 << 20), b""))
            return
        store, relative = self._stores.of(datastore), clean_relative(path)
        patiently(lambda: store.write(relative, source))

    def fetch(
        self, datastores: Mapping[str, DatastoreRecord], dataset: DatasetDefinition, report: Report
    ) -> Sequence[tuple[str, str]]:
        rows = self._queries.fetch(datastores, dataset)
        if rows is not None:
            return rows
        found = self._files_of(datastores, dataset)
        wanted = [(self._stores.of(record), file) for (record, file), _ in found if not is_local(record)]
        brought = iter(self._transfers.fetch(wanted, report))
        return [
            (self._local.locate(record, file.path) if is_local(record) else next(brought), name)
            for (record, file), name in found
        ]

    def send(self, source: str, datastore: DatastoreRecord, path: str, report: Report, *, own: bool) -> None:
        self._transfers.send(source, self._stores.of(datastore), clean_relative(path), report, own=own)

    def _files_of(
        self, datastores: Mapping[str, DatastoreRecord], dataset: DatasetDefinition
    ) -> list[tuple[Found, str]]:
        """Return every file of a dataset with its name below the dataset's folder; that of a lone file is "".

        Raises:
            NotFoundError: A location matches nothing.
        """
        groups: list[tuple[tuple[list[Found], str], str]] = []
        for place in dataset.locations:
            record = datastore_of(datastores, place.datastore)
            if record.driver == WEB_DRIVER:
                file = self._at_address(record, place.path)
                groups.append((([(record, file)], file.path), relative_name(place.path)))
            else:
                groups += [((group, path), path) for group, path in self._match(record, place.path)]
        places = [relative_name(place.path) if place.datastore == WEB else place.path for place in dataset.locations]
        files = []
        for (group, path), name in named(groups, places):
            for record, file in group:
                below = file.path[len(path) :].lstrip("/") if path else file.path
                files.append(((record, file), "/".join(part for part in (name, below) if part)))
        if dataset.type != "file":
            return files
        return selected_files(files, dataset.operations, _fact, dataset.reader.get("partition_format"))

    def _at_address(self, record: DatastoreRecord, address: str) -> StoredFile:
        store = self._stores.of(record)
        found = patiently(lambda: store.find(address))
        if found is None:
            raise NotFoundError(f"{address} is not there", hint="check the address")
        return found

    def _match(self, datastore: DatastoreRecord, path: str) -> list[tuple[list[Found], str]]:
        """Return what a path or pattern names: each match with its files, and its path on the datastore."""
        path = clean_relative(path)
        if is_glob(path):
            fits, base = glob_test(path), fixed_folder(path)
            found = [file for file in self.files(datastore, f"{base}/" if base else "") if fits(file.path)]
            matches = [([(datastore, file)], file.path) for file in found]
        else:
            lone = self.find(datastore, path) if path else None
            below = [lone] if lone else list(self.files(datastore, f"{path}/" if path else ""))
            matches = [([(datastore, file) for file in below], path)] if below else []
        if not matches:
            raise NotFoundError(
                f"nothing on datastore {datastore.name!r} is at, below or matched by {path!r}",
                hint="upload the data first, or correct the path",
            )
        return matches


def _read_local(place: str, file: StoredFile, offset: int) -> Iterator[bytes]:
    left = file.size_bytes - offset
    with open(place, "rb") as stream:
        stream.seek(offset)
        while left > 0:
            chunk = stream.read(min(left, 1 << 18))
            if not chunk:
                raise StorageError(f"{place} became shorter while it was read", hint="ask again")
            left -= len(chunk)
            yield chunk


def is_local(datastore: DatastoreRecord) -> bool:
    """Return whether a datastore is a folder of this machine."""
    return datastore.driver == "local"


def _dataset(datastore: DatastoreRecord, path: str) -> DatasetDefinition:
    return DatasetDefinition.of_path(datastore.name, path)


def _stores_digest(listing: str) -> str:
    """Marks of a store are no digests of content: what was made of them is never that of local files."""
    return digest_value(["stores/1", listing])


def _fact(found: Found, name: str) -> object:
    _record, file = found
    if name == "Size":
        return file.size_bytes
    if name == "Extension":
        return os.path.splitext(file.path)[1]
    return file.modified_at_s or 0.0
