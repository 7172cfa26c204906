"""Where a ship was last heard by a moment, and what she did no more by then: for the words about an alert."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from seavigil.records import DAY_US, HOUR_US, SECOND_US, rfc3339, ship_named

if TYPE_CHECKING:
    from seavigil.runners.sea import Sea

#: Nearly every ship that is told of was heard so lately; of the others all that is kept is asked.
_LATELY_US = HOUR_US
_COLUMNS = ("lat_deg", "lon_deg", "mmsi", "vessel_part", "flags")


def last_heard(sea: Sea, vessel_id: str, at_us: int) -> dict[str, Any] | None:
    """Give the last sound position of a ship not later than a moment, None where none is kept.

    Keys: ``lat_deg``, ``lon_deg``, ``at``, ``age_s`` (seconds before the moment), ``asked_at`` (the moment).
    """
    mmsi, part = ship_named(vessel_id)
    ship = (mmsi, part or 0)
    rows = sea.sightings.reports(at_us - _LATELY_US, at_us, ship=ship, columns=_COLUMNS)
    if not rows.height:
        known = (one for one in sea.ships.heard(mmsi=mmsi, until_us=at_us) if one.part == ship[1])
        last_us = next((one.last_us for one in known), None)
        if last_us is None:
            return None
        rows = sea.sightings.reports(last_us - DAY_US, min(last_us, at_us), ship=ship, columns=_COLUMNS)
    if not rows.height:
        return None
    last = rows.row(-1, named=True)
    return {
        "lat_deg": round(last["lat_deg"], 6),
        "lon_deg": round(last["lon_deg"], 6),
        "at": rfc3339(last["time_us"]),
        "age_s": round((at_us - last["time_us"]) / SECOND_US, 1),
        "asked_at": rfc3339(at_us),
    }


def over_by(events: Iterable[Mapping[str, Any]], vessel_id: str, at_us: int) -> dict[str, str]:
    """Give what a ship did and by a moment was known to do no more: since when, by behaviour.

    ``events``: stored events of one alert. All of one behaviour have ended then, so far as was known.
    """
    found: dict[str, list[int | None]] = {}
    for event in events:
        ended_us = event["ended_us"]
        known = ended_us is not None and ended_us <= at_us and event["known_at_us"] <= at_us
        if event["vessel_id"] == vessel_id:
            found.setdefault(event["behaviour"], []).append(ended_us if known else None)
    ended = {name: [us for us in times if us is not None] for name, times in found.items()}
    return {name: str(rfc3339(max(us))) for name, us in ended.items() if len(us) == len(found[name])}
