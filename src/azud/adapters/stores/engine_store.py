"""The engine's side of the store: leases, events, projections, reuse."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import sqlalchemy as sa
from sqlalchemy.dialects.sqlite import insert
from sqlalchemy.engine import Connection

from azud.adapters.stores import schema
from azud.adapters.stores.database import LEASE, Database
from azud.adapters.stores.lineage_writes import VERSION_COLUMNS, VERSIONS, registered_id, version_record
from azud.adapters.stores.models import read_models
from azud.adapters.stores.reading import (
    chunks,
    expanded,
    read_compute_targets,
    read_datastores,
    read_snapshot,
    readable,
    sealed_outputs,
)
from azud.adapters.stores.rows import STEP_COLUMNS, step_row
from azud.adapters.stores.run_writes import put_spooled, write_update
from azud.adapters.stores.sealed_cache import SealedCache
from azud.core.clock import now_text
from azud.core.errors import NotFoundError
from azud.engine.events import read_event
from azud.engine.ports import ReuseEntry, RunOptions, RunUpdate, StoredRun
from azud.model.codec import from_json, to_json
from azud.model.compute import ComputeTargetRecord
from azud.model.data import DatasetDefinition, DatasetRecord, DatastoreRecord
from azud.model.definition import PipelineDefinition
from azud.model.jobs import SealedOutput
from azud.model.lineage import INPUT
from azud.model.models import ModelRecord
from azud.model.runs import MetricPoint, RunError, RunStatus
from azud.model.snapshot import SourceSnapshot

# Made once, because a chain of steps asks for one key at a time, and making the statement costs more than the answer.
_ENTRIES = (
    sa.select(
        schema.reuse_entries.c.action_key,
        schema.reuse_entries.c.run_id,
        schema.reuse_entries.c.step_run_id,
        schema.runs.c.node_id,
        schema.observations.c.reads,
    )
    .join(schema.runs, schema.runs.c.id == schema.reuse_entries.c.step_run_id)
    .outerjoin(schema.observations, schema.observations.c.step_run_id == schema.reuse_entries.c.step_run_id)
    .where(schema.reuse_entries.c.action_key.in_(sa.bindparam("keys", expanding=True)))
)


class SqlRunStore:
    """`azud.engine.ports.RunStore` on a `Database`."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._sealed = SealedCache()

    def acquire_lease(self, holder: str) -> int:
        with self._database.write(point="store.lease") as connection:
            current = connection.scalar(sa.select(schema.leases.c.token).where(schema.leases.c.name == LEASE)) or 0
            token = int(current) + 1
            statement = insert(schema.leases).values(name=LEASE, holder=holder, token=token, acquired_at=now_text())
            connection.execute(
                statement.on_conflict_do_update(
                    index_elements=["name"],
                    set_={"holder": holder, "token": token, "acquired_at": statement.excluded.acquired_at},
                )
            )
        self._database.fence(token)
        return token

    def active_runs(self) -> Sequence[str]:
        with self._database.read() as connection:
            rows = connection.execute(
                sa.select(schema.runs.c.id)
                .where(schema.runs.c.parent_id.is_(None), schema.runs.c.status.not_in(sorted(RunStatus.TERMINAL)))
                .order_by(schema.runs.c.created_at)
            )
            return [row.id for row in rows]

    def load_run(self, run_id: str) -> StoredRun:
        with readable(run_id):
            return self._load_run(run_id)

    def _load_run(self, run_id: str) -> StoredRun:
        with self._database.read() as connection:
            row = connection.execute(sa.select(schema.runs).where(schema.runs.c.id == run_id)).mappings().first()
            if row is None:
                raise NotFoundError(f"there is no run {run_id}", hint="list runs with: azud runs ls")
            body = connection.scalar(
                sa.select(schema.definitions.c.body).where(schema.definitions.c.digest == row["definition"])
            )
            steps = connection.execute(
                sa.select(*STEP_COLUMNS).where(schema.runs.c.parent_id == run_id).order_by(schema.runs.c.position)
            )
            events = connection.execute(
                sa.select(schema.run_events.c.seq, schema.run_events.c.type, schema.run_events.c.body)
                .where(schema.run_events.c.run_id == run_id)
                .order_by(schema.run_events.c.seq)
            ).all()
            rows = tuple(step_row(step) for step in steps)
            return StoredRun(
                id=run_id,
                experiment=row["experiment"],
                created_at=row["created_at"],
                definition=from_json(PipelineDefinition, body),
                options=RunOptions(**row["options"]),
                steps=rows,
                events=tuple(read_event(kind, body) for _, kind, body in expanded(events)),
                sealed=sealed_outputs(
                    connection, [step.reused_from or step.id for step in rows if step.status == RunStatus.COMPLETED]
                ),
                warnings=tuple(row["warnings"]),
                type=row["type"],
            )

    # -- the fenced writes ----------------------------------------------------------------------

    def give_up(self, run_id: str, error: RunError, token: int) -> Sequence[str]:
        table = schema.runs
        open_ = table.c.status.not_in(sorted(RunStatus.TERMINAL))
        now = now_text()
        with self._database.write(point="store.give_up", token=token) as connection:
            connection.execute(
                table.update()
                .where(table.c.id == run_id, open_)
                .values(status=RunStatus.FAILED, ended_at=now, error=to_json(error))
            )
            steps = sa.and_(table.c.parent_id == run_id, open_)
            attempts = list(connection.scalars(sa.select(table.c.attempt).where(steps, table.c.attempt.is_not(None))))
            connection.execute(table.update().where(steps).values(status=RunStatus.CANCELED, ended_at=now))
            return attempts

    def add_spooled(self, step_run_id: str, position: int, points: Sequence[MetricPoint], token: int) -> None:
        rows = [to_json(point) for point in points]
        with self._database.write(point="store.spooled", token=token) as connection:
            put_spooled(connection, step_run_id, position, rows)

    def apply(self, update: RunUpdate, token: int) -> None:
        with self._database.write(point="store.apply", token=token) as connection:
            write_update(connection, update)

    # -- look-ups -------------------------------------------------------------------------------

    def lookup(self, keys: Sequence[str]) -> Mapping[str, ReuseEntry]:
        found: dict[str, ReuseEntry] = {}
        with self._database.read() as connection:
            for chunk in chunks(keys):
                rows = connection.execute(_ENTRIES, {"keys": chunk}).all()
                sealed = self._sealed_by(connection, [step_run_id for _, _, step_run_id, _, _ in rows])
                for key, run_id, step_run_id, node_id, reads in rows:
                    outputs = sealed.get(step_run_id, ())
                    found[key] = ReuseEntry(key, run_id, step_run_id, outputs, node_id, tuple(reads or ()))
        return found

    def _sealed_by(self, connection: Connection, step_runs: Sequence[str]) -> dict[str, tuple[SealedOutput, ...]]:
        """Return what step runs sealed whose rows were read in this view of the store."""
        found = self._sealed.get(step_runs)
        if len(found) < len(step_runs):
            read = sealed_outputs(connection, [step_run for step_run in step_runs if step_run not in found])
            self._sealed.put(read)
            found.update(read)
        return found

    def sealed_outputs(self, step_run_id: str) -> Mapping[str, SealedOutput]:
        with self._database.read() as connection:
            found = sealed_outputs(connection, [step_run_id]).get(step_run_id, ())
            return {output.name: output for output in found}

    def last_rss_bytes(self, signatures: Iterable[str]) -> Mapping[str, int]:
        table = schema.step_usage
        with self._database.read() as connection:
            return {
                row.signature: row.max_rss_bytes
                for chunk in chunks(sorted(set(signatures)))
                for row in connection.execute(
                    sa.select(table.c.signature, table.c.max_rss_bytes).where(table.c.signature.in_(chunk))
                )
            }

    def registered_dataset(self, name: str, version: int | None) -> str | None:
        with self._database.read() as connection:
            return registered_id(connection, name, version)

    def dataset_version(self, name: str, version: int | None) -> DatasetRecord | None:
        versions = schema.dataset_versions
        query = sa.select(*VERSION_COLUMNS).select_from(VERSIONS).where(versions.c.name == name)
        if version is not None:
            query = query.where(versions.c.version == version)
        with self._database.read() as connection:
            row = connection.execute(query.order_by(versions.c.version.desc()).limit(1)).first()
            return None if row is None else version_record(row)

    def dataset_used(self, step_run_id: str, port: str) -> DatasetRecord | None:
        uses, datasets = schema.data_uses, schema.datasets
        query = (
            sa.select(uses.c.name, uses.c.version, datasets.c.id, datasets.c.definition)
            .join(datasets, datasets.c.id == uses.c.dataset_id)
            .where(uses.c.step_run_id == step_run_id, uses.c.kind == INPUT, uses.c.port == port)
        )
        with self._database.read() as connection:
            row = connection.execute(query).first()
        if row is None:
            return None
        definition = from_json(DatasetDefinition, row.definition)
        return DatasetRecord(row.id, definition, name=row.name or "", version=row.version or 0)

    def models(self, name: str | None) -> Sequence[ModelRecord]:
        with self._database.read() as connection:
            return read_models(connection, name)

    def snapshot(self, digest: str) -> SourceSnapshot:
        with self._database.read() as connection:
            return read_snapshot(connection, digest)

    def datastores(self) -> Mapping[str, DatastoreRecord]:
        with self._database.read() as connection:
            return {record.name: record for record in read_datastores(connection)}

    def compute_targets(self) -> Mapping[str, ComputeTargetRecord]:
        with self._database.read() as connection:
            return {record.name: record for record in read_compute_targets(connection)}
