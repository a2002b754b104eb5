"""`Dataset.File` and `Dataset.Tabular`: making datasets from paths on datastores."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Dict, List, Optional, Tuple, Union

from azud.core.paths import clean_relative
from azud.sdk.data_types import PromoteHeadersBehavior, column_types_json, header_word
from azud.sdk.datapath import DataPath, DataReference
from azud.sdk.datastore import AbstractDatastore
from azud.sdk.exceptions import DatasetValidationError, NotYetError, UserErrorException, translated
from azud.sdk.support import not_yet

if TYPE_CHECKING:
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
            partition_format: Not there yet.
            is_file: Accepted as in v1; azud looks whether a path is a file or a folder.

        Raises:
            UserErrorException: No path, a path of another form, or (with `validate`) no file there.
        """
        from azud.sdk.dataset import FileDataset

        if partition_format is not None:
            not_yet("Dataset.File.from_files(partition_format=…)")()
        locations, workspace = locations_of(path)
        found = FileDataset(_definition("file", locations, {}), workspace)
        if validate:
            _need_files(found)
        return found

    @staticmethod
    def upload_directory(
        src_dir: str, target: Any, pattern: Optional[str] = None, overwrite: bool = False, show_progress: bool = True
    ) -> FileDataset:
        """Upload a local folder to `target`, a `DataPath` or `(datastore, path)`, and return a dataset of it.

        Raises:
            UserErrorException: No such folder.
        """
        if pattern is not None:
            not_yet("Dataset.File.upload_directory(pattern=…)")()
        datastore, path = _place(target)
        datastore.upload(src_dir, path, overwrite, show_progress)  # type: ignore[attr-defined]
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
            partition_format: Not there yet.
            support_multi_line: Accepted as in v1; quoted line breaks are always read as part of a cell.
            empty_as_string: Read an empty cell as an empty text, not as missing.
            encoding: A name that Python knows (`utf8`, `iso88591`, `cp1252`, …).

        Raises:
            UserErrorException: No path, a path of another form, or (with `validate`) no file there.
        """
        from azud.sdk.dataset import TabularDataset

        if partition_format is not None:
            not_yet("Dataset.Tabular.from_delimited_files(partition_format=…)")()
        locations, workspace = locations_of(path)
        reader = {
            "format": "delimited",
            "separator": separator,
            "header": header_word(header),
            "include_path": include_path,
            "infer_column_types": infer_column_types,
            "column_types": column_types_json(set_column_types),
            "empty_as_string": empty_as_string,
            "encoding": encoding,
        }
        found = TabularDataset(_definition("tabular", locations, reader), workspace)
        if validate:
            _need_files(found)
        return found

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

    from_parquet_files = staticmethod(not_yet("Dataset.Tabular.from_parquet_files"))
    from_json_lines_files = staticmethod(not_yet("Dataset.Tabular.from_json_lines_files"))
    register_pandas_dataframe = staticmethod(not_yet("Dataset.Tabular.register_pandas_dataframe"))
    register_spark_dataframe = staticmethod(not_yet("Dataset.Tabular.register_spark_dataframe"))
    register_dask_dataframe = staticmethod(not_yet("Dataset.Tabular.register_dask_dataframe"))


def locations_of(path: Any) -> Tuple[List[Dict[str, str]], Optional[Workspace]]:
    """Return the locations that v1's `path` argument names, and their workspace.

    Raises:
        UserErrorException: No path, or one of another form.
        NotYetError: A web address.
    """
    if isinstance(path, list):
        if not path:
            raise UserErrorException("a dataset needs at least one path")
        items = path
    else:
        items = [path]
    locations, workspace = [], None
    for item in items:
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
    if isinstance(item, str) and "://" in item:
        raise NotYetError(f"azud does not have datasets of web addresses yet ({item})")
    raise UserErrorException(
        f"{item!r} does not say where the data are",
        hint="use (datastore, 'path') or DataPath(datastore, 'path'); upload local files to a datastore first",
    )


def _definition(kind: str, locations: List[Dict[str, str]], reader: Dict[str, Any]) -> Dict[str, Any]:
    return {"type": kind, "locations": locations, "reader": reader, "operations": []}


def _need_files(dataset: Any) -> None:
    if not dataset._files():
        raise DatasetValidationError(
            f"{dataset!r}: there is no file",
            hint="check the path with `azud datastore ls`, or pass validate=False if the data come later",
        )
