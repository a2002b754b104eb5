"""Which runs a compute target has: `Run.list_by_compute`, `AmlCompute.get_active_runs`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Iterator, Mapping, Optional, Union

from azud.sdk.experiment import Experiment, has_all
from azud.sdk.run import TERMINAL, Run, run_of_record

if TYPE_CHECKING:
    _Wanted = Union[str, Mapping[str, Any], None]


def runs_on(
    compute: Any, type: Optional[str] = None, tags: _Wanted = None, properties: _Wanted = None, status: Any = None
) -> Iterator[Run]:
    """Yield the steps and script runs of a compute target, those of the newest run first.

    Args:
        compute: A target of a workspace.
        type: Only of this type.
        tags: As `Experiment.get_runs`.
        properties: As `Experiment.get_runs`.
        status: Only in this state; None: those that have not ended.
    """
    workspace = compute.workspace
    for whole in workspace._api.items("/runs"):
        # A run that has ended has no step that has not.
        if status is None and whole["status"] in TERMINAL:
            continue
        is_script = whole["type"] == "azureml.scriptrun"
        for record in [whole] if is_script else workspace._api.items(f"/runs/{whole['id']}/steps"):
            state = record["status"]
            if _name(record) != compute.name or (state in TERMINAL if status is None else state != status):
                continue
            if type in (None, record["type"]) and has_all(record, tags, properties):
                yield run_of_record(Experiment(workspace, record["experiment"], _create_in_cloud=False), record)


def _name(record: Mapping[str, Any]) -> Optional[str]:
    return record.get("compute")
