"""Runs as the services see them."""

from __future__ import annotations

import collections
from collections.abc import Mapping, Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.sqlite import insert
from sqlalchemy.engine import Connection

from azud.adapters.stores import idempotency, interactive_runs, schema
from azud.adapters.stores.bulk import ManyRows
from azud.adapters.stores.counting import next_number
from azud.adapters.stores.database import Database
from azud.adapters.stores.new_runs import run_values, step_values
from azud.adapters.stores.reading import expanded, readable
from azud.adapters.stores.rows import RECORD_COLUMNS, metric_point, run_record
from azud.adapters.stores.run_writes import add_points
from azud.core.canonical import canonical_json
from azud.core.clock import now_text
from azud.core.digests import digest_bytes
from azud.core.errors import ConflictError, DefinitionError, NotFoundError
from azud.engine.events import event_body, event_type
from azud.engine.ports import SPOOLED_FROM, ReuseDecision
from azud.model.codec import from_json, to_json
from azud.model.definition import PipelineDefinition
from azud.model.jobs import SealedOutput
from azud.model.runs import MetricPoint, RunRecord, RunType
from azud.services.new_runs import first_state
from azud.services.ports import NewRun, StoredOutput

_INSERT_RUNS = ManyRows(schema.runs.insert())
_INSERT_DEFINITION = (
    insert(schema.definitions)
    .values(digest=sa.bindparam("digest"), body=sa.bindparam("body", type_=sa.Text))
    .on_conflict_do_nothing()
)


class SqlRunCatalog:
    """`azud.services.ports.RunCatalog` on a `Database`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    # -- making a run ---------------------------------------------------------------------------

    def create_run(self, new: NewRun) -> RunRecord:
        now = now_text()
        with self._database.write(point="store.submit") as connection:
            existing = idempotency.made_by(connection, new.idempotency_key)
            if existing is not None:
                return self._load(connection, existing)
            _check_snapshots(connection, {step.snapshot for step in new.steps if step.snapshot})
            number = next_number(connection, new.experiment, now)
            # Stored in the form whose digest names it, so that a large definition is written out once.
            body = canonical_json(new.definition_json)
            digest = digest_bytes(body)
            connection.execute(_INSERT_DEFINITION, {"digest": digest, "body": body.decode()})
            stored = first_state(new, now)
            _INSERT_RUNS.run(connection, [run_values(new, number, digest, now), *step_values(new, stored)])
            connection.execute(
                schema.run_events.insert(),
                [
                    {"run_id": new.id, "seq": seq, "type": event_type(event), "body": event_body(event)}
                    for seq, event in enumerate(stored.events)
                ],
            )
            idempotency.remember(connection, new.idempotency_key, new.id, now)
            return self._load(connection, new.id)

    # -- reading --------------------------------------------------------------------------------

    def _load(self, connection: Connection, run_id: str) -> RunRecord:
        row = connection.execute(sa.select(*RECORD_COLUMNS).where(schema.runs.c.id == run_id)).mappings().first()
        if row is None:
            interactive = interactive_runs.record_of(connection, run_id)
            if interactive is None:
                raise _no_such_run(run_id)
            return interactive
        progress = self._progress(connection, [run_id]) if row["parent_id"] is None else {}
        return run_record(row, progress.get(run_id))

    def _progress(self, connection: Connection, run_ids: Sequence[str]) -> dict[str, dict[str, int]]:
        counts: dict[str, dict[str, int]] = collections.defaultdict(dict)
        rows = connection.execute(
            sa.select(schema.runs.c.parent_id, schema.runs.c.status, sa.func.count())
            .where(schema.runs.c.parent_id.in_(run_ids))
            .group_by(schema.runs.c.parent_id, schema.runs.c.status)
        )
        for parent_id, status, count in rows:
            counts[parent_id][status] = count
        return counts

    def run(self, run_id: str) -> RunRecord:
        with self._database.read() as connection:
            return self._load(connection, run_id)

    def runs(
        self,
        *,
        experiment: str | None,
        status: str | None,
        parent: str | None,
        limit: int,
        after: str | None,
        type: str | None = None,
    ) -> tuple[Sequence[RunRecord], str | None]:
        asked = (("experiment", experiment), ("status", status), ("type", type))
        conditions = {name: value for name, value in asked if value is not None}
        with self._database.read() as connection:
            if parent:
                return self._steps_page(connection, parent, conditions, limit, after)
            return self._whole_runs_page(connection, conditions, limit, after)

    def _steps_page(
        self, connection: Connection, parent: str, conditions: Mapping[str, str], limit: int, after: str | None
    ) -> tuple[Sequence[RunRecord], str | None]:
        table = schema.runs
        query = sa.select(*RECORD_COLUMNS).where(table.c.parent_id == parent, *_equal(table, conditions))
        if after:
            query = query.where(table.c.position > int(after))
        rows = connection.execute(query.order_by(table.c.position).limit(limit + 1)).mappings().all()
        records = [run_record(row) for row in rows[:limit]]
        return records, str(rows[limit - 1]["position"]) if len(rows) > limit else None

    def _whole_runs_page(
        self, connection: Connection, conditions: dict[str, str], limit: int, after: str | None
    ) -> tuple[Sequence[RunRecord], str | None]:
        before = None
        if after:
            created_at, _, run_id = after.partition("|")
            before = (created_at, run_id)
        records = [
            *self._driven_runs(connection, conditions, before, limit + 1),
            *self._interactive_runs(connection, conditions, before, limit + 1),
        ]
        records.sort(key=lambda record: (record.created_at, record.id), reverse=True)
        if len(records) <= limit:
            return records, None
        last = records[limit - 1]
        return records[:limit], f"{last.created_at}|{last.id}"

    def _driven_runs(
        self, connection: Connection, conditions: Mapping[str, str], before: tuple[str, str] | None, limit: int
    ) -> Sequence[RunRecord]:
        table = schema.runs
        query = sa.select(*RECORD_COLUMNS).where(table.c.parent_id.is_(None), *_equal(table, conditions))
        if before is not None:
            query = query.where(sa.tuple_(table.c.created_at, table.c.id) < sa.tuple_(*before))
        query = query.order_by(table.c.created_at.desc(), table.c.id.desc()).limit(limit)
        rows = connection.execute(query).mappings().all()
        progress = self._progress(connection, [row["id"] for row in rows])
        return [run_record(row, progress.get(row["id"])) for row in rows]

    def _interactive_runs(
        self, connection: Connection, conditions: dict[str, str], before: tuple[str, str] | None, limit: int
    ) -> Sequence[RunRecord]:
        if conditions.get("type", RunType.INTERACTIVE) != RunType.INTERACTIVE:
            return []
        others = {name: value for name, value in conditions.items() if name != "type"}
        return interactive_runs.newest(connection, others, before, limit)

    def children(self, run_id: str) -> Sequence[RunRecord]:
        table = schema.runs
        below = sa.or_(table.c.parent_id == run_id, table.c.submitted_under == run_id)
        query = sa.select(*RECORD_COLUMNS).where(below).order_by(table.c.created_at, table.c.position)
        with self._database.read() as connection:
            if self._load(connection, run_id).type == RunType.SCRIPT:  # its step is itself
                query = query.where(table.c.submitted_under == run_id)
            found = [run_record(row) for row in connection.execute(query).mappings()]
            found += interactive_runs.children_of(connection, run_id)
        return sorted(found, key=lambda record: record.created_at)

    def subject(self, run_id: str) -> RunRecord:
        with self._database.read() as connection:
            record = self._load(connection, run_id)
            if record.type != RunType.SCRIPT:
                return record
            query = sa.select(*RECORD_COLUMNS).where(schema.runs.c.parent_id == run_id)
            return run_record(connection.execute(query).mappings().one())

    def definition(self, run_id: str) -> PipelineDefinition:
        with readable(run_id), self._database.read() as connection:
            body = connection.scalar(
                sa.select(schema.definitions.c.body)
                .join(schema.runs, schema.runs.c.definition == schema.definitions.c.digest)
                .where(schema.runs.c.id == run_id)
            )
            if body is None:
                raise NotFoundError(f"run {run_id} has no definition", hint="step runs show that of their parent")
            return from_json(PipelineDefinition, body)

    def events(self, run_id: str, after: int) -> tuple[Sequence[dict[str, Any]], str]:
        table = schema.run_events
        with readable(run_id), self._database.read() as connection:
            status = connection.scalar(sa.select(schema.runs.c.status).where(schema.runs.c.id == run_id))
            if status is None:
                return [], self._load(connection, run_id).status  # an interactive run has no events
            rows = connection.execute(
                sa.select(table.c.seq, table.c.type, table.c.body)
                .where(table.c.run_id == run_id, table.c.seq > after)
                .order_by(table.c.seq)
            )
            # The row of events that were put together stands at the place of the last of them.
            found = [{"seq": seq, "type": kind, **body} for seq, kind, body in expanded(rows) if seq > after]
            return found, status

    # -- tags, properties, metrics --------------------------------------------------------------

    def patch(
        self,
        run_id: str,
        *,
        set_tags: Mapping[str, str | None],
        remove_tags: Sequence[str],
        add_properties: Mapping[str, str],
        display_name: str | None,
    ) -> RunRecord:
        with self._database.write(point="store.patch") as connection:
            record = self._load(connection, run_id)
            for key, value in add_properties.items():
                if record.properties.get(key, value) != value:
                    raise ConflictError(
                        f"run {run_id} already has property {key!r}",
                        hint="properties can be added, never changed; use a tag for what changes",
                    )
            values: dict[str, Any] = {
                "tags": {key: value for key, value in {**record.tags, **set_tags}.items() if key not in remove_tags},
                "properties": {**record.properties, **add_properties},
            }
            if record.type == RunType.INTERACTIVE:
                interactive_runs.change_labels(connection, run_id, values["tags"], values["properties"], display_name)
                return self._load(connection, run_id)
            if display_name is not None:
                values["name"] = display_name
            connection.execute(schema.runs.update().where(schema.runs.c.id == run_id).values(**values))
            return self._load(connection, run_id)

    def metrics(
        self, run_id: str, after: int = -1, limit: int | None = None, *, spooled: bool = True
    ) -> tuple[Sequence[MetricPoint], int]:
        table = schema.metrics
        query = sa.select(table).where(table.c.run_id == run_id, table.c.seq > after).order_by(table.c.seq)
        if not spooled:
            query = query.where(table.c.seq < SPOOLED_FROM)
        with self._database.read() as connection:
            rows = connection.execute(query.limit(limit)).mappings().all()
        return [metric_point(row) for row in rows], rows[-1]["seq"] if rows else after

    def add_metrics(self, run_id: str, points: Sequence[MetricPoint], idempotency_key: str | None = None) -> None:
        with self._database.write(point="store.metrics") as connection:
            if idempotency.made_by(connection, idempotency_key) is not None:
                return
            idempotency.remember(connection, idempotency_key, run_id, now_text())
            add_points(connection, run_id, [to_json(point) for point in points])

    # -- outputs and reuse ----------------------------------------------------------------------

    def outputs(self, run_id: str) -> Sequence[StoredOutput]:
        table = schema.outputs
        with self._database.read() as connection:
            record = self._load(connection, run_id)
            if record.type == RunType.PIPELINE:
                sources = connection.execute(
                    sa.select(sa.func.coalesce(schema.runs.c.reused_from, schema.runs.c.id)).where(
                        schema.runs.c.parent_id == run_id
                    )
                )
                where = sa.and_(
                    table.c.step_run_id.in_([row[0] for row in sources]), table.c.pipeline_output_name.is_not(None)
                )
            else:
                where = table.c.step_run_id == (record.reused_from or run_id)
            rows = connection.execute(sa.select(table).where(where).order_by(table.c.name)).mappings()
            return [
                StoredOutput(
                    row["step_run_id"],
                    row["datastore"],
                    row["path"],
                    from_json(SealedOutput, row["sealed"]),
                    row["data_type"],
                    row["pipeline_output_name"],
                )
                for row in rows
            ]

    def decision(self, step_run_id: str) -> ReuseDecision | None:
        table = schema.reuse_decisions
        with self._database.read() as connection:
            row = connection.execute(sa.select(table).where(table.c.step_run_id == step_run_id)).first()
            if row is None:
                return None
            body = connection.scalar(
                sa.select(schema.preimages.c.body).where(schema.preimages.c.action_key == row.action_key)
            )
            return ReuseDecision(row.step_run_id, row.outcome, row.reason, row.action_key, body, row.reused_from)


def _check_snapshots(connection: Connection, digests: set[str]) -> None:
    """Raise if a snapshot was collected since the submission was checked."""
    table = schema.snapshots
    missing = digests.difference(connection.scalars(sa.select(table.c.digest).where(table.c.digest.in_(digests))))
    if missing:
        raise DefinitionError(f"the source snapshot {min(missing)} of a step is gone", hint="submit the pipeline again")


def _equal(table: sa.Table, conditions: Mapping[str, str]) -> list[Any]:
    return [table.c[name] == value for name, value in conditions.items()]


def _no_such_run(run_id: str) -> NotFoundError:
    return NotFoundError(f"there is no run {run_id}", hint="list runs with: azud runs ls")
