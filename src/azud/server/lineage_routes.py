"""Registered datasets over time: what they came from, what came of them, whether their files are what they were."""

from __future__ import annotations

from fastapi import APIRouter, Response

from azud.model.codec import to_json
from azud.server.replies import reply
from azud.services.assets import AssetService
from azud.services.data_versions import DataVersionService
from azud.services.lineage import LineageService
from azud.services.runs import RunService

LONGEST_WAIT_S = 30.0


def lineage_router(
    assets: AssetService, versions: DataVersionService, lineage: LineageService, runs: RunService
) -> APIRouter:
    """Return the routes of registered datasets over time."""
    router = APIRouter(tags=["datasets"])

    @router.get("/datasets/registered/{name}/lineage", summary="What a version came from, and what came of it")
    def lineage_of(name: str, version: int | None = None, depth: int | None = None) -> Response:
        return reply(lineage.of_version(assets.registered_dataset(name, version), depth))

    @router.post("/datasets/registered/{name}/{version}/look", summary="Look at a version's files now, and wait for it")
    def look(name: str, version: int, wait_s: float = LONGEST_WAIT_S) -> Response:
        looking = versions.look(assets.registered_dataset(name, version), min(max(wait_s, 0.0), LONGEST_WAIT_S))
        return reply({"dataset": to_json(assets.registered_dataset(name, version)), "looking": looking})

    @router.get("/runs/{run_id}/datasets", tags=["runs"], summary="The datasets that a run read and made")
    def datasets_of(run_id: str) -> Response:
        runs.run(run_id)
        return reply(lineage.of_run(run_id))

    return router
