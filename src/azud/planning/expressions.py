"""Expressions that hold for a row or a file, in the JSON form that a dataset's definition keeps.

    ["and", e, e], ["or", e, e], ["not", e]
    ["==" | "!=" | "<" | "<=" | ">" | ">=", operand, operand]
    ["is_null", operand]
    ["starts_with" | "ends_with" | "contains", operand, text]

An operand is `{"column": name}`, `{"moment": ISO 8601 text}` (UTC), or a number, text or truth value; where files are
asked, a text on the left side is the name of a fact about them (`azud.planning.selecting.FIELDS`). What is missing
compares with nothing: every comparison with it is false.
"""

from __future__ import annotations

import operator
from typing import Any, Callable, Dict, FrozenSet, List, Optional, Sequence, Set, Tuple

from azud.core.errors import DefinitionError

COMPARISONS: Dict[str, Callable[[Any, Any], Any]] = {
    "==": operator.eq,
    "!=": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}
TEXT_TESTS: Dict[str, Callable[[str, str], bool]] = {
    "starts_with": str.startswith,
    "ends_with": str.endswith,
    "contains": operator.contains,
}
_SWAPPED = {"<": ">", "<=": ">=", ">": "<", ">=": "<=", "==": "==", "!=": "!="}

Bounds = Optional[Tuple[Any, Any, bool]]
"""Least and greatest value of a column, and whether cells may be missing; None: nothing is known."""


def evaluate(expression: Sequence[Any], value_of: Callable[[Any], Any]) -> bool:
    """Return whether an expression holds.

    Args:
        expression: As above.
        value_of: Gives the value of an operand; None if it is missing.

    Raises:
        DefinitionError: It is no expression, or compares a text with a number.
    """
    word = expression[0] if expression else None
    if word == "not":
        return not evaluate(expression[1], value_of)
    if word == "and":
        return evaluate(expression[1], value_of) and evaluate(expression[2], value_of)
    if word == "or":
        return evaluate(expression[1], value_of) or evaluate(expression[2], value_of)
    if word == "is_null":
        return value_of(expression[1]) is None
    if word in COMPARISONS:
        return compared(word, value_of(expression[1]), value_of(expression[2]))
    if word in TEXT_TESTS:
        text = value_of(expression[1])
        return isinstance(text, str) and TEXT_TESTS[word](text, expression[2])
    raise DefinitionError(f"{expression!r} is no expression")


def compared(word: str, left: Any, right: Any) -> bool:
    """Return the result of a comparison of two values; False if one is missing.

    Raises:
        DefinitionError: They are of different kinds.
    """
    if left is None or right is None:
        return False
    if family(left) != family(right):
        raise DefinitionError(
            f"{left!r} cannot be compared with {right!r}", hint="compare texts with texts and numbers with numbers"
        )
    return bool(COMPARISONS[word](left, right))


def family(value: Any) -> str:
    """Return what a value can be compared with: `number`, `text` or `moment`."""
    if isinstance(value, str):
        return "text"
    return "moment" if hasattr(value, "isoformat") else "number"


def literal(operand: Any) -> Any:
    """Return the value of an operand that is no column: a moment as a `datetime` without a time zone, in UTC."""
    if isinstance(operand, dict) and "moment" in operand:
        import datetime

        return datetime.datetime.fromisoformat(operand["moment"])
    return operand


def columns_of(expression: Sequence[Any]) -> Set[str]:
    """Return the names of the columns in an expression."""
    found: Set[str] = set()
    for part in expression[1:]:
        if isinstance(part, (list, tuple)):
            found |= columns_of(part)
        elif isinstance(part, dict) and "column" in part:
            found.add(part["column"])
    return found


def may_hold(expression: Sequence[Any], bounds_of: Callable[[str], Bounds]) -> bool:
    """Return whether an expression can hold for a row whose columns lie within bounds; True in doubt."""
    return True in _results(expression, bounds_of)


_BOTH: FrozenSet[bool] = frozenset((True, False))


def _results(expression: Sequence[Any], bounds_of: Callable[[str], Bounds]) -> FrozenSet[bool]:
    word = expression[0]
    if word == "not":
        return frozenset(not result for result in _results(expression[1], bounds_of))
    if word in ("and", "or"):
        join = all if word == "and" else any
        left, right = _results(expression[1], bounds_of), _results(expression[2], bounds_of)
        return frozenset(join((a, b)) for a in left for b in right)
    if word in COMPARISONS:
        return _comparison(word, expression[1], expression[2], bounds_of)
    return _BOTH


def _comparison(word: str, left: Any, right: Any, bounds_of: Callable[[str], Bounds]) -> FrozenSet[bool]:
    if not _is_column(left):
        word, left, right = _SWAPPED[word], right, left
    bounds = bounds_of(left["column"]) if _is_column(left) and not _is_column(right) else None
    if bounds is None:
        return _BOTH
    value, (low, high, has_missing) = literal(right), bounds
    if family(low) != family(value):
        return _BOTH  # reading will say what is wrong
    results: List[bool] = _within(word, low, high, value)
    return frozenset(results + [False] if has_missing else results)


def _within(word: str, low: Any, high: Any, value: Any) -> List[bool]:
    if word in ("==", "!="):
        equal = [False] if value < low or value > high else ([True] if low == high else [True, False])
        return equal if word == "==" else [not result for result in equal]
    compare = COMPARISONS[word]
    return sorted({bool(compare(low, value)), bool(compare(high, value))})


def _is_column(operand: Any) -> bool:
    return isinstance(operand, dict) and "column" in operand
