"""Tables that are the rows of a query: the server runs it and gives a file (see `azud.model.rows`), read here.

Numbers get NumPy's types, as in v1: integers `int64` (`float64` if some are missing), decimals `float64`, truth values
`bool` (`object` if some are missing), dates and moments `datetime64` (instants in UTC, without a zone). Where `float64`
would change an integer, or lose whole digits of a decimal, the column keeps Python's own numbers. Texts stay as they
are, an empty one too; bytes are `bytes`; NULL is missing.
"""

from __future__ import annotations

import decimal
from typing import Any, Callable, Iterator, List, Tuple

from azud.model import rows
from azud.sdk.exceptions import DatasetExecutionError
from azud.sdk.tables.source import PartSizes, Source

_LARGEST_DECIMAL = 10**15
"""Below it, what a float loses of a decimal is in the sixteenth digit or after it."""


class QueryRows(Source):
    """The rows of a query, whose columns have the types that the database said. They are read in one piece."""

    finds_types = False

    def names_of_table(self) -> List[str]:
        """Return the names of the columns of the query."""
        return [name for name, _kind in self._columns_of(self.plan.files[0][0])]

    def parts_of_file(self, index: int, wanted: List[str], sizes: PartSizes) -> Iterator[Any]:
        """Yield the rows, with texts in the columns whose types are set."""
        path = self.plan.files[index][0]
        columns = self._columns_of(path)
        chosen = [(place, name, kind) for place, (name, kind) in enumerate(columns) if name in set(wanted)]
        places = [place for place, _name, _kind in chosen] or [0]  # without a column their number would be lost
        try:
            with open(path, encoding="utf-8", errors="surrogatepass", newline="") as stream:
                stream.readline()
                frame = self.pandas.read_csv(
                    stream,
                    header=None,
                    names=range(len(columns)),
                    usecols=places,
                    dtype=object,
                    keep_default_na=False,
                    na_values=[rows.NULL],
                    skip_blank_lines=False,
                    lineterminator="\n",
                )
        except (OSError, ValueError) as error:
            raise DatasetExecutionError(f"the rows in {path} cannot be read: {error}") from error
        typed = {
            name: _typed(self.pandas, frame[place], rows.TEXT if name in self.plan.types else kind)
            for place, name, kind in chosen
        }
        yield self.pandas.DataFrame(typed, index=frame.index)

    @staticmethod
    def _columns_of(path: str) -> List[Tuple[str, str]]:
        try:
            with open(path, encoding="utf-8", errors="surrogatepass", newline="") as stream:
                return rows.read_head(stream.readline(), path)
        except (OSError, ValueError) as error:
            raise DatasetExecutionError(f"the rows in {path} cannot be read: {error}") from error


def _typed(pandas: Any, column: Any, kind: str) -> Any:
    missing = column.isna()
    if kind in (rows.DATE, rows.MOMENT, rows.INSTANT):
        moments = pandas.to_datetime(column, format="ISO8601", errors="coerce", utc=True)
        return moments.dt.tz_localize(None)
    if kind == rows.BOOLEAN:
        values = column.map({"true": True, "false": False})
        return values.astype(object).where(~missing, None) if missing.any() else values.astype(bool)
    if kind == rows.FLOAT:
        return column.astype("float64")
    if kind == rows.INTEGER:
        return _exact(pandas, column, missing, int)
    if kind == rows.DECIMAL:
        return _exact(pandas, column, missing, decimal.Decimal)
    return column.map(rows.unescaped, na_action="ignore").astype(object)


def _exact(pandas: Any, column: Any, missing: Any, read: Callable[[str], Any]) -> Any:
    """Return numbers in a NumPy type if it will do for them all, else as Python's."""
    if read is int and not missing.any():
        try:
            return column.astype("int64")
        except (OverflowError, ValueError):
            pass  # more digits than 64 bits have
    values = [None if absent else read(cell) for cell, absent in zip(column, missing)]
    if all(value is None or _fits(value) for value in values):
        return pandas.Series(values, index=column.index, dtype="float64")
    return pandas.Series(values, index=column.index, dtype=object)


def _fits(value: Any) -> bool:
    """Return whether a float will do for a number: for an integer, if it is the same; for a decimal, if it is near."""
    if isinstance(value, int):
        return abs(value) <= 2**53
    return not value.is_finite() or bool(abs(value) < _LARGEST_DECIMAL)
