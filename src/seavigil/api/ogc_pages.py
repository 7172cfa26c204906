"""The documents of OGC API - Features that say what there is: landing page, collections, description."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from seavigil import __version__
from seavigil.api.ogc_rows import COLLECTIONS, Collection

OPENAPI = "application/vnd.oai.openapi+json;version=3.0"
SCHEMA = "application/schema+json"
_JSON, _GEOJSON = "application/json", "application/geo+json"
Bounds = tuple[float, float, float, float]
Object = dict[str, Any]

#: Only what is all there: of CQL2 there is no arithmetic, no ACCENTI, no function of our own, no JSON.
CONFORMS_TO = (
    *(
        f"http://www.opengis.net/spec/ogcapi-features-1/1.0/conf/{name}"
        for name in ("core", "oas30", "geojson")
    ),
    *(
        f"http://www.opengis.net/spec/ogcapi-features-3/1.0/conf/{name}"
        for name in ("queryables", "filter", "features-filter")
    ),
    *(
        f"http://www.opengis.net/spec/cql2/1.0/conf/{name}"
        for name in (
            "cql2-text",
            "basic-cql2",
            "advanced-comparison-operators",
            "case-insensitive-comparison",
            "basic-spatial-functions",
            "basic-spatial-functions-plus",
            "spatial-functions",
            "temporal-functions",
            "array-functions",
            "property-property",
        )
    ),
)


def link(href: str, rel: str, kind: str, title: str | None = None) -> Object:
    """Give a link (OGC 17-069r4, 5.2)."""
    return {"href": href, "rel": rel, "type": kind, **({} if title is None else {"title": title})}


def landing(base: str) -> Object:
    """Give the landing page."""
    return {
        "title": "Seavigil",
        "description": "What is watched at sea: assets, what ships did there, alerts, and how ships went.",
        "links": [
            link(f"{base}/", "self", _JSON, "this page"),
            link(f"{base}/api", "service-desc", OPENAPI, "what can be asked, for machines"),
            link(f"{base}/conformance", "conformance", _JSON, "which standards hold"),
            link(f"{base}/collections", "data", _JSON, "the collections"),
        ],
    }


def collections(base: str, assets: Bounds | None) -> Object:
    """Give all collections; ``assets``: the box that all assets lie in."""
    return {
        "links": [link(f"{base}/collections", "self", _JSON)],
        "collections": [collection(base, found, assets) for found in COLLECTIONS.values()],
    }


def collection(base: str, found: Collection, assets: Bounds | None) -> Object:
    """Describe one collection."""
    here = f"{base}/collections/{found.name}"
    box = assets if found.name == "assets" else None
    extent = {} if box is None else {"extent": {"spatial": {"bbox": [list(box)], "crs": _CRS84}}}
    return {
        "id": found.name,
        "title": found.title,
        "description": found.description,
        "itemType": "feature",
        "crs": [_CRS84],
        **extent,
        "links": [
            link(here, "self", _JSON),
            link(f"{here}/items", "items", _GEOJSON, found.title),
            link(f"{here}/queryables", _QUERYABLES, SCHEMA, "what a filter may ask about"),
        ],
    }


_CRS84 = "http://www.opengis.net/def/crs/OGC/1.3/CRS84"
_QUERYABLES = "http://www.opengis.net/def/rel/ogc/1.0/queryables"
_TYPES: Mapping[str, Object] = {
    "text": {"type": "string"},
    "number": {"type": "number"},
    "truth": {"type": "boolean"},
    "time": {"type": "string", "format": "date-time"},
    "texts": {"type": "array", "items": {"type": "string"}},
    "place": {"format": "geometry-any", "x-ogc-role": "primary-geometry"},
}


def queryables(base: str, found: Collection) -> Object:
    """Give what a filter may ask about, as JSON Schema (OGC 19-079r2, clause 6.2)."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": f"{base}/collections/{found.name}/queryables",
        "type": "object",
        "title": found.title,
        "description": found.description,
        "properties": {name: {"title": name, **_TYPES[kind]} for name, kind in found.fields.items()},
        "additionalProperties": False,
    }


def description(base: str) -> Object:
    """Describe it in OpenAPI 3.0, which the standard asks for; ``/api/openapi.json`` is 3.1."""
    paths: Object = {
        "/": _get("Where to go on", _JSON),
        "/conformance": _get("Which standards hold", _JSON),
        "/api": _get("This description", OPENAPI),
        "/collections": _get("The collections", _JSON),
    }
    for found in COLLECTIONS.values():
        here = f"/collections/{found.name}"
        paths |= {
            here: _get(f"{found.title}: what they are", _JSON),
            f"{here}/queryables": _get(f"{found.title}: what a filter may ask about", SCHEMA),
            f"{here}/items": _get(found.description, _GEOJSON, _parameters(found)),
            f"{here}/items/{{featureId}}": _get(f"{found.title}: one", _GEOJSON, [_FEATURE_ID], missing=True),
        }
    about = {"title": "Seavigil: map layers", "version": __version__, "license": {"name": "Apache 2.0"}}
    return {"openapi": "3.0.3", "info": about, "servers": [{"url": base}], "paths": paths}


_FEATURE_ID = {"name": "featureId", "in": "path", "required": True, "schema": {"type": "string"}}


def _get(summary: str, kind: str, parameters: list[Object] | None = None, *, missing: bool = False) -> Object:
    problem = {"application/problem+json": {"schema": {"type": "object"}}}
    answers = {"200": {"description": summary, "content": {kind: {"schema": {"type": "object"}}}}}
    wrong = {"400": "a question of no sense", "401": "nobody is signed in", "403": "this may not be asked"}
    wrong |= {"404": "there is none"} if missing else {}
    answers |= {code: {"description": why, "content": problem} for code, why in wrong.items()}
    return {"get": {"summary": summary, "parameters": parameters or [], "responses": answers}}


def _parameters(found: Collection) -> list[Object]:
    """Give the parameters of items (OGC 17-069r4, 7.15; 19-079r2, 6.3)."""
    limit = {"type": "integer", "minimum": 1, "maximum": found.most, "default": found.usual}
    corners = {"type": "array", "minItems": 4, "maxItems": 6, "items": {"type": "number"}}
    text = {"type": "string"}
    return [
        _query("bbox", corners, style="form", explode=False),
        _query("datetime", text, style="form", explode=False),
        _query("limit", limit, style="form", explode=False),
        _query("after", text),
        _query("filter", text),
        _query("filter-lang", {"type": "string", "enum": ["cql2-text"], "default": "cql2-text"}),
        _query("filter-crs", {"type": "string", "format": "uri", "enum": [_CRS84], "default": _CRS84}),
    ]


def _query(name: str, schema: Object, **more: Any) -> Object:
    return {"name": name, "in": "query", "required": False, "schema": schema, **more}
