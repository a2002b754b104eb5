"""The web application of a workspace."""

from __future__ import annotations

from collections.abc import Callable

from fastapi import FastAPI

from azud import __version__
from azud.bootstrap.application import Application
from azud.server.asset_routes import asset_router
from azud.server.bus import EventBus
from azud.server.compute_routes import compute_router
from azud.server.database_routes import database_router
from azud.server.datastore_routes import datastore_router
from azud.server.experiment_routes import experiment_router
from azud.server.explanation_routes import explanation_router
from azud.server.file_routes import file_router
from azud.server.lineage_routes import lineage_router
from azud.server.model_routes import model_router
from azud.server.openapi import install_openapi
from azud.server.past_routes import past_router
from azud.server.replies import install_error_handlers
from azud.server.run_routes import run_router
from azud.server.secret_routes import secret_router
from azud.server.server_routes import server_router
from azud.server.upkeep_routes import upkeep_router

PREFIX = "/api/v1"


def build_app(
    application: Application, bus: EventBus, stop: Callable[[bool], None], addresses: dict[str, str | None]
) -> FastAPI:
    """Return the ASGI application.

    Args:
        application: The services.
        bus: Wakes those who wait for news of runs.
        stop: Ends the server soon, or, called with True, once no run is active.
        addresses: `{"socket", "tcp"}`: where it listens.
    """
    app = FastAPI(title="azud", version=__version__, docs_url=None, redoc_url=None, openapi_url="/openapi.json")
    app.include_router(server_router(application, stop, addresses), prefix=PREFIX)
    app.include_router(asset_router(application.assets), prefix=PREFIX)
    app.include_router(
        lineage_router(application.assets, application.data_versions, application.lineage, application.runs),
        prefix=PREFIX,
    )
    app.include_router(datastore_router(application.datastores, application.data), prefix=PREFIX)
    app.include_router(database_router(application.databases), prefix=PREFIX)
    app.include_router(compute_router(application.compute), prefix=PREFIX)
    runs = run_router(application.submit, application.plans, application.runs, application.interactive, bus)
    app.include_router(runs, prefix=PREFIX)
    app.include_router(experiment_router(application.experiments), prefix=PREFIX)
    app.include_router(model_router(application.models), prefix=PREFIX)
    app.include_router(secret_router(application.secrets), prefix=PREFIX)
    app.include_router(file_router(application.files, application.runs), prefix=PREFIX)
    app.include_router(explanation_router(application.explanations), prefix=PREFIX)
    app.include_router(past_router(application.reexecution, application.replay), prefix=PREFIX)
    app.include_router(upkeep_router(application.collection, application.verification), prefix=PREFIX)
    install_error_handlers(app, lambda: stop(False))
    install_openapi(app)
    return app
