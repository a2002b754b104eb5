"""Databases: what a query gives, and rows into tables."""

from __future__ import annotations

import tempfile
from typing import Any

from fastapi import APIRouter, Request, Response
from starlette.concurrency import run_in_threadpool

from azud.server.replies import json_body
from azud.server.telling import told
from azud.services.databases import DatabaseService
from azud.services.file_ports import Report


def database_router(databases: DatabaseService) -> APIRouter:
    """Return the routes of databases; the rows of a query are fetched as those of a dataset (`/fetches`)."""
    router = APIRouter()

    @router.post("/datastores/{name}/query-columns", tags=["datastores"], summary="The columns that a query gives")
    async def columns(name: str, request: Request) -> Response:
        body = await json_body(request)

        def work(report: Report) -> dict[str, Any]:
            return {"columns": databases.columns(name, body)}

        return told(work)

    @router.post("/datastores/{name}/tables/{table}/rows", tags=["datastores"], summary="Append rows to a table")
    async def insert(name: str, table: str, request: Request) -> Response:
        # On disk and not in memory: the transaction begins when all rows are here. Closed when the work is done.
        spool = tempfile.NamedTemporaryFile(prefix="azud-rows-")  # noqa: SIM115
        try:
            async for chunk in request.stream():
                await run_in_threadpool(spool.write, chunk)
            spool.flush()
        except BaseException:
            spool.close()
            raise

        def work(report: Report) -> dict[str, Any]:
            with spool:
                return {"rows": databases.insert(name, table, spool.name)}

        return told(work)

    return router
