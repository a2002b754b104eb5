"""The words and options of the commands for code that was written for Azure, and for notebooks."""

from __future__ import annotations

from typing import Annotated

import typer

from azud.cli.options import Json, group
from azud.core.errors import UserError

kernel_app = group("Kernels for Jupyter and VS Code in which notebooks find the package azureml.")
migrate_app = group("Bring code that was written for Azure.")
Prefix = Annotated[
    str | None, typer.Option(metavar="DIR", help="An environment's folder; without it, the user's own kernels.")
]
User = Annotated[bool, typer.Option("--user", help="The user's own kernels: the default.")]


def compat(
    name: Annotated[
        str | None, typer.Argument(metavar="[NAME]", help="A class, function or module of v1, or Class.member.")
    ] = None,
    missing: Annotated[bool, typer.Option("--missing", help="Only what is not there yet.")] = False,
    markdown: Annotated[bool, typer.Option("--markdown", help="Print the page docs/compatibility.md.")] = False,
    json: Json = False,
) -> int:
    """Say what of the Azure ML SDK v1 works here, what differs, and what is not there yet."""
    from azud.cli import compat

    return compat.main(name, missing=missing, markdown=markdown, as_json=json)


@migrate_app.command("scan")
def _migrate_scan(
    directory: Annotated[str, typer.Argument(metavar="DIR", help="The folder of your code, or one file.")] = ".",
    json: Json = False,
) -> int:
    """Read Python files and notebooks, without running them, and say what they use of the Azure ML SDK v1."""
    from azud.cli import migrate

    return migrate.main(directory, as_json=json)


@kernel_app.command("install")
def _kernel_install(
    name: Annotated[str, typer.Option(help="The kernel's name.")] = "azud",
    user: User = False,
    prefix: Prefix = None,
    python: Annotated[
        str | None, typer.Option(metavar="PATH", help="The Python, or environment, of the kernel.")
    ] = None,
) -> int:
    """Make a kernel of the Python that azud run would take."""
    from azud.cli import kernel

    return kernel.install(name=name, prefix=_one_place(user, prefix), python=python)


@kernel_app.command("uninstall")
def _kernel_uninstall(
    name: Annotated[str, typer.Argument(metavar="[NAME]", help="The kernel's name.")] = "azud",
    user: User = False,
    prefix: Prefix = None,
) -> int:
    """Remove a kernel that azud made."""
    from azud.cli import kernel

    return kernel.uninstall(name, prefix=_one_place(user, prefix))


@kernel_app.command("ls")
def _kernel_ls(user: User = False, prefix: Prefix = None, json: Json = False) -> int:
    """List the kernels that azud made, and what keeps one from starting."""
    from azud.cli import kernel

    return kernel.ls(prefix=_one_place(user, prefix), as_json=json)


def _one_place(user: bool, prefix: str | None) -> str | None:
    if user and prefix is not None:
        raise UserError("--user and --prefix name two places", hint="give one of them")
    return prefix
