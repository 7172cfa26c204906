"""Stored events as the web interface tells them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from seavigil import words
from seavigil.records import rfc3339

Row = dict[str, Any]


#: What of an event may have become known later than it first stood.
_LATER: Mapping[str, Any] = {
    **dict.fromkeys(("ended_us", "lat_deg", "lon_deg", "passage", "distance_m", "sog_kn")),
    "reasons": (),
}


def as_known(line: Mapping[str, Any], at_us: int) -> Row | None:
    """Give a stored event as it was known at a moment; None where it did not stand yet.

    Of an event the newest revision alone is stored: of one that was revised since, what may have come with
    that is left blank, and ``revised_later`` says so.
    """
    if line["detected_at_us"] > at_us:
        return None
    if line["known_at_us"] > at_us:
        return {**line, **_LATER, "known_at_us": line["detected_at_us"], "revised_later": True}
    return dict(line)


def known_by(lines: Iterable[Mapping[str, Any]], at_us: int) -> list[Row]:
    """Give those stored events that stood by a moment, as they were known then."""
    return [known for known in (as_known(line, at_us) for line in lines) if known is not None]


def event_row(line: Mapping[str, Any], names: Mapping[str, str]) -> Row:
    """Give a stored event with times in RFC 3339 and reasons in words; ``names``: of assets by id."""
    passage = line.get("passage") or {}
    return {
        "event_id": line["event_id"],
        "behaviour": line["behaviour"],
        "behaviour_words": words.BEHAVIOURS.get(line["behaviour"], line["behaviour"].replace("_", " ")),
        "vessel_id": line["vessel_id"],
        "others": list(line.get("others") or ()),
        "asset_id": line["asset_id"],
        "asset_name": names.get(line["asset_id"] or "", line["asset_id"]),
        "began": rfc3339(line["began_us"]),
        "ended": rfc3339(line["ended_us"]),
        "detected_at": rfc3339(line["detected_at_us"]),
        "known_at": rfc3339(line["known_at_us"]),
        "position": position(line["lat_deg"], line["lon_deg"]),
        "crossed_at": rfc3339(passage.get("crossed_at_us")),
        "crossed_within_s": passage.get("crossed_within_s"),
        "km_along": rounded(passage.get("km_along"), 3),
        "angle_deg": rounded(passage.get("angle_deg"), 1),
        "sog_kn": rounded(speed_kn(line), 1),
        "probability_over": rounded(passage.get("probability_over"), 4),
        "distance_m": rounded(line.get("distance_m"), 1),
        "reasons": [{**one, "text": words.reason(one)} for one in line.get("reasons") or ()],
        "revised_later": bool(line.get("revised_later")),
    }


def speed_kn(line: Mapping[str, Any]) -> float | None:
    """Give her speed over the asset where the event tells it, else as last reported in it."""
    over = [r["observed"] for r in line.get("reasons") or () if r["code"] == "crossing_speed"]
    return over[0] if over else line.get("sog_kn")


def position(lat_deg: float | None, lon_deg: float | None) -> dict[str, float] | None:
    """Give a place, None where it is not known."""
    if lat_deg is None or lon_deg is None:
        return None
    return {"lat_deg": round(lat_deg, 6), "lon_deg": round(lon_deg, 6)}


def rounded(value: float | None, digits: int) -> float | None:
    """Round what is known."""
    return None if value is None else round(value, digits)
