"""The app: routes behind a guard, errors as problems, nothing loaded from elsewhere."""

from __future__ import annotations

from fastapi import FastAPI

from seavigil import __version__
from seavigil.api.alerts import alert_routes
from seavigil.api.guard import Guard
from seavigil.api.health import health_routes
from seavigil.api.problems import add_problems
from seavigil.api.view import AlertStore, ServiceView

__all__ = ["AlertStore", "ServiceView", "make_app"]


def make_app(service: ServiceView, store: AlertStore) -> FastAPI:
    """Give the web interface of a service and its store, to be bound to a loopback address.

    Its pages of documentation would load scripts from elsewhere and are left out; what it can do stands
    machine-readable at ``/api/openapi.json``.
    """
    app = FastAPI(
        title="Seavigil",
        version=__version__,
        summary="The live watch over undersea and offshore infrastructure",
        docs_url=None,
        redoc_url=None,
        openapi_url="/api/openapi.json",
    )
    app.include_router(health_routes(service, store), tags=["health"])
    app.include_router(alert_routes(service, store), tags=["alerts"])
    add_problems(app)
    app.add_middleware(Guard)
    return app
