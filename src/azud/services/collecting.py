"""Garbage collection: what is kept follows from the settings, everything else goes, references before bytes."""

from __future__ import annotations

import collections
import dataclasses
import logging
import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import TypeVar

from azud.core.errors import AzudError
from azud.engine.owned import OwnedPlaces
from azud.engine.retention import Collection, EntryFacts, Facts, RetentionPolicy, plan_collection
from azud.services.tasks import Progress, Task
from azud.services.upkeep_ports import BlobKeeper, Newcomers, OwnFolders, RetentionStore, StoredFacts

_log = logging.getLogger(__name__)
BATCH = 100
"""So many rows go in one transaction: others wait no longer than for that."""
T = TypeVar("T")
COMPACTED = "events put together"
KINDS = (
    *("run", "step run", "reuse entry", "attempt", "snapshot", "blob", "definition", "pre-image"),
    *("left behind", "temporary file", COMPACTED),
)


@dataclasses.dataclass(frozen=True)
class Item:
    """Something that goes: a kind of `KINDS`, its id, digest, key or path, and the bytes that it frees."""

    kind: str
    name: str
    size_bytes: int = 0


@dataclasses.dataclass(frozen=True)
class Total:
    """How much of a kind goes."""

    kind: str
    count: int
    size_bytes: int


@dataclasses.dataclass(frozen=True)
class Collected:
    """What goes, or went: a total of each kind that there is something of, and what was asked to be listed."""

    totals: tuple[Total, ...]
    items: tuple[Item, ...] = ()


@dataclasses.dataclass(frozen=True)
class _Plan:
    stored: StoredFacts
    facts: Facts
    places: OwnedPlaces
    goes: Collection
    temporaries: dict[str, int]
    blob_bytes: dict[str, int]


class CollectionService:
    """Finds and removes what is not kept.

    Args:
        store: Rows.
        blobs: Bytes of snapshots.
        folders: Attempt folders, folders of runs, temporaries.
        policy: For how long things stay.
        interval_s: How often to collect by itself; None: only when asked.
    """

    def __init__(
        self,
        store: RetentionStore,
        blobs: BlobKeeper,
        folders: OwnFolders,
        policy: RetentionPolicy,
        interval_s: float | None = None,
    ) -> None:
        self._store = store
        self._blobs = blobs
        self._folders = folders
        self._policy = policy
        self._interval_s = interval_s
        self._closing = threading.Event()
        self._clock = threading.Thread(target=self._collect_regularly, name="gc clock", daemon=True)
        self.task = Task("garbage collection")

    def open(self) -> None:
        """Begin to collect by itself, if the settings say so."""
        if self._interval_s is not None:
            self._clock.start()

    def close(self) -> None:
        """Stop after the present batch; what is left is found by the next collection."""
        self._closing.set()
        self.task.close()

    def _collect_regularly(self) -> None:
        while not self._closing.wait(self._interval_s):
            try:
                self.start(listed=False)
            except AzudError as error:
                _log.info("no garbage collection: %s", error)

    def preview(self, *, listed: bool) -> Collected:
        """Return what a collection would remove now; nothing is changed."""
        return _summed(self._items(self._plan()), listed=listed)

    def start(self, *, listed: bool) -> None:
        """Begin a collection; `task` says how it stands.

        Raises:
            ConflictError: One is going on.
        """
        self.task.start(lambda progress: self.collect(progress, listed=listed))

    # -- finding --------------------------------------------------------------------------------

    def _plan(self) -> _Plan:
        # What lies on disk is listed before the store is read: nothing listed is younger than its row.
        blobs = self._blobs.listing()
        temporaries = self._folders.temporaries()
        folders = self._folders.attempts(frozenset())
        stored = self._store.facts()
        owners = {run.id for run in stored.runs} | {step.id for step in stored.steps} | stored.left
        places = OwnedPlaces(*self._folders.roots(stored.datastores), owners)
        facts = Facts(
            now=stored.read_at,
            runs=tuple(
                dataclasses.replace(run, points_to=_owners(places, stored.run_places.get(run.id, ()), above=run.active))
                for run in stored.runs
            ),
            steps=stored.steps,
            entries=stored.entries,
            attempts=tuple(dataclasses.replace(item, completed=item.id in stored.completed) for item in folders),
            registered=_owners(places, stored.registered_places, above=True),
            registered_snapshots=stored.registered_snapshots,
            snapshots=stored.snapshots,
            blobs=frozenset(blobs),
            young_blobs=frozenset(digest for digest, (_, young) in blobs.items() if young),
            definitions=stored.definitions,
            preimages=stored.preimages,
            left=stored.left,
            loose=stored.loose,
        )
        sizes = {digest: size for digest, (size, _) in blobs.items()}
        return _Plan(stored, facts, places, plan_collection(facts, self._policy), dict(temporaries), sizes)

    def _items(self, plan: _Plan) -> Iterator[Item]:
        goes = plan.goes
        for kind, names in (("run", goes.runs), ("step run", goes.steps), ("left behind", goes.left)):
            yield from (Item(kind, name, self._folders.owner_bytes(name)) for name in names)
        yield from (Item("reuse entry", entry.key) for entry in goes.entries)
        yield from (Item("attempt", name, self._folders.attempt_bytes(name)) for name in goes.attempts)
        for kind, names in (
            ("snapshot", goes.snapshots),
            ("definition", goes.definitions),
            ("pre-image", goes.preimages),
        ):
            yield from (Item(kind, name) for name in names)
        yield from (Item("blob", digest, plan.blob_bytes[digest]) for digest in goes.blobs)
        yield from (Item("temporary file", path, size) for path, size in sorted(plan.temporaries.items()))
        yield from (Item(COMPACTED, name) for name in goes.compacted)

    # -- removing -------------------------------------------------------------------------------

    def collect(self, progress: Progress, *, listed: bool = True) -> Collected:
        """Remove what is not kept and return what was removed.

        Effects: Rows in small transactions, those that refer before those that are referred to; then bytes.
        """
        plan = self._plan()
        goes = plan.goes
        found = (goes.runs, goes.steps, goes.entries, goes.attempts, goes.snapshots, goes.blobs, goes.definitions)
        progress.expect(sum(map(len, (*found, goes.preimages, goes.left, plan.temporaries, goes.compacted))))
        gone: list[Item] = []
        for item in self._collect(plan, progress):
            gone.append(item)
            progress.advance()
        return _summed(gone, listed=listed)

    def _collect(self, plan: _Plan, progress: Progress) -> Iterator[Item]:
        goes = plan.goes
        runs = [run for batch in _batches(goes.runs, progress) for run in self._store.remove_runs(batch)]
        entries = [one for batch in _batches(goes.entries, progress) for one in self._store.remove_entries(batch)]
        yield from (Item("reuse entry", entry.key) for entry in entries)
        plan = self._without_spared(plan, set(goes.runs).difference(runs), set(goes.entries).difference(entries))
        steps = [
            step
            for batch in _batches(plan.goes.steps, progress)
            for step in self._store.remove_steps(batch, plan.stored, self._wanted_by(plan, batch))
        ]
        yield from self._unnamed(plan.goes, progress)
        for kind, names in (("run", runs), ("step run", steps), ("left behind", plan.goes.left)):
            for batch in _batches(names, progress):
                yield from self._remove_bytes(plan, kind, batch)
        yield from self._files(plan)
        for batch in _batches(plan.goes.compacted, progress):
            yield from (Item(COMPACTED, name) for name in self._store.compact_events(batch))

    def _without_spared(self, plan: _Plan, runs: set[str], entries: set[EntryFacts]) -> _Plan:
        """Return the plan after some were pinned or used while we began: they keep all that they hold."""
        if not runs and not entries:
            return plan
        facts = dataclasses.replace(
            plan.facts,
            runs=tuple(dataclasses.replace(run, pinned=run.pinned or run.id in runs) for run in plan.facts.runs),
            registered=plan.facts.registered | {entry.step_run_id for entry in entries},
        )
        return dataclasses.replace(plan, goes=plan_collection(facts, self._policy))

    def _wanted_by(self, plan: _Plan, batch: Sequence[str]) -> Callable[[Newcomers], Iterable[str]]:
        def wanted(newcomers: Newcomers) -> Iterable[str]:
            return newcomers.ids | (_owners(plan.places, newcomers.places, above=True) & frozenset(batch))

        return wanted

    def _remove_bytes(self, plan: _Plan, kind: str, batch: Sequence[str]) -> Iterator[Item]:
        """Remove what these had on datastores, if nothing that came since leads there."""
        wanted = set(self._wanted_by(plan, batch)(self._store.newcomers(batch, plan.stored)))
        removed = [name for name in batch if name not in wanted]
        for name in removed:
            size = self._folders.owner_bytes(name)
            self._folders.remove_owner(name)
            yield Item(kind, name, size)
        self._store.forget_left(removed)

    def _unnamed(self, goes: Collection, progress: Progress) -> Iterator[Item]:
        """Remove the rows that only removed rows named."""
        for batch in _batches(goes.snapshots, progress):
            removed = self._store.remove_snapshots(batch, self._blobs.is_young)
            yield from (Item("snapshot", digest) for digest in removed)
        for batch in _batches(goes.definitions, progress):
            yield from (Item("definition", digest) for digest in self._store.remove_definitions(batch))
        for batch in _batches(goes.preimages, progress):
            yield from (Item("pre-image", key) for key in self._store.remove_preimages(batch))
        if goes.preimages:
            self._store.remove_contents()

    def _files(self, plan: _Plan) -> Iterator[Item]:
        used = self._store.blobs_in_use() if plan.goes.blobs else set()
        for digest in plan.goes.blobs:
            # A snapshot that came since made its blobs young before it was stored.
            if digest not in used and self._blobs.remove_old(digest):
                yield Item("blob", digest, plan.blob_bytes[digest])
        for name in plan.goes.attempts:
            size = self._folders.attempt_bytes(name)
            self._folders.remove_attempt(name)
            yield Item("attempt", name, size)
        for path, size in sorted(plan.temporaries.items()):
            self._folders.remove_temporary(path)
            yield Item("temporary file", path, size)


def _owners(places: OwnedPlaces, named: Iterable[tuple[str, str]], *, above: bool) -> frozenset[str]:
    return frozenset().union(*(places.owners(*place, above=above) for place in set(named)))


def _batches(values: Sequence[T], progress: Progress) -> Iterator[Sequence[T]]:
    for start in range(0, len(values), BATCH):
        progress.advance(0)  # the server may be ending
        yield values[start : start + BATCH]


def _summed(items: Iterable[Item], *, listed: bool) -> Collected:
    counts: collections.Counter[str] = collections.Counter()
    sizes: collections.Counter[str] = collections.Counter()
    kept = []
    for item in items:
        counts[item.kind] += 1
        sizes[item.kind] += item.size_bytes
        if listed:
            kept.append(item)
    totals = tuple(Total(kind, counts[kind], sizes[kind]) for kind in KINDS if counts[kind])
    return Collected(totals, tuple(sorted(kept, key=lambda item: (KINDS.index(item.kind), item.name))))
