"""`azureml.core.Dataset`: the way to datasets, and what v1 itself deprecated of it.

`Dataset.File`, `Dataset.Tabular`, `Dataset.get_by_name` and `Dataset.get_by_id` give file and tabular datasets. Before
these there were objects of `Dataset` itself; what of them has a counterpart works on one, and says once what to use.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any, Dict, List, Optional

from azud.sdk.data_types import (
    FileEncoding,
    PromoteHeadersBehavior,
    SkipLinesBehavior,
    codec_of,
)
from azud.sdk.dataset import AbstractDataset, dataset_of_record
from azud.sdk.dataset_factory import FileDatasetFactory, TabularDatasetFactory, locations_of, table_of
from azud.sdk.exceptions import NotYetError, UserErrorException
from azud.sdk.readers import json_reader
from azud.sdk.support import not_yet, warn

if TYPE_CHECKING:
    from azud.sdk.expressions import Column
    from azud.sdk.workspace import Workspace

_SEPARATORS = {".csv": ",", ".tsv": "\t"}
_SAMPLINGS = "top_n, simple_random"


class Dataset:
    """The way to datasets; an object of it is v1's deprecated kind, around a file or tabular dataset."""

    Tabular = TabularDatasetFactory
    File = FileDatasetFactory
    get_by_name = staticmethod(AbstractDataset.get_by_name)
    get_by_id = staticmethod(AbstractDataset.get_by_id)
    get_all = staticmethod(AbstractDataset.get_all)

    class Scenario:
        """What a model used a dataset for: the words of `Model.register(datasets=[(word, dataset)])`."""

        TRAINING = "training"
        VALIDATION = "validation"
        INFERENCING = "inferencing"

    def __init__(
        self,
        definition: Any,
        workspace: Optional[Workspace] = None,
        name: Optional[str] = None,
        id: Optional[str] = None,
    ) -> None:
        """Wrap a file or tabular dataset.

        Raises:
            UserErrorException: `definition` is none.
        """
        if not isinstance(definition, AbstractDataset):
            raise UserErrorException(
                f"{definition!r} is no dataset",
                hint="use Dataset.Tabular.from_delimited_files or Dataset.File.from_files",
            )
        self._definition = definition
        self._workspace = workspace or definition._workspace
        self._name, self._id = name, id

    # What is registered

    @property
    def name(self) -> Optional[str]:
        """The registered name, or None."""
        return self._name or self._definition.name

    @property
    def workspace(self) -> Optional[Workspace]:
        """The workspace, if it is known."""
        return self._workspace

    @property
    def id(self) -> Optional[str]:
        """The saved id, or None."""
        return self._id or self._definition.id

    @property
    def definition(self) -> AbstractDataset:
        """The file or tabular dataset."""
        return self._definition

    @property
    def definition_version(self) -> Optional[str]:
        """The registered version as a text, or None."""
        version = self._definition.version
        return None if version is None else str(version)

    @property
    def is_visible(self) -> bool:
        """True: azud hides no dataset."""
        return True

    @property
    def tags(self) -> Dict[str, str]:
        """The registered tags."""
        return self._definition.tags

    @property
    def description(self) -> Optional[str]:
        """The registered description."""
        return self._definition.description

    @property
    def state(self) -> str:
        """`active`: azud has no other state."""
        return "active"

    @staticmethod
    def get(workspace: Workspace, name: Optional[str] = None, id: Optional[str] = None) -> Dataset:
        """Return a registered dataset by its name, or a saved one by its id.

        Raises:
            UserErrorException: No such dataset, or neither name nor id.
        """
        _say("Dataset.get", "Dataset.get_by_name or Dataset.get_by_id")
        if name is None and id is None:
            raise UserErrorException("Dataset.get needs a name or an id")
        found = AbstractDataset.get_by_id(workspace, id) if id else AbstractDataset.get_by_name(workspace, str(name))
        return Dataset(found, workspace)

    @staticmethod
    def list(workspace: Workspace) -> List[Dataset]:
        """Return the newest version of every registered dataset."""
        _say("Dataset.list", "workspace.datasets")
        return [Dataset(found, workspace) for found in AbstractDataset.get_all(workspace).values()]

    def get_definitions(self) -> Dict[str, AbstractDataset]:
        """Return every registered version, by its number as a text; {} if the dataset is not registered."""
        if self.name is None or self._workspace is None:
            return {}
        records = self._workspace._api.items("/datasets", {"name": self.name})
        return {str(record["version"]): dataset_of_record(self._workspace, record) for record in records}

    def get_definition(self, version_id: Optional[str] = None) -> AbstractDataset:
        """Return a registered version; this one if None.

        Raises:
            UserErrorException: No such version.
        """
        if version_id is None:
            return self._definition
        if self.name is None or self._workspace is None:
            raise UserErrorException("this dataset is not registered", hint="register(workspace, name) it first")
        return AbstractDataset.get_by_name(self._workspace, self.name, version_id)

    def register(
        self,
        workspace: Workspace,
        name: str,
        description: Optional[str] = None,
        tags: Optional[Dict[str, str]] = None,
        visible: bool = True,
        exist_ok: bool = False,
        update_if_exist: bool = False,
    ) -> Dataset:
        """Register the dataset.

        Args:
            workspace: Where.
            name: Of the dataset.
            description: What it holds.
            tags: By name.
            visible: Must be True: azud hides no dataset.
            exist_ok: If the name is taken, return what is registered.
            update_if_exist: If the name is taken, register a further version.

        Raises:
            UserErrorException: The name is taken, and neither is set.
        """
        _say("Dataset.register", "register of a file or tabular dataset")
        if not visible:
            not_yet("Dataset.register(visible=…)")()
        taken = exist_ok and not update_if_exist and workspace._api.find(f"/datasets/registered/{name}")
        if taken:
            return Dataset(dataset_of_record(workspace, taken), workspace)
        return Dataset(self._definition.register(workspace, name, description, tags, update_if_exist), workspace)

    def update(
        self,
        name: Optional[str] = None,
        description: Optional[str] = None,
        tags: Optional[Dict[str, str]] = None,
        visible: Optional[bool] = None,
    ) -> Dataset:
        """Replace the description, the tags, or both.

        Raises:
            UserErrorException: The dataset is not registered.
        """
        if name is not None:
            not_yet("Dataset.update(name=…)")()
        if visible is not None:
            not_yet("Dataset.update(visible=…)")()
        self._definition.update(description, tags)
        return self

    def update_definition(self, definition: Any, definition_update_message: str) -> Dataset:
        """Register another definition as the next version of this dataset, with the message as its description.

        Raises:
            UserErrorException: This dataset is not registered, or `definition` is no dataset.
        """
        if self.name is None or self._workspace is None:
            raise UserErrorException("this dataset is not registered", hint="register(workspace, name) it first")
        found = definition if isinstance(definition, AbstractDataset) else Dataset(definition)._definition
        made = found.register(self._workspace, self.name, definition_update_message, self.tags, create_new_version=True)
        return Dataset(made, self._workspace)

    # Making

    @staticmethod
    def from_delimited_files(
        path: Any,
        separator: str = ",",
        header: PromoteHeadersBehavior = PromoteHeadersBehavior.ALL_FILES_HAVE_SAME_HEADERS,
        encoding: FileEncoding = FileEncoding.UTF8,
        quoting: bool = False,
        infer_column_types: bool = True,
        skip_rows: int = 0,
        skip_mode: SkipLinesBehavior = SkipLinesBehavior.NO_ROWS,
        comment: Optional[str] = None,
        include_path: bool = False,
        archive_options: Any = None,
        partition_format: Optional[str] = None,
    ) -> Dataset:
        """Return a table whose rows stand in delimited files; see `Dataset.Tabular.from_delimited_files`."""
        _say("Dataset.from_delimited_files", "Dataset.Tabular.from_delimited_files")
        if skip_rows:
            not_yet("Dataset.from_delimited_files(skip_rows=…)")()
        if comment is not None:
            not_yet("Dataset.from_delimited_files(comment=…)")()
        if archive_options is not None:
            not_yet("Dataset.from_delimited_files(archive_options=…)")()
        found = TabularDatasetFactory.from_delimited_files(
            path,
            include_path=include_path,
            infer_column_types=infer_column_types,
            separator=separator,
            header=header,
            partition_format=partition_format,
            encoding=codec_of(encoding),
        )
        return Dataset(found)

    @staticmethod
    def auto_read_files(path: Any, include_path: bool = False, partition_format: Optional[str] = None) -> Dataset:
        """Return a table of files whose kind is known by their ending: `.csv`, `.tsv`, `.parquet` or `.jsonl`.

        Raises:
            NotYetError: Files of another ending.
        """
        _say("Dataset.auto_read_files", "Dataset.Tabular.from_delimited_files")
        locations, _ = locations_of(path)
        endings = {os.path.splitext(place["path"])[1].lower() for place in locations}
        ending = endings.pop() if len(endings) == 1 else ""
        options: Dict[str, Any] = {"include_path": include_path, "partition_format": partition_format}
        if ending == ".parquet":
            return Dataset(TabularDatasetFactory.from_parquet_files(path, **options))
        if ending == ".jsonl":
            return Dataset(TabularDatasetFactory.from_json_lines_files(path, **options))
        if ending not in _SEPARATORS:
            raise NotYetError(
                "azud does not have Dataset.auto_read_files of files other than .csv, .tsv, .parquet and .jsonl yet"
            )
        return Dataset(TabularDatasetFactory.from_delimited_files(path, separator=_SEPARATORS[ending], **options))

    @staticmethod
    def from_binary_files(path: Any) -> Dataset:
        """Return a dataset of files; see `Dataset.File.from_files`."""
        _say("Dataset.from_binary_files", "Dataset.File.from_files")
        return Dataset(FileDatasetFactory.from_files(path))

    @staticmethod
    def from_pandas_dataframe(dataframe: Any, path: Any = None, in_memory: bool = False) -> Dataset:
        """Return a table of a DataFrame, which is written without its index as parquet to `path` on a datastore.

        Raises:
            UserErrorException: There is no path, or the frame cannot be written.
        """
        _say("Dataset.from_pandas_dataframe", "Dataset.Tabular.register_pandas_dataframe")
        if path is None or in_memory:
            not_yet("Dataset.from_pandas_dataframe(in_memory=True)")()
        from azud.sdk.partitioning import uploaded_frame

        place = uploaded_frame(dataframe, path, None, is_unique=True, show_progress=False)
        return Dataset(TabularDatasetFactory.from_parquet_files(place))

    @staticmethod
    def from_parquet_files(path: Any, include_path: bool = False, partition_format: Optional[str] = None) -> Dataset:
        """Return a table whose rows stand in parquet files; see `Dataset.Tabular.from_parquet_files`."""
        _say("Dataset.from_parquet_files", "Dataset.Tabular.from_parquet_files")
        return Dataset(
            TabularDatasetFactory.from_parquet_files(path, include_path=include_path, partition_format=partition_format)
        )

    @staticmethod
    def from_json_files(
        path: Any,
        encoding: FileEncoding = FileEncoding.UTF8,
        flatten_nested_arrays: bool = False,
        include_path: bool = False,
        partition_format: Optional[str] = None,
    ) -> Dataset:
        """Return a table of files with one JSON array of objects each, or one object.

        Raises:
            UserErrorException: There is no file.
        """
        _say("Dataset.from_json_files", "Dataset.Tabular.from_json_lines_files")
        if flatten_nested_arrays:
            not_yet("Dataset.from_json_files(flatten_nested_arrays=…)")()
        reader = json_reader("json", include_path, None, partition_format, codec_of(encoding))
        return Dataset(table_of(path, reader, validate=True))

    from_excel_files = staticmethod(not_yet("Dataset.from_excel_files"))

    @staticmethod
    def from_sql_query(data_source: Any, query: Any) -> Dataset:
        """Return a table that is what a query gives; see `Dataset.Tabular.from_sql_query`."""
        _say("Dataset.from_sql_query", "Dataset.Tabular.from_sql_query")
        return Dataset(TabularDatasetFactory.from_sql_query((data_source, query)))

    # Reading

    def to_pandas_dataframe(self) -> Any:
        """Return all rows as a pandas DataFrame.

        Raises:
            UserErrorException: It is no table, or cannot be read.
        """
        return self._table().to_pandas_dataframe()

    def head(self, count: int) -> Any:
        """Return the first rows as a pandas DataFrame.

        Raises:
            UserErrorException: As `to_pandas_dataframe`.
        """
        return self._table().take(count).to_pandas_dataframe()

    def sample(self, sample_strategy: str, arguments: Dict[str, Any]) -> Dataset:
        """Return some of the rows.

        Args:
            sample_strategy: `top_n` or `simple_random`.
            arguments: `{"n": rows}`, or `{"probability": 0 to 1, "seed": number or missing}`.

        Raises:
            UserErrorException: An argument is missing.
            NotYetError: Another strategy.
        """
        if sample_strategy not in ("top_n", "simple_random"):
            raise NotYetError(f"azud does not have Dataset.sample({sample_strategy!r}) yet; it has {_SAMPLINGS}")
        wanted = "n" if sample_strategy == "top_n" else "probability"
        if wanted not in arguments:
            raise UserErrorException(f"Dataset.sample({sample_strategy!r}) needs the argument {wanted!r}")
        if sample_strategy == "top_n":
            return Dataset(self._definition.take(arguments["n"]))
        return Dataset(self._definition.take_sample(arguments["probability"], arguments.get("seed")))

    def _table(self) -> Any:
        if not hasattr(self._definition, "to_pandas_dataframe"):
            raise UserErrorException("a dataset of files is no table", hint="use dataset.definition.download()")
        return self._definition

    to_spark_dataframe = not_yet("Dataset.to_spark_dataframe")
    create_snapshot = not_yet("Dataset.create_snapshot")
    get_snapshot = not_yet("Dataset.get_snapshot")
    delete_snapshot = not_yet("Dataset.delete_snapshot")
    get_all_snapshots = not_yet("Dataset.get_all_snapshots")
    generate_profile = not_yet("Dataset.generate_profile")
    compare_profiles = not_yet("Dataset.compare_profiles")
    get_profile = not_yet("Dataset.get_profile")
    diff = not_yet("Dataset.diff")
    deprecate = not_yet("Dataset.deprecate")
    archive = not_yet("Dataset.archive")
    reactivate = not_yet("Dataset.reactivate")

    def __getitem__(self, key: str) -> Column:
        """Return a column for an expression of `definition.filter`."""
        return self._definition[key]

    def __repr__(self) -> str:
        return f"Dataset({self._definition!r})"


def _say(old: str, new: str) -> None:
    warn(f"{old} is deprecated, as in v1; use {new}")
