"""`azud compat`: what of the SDK v1 works here, from azud's own classes."""

from __future__ import annotations

import dataclasses
import difflib
from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Any

from azud.cli import output
from azud.core.errors import UserError
from azud.porting.coverage import DIFFERS, MISSING, STATES, WORKS, Report, Verdict, distinct
from azud.porting.page import compatibility_page

Row = tuple[str, str, str]


def main(name: str | None, *, missing: bool, markdown: bool, as_json: bool) -> int:
    """Print the table of everything, or what one name comes to.

    Raises:
        UserError: v1 has no such name.
    """
    if markdown:
        output.raw(compatibility_page())
        return 0
    found = distinct() if name is None else _named(name)
    member = name.rpartition(".")[2] if name is not None and _is_member(name, found) else None
    if as_json:
        output.as_json([_json(report, member, missing) for report in found])
    elif name is None and not missing:
        _print_modules(found)
    else:
        _print_names(found, member, missing, whole=len(found) == 1)
    return 0


def _named(name: str) -> list[Report]:
    """Return the reports that a name means: of a class, a class's member, or a module."""
    everything = distinct()
    wanted = name.lower()
    for asked in (wanted, wanted.rpartition(".")[0]):
        found = [report for report in everything if asked and f".{report.path}".lower().endswith(f".{asked}")]
        if asked != wanted:
            found = [report for report in found if wanted.rpartition(".")[2] in map(str.lower, report.members)]
        if found:
            return found
    found = [report for report in everything if f"{report.module}.".startswith(f"{name}.")]
    if found:
        return found
    near = difflib.get_close_matches(name, [report.name for report in everything], n=3, cutoff=0.5)
    hint = f"did you mean: {', '.join(near)}" if near else "azud compat lists the modules, azud compat MODULE its names"
    raise UserError(f"the SDK v1 has no public name {name}", hint=hint)


def _is_member(name: str, found: Iterable[Report]) -> bool:
    last = name.rpartition(".")[2].lower()
    return all(report.name.rpartition(".")[2].lower() != last and last in _lower(report) for report in found)


def _lower(report: Report) -> set[str]:
    return {member.lower() for member in report.members}


def _print_modules(found: list[Report]) -> None:
    rows: dict[str, tuple[Counter[str], Counter[str]]] = {}
    for report in found:
        area = ".".join(report.module.split(".")[:3])
        names, members = rows.setdefault(area, (Counter(), Counter()))
        names[report.verdict.state] += 1
        members.update(verdict.state for verdict in report.own().values())
    output.table(
        ("module", "names", *STATES, "members", "of them work"),
        (_module_row(module, *counts) for module, counts in sorted(rows.items())),
    )
    totals = Counter(report.verdict.state for report in found)
    output.note(
        f"{totals.total()} names: {totals[WORKS]} work, {totals[DIFFERS]} work with a difference, "
        f"{totals[MISSING]} are not there yet. azud compat NAME says more; azud migrate scan DIR looks at your code."
    )


def _module_row(module: str, names: Counter[str], members: Counter[str]) -> tuple[Any, ...]:
    counts = (names[state] or "" for state in STATES)
    return module, names.total(), *counts, members.total() or "", (members[WORKS] + members[DIFFERS]) or ""


def _print_names(found: list[Report], member: str | None, missing: bool, *, whole: bool) -> None:
    rows: list[Row] = []
    for report in found:
        rows += _rows(report, member, members=whole or missing)
    shown = [row for row in rows if not missing or row[1] == MISSING]
    output.table(("name", "state", "note"), shown, empty="nothing of it is missing")


def _rows(report: Report, member: str | None, *, members: bool) -> Iterator[Row]:
    if member is None:
        yield report.path, report.verdict.state, report.verdict.text
    if members and (member is not None or report.verdict.state != MISSING):
        for name, verdict in sorted(report.members.items()):
            if member is None or name.lower() == member.lower():
                yield f"{report.name}.{name}", verdict.state, verdict.text


def _json(report: Report, member: str | None, missing: bool) -> dict[str, Any]:
    def keep(name: str, verdict: Verdict) -> bool:
        return (member is None or name.lower() == member.lower()) and (not missing or verdict.state == MISSING)

    return {
        "name": report.path,
        **dataclasses.asdict(report.verdict),
        "members": {
            name: dataclasses.asdict(verdict) for name, verdict in report.members.items() if keep(name, verdict)
        },
    }
