"""Drawn events for the tests of risk."""

from __future__ import annotations

from dataclasses import replace

from seavigil.events import Bounds, Event
from seavigil.records import MINUTE_US


def event(
    behaviour: str,
    at_min: float,
    *,
    until_min: float | None = None,
    asset: str | None = None,
    **fields: object,
) -> Event:
    """Give an event that began ``at_min`` minutes into the day, and ended if ``until_min`` is given."""
    at_us = round(at_min * MINUTE_US)
    one = Event(
        event_id=f"{behaviour}-{asset}-{at_min}",
        revision=1,
        known_at_us=at_us,
        detected_at_us=at_us,
        behaviour=behaviour,
        params_hash="p",
        vessel_id="299100001",
        mmsi=299_100_001,
        asset_id=asset,
        began_us=at_us,
        ended_us=None,
        first_report_id=1,
        last_report_id=1,
        reports=1,
        lat_deg=59.0,
        lon_deg=20.0,
        sog_kn=3.0,
        cog_deg=90.0,
        peak_score=1.0,
    )
    return replace(one, **fields) if until_min is None else ended(replace(one, **fields), until_min)


def ended(one: Event, until_min: float) -> Event:
    """Give the event's second revision: it ended."""
    until_us = round(until_min * MINUTE_US)
    return replace(one, revision=2, ended_us=until_us, known_at_us=until_us)


def degraded(from_min: float, known_min: float, *, south_deg: float = 58.5) -> Event:
    """Give a degraded area around 59 N 20 E that began at one time and was known at another."""
    return replace(
        event("gnss_degraded", from_min),
        event_id=f"area-{from_min}",
        vessel_id="area:1",
        mmsi=None,
        known_at_us=round(known_min * MINUTE_US),
        bounds=Bounds(south_deg, 19.5, south_deg + 1.0, 20.5),
    )
