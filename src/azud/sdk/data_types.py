"""Types of columns and modes of headers for tabular datasets."""

from __future__ import annotations

import enum
from typing import Any, Dict, List, Optional, Union


class PromoteHeadersBehavior(enum.Enum):
    """Where the names of columns stand."""

    NO_HEADERS = 0
    ONLY_FIRST_FILE_HAS_HEADERS = 1
    COMBINE_ALL_FILES_HEADERS = 2
    ALL_FILES_HAVE_SAME_HEADERS = 3


class FileEncoding(enum.Enum):
    """How the characters of a file are written, for the deprecated `Dataset.from_delimited_files`."""

    UTF8 = 0
    ISO88591 = 1
    LATIN1 = 2
    ASCII = 3
    UTF16 = 4
    UTF32 = 5
    UTF8BOM = 6
    WINDOWS1252 = 7


class SkipLinesBehavior(enum.Enum):
    """Of which files the first lines are skipped, for the deprecated `Dataset.from_delimited_files`."""

    NO_ROWS = 0
    FROM_FIRST_FILE_ONLY = 1
    FROM_ALL_FILES = 2


class HistogramCompareMethod(enum.Enum):
    """How two histograms are compared; azud compares no profiles yet."""

    WASSERSTEIN = 0
    ENERGY = 1


class FileType(enum.Enum):
    """Kinds of files, as v1's deprecated code names them."""

    GENERIC_CSV = "GenericCSV"
    GENERIC_CSV_NO_HEADER = "GenericCSVNoHeader"
    GENERIC_TSV = "GenericTSV"
    GENERIC_TSV_NO_HEADER = "GenericTSVNoHeader"
    ZIP = "Zip"
    UNKNOWN = "Unknown"


_CODECS = {
    FileEncoding.UTF8: "utf8",
    FileEncoding.ISO88591: "iso8859-1",
    FileEncoding.LATIN1: "latin-1",
    FileEncoding.ASCII: "ascii",
    FileEncoding.UTF16: "utf-16",
    FileEncoding.UTF32: "utf-32",
    FileEncoding.UTF8BOM: "utf-8-sig",
    FileEncoding.WINDOWS1252: "cp1252",
}


_NAMES = {
    "utf8": "utf-8",
    "utf16": "utf-16",
    "utf32": "utf-32",
    "utf8bom": "utf-8-sig",
    "iso88591": "iso8859-1",
    "windows1252": "cp1252",
}
"""v1's names of encodings that Python spells otherwise."""


def codec_of(encoding: Any) -> str:
    """Return Python's name for an encoding, given as `FileEncoding` or by name."""
    return _CODECS[encoding] if isinstance(encoding, FileEncoding) else _NAMES.get(str(encoding).lower(), str(encoding))


class DataType:
    """A column's type, for `set_column_types`; made by the static methods."""

    def __init__(self, type_name: str, **options: Any) -> None:
        """Not for users: keep the name and options."""
        self._json = dict(options, type=type_name)

    @staticmethod
    def to_string() -> DataType:
        """Return the type of texts."""
        return DataType("string")

    @staticmethod
    def to_long() -> DataType:
        """Return the type of 64-bit integers; what is none becomes missing."""
        return DataType("long")

    @staticmethod
    def to_float(decimal_mark: str = ".") -> DataType:
        """Return the type of floats; what is none becomes missing."""
        return DataType("float", decimal_mark=decimal_mark)

    @staticmethod
    def to_bool() -> DataType:
        """Return the type of truth values: `true` or `false` in any case, else missing."""
        return DataType("bool")

    @staticmethod
    def to_datetime(formats: Union[str, List[str], None] = None) -> DataType:
        """Return the type of moments, read by the first `strptime` format that fits, or ISO 8601."""
        return DataType("datetime", formats=[formats] if isinstance(formats, str) else formats)

    @staticmethod
    def to_stream(workspace: Any, escaped: bool = False) -> DataType:
        """Return the type of cells that name files: `AmlDatastore://<datastore>/<path>` or `<datastore>/<path>`.

        They stay texts in frames; `TabularDataset.download` and `mount` give the files.

        Args:
            workspace: Accepted as in v1; the datastores are those of the dataset's workspace.
            escaped: The paths are written as in URLs (`%20`).
        """
        return DataType("stream", escaped=bool(escaped))


def header_word(header: Union[bool, PromoteHeadersBehavior]) -> str:
    """Return the name of a header mode as a dataset's definition holds it; v1 also takes True and False."""
    if header is True:
        return PromoteHeadersBehavior.ALL_FILES_HAVE_SAME_HEADERS.name
    if header is False:
        return PromoteHeadersBehavior.NO_HEADERS.name
    return PromoteHeadersBehavior(header).name


def column_types_json(types: Optional[Dict[str, Any]]) -> Dict[str, Any]:
    """Return the JSON form of `set_column_types`.

    Raises:
        UserErrorException: A value is no `DataType`.
    """
    for column, kind in (types or {}).items():
        if not isinstance(kind, DataType):
            from azud.sdk.exceptions import UserErrorException

            raise UserErrorException(
                f"set_column_types[{column!r}] is no DataType", hint="use DataType.to_long() and its siblings"
            )
    return {str(column): kind._json for column, kind in (types or {}).items()}
