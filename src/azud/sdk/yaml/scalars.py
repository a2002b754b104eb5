"""What unquoted scalars mean: texts, until somebody who knows the field's type asks."""

from __future__ import annotations

import re
from typing import Any

_NULL = frozenset(("", "~", "null", "Null", "NULL"))
_TRUE = frozenset(("true", "True", "TRUE"))
_FALSE = frozenset(("false", "False", "FALSE"))
_WHOLE = re.compile(r"^[-+]?[0-9]+\Z")
_FLOAT = re.compile(r"^[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?\Z")
_INFINITE = re.compile(r"^([-+]?)\.(inf|Inf|INF)\Z")


class Plain(str):
    """A scalar that stood without quotes: `3.10` may be a number or the text that a version is."""

    __slots__ = ()


def resolved(value: Any) -> Any:
    """Return the value with its unquoted scalars as null, booleans and numbers (YAML 1.2, core schema)."""
    if isinstance(value, dict):
        return {str(key): resolved(item) for key, item in value.items()}
    if isinstance(value, list):
        return [resolved(item) for item in value]
    return _scalar(str(value)) if isinstance(value, Plain) else value


def texts(value: Any) -> Any:
    """Return the value with its unquoted scalars as texts; null stays None."""
    if isinstance(value, dict):
        return {str(key): texts(item) for key, item in value.items()}
    if isinstance(value, list):
        return [texts(item) for item in value]
    if isinstance(value, Plain):
        return None if value in _NULL else str(value)
    return value


def _scalar(text: str) -> Any:
    if text in _NULL:
        return None
    if text in _TRUE or text in _FALSE:
        return text in _TRUE
    if _WHOLE.match(text):
        return int(text)
    if _FLOAT.match(text):
        return float(text)
    infinite = _INFINITE.match(text)
    if infinite:
        return float(infinite.group(1) + "inf")
    return float("nan") if text in (".nan", ".NaN", ".NAN") else text
