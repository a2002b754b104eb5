"""Datasets: immutable descriptions of files or tables on datastores."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Dict, List, Optional, Tuple, Type, Union

from azud.planning.expressions import columns_of
from azud.planning.partitions import PartitionFormat
from azud.sdk import dataset_files
from azud.sdk.dataset_consumption import DatasetConsumptionConfig, need_lasting
from azud.sdk.dataset_factory import FileDatasetFactory, TabularDatasetFactory
from azud.sdk.dataset_record import RegisteredDataset
from azud.sdk.exceptions import UserErrorException
from azud.sdk.expressions import Column, column, has_facts, parts_of
from azud.sdk.observing import job_run_id, note_read, note_write
from azud.sdk.support import not_yet, text_items
from azud.sdk.table_outputs import TableOutputs
from azud.sdk.time_filters import TimeFilters

if TYPE_CHECKING:
    from datetime import datetime

    import pandas
    from typing_extensions import Self

    from azud.sdk.dataset_mount import DatasetContextManager
    from azud.sdk.file_filter import FileMetadata
    from azud.sdk.workspace import Workspace
    from azud.sdk.written_files import WrittenFiles


class AbstractDataset(RegisteredDataset):
    """What file and tabular datasets share. Every method that changes something returns a new dataset."""

    Tabular = TabularDatasetFactory
    File = FileDatasetFactory

    def __init__(self, definition: Dict[str, Any], workspace: Optional[Workspace] = None) -> None:
        """Not for users: wrap a definition (the JSON form of `azud.model.data.DatasetDefinition`)."""
        self._definition = definition
        self._workspace = workspace
        self._record: Dict[str, Any] = {}
        self._staged: Optional[List[Tuple[str, str]]] = None
        self._applied = 0
        self._written: Optional[WrittenFiles] = None

    @staticmethod
    def get_by_name(
        workspace: Workspace, name: str, version: Union[int, str] = "latest", **kwargs: Any
    ) -> FileOrTabularDataset:
        """Return a registered dataset; its newest version by default.

        Raises:
            UserErrorException: No such name or version.
        """
        query = None if str(version) == "latest" else {"version": int(version)}
        note_read(workspace, {"kind": "registered", "name": name, "version": query and query["version"]})
        record = workspace._api.get(f"/datasets/registered/{name}", query)
        found: FileOrTabularDataset = dataset_of_record(workspace, record)
        return found

    @staticmethod
    def get_by_id(workspace: Workspace, id: str, **kwargs: Any) -> FileOrTabularDataset:
        """Return a saved dataset.

        Raises:
            UserErrorException: No such id.
        """
        record = workspace._api.get(f"/datasets/{id}")
        found: FileOrTabularDataset = dataset_of_record(workspace, record)
        return found

    @staticmethod
    def get_all(workspace: Workspace) -> Dict[str, FileOrTabularDataset]:
        """Return the newest version of every registered dataset, by name."""
        return workspace.datasets

    @property
    def data_changed_time(self) -> Optional[datetime]:
        """When the newest of the files was last written, in UTC; None if there are none."""
        return dataset_files.changed_time(self._files())

    def as_named_input(self, name: str) -> DatasetConsumptionConfig:
        """Return the dataset as a step's input under this name, in mode direct."""
        return DatasetConsumptionConfig(name, self)

    def register(
        self,
        workspace: Workspace,
        name: str,
        description: Optional[str] = None,
        tags: Optional[Dict[str, str]] = None,
        create_new_version: bool = False,
    ) -> Self:
        """Register the dataset and return it with its name, version and id.

        Raises:
            UserErrorException: The name is taken and `create_new_version` is False.
        """
        need_lasting(self, "registered")
        note_write("dataset", name=name)
        record = workspace._api.send(
            "POST",
            "/datasets/registered",
            {
                "name": name,
                "definition": self._definition,
                "description": description or "",
                "tags": text_items(tags or {}),
                "create_new_version": create_new_version,
                "run_id": job_run_id(),
            },
            repeat=True,  # a definition that is registered already gets no second version
        )
        registered: Self = dataset_of_record(workspace, record)
        return registered

    def __getitem__(self, key: str) -> Column:
        """Return a column for an expression: `dataset.filter(dataset["price"] > 3)`.

        Of a file dataset the columns are those of its partition format.

        Raises:
            UserErrorException: The name is no text.
        """
        return column(key)

    @property
    def partition_keys(self) -> List[str]:
        """The columns that the partition format finds in the paths of the files; [] without one."""
        found = self._definition["reader"].get("partition_format")
        return PartitionFormat(found).keys if found else []

    def get_partition_key_values(self, partition_keys: Optional[List[str]] = None) -> List[Dict[str, Any]]:
        """Return the values of columns in the paths of the files, each combination once.

        Args:
            partition_keys: Some of the columns in `partition_keys`; all of them if None.

        Raises:
            UserErrorException: A column is none of them, or a path does not fit the partition format.
        """
        from azud.sdk.dataset_files import partition_values

        return partition_values(self._needed_files(), self._definition, partition_keys)

    def _files(self) -> List[Tuple[str, str]]:
        """Return `(absolute local path, relative name)` of every file, after the operations on files."""
        if self._written is not None:
            return dataset_files.apply_file_operations(self._written.files(), self._definition)
        if self._staged is not None:
            return dataset_files.expand_staged(self._staged, self._definition, self._applied)
        workspace = self._need_workspace()
        note_read(workspace, {"kind": "files", "definition": self._definition})
        return dataset_files.resolve(self._definition, workspace)

    def _needed_files(self) -> List[Tuple[str, str]]:
        """Return the files of which something may be left when filters on partitions have been applied."""
        return self._files()

    def _need_workspace(self) -> Workspace:
        if self._workspace is None:
            # One of web addresses names no datastore, and whose server brings it is all the same.
            from azud.client.transport import in_job
            from azud.sdk.run import Run
            from azud.sdk.workspace import Workspace

            self._workspace = Run.get_context().experiment.workspace if in_job() else Workspace.from_config()
        return self._workspace

    def _with(self, operation: Dict[str, Any]) -> Self:
        changed = dict(self._definition, operations=[*self._definition["operations"], operation])
        found = type(self)(changed, self._workspace)
        found._staged, found._applied, found._written = self._staged, self._applied, self._written
        return found

    def _sampled(self, probability: float, seed: Optional[int], part: str) -> Self:
        if not 0 < float(probability) < 1 and part == "sample":
            raise UserErrorException(f"probability {probability!r} is not between 0 and 1")
        from azud.core.digests import digest_value

        # v1 takes a new seed every time; a seed made of the definition lets a run be repeated.
        chosen = seed if seed is not None else int(digest_value(self._definition)[:8], 16)
        return self._with({"op": part, "probability": float(probability), "seed": chosen})

    def skip(self, count: int) -> Self:
        """Return the dataset without its first `count` rows (files, for a file dataset)."""
        return self._with({"op": "skip", "count": _count(count)})

    def take(self, count: int) -> Self:
        """Return the first `count` rows (files, for a file dataset)."""
        return self._with({"op": "take", "count": _count(count)})

    def take_sample(self, probability: float, seed: Optional[int] = None) -> Self:
        """Return a random part of about this size; the same part for the same seed."""
        return self._sampled(probability, seed, "sample")

    def random_split(self, percentage: float, seed: Optional[int] = None) -> Tuple[Self, Self]:
        """Return two datasets without common rows (files): about `percentage` (0 to 1) of them, and the rest."""
        if not 0 <= float(percentage) <= 1:
            raise UserErrorException(f"percentage {percentage!r} is not between 0 and 1")
        return self._sampled(percentage, seed, "split_first"), self._sampled(percentage, seed, "split_second")

    def __repr__(self) -> str:
        where = ", ".join(f"{row['datastore']}:/{row['path']}" for row in self._definition["locations"])
        named = f" {self.name}:{self.version}" if self.name else ""
        return f"<{type(self).__name__}{named} {where}>"


class FileDataset(AbstractDataset):
    """Files on datastores."""

    def to_path(self) -> List[str]:
        """Return the paths of the files, below the folder or glob that the dataset names, with a leading slash."""
        return [f"/{relative}" for _, relative in self._files()]

    def download(
        self, target_path: Optional[str] = None, overwrite: bool = False, ignore_not_found: bool = False
    ) -> List[str]:
        """Copy the files to a local folder and return their paths there.

        Args:
            target_path: Local folder; a new temporary one if None.
            overwrite: Replace files that exist; else one that exists is an error.
            ignore_not_found: Do not complain about a dataset without files.

        Raises:
            UserErrorException: A file exists, or there are none.
        """
        return dataset_files.download(self._files(), repr(self), target_path, overwrite, ignore_not_found)

    def as_mount(self, path_on_compute: Optional[str] = None) -> DatasetConsumptionConfig:
        """Return the dataset as an input that is read where it is, under a name made of its definition."""
        return DatasetConsumptionConfig(self._input_name(), self, "mount", path_on_compute)

    def as_download(self, path_on_compute: Optional[str] = None) -> DatasetConsumptionConfig:
        """Return the dataset as an input that is copied for the job, under a name made of its definition."""
        return DatasetConsumptionConfig(self._input_name(), self, "download", path_on_compute)

    def as_hdfs(self) -> DatasetConsumptionConfig:
        """Return the dataset as an input in mode `hdfs`, for Spark steps."""
        return DatasetConsumptionConfig(self._input_name(), self, "hdfs")

    def mount(self, mount_point: Optional[str] = None, **kwargs: Any) -> DatasetContextManager:
        """Return a context manager in which the files lie below a local folder, to be read.

        `with dataset.mount() as mounted:` gives `mounted.mount_point`; outside of `with`, call `start()` and `stop()`.

        Args:
            mount_point: Folder that is new or empty; a new temporary one if None.
            **kwargs: Accepted as in v1 and without effect.
        """
        from azud.sdk.dataset_mount import DatasetContextManager, MountOrder

        return DatasetContextManager(MountOrder(self._files, mount_point))

    def file_metadata(self, col: str) -> FileMetadata:
        """Return a fact about the files to compare in `filter`: `Size`, `Extension` or `LastModifiedTime`.

        Raises:
            UserErrorException: There is no such fact.
        """
        from azud.sdk.file_filter import FileMetadata

        return FileMetadata(col)

    def filter(self, expression: Any) -> FileDataset:
        """Return the files for which an expression holds.

        Args:
            expression: About facts, `dataset.file_metadata("Size") > 1000`, and about the columns of the partition
                format, `dataset["store"] == "north"`.

        Raises:
            UserErrorException: It is no expression about files.
        """
        parts = parts_of(expression)
        for name in sorted(columns_of(parts)):
            if name not in self.partition_keys:
                raise UserErrorException(
                    f"the files have no column {name!r}",
                    hint=f"from_files(…, partition_format='…{{{name}}}…') finds it in their paths",
                )
        return self._with({"op": "filter", "expression": parts})

    as_cache = not_yet("FileDataset.as_cache")
    hydrate = not_yet("FileDataset.hydrate")

    def _input_name(self) -> str:
        from azud.core.digests import digest_value

        return f"input__{digest_value(self._definition)[:8]}"


class TabularDataset(TableOutputs, TimeFilters, AbstractDataset):
    """Tables in files on datastores."""

    def to_pandas_dataframe(self, on_error: str = "null", out_of_range_datetime: str = "null") -> pandas.DataFrame:
        """Return all rows as a pandas DataFrame; see `azud.sdk.tables.reading` for how types are found.

        Args:
            on_error: `null`: a cell that the type set for its column cannot hold becomes missing; `fail`: an error.
            out_of_range_datetime: The same for a moment that pandas cannot hold.

        Raises:
            UserErrorException: pandas is not installed in this interpreter, or a file cannot be read.
        """
        from azud.sdk.tables.reading import read_table

        return read_table(self._files(), self._definition, on_error=on_error, out_of_range=out_of_range_datetime)

    def keep_columns(self, columns: Union[str, List[str]], validate: bool = False) -> TabularDataset:
        """Return the dataset with only these columns; the others are not read.

        Args:
            columns: A name or names.
            validate: Read the first row now, and so see that they are there.
        """
        found = self._with({"op": "keep_columns", "columns": _columns(columns)})
        if validate:
            found.take(1).to_pandas_dataframe()
        return found

    def drop_columns(self, columns: Union[str, List[str]]) -> TabularDataset:
        """Return the dataset without these columns."""
        return self._with({"op": "drop_columns", "columns": _columns(columns)})

    def filter(self, expression: Any) -> TabularDataset:
        """Return the rows for which an expression holds, e.g. `(dataset["a"] > 3) & ~dataset["b"].is_null()`.

        Files and row groups that cannot hold such rows are not read.

        Raises:
            UserErrorException: It is no expression about columns.
        """
        parts = parts_of(expression)
        if has_facts(parts):
            raise UserErrorException("file_metadata is of file datasets", hint="compare columns: dataset['name'] > 3")
        return self._with({"op": "filter", "expression": parts})

    def _needed_files(self) -> List[Tuple[str, str]]:
        from azud.sdk.tables.plan import TablePlan

        return TablePlan(self._files(), self._definition, "null", "null").files


if TYPE_CHECKING:

    class FileOrTabularDataset(FileDataset, TabularDataset):  # type: ignore[misc]
        """What a checker sees where only the workspace knows the kind of a dataset: one that can do what both can."""


_KINDS: Dict[str, Type[AbstractDataset]] = {"file": FileDataset, "tabular": TabularDataset}


def dataset_of_record(workspace: Optional[Workspace], record: Dict[str, Any]) -> Any:
    """Return the dataset object for the API's description of one."""
    found = _KINDS[record["definition"]["type"]](record["definition"], workspace)
    found._record = record
    return found


def staged_dataset(workspace: Optional[Workspace], entry: Dict[str, Any]) -> Any:
    """Return the dataset object for an entry of a job's `datasets.json`, whose files lie on this machine."""
    found = dataset_of_record(workspace, entry)
    found._staged = [(str(path), str(name)) for path, name in entry["paths"]]
    found._applied = len(found._definition["operations"])
    return found


def _count(count: int) -> int:
    if isinstance(count, bool) or not isinstance(count, int) or count < 0:
        raise UserErrorException(f"count {count!r} is not a number of rows")
    return count


def _columns(columns: Union[str, List[str]]) -> List[str]:
    return [columns] if isinstance(columns, str) else [str(column) for column in columns]
