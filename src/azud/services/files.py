"""The files of a run: logs and artifacts, live from the attempt folder, afterwards from the default datastore."""

from __future__ import annotations

import dataclasses
import os
from collections.abc import Callable, Iterable, Sequence

from azud.core.errors import ConflictError, NotFoundError, StorageError, UserError
from azud.core.ids import attempt_id
from azud.core.paths import clean_relative, safe_join
from azud.engine.ports import ComputeBackend
from azud.model.attempt_files import ATTEMPTS
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
        record = self._catalog.subject(run_id)
        found: dict[str, int] = {}
        for folder, prefix in self._places(record):
            for path, size in _walk(folder):
                found.setdefault(prefix + path, size)
        return [RunFile(path, size) for path, size in sorted(found.items())]

    def open(self, run_id: str, path: str, attempt: int | None = None) -> OpenedFile:
        """Return where a file lies.

        Args:
            run_id: Whose.
            path: Among the run's files.
            attempt: Only if it is of this attempt of a step run, counted from 1; None: of the newest that has it.

        Raises:
            NotFoundError: The run has no such file (yet).
            UserError: The path leaves the run's folder.
        """
        record = self._catalog.subject(run_id)
        relative = clean_relative(path)
        complete = record.status in RunStatus.TERMINAL or (attempt is not None and attempt < record.attempt)
        for folder, prefix in self._places(record) if attempt is None else self._places_of(record, attempt):
            if not relative.startswith(prefix):
                continue
            place = safe_join(folder, relative[len(prefix) :])
            if os.path.isfile(place):
                return OpenedFile(place, complete)
        raise NotFoundError(
            f"run {run_id} has no file {relative!r}" + (f" of attempt {attempt}" if attempt is not None else ""),
            hint="list them with: azud runs show " + run_id,
            retryable=not complete,
        )

    def add(self, run_id: str, path: str, chunks: Iterable[bytes]) -> RunFile:
        """Keep a file with a run.

        Raises:
            ConflictError: The run has a file of this name; artifacts do not change.
        """
        record = self._catalog.subject(run_id)
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
        if record.is_step and record.reused_from is None:
            places.extend(self._live_places(record))
        return places

    def _places_of(self, record: RunRecord, attempt: int) -> list[tuple[str, str]]:
        """Return where the files of one attempt may be: kept apart, in the run's own folder, or still in its own."""
        if not record.is_step or record.reused_from is not None:
            return self._places(record)
        root = self._artifact_folder(record.id)
        places = [(os.path.join(root, ATTEMPTS, str(attempt)), "")]
        if _owner_of(root) == attempt:
            places.append((root, ""))
        if attempt == record.attempt:
            places.extend(self._live_places(record))
        return places

    def _live_places(self, record: RunRecord) -> list[tuple[str, str]]:
        if not record.attempt:
            return []
        folder = self._backend.attempt_folder(attempt_id(record.id, record.attempt))
        return [
            (os.path.join(folder, "artifacts"), ""),
            (os.path.join(folder, "work", "logs"), "logs/"),
            (os.path.join(folder, "work", "outputs"), "outputs/"),
        ]


def _owner_of(artifacts: str) -> int:
    """Return the attempt whose files lie in a step run's folder itself: the one after the last that was set aside."""
    try:
        kept = os.listdir(os.path.join(artifacts, ATTEMPTS))
    except FileNotFoundError:
        return 1
    return 1 + max((int(name) for name in kept if name.isdecimal()), default=0)


def _walk(folder: str) -> Iterable[tuple[str, int]]:
    for base, _, names in os.walk(folder):
        for name in names:
            path = os.path.join(base, name)
            try:
                size = os.stat(path).st_size
            except FileNotFoundError:  # it was moved to its last place while we looked
                continue
            yield os.path.relpath(path, folder).replace(os.sep, "/"), size
