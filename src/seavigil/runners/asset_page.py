"""What went on at one asset: who passed over it, who came near, and how much of that there is where."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import Any

import numpy as np
import polars as pl

from seavigil.assets.index import AssetIndex
from seavigil.assets.model import Asset
from seavigil.normal.ship_kinds import ship_kind
from seavigil.records import HOUR_US, MINUTE_US, rfc3339, ship_named, vessel_id
from seavigil.runners.asset_shapes import places_at
from seavigil.runners.event_rows import Row, event_row, rounded
from seavigil.runners.heard_near import around
from seavigil.runners.sea import Sea
from seavigil.runners.ships_seen import Ship
from seavigil.store.found import Span

#: An asset whose crossings are counted has at most so many of these.
MOST_COUNTED = 50_000
#: Crossings come in order of the passage's beginning, which is the crossing but for a few.
_MARGIN = 100
#: In a shorter part of an hour nobody need have reported: a ship at anchor does so every three minutes (ITU-R
#: M.1371-5, table 1).
_LEAST_US = 5 * MINUTE_US
_STEPS_KM = (1.0, 2.0, 5.0, 10.0, 20.0, 50.0, 100.0)
_MOST_BINS = 200
_SHIP = ["mmsi", "vessel_part"]


def passages(sea: Sea, asset: Asset, from_us: int, to_us: int, limit: int) -> list[Row]:
    """Give who crossed the charted route, the last first; each with the newest that is known of it."""
    lines = _crossings(sea, asset, from_us, to_us, limit + _MARGIN)
    lines = [line for line in lines if line["detected_at_us"] <= to_us][:limit]
    known = sea.ships.known_then((_ship(line["vessel_id"]), _crossed_us(line)) for line in lines)
    alerts = sea.found.alerts_of_events([line["event_id"] for line in lines], to_us)
    given = []
    for said, line in zip(known, lines, strict=True):
        row = event_row(line, {asset.asset_id: asset.name})
        names = ("event_id", "vessel_id", "crossed_at", "crossed_within_s", "km_along", "sog_kn", "angle_deg")
        told = {name: row[name] for name in (*names, "probability_over")}
        alert = {"alert_id": alerts.get(line["event_id"]), "position": _where(asset, row)}
        given.append({**told, "name": said.name, "ship_class": ship_kind(said.ship_type), **alert})
    return given


def _where(asset: Asset, row: Row) -> dict[str, float] | None:
    """Give the place on the charted route; of what tells no kilometre, her last position."""
    if row["km_along"] is None:
        return dict(row["position"]) if row["position"] else None
    lat, lon = places_at(asset, np.array([row["km_along"]]))
    return {"lat_deg": round(float(lat[0]), 6), "lon_deg": round(float(lon[0]), 6)}


def _crossings(sea: Sea, asset: Asset, from_us: int, to_us: int, most: int = MOST_COUNTED) -> list[Row]:
    span = Span(from_us, to_us, most)
    found = sea.found.events_of_asset(asset.asset_id, span, ["crossing"])
    found = [line for line in found if from_us <= _crossed_us(line) <= to_us]
    return sorted(found, key=_crossed_us, reverse=True)


def _crossed_us(line: Row) -> int:
    at_us = (line["passage"] or {}).get("crossed_at_us")
    return int(line["began_us"] if at_us is None else at_us)


def _ship(ship: str) -> Ship:
    mmsi, part = ship_named(ship)
    return mmsi, part or 0


def closest(sea: Sea, asset: Asset, from_us: int, to_us: int, within_m: float, limit: int) -> list[Row]:
    """Give the ships that came within ``within_m`` of an asset, the nearest first, where each was nearest.

    By her reports, not what she did between two of them: who crossed is told by `passages`.
    """
    columns = (*_SHIP, "lat_deg", "lon_deg", "sog_kn", "flags")
    index = AssetIndex([asset])
    rows = sea.sightings.reports(from_us, to_us, box=around(asset, within_m), columns=columns)
    near = _nearest(rows, index, within_m)
    who = list(near.select(_SHIP).iter_rows())
    known = sea.ships.known(who, to_us)
    names = dict(zip(who, known, strict=True))
    return [_close(row, names[row["mmsi"], row["vessel_part"]]) for row in near.head(limit).to_dicts()]


def _nearest(rows: pl.DataFrame, index: AssetIndex, within_m: float) -> pl.DataFrame:
    """Give of each ship the row nearest to the only asset, and how near, in order of that."""
    lat, lon = rows["lat_deg"].to_numpy(), rows["lon_deg"].to_numpy()
    at, _ = index.candidates(lat, lon, lat, lon, within_m=within_m)
    seen = index.measure(lat[at], lon[at], np.zeros(len(at), dtype=np.int64))
    found = rows[at].with_columns(
        pl.Series("distance_m", seen.distance_m), pl.Series("km_along", seen.km_along).fill_nan(None)
    )
    return found.sort("distance_m", "time_us").unique(_SHIP, keep="first", maintain_order=True)


def _close(row: Row, said: Any) -> Row:
    return {
        "vessel_id": vessel_id(row["mmsi"], row["vessel_part"]),
        "name": said.name,
        "ship_class": ship_kind(said.ship_type),
        "at": rfc3339(row["time_us"]),
        "distance_m": round(row["distance_m"], 1),
        "km_along": rounded(row["km_along"], 3),
        "sog_kn": rounded(row["sog_kn"], 1),
        "position": {"lat_deg": round(row["lat_deg"], 6), "lon_deg": round(row["lon_deg"], 6)},
    }


def exposure(sea: Sea, asset: Asset, from_us: int, to_us: int) -> Row:
    """Count crossings by kilometre and by kind of ship, and say in which hours anybody was heard there.

    ``slow_crossings``: those that `slow_crossing` found as well. ``hours``: of the stretch asked for;
    ``hours_heard``: of these whole or begun hours the ones in which a ship was heard within 11 km of it;
    ``unheard``: stretches of the others. What is left of an hour at either end, under five minutes, counts
    only if somebody was heard in it. Where nobody was heard nothing is known, which is not nothing.
    """
    lines = _crossings(sea, asset, from_us, to_us)
    span = Span(from_us, to_us, MOST_COUNTED)
    slow = _passing(sea.found.events_of_asset(asset.asset_id, span, ["slow_crossing"]))
    known = sea.ships.known_then((_ship(line["vessel_id"]), _crossed_us(line)) for line in lines)
    of_kind = Counter(ship_kind(said.ship_type) for said in known)
    heard = sea.heard_near.hours(asset, from_us, to_us)
    begun = range(from_us // HOUR_US, -(-to_us // HOUR_US) if to_us > from_us else from_us // HOUR_US)
    hours = [h for h in begun if h in heard or _within_us(h, from_us, to_us) >= _LEAST_US]
    unheard = [hour for hour in hours if hour not in heard]
    return {
        "from": rfc3339(from_us),
        "to": rfc3339(to_us),
        "hours": round((to_us - from_us) / HOUR_US, 2),
        "hours_heard": len(hours) - len(unheard),
        "hours_asked": len(hours),
        "unheard": _stretches(unheard, from_us, to_us),
        "crossings": len(lines),
        "km": _by_km(asset, lines, slow),
        "by_class": dict(sorted(of_kind.items(), key=lambda one: (-one[1], one[0]))),
    }


def _within_us(hour: int, from_us: int, to_us: int) -> int:
    return min((hour + 1) * HOUR_US, to_us) - max(hour * HOUR_US, from_us)


def _passing(lines: Iterable[Row]) -> set[tuple[str, int]]:
    """Name passages by ship and time of crossing: both behaviours tell it alike."""
    return {(line["vessel_id"], _crossed_us(line)) for line in lines}


def _by_km(asset: Asset, lines: list[Row], slow: set[tuple[str, int]]) -> list[Row]:
    length_km = asset.length_km or 0.0
    step = next((s for s in _STEPS_KM if length_km / s <= _MOST_BINS), _STEPS_KM[-1])
    bins = max(int(np.ceil(length_km / step)), 1) if asset.shape == "line" else 0
    counts = np.zeros((bins, 2), dtype=np.int64)
    for line in lines:
        km = (line["passage"] or {}).get("km_along")
        if km is not None and bins:
            at = min(int(km // step), bins - 1)
            counts[at] += (1, (line["vessel_id"], _crossed_us(line)) in slow)
    return [
        {
            "from_km": round(n * step, 3),
            "to_km": round(min((n + 1) * step, length_km), 3),
            "crossings": every,
            "slow_crossings": slowly,
        }
        for n, (every, slowly) in enumerate(counts.tolist())
    ]


def _stretches(hours: list[int], from_us: int, to_us: int) -> list[Row]:
    """Give stretches of hours one after another, as far as they were asked for."""
    found: list[list[int]] = []
    for hour in hours:
        if found and hour == found[-1][1]:
            found[-1][1] = hour + 1
        else:
            found.append([hour, hour + 1])
    ends = ((max(a * HOUR_US, from_us), min(b * HOUR_US, to_us)) for a, b in found)
    return [{"from": rfc3339(a), "to": rfc3339(b)} for a, b in ends]
