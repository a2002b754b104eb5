"""Models."""

from __future__ import annotations

import json

from fastapi import APIRouter, Request, Response
from starlette.concurrency import run_in_threadpool

from azud.core.errors import UserError
from azud.model.codec import from_json
from azud.model.models import Label, ModelQuery
from azud.server.replies import json_body, listing, reply
from azud.services.models import ModelService


def model_router(service: ModelService) -> APIRouter:
    """Return the routes of models."""
    router = APIRouter(prefix="/models", tags=["models"])

    @router.get("", summary="The models that match, newest first")
    def models(
        name: str | None = None,
        run_id: str | None = None,
        framework: str | None = None,
        dataset_id: str | None = None,
        tags: str | None = None,
        properties: str | None = None,
        latest: bool = False,
        after: str | None = None,
    ) -> Response:
        wanted = {"tags": _labels("tags", tags), "properties": _labels("properties", properties)}
        query = ModelQuery(name, None, run_id, framework, dataset_id, **wanted, latest=latest)
        found, cursor = service.models(query, after)
        return listing(found, cursor)

    @router.post("", status_code=201, summary="Register the next version of a model")
    async def register(request: Request) -> Response:
        body, key = await json_body(request), request.headers.get("idempotency-key")
        return reply(await run_in_threadpool(service.register, body, key), 201)

    @router.get("/{name}", summary="A model; without a version the newest")
    def model(name: str, version: int | None = None) -> Response:
        return reply(service.model(name, version))

    @router.patch("/{name}/{version}", summary="Change tags and the description, add properties")
    async def change(name: str, version: int, request: Request) -> Response:
        body = await json_body(request)
        return reply(await run_in_threadpool(service.change, name, version, body))

    @router.delete("/{name}/{version}", status_code=204, summary="Forget a model")
    def delete(name: str, version: int) -> Response:
        service.delete(name, version)
        return Response(status_code=204)

    return router


def _labels(what: str, text: str | None) -> tuple[Label, ...]:
    """Read `[{"name", "value"}]`."""
    try:
        items = json.loads(text) if text else []
    except ValueError as error:
        raise UserError(f"{what} cannot be read: {error}", hint='send [{"name": …, "value": …}] as JSON') from error
    if not isinstance(items, list):
        raise UserError(f"{what} is no list", hint='send [{"name": …, "value": …}] as JSON')
    return tuple(from_json(Label, item, what) for item in items)
