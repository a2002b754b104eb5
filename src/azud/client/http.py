"""HTTP/1.1 over one socket: just enough to speak with a workspace server.

`http.client` would do, but it imports `ssl` and `email`, which cost a user's program 20 ms before its first
line. Supported: persistent connections, `Content-Length` and chunked bodies, bodies sent from memory or
from a file. Not supported, because the server never uses them: redirects, compression, trailers, upgrades.

Source: RFC 9112.
"""

from __future__ import annotations

import os
from typing import IO, TYPE_CHECKING, Dict, Iterator, Optional, Union

from azud.core.errors import SettingsError

if TYPE_CHECKING:
    import socket

Body = Union[bytes, IO[bytes], None]

_MAX_LINE_BYTES = 65536
_CHUNK_BYTES = 1 << 18


class ConnectionLost(OSError):
    """The peer closed or broke the connection."""


class Response:
    """An answer whose body is read once, whole or in chunks."""

    def __init__(self, stream: IO[bytes], status: int, headers: Dict[str, str], *, bodiless: bool) -> None:
        """Take over the stream at the first byte of the body."""
        self.status = status
        self.headers = headers
        self._stream = stream
        self._chunked = "chunked" in headers.get("transfer-encoding", "").lower()
        length = headers.get("content-length")
        self._left: Optional[int] = 0 if bodiless else (int(length) if length is not None else None)
        if bodiless:
            self._chunked = False
        self.finished = bodiless or (self._left == 0 and not self._chunked)

    @property
    def keeps_alive(self) -> bool:
        """Whether the connection can carry another request once this body is read."""
        framed = self._chunked or self._left is not None
        return framed and self.headers.get("connection", "").lower() != "close"

    def read(self) -> bytes:
        """Return the rest of the body.

        Raises:
            ConnectionLost: The peer closed the connection before the body was complete.
        """
        return b"".join(self.chunks())

    def chunks(self) -> Iterator[bytes]:
        """Yield the body as it comes, in pieces of at most 256 KiB.

        Raises:
            ConnectionLost: The peer closed the connection before the body was complete.
        """
        if not self.finished:
            yield from self._chunked_body() if self._chunked else self._plain_body()
            self.finished = True

    def _plain_body(self) -> Iterator[bytes]:
        while self._left is None or self._left > 0:
            data = self._stream.read(_CHUNK_BYTES if self._left is None else min(self._left, _CHUNK_BYTES))
            if not data:
                if self._left is None:
                    return
                raise ConnectionLost("the server closed the connection inside an answer")
            if self._left is not None:
                self._left -= len(data)
            yield data

    def _chunked_body(self) -> Iterator[bytes]:
        while True:
            size = int(_read_line(self._stream).partition(b";")[0], 16)
            left = size
            while left > 0:
                data = self._stream.read(min(left, _CHUNK_BYTES))
                if not data:
                    raise ConnectionLost("the server closed the connection inside an answer")
                left -= len(data)
                yield data
            line = _read_line(self._stream)
            if size == 0:
                while line:
                    line = _read_line(self._stream)
                return


class Connection:
    """One persistent connection. Not for use by two threads at a time."""

    def __init__(self, address: str, *, timeout_s: float) -> None:
        """Connect to `unix:/path` or `http://host:port`.

        Raises:
            OSError: Nobody listens there.
            SettingsError: The address has another form.
        """
        self.pid = os.getpid()
        self._host, self._socket = _connect(address, timeout_s)
        self._stream: IO[bytes] = self._socket.makefile("rb")
        self._response: Optional[Response] = None
        self._is_waiting = False

    def close(self) -> None:
        """Close the connection; an answer that was not read is lost."""
        self._stream.close()
        self._socket.close()

    def __del__(self) -> None:
        """Close what a finished thread, or the interpreter's end, leaves behind."""
        stream, link = getattr(self, "_stream", None), getattr(self, "_socket", None)
        if stream is not None:
            stream.close()
        if link is not None:
            link.close()

    def is_reusable(self) -> bool:
        """Return whether another request may be sent: last answer read, peer still there, no fork between.

        A call that Ctrl-C ended leaves an answer on its way, which would be taken for that of the next call.
        """
        if self.pid != os.getpid() or self._is_waiting:
            return False
        if self._response is not None and not (self._response.finished and self._response.keeps_alive):
            return False
        import select  # with the socket module, not before

        poller = select.poll()
        poller.register(self._socket, select.POLLIN)
        # Between answers nothing may come but the end of the connection.
        return not poller.poll(0)

    def send(self, method: str, target: str, headers: Dict[str, str], body: Body, length: int) -> None:
        """Send a request: `length` bytes of `body`.

        Raises:
            OSError: The connection broke. The peer may have received all, some or none of it.
        """
        self._is_waiting = True
        lines = [f"{method} {target} HTTP/1.1", f"Host: {self._host}", f"Content-Length: {length}"]
        lines.extend(f"{name}: {value}" for name, value in headers.items())
        head = "\r\n".join(lines).encode("latin-1") + b"\r\n\r\n"
        if body is None or isinstance(body, bytes):
            self._socket.sendall(head + (body or b""))
            return
        self._socket.sendall(head)
        left = length
        while left > 0:
            data = body.read(min(left, _CHUNK_BYTES))
            if not data:
                raise OSError(f"a file became shorter while it was sent: {left} bytes are missing")
            self._socket.sendall(data)
            left -= len(data)

    def receive(self, method: str, timeout_s: float) -> Response:
        """Wait up to `timeout_s` for the answer to the request sent last.

        Raises:
            ConnectionLost: The peer closed the connection before answering.
            OSError: The answer did not come in time (`TimeoutError`).
            ValueError: What came is not HTTP.
        """
        self._socket.settimeout(timeout_s)
        while True:
            status_line = _read_line(self._stream)
            version, _, rest = status_line.partition(b" ")
            if not version.startswith(b"HTTP/1."):
                raise ValueError(f"the peer does not speak HTTP: {status_line[:40]!r}")
            status = int(rest[:3])
            headers = _read_headers(self._stream)
            if status >= 200:
                break
        bodiless = method == "HEAD" or status in (204, 304)
        self._response = Response(self._stream, status, headers, bodiless=bodiless)
        self._is_waiting = False
        return self._response


def _connect(address: str, timeout_s: float) -> "tuple[str, socket.socket]":
    import socket  # 7 ms that programs which never call the server do not pay

    if address.startswith("unix:"):
        link = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        target: Union[str, "tuple[str, int]"] = address[len("unix:") :]
        host = "azud.localhost"
    elif address.startswith("http://"):
        name, _, port = address[len("http://") :].rstrip("/").rpartition(":")
        if not name or not port.isdigit():
            raise SettingsError(f"server address {address!r} names no port", hint="write http://HOST:PORT")
        family = socket.AF_INET6 if name.startswith("[") else socket.AF_INET
        link = socket.socket(family, socket.SOCK_STREAM)
        link.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        target, host = (name.strip("[]"), int(port)), f"{name}:{port}"
    else:
        raise SettingsError(
            f"server address {address!r} is not understood", hint="write unix:/PATH or http://HOST:PORT"
        )
    link.settimeout(timeout_s)
    try:
        link.connect(target)
    except BaseException:
        link.close()
        raise
    return host, link


def _read_line(stream: IO[bytes]) -> bytes:
    try:
        line = stream.readline(_MAX_LINE_BYTES + 1)
    except ConnectionError as error:
        raise ConnectionLost(f"the connection broke: {error}") from error
    if not line.endswith(b"\n"):
        if len(line) > _MAX_LINE_BYTES:
            raise OSError("the server sent a header line longer than 64 KiB")
        raise ConnectionLost("the server closed the connection")
    return line.rstrip(b"\r\n")


def _read_headers(stream: IO[bytes]) -> Dict[str, str]:
    headers: Dict[str, str] = {}
    while True:
        line = _read_line(stream)
        if not line:
            return headers
        name, _, value = line.decode("latin-1").partition(":")
        headers[name.strip().lower()] = value.strip()
