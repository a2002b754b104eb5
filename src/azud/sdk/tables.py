"""Reading a tabular dataset into pandas.

Cells are read as texts and then typed column by column over all files together, as v1 does: integers, floats,
truth values (`true`/`false` in any case), ISO 8601 moments, else texts. An empty cell is missing. pandas is
imported here, inside the call, and nowhere else in the SDK.
"""

from __future__ import annotations

import re
from typing import Any, Callable, Dict, List, Optional, Tuple

from azud.planning.selecting import chosen_rows
from azud.sdk.exceptions import DatasetExecutionError
from azud.sdk.query_rows import is_query, read_rows

_INTEGER = re.compile(r"^[+-]?\d{1,18}$")
_FLOAT = re.compile(r"^[+-]?(?:\d+\.?\d*(?:[eE][+-]?\d+)?|\.\d+(?:[eE][+-]?\d+)?|inf(?:inity)?|nan)$", re.I)
_MOMENT = re.compile(r"^\d{4}-\d{2}-\d{2}(?:[T ]\d{2}:\d{2}(?::\d{2}(?:\.\d{1,9})?)?(?:Z|[+-]\d{2}:?\d{2})?)?$")
_MISSING_NUMBERS = frozenset(("na", "n/a", "nan", "null"))
_SEPARATOR_PATTERN_LENGTH = 1
LINKED = "linked"
"""Format of an output whose step says how it is read, in the file `LINKED_NOTE` among the others."""
LINKED_NOTE = ".azud-table.json"


def read_table(files: List[Tuple[str, str]], definition: Dict[str, Any], *, on_error: str = "null") -> Any:
    """Return the rows of a tabular dataset as a DataFrame.

    Args:
        files: `(absolute path, relative name)`, in order.
        definition: JSON form of `azud.model.data.DatasetDefinition`.
        on_error: `null`: a cell that its column's set type cannot hold becomes missing; `fail`: an error.

    Raises:
        DatasetExecutionError: pandas is missing, a file cannot be read, or a column does not exist.
    """
    pandas = _pandas()
    if definition["reader"].get("format") == LINKED:
        files, definition = _linked(files, definition)
    reader = definition["reader"]
    if is_query(definition):
        frame, reader = read_rows(files, reader, pandas), dict(reader, infer_column_types=False)
    elif reader.get("format") == "delimited":
        frame = _read_delimited(pandas, files, reader)
    else:
        raise DatasetExecutionError(f"azud cannot read tables of format {reader.get('format')!r} yet")
    _type_columns(pandas, frame, reader, on_error)
    for operation in (*reader.get("operations", ()), *definition["operations"]):
        frame = _apply(frame, operation)
    return frame


def _read_delimited(pandas: Any, files: List[Tuple[str, str]], reader: Dict[str, Any]) -> Any:
    files = _filtered(files, reader.get("path_glob"))
    frames = _read_files(pandas, files, reader)
    frame = pandas.concat(frames, ignore_index=True) if frames else pandas.DataFrame()
    if reader.get("include_path"):
        paths = [f"/{name}" for (_, name), part in zip(files, frames) for _ in range(len(part))]
        frame.insert(0, "Path", pandas.Series(paths, dtype=object))
    return frame


def _linked(files: List[Tuple[str, str]], definition: Dict[str, Any]) -> Tuple[List[Tuple[str, str]], Dict[str, Any]]:
    """Return the files of a table that a step linked to its output, and how they are read."""
    import json

    notes = [path for path, name in files if name == LINKED_NOTE]
    if not notes:
        raise DatasetExecutionError(
            "this output was not linked with a table", hint="link a TabularDataset: run.output_datasets[name].link(…)"
        )
    with open(notes[0], encoding="utf-8") as stream:
        linked = json.load(stream)
    operations = [*linked["operations"], *definition["operations"]]
    return [item for item in files if item[1] != LINKED_NOTE], dict(linked, operations=operations)


def _pandas() -> Any:
    try:
        import pandas  # type: ignore[import-untyped,unused-ignore]
    except ImportError as error:
        import sys

        raise DatasetExecutionError(
            f"pandas is not installed in {sys.executable}, which to_pandas_dataframe() needs",
            hint="pip install pandas in that environment",
        ) from error
    return pandas


def _filtered(files: List[Tuple[str, str]], expression: Optional[str]) -> List[Tuple[str, str]]:
    # v1 applies `path_glob` of an output as a regular expression, and callers wrote theirs for that.
    found = [item for item in files if not expression or re.search(expression, item[1])]
    if files and not found:
        # An empty table would hide that data were looked for under another ending.
        raise DatasetExecutionError(
            f"none of the {len(files)} files, {files[0][1]!r} among them, has a name that matches {expression!r}",
            hint="say which to read: file_extension=None (or path_glob=None) reads all",
        )
    return found


def _read_files(pandas: Any, files: List[Tuple[str, str]], reader: Dict[str, Any]) -> List[Any]:
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


def _type_columns(pandas: Any, frame: Any, reader: Dict[str, Any], on_error: str) -> None:
    wanted: Dict[str, Dict[str, Any]] = dict(reader.get("column_types") or {})
    for column in wanted:
        if column not in frame.columns and len(frame.columns):
            raise DatasetExecutionError(
                f"set_column_types names column {column!r}, which is not in the table",
                hint=f"its columns: {', '.join(map(str, frame.columns))}",
            )
    for position, column in enumerate(frame.columns):
        if column in wanted:
            typed = _set_type(pandas, frame.iloc[:, position], wanted[column], on_error)
        elif reader.get("infer_column_types", True) and column != "Path":
            typed = infer_column(pandas, frame.iloc[:, position])
        else:
            continue
        frame.isetitem(position, typed)


def infer_column(pandas: Any, column: Any) -> Any:
    """Return a column of texts (and missing cells) in the type that all its texts have."""
    present = [cell for cell in column if isinstance(cell, str)]
    if not present or len(present) + int(column.isna().sum()) != len(column):
        return column
    numbers = [cell.strip() for cell in present if cell.strip().lower() not in _MISSING_NUMBERS]
    if numbers and len(numbers) == len(column) and all(_INTEGER.match(cell) for cell in numbers):
        return pandas.Series([int(cell) for cell in column], dtype="int64")
    if numbers and all(_FLOAT.match(cell) for cell in numbers):
        return pandas.Series([_float_or_nan(cell) for cell in column], dtype="float64")
    if all(cell.strip().lower() in ("true", "false") for cell in present):
        values = [_truth(cell) for cell in column]
        return pandas.Series(values, dtype="bool" if len(present) == len(column) else object)
    if all(_MOMENT.match(cell.strip()) for cell in present):
        moments = pandas.to_datetime(column, format="ISO8601", errors="coerce", utc=True).dt.tz_localize(None)
        # A column whose texts only look like moments (2023-99-99) stays as it is.
        column = moments if int(moments.isna().sum()) == len(column) - len(present) else column
    return column


def _float_or_nan(cell: Any) -> float:
    if not isinstance(cell, str) or cell.strip().lower() in _MISSING_NUMBERS:
        return float("nan")
    return float(cell)


def _truth(cell: Any) -> Optional[bool]:
    return cell.strip().lower() == "true" if isinstance(cell, str) else None


def _set_type(pandas: Any, column: Any, kind: Dict[str, Any], on_error: str) -> Any:
    name = kind["type"]
    if name == "string":
        return column
    if name == "datetime":
        return _moments(pandas, column, kind.get("formats"), on_error)
    mark = kind.get("decimal_mark", ".")
    readers: Dict[str, Callable[[str], Any]] = {
        "long": _long,
        "float": lambda cell: float(cell.replace(mark, ".")),
        "bool": _strict_truth,
    }
    values = [_converted(cell, readers[name], on_error, column.name, name) for cell in column]
    complete = all(value is not None for value in values)
    if name == "long":
        return pandas.Series(values, dtype="int64" if complete else "float64")
    if name == "float":
        return pandas.Series(values, dtype="float64")
    return pandas.Series(values, dtype="bool" if complete else object)


def _long(cell: str) -> int:
    number = float(cell)
    if number != int(number):
        raise ValueError(cell)
    return int(cell) if _INTEGER.match(cell.strip()) else int(number)


def _strict_truth(cell: str) -> bool:
    if cell.strip().lower() not in ("true", "false"):
        raise ValueError(cell)
    return cell.strip().lower() == "true"


def _converted(cell: Any, read: Callable[[str], Any], on_error: str, column: Any, kind: str) -> Any:
    if not isinstance(cell, str):
        return None
    try:
        return read(cell)
    except (ValueError, OverflowError) as error:
        if on_error == "fail":
            raise DatasetExecutionError(f"column {column!r}: {cell!r} is no {kind}") from error
        return None


def _moments(pandas: Any, column: Any, formats: Optional[List[str]], on_error: str) -> Any:
    result = pandas.Series([pandas.NaT] * len(column))
    for pattern in formats or ["ISO8601"]:
        parsed = pandas.to_datetime(column, format=pattern, errors="coerce", utc=True).dt.tz_localize(None)
        result = parsed if result.isna().all() else result.fillna(parsed)
    failed = result.isna() & column.notna()
    if on_error == "fail" and failed.any():
        raise DatasetExecutionError(f"column {column.name!r}: {column[failed].iloc[0]!r} is no moment")
    return result


def _apply(frame: Any, operation: Dict[str, Any]) -> Any:
    name = operation["op"]
    if name == "skip":
        return frame.iloc[operation["count"] :].reset_index(drop=True)
    if name == "take":
        return frame.iloc[: operation["count"]].reset_index(drop=True)
    if name in ("keep_columns", "drop_columns"):
        missing = [column for column in operation["columns"] if column not in frame.columns]
        if missing:
            raise DatasetExecutionError(
                f"{name}: the table has no column {missing[0]!r}",
                hint=f"its columns: {', '.join(map(str, frame.columns))}",
            )
        return frame[operation["columns"]] if name == "keep_columns" else frame.drop(columns=operation["columns"])
    if name in ("sample", "split_first", "split_second"):
        return frame[chosen_rows(len(frame), operation)].reset_index(drop=True)
    raise DatasetExecutionError(f"azud cannot apply the operation {name!r} to tables yet")
