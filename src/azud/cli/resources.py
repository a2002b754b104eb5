"""`azud experiments ls`, `azud compute ls`."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from azud.cli import output, text
from azud.cli.workspace import open_workspace, pages
from azud.model import compute as compute_drivers

_Row = tuple[Any, ...]


def experiments(folder: str | None, *, archived: bool, as_json: bool) -> int:
    """Print the experiments, and how many runs each has had."""
    client = open_workspace(folder).client
    items = [item for item in pages(client, "/experiments") if archived or not item.get("archived_at")]
    if as_json:
        output.as_json(items)
        return 0
    columns = ("name", "runs", "made", "archived", "tags")
    output.table(columns, (_experiment_row(item) for item in items), empty="no experiments")
    return 0


def _experiment_row(item: dict[str, Any]) -> _Row:
    tags = ", ".join(name if value is None else f"{name}={value}" for name, value in (item.get("tags") or {}).items())
    made, archived = text.local_time(item["created_at"]), text.local_time(item.get("archived_at"))
    return (item["name"], item["run_count"], made, archived, tags)


def compute(folder: str | None, *, as_json: bool) -> int:
    """Print the compute targets and how many nodes each holds now."""
    columns = ("name", "type", "state", "nodes", "most", "size")
    return _list(folder, "/compute", columns, _compute_row, "no compute targets", as_json=as_json)


def _compute_row(item: dict[str, Any]) -> _Row:
    properties, status = item.get("properties") or {}, item.get("status") or {}
    kept_only = item.get("driver") == compute_drivers.NONE
    return (
        item["name"],
        item["type"],
        "kept only" if kept_only else properties.get("state") or item.get("provisioning_state"),
        None if kept_only else status.get("current_node_count"),
        properties.get("max_nodes"),
        properties.get("vm_size"),
    )


def _list(
    folder: str | None,
    path: str,
    columns: Sequence[str],
    row: Callable[[dict[str, Any]], _Row],
    empty: str,
    *,
    as_json: bool,
) -> int:
    items = list(pages(open_workspace(folder).client, path))
    if as_json:
        output.as_json(items)
    else:
        output.table(columns, (row(item) for item in items), empty=empty)
    return 0
