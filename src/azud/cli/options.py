"""What the commands' modules share: how a group of commands is made, and options that many of them take."""

from __future__ import annotations

from typing import Annotated, Any

import typer

_SETTINGS: dict[str, Any] = {"help_option_names": ["-h", "--help"]}


def group(help_text: str, **options: Any) -> typer.Typer:
    """Return an empty group of commands."""
    return typer.Typer(
        help=help_text,
        context_settings=_SETTINGS,
        rich_markup_mode=None,
        pretty_exceptions_enable=False,
        add_completion=False,
        **options,
    )


Workspace = Annotated[
    str | None,
    typer.Option("--workspace", "-w", metavar="DIR", help="Folder of the workspace, if not the current one."),
]
Json = Annotated[bool, typer.Option("--json", help="Print JSON.")]
Run = Annotated[
    str,
    typer.Argument(metavar="RUN", help="'latest', an id or its beginning; RUN/STEP names a step of it."),
]
Follow = Annotated[bool, typer.Option("--follow", "-f", help="Go on as more comes.")]
