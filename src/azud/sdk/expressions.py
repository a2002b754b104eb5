"""Expressions about the rows of a table or the files of a dataset: `dataset.filter(dataset["price"] > 3)`."""

from __future__ import annotations

from math import isnan
from typing import Any, List

from azud.sdk.exceptions import UserErrorException


class Expression:
    """Something that holds for a row or a file or does not; `&`, `|` and `~` combine expressions."""

    def __init__(self, parts: List[Any]) -> None:
        """Not for users: keep the form of `azud.planning.expressions`."""
        self._parts = parts

    def __and__(self, other: Expression) -> Expression:
        return Expression(["and", self._parts, parts_of(other)])

    def __or__(self, other: Expression) -> Expression:
        return Expression(["or", self._parts, parts_of(other)])

    def __invert__(self) -> Expression:
        return Expression(["not", self._parts])

    def __bool__(self) -> bool:
        """Refuse: `and`, `or`, `not` and `a < b < c` would drop a part of the expression."""
        raise UserErrorException(
            "an expression is neither true nor false before the data are read",
            hint="combine with &, | and ~, in parentheses",
        )

    def __repr__(self) -> str:
        return f"<Expression {self._parts!r}>"


class Column:
    """A column in an expression: `dataset["price"]`, to be compared with a value or another column.

    What is missing compares with nothing: each comparison with it is false, `!=` too.
    """

    def __init__(self, name: str) -> None:
        """Not for users: `dataset[name]` makes these."""
        self._name = name

    def _compared(self, word: str, value: Any) -> Expression:
        return Expression([word, {"column": self._name}, operand_of(value)])

    def __eq__(self, value: object) -> Any:
        return self.is_null() if value is None else self._compared("==", value)

    def __ne__(self, value: object) -> Any:
        return ~self.is_null() if value is None else self._compared("!=", value)

    def __lt__(self, value: Any) -> Expression:
        return self._compared("<", value)

    def __le__(self, value: Any) -> Expression:
        return self._compared("<=", value)

    def __gt__(self, value: Any) -> Expression:
        return self._compared(">", value)

    def __ge__(self, value: Any) -> Expression:
        return self._compared(">=", value)

    __hash__ = None  # type: ignore[assignment]  # `==` makes an expression

    def is_null(self) -> Expression:
        """Hold where the cell is missing."""
        return Expression(["is_null", {"column": self._name}])

    def starts_with(self, value: str) -> Expression:
        """Hold where the cell is a text that begins so."""
        return self._text("starts_with", value)

    def ends_with(self, value: str) -> Expression:
        """Hold where the cell is a text that ends so."""
        return self._text("ends_with", value)

    def contains(self, value: str) -> Expression:
        """Hold where the cell is a text that holds this one."""
        return self._text("contains", value)

    def _text(self, word: str, value: str) -> Expression:
        if not isinstance(value, str):
            raise UserErrorException(f"{word} needs a text, not {value!r}")
        return Expression([word, {"column": self._name}, value])

    def __bool__(self) -> bool:
        """Refuse, as `Expression` does."""
        raise UserErrorException(
            f"column {self._name!r} is neither true nor false before the data are read", hint="compare it with a value"
        )

    def __repr__(self) -> str:
        return f"<Column {self._name!r}>"


def column(key: Any) -> Column:
    """Return a column by its name.

    Raises:
        UserErrorException: The name is no text.
    """
    if not isinstance(key, str):
        raise UserErrorException(
            f"{key!r} is no name of a column", hint="dataset['name'] is for filter; keep_columns([…]) chooses columns"
        )
    return Column(key)


def parts_of(expression: Any) -> List[Any]:
    """Return an expression as a dataset's definition holds it.

    Raises:
        UserErrorException: It is none.
    """
    if not isinstance(expression, Expression):
        raise UserErrorException(
            f"{expression!r} is no expression",
            hint="compare a column (dataset['name'] > 3) or, of a file dataset, dataset.file_metadata('Size')",
        )
    return expression._parts


def operand_of(value: Any) -> Any:
    """Return what a column is compared with as the definition holds it.

    Raises:
        UserErrorException: It is no column, number, text, truth value or moment.
    """
    if isinstance(value, Column):
        return {"column": value._name}
    if hasattr(value, "item") and not hasattr(value, "isoformat"):
        value = value.item()  # a number of numpy's
    if hasattr(value, "isoformat"):
        return {"moment": moment_text(value)}
    if isinstance(value, (str, bool, int)) or (isinstance(value, float) and not isnan(value)):
        return value
    raise UserErrorException(
        f"a column cannot be compared with {value!r}",
        hint="use a number, text, truth value, datetime or column; is_null() finds missing cells",
    )


def moment_text(value: Any) -> str:
    """Return a `datetime` or `date` as ISO 8601 in UTC without a time zone; without one it is taken as UTC."""
    import datetime

    if not isinstance(value, datetime.datetime):
        return datetime.datetime(value.year, value.month, value.day).isoformat()
    if value.tzinfo is not None:
        value = value.astimezone(datetime.timezone.utc).replace(tzinfo=None)
    return datetime.datetime.isoformat(value)[:26]  # pandas' has nanoseconds


def has_facts(parts: List[Any]) -> bool:
    """Return whether an expression asks for facts about files."""
    word, *rest = parts
    if word in ("and", "or", "not"):
        return any(has_facts(part) for part in rest)
    return isinstance(rest[0], str)
