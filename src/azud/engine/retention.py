"""What a workspace keeps and what may go: a pure function over a small graph.

Strong roots are runs that are kept (active ones, pinned ones, the newest of each experiment, those younger than the
limit), pinned step runs and what registered datasets point into. A run holds its step runs and what its inputs point
into; a reused step run holds the one whose results it shows, although that one's own run may go. Reuse entries are weak
roots: a result that only an entry holds stays while the entry was used lately and there is room for it.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Iterable, Mapping

from azud.core.clock import from_text, to_text
from azud.core.ids import step_run_of

PIN = "azud.pin"
"""The tag that keeps a run, or the results of one step run."""


@dataclasses.dataclass(frozen=True)
class RetentionPolicy:
    """For how long things stay. None means without limit.

    Args:
        keep_runs_days: A run that ended longer ago may go.
        keep_runs_newest: So many of each experiment's newest runs stay however old they are.
        reuse_keep_days: A result that only reuse holds may go when it was not used for so long.
        reuse_keep_bytes: Results that only reuse holds may take so much; those used longest ago go first.
        compact_events_days: The events of a run that ended longer ago are put together in one row.
    """

    keep_runs_days: float | None = None
    keep_runs_newest: int = 0
    reuse_keep_days: float | None = None
    reuse_keep_bytes: int | None = None
    compact_events_days: float | None = None


@dataclasses.dataclass(frozen=True)
class RunFacts:
    """A run that is below no other. `points_to` are runs and step runs into whose folders its inputs point."""

    id: str
    experiment: str
    created_at: str
    ended_at: str | None = None
    active: bool = False
    pinned: bool = False
    definition: str = ""
    points_to: frozenset[str] = frozenset()
    snapshot: str | None = None


@dataclasses.dataclass(frozen=True)
class StepFacts:
    """A run below another one, mostly a step run.

    `keys` are the action keys that it names, `size_bytes` is the size of its sealed outputs.
    """

    id: str
    run_id: str
    reused_from: str | None = None
    snapshot: str | None = None
    attempt: str | None = None
    pinned: bool = False
    keys: frozenset[str] = frozenset()
    size_bytes: int = 0


@dataclasses.dataclass(frozen=True)
class EntryFacts:
    """A reuse entry."""

    key: str
    step_run_id: str
    last_used_at: str


@dataclasses.dataclass(frozen=True)
class AttemptFacts:
    """An attempt folder that no runner works on."""

    id: str
    completed: bool

    @property
    def step_run_id(self) -> str:
        """The step run that it is an attempt of."""
        return step_run_of(self.id)


@dataclasses.dataclass(frozen=True)
class Facts:
    """All that decides what stays.

    Args:
        now: The moment that ages are counted from.
        registered: Runs and step runs into whose folders registered datasets point.
        registered_snapshots: What registered models consist of.
        snapshots: The blobs of each stored snapshot.
        blobs: All stored blobs.
        young_blobs: Those that a client may be about to use, because it sent or asked for them lately.
        definitions, preimages: Digests and keys of all that are stored.
        left: Runs and step runs whose rows are gone and whose bytes perhaps are not.
        loose: Runs whose events lie in more than one row.
    """

    now: str
    runs: tuple[RunFacts, ...] = ()
    steps: tuple[StepFacts, ...] = ()
    entries: tuple[EntryFacts, ...] = ()
    attempts: tuple[AttemptFacts, ...] = ()
    registered: frozenset[str] = frozenset()
    registered_snapshots: frozenset[str] = frozenset()
    snapshots: Mapping[str, frozenset[str]] = dataclasses.field(default_factory=dict)
    blobs: frozenset[str] = frozenset()
    young_blobs: frozenset[str] = frozenset()
    definitions: frozenset[str] = frozenset()
    preimages: frozenset[str] = frozenset()
    left: frozenset[str] = frozenset()
    loose: frozenset[str] = frozenset()


@dataclasses.dataclass(frozen=True)
class Collection:
    """What goes, each sorted. `left` are ids whose rows went before; only their bytes are there to go.

    `compacted` are runs that stay, with their events in one row.
    """

    runs: tuple[str, ...] = ()
    steps: tuple[str, ...] = ()
    entries: tuple[EntryFacts, ...] = ()
    attempts: tuple[str, ...] = ()
    snapshots: tuple[str, ...] = ()
    blobs: tuple[str, ...] = ()
    definitions: tuple[str, ...] = ()
    preimages: tuple[str, ...] = ()
    left: tuple[str, ...] = ()
    compacted: tuple[str, ...] = ()


def plan_collection(facts: Facts, policy: RetentionPolicy) -> Collection:
    """Return what may go."""
    graph = _Graph(facts)
    strong = graph.reached(_strong_roots(facts, policy))
    entries = _kept_entries(facts, policy, graph, strong)
    held = strong | graph.reached(entry.step_run_id for entry in entries)
    runs = [run for run in facts.runs if run.id in held]
    steps = [step for step in facts.steps if step.id in held]
    needed = {step.snapshot for step in steps} | {run.snapshot for run in runs} | facts.registered_snapshots
    snapshots = {
        digest: blobs for digest, blobs in facts.snapshots.items() if digest in needed or blobs <= facts.young_blobs
    }
    blobs = facts.young_blobs.union(*snapshots.values())
    keys = {entry.key for entry in entries}.union(*(step.keys for step in steps))
    return Collection(
        runs=_others((run.id for run in facts.runs), held),
        steps=_others((step.id for step in facts.steps), held),
        entries=tuple(sorted(set(facts.entries) - set(entries), key=lambda entry: entry.key)),
        attempts=tuple(sorted(_finished_attempts(facts, held))),
        snapshots=_others(facts.snapshots, snapshots.keys()),
        blobs=_others(facts.blobs, blobs),
        definitions=_others(facts.definitions, {run.definition for run in runs}),
        preimages=_others(facts.preimages, keys),
        left=_others(facts.left, held),
        compacted=tuple(sorted(_to_compact(facts, policy, runs))),
    )


def _to_compact(facts: Facts, policy: RetentionPolicy, kept: Iterable[RunFacts]) -> Iterable[str]:
    limit = _days_before(facts.now, policy.compact_events_days)
    for run in kept:
        if limit is not None and not run.active and run.id in facts.loose and (run.ended_at or run.created_at) < limit:
            yield run.id


def _others(found: Iterable[str], kept: Iterable[str]) -> tuple[str, ...]:
    return tuple(sorted(set(found).difference(kept)))


class _Graph:
    """Who holds whom: runs and step runs by id."""

    def __init__(self, facts: Facts) -> None:
        self._holds: dict[str, set[str]] = {run.id: set(run.points_to) for run in facts.runs}
        self.known = {*self._holds, *(step.id for step in facts.steps)}
        for step in facts.steps:
            self._holds.setdefault(step.id, set())
            if step.reused_from is not None:
                self._holds[step.id].add(step.reused_from)
            if step.run_id in self._holds:
                self._holds[step.run_id].add(step.id)

    def reached(self, roots: Iterable[str]) -> set[str]:
        """Return the roots and everything that they hold, whether or not there is a row of it."""
        pending = list(roots)
        found = set(pending)
        while pending:
            more = self._holds.get(pending.pop(), set()) - found
            found |= more
            pending.extend(more)
        return found


def _strong_roots(facts: Facts, policy: RetentionPolicy) -> set[str]:
    roots = {run.id for run in facts.runs if run.active or run.pinned}
    roots |= {step.id for step in facts.steps if step.pinned} | facts.registered
    roots |= _newest_runs(facts.runs, policy.keep_runs_newest)
    limit = _days_before(facts.now, policy.keep_runs_days)
    return roots | {run.id for run in facts.runs if limit is None or (run.ended_at or run.created_at) >= limit}


def _newest_runs(runs: Iterable[RunFacts], count: int) -> set[str]:
    by_experiment: dict[str, list[RunFacts]] = {}
    for run in sorted(runs, key=lambda run: (run.created_at, run.id), reverse=True):
        by_experiment.setdefault(run.experiment, []).append(run)
    return {run.id for found in by_experiment.values() for run in found[:count]}


def _kept_entries(facts: Facts, policy: RetentionPolicy, graph: _Graph, strong: set[str]) -> list[EntryFacts]:
    """Return the entries that stay: those of results that something else holds cost nothing and count for nothing."""
    sizes = {step.id: step.size_bytes for step in facts.steps}
    limit = _days_before(facts.now, policy.reuse_keep_days)
    kept, weak = [], []
    for entry in facts.entries:
        if entry.step_run_id in strong and entry.step_run_id in sizes:
            kept.append(entry)
        elif entry.step_run_id in graph.known and (limit is None or entry.last_used_at >= limit):
            weak.append(entry)
    total_bytes, counted = 0, set(strong)
    for entry in sorted(weak, key=lambda entry: (entry.last_used_at, entry.key), reverse=True):
        held = graph.reached([entry.step_run_id]) - counted
        total_bytes += sum(sizes.get(step, 0) for step in held)
        if policy.reuse_keep_bytes is not None and total_bytes > policy.reuse_keep_bytes:
            break
        counted |= held
        kept.append(entry)
    return kept


def _finished_attempts(facts: Facts, held: set[str]) -> Iterable[str]:
    """Yield attempt folders that nobody looks into any more: of an ended run the last attempt of each step stays if
    it did not complete, for whoever asks why."""
    active = {run.id for run in facts.runs if run.active}
    kept_runs = {run.id for run in facts.runs if run.id in held}
    steps = {step.id: step for step in facts.steps}
    for attempt in facts.attempts:
        step = steps.get(attempt.step_run_id)
        if step is None or step.run_id not in kept_runs:
            yield attempt.id
            continue
        if step.run_id not in active and (attempt.completed or step.attempt != attempt.id):
            yield attempt.id


def _days_before(now: str, days: float | None) -> str | None:
    if days is None:
        return None
    try:
        return to_text(from_text(now) - dt.timedelta(days=days))
    except OverflowError:  # more days than there have been
        return ""
