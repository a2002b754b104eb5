"""Runs as the services see them."""

from __future__ import annotations

import collections
from collections.abc import Mapping, Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.sqlite import insert
from sqlalchemy.engine import Connection

from azud.adapters.stores import schema
from azud.adapters.stores.bulk import ManyRows
from azud.adapters.stores.database import Database
from azud.adapters.stores.reading import expanded, readable
from azud.adapters.stores.rows import RECORD_COLUMNS, metric_point, run_record
from azud.adapters.stores.run_writes import add_points
from azud.core.canonical import canonical_json
from azud.core.clock import now_text
from azud.core.digests import digest_bytes
from azud.core.errors import ConflictError, DefinitionError, NotFoundError
from azud.core.ids import new_uuid
from azud.engine.events import event_body, event_type
from azud.engine.ports import SPOOLED_FROM, ReuseDecision, StoredRun
from azud.model.codec import from_json, to_json
from azud.model.definition import PipelineDefinition
from azud.model.jobs import SealedOutput
from azud.model.runs import MetricPoint, RunRecord, RunStatus
from azud.services.new_runs import first_state
from azud.services.ports import NewRun, StoredOutput

PIPELINE_RUN, STEP_RUN = "azureml.PipelineRun", "azureml.StepRun"


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
            existing = self._by_key(connection, new.idempotency_key)
            if existing is not None:
                return self._load(connection, existing)
            _check_snapshots(connection, {step.snapshot for step in new.steps if step.snapshot})
            number = next_number(connection, new.experiment, now)
            # Stored in the form whose digest names it, so that a large definition is written out once.
            body = canonical_json(new.definition_json)
            digest = digest_bytes(body)
            connection.execute(_INSERT_DEFINITION, {"digest": digest, "body": body.decode()})
            stored = first_state(new, now)
            _INSERT_RUNS.run(connection, [self._run_values(new, number, digest, now), *self._step_values(new, stored)])
            connection.execute(
                schema.run_events.insert(),
                [
                    {"run_id": new.id, "seq": seq, "type": event_type(event), "body": event_body(event)}
                    for seq, event in enumerate(stored.events)
                ],
            )
            self._remember_key(connection, new.idempotency_key, new.id, now)
            return self._load(connection, new.id)

    def _remember_key(self, connection: Connection, key: str | None, run_id: str, now: str) -> None:
        if key:
            connection.execute(schema.idempotency.insert(), [{"key": key, "run_id": run_id, "created_at": now}])

    def _by_key(self, connection: Connection, key: str | None) -> str | None:
        if not key:
            return None
        found: str | None = connection.scalar(
            sa.select(schema.idempotency.c.run_id).where(schema.idempotency.c.key == key)
        )
        return found

    def _run_values(self, new: NewRun, number: int, digest: str, now: str) -> dict[str, Any]:
        return {
            **_BLANK,
            "id": new.id,
            "type": PIPELINE_RUN,
            "experiment": new.experiment,
            "number": number,
            "position": 0,
            "name": new.definition.name or new.experiment,
            "created_at": now,
            "tags": new.tags,
            "properties": new.properties,
            "warnings": list(new.warnings),
            "submitted_by": new.submitted_by,
            "definition": digest,
            "options": to_json(new.options),
        }

    def _step_values(self, new: NewRun, stored: StoredRun) -> list[dict[str, Any]]:
        return [
            {
                **_BLANK,
                "id": step.id,
                "type": STEP_RUN,
                "experiment": new.experiment,
                "number": 0,
                "position": position,
                "name": step.name,
                "parent_id": new.id,
                "node_id": step.node_id,
                "step_type": step.type,
                "compute": step.compute,
                "created_at": stored.created_at,
                "tags": row.tags,
                "properties": row.properties,
                "warnings": row.warnings,
                "submitted_by": new.submitted_by,
                "snapshot": step.snapshot,
            }
            for position, (step, row) in enumerate(zip(new.steps, stored.steps, strict=True))
        ]

    # -- reading --------------------------------------------------------------------------------

    def _load(self, connection: Connection, run_id: str) -> RunRecord:
        row = connection.execute(sa.select(*RECORD_COLUMNS).where(schema.runs.c.id == run_id)).mappings().first()
        if row is None:
            raise _no_such_run(run_id)
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
        self, *, experiment: str | None, status: str | None, parent: str | None, limit: int, after: str | None
    ) -> tuple[Sequence[RunRecord], str | None]:
        table = schema.runs
        query = sa.select(*RECORD_COLUMNS).where(table.c.parent_id == parent if parent else table.c.parent_id.is_(None))
        if experiment is not None:
            query = query.where(table.c.experiment == experiment)
        if status is not None:
            query = query.where(table.c.status == status)
        if parent:
            query = query.order_by(table.c.position)
            if after:
                query = query.where(table.c.position > int(after))
        else:
            query = query.order_by(table.c.created_at.desc(), table.c.id.desc())
            if after:
                created_at, _, run_id = after.partition("|")
                query = query.where(sa.tuple_(table.c.created_at, table.c.id) < sa.tuple_(created_at, run_id))
        with self._database.read() as connection:
            rows = connection.execute(query.limit(limit + 1)).mappings().all()
            page = rows[:limit]
            progress = {} if parent else self._progress(connection, [row["id"] for row in page])
            records = [run_record(row, progress.get(row["id"])) for row in page]
        if len(rows) <= limit:
            return records, None
        last = page[-1]
        return records, str(last["position"]) if parent else f"{last['created_at']}|{last['id']}"

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
                raise _no_such_run(run_id)
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
            if self._by_key(connection, idempotency_key) is not None:
                return
            self._remember_key(connection, idempotency_key, run_id, now_text())
            add_points(connection, run_id, [to_json(point) for point in points])

    # -- outputs and reuse ----------------------------------------------------------------------

    def outputs(self, run_id: str) -> Sequence[StoredOutput]:
        table = schema.outputs
        with self._database.read() as connection:
            record = self._load(connection, run_id)
            if record.type == PIPELINE_RUN:
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


_BLANK: dict[str, Any] = {
    **{column.name: None for column in schema.runs.c if column.nullable},
    "status": RunStatus.NOT_STARTED,
}


def _check_snapshots(connection: Connection, digests: set[str]) -> None:
    """Raise if a snapshot was collected since the submission was checked."""
    table = schema.snapshots
    missing = digests.difference(connection.scalars(sa.select(table.c.digest).where(table.c.digest.in_(digests))))
    if missing:
        raise DefinitionError(f"the source snapshot {min(missing)} of a step is gone", hint="submit the pipeline again")


def _no_such_run(run_id: str) -> NotFoundError:
    return NotFoundError(f"there is no run {run_id}", hint="list runs with: azud runs ls")


def next_number(connection: Connection, experiment: str, now: str) -> int:
    """Count a run of an experiment, making the experiment if need be."""
    ensure_experiment_row(connection, experiment, now)
    table = schema.experiments
    connection.execute(table.update().where(table.c.name == experiment).values(last_number=table.c.last_number + 1))
    return int(connection.scalar(sa.select(table.c.last_number).where(table.c.name == experiment)) or 0)


def ensure_experiment_row(connection: Connection, name: str, now: str) -> None:
    """Make the experiment unless it exists."""
    connection.execute(
        insert(schema.experiments).on_conflict_do_nothing(),
        [{"name": name, "id": new_uuid(), "created_at": now, "last_number": 0, "tags": {}}],
    )
