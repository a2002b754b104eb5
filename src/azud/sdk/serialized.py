"""Sections to and from v1's files, driven by their tables of fields.

Keys are read in any case and with or without underscores, because v1 itself has had several spellings; written is
camel case. Values that a field's kind does not fit are kept as they are, as v1 does.
"""

from __future__ import annotations

import enum
import os
from typing import Any, Dict, List, Type

from azud.sdk.exceptions import UserErrorException
from azud.sdk.section import FLAG, LIST, MAP, TEXT, WHOLE, Field, Made, Section
from azud.sdk.support import warn
from azud.sdk.yaml import Plain, resolved, texts

_FLAGS = {"true": True, "false": False}


def key_of(attribute: str, field: Field) -> str:
    """Return the name that a field has in files."""
    first, *rest = (field.key or attribute).strip("_").split("_")
    return first + "".join(word[:1].upper() + word[1:] for word in rest)


def section_to_json(section: Section) -> Dict[str, Any]:
    """Return a section in the words of v1's files.

    Raises:
        UserErrorException: A value has no form in a file; names its place.
    """
    found: Dict[str, Any] = {}
    for attribute, field in section._schema.items():
        value = getattr(section, attribute)
        if field.optional and value is None:
            continue
        place = f"{type(section).__name__}.{attribute.lstrip('_')}"
        if field.secret and value is not None:
            warn(f"{place} is a secret: it is not stored; set it again where it is needed")
            value = None
        found[key_of(attribute, field)] = _written(value, field, place)
    found.update(section._unknown)
    return found


def section_of_json(kind: Type[Made], content: Any, place: str, unknown: List[str]) -> Made:
    """Return a section that holds what a file says; what the file leaves out has v1's defaults.

    Args:
        kind: The class.
        content: What the file holds: of JSON, or of `azud.sdk.yaml.load`.
        place: Where it stands in the file, for messages; empty at the top.
        unknown: The places of keys that no field takes are appended here.

    Raises:
        UserErrorException: The content is no mapping.
    """
    made = kind._blank()
    fill(made, content, place, unknown)
    return made


def fill(made: Section, content: Any, place: str, unknown: List[str]) -> None:
    """Put what a file says into a section; see `section_of_json`."""
    if not isinstance(content, dict):
        raise UserErrorException(f"{place or 'the file'} holds {str(content)[:60]!r}, not fields with values")
    places = {_folded(key_of(name, field)): name for name, field in made._schema.items()}
    kept = {}
    for key, value in content.items():
        name = places.get(_folded(str(key)))
        inner = f"{place}.{key}" if place else str(key)
        if name is None:
            kept[str(key)] = resolved(value)
            unknown.append(inner)
        else:
            setattr(made, name, _read(value, made._schema[name], inner, unknown))
    if kept:
        made._unknown = kept
    made._filled()


def warn_of_unknown(unknown: List[str], where: str) -> None:
    """Say which keys of a file no field takes."""
    if unknown:
        warn(f"{where} has settings that azud does not know, keeps and does not follow: {', '.join(unknown)}")


def _folded(key: str) -> str:
    return key.replace("_", "").lower()


def _written(value: Any, field: Field, place: str) -> Any:
    if isinstance(value, (list, tuple)):
        return [_written(item, Field(field.of), f"{place}[{index}]") for index, item in enumerate(value)]
    if isinstance(value, dict):
        return {str(key): _written(item, Field(field.of), f"{place}[{key!r}]") for key, item in value.items()}
    if hasattr(value, "_to_json"):
        return value._to_json()
    from_user = getattr(field.kind, "_from_user", None)
    if from_user is not None and value is not None:
        return from_user(value)._to_json()
    return _scalar(value, place)


def _scalar(value: Any, place: str) -> Any:
    if isinstance(value, enum.Enum):
        return value.value
    if value is None or isinstance(value, (str, bool, int, float)):
        return value
    if isinstance(value, os.PathLike):
        return os.fspath(value)
    raise UserErrorException(f"{place} is {value!r}, which has no form in a file")


def _read(value: Any, field: Field, place: str, unknown: List[str]) -> Any:
    kind = field.kind
    if value is None or (isinstance(value, Plain) and texts(value) is None):
        return None
    if isinstance(kind, type):
        is_section = issubclass(kind, Section)
        return section_of_json(kind, value, place, unknown) if is_section else kind._of_json(value)  # type: ignore[attr-defined]
    if kind == LIST and isinstance(value, list):
        return [_read(item, Field(field.of), f"{place}[{index}]", unknown) for index, item in enumerate(value)]
    if kind == MAP and isinstance(value, dict):
        return {str(key): _read(item, Field(field.of), f"{place}.{key}", unknown) for key, item in value.items()}
    return _read_scalar(value, kind)


def _read_scalar(value: Any, kind: Any) -> Any:
    if kind == TEXT and isinstance(value, (str, bool, int, float)):
        return str(value)
    if kind == WHOLE and isinstance(value, str):
        return resolved(Plain(value))
    if kind == FLAG and isinstance(value, str):
        return _FLAGS.get(value.lower(), str(value))
    return resolved(value)
