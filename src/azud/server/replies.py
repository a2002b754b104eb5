"""Answers and errors in their one form, and bodies read with care."""

from __future__ import annotations

import json
import logging
import tempfile
from collections.abc import Callable, Iterator
from typing import IO, Any

from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException

from azud.core.errors import AzudError, LeaseLost, UserError
from azud.model.codec import to_json

_log = logging.getLogger(__name__)
_IN_MEMORY_BYTES = 8 << 20
_CHUNK_BYTES = 1 << 20
JSON_LIMIT_BYTES = 256 << 20
SAFE_HEADERS = {"X-Content-Type-Options": "nosniff", "Content-Security-Policy": "sandbox; default-src 'none'"}
"""For bytes of users': a browser that is led to them must not run them."""


def reply(value: Any, status: int = 200) -> Response:
    """Answer with a model value as JSON."""
    body = json.dumps(to_json(value), ensure_ascii=False, separators=(",", ":")).encode("utf-8", "surrogatepass")
    return Response(body, status, media_type="application/json")


def listing(values: Any, cursor: str | None = None) -> Response:
    """Answer with a list in its envelope."""
    return reply({"value": list(values), "next": cursor})


def problem(error: AzudError) -> Response:
    """Answer with an error as problem+json."""
    return Response(
        json.dumps(error.to_problem(), ensure_ascii=False).encode(),
        error.http_status,
        media_type="application/problem+json",
    )


async def json_body(request: Request) -> dict[str, Any]:
    """Return the body, which must be a JSON object.

    Raises:
        UserError: It is something else, or larger than any we accept.
    """
    length = request.headers.get("content-length")
    if length is not None and length.isdigit() and int(length) > JSON_LIMIT_BYTES:
        raise UserError("the request is too large", hint=f"at most {JSON_LIMIT_BYTES} bytes")
    try:
        body = json.loads(await request.body() or b"{}")
    except ValueError as error:
        raise UserError(f"the request's body is not JSON: {error}", hint="send one JSON object") from error
    if not isinstance(body, dict):
        raise UserError("the request's body is not a JSON object", hint="send one JSON object")
    return body


async def spooled_body(request: Request) -> IO[bytes]:
    """Return the body as a file, kept in memory while it is small; the caller closes it."""
    spool: IO[bytes] = tempfile.SpooledTemporaryFile(max_size=_IN_MEMORY_BYTES)  # noqa: SIM115 - the caller closes it
    async for chunk in request.stream():
        spool.write(chunk)
    spool.seek(0)
    return spool


def chunks_of(stream: IO[bytes]) -> Iterator[bytes]:
    """Yield a file's bytes in chunks."""
    while chunk := stream.read(_CHUNK_BYTES):
        yield chunk


def install_error_handlers(app: FastAPI, on_lease_lost: Callable[[], object]) -> None:
    """Make every error of every route an answer in problem+json.

    Args:
        app: The application.
        on_lease_lost: Called when a request meets that another server has taken over: this one must end.
    """

    @app.exception_handler(AzudError)
    async def known(_request: Request, error: AzudError) -> Response:
        if error.http_status >= 500:
            _log.error("%s", error, exc_info=error)
        if isinstance(error, LeaseLost):
            on_lease_lost()
        return problem(error)

    @app.exception_handler(HTTPException)
    async def routed(request: Request, error: HTTPException) -> Response:
        wrapped = UserError(f"{request.method} {request.url.path}: {error.detail}", hint="see /openapi.json")
        wrapped.http_status = error.status_code
        wrapped.code = "not_found" if error.status_code == 404 else "user"
        return problem(wrapped)

    @app.exception_handler(RequestValidationError)
    async def invalid(_request: Request, error: RequestValidationError) -> Response:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"])
        wrapped = UserError(f"{where}: {first['msg']}", hint="see /openapi.json")
        wrapped.http_status = 422
        return problem(wrapped)

    @app.exception_handler(Exception)
    async def unexpected(request: Request, error: Exception) -> Response:
        _log.error("%s %s failed", request.method, request.url.path, exc_info=error)
        return problem(
            AzudError(f"the server failed: {type(error).__name__}", hint="see server.log; please report this")
        )
