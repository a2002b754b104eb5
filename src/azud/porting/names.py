"""What a name of v1 in somebody's code comes to here: from a dotted path or a class's member to a verdict."""

from __future__ import annotations

from functools import cache
from types import ModuleType
from typing import Any

from azud.porting import inspecting
from azud.porting.coverage import ANSWERS_AS, DIFFERS, MISSING, WORKS, Report, Verdict, distinct
from azud.porting.returns import KINDS, RETURNS
from azud.porting.surface import CALLABLE, ClassFacts, surface


@cache
def is_module(path: str) -> bool:
    """Return whether a program that asks for this path gets a module."""
    return isinstance(_value(path), ModuleType)


def public_names(module: str) -> list[str]:
    """Return what `from module import *` gives."""
    return list(getattr(inspecting.public_module(module), "__all__", ()))


@cache
def report_of(path: str) -> Report | None:
    """Return the report on what a dotted path leads to, under whatever name v1 keeps it; None for anything else."""
    value = _value(path)
    return None if value is None else _by_identity().get(id(value))


@cache
def report_named(name: str) -> Report | None:
    """Return the report on the class or function of this name; of several, the one with the shortest path."""
    found = [report for report in distinct() if report.name == name]
    return min(found, key=lambda report: report.path.count("."), default=None)


def facts_of(report: Report) -> ClassFacts | None:
    """Return the facts of a report's class; None for a function."""
    return _by_path().get(report.path)


def path_verdict(path: str) -> Verdict:
    """Return the verdict on an imported name."""
    report = report_of(path)
    if report is not None:
        return plain(report.verdict)
    value = _value(path)
    if value is None:
        return Verdict(MISSING, "it does not import: v1 has no such public name")
    reason = inspecting.missing_reason(value)
    return Verdict(WORKS) if reason is None else Verdict(MISSING, reason)


def member_of(report: Report, member: str) -> tuple[str, Verdict]:
    """Return `Class.member` and its verdict; the class is the one, of several that it may be, that has the member."""
    for name in (report.name, *KINDS.get(report.name, ())):
        kind = report if name == report.name else report_named(name)
        if kind is not None and member in kind.members:
            return f"{name}.{member}", kind.members[member]
    if report.verdict.state == MISSING:
        return f"{report.name}.{member}", report.verdict
    others = (report_named(name) for name in KINDS.get(report.name, ()))
    paths = [report.path, *(other.path for other in others if other), *ANSWERS_AS.get(report.path, ())]
    values = [_value(path) for path in paths]
    if any(isinstance(value, type) and inspecting.has_member(value, member) for value in values):
        return f"{report.name}.{member}", Verdict(WORKS)
    return f"{report.name}.{member}", Verdict(MISSING, "it is not public in v1 either")


def is_attribute(report: Report, member: str) -> bool:
    """Return whether a member is read, not called."""
    facts = facts_of(report)
    found = surface().members(facts).get(member) if facts else None
    return found is not None and found.kind not in CALLABLE


def parameters_of(report: Report, member: str | None) -> list[str]:
    """Return the names of the parameters of a class's constructor, a method or a function, in order."""
    facts = facts_of(report)
    if facts is None:
        function = surface().functions.get(report.path)
        return [parameter.name for parameter in function.parameters] if function else []
    if member is None:
        return [parameter.name for parameter in facts.parameters]
    found = surface().members(facts).get(member)
    return [parameter.name for parameter in found.parameters] if found else []


def type_of(report: Report, member: str | None) -> str:
    """Return what a call or an attribute gives, as `returns` writes it; "" if nobody knows."""
    if member is None:
        return RETURNS.get(report.name, "")
    facts = facts_of(report)
    owner = facts.inherited.get(member, "").rpartition(".")[2] if facts else ""
    names = [report.name, owner, *KINDS.get(report.name, ())]
    return next((RETURNS[f"{name}.{member}"] for name in names if f"{name}.{member}" in RETURNS), "")


def plain(verdict: Verdict) -> Verdict:
    """Return the verdict on a use that gives none of the parameters that are missing."""
    if verdict.state == DIFFERS and not verdict.note:
        return Verdict(WORKS)
    return Verdict(verdict.state, verdict.note)


def _value(path: str) -> Any:
    try:
        return inspecting.public_value(path)
    except LookupError:
        return None


@cache
def _by_path() -> dict[str, ClassFacts]:
    return {facts.public_path: facts for facts in surface().classes.values()}


@cache
def _by_identity() -> dict[int, Report]:
    found = ((_value(report.path), report) for report in distinct())
    return {id(value): report for value, report in found if value is not None}
