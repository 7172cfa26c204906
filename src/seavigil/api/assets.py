"""Assets: where they lie, who passed them, what is known of them, and what people correct."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Annotated, Any

from fastapi import APIRouter, Body, Depends, HTTPException, Query, Request
from fastapi.responses import Response

from seavigil.api.asking import AS_GEOJSON, GEOJSON, MISSING, REFUSED, moment_us, past_us, stretch_us, told
from seavigil.api.asset_bodies import Change, contacts_of
from seavigil.api.context import Context, requires, sees_of, viewer_of
from seavigil.api.labels import Sees
from seavigil.api.problems import refuse_unknown
from seavigil.api.sea import sea_of
from seavigil.assets.model import Asset
from seavigil.records import DAY_US, rfc3339
from seavigil.runners.sea import Sea, by_asset
from seavigil.sharing import Label, Viewer
from seavigil.store.asset_edits import CONTACTS, LABELS, UNCERTAINTY, Edit

TheSea = Annotated[Sea, Depends(sea_of)]
Seen = Annotated[Sees, Depends(sees_of)]
At = Annotated[str | None, Query(description="Alerts as they stood at this moment (RFC 3339); else now.")]
From = Annotated[str | None, Query(alias="from", description="From this time on (RFC 3339).")]
To = Annotated[str | None, Query(description="Up to this time (RFC 3339); else the newest.")]
#: Own choices: what is counted in a moment at a busy cable.
_WEEK_US, _MOST_US, _MOST_CLOSE_US = 7 * DAY_US, 92 * DAY_US, 7 * DAY_US


def assets_routes(context: Context) -> APIRouter:
    """Give the routes about assets; an id may have a slash in it, so what is more particular comes first."""
    routes = APIRouter()
    reading = APIRouter(dependencies=[Depends(refuse_unknown)])
    _lists(reading, context)
    _passages(reading, context)
    _closest(reading, context)
    _exposure(reading, context)
    _one(reading, context)
    routes.include_router(reading)
    _change(routes, context)
    return routes


def _lists(routes: APIRouter, context: Context) -> None:
    @routes.get(
        "/api/assets",
        summary="All assets as GeoJSON",
        responses=REFUSED | AS_GEOJSON,
        response_class=Response,
    )
    def assets(sea: TheSea, sees: Seen, at: At = None) -> Response:
        from seavigil.runners.asset_list import collection, feature

        shown = seen_assets(context, sees)
        properties = _properties(context, sea, sees, shown, at)
        features = [feature(one, sea.shapes.route(one), properties[one.asset_id]) for one in shown]
        return Response(collection(features), media_type=GEOJSON)

    @routes.get(
        "/api/assets/bands",
        summary="The bands in which 95 % of the true routes lie, as GeoJSON, simplified to be drawn",
        responses=REFUSED | AS_GEOJSON,
        response_class=Response,
    )
    def bands(sea: TheSea, sees: Seen) -> Response:
        from seavigil.runners.asset_list import collection, feature

        shown = [one for one in seen_assets(context, sees) if one.position_uncertainty_m > 0]
        features = [feature(one, sea.shapes.band(one), {"asset_id": one.asset_id}) for one in shown]
        return Response(collection(features), media_type=GEOJSON)


def _one(routes: APIRouter, context: Context) -> None:
    @routes.get(
        "/api/assets/{asset_id:path}",
        summary="One asset, with all that is known",
        responses=MISSING | AS_GEOJSON,
        response_class=Response,
    )
    def asset(request: Request, sea: TheSea, sees: Seen, asset_id: str, at: At = None) -> Response:
        found, viewer = asset_of(context, sees, asset_id), viewer_of(request)
        properties = _properties(context, sea, sees, [found], at)[asset_id]
        return told(_page(context, sea, found, properties, viewer), GEOJSON)


def _page(
    context: Context, sea: Sea, asset: Asset, properties: Mapping[str, Any], viewer: Viewer
) -> dict[str, Any]:
    import json

    from seavigil.runners.asset_shapes import kilometres

    works_here = viewer.can("operator")
    edits = context.store.asset_edits.of(asset.asset_id) if works_here else []
    edits = [one for one in edits if viewer.organisation is None or one.field not in LABELS]
    return {
        "type": "Feature",
        "id": asset.asset_id,
        "geometry": json.loads(sea.shapes.route(asset)),
        "properties": properties,
        "properties_of_source": plain(_of_source(asset, works_here=works_here)),
        "contacts": contacts_of(context.store, asset) if works_here else [],
        "edits": [_edit(one) for one in reversed(edits)],
        "kilometres": kilometres(asset),
        "pending": properties["pending"],
    }


def _of_source(asset: Asset, *, works_here: bool) -> dict[str, Any]:
    """Give what the file says of it; whom to call only to those who call."""
    told = asset.properties.items()
    return {name: said for name, said in told if works_here or not name.casefold().startswith(CONTACTS[:-1])}


def _edit(edit: Edit) -> dict[str, Any]:
    return {
        "at": rfc3339(edit.at_us),
        **{name: getattr(edit, name) for name in ("who", "field", "before", "after", "why")},
    }


def _passages(routes: APIRouter, context: Context) -> None:
    @routes.get(
        "/api/assets/{asset_id:path}/passages",
        summary="Who crossed it, the last first; the week before unless asked",
        responses=MISSING,
    )
    def passages(
        sea: TheSea,
        sees: Seen,
        asset_id: str,
        begin: From = None,
        to: To = None,
        limit: Annotated[int, Query(ge=1, le=1_000)] = 100,
    ) -> dict[str, Any]:
        from seavigil.runners.asset_page import passages as passages_of

        found, stretch = asset_of(context, sees, asset_id), stretch_us(context, begin, to, usual_us=_WEEK_US)
        rows = [] if stretch is None else passages_of(sea, found, *stretch, limit)
        return {"passages": rows, **span_of(stretch)}


def _closest(routes: APIRouter, context: Context) -> None:
    @routes.get(
        "/api/assets/{asset_id:path}/closest",
        summary="Who came near it, the nearest first; the day before unless asked",
        responses=MISSING,
    )
    def closest(
        sea: TheSea,
        sees: Seen,
        asset_id: str,
        begin: From = None,
        to: To = None,
        within_m: Annotated[float, Query(gt=0, le=20_000)] = 5_000.0,
        limit: Annotated[int, Query(ge=1, le=200)] = 200,
    ) -> dict[str, Any]:
        from seavigil.runners.asset_page import closest as closest_of

        found = asset_of(context, sees, asset_id)
        stretch = stretch_us(context, begin, to, usual_us=DAY_US, most_us=_MOST_CLOSE_US)
        rows = [] if stretch is None else closest_of(sea, found, *stretch, within_m, limit)
        return {"closest": rows, **span_of(stretch)}


def _exposure(routes: APIRouter, context: Context) -> None:
    @routes.get(
        "/api/assets/{asset_id:path}/exposure",
        summary="How much is crossed where and by whom; the week before unless asked",
        responses=MISSING,
    )
    def exposure(sea: TheSea, sees: Seen, asset_id: str, begin: From = None, to: To = None) -> dict[str, Any]:
        from seavigil.runners.asset_page import exposure as exposure_of

        found = asset_of(context, sees, asset_id)
        stretch = stretch_us(context, begin, to, usual_us=_WEEK_US, most_us=_MOST_US)
        if stretch is None:
            raise HTTPException(404, "nothing has been heard yet: there is nothing to count")
        begins_us = max(stretch[0], sea.sightings.first_us())  # before, nothing was kept to count
        return exposure_of(sea, found, min(begins_us, stretch[1]), stretch[1])


def _change(routes: APIRouter, context: Context) -> None:
    @routes.patch("/api/assets/{asset_id:path}", summary="Correct what is known of it", responses=MISSING)
    def change(
        request: Request,
        sees: Seen,
        viewer: Annotated[Viewer, Depends(requires("operator"))],
        asset_id: str,
        change: Annotated[Change, Body()],
    ) -> dict[str, Any]:
        asset, changes = asset_of(context, sees, asset_id), change.changes()
        if not changes:
            raise ValueError("nothing to change is told")
        if set(changes) & set(LABELS) and (not viewer.can("admin") or viewer.organisation is not None):
            raise HTTPException(403, "whose an asset is, and who may see it, an admin of the house decides")
        was = _as_in_force(context, asset)
        if viewer.organisation not in (None, was["owner"]):
            raise HTTPException(403, "what is known of it, its owner and the house correct")
        context.audit(request, "asset edit", asset_id, "asked", fields=sorted(changes), why=change.why)
        edits = context.store.asset_edits.add(
            asset_id, changes, was, viewer.name, change.why, context.access.now_us()
        )
        return {"edits": [_edit(one) for one in edits], "pending": UNCERTAINTY in changes}


def _as_in_force(context: Context, asset: Asset) -> dict[str, Any]:
    """Say what an asset's fields are where nobody ever changed them."""
    label = _labels(context).get(asset.asset_id)
    return {
        UNCERTAINTY: asset.position_uncertainty_m,
        CONTACTS: contacts_of(context.store, asset),
        "owner": label.owner if label else None,
        "tlp": label.tlp if label else None,
        "shared_with": list(label.shared_with) if label else [],
    }


def seen_assets(context: Context, sees: Sees) -> list[Asset]:
    """Give the assets that a viewer may see, in order."""
    return [asset for asset in context.service.plan.assets or () if sees.asset(asset.asset_id)]


def asset_of(context: Context, sees: Sees, asset_id: str) -> Asset:
    """Give an asset by its id; one that may not be seen is none."""
    for asset in context.service.plan.assets or ():
        if asset.asset_id == asset_id and sees.asset(asset_id):
            return asset
    raise HTTPException(404, f"no asset {asset_id[:200]!r}")


def _properties(
    context: Context, sea: Sea, sees: Sees, shown: list[Asset], at: str | None
) -> dict[str, dict[str, Any]]:
    from seavigil.runners.asset_list import properties

    at_us = moment_us(context, at)
    standing = sea.standing(past_us(context, at_us)) if at_us is not None else []
    about = by_asset(sees.alerts(standing))
    edited, labels = context.store.asset_edits.newest(UNCERTAINTY), _labels(context)
    return {
        one.asset_id: properties(one, labels.get(one.asset_id), about.get(one.asset_id, ()), edited)
        for one in shown
    }


def _labels(context: Context) -> Mapping[str, Label]:
    return context.access.labels(context.service.plan.assets, context.store)


def span_of(stretch: tuple[int, int] | None) -> dict[str, str | None]:
    """Say of which time an answer is."""
    first_us, last_us = stretch or (None, None)
    return {"from": rfc3339(first_us), "to": rfc3339(last_us)}


def plain(value: Any) -> Any:
    """Give what a source said as JSON takes it."""
    if isinstance(value, Mapping):
        return {str(k): plain(v) for k, v in value.items()}
    if isinstance(value, list | tuple):
        return [plain(v) for v in value]
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    return value if isinstance(value, str | int | bool | None) else str(value)
