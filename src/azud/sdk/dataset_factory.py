"""`Dataset.File` and `Dataset.Tabular`: making datasets from paths on datastores."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Dict, List, Optional, Tuple, Union

from azud.core.paths import clean_relative
from azud.model.places import WEB
from azud.sdk.data_types import PromoteHeadersBehavior, column_types_json
from azud.sdk.datapath import DataPath, DataReference
from azud.sdk.dataset_files import files_matching
from azud.sdk.datastore import AbstractDatastore
from azud.sdk.exceptions import DatasetValidationError, UserErrorException, translated
from azud.sdk.readers import delimited_reader, json_reader, parquet_reader, with_partitions
from azud.sdk.support import not_yet

if TYPE_CHECKING:
    import pandas

    from azud.sdk.dataset import FileDataset, TabularDataset
    from azud.sdk.workspace import Workspace


class FileDatasetFactory:
    """Makes file datasets."""

    @staticmethod
    def from_files(
        path: Any, validate: bool = True, partition_format: Optional[str] = None, is_file: bool = False
    ) -> FileDataset:
        """Return a dataset of files.

        Args:
            path: A `DataPath`, a `(datastore, path)` tuple, or a list of these. A path names a file, a folder
                (all files below it) or a glob with `*`, `?`, `[...]` and `**`.
            validate: Look now whether there is a file.
            partition_format: What stands in the paths of the files, from the first column to the end:
                `{store}/{day:yyyy/MM/dd}/*.csv`; see `azud.planning.partitions`.
            is_file: Accepted as in v1; azud looks whether a path is a file or a folder.

        Raises:
            UserErrorException: No path, a path of another form, or (with `validate`) no file there.
        """
        from azud.sdk.dataset import FileDataset

        locations, workspace = locations_of(path)
        found = FileDataset(_definition("file", locations, with_partitions({}, partition_format)), workspace)
        if validate:
            _need_files(found)
        return found

    @staticmethod
    def upload_directory(
        src_dir: str, target: Any, pattern: Optional[str] = None, overwrite: bool = False, show_progress: bool = True
    ) -> FileDataset:
        """Upload a local folder and return a dataset of what lies at `target` then.

        Args:
            src_dir: Local folder; its structure is kept.
            target: A `DataPath` or `(datastore, path)`.
            pattern: A glob that the path of a file below `src_dir` must match; all files if None.
            overwrite: Replace files that exist; else they are left and said to be skipped.
            show_progress: Say what happens to each file.

        Raises:
            UserErrorException: No such folder, or no file in it matches.
        """
        datastore, path = _place(target)
        if pattern is None:
            datastore.upload(src_dir, path, overwrite, show_progress)  # type: ignore[attr-defined]
        else:
            matching = files_matching(src_dir, pattern)
            datastore.upload_files(matching, src_dir, path, overwrite, show_progress)  # type: ignore[attr-defined]
        return FileDatasetFactory.from_files((datastore, path))


class TabularDatasetFactory:
    """Makes tabular datasets."""

    @staticmethod
    def from_delimited_files(
        path: Any,
        validate: bool = True,
        include_path: bool = False,
        infer_column_types: bool = True,
        set_column_types: Optional[Dict[str, Any]] = None,
        separator: str = ",",
        header: Union[bool, PromoteHeadersBehavior] = True,
        partition_format: Optional[str] = None,
        support_multi_line: bool = False,
        empty_as_string: bool = False,
        encoding: str = "utf8",
    ) -> TabularDataset:
        """Return a table whose rows stand in delimited files.

        Args:
            path: As in `Dataset.File.from_files`.
            validate: Look now whether there is a file.
            include_path: Put the file's path into a first column, `Path`.
            infer_column_types: Find numbers, truth values and moments; else every column holds texts.
            set_column_types: `DataType` by column, instead of what would be found.
            separator: Between the cells of a row.
            header: Where the names of columns stand: True (in every file), False (nowhere: `Column1` …) or a
                `PromoteHeadersBehavior`.
            partition_format: As in `Dataset.File.from_files`; what it finds becomes columns.
            support_multi_line: Accepted as in v1; quoted line breaks are always read as part of a cell.
            empty_as_string: Read an empty cell of a column of texts as an empty text, not as missing.
            encoding: One of v1's (`utf8`, `utf8bom`, `utf16`, `iso88591`, `windows1252`, …), or another of Python's.

        Raises:
            UserErrorException: No path, a path of another form, or (with `validate`) no file there.
        """
        reader = delimited_reader(
            separator=separator,
            header=header,
            include_path=include_path,
            set_column_types=set_column_types,
            partition_format=partition_format,
            encoding=encoding,
            infer_column_types=infer_column_types,
        )
        return table_of(path, dict(reader, empty_as_string=empty_as_string), validate)

    @staticmethod
    def from_parquet_files(
        path: Any,
        validate: bool = True,
        include_path: bool = False,
        set_column_types: Optional[Dict[str, Any]] = None,
        partition_format: Optional[str] = None,
    ) -> TabularDataset:
        """Return a table whose rows stand in parquet files, which say the types of columns themselves.

        Args and errors are those of `from_delimited_files`.
        """
        return table_of(path, parquet_reader(include_path, set_column_types, partition_format), validate)

    @staticmethod
    def from_json_lines_files(
        path: Any,
        validate: bool = True,
        include_path: bool = False,
        set_column_types: Optional[Dict[str, Any]] = None,
        partition_format: Optional[str] = None,
        invalid_lines: str = "error",
        encoding: str = "utf8",
    ) -> TabularDataset:
        """Return a table whose rows are lines with a JSON object each.

        The other arguments and the errors are those of `from_delimited_files`.

        Args:
            path: As in `Dataset.File.from_files`.
            validate: Look now whether there is a file.
            include_path: Put the file's path into a first column, `Path`.
            set_column_types: `DataType` by column, instead of what JSON says.
            partition_format: As in `Dataset.File.from_files`; what it finds becomes columns.
            invalid_lines: `error`, or `drop`: leave lines out that are no JSON object.
            encoding: As in `from_delimited_files`.
        """
        reader = json_reader("json_lines", include_path, set_column_types, partition_format, encoding, invalid_lines)
        return table_of(path, reader, validate)

    @staticmethod
    def register_pandas_dataframe(
        dataframe: pandas.DataFrame,
        target: Any,
        name: str,
        description: Optional[str] = None,
        tags: Optional[Dict[str, str]] = None,
        show_progress: bool = True,
        row_group_size: Optional[int] = None,
        make_target_path_unique: bool = True,
    ) -> TabularDataset:
        """Write a DataFrame, without its index, as parquet to a datastore and register it as a new version.

        Args:
            dataframe: What is written.
            target: A datastore, `(datastore, path)` or a `DataPath`: the folder.
            name: Of the dataset.
            description: What it holds.
            tags: By name.
            show_progress: Say what is uploaded.
            row_group_size: Rows of a row group; pyarrow's choice if None.
            make_target_path_unique: Put the file into a new folder below `target`; else it replaces the last one.

        Raises:
            UserErrorException: pyarrow is not installed in this interpreter, or the frame cannot be written.
        """
        from azud.sdk.partitioning import uploaded_frame

        place = uploaded_frame(dataframe, target, row_group_size, make_target_path_unique, show_progress)
        found = TabularDatasetFactory.from_parquet_files(place)
        return found.register(place[0].workspace, name, description, tags, create_new_version=True)

    @staticmethod
    def from_sql_query(
        query: Any,
        validate: bool = True,
        set_column_types: Optional[Dict[str, Any]] = None,
        query_timeout: float = 30,
    ) -> TabularDataset:
        """Return a table that is what a query gives, each time it is read.

        Args:
            query: `DataPath(datastore, "SELECT …")` or the tuple of the two; one statement, which may only read.
            validate: Run it now up to its first rows.
            set_column_types: `DataType` by column, instead of the database's.
            query_timeout: Seconds that the database may take until the first rows come, and between rows.

        Raises:
            UserErrorException: No query, the datastore is no database, or (with `validate`) the query does not run.
        """
        from azud.sdk.dataset import TabularDataset
        from azud.sdk.query_rows import check, definition_of

        datastore, text = _place(query)
        definition = definition_of(datastore, text, query_timeout, column_types_json(set_column_types))
        found = TabularDataset(definition, datastore.workspace)
        if validate:
            check(definition, found._need_workspace())
        return found

    register_spark_dataframe = staticmethod(not_yet("Dataset.Tabular.register_spark_dataframe"))
    register_dask_dataframe = staticmethod(not_yet("Dataset.Tabular.register_dask_dataframe"))


def locations_of(path: Any) -> Tuple[List[Dict[str, str]], Optional[Workspace]]:
    """Return the locations that v1's `path` argument names, and their workspace.

    Raises:
        UserErrorException: No path, or one of another form.
    """
    if isinstance(path, list):
        if not path:
            raise UserErrorException("a dataset needs at least one path")
        items = path
    else:
        items = [path]
    locations: List[Dict[str, str]] = []
    workspace = None
    for item in items:
        if isinstance(item, str) and item.lower().startswith(("http://", "https://")):
            locations.append({"datastore": WEB, "path": item})
            continue
        datastore, relative = _place(item)
        for part in relative if isinstance(relative, (list, tuple)) else [relative]:
            with translated():
                locations.append({"datastore": datastore.name, "path": clean_relative(str(part or ""))})
        workspace = workspace or datastore.workspace
    return locations, workspace


def _place(item: Any) -> Tuple[AbstractDatastore, Any]:
    if isinstance(item, DataPath) and item._datastore is not None:
        return item._datastore, item.path_on_datastore
    if isinstance(item, DataReference):
        return item.datastore, item.path_on_datastore
    if isinstance(item, tuple) and len(item) == 2 and isinstance(item[0], AbstractDatastore):
        return item[0], item[1]
    raise UserErrorException(
        f"{item!r} does not say where the data are",
        hint="use (datastore, 'path'), DataPath(datastore, 'path') or 'https://…'; upload local files first",
    )


def _definition(kind: str, locations: List[Dict[str, str]], reader: Dict[str, Any]) -> Dict[str, Any]:
    return {"type": kind, "locations": locations, "reader": reader, "operations": []}


def table_of(path: Any, reader: Dict[str, Any], validate: bool) -> TabularDataset:
    """Return a table of files that are read in some way; see `azud.sdk.readers`."""
    from azud.sdk.dataset import TabularDataset

    locations, workspace = locations_of(path)
    found = TabularDataset(_definition("tabular", locations, reader), workspace)
    if validate:
        _need_files(found)
    return found


def _need_files(dataset: Any) -> None:
    if not dataset._files():
        raise DatasetValidationError(
            f"{dataset!r}: there is no file",
            hint="check the path with `azud datastore ls`, or pass validate=False if the data come later",
        )
    if dataset.partition_keys:
        dataset.get_partition_key_values()  # says which path does not fit
