"""Runs: submit, look, wait, change, cancel."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Sequence
from typing import Any

from fastapi import APIRouter, Request, Response
from fastapi.responses import StreamingResponse
from starlette.concurrency import run_in_threadpool

from azud.core.errors import UserError
from azud.model.codec import from_json, to_json
from azud.model.runs import MetricPoint, RunStatus
from azud.server.bus import EventBus
from azud.server.replies import json_body, listing, reply
from azud.services.interactive import InteractiveRunService
from azud.services.planning import PlanService
from azud.services.runs import METRICS_PAGE, RunService
from azud.services.submit import SubmitService

LONGEST_WAIT_S = 60.0
_KEEP_ALIVE_S = 15.0


def run_router(
    submit: SubmitService, plans: PlanService, runs: RunService, interactive: InteractiveRunService, bus: EventBus
) -> APIRouter:
    """Return the routes of runs, and of plans of runs to come."""
    router = APIRouter(tags=["runs"])

    @router.post("/plans", summary="What a pipeline would do if it were submitted; nothing of it is stored")
    async def plan(request: Request) -> Response:
        body = await json_body(request)
        return reply(await run_in_threadpool(plans.plan, body))

    _submit_and_read(router, submit, runs)
    _watch(router, runs, bus)
    _await_end(router, runs, bus)
    _change(router, runs)
    _interactive(router, interactive)
    _results(router, runs)
    return router


def _submit_and_read(router: APIRouter, submit: SubmitService, runs: RunService) -> None:
    @router.post("/runs", status_code=201, summary="Submit a pipeline")
    async def submit_run(request: Request) -> Response:
        body = await json_body(request)
        return reply(await run_in_threadpool(submit.submit, body, request.headers.get("idempotency-key")), 201)

    @router.get("/runs", summary="Runs, newest first")
    def list_runs(
        experiment: str | None = None,
        status: str | None = None,
        parent: str | None = None,
        limit: int = 50,
        after: str | None = None,
        type: str | None = None,
    ) -> Response:
        asked = {"experiment": experiment, "status": status, "type": type}
        found, cursor = runs.runs(**asked, parent=parent, limit=limit, after=after)
        return listing(found, cursor)

    @router.get("/runs/{run_id}", summary="One run or step run")
    def get_run(run_id: str) -> Response:
        return reply(runs.run(run_id))

    @router.get("/runs/{run_id}/definition", summary="What was submitted")
    def definition(run_id: str) -> Response:
        return reply(runs.definition(run_id))

    @router.get("/runs/{run_id}/steps", summary="The step runs in creation order")
    def steps(run_id: str) -> Response:
        return listing(runs.steps(run_id))

    @router.get("/runs/{run_id}/children", summary="What is below a run: steps, runs submitted under it, and others")
    def children(run_id: str, recursive: bool = False) -> Response:
        return listing(runs.children(run_id, recursive=recursive))


def _watch(router: APIRouter, runs: RunService, bus: EventBus) -> None:
    async def news(run_id: str, after: int, wait_s: float) -> tuple[Sequence[dict[str, Any]], str]:
        """Return the events after `after` and the run's status, waiting for the first one if there is none."""
        deadline = asyncio.get_running_loop().time() + wait_s
        while True:
            future = bus.listen(run_id)
            try:
                events, status = await run_in_threadpool(runs.events, run_id, after)
                left = deadline - asyncio.get_running_loop().time()
                if events or left <= 0 or bus.closed or status in RunStatus.TERMINAL:
                    return events, status
                await asyncio.wait([future], timeout=left)
            finally:
                bus.forget(run_id, future)

    async def stream(run_id: str, after: int) -> AsyncIterator[bytes]:
        status = ""
        while status not in RunStatus.TERMINAL and not bus.closed:
            events, status = await news(run_id, after, _KEEP_ALIVE_S)
            if not events:
                yield b": nothing new\n\n"
            for event in events:
                after = event["seq"]
                yield f"id: {after}\nevent: {event['type']}\ndata: {json.dumps(event)}\n\n".encode()

    @router.get("/runs/{run_id}/events", summary="Events after a sequence number; waits for news")
    async def events(request: Request, run_id: str, after: int = -1, wait_s: float = 0.0) -> Response:
        if "text/event-stream" in request.headers.get("accept", ""):
            await run_in_threadpool(runs.run, run_id)
            last = request.headers.get("last-event-id", "")
            start = int(last) if last.isdigit() else after
            return StreamingResponse(stream(run_id, start), media_type="text/event-stream")
        found, status = await news(run_id, after, min(max(wait_s, 0.0), LONGEST_WAIT_S))
        return reply({"events": found, "status": status, "terminal": status in RunStatus.TERMINAL})


def _await_end(router: APIRouter, runs: RunService, bus: EventBus) -> None:
    async def end(run_id: str, wait_s: float) -> str:
        """Return the status of a run or step run, waiting for its end."""
        deadline = asyncio.get_running_loop().time() + wait_s
        record = await run_in_threadpool(runs.run, run_id)
        watched = record.parent_id if record.is_step and record.parent_id else run_id
        while True:
            future = bus.listen(watched, for_end=not record.is_step)
            try:
                status = (await run_in_threadpool(runs.run, run_id)).status
                left = deadline - asyncio.get_running_loop().time()
                if left <= 0 or bus.closed or status in RunStatus.TERMINAL:
                    return status
                await asyncio.wait([future], timeout=left)
            finally:
                bus.forget(watched, future)

    @router.get("/runs/{run_id}/end", summary="The status of a run, waiting for its end: news in between wake nobody")
    async def wait_for_end(run_id: str, wait_s: float = 0.0) -> Response:
        status = await end(run_id, min(max(wait_s, 0.0), LONGEST_WAIT_S))
        return reply({"status": status, "terminal": status in RunStatus.TERMINAL})


def _change(router: APIRouter, runs: RunService) -> None:
    @router.post("/runs/{run_id}/cancel", summary="Ask for the end of a run or step run")
    def cancel(run_id: str) -> Response:
        return reply(runs.cancel(run_id))

    @router.patch("/runs/{run_id}", summary="Change tags, add properties, rename")
    async def patch(run_id: str, request: Request) -> Response:
        body = await json_body(request)
        return reply(await run_in_threadpool(runs.patch, run_id, body))


def _interactive(router: APIRouter, interactive: InteractiveRunService) -> None:
    @router.post("/interactive-runs", status_code=201, summary="Begin runs that the caller drives itself")
    async def begin(request: Request) -> Response:
        body, key = await json_body(request), request.headers.get("idempotency-key")
        return reply({"value": to_json(await run_in_threadpool(interactive.begin, body, key))}, 201)

    @router.post("/interactive-runs/{run_id}/status", summary="Start or end a run that the caller drives itself")
    async def change(run_id: str, request: Request) -> Response:
        body = await json_body(request)
        return reply(await run_in_threadpool(interactive.change, run_id, body))


def _results(router: APIRouter, runs: RunService) -> None:
    @router.get("/runs/{run_id}/metrics", summary="Metric points in logged order, page by page")
    def metrics(run_id: str, after: str | None = None, limit: int = METRICS_PAGE) -> Response:
        points, following = runs.metrics(run_id, after, limit)
        return reply({"points": points, "next": following})

    @router.post("/runs/{run_id}/metrics", status_code=204, summary="Append metric points")
    async def add_metrics(run_id: str, request: Request) -> Response:
        points = (await json_body(request)).get("points")
        if not isinstance(points, list):
            raise UserError("body.points is not a list")
        values = [from_json(MetricPoint, point, f"body.points[{index}]") for index, point in enumerate(points)]
        await run_in_threadpool(runs.add_metrics, run_id, values, request.headers.get("idempotency-key"))
        return Response(status_code=204)

    @router.get("/runs/{run_id}/outputs", summary="Sealed outputs of a step run, named outputs of a pipeline run")
    def outputs(run_id: str) -> Response:
        return listing(runs.outputs(run_id))

    @router.get("/runs/{run_id}/reuse", summary="Why a step ran or did not")
    def reuse(run_id: str) -> Response:
        decision = runs.decision(run_id)
        return reply({} if decision is None else to_json(decision))
