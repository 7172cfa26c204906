"""Outage notices, and the ships that may have caused an outage."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Annotated, Any

from fastapi import APIRouter, Body, Depends, HTTPException, Request
from pydantic import BaseModel, ConfigDict, Field

from seavigil.api.asking import MISSING, REFUSED
from seavigil.api.context import Context, requires, sees_of
from seavigil.api.labels import Sees
from seavigil.api.view import ServiceView
from seavigil.assets import Assets
from seavigil.fault import Fault
from seavigil.inputs.faults import as_json, named, notice_of
from seavigil.runners.inquiries import Busy, Inquiries
from seavigil.runners.suspect_words import STATES
from seavigil.runners.told import outside
from seavigil.sharing import Viewer
from seavigil.store.inquiries import DONE, RUNNING
from seavigil.store.sightings import Fresh

_Sees = Annotated[Sees, Depends(sees_of)]
#: What came of a notice, in words for who reads it here.
_SAYS = {
    **STATES,
    "matched": "a ship fits",
    "noticed_after_the_data": "it came in after the data end, and names no ship: ask who it was",
}
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


class Suspected(BaseModel):
    """A fault whose cause is sought: which asset, when, how sure that time is, and where, if known."""

    model_config = ConfigDict(extra="forbid")

    asset: Annotated[str, Field(min_length=1, max_length=300, description="Id or name.")]
    at: Annotated[str, Field(max_length=60, description="When it failed (RFC 3339).")]
    within: Annotated[str, Field(max_length=20, description="How sure that is: 90s, 30m, 1h.")] = "60s"
    km_along: Annotated[float | None, Field(ge=0, le=50_000)] = None
    km_error: Annotated[float | None, Field(ge=0, le=50_000)] = None


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
        responses=MISSING | {409: {"description": "its id is of another notice"}},
        dependencies=[Depends(requires("operator"))],
    )
    async def fault(request: Request, told: Annotated[Notice, Body()], sees: _Sees) -> dict[str, Any]:
        said = told.model_dump()
        if not sees.everything:
            said = await asyncio.to_thread(_of_guest, context, sees, named(said))
        await asyncio.to_thread(_check_id, service, named(said))
        found = await service.notice(said)
        await asyncio.to_thread(context.audit, request, "fault told", found.fault_id)
        return {"fault_id": found.fault_id}

    routes.include_router(_suspect_routes(context))
    return routes


def inquiries_of(context: Context) -> Inquiries:
    """Give the inquiries into what a watch has stored."""
    service, rows = context.service, context.store.inquiries
    fresh = service if isinstance(service, Fresh) else None
    return Inquiries(context.days, rows, service.plan, service.as_of_us, context.access.now_us, fresh)


def _suspect_routes(context: Context) -> APIRouter:
    routes = APIRouter()

    @routes.post(
        "/api/suspects",
        status_code=202,
        summary="Ask which ships may have caused a fault",
        responses=MISSING | {429: {"description": "too many inquiries wait"}},
    )
    def ask(
        request: Request,
        asked: Annotated[Suspected, Body()],
        viewer: Annotated[Viewer, Depends(requires("operator"))],
        sees: _Sees,
    ) -> dict[str, Any]:
        assets = context.service.plan.assets
        if assets is None:
            raise ValueError("no assets are watched: a fault is one of an asset")
        asset_id = _named(assets, asked.asset, sees)
        told = {**asked.model_dump(exclude_none=True), "asset": asset_id}
        context.audit(request, "suspects asked", asset_id, "asked", at=asked.at, within=asked.within)
        inquiries: Inquiries = request.app.state.inquiries
        try:
            inquiry_id = inquiries.ask(told, viewer.name, viewer.organisation)
        except Busy as why:
            raise HTTPException(429, str(why), {"Retry-After": "60"}) from why
        return {"inquiry_id": inquiry_id, "see": f"/api/suspects/{inquiry_id}"}

    @routes.get("/api/suspects/{inquiry_id}", summary="What an inquiry found", responses=MISSING)
    def found(request: Request, inquiry_id: str, sees: _Sees) -> dict[str, Any]:
        inquiries: Inquiries = request.app.state.inquiries
        there = inquiries.found(inquiry_id)
        if there is None or not sees.asset(there[0].asked["asset"]):
            raise HTTPException(404, f"no inquiry {inquiry_id[:100]!r}")
        row, progress = there
        told: dict[str, Any] = sees.told(
            {
                **outside({"inquiry_id": row.inquiry_id, "at_us": row.at_us, "done_us": row.done_us}),
                "who": row.who,
                "asked": dict(row.asked),
                "state": row.state,
                "progress": progress if row.state == RUNNING else float(row.state == DONE),
                **{key: (row.result or {}).get(key) for key in ("findings", "limits", "words", "notes")},
                "error": row.error,
            }
        )
        return told

    return routes


def _of_guest(context: Context, sees: Sees, said: dict[str, str]) -> dict[str, str]:
    """Give a notice as somebody of an organisation may tell it: about an asset that is shown to them.

    Raises 404 where it is about one that is not, 403 where it takes back what is not theirs to take back. Its
    id is made of what it says: nobody takes one that the house goes on to use.
    """
    said = {name: value for name, value in said.items() if name != "id"}
    for name in ("withdraws", "replaces"):
        if said.get(name):
            _may_take_back(context, sees, said[name])
    assets = context.service.plan.assets
    if assets is None or not said.get("asset"):
        return said
    return {**said, "asset": _named(assets, said["asset"], sees)}


def _check_id(service: ServiceView, said: dict[str, str]) -> None:
    """Raise 409 for an id that another notice has: the first counts, and this one would be lost."""
    if service.plan.assets is None:
        return
    found = notice_of(said, service.plan.assets)
    if not isinstance(found, Fault):
        return
    known = next((told for told in service.faults() if told["id"] == found.fault_id), None)
    if known is not None and any(known.get(name) != value for name, value in as_json(found).items()):
        other = "give another id, or none; to correct that one, name it in replaces"
        raise HTTPException(409, f"the id {found.fault_id[:100]!r} is of another notice: {other}")


def _may_take_back(context: Context, sees: Sees, fault_id: str) -> None:
    known = {told["id"]: told["asset"] for told in context.service.faults()}
    asset_id = known.get(fault_id)
    if asset_id is None or not sees.asset(asset_id):
        raise HTTPException(404, f"no notice {fault_id[:100]!r}")
    label = context.access.labels(context.service.plan.assets, context.store).get(asset_id)
    if label is None or label.owner != sees.viewer.organisation:
        raise HTTPException(403, "a notice is taken back by the house, or by the owner of its asset")


def _named(assets: Assets, name: str, sees: Sees) -> str:
    """Give the id of an asset that this viewer may see. Raises 404 that names those that may be meant."""
    seen = assets if sees.everything else Assets([a for a in assets if sees.asset(a.asset_id)])
    try:
        return seen.find(name).asset_id
    except ValueError as why:
        raise HTTPException(404, str(why)) from why


def _fault(told: Mapping[str, Any]) -> dict[str, Any]:
    """Give a notice, what came of it as a code and in words, and which ships it names."""
    gone = told["state"] in ("withdrawn", "replaced")
    known = {key: told.get(name) for key, name in _TOLD.items()}
    return {**known, "withdrawn": gone, "says": _SAYS.get(told["state"], told["state"])}
