"""Datastores, and the files on them. What opens a datastore goes in and never comes out."""

from __future__ import annotations

import tempfile
from typing import Any

from fastapi import APIRouter, Request, Response
from fastapi.responses import StreamingResponse
from starlette.concurrency import run_in_threadpool

from azud.core.errors import NotFoundError
from azud.core.paths import clean_relative
from azud.model.codec import from_json, to_json
from azud.model.data import DatasetDefinition, DatastoreRecord
from azud.server.replies import SAFE_HEADERS, json_body, listing, reply
from azud.server.telling import told
from azud.services.datastores import DatastoreService
from azud.services.file_ports import IN_ONE_BYTES, DataFiles, Report, StoredFile


def datastore_router(datastores: DatastoreService, data: DataFiles) -> APIRouter:
    """Return the routes of datastores and their files."""
    router = APIRouter()
    _records(router, datastores)
    _files(router, datastores, data)
    _transfers(router, datastores, data)
    return router


def _records(router: APIRouter, datastores: DatastoreService) -> None:
    def shown(record: DatastoreRecord) -> dict[str, Any]:
        facts = datastores.facts(record)
        root = record.options.get("root") if record.driver == "local" else None
        return {**to_json(record), "local_root": root, "credential": list(facts.credential), "own": facts.own}

    @router.get("/datastores", tags=["datastores"], summary="All datastores")
    def list_all() -> Response:
        return listing(shown(record) for record in datastores.datastores())

    @router.post("/datastores", tags=["datastores"], status_code=201, summary="Register a datastore")
    async def put(request: Request) -> Response:
        body = await json_body(request)
        return reply(shown(await run_in_threadpool(datastores.put, body)), 201)

    @router.get("/datastores/{name}", tags=["datastores"], summary="One datastore")
    def get(name: str) -> Response:
        return reply(shown(datastores.datastore(name)))

    @router.delete("/datastores/{name}", tags=["datastores"], status_code=204, summary="Forget a datastore")
    def delete(name: str) -> Response:
        datastores.delete(name)
        return Response(status_code=204)

    @router.post("/datastores/{name}/default", tags=["datastores"], summary="Make it the default datastore")
    def set_default(name: str) -> Response:
        return reply(shown(datastores.set_default(name)))

    @router.post("/datastores/{name}/check", tags=["datastores"], status_code=204, summary="Does it let us in?")
    def check(name: str) -> Response:
        datastores.check(name)
        return Response(status_code=204)

    @router.put("/datastores/{name}/credential", tags=["datastores"], summary="Replace what opens it")
    async def set_credential(name: str, request: Request) -> Response:
        body = await json_body(request)
        return reply(shown(await run_in_threadpool(datastores.set_credential, name, body)))

    @router.put("/datastores/{name}/binding", tags=["datastores"], summary="Let an own datastore be another place")
    async def bind(name: str, request: Request) -> Response:
        target = (await json_body(request)).get("target")
        return reply(shown(await run_in_threadpool(datastores.bind, name, None if target is None else str(target))))


def _files(router: APIRouter, datastores: DatastoreService, data: DataFiles) -> None:
    @router.get("/datastores/{name}/files", tags=["datastores"], summary="Files whose path starts with a text")
    def list_files(name: str, prefix: str = "") -> Response:
        return listing(data.files(datastores.datastore(name), prefix))

    @router.get("/datastores/{name}/content/{path:path}", tags=["datastores"], summary="A file's bytes")
    def get_content(name: str, path: str, offset: int = 0, size_bytes: int | None = None, mark: str = "") -> Response:
        datastore, path = datastores.datastore(name), clean_relative(path)
        if size_bytes is None:
            file = data.find(datastore, path)
        else:  # whoever has listed it saves the store a question
            file = StoredFile(path, size_bytes, mark if size_bytes > IN_ONE_BYTES else "")
        if file is None:
            raise NotFoundError(f"{path!r} is not a file on datastore {name!r}", hint="list them: …/files?prefix=")
        headers = {**SAFE_HEADERS, "Content-Length": str(max(0, file.size_bytes - offset))}
        body = data.read(datastore, file, offset)
        return StreamingResponse(body, media_type="application/octet-stream", headers=headers)

    @router.put("/datastores/{name}/content/{path:path}", tags=["datastores"], status_code=201, summary="Write a file")
    async def put_content(name: str, path: str, request: Request) -> Response:
        datastore = datastores.datastore(name)
        # On disk and not in memory, so that a store that breaks off can be given all of it again.
        with tempfile.NamedTemporaryFile(prefix="azud-upload-") as spool:
            async for chunk in request.stream():
                spool.write(chunk)
            spool.flush()
            await run_in_threadpool(data.write, datastore, path, spool.name)
        return reply({"path": path}, 201)


def _transfers(router: APIRouter, datastores: DatastoreService, data: DataFiles) -> None:
    @router.post("/fetches", tags=["datastores"], summary="Bring the files of a dataset to the server's machine")
    async def fetch(request: Request) -> Response:
        dataset = from_json(DatasetDefinition, (await json_body(request)).get("dataset"), "body.dataset")

        def work(report: Report) -> dict[str, Any]:
            records = {record.name: record for record in datastores.datastores()}
            return {"paths": [list(item) for item in data.fetch(records, dataset, report)]}

        return told(work)

    @router.post("/sends", tags=["datastores"], summary="Write what was sealed for a datastore elsewhere")
    async def send(request: Request) -> Response:
        body = await json_body(request)
        datastore = datastores.datastore(str(body.get("datastore")))
        # On this machine's mirror of the datastore: no other file of the server's can be named.
        source = data.locate(datastore, str(body.get("source")))

        def work(report: Report) -> dict[str, Any]:
            data.send(source, datastore, str(body.get("path")), report, own=body.get("own") is True)
            return {}

        return told(work)
