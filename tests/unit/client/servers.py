"""Small servers that say exactly what a test wants them to say."""

from __future__ import annotations

import contextlib
import socket
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

Handler = Callable[[socket.socket, int], None]


def read_request(link: socket.socket) -> bytes:
    """Return one request, head and body; b"" when the peer has gone."""
    data = b""
    while b"\r\n\r\n" not in data:
        piece = link.recv(65536)
        if not piece:
            return b""
        data += piece
    head, _, body = data.partition(b"\r\n\r\n")
    length = next(
        int(line.split(b":")[1]) for line in head.split(b"\r\n") if line.lower().startswith(b"content-length")
    )
    while len(body) < length:
        body += link.recv(65536)
    return head + b"\r\n\r\n" + body


def answer(link: socket.socket, body: bytes = b"{}", status: str = "200 OK", headers: str = "") -> None:
    """Send an answer with its length."""
    head = f"HTTP/1.1 {status}\r\nContent-Length: {len(body)}\r\n{headers}\r\n"
    link.sendall(head.encode() + body)


@contextlib.contextmanager
def serving(path: Path, handle: Handler) -> Iterator[str]:
    """Serve on a Unix socket, one thread; `handle(connection, how many came before)`; yields the address."""
    listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    listener.bind(str(path))
    listener.listen()
    listener.settimeout(10)
    stop = threading.Event()

    def loop() -> None:
        count = 0
        while not stop.is_set():
            try:
                link, _ = listener.accept()
            except OSError:
                return
            if stop.is_set():
                link.close()
                return
            with link, contextlib.suppress(ConnectionError):
                handle(link, count)
            count += 1

    thread = threading.Thread(target=loop)
    thread.start()
    try:
        yield f"unix:{path}"
    finally:
        stop.set()
        with contextlib.suppress(OSError), socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as wake:
            wake.connect(str(path))
        listener.close()
        thread.join(10)
