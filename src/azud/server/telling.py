"""Answers to what may take long: the server tells how far it is while the caller waits."""

from __future__ import annotations

import json
import queue
import threading
from collections.abc import Callable, Iterator
from typing import Any

from fastapi import Response
from fastapi.responses import StreamingResponse

from azud.core.errors import AzudError, InvariantViolation
from azud.model.codec import to_json
from azud.server.replies import SAFE_HEADERS
from azud.services.file_ports import Progress, Report

_TELL_EVERY_S = 0.5


def told(work: Callable[[Report], dict[str, Any]]) -> Response:
    """Answer with JSON lines: `{"progress": …}` now and then, and at the end `{"result": …}` or `{"problem": …}`."""
    lines: queue.Queue[dict[str, Any] | None] = queue.Queue()
    latest: list[Progress] = []

    def go() -> None:
        try:
            lines.put({"result": work(lambda progress: latest.__setitem__(slice(None), [progress]))})
        except AzudError as error:
            lines.put({"problem": error.to_problem()})
        except Exception as error:  # noqa: BLE001 - told to whoever asked, who waits for it
            lines.put({"problem": InvariantViolation(f"the server failed: {error!r}").to_problem()})
        finally:
            lines.put(None)

    def body() -> Iterator[bytes]:
        threading.Thread(target=go, name="transfer-request", daemon=True).start()
        while True:
            try:
                line = lines.get(timeout=_TELL_EVERY_S)
            except queue.Empty:
                line = {"progress": to_json(latest[0]) if latest else {}}
            if line is None:
                return
            yield json.dumps(line, ensure_ascii=False).encode("utf-8", "surrogatepass") + b"\n"

    return StreamingResponse(body(), media_type="application/x-ndjson", headers=SAFE_HEADERS)
