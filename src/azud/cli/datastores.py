"""`azud datastore …`. What opens a store is never an argument: everybody on the machine can read those of a process."""

from __future__ import annotations

import dataclasses
import getpass
import json
import sys
from collections.abc import Mapping, Sequence
from typing import Any

from azud.cli import output, text
from azud.cli.workspace import open_workspace, pages
from azud.core.errors import UserError

_TYPES = {
    "local": "LocalFolder",
    "azure_blob": "AzureBlob",
    "azure_file": "AzureFile",
    "s3": "S3",
    "gcs": "GoogleCloudStorage",
    "sftp": "Sftp",
    "fsspec": "Fsspec",
}


@dataclasses.dataclass(frozen=True)
class NewDatastore:
    """What the command line says of a datastore; `options` are texts `KEY=VALUE`."""

    name: str
    driver: str
    options: tuple[str, ...]
    overwrite: bool
    create: bool
    check: bool


def ls(folder: str | None, *, as_json: bool) -> int:
    """Print the datastores and where their files are."""
    items = list(pages(open_workspace(folder).client, "/datastores"))
    if as_json:
        output.as_json(items)
        return 0
    rows = ((item["name"], item["type"], "default" if item["is_default"] else "", _where(item)) for item in items)
    output.table(("name", "type", "default", "where"), rows, empty="no datastores")
    return 0


def show(folder: str | None, name: str, *, as_json: bool) -> int:
    """Print what is known of a datastore."""
    item = open_workspace(folder).client.get(f"/datastores/{name}")
    if as_json:
        output.as_json(item)
        return 0
    facts = {
        "name": item["name"],
        "type": item["type"],
        "driver": item["driver"],
        **item["options"],
        "opened by": ", ".join(item["credential"]) or "nothing that azud keeps",
        "default": "yes" if item["is_default"] else "no",
        "registered": text.local_time(item["created_at"]),
    }
    output.fields(facts)
    return 0


def _where(item: Mapping[str, Any]) -> str:
    options = item["options"]
    if item["driver"] == "none":
        return "kept only"
    if "container_name" in options:
        return f"{options.get('account_name')}/{options['container_name']}"
    if "bucket" in options:
        return "/".join(part for part in (options["bucket"], options.get("prefix")) if part)
    if "host" in options:
        return f"{options.get('username')}@{options['host']}:{options.get('path') or ''}"
    return str(options.get("root") or options.get("url") or "")


def asked_credential(parts: Sequence[str], *, piped: bool) -> dict[str, Any]:
    """Return what opens a datastore, from standard input or asked for on the terminal.

    Raises:
        UserError: What was piped in is no JSON object, or there is no terminal to ask on. Nothing of it is shown.
    """
    if piped:
        try:
            given = json.loads(sys.stdin.read())
        except ValueError as error:
            raise UserError("standard input is no JSON", hint='pipe in {"account_key": "…"}') from error
        if not isinstance(given, dict):
            raise UserError("standard input is no JSON object", hint='pipe in {"account_key": "…"}')
        return given
    if parts and not sys.stdin.isatty():
        raise UserError("there is no terminal to ask on", hint="use --credential-stdin")
    return {part: getpass.getpass(f"{part}: ") for part in parts}


def add(folder: str | None, new: NewDatastore, credential: Mapping[str, Any]) -> int:
    """Register a datastore."""
    options: dict[str, Any] = {}
    for pair in new.options:
        key, mark, value = pair.partition("=")
        if not mark or not key:
            raise UserError(f"--option {pair!r} has no '='", hint="write --option bucket=my-data")
        options[key] = int(value) if key == "port" and value.isdigit() else value
    body = {
        "name": new.name,
        "type": _TYPES.get(new.driver, new.driver),
        "driver": new.driver,
        "options": options,
        "credential": dict(credential),
        "overwrite": new.overwrite,
        "create": new.create,
        "check": new.check,
    }
    open_workspace(folder).client.post("/datastores", body)
    output.line(f"{new.name}: registered" + (", and it opens" if new.check else ""))
    return 0


def set_credential(folder: str | None, name: str, credential: Mapping[str, Any], *, check: bool) -> int:
    """Replace what opens a datastore."""
    if not credential:
        raise UserError("nothing was given that opens it", hint="use --secret PART or --credential-stdin")
    body = {"credential": dict(credential), "check": check}
    open_workspace(folder).client.call("PUT", f"/datastores/{name}/credential", body=body)
    output.line(f"{name}: kept" + (", and it opens" if check else ""))
    return 0


def check(folder: str | None, name: str) -> int:
    """Say whether a datastore lets us in."""
    open_workspace(folder).client.post(f"/datastores/{name}/check", repeat=True)
    output.line(f"{name}: answers and lets us in")
    return 0


def default(folder: str | None, name: str | None) -> int:
    """Print or choose the default datastore."""
    client = open_workspace(folder).client
    if name is None:
        output.line(next(item["name"] for item in pages(client, "/datastores") if item["is_default"]))
        return 0
    client.post(f"/datastores/{name}/default", repeat=True)
    output.line(f"{name}: is the default datastore")
    return 0


def bind(folder: str | None, name: str, target: str | None, *, own: bool) -> int:
    """Let one of the workspace's own datastores be another place, or its own folder again."""
    if own == (target is not None):
        raise UserError("name the datastore that it shall be, or say --own", hint="azud datastore bind OWN NAME")
    client = open_workspace(folder).client
    item = client.call("PUT", f"/datastores/{name}/binding", body={"target": target}, repeat=True)
    output.line(f"{name}: is {_where(item)}")
    return 0


def files(folder: str | None, name: str, prefix: str, *, as_json: bool) -> int:
    """Print the files on a datastore."""
    client = open_workspace(folder).client
    items = client.get(f"/datastores/{name}/files", {"prefix": prefix})["value"]
    if as_json:
        output.as_json(items)
        return 0
    rows = ((item["path"], text.size(item["size_bytes"])) for item in items)
    output.table(("path", "size"), rows, empty="no such files")
    return 0


def remove(folder: str | None, name: str) -> int:
    """Forget a datastore."""
    open_workspace(folder).client.call("DELETE", f"/datastores/{name}")
    output.line(f"{name}: forgotten; its files stay")
    return 0
