"""Reads a code base without running it, and says of every name of v1 in it what it comes to here."""

from __future__ import annotations

import os
from collections import Counter
from dataclasses import dataclass

from azud.core.errors import UserError
from azud.porting.coverage import STATES, Verdict
from azud.porting.following import uses_of
from azud.porting.sources import Place, Problem, Unit, read_units, source_files


@dataclass(frozen=True)
class Finding:
    """A name of v1 that the code uses, the verdict on it, and everywhere that it stands, in order."""

    name: str
    verdict: Verdict
    places: tuple[Place, ...]


@dataclass(frozen=True)
class Scan:
    """What a code base uses of v1.

    Args:
        files: Number of files that were looked at.
        notebooks: Those of them that are notebooks.
        findings: What is missing first, then by how often it is used.
        problems: What could not be read.
    """

    files: int
    notebooks: int
    findings: tuple[Finding, ...]
    problems: tuple[Problem, ...]

    def counts(self) -> Counter[str]:
        """Return the number of names by state."""
        return Counter(finding.verdict.state for finding in self.findings)


def scan(root: str) -> Scan:
    """Return what the Python files and notebooks below a folder use of v1; `root` may be one file.

    Raises:
        UserError: There is no such folder or file.
    """
    if not os.path.exists(root):
        raise UserError(f"there is no {root}", hint=f"you are in {os.getcwd()}; name the folder of your code")
    places: dict[tuple[str, Verdict], list[Place]] = {}
    problems: list[Problem] = []
    files = list(source_files(root))
    for file in files:
        for unit in read_units(root, file):
            if isinstance(unit, Problem):
                problems.append(unit)
            else:
                _collect(unit, places, problems)
    found = [Finding(name, verdict, tuple(where)) for (name, verdict), where in places.items()]
    found.sort(key=lambda finding: (-STATES.index(finding.verdict.state), -len(finding.places), finding.name))
    return Scan(len(files), sum(file.endswith(".ipynb") for file in files), tuple(found), tuple(problems))


def _collect(unit: Unit, places: dict[tuple[str, Verdict], list[Place]], problems: list[Problem]) -> None:
    try:
        for use in uses_of(unit):
            where = places.setdefault((use.name, use.verdict), [])
            if use.place not in where:
                where.append(use.place)
    except RecursionError:
        problems.append(Problem(Place(unit.file, 1), "its expressions are nested too deeply to be followed"))
