"""Globs: patterns for paths, as in ignore files and in the locations of datasets."""

from __future__ import annotations

import re
from typing import Callable, Tuple

_GLOB_CHARACTERS = frozenset("*?[")


def is_glob(path: str) -> bool:
    """Return whether a path is a pattern."""
    return not _GLOB_CHARACTERS.isdisjoint(path)


def fixed_folder(path: str) -> str:
    """Return the folder that all that a path or pattern names lies below; "" for the root."""
    parts = path.split("/")
    if not is_glob(path):
        return "/".join(parts[:-1])
    return "/".join(parts[: next(index for index, part in enumerate(parts) if is_glob(part))])


def glob_test(pattern: str) -> Callable[[str], bool]:
    """Return a test for relative paths: does the pattern name it, or a folder above it?"""
    expression = re.compile(f"^{glob_expression(pattern)}(?:/.*)?$", re.DOTALL)
    return lambda path: expression.match(path) is not None


def glob_expression(glob: str) -> str:
    """Return the regular expression of a glob: `**` spans folders, `*`, `?` and `[...]` stay within a name."""
    parts = glob.split("/")
    found = ""
    for index, part in enumerate(parts):
        last = index == len(parts) - 1
        if part == "**":
            found += ".+" if last else "(?:[^/]+/)*"
        else:
            found += _name_expression(part) + ("" if last else "/")
    return found


def _name_expression(name: str) -> str:
    found, index = "", 0
    while index < len(name):
        char = name[index]
        index += 1
        if char == "*":
            while name[index : index + 1] == "*":
                index += 1
            found += "[^/]*"
        elif char == "?":
            found += "[^/]"
        elif char == "[":
            text, index = _bracket(name, index)
            found += text
        elif char == "\\" and index < len(name):
            found += re.escape(name[index])
            index += 1
        else:
            found += re.escape(char)
    return found


def _bracket(name: str, start: int) -> Tuple[str, int]:
    """Return the expression of a bracket whose `[` stands before `start`, and where it ends."""
    end = start
    if name[end : end + 1] in ("!", "^"):
        end += 1
    if name[end : end + 1] == "]":
        end += 1
    while end < len(name) and name[end] != "]":
        end += 2 if name[end] == "\\" else 1
    if end >= len(name):
        return r"\[", start  # no closing bracket: the character itself
    body = name[start:end]
    negated = body[:1] in ("!", "^")
    body = body[1:] if negated else body
    body = body.replace("[", r"\[").replace("&&", r"&\&").replace("||", r"|\|").replace("~~", r"~\~")
    if body.startswith("]"):
        body = "\\" + body
    return (f"(?!/)[^{body}]" if negated else f"(?!/)[{body}]"), end + 1
