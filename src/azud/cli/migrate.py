"""`azud migrate scan`: what a code base uses of the SDK v1, and what that comes to here."""

from __future__ import annotations

import dataclasses
from typing import Any

from azud.cli import output
from azud.porting.coverage import DIFFERS, MISSING, STATES, WORKS
from azud.porting.scanning import Finding, Scan, scan

_MOST_PLACES = 3


def main(directory: str, *, as_json: bool) -> int:
    """Print the summary, then every name with its places; 0 whatever was found.

    Raises:
        UserError: There is no such folder.
    """
    found = scan(directory)
    if as_json:
        output.as_json(_json(found))
        return 0
    _summary(found)
    for state in reversed(STATES):
        findings = [finding for finding in found.findings if finding.verdict.state == state]
        if findings:
            output.line()
            output.table(("name", "state", "note", "places"), map(_row, findings))
    if found.problems:
        output.line()
        output.table(("not read", "why"), ((problem.place, problem.problem) for problem in found.problems))
    return 0


def _summary(found: Scan) -> None:
    counts = found.counts()
    places = sum(len(finding.places) for finding in found.findings)
    files = f"{found.files} file{'' if found.files == 1 else 's'}"
    notebooks = f", {found.notebooks} of them notebooks" if found.notebooks else ""
    output.line(f"{files}{notebooks}; {len(found.findings)} names of the SDK v1 in {places} places")
    shown = (
        f"{counts[WORKS]} work",
        f"{counts[DIFFERS]} work with a difference",
        f"{counts[MISSING]} are not there yet",
    )
    output.line(", ".join(shown))
    if found.problems:
        output.line(f"{len(found.problems)} could not be read")


def _row(finding: Finding) -> tuple[str, str, str, str]:
    shown = [str(place) for place in finding.places[:_MOST_PLACES]]
    more = len(finding.places) - len(shown)
    places = ", ".join(shown) + (f" and {more} more" if more else "")
    return finding.name, finding.verdict.state, finding.verdict.note, places


def _json(found: Scan) -> dict[str, Any]:
    counts = found.counts()
    return {
        "files": found.files,
        "notebooks": found.notebooks,
        "summary": {state: counts[state] for state in STATES},
        "names": [
            {
                "name": finding.name,
                "state": finding.verdict.state,
                "note": finding.verdict.note,
                "places": [dataclasses.asdict(place) for place in finding.places],
            }
            for finding in found.findings
        ],
        "problems": [{**dataclasses.asdict(problem.place), "problem": problem.problem} for problem in found.problems],
    }
