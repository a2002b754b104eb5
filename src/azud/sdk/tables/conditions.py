"""Expressions over whole columns: which rows of a frame they hold for."""

from __future__ import annotations

from typing import Any, List, Sequence

from azud.planning.expressions import COMPARISONS, TEXT_TESTS, compared, family, literal
from azud.sdk.exceptions import DatasetExecutionError, translated
from azud.sdk.tables.moments import without_zone

_FAMILIES = {
    "string": "text",
    "boolean": "number",
    "integer": "number",
    "floating": "number",
    "mixed-integer-float": "number",
    "decimal": "number",
    "empty": "empty",
    "datetime": "moment",
    "datetime64": "moment",
}
"""What pandas finds in a column of Python values, as what it can be compared with."""


def holding(pandas: Any, frame: Any, expression: Sequence[Any]) -> Any:
    """Return for each row whether an expression holds, as an array of truth values, shape `(rows,)`.

    Args:
        pandas: The library.
        frame: Rows with typed columns.
        expression: See `azud.planning.expressions`.

    Raises:
        DatasetExecutionError: A column cannot be compared so.
    """
    word = expression[0]
    if word == "not":
        return ~holding(pandas, frame, expression[1])
    if word == "and":
        return holding(pandas, frame, expression[1]) & holding(pandas, frame, expression[2])
    if word == "or":
        return holding(pandas, frame, expression[1]) | holding(pandas, frame, expression[2])
    if word == "is_null":
        return frame[expression[1]["column"]].isna().to_numpy()
    if word in TEXT_TESTS:
        return _text_test(frame[expression[1]["column"]], word, expression[2])
    if word not in COMPARISONS:
        raise DatasetExecutionError(f"{list(expression)!r} is no expression about rows")
    return _comparison(pandas, frame, word, expression[1], expression[2])


def _text_test(column: Any, word: str, text: str) -> Any:
    test = TEXT_TESTS[word]
    cells: List[Any] = column.tolist()
    return _array([isinstance(cell, str) and test(cell, text) for cell in cells])


def _comparison(pandas: Any, frame: Any, word: str, left: Any, right: Any) -> Any:
    operands = [
        _comparable(pandas, frame[item["column"]]) if _is_column(item) else literal(item) for item in (left, right)
    ]
    present = _present(operands, len(frame))
    families = [_family(pandas, operand) for operand in operands]
    if "empty" in families:
        return present & False
    if "mixed" in families:
        return _one_by_one(word, operands, len(frame))
    if families[0] != families[1]:
        raise DatasetExecutionError(
            f"{_said(left, families[0])} cannot be compared with {_said(right, families[1])}",
            hint="compare with a value of the column's type, or set the type: set_column_types={…: DataType.…}",
        )
    values = [operand[present] if hasattr(operand, "isna") else operand for operand in operands]
    found = COMPARISONS[word](*values)
    result = present.copy()
    result[present] = found.to_numpy(dtype=bool) if hasattr(found, "to_numpy") else found
    return result


def _comparable(pandas: Any, column: Any) -> Any:
    """Return a column as it can be compared: moments without a time zone, categories as what they stand for."""
    if isinstance(column.dtype, getattr(pandas, "CategoricalDtype", ())):
        column = column.astype(column.cat.categories.dtype)
    return without_zone(column)


def _present(operands: Sequence[Any], count: int) -> Any:
    import numpy  # type: ignore[import-not-found,unused-ignore]

    present = numpy.ones(count, dtype=bool)
    for operand in operands:
        if hasattr(operand, "isna"):
            present &= operand.notna().to_numpy()
    return present


def _family(pandas: Any, operand: Any) -> str:
    """Return what an operand can be compared with: `number`, `text`, `moment`, `empty` (anything) or `mixed`."""
    if not hasattr(operand, "isna"):
        return family(operand)
    types = pandas.api.types
    if types.is_numeric_dtype(operand.dtype) or types.is_bool_dtype(operand.dtype):
        return "number" if operand.notna().any() else "empty"
    if types.is_datetime64_any_dtype(operand.dtype):
        return "moment"
    kind = types.infer_dtype(operand, skipna=True)
    return _FAMILIES.get(kind, "mixed")


def _one_by_one(word: str, operands: Sequence[Any], count: int) -> Any:
    cells = [_cells(operand, count) for operand in operands]
    with translated():
        return _array([compared(word, left, right) for left, right in zip(*cells)])


def _cells(operand: Any, count: int) -> List[Any]:
    if not hasattr(operand, "isna"):
        return [operand] * count
    return [None if missing else cell for cell, missing in zip(operand.tolist(), operand.isna().tolist())]


def _array(values: List[bool]) -> Any:
    import numpy

    return numpy.array(values, dtype=bool)


def _is_column(operand: Any) -> bool:
    return isinstance(operand, dict) and "column" in operand


def _said(operand: Any, kind: str) -> str:
    return f"column {operand['column']!r} of {kind}s" if _is_column(operand) else repr(literal(operand))
