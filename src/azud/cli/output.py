"""How commands print: Rich on a terminal, plain tab-separated lines elsewhere, JSON when asked.

Nothing here reads Rich markup: names and logs are other people's text.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from azud.cli import text

if TYPE_CHECKING:
    from rich.console import Console

# Colours of states; a state that is not here stays plain.
_STYLES = {
    "Completed": "green",
    "Finished": "green",
    "ok": "green",
    "Failed": "red",
    "fail": "red",
    "Canceled": "yellow",
    "CancelRequested": "yellow",
    "Bypassed": "yellow",
    "warn": "yellow",
    "Running": "cyan",
    "run": "cyan",
    "reuse": "green",
    "depends": "yellow",
    "cannot run": "red",
    "works": "green",
    "works with a difference": "yellow",
    "not there yet": "red",
}
_CUT_AT = 12  # or a quarter of the terminal


def is_terminal() -> bool:
    """Return whether standard output is a terminal."""
    return sys.stdout.isatty()


def console() -> Console:
    """Return a Rich console that prints text as it is; it honours NO_COLOR."""
    from rich.console import Console

    return Console(markup=False, emoji=False, highlight=False, soft_wrap=True)


def line(message: str = "") -> None:
    """Print a line of azud's own words, with control characters made visible."""
    print(text.visible(message))  # noqa: T201 - the command line's one way to print a line


def note(message: str) -> None:
    """Print a remark that is not the answer (progress, what to do next) to standard error."""
    print(text.visible(message), file=sys.stderr)  # noqa: T201


def raw(data: str) -> None:
    """Write a log's text: as it is into files and pipes, with control characters escaped on a terminal."""
    sys.stdout.write(text.visible(data) if is_terminal() else data)
    sys.stdout.flush()


def as_json(value: Any) -> None:
    """Print a JSON document."""
    sys.stdout.write(json.dumps(value, indent=2, ensure_ascii=not _is_utf8()) + "\n")


def table(columns: Sequence[str], rows: Iterable[Sequence[Any]], *, empty: str = "", cut: Sequence[str] = ()) -> None:
    """Print a table.

    Args:
        columns: Headings.
        rows: As many cells in each row; None prints as nothing.
        empty: What to say, on standard error, when there is no row.
        cut: Columns whose cells stay on one line on a terminal, cut where they are too long.
    """
    cells = [["" if cell is None else text.one_line(str(cell)) for cell in row] for row in rows]
    if not cells:
        if empty:
            note(empty)
        return
    if is_terminal():
        _rich_table(columns, cells, cut)
        return
    for row in [[column.upper() for column in columns], *cells]:
        sys.stdout.write("\t".join(row) + "\n")


def fields(values: Mapping[str, Any]) -> None:
    """Print names and values, one pair a line; pairs without a value are left out."""
    shown = {name: str(value) for name, value in values.items() if value not in (None, "")}
    width = max(map(len, shown), default=0) + 2
    for name, value in shown.items():
        if is_terminal():
            line(f"{name:<{width}}{value}")
        else:
            line(f"{name}\t{text.one_line(value)}")


def _is_utf8() -> bool:
    return (sys.stdout.encoding or "").lower().replace("-", "") == "utf8"


def _rich_table(columns: Sequence[str], rows: list[list[str]], cut: Sequence[str]) -> None:
    from rich.table import Table
    from rich.text import Text

    terminal = console()
    shown = Table(box=None, pad_edge=False, header_style="bold")
    for column in columns:
        if column in cut:
            shown.add_column(column, overflow="ellipsis", no_wrap=True, max_width=max(_CUT_AT, terminal.width // 4))
        else:
            shown.add_column(column, overflow="fold")
    for row in rows:
        shown.add_row(*(Text(cell, style=_STYLES.get(cell, "")) for cell in row))
    terminal.print(shown)
