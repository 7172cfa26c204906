"""What lies ahead of a ship at a moment: her state from what was heard by then, and the forecast from it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import compress
from typing import Any

import numpy as np
import pyarrow as pa

from seavigil.alerts import Alert
from seavigil.assets.index import AssetIndex
from seavigil.behaviours import Surroundings
from seavigil.forecast.motion import MotionParams, Paths, State, paths
from seavigil.forecast.motion import ahead as gone_on
from seavigil.forecast.next_assets import (
    CallParams,
    Entries,
    NextAsset,
    entries,
    next_assets,
)
from seavigil.forecast.shore import Shore
from seavigil.forecast.ways import Ways, fixed, of_log_and
from seavigil.geodesy import turn_deg
from seavigil.normal.pattern import Pattern
from seavigil.normal.places import LAND, Places
from seavigil.records import HOUR_US, MINUTE_US, SECOND_US, rfc3339
from seavigil.runners.faults import Faults
from seavigil.runners.fixes import Fixes, key_of

#: A ship and a moment.
Asked = tuple[str, int]

#: Ways of the hours that were asked for last are kept: an alert may be of the hour before.
_HOURS_KEPT = 3
#: Her speed's wavering is that of her last half hour in the log.
_WAVERS_US = 35 * MINUTE_US
#: A silent ship is taken to have gone on as last heard; for longer than this nothing is forecast of her (own
#: choice: after six hours she may be anywhere).
SILENT_US = 6 * HOUR_US
_KN_M_S = 1852.0 / 3600.0


@dataclass(frozen=True, eq=False)
class Look:
    """What was seen ahead of some ships: their states, all first entries, and what they come to."""

    state: State
    met: Entries
    found: tuple[tuple[NextAsset, ...], ...]


class Ahead:
    """Forecasts of next assets, each as known at its own moment; state bounded by what `Fixes` keeps."""

    def __init__(
        self, index: AssetIndex | None, motion: MotionParams | None = None, call: CallParams | None = None
    ) -> None:
        self._index = index
        self._motion, self._call = motion or MotionParams(), call or CallParams()
        self._fixes = Fixes()
        self._ways: dict[int, Ways] = {}
        self._fixed: tuple[Any, ...] | None = None
        self._given: tuple[Places, Pattern] | None = None
        self._shore: Shore | None = None

    def heard(self, reports: pa.Table) -> None:
        """Take released reports (TRACKED, in order of time)."""
        if self._index is not None:
            self._fixes.add(reports)

    def told(self, alerts: Sequence[Alert], surroundings: Surroundings, faults: Faults) -> list[Alert]:
        """Give the alerts with the assets ahead of their ships; of a ship whose forecast fails, with none."""
        ships = {(a.vessel.vessel_id, a.revised_at_us) for a in alerts if a.vessel is not None}
        asked = sorted(ships)
        if self._index is None or not asked:
            return list(alerts)
        known = faults.guard("all ships", "forecast", self.forecast, asked, surroundings)
        if known is None:
            each = {
                one: faults.guard(one[0], "forecast", self.forecast, [one], surroundings) for one in asked
            }
            known = {one: found[one] for one, found in each.items() if found is not None}
        return [replace(alert, next_assets=self._lines(known, alert)) for alert in alerts]

    def forecast(
        self, asked: Sequence[Asked], surroundings: Surroundings
    ) -> dict[Asked, tuple[NextAsset, ...]]:
        """Give for each ship and moment the assets ahead of her; none for one not heard for six hours."""
        silent_us = [at_us for _, at_us in asked] - self._fixes.at(asked).time_us
        heard = (silent_us <= SILENT_US).tolist()
        looks = [(few, self.look(few, surroundings)) for few in _by_hour(list(compress(asked, heard)))]
        found = {one: ahead for few, look in looks for one, ahead in zip(few, look.found, strict=True)}
        return {one: found.get(one, ()) for one in asked}

    def look(self, asked: Sequence[Asked], surroundings: Surroundings) -> Look:
        """Look ahead of ships at moments within one hour."""
        if self._index is None:
            raise ValueError("no assets are loaded: nothing lies ahead of any ship")
        now_us = np.array([at_us for _, at_us in asked], dtype=np.int64)
        state, length_m = self._state(asked, surroundings)
        ways = self._ways_of(asked[0][1] // HOUR_US * HOUR_US, surroundings)
        met = entries(state, ways, self._index, self._motion, self._land(surroundings))
        found = next_assets(met, state, now_us, length_m, self._index, self.tries, self._call)
        return Look(state, met, tuple(found))

    def tries_of(self, state: State, at_us: int, surroundings: Surroundings) -> Paths:
        """Give the ways that ships in a state of this moment may go: those that `look` met assets with."""
        ways = self._ways_of(at_us // HOUR_US * HOUR_US, surroundings)
        return paths(state, ways, self._motion, self._land(surroundings))

    def heard_since(self, since_us: int, at_us: int) -> list[str]:
        """Give the ids of the ships heard after one moment and up to another."""
        return self._fixes.heard(since_us, at_us)

    def last_heard_us(self, vessel: str) -> int | None:
        """Give when a ship was last heard, None: not within the last two days."""
        return self._fixes.last_us(vessel)

    def ways_heard(self, at_us: int, surroundings: Surroundings) -> int:
        """Give how many stretches of ships heard before the full hour the forecast can go by."""
        return self._ways_of(at_us // HOUR_US * HOUR_US, surroundings).heard

    @property
    def tries(self) -> int:
        """How many ways of each ship are tried."""
        return self._motion.tries

    def _state(self, asked: Sequence[Asked], surroundings: Surroundings) -> tuple[State, Any]:
        """Give where each ship was and how she went at her moment, and her length in m (NaN: unknown)."""
        fix = self._fixes.at(asked)
        now_us = np.array([at_us for _, at_us in asked], dtype=np.int64)
        own = np.array([_own(ship, at_us, surroundings) for ship, at_us in asked]).reshape(-1, 2)
        said = [_said(ship, at_us, surroundings) for ship, at_us in asked]
        to = np.array([spot for spot, _ in said]).reshape(-1, 2)
        silent_s = np.clip((now_us - fix.time_us) / SECOND_US, 0.0, SILENT_US / SECOND_US)
        run_m = np.nan_to_num(fix.sog_kn) * _KN_M_S * silent_s
        lat, lon = gone_on(fix.lat_deg, fix.lon_deg, np.nan_to_num(fix.cog_deg), run_m)
        lon = turn_deg(lon)
        state = State(lat, lon, fix.sog_kn, fix.cog_deg, own[:, 0], own[:, 1], to[:, 0], to[:, 1])
        return state, np.array([length_m for _, length_m in said])

    def _ways_of(self, at_us: int, surroundings: Surroundings) -> Ways:
        """Give the ways known at the full hour: made once, whatever is asked in that hour."""
        places, pattern = surroundings.places, surroundings.pattern
        known = self._given is not None and self._given[0] is places and self._given[1] is pattern
        if self._fixed is None or not known:  # they are empty after a piece whose learning failed
            self._given, self._fixed = (places, pattern), fixed(places, pattern)
        if at_us not in self._ways:
            self._ways[at_us] = of_log_and(surroundings.log, at_us, self._fixed)
            if len(self._ways) > _HOURS_KEPT:
                del self._ways[next(iter(self._ways))]
        return self._ways[at_us]

    def _land(self, surroundings: Surroundings) -> Shore | None:
        if not surroundings.places.knows(LAND):
            return None
        if self._shore is None or self._shore.places is not surroundings.places:
            self._shore = Shore(surroundings.places)
        return self._shore

    def _lines(self, known: dict[Asked, tuple[NextAsset, ...]], alert: Alert) -> tuple[dict[str, Any], ...]:
        if alert.vessel is None:
            return ()
        return self.lines(known.get((alert.vessel.vessel_id, alert.revised_at_us), ()))

    def lines(self, found: Iterable[NextAsset]) -> tuple[dict[str, Any], ...]:
        """Give the forecast as it stands in an alert's line."""
        return () if self._index is None else tuple(_line(self._index, one) for one in found)


def _by_hour(asked: Sequence[Asked]) -> list[list[Asked]]:
    """Put those together that lie in one hour."""
    hours = sorted({at_us // HOUR_US for _, at_us in asked})
    return [[one for one in asked if one[1] // HOUR_US == hour] for hour in hours]


def _line(index: AssetIndex, one: NextAsset) -> dict[str, Any]:
    asset = index.assets[one.asset]
    return {
        "asset_id": asset.asset_id,
        "name": asset.name,
        "kind": asset.kind,
        "eta_earliest": rfc3339(one.eta_earliest_us),
        "eta_likely": rfc3339(one.eta_likely_us),
        "eta_latest": rfc3339(one.eta_latest_us),
        "probability": round(one.probability, 3),
        "call_by": rfc3339(one.call_by_us),
    }


def _own(ship: str, at_us: int, surroundings: Surroundings) -> tuple[float, float]:
    """Give by how much her speed wavers, and her usual speed, from her log as visible by then."""
    log = surroundings.log.of(*divmod(key_of(ship), 256))
    rows = np.flatnonzero((log.visible_us <= at_us) & (log.start_us > at_us - _WAVERS_US))
    if not len(rows):
        return np.nan, np.nan
    speeds = log.sog_kn[rows]
    return float(np.nanstd(speeds)) if np.isfinite(speeds).sum() > 2 else np.nan, float(
        log.own_sog_kn[rows[-1]]
    )


def _said(ship: str, at_us: int, surroundings: Surroundings) -> tuple[tuple[float, float], float]:
    """Give where she says she is bound for, the nearest port of that name, and how long she is."""
    mmsi, _, part = ship.partition("#")
    static = surroundings.statics.known(int(mmsi), at_us)
    if part:  # whose of several ships' data these are is not known
        return (np.nan, np.nan), np.nan
    ports = surroundings.places.ports_named(static.destination or "")
    length_m = np.nan if static.length_m is None else static.length_m
    return (ports[0] if len(ports) == 1 else (np.nan, np.nan)), length_m
