"""Children of a fork server: they wait for a request, serve it, and wait again for the next one.

The first request of a kind waits for a fork; those that follow find a child that is ready, whose memory is its
own already (what a fork costs is mostly the copying of each page when it is first touched). A child serves one
request at a time, so its death takes one attempt with it, as if it had been forked for that alone.
"""

from __future__ import annotations

import functools
import importlib
import json
import os
import socket
from typing import Any, Dict, Optional, Tuple

from azud.core.processes import own_mark
from azud.job.lines import encode_line
from azud.job.stages import Prepared, Stage

REQUEST_BYTES_AT_ONCE = 64 << 10
"""Longer requests might not fit into the channel at once, and the fork server never waits."""
REQUESTS_MAX = 200
"""After so many a child ends, because its collector is off and small leaks add up."""
IDLE = b"\n"


own_server: Optional[str] = None
"""Socket of the fork server that this process descends from, for asking it for further children."""


class Child:
    """A child as its fork server sees it.

    Args:
        pid: Its process.
        entry: What it serves.
        channel: The server's end of the socket over which it gets requests and says that it is idle.
    """

    def __init__(self, pid: int, entry: str, channel: socket.socket) -> None:
        self.pid = pid
        self.entry = entry
        self.channel = channel
        channel.setblocking(False)

    def hand_over(self, connection: socket.socket, line: bytes) -> bool:
        """Give it a request and the client's connection; False if it is gone or cannot take so much."""
        try:
            return socket.send_fds(self.channel, [line], [connection.fileno()]) == len(line)
        except OSError:
            return False

    def is_idle(self) -> bool:
        """Return whether it has said that it waits for another request; call when the channel is readable."""
        try:
            return self.channel.recv(1) == IDLE
        except OSError:
            return False


def begin(module_name: str, channel: socket.socket) -> Optional[Stage]:
    """In a child: leave the server's session, prepare, serve."""
    os.setsid()
    module = importlib.import_module(module_name)
    mark = own_mark()
    announcement = encode_line({"pid": mark.pid, "started": mark.started, "boot": mark.boot})
    return _prepare(module, channel, announcement, REQUESTS_MAX)


def _prepare(module: Any, channel: socket.socket, announcement: bytes, left: int) -> Optional[Stage]:
    standby = getattr(module, "standby", None)
    prepared = Prepared(entry=module.entry) if standby is None else standby()
    if prepared.entry is None:
        channel.close()
        stage: Optional[Stage] = prepared.stage
        return stage
    received = _receive(channel)
    if received is None:
        return None
    connection, args = received
    with connection:
        connection.setblocking(True)
        _announce(connection, announcement)
        may_go_on = prepared.entry(connection, args)
    if not may_go_on or left <= 1 or not _say_idle(channel):
        return None
    return functools.partial(_prepare, module, channel, announcement, left - 1)


def _announce(connection: socket.socket, announcement: bytes) -> None:
    try:
        connection.sendall(announcement)
    except OSError:
        return  # the client died; what it asked for is done all the same


def _say_idle(channel: socket.socket) -> bool:
    try:
        return channel.send(IDLE) == 1
    except OSError:
        return False


def _receive(channel: socket.socket) -> Optional[Tuple[socket.socket, Dict[str, Any]]]:
    """Wait for a request; None when the fork server is gone or needs this child no more."""
    line, descriptors, _flags, _address = socket.recv_fds(channel, REQUEST_BYTES_AT_ONCE, 1)
    if not descriptors:
        return None
    while not line.endswith(b"\n"):
        more = channel.recv(1 << 20)
        if not more:
            return None
        line += more
    return socket.socket(fileno=descriptors[0]), dict(json.loads(line)["args"])
