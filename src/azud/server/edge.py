"""The edge: what every request passes before any route, whichever router it belongs to.

On the Unix socket the private folder is the protection. On TCP a request needs the workspace's token, and
must name this machine as its host, so that a page in a browser cannot reach us under a name of its own (DNS
rebinding). Denied is the default: there are no exempt paths.
"""

from __future__ import annotations

import hmac
import json
import time
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
Asgi = Callable[[Scope, Receive, Send], Awaitable[None]]
_HOSTS = frozenset(("127.0.0.1", "localhost", "[::1]"))


class Activity:
    """Knows when the last request came and how many are being answered."""

    def __init__(self, app: Asgi) -> None:
        self._app = app
        self._open = 0
        self._last = time.monotonic()

    def idle_s(self) -> float:
        """Return the seconds since the last request ended; 0 while one is being answered."""
        return 0.0 if self._open else time.monotonic() - self._last

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
            return
        self._open += 1
        try:
            await self._app(scope, receive, send)
        finally:
            self._open -= 1
            self._last = time.monotonic()


class RequireToken:
    """Lets only requests through that carry the workspace's token and name this machine."""

    def __init__(self, app: Asgi, token: str) -> None:
        self._app = app
        self._expected = f"Bearer {token}".encode()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
            return
        headers: dict[bytes, bytes] = dict(scope.get("headers") or ())
        host = headers.get(b"host", b"").decode("latin-1").rsplit(":", 1)[0]
        if host not in _HOSTS:
            await _refuse(scope, send, 403, "permission_denied", f"this server does not answer for host {host!r}")
        elif not hmac.compare_digest(headers.get(b"authorization", b""), self._expected):
            await _refuse(scope, send, 401, "authentication", "the request carries no valid token")
        else:
            await self._app(scope, receive, send)


async def _refuse(scope: Scope, send: Send, status: int, code: str, detail: str) -> None:
    if scope["type"] == "websocket":
        await send({"type": "websocket.close", "code": 1008})
        return
    hint = "send 'Authorization: Bearer <token>'; the token lies in .azud/token"
    body = json.dumps(
        {"type": "about:blank", "title": "Refused", "status": status, "detail": detail, "code": code, "hint": hint}
    )
    headers = [(b"content-type", b"application/problem+json"), (b"www-authenticate", b"Bearer")]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body.encode()})
