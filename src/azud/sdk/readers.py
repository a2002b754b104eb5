"""How the files of a table are read, as a dataset's definition and the ports of steps hold it."""

from __future__ import annotations

from typing import Any, Dict, Optional

from azud.planning.partitions import PartitionFormat
from azud.sdk.data_types import codec_of, column_types_json, header_word
from azud.sdk.exceptions import UserErrorException, translated


def delimited_reader(
    *,
    separator: str,
    header: Any,
    include_path: bool,
    set_column_types: Optional[Dict[str, Any]],
    partition_format: Optional[str],
    encoding: Any = "utf8",
    infer_column_types: bool = True,
) -> Dict[str, Any]:
    """Return how delimited files are read.

    Raises:
        UserErrorException: The separator is empty, a type is none, or the partition format is not valid.
    """
    if not isinstance(separator, str) or not separator:
        raise UserErrorException(f"separator {separator!r} is not valid", hint="use a text such as ',' or '\\t'")
    reader = {
        "format": "delimited",
        "separator": separator,
        "header": header_word(header),
        "include_path": include_path,
        "infer_column_types": infer_column_types,
        "column_types": column_types_json(set_column_types),
        "encoding": checked_encoding(encoding),
    }
    return with_partitions(reader, partition_format)


def parquet_reader(
    include_path: bool, set_column_types: Optional[Dict[str, Any]], partition_format: Optional[str]
) -> Dict[str, Any]:
    """Return how parquet files are read.

    Raises:
        UserErrorException: A type is none, or the partition format is not valid.
    """
    reader = {
        "format": "parquet",
        "include_path": include_path,
        "column_types": column_types_json(set_column_types),
    }
    return with_partitions(reader, partition_format)


def json_reader(
    form: str,
    include_path: bool,
    set_column_types: Optional[Dict[str, Any]],
    partition_format: Optional[str],
    encoding: Any,
    invalid_lines: str = "error",
) -> Dict[str, Any]:
    """Return how JSON files are read; `form` is `json_lines` or `json`.

    Raises:
        UserErrorException: `invalid_lines` is neither `error` nor `drop`, a type is none, or the encoding or the
            partition format is not valid.
    """
    if invalid_lines not in ("error", "drop"):
        raise UserErrorException(f"invalid_lines {invalid_lines!r} is not valid", hint="use 'error' or 'drop'")
    reader = {
        "format": form,
        "include_path": include_path,
        "column_types": column_types_json(set_column_types),
        "encoding": checked_encoding(encoding),
        "invalid_lines": invalid_lines,
    }
    return with_partitions(reader, partition_format)


def with_partitions(reader: Dict[str, Any], partition_format: Optional[str]) -> Dict[str, Any]:
    """Return a reader with a partition format, if there is one.

    Raises:
        UserErrorException: The format is not valid.
    """
    if partition_format is None:
        return reader  # the definition of a dataset without one is what it was before there were any
    with translated():
        PartitionFormat(partition_format)
    return dict(reader, partition_format=partition_format)


def checked_encoding(encoding: Any) -> str:
    """Return an encoding as the definition holds it.

    Raises:
        UserErrorException: Python knows none of that name.
    """
    import codecs

    name = encoding if isinstance(encoding, str) else codec_of(encoding)
    try:
        codecs.lookup(codec_of(name))
    except LookupError as error:
        raise UserErrorException(
            f"encoding {name!r} is not known",
            hint="use utf8, utf8bom, utf16, utf32, ascii, latin1, iso88591, windows1252, or another name of Python's",
        ) from error
    return name
