"""Verification: is everything that the store names there, and is it what it was?"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator

from azud.services.tasks import Progress, Task
from azud.services.upkeep_ports import BlobKeeper, InspectionStore, OutputExaminer

_DAMAGED = "azud verify --storage --repair has the step run again when its result is needed next"
_LOST = "submit the same source again: what is missing is sent anew"
_SEND_AGAIN = "azud verify --storage --repair removes it, and the next submission of the same source sends it again"


@dataclasses.dataclass(frozen=True)
class Problem:
    """Something that is not as it was stored.

    Args:
        kind: `database`, `output`, `blob`, or the kind of a row.
        name: Which.
        detail: What is wrong.
        hint: What to do about it.
        repaired: Whether that was done.
    """

    kind: str
    name: str
    detail: str
    hint: str
    repaired: bool = False


@dataclasses.dataclass(frozen=True)
class Verified:
    """What was looked at, and what is wrong."""

    outputs: int
    blobs: int
    read_bytes: int
    problems: tuple[Problem, ...]


class VerificationService:
    """Looks at stored bytes and rows.

    Args:
        store: Rows.
        blobs: Bytes of snapshots.
        outputs: Looks at sealed outputs.
    """

    def __init__(self, store: InspectionStore, blobs: BlobKeeper, outputs: OutputExaminer) -> None:
        self._store = store
        self._blobs = blobs
        self._outputs = outputs
        self.task = Task("verification")

    def start(self, *, storage: bool, repair: bool) -> None:
        """Begin to verify; `task` says how it stands.

        Raises:
            ConflictError: That is going on.
        """
        self.task.start(lambda progress: self.verify(progress, storage=storage, repair=repair))

    def verify(self, progress: Progress, *, storage: bool, repair: bool) -> Verified:
        """Return everything that is wrong.

        Args:
            progress: Counts outputs and blobs.
            storage: Read all bytes and compare digests; else only existence and sizes.
            repair: Drop the reuse entries of damaged outputs, and damaged blobs, so that they are made anew.
        """
        problems = [
            Problem("database", "azud.db", text, "restore a copy of .azud/azud.db; see: azud doctor")
            for text in self._store.check_integrity()
        ]
        problems += self._dangling()
        look = _Look(self._store, self._blobs, self._outputs, progress, storage, repair)
        problems += look.outputs()
        problems += look.blobs()
        return Verified(look.output_count, look.blob_count, look.read_bytes, tuple(problems))

    def _dangling(self) -> Iterator[Problem]:
        for kind, name, missing in self._store.dangling():
            yield Problem(kind, name, f"refers to {missing}, which is not there", "please report it with server.log")


class _Look:
    """One look at all bytes, with its counts."""

    def __init__(
        self,
        store: InspectionStore,
        blobs: BlobKeeper,
        outputs: OutputExaminer,
        progress: Progress,
        storage: bool,
        repair: bool,
    ) -> None:
        self._store = store
        self._blobs = blobs
        self._outputs = outputs
        self._progress = progress
        self._storage = storage
        self._repair = repair
        self.output_count = 0
        self.blob_count = 0
        self.read_bytes = 0

    def outputs(self) -> Iterator[Problem]:
        self._progress.expect(self._store.output_count())
        for step_run, output in self._store.sealed_outputs():
            flaw = self._outputs.examine(output, read=self._storage)
            self.output_count += 1
            self.read_bytes += output.size_bytes if self._storage else 0
            self._progress.advance()
            # It may have been collected while we looked.
            if flaw is None or not self._store.has_output(step_run, output.name):
                continue
            if self._repair:
                self._store.drop_entries_of([step_run])
            yield Problem("output", f"{step_run}/{output.name}", flaw, _DAMAGED, self._repair)

    def blobs(self) -> Iterator[Problem]:
        named = self._store.blobs_named()
        found = self._blobs.listing()
        self._progress.expect(len(named.keys() | found.keys()))
        for digest in sorted(named.keys() | found.keys()):
            flaw = self._blobs.examine(digest, named.get(digest), read=self._storage)
            self.blob_count += 1
            self.read_bytes += found.get(digest, (0, False))[0] if self._storage else 0
            self._progress.advance()
            # One that nothing names any more may have been collected while we looked.
            if flaw is None or not (self._blobs.has(digest) or digest in self._store.blobs_named()):
                continue
            hint = _SEND_AGAIN if self._blobs.has(digest) else _LOST
            yield Problem("blob", digest, flaw, hint, self._repair and self._blobs.remove_damaged(digest))
