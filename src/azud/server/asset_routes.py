"""Datasets, environments, blobs, snapshots."""

from __future__ import annotations

from collections.abc import Iterator
from typing import IO

from fastapi import APIRouter, Request, Response
from fastapi.responses import StreamingResponse
from starlette.concurrency import run_in_threadpool

from azud.core.errors import UserError
from azud.server.replies import SAFE_HEADERS, chunks_of, json_body, listing, reply, spooled_body
from azud.services.assets import AssetService


def asset_router(assets: AssetService) -> APIRouter:
    """Return the routes of what a workspace holds beside runs."""
    router = APIRouter()
    _datasets(router, assets)
    _observations(router, assets)
    _environments(router, assets)
    _snapshots(router, assets)
    return router


def _datasets(router: APIRouter, assets: AssetService) -> None:
    @router.post("/datasets", tags=["datasets"], summary="Save a dataset definition")
    async def save_dataset(request: Request) -> Response:
        body = await json_body(request)
        return reply(await run_in_threadpool(assets.save_dataset, body))

    @router.get("/datasets", tags=["datasets"], summary="Registered versions, newest first")
    def dataset_versions(name: str | None = None) -> Response:
        return listing(assets.dataset_versions(name))

    @router.post("/datasets/registered", tags=["datasets"], status_code=201, summary="Register a dataset")
    async def register_dataset(request: Request) -> Response:
        body = await json_body(request)
        return reply(await run_in_threadpool(assets.register_dataset, body), 201)

    @router.get("/datasets/registered/{name}", tags=["datasets"], summary="A registered dataset")
    def registered_dataset(name: str, version: int | None = None) -> Response:
        return reply(assets.registered_dataset(name, version))

    @router.patch("/datasets/registered/{name}/{version}", tags=["datasets"], summary="Change description and tags")
    async def change_dataset(name: str, version: int, request: Request) -> Response:
        body = await json_body(request)
        return reply(await run_in_threadpool(assets.change_dataset, name, version, body))

    @router.delete("/datasets/registered/{name}", tags=["datasets"], status_code=204, summary="Forget all versions")
    def unregister_dataset(name: str) -> Response:
        assets.unregister_dataset(name)
        return Response(status_code=204)

    @router.get("/datasets/{dataset_id}", tags=["datasets"], summary="A saved dataset")
    def dataset(dataset_id: str) -> Response:
        return reply(assets.dataset(dataset_id))


def _observations(router: APIRouter, assets: AssetService) -> None:
    @router.post("/observations", tags=["datasets"], summary="Look at what a job is about to read undeclared")
    async def observe(request: Request) -> Response:
        body = await json_body(request)
        source = body.get("source")
        if not isinstance(source, dict):
            raise UserError("an observation needs a source", hint="see azud.engine.observed")
        return reply(await run_in_threadpool(assets.observe, source))


def _environments(router: APIRouter, assets: AssetService) -> None:
    @router.get("/environments", tags=["environments"], summary="The newest version of each environment")
    def environments() -> Response:
        return listing(assets.environments())

    @router.get("/environments/{name}", tags=["environments"], summary="A registered environment")
    def environment(name: str, version: str | None = None) -> Response:
        return reply(assets.environment(name, version))

    @router.put("/environments/{name}", tags=["environments"], summary="Register an environment")
    async def put_environment(name: str, request: Request) -> Response:
        body = await json_body(request)
        return reply(await run_in_threadpool(assets.put_environment, name, body))


def _snapshots(router: APIRouter, assets: AssetService) -> None:
    @router.post("/blobs/missing", tags=["snapshots"], summary="Which of these blobs have to be uploaded")
    async def missing_blobs(request: Request) -> Response:
        digests = (await json_body(request)).get("digests")
        if not isinstance(digests, list) or not all(isinstance(item, str) for item in digests):
            raise UserError("body.digests is not a list of texts")
        return reply({"missing": await run_in_threadpool(assets.missing_blobs, digests)})

    @router.get("/blobs/{digest}", tags=["snapshots"], summary="The bytes of a blob")
    def get_blob(digest: str) -> Response:
        body = _closing(assets.open_blob(digest))
        return StreamingResponse(body, media_type="application/octet-stream", headers=SAFE_HEADERS)

    @router.put("/blobs/{digest}", tags=["snapshots"], status_code=204, summary="Upload a blob")
    async def put_blob(digest: str, request: Request) -> Response:
        with await spooled_body(request) as stream:
            await run_in_threadpool(assets.put_blob, digest, chunks_of(stream))
        return Response(status_code=204)

    @router.post("/snapshots", tags=["snapshots"], summary="Keep the listing of a source folder")
    async def put_snapshot(request: Request) -> Response:
        body = await json_body(request)
        return reply({"digest": await run_in_threadpool(assets.put_snapshot, body)})

    @router.get("/snapshots/{digest}", tags=["snapshots"], summary="The listing of a source folder")
    def snapshot(digest: str) -> Response:
        return reply(assets.snapshot(digest))


def _closing(stream: IO[bytes]) -> Iterator[bytes]:
    with stream:
        yield from chunks_of(stream)
