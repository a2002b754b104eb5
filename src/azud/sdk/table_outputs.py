"""Tables given to others: as files, written by partitions, as frames of other libraries."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Callable, Dict, Iterator, List, Optional, Tuple

from azud.sdk import dataset_files

if TYPE_CHECKING:
    import pandas

    from azud.sdk.dataset import FileDataset, FileOrTabularDataset
    from azud.sdk.dataset_mount import DatasetContextManager
    from azud.sdk.workspace import Workspace


class TableOutputs:
    """What a table can be turned into, besides a pandas DataFrame."""

    _definition: Dict[str, Any]
    _workspace: Optional[Workspace]

    if TYPE_CHECKING:

        def _files(self) -> List[Tuple[str, str]]: ...

        def to_pandas_dataframe(self, on_error: str = "null", out_of_range_datetime: str = "null") -> Any: ...

    def to_csv_files(self, separator: str = ",") -> FileDataset:
        """Return the table as delimited files with a header, in a temporary folder.

        They are written when they are asked for (`to_path`, `download`, `mount`) and removed with the last dataset of
        them, or when the process ends; so they can be no step's input.
        """
        from azud.sdk.written_files import write_csv

        return self._written_as(write_csv(self._parts, separator))

    def to_parquet_files(self) -> FileDataset:
        """Return the table as parquet files in a temporary folder; see `to_csv_files`.

        Raises:
            UserErrorException: pyarrow is not installed in this interpreter.
        """
        from azud.sdk.tables.libraries import parquet_library
        from azud.sdk.written_files import write_parquet

        parquet_library()
        return self._written_as(write_parquet(self._parts))

    def partition_by(
        self,
        partition_keys: List[str],
        target: Any,
        name: Optional[str] = None,
        show_progress: bool = True,
        partition_as_file_dataset: bool = False,
    ) -> FileOrTabularDataset:
        """Write the table in parquet files, a folder for each value of some columns, and return a dataset of them.

        Args:
            partition_keys: The columns. Their values stand in the paths only, and are texts or moments from then on.
            target: A datastore, `(datastore, path)` or a `DataPath`; a new folder below it takes the files.
            name: Register the dataset under this name.
            show_progress: Say which files are uploaded.
            partition_as_file_dataset: Return a file dataset.

        Raises:
            UserErrorException: A column is not there, or holds what cannot be a folder's name.
        """
        from azud.sdk.dataset_factory import FileDatasetFactory, TabularDatasetFactory
        from azud.sdk.partitioning import partitioned

        datastore, path, form = partitioned(self, partition_keys, target, show_progress)
        made: Any = TabularDatasetFactory.from_parquet_files
        if partition_as_file_dataset:
            made = FileDatasetFactory.from_files
        found: FileOrTabularDataset = made((datastore, f"{path}/**/*.parquet"), partition_format=form)
        if name is not None:
            found = found.register(datastore.workspace, name, create_new_version=True)
        return found

    def download(
        self,
        stream_column: str,
        target_path: Optional[str] = None,
        overwrite: bool = False,
        ignore_not_found: bool = True,
    ) -> List[str]:
        """Copy the files that a column names to a local folder and return their paths there.

        Args:
            stream_column: A column whose type is set to `DataType.to_stream(workspace)`.
            target_path: Local folder; a new temporary one if None.
            overwrite: Replace files that exist; else one that exists is an error.
            ignore_not_found: Leave out files that are not there.

        Raises:
            UserErrorException: It is no such column, a file exists, or one is missing.
        """
        from azud.sdk.streams import stream_files

        files = stream_files(self, stream_column, ignore_not_found)
        return dataset_files.download(files, repr(self), target_path, overwrite, ignore_not_found)

    def mount(self, stream_column: str, mount_point: Optional[str] = None) -> DatasetContextManager:
        """Return a context manager in which the files that a column names lie below a folder; see `FileDataset.mount`.

        Raises:
            UserErrorException: It is no column of files.
        """
        from azud.sdk.dataset_mount import DatasetContextManager, MountOrder
        from azud.sdk.streams import stream_files

        return DatasetContextManager(MountOrder(lambda: stream_files(self, stream_column, False), mount_point))

    def to_dask_dataframe(
        self,
        sample_size: int = 10000,
        dtypes: Any = None,
        on_error: str = "null",
        out_of_range_datetime: str = "null",
    ) -> Any:
        """Return the table as a dask DataFrame of one partition for each million rows.

        Args:
            sample_size: Accepted as in v1; types are found over all rows.
            dtypes: Types by column, given to dask.
            on_error: As in `to_pandas_dataframe`.
            out_of_range_datetime: As in `to_pandas_dataframe`.

        Raises:
            UserErrorException: dask is not installed in this interpreter.
        """
        from azud.sdk.tables.libraries import optional_library

        dask = optional_library("dask.dataframe", "to_dask_dataframe()", 'pip install "dask[dataframe]"')
        frame = self.to_pandas_dataframe(on_error, out_of_range_datetime)
        found = dask.from_pandas(frame, npartitions=1 + len(frame) // 1_000_000)
        return found.astype(dtypes) if dtypes else found

    def to_spark_dataframe(self) -> Any:
        """Return the table as a Spark DataFrame of the session that is active, or of a new one.

        Raises:
            UserErrorException: pyspark is not installed in this interpreter.
        """
        from azud.sdk.tables.libraries import optional_library

        spark = optional_library("pyspark.sql", "to_spark_dataframe()", "pip install pyspark")
        return spark.SparkSession.builder.getOrCreate().createDataFrame(self.to_pandas_dataframe())

    def _parts(self) -> Iterator[pandas.DataFrame]:
        """Yield the rows in parts of bounded size; one without rows if there are none."""
        from azud.sdk.tables.reading import iterate_table

        is_empty = True
        for part in iterate_table(self._files(), self._definition):
            is_empty = False
            yield part
        if is_empty:
            yield self.to_pandas_dataframe()

    def _written_as(self, write: Callable[[str], None]) -> FileDataset:
        from azud.sdk.dataset import FileDataset
        from azud.sdk.written_files import WrittenFiles

        found = FileDataset({"type": "file", "locations": [], "reader": {}, "operations": []}, self._workspace)
        found._written = WrittenFiles(write)
        return found
