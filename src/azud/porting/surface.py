"""The public surface of the SDK v1, as facts: `surface.json`.

Its form: `exports` lists the names of packages. `functions` holds `params` by path. `classes` holds, by the path of the
module that defines a class, its other paths (`also`), the parameters of its constructor (`init`), its members (kind,
parameters, `raises` if v1 itself always refuses), and the members that it inherits, with the class that defines each. A
parameter is `name`, or `name=default` as v1 prints it; those after a `*` are given by name only.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files
from typing import Any

CALLABLE = ("method", "static", "class")


@dataclass(frozen=True)
class Parameter:
    """One parameter of a public call; `default` is v1's text of it, or None if there is none."""

    name: str
    default: str | None
    keyword_only: bool = False


@dataclass(frozen=True)
class Member:
    """A public member of a class.

    Args:
        kind: `method`, `static`, `class`, `property`, `attribute`, `constant` or `nested_class`.
        refuses: v1 itself always raises here.
    """

    name: str
    kind: str
    parameters: tuple[Parameter, ...] = ()
    refuses: bool = False


@dataclass(frozen=True)
class FunctionFacts:
    """A public function."""

    path: str
    parameters: tuple[Parameter, ...]

    @property
    def name(self) -> str:
        """The function's own name."""
        return self.path.rpartition(".")[2]


@dataclass(frozen=True)
class ClassFacts:
    """A public class; `inherited` leads from a member's name to the path of the class that defines it."""

    path: str
    also: tuple[str, ...]
    parameters: tuple[Parameter, ...]
    members: Mapping[str, Member] = field(default_factory=dict)
    inherited: Mapping[str, str] = field(default_factory=dict)

    @property
    def name(self) -> str:
        """The class's own name."""
        return self.path.rpartition(".")[2]

    @property
    def public_path(self) -> str:
        """The path by which programs import it: the shortest."""
        return min((*self.also, self.path), key=lambda path: (path.count("."), path))


@dataclass(frozen=True)
class Surface:
    """Everything that is public in v1, by path."""

    classes: Mapping[str, ClassFacts]
    functions: Mapping[str, FunctionFacts]
    exports: Mapping[str, tuple[str, ...]]

    def paths(self) -> Iterator[str]:
        """Yield every path by which v1's programs import something, some more than once."""
        for module, names in self.exports.items():
            yield from (f"{module}.{name}" for name in names)
        for facts in self.classes.values():
            if facts.path.rpartition(".")[0] not in self.classes:  # nested classes are not imported
                yield from (facts.path, *facts.also)
        yield from self.functions

    def members(self, facts: ClassFacts) -> dict[str, Member]:
        """Return a class's members, those that it inherits too, by name."""
        found = dict(facts.members)
        for name, owner in facts.inherited.items():
            inherited = self.classes[owner].members.get(name) if owner in self.classes else None
            if inherited is not None:
                found.setdefault(name, inherited)
        return found


@cache
def surface() -> Surface:
    """Return the facts."""
    raw = json.loads(files("azud.porting").joinpath("surface.json").read_text(encoding="utf-8"))
    return Surface(
        classes={path: _class(path, row) for path, row in raw["classes"].items()},
        functions={path: FunctionFacts(path, _parameters(row["params"])) for path, row in raw["functions"].items()},
        exports={module: tuple(names) for module, names in raw["exports"].items()},
    )


def _class(path: str, row: Mapping[str, Any]) -> ClassFacts:
    members = {name: _member(name, *spec) for name, spec in row.get("members", {}).items()}
    return ClassFacts(
        path, tuple(row.get("also", ())), _parameters(row.get("init", ())), members, row.get("inherited", {})
    )


def _member(name: str, kind: str, parameters: Any = (), refuses: str = "") -> Member:
    return Member(name, kind, _parameters(parameters), refuses == "raises")


def _parameters(texts: Any) -> tuple[Parameter, ...]:
    given = list(texts)
    keywords = given[given.index("*") + 1 :] if "*" in given else []
    split = ((text.partition("="), text in keywords) for text in given if text != "*")
    return tuple(Parameter(name, default if equals else None, only) for (name, equals, default), only in split)
