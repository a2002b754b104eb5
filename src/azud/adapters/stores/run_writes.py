"""What one advance of a run writes, inside the one transaction of `SqlRunStore.apply`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.sqlite import Insert, insert
from sqlalchemy.engine import Connection

from azud.adapters.stores import schema
from azud.adapters.stores.bulk import ManyRows
from azud.adapters.stores.lineage_writes import keep_definitions, write_makers, write_state, write_uses
from azud.adapters.stores.reading import chunks
from azud.adapters.stores.rows import step_values
from azud.core.clock import now_text
from azud.core.errors import StorageError
from azud.engine.events import event_body, event_type
from azud.engine.ports import SPOOLED_FROM, AttemptEnd, ListedFile, ReuseDecision, RunUpdate
from azud.model.codec import to_json

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
_UPDATE_STEPS = ManyRows(_UPDATE_STEP)
_UPDATE_LABELLED_STEPS = ManyRows(_UPDATE_STEP.values(properties=sa.bindparam("b_properties", type_=sa.JSON)))
# Statements are made once: SQLAlchemy finds the compiled form of the same object without looking at its parts.
_INSERT_EVENTS = ManyRows(schema.run_events.insert())
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
_REPLACE_DECISIONS = ManyRows(insert(schema.reuse_decisions).prefix_with("OR REPLACE"))
_TOUCH_ENTRIES = ManyRows(
    schema.reuse_entries.update()
    .where(schema.reuse_entries.c.action_key == sa.bindparam("key"))
    .values(last_used_at=sa.bindparam("now"))
)


def _upsert(table: sa.Table, key: str, *changed: str) -> Insert:
    """Return an insert that sets these columns anew where the key exists."""
    statement = insert(table)
    return statement.on_conflict_do_update(
        index_elements=[key], set_={name: statement.excluded[name] for name in changed}
    )


_UPSERT_USAGE = _upsert(schema.step_usage, "signature", "max_rss_bytes", "duration_s", "ended_at")
_UPSERT_ENTRIES = _upsert(schema.reuse_entries, "action_key", "run_id", "step_run_id", "last_used_at")


def write_update(connection: Connection, update: RunUpdate) -> None:
    """Write events, the projection of steps and run, what ended attempts add, and reuse.

    Raises:
        StorageError: A result that a step takes over has gone meanwhile.
    """
    _write_events(connection, update)
    _write_steps(connection, update)
    _write_run(connection, update)
    for end in update.ends:
        _write_end(connection, update.run_id, end)
    _write_reuse(connection, update)
    if update.uses:
        keep_definitions(connection, update.datasets, now_text())
        write_uses(connection, update.uses)
    for state in update.states:
        write_state(connection, state)


def _write_steps(connection: Connection, update: RunUpdate) -> None:
    labelled = {step.id: step for step in update.properties}
    plain = [step for step in update.steps if step.id not in labelled]
    rows = [{**step_values(step), "b_properties": step.properties} for step in labelled.values()]
    _UPDATE_LABELLED_STEPS.run(connection, rows)
    _UPDATE_STEPS.run(connection, [step_values(step) for step in plain])


def _write_events(connection: Connection, update: RunUpdate) -> None:
    _INSERT_EVENTS.run(
        connection,
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


def _write_run(connection: Connection, update: RunUpdate) -> None:
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


def _write_end(connection: Connection, run_id: str, end: AttemptEnd) -> None:
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
        _write_usage(connection, end)
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


def _write_usage(connection: Connection, end: AttemptEnd) -> None:
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


def _write_reuse(connection: Connection, update: RunUpdate) -> None:
    now = now_text()
    if update.environments:
        connection.execute(
            insert(schema.environment_contents).on_conflict_do_nothing(),
            [{"digest": item.digest, "body": dict(item.body)} for item in update.environments],
        )
    if update.contents:
        _write_contents(connection, update.contents)
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
        _write_decisions(connection, update.decisions, now)


def _write_contents(connection: Connection, contents: Mapping[str, Sequence[ListedFile]]) -> None:
    """Keep the files of inputs; those that are known are not written out again."""
    table = schema.data_contents
    for chunk in chunks(sorted(contents)):
        known = set(connection.scalars(sa.select(table.c.digest).where(table.c.digest.in_(chunk))))
        new = [{"digest": digest, "body": contents[digest]} for digest in chunk if digest not in known]
        if new:
            connection.execute(insert(table), new)


def _write_decisions(connection: Connection, decisions: Sequence[ReuseDecision], now: str) -> None:
    _check_sources(connection, {item.reused_from for item in decisions if item.reused_from is not None})
    _REPLACE_DECISIONS.run(
        connection,
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
    _TOUCH_ENTRIES.run(connection, [{"key": item.key, "now": now} for item in decisions if item.outcome == "hit"])


def _check_sources(connection: Connection, sources: set[str]) -> None:
    """Refuse a hit whose result was collected after it was looked up: entries may vanish at any time.

    Raises:
        StorageError: Decide anew.
    """
    for chunk in chunks(sorted(sources)):
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


def put_spooled(connection: Connection, run_id: str, position: int, points: Sequence[Mapping[str, Any]]) -> None:
    """Store points of a long spool at their own places; the first part removes what an earlier one left there."""
    if position == 0:
        connection.execute(_DELETE_SPOOLED, {"run": run_id})
    first = SPOOLED_FROM + position
    connection.execute(
        _REPLACE_METRICS, [{"run_id": run_id, "seq": first + index, **point} for index, point in enumerate(points)]
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
        registration: `{"name", "description", "tags", "id", "definition"}`, and `makers`: `(step run, how, output)`
            each.
    """
    now = now_text()
    keep_definitions(connection, {registration["id"]: registration["definition"]}, now)
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
    write_makers(connection, registration["name"], version, registration.get("makers") or ())
    return version
