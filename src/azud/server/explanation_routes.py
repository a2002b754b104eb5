"""Why steps ran or did not."""

from __future__ import annotations

from fastapi import APIRouter, Response

from azud.server.replies import listing
from azud.services.explaining import ExplanationService


def explanation_router(explanations: ExplanationService) -> APIRouter:
    """Return the routes of explanations."""
    router = APIRouter(tags=["runs"])

    @router.get("/runs/{run_id}/explanations", summary="Why a step, or each step of a run, ran or did not")
    def explain(run_id: str) -> Response:
        return listing(explanations.explain(run_id))

    return router
