"""Ships: who they are, how they went, what they did."""

from __future__ import annotations

import re
from typing import Annotated, Any

from fastapi import APIRouter, Depends, HTTPException, Query
from fastapi.responses import Response

from seavigil.api.asking import AS_JSON, MISSING, REFUSED, id_of, moment_us, ship_of, stretch_us, told
from seavigil.api.context import Context, sees_of
from seavigil.api.labels import Sees
from seavigil.api.problems import refuse_unknown
from seavigil.api.sea import sea_of
from seavigil.records import DAY_US
from seavigil.runners.sea import Sea

TheSea = Annotated[Sea, Depends(sea_of)]
Seen = Annotated[Sees, Depends(sees_of)]
At = Annotated[str | None, Query(description="As known at this moment (RFC 3339); else the newest.")]
From = Annotated[str | None, Query(alias="from", description="From this time on (RFC 3339).")]
To = Annotated[str | None, Query(description="Up to this time (RFC 3339); else the newest.")]
_AFTER = re.compile(r"(-?[0-9]{1,19})-([0-9]{1,20})")
#: So much of one ship is given at once (own choice: a month of reports every two seconds is 1.3 million).
MOST_US = 31 * DAY_US


def ships_routes(context: Context) -> APIRouter:
    """Give the routes about ships."""
    routes = APIRouter(dependencies=[Depends(refuse_unknown)])
    _who(routes, context)
    _track(routes, context)
    _events(routes, context)
    _reports(routes, context)
    _forecast(routes, context)
    return routes


def _who(routes: APIRouter, context: Context) -> None:
    @routes.get("/api/ships", summary="Ships by name, call sign, MMSI or IMO number", responses=REFUSED)
    def ships(
        sea: TheSea,
        q: Annotated[str, Query(max_length=100, description="What to look for; nothing: any.")] = "",
        limit: Annotated[int, Query(ge=1, le=500)] = 50,
    ) -> dict[str, Any]:
        from seavigil.runners.ship_page import search

        now_us = moment_us(context, None)
        return {"ships": [] if now_us is None else search(sea, q, limit, now_us)}

    @routes.get("/api/ships/{vessel_id}", summary="Who a ship says she is, and was", responses=MISSING)
    def ship(sea: TheSea, vessel_id: str, at: At = None) -> dict[str, Any]:
        from seavigil.runners.ship_page import about

        who, at_us = ship_of(vessel_id), moment_us(context, at)
        found = None if at_us is None else about(sea, who, at_us)
        if found is None:
            raise HTTPException(404, f"ship {vessel_id!r} was not heard{'' if at is None else ' by then'}")
        return found


def _track(routes: APIRouter, context: Context) -> None:
    @routes.get(
        "/api/ships/{vessel_id}/track",
        summary="How she went, in columns; the day before unless asked",
        responses=MISSING | AS_JSON,
        response_class=Response,
    )
    def track(
        sea: TheSea,
        vessel_id: str,
        begin: From = None,
        to: To = None,
        max_points: Annotated[int, Query(ge=2, le=200_000, description="Left out evenly in time.")] = 5_000,
    ) -> Response:
        from seavigil.runners.ship_page import track as track_of

        who, stretch = ship_of(vessel_id), stretch_us(context, begin, to, usual_us=DAY_US, most_us=MOST_US)
        found = None if stretch is None else track_of(sea, who, *stretch, max_points)
        if found is None or not (found["total_points"] or sea.ships.heard(mmsi=who[0])):
            raise _unheard(vessel_id)
        return told(found)


def _events(routes: APIRouter, context: Context) -> None:
    @routes.get(
        "/api/ships/{vessel_id}/events",
        summary="What she did; the month before unless asked. Newest first, at most 1,000",
        responses=MISSING,
    )
    def events(sea: TheSea, sees: Seen, vessel_id: str, begin: From = None, to: To = None) -> dict[str, Any]:
        from seavigil.runners.event_rows import event_row, known_by
        from seavigil.store.found import Span

        who, stretch = ship_of(vessel_id), stretch_us(context, begin, to, usual_us=MOST_US)
        found = [] if stretch is None else sea.found.events_of_ship(id_of(who), Span(*stretch))
        if stretch is None or not (found or sea.ships.heard(mmsi=who[0])):
            raise _unheard(vessel_id)
        names = names_of(context)
        return {"events": sees.events([event_row(line, names) for line in known_by(found, stretch[1])])}


def _reports(routes: APIRouter, context: Context) -> None:
    @routes.get(
        "/api/ships/{vessel_id}/reports",
        summary="Her reports row by row, flagged ones too; the day before unless asked",
        responses=MISSING | AS_JSON,
        response_class=Response,
    )
    def reports(
        sea: TheSea,
        vessel_id: str,
        begin: From = None,
        to: To = None,
        after: Annotated[str | None, Query(description="`next` of the page before.")] = None,
        limit: Annotated[int, Query(ge=1, le=1_000)] = 100,
    ) -> Response:
        from seavigil.runners.ship_page import reports as reports_of

        who, stretch = ship_of(vessel_id), stretch_us(context, begin, to, usual_us=DAY_US, most_us=MOST_US)
        begins = _after(after)
        found, more = ([], None) if stretch is None else reports_of(sea, who, *stretch, begins, limit)
        if not found and not sea.ships.heard(mmsi=who[0]):
            raise _unheard(vessel_id)
        return told({"reports": found, "next": more})


def _forecast(routes: APIRouter, context: Context) -> None:
    @routes.get(
        "/api/ships/{vessel_id}/forecast",
        summary="What she reaches next, and where she may be after 1, 3, 6 and 12 hours",
        responses=MISSING,
    )
    def forecast(sea: TheSea, sees: Seen, vessel_id: str, at: At = None) -> dict[str, Any]:
        who, at_us = ship_of(vessel_id), moment_us(context, at)
        found = None if at_us is None else sea.ahead.forecast(who, at_us)
        if found is None or not (found["last_heard"] or sea.ships.heard(mmsi=who[0], until_us=at_us or 0)):
            raise _unheard(vessel_id)
        return {**found, "next_assets": sees.events(found["next_assets"])}


def names_of(context: Context) -> dict[str, str]:
    """Give the names of all assets by id."""
    return {asset.asset_id: asset.name for asset in context.service.plan.assets or ()}


def _after(text: str | None) -> tuple[int, int] | None:
    if text is None:
        return None
    found = _AFTER.fullmatch(text)
    if found is None or not -(2**63) <= int(found[1]) < 2**63 or int(found[2]) >= 2**64:
        raise ValueError(f"{text[:100]!r} is no `next` of a page before")
    return int(found[1]), int(found[2])


def _unheard(vessel_id: str) -> HTTPException:
    return HTTPException(404, f"ship {vessel_id!r} was not heard")
