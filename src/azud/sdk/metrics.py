"""Metrics: checking what is logged, and the shapes in which v1 gives logged values back."""

from __future__ import annotations

from azud.sdk.exceptions import AzureMLException, UserErrorException
from azud.sdk.support import warn

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Callable, Dict, Iterable, List, Mapping, Optional

_PLAIN = frozenset((float, str, bool, int, type(None)))
_LARGEST_INT = 2**63 - 1


def scalar(name: str, value: Any) -> Any:
    """Return a value as it is logged: a number, text, truth value or None.

    Numpy's and similar scalars are unwrapped; any other object is logged as its `repr` with a warning, as in v1.
    """
    kind = type(value)
    if kind in _PLAIN and (kind is not int or -_LARGEST_INT - 1 <= value <= _LARGEST_INT):
        return value
    for base in (bool, int, float, str):
        if isinstance(value, base) and (base is not int or -_LARGEST_INT - 1 <= int(value) <= _LARGEST_INT):
            return base(value)
    unwrap = getattr(value, "item", None)
    if callable(unwrap) and getattr(value, "size", 1) == 1:
        inner = unwrap()
        if type(inner) in _PLAIN:
            return scalar(name, inner)
    warn(f"metric {name!r}: a value of type {kind.__name__} is logged as text")
    return repr(value)


def scalar_to_log(name: str, value: Any) -> Any:
    """Return the value of `Run.log`.

    Raises:
        UserErrorException: A list, range or generator.
    """
    if isinstance(value, (list, range, tuple)) or hasattr(value, "__next__"):
        raise UserErrorException(f"metric {name!r}: log() takes one value, not a list", hint="use log_list()")
    return scalar(name, value)


def list_to_log(name: str, values: Any) -> List[Any]:
    """Return the value of `Run.log_list`.

    Raises:
        AzureMLException: It holds lists.
    """
    items = list(values)
    if any(isinstance(item, (list, tuple, dict)) for item in items):
        raise AzureMLException(f"metric {name!r}: log_list() takes a flat list")
    return [scalar(name, item) for item in items]


def row_to_log(name: str, columns: Mapping[str, Any]) -> Dict[str, Any]:
    """Return the value of `Run.log_row`.

    Raises:
        AzureMLException: A column holds a list.
    """
    if any(isinstance(item, (list, tuple, dict)) for item in columns.values()):
        raise AzureMLException(f"metric {name!r}: log_row() takes one value a column", hint="use log_table()")
    return {str(key): scalar(name, item) for key, item in columns.items()}


def table_to_log(name: str, table: Mapping[str, Any]) -> Dict[str, List[Any]]:
    """Return the value of `Run.log_table`: columns of one length.

    Raises:
        AzureMLException: No mapping, or columns of different lengths.
    """
    from collections.abc import Mapping

    if not isinstance(table, Mapping):
        raise AzureMLException(f"metric {name!r}: log_table() takes a dict of columns")
    columns = {
        str(key): list_to_log(name, cells if isinstance(cells, (list, tuple)) else [cells])
        for key, cells in table.items()
    }
    if len({len(cells) for cells in columns.values()}) > 1:
        raise AzureMLException(f"metric {name!r}: the columns of a table have one length")
    return columns


def fold(points: Iterable[Mapping[str, Any]], name: Optional[str] = None) -> Dict[str, Any]:
    """Return logged points in v1's shapes, by name.

    A scalar logged once is itself, more often a list; lists follow each other; one row is `{column: value}`, two or
    more `{column: [values]}`; tables are `{column: [values]}`; an image is its artifact's address.
    """
    from azud.job.spool import with_nan

    found: Dict[str, Any] = {}
    rows: Dict[str, List[Dict[str, Any]]] = {}
    for point in points:
        key, kind, value = str(point["name"]), point["kind"], with_nan(point["value"])
        if name is not None and key != name:
            continue
        if kind == "row":
            rows.setdefault(key, []).append(value)
            found[key] = _rows(rows[key])
        else:
            found[key] = _FOLDS.get(kind, _fold_scalar)(found.get(key, _NOTHING), value)
    return found


_NOTHING = object()


def _fold_scalar(known: Any, value: Any) -> Any:
    if known is _NOTHING:
        return value
    return [*known, value] if isinstance(known, list) else [known, value]


def _fold_list(known: Any, value: Any) -> Any:
    before = [] if known is _NOTHING else known if isinstance(known, list) else [known]
    return [*before, *value]


def _fold_table(known: Any, value: Any) -> Any:
    before = known if isinstance(known, dict) else {}
    return {key: [*_cells(before.get(key, [])), *_cells(value.get(key, []))] for key in {**before, **value}}


def _cells(value: Any) -> List[Any]:
    return list(value) if isinstance(value, list) else [value]


def _rows(rows: List[Dict[str, Any]]) -> Dict[str, Any]:
    if len(rows) == 1:
        return dict(rows[0])
    columns = list(dict.fromkeys(key for row in rows for key in row))
    return {key: [row.get(key) for row in rows] for key in columns}


_FOLDS: Dict[str, Callable[[Any, Any], Any]] = {"list": _fold_list, "table": _fold_table}
