"""Values that stand in the paths of files: `partition_format`.

A format describes the end of each path: `{name}` is a text without a slash, `{name:yyyy/MM/dd}` a moment made of
`yyyy`, `MM`, `dd`, `HH`, `mm` and `ss` with anything between them, `*` any part of a name, `...` any text.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Dict, List, Optional, Tuple

from azud.core.errors import DefinitionError

if TYPE_CHECKING:
    from datetime import datetime

_FIELD = re.compile(r"\{([^{}:]+)(?::([^{}]*))?\}")
_UNITS = (
    ("yyyy", "year", r"\d{4}"),
    ("MM", "month", r"\d{2}"),
    ("dd", "day", r"\d{2}"),
    ("HH", "hour", r"\d{2}"),
    ("mm", "minute", r"\d{2}"),
    ("ss", "second", r"\d{2}"),
)
_UNIT = re.compile("|".join(word for word, _, _ in _UNITS))
_BY_WORD = {word: (unit, digits) for word, unit, digits in _UNITS}
_ORDER = [unit for _, unit, _ in _UNITS]
_WILD = {"*": "[^/]*", "...": ".*"}


class PartitionFormat:
    """A `partition_format` that has been understood; `keys` are the names of its columns, in order."""

    def __init__(self, text: str) -> None:
        """Understand a format.

        Raises:
            DefinitionError: It names no column, one twice, or a moment without a year.
        """
        self.text = text
        self.keys: List[str] = []
        self._units: Dict[str, List[str]] = {}
        pattern, end = "", 0
        for found in _FIELD.finditer(text):
            pattern += _literal(text[end : found.start()], text) + self._field(found.group(1).strip(), found.group(2))
            end = found.end()
        pattern += _literal(text[end:], text)
        if not self.keys:
            raise DefinitionError(
                f"partition_format {text!r} names no column", hint="write for example '{store}/{day:yyyy/MM/dd}/*.csv'"
            )
        self._pattern = re.compile(f"(?:^|/){pattern.lstrip('/')}$", re.DOTALL)

    def _field(self, name: str, moment: Optional[str]) -> str:
        if name in self.keys:
            raise DefinitionError(f"partition_format {self.text!r} names column {name!r} twice")
        index = len(self.keys)
        self.keys.append(name)
        if moment is None:
            return f"(?P<k{index}>[^/]+?)"
        units, pattern, end = [], "", 0
        for found in _UNIT.finditer(moment):
            unit, digits = _BY_WORD[found.group()]
            pattern += f"{re.escape(moment[end : found.start()])}(?P<k{index}_{unit}>{digits})"
            units.append(unit)
            end = found.end()
        pattern += re.escape(moment[end:])
        if "year" not in units or len(set(units)) < len(units):
            raise DefinitionError(
                f"partition_format {self.text!r}: {moment!r} is no moment", hint="use yyyy, MM, dd, HH, mm and ss"
            )
        self._units[name] = units
        return pattern

    def values(self, path: str) -> Dict[str, Any]:
        """Return what stands in a path: texts and moments (without a time zone), by column.

        Raises:
            DefinitionError: The path does not end as the format says.
        """
        found = self._pattern.search(path)
        groups = found.groupdict() if found else {}
        try:
            if found:
                return {key: self._value(index, key, groups) for index, key in enumerate(self.keys)}
        except ValueError:
            pass  # digits that are no moment: 2020/99/01
        raise DefinitionError(
            f"{path!r} does not fit partition_format {self.text!r}",
            hint="the format goes from the first column to the end of the path; * stands for any part of a name",
        )

    def _value(self, index: int, key: str, groups: Dict[str, Any]) -> Any:
        if key not in self._units:
            return str(groups[f"k{index}"])
        import datetime

        parts = {"month": 1, "day": 1}
        parts.update({unit: int(groups[f"k{index}_{unit}"]) for unit in self._units[key]})
        return datetime.datetime(**parts)  # type: ignore[arg-type]

    def is_moment(self, key: str) -> bool:
        """Return whether a column holds moments."""
        return key in self._units

    def span(self, key: str, start: datetime) -> Tuple[datetime, datetime]:
        """Return the first moment of a partition of moments, and the first after it."""
        import datetime

        finest = max((_ORDER.index(unit) for unit in self._units[key]), default=0)
        unit = _ORDER[finest]
        if unit == "year":
            return start, start.replace(year=start.year + 1)
        if unit == "month":
            ahead = start.replace(day=28) + datetime.timedelta(days=4)
            return start, ahead.replace(day=1)
        return start, start + datetime.timedelta(**{f"{unit}s": 1})


def _literal(text: str, whole: str) -> str:
    if "{" in text or "}" in text:
        raise DefinitionError(f"partition_format {whole!r} has a brace too many or too few")
    parts = re.split(r"(\.\.\.|\*)", text)
    return "".join(_WILD[part] if part in _WILD else re.escape(part) for part in parts)
