"""Tables that are the rows of a query: the server runs it and gives a file (see `azud.model.rows`), read here.

Numbers get NumPy's types, as in v1: integers `int64` (`float64` if some are missing), decimals `float64`, truth values
`bool` (`object` if some are missing), dates and moments `datetime64` (instants in UTC, without a zone). Where `float64`
would change an integer, or lose whole digits of a decimal, the column keeps Python's own numbers. Texts stay as they
are, an empty one too; bytes are `bytes`; NULL is missing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Callable, Dict, List, Tuple

from azud.model import formats
from azud.sdk.exceptions import DatasetExecutionError, UserErrorException

if TYPE_CHECKING:
    from azud.sdk.workspace import Workspace


_LARGEST_DECIMAL = 10**15
"""Below it, what a float loses of a decimal is in the sixteenth digit or after it."""


def definition_of(datastore: Any, query: Any, timeout_s: Any, column_types: Dict[str, Any]) -> Dict[str, Any]:
    """Return the definition of a dataset that is a query.

    Raises:
        UserErrorException: The datastore is no database, the query no text, or the timeout no number of seconds.
    """
    from azud.sdk.datastore_sql import is_database

    if not is_database(datastore):
        raise UserErrorException(
            f"datastore {datastore.name!r} ({datastore.datastore_type}) is no database",
            hint="from_sql_query needs one made by Datastore.register_azure_sql_database, …_postgre_sql or …_my_sql",
        )
    if not isinstance(query, str) or not query.strip():
        raise UserErrorException(f"the query is {query!r}", hint='write (datastore, "SELECT …")')
    if isinstance(timeout_s, bool) or not isinstance(timeout_s, (int, float)) or not timeout_s > 0:
        raise UserErrorException(f"query_timeout is {timeout_s!r}", hint="give a number of seconds above 0")
    return {
        "type": "tabular",
        "locations": [{"datastore": datastore.name, "path": ""}],
        "reader": {
            "format": formats.ROWS,
            "query": query,
            "query_timeout_s": timeout_s,
            "column_types": column_types,
        },
        "operations": [],
    }


def is_query(definition: Dict[str, Any]) -> bool:
    """Return whether a dataset is a query."""
    return bool(definition["reader"].get("format") == formats.ROWS)


def check(definition: Dict[str, Any], workspace: Workspace) -> None:
    """Have the server run a dataset's query up to its first rows.

    Raises:
        UserErrorException: It does not run.
    """
    reader, (place,) = definition["reader"], definition["locations"]
    body = {"query": reader["query"], "query_timeout_s": reader["query_timeout_s"]}
    workspace._api.follow(f"/datastores/{place['datastore']}/query-columns", body)


def read_rows(files: List[Tuple[str, str]], reader: Dict[str, Any], pandas: Any) -> Any:
    """Return the rows in a file as a DataFrame; columns that `set_column_types` names are left as texts.

    Raises:
        DatasetExecutionError: It is not what the server wrote.
    """
    from azud.model import rows

    (path, _name) = files[0]
    wanted = reader.get("column_types") or {}
    try:
        with open(path, encoding="utf-8", errors="surrogatepass", newline="") as stream:
            columns = rows.read_head(stream.readline(), path)
            frame = pandas.read_csv(
                stream,
                header=None,
                names=range(len(columns)),
                dtype=object,
                keep_default_na=False,
                na_values=[rows.NULL],
                skip_blank_lines=False,
                lineterminator="\n",
            )
    except (OSError, ValueError) as error:
        raise DatasetExecutionError(f"the rows in {path} cannot be read: {error}") from error
    typed = {
        position: _typed(pandas, frame[position], rows.TEXT if name in wanted else kind)
        for position, (name, kind) in enumerate(columns)
    }
    found = pandas.DataFrame(typed, index=frame.index)
    found.columns = [name for name, _kind in columns]
    return found


def _typed(pandas: Any, column: Any, kind: str) -> Any:
    import decimal

    from azud.model import rows

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
    """Return numbers in a NumPy type if it holds them all, else as Python's."""
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
