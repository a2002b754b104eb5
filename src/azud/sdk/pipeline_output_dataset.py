"""`PipelineData.as_dataset()`: a step's output that other steps read as a dataset.

Every method returns a copy, which stands for the same output. What a copy says of reading holds for the step that has
it among its inputs, what it says of registering for the step that has it among its outputs.
"""

from __future__ import annotations

import copy
import re
from typing import TYPE_CHECKING, Any, Dict, List, Optional, Tuple

from azud.sdk.data_types import PromoteHeadersBehavior
from azud.sdk.exceptions import DefinitionValueError
from azud.sdk.input_binding import InputPortBinding
from azud.sdk.readers import delimited_reader, parquet_reader
from azud.sdk.support import check_port_name

if TYPE_CHECKING:
    from azud.sdk.pipeline_data import PipelineData

_EXTENSIONS = {",": ".csv", "\t": ".tsv"}


class DatasetRegistration:
    """Under what name an output is registered when its step succeeded."""

    def __init__(self, name: str, create_new_version: bool) -> None:
        """Keep both.

        Raises:
            ValueError: The name is empty.
        """
        if not name:
            raise DefinitionValueError("the dataset is registered without a name", hint="give a name")
        self._name = name
        self._create_new_version = create_new_version

    @property
    def name(self) -> str:
        """The name."""
        return self._name

    @property
    def create_new_version(self) -> bool:
        """Whether a name that is taken gets a further version; else the pipeline is refused."""
        return self._create_new_version


class PipelineOutputAbstractDataset:
    """What outputs that are read as files and as tables share."""

    _mode = "mount"

    def __init__(self, pipeline_data: PipelineData) -> None:
        """Not for users: `PipelineData.as_dataset()` makes these."""
        self._identity = pipeline_data
        self._input_name = pipeline_data._output_name
        self._path_on_compute: Optional[str] = None
        self._registration: Optional[DatasetRegistration] = None
        self._reader: Dict[str, Any] = {}

    @property
    def name(self) -> str:
        """The name of the output."""
        return self._identity._output_name

    @property
    def input_name(self) -> str:
        """The name of the input: the output's, unless `as_named_input` gave another."""
        return self._input_name

    def register(self, name: str, create_new_version: bool = True) -> Any:
        """Return a copy that is registered as dataset `name` when the step that has it in `outputs` succeeded.

        Args:
            name: Of the dataset.
            create_new_version: Give a name that is taken a further version; if False, a pipeline whose name is taken
                is refused when it is submitted.
        """
        changed = copy.copy(self)
        changed._registration = DatasetRegistration(name, create_new_version)
        return changed

    def as_named_input(self, name: str) -> Any:
        """Return a copy that a step finds under this name: `run.input_datasets[name]`.

        Raises:
            ValueError: The name is not made of letters, digits and underscores.
        """
        changed = copy.copy(self)
        changed._input_name = check_port_name(name, "dataset input name")
        return changed

    def create_input_binding(self) -> InputPortBinding:
        """Return the binding that stands for this input."""
        return InputPortBinding(
            self._input_name,
            self,
            self._mode,
            self._path_on_compute,
            additional_transformations=dict(self._reader) or None,
        )

    @property
    def _output_name(self) -> str:
        return self._identity._output_name

    @property
    def _pipeline_output_name(self) -> Optional[str]:
        return self._identity._pipeline_output_name

    def __str__(self) -> str:
        return f"$AZUREML_DATAREFERENCE_{self._input_name}"

    __repr__ = __str__


class PipelineOutputFileDataset(PipelineOutputAbstractDataset):
    """An output that other steps read as files."""

    def as_mount(self, path_on_compute: Optional[str] = None) -> PipelineOutputFileDataset:
        """Return a copy that is read where it is; the default."""
        return self._in_mode("mount", path_on_compute)

    def as_download(self, path_on_compute: Optional[str] = None) -> PipelineOutputFileDataset:
        """Return a copy that is copied for the job."""
        return self._in_mode("download", path_on_compute)

    def as_direct(self) -> PipelineOutputFileDataset:
        """Return a copy that the script gets as a `FileDataset`, not as a path."""
        return self._in_mode("direct", None)

    def parse_delimited_files(
        self,
        include_path: bool = False,
        separator: str = ",",
        header: PromoteHeadersBehavior = PromoteHeadersBehavior.ALL_FILES_HAVE_SAME_HEADERS,
        partition_format: Optional[str] = None,
        file_extension: Optional[str] = "",
        set_column_types: Optional[Dict[str, Any]] = None,
        quoted_line_breaks: bool = False,
    ) -> PipelineOutputTabularDataset:
        """Return a copy that is read as a table: the lines of its delimited files.

        Args:
            include_path: Put the file's path into a first column, `Path`.
            separator: Between the cells of a row.
            header: Where the names of columns stand.
            partition_format: Not there yet.
            file_extension: Only files whose names end so are read. "" means `.csv` for commas, `.tsv` for tabulators
                and all files for other separators; None means all files.
            set_column_types: `DataType` by column, instead of what would be found.
            quoted_line_breaks: Accepted as in v1; quoted line breaks are always read as part of a cell.
        """
        ending = _EXTENSIONS.get(separator) if file_extension == "" else file_extension
        reader = delimited_reader(
            separator=separator,
            header=header,
            include_path=include_path,
            set_column_types=set_column_types,
            partition_format=partition_format,
        )
        return PipelineOutputTabularDataset(self, _ending_so(reader, ending))

    def parse_parquet_files(
        self,
        include_path: bool = False,
        partition_format: Optional[str] = None,
        file_extension: Optional[str] = ".parquet",
        set_column_types: Optional[Dict[str, Any]] = None,
    ) -> PipelineOutputTabularDataset:
        """Return a copy that is read as a table: the rows of all its parquet files; always in mode direct.

        Args:
            include_path: Put the file's path into a first column, `Path`.
            partition_format: As in `Dataset.File.from_files`; what it finds becomes columns.
            file_extension: Read only files that end so; None reads all.
            set_column_types: `DataType` by column, instead of what the files say.
        """
        reader = parquet_reader(include_path, set_column_types, partition_format)
        return PipelineOutputTabularDataset(self, _ending_so(reader, file_extension))

    def _in_mode(self, mode: str, path_on_compute: Optional[str]) -> PipelineOutputFileDataset:
        changed = copy.copy(self)
        changed._mode, changed._path_on_compute = mode, path_on_compute
        return changed


class PipelineOutputTabularDataset(PipelineOutputAbstractDataset):
    """An output that other steps read as a table; made by `PipelineOutputFileDataset.parse_delimited_files`."""

    _mode = "direct"

    def __init__(self, pipeline_output_dataset: PipelineOutputAbstractDataset, additional_transformations: Any) -> None:
        """Not for users: keep how the files are read (`azud.model.data.DatasetDefinition.reader`)."""
        super().__init__(pipeline_output_dataset._identity)
        self._input_name = pipeline_output_dataset._input_name
        self._registration = pipeline_output_dataset._registration
        self._reader = dict(additional_transformations)

    def keep_columns(self, columns: Any) -> PipelineOutputTabularDataset:
        """Return a copy with only these columns: a name or a list of names."""
        return self._with({"op": "keep_columns", "columns": _listed(columns)})

    def drop_columns(self, columns: Any) -> PipelineOutputTabularDataset:
        """Return a copy without these columns: a name or a list of names."""
        return self._with({"op": "drop_columns", "columns": _listed(columns)})

    def random_split(
        self, percentage: float, seed: Optional[int] = None
    ) -> Tuple[PipelineOutputTabularDataset, PipelineOutputTabularDataset]:
        """Return two copies without common rows: about `percentage` (0 to 1) of them, and the rest.

        Both have the name of the output, so a step that reads both names them with `as_named_input`.

        Raises:
            ValueError: The percentage is not between 0 and 1.
        """
        first, second = split_operations(percentage, seed, self._reader)
        return self._with(first), self._with(second)

    def _with(self, operation: Dict[str, Any]) -> PipelineOutputTabularDataset:
        changed = copy.copy(self)
        changed._reader = dict(self._reader, operations=[*self._reader.get("operations", []), operation])
        return changed


def _ending_so(reader: Dict[str, Any], ending: Optional[str]) -> Dict[str, Any]:
    return dict(reader, path_glob=f"{re.escape(ending)}$") if ending else reader


def split_operations(
    percentage: float, seed: Optional[int], reader: Dict[str, Any]
) -> Tuple[Dict[str, Any], Dict[str, Any]]:
    """Return the two operations that divide a table at random.

    Without a seed it is made of how the table is read: v1 takes a new one each time, which prevents reuse.

    Raises:
        ValueError: The percentage is not between 0 and 1.
    """
    if not 0 <= float(percentage) <= 1:
        raise DefinitionValueError(f"percentage {percentage!r} is not between 0 and 1")
    from azud.core.digests import digest_value

    chosen = seed if seed is not None else int(digest_value(reader)[:8], 16)
    shared = {"probability": float(percentage), "seed": chosen}
    return {"op": "split_first", **shared}, {"op": "split_second", **shared}


def _listed(columns: Any) -> List[str]:
    return [columns] if isinstance(columns, str) else [str(column) for column in columns]
