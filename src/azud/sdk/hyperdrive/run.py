"""`HyperDriveRun`: the run of a sweep. What needs the sweep's engine says that it is still to come."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Optional

from azud.sdk.run import Run
from azud.sdk.support import not_yet

if TYPE_CHECKING:
    from azud.sdk.experiment import Experiment


class HyperDriveRun(Run):
    """A run whose children try values of hyperparameters."""

    RUN_TYPE = "hyperdrive"
    HYPER_DRIVE_RUN_USER_AGENT = "sdk_run_hyper_drive"

    def __init__(self, experiment: Experiment, run_id: str, hyperdrive_config: Any = None, **kwargs: Any) -> None:
        """Open a run by its id; whether it exists shows when it is read."""
        super().__init__(experiment, run_id, **kwargs)
        self._hyperdrive_config = hyperdrive_config

    @property
    def hyperdrive_config(self) -> Optional[Any]:
        """The sweep's description, if the run was made with it."""
        return self._hyperdrive_config

    get_best_run_by_primary_metric = not_yet("HyperDriveRun.get_best_run_by_primary_metric")
    get_children_sorted_by_primary_metric = not_yet("HyperDriveRun.get_children_sorted_by_primary_metric")
    get_hyperparameters = not_yet("HyperDriveRun.get_hyperparameters")
    get_metrics = not_yet("HyperDriveRun.get_metrics")  # type: ignore[assignment]
    get_diagnostics = not_yet("HyperDriveRun.get_diagnostics")
    cancel = not_yet("HyperDriveRun.cancel")  # type: ignore[assignment]
    fail = not_yet("HyperDriveRun.fail")  # type: ignore[assignment]
