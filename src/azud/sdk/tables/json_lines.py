"""JSON: files of lines with an object each, or files with one array of objects."""

from __future__ import annotations

import json
from typing import Any, Dict, Iterator, List, Tuple

from azud.planning.expressions import columns_of
from azud.sdk.data_types import codec_of
from azud.sdk.exceptions import DatasetExecutionError
from azud.sdk.tables.broken import explained
from azud.sdk.tables.columns import Part, joined, replaced, with_added
from azud.sdk.tables.operations import RowOperations
from azud.sdk.tables.plan import missing_column
from azud.sdk.tables.source import Source

_ROWS = 50_000
_FIRST_ROWS = 1_000

Row = Dict[str, Any]


class JsonLinesFiles(Source):
    """Files of JSON lines. Cells have the types that JSON gives them; objects and lists stay what they are.

    What columns there are is known when all rows have been read.
    """

    def read(self) -> Any:
        """Return the whole table."""
        frames = [frame for frame, _ in self._pass(self.plan.is_reduced)]
        result = joined(self.pandas, frames, [])
        found = {name: _inferred(self.pandas, result[name]) for name in result.columns if result[name].dtype == object}
        return replaced(self.pandas, result, found)

    def iterate(self) -> Iterator[Any]:
        """Yield the table in parts; it is read twice, to know the columns and their types."""
        samples: List[Any] = []
        lacking = set()
        for frame, _ in self._pass(in_parts=True):
            typed = {name: _inferred(self.pandas, frame[name]) for name in frame.columns}
            lacking |= {name for name, column in typed.items() if not column.count()}
            samples.append(replaced(self.pandas, frame, {n: c for n, c in typed.items() if c.count()}).iloc[:1])
        whole = joined(self.pandas, samples, [])
        for frame, _ in self._pass(in_parts=True):
            full = frame.reindex(columns=list(whole.columns)).reset_index(drop=True)
            yield replaced(
                self.pandas,
                full,
                {name: _as_whole(full[name], whole[name].dtype, name in lacking) for name in full.columns},
            )

    def _pass(self, in_parts: bool) -> Iterator[Part]:
        operations = RowOperations(self.pandas, self.plan.operations)
        named = self._named()
        only = self._only(named)
        seen: Dict[str, None] = {}
        for index, item in enumerate(self.plan.files):
            values = self.plan.added_values(item)
            seen.update(dict.fromkeys(values))
            for rows in self._parts(index, in_parts):
                columns: Dict[str, List[Any]] = {}
                for name in dict.fromkeys(key for row in rows for key in row):
                    if name not in values and (not only or name in only):
                        columns[name] = [row.get(name) for row in rows]
                seen.update(dict.fromkeys(columns))
                lacking = [name for name in named if name not in columns and name not in values]
                columns.update({name: [None] * len(rows) for name in lacking})
                frame = self._frame(columns, len(rows))
                frame = with_added(self.pandas, self.with_set_types(frame), values, [*values, *columns])
                yield operations.apply(frame), {}
                if operations.is_done:
                    break
            if operations.is_done:
                break
        for name, what in named.items():
            if seen and name not in seen:
                raise missing_column(what, name, list(seen))

    def _frame(self, columns: Dict[str, List[Any]], count: int) -> Any:
        pandas = self.pandas
        made = {name: pandas.Series(cells, dtype=object) for name, cells in columns.items()}
        return pandas.DataFrame(made, index=range(count), copy=False)

    def _named(self) -> Dict[str, str]:
        """Return the columns that operations and set types name, and which of them does."""
        found = dict.fromkeys(self.plan.types, "set_column_types")
        for operation in self.plan.operations:
            if operation["op"] == "filter":
                found.update(dict.fromkeys(columns_of(operation["expression"]), "filter"))
            elif operation["op"] in ("keep_columns", "drop_columns"):
                found.update(dict.fromkeys(operation["columns"], operation["op"]))
        return found

    def _only(self, named: Dict[str, str]) -> Dict[str, str]:
        """Return the columns to which the table is confined; {} if it is to none."""
        return named if any(operation["op"] == "keep_columns" for operation in self.plan.operations) else {}

    def _parts(self, index: int, in_parts: bool) -> Iterator[List[Row]]:
        rows: List[Row] = []
        most = _FIRST_ROWS if in_parts else _ROWS
        for row in self._rows(index):
            rows.append(row)
            if in_parts and len(rows) >= most:
                yield rows
                rows, most = [], min(2 * most, _ROWS)
        if rows:
            yield rows

    def _rows(self, index: int) -> Iterator[Row]:
        path = self.plan.files[index][0]
        encoding = codec_of(self.plan.reader.get("encoding", "utf8"))
        drops = self.plan.reader.get("invalid_lines") == "drop"
        try:
            with open(path, encoding=_with_mark(encoding)) as stream:
                for number, line in enumerate(stream, 1):
                    if not line.strip():
                        continue
                    row, problem = _object(line)
                    if problem and not drops:
                        raise DatasetExecutionError(
                            f"line {number} of {path} is no JSON object: {problem}",
                            hint="correct the line, or read with invalid_lines='drop'",
                        )
                    if not problem:
                        yield row
        except (OSError, UnicodeError, LookupError) as error:
            raise explained(path, error, "", encoding, 0) from error


class JsonFiles(JsonLinesFiles):
    """Files that hold one array of objects, or one object."""

    def _rows(self, index: int) -> Iterator[Row]:
        path = self.plan.files[index][0]
        encoding = codec_of(self.plan.reader.get("encoding", "utf8"))
        try:
            with open(path, encoding=_with_mark(encoding)) as stream:
                found = json.load(stream)
        except json.JSONDecodeError as error:
            raise DatasetExecutionError(f"{path} is no JSON: {error}") from error
        except (OSError, UnicodeError, LookupError) as error:
            raise explained(path, error, "", encoding, 0) from error
        rows = found if isinstance(found, list) else [found]
        for number, row in enumerate(rows, 1):
            if not isinstance(row, dict):
                raise DatasetExecutionError(f"item {number} of {path} is no JSON object")
            yield row


def _object(line: str) -> Tuple[Row, str]:
    """Return the object of a line, and what is wrong with the line or ""."""
    try:
        found = json.loads(line)
    except ValueError as error:
        return {}, str(error)
    return (found, "") if isinstance(found, dict) else ({}, f"{type(found).__name__} found")


def _with_mark(encoding: str) -> str:
    return "utf-8-sig" if encoding.replace("-", "").lower() == "utf8" else encoding


def _inferred(pandas: Any, column: Any) -> Any:
    """Return a column of Python values in the type that pandas finds for all of them."""
    return pandas.Series(column.tolist(), index=column.index, name=column.name) if column.count() else column


def _as_whole(column: Any, dtype: Any, lacks: bool) -> Any:
    kind = getattr(dtype, "kind", "")
    if kind == "O" or (lacks and kind == "b"):
        return column
    return column.astype("float64" if lacks and kind == "i" else dtype)
