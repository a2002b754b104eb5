"""The rows of `runs` that a submission makes."""

from __future__ import annotations

from typing import Any

from azud.model.codec import to_json
from azud.model.runs import RunStatus, RunType
from azud.services.ports import NewRun

_BLANK: dict[str, Any] = {
    "status": RunStatus.NOT_STARTED,
    "parent_id": None,
    "node_id": None,
    "step_type": None,
    "compute": None,
    "attempt": None,
    "reused_from": None,
    "action_key": None,
    "started_at": None,
    "ended_at": None,
    "error": None,
    "snapshot": None,
    "definition": None,
    "options": None,
    "submitted_under": None,
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


def step_values(new: NewRun, now: str) -> list[dict[str, Any]]:
    """Return the rows of its steps."""
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
            "created_at": now,
            "tags": {"azureml.nodeid": step.node_id, "azureml.pipeline": new.id},
            "properties": step.properties,
            "warnings": list(step.warnings),
            "submitted_by": new.submitted_by,
            "snapshot": step.snapshot,
        }
        for position, step in enumerate(new.steps)
    ]
