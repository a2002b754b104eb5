"""Facts about files in expressions: `dataset.filter(dataset.file_metadata("Size") > 1000)`."""

from __future__ import annotations

from typing import Any

from azud.sdk.exceptions import NotYetError, UserErrorException
from azud.sdk.expressions import Expression

_NUMBERS = "Size"
_TEXTS = "Extension"
_MOMENTS = "LastModifiedTime"


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

    def _compared(self, word: str, value: Any) -> Expression:
        return Expression([word, self._field, _value_for(self._field, value)])

    def __eq__(self, value: object) -> Any:
        return self._compared("==", value)

    def __ne__(self, value: object) -> Any:
        return self._compared("!=", value)

    def __lt__(self, value: Any) -> Expression:
        return self._compared("<", value)

    def __le__(self, value: Any) -> Expression:
        return self._compared("<=", value)

    def __gt__(self, value: Any) -> Expression:
        return self._compared(">", value)

    def __ge__(self, value: Any) -> Expression:
        return self._compared(">=", value)

    __hash__ = None  # type: ignore[assignment]  # `==` makes an expression


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
