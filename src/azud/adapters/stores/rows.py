"""Rows to model values and back."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from azud.adapters.stores.schema import runs
from azud.core.ids import attempt_number
from azud.engine.ports import StepRow
from azud.model.codec import from_json, to_json
from azud.model.runs import MetricPoint, RunError, RunRecord


def run_record(row: Any, progress: Mapping[str, int] | None = None) -> RunRecord:
    """Return the record that a row of `runs` holds."""
    return RunRecord(
        id=row["id"],
        type=row["type"],
        experiment=row["experiment"],
        status=row["status"],
        name=row["name"],
        number=row["number"],
        parent_id=row["parent_id"],
        node_id=row["node_id"],
        step_type=row["step_type"],
        compute=row["compute"],
        attempt=attempt_number(row["attempt"]) if row["attempt"] else 0,
        reused_from=row["reused_from"],
        created_at=row["created_at"],
        started_at=row["started_at"],
        ended_at=row["ended_at"],
        error=from_json(RunError, row["error"]) if row["error"] else None,
        tags=row["tags"],
        properties=row["properties"],
        warnings=tuple(row["warnings"]),
        submitted_by=row["submitted_by"],
        snapshot=row["snapshot"],
        progress=dict(progress or {}),
        submitted_under=row["submitted_under"],
    )


RECORD_COLUMNS = tuple(column for column in runs.c if column.name != "options")
"""What a `RunRecord` is made of; options only matter to the engine, and damaged ones must not hide a run."""

STEP_COLUMNS = tuple(
    runs.c[name]
    for name in (
        *("id", "node_id", "status", "attempt", "reused_from", "started_at", "ended_at"),
        *("error", "action_key", "tags", "properties", "warnings"),
    )
)
"""What the engine reads of a step run: half of the row, which is quicker where there are thousands."""


def step_row(row: Any) -> StepRow:
    """Return the engine's view of a step run's row: the values of `STEP_COLUMNS`."""
    step_run_id, step, status, attempt, reused_from, started_at, ended_at, error, key, tags, properties, warnings = row
    return StepRow(
        id=step_run_id,
        step=step,
        status=status,
        attempt=attempt,
        reused_from=reused_from,
        started_at=started_at,
        ended_at=ended_at,
        error=from_json(RunError, error) if error else None,
        key=key,
        tags=tags,
        properties=properties,
        warnings=tuple(warnings),
    )


def step_values(step: StepRow) -> dict[str, Any]:
    """Return the columns that the engine may change, with `b_id` naming the row."""
    return {
        "b_id": step.id,
        "b_status": step.status,
        "b_attempt": step.attempt,
        "b_reused_from": step.reused_from,
        "b_started_at": step.started_at,
        "b_ended_at": step.ended_at,
        "b_error": to_json(step.error),
        "b_action_key": step.key,
        "b_warnings": step.warnings,
    }


def metric_point(row: Any) -> MetricPoint:
    """Return the point that a row of `metrics` holds."""
    return MetricPoint(name=row["name"], kind=row["kind"], value=row["value"], step=row["step"], at=row["at"])
