"""Ignore files: the `gitwildmatch` patterns of `.gitignore`, which `.amlignore` uses too.

Source: gitignore(5). Only the ignore file in the root of a source folder counts, as in v1.
"""

from __future__ import annotations

import re
from typing import List, NamedTuple, Optional, Pattern

from azud.planning.globs import glob_expression


class Rule(NamedTuple):
    """One line: which paths it is about, and whether it takes them back in."""

    expression: Pattern[str]
    negated: bool
    folders_only: bool


class IgnoreRules:
    """The rules of one ignore file; the last rule that matches a path decides."""

    def __init__(self, text: str) -> None:
        """Read the lines of an ignore file."""
        rules = (parse_rule(line) for line in text.splitlines())
        self._rules: List[Rule] = [rule for rule in rules if rule is not None]

    def ignores(self, path: str, *, is_folder: bool) -> bool:
        """Return whether a path relative to the root is left out.

        Callers walk from the root down and do not enter folders that are left out: what lies in one cannot be
        taken back in, as git has it.
        """
        for rule in reversed(self._rules):
            if rule.expression.match(path) and (is_folder or not rule.folders_only):
                return not rule.negated
        return False


def parse_rule(line: str) -> Optional[Rule]:
    """Return the rule of a line, or None for an empty line, a comment or a pattern that matches nothing."""
    pattern = _without_trailing_spaces(line.rstrip("\r\n"))
    if not pattern or pattern.startswith("#"):
        return None
    negated = pattern.startswith("!")
    if negated:
        pattern = pattern[1:]
    folders_only = pattern.endswith("/")
    pattern = pattern.rstrip("/") if folders_only else pattern
    if not pattern:
        return None
    anchored = "/" in pattern
    expression = glob_expression(pattern.lstrip("/") if pattern.startswith("/") else pattern)
    prefix = "" if anchored else "(?:.+/)?"
    try:
        return Rule(re.compile(f"{prefix}{expression}$", re.DOTALL), negated, folders_only)
    except re.error:
        return None  # a bracket that git cannot read either


def _without_trailing_spaces(line: str) -> str:
    while line.endswith((" ", "\t")):
        if line.endswith("\\ ") and not line.endswith("\\\\ "):
            return line
        line = line[:-1]
    return line
