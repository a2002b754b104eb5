"""`azud models …`: registered models."""

from __future__ import annotations

import os
from typing import Any

from azud.cli import output, text
from azud.cli.workspace import open_workspace, pages
from azud.client.downloading import download_snapshot
from azud.client.transport import Client
from azud.core.errors import ConflictError, UserError
from azud.model.codec import from_json, to_json
from azud.model.models import ModelRecord
from azud.model.snapshot import SourceSnapshot


def ls(folder: str | None, *, name: str | None, as_json: bool) -> int:
    """Print the registered models, newest first."""
    items = list(pages(open_workspace(folder).client, "/models", name=name))
    if as_json:
        output.as_json(items)
        return 0
    columns = ("name", "version", "framework", "size", "run", "registered", "tags")
    rows = (_row(from_json(ModelRecord, item)) for item in items)
    output.table(columns, rows, empty="no registered models; Model.register or run.register_model makes one")
    return 0


def _row(model: ModelRecord) -> tuple[Any, ...]:
    return (
        model.name,
        model.version,
        model.framework,
        text.size(model.size_bytes),
        (model.run_id or "")[:8],
        text.local_time(model.created_at),
        _labels(model.tags),
    )


def _labels(labels: dict[str, Any]) -> str:
    return ", ".join(name if value is None else f"{name}={value}" for name, value in labels.items())


def show(folder: str | None, reference: str, *, as_json: bool) -> int:
    """Print what is known of a model, and its files."""
    client = open_workspace(folder).client
    model = _find(client, reference)
    content = from_json(SourceSnapshot, client.get(f"/snapshots/{model.snapshot}"))
    if as_json:
        output.as_json({"model": to_json(model), "files": to_json(content.files)})
        return 0
    output.fields(
        {
            "model": model.id,
            "description": model.description,
            "framework": f"{model.framework} {model.framework_version}".strip(),
            "tags": _labels(model.tags),
            "properties": _labels(model.properties),
            "experiment": model.experiment,
            "run": model.run_id,
            "registered": text.local_time(model.created_at),
            "by": model.created_by,
            "size": text.size(model.size_bytes),
        }
    )
    output.line()
    output.table(("file", "size"), ((file.path, text.size(file.size_bytes)) for file in content.files))
    return 0


def download(folder: str | None, reference: str, directory: str) -> int:
    """Write a model's file or folder below a local folder."""
    client = open_workspace(folder).client
    model = _find(client, reference)
    files = client.get(f"/snapshots/{model.snapshot}")["files"]
    base = os.path.abspath(directory)
    target = os.path.join(base, files[0]["path"].partition("/")[0])
    if os.path.lexists(target):
        raise ConflictError(f"{target} exists already", hint="name another folder")
    download_snapshot(client, files, base)
    output.line(target)
    return 0


def remove(folder: str | None, reference: str) -> int:
    """Forget a version of a model, which must be named."""
    client = open_workspace(folder).client
    if ":" not in reference:
        raise UserError(f"{reference!r} names no version", hint=f"say which: {reference}:1, for instance")
    model = _find(client, reference)
    client.call("DELETE", f"/models/{model.name}/{model.version}")
    output.line(f"{model.id}: removed")
    return 0


def _find(client: Client, reference: str) -> ModelRecord:
    """Return the model of `NAME` or `NAME:VERSION`."""
    name, colon, version = reference.rpartition(":")
    if not colon:
        name = version
    elif not version.isdecimal():
        raise UserError(f"a model has no version {version!r}", hint="versions are whole numbers")
    return from_json(ModelRecord, client.get(f"/models/{name}", {"version": int(version)} if colon else None))
