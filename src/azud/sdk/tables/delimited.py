"""Delimited files."""

from __future__ import annotations

import re
from typing import Any, Dict, List, Optional, Tuple

from azud.sdk.exceptions import DatasetExecutionError

_SEPARATOR_PATTERN_LENGTH = 1


def read_files(pandas: Any, files: List[Tuple[str, str]], reader: Dict[str, Any]) -> List[Any]:
    """Return the cells of each file as texts."""
    mode = reader.get("header", "ALL_FILES_HAVE_SAME_HEADERS")
    frames: List[Any] = []
    names: Optional[List[str]] = None
    for path, _ in files:
        first = names is None
        has_header = mode in ("ALL_FILES_HAVE_SAME_HEADERS", "COMBINE_ALL_FILES_HEADERS") or (
            mode == "ONLY_FIRST_FILE_HAS_HEADERS" and first
        )
        frame = _read_cells(pandas, path, reader, has_header)
        if not has_header:
            shared = names if mode == "ONLY_FIRST_FILE_HAS_HEADERS" else None
            frame.columns = _column_names(shared, len(frame.columns))
        elif mode == "ALL_FILES_HAVE_SAME_HEADERS" and names is not None and len(frame.columns) == len(names):
            frame.columns = names
        names = names or list(frame.columns)
        frames.append(frame)
    return frames


def _column_names(shared: Optional[List[str]], count: int) -> List[str]:
    known = list(shared or [])[:count]
    return known + [f"Column{number}" for number in range(len(known) + 1, count + 1)]


def _read_cells(pandas: Any, path: str, reader: Dict[str, Any], has_header: bool) -> Any:
    separator = str(reader.get("separator", ","))
    try:
        return pandas.read_csv(
            path,
            sep=separator if len(separator) == _SEPARATOR_PATTERN_LENGTH else re.escape(separator),
            engine="c" if len(separator) == _SEPARATOR_PATTERN_LENGTH else "python",
            header=0 if has_header else None,
            dtype=object,
            keep_default_na=False,
            na_values=[] if reader.get("empty_as_string") else [""],
            encoding=reader.get("encoding", "utf8"),
            skip_blank_lines=True,
            index_col=False,
        )
    except pandas.errors.EmptyDataError:
        return pandas.DataFrame()
    except (OSError, ValueError, LookupError) as error:
        raise DatasetExecutionError(f"{path} cannot be read as a table: {error}") from error
