"""Stubs for the modules whose names are imported when they are asked for: `python -m azud.porting.stubs` writes them.

Editors and type checkers do not run `__getattr__`, so they read a `.pyi` beside each such module, made from the same
tables. A name that azud has is re-exported from where it is defined. One that it does not have is a class without
members: what works with it in a program (import, subclass, annotation, `isinstance`, `except`) passes a checker, and
each use that would raise `NotYetError` (a call with arguments, an attribute) is reported where it stands. It is marked
as deprecated too, which editors strike through. Families of which azud has nothing have no stub: any name imports from
them, so there is none to declare, and a checker reports the import.
"""

from __future__ import annotations

import ast
import os
import sys
import textwrap
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import azud
from azud.client.library import library_path
from azud.sdk import PLACES
from azud.sdk.absent import FAMILIES, is_error, is_function

_HEAD = "# Made by `python -m azud.porting.stubs`.\n"
_DEPRECATED = "from typing_extensions import deprecated"
_NO_RETURN = "from typing import NoReturn"
_WIDTH = 120


@dataclass(frozen=True)
class Lazy:
    """A module whose names come from tables.

    Args:
        name: The module's.
        path: Where its source lies.
        texts: Names of its own that hold a text.
        places: As in `azud.sdk.lazy.reexport`.
        absent: As there.
    """

    name: str
    path: Path
    texts: tuple[str, ...] = ()
    places: dict[str, str] = field(default_factory=dict)
    absent: dict[str, str] = field(default_factory=dict)


def stubs() -> dict[Path, str]:
    """Return the text of each stub, by where it belongs."""
    package = Path(azud.__file__).resolve().parent
    found = {
        package / "__init__.pyi": _text(["__version__: str"], PLACES),
        package / "sdk" / "__init__.pyi": _text(["PLACES: dict[str, str]"], PLACES),
    }
    modules = list(_lazy_modules())
    owners = _owners(modules)
    for module in modules:
        found[module.path.with_suffix(".pyi")] = _stub(module, owners)
    return found


def write() -> int:
    """Write each stub that is not as it should be, and return how many those were."""
    changed = 0
    for path, text in stubs().items():
        if not path.exists() or path.read_text(encoding="utf-8") != text:
            path.write_text(text, encoding="utf-8")
            changed += 1
    return changed


def _lazy_modules() -> Iterator[Lazy]:
    for package in ("azureml", "azureml_user"):
        root = Path(os.path.realpath(os.path.join(library_path(), package)))
        for path in sorted(root.rglob("*.py")):
            parts = (package, *path.relative_to(root).with_suffix("").parts)
            module = _read(".".join(parts).removesuffix(".__init__"), path)
            if module is not None:
                yield module


def _read(name: str, path: Path) -> Lazy | None:
    """Return the tables of a module's call of `reexport`; None if it has none."""
    body = ast.parse(path.read_text(encoding="utf-8")).body
    texts: list[str] = []
    for node in body:
        value = node.value if isinstance(node, ast.Assign) else None
        if isinstance(node, ast.Assign) and isinstance(value, ast.Constant):
            texts += [target.id for target in node.targets if isinstance(target, ast.Name)]
        elif isinstance(value, ast.Call) and isinstance(value.func, ast.Name) and value.func.id == "reexport":
            absent = {keyword.arg: keyword.value for keyword in value.keywords}.get("absent")
            places, missing = (ast.literal_eval(table) if table else {} for table in (value.args[1], absent))
            return Lazy(name, path, tuple(texts), places, {key: missing[key] for key in missing if key not in places})
    return None


def _owners(modules: list[Lazy]) -> dict[tuple[str, str], str]:
    """Return the module whose stub declares a missing name of a family: the deepest, as v1's own classes have it."""
    found: dict[tuple[str, str], str] = {}
    for module in sorted(modules, key=lambda module: (module.name.count("."), module.name)):
        found.update(((name, family), module.name) for name, family in module.absent.items())
    return found


def _stub(module: Lazy, owners: dict[tuple[str, str], str]) -> str:
    own = {name: family for name, family in module.absent.items() if owners[name, family] == module.name}
    imports = []
    if own:
        imports.append(_DEPRECATED)
    if any(is_function(name) for name in own):
        imports.insert(0, _NO_RETURN)
    elsewhere = {name: owners[name, family] for name, family in module.absent.items() if name not in own}
    imports += [_import(owner, name, name) for name, owner in elsewhere.items()]
    declared = [_declared(name, family) for name, family in own.items()]
    return _text([f"{name}: str" for name in module.texts], module.places, imports, declared)


def _text(variables: list[str], places: dict[str, str], imports: Iterable[str] = (), below: Iterable[str] = ()) -> str:
    lines = list(imports)
    for name, place in places.items():
        source, _, other = place.partition(":")
        lines.append(_import(f"azud.sdk.{source}", other or name, name))
    parts = ["\n".join(part) for part in (lines, variables) if part]
    return _HEAD + "\n" + "\n\n".join([*parts, *below]) + "\n"


def _import(module: str, name: str, shown: str) -> str:
    line = f"from {module} import {name} as {shown}"
    return line if len(line) <= _WIDTH else f"from {module} import (\n    {name} as {shown},\n)"


def _declared(name: str, family: str) -> str:
    text = f'"""Not there yet: {FAMILIES[family]}."""'
    doc = textwrap.fill(text, _WIDTH, initial_indent="    ", subsequent_indent="    ")
    mark = f'@deprecated("azud does not have {name} yet")'
    if is_function(name):
        return f"{mark}\ndef {name}() -> NoReturn:\n{doc}"
    return f"{mark}\nclass {name}{'(Exception)' if is_error(name) else ''}:\n{doc}"


if __name__ == "__main__":
    sys.stdout.write(f"{write()} stubs written\n")
