"""Outputs of runs that have ended: `StepRunOutput` and `PortDataReference`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Dict, Optional

from azud.sdk.datastore import Datastore, FilesDatastore
from azud.sdk.input_binding import Bindable, InputPortBinding

if TYPE_CHECKING:
    from azud.sdk.pipeline_run import StepRun
    from azud.sdk.run import Run


class StepRunOutput:
    """An output of a step run."""

    def __init__(self, context: Any, pipeline_run_id: str, step_run: StepRun, name: str, step_output: Any) -> None:
        """Not for users: wrap the API's description."""
        self.context = context
        self.pipeline_run_id = pipeline_run_id
        self.step_run = step_run
        self.name = name
        self.step_output = step_output

    def get_port_data_reference(self) -> PortDataReference:
        """Return where the bytes are."""
        return PortDataReference(None, self.pipeline_run_id, self.step_output, self.step_run)


class PortDataReference(Bindable):
    """Where a past run's output lies; also an input of a new pipeline."""

    def __init__(
        self, context: Any, pipeline_run_id: str, data_reference: Dict[str, Any], step_run: Optional[Run] = None
    ) -> None:
        """Not for users: wrap the API's description of an output."""
        self.pipeline_run_id = pipeline_run_id
        self._record = data_reference
        self._run: Any = step_run or context
        self.data_reference_name = str(data_reference["name"])

    @property
    def name(self) -> str:
        """The name of the output."""
        return str(self._record["name"])

    @property
    def datastore_name(self) -> str:
        """The name of the datastore."""
        return str(self._record["datastore"])

    @property
    def datastore(self) -> FilesDatastore:
        """The datastore."""
        return Datastore.get(self._run.experiment.workspace, self.datastore_name)

    @property
    def path_on_datastore(self) -> str:
        """The path of the file or folder."""
        return str(self._record["path"])

    def download(self, local_path: str, overwrite: Optional[bool] = None, show_progress: Optional[bool] = None) -> int:
        """Copy the output below `local_path`, under its path on the datastore, and return how many files."""
        return self.datastore.download(
            local_path,
            prefix=self.path_on_datastore,
            overwrite=bool(overwrite),
            show_progress=show_progress is not False,
        )

    def create_input_binding(
        self,
        input_name: Optional[str] = None,
        mode: Optional[str] = None,
        path_on_compute: Optional[str] = None,
        overwrite: Optional[bool] = None,
    ) -> InputPortBinding:
        """Return an input of this output."""
        return InputPortBinding(input_name or self.name, self, mode or "mount", path_on_compute, overwrite)

    def __str__(self) -> str:
        return f"$AZUREML_DATAREFERENCE_{self.name}"

    __repr__ = __str__
