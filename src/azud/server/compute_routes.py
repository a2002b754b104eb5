"""Compute targets."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Request, Response
from starlette.concurrency import run_in_threadpool

from azud.model.codec import to_json
from azud.model.compute import ComputeStatus, ComputeTargetRecord
from azud.server.replies import json_body, listing, reply
from azud.services.compute_targets import ComputeService


def compute_router(service: ComputeService) -> APIRouter:
    """Return the routes of compute targets."""
    router = APIRouter(prefix="/compute", tags=["compute"])

    @router.get("", summary="All compute targets with their nodes")
    def targets() -> Response:
        return listing(_with_status(item) for item in service.targets())

    @router.get("/{name}", summary="One compute target")
    def target(name: str) -> Response:
        return reply(_with_status(service.target(name)))

    @router.put("/{name}", summary="Create or change a compute target")
    async def put(name: str, request: Request) -> Response:
        body = await json_body(request)
        return reply(_with_status(await run_in_threadpool(service.put, name, body)))

    @router.delete("/{name}", status_code=204, summary="Forget a compute target")
    def delete(name: str) -> Response:
        service.delete(name)
        return Response(status_code=204)

    return router


def _with_status(item: tuple[ComputeTargetRecord, ComputeStatus]) -> dict[str, Any]:
    record, status = item
    return {**to_json(record), "status": to_json(status)}
