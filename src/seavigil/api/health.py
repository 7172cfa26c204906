"""Is it alive, can it be relied on, how does it do: health checks, status, metrics, statements."""

from __future__ import annotations

import json
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Request
from fastapi.responses import Response
from prometheus_client import CONTENT_TYPE_LATEST

from seavigil import __version__
from seavigil.api import guests
from seavigil.api.context import Context, requires_house, sees_of
from seavigil.api.documented import EVERYWHERE
from seavigil.api.guard import is_loopback
from seavigil.api.labels import Sees
from seavigil.api.problems import refuse_unknown
from seavigil.records import DAY_US, parse_time_us
from seavigil.runners.metrics import exposition
from seavigil.runners.status import Problem, live, problems, ready
from seavigil.runners.told import feeds_json, outside, status_json, told_problems


def health_routes(context: Context) -> APIRouter:
    """Give the routes about the service itself."""
    service, store = context.service, context.store
    routes = APIRouter()

    def told_to(request: Request, found: list[Problem]) -> list[dict[str, str]] | None:
        """Give what is wrong to who may know: on a network, or by a proxy, those who are known."""
        viewer = request.state.viewer
        here = context.access.params.here and is_loopback(request.headers.get("host", ""))
        if viewer is None and not here:
            return None
        told = told_problems(found)
        return guests.problems(told) if viewer is not None and viewer.organisation is not None else told

    @routes.get("/api", summary="What there is to ask for")
    def begin() -> dict[str, str]:
        return {
            "service": f"seavigil {__version__}",
            "all_there_is": "/api/openapi.json",
            "health": "/healthz",
            "status": "/api/status",
            "alerts": "/api/alerts",
        }

    # async, and nothing is waited for: threads that are all busy must not make it look dead
    @routes.get("/livez", summary="Is it alive? If not, start it again.")
    async def livez(request: Request) -> Response:
        found = live(service.status())
        return _health("dead" if found else "alive", told_to(request, found), ok=not found)

    @routes.get("/healthz", summary="Can the watch be relied on? With all that is wrong.")
    async def healthz(request: Request) -> Response:
        status = service.status()
        unready = ready(status)
        return _health("unready" if unready else "ready", told_to(request, problems(status)), ok=not unready)

    @routes.get(
        "/metrics",
        summary="Prometheus metrics",
        response_class=Response,
        responses=EVERYWHERE,
        dependencies=[Depends(requires_house("viewer"))],  # they count what is hidden from others
    )
    def metrics() -> Response:
        return Response(exposition(service.status), media_type=CONTENT_TYPE_LATEST)

    @routes.get("/api/status", summary="Everything about the service at this moment")
    def status(sees: Annotated[Sees, Depends(sees_of)]) -> dict[str, Any]:
        told = status_json(service.status())
        return told if sees.everything else guests.status(told, *_standing(context, sees))

    @routes.get("/api/feeds", summary="How each feed does")
    def feeds(sees: Annotated[Sees, Depends(sees_of)]) -> dict[str, Any]:
        told = feeds_json(service.status())
        return {"feeds": told if sees.everything else guests.feeds(told)}

    @routes.get(
        "/api/statements",
        summary="What was seen and heard, hour by hour; the last day unless asked",
        responses={**EVERYWHERE, 400: {"description": "`since` is no time"}},
        dependencies=[Depends(refuse_unknown)],
    )
    def statements(
        sees: Annotated[Sees, Depends(sees_of)],
        since: Annotated[str | None, Query(description="From this wall time on (RFC 3339).")] = None,
    ) -> dict[str, Any]:
        since_us = service.status().taken_us - DAY_US if since is None else parse_time_us(since)
        told = [outside(row) for row in store.statements(since_us)]
        return {"statements": told if sees.everything else [guests.statement(sees.told(t)) for t in told]}

    return routes


def _standing(context: Context, sees: Sees) -> tuple[int, dict[str, dict[str, int]]]:
    """Count the assets that a viewer may see, and the alerts that stand, by priority and status."""
    assets = sum(sees.asset(asset.asset_id) for asset in context.service.plan.assets or ())
    found = context.store.found
    counts: dict[str, dict[str, int]] = {}
    for line in sees.alerts(found.lines(found.standing(None)).values()):
        of_priority = counts.setdefault(line["priority"], {})
        of_priority[line["status"]] = of_priority.get(line["status"], 0) + 1
    return assets, counts


def _health(status: str, found: list[dict[str, str]] | None, *, ok: bool) -> Response:
    told = {"status": status} | ({} if found is None else {"problems": found})
    content = json.dumps(told, ensure_ascii=False).encode()
    headers = {"Cache-Control": "no-store"}
    return Response(content, 200 if ok else 503, headers=headers, media_type="application/json")
