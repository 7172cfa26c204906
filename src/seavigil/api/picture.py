"""Where ships are and were: what a store holds, the picture of a moment, trails, and what marks the sea."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query
from fastapi.responses import Response

from seavigil.api.asking import (
    AS_GEOJSON,
    GEOJSON,
    REFUSED,
    box_of,
    moment_us,
    nothing,
    past_us,
    told,
    written,
)
from seavigil.api.context import Context, sees_of
from seavigil.api.labels import Sees
from seavigil.api.problems import refuse_unknown
from seavigil.api.sea import sea_of
from seavigil.records import DAY_US, MINUTE_US, NEVER_US, rfc3339
from seavigil.runners.sea import Sea, by_ship

At = Annotated[str | None, Query(description="The moment shown (RFC 3339); else the newest.")]
InBox = Annotated[str | None, Query(description="`west,south,east,north` in degrees.")]
TheSea = Annotated[Sea, Depends(sea_of)]
Seen = Annotated[Sees, Depends(sees_of)]


def picture_routes(context: Context) -> APIRouter:
    """Give the routes about the picture."""
    routes = APIRouter(dependencies=[Depends(refuse_unknown)])
    _extent(routes, context)
    _pictures(routes, context)
    _trails(routes, context)
    _areas(routes, context)
    return routes


def _extent(routes: APIRouter, context: Context) -> None:
    @routes.get("/api/extent", summary="What there is to look at: times, place, counts", responses=REFUSED)
    def extent(sea: TheSea, sees: Seen) -> dict[str, Any]:
        service, now_us = context.service, moment_us(context, None)
        live = service.recording is None
        since_us = now_us - DAY_US if live and now_us is not None else NEVER_US
        found = sea.ships.extent(since_us)
        assets = [asset for asset in service.plan.assets or () if sees.asset(asset.asset_id)]
        return {
            "mode": "live" if live else "recording",
            "source": service.recording,
            "began_at": rfc3339(found.first_us),
            "ended_at": rfc3339(found.last_us),
            "as_of": rfc3339(now_us),
            "wall_at": rfc3339(service.status().taken_us),
            "bounds": found.bounds_deg,
            "assets_bounds": bounds_of(assets),
            "exercise": found.exercise,
            "reports": found.reports,
            "ships": found.ships,
        }


def _pictures(routes: APIRouter, context: Context) -> None:
    @routes.get(
        "/api/picture",
        summary="Where each ship was last heard, as GeoJSON",
        responses=REFUSED | AS_GEOJSON,
        response_class=Response,
    )
    def picture(
        sea: TheSea,
        sees: Seen,
        at: At = None,
        bbox: InBox = None,
        max_age_min: Annotated[int, Query(ge=1, le=1440, description="Heard within so many minutes.")] = 20,
    ) -> Response:
        from seavigil.runners.pictures import picture as picture_of

        box, at_us = box_of(bbox), moment_us(context, at)
        if at_us is None:
            return told(nothing(None), GEOJSON)
        alerts = by_ship(sees.alerts(sea.standing(past_us(context, at_us))))
        age_us = max_age_min * MINUTE_US
        found = picture_of(sea.sightings, sea.ships, at_us, max_age_us=age_us, box=box, alerts=alerts)
        return told(found, GEOJSON)


def _trails(routes: APIRouter, context: Context) -> None:
    @routes.get(
        "/api/trails",
        summary="How each ship came to where she is, as GeoJSON",
        responses=REFUSED | AS_GEOJSON,
        response_class=Response,
    )
    def trails(
        sea: TheSea,
        at: At = None,
        minutes: Annotated[int, Query(ge=1, le=1440, description="So long a trail.")] = 30,
        bbox: InBox = None,
        max_points: Annotated[int, Query(ge=2, le=200_000, description="In all lines together.")] = 20_000,
    ) -> Response:
        from seavigil.runners.pictures import trails as trails_of

        box, at_us = box_of(bbox), moment_us(context, at)
        if at_us is None:
            return told(nothing(None), GEOJSON)
        over_us = minutes * MINUTE_US
        found = trails_of(sea.sightings, sea.ships, at_us, over_us=over_us, most_points=max_points, box=box)
        return told(found, GEOJSON)


def _areas(routes: APIRouter, context: Context) -> None:
    @routes.get(
        "/api/areas",
        summary="What marks the sea: where ships are heard, what disturbs, anchorages, lanes and ports",
        responses=REFUSED | AS_GEOJSON,
        response_class=Response,
    )
    def areas(
        sea: TheSea,
        sees: Seen,
        at: At = None,
        kinds: Annotated[
            str | None,
            Query(max_length=200, description="Of coverage,gnss_degraded,coverage_lost,place; else all."),
        ] = None,
    ) -> Response:
        from seavigil.runners import sea_areas
        from seavigil.runners.asset_list import collection

        wanted, at_us = _kinds(kinds), moment_us(context, at)
        features: list[str] = []
        if at_us is not None:
            alerts = sees.alerts(sea.standing(past_us(context, at_us)))
            found = sea_areas.disturbed(alerts, wanted)
            found += sea_areas.coverage(sea.sightings, at_us) if sea_areas.COVERAGE in wanted else []
            features = [written(one) for one in found]
        features += sea.places() if sea_areas.PLACE in wanted else []
        return Response(collection(features, as_of=rfc3339(at_us)), media_type=GEOJSON)


def _kinds(text: str | None) -> list[str]:
    from seavigil.runners.sea_areas import KINDS
    from seavigil.spelling import nearest

    names = list(KINDS) if text is None else [name.strip() for name in text.split(",") if name.strip()]
    for name in names:
        if name not in KINDS:
            raise ValueError(f"there is no kind {name[:50]!r}{nearest(name[:50], KINDS)}")
    return names


def bounds_of(assets: list[Any]) -> tuple[float, float, float, float] | None:
    """Give west, south, east and north of assets together."""
    boxes = [asset.geometry.bounds for asset in assets]
    if not boxes:
        return None
    west, south, east, north = zip(*boxes, strict=True)
    return min(west), min(south), max(east), max(north)
