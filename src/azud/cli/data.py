"""`azud data …`: registered datasets, what their files are, where they come from and what came of them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from azud.cli import output, text
from azud.cli.workspace import open_workspace, pages
from azud.client.transport import Client
from azud.core.errors import UserError
from azud.model.codec import from_json, to_json
from azud.model.data import NOTHING, DatasetRecord, DataState
from azud.model.lineage import DATASET, Lineage, LineageNode

if TYPE_CHECKING:
    from rich.tree import Tree

_WAIT_S = 20.0
_DRIFTED = "changed"


def ls(folder: str | None, *, as_json: bool) -> int:
    """Print the registered datasets; nobody looks at their files for that."""
    items = list(pages(open_workspace(folder).client, "/datasets"))
    if as_json:
        output.as_json(items)
        return 0
    columns = ("name", "version", "type", "places", "registered", "files", "size", "state")
    output.table(columns, (_row(from_json(DatasetRecord, item)) for item in items), empty="no registered datasets")
    return 0


def _row(record: DatasetRecord) -> tuple[Any, ...]:
    now = record.seen or record.fingerprint
    return (
        record.name,
        record.version,
        record.definition.type,
        _places(record, most=1),
        text.local_time(record.created_at),
        now and now.file_count,
        None if now is None or now.size_bytes is None else text.size(now.size_bytes),
        _DRIFTED if record.drifted else "",
    )


def _places(record: DatasetRecord, most: int) -> str:
    places = [f"{place.datastore}:{place.path}" for place in record.definition.locations]
    more = f" and {len(places) - most} more" if len(places) > most else ""
    return ", ".join(places[:most]) + more


def show(folder: str | None, reference: str, version: int | None, *, as_json: bool) -> int:
    """Look at the files of a version, and print what is known of it and whether they are what they were."""
    client = open_workspace(folder).client
    record = _look(client, *_parsed(reference, version))
    query = {"version": record.version, "depth": 1}
    lineage = from_json(Lineage, client.get(f"{_path(record.name)}/lineage", query))
    if as_json:
        output.as_json(to_json(record))
        return 0
    output.fields(
        {
            "dataset": f"{record.name}:{record.version}",
            "id": record.id,
            "type": record.definition.type,
            "description": record.description,
            "tags": ", ".join(f"{name}={value}" for name, value in record.tags.items()),
            "places": _places(record, most=5),
            "registered": text.local_time(record.created_at),
            "made by": _neighbours(lineage, back=True),
            "used by": _neighbours(lineage, back=False),
            "files": _amount(record.fingerprint),
            "fingerprint": _fingerprint(record.fingerprint),
            "state": _state(record),
        }
    )
    return 0


def _look(client: Client, name: str, version: int | None) -> DatasetRecord:
    """Have the files of a version looked at, however long that takes."""
    record = _find(client, name, version)
    path = f"{_path(record.name)}/{record.version}/look"
    while True:
        answer = client.call("POST", path, query={"wait_s": _WAIT_S}, repeat=True, wait_s=_WAIT_S)
        if not answer["looking"]:
            return from_json(DatasetRecord, answer["dataset"])
        output.note(f"the files of {record.name}:{record.version} are being read …")


def _amount(state: DataState | None) -> str:
    if state is None or state.file_count is None or state.size_bytes is None:
        return ""
    return f"{state.file_count}, {text.size(state.size_bytes)}"


def _fingerprint(state: DataState | None) -> str:
    if state is None:
        return "not taken yet"
    if state.digest is None:
        return f"none: {state.reason}"
    what = "no files" if state.digest == NOTHING else state.digest
    return f"{what} (taken {text.local_time(state.at)})"


def _state(record: DatasetRecord) -> str:
    if record.drifted is None:
        return "not known"
    if not record.drifted or record.seen is None:
        return "as it was when its fingerprint was taken"
    now = "no files" if record.seen.digest == NOTHING else _amount(record.seen)
    return f"{_DRIFTED}: not what it was when its fingerprint was taken; {now} on {text.local_time(record.seen.at)}"


def _neighbours(lineage: Lineage, *, back: bool) -> str:
    edges = lineage.back if back else lineage.forward
    ids = [edge.source if back else edge.target for edge in edges if lineage.root in (edge.source, edge.target)]
    shown = [_label(lineage.nodes[name]) for name in dict.fromkeys(ids)]
    more = f" and {len(shown) - 3} more" if len(shown) > 3 else ""
    return "; ".join(shown[:3]) + more


def lineage(folder: str | None, reference: str, version: int | None, *, as_json: bool) -> int:
    """Print what a version came from and what came of it."""
    client = open_workspace(folder).client
    name, version = _parsed(reference, version)
    body = client.get(f"{_path(name)}/lineage", None if version is None else {"version": version})
    if as_json:
        output.as_json(body)
        return 0
    found = from_json(Lineage, body)
    root = found.nodes[found.root]
    for title, edges in (
        ("came from", [(edge.target, edge.source, edge.via) for edge in found.back]),
        ("went to", [(edge.source, edge.target, edge.via) for edge in found.forward]),
    ):
        _print_tree(f"{_label(root)} {title}", _Branches(found, edges))
    if found.cut:
        output.note("there is more: only the nearest part was followed")
    return 0


class _Branches:
    """One direction of a graph as a tree; what stands in it already is named again and not followed again."""

    def __init__(self, found: Lineage, edges: Sequence[tuple[str, str, str]]) -> None:
        self._nodes = found.nodes
        self._root = found.root
        self._below: dict[str, list[tuple[str, str]]] = {}
        for start, end, via in edges:
            self._below.setdefault(start, []).append((end, via))

    def lines(self) -> Iterator[tuple[int, str]]:
        """Yield depth and text of each line below the title."""
        told = {self._root}
        waiting = [(1, *end) for end in reversed(self._below.get(self._root, []))]
        while waiting:
            depth, node, via = waiting.pop()
            label = _label(self._nodes[node]) + (f"  [{via}]" if via else "")
            again = node in told and bool(self._below.get(node))
            yield depth, label + (" (see above)" if again else "")
            if node not in told:
                told.add(node)
                waiting += [(depth + 1, *end) for end in reversed(self._below.get(node, []))]


def _print_tree(title: str, branches: _Branches) -> None:
    lines = list(branches.lines())
    if not output.is_terminal():
        for depth, label in ((0, title), *(lines or [(1, "nothing")])):
            output.line("  " * depth + label)
        return
    from rich.text import Text
    from rich.tree import Tree as RichTree

    stack: list[Tree] = [RichTree(Text(text.visible(title)))]
    for depth, label in lines or [(1, "nothing")]:
        del stack[depth:]
        stack.append(stack[-1].add(Text(text.visible(label))))
    output.console().print(stack[0], soft_wrap=False)  # a long label is folded, not cut


def _label(node: LineageNode) -> str:
    if node.kind == DATASET:
        if not node.version:
            return f"{node.name or 'a dataset'} (not registered)"
        gone = "" if node.registered else " (not registered any more)"
        return f"{node.name}:{node.version}" + gone + (f" ({_DRIFTED} since)" if node.drifted else "")
    if not node.status:
        return f"step run {node.step_run_id} (not kept any more)"
    what = f"step {node.name!r} of run {(node.run_id or '')[:8]}" if node.name else f"run {node.run_id}"
    reused = ", reused" if node.reused_from else ""
    return f"{what} in {node.experiment} ({node.status}{reused}, {text.local_time(node.at)})"


def tag(folder: str | None, reference: str, version: int | None, pairs: Sequence[str], removed: Sequence[str]) -> int:
    """Set and remove tags of a version."""
    client = open_workspace(folder).client
    record = _find(client, *_parsed(reference, version))
    tags = {name: value for name, value in record.tags.items() if name not in removed}
    for pair in pairs:
        name, equals, value = pair.partition("=")
        if not equals or not name:
            raise UserError(f"{pair!r} is no tag", hint="say NAME=VALUE")
        tags[name] = value
    client.call("PATCH", f"{_path(record.name)}/{record.version}", body={"tags": tags})
    output.line(f"{record.name}:{record.version}: {', '.join(f'{n}={v}' for n, v in tags.items()) or 'no tags'}")
    return 0


def unregister(folder: str | None, name: str) -> int:
    """Forget all versions of a name."""
    open_workspace(folder).client.call("DELETE", _path(name))
    output.line(f"{name}: unregistered; its files stay, and so do the runs that read them")
    return 0


def _find(client: Client, name: str, version: int | None) -> DatasetRecord:
    return from_json(DatasetRecord, client.get(_path(name), None if version is None else {"version": version}))


def _path(name: str) -> str:
    return f"/datasets/registered/{name}"


def _parsed(reference: str, version: int | None) -> tuple[str, int | None]:
    """Return name and version of `NAME` or `NAME:VERSION`; an explicit version takes the name as it is."""
    name, colon, end = reference.rpartition(":")
    if version is not None or not colon or not end.isdecimal():
        return reference, version
    return name, int(end)
