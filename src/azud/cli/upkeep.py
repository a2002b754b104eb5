"""`azud gc`, `azud verify`, `azud runs pin` and `unpin`: what a workspace keeps, and whether it is sound."""

from __future__ import annotations

import sys
from typing import Any

from azud.cli import output, text
from azud.cli.workspace import find_run, open_workspace
from azud.client.transport import Client
from azud.core.clock import now_text
from azud.core.errors import BackendError, error_from_code
from azud.engine.retention import PIN

_LOOK_S = 1


def gc(folder: str | None, *, yes: bool, listed: bool, as_json: bool) -> int:
    """Print what would go; remove it if told so, by `--yes` or at the terminal."""
    client = open_workspace(folder).client
    if not yes:
        found = client.post("/gc", {"dry_run": True, "list": listed}, repeat=True)
        if as_json:
            output.as_json(found)
        else:
            _print_collected(found, "nothing to remove")
        if not found["totals"] or as_json or not _agreed():
            return 0
    client.post("/gc", {"dry_run": False, "list": listed})
    gone = _result(client, "/gc", "removing")
    if as_json:
        output.as_json(gone)
    elif yes:
        _print_collected(gone, "nothing to remove")
    count, size = _sum(gone)
    output.note(f"removed {count} things, {text.size(size)}")
    return 0


def _print_collected(found: dict[str, Any], empty: str) -> None:
    if found["items"]:
        rows = ((item["kind"], item["name"], text.size(item["size_bytes"])) for item in found["items"])
        output.table(("what", "which", "size"), rows)
        return
    rows = ((total["kind"], total["count"], text.size(total["size_bytes"])) for total in found["totals"])
    output.table(("what", "count", "size"), rows, empty=empty)


def _sum(found: dict[str, Any]) -> tuple[int, int]:
    totals = found["totals"]
    return sum(total["count"] for total in totals), sum(total["size_bytes"] for total in totals)


def _agreed() -> bool:
    if not (sys.stdin.isatty() and output.is_terminal()):
        output.note("  hint: nothing was removed; azud gc --yes removes it")
        return False
    return input("Remove it? [y/N] ").strip().lower() in ("y", "yes")


def verify(folder: str | None, *, storage: bool, repair: bool, as_json: bool) -> int:
    """Print every problem with what to do about it; 1 if there is one."""
    client = open_workspace(folder).client
    client.post("/verification", {"storage": storage, "repair": repair})
    found = _result(client, "/verification", "looking at")
    problems = found["problems"]
    if as_json:
        output.as_json(found)
        return 1 if problems else 0
    rows = ((item["kind"], item["name"], item["detail"]) for item in problems)
    output.table(("problem with", "which", "found"), rows)
    for hint in dict.fromkeys(item["hint"] for item in problems if not item["repaired"]):
        output.note(f"  hint: {hint}")
    repaired = sum(item["repaired"] for item in problems)
    how = f"read {text.size(found['read_bytes'])} of" if storage else "compared existence and sizes of"
    output.note(f"{how} {found['outputs']} outputs and {found['blobs']} blobs: {len(problems)} problems")
    if repaired:
        output.note(f"{repaired} of them will be made anew when they are needed")
    return 1 if problems else 0


def _result(client: Client, path: str, doing: str) -> dict[str, Any]:
    """Wait for the end of a task and return its result, showing how far it is on a terminal.

    Raises:
        AzudError: It failed, or the server ended meanwhile.
    """
    shows = sys.stderr.isatty()
    while True:
        status = client.get(path, {"wait_s": _LOOK_S}, wait_s=_LOOK_S)
        if shows:
            sys.stderr.write(f"\r\x1b[K{doing} {status['count']} of {status['total']}")
        if status["state"] == "running":
            continue
        if shows:
            sys.stderr.write("\r\x1b[K")
        if status["state"] == "done":
            result: dict[str, Any] = status["result"]
            return result
        problem = status["error"]
        if problem is None:
            raise BackendError("the server ended before this was done", hint="give the command again")
        raise error_from_code(problem["code"], problem["detail"], hint=problem.get("hint"))


def pin(folder: str | None, reference: str) -> int:
    """Keep a run, or what one step of it made."""
    return _tag(folder, reference, {"set_tags": {PIN: now_text()}}, "pinned")


def unpin(folder: str | None, reference: str) -> int:
    """Take a pin away."""
    return _tag(folder, reference, {"remove_tags": [PIN]}, "not pinned")


def _tag(folder: str | None, reference: str, change: dict[str, Any], word: str) -> int:
    client = open_workspace(folder).client
    run = find_run(client, reference)
    client.call("PATCH", f"/runs/{run.id}", body=change)
    output.line(f"{run.id}: {word}")
    return 0
