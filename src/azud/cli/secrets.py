"""`azud secrets …`. A value is never an argument: every user of the machine can read those of a process."""

from __future__ import annotations

import getpass
import sys

from azud.cli import output, text
from azud.cli.workspace import open_workspace, pages
from azud.core.errors import UserError


def ls(folder: str | None, *, as_json: bool) -> int:
    """Print the names of the secrets."""
    items = list(pages(open_workspace(folder).client, "/secrets"))
    if as_json:
        output.as_json(items)
        return 0
    rows = ((item["name"], item["content_type"], text.local_time(item["modified_at"])) for item in items)
    output.table(("name", "content", "set"), rows, empty="no secrets; azud secrets set NAME keeps one")
    return 0


def put(folder: str | None, name: str) -> int:
    """Keep a secret whose value is asked for on a terminal, else read from standard input."""
    client = open_workspace(folder).client
    value = getpass.getpass(f"{name}: ") if sys.stdin.isatty() else sys.stdin.read().removesuffix("\n")
    if not value:
        raise UserError("no value was given", hint="type it, or pipe it in")
    client.call("PUT", f"/secrets/{name}", body={"value": value})
    output.line(f"{name}: kept")
    return 0


def remove(folder: str | None, name: str) -> int:
    """Forget a secret."""
    open_workspace(folder).client.call("DELETE", f"/secrets/{name}")
    output.line(f"{name}: removed")
    return 0
