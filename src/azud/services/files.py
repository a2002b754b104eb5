"""The files of a run: logs and artifacts, live from the attempt folder, afterwards from the default datastore."""

from __future__ import annotations

import dataclasses
import os
from collections.abc import Callable, Iterable, Sequence

from azud.core.errors import ConflictError, NotFoundError, StorageError, UserError
from azud.core.paths import clean_relative, safe_join
from azud.engine.ports import ComputeBackend
from azud.model.runs import RunRecord, RunStatus
from azud.services.ports import RunCatalog


@dataclasses.dataclass(frozen=True)
class RunFile:
    """A file of a run: its path among the run's files, and its size."""

    path: str
    size_bytes: int


@dataclasses.dataclass(frozen=True)
class OpenedFile:
    """Where a run's file lies now; `complete` says that it will not grow any more."""

    local_path: str
    complete: bool


class FileService:
    """Lists, opens and adds files of runs.

    Args:
        catalog: The stored runs.
        backend: Where attempt folders are.
        artifact_folder: Returns the local folder that keeps a run's files once it has ended.
    """

    def __init__(self, catalog: RunCatalog, backend: ComputeBackend, artifact_folder: Callable[[str], str]) -> None:
        self._catalog = catalog
        self._backend = backend
        self._artifact_folder = artifact_folder

    def files(self, run_id: str) -> Sequence[RunFile]:
        """Return the files of a run, sorted by path."""
        record = self._catalog.run(run_id)
        found: dict[str, int] = {}
        for folder, prefix in self._places(record):
            for path, size in _walk(folder):
                found.setdefault(prefix + path, size)
        return [RunFile(path, size) for path, size in sorted(found.items())]

    def open(self, run_id: str, path: str) -> OpenedFile:
        """Return where a file lies.

        Raises:
            NotFoundError: The run has no such file (yet).
            UserError: The path leaves the run's folder.
        """
        record = self._catalog.run(run_id)
        relative = clean_relative(path)
        for folder, prefix in self._places(record):
            if not relative.startswith(prefix):
                continue
            place = safe_join(folder, relative[len(prefix) :])
            if os.path.isfile(place):
                return OpenedFile(place, record.status in RunStatus.TERMINAL)
        raise NotFoundError(
            f"run {run_id} has no file {relative!r}",
            hint="list them with: azud runs show " + run_id,
            retryable=record.status not in RunStatus.TERMINAL,
        )

    def add(self, run_id: str, path: str, chunks: Iterable[bytes]) -> RunFile:
        """Keep a file with a run.

        Raises:
            ConflictError: The run has a file of this name; artifacts do not change.
        """
        record = self._catalog.run(run_id)
        relative = clean_relative(path)
        if not relative:
            raise UserError("the file has no name", hint="PUT to /runs/{id}/files/{path}")
        target = safe_join(self._artifact_folder(record.id), relative)
        os.makedirs(os.path.dirname(target), exist_ok=True)
        try:
            with open(target, "xb") as stream:
                for chunk in chunks:
                    stream.write(chunk)
        except FileExistsError as error:
            raise ConflictError(
                f"run {run_id} already has a file {relative!r}", hint="choose another name; artifacts never change"
            ) from error
        except OSError as error:
            raise StorageError(f"{relative!r} cannot be stored: {error.strerror}", hint="is the disk full?") from error
        return RunFile(relative, os.path.getsize(target))

    def _places(self, record: RunRecord) -> list[tuple[str, str]]:
        """Return the folders that hold a run's files and the prefix that each stands for; earlier ones win."""
        owner = record.reused_from or record.id
        places = [(self._artifact_folder(owner), "")]
        if record.parent_id is not None and record.reused_from is None:
            attempt = self._catalog.attempt_of(record.id)
            if attempt is not None:
                folder = self._backend.attempt_folder(attempt)
                places.append((os.path.join(folder, "artifacts"), ""))
                places.append((os.path.join(folder, "work", "logs"), "logs/"))
                places.append((os.path.join(folder, "work", "outputs"), "outputs/"))
        return places


def _walk(folder: str) -> Iterable[tuple[str, int]]:
    for base, _, names in os.walk(folder):
        for name in names:
            path = os.path.join(base, name)
            try:
                size = os.stat(path).st_size
            except FileNotFoundError:  # it was moved to its last place while we looked
                continue
            yield os.path.relpath(path, folder).replace(os.sep, "/"), size
