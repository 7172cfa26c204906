"""Unmatched detection: another sensor saw something where no ship reported herself.

In a sailor's words: the radar picture has an echo there, and nobody on the AIS is it.

For each contact (satellite radar, picture, radio bearing, sensor on the sea bed) every ship heard is put
where she was at that moment: between her reports before and after on the straight way, and as far off it
as her speed leaves room for. A ship matches if she can have been within the contact's error; moving ships
appear shifted on satellite radar, which is allowed for. A ship of quite another length is no match.
Nothing is judged that lies where a charted platform, wind farm or other structure is, or on land.

It is told once the five minutes after the contact are complete, as of the moment of the contact: one that
becomes known hours later wants another run over the recording. Where nobody was heard around then, nothing
can be said of who carries no AIS: told, as just that, with little weight.

What it misses: contacts in the last ten minutes of the data, or outside them; a dark ship close beside one
that reports, or among wind turbines; a contact that is no ship (a wave, a rig on tow, an iceberg) looks
like a dark one.

Innocent readings: small craft that need no AIS, a naval or police ship on duty, a false echo, a set out
of order, a wrong time or place of the contact.

Cases: tests/behaviours/test_unmatched_detection.py.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from seavigil import geodesy
from seavigil.behaviours.area_states import AreaBehaviour
from seavigil.behaviours.detect import Detected, params_hash
from seavigil.behaviours.surroundings import REACH_M, Surroundings
from seavigil.events import Bounds, Event, Reason
from seavigil.hashing import short_id
from seavigil.normal.contacts import SAR, Contact
from seavigil.normal.log import Log, ship_key
from seavigil.records import HOUR_US, SECOND_US

F64 = NDArray[np.float64]
I64 = NDArray[np.int64]

_KN_MS = 1852.0 / 3600.0
_PARTS = ship_key(1, 0)


@dataclass(frozen=True)
class UnmatchedDetectionParams:
    """``sar_shift_s``: radar pictures shift a target by its speed towards the radar times the range over
    the satellite's speed (for Sentinel-1 some 850 km over 7.5 km/s); 0.6 of her speed at a look of 38 deg.

    Own choices: half an hour of reports before, because the slowest AIS interval is three minutes; a tenth
    more speed than reported and a knot; 200 m between antenna and echo of a long ship; lengths that differ
    by half and 25 m, because radar lengths are coarse; one ship around in two of three bins, or usually
    half of the hour; 500 m inland.
    """

    heard_before_s: float = 1_800.0
    speed_ratio: float = 1.1
    speed_margin_kn: float = 1.0
    ship_m: float = 200.0
    sar_shift_s: float = 70.0
    length_ratio: float = 1.5
    length_margin_m: float = 25.0
    min_ships_around: int = 1
    covered_bins: int = 2
    learned_bins_per_day: float = 6.0
    inland_m: float = 500.0


@dataclass(frozen=True)
class _Ships:
    """Where ships can have been at a moment: around a place, within ``within_m``; arrays of one length."""

    ship: I64
    lat_deg: F64
    lon_deg: F64
    within_m: F64
    sog_kn: F64


def detect(
    surroundings: Surroundings,
    params: UnmatchedDetectionParams,
    *,
    settled_until_us: int,
    as_of_us: int,
) -> Detected:
    """Give one event for each contact that no ship explains, once the bin after it has become visible."""
    coverage = surroundings.coverage
    if not len(surroundings.contacts) or len(coverage.starts_us) < 2:
        return Detected([], settled_until_us)
    until_us = int(coverage.starts_us[-1])  # the last closed bin is the one after
    from_us = max(settled_until_us, int(coverage.starts_us[0]))
    events: list[Event] = []
    for contact in surroundings.contacts.in_order:
        if not from_us <= contact.time_us < until_us or _is_charted(contact, surroundings, params):
            continue
        at = int(np.searchsorted(coverage.starts_us, contact.time_us, side="right")) - 1
        if (
            contact.time_us < coverage.starts_us[at] + coverage.bin_us
        ):  # not while the feed was silent for days
            events += _judged(contact, surroundings, at, params)
    return Detected(events, max(until_us, settled_until_us))


def _judged(
    contact: Contact, surroundings: Surroundings, at: int, params: UnmatchedDetectionParams
) -> Iterator[Event]:
    known_at_us = int(surroundings.coverage.visible_us[at + 1])
    ships = _ships_then(contact, surroundings, at, params)
    off_m = geodesy.distance_m(ships.lat_deg, ships.lon_deg, contact.lat_deg, contact.lon_deg)
    slack_m = contact.error_m + ships.within_m + params.ship_m
    if contact.sensor == SAR:
        slack_m = slack_m + params.sar_shift_s * ships.sog_kn * _KN_MS
    near = np.flatnonzero(off_m <= slack_m)
    lengths = [_length_m(int(ships.ship[i]), surroundings, known_at_us) for i in near.tolist()]
    if any(_may_be(contact.length_m, length_m, params) for length_m in lengths):
        return
    reasons = _reasons(contact, surroundings, at, params)
    nearest_km = round(float(off_m.min()) / 1000.0, 1) if len(off_m) else None
    if nearest_km is not None and len(near) == 0:
        allowed_km = round(float(slack_m[int(off_m.argmin())]) / 1000.0, 1)
        reasons.append(Reason("nearest_ship", nearest_km, allowed_km, "km", 1.0))
    if contact.length_m is not None and lengths:
        closest_m = min((m for m in lengths if m is not None), key=lambda m: abs(m - contact.length_m))  # type: ignore[operator]
        reasons.append(Reason("length_of_no_ship_there", contact.length_m, closest_m, "m", 1.5))
    yield _event(contact, surroundings, params, known_at_us, tuple(reasons))


def _may_be(seen_m: float | None, ship_m: float | None, params: UnmatchedDetectionParams) -> bool:
    """Tell whether a ship of one length can look like one of the other; what is not known may be anything."""
    if seen_m is None or ship_m is None:
        return True
    low, high = sorted((seen_m, ship_m))
    return high - low < params.length_margin_m or high < params.length_ratio * low


def _length_m(ship: int, surroundings: Surroundings, at_us: int) -> float | None:
    mmsi, part = divmod(ship, _PARTS)
    return None if part else surroundings.statics.known(mmsi, at_us).length_m


def _ships_then(
    contact: Contact, surroundings: Surroundings, at: int, params: UnmatchedDetectionParams
) -> _Ships:
    """Put every ship heard in the half hour before or the bin after where she can have been then."""
    coverage = surroundings.coverage
    first = int(np.searchsorted(coverage.starts_us, contact.time_us - params.heard_before_s * SECOND_US))
    parts = [surroundings.log.during(int(us)) for us in coverage.starts_us[first : at + 2]]
    log = Log(*(np.concatenate([getattr(p, name) for p in parts]) for name in Log.__dataclass_fields__))
    ship = np.concatenate([log.ship, log.ship])
    time_us = np.concatenate([log.first_us, log.last_us])
    lat, lon = (
        np.concatenate([log.first_lat_deg, log.lat_deg]),
        np.concatenate([log.first_lon_deg, log.lon_deg]),
    )
    fastest = np.nan_to_num(np.concatenate([log.sog_most_kn, log.sog_most_kn]))
    order = np.lexsort((time_us, ship))
    ship, time_us, lat, lon, fastest = (column[order] for column in (ship, time_us, lat, lon, fastest))
    begin = np.flatnonzero(np.diff(ship, prepend=-1) != 0)
    end = np.append(begin[1:], len(ship))
    early = np.add.reduceat((time_us <= contact.time_us).astype(np.int64), begin) if len(begin) else begin
    before = np.clip(begin + early - 1, begin, end - 1)
    after = np.clip(begin + early, begin, end - 1)
    sog_kn = np.maximum(fastest[before], fastest[after])
    return _between(contact.time_us, (time_us, lat, lon), (ship[begin], before, after, sog_kn), params)


def _between(
    at_us: int,
    heard: tuple[I64, F64, F64],
    ships: tuple[I64, I64, I64, F64],
    params: UnmatchedDetectionParams,
) -> _Ships:
    """Give places on the straight way between two reports, or at the only one, and the room around them."""
    time_us, lat, lon = heard
    ship, a, b, sog_kn = ships
    span_us = time_us[b] - time_us[a]
    part = np.clip((at_us - time_us[a]) / np.maximum(span_us, 1), 0.0, 1.0)
    way_m = geodesy.plane_distance_m(lat[a], lon[a], lat[b], lon[b])
    top_m_s = (params.speed_ratio * sog_kn + params.speed_margin_kn) * _KN_MS
    # between two reports: half the short axis of the ellipse she can have been in
    between_m = np.sqrt(np.maximum((top_m_s * span_us / SECOND_US) ** 2 - way_m**2, 0.0)) / 2.0
    outside_us = np.maximum(np.maximum(time_us[a] - at_us, at_us - time_us[b]), 0)
    lone = (a == b) | (outside_us > 0)
    within_m = np.where(lone, top_m_s * outside_us / SECOND_US, between_m)
    return _Ships(
        ship,
        lat[a] + part * (lat[b] - lat[a]),
        geodesy.turn_deg(lon[a] + part * geodesy.turn_deg(lon[b] - lon[a])),
        within_m,
        sog_kn,
    )


def _is_charted(contact: Contact, surroundings: Surroundings, params: UnmatchedDetectionParams) -> bool:
    """Tell whether a structure is charted there, or land: what stands there needs no AIS."""
    lat, lon = np.array([contact.lat_deg]), np.array([contact.lon_deg])
    if surroundings.places.on_land(lat, lon, inland_m=params.inland_m)[0]:
        return True
    index = surroundings.assets
    if index is None:
        return False
    structures = [a.shape != "line" for a in index.assets]
    _, found = index.candidates(lat, lon, lat, lon, within_m=contact.error_m + params.ship_m)
    return any(structures[i] for i in found.tolist())


def _reasons(
    contact: Contact, surroundings: Surroundings, at: int, params: UnmatchedDetectionParams
) -> list[Reason]:
    """Say that nobody was there, or that nobody was heard around and so nothing can be said."""
    bins = np.arange(max(at - 1, 0), at + 2)
    around = surroundings.coverage.ships_around(bins, contact.lat_deg, contact.lon_deg)
    covered = int((around >= params.min_ships_around).sum()) >= params.covered_bins
    hour = np.array([contact.time_us // HOUR_US % 24])
    lat, lon = np.array([contact.lat_deg]), np.array([contact.lon_deg])
    usual = int(surroundings.pattern.report_interval_s(lat, lon, hour).rests_on[0])
    learned = usual > 0 and usual >= params.learned_bins_per_day * surroundings.pattern.days
    most = int(around.max())
    if not (covered or learned):
        return [Reason("nobody_heard_around", most, params.min_ships_around, "ships", 0.2)]
    told = [Reason("no_ship_at_contact", 0, 1, "ships", 2.0)]
    if covered:
        told.append(Reason("ships_heard_around", most, params.min_ships_around, "ships", 0.5))
    if contact.confidence is not None:
        told.append(Reason("contact_confidence", round(contact.confidence, 2), 1, "1", 0.5))
    return told


def _event(
    contact: Contact,
    surroundings: Surroundings,
    params: UnmatchedDetectionParams,
    known_at_us: int,
    reasons: tuple[Reason, ...],
) -> Event:
    asset_id, distance_m = _nearest_asset(contact, surroundings)
    hashed, vessel_id = params_hash(params), f"contact:{contact.contact_id}"
    row_id = int(short_id(vessel_id, contact.time_us), 16)
    event_id = short_id("unmatched_detection", vessel_id, asset_id, row_id, hashed)
    per_lat, per_lon = (float(m) for m in geodesy.metres_per_degree(contact.lat_deg))
    north, east = contact.error_m / per_lat, contact.error_m / max(per_lon, 1.0)
    return Event(
        event_id=event_id,
        revision=1,
        known_at_us=known_at_us,
        detected_at_us=known_at_us,
        behaviour="unmatched_detection",
        params_hash=hashed,
        vessel_id=vessel_id,
        mmsi=None,
        asset_id=asset_id,
        began_us=contact.time_us,
        ended_us=contact.time_us,
        first_report_id=row_id,
        last_report_id=row_id,
        reports=1,
        lat_deg=contact.lat_deg,
        lon_deg=contact.lon_deg,
        sog_kn=None,
        cog_deg=None,
        peak_score=1.0,
        distance_m=distance_m,
        reasons=reasons,
        bounds=Bounds(
            contact.lat_deg - north, contact.lon_deg - east, contact.lat_deg + north, contact.lon_deg + east
        ),
    )


def _nearest_asset(contact: Contact, surroundings: Surroundings) -> tuple[str | None, float | None]:
    """Give the nearest asset within reach of the contact and its error, and how far it is."""
    index = surroundings.assets
    if index is None:
        return None, None
    lat, lon = np.array([contact.lat_deg]), np.array([contact.lon_deg])
    reach_m = np.array([a.position_uncertainty_m + REACH_M + contact.error_m for a in index.assets])
    _, found = index.candidates(lat, lon, lat, lon, within_m=reach_m)
    if not len(found):
        return None, None
    metres = index.measure(lat.repeat(len(found)), lon.repeat(len(found)), found).distance_m
    nearest = int(np.argmin(metres))
    return index.assets[int(found[nearest])].asset_id, float(metres[nearest])


BEHAVIOUR = AreaBehaviour(name="unmatched_detection", params=UnmatchedDetectionParams(), detect=detect)
