"""`Run.get_details()`: what is known of a run, in v1's words."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Dict, List

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
    details.update(
        {
            "properties": dict(record["properties"]),
            "inputDatasets": _datasets(run, record, "inputs"),
            "outputDatasets": _datasets(run, record, "outputs"),
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


def _datasets(run: Run, record: Dict[str, Any], side: str) -> List[Dict[str, Any]]:
    """Return the dataset ports of a step run as its definition has them."""
    if not record.get("parent_id") or not record.get("node_id"):
        return []
    definition = run._api.get(f"/runs/{record['parent_id']}/definition")
    step = next((step for step in definition["steps"] if step["id"] == record["node_id"]), None)
    ports = step[side] if step is not None else []
    return [
        {
            "dataset": {"name": port.get("dataset_name"), "version": port.get("dataset_version")},
            "consumptionDetails" if side == "inputs" else "outputDetails": {
                "type": "RunInput" if side == "inputs" else "RunOutput",
                "inputName" if side == "inputs" else "outputName": port["name"],
                "mechanism": str(port["mode"]).capitalize(),
            },
        }
        for port in ports
        if port["kind"] == "dataset"
    ]
