"""What works is read off azud's own classes, and agrees with what happens when a program tries it."""

from __future__ import annotations

import importlib
import re
from pathlib import Path

import pytest

from azud.porting import coverage, inspecting
from azud.porting.coverage import DIFFERS, MISSING, WORKS, distinct, reports
from azud.porting.notes import NOTES
from azud.porting.page import compatibility_page
from azud.porting.surface import ClassFacts, Member, Parameter, Surface, surface
from azud.sdk.absent import marker
from azud.sdk.exceptions import NotYetError
from azud.sdk.support import not_yet

ROOT = Path(__file__).resolve().parents[3]


def _report(name: str) -> coverage.Report:
    return next(report for report in distinct() if report.name == name)


def test_every_public_path_imports() -> None:
    for path in surface().paths():
        module, _, name = path.rpartition(".")
        assert getattr(importlib.import_module(module), name) is not None, path


def test_every_missing_name_raises_when_it_is_called_and_no_other_one_says_so() -> None:
    for report in distinct():
        value = coverage._value(report.path)
        if report.verdict.state == MISSING and value is not None:
            with pytest.raises(NotYetError, match=report.name):
                value()
        elif report.verdict.state != MISSING:
            assert marker(value) is None


def test_every_missing_name_says_what_to_use_instead() -> None:
    missing = [report for report in distinct() if report.verdict.state == MISSING]
    assert [report.path for report in missing if not report.verdict.note] == []


def test_every_public_name_has_one_report() -> None:
    paths = [report.path for report in distinct()]
    assert len(paths) == len(set(paths))
    for facts in surface().classes.values():
        assert reports()[facts.path].path in (facts.path, *facts.also)


class _Base:
    def kept(self) -> None:
        """Do something."""


class _Example(_Base):
    _fields = ("field",)

    def __init__(self, a: int, later: object = None) -> None:
        """Refuse one parameter."""
        if later:
            not_yet("Example(later=…)")()
        self.set_here = a

    made = not_yet("Example.made", "publishing")
    made_static = staticmethod(not_yet("Example.made_static"))

    def refuses(self) -> None:
        """Say that it is missing."""
        not_yet("Example.refuses")()

    @property
    def refusing_property(self) -> int:
        """Say that it is missing."""
        found: int = not_yet("Example.refusing_property")()
        return found

    def raises(self) -> None:
        """Say that it is missing."""
        raise NotYetError("azud does not have Example.raises yet")

    def partly(self, a: int, option: object = None, other: int = 0) -> int:
        """Refuse one parameter."""
        if option is not None:
            raise NotYetError("azud does not have partly(option=…) yet")
        return a

    def narrow(self, a: int) -> None:
        """Lack a parameter."""


_MEMBERS = {
    "kept": WORKS,
    "field": WORKS,
    "set_here": WORKS,
    "partly": DIFFERS,
    "narrow": DIFFERS,
    "made": MISSING,
    "made_static": MISSING,
    "refuses": MISSING,
    "refusing_property": MISSING,
    "raises": MISSING,
    "nothing": MISSING,
}


def test_members_are_judged_by_what_their_code_says(monkeypatch: pytest.MonkeyPatch) -> None:
    options = (Parameter("a", None), Parameter("option", "None"))
    members = {name: Member(name, "method", options if name in ("partly", "narrow") else ()) for name in _MEMBERS}
    facts = ClassFacts("x.Example", (), (Parameter("a", None), Parameter("later", "None")), members)
    monkeypatch.setattr(inspecting, "public_value", lambda path: _Example)
    found = coverage.judge_class(Surface({"x.Example": facts}, {}, {}), facts)
    assert {name: verdict.state for name, verdict in found.members.items()} == _MEMBERS
    assert found.verdict == coverage.Verdict(DIFFERS, without=("later",))
    assert found.members["partly"].text == found.members["narrow"].text == "without option"
    assert "submit the pipeline" in found.members["made"].note


def test_what_v1_itself_refuses_counts_as_there(monkeypatch: pytest.MonkeyPatch) -> None:
    facts = ClassFacts("x.Example", (), (), {"refuses": Member("refuses", "method", refuses=True)})
    monkeypatch.setattr(inspecting, "public_value", lambda path: _Example)
    found = coverage.judge_class(Surface({"x.Example": facts}, {}, {}), facts)
    assert found.members["refuses"] == coverage.Verdict(WORKS, "v1 refuses this too")


def test_what_is_surely_there_and_what_is_surely_not() -> None:
    assert _report("Workspace").members["from_config"].state == WORKS
    assert _report("Pipeline").members["publish"].state == MISSING
    assert _report("Schedule").verdict.state == MISSING
    assert _report("PythonScriptStep").verdict.state == DIFFERS
    assert _report("PipelineRun").members["wait_for_completion"].state == DIFFERS  # a note on Run holds for it
    assert _report("Datastore").members["name"].state == WORKS  # Datastore(…) gives a datastore
    assert _report("TimeZone").members["UTC"].state == MISSING


def test_every_note_is_about_something_public_and_stands_in_the_page_of_differences() -> None:
    names = {report.name for report in distinct()}
    names |= {f"{report.name}.{member}" for report in distinct() for member in report.members}
    assert set(NOTES) <= names
    page = re.sub(r"\s+", " ", (ROOT / "docs" / "differences.md").read_text())
    for name, note in NOTES.items():
        assert f"`{name}`: {note}" in page


def test_the_page_of_compatibility_is_up_to_date() -> None:
    page = ROOT / "docs" / "compatibility.md"
    assert page.read_text() == compatibility_page(), "run: azud compat --markdown > docs/compatibility.md"
