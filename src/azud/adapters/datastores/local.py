"""Datastores that are local folders: places, fingerprints with a stat cache, and checks of sealed outputs."""

from __future__ import annotations

import glob
import os
import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping

from azud.adapters.datastores.digests import FileDigests, walk
from azud.adapters.datastores.listings import Listings
from azud.adapters.datastores.naming import datastore_of, named
from azud.core import durable
from azud.core.digests import digest_file, digest_tree
from azud.core.errors import NotFoundError, StorageError
from azud.core.paths import clean_relative, is_within, join_resolved, safe_join
from azud.engine.ports import DataFingerprint, ListedFile
from azud.model.data import DatasetDefinition, DatastoreRecord
from azud.model.jobs import SealedFile, SealedOutput
from azud.planning.globs import is_glob
from azud.planning.selecting import selected_files


class LocalData:
    """`azud.engine.ports.DataPort` for datastores whose driver is `local`."""

    def __init__(self, digests: FileDigests | None = None) -> None:
        self._digests = digests or FileDigests()
        self._listings = Listings()
        self._roots: dict[str, str] = {}

    def close(self) -> None:
        """Keep the stat cache for the next server."""
        self._digests.close()

    def locate(self, datastore: DatastoreRecord, path: str) -> str:
        root = root_of(datastore)
        resolved = self._roots.get(root)
        if resolved is None:
            # Kept: each step asks for several places, and a root is its owner's own, to be trusted.
            resolved = self._roots[root] = os.path.realpath(root)
        return join_resolved(resolved, path)

    def files(self, datastore: DatastoreRecord, prefix: str) -> Iterator[dict[str, str | int]]:
        """Yield the files at or below a path, as `{"path", "size_bytes"}`, sorted."""
        place = self.locate(datastore, prefix)
        below = clean_relative(prefix)
        if os.path.isfile(place):
            yield {"path": below, "size_bytes": os.path.getsize(place)}
        elif os.path.isdir(place):
            for name, status in sorted(walk(place)):
                yield {"path": f"{below}/{name}" if below else name, "size_bytes": status.st_size}

    def write(self, datastore: DatastoreRecord, path: str, chunks: Iterable[bytes]) -> None:
        """Write a file, replacing what is there once all bytes have come.

        Raises:
            StorageError: The disk refused.
        """
        place = self.locate(datastore, path)
        try:
            os.makedirs(os.path.dirname(place), exist_ok=True)
            descriptor, temporary = tempfile.mkstemp(dir=os.path.dirname(place), prefix=".azud-")
            try:
                with os.fdopen(descriptor, "wb") as stream:
                    for chunk in chunks:
                        stream.write(chunk)
                durable.rename(temporary, place, point="datastore.write")
            except BaseException:
                os.unlink(temporary)
                raise
        except OSError as error:
            raise StorageError(f"{path!r} cannot be written: {error.strerror}", hint="is the disk full?") from error

    # -- fingerprints ---------------------------------------------------------------------------

    def fingerprint_reference(self, datastore: DatastoreRecord, path: str) -> DataFingerprint:
        place = self.locate(datastore, path)
        paths = ((place, ""),)
        if not clean_relative(path):
            return DataFingerprint(
                None, paths, f"the whole of datastore {datastore.name!r} is given, which always changes"
            )
        if not os.path.exists(place):
            return DataFingerprint(None, paths, f"{path!r} does not exist on datastore {datastore.name!r} yet")
        return self._fingerprint(paths)

    def fingerprint_dataset(
        self, datastores: Mapping[str, DatastoreRecord], dataset: DatasetDefinition
    ) -> DataFingerprint:
        places = list(self._places(datastores, dataset))
        if dataset.type == "file" and dataset.operations:
            try:
                partitions = dataset.reader.get("partition_format")
                places = selected_files(_each_file(places), dataset.operations, partition_format=partitions)
            except OSError as error:
                return DataFingerprint(None, tuple(places), f"{error.filename} cannot be read: {error.strerror}")
        return self._fingerprint(tuple(places))

    def _fingerprint(self, paths: tuple[tuple[str, str], ...]) -> DataFingerprint:
        try:
            tree = self._digests.tree(paths)
        except StorageError as error:
            return DataFingerprint(None, paths, error.message)
        if tree.entries is not None:
            self._listings.put(tree.digest, tree.entries)

        def look() -> tuple[ListedFile, ...]:
            return self._digests.entries(paths)

        def measure() -> tuple[int, int]:
            sizes = [size_bytes for _, _, size_bytes in tree.entries or look()]
            return len(sizes), sum(sizes)

        return DataFingerprint(tree.digest, paths, files=lambda: self._listings.get(tree.digest, look), measure=measure)

    def _places(
        self, datastores: Mapping[str, DatastoreRecord], dataset: DatasetDefinition
    ) -> Iterator[tuple[str, str]]:
        """Yield each local path with its name below the input's folder; a lone file or folder is named ""."""
        matches: list[tuple[str, str]] = []
        for location in dataset.locations:
            matches.extend(self.match(datastore_of(datastores, location.datastore), location.path))
        yield from named(matches, [location.path for location in dataset.locations])

    def match(self, datastore: DatastoreRecord, path: str) -> list[tuple[str, str]]:
        """Return each local path that a path or pattern on a datastore names, and its path there.

        Raises:
            NotFoundError: There is nothing.
        """
        root = root_of(datastore)
        relative = clean_relative(path)
        if not is_glob(relative):
            place = safe_join(root, relative)
            if not os.path.exists(place):
                raise NotFoundError(
                    f"{relative!r} is not on datastore {datastore.name!r} (looked in {root})",
                    hint="upload the data first, or correct the path",
                )
            return [(place, relative)]
        base = os.path.realpath(root)
        names = sorted(glob.glob(relative, root_dir=base, recursive=True, include_hidden=True))
        files = [
            (os.path.join(base, name), name)
            for name in names
            if os.path.isfile(os.path.join(base, name)) and is_within(base, os.path.realpath(os.path.join(base, name)))
        ]
        if not files:
            raise NotFoundError(
                f"nothing on datastore {datastore.name!r} matches {relative!r} (looked in {root})",
                hint="upload the data first, or correct the pattern",
            )
        return files

    def fingerprint_prefix(self, datastore: DatastoreRecord, prefix: str) -> str:
        place, below = self.locate(datastore, prefix), clean_relative(prefix)
        if not os.path.exists(place):
            return digest_tree(())
        if below:
            return self._digests.tree([(place, below)]).digest
        entries = self._digests.entries([(place, "")])
        return digest_tree((name.lstrip("/"), digest, size_bytes) for name, digest, size_bytes in entries)

    # -- sealed outputs -------------------------------------------------------------------------

    def verify(self, output: SealedOutput) -> str | None:
        gone = _gone_copy(output)
        if gone is not None:
            return f"output {output.name!r}: its copy at {gone} is gone"
        try:
            flaw = _flaw(output, _present(output), self._is_as_sealed)
        except FileNotFoundError:
            flaw = f"its bytes at {output.path} are gone"
        except OSError as error:
            flaw = f"{output.path} cannot be read: {error.strerror}"
        except StorageError as error:
            flaw = error.message
        return flaw and f"output {output.name!r}: {flaw}"

    def _is_as_sealed(self, place: str, file: SealedFile, status: os.stat_result) -> bool:
        """Return whether a file is what was sealed; its digest counts only where `stat` differs."""
        mark = (file.inode, file.size_bytes, file.mtime_ns, file.ctime_ns)
        if mark == (status.st_ino, status.st_size, status.st_mtime_ns, status.st_ctime_ns):
            return True
        return _has_sealed_size(place, file, status) and self._digests.digest(place)[0] == file.digest

    def examine(self, output: SealedOutput, *, read: bool) -> str | None:
        """`azud.services.upkeep_ports.OutputExaminer`."""
        try:
            return _flaw(output, _present(output), _has_sealed_digest if read else _has_sealed_size)
        except FileNotFoundError:
            return f"its bytes at {output.path} are gone"
        except OSError as error:
            return f"{output.path} cannot be read: {error.strerror}"


def _gone_copy(output: SealedOutput) -> str | None:
    """Return a path at an output's fixed destination that is gone; what files there hold is their user's concern."""
    target = output.published_to
    if target is None or not os.path.isabs(target):
        return None
    copies = (os.path.join(target, file.path) if file.path else target for file in output.files)
    return next((place for place in (target, *copies) if not os.path.exists(place)), None)


def _has_sealed_digest(place: str, file: SealedFile, status: os.stat_result) -> bool:
    return _has_sealed_size(place, file, status) and digest_file(place) == file.digest


def _has_sealed_size(_place: str, file: SealedFile, status: os.stat_result) -> bool:
    return status.st_size == file.size_bytes


def _flaw(
    output: SealedOutput,
    present: dict[str, os.stat_result],
    is_sound: Callable[[str, SealedFile, os.stat_result], bool],
) -> str | None:
    """Compare the files that are there with those that were sealed."""
    for file in output.files:
        status = present.pop(file.path, None)
        if status is None:
            return f"file {file.path!r} is gone"
        if not is_sound(os.path.join(output.path, file.path) if file.path else output.path, file, status):
            return f"file {file.path or output.path!r} was altered after it was sealed"
    return f"file {next(iter(present))!r} was added after it was sealed" if present else None


def _present(output: SealedOutput) -> dict[str, os.stat_result]:
    if output.kind == "file":
        return {"": os.stat(output.path)}
    os.stat(output.path)
    return dict(walk(output.path))


def root_of(datastore: DatastoreRecord) -> str:
    """Return the folder of a local datastore.

    Raises:
        StorageError: It is of a kind whose bytes azud cannot reach yet.
    """
    if datastore.driver != "local":
        raise StorageError(
            f"datastore {datastore.name!r} is of type {datastore.type}, which this version of azud cannot read",
            hint="only local datastores work so far",
        )
    return str(datastore.options["root"])


def _each_file(places: Iterable[tuple[str, str]]) -> list[tuple[str, str]]:
    """Return the files of all places, in the order in which the SDK counts them."""
    found = []
    for place, name in places:
        if not os.path.isdir(place):
            found.append((place, name or os.path.basename(place)))
            continue
        prefix = f"{name}/" if name else ""
        found += [(os.path.join(place, below), prefix + below) for below in sorted(path for path, _ in walk(place))]
    return found
