"""A warm interpreter that forks runners, monitors and jobs instead of starting Python afresh.

It has one thread, imports the standard library and what it was told to preload, and never runs anything of a
client's itself: each request goes to a child, with the connection. Requests are one line of JSON::

    {"op": "fork", "entry": "monitor", "args": {...}}   the child answers {"pid", "started"}, then what it likes
    {"op": "ping"}                                      {"ok": true, "pid", "children"}

Entries come from a fixed table. When the server that started it dies (the inherited pipe ends), it goes on
for the runners that still need it and leaves when no child has lived and nobody has called for a while.
"""

from __future__ import annotations

import argparse
import functools
import gc
import importlib
import json
import os
import select
import socket
import struct
import sys
import time
from typing import Any, Dict, FrozenSet, List, Optional, Set

from azud.core import durable, native
from azud.core.processes import boot_id
from azud.job import children, script
from azud.job.children import Child, begin
from azud.job.lines import REQUEST_BYTES_MAX, encode_line
from azud.job.signals import SignalWaiter, drop_caught_signals, reset_signals
from azud.job.stages import Stage, note, run_stages

ENTRIES = {
    "monitor": "azud.job.monitor",
    "fingerprint": "azud.job.fingerprint",
    "runner": "azud.runner.main",
}
DRAIN_IDLE_S = 5.0
REQUEST_S = 30.0
"""How long a client may take to send its request."""
CLIENTS_MAX = 512
EXIT_NOT_SAFE = 3
"""Exit code when a preload started a thread: forking would not be safe."""

KEPT = ("monitor", "runner")
"""Entries whose module must be preloaded, and whose children are kept for further requests."""
IDLE_MAX = max(2, os.cpu_count() or 2)
IDLE_S = 10.0
"""After so long without any request the idle children go, and their memory with them."""
FORK_AHEAD_DELAY_S = 0.004
"""Not at once: the child that was just asked for wants the processor now."""


class _Client:
    """A connection whose request has not arrived in full."""

    def __init__(self, connection: socket.socket) -> None:
        self.connection = connection
        self.buffer = bytearray()
        self.deadline = time.monotonic() + REQUEST_S


class Server:
    """The loop of a fork server.

    Args:
        listener: Listening Unix socket, made by whoever started this process.
        parent_fd: Read end of a pipe whose write end only that process holds.
        drain_idle_s: How long to stay after it has died, the last child has ended and nobody called.
    """

    def __init__(self, listener: socket.socket, parent_fd: int, drain_idle_s: float = DRAIN_IDLE_S) -> None:
        self._listener = listener
        self._parent_fd = parent_fd
        self._drain_idle_s = drain_idle_s
        self._draining = False
        self._children: Dict[int, Child] = {}
        self._channels: Dict[int, Child] = {}
        self._idle: Dict[str, List[Child]] = {}
        self._clients: Dict[int, _Client] = {}
        self._to_fork: Set[str] = set()
        self._fork_at = 0.0
        self._last_busy = time.monotonic()
        self._stage: Optional[Stage] = None
        self._waiter = SignalWaiter()
        self._poller = select.poll()
        for descriptor in (listener.fileno(), parent_fd, self._waiter.read_end):
            self._poller.register(descriptor, select.POLLIN)
        listener.setblocking(False)

    def serve(self) -> Optional[Stage]:
        """Serve until drained, then return None; in every forked child, return what the child is to do."""
        while not self._is_done():
            for descriptor, _events in self._poller.poll(self._timeout_ms()):
                self._dispatch(descriptor)
                if self._stage is not None:
                    return self._stage
            if self._fork_ahead():
                return self._stage
            self._drop_slow_clients()
        return None

    def _fork_ahead(self) -> bool:
        """Fork a child for the next request, so that it need not wait for that; True in the child."""
        if not self._to_fork and time.monotonic() - self._last_busy >= IDLE_S:
            self._part_from_idle()
        while self._to_fork and time.monotonic() >= self._fork_at:
            entry = self._to_fork.pop()
            child = None if self._idle.get(entry) else self._fork(entry)
            if self._stage is not None:
                return True
            if child is not None:
                self._idle.setdefault(entry, []).append(child)
        return False

    def _is_done(self) -> bool:
        idle = len(self._children) == sum(map(len, self._idle.values())) and not self._clients
        if not idle:
            self._last_busy = time.monotonic()
        return self._draining and idle and time.monotonic() - self._last_busy >= self._drain_idle_s

    def _timeout_ms(self) -> Optional[int]:
        deadlines = [client.deadline for client in self._clients.values()]
        if self._draining and not self._children:
            deadlines.append(self._last_busy + self._drain_idle_s)
        if self._to_fork:
            deadlines.append(self._fork_at)
        elif any(self._idle.values()):
            deadlines.append(self._last_busy + IDLE_S)
        return None if not deadlines else max(0, int((min(deadlines) - time.monotonic()) * 1000) + 1)

    def _dispatch(self, descriptor: int) -> None:
        if descriptor == self._waiter.read_end:
            self._waiter.drain()
            self._reap()
        elif descriptor == self._parent_fd:
            self._poller.unregister(descriptor)
            self._draining = True
            self._part_from_idle()
        elif descriptor == self._listener.fileno():
            self._accept()
        elif descriptor in self._clients:
            self._read(self._clients[descriptor])
        elif descriptor in self._channels:
            self._hear(self._channels[descriptor])

    def _reap(self) -> None:
        while True:
            try:
                pid, status = os.waitpid(-1, os.WNOHANG)
            except ChildProcessError:
                return
            if pid == 0:
                return
            child = self._children.pop(pid, None)
            if child is not None:
                self._part_from(child)
            if status:
                note(f"{child.entry if child else 'orphan'} {pid} ended with wait status {status}")

    def _accept(self) -> None:
        while len(self._clients) < CLIENTS_MAX:
            try:
                connection, _address = self._listener.accept()
            except (BlockingIOError, ConnectionAbortedError):
                return
            except OSError as error:
                # Out of descriptors: the client waits in the backlog until one is free.
                note(f"cannot accept: {error}")
                return
            if not _is_own_user(connection):
                connection.close()
                continue
            connection.setblocking(False)
            self._clients[connection.fileno()] = _Client(connection)
            self._poller.register(connection.fileno(), select.POLLIN)
            # Nearly always the request is there already: one turn of the loop less.
            self._read(self._clients[connection.fileno()])
            if self._stage is not None:
                return

    def _read(self, client: _Client) -> None:
        try:
            chunk = client.connection.recv(1 << 16)
        except BlockingIOError:
            return
        except OSError:
            chunk = b""
        client.buffer += chunk
        if b"\n" in chunk:
            self._forget(client)
            self._answer(client.connection, bytes(client.buffer))
        elif not chunk or len(client.buffer) > REQUEST_BYTES_MAX:
            self._forget(client)
            client.connection.close()

    def _forget(self, client: _Client) -> None:
        descriptor = client.connection.fileno()
        self._poller.unregister(descriptor)
        del self._clients[descriptor]

    def _drop_slow_clients(self) -> None:
        now = time.monotonic()
        for client in [client for client in self._clients.values() if client.deadline <= now]:
            self._forget(client)
            client.connection.close()

    def _answer(self, connection: socket.socket, line: bytes) -> None:
        """Do what a request asks; the connection is closed here, and lives on in the child."""
        try:
            request = json.loads(line)
            operation = request["op"]
            if operation == "ping":
                _try_send(connection, {"ok": True, "pid": os.getpid(), "children": len(self._children)})
            elif operation == "fork":
                self._serve(connection, str(request["entry"]), line)
            else:
                _try_send(connection, {"error": f"unknown operation {operation!r}"})
        except (ValueError, KeyError, TypeError) as error:
            _try_send(connection, {"error": f"not a request: {error!r}"})
        if self._stage is None:
            connection.close()

    def _serve(self, connection: socket.socket, entry: str, line: bytes) -> None:
        """Hand a request to an idle child of its entry, else to a new one."""
        if entry not in ENTRIES or (entry in KEPT and ENTRIES[entry] not in sys.modules):
            _try_send(connection, {"error": f"this fork server has no entry {entry!r}"})
            return
        idle = self._idle.get(entry, [])
        while idle:
            child = idle.pop()
            if child.hand_over(connection, line):
                return
            self._part_from(child)
        forked = self._fork(entry)
        if forked is None:
            if self._stage is None:
                _try_send(connection, {"error": "cannot fork: no memory or too many processes"})
        elif not forked.hand_over(connection, line):
            self._part_from(forked)
            _try_send(connection, {"error": f"the request has {len(line)} bytes, more than can be passed on"})
        elif entry in KEPT and not self._draining:
            self._to_fork.add(entry)
            self._fork_at = time.monotonic() + FORK_AHEAD_DELAY_S

    def _fork(self, entry: str) -> Optional[Child]:
        """Fork a child that waits for requests; None if that failed, or in the child, whose stage is then set."""
        ours, theirs = socket.socketpair()
        try:
            pid = durable.fork(point="forkserver.fork")
        except OSError as error:
            note(f"cannot fork: {error.strerror}")
            ours.close()
            theirs.close()
            return None
        if pid == 0:
            ours.close()
            self._leave()
            self._stage = functools.partial(begin, ENTRIES[entry], theirs)
            return None
        theirs.close()
        child = self._children[pid] = Child(pid, entry, ours)
        self._channels[ours.fileno()] = child
        self._poller.register(ours.fileno(), select.POLLIN)
        return child

    def _hear(self, child: Child) -> None:
        """A child says that it is idle, or has closed its channel."""
        if child.is_idle():
            idle = self._idle.setdefault(child.entry, [])
            if not self._draining and len(idle) < IDLE_MAX:
                idle.append(child)
                return
        self._part_from(child)

    def _part_from(self, child: Child) -> None:
        """Close a child's channel: it ends when it has done what it is doing."""
        if self._channels.pop(child.channel.fileno(), None) is not None:
            self._poller.unregister(child.channel.fileno())
            child.channel.close()
        if child in self._idle.get(child.entry, []):
            self._idle[child.entry].remove(child)

    def _part_from_idle(self) -> None:
        for child in [child for idle in self._idle.values() for child in idle]:
            self._part_from(child)
        self._to_fork.clear()

    def _leave(self) -> None:
        """In a child: let go of all that belongs to the server."""
        drop_caught_signals()
        self._waiter.close()
        self._listener.close()
        os.close(self._parent_fd)
        for client in self._clients.values():
            client.connection.close()
        for child in self._channels.values():
            child.channel.close()
        self._clients.clear()
        self._channels.clear()
        self._children.clear()
        self._idle.clear()


def _try_send(connection: socket.socket, message: Dict[str, Any]) -> None:
    """Send a short answer without ever waiting for the client."""
    try:
        connection.send(encode_line(message))
    except OSError as error:
        note(f"a client did not take its answer: {error}")


def _is_own_user(connection: socket.socket) -> bool:
    """Return whether the peer runs as this user; elsewhere than on Linux the private folder says so."""
    if not hasattr(socket, "SO_PEERCRED"):
        return True
    credentials = connection.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, struct.calcsize("3i"))
    _pid, uid, _gid = struct.unpack("3i", credentials)
    return bool(uid == os.getuid())


def _preload(names: List[str]) -> None:
    """Import modules by name, and let them prepare what every child would do for the first time.

    One that cannot be imported is left to whoever needs it.
    """
    for name in names:
        try:
            importlib.import_module(name)
            getattr(sys.modules[name], "prepare", _nothing)()
        except Exception as error:  # noqa: BLE001 - an import runs any code; it fails again in the job
            note(f"{name} was not preloaded: {type(error).__name__}: {error}")
        if _threads() > 1:
            note(f"importing {name} started a thread, so nothing can be forked from here")
            os._exit(EXIT_NOT_SAFE)


def _nothing() -> None:
    """What a module without `prepare` has to prepare."""


def _threads() -> int:
    try:
        return len(os.listdir("/proc/self/task"))
    except FileNotFoundError:
        import threading

        return threading.active_count()


def main(argv: List[str], bare_modules: FrozenSet[str]) -> None:
    """Run a fork server; returns when it has drained.

    Args:
        argv: `--listen-fd N --parent-fd M --socket PATH [--preload MODULE]… [--drain-idle-s S]`.
        bare_modules: Names of the modules that the interpreter had imported before azud's.
    """
    parser = argparse.ArgumentParser(prog="azud.job.forkserver")
    parser.add_argument("--listen-fd", type=int, required=True)
    parser.add_argument("--parent-fd", type=int, required=True)
    parser.add_argument("--socket", required=True)
    parser.add_argument("--preload", action="append", default=[])
    parser.add_argument("--drain-idle-s", type=float, default=DRAIN_IDLE_S)
    options = parser.parse_args(argv)
    reset_signals()
    native.preload()
    _preload(options.preload)
    boot_id()
    script.remember_modules(bare_modules)
    children.own_server = options.socket
    # A collection in a child would copy every page that it touches: what is here is never looked at again, and
    # only a job, which may live long and make cycles, collects at all.
    gc.collect()
    gc.freeze()
    gc.disable()
    listener = socket.socket(fileno=options.listen_fd)
    stage = Server(listener, options.parent_fd, options.drain_idle_s).serve()
    if stage is not None:
        run_stages(stage)
    try:
        os.unlink(options.socket)
    except FileNotFoundError:
        return
