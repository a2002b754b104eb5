"""What of the SDK v1 works here: a verdict on each public class, function and member, from azud's own classes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from azud.porting import inspecting
from azud.porting.notes import NOTES
from azud.porting.surface import CALLABLE, ClassFacts, FunctionFacts, Member, Parameter, Surface, surface

WORKS, DIFFERS, MISSING = "works", "works with a difference", "not there yet"
STATES = (WORKS, DIFFERS, MISSING)


ANSWERS_AS = {
    "azureml.core.Datastore": ("azureml.data.azure_storage_datastore.AzureBlobDatastore",),
    "azureml.core.Run": ("azureml.core.run._SubmittedRun",),
}
"""Classes of which programs get an object of another one (`Datastore(…)`, `Run.get_context()`), with that one."""


@dataclass(frozen=True)
class Verdict:
    """Whether something works.

    Args:
        note: In what way it differs, or what to use instead.
        without: Names of its parameters that are not there yet.
    """

    state: str
    note: str = ""
    without: tuple[str, ...] = ()

    @property
    def text(self) -> str:
        """Everything that there is to say beside the state."""
        parts = [f"without {', '.join(self.without)}"] if self.without else []
        return "; ".join([*parts, self.note] if self.note else parts)


@dataclass(frozen=True)
class Report:
    """The verdict on a class or function, and those on a class's members by name.

    Args:
        path: By which programs import it.
        inherited: Names of the members that another public class defines.
    """

    path: str
    verdict: Verdict
    members: Mapping[str, Verdict] = field(default_factory=dict)
    inherited: frozenset[str] = frozenset()

    @property
    def name(self) -> str:
        """Its own name; that of a class in a class has both."""
        parts = self.path.split(".")
        return ".".join(part for part in parts if part[:1].isupper() or part == parts[-1])

    @property
    def module(self) -> str:
        """The module that programs import it from."""
        return self.path.removesuffix(f".{self.name}")

    def own(self) -> dict[str, Verdict]:
        """Return the members that the class itself defines."""
        return {name: verdict for name, verdict in self.members.items() if name not in self.inherited}


@cache
def reports() -> dict[str, Report]:
    """Return the report on everything that is public in v1, by the path that `surface.json` keeps it under."""
    known = surface()
    found = {path: judge_class(known, facts) for path, facts in known.classes.items()}
    found.update((path, judge_function(facts)) for path, facts in known.functions.items())
    found.update((path, judge_name(path)) for path in _other_exports(known))
    return dict(sorted(found.items(), key=lambda item: (item[1].module, item[1].name)))


def distinct() -> list[Report]:
    """Return the reports without those that tell of the same name under another path, in the order of modules."""
    return list({report.path: report for report in reports().values() if not _is_second_path(report)}.values())


def judge_name(path: str) -> Report:
    """Return the report on an exported name of which no more than the name is known."""
    return Report(path, _verdict_of(path, path.rpartition(".")[2], ()))


def judge_function(facts: FunctionFacts) -> Report:
    """Return the report on a function."""
    return Report(facts.path, _verdict_of(facts.path, facts.name, facts.parameters))


def judge_class(known: Surface, facts: ClassFacts) -> Report:
    """Return the report on a class and its members."""
    path = facts.public_path
    value = _value(path)
    members = known.members(facts)
    reason = _reason(path, value)
    if reason is not None or not isinstance(value, type):
        verdict = Verdict(MISSING, reason or "")
        return Report(path, verdict, dict.fromkeys(members, verdict), frozenset(facts.inherited))
    verdicts = {name: judge_member(known, facts, value, member) for name, member in members.items()}
    verdict = _callable_verdict(_names(known, facts, ""), inspecting.member(value, "__init__"), facts.parameters)
    return Report(path, verdict, verdicts, frozenset(facts.inherited))


def judge_member(known: Surface, facts: ClassFacts, kind: type, member: Member) -> Verdict:
    """Return the verdict on a member of a class of azud, or of the one whose objects programs get in its place."""
    found = _judge_in(known, facts, kind, member)
    for path in ANSWERS_AS.get(facts.public_path, ()):
        other = _value(path)
        if found.state == MISSING and isinstance(other, type):
            found = _judge_in(known, facts, other, member)
    return found


def _judge_in(known: Surface, facts: ClassFacts, kind: type, member: Member) -> Verdict:
    if not inspecting.has_member(kind, member.name):
        return Verdict(MISSING)
    value = inspecting.member(kind, member.name)
    reason = inspecting.missing_reason(value)
    if reason is not None and not member.refuses:
        return Verdict(MISSING, reason)
    names = _names(known, facts, f".{member.name}")
    if member.refuses:
        return Verdict(WORKS, "v1 refuses this too" if reason is not None else _note(names))
    parameters = member.parameters if member.kind in CALLABLE else ()
    return _callable_verdict(names, value, parameters)


def _callable_verdict(names: list[str], value: Any, parameters: tuple[Parameter, ...]) -> Verdict:
    wanted = {parameter.name for parameter in parameters}
    lacking = [name for name in inspecting.refused_parameters(value) if name in wanted]
    lacking += inspecting.unknown_parameters(value, parameters)
    note = _note(names)
    return Verdict(DIFFERS if note or lacking else WORKS, note, tuple(dict.fromkeys(lacking)))


def _verdict_of(path: str, name: str, parameters: tuple[Parameter, ...]) -> Verdict:
    value = _value(path)
    reason = _reason(path, value)
    if reason is not None:
        return Verdict(MISSING, reason)
    return _callable_verdict([name], value, parameters)


def _value(path: str) -> Any:
    try:
        return inspecting.public_value(path)
    except LookupError:
        return None


def _reason(path: str, value: Any) -> str | None:
    """Return why something is missing; a class in a class that is missing is so for the same reason."""
    if value is not None:
        return inspecting.missing_reason(value)
    owner = _value(path.rpartition(".")[0])
    return (inspecting.missing_reason(owner) if isinstance(owner, type) else None) or ""


def _note(names: list[str]) -> str:
    return next((NOTES[name] for name in names if name in NOTES), "")


def _names(known: Surface, facts: ClassFacts, suffix: str) -> list[str]:
    """Return the names under which a class, or a member of it, may have a note: its own, then its ancestors'."""
    owner = known.classes.get(facts.inherited.get(suffix[1:], "")) if suffix else None
    return [found.name + suffix for found in (facts, owner) if found is not None]


def _other_exports(known: Surface) -> Iterator[str]:
    described = {path for facts in known.classes.values() for path in (facts.path, *facts.also)} | {*known.functions}
    for module, names in known.exports.items():
        yield from (f"{module}.{name}" for name in names if f"{module}.{name}" not in described)


def _is_second_path(report: Report) -> bool:
    """Return whether a shorter path leads to the same function or class."""
    shorter = report.path.split(".")
    return any(".".join((*shorter[:cut], shorter[-1])) in reports() for cut in range(2, len(shorter) - 1))
