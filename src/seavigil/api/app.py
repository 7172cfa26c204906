"""The app: routes behind a guard, errors as problems, nothing loaded from elsewhere."""

from __future__ import annotations

from fastapi import FastAPI
from starlette.middleware.gzip import GZipMiddleware

from seavigil import __version__
from seavigil.api.admin import admin_routes
from seavigil.api.alerts import alert_routes
from seavigil.api.assets import assets_routes
from seavigil.api.caching import Conditional
from seavigil.api.context import Context
from seavigil.api.faults import faults_routes, inquiries_of
from seavigil.api.guard import Guard
from seavigil.api.health import health_routes
from seavigil.api.heavy import Heavy
from seavigil.api.ogc import ogc_routes
from seavigil.api.pages import Headers, pages_routes
from seavigil.api.picture import picture_routes
from seavigil.api.problems import add_problems
from seavigil.api.ships import ships_routes
from seavigil.api.stream import stream_routes

#: Groups of routes by the name under which the API's description shows them.
_ROUTES = {
    "health": health_routes,
    "alerts": alert_routes,
    "picture": picture_routes,
    "ships": ships_routes,
    "assets": assets_routes,
    "faults": faults_routes,
    "stream": stream_routes,
    "ogc": ogc_routes,
    "admin": admin_routes,
    "pages": pages_routes,
}


def make_app(context: Context) -> FastAPI:
    """Give the web interface of a watch and its store.

    FastAPI's own pages of documentation would load scripts from elsewhere and are left out; what it can do
    stands machine-readable at ``/api/openapi.json``.
    """
    app = FastAPI(
        title="Seavigil",
        version=__version__,
        summary="The live watch over undersea and offshore infrastructure",
        docs_url=None,
        redoc_url=None,
        openapi_url="/api/openapi.json",
    )
    app.state.context = context
    app.state.inquiries = inquiries_of(context)
    for tag, routes in _ROUTES.items():
        app.include_router(routes(context), tags=[tag])
    add_problems(app)
    app.add_middleware(Heavy)
    app.add_middleware(Conditional)
    app.add_middleware(GZipMiddleware, minimum_size=1_000, compresslevel=6)
    app.add_middleware(Guard, context=context)
    app.add_middleware(Headers)
    return app
