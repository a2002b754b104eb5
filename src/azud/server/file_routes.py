"""Bytes: the files of runs."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Iterator
from typing import BinaryIO

from fastapi import APIRouter, Request, Response
from fastapi.responses import StreamingResponse
from starlette.concurrency import run_in_threadpool

from azud.core.errors import NotFoundError, StorageError
from azud.server.replies import SAFE_HEADERS, chunks_of, listing, reply, spooled_body
from azud.services.files import FileService, OpenedFile
from azud.services.runs import RunService

LONGEST_WAIT_S = 30.0
# A log file says nothing when it grows, so those who wait for it look again; this bounds how late they see a line.
_LOOK_AGAIN_S = 0.1
_CHUNK_BYTES = 1 << 18


def file_router(files: FileService, runs: RunService) -> APIRouter:
    """Return the routes of files."""
    router = APIRouter()
    _run_files(router, files, runs)
    return router


def _run_files(router: APIRouter, files: FileService, runs: RunService) -> None:
    async def opened(
        run_id: str, path: str, attempt: int | None, offset: int, wait_s: float
    ) -> tuple[OpenedFile, BinaryIO]:
        """Return the file, open, once it holds more than `offset` bytes, will not grow, or the wait is over."""
        deadline = asyncio.get_running_loop().time() + wait_s
        while True:
            late = asyncio.get_running_loop().time() >= deadline
            try:
                file = await run_in_threadpool(files.open, run_id, path, attempt)
            except NotFoundError as error:
                if late or not error.retryable:
                    raise
                file = None
            stream = None if file is None else _opened_if_there(file.local_path)
            if file is not None and stream is not None:
                if file.complete or late or os.fstat(stream.fileno()).st_size > offset:
                    return file, stream
                stream.close()
            await asyncio.sleep(_LOOK_AGAIN_S)

    @router.get("/runs/{run_id}/files", tags=["files"], summary="The files of a run")
    def list_files(run_id: str) -> Response:
        return listing(files.files(run_id))

    @router.get(
        "/runs/{run_id}/files/{path:path}", tags=["files"], summary="A file's bytes from an offset; waits for more"
    )
    async def get_file(
        run_id: str, path: str, attempt: int | None = None, offset: int = 0, wait_s: float = 0.0
    ) -> Response:
        file, stream = await opened(run_id, path, attempt, offset, min(max(wait_s, 0.0), LONGEST_WAIT_S))
        size = os.fstat(stream.fileno()).st_size
        headers = {
            **SAFE_HEADERS,
            "Content-Length": str(max(0, size - offset)),
            "X-Azud-Complete": "true" if file.complete else "false",
        }
        body = _read(stream, offset, max(0, size - offset))
        return StreamingResponse(body, media_type="application/octet-stream", headers=headers)

    @router.put("/runs/{run_id}/files/{path:path}", tags=["files"], status_code=201, summary="Keep a file with a run")
    async def put_file(run_id: str, path: str, request: Request) -> Response:
        with await spooled_body(request) as stream:
            return reply(await run_in_threadpool(files.add, run_id, path, chunks_of(stream)), 201)


def _opened_if_there(path: str) -> BinaryIO | None:
    """Open a file; None if it was moved since it was found, as a run's files are when its attempt ends."""
    try:
        return open(path, "rb")
    except FileNotFoundError:
        return None


def _read(stream: BinaryIO, offset: int, length: int) -> Iterator[bytes]:
    with stream:
        stream.seek(offset)
        while length > 0:
            chunk = stream.read(min(_CHUNK_BYTES, length))
            if not chunk:
                raise StorageError(f"{stream.name} became shorter while it was read", hint="ask again")
            length -= len(chunk)
            yield chunk
