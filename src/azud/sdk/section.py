"""Sections of run configurations and environments: named fields, and no others."""

from __future__ import annotations

from typing import Any, Tuple


class Section:
    """An object whose public fields are those that its constructor made.

    Setting any other is an `AttributeError`, as in v1, so that a misspelt setting is noticed.
    """

    _fields: Tuple[str, ...] = ()

    def __setattr__(self, name: str, value: Any) -> None:
        known = name in self._fields or name.startswith("_") or isinstance(getattr(type(self), name, None), property)
        if not known:
            raise AttributeError(
                f"{type(self).__name__} has no attribute {name!r}; it has: {', '.join(sorted(self._fields))}"
            )
        object.__setattr__(self, name, value)

    def __repr__(self) -> str:
        shown = ", ".join(f"{name}={getattr(self, name, None)!r}" for name in self._fields)
        return f"{type(self).__name__}({shown})"
