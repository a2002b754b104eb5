"""One JSON object a line over a socket: how servers, runners and monitors talk."""

from __future__ import annotations

import json
import socket
from typing import Any, Dict, Optional

REQUEST_BYTES_MAX = 16 << 20


def encode_line(message: Dict[str, Any]) -> bytes:
    """Return a message as one line of ASCII JSON."""
    return json.dumps(message, separators=(",", ":")).encode("ascii") + b"\n"


def send_line(connection: socket.socket, message: Dict[str, Any]) -> bool:
    """Send a message; returns False if nobody listens any more, which is no error here.

    What has to survive a dead listener is in the attempt folder; the line only wakes it.
    """
    try:
        connection.sendall(encode_line(message))
    except OSError:
        return False
    return True


class LineReader:
    """Reads messages from a blocking socket; as a context manager, closes it.

    Args:
        connection: Its timeout, if it has one, counts for every read.
    """

    def __init__(self, connection: socket.socket) -> None:
        self._connection = connection
        self._buffer = b""

    def __enter__(self) -> LineReader:
        return self

    def __exit__(self, *_error: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the connection."""
        self._connection.close()

    def read(self) -> Optional[Dict[str, Any]]:
        """Return the next message, or None when the other side is gone.

        Raises:
            TimeoutError: The socket's timeout passed (`socket.timeout` before Python 3.10).
            ValueError: The line is not a JSON object.
        """
        while b"\n" not in self._buffer:
            try:
                chunk = self._connection.recv(65536)
            except (ConnectionResetError, BrokenPipeError):
                return None
            if not chunk:
                return None
            self._buffer += chunk
        line, _, self._buffer = self._buffer.partition(b"\n")
        message = json.loads(line)
        if not isinstance(message, dict):
            raise ValueError("a message is a JSON object")
        return message
