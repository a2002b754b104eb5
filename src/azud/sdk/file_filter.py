"""Expressions about files: `dataset.filter(dataset.file_metadata("Size") > 1000)`."""

from __future__ import annotations

from typing import Any, List

from azud.sdk.exceptions import NotYetError, UserErrorException

_NUMBERS = "Size"
_TEXTS = "Extension"
_MOMENTS = "LastModifiedTime"


class FileExpression:
    """Something that holds for a file or does not; `&`, `|` and `~` combine expressions."""

    def __init__(self, parts: List[Any]) -> None:
        """Not for users: keep the form of `azud.planning.selecting`."""
        self._parts = parts

    def __and__(self, other: FileExpression) -> FileExpression:
        return FileExpression(["and", self._parts, parts_of(other)])

    def __or__(self, other: FileExpression) -> FileExpression:
        return FileExpression(["or", self._parts, parts_of(other)])

    def __invert__(self) -> FileExpression:
        return FileExpression(["not", self._parts])

    def __bool__(self) -> bool:
        """Refuse: `and`, `or` and `not` would drop a part of the expression."""
        raise UserErrorException(
            "an expression about files is neither true nor false", hint="combine with &, | and ~, in parentheses"
        )

    def __repr__(self) -> str:
        return f"<FileExpression {self._parts!r}>"


class FileMetadata:
    """A fact about each file, to be compared with a value: `==`, `!=`, `<`, `<=`, `>`, `>=`."""

    def __init__(self, field: str) -> None:
        """Choose the fact.

        Raises:
            UserErrorException: There is no such fact.
            NotYetError: v1 has it and azud does not.
        """
        if field in ("CreationTime", "CanSeek"):
            raise NotYetError(f"azud does not have FileDataset.file_metadata({field!r}) yet")
        if field not in (_NUMBERS, _TEXTS, _MOMENTS):
            raise UserErrorException(
                f"files have no {field!r}", hint=f"their metadata: {_NUMBERS}, {_TEXTS}, {_MOMENTS}"
            )
        self._field = field

    def _compared(self, word: str, value: Any) -> FileExpression:
        return FileExpression([word, self._field, _value_for(self._field, value)])

    def __eq__(self, value: object) -> Any:
        return self._compared("==", value)

    def __ne__(self, value: object) -> Any:
        return self._compared("!=", value)

    def __lt__(self, value: Any) -> FileExpression:
        return self._compared("<", value)

    def __le__(self, value: Any) -> FileExpression:
        return self._compared("<=", value)

    def __gt__(self, value: Any) -> FileExpression:
        return self._compared(">", value)

    def __ge__(self, value: Any) -> FileExpression:
        return self._compared(">=", value)

    __hash__ = None  # type: ignore[assignment]  # `==` makes an expression


def parts_of(expression: Any) -> List[Any]:
    """Return an expression as a dataset's definition holds it.

    Raises:
        UserErrorException: It is no expression about files.
    """
    if not isinstance(expression, FileExpression):
        raise UserErrorException(
            f"{expression!r} is no expression about files", hint="compare dataset.file_metadata('Size') with a value"
        )
    return expression._parts


def _value_for(field: str, value: Any) -> Any:
    """Return the value as the definition holds it: a number, a text, or seconds since 1970.

    Raises:
        UserErrorException: The fact cannot be compared with it.
    """
    if field == _MOMENTS and hasattr(value, "timestamp"):
        if value.tzinfo is None:
            import datetime

            value = value.replace(tzinfo=datetime.timezone.utc)
        return float(value.timestamp())
    if field == _TEXTS and isinstance(value, str):
        return value
    if field == _NUMBERS and isinstance(value, (int, float)) and not isinstance(value, bool):
        return value
    wanted = {_NUMBERS: "a number of bytes", _TEXTS: "a text like '.csv'", _MOMENTS: "a datetime"}[field]
    raise UserErrorException(f"{field} cannot be compared with {value!r}", hint=f"use {wanted}")
