"""One revision of one alert, and the line it is written as."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from seavigil.events import Reason
from seavigil.records import rfc3339

#: How pressing an alert may be, the least first.
PRIORITIES = ("info", "advisory", "warning", "urgent")


@dataclass(frozen=True)
class VesselFacts:
    """What was known of the ship at the revision's data time."""

    mmsi: int
    vessel_id: str
    imo: int | None = None
    name: str | None = None
    callsign: str | None = None
    ship_type: int | None = None
    length_m: float | None = None
    flag: str | None = None


@dataclass(frozen=True)
class AlertAsset:
    """One asset concerned: how the ship went over it as far as known, or how soon she would.

    ``ahead_in_s``: she reaches it so much later than the revision if she goes on as she does.
    """

    asset_id: str
    name: str
    kind: str
    crossed_at_us: int | None = None
    crossed_within_s: float | None = None
    km_along: float | None = None
    angle_deg: float | None = None
    probability_over: float | None = None
    distance_m: float | None = None
    ahead_in_s: float | None = None


@dataclass(frozen=True)
class Area:
    """What an alert without a ship is about: an area, or a contact that no ship explains."""

    area_id: str
    south_deg: float | None = None
    west_deg: float | None = None
    north_deg: float | None = None
    east_deg: float | None = None


@dataclass(frozen=True)
class Feed:
    """The feed that an alert is about: ``url`` as it may be shown, and how it does at the revision."""

    name: str
    url: str
    state: str
    why: str = ""


@dataclass(frozen=True)
class Alert:
    """One revision of one alert: what was known at ``revised_at_us``, never more.

    ``strength`` is that of the case on the one scale of `risk.weights`; ``expected_from`` says which traffic
    ``expected_per_1000_ship_days`` was counted in. ``vessel`` is None for an ``area`` and for a
    ``feed``. ``faults``: the fault notices that she fits, or fitted, in order of time.
    ``silenced_by``: the silence for which nobody is told of this revision. ``outcome``: how it turned out,
    of an alert that a person closed.
    """

    alert_id: str
    revision: int
    status: str
    priority: str
    behaviours: tuple[str, ...]
    behaviour_first_seen_us: Mapping[str, int]
    vessel: VesselFacts | None
    assets: tuple[AlertAsset, ...]
    began_us: int
    ended_us: int | None
    detected_at_us: int
    revised_at_us: int
    lat_deg: float | None
    lon_deg: float | None
    reasons: tuple[Reason, ...]
    innocent_readings: tuple[Mapping[str, Any], ...]
    coverage: Mapping[str, Any]
    data_quality: Mapping[str, Any]
    event_ids: tuple[str, ...]
    strength: float = 0.0
    expected_per_1000_ship_days: float | None = None
    expected_from: Mapping[str, Any] | None = None
    other_vessels: tuple[VesselFacts, ...] = ()
    area: Area | None = None
    feed: Feed | None = None
    retracted_because: str | None = None
    next_assets: tuple[Mapping[str, Any], ...] = ()
    faults: tuple[Mapping[str, Any], ...] = ()
    exercise: bool = False
    silenced_by: str | None = None
    outcome: str | None = None

    def as_json(self) -> dict[str, Any]:
        """Give the ndjson line's object: times RFC 3339 UTC, keys in a fixed order."""
        line: dict[str, Any] = {
            "alert_id": self.alert_id,
            "revision": self.revision,
            "status": self.status,
            "priority": self.priority,
            "behaviours": list(self.behaviours),
            "behaviour_first_seen": {k: rfc3339(v) for k, v in self.behaviour_first_seen_us.items()},
            "vessel": None if self.vessel is None else _vessel(self.vessel),
            "other_vessels": [_vessel(v) for v in self.other_vessels],
            "area": None if self.area is None else dict(vars(self.area)),
            "feed": None if self.feed is None else dict(vars(self.feed)),
            "assets": [_asset(a) for a in self.assets],
            "faults": [dict(f) for f in self.faults],
            "began": rfc3339(self.began_us),
            "ended": rfc3339(self.ended_us),
            "detected_at": rfc3339(self.detected_at_us),
            "revised_at": rfc3339(self.revised_at_us),
            "position": _position(self.lat_deg, self.lon_deg),
            "reasons": [vars(r) for r in self.reasons],
            "innocent_readings": [dict(i) for i in self.innocent_readings],
            "strength": self.strength,
            "expected_per_1000_ship_days": _figures(self.expected_per_1000_ship_days),
            "expected_from": None if self.expected_from is None else dict(self.expected_from),
            "retracted_because": self.retracted_because,
            "next_assets": [dict(n) for n in self.next_assets],
            "coverage": dict(self.coverage),
            "data_quality": dict(self.data_quality),
            "event_ids": list(self.event_ids),
        }
        only_if = {"exercise": self.exercise, "silenced_by": self.silenced_by, "outcome": self.outcome}
        return line | {key: value for key, value in only_if.items() if value}


def _figures(value: float | None) -> float | None:
    """Round to three figures: a rate is not known better."""
    return None if value is None else float(f"{value:.3g}")


def _vessel(vessel: VesselFacts) -> dict[str, Any]:
    return dict(vars(vessel))


def _asset(asset: AlertAsset) -> dict[str, Any]:
    line: dict[str, Any] = {"asset_id": asset.asset_id, "name": asset.name, "kind": asset.kind}
    line["crossed_at"] = rfc3339(asset.crossed_at_us)
    rounded = {
        "crossed_within_s": 1,
        "km_along": 3,
        "angle_deg": 1,
        "probability_over": 4,
        "distance_m": 0,
        "ahead_in_s": 0,
    }
    for name, digits in rounded.items():
        value = getattr(asset, name)
        line[name] = None if value is None else round(value, digits)
    return line


def _position(lat_deg: float | None, lon_deg: float | None) -> dict[str, float] | None:
    if lat_deg is None or lon_deg is None:
        return None
    return {"lat_deg": round(lat_deg, 6), "lon_deg": round(lon_deg, 6)}
