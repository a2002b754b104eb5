"""Answers to what may take long: the server tells how far it is while the caller waits."""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
import threading
from collections.abc import AsyncIterator, Callable
from typing import Any

from fastapi import Response
from fastapi.responses import StreamingResponse

from azud.core.errors import AzudError, InvariantViolation
from azud.model.codec import to_json
from azud.server.replies import SAFE_HEADERS
from azud.services.file_ports import Progress, Report

_log = logging.getLogger(__name__)
_TELL_EVERY_S = 0.5


def told(work: Callable[[Report], dict[str, Any]]) -> Response:
    """Answer with JSON lines: `{"progress": …}` now and then, and at the end `{"result": …}` or `{"problem": …}`."""
    latest: list[Progress] = []

    def go(put: Callable[[dict[str, Any] | None], None]) -> None:
        try:
            put({"result": work(lambda progress: latest.__setitem__(slice(None), [progress]))})
        except AzudError as error:
            put({"problem": error.to_problem()})
        except Exception as error:  # noqa: BLE001 - told to whoever asked, who waits for it
            _log.exception("what was asked for failed")
            put({"problem": InvariantViolation(f"the server failed: {error!r}").to_problem()})
        finally:
            put(None)

    async def body() -> AsyncIterator[bytes]:
        # Waits in the event loop: many that wait at the same time must not take the threads of all other requests.
        loop, lines = asyncio.get_running_loop(), asyncio.Queue[dict[str, Any] | None]()

        def put(line: dict[str, Any] | None) -> None:
            with contextlib.suppress(RuntimeError):  # the server is ending, and nobody waits any more
                loop.call_soon_threadsafe(lines.put_nowait, line)

        threading.Thread(target=go, args=(put,), name="transfer-request", daemon=True).start()
        while True:
            try:
                line = await asyncio.wait_for(lines.get(), _TELL_EVERY_S)
            except TimeoutError:
                line = {"progress": to_json(latest[0]) if latest else {}}
            if line is None:
                return
            yield json.dumps(line, ensure_ascii=False).encode("utf-8", "surrogatepass") + b"\n"

    return StreamingResponse(body(), media_type="application/x-ndjson", headers=SAFE_HEADERS)
