"""The rows of `runs` that a submission makes."""

from __future__ import annotations

from typing import Any

from azud.adapters.stores import schema
from azud.engine.ports import StoredRun
from azud.model.codec import to_json
from azud.model.runs import RunStatus, RunType
from azud.services.ports import NewRun

_BLANK: dict[str, Any] = {
    **{column.name: None for column in schema.runs.c if column.nullable},
    "status": RunStatus.NOT_STARTED,
}


def run_values(new: NewRun, number: int, digest: str, now: str) -> dict[str, Any]:
    """Return the row of a run; `digest` names its definition. A script run's says where its only step runs, too."""
    step = new.steps[0] if new.type == RunType.SCRIPT else None
    return {
        **_BLANK,
        "id": new.id,
        "type": new.type,
        "experiment": new.experiment,
        "number": number,
        "position": 0,
        "name": new.definition.name or new.experiment,
        "step_type": step.type if step is not None else None,
        "compute": step.compute if step is not None else None,
        "snapshot": step.snapshot if step is not None else None,
        "created_at": now,
        "tags": new.tags,
        "properties": new.properties,
        "warnings": list(new.warnings),
        "submitted_by": new.submitted_by,
        "definition": digest,
        "options": to_json(new.options),
        "submitted_under": new.submitted_under,
    }


def step_values(new: NewRun, stored: StoredRun) -> list[dict[str, Any]]:
    """Return the rows of its steps, which hold what `stored` begins with."""
    return [
        {
            **_BLANK,
            "id": step.id,
            "type": RunType.STEP,
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
