"""What azud's own classes say about themselves: what they lack, which parameters, which attributes.

Nothing is called. A part that is missing is recognised by how the SDK says so: a stand-in of `azud.sdk.absent`, a
method made by `not_yet`, or a body that does nothing but raise `NotYetError`. A parameter is missing if the body
refuses it by name, as in `not_yet("Dataset.File.from_files(partition_format=…)")()`.
"""

from __future__ import annotations

import ast
import importlib
import inspect
import re
import sys
import textwrap
from collections.abc import Iterator, Sequence
from functools import cache
from types import ModuleType
from typing import Any

from azud.client.library import library_path
from azud.porting.surface import Parameter
from azud.sdk.absent import FAMILIES, marker

_REFUSED_PARAMETER = re.compile(r"\((\w+)=")
_NOTHING = object()


def public_module(name: str) -> ModuleType | None:
    """Import a module of the package `azureml` as users' programs see it; None if there is none of this name."""
    if "azureml" not in sys.modules:
        sys.path.insert(0, library_path())
    try:
        return importlib.import_module(name)
    except ModuleNotFoundError as error:
        if error.name and f"{name}.".startswith(f"{error.name}."):
            return None
        raise  # a module that is there lacks something else


def public_value(path: str) -> Any:
    """Return what a program gets for a dotted path of v1, classes inside classes too.

    An attribute comes before a module of its name, as in `from module import name`.

    Raises:
        LookupError: There is nothing.
    """
    root, *names = path.split(".")
    found: Any = public_module(root)
    for index, name in enumerate(names, 1):
        value = getattr(found, name, None)
        if value is None and isinstance(found, ModuleType):
            value = public_module(".".join([root, *names[:index]]))
        found = value
    if found is None:
        raise LookupError(path)
    return found


def missing_reason(value: Any) -> str | None:
    """Return what to use instead of something that is missing ("" if nobody says), or None if it is there."""
    value = _function(value)
    found = marker(value)
    if found is not None:
        return FAMILIES.get(found[1], "")
    body = _body(value)
    return "" if body and _is_refusal(body[0]) else None


def refused_parameters(value: Any) -> tuple[str, ...]:
    """Return the parameters that a function knows by name and does not take yet."""
    found = []
    for statement in _body(_function(value)):
        for node in ast.walk(statement):
            if isinstance(node, ast.Call) and _called(node) in ("not_yet", "NotYetError"):
                found += _REFUSED_PARAMETER.findall(_text(node))
    return tuple(dict.fromkeys(found))


def unknown_parameters(value: Any, wanted: Sequence[Parameter]) -> tuple[str, ...]:
    """Return v1's parameters that a function's signature has no place for."""
    try:
        taken = inspect.signature(_function(value)).parameters
    except (TypeError, ValueError):
        return ()  # made in C, or the constructor of `object`
    if any(parameter.kind is parameter.VAR_KEYWORD for parameter in taken.values()):
        return ()
    names = (parameter.name for parameter in wanted)
    return tuple(name for name in names if not name.startswith(("*", "_")) and name not in taken)


def has_member(kind: type, name: str) -> bool:
    """Return whether a class has a member: in its body, as a field, or set on its instances by its own methods."""
    if inspect.getattr_static(kind, name, _NOTHING) is not _NOTHING:
        return True
    return any(name in _instance_names(base) for base in kind.__mro__ if base is not object)


def member(kind: type, name: str) -> Any:
    """Return a class's member as it stands in its body, or None if instances set it themselves."""
    return inspect.getattr_static(kind, name, None)


def _function(value: Any) -> Any:
    if isinstance(value, property):
        return value.fget
    return getattr(value, "__func__", value)


@cache
def _instance_names(kind: type) -> frozenset[str]:
    found = {*getattr(kind, "_fields", ()), *getattr(kind, "__annotations__", ())}
    tree = _tree(kind)
    for node in ast.walk(tree) if tree else ():
        if (
            isinstance(node, ast.Attribute)
            and isinstance(node.ctx, ast.Store)
            and isinstance(node.value, ast.Name)
            and node.value.id == "self"
        ):
            found.add(node.attr)
    return frozenset(found)


def _tree(value: Any) -> ast.Module | None:
    try:
        return ast.parse(textwrap.dedent(inspect.getsource(value)))
    except (OSError, TypeError):
        return None  # it has no source: built in, or made at run time


def _body(value: Any) -> list[ast.stmt]:
    """Return the statements of a function, without its docstring."""
    tree = _tree(value) if inspect.isfunction(value) else None
    body: list[ast.stmt] = getattr(tree.body[0], "body", []) if tree else []
    return [node for node in body if not (isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant))]


def _is_refusal(statement: ast.stmt) -> bool:
    """Return whether a statement can only end in a `NotYetError`."""
    if isinstance(statement, ast.Raise):
        return isinstance(statement.exc, ast.Call) and _called(statement.exc) == "NotYetError"
    return any(_called(call.func) == "not_yet" for call in _calls(statement) if isinstance(call.func, ast.Call))


def _calls(statement: ast.stmt) -> Iterator[ast.Call]:
    value = getattr(statement, "value", None)
    if isinstance(statement, (ast.Expr, ast.Return, ast.Assign, ast.AnnAssign)) and isinstance(value, ast.Call):
        yield value


def _called(call: ast.Call) -> str:
    return getattr(call.func, "id", getattr(call.func, "attr", ""))


def _text(call: ast.Call) -> str:
    parts = (node.value for argument in call.args for node in ast.walk(argument) if isinstance(node, ast.Constant))
    return "".join(part for part in parts if isinstance(part, str))
