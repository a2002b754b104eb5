"""Experiments."""

from __future__ import annotations

from fastapi import APIRouter, Request, Response
from starlette.concurrency import run_in_threadpool

from azud.server.replies import json_body, listing, reply
from azud.services.experiments import ExperimentService


def experiment_router(service: ExperimentService) -> APIRouter:
    """Return the routes of experiments."""
    router = APIRouter(prefix="/experiments", tags=["experiments"])

    @router.get("", summary="All experiments")
    def experiments() -> Response:
        return listing(service.experiments())

    @router.post("", summary="Make an experiment, or return the one of this name")
    async def make(request: Request) -> Response:
        body = await json_body(request)
        return reply(await run_in_threadpool(service.ensure, str(body.get("name") or "")))

    @router.get("/{name}", summary="One experiment")
    def experiment(name: str) -> Response:
        return reply(service.experiment(name))

    @router.patch("/{name}", summary="Set and remove tags, archive it or take it back")
    async def change(name: str, request: Request) -> Response:
        body = await json_body(request)
        return reply(await run_in_threadpool(service.change, name, body))

    @router.delete("/{name}", status_code=204, summary="Remove an experiment that has no runs")
    def delete(name: str) -> Response:
        service.delete(name)
        return Response(status_code=204)

    return router
