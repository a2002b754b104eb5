"""`Run.get_details()`: what is known of a run, in v1's words."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Dict, List

from azud.sdk.run_definition import submitted_step

if TYPE_CHECKING:
    from azud.sdk.run import Run

_LOG_FOLDERS = ("azureml-logs/", "user_logs/", "system_logs/", "logs/")


def details_of(run: Run) -> Dict[str, Any]:
    """Return the details of a run."""
    record = run._fresh()
    details: Dict[str, Any] = {
        "runId": record["id"],
        "target": record.get("compute") or "local",
        "status": record["status"],
        "startTimeUtc": record.get("started_at"),
    }
    if record.get("ended_at"):
        details["endTimeUtc"] = record["ended_at"]
    submitted = submitted_step(run, record)
    if submitted is not None:
        details["runDefinition"] = submitted.run_definition()
    details.update(
        {
            "properties": dict(record["properties"]),
            "inputDatasets": submitted.input_datasets() if submitted is not None else [],
            "outputDatasets": submitted.output_datasets(record["id"]) if submitted is not None else [],
            "logFiles": {name: f"{run.get_portal_url()}/files/{name}" for name in _log_names(run)},
            "submittedBy": record.get("submitted_by") or "",
        }
    )
    if record.get("error"):
        details["error"] = {"error": dict(record["error"])}
    if record.get("warnings"):
        details["warnings"] = [{"source": "azud", "message": text} for text in record["warnings"]]
    return details


def _log_names(run: Run) -> List[str]:
    return [name for name in run.get_file_names() if name.startswith(_LOG_FOLDERS)]
