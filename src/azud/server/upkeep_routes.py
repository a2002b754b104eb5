"""Collecting what is not kept, and verifying what is."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Request, Response
from starlette.concurrency import run_in_threadpool

from azud.core.errors import UserError
from azud.server.replies import json_body, reply
from azud.services.collecting import CollectionService
from azud.services.verifying import VerificationService

LONGEST_WAIT_S = 30.0


def upkeep_router(collection: CollectionService, verification: VerificationService) -> APIRouter:
    """Return the routes of upkeep."""
    router = APIRouter(tags=["upkeep"])
    _collect(router, collection)
    _verify(router, verification)
    return router


def _collect(router: APIRouter, collection: CollectionService) -> None:
    @router.post("/gc", summary="Say what garbage collection would remove (dry_run), or begin it")
    async def collect(request: Request) -> Response:
        body = await json_body(request)
        listed = _flag(body, "list", default=False)
        if _flag(body, "dry_run", default=True):
            return reply(await run_in_threadpool(lambda: collection.preview(listed=listed)))
        collection.start(listed=listed)
        return reply(collection.task.status(), 202)

    @router.get("/gc", summary="How the last garbage collection stands; waits for its end")
    def collection_status(wait_s: float = 0.0) -> Response:
        return reply(collection.task.status(_bounded(wait_s)))


def _verify(router: APIRouter, verification: VerificationService) -> None:
    @router.post("/verification", status_code=202, summary="Begin to compare what is stored with what was")
    async def verify(request: Request) -> Response:
        body = await json_body(request)
        storage, repair = _flag(body, "storage", default=False), _flag(body, "repair", default=False)
        verification.start(storage=storage, repair=repair)
        return reply(verification.task.status(), 202)

    @router.get("/verification", summary="How the last verification stands; waits for its end")
    def verification_status(wait_s: float = 0.0) -> Response:
        return reply(verification.task.status(_bounded(wait_s)))


def _bounded(wait_s: float) -> float:
    return min(max(wait_s, 0.0), LONGEST_WAIT_S)


def _flag(body: dict[str, Any], name: str, *, default: bool) -> bool:
    value = body.get(name, default)
    if not isinstance(value, bool):
        raise UserError(f"body.{name} is {value!r}", hint="say true or false")
    return value
