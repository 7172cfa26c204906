"""What a query says of time and place, understood; answers as they are sent."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from typing import Any

from fastapi.responses import Response

from seavigil.api.context import Context
from seavigil.records import NEVER_US, parse_time_us, rfc3339, ship_named, vessel_id
from seavigil.store.sightings import Box

GEOJSON = "application/geo+json"
#: What may be wrong with a question, for the API's description.
REFUSED: dict[int | str, dict[str, Any]] = {
    400: {"description": "a question of no sense: the problem says why"},
    401: {"description": "nobody is signed in"},
    403: {"description": "this takes another role, or may not be asked from there"},
    422: {"description": "a parameter that cannot be read"},
    503: {"description": "the store does not answer now"},
}
#: What is answered where it is written here and not by a model.
AS_GEOJSON: dict[int | str, dict[str, Any]] = {
    200: {
        "description": "GeoJSON (RFC 7946)",
        "content": {GEOJSON: {"schema": {"type": "object", "required": ["type"]}}},
    }
}
AS_JSON: dict[int | str, dict[str, Any]] = {
    200: {"description": "an object", "content": {"application/json": {"schema": {"type": "object"}}}}
}
MISSING: dict[int | str, dict[str, Any]] = {**REFUSED, 404: {"description": "there is none"}}


def moment_us(context: Context, at: str | None) -> int | None:
    """Give the moment asked for, never later than the watch has come to; None where nothing was heard yet.

    Raises ``ValueError`` for what is no time.
    """
    asked_us = None if at is None else parse_time_us(at)
    now_us = context.service.as_of_us()
    if now_us == NEVER_US:
        return None
    return now_us if asked_us is None else min(asked_us, now_us)


def past_us(context: Context, at_us: int) -> int | None:
    """Give a moment if it is past; None for the newest: what stands now the store says more quickly."""
    return at_us if at_us < context.service.as_of_us() else None


def stretch_us(
    context: Context, begin: str | None, end: str | None, *, usual_us: int, most_us: int | None = None
) -> tuple[int, int] | None:
    """Give the stretch of time asked for, which never ends later than the watch has come to.

    Without a beginning it is ``usual_us`` before the end; one that lies wholly beyond is the end alone. None
    where nothing was heard yet. Raises ``ValueError`` for times of no sense, or further apart than
    ``most_us``.
    """
    from_us = None if begin is None else parse_time_us(begin)
    to_us = None if end is None else parse_time_us(end)
    if from_us is not None and to_us is not None and from_us > to_us:
        raise ValueError(f"no time lies between {begin} and {end}")
    now_us = context.service.as_of_us()
    if now_us == NEVER_US:
        return None
    last_us = now_us if to_us is None else min(to_us, now_us)
    first_us = last_us - usual_us if from_us is None else min(from_us, last_us)
    if most_us is not None and last_us - first_us > most_us:
        raise ValueError(f"at most {most_us // 86_400_000_000} days at a time: ask from later on")
    return first_us, last_us


def box_of(text: str | None) -> Box | None:
    """Read `west,south,east,north` in degrees. Raises ``ValueError`` that says what is wanted."""
    if text is None:
        return None
    wanted = f"{text[:100]!r} is no box: write west,south,east,north in degrees"
    try:
        west, south, east, north = (float(part) for part in text.split(","))
    except ValueError as fault:
        raise ValueError(wanted) from fault
    inside = all(map(math.isfinite, (west, east))) and -180 <= west <= 180 and -180 <= east <= 180
    if not inside or not -90 <= south <= north <= 90:
        raise ValueError(f"{wanted}; south is not above north")
    return Box(west, south, east, north)


def ship_of(text: str) -> tuple[int, int]:
    """Read a ship's id: MMSI and part. Raises ``ValueError``."""
    mmsi, part = ship_named(text)
    return mmsi, part or 0


def id_of(ship: tuple[int, int]) -> str:
    """Write a ship's id."""
    return vessel_id(*ship)


def told(value: Mapping[str, Any], media_type: str = "application/json") -> Response:
    """Answer with an object; large ones go faster so than through models."""
    return Response(written(value).encode("utf-8", "replace"), media_type=media_type)


def written(value: Mapping[str, Any]) -> str:
    """Write an object as JSON."""
    return json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":"))


def nothing(at_us: int | None) -> dict[str, Any]:
    """Give a picture with nothing in it."""
    return {"type": "FeatureCollection", "as_of": rfc3339(at_us), "features": []}
