"""What the store says of everything that may go, and its removal in small transactions."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.sqlite import insert
from sqlalchemy.engine import Connection

from azud.adapters.stores import schema
from azud.adapters.stores.database import Database
from azud.adapters.stores.reading import COMPACTED, chunks, expanded, read_datastores
from azud.core.clock import from_text, now_text, to_text
from azud.engine.retention import PIN, EntryFacts, RunFacts, StepFacts
from azud.model.lineage import INPUT
from azud.model.runs import RunStatus
from azud.services.upkeep_ports import Newcomers, Place, StoredFacts, places_in

LEFT = "left:"
"""Rows of `meta` that begin so name runs and step runs whose rows are gone and whose bytes perhaps are not."""
_LONGEST_WRITE = dt.timedelta(hours=1)
"""A row's `created_at` is taken before its transaction begins: one that was written since may say an earlier moment."""
_runs, _interactive = schema.runs, schema.interactive_runs


def _is_pinned(table: sa.Table) -> sa.ColumnElement[bool]:
    return sa.func.json_type(table.c.tags, f'$."{PIN}"').is_not(None)


_IS_PINNED = _is_pinned(_runs)


class SqlRetention:
    """`azud.services.upkeep_ports.RetentionStore` on a `Database`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    # -- facts ----------------------------------------------------------------------------------

    def facts(self) -> StoredFacts:
        read_at = now_text()
        with self._database.read() as connection:
            sizes = _output_sizes(connection)
            keys = _keys(connection)
            runs, steps = [], []
            columns = ("id", "parent_id", "experiment", "status", "created_at", "ended_at", "reused_from")
            rows = connection.execute(
                sa.select(
                    *(_runs.c[name] for name in (*columns, "snapshot", "attempt", "definition")),
                    _IS_PINNED.label("pinned"),
                )
            )
            for row in rows:
                if row.parent_id is None:
                    runs.append(_run_facts(row))
                else:
                    steps.append(_step_facts(row, keys.get(row.id, frozenset()), sizes.get(row.id, 0)))
            _add_interactive(connection, runs, steps)
            entries = schema.reuse_entries
            return StoredFacts(
                read_at=read_at,
                runs=tuple(runs),
                steps=tuple(steps),
                entries=tuple(
                    EntryFacts(*row)
                    for row in connection.execute(
                        sa.select(entries.c.action_key, entries.c.step_run_id, entries.c.last_used_at)
                    )
                ),
                run_places=_run_places(connection),
                registered_places=tuple(_registered_places(connection)),
                registered_snapshots=frozenset(connection.scalars(sa.select(schema.models.c.snapshot))),
                snapshots={
                    row.digest: frozenset(file["digest"] for file in row.body["files"])
                    for row in connection.execute(sa.select(schema.snapshots))
                },
                definitions=frozenset(connection.scalars(sa.select(schema.definitions.c.digest))),
                preimages=frozenset(connection.scalars(sa.select(schema.preimages.c.action_key))),
                completed=frozenset(
                    connection.scalars(sa.select(schema.attempts.c.id).where(schema.attempts.c.outcome == "completed"))
                ),
                left=_left(connection),
                loose=frozenset(
                    connection.scalars(
                        sa.select(schema.run_events.c.run_id)
                        .group_by(schema.run_events.c.run_id)
                        .having(sa.func.count() > 1)
                    )
                ),
                datastores=tuple(read_datastores(connection)),
            )

    # -- removals: what refers goes before what it refers to ------------------------------------

    def remove_runs(self, ids: Sequence[str]) -> Sequence[str]:
        with self._database.write(point="store.remove_runs") as connection:
            gone = [
                name
                for table in (_runs, _interactive)
                for name in connection.scalars(
                    sa.select(table.c.id).where(
                        table.c.id.in_(ids), table.c.status.in_(sorted(RunStatus.TERMINAL)), sa.not_(_is_pinned(table))
                    )
                )
            ]
            for table, column in (
                (schema.run_events, schema.run_events.c.run_id),
                (schema.idempotency, schema.idempotency.c.run_id),
                (schema.metrics, schema.metrics.c.run_id),
                (_runs, _runs.c.id),
                (_interactive, _interactive.c.id),
            ):
                connection.execute(table.delete().where(column.in_(gone)))
            _list_as_left(connection, gone)
            return gone

    def remove_entries(self, entries: Sequence[EntryFacts]) -> Sequence[EntryFacts]:
        table = schema.reuse_entries
        with self._database.write(point="store.remove_entries") as connection:
            return [
                entry
                for entry in entries
                if connection.execute(
                    table.delete().where(
                        table.c.action_key == entry.key,
                        table.c.step_run_id == entry.step_run_id,
                        table.c.last_used_at == entry.last_used_at,
                    )
                ).rowcount
            ]

    def remove_steps(
        self, ids: Sequence[str], since: StoredFacts, wanted: Callable[[Newcomers], Iterable[str]]
    ) -> Sequence[str]:
        with self._database.write(point="store.remove_steps") as connection:
            spared = set(wanted(_newcomers(connection, ids, since)))
            gone = [step for step in ids if step not in spared]
            for table, column in (
                (schema.metrics, schema.metrics.c.run_id),
                (schema.outputs, schema.outputs.c.step_run_id),
                (schema.observations, schema.observations.c.step_run_id),
                (schema.data_uses, schema.data_uses.c.step_run_id),
                (schema.reuse_decisions, schema.reuse_decisions.c.step_run_id),
                (schema.verifications, schema.verifications.c.step_run_id),
                (schema.attempts, schema.attempts.c.step_run_id),
                (_runs, _runs.c.id),
                (_interactive, _interactive.c.id),
            ):
                connection.execute(table.delete().where(column.in_(gone)))
            _list_as_left(connection, gone)
            return gone

    def remove_snapshots(self, digests: Sequence[str], is_young: Callable[[Iterable[str]], bool]) -> Sequence[str]:
        table = schema.snapshots
        with self._database.write(point="store.remove_snapshots") as connection:
            rows = connection.execute(sa.select(table).where(table.c.digest.in_(digests), _unused_snapshot())).all()
            # Looked at here: who stores the listing again made its blobs young before, or waits for this transaction.
            gone = [row.digest for row in rows if not is_young(file["digest"] for file in row.body["files"])]
            connection.execute(table.delete().where(table.c.digest.in_(gone)))
            return gone

    def remove_definitions(self, digests: Sequence[str]) -> Sequence[str]:
        used = sa.select(_runs.c.definition).where(_runs.c.definition.is_not(None))
        column = schema.definitions.c.digest
        with self._database.write(point="store.remove_definitions") as connection:
            return _remove_unused(connection, column, digests, column.not_in(used))

    def remove_preimages(self, keys: Sequence[str]) -> Sequence[str]:
        decided, column = schema.reuse_decisions.c.action_key, schema.preimages.c.action_key
        used = (
            sa.select(_runs.c.action_key).where(_runs.c.action_key.is_not(None)),
            sa.select(decided).where(decided.is_not(None)),
            sa.select(schema.reuse_entries.c.action_key),
        )
        with self._database.write(point="store.remove_preimages") as connection:
            return _remove_unused(connection, column, keys, *(column.not_in(select) for select in used))

    def remove_contents(self) -> None:
        contents, bodies = schema.data_contents.c.digest, schema.preimages.c.body
        named = sa.func.json_each(bodies, "$.inputs").table_valued("value", joins_implicitly=True)
        with self._database.read() as connection:  # all pre-images are read: nobody is to wait for that
            gone = connection.scalars(
                sa.select(contents).where(
                    contents.not_in(sa.select(named.c.value).select_from(schema.preimages, named))
                )
            ).all()
        for chunk in chunks(gone):
            with self._database.write(point="store.remove_contents") as connection:
                connection.execute(schema.data_contents.delete().where(contents.in_(chunk)))

    def compact_events(self, ids: Sequence[str]) -> Sequence[str]:
        table = schema.run_events
        with self._database.write(point="store.compact_events") as connection:
            ended = connection.scalars(
                sa.select(_runs.c.id).where(_runs.c.id.in_(ids), _runs.c.status.in_(sorted(RunStatus.TERMINAL)))
            ).all()
            for run_id in ended:
                rows = connection.execute(
                    sa.select(table.c.seq, table.c.type, table.c.body)
                    .where(table.c.run_id == run_id)
                    .order_by(table.c.seq)
                ).all()
                together = [list(event) for event in expanded(rows)]
                connection.execute(table.delete().where(table.c.run_id == run_id))
                connection.execute(
                    table.insert(), [{"run_id": run_id, "seq": together[-1][0], "type": COMPACTED, "body": together}]
                )
            return ended

    def newcomers(self, ids: Sequence[str], since: StoredFacts) -> Newcomers:
        with self._database.read() as connection:
            return _newcomers(connection, ids, since)

    def forget_left(self, ids: Sequence[str]) -> None:
        with self._database.write(point="store.forget_left") as connection:
            connection.execute(schema.meta.delete().where(schema.meta.c.key.in_([LEFT + name for name in ids])))

    def blobs_in_use(self) -> set[str]:
        with self._database.read() as connection:
            bodies = connection.scalars(sa.select(schema.snapshots.c.body))
            return {file["digest"] for body in bodies for file in body["files"]}


def _remove_unused(connection: Connection, column: Any, names: Sequence[str], *unused: Any) -> Sequence[str]:
    gone = list(connection.scalars(sa.select(column).where(column.in_(names), *unused)))
    connection.execute(column.table.delete().where(column.in_(gone)))
    return gone


def _add_interactive(connection: Connection, runs: list[RunFacts], steps: list[StepFacts]) -> None:
    """Add the runs that programs drive: those below another run go with the run at the top, as its steps do."""
    columns = ("id", "parent_id", "experiment", "status", "created_at", "ended_at", "snapshot")
    rows = connection.execute(
        sa.select(*(_interactive.c[name] for name in columns), _is_pinned(_interactive).label("pinned"))
    ).all()
    above = {step.id: step.run_id for step in steps} | {row.id: row.parent_id for row in rows if row.parent_id}
    for row in rows:
        top = row.id
        while top in above:
            top = above[top]
        active = row.status not in RunStatus.TERMINAL
        pinned = bool(row.pinned)
        if top == row.id:
            times = (row.created_at, row.ended_at)
            runs.append(RunFacts(row.id, row.experiment, *times, active, pinned, snapshot=row.snapshot))
        else:
            # What still runs stays, whatever becomes of the run above it.
            steps.append(StepFacts(row.id, top, snapshot=row.snapshot, pinned=pinned or active))


def _run_facts(row: Any) -> RunFacts:
    return RunFacts(
        id=row.id,
        experiment=row.experiment,
        created_at=row.created_at,
        ended_at=row.ended_at,
        active=row.status not in RunStatus.TERMINAL,
        pinned=bool(row.pinned),
        definition=row.definition or "",
    )


def _step_facts(row: Any, keys: frozenset[str], size_bytes: int) -> StepFacts:
    return StepFacts(
        id=row.id,
        run_id=row.parent_id,
        reused_from=row.reused_from,
        snapshot=row.snapshot,
        attempt=row.attempt,
        pinned=bool(row.pinned),
        keys=keys,
        size_bytes=size_bytes,
    )


def _output_sizes(connection: Connection) -> dict[str, int]:
    table = schema.outputs
    size = sa.func.sum(sa.func.json_extract(table.c.sealed, "$.size_bytes", type_=sa.BigInteger))
    rows = connection.execute(sa.select(table.c.step_run_id, size).group_by(table.c.step_run_id))
    return {step_run: int(total or 0) for step_run, total in rows}


def _keys(connection: Connection) -> dict[str, frozenset[str]]:
    """Return the action keys that each step run names, in its row and in its decision."""
    decisions = schema.reuse_decisions
    named = sa.union(
        sa.select(_runs.c.id, _runs.c.action_key).where(_runs.c.action_key.is_not(None)),
        sa.select(decisions.c.step_run_id, decisions.c.action_key).where(decisions.c.action_key.is_not(None)),
    )
    found: dict[str, set[str]] = {}
    for step_run, key in connection.execute(named):
        found.setdefault(step_run, set()).add(key)
    return {step_run: frozenset(keys) for step_run, keys in found.items()}


def _run_places(connection: Connection, *conditions: Any) -> dict[str, tuple[Place, ...]]:
    by_definition: dict[str, tuple[Place, ...]] = {}
    found = {}
    for row in connection.execute(
        sa.select(_runs.c.id, _runs.c.definition, _runs.c.options).where(_runs.c.parent_id.is_(None), *conditions)
    ):
        if row.definition not in by_definition:
            table = schema.definitions
            body = connection.scalar(sa.select(table.c.body).where(table.c.digest == row.definition))
            by_definition[row.definition] = tuple(places_in(body))
        found[row.id] = (*by_definition[row.definition], *places_in((row.options or {}).get("parameters")))
    for run_id, place in _chosen_places(connection):
        if run_id in found:
            found[run_id] = (*found[run_id], place)
    return found


def _chosen_places(connection: Connection) -> Iterator[tuple[str, Place]]:
    """Yield where the registered datasets lie that the inputs of runs stand for, with the run."""
    uses, datasets = schema.data_uses, schema.datasets
    rows = connection.execute(
        sa.select(_runs.c.parent_id, datasets.c.definition)
        .join(uses, uses.c.step_run_id == _runs.c.id)
        .join(datasets, datasets.c.id == uses.c.dataset_id)
        .where(uses.c.kind == INPUT, uses.c.name.is_not(None))
        .distinct()
    )
    for run_id, definition in rows:
        yield from ((run_id, place) for place in places_in(definition))


def _registered_places(connection: Connection, *conditions: Any) -> Iterator[Place]:
    versions = schema.dataset_versions
    query = (
        sa.select(schema.datasets.c.definition)
        .join(versions, versions.c.dataset_id == schema.datasets.c.id)
        .where(*conditions)
    )
    for definition in connection.scalars(query):
        yield from places_in(definition)


def _left(connection: Connection) -> frozenset[str]:
    keys = connection.scalars(sa.select(schema.meta.c.key).where(schema.meta.c.key.startswith(LEFT, autoescape=True)))
    return frozenset(key[len(LEFT) :] for key in keys)


def _list_as_left(connection: Connection, ids: Sequence[str]) -> None:
    if ids:
        now = now_text()
        connection.execute(
            insert(schema.meta).on_conflict_do_nothing(), [{"key": LEFT + name, "value": now} for name in ids]
        )


def _unused_snapshot() -> Any:
    named = (column.table for column in (_runs.c.snapshot, _interactive.c.snapshot, schema.models.c.snapshot))
    return sa.and_(
        *(
            schema.snapshots.c.digest.not_in(sa.select(table.c.snapshot).where(table.c.snapshot.is_not(None)))
            for table in named
        )
    )


def _newcomers(connection: Connection, ids: Sequence[str], since: StoredFacts) -> Newcomers:
    moment = to_text(from_text(since.read_at) - _LONGEST_WRITE)
    known = {run.id for run in since.runs}
    recent = connection.scalars(sa.select(_runs.c.id).where(_runs.c.parent_id.is_(None), _runs.c.created_at >= moment))
    new = {run for run in recent if run not in known}
    # Only what was active then, or came since, can have begun to reuse something.
    parents = sorted(new | {run.id for run in since.runs if run.active})
    reused = sa.select(_runs.c.reused_from).where(_runs.c.parent_id.in_(parents), _runs.c.reused_from.in_(ids))
    pinned = sa.union_all(
        *(sa.select(table.c.id).where(table.c.id.in_(ids), _is_pinned(table)) for table in (_runs, _interactive))
    )
    entries = schema.reuse_entries
    keys = sa.select(_runs.c.action_key).where(_runs.c.id.in_(ids), _runs.c.action_key.is_not(None))
    held = sa.select(entries.c.step_run_id).where(entries.c.action_key.in_(keys), entries.c.step_run_id.in_(ids))
    found = {name for query in (reused, pinned, held) for name in connection.scalars(query)}
    places = [
        place
        for run_id, named in _run_places(connection, _runs.c.created_at >= moment).items()
        if run_id in new
        for place in named
    ]
    places += _registered_places(connection, schema.dataset_versions.c.created_at >= moment)
    return Newcomers(tuple(places), frozenset(found))
