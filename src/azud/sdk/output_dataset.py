"""`OutputFileDatasetConfig`: an output of a step that other steps and people read as a dataset."""

from __future__ import annotations

import copy
from typing import TYPE_CHECKING, Any, Dict, List, Optional, Tuple

from azud.core.paths import clean_relative
from azud.sdk.data_types import PromoteHeadersBehavior
from azud.sdk.dataset_consumption import DatasetConsumptionConfig
from azud.sdk.exceptions import UserErrorException, translated
from azud.sdk.readers import delimited_reader, parquet_reader
from azud.sdk.support import check_port_name, not_yet, random_suffix

if TYPE_CHECKING:
    from typing_extensions import Self

    from azud.sdk.step import PipelineStep


class MountOptions:
    """How an output is mounted."""

    def __init__(self, disable_metadata_cache: bool = False) -> None:
        """Keep the option; azud's mounts are folders, which have no cache of metadata."""
        self.disable_metadata_cache = disable_metadata_cache


class UploadOptions:
    """How an output is uploaded."""

    def __init__(self, overwrite: bool = False, source_globs: Any = None) -> None:
        """Keep the options."""
        self.overwrite = overwrite
        self.source_globs = source_globs


class RegistrationConfiguration:
    """Under what name an output is registered when its step succeeded."""

    def __init__(self, name: str, description: Optional[str], tags: Optional[Dict[str, str]]) -> None:
        """Keep the names."""
        self.name = name
        self.description = description
        self.tags = tags


class _Identity:
    """What all copies of one output share: who makes it."""

    def __init__(self) -> None:
        self.producer: Optional[PipelineStep] = None
        self.arguments_of: List[PipelineStep] = []

    def __deepcopy__(self, memo: Any) -> _Identity:
        return self


class OutputDatasetConfig:
    """Base of outputs that are datasets. Methods return copies, which stand for the same output."""

    def __init__(self, mode: str, name: Optional[str] = None, **kwargs: Any) -> None:
        """Name the output; a random name if None, which makes the step's results impossible to reuse."""
        self.mode = mode
        self._name = check_port_name(name or f"output_{random_suffix()}", "output name")
        self._identity = _Identity()
        self._registration: Optional[RegistrationConfiguration] = None
        self._reader: Dict[str, Any] = {}

    @property
    def name(self) -> str:
        """The name of the output and of the environment variable that holds its path."""
        return self._name

    @name.setter
    def name(self, name: str) -> None:
        self._name = check_port_name(name, "output name")

    @property
    def _output_name(self) -> str:
        return self._name

    @property
    def arg_val(self) -> str:
        """`DatasetOutputConfig:<name>`, which stands for the output in texts."""
        return f"DatasetOutputConfig:{self._name}"

    def register_on_complete(
        self, name: str, description: Optional[str] = None, tags: Optional[Dict[str, str]] = None
    ) -> Self:
        """Return a copy that is registered as a new version of dataset `name` when the step succeeded.

        Raises:
            ValueError: The name is empty.
        """
        if not name:
            raise ValueError("register_on_complete needs a name")
        changed = copy.copy(self)
        changed._registration = RegistrationConfiguration(name, description, tags)
        return changed

    def as_input(self, name: Optional[str] = None) -> DatasetConsumptionConfig:
        """Return this output as an input of another step; the input's name is the output's unless given."""
        mode = "direct" if self._reader else "mount"
        return DatasetConsumptionConfig(name or f"input_{self.name}", self, mode)

    def __repr__(self) -> str:
        return self.arg_val


class TransformationMixin:
    """What outputs of files can be read as."""

    def read_delimited_files(
        self,
        include_path: bool = False,
        separator: str = ",",
        header: PromoteHeadersBehavior = PromoteHeadersBehavior.ALL_FILES_HAVE_SAME_HEADERS,
        partition_format: Optional[str] = None,
        path_glob: Optional[str] = None,
        set_column_types: Optional[Dict[str, Any]] = None,
    ) -> OutputTabularDatasetConfig:
        """Return a copy that is read as a table: the lines of all its delimited files."""
        reader = delimited_reader(
            separator=separator,
            header=header,
            include_path=include_path,
            set_column_types=set_column_types,
            partition_format=partition_format,
        )
        return OutputTabularDatasetConfig(_of=self, _reader=dict(reader, path_glob=path_glob))

    def read_parquet_files(
        self,
        include_path: bool = False,
        partition_format: Optional[str] = None,
        path_glob: Optional[str] = None,
        set_column_types: Optional[Dict[str, Any]] = None,
    ) -> OutputTabularDatasetConfig:
        """Return a copy that is read as a table: the rows of all its parquet files.

        Args:
            include_path: Put the file's path into a first column, `Path`.
            partition_format: As in `Dataset.File.from_files`; what it finds becomes columns.
            path_glob: A regular expression, as in v1, that the name of a file below the output must match.
            set_column_types: `DataType` by column, instead of what the files say.
        """
        reader = parquet_reader(include_path, set_column_types, partition_format)
        return OutputTabularDatasetConfig(_of=self, _reader=dict(reader, path_glob=path_glob))


class OutputFileDatasetConfig(OutputDatasetConfig, TransformationMixin):
    """A folder that the script fills. Its path reaches the script as an argument and as variable `<name>`."""

    def __init__(
        self,
        name: Optional[str] = None,
        destination: Any = None,
        source: Optional[str] = None,
        partition_format: Optional[str] = None,
    ) -> None:
        """Describe the output.

        Args:
            name: Of the output; give one, or the step's results can never be reused.
            destination: `(datastore or its name, path)`; `{run-id}` and `{output-name}` in the path are
                replaced. A unique place on `workspaceblobstore` if None.
            source: Local folder that the script writes; a folder of azud's if None.
            partition_format: Not there yet.

        Raises:
            UserErrorException: The destination has another form, or leaves its datastore.
        """
        super().__init__("mount", name)
        if partition_format is not None:
            not_yet("OutputFileDatasetConfig(partition_format=…)")()
        self.destination = checked_destination(destination)
        self.source = source
        self._upload_options = UploadOptions()
        self._mount_options = MountOptions()

    def as_mount(self, disable_metadata_cache: bool = False) -> OutputFileDatasetConfig:
        """Return a copy whose files are written where they stay."""
        changed = copy.copy(self)
        changed.mode = "mount"
        changed._mount_options = MountOptions(disable_metadata_cache)
        return changed

    def as_upload(self, overwrite: bool = False, source_globs: Any = None) -> OutputFileDatasetConfig:
        """Return a copy whose files are copied to their destination when the step succeeded."""
        if source_globs is not None:
            not_yet("OutputFileDatasetConfig.as_upload(source_globs=…)")()
        changed = copy.copy(self)
        changed.mode = "upload"
        changed._upload_options = UploadOptions(overwrite)
        return changed


class OutputTabularDatasetConfig(OutputDatasetConfig):
    """An output that is read as a table; made by `OutputFileDatasetConfig.read_delimited_files`."""

    def __init__(self, **kwargs: Any) -> None:
        """Not for users: take over the file output's description."""
        source: Any = kwargs["_of"]
        super().__init__(source.mode, source.name)
        self._identity = source._identity
        self._registration = source._registration
        self._reader = kwargs["_reader"]
        self.destination = source.destination
        self.source = source.source
        self._upload_options = source._upload_options
        self._part = ""

    @property
    def name(self) -> str:
        """The name of the output; of a part that `random_split` made, with `_1` or `_2`."""
        return self._name + self._part

    @name.setter
    def name(self, name: str) -> None:
        self._name, self._part = check_port_name(name, "output name"), ""

    def keep_columns(self, columns: Any) -> OutputTabularDatasetConfig:
        """Return a copy with only these columns."""
        return self._with({"op": "keep_columns", "columns": _listed(columns)})

    def drop_columns(self, columns: Any) -> OutputTabularDatasetConfig:
        """Return a copy without these columns."""
        return self._with({"op": "drop_columns", "columns": _listed(columns)})

    def random_split(
        self, percentage: float, seed: Optional[int] = None
    ) -> Tuple[OutputTabularDatasetConfig, OutputTabularDatasetConfig]:
        """Return two copies without common rows: about `percentage` (0 to 1) of them, and the rest.

        Their names end in `_1` and `_2`, so that one step may read both.

        Raises:
            ValueError: The percentage is not between 0 and 1.
        """
        from azud.sdk.pipeline_output_dataset import split_operations

        first, second = (self._with(operation) for operation in split_operations(percentage, seed, self._reader))
        first._part, second._part = f"{self._part}_1", f"{self._part}_2"
        return first, second

    def as_mount(self) -> OutputTabularDatasetConfig:
        """Return a copy whose files are written where they stay."""
        changed = copy.copy(self)
        changed.mode = "mount"
        return changed

    def as_upload(self, overwrite: bool = False, source_globs: Any = None) -> OutputTabularDatasetConfig:
        """Return a copy whose files are copied to their destination when the step succeeded."""
        if source_globs is not None:
            not_yet("OutputTabularDatasetConfig.as_upload(source_globs=…)")()
        changed = copy.copy(self)
        changed.mode = "upload"
        changed._upload_options = UploadOptions(overwrite)
        return changed

    def _with(self, operation: Dict[str, Any]) -> OutputTabularDatasetConfig:
        changed = copy.copy(self)
        changed._reader = dict(self._reader, operations=[*self._reader.get("operations", []), operation])
        return changed


def _listed(columns: Any) -> List[str]:
    return [columns] if isinstance(columns, str) else list(columns)


def checked_destination(destination: Any) -> Any:
    """Return `(datastore, relative path or None)`, or None.

    Raises:
        UserErrorException: It has another form, or leaves its datastore.
    """
    if destination is None:
        return None
    if not isinstance(destination, (tuple, list)) or len(destination) not in (1, 2):
        raise UserErrorException(
            f"destination {destination!r} is not valid", hint="use (datastore, 'path'), or leave it out"
        )
    datastore, path = destination[0], destination[1] if len(destination) == 2 else None
    if path is None:
        return (datastore, None)
    with translated():
        return (datastore, clean_relative(str(path)))
