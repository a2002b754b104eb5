"""Past steps: run again and compared, and made ready to be run elsewhere."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Request, Response
from starlette.concurrency import run_in_threadpool

from azud.core.errors import UserError
from azud.server.replies import json_body, listing, reply
from azud.services.reexecuting import ReexecutionService
from azud.services.replaying import ReplayService

LONGEST_WAIT_S = 30.0


def past_router(reexecution: ReexecutionService, replay: ReplayService) -> APIRouter:
    """Return the routes of past steps."""
    router = APIRouter(tags=["runs"])

    @router.post("/runs/{run_id}/verifications", status_code=201, summary="Run finished steps again, to be compared")
    async def start(run_id: str, request: Request) -> Response:
        body = await json_body(request)
        steps, everything = _steps(body), body.get("all", False)
        if not isinstance(everything, bool):
            raise UserError(f"body.all is {everything!r}", hint="say true or false")
        key = request.headers.get("idempotency-key")
        by = str(body.get("submitted_by") or "")
        begun = await run_in_threadpool(
            lambda: reexecution.start(run_id, steps, everything=everything, submitted_by=by, key=key)
        )
        return reply(begun, 201)

    @router.get("/runs/{run_id}/verifications", summary="What came of running its steps again; waits for a comparison")
    def verifications(run_id: str, wait_s: float = 0.0) -> Response:
        return listing(reexecution.verifications(run_id, min(max(wait_s, 0.0), LONGEST_WAIT_S)))

    @router.get("/runs/{run_id}/replay", summary="All that a step needs to be run elsewhere")
    def plan(run_id: str) -> Response:
        return reply(replay.plan(run_id))

    return router


def _steps(body: dict[str, Any]) -> list[str] | None:
    steps = body.get("steps")
    if steps is not None and not (isinstance(steps, list) and all(isinstance(item, str) for item in steps)):
        raise UserError("body.steps is not a list of texts", hint="name steps, or leave it out for all of them")
    return steps
