"""Sending bytes to something that takes long with them and may take them only once."""

from __future__ import annotations

import os
from typing import IO, TYPE_CHECKING, Any

from azud.client.transport import _Attempts, _last_line, _Request

if TYPE_CHECKING:
    from azud.client.transport import Client


def feed(client: Client, path: str, stream: IO[bytes]) -> Any:
    """POST a file's bytes from its present place on, and return the result that the lines of the answer end with.

    Raises:
        AzudError: The server refused or failed, nobody answered, or the connection broke: whether what was asked for
            took place is not known then, and it is not asked for again.
    """
    size_bytes = os.fstat(stream.fileno()).st_size - stream.tell()
    headers = {"Content-Type": "application/octet-stream"}
    request = _Request("POST", path, None, headers, stream, size_bytes, repeatable=False)
    attempt = _Attempts(client._retry_s)
    response = client._exchange(request, attempt)
    try:
        return _last_line(response, None)
    except (OSError, ValueError) as error:
        client.close()
        client._after_failure(error, sent=True, repeatable=False, attempt=attempt)
        raise
