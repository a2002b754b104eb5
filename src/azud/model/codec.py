"""Dataclasses to JSON and back, by their annotations.

Only what the model uses is supported: `str`, `int`, `float`, `bool`, `Any`, `Optional[...]`,
`Tuple[X, ...]`, `Dict[str, X]` and dataclasses. Unknown keys are ignored, so that an older reader accepts
what a newer writer added; a missing key takes the field's default.
"""

from __future__ import annotations

import dataclasses
import operator
import types
import typing
from typing import Any, Callable, Dict, List, Optional, Tuple, Type, TypeVar, Union

from azud.core.errors import DefinitionError

T = TypeVar("T")
_Reader = Callable[[Any], Any]
_readers: Dict[Any, _Reader] = {}
_fields: Dict[Any, Tuple[Tuple[str, Any], ...]] = {}
_MOST_SHARED = 4096
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
            found[name] = item if type(item) in _PLAIN else to_compact_json(item)
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


class _Mismatch(Exception):  # noqa: N818 - never leaves this module
    """A value that does not fit; on its way up every container adds where it stands."""

    def __init__(self, message: str, hint: str = "see the field's type in /openapi.json") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint
        self.steps: List[str] = []


def from_json(kind: Type[T], data: Any, where: str = "$") -> T:
    """Return the model value of class `kind` that the JSON describes.

    Raises:
        DefinitionError: A value has the wrong type, or a required key is missing; says where.
    """
    try:
        return typing.cast(T, _reader(kind)(data))
    except _Mismatch as error:
        place = where + "".join(reversed(error.steps))
        raise DefinitionError(f"{place}{error.message}", hint=error.hint) from None


def _reader(kind: Any) -> _Reader:
    found = _readers.get(kind)
    if found is None:
        found = _readers[kind] = _make_reader(kind)
    return found


def _make_reader(kind: Any) -> _Reader:
    if kind is Any:
        return lambda data: data
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


def _wrong(wanted: str, data: Any) -> _Mismatch:
    return _Mismatch(f": expected {wanted}, found {type(data).__name__}")


def _scalar_reader(kind: Any) -> _Reader:
    def read(data: Any) -> Any:
        if kind is float and isinstance(data, int) and not isinstance(data, bool):
            return float(data)
        if not isinstance(data, kind) or (kind is int and isinstance(data, bool)):
            raise _wrong(kind.__name__, data)
        return data

    return read


def _optional_reader(inner: Any) -> _Reader:
    read_inner = _reader(inner)
    return lambda data: None if data is None else read_inner(data)


def _tuple_reader(inner: Any) -> _Reader:
    read_inner = _reader(inner)

    def read(data: Any) -> Tuple[Any, ...]:
        if not isinstance(data, (list, tuple)):
            raise _wrong("a list", data)
        found: List[Any] = []
        try:
            for item in data:
                found.append(read_inner(item))  # noqa: PERF401 - its length says where an error is
        except _Mismatch as error:
            error.steps.append(f"[{len(found)}]")
            raise
        return tuple(found)

    return read


def _dict_reader(inner: Any) -> _Reader:
    read_inner = _reader(inner)

    def read(data: Any) -> Dict[str, Any]:
        if not isinstance(data, dict):
            raise _wrong("an object", data)
        found = {}
        for key, item in data.items():
            try:
                found[key] = read_inner(item)
            except _Mismatch as error:
                error.steps.append(f".{key}")
                raise
        return found

    return read


class _Plan:
    """How to make one dataclass: its readers, and what stands where the JSON has nothing."""

    def __init__(self, kind: Any) -> None:
        hints = typing.get_type_hints(kind)
        fields = dataclasses.fields(kind)
        self.readers = {field.name: _reader(hints[field.name]) for field in fields}
        self.texts = frozenset(field.name for field in fields if hints[field.name] is str)
        self.defaults = {field.name: field.default for field in fields if field.default is not dataclasses.MISSING}
        self.factories = tuple(
            (field.name, field.default_factory) for field in fields if field.default_factory is not dataclasses.MISSING
        )
        made = self.defaults.keys() | dict(self.factories).keys()
        self.required = tuple(field.name for field in fields if field.name not in made)
        # Values that are all text and cannot change, arguments above all, come again and again in one definition.
        is_shared = kind.__dataclass_params__.frozen and self.texts == set(self.readers) and len(fields) > 1
        self.identify = operator.itemgetter(*self.readers) if is_shared else None
        self.shared: Dict[Any, Any] = {}

    def share(self, data: Dict[str, Any], value: Any) -> None:
        """Remember a value for the next data that are the same."""
        if self.identify is not None and data.keys() >= self.readers.keys():
            if len(self.shared) >= _MOST_SHARED:
                self.shared.clear()
            self.shared[self.identify(data)] = value

    def known(self, data: Dict[str, Any]) -> Any:
        """Return a value that was made of the same data, or None."""
        if self.identify is None:
            return None
        try:
            return self.shared.get(self.identify(data))
        except (KeyError, TypeError):  # a field is missing, or is no text
            return None

    def values(self, data: Dict[str, Any]) -> Dict[str, Any]:
        """Return the value of every field."""
        found = dict(self.defaults)
        readers, texts = self.readers, self.texts
        for name, item in data.items():
            if name in texts and type(item) is str:
                found[name] = item
            elif name in readers:
                try:
                    found[name] = readers[name](item)
                except _Mismatch as error:
                    error.steps.append(f".{name}")
                    raise
        for name in self.required:
            if name not in found:
                raise _Mismatch(f".{name} is missing", hint="see /openapi.json")
        for name, make in self.factories:
            if name not in found:
                found[name] = make()
        return found


def _dataclass_reader(kind: Any) -> _Reader:
    if hasattr(kind, "__post_init__"):
        raise TypeError(f"{kind.__name__} has a __post_init__, which reading it would pass over")
    plan: Optional[_Plan] = None

    def read(data: Any) -> Any:
        nonlocal plan
        if isinstance(data, kind):
            return data
        if not isinstance(data, dict):
            raise _wrong("an object", data)
        if plan is None:
            plan = _Plan(kind)  # not sooner: a class may refer to itself
        value = plan.known(data)
        if value is None:
            # The constructor of a frozen class sets each field through `object.__setattr__`: three times as slow.
            value = object.__new__(kind)
            value.__dict__.update(plan.values(data))
            plan.share(data, value)
        return value

    return read
