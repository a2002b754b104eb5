"""`PipelineData`, data that one step makes and others read, and the binding of an output."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, List, Optional

from azud.sdk.exceptions import DefinitionValueError
from azud.sdk.input_binding import Bindable, InputPortBinding
from azud.sdk.support import check_port_name, not_yet

if TYPE_CHECKING:
    from azud.sdk.datastore import AbstractDatastore
    from azud.sdk.pipeline_output_dataset import PipelineOutputFileDataset
    from azud.sdk.step import PipelineStep
    from azud.sdk.training_output import TrainingOutput


class PipelineData(Bindable):
    """Data between steps: the output of the one step that has it in `outputs`, an input of others.

    `str()` is `$AZUREML_DATAREFERENCE_<name>`, which is replaced by the path at run time.
    """

    def __init__(
        self,
        name: str,
        datastore: Optional[AbstractDatastore] = None,
        output_name: Optional[str] = None,
        output_mode: str = "mount",
        output_path_on_compute: Optional[str] = None,
        output_overwrite: Optional[bool] = None,
        data_type: Optional[str] = None,
        is_directory: Optional[bool] = None,
        pipeline_output_name: Optional[str] = None,
        training_output: Optional[TrainingOutput] = None,
    ) -> None:
        """Name the data; nothing is made.

        Args:
            name: Letters, digits and underscores.
            datastore: Where the bytes are kept; the pipeline's default datastore if None.
            output_name: Name of the producer's port; `name` if None.
            output_mode: `mount` (the script writes where the bytes stay) or `upload` (from
                `output_path_on_compute`, after the script).
            output_path_on_compute: See `output_mode`.
            output_overwrite: For uploads.
            data_type: A label for the kind of data.
            is_directory: Label `AnyDirectory` instead of `AnyFile`. The script makes the folder itself.
            pipeline_output_name: Name for `PipelineRun.get_pipeline_output`.
            training_output: For AutoML and HyperDrive steps only.

        Raises:
            ValueError: A name or mode is not valid.
        """
        self._name = check_port_name(name, "PipelineData name")
        self._output_name = check_port_name(output_name or name, "PipelineData output_name")
        if output_mode not in ("mount", "upload"):
            raise DefinitionValueError(f"Invalid output mode [{output_mode}]", hint="use mount or upload")
        self._datastore = datastore
        self._output_mode = output_mode
        self._output_path_on_compute = output_path_on_compute
        self._output_overwrite = output_overwrite
        self._data_type = data_type or ("AnyDirectory" if is_directory else "AnyFile")
        self._is_directory = is_directory
        self._pipeline_output_name = pipeline_output_name
        self._training_output = training_output
        self._destination: Optional[str] = None
        self._producer: Optional[PipelineStep] = None
        self._arguments_of: List[PipelineStep] = []

    @property
    def name(self) -> str:
        """The name."""
        return self._name

    @property
    def datastore(self) -> Optional[AbstractDatastore]:
        """Where the bytes are kept, if it was chosen."""
        return self._datastore

    @property
    def data_type(self) -> str:
        """The label of the kind of data."""
        return self._data_type

    def create_input_binding(
        self,
        input_name: Optional[str] = None,
        mode: Optional[str] = None,
        path_on_compute: Optional[str] = None,
        overwrite: Optional[bool] = None,
    ) -> InputPortBinding:
        """Return an input of these data.

        Raises:
            ValueError: The mode is neither `mount` nor `download`, or the name is not valid.
        """
        if mode not in (None, "mount", "download"):
            raise DefinitionValueError(f"Invalid input mode [{mode}]", hint="use mount or download")
        return InputPortBinding(input_name or self._name, self, mode or "mount", path_on_compute, overwrite)

    def get_env_variable_name(self) -> str:
        """Return `$AZUREML_DATAREFERENCE_<name>`."""
        return str(self)

    def as_dataset(self) -> PipelineOutputFileDataset:
        """Return this output as files that other steps read as a dataset.

        Put it into the `outputs` of the step that makes it, in the place of the `PipelineData`.
        """
        from azud.sdk.pipeline_output_dataset import PipelineOutputFileDataset

        return PipelineOutputFileDataset(self)

    def __str__(self) -> str:
        return f"$AZUREML_DATAREFERENCE_{self._name}"

    __repr__ = __str__


class OutputPortBinding:
    """An output of a step, described without a `PipelineData`."""

    def __init__(
        self,
        name: str,
        datastore: Optional[AbstractDatastore] = None,
        output_name: Optional[str] = None,
        bind_mode: str = "mount",
        path_on_compute: Optional[str] = None,
        is_directory: Optional[bool] = None,
        overwrite: Optional[bool] = None,
        data_type: Optional[str] = None,
        pipeline_output_name: Optional[str] = None,
        training_output: Optional[TrainingOutput] = None,
        dataset_registration: Any = None,
        dataset_output: Any = None,
    ) -> None:
        """Describe an output; see `PipelineData`.

        Args:
            name: As the `name` of `PipelineData`, and all further arguments but the last two.
            datastore: See `name`.
            output_name: See `name`.
            bind_mode: `output_mode` there.
            path_on_compute: `output_path_on_compute` there.
            is_directory: See `name`.
            overwrite: `output_overwrite` there.
            data_type: See `name`.
            pipeline_output_name: See `name`.
            training_output: See `name`.
            dataset_registration: `DatasetRegistration`: the dataset that the output becomes when its step succeeded.
            dataset_output: Not there yet.

        Raises:
            ValueError: A name or mode is not valid.
        """
        if dataset_output is not None:
            not_yet("OutputPortBinding(dataset_output=…)")()
        self._data = PipelineData(
            name,
            datastore,
            output_name,
            bind_mode,
            path_on_compute,
            overwrite,
            data_type,
            is_directory,
            pipeline_output_name,
            training_output,
        )
        self._dataset_registration = dataset_registration

    @property
    def name(self) -> str:
        """The name of the port."""
        return self._data._output_name

    @property
    def bind_mode(self) -> str:
        """`mount` or `upload`."""
        return self._data._output_mode

    @property
    def datastore(self) -> Optional[AbstractDatastore]:
        """Where the bytes are kept."""
        return self._data._datastore

    @datastore.setter
    def datastore(self, value: Optional[AbstractDatastore]) -> None:
        self._data._datastore = value

    @property
    def path_on_compute(self) -> Optional[str]:
        """Where an upload is taken from."""
        return self._data._output_path_on_compute

    @property
    def is_directory(self) -> Optional[bool]:
        """As given."""
        return self._data._is_directory

    @property
    def overwrite(self) -> Optional[bool]:
        """As given."""
        return self._data._output_overwrite

    @property
    def data_type(self) -> str:
        """The label of the kind of data."""
        return self._data._data_type

    @property
    def pipeline_output_name(self) -> Optional[str]:
        """Name of the run's output."""
        return self._data._pipeline_output_name

    @property
    def training_output(self) -> Optional[TrainingOutput]:
        """As given."""
        return self._data._training_output

    @property
    def dataset_registration(self) -> Any:
        """As given."""
        return self._dataset_registration

    def _registered(self) -> Any:
        """Return what stands for the output: its data, as a dataset where that is registered."""
        asked = self._dataset_registration
        if asked is None:
            return self._data
        return self._data.as_dataset().register(asked.name, asked.create_new_version)

    def __str__(self) -> str:
        return str(self._data)

    __repr__ = __str__
