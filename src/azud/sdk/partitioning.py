"""`TabularDataset.partition_by` and `register_pandas_dataframe`: tables written to a datastore."""

from __future__ import annotations

import os
import tempfile
import uuid
from typing import Any, Dict, Iterable, List, Optional, Tuple

from azud.sdk.exceptions import UserErrorException
from azud.sdk.tables.libraries import pandas_library

_MOMENT_FORMAT = "%Y-%m-%d-%H-%M-%S"
_MOMENT_PARTITION = "yyyy-MM-dd-HH-mm-ss"


def checked_keys(partition_keys: Any) -> List[str]:
    """Return the names of the columns to partition by.

    Raises:
        UserErrorException: There are none, or one is named twice.
    """
    keys = [partition_keys] if isinstance(partition_keys, str) else [str(key) for key in partition_keys or ()]
    if not keys or len(set(keys)) < len(keys):
        raise UserErrorException(f"partition_keys {partition_keys!r} is not valid", hint="name each column once")
    return keys


def write_partitions(parts: Iterable[Any], keys: List[str], folder: str) -> str:
    """Write a table in parquet files below a folder, one folder a value of each key.

    Returns:
        The partition format of the files.

    Raises:
        UserErrorException: The table has no such column or no other, or a value cannot be a folder's name.
    """
    from azud.sdk.written_files import parquet_file

    form = ""
    for number, frame in enumerate(parts):
        form = form or _format(frame, keys)
        for values, rows in frame.groupby(keys if len(keys) > 1 else keys[0], sort=True, dropna=False):
            names = [_folder_name(key, value) for key, value in zip(keys, values if len(keys) > 1 else [values])]
            place = os.path.join(folder, *names)
            os.makedirs(place, exist_ok=True)
            parquet_file(
                rows.drop(columns=keys).reset_index(drop=True), os.path.join(place, f"part-{number:05}.parquet")
            )
    if not form:
        raise UserErrorException("the table has no rows to partition")
    return form


def _format(frame: Any, keys: List[str]) -> str:
    for key in keys:
        if key not in frame.columns:
            raise UserErrorException(
                f"partition_keys: the table has no column {key!r}", hint=f"its columns: {', '.join(map(str, frame))}"
            )
    if len(keys) == len(frame.columns):
        raise UserErrorException("partition_keys names every column of the table", hint="leave one to be written")
    moments = {key for key in keys if getattr(frame[key].dtype, "kind", "") == "M"}
    fields = [f"{{{key}:{_MOMENT_PARTITION}}}" if key in moments else f"{{{key}}}" for key in keys]
    return "/".join([*fields, "*.parquet"])


def _folder_name(key: str, value: Any) -> str:
    is_missing = bool(pandas_library().isna(value))
    text = value.strftime(_MOMENT_FORMAT) if hasattr(value, "strftime") and not is_missing else str(value)
    if is_missing or text in ("", ".", "..") or "/" in text or os.sep in text or "\0" in text:
        raise UserErrorException(
            f"column {key!r} holds {value!r}, which cannot be the name of a folder",
            hint="filter such rows out, or partition by another column",
        )
    return text


def place_of(target: Any) -> Tuple[Any, str]:
    """Return the datastore and path of `target`: a datastore, `(datastore, path)` or a `DataPath`.

    Raises:
        UserErrorException: It is none of these.
    """
    from azud.sdk.dataset_factory import _place
    from azud.sdk.datastore import AbstractDatastore

    datastore, path = (target, "") if isinstance(target, AbstractDatastore) else _place(target)
    return datastore, str(path or "").strip("/")


def joined_path(*parts: str) -> str:
    """Return parts of a path on a datastore as one."""
    return "/".join(part for part in parts if part)


def partitioned(dataset: Any, partition_keys: Any, target: Any, show_progress: bool) -> Tuple[Any, str, str]:
    """Write a table by the values of columns to a new folder below `target`.

    Returns:
        The datastore, the folder on it, and the partition format of the files.

    Raises:
        UserErrorException: See `write_partitions`.
    """
    keys = checked_keys(partition_keys)
    datastore, path = place_of(target)
    with tempfile.TemporaryDirectory(prefix="azud-table-") as folder:
        form = write_partitions(dataset._parts(), keys, folder)
        # A folder of its own: files of an earlier call would count among those of this one.
        place = joined_path(path, uuid.uuid4().hex)
        datastore.upload(folder, place, overwrite=False, show_progress=show_progress)
    return datastore, place, form


def uploaded_frame(
    dataframe: Any, target: Any, row_group_size: Optional[int], is_unique: bool, show_progress: bool
) -> Tuple[Any, str]:
    """Write a pandas DataFrame as a parquet file to a datastore.

    Returns:
        The datastore, and the path of the file on it.

    Raises:
        UserErrorException: It is no DataFrame, or cannot be written.
    """
    from azud.sdk.written_files import parquet_file

    if not hasattr(dataframe, "to_parquet") or not hasattr(dataframe, "columns"):
        raise UserErrorException(f"a {type(dataframe).__name__} is no pandas DataFrame")
    names: Dict[str, Any] = {}
    for name in dataframe.columns:
        if not isinstance(name, str) or name in names:
            raise UserErrorException(
                f"column {name!r} of the DataFrame {'is there twice' if name in names else 'has no text as its name'}",
                hint="name each column by a text of its own",
            )
        names[name] = True
    datastore, path = place_of(target)
    with tempfile.TemporaryDirectory(prefix="azud-table-") as folder:
        parquet_file(dataframe, os.path.join(folder, "part-00000.parquet"), row_group_size)
        place = joined_path(path, uuid.uuid4().hex if is_unique else "")
        datastore.upload(folder, place or None, overwrite=not is_unique, show_progress=show_progress)
    return datastore, joined_path(place, "part-00000.parquet")
