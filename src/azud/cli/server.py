"""`azud server status|stop|logs`: the process behind a workspace."""

from __future__ import annotations

import collections
import os
import time

from azud.cli import output, text
from azud.cli.workspace import server_answer
from azud.client.homes import Home, find_home
from azud.client.places import socket_path
from azud.client.stopping import wait_until_ended
from azud.client.transport import Client
from azud.core.errors import BackendError, NotFoundError

_PAUSE_S = 0.1
_DRAIN_PAUSE_S = 1.0


def status(folder: str | None, *, as_json: bool) -> int:
    """Print whether the workspace's server runs and what it does. Never starts one."""
    home = find_home(folder)
    answer = server_answer(home)
    if as_json:
        output.as_json({"home": home.path, "running": answer is not None, "server": answer})
        return 0
    if answer is None:
        output.line(f"no server runs for {home.path}")
        output.note("  hint: the next command that needs it starts it")
        return 0
    slots = answer.get("slots") or {}
    output.fields(
        {
            "workspace": home.names.workspace_name,
            "home": home.path,
            "version": answer.get("version"),
            "process": answer.get("pid"),
            "since": text.local_time(answer.get("started_at")),
            "active runs": answer.get("runs_active"),
            "slots": f"{slots.get('busy')} of {slots.get('cores')} busy, {slots.get('queued')} steps queued",
            "memory": text.size(int(answer.get("rss_bytes") or 0)),
            "socket": answer.get("socket"),
            "tcp": answer.get("tcp"),
        }
    )
    return 0


def stop(folder: str | None, *, drain: bool) -> int:
    """Ask the server to end and wait until it has.

    Args:
        folder: Of the workspace.
        drain: First let the runs that are active end.
    """
    home = find_home(folder)
    answer = server_answer(home)
    if answer is None:
        output.line(f"no server runs for {home.path}")
        return 0
    active = int(answer["runs_active"])
    if active and drain:
        output.note("waiting for the active runs to end; Ctrl-C leaves the server running")
        active = _drained(home)
    client = Client(f"unix:{socket_path(home.path)}", retry_s=0)
    try:
        client.post("/server/stop", {"drain": drain}, repeat=True)
    except BackendError:
        if server_answer(home) is not None:  # it did not end by itself meanwhile
            raise
    finally:
        client.close()
    wait_until_ended(home)
    output.line(f"stopped the server of {home.path}")
    if active:
        output.note("  hint: its jobs go on; the next command starts the server again, which takes them up")
    return 0


def _drained(home: Home) -> int:
    """Return 0 when the server has no active run any more, or has ended by itself."""
    while (answer := server_answer(home)) and answer["runs_active"]:
        time.sleep(_DRAIN_PAUSE_S)
    return 0


def logs(folder: str | None, *, lines: int, follow: bool) -> int:
    """Print the end of `server.log`; when following, go on until Ctrl-C."""
    path = os.path.join(find_home(folder).path, "server.log")
    try:
        stream = open(path, encoding="utf-8", errors="replace")  # noqa: SIM115 - closed by the with below
    except FileNotFoundError as error:
        raise NotFoundError(f"there is no {path}", hint="no server has run for this workspace yet") from error
    with stream:
        output.raw("".join(collections.deque(stream, maxlen=lines)))
        while follow:
            time.sleep(_PAUSE_S)
            output.raw(stream.read())
    return 0
