"""The YAML of conda specifications: mappings, lists and plain or quoted texts, nested by indentation.

A user's environment need not have a YAML package, and these files use a small part of the language. What is
outside of that part is refused with its line number, never read wrongly.
"""

from __future__ import annotations

import re
from typing import Any, List, NamedTuple, Tuple

from azud.sdk.exceptions import UserErrorException

_KEY = re.compile(r"^([A-Za-z0-9_.\-]+):(?:\s+(.*)|)$")
_OUTSIDE = ("&", "*", "!", "|", ">", "{", "%", "@", "`")


class _Line(NamedTuple):
    number: int
    indent: int
    text: str


def load(text: str) -> Any:
    """Return the value that a document holds: dicts, lists and texts; None for an empty one.

    Raises:
        UserErrorException: It uses a part of YAML that is not read here; names the line.
    """
    lines = [line for number, raw in enumerate(text.splitlines(), 1) for line in _line(number, raw)]
    if not lines:
        return None
    value, used = _block(lines, 0, lines[0].indent)
    if used != len(lines):
        raise _refused(lines[used])
    return value


def dump(value: Any, indent: int = 0) -> str:
    """Return a document that holds dicts, lists and texts; `load` gives the same value back."""
    pad = " " * indent
    if isinstance(value, dict):
        return "".join(
            f"{pad}{key}:\n{dump(item, indent)}" if isinstance(item, (list, dict)) else f"{pad}{key}: {_quoted(item)}\n"
            for key, item in value.items()
        )
    found = ""
    for item in value:
        if isinstance(item, dict):
            found += pad + "- " + dump(item, indent + 2)[indent + 2 :]
        else:
            found += f"{pad}- {_quoted(item)}\n"
    return found


def _line(number: int, raw: str) -> List[_Line]:
    text = _without_comment(raw.rstrip())
    if not text.strip() or text in ("---", "..."):
        return []
    if "\t" in text[: len(text) - len(text.lstrip())]:
        raise UserErrorException(f"line {number}: YAML is not indented with tabs")
    return [_Line(number, len(text) - len(text.lstrip(" ")), text.strip())]


def _without_comment(text: str) -> str:
    quote = ""
    for index, char in enumerate(text):
        if quote:
            quote = "" if char == quote else quote
        elif char in "'\"" and (index == 0 or text[index - 1] in " :-["):
            quote = char
        elif char == "#" and (index == 0 or text[index - 1] in " \t"):
            return text[:index].rstrip()
    return text


def _block(lines: List[_Line], start: int, indent: int) -> Tuple[Any, int]:
    if lines[start].text.startswith("- ") or lines[start].text == "-":
        return _sequence(lines, start, indent)
    return _mapping(lines, start, indent)


def _sequence(lines: List[_Line], index: int, indent: int) -> Tuple[List[Any], int]:
    found: List[Any] = []
    while index < len(lines) and lines[index].indent == indent and lines[index].text[:2].strip() == "-":
        line = lines[index]
        rest = line.text[1:].lstrip()
        if rest and _KEY.match(rest):
            inner = line.indent + len(line.text) - len(rest)
            nested = [*lines[:index], _Line(line.number, inner, rest), *lines[index + 1 :]]
            value, index = _mapping(nested, index, inner)
        elif rest:
            value, index = _scalar(line, rest), index + 1
        else:
            value, index = _nested(lines, index + 1, indent)
        found.append(value)
    return found, index


def _mapping(lines: List[_Line], index: int, indent: int) -> Tuple[Any, int]:
    found = {}
    while index < len(lines) and lines[index].indent == indent:
        line = lines[index]
        match = _KEY.match(line.text)
        if match is None:
            raise _refused(line)
        key, rest = match.group(1), (match.group(2) or "").strip()
        if rest:
            value, index = _scalar(line, rest), index + 1
        else:
            value, index = _nested(lines, index + 1, indent)
        found[key] = value
    return found, index


def _nested(lines: List[_Line], index: int, indent: int) -> Tuple[Any, int]:
    if index >= len(lines):
        return None, index
    deeper = lines[index].indent > indent
    list_at_same_depth = lines[index].indent == indent and lines[index].text[:2].strip() == "-"
    return _block(lines, index, lines[index].indent) if deeper or list_at_same_depth else (None, index)


def _scalar(line: _Line, text: str) -> Any:
    if text[0] in "'\"" and text[-1] == text[0] and len(text) > 1:
        return text[1:-1]
    if text.startswith("[") and text.endswith("]"):
        inner = text[1:-1].strip()
        return [_scalar(line, part.strip()) for part in inner.split(",")] if inner else []
    if text.startswith(_OUTSIDE):
        raise _refused(line)
    return None if text in ("null", "~") else text


def _quoted(item: Any) -> str:
    text = "null" if item is None else str(item)
    plain = bool(text) and not text.startswith((*_OUTSIDE, "-", "[", "'", '"', "#")) and ": " not in text
    return text if plain and " #" not in text else "'" + text + "'"


def _refused(line: _Line) -> UserErrorException:
    return UserErrorException(
        f"line {line.number}: {line.text!r} is YAML that conda specifications do not need and azud does not read"
    )
