"""A TCP proxy that misbehaves when it is told to: the double for faults of a network or a server."""

from __future__ import annotations

import contextlib
import socket
import struct
import threading
import time
from collections.abc import Callable, Iterator

import pytest
from tests.servers.launching import LOCALHOST

_CHUNK_BYTES = 65536


class CuttingProxy:
    """Forwards connections to one server, and cuts, refuses or delays them. Thread-safe.

    `host` and `port` are where it listens. What is told to it holds for connections that are open and for those to
    come, until `heal`.
    """

    def __init__(self, host: str, port: int) -> None:
        self.host = LOCALHOST
        self.connections = 0
        self.forwarded_bytes = 0
        self._target = (host, port)
        self._lock = threading.Lock()
        self._left: int | None = None
        self._refusing = False
        self._delay_s = 0.0
        self._open: set[socket.socket] = set()
        self._listener = socket.create_server((LOCALHOST, 0))
        self.port = int(self._listener.getsockname()[1])
        threading.Thread(target=self._accept, daemon=True).start()

    def cut_after(self, size: int) -> None:
        """Reset every connection once `size` further bytes (both ways, of all connections) have passed.

        Connections that come later are reset, too. `0` cuts those that are open at once.
        """
        with self._lock:
            self._left = size
        if size == 0:
            self._cut_open()

    def refuse(self) -> None:
        """Cut what is open and reset each further connection before it has carried a byte."""
        with self._lock:
            self._refusing = True
        self._cut_open()

    def delay(self, seconds: float) -> None:
        """Hold each chunk back for so long before it goes on."""
        with self._lock:
            self._delay_s = seconds

    def heal(self) -> None:
        """Forward everything again; connections that were cut stay so."""
        with self._lock:
            self._left, self._refusing, self._delay_s = None, False, 0.0

    def close(self) -> None:
        """Listen no more, and cut what is open."""
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self._cut_open()

    @property
    def open_connections(self) -> int:
        """How many ends of connections are open, the server's included."""
        with self._lock:
            return len(self._open)

    def _accept(self) -> None:
        while True:
            try:
                client = self._listener.accept()[0]
            except OSError:
                return
            with self._lock:
                self.connections += 1
                refused = self._refusing or self._left == 0
            if refused:
                _reset(client)
                continue
            try:
                server = socket.create_connection(self._target)
            except OSError:
                _reset(client)
                continue
            with self._lock:
                self._open |= {client, server}
            ended: list[socket.socket] = []
            for source, sink in ((client, server), (server, client)):
                threading.Thread(target=self._forward, args=(source, sink, ended), daemon=True).start()

    def _forward(self, source: socket.socket, sink: socket.socket, ended: list[socket.socket]) -> None:
        try:
            while chunk := source.recv(_CHUNK_BYTES):
                time.sleep(self._delay_s)
                allowed = self._take(len(chunk))
                sink.sendall(chunk[:allowed])
                if allowed < len(chunk):
                    self._cut_open()
            sink.shutdown(socket.SHUT_WR)
            ended.append(source)
            if len(ended) == 1:
                return  # the other direction goes on
        except OSError:
            pass
        self._drop(source)
        self._drop(sink)

    def _take(self, size: int) -> int:
        """Return how many of these bytes may pass."""
        with self._lock:
            allowed = size if self._left is None else min(size, self._left)
            if self._left is not None:
                self._left -= allowed
            self.forwarded_bytes += allowed
            return allowed

    def _cut_open(self) -> None:
        with self._lock:
            cut, self._open = self._open, set()
        for connection in cut:
            _reset(connection)

    def _drop(self, connection: socket.socket) -> None:
        with self._lock:
            self._open.discard(connection)
        _reset(connection)


def _reset(connection: socket.socket) -> None:
    """Close with a reset instead of an orderly end, as a broken network does."""
    with contextlib.suppress(OSError):
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        connection.shutdown(socket.SHUT_RDWR)
    connection.close()


@pytest.fixture
def cutting_proxy() -> Iterator[Callable[[str, int], CuttingProxy]]:
    """A maker of proxies before `(host, port)`; they are closed with the test."""
    made: list[CuttingProxy] = []

    def make(host: str, port: int) -> CuttingProxy:
        made.append(CuttingProxy(host, port))
        return made[-1]

    yield make
    for proxy in made:
        proxy.close()
