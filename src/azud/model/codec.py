"""Dataclasses to JSON and back, by their annotations.

Only what the model uses is supported: `str`, `int`, `float`, `bool`, `Any`, `Optional[...]`,
`Tuple[X, ...]`, `Dict[str, X]` and dataclasses. Unknown keys are ignored, so that an older reader accepts
what a newer writer added; a missing key takes the field's default.
"""

from __future__ import annotations

import dataclasses
import types
import typing
from typing import Any, Callable, Dict, Optional, Tuple, Type, TypeVar, Union

from azud.core.errors import DefinitionError

T = TypeVar("T")
_Reader = Callable[[Any, str], Any]
_readers: Dict[Any, _Reader] = {}
_fields: Dict[Any, Tuple[Tuple[str, Any], ...]] = {}
_PLAIN = frozenset((type(None), str, int, float, bool))
_UNIONS = (Union, getattr(types, "UnionType", Union))  # `X | None` is a type of its own from Python 3.10 to 3.13


def to_json(value: Any) -> Any:
    """Return a JSON-able form of a model value: dataclasses become objects, tuples become lists."""
    kind = type(value)
    if kind in _PLAIN:
        return value
    if kind is tuple or kind is list:
        return [to_json(item) for item in value]
    if kind is dict:
        return {str(key): to_json(item) for key, item in value.items()}
    return {name: to_json(getattr(value, name)) for name, _ in _fields_of(kind)}


def to_compact_json(value: Any) -> Any:
    """Return `to_json` without the fields that hold their default: what `from_json` puts back anyway.

    Several times smaller for definitions, most of whose fields are seldom set.
    """
    kind = type(value)
    if kind in _PLAIN:
        return value
    if kind is tuple or kind is list:
        return [to_compact_json(item) for item in value]
    if kind is dict:
        return {str(key): to_compact_json(item) for key, item in value.items()}
    found = {}
    for name, default in _fields_of(kind):
        item = getattr(value, name)
        if item is not default and item != default:
            found[name] = to_compact_json(item)
    return found


def _fields_of(kind: Any) -> Tuple[Tuple[str, Any], ...]:
    """Return the names and defaults of a dataclass's fields; MISSING where there is no default."""
    known = _fields.get(kind)
    if known is None:
        if not dataclasses.is_dataclass(kind):
            raise TypeError(f"{kind.__name__} has no JSON form")
        known = _fields[kind] = tuple(
            (
                field.name,
                field.default if field.default_factory is dataclasses.MISSING else field.default_factory(),
            )
            for field in dataclasses.fields(kind)
        )
    return known


def from_json(kind: Type[T], data: Any, where: str = "$") -> T:
    """Return the model value of class `kind` that the JSON describes.

    Raises:
        DefinitionError: A value has the wrong type, or a required key is missing; says where.
    """
    return typing.cast(T, _reader(kind)(data, where))


def _reader(kind: Any) -> _Reader:
    found = _readers.get(kind)
    if found is None:
        found = _readers[kind] = _make_reader(kind)
    return found


def _make_reader(kind: Any) -> _Reader:
    if kind is Any:
        return lambda data, where: data
    if kind in (str, int, bool, float):
        return _scalar_reader(kind)
    if dataclasses.is_dataclass(kind):
        return _dataclass_reader(kind)
    origin, arguments = typing.get_origin(kind), typing.get_args(kind)
    if origin in _UNIONS and len(arguments) == 2 and type(None) in arguments:
        return _optional_reader(next(item for item in arguments if item is not type(None)))
    if origin is tuple and len(arguments) == 2 and arguments[1] is Ellipsis:
        return _tuple_reader(arguments[0])
    if origin is dict:
        return _dict_reader(arguments[1])
    raise TypeError(f"the model has no reader for {kind!r}")


def _wrong(where: str, wanted: str, data: Any) -> DefinitionError:
    return DefinitionError(
        f"{where}: expected {wanted}, found {type(data).__name__}",
        hint="see the field's type in /openapi.json",
    )


def _scalar_reader(kind: Any) -> _Reader:
    def read(data: Any, where: str) -> Any:
        if kind is float and isinstance(data, int) and not isinstance(data, bool):
            return float(data)
        if not isinstance(data, kind) or (kind is int and isinstance(data, bool)):
            raise _wrong(where, kind.__name__, data)
        return data

    return read


def _optional_reader(inner: Any) -> _Reader:
    read_inner = _reader(inner)
    return lambda data, where: None if data is None else read_inner(data, where)


def _tuple_reader(inner: Any) -> _Reader:
    read_inner = _reader(inner)

    def read(data: Any, where: str) -> Tuple[Any, ...]:
        if not isinstance(data, (list, tuple)):
            raise _wrong(where, "a list", data)
        return tuple(read_inner(item, f"{where}[{index}]") for index, item in enumerate(data))

    return read


def _dict_reader(inner: Any) -> _Reader:
    read_inner = _reader(inner)

    def read(data: Any, where: str) -> Dict[str, Any]:
        if not isinstance(data, dict):
            raise _wrong(where, "an object", data)
        return {key: read_inner(item, f"{where}.{key}") for key, item in data.items()}

    return read


def _dataclass_reader(kind: Any) -> _Reader:
    plan: Optional[Dict[str, Tuple[_Reader, bool]]] = None

    def fields() -> Dict[str, Tuple[_Reader, bool]]:
        hints = typing.get_type_hints(kind)
        return {
            field.name: (
                _reader(hints[field.name]),
                field.default is dataclasses.MISSING and field.default_factory is dataclasses.MISSING,
            )
            for field in dataclasses.fields(kind)
        }

    def read(data: Any, where: str) -> Any:
        nonlocal plan
        if isinstance(data, kind):
            return data
        if not isinstance(data, dict):
            raise _wrong(where, "an object", data)
        if plan is None:
            plan = fields()
        values = {}
        for name, (read_field, required) in plan.items():
            if name in data:
                values[name] = read_field(data[name], f"{where}.{name}")
            elif required:
                raise DefinitionError(f"{where}.{name} is missing", hint="see /openapi.json")
        return kind(**values)

    return read
