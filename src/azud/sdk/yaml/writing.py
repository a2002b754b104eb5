"""Writing a YAML document that every reader of YAML takes for the same value."""

from __future__ import annotations

import json
import re
from typing import Any, List, Mapping, Sequence

# Plain only where no reader, of YAML 1.1 or 1.2, could take it for anything but this text.
_PLAIN = re.compile(r"^[A-Za-z_/.][A-Za-z0-9_./\\+=<>~^$()@*!%;-]*(?: ?[A-Za-z0-9_./\\+=<>~^$()@*!%;-]+)*\Z")
_WORDS = frozenset(("null", "true", "false", "yes", "no", "on", "off", "y", "n", "nan", "inf"))
_NOT_PRINTED = re.compile("[\x7f-\x84\x86-\x9f\ud800-\udfff\ufeff\ufffe\uffff\x85\u2028\u2029]")
_NOT_FINITE = {"nan": ".nan", "inf": ".inf", "-inf": "-.inf"}
_LITERAL = re.compile("[\t\x20-\x7e\xa0-\ud7ff\n]+")


def dump(value: Any) -> str:
    """Return a document that holds dicts, lists, texts, numbers, booleans and None; `load` gives the value back.

    Raises:
        TypeError: It holds something else.
    """
    if isinstance(value, (dict, list, tuple)) and value:
        return "".join(f"{line}\n" for line in _lines(value))
    return _inline(value) + "\n"


def _lines(value: Any) -> List[str]:
    found = []
    if isinstance(value, Mapping):
        for key, item in value.items():
            found += _entry(f"{_text(str(key))}:", item, is_list_indented=False)
    else:
        for item in value:
            found += _item(item)
    return found


def _entry(head: str, item: Any, *, is_list_indented: bool) -> List[str]:
    if isinstance(item, (Mapping, Sequence)) and not isinstance(item, (str, bytes)) and item:
        pad = "  " if isinstance(item, Mapping) or is_list_indented else ""
        return [head, *(pad + line if line else line for line in _lines(item))]
    if isinstance(item, str) and _is_literal(item):
        mark = "|" if item.endswith("\n") else "|-"
        return [f"{head} {mark}", *("  " + line if line else "" for line in item.rstrip("\n").split("\n"))]
    return [f"{head} {_inline(item)}"]


def _item(item: Any) -> List[str]:
    if isinstance(item, (Mapping, Sequence)) and not isinstance(item, (str, bytes)) and item:
        first, *rest = _lines(item)
        return [f"- {first}", *("  " + line if line else line for line in rest)]
    return _entry("-", item, is_list_indented=True)


def _inline(item: Any) -> str:
    if item is None:
        return "null"
    if isinstance(item, bool):
        return "true" if item else "false"
    if isinstance(item, int):
        return str(int(item))
    if isinstance(item, float):
        return _number(item)
    if isinstance(item, str):
        return _text(item)
    if isinstance(item, (Mapping, Sequence)) and not item and not isinstance(item, bytes):
        return "{}" if isinstance(item, Mapping) else "[]"
    raise TypeError(f"{item!r} has no form in YAML")


def _number(item: float) -> str:
    shown = repr(float(item))
    if shown in _NOT_FINITE:
        return _NOT_FINITE[shown]
    # Readers of YAML 1.1 take an exponent for a number only behind a point.
    return shown if "." in shown or "e" not in shown else shown.replace("e", ".0e", 1)


def _text(item: str) -> str:
    if _PLAIN.match(item) and item.lower().lstrip(".") not in _WORDS and not _is_number(item):
        return item
    quoted = json.dumps(str(item), ensure_ascii=False)
    return _NOT_PRINTED.sub(lambda found: f"\\u{ord(found.group(0)):04x}", quoted)


def _is_number(item: str) -> bool:
    return re.match(r"^\.?[0-9]", item) is not None or item in (".", "=", "~")


def _is_literal(item: str) -> bool:
    """Return whether a text of several lines can stand as it is: nothing in it that readers differ about."""
    if "\n" not in item.rstrip("\n") or item.endswith("\n\n") or not _LITERAL.fullmatch(item):
        return False
    lines = item.split("\n")
    return bool(lines[0]) and lines[0][0] not in " \t" and all(line == line.rstrip(" \t") for line in lines)
