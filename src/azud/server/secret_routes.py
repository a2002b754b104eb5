"""Secrets: a value is in the body of a request or answer, never in an address, and answers are not to be kept."""

from __future__ import annotations

from fastapi import APIRouter, Request, Response
from starlette.concurrency import run_in_threadpool

from azud.model.codec import to_json
from azud.server.replies import json_body, listing, reply
from azud.services.secrets import SecretService

_NOT_KEPT = {"Cache-Control": "no-store"}


def secret_router(service: SecretService) -> APIRouter:
    """Return the routes of secrets."""
    router = APIRouter(prefix="/secrets", tags=["secrets"])

    @router.get("", summary="The names of all secrets, without their values")
    def secrets() -> Response:
        return listing(service.secrets())

    @router.get("/{name}", summary="A secret with its value")
    def secret(name: str) -> Response:
        facts, value = service.secret(name)
        answer = reply({**to_json(facts), "value": value})
        answer.headers.update(_NOT_KEPT)
        return answer

    @router.put("/{name}", status_code=204, summary="Keep a secret in the place of an earlier one")
    async def put(name: str, request: Request) -> Response:
        body = await json_body(request)
        await run_in_threadpool(service.put, name, body.get("value"), str(body.get("content_type") or ""))
        return Response(status_code=204)

    @router.delete("/{name}", status_code=204, summary="Forget a secret")
    def delete(name: str) -> Response:
        service.delete(name)
        return Response(status_code=204)

    return router
