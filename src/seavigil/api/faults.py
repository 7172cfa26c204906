"""Outage notices, and the ships that may have caused an outage."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Annotated, Any

from fastapi import APIRouter, Body, Depends, Request
from pydantic import BaseModel, ConfigDict

from seavigil.api.asking import REFUSED
from seavigil.api.context import Context, requires, sees_of
from seavigil.api.labels import Sees
from seavigil.runners.suspect_words import STATES

_Sees = Annotated[Sees, Depends(sees_of)]
#: Names of a notice as it is written, and as it is told here.
_TOLD = {
    "fault_id": "id",
    "asset_id": "asset",
    "asset_name": "asset_name",
    "at": "time",
    "within_s": "within_s",
    "km_along": "km_along",
    "km_error_km": "km_error",
    "noticed_at": "noticed",
    "source": "source",
    "confidence": "confidence",
    "state": "state",
    "named": "named",
    "refused": "refused",
    "replaced_by": "replaced_by",
}


class Notice(BaseModel):
    """An outage notice, by the names of docs/howto/faults.md."""

    model_config = ConfigDict(extra="allow")


def faults_routes(context: Context) -> APIRouter:
    """Give the routes about faults."""
    service, routes = context.service, APIRouter()

    @routes.get("/api/faults", summary="Outage notices, and what came of them", responses=REFUSED)
    def faults(sees: _Sees) -> dict[str, Any]:
        return {"faults": sees.events(_fault(told) for told in service.faults())}

    @routes.post(
        "/api/faults",
        status_code=202,
        summary="Tell of an outage",
        responses=REFUSED,
        dependencies=[Depends(requires("operator"))],
    )
    async def fault(request: Request, told: Annotated[Notice, Body()]) -> dict[str, Any]:
        found = await service.notice(told.model_dump())
        await asyncio.to_thread(context.audit, request, "fault told", found.fault_id)
        return {"fault_id": found.fault_id}

    return routes


def _fault(told: Mapping[str, Any]) -> dict[str, Any]:
    """Give a notice, what came of it as a code and in words, and which ships it names."""
    gone = told["state"] in ("withdrawn", "replaced")
    words = STATES.get(told["state"], "a ship fits" if told["named"] else told["state"])
    return {**{key: told.get(name) for key, name in _TOLD.items()}, "withdrawn": gone, "says": words}
