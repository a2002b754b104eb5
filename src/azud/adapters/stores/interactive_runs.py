"""Runs that programs drive themselves: rows of `interactive_runs`. Their metrics and files are kept as other runs'."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from azud.adapters.stores import idempotency, schema
from azud.adapters.stores.counting import next_number
from azud.adapters.stores.database import Database
from azud.core.clock import now_text
from azud.core.errors import ConflictError, NotFoundError
from azud.core.processes import ProcessMark
from azud.model.codec import from_json, to_json
from azud.model.runs import RunError, RunRecord, RunStatus, RunType
from azud.services.interactive_ports import NewInteractiveRun, OpenRun

_table = schema.interactive_runs
_OPEN = _table.c.status.not_in(sorted(RunStatus.TERMINAL))


class SqlInteractiveRuns:
    """`azud.services.interactive_ports.InteractiveRunStore` on a `Database`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def create(self, new: Sequence[NewInteractiveRun], key: str | None) -> Sequence[RunRecord]:
        now = now_text()
        with self._database.write(point="store.interactive") as connection:
            ids = [run.id for run in new]
            if idempotency.made_by(connection, key) is not None:
                return [_load(connection, run_id) for run_id in ids]
            _refuse_known(connection, ids)
            connection.execute(_table.insert(), [_values(connection, run, now) for run in new])
            idempotency.remember(connection, key, ids[0], now)
            return [_load(connection, run_id) for run_id in ids]

    def change(
        self,
        run_id: str,
        status: str,
        *,
        allowed: frozenset[str],
        error: RunError | None = None,
        owner: ProcessMark | None = None,
    ) -> bool:
        now = now_text()
        values: dict[str, Any] = {"status": status}
        if status == RunStatus.RUNNING:
            values.update(started_at=now, owner=to_json(owner))
        if status in RunStatus.TERMINAL:
            values.update(ended_at=now, error=to_json(error))
        with self._database.write(point="store.interactive") as connection:
            changed = connection.execute(
                _table.update().where(_table.c.id == run_id, _table.c.status.in_(sorted(allowed))).values(**values)
            )
            return bool(changed.rowcount)

    def open_runs(self) -> Sequence[OpenRun]:
        columns = (_table.c.id, _table.c.status, _table.c.parent_id, _table.c.owner)
        with self._database.read() as connection:
            return [
                OpenRun(row.id, row.status, row.parent_id, from_json(ProcessMark, row.owner) if row.owner else None)
                for row in connection.execute(sa.select(*columns).where(_OPEN).order_by(_table.c.created_at))
            ]


def record_of(connection: Connection, run_id: str) -> RunRecord | None:
    """Return an interactive run, or None if there is none of this id."""
    row = connection.execute(sa.select(_table).where(_table.c.id == run_id)).first()
    return None if row is None else _record(row)


def newest(
    connection: Connection, conditions: Mapping[str, str], before: tuple[str, str] | None, limit: int
) -> list[RunRecord]:
    """Return interactive runs that are below no other, newest first.

    Args:
        connection: A reading one.
        conditions: Values of columns.
        before: `(created_at, id)` of the last one that was seen.
        limit: At most so many.
    """
    query = sa.select(_table).where(_table.c.parent_id.is_(None))
    for name, value in conditions.items():
        query = query.where(_table.c[name] == value)
    if before is not None:
        query = query.where(sa.tuple_(_table.c.created_at, _table.c.id) < sa.tuple_(*before))
    query = query.order_by(_table.c.created_at.desc(), _table.c.id.desc()).limit(limit)
    return [_record(row) for row in connection.execute(query)]


def children_of(connection: Connection, run_id: str) -> list[RunRecord]:
    """Return the interactive runs below a run, in creation order."""
    rows = connection.execute(sa.select(_table).where(_table.c.parent_id == run_id).order_by(_table.c.position))
    return [_record(row) for row in rows]


def change_labels(
    connection: Connection, run_id: str, tags: Mapping[str, str | None], properties: Mapping[str, str], name: str | None
) -> None:
    """Set all tags and properties of an interactive run, and its name if one is given."""
    values: dict[str, Any] = {"tags": dict(tags), "properties": dict(properties)}
    if name is not None:
        values["name"] = name
    connection.execute(_table.update().where(_table.c.id == run_id).values(**values))


def _refuse_known(connection: Connection, ids: Iterable[str]) -> None:
    for table in (schema.runs, _table):
        taken = connection.scalar(sa.select(table.c.id).where(table.c.id.in_(list(ids))))
        if taken is not None:
            raise ConflictError(f"there is a run {taken} already", hint="leave out run_id, or choose another one")


def _values(connection: Connection, run: NewInteractiveRun, now: str) -> dict[str, Any]:
    below = sa.select(sa.func.count()).where(_table.c.parent_id == run.parent_id)
    return {
        "id": run.id,
        "experiment": run.experiment,
        "number": next_number(connection, run.experiment, now) if run.parent_id is None else 0,
        "name": run.name,
        "status": RunStatus.RUNNING if run.started else RunStatus.NOT_STARTED,
        "parent_id": run.parent_id,
        "position": run.position + (int(connection.scalar(below) or 0) if run.parent_id is not None else 0),
        "created_at": now,
        "started_at": now if run.started else None,
        "ended_at": None,
        "error": None,
        "tags": dict(run.tags),
        "properties": dict(run.properties),
        "submitted_by": run.submitted_by,
        "snapshot": run.snapshot,
        "owner": to_json(run.owner) if run.started else None,
    }


def _load(connection: Connection, run_id: str) -> RunRecord:
    found = record_of(connection, run_id)
    if found is None:
        raise NotFoundError(f"there is no run {run_id}", hint="list runs with: azud runs ls")
    return found


def _record(row: Any) -> RunRecord:
    return RunRecord(
        id=row.id,
        type=RunType.INTERACTIVE,
        experiment=row.experiment,
        status=row.status,
        name=row.name,
        number=row.number,
        parent_id=row.parent_id,
        created_at=row.created_at,
        started_at=row.started_at,
        ended_at=row.ended_at,
        error=from_json(RunError, row.error) if row.error else None,
        tags=row.tags,
        properties=row.properties,
        submitted_by=row.submitted_by,
        snapshot=row.snapshot,
    )
