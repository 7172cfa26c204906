"""Silences: for some time of the data nobody is told of alerts that somebody expects.

A silenced alert is judged, kept and stored as ever; it carries the silence's id (``silenced_by``).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from seavigil.alerts.alert import PRIORITIES, Alert
from seavigil.alerts.commands import Command
from seavigil.alerts.transitions import Refused
from seavigil.events import Bounds
from seavigil.records import DAY_US, SECOND_US, parse_time_us, rfc3339

#: Own choice: what is silenced for longer is forgotten; work at sea is announced for days, or renewed.
LONGEST_US = 30 * DAY_US

#: Own choice: a beginning farther ahead is a slip of the pen.
_FARTHEST_US = 366 * DAY_US

#: A ship that does something odd crosses things meanwhile: that alone does not break a silence of it.
_ALONG = frozenset({"crossing"})

_LISTS = ("behaviours", "assets", "mmsi", "alerts", "feeds")
_ARGUMENTS = (*_LISTS, "area", "at_most_priority", "from", "until", "for_s")


@dataclass(frozen=True)
class Silence:
    """From ``from_us`` to before ``until_us`` (data time) nobody is told of alerts of which all this is so.

    ``behaviours``: it has no others (crossings aside); ``assets``: it concerns no others, and at least one;
    ``mmsi``: the ship is one of these; ``area``: it was found in there; ``alerts``, ``feeds``: it is one of
    these, it is about one of these. None or nothing of a kind: whatever it is. It is not more pressing than
    ``at_most_priority``: an urgent alert is silenced only where the silence says so.
    """

    silence_id: str
    from_us: int
    until_us: int
    who: str
    why: str
    behaviours: frozenset[str] = frozenset()
    assets: frozenset[str] = frozenset()
    mmsi: frozenset[int] = frozenset()
    alerts: frozenset[str] = frozenset()
    feeds: frozenset[str] = frozenset()
    area: Bounds | None = None
    at_most_priority: str = "warning"

    def active(self, at_us: int) -> bool:
        """Whether it holds at a data time."""
        return self.from_us <= at_us < self.until_us

    def covers(self, alert: Alert) -> bool:
        """Whether nobody is to be told of this revision while the silence holds."""
        if PRIORITIES.index(alert.priority) > PRIORITIES.index(self.at_most_priority):
            return False
        conduct = set(alert.behaviours) - _ALONG or set(alert.behaviours)
        assets = {asset.asset_id for asset in alert.assets}
        return (
            (not self.behaviours or conduct <= self.behaviours)
            and (not self.assets or (bool(assets) and assets <= self.assets))
            and (not self.mmsi or (alert.vessel is not None and alert.vessel.mmsi in self.mmsi))
            and (not self.alerts or alert.alert_id in self.alerts)
            and (not self.feeds or (alert.feed is not None and alert.feed.name in self.feeds))
            and (self.area is None or _inside(alert, self.area))
        )

    def as_json(self) -> dict[str, Any]:
        """Give it as one line: times RFC 3339 UTC, lists sorted."""
        line: dict[str, Any] = {"silence_id": self.silence_id}
        line |= {"from": rfc3339(self.from_us), "until": rfc3339(self.until_us)}
        line |= {"who": self.who, "why": self.why}
        line |= {name: sorted(getattr(self, name)) for name in _LISTS}
        area = None if self.area is None else dict(vars(self.area))
        return line | {"area": area, "at_most_priority": self.at_most_priority}


def silence_of(command: Command, data_us: int) -> Silence:
    """Give the silence that a command asks for at ``data_us``; its id is the command's.

    Arguments: ``until`` (RFC 3339) or ``for_s`` (seconds from its beginning), ``from`` (else now), lists
    ``behaviours``, ``assets``, ``mmsi``, ``alerts``, ``feeds``, ``area`` (south, west, north, east, in
    degrees) and ``at_most_priority``. Raises ``Refused`` where it has no end, too late a one, or would
    silence everything.
    """
    told = command.arguments
    unknown = set(told) - set(_ARGUMENTS)
    if unknown:
        raise Refused(f"silence: {min(unknown)!r} is not known; there are {', '.join(_ARGUMENTS)}")
    from_us = max(data_us, _time_us(told, "from") or data_us)
    if from_us - data_us > _FARTHEST_US:
        raise Refused(f"silence: {rfc3339(from_us)} is over a year ahead")
    until_us = _until_us(told, from_us)
    if until_us <= from_us:
        raise Refused(f"silence: it would be over at {rfc3339(until_us)}, before it begins")
    if until_us - from_us > LONGEST_US:
        raise Refused("silence: for 30 days at most; renew it then")
    lists = {name: _several(told, name) for name in _LISTS}
    area = _area(told.get("area"))
    if not any(lists.values()) and area is None:
        raise Refused(f"silence: of what? Give one of {', '.join(_LISTS)}, area; not of everything")
    most = told.get("at_most_priority", "warning")
    if most not in PRIORITIES:
        raise Refused(f"silence: {most!r} is no priority; there are {', '.join(PRIORITIES)}")
    return Silence(
        command.command_id,
        from_us,
        until_us,
        command.who,
        command.why,
        **lists,
        area=area,
        at_most_priority=most,
    )


def silencing(silences: Iterable[Silence], alert: Alert, at_us: int) -> str | None:
    """Give the id of the silence that holds for an alert, of several the one that lasts longest."""
    holding = [s for s in silences if s.active(at_us) and s.covers(alert)]
    return max(holding, key=lambda s: (s.until_us, s.silence_id)).silence_id if holding else None


def _inside(alert: Alert, area: Bounds) -> bool:
    if alert.lat_deg is None or alert.lon_deg is None:
        return False
    across = area.west_deg > area.east_deg  # over the antimeridian
    lon_in = (alert.lon_deg >= area.west_deg, alert.lon_deg <= area.east_deg)
    return area.south_deg <= alert.lat_deg <= area.north_deg and (any(lon_in) if across else all(lon_in))


def _until_us(told: Mapping[str, Any], from_us: int) -> int:
    until_us, for_s = _time_us(told, "until"), told.get("for_s")
    if (until_us is None) == (for_s is None):
        raise Refused("silence: say until when, or for how long")
    if until_us is not None:
        return until_us
    if isinstance(for_s, bool) or not isinstance(for_s, int | float) or not 0 < for_s < 1e9:
        raise Refused(f"silence: {for_s!r} is no number of seconds")
    return from_us + round(for_s * SECOND_US)


def _time_us(told: Mapping[str, Any], name: str) -> int | None:
    said = told.get(name)
    try:
        return None if said is None else parse_time_us(str(said))
    except ValueError as fault:
        raise Refused(f"silence: {fault}") from fault


def _several(told: Mapping[str, Any], name: str) -> frozenset[Any]:
    said = told.get(name) or ()
    kind = int if name == "mmsi" else str
    if isinstance(said, str) or not isinstance(said, list | tuple) or not all(type(v) is kind for v in said):
        raise Refused(f"silence: {name} is no list of {'numbers' if kind is int else 'names'}")
    return frozenset(said)


def _area(said: object) -> Bounds | None:
    if said is None:
        return None
    if not isinstance(said, list | tuple) or len(said) != 4:
        raise Refused("silence: an area is south, west, north, east in degrees")
    try:
        south, west, north, east = (float(value) for value in said)
    except (TypeError, ValueError) as fault:
        raise Refused("silence: an area is south, west, north, east in degrees") from fault
    if not (-90 <= south <= north <= 90 and -180 <= west <= 180 and -180 <= east <= 180):
        raise Refused("silence: there is no such area; give south, west, north, east in degrees")
    return Bounds(south, west, north, east)
