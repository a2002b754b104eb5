"""The engine's side of the store: leases, events, projections, reuse."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.sqlite import Insert, insert
from sqlalchemy.engine import Connection

from azud.adapters.stores import schema
from azud.adapters.stores.database import LEASE, Database
from azud.adapters.stores.reading import read_compute_targets, read_datastores, read_snapshot, expanded, readable
from azud.adapters.stores.rows import STEP_COLUMNS, step_row, step_values
from azud.core.clock import now_text
from azud.core.errors import NotFoundError, StorageError
from azud.engine.events import event_body, event_type, read_event
from azud.engine.ports import SPOOLED_FROM, AttemptEnd, ReuseDecision, ReuseEntry, RunOptions, RunUpdate, StoredRun
from azud.model.codec import from_json, to_json
from azud.model.compute import ComputeTargetRecord
from azud.model.data import DatastoreRecord
from azud.model.definition import PipelineDefinition
from azud.model.jobs import SealedOutput
from azud.model.runs import MetricPoint, RunError, RunStatus
from azud.model.snapshot import SourceSnapshot

_UPDATE_STEP = (
    schema.runs.update()
    .where(schema.runs.c.id == sa.bindparam("b_id"))
    .values(
        status=sa.bindparam("b_status"),
        attempt=sa.bindparam("b_attempt"),
        reused_from=sa.bindparam("b_reused_from"),
        started_at=sa.bindparam("b_started_at"),
        ended_at=sa.bindparam("b_ended_at"),
        error=sa.bindparam("b_error", type_=sa.JSON(none_as_null=True)),
        action_key=sa.bindparam("b_action_key"),
        warnings=sa.bindparam("b_warnings", type_=sa.JSON),
    )
)
_UPDATE_LABELLED_STEP = _UPDATE_STEP.values(properties=sa.bindparam("b_properties", type_=sa.JSON))
# Statements are made once: SQLAlchemy finds the compiled form of the same object without looking at its parts.
_INSERT_EVENTS = schema.run_events.insert()
_INSERT_ATTEMPT = insert(schema.attempts).on_conflict_do_nothing()
_INSERT_OUTPUTS = insert(schema.outputs).on_conflict_do_nothing()
_REPLACE_OBSERVATIONS = insert(schema.observations).prefix_with("OR REPLACE")
_INSERT_METRICS = schema.metrics.insert()
_REPLACE_METRICS = insert(schema.metrics).prefix_with("OR REPLACE")
_DELETE_SPOOLED = schema.metrics.delete().where(
    schema.metrics.c.run_id == sa.bindparam("run"), schema.metrics.c.seq >= SPOOLED_FROM
)
_LAST_METRIC = sa.select(sa.func.max(schema.metrics.c.seq)).where(schema.metrics.c.run_id == sa.bindparam("run"))
_INSERT_PREIMAGES = insert(schema.preimages).on_conflict_do_nothing()
_REPLACE_DECISIONS = insert(schema.reuse_decisions).prefix_with("OR REPLACE")


def _upsert(table: sa.Table, key: str, *changed: str) -> Insert:
    """Return an insert that sets these columns anew where the key exists."""
    statement = insert(table)
    return statement.on_conflict_do_update(
        index_elements=[key], set_={name: statement.excluded[name] for name in changed}
    )


_UPSERT_USAGE = _upsert(schema.step_usage, "signature", "max_rss_bytes", "duration_s", "ended_at")
_UPSERT_ENTRIES = _upsert(schema.reuse_entries, "action_key", "run_id", "step_run_id", "last_used_at")
_LOOKUP_CHUNK = 500


class SqlRunStore:
    """`azud.engine.ports.RunStore` on a `Database`."""

    def __init__(self, database: Database) -> None:
        self._database = database

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
            definition = self._definition(connection, row["definition"])
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
                definition=definition,
                options=RunOptions(**row["options"]),
                steps=rows,
                events=tuple(read_event(kind, body) for _, kind, body in expanded(events)),
                sealed=self._sealed_of(
                    connection, [step.reused_from or step.id for step in rows if step.status == RunStatus.COMPLETED]
                ),
                warnings=tuple(row["warnings"]),
            )

    def _definition(self, connection: Connection, digest: str) -> PipelineDefinition:
        found = self._database.definitions.get(digest)
        if found is None:
            body = connection.scalar(sa.select(schema.definitions.c.body).where(schema.definitions.c.digest == digest))
            found = from_json(PipelineDefinition, body)
            self._database.definitions.put(digest, found)
        return found

    def _sealed_of(self, connection: Connection, step_runs: Sequence[str]) -> dict[str, tuple[SealedOutput, ...]]:
        """Return sealed outputs by the step run that made them."""
        found: dict[str, list[SealedOutput]] = {}
        for chunk in _chunks(step_runs):
            rows = connection.execute(
                sa.select(schema.outputs.c.step_run_id, schema.outputs.c.sealed).where(
                    schema.outputs.c.step_run_id.in_(chunk)
                )
            )
            for step_run_id, sealed in rows:
                found.setdefault(step_run_id, []).append(from_json(SealedOutput, sealed))
        return {key: tuple(value) for key, value in found.items()}

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
        rows = [
            {"run_id": step_run_id, "seq": SPOOLED_FROM + position + index, **to_json(point)}
            for index, point in enumerate(points)
        ]
        with self._database.write(point="store.spooled", token=token) as connection:
            if position == 0:
                connection.execute(_DELETE_SPOOLED, {"run": step_run_id})
            connection.execute(_REPLACE_METRICS, rows)

    def apply(self, update: RunUpdate, token: int) -> None:
        with self._database.write(point="store.apply", token=token) as connection:
            self._write_events(connection, update)
            self._write_steps(connection, update)
            self._write_run(connection, update)
            for end in update.ends:
                self._write_end(connection, update.run_id, end)
            self._write_reuse(connection, update)

    def _write_steps(self, connection: Connection, update: RunUpdate) -> None:
        labelled = {step.id: step for step in update.properties}
        plain = [step for step in update.steps if step.id not in labelled]
        if labelled:
            rows = [{**step_values(step), "b_properties": step.properties} for step in labelled.values()]
            connection.execute(_UPDATE_LABELLED_STEP, rows)
        if plain:
            connection.execute(_UPDATE_STEP, [step_values(step) for step in plain])

    def _write_events(self, connection: Connection, update: RunUpdate) -> None:
        if update.events:
            connection.execute(
                _INSERT_EVENTS,
                [
                    {
                        "run_id": update.run_id,
                        "seq": update.first_seq + index,
                        "type": event_type(event),
                        "body": event_body(event),
                    }
                    for index, event in enumerate(update.events)
                ],
            )

    def _write_run(self, connection: Connection, update: RunUpdate) -> None:
        values: dict[str, Any] = {
            name: value
            for name, value in (
                ("status", update.status),
                ("started_at", update.started_at),
                ("ended_at", update.ended_at),
                ("error", to_json(update.error)),
                ("warnings", None if update.warnings is None else list(update.warnings)),
            )
            if value is not None
        }
        if values:
            connection.execute(schema.runs.update().where(schema.runs.c.id == update.run_id).values(**values))

    def _write_end(self, connection: Connection, run_id: str, end: AttemptEnd) -> None:
        manifest = end.manifest
        connection.execute(
            _INSERT_ATTEMPT,
            [
                {
                    "id": end.attempt,
                    "step_run_id": end.step_run_id,
                    "run_id": run_id,
                    "outcome": manifest.outcome,
                    "exit": to_json(manifest.exit),
                    "ended_at": manifest.ended_at or now_text(),
                }
            ],
        )
        if manifest.exit is not None and manifest.outcome == "completed":
            self._write_usage(connection, end)
        if end.outputs:
            connection.execute(
                _INSERT_OUTPUTS,
                [
                    {
                        "step_run_id": end.step_run_id,
                        "name": sealed.name,
                        "run_id": run_id,
                        "datastore": datastore,
                        "path": path,
                        "data_type": data_type,
                        "pipeline_output_name": run_output,
                        "sealed": to_json(sealed),
                    }
                    for sealed, datastore, path, data_type, run_output in end.outputs
                ],
            )
        if end.reads or end.writes:
            connection.execute(
                _REPLACE_OBSERVATIONS,
                [{"step_run_id": end.step_run_id, "reads": list(end.reads), "writes": list(end.writes)}],
            )
        for registration in end.registrations:
            register_version(connection, registration)
        if not end.spooled:
            # An end that was not written after all may have left those of an earlier attempt.
            connection.execute(_DELETE_SPOOLED, {"run": end.step_run_id})
        add_points(connection, end.step_run_id, [to_json(point) for point in end.metrics])
        if end.tags or end.properties:
            merge_labels(connection, end.step_run_id, end.tags, end.properties)

    def _write_usage(self, connection: Connection, end: AttemptEnd) -> None:
        exit_ = end.manifest.exit
        if exit_ is None:
            return
        connection.execute(
            _UPSERT_USAGE,
            {
                "signature": end.signature,
                "max_rss_bytes": exit_.max_rss_bytes,
                "duration_s": exit_.user_s + exit_.system_s,
                "ended_at": exit_.ended_at,
            },
        )

    def _write_reuse(self, connection: Connection, update: RunUpdate) -> None:
        now = now_text()
        if update.environments:
            connection.execute(
                insert(schema.environment_contents).on_conflict_do_nothing(),
                [{"digest": item.digest, "body": dict(item.body)} for item in update.environments],
            )
        if update.dropped_keys:
            connection.execute(
                schema.reuse_entries.delete().where(schema.reuse_entries.c.action_key.in_(update.dropped_keys))
            )
        if update.entries:
            connection.execute(
                _UPSERT_ENTRIES,
                [
                    {
                        "action_key": entry.key,
                        "run_id": entry.run_id,
                        "step_run_id": entry.step_run_id,
                        "created_at": now,
                        "last_used_at": now,
                    }
                    for entry in update.entries
                ],
            )
        if update.decisions:
            self._write_decisions(connection, update.decisions, now)

    def _write_decisions(self, connection: Connection, decisions: Sequence[ReuseDecision], now: str) -> None:
        _check_sources(connection, {item.reused_from for item in decisions if item.reused_from is not None})
        connection.execute(
            _REPLACE_DECISIONS,
            [
                {
                    "step_run_id": decision.step_run_id,
                    "outcome": decision.outcome,
                    "reason": decision.reason,
                    "action_key": decision.key,
                    "reused_from": decision.reused_from,
                }
                for decision in decisions
            ],
        )
        new = [item for item in decisions if item.key and item.preimage is not None and item.outcome != "hit"]
        if new:
            connection.execute(
                _INSERT_PREIMAGES,
                [{"action_key": item.key, "body": item.preimage} for item in new],
            )
        used = [item.key for item in decisions if item.outcome == "hit"]
        for chunk in _chunks(used):
            connection.execute(
                schema.reuse_entries.update()
                .where(schema.reuse_entries.c.action_key.in_(chunk))
                .values(last_used_at=now)
            )

    # -- look-ups -------------------------------------------------------------------------------

    def lookup(self, keys: Sequence[str]) -> Mapping[str, ReuseEntry]:
        table = schema.reuse_entries
        found: dict[str, ReuseEntry] = {}
        with self._database.read() as connection:
            for chunk in _chunks(keys):
                rows = connection.execute(
                    sa.select(
                        table.c.action_key,
                        table.c.run_id,
                        table.c.step_run_id,
                        schema.runs.c.node_id,
                        schema.observations.c.reads,
                    )
                    .join(schema.runs, schema.runs.c.id == table.c.step_run_id)
                    .outerjoin(schema.observations, schema.observations.c.step_run_id == table.c.step_run_id)
                    .where(table.c.action_key.in_(chunk))
                ).all()
                sealed = self._sealed_of(connection, [row.step_run_id for row in rows])
                for row in rows:
                    found[row.action_key] = ReuseEntry(
                        row.action_key,
                        row.run_id,
                        row.step_run_id,
                        sealed.get(row.step_run_id, ()),
                        row.node_id,
                        tuple(row.reads or ()),
                    )
        return found

    def last_rss_bytes(self, signatures: Iterable[str]) -> Mapping[str, int]:
        table = schema.step_usage
        with self._database.read() as connection:
            return {
                row.signature: row.max_rss_bytes
                for chunk in _chunks(sorted(set(signatures)))
                for row in connection.execute(
                    sa.select(table.c.signature, table.c.max_rss_bytes).where(table.c.signature.in_(chunk))
                )
            }

    def registered_dataset(self, name: str, version: int | None) -> str | None:
        table = schema.dataset_versions
        query = sa.select(table.c.dataset_id).where(table.c.name == name).order_by(table.c.version.desc()).limit(1)
        with self._database.read() as connection:
            found: str | None = connection.scalar(query if version is None else query.where(table.c.version == version))
            return found

    def snapshot(self, digest: str) -> SourceSnapshot:
        with self._database.read() as connection:
            return read_snapshot(connection, digest)

    def datastores(self) -> Mapping[str, DatastoreRecord]:
        with self._database.read() as connection:
            return {record.name: record for record in read_datastores(connection)}

    def compute_targets(self) -> Mapping[str, ComputeTargetRecord]:
        with self._database.read() as connection:
            return {record.name: record for record in read_compute_targets(connection)}


def _check_sources(connection: Connection, sources: set[str]) -> None:
    """Refuse a hit whose result was collected after it was looked up: entries may vanish at any time.

    Raises:
        StorageError: Decide anew.
    """
    for chunk in _chunks(sorted(sources)):
        known = set(connection.scalars(sa.select(schema.runs.c.id).where(schema.runs.c.id.in_(chunk))))
        missing = set(chunk) - known
        if missing:
            raise StorageError(
                f"the result of step run {min(missing)} was removed before it could be used again",
                hint="the step is decided anew",
                retryable=True,
            )


def add_points(connection: Connection, run_id: str, points: Sequence[Mapping[str, Any]]) -> None:
    """Append metric points to a run in their order."""
    if not points:
        return
    last = connection.scalar(_LAST_METRIC, {"run": run_id})
    first = 0 if last is None else int(last) + 1
    connection.execute(
        _INSERT_METRICS,
        [{"run_id": run_id, "seq": first + index, **point} for index, point in enumerate(points)],
    )


def merge_labels(
    connection: Connection, run_id: str, tags: Mapping[str, str | None], properties: Mapping[str, str]
) -> None:
    """Set tags and add properties; a property that exists keeps its value."""
    table = schema.runs
    row = connection.execute(sa.select(table.c.tags, table.c.properties).where(table.c.id == run_id)).one()
    connection.execute(
        table.update()
        .where(table.c.id == run_id)
        .values(tags={**row.tags, **tags}, properties={**properties, **row.properties})
    )


def register_version(connection: Connection, registration: Mapping[str, Any]) -> int:
    """Save a dataset and give it the next version under its name; return the version.

    Args:
        connection: Inside a writing transaction.
        registration: `{"name", "description", "tags", "id", "definition"}`.
    """
    now = now_text()
    connection.execute(
        insert(schema.datasets).on_conflict_do_nothing(),
        [{"id": registration["id"], "definition": registration["definition"], "created_at": now}],
    )
    versions = schema.dataset_versions
    newest = connection.scalar(
        sa.select(sa.func.max(versions.c.version)).where(versions.c.name == registration["name"])
    )
    version = int(newest or 0) + 1
    connection.execute(
        versions.insert(),
        [
            {
                "name": registration["name"],
                "version": version,
                "dataset_id": registration["id"],
                "description": registration.get("description") or "",
                "tags": registration.get("tags") or {},
                "created_at": now,
            }
        ],
    )
    return version


def _chunks(values: Sequence[Any]) -> Iterable[Sequence[Any]]:
    for start in range(0, len(values), _LOOKUP_CHUNK):
        yield values[start : start + _LOOKUP_CHUNK]
