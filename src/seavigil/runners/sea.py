"""The sea of one store: its rows, its ships and what stands, put together for whoever looks at it."""

from __future__ import annotations

import threading
from collections.abc import Iterable, Mapping
from contextlib import suppress
from typing import Any

import polars as pl

from seavigil.runners.plan import Plan
from seavigil.store.days import DayFiles
from seavigil.store.found import Found, Revision
from seavigil.store.sightings import Fresh, Sightings

#: Priorities from the least to the most pressing (DESIGN, section 5).
PRIORITIES = ("info", "advisory", "warning", "urgent")
#: A store with more reports is read before it is asked for (own choice: what takes longer than a blink).
_LARGE = 1_000_000
#: Revisions whose gist is kept: own choice, some kilobytes each.
_KEPT = 20_000
Line = Mapping[str, Any]


class Sea:
    """What was seen and found, read from one store; may be asked from any thread."""

    def __init__(self, days: DayFiles, found: Found, plan: Plan, fresh: Fresh | None = None) -> None:
        # heavy for who only asks whether the service is alive
        from seavigil.runners.asset_list import Shapes
        from seavigil.runners.heard_near import HeardNear
        from seavigil.runners.ship_ahead import ShipAhead
        from seavigil.runners.ships_seen import ShipsSeen

        self.sightings = Sightings(days, fresh)
        self.ships = ShipsSeen(self.sightings)
        self.ahead = ShipAhead(self.sightings, self.ships, plan)
        self.shapes = Shapes()
        self.heard_near = HeardNear(self.sightings)
        self._plan = plan
        self._places: list[str] | None = None
        self.found = found
        self._gists: dict[Revision, Line] = {}
        self._lock = threading.Lock()

    def warm(self) -> None:
        """Read what takes long once, in a large store; what cannot be read is said to who asks for it."""
        with suppress(OSError, pl.exceptions.PolarsError):
            if sum(piece.rows for piece in self.sightings.pieces("reports")) > _LARGE:
                self.ships.warm()

    def places(self) -> list[str]:
        """Give the places that were given as features, written once."""
        from seavigil.runners.sea_areas import places

        with self._lock:
            if self._places is None:
                self._places = places(self._plan.known.places)
            return self._places

    def standing(self, at_us: int | None = None) -> list[Line]:
        """Give the gist of each alert that stood at a moment (None: now): enough to say who may see it.

        Keys as in its line: ``alert_id, revision, priority, status, behaviours, vessel_id, others, assets``
        (ids alone), ``area, exercise, began``.
        """
        wanted = self.found.standing(at_us)
        with self._lock:
            missing = [one for one in wanted if one not in self._gists]
        lines = self.found.lines(missing)
        with self._lock:
            self._gists |= {one: _gist(line) for one, line in lines.items()}
            found = [self._gists[one] for one in wanted if one in self._gists]
            while len(self._gists) > _KEPT:
                del self._gists[next(iter(self._gists))]
        return found


def _gist(line: Line) -> Line:
    vessel = line["vessel"] or {}
    kept = ("alert_id", "revision", "priority", "status", "behaviours", "began", "assets")
    return {
        **{name: line[name] for name in kept},
        "assets": [{"asset_id": asset["asset_id"]} for asset in line["assets"]],
        "vessel_id": vessel.get("vessel_id"),
        "others": [ship["vessel_id"] for ship in line.get("other_vessels") or ()],
        "area": line.get("area"),
        "exercise": bool(line.get("exercise")),
    }


def by_ship(alerts: Iterable[Line]) -> dict[str, str]:
    """Give the priority of the most pressing alert about each ship, by her id."""
    return _most_pressing((ship, line) for line in alerts for ship in _ships(line))


def by_asset(alerts: Iterable[Line]) -> dict[str, list[str]]:
    """Give the priorities of the alerts about each asset, by its id, the most pressing first."""
    found: dict[str, list[str]] = {}
    for line in alerts:
        for asset_id in {asset["asset_id"] for asset in line["assets"]}:
            found.setdefault(asset_id, []).append(line["priority"])
    return {one: sorted(p, key=PRIORITIES.index, reverse=True) for one, p in found.items()}


def _ships(line: Line) -> set[str]:
    return {ship for ship in (line["vessel_id"], *line["others"]) if ship}


def _most_pressing(about: Iterable[tuple[str, Line]]) -> dict[str, str]:
    found: dict[str, str] = {}
    for ship, line in about:
        known = found.get(ship)
        if known is None or PRIORITIES.index(line["priority"]) > PRIORITIES.index(known):
            found[ship] = line["priority"]
    return found
