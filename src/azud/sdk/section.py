"""Sections of run configurations and environments: named fields, and how they stand in v1's files."""

from __future__ import annotations

from typing import Any, Dict, Mapping, NamedTuple, Optional, Tuple, Type, TypeVar

Made = TypeVar("Made", bound="Section")

TEXT, WHOLE, FLAG, LIST, MAP = "text", "whole", "flag", "list", "map"


class Field(NamedTuple):
    """How an attribute stands in a file.

    `kind` is one of the words above or the class of a section; `of` is the kind of the items of a list or map, None
    for items as they are. `key` is the name in the file, by default the attribute's in camel case. An `optional` field
    is left out while it is None; a `secret` one is never written.
    """

    kind: Any
    of: Any = None
    key: Optional[str] = None
    optional: bool = False
    secret: bool = False


class Section:
    """An object whose public fields are those that its class names.

    Setting any other is an `AttributeError`, as in v1, so that a misspelt setting is noticed. `_schema` has what is
    written to files, by attribute and in the files' order; `_unwritten` has public attributes beside those. What a
    file holds and no field takes is kept in `_unknown` and written again.
    """

    _schema: Mapping[str, Any] = {}
    _unwritten: Tuple[str, ...] = ()
    _fields: Tuple[str, ...] = ()
    _unknown: Mapping[str, Any] = {}

    def __init_subclass__(cls, **kwargs: Any) -> None:
        """Gather the names of the public fields."""
        super().__init_subclass__(**kwargs)
        # A class attribute with a bare kind reads better in the tables of the sections.
        cls._schema = {name: field if isinstance(field, Field) else Field(field) for name, field in cls._schema.items()}
        cls._fields = (*(name for name in cls._schema if not name.startswith("_")), *cls._unwritten)

    def __setattr__(self, name: str, value: Any) -> None:
        known = name in self._fields or name.startswith("_") or isinstance(getattr(type(self), name, None), property)
        if not known:
            raise AttributeError(
                f"{type(self).__name__} has no attribute {name!r}; it has: {', '.join(self._public_names())}"
            )
        object.__setattr__(self, name, value)

    def __repr__(self) -> str:
        shown = ", ".join(f"{name}={self._shown(name)}" for name in self._fields)
        return f"{type(self).__name__}({shown})"

    def _shown(self, name: str) -> str:
        """Return a field as `repr` shows it: secrets end up in logs otherwise."""
        field, value = self._schema.get(name), getattr(self, name, None)
        return "'***'" if field is not None and field.secret and value is not None else repr(value)

    @classmethod
    def _public_names(cls) -> Tuple[str, ...]:
        settable = [name for name in dir(cls) if isinstance(getattr(cls, name), property) and name[0] != "_"]
        return tuple(sorted({*cls._fields, *settable}))

    @classmethod
    def _blank(cls: Type[Made]) -> Made:
        """Return the object that a file's values are put into."""
        return cls()

    def _filled(self) -> None:
        """Settle what a file's values mean together; called when they are all in."""

    def _to_json(self) -> Dict[str, Any]:
        """Return the section in the words of v1's files: only what JSON has."""
        from azud.sdk.serialized import section_to_json

        return section_to_json(self)
