"""Quoted scalars: escapes, and how lines of one scalar join."""

from __future__ import annotations

import re
import sys
from typing import List, Optional, Tuple

_ESCAPES = {
    "0": "\0",
    "a": "\a",
    "b": "\b",
    "t": "\t",
    "\t": "\t",
    "n": "\n",
    "v": "\v",
    "f": "\f",
    "r": "\r",
    "e": "\x1b",
    " ": " ",
    '"': '"',
    "/": "/",
    "\\": "\\",
    "N": "\x85",
    "_": "\xa0",
    "L": "\u2028",
    "P": "\u2029",
}
_ESCAPE = re.compile(r"\\(x[0-9A-Fa-f]{2}|u[0-9A-Fa-f]{4}|U[0-9A-Fa-f]{8}|.)", re.DOTALL)
_SURROGATES = re.compile("[\ud800-\udbff][\udc00-\udfff]")
_BODY = {"'": re.compile(r"(?:[^']|'')*"), '"': re.compile(r'(?:[^"\\]|\\.)*', re.DOTALL)}


def closing(text: str, start: int) -> Optional[int]:
    """Return where the quote that opens at `start` ends, after its closing mark; None if it does not."""
    end = _quote_end(text, start)
    return end + 1 if end < len(text) and text[end] == text[start] else None


def unquoted(text: str) -> str:
    """Return what a quoted scalar with its marks says.

    Raises:
        ValueError: It has an escape that YAML does not know.
    """
    body = _folded(text[1:-1].split("\n"), is_double=text[0] == '"')
    if text[0] == "'":
        return body.replace("''", "'")
    # JSON writes a character beyond 16 bits as two escapes.
    return _SURROGATES.sub(_joined, _ESCAPE.sub(_escape, body))


def _quote_end(text: str, start: int) -> int:
    found = _BODY[text[start]].match(text, start + 1)
    return found.end() if found else len(text)


def _escape(found: re.Match[str]) -> str:
    code = found.group(1)
    if len(code) > 1:
        number = int(code[1:], 16)
        if number > sys.maxunicode:
            raise ValueError(f"\\{code} is no character")
        return chr(number)
    if code not in _ESCAPES:
        raise ValueError(f"\\{code} is no escape of YAML")
    return _ESCAPES[code]


def _joined(found: re.Match[str]) -> str:
    return found.group(0).encode("utf-16", "surrogatepass").decode("utf-16")


def _folded(lines: List[str], *, is_double: bool) -> str:
    """Join lines: one break becomes a space, further ones stay; in double quotes an escaped one vanishes."""
    found, breaks = lines[0], 0
    for index, line in enumerate(lines[1:], 1):
        stripped = line.lstrip(" \t") if index == len(lines) - 1 else _trimmed(line.lstrip(" \t"), is_double)
        if index == 1:
            found = _trimmed(found, is_double)
        if not stripped and index < len(lines) - 1:
            breaks += 1
            continue
        found = _append(found, stripped, breaks, is_double)
        breaks = 0
    return found


def _append(found: str, line: str, breaks: int, is_double: bool) -> str:
    if is_double and _ends_escaped(found):
        return found[:-1] + "\n" * breaks + line
    return found + ("\n" * breaks or " ") + line


def _trimmed(line: str, is_double: bool) -> str:
    """Return the line without the blanks at its end, but for one that is escaped."""
    stripped = line.rstrip(" \t")
    escaped = is_double and _ends_escaped(stripped) and len(stripped) < len(line)
    return line[: len(stripped) + 1] if escaped else stripped


def _ends_escaped(text: str) -> bool:
    return (len(text) - len(text.rstrip("\\"))) % 2 == 1


def split_plain(text: str, stops: str = "") -> Tuple[str, str]:
    """Return a plain scalar at the start of a line, and what follows: a comment, or one of `stops`."""
    for index, char in enumerate(text):
        before = text[index - 1] if index else " "
        if char in stops or (char == "#" and before in " \t"):
            return text[:index].rstrip(), text[index:]
    return text.rstrip(), ""
