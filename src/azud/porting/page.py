"""The page docs/compatibility.md: the reports of `coverage` as Markdown."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from itertools import groupby

from azud.porting.coverage import DIFFERS, MISSING, WORKS, Report, distinct

_HEAD = """\
# Compatibility

What of the Azure ML SDK v1 works with azud. This page is made by `azud compat --markdown` from azud's own classes; a
test fails when it is out of date. `azud compat NAME` says the same of one name in your terminal,
and `azud migrate scan DIR` [of your code](how-to/migrate.md).

Everything imports. What is *not there yet* raises `NotYetError` when it is used, and says what to use instead. What
works with a difference is described in [What differs from Azure](differences.md).
"""


def compatibility_page() -> str:
    """Return the page."""
    return "\n".join(_lines()) + "\n"


def _lines() -> Iterator[str]:
    found = distinct()
    yield _HEAD
    names = Counter(report.verdict.state for report in found)
    members = Counter(verdict.state for report in found for verdict in report.own().values())
    yield "| | works | works with a difference | not there yet |"
    yield "|---|---|---|---|"
    yield _count_row("classes and functions", names)
    yield _count_row("members of classes", members)
    for module, reports in groupby(found, key=lambda report: report.module):
        yield f"\n## {module}\n"
        yield "| name | | |"
        yield "|---|---|---|"
        yield from (_row(report) for report in reports)


def _count_row(what: str, counts: Counter[str]) -> str:
    return f"| {what} | {counts[WORKS]} | {counts[DIFFERS]} | {counts[MISSING]} |"


def _row(report: Report) -> str:
    parts = [report.verdict.text] if report.verdict.text else []
    if report.verdict.state != MISSING:
        parts += _member_notes(report)
    return f"| `{report.name}` | {report.verdict.state} | {'. '.join(parts)} |"


def _member_notes(report: Report) -> Iterator[str]:
    for name, verdict in sorted(report.own().items()):
        if verdict.state == DIFFERS:
            yield f"`{name}`: {verdict.text}"
    missing = sorted(name for name, verdict in report.own().items() if verdict.state == MISSING)
    if missing:
        yield f"Not there yet: {', '.join(f'`{name}`' for name in missing)}"
