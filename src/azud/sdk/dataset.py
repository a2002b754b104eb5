"""Datasets: immutable descriptions of files or tables on datastores."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Dict, List, Optional, Tuple, Type, Union

from azud.sdk import dataset_files
from azud.sdk.dataset_consumption import DatasetConsumptionConfig
from azud.sdk.dataset_factory import FileDatasetFactory, TabularDatasetFactory
from azud.sdk.dataset_record import RegisteredDataset
from azud.sdk.exceptions import UserErrorException
from azud.sdk.observing import note_read, note_write
from azud.sdk.query_rows import is_query
from azud.sdk.support import not_yet, text_items

if TYPE_CHECKING:
    from datetime import datetime

    import pandas
    from typing_extensions import Self

    from azud.sdk.dataset_mount import DatasetContextManager
    from azud.sdk.file_filter import FileMetadata
    from azud.sdk.workspace import Workspace


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
            },
            repeat=True,  # a definition that is registered already gets no second version
        )
        registered: Self = dataset_of_record(workspace, record)
        return registered

    get_partition_key_values = not_yet("Dataset.get_partition_key_values")

    @property
    def partition_keys(self) -> List[str]:
        """Names taken from paths; azud has no partition formats yet, so none."""
        return []

    def _files(self) -> List[Tuple[str, str]]:
        """Return `(absolute local path, relative name)` of every file, after the operations on files."""
        if self._staged is not None and not (is_query(self._definition) and not self._staged):
            return dataset_files.expand_staged(self._staged, self._definition, self._applied)
        workspace = self._need_workspace()
        note_read(workspace, {"kind": "files", "definition": self._definition})
        return dataset_files.resolve(self._definition, workspace)

    def _need_workspace(self) -> Workspace:
        if self._workspace is None:
            raise UserErrorException("this dataset knows no workspace to read from")
        return self._workspace

    def _with(self, operation: Dict[str, Any]) -> Self:
        changed = dict(self._definition, operations=[*self._definition["operations"], operation])
        found = type(self)(changed, self._workspace)
        found._staged, found._applied = self._staged, self._applied
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
        return dataset_files.download(self, target_path, overwrite, ignore_not_found)

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
        """Return the files for which an expression holds, e.g. `dataset.file_metadata("Size") > 1000`.

        Raises:
            UserErrorException: It is no expression about files.
        """
        from azud.sdk.file_filter import parts_of

        found: FileDataset = self._with({"op": "filter", "expression": parts_of(expression)})
        return found

    as_cache = not_yet("FileDataset.as_cache")
    hydrate = not_yet("FileDataset.hydrate")

    def _input_name(self) -> str:
        from azud.core.digests import digest_value

        return f"input__{digest_value(self._definition)[:8]}"


class TabularDataset(AbstractDataset):
    """Tables in files on datastores."""

    def to_pandas_dataframe(self, on_error: str = "null", out_of_range_datetime: str = "null") -> pandas.DataFrame:
        """Return all rows as a pandas DataFrame; see `azud.sdk.tables` for how types are found.

        Raises:
            UserErrorException: pandas is not installed in this interpreter, or a file cannot be read.
        """
        from azud.sdk.tables import read_table

        return read_table(self._files(), self._definition, on_error=on_error)

    def keep_columns(self, columns: Union[str, List[str]], validate: bool = False) -> TabularDataset:
        """Return the dataset with only these columns."""
        return self._with({"op": "keep_columns", "columns": _columns(columns)})

    def drop_columns(self, columns: Union[str, List[str]]) -> TabularDataset:
        """Return the dataset without these columns."""
        return self._with({"op": "drop_columns", "columns": _columns(columns)})

    with_timestamp_columns = not_yet("TabularDataset.with_timestamp_columns")
    filter = not_yet("TabularDataset.filter")
    partition_by = not_yet("TabularDataset.partition_by")
    to_csv_files = not_yet("TabularDataset.to_csv_files")
    to_parquet_files = not_yet("TabularDataset.to_parquet_files")
    to_dask_dataframe = not_yet("TabularDataset.to_dask_dataframe")
    to_spark_dataframe = not_yet("TabularDataset.to_spark_dataframe")
    time_before = not_yet("TabularDataset.time_before")
    time_after = not_yet("TabularDataset.time_after")
    time_between = not_yet("TabularDataset.time_between")
    time_recent = not_yet("TabularDataset.time_recent")
    download = not_yet("TabularDataset.download")
    mount = not_yet("TabularDataset.mount")


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
