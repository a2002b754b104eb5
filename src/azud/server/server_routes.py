"""The workspace and its server."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable

from fastapi import APIRouter, Request, Response
from starlette.concurrency import run_in_threadpool

from azud import __version__
from azud.bootstrap.application import Application
from azud.server.replies import json_body, reply

_STOP_DELAY_S = 0.05


def server_router(
    application: Application, stop: Callable[[bool], None], addresses: dict[str, str | None]
) -> APIRouter:
    """Return the routes about the workspace as a whole."""
    router = APIRouter(tags=["server"])

    @router.get("/workspace", summary="The workspace")
    def workspace() -> Response:
        return reply(application.workspace())

    @router.patch("/workspace", summary="Change its friendly name, description and tags")
    async def change_workspace(request: Request) -> Response:
        await run_in_threadpool(application.facts.change, await json_body(request))
        return reply(application.workspace())

    @router.get("/server", summary="The server: version, process, load")
    def server() -> Response:
        busy, queued = application.scheduler.counts()
        return reply(
            {
                "version": __version__,
                "pid": os.getpid(),
                "started_at": application.started_at,
                "runs_active": application.orchestrator.active(),
                "rss_bytes": _rss_bytes(),
                "socket": addresses["socket"],
                "tcp": addresses["tcp"],
                "slots": {"cores": application.scheduler.capacity.cores, "busy": busy, "queued": queued},
            }
        )

    @router.post(
        "/server/stop",
        status_code=202,
        summary="End the server, with `drain` once no run is active; running jobs go on",
    )
    async def stop_server(request: Request) -> Response:
        drain = bool((await json_body(request)).get("drain"))
        # Later, so that this answer still gets out.
        threading.Timer(_STOP_DELAY_S, stop, [drain]).start()
        return reply({"stopping": True}, 202)

    return router


def _rss_bytes() -> int:
    with open("/proc/self/statm", encoding="ascii") as stream:
        return int(stream.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")
