"""OGC API - Features: assets, events, alerts and tracks for whatever reads maps (OGC 17-069r4, 19-079r2)."""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import blake2b
from typing import Annotated, Any
from urllib.parse import quote, urlencode

from fastapi import APIRouter, Depends, HTTPException, Query, Request
from fastapi.responses import Response

from seavigil.api import ogc_pages as pages
from seavigil.api.asking import GEOJSON, MISSING, REFUSED, told
from seavigil.api.context import Context, sees_of
from seavigil.api.cql2 import read_filter
from seavigil.api.labels import Sees
from seavigil.api.ogc_filter import fields_of, truth_of
from seavigil.api.ogc_rows import COLLECTIONS, Asked, Collection, Cursor, Item, Source
from seavigil.api.problems import refuse_unknown
from seavigil.api.sea import sea_of
from seavigil.records import END_OF_DATA_US, NEVER_US, parse_time_us
from seavigil.runners.sea import Sea

_CRS84 = "http://www.opengis.net/def/crs/OGC/1.3/CRS84"
Json = Annotated[str | None, Query(alias="f", description="`json`: there is nothing else.")]
Box = Annotated[str | None, Query(description="west,south,east,north in degrees; six with heights.")]
When = Annotated[str | None, Query(alias="datetime", description="A time, or begin/end; `..` is open.")]
Limit = Annotated[str | None, Query(description="At most so many features, from 1 on.")]
After = Annotated[str | None, Query(description="Go on where a page ended, as its link `next` says.")]
Filter = Annotated[str | None, Query(alias="filter", description="CQL2 text.")]
FilterLang = Annotated[str | None, Query(alias="filter-lang", description="`cql2-text`.")]
FilterCrs = Annotated[str | None, Query(alias="filter-crs", description="CRS84.")]
TheSea = Annotated[Sea, Depends(sea_of)]
Seen = Annotated[Sees, Depends(sees_of)]


def ogc_routes(context: Context) -> APIRouter:
    """Give the routes about it."""
    routes = APIRouter(dependencies=[Depends(refuse_unknown), Depends(_check_form)])
    _about(routes)
    _collections(routes, context)
    _items(routes, context)
    _one(routes, context)
    return routes


def _about(routes: APIRouter) -> None:
    @routes.get("/ogc", include_in_schema=False)
    @routes.get("/ogc/", summary="OGC API - Features: where to go on", responses=REFUSED)
    def landing(request: Request, f: Json = None) -> dict[str, Any]:  # noqa: ARG001
        return pages.landing(_base(request))

    @routes.get("/ogc/conformance", summary="Which standards' classes hold here", responses=REFUSED)
    def conformance(f: Json = None) -> dict[str, Any]:  # noqa: ARG001
        return {"conformsTo": list(pages.CONFORMS_TO)}

    @routes.get(
        "/ogc/api",
        summary="What can be asked here (OpenAPI 3.0)",
        responses={**REFUSED, 200: {"content": {pages.OPENAPI: {}}}},
        response_class=Response,
    )
    def description(request: Request, f: Json = None) -> Response:  # noqa: ARG001
        return told(pages.description(_base(request)), pages.OPENAPI)


def _collections(routes: APIRouter, context: Context) -> None:
    @routes.get("/ogc/collections", summary="The collections", responses=REFUSED)
    def collections(request: Request, sees: Seen, f: Json = None) -> dict[str, Any]:  # noqa: ARG001
        base = _base(request)
        return pages.collections(base, _bounds(context, sees))

    @routes.get("/ogc/collections/{collection_id}", summary="One collection", responses=MISSING)
    def collection(request: Request, sees: Seen, collection_id: str, f: Json = None) -> dict[str, Any]:  # noqa: ARG001
        return pages.collection(_base(request), _named(collection_id), _bounds(context, sees))

    @routes.get(
        "/ogc/collections/{collection_id}/queryables",
        summary="What a filter may ask about",
        responses=MISSING,
        response_class=Response,
    )
    def queryables(request: Request, collection_id: str, f: Json = None) -> Response:  # noqa: ARG001
        return told(pages.queryables(_base(request), _named(collection_id)), pages.SCHEMA)


def _items(routes: APIRouter, context: Context) -> None:
    @routes.get(
        "/ogc/collections/{collection_id}/items",
        summary="Features of a collection, page by page",
        responses=MISSING,
        response_class=Response,
    )
    def items(
        request: Request,
        sea: TheSea,
        sees: Seen,
        collection_id: str,
        bbox: Box = None,
        when: When = None,
        limit: Limit = None,
        after: After = None,
        filter_: Filter = None,
        filter_lang: FilterLang = None,
        filter_crs: FilterCrs = None,
        f: Json = None,  # noqa: ARG001
    ) -> Response:
        found = _named(collection_id)
        _check_language(filter_lang, filter_crs)
        tree = None if filter_ is None else read_filter(filter_)
        asked = Asked(
            _boxes(bbox),
            *_stretch_us(when),
            None if tree is None else truth_of(tree, found.fields),
            () if tree is None else fields_of(tree),
            _limit(limit, found),
        )
        source = Source(context, sea, sees, _labels(context, found))
        page = page_of(found, source, asked, _cursor(after, found))
        return _collected(request, found, page)


def _one(routes: APIRouter, context: Context) -> None:
    @routes.get(
        "/ogc/collections/{collection_id}/items/{feature_id:path}",
        summary="One feature",
        responses=MISSING,
        response_class=Response,
    )
    def item(
        request: Request,
        sea: TheSea,
        sees: Seen,
        collection_id: str,
        feature_id: str,
        f: Json = None,  # noqa: ARG001
    ) -> Response:
        collection = _named(collection_id)
        source = Source(context, sea, sees, _labels(context, collection))
        found = collection.one(source, feature_id)
        if found is None:
            raise HTTPException(404, f"{collection_id}: no feature {feature_id[:100]!r}")
        here = f"{_base(request)}/collections/{collection_id}"
        links = [
            pages.link(f"{here}/items/{quote(feature_id, safe='')}", "self", GEOJSON),
            pages.link(here, "collection", "application/json"),
        ]
        return told({**found, "links": links}, GEOJSON)


# --- a page of features ---------------------------------------------------------------------------


@dataclass(frozen=True)
class Page:
    """Features, where to go on (None: nowhere), and how many there are in all where that is known."""

    items: list[Item]
    after: Cursor | None
    matched: int | None


def page_of(collection: Collection, source: Source, asked: Asked, after: Cursor | None = None) -> Page:
    """Give the first features after a cursor of which the filter is true; fewer where that is much work."""
    kept: list[Item] = []
    looked_at, last = 0, after
    for one in collection.walk(source, asked, after):
        fits = one.row is not None and asked.fits(one.row)
        if (fits and len(kept) == asked.limit) or looked_at >= collection.looked_at:
            return Page(kept, last, None)
        kept += [one] if fits else []
        looked_at, last = looked_at + one.weight, one.cursor
    return Page(kept, None, len(kept) if after is None else None)


def _collected(request: Request, collection: Collection, page: Page) -> Response:
    """Answer with a page. Its tag leaves the time of the answer out: who has it need not have it again."""
    here = f"{_base(request)}/collections/{collection.name}"
    links = [pages.link(_same(request, here), "self", GEOJSON)]
    if page.after is not None:
        links.append(pages.link(_same(request, here, page.after), "next", GEOJSON))
    links.append(pages.link(here, "collection", "application/json"))
    counted = {} if page.matched is None else {"numberMatched": page.matched}
    content = {
        "type": "FeatureCollection",
        "links": links,
        **counted,
        "numberReturned": len(page.items),
        "features": [one.feature() for one in page.items],
    }
    body = bytes(told(content).body)
    now = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    tag = blake2b(body, digest_size=16).hexdigest()
    headers = {"ETag": f'W/"{tag}"'}
    return Response(body[:-1] + f',"timeStamp":"{now}"}}'.encode(), headers=headers, media_type=GEOJSON)


def _same(request: Request, here: str, after: Cursor | None = None) -> str:
    """Give the address of this very question, or of the page after it."""
    asked = [(name, value) for name, value in request.query_params.multi_items() if name != "after"]
    if after is not None:
        asked.append(("after", _written(after)))
    elif "after" in request.query_params:
        asked.append(("after", request.query_params["after"]))
    return f"{here}/items" + (f"?{urlencode(asked)}" if asked else "")


# --- what a question says -------------------------------------------------------------------------


def _base(request: Request) -> str:
    return f"{str(request.base_url).rstrip('/')}/ogc"


def _named(name: str) -> Collection:
    found = COLLECTIONS.get(name)
    if found is None:
        raise HTTPException(404, f"no collection {name[:100]!r}; there are {', '.join(COLLECTIONS)}")
    return found


def _labels(context: Context, collection: Collection) -> Mapping[str, Any]:
    """Give the labels of assets, for who may see them: they stand beside the asset."""
    if collection.name != "assets":
        return {}
    return context.access.labels(context.service.plan.assets, context.store)


def _bounds(context: Context, sees: Sees) -> pages.Bounds | None:
    boxes = [
        asset.geometry.bounds for asset in context.service.plan.assets or () if sees.asset(asset.asset_id)
    ]
    if not boxes:
        return None
    west, south, east, north = zip(*boxes, strict=True)
    return min(west), min(south), max(east), max(north)


def _check_form(request: Request) -> None:
    form = request.query_params.get("f", "json")
    if form not in ("json", "geojson"):
        raise ValueError(f"f={form[:40]!r}: answers are JSON alone")


def _check_language(language: str | None, crs: str | None) -> None:
    if language not in (None, "cql2-text"):
        raise ValueError(f"filter-lang={language[:40]!r}: filters are read as cql2-text alone")
    if crs not in (None, _CRS84):
        raise ValueError(f"filter-crs={crs[:100]!r}: longitude and latitude alone, {_CRS84}")


def _boxes(text: str | None) -> list[tuple[float, float, float, float]]:
    """Read a bbox: one box, or the two on both sides of the antimeridian. Heights change nothing."""
    if text is None:
        return []
    wanted = f"bbox={text[:100]!r}: write west,south,east,north in degrees"
    try:
        corners = [float(part) for part in text.split(",")]
    except ValueError as fault:
        raise ValueError(wanted) from fault
    half = len(corners) // 2
    if len(corners) not in (4, 6) or corners[1] > corners[half + 1]:
        raise ValueError(wanted)
    west, south, east, north = (*corners[:2], *corners[half : half + 2])
    if not (abs(west) <= 180 and abs(east) <= 180 and abs(south) <= 90 and abs(north) <= 90):
        raise ValueError(f"bbox={text[:100]!r}: beyond longitude 180 or latitude 90")
    if west <= east:
        return [(west, south, east, north)]
    return [(west, south, 180.0, north), (-180.0, south, east, north)]


def _stretch_us(text: str | None) -> tuple[int, int]:
    """Read datetime: one time, or two with / between, of which one may be open (RFC 3339, 5.6)."""
    if text is None:
        return NEVER_US, END_OF_DATA_US
    begin, slash, end = text.partition("/")
    if not slash:
        at_us = parse_time_us(begin)
        return at_us, at_us
    from_us = NEVER_US if begin in _OPEN else parse_time_us(begin)
    to_us = END_OF_DATA_US if end in _OPEN else parse_time_us(end)
    if from_us > to_us or (begin in _OPEN and end in _OPEN):
        raise ValueError(f"datetime={text[:100]!r}: begin/end, the earlier first; one may be open (..)")
    return from_us, to_us


_OPEN = ("", "..")


def _limit(text: str | None, collection: Collection) -> int:
    """Read limit; more than there may be is as many as there may be (/req/core/fc-limit-response-1)."""
    if text is None:
        return collection.usual
    if not (text.isascii() and text.isdigit()) or int(text[:12]) < 1:
        raise ValueError(f"limit={text[:40]!r}: a whole number from 1 on")
    return min(int(text[:12]), collection.most)


def _written(cursor: Cursor) -> str:
    return base64.urlsafe_b64encode(json.dumps(cursor, ensure_ascii=False).encode()).decode().rstrip("=")


def _cursor(text: str | None, collection: Collection) -> Cursor | None:
    if text is None:
        return None
    try:
        found = json.loads(base64.urlsafe_b64decode(text[:4_096] + "=" * (-len(text) % 4)))
        kinds = tuple(type(part) for part in found) if isinstance(found, list) else ()
        if kinds != collection.cursor or not _in_range(found):
            raise ValueError("of another collection")
        if collection.name == "tracks":
            datetime.strptime(found[0], "%Y-%m-%d").replace(tzinfo=UTC)
    except (binascii.Error, ValueError, RecursionError) as fault:
        raise ValueError(f"after={text[:40]!r} is no page's end: follow the link `next`") from fault
    return tuple(found)


def _in_range(parts: list[Any]) -> bool:
    return all(abs(part) < 2**62 for part in parts if isinstance(part, int))
