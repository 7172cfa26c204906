"""Is it alive, can it be relied on, how does it do: health checks, status, metrics, statements."""

from __future__ import annotations

import json
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Request
from fastapi.responses import Response
from prometheus_client import CONTENT_TYPE_LATEST

from seavigil import __version__
from seavigil.api.context import Context, sees_of
from seavigil.api.documented import EVERYWHERE
from seavigil.api.guard import is_loopback
from seavigil.api.labels import Sees
from seavigil.api.problems import refuse_unknown
from seavigil.records import DAY_US, parse_time_us
from seavigil.runners.metrics import exposition
from seavigil.runners.status import live, problems, ready
from seavigil.runners.told import feeds_json, outside, status_json, told_problems


def health_routes(context: Context) -> APIRouter:
    """Give the routes about the service itself."""
    service, store = context.service, context.store
    routes = APIRouter()

    @routes.get("/api", summary="What there is to ask for")
    def begin() -> dict[str, str]:
        return {
            "service": f"seavigil {__version__}",
            "all_there_is": "/api/openapi.json",
            "health": "/healthz",
            "status": "/api/status",
            "alerts": "/api/alerts",
        }

    @routes.get("/livez", summary="Is it alive? If not, start it again.")
    def livez() -> Response:
        found = live(service.status())
        return _health("dead" if found else "alive", told_problems(found), ok=not found)

    @routes.get("/healthz", summary="Can the watch be relied on? With all that is wrong.")
    def healthz(request: Request) -> Response:
        status = service.status()
        unready = ready(status)
        # on a network, or by a proxy, what is wrong is for those who are known
        here = context.access.params.here and is_loopback(request.headers.get("host", ""))
        told = here or request.state.viewer is not None
        found = told_problems(problems(status)) if told else None  # they name feeds and channels alone
        return _health("unready" if unready else "ready", found, ok=not unready)

    @routes.get("/metrics", summary="Prometheus metrics", response_class=Response)
    def metrics() -> Response:
        return Response(exposition(service.status), media_type=CONTENT_TYPE_LATEST)

    @routes.get("/api/status", summary="Everything about the service at this moment")
    def status(sees: Annotated[Sees, Depends(sees_of)]) -> dict[str, Any]:
        return dict(sees.told(status_json(service.status())))

    @routes.get("/api/feeds", summary="How each feed does")
    def feeds(sees: Annotated[Sees, Depends(sees_of)]) -> dict[str, Any]:
        return {"feeds": sees.told(feeds_json(service.status()))}

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
        return {"statements": [_statement(outside(row), sees) for row in store.statements(since_us)]}

    return routes


def _statement(row: dict[str, Any], sees: Sees) -> dict[str, Any]:
    """Give a statement as a viewer may see it; one that names what nobody knows any more loses its words."""
    named = (row["figures"] or {}).get("assets_not_heard", [])
    told: dict[str, Any] = sees.told(row)
    if any(not sees.asset(one) and one not in sees.names for one in named):
        told["text"] = "withheld: it names an asset that is not watched any more"
    return told


def _health(status: str, found: list[dict[str, str]] | None, *, ok: bool) -> Response:
    told = {"status": status} | ({} if found is None else {"problems": found})
    content = json.dumps(told, ensure_ascii=False).encode()
    headers = {"Cache-Control": "no-store"}
    return Response(content, 200 if ok else 503, headers=headers, media_type="application/json")
