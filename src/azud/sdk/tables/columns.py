"""The types of a table's columns while its parts are read."""

from __future__ import annotations

from typing import Any, Dict, Iterable, Iterator, List, Sequence, Set, Tuple

from azud.sdk.exceptions import DatasetExecutionError
from azud.sdk.tables.kinds import (
    EMPTY,
    FLOAT,
    INTEGER,
    MARKS,
    MIXED,
    MOMENT,
    TEXT,
    TRUTH,
    as_kind,
    has_cells,
    kind_of,
    merged,
    set_type,
    wants_texts,
)
from azud.sdk.tables.plan import TablePlan

Part = Tuple[Any, Dict[str, str]]
"""Rows, and what kind each of their columns had when they were read."""


_PART_CELLS = 1_000_000
_UNITS = [f"datetime64[{unit}]" for unit in ("s", "ms", "us", "ns")]
"""In the order in which one holds the others' moments."""


class ColumnTypes:
    """Finds types while parts go by, and notices when an earlier part was typed otherwise.

    A pass over the table takes the kinds that it has seen so far for those of the whole. If a later part shows that
    this was wrong, the pass only goes on to see the kinds of the rest, and the next one knows them.
    """

    def __init__(self, pandas: Any, plan: TablePlan) -> None:
        """Start without knowing a type."""
        self._pandas = pandas
        self._plan = plan
        self._infers = bool(plan.reader.get("infer_column_types", True))
        self._fills = bool(plan.reader.get("empty_as_string"))
        self._known: Dict[str, str] = {}
        self._dtypes: Dict[str, Any] = {}
        self.begin()

    def begin(self) -> None:
        """Begin a pass over the table."""
        self._seen: Dict[str, str] = {}
        self._assumed: Dict[str, Set[str]] = {}
        self._lacking: Set[str] = set()
        self.is_wrong = False

    def texts(self, names: Iterable[str]) -> Set[str]:
        """Return the columns whose cells are to be read as they stand in the files."""
        types = self._plan.types
        return {
            name
            for name in names
            if (wants_texts(types[name]) if name in types else not self._infers or self._known.get(name) == TEXT)
        }

    def typed(self, frame: Any) -> Part:
        """Return a part with its columns typed.

        Raises:
            DatasetExecutionError: A cell has not the type that was set for its column, and that is to be an error.
        """
        changes: Dict[str, Any] = {}
        kinds: Dict[str, str] = {}
        letters = [dtype.kind for dtype in frame.dtypes.tolist()]
        for name, letter in zip(frame.columns.tolist(), letters):
            if letter == "i" and self._is_integer(name, len(frame)):
                kinds[name] = INTEGER
                continue
            column = frame[name]
            if name in self._plan.types:
                kind = self._plan.types[name]
                kinds[name] = EMPTY if not column.count() else kind["type"]
                found = set_type(self._pandas, column, kind, self._plan.on_error, self._plan.out_of_range)
            else:
                kinds[name], found = self._found(name, column)
            if found is not column:
                changes[name] = found
        return replaced(self._pandas, frame, changes), kinds

    def _is_integer(self, name: str, rows: int) -> bool:
        """Note a part of integers of a column that held nothing else before; there may be a million such columns."""
        if name in self._plan.types or not self._infers or self._known.get(name, INTEGER) != INTEGER or not rows:
            return False
        if self._seen.setdefault(name, INTEGER) != INTEGER:
            return False
        self._assumed.setdefault(name, set()).add(INTEGER)
        return True

    def _found(self, name: str, column: Any) -> Tuple[str, Any]:
        if not self._infers or self._known.get(name) == TEXT:
            part, values = (TEXT if has_cells(column) else EMPTY), column
        else:
            part, values = kind_of(self._pandas, column, self._plan.out_of_range)
        found = TEXT if part == MIXED else part
        if len(column):
            self._seen[name] = merged(self._seen[name], found) if name in self._seen else found
        kind = self._known.get(name) or self._seen.get(name, EMPTY)
        target = TEXT if kind == MARKS else kind
        if part in (EMPTY, TRUTH) and column.count() < len(column):
            self._lacking.add(name)
        if (part, target) == (MARKS, MOMENT):
            return EMPTY, column.where(column.isna())
        if part == EMPTY:
            return part, column
        self._assumed.setdefault(name, set()).add(target)
        typed = None if part == MIXED else as_kind(self._pandas, values, part, target)
        if typed is None:
            self.is_wrong = True
            return part, column
        if target == TEXT and self._fills:
            typed = typed.fillna("")
        earlier = self._dtypes.setdefault(name, typed.dtype)
        if target == MOMENT and earlier != typed.dtype:
            dtypes = [dtype for dtype in (earlier, typed.dtype) if str(dtype) in _UNITS]
            self._dtypes[name] = max(dtypes, key=lambda dtype: _UNITS.index(str(dtype)))
        return target, typed

    def is_settled(self) -> bool:
        """Return whether every part of the pass was typed as the whole is; else the next pass knows better."""
        final = {name: TEXT if kind == MARKS else kind for name, kind in self._seen.items()}
        for name, assumed in self._assumed.items():
            self.is_wrong |= any(not _becomes(kind, final[name]) for kind in assumed)
        self._known.update(final)
        if self.is_wrong:
            self._dtypes.clear()
        return not self.is_wrong

    def finished(self, part: Part) -> Any:
        """Return a part with the types of the whole; to be asked when the pass is settled."""
        frame, kinds = part
        changes = {}
        for name in frame.columns:
            if name not in kinds:
                continue
            final = self._known.get(name, kinds[name])
            if kinds[name] == EMPTY:
                changes[name] = self._empty(frame[name], name, final)
            elif final == MOMENT and kinds[name] == MOMENT and frame[name].dtype != self._dtypes[name]:
                changes[name] = frame[name].astype(self._dtypes[name])
            elif (kinds[name], final) == (INTEGER, FLOAT):
                changes[name] = frame[name].astype("float64")
            elif final == TRUTH and name in self._lacking:
                changes[name] = frame[name].astype(object)
        return replaced(self._pandas, frame, changes)

    def _empty(self, column: Any, name: str, final: str) -> Any:
        """Return missing cells in the type that the column has elsewhere."""
        if self._fills and final in (EMPTY, TEXT) and name not in self._plan.types:
            return self._pandas.Series([""] * len(column), index=column.index, name=name, dtype=self._dtypes.get(name))
        if name in self._plan.types:
            return column
        cell = float("nan") if final == TEXT else None  # as pandas reads texts and truth values
        missing = self._pandas.Series([cell] * len(column), index=column.index, name=name, dtype=object)
        dtype = self._dtypes.get(name)
        if final == FLOAT:
            return missing.astype("float64")
        return missing if dtype is None or final == TRUTH else missing.astype(dtype)

    def completed(self, frame: Any) -> Any:
        """Return the whole table: columns of truth values that lack none hold nothing else."""
        changes = {}
        for name in frame.columns:
            if self._known.get(name) == TRUTH and frame[name].dtype == object and frame[name].notna().all():
                changes[name] = frame[name].astype("bool")
        return replaced(self._pandas, frame, changes)


def _becomes(kind: str, final: str) -> bool:
    return kind == final or (kind, final) == (INTEGER, FLOAT)


_MANY = 50


def replaced(pandas: Any, frame: Any, changes: Dict[str, Any]) -> Any:
    """Return a frame with some of its columns replaced."""
    if not changes:
        return frame
    if len(changes) > _MANY:  # one by one each of them would be put among all others anew
        columns = {name: changes[name] if name in changes else frame[name] for name in frame.columns}
        return pandas.DataFrame(columns, index=frame.index, copy=False)
    frame = frame.copy(deep=False)
    for name, column in changes.items():
        frame[name] = column
    return frame


def chosen_columns(frame: Any, names: Sequence[str]) -> Any:
    """Return a frame with these columns; itself if it has them already, for choosing would copy it."""
    return frame if list(frame.columns) == list(names) else frame[list(names)]


def with_added(pandas: Any, frame: Any, values: Dict[str, Any], wanted: Sequence[str]) -> Any:
    """Return the wanted columns of a part, with those whose one value is known for the whole file."""
    columns: Dict[str, Any] = {}
    for name in wanted:
        if name in values:
            columns[name] = pandas.Series([values[name]] * len(frame), index=frame.index, dtype=_dtype_of(values[name]))
    if not columns:
        return chosen_columns(frame, wanted)
    added = pandas.DataFrame(columns, index=frame.index)
    return pandas.concat([added, frame[[name for name in wanted if name not in columns]]], axis=1)[list(wanted)]


def _dtype_of(value: Any) -> Any:
    return "datetime64[ns]" if hasattr(value, "isoformat") else object


def joined(pandas: Any, frames: List[Any], columns: Sequence[str]) -> Any:
    """Return all parts as one frame, its rows numbered from 0."""
    if len(frames) == 1:
        return frames[0] if _is_numbered(frames[0]) else frames[0].reset_index(drop=True)
    if not frames:
        return pandas.DataFrame({name: pandas.Series([], dtype=object) for name in columns})
    filled = [frame for frame in frames if len(frame)] or frames[:1]
    return pandas.concat(filled, ignore_index=True)


def gathered(pandas: Any, parts: Iterator[Any]) -> Iterator[Any]:
    """Yield parts of a table, small ones together, so that many small files do not become as many again."""
    waiting: List[Any] = []
    cells = 0
    for part in parts:
        waiting.append(part)
        cells += part.size
        if cells >= _PART_CELLS:
            yield joined(pandas, waiting, part.columns)
            waiting, cells = [], 0
    if waiting:
        yield joined(pandas, waiting, waiting[0].columns)


def _is_numbered(frame: Any) -> bool:
    index = frame.index
    return type(index).__name__ == "RangeIndex" and index.start == 0 and index.step == 1 and index.name is None


def need_word(name: str, value: str) -> None:
    """Refuse what v1 does not know either.

    Raises:
        DatasetExecutionError: The value is neither `null` nor `fail`.
    """
    if value not in ("null", "fail"):
        raise DatasetExecutionError(f"{name} {value!r} is not valid", hint="use 'null' or 'fail'")
