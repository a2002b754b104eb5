"""What collecting and verifying need from the world.

The rule that matters: **references go before what they refer to.** A write that takes a reference away checks, in
its own transaction, that nothing newer leads there; bytes go last, when nothing in the store names them, and until they
are gone the store lists whose they are (`left`), so that a crash leaves nothing that nobody finds.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any, Protocol

from azud.engine.retention import AttemptFacts, EntryFacts, RunFacts, StepFacts
from azud.model.data import DatastoreRecord
from azud.model.jobs import SealedOutput

Place = tuple[str, str]
"""A datastore's name and a path or pattern on it."""


@dataclasses.dataclass(frozen=True)
class StoredFacts:
    """What the store knows of everything that may go, read in one transaction.

    Args:
        run_places: What each run's inputs name, by run.
        registered_places: What registered datasets name.
        registered_snapshots: What registered models consist of.
        completed: Attempts that completed.
    """

    read_at: str
    runs: tuple[RunFacts, ...]
    steps: tuple[StepFacts, ...]
    entries: tuple[EntryFacts, ...]
    run_places: Mapping[str, tuple[Place, ...]]
    registered_places: tuple[Place, ...]
    registered_snapshots: frozenset[str]
    snapshots: Mapping[str, frozenset[str]]
    definitions: frozenset[str]
    preimages: frozenset[str]
    completed: frozenset[str]
    left: frozenset[str]
    loose: frozenset[str]
    datastores: tuple[DatastoreRecord, ...]


@dataclasses.dataclass(frozen=True)
class Newcomers:
    """What came since facts were read and may lead to what they said may go."""

    places: tuple[Place, ...]
    ids: frozenset[str]
    """Step runs that newer or active runs reuse, that were pinned, or that an entry names."""


class RetentionStore(Protocol):
    """The store's side of collecting. Every removal is one small transaction."""

    def facts(self) -> StoredFacts:
        """Return one consistent view."""

    def remove_runs(self, ids: Sequence[str]) -> Sequence[str]:
        """Remove ended runs with their events and keys, list them as left, and return those that were removed.

        One that was pinned meanwhile stays. Step runs stay for `remove_steps`.
        """

    def remove_entries(self, entries: Sequence[EntryFacts]) -> Sequence[EntryFacts]:
        """Remove entries that were not used since, and return them."""

    def remove_steps(
        self, ids: Sequence[str], since: StoredFacts, wanted: Callable[[Newcomers], Iterable[str]]
    ) -> Sequence[str]:
        """Remove step runs with all that belongs to them, list them as left, and return those that were removed.

        Args:
            ids: Step runs.
            since: The facts by which they may go.
            wanted: Asked in the transaction: which of them something that came since needs.
        """

    def remove_snapshots(self, digests: Sequence[str], is_young: Callable[[Iterable[str]], bool]) -> Sequence[str]:
        """Remove snapshots that no run names and return them; `is_young(blobs)` keeps one that is about to be used."""

    def remove_definitions(self, digests: Sequence[str]) -> Sequence[str]:
        """Remove definitions that no run names and return them."""

    def remove_preimages(self, keys: Sequence[str]) -> Sequence[str]:
        """Remove pre-images that no step run, decision or entry names and return them."""

    def remove_contents(self) -> None:
        """Remove the lists of inputs' files that no pre-image names.

        One that is named again at this very moment may go too; an explanation then says that it is not kept.
        """

    def compact_events(self, ids: Sequence[str]) -> Sequence[str]:
        """Put the events of each of these runs into one row, if it has ended, and return those runs.

        Nothing is lost: readers get the same events.
        """

    def newcomers(self, ids: Sequence[str], since: StoredFacts) -> Newcomers:
        """Return what came since the facts were read and may lead to these step runs."""

    def forget_left(self, ids: Sequence[str]) -> None:
        """The bytes of these are gone."""

    def blobs_in_use(self) -> set[str]:
        """Return the blobs that snapshots name."""


class InspectionStore(Protocol):
    """The store's side of verifying."""

    def check_integrity(self) -> Sequence[str]:
        """Return what the database says is wrong with itself, a sentence each."""

    def dangling(self) -> Iterator[tuple[str, str, str]]:
        """Yield rows that refer to rows that are not there: kind and name of the row, and what it refers to."""

    def sealed_outputs(self) -> Iterator[tuple[str, SealedOutput]]:
        """Yield every sealed output with its step run, in pages: writers do not wait."""

    def output_count(self) -> int:
        """Return how many sealed outputs there are."""

    def has_output(self, step_run_id: str, name: str) -> bool:
        """Return whether this output is still stored."""

    def blobs_named(self) -> Mapping[str, int]:
        """Return the size of every blob that a snapshot names."""

    def drop_entries_of(self, step_runs: Sequence[str]) -> int:
        """Remove the reuse entries of these step runs and return how many there were."""


class BlobKeeper(Protocol):
    """Blobs as they are kept and removed."""

    def listing(self) -> Mapping[str, tuple[int, bool]]:
        """Return size and youth of every blob: whether a client sent or asked for it lately."""

    def is_young(self, digests: Iterable[str]) -> bool:
        """Return whether all of these were sent or asked for lately."""

    def remove_old(self, digest: str) -> bool:
        """Remove a blob unless it is young; return whether it is gone."""

    def has(self, digest: str) -> bool:
        """Return whether there is such a blob."""

    def remove_damaged(self, digest: str) -> bool:
        """Remove a blob if its bytes are not what its digest says; return whether it was removed."""

    def examine(self, digest: str, size_bytes: int | None, *, read: bool) -> str | None:
        """Return what is wrong with a blob's bytes, or None; `read` has them digested."""


class OwnFolders(Protocol):
    """The folders that azud itself made, and nothing else."""

    def attempts(self, completed: frozenset[str]) -> Sequence[AttemptFacts]:
        """Return the attempt folders that no runner works on."""

    def attempt_bytes(self, attempt: str) -> int:
        """Return the size of an attempt folder."""

    def remove_attempt(self, attempt: str) -> None:
        """Remove an attempt folder."""

    def owner_bytes(self, owner: str) -> int:
        """Return the size of what a run or step run has on the workspace's own datastores."""

    def remove_owner(self, owner: str) -> None:
        """Remove what a run or step run has on the workspace's own datastores."""

    def roots(self, datastores: Sequence[DatastoreRecord]) -> tuple[dict[str, str], tuple[str, ...]]:
        """Return the local roots of datastores by name, and those that are the workspace's own, links resolved."""

    def temporaries(self) -> Mapping[str, int]:
        """Return stale temporary files with their sizes."""

    def remove_temporary(self, path: str) -> None:
        """Remove one of them."""


class OutputExaminer(Protocol):
    """Looks at sealed outputs."""

    def examine(self, output: SealedOutput, *, read: bool) -> str | None:
        """Return what is wrong with an output's bytes, or None.

        Args:
            output: The output.
            read: Whether to digest the bytes; else existence and sizes are compared.
        """


def places_in(value: Any) -> Iterator[Place]:
    """Yield every place that a JSON value names: objects with the texts `datastore` and `path`."""
    if isinstance(value, dict):
        datastore, path = value.get("datastore"), value.get("path")
        if isinstance(datastore, str) and isinstance(path, str):
            yield datastore, path
        for item in value.values():
            yield from places_in(item)
    elif isinstance(value, list):
        for item in value:
            yield from places_in(item)
