"""Forecasts of every ship at every hour of a play, held against what she then entered."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from seavigil.assets.index import AssetIndex
from seavigil.behaviours import Surroundings
from seavigil.exercises.forecast_scoring import HORIZONS_H, OURS, STRAIGHT_LINE, Asked, Forecasts, NextHit
from seavigil.exercises.traffic import Inject
from seavigil.forecast.motion import MotionParams, State
from seavigil.forecast.next_assets import Entries, corridors_m
from seavigil.records import HOUR_US, MINUTE_US, SECOND_US, vessel_id
from seavigil.runners.ahead import Ahead
from seavigil.runners.fixes import LEFT_OUT, key_of, ships_of

F64 = NDArray[np.float64]
I64 = NDArray[np.int64]

#: One try that neither turns nor stops nor changes its speed: the ship goes on as she goes.
STRAIGHT = MotionParams(
    tries=1,
    turns_per_h=0.0,
    stops_per_h=0.0,
    leaves_per_h=0.0,
    speed_share=0.0,
    lost_share=0.0,
    regains_share=0.0,
    yaw_deg=0.0,
    heeds_share=0.0,
    follows_from=1e18,
    wavers_share=0.0,
)
#: Only ships heard within so long before the hour are asked about.
_HEARD_US = 10 * MINUTE_US
#: What a ship did over a longer silence is not known.
_STEP_US = 3 * HOUR_US
#: The next hit is asked about so long after one.
_AFTER_HIT_US = MINUTE_US


@dataclass(frozen=True, eq=False)
class _Told:
    """What was forecast at one moment; arrays of shape (ships, assets), see `forecast_scoring.Asked`.

    ``hits``: the asset that the one ship asked about hit next; None where all ships were asked about.
    """

    at_us: int
    ships: tuple[str, ...]
    within: Mapping[str, Mapping[int, F64]]
    from_s: F64
    until_s: F64
    judged: NDArray[np.bool_]
    hits: int | None


class ForecastPlay:
    """Gathers forecasts as a play goes on, and says at its end what came of them.

    Of ships of ``incidents`` a minute after each hit; with ``hourly`` also of all ships at every full hour,
    from an hour after the first report on.
    """

    def __init__(self, index: AssetIndex, incidents: Sequence[Inject] = (), *, hourly: bool = True) -> None:
        self._index, self._hourly = index, hourly
        self._hits = sorted(_hits(incidents, index))
        self._ahead = {OURS: Ahead(index), STRAIGHT_LINE: Ahead(index, STRAIGHT)}
        self._told: list[_Told] = []
        self._way = Way()
        self._since_us = 0

    def add(self, reports: pa.Table, surroundings: Surroundings) -> None:
        """Take what one piece of the play released; ``surroundings`` as known after it."""
        for ahead in self._ahead.values():
            ahead.heard(reports)
        self._way.add(reports)
        until_us, first_us = self._way.newest_us, self._way.oldest_us + HOUR_US
        since_us = max(self._since_us, first_us)
        for at_us in range(-(-since_us // HOUR_US) * HOUR_US, until_us + 1, HOUR_US) if self._hourly else ():
            self._ask(at_us, self._heard(at_us), surroundings)
        for at_us, ship, asset in self._hits:
            if self._since_us <= at_us <= until_us and ship in self._heard(at_us):
                self._ask(at_us, [ship], surroundings, asset)
        self._since_us = until_us + 1

    def _heard(self, at_us: int) -> list[str]:
        return self._ahead[OURS].heard_since(at_us - _HEARD_US, at_us)

    def _ask(
        self, at_us: int, ships: Sequence[str], surroundings: Surroundings, hits: int | None = None
    ) -> None:
        if not ships:
            return
        asked = [(ship, at_us) for ship in ships]
        shape = (len(ships), len(self._index.assets))
        looks = {who: ahead.look(asked, surroundings) for who, ahead in self._ahead.items()}
        within = {who: _within(look.met, shape, self._ahead[who].tries) for who, look in looks.items()}
        from_s, until_s = np.full(shape, np.nan), np.full(shape, np.nan)
        for row, lists in enumerate(looks[OURS].found):
            for found in lists:
                from_s[row, found.asset] = (found.eta_earliest_us - at_us) / SECOND_US
                until_s[row, found.asset] = (found.eta_latest_us - at_us) / SECOND_US
        inside = self._inside(looks[OURS].state, shape)
        self._told.append(_Told(at_us, tuple(ships), within, from_s, until_s, ~inside, hits))

    def _inside(self, state: State, shape: tuple[int, int]) -> NDArray[np.bool_]:
        """Tell which corridors each ship is in."""
        here = state.lat_deg, state.lon_deg
        inside = np.zeros(shape, dtype=np.bool_)
        inside[self._index.candidates(*here, *here, within_m=corridors_m(self._index))] = True
        return inside

    def result(self) -> Forecasts:
        """Give what all forecasts were worth."""
        forecasts = Forecasts()
        entered = self._way.entered(self._index)
        for told in self._told:
            after_s = entered.after_s(told.at_us, told.ships, len(self._index.assets))
            if told.hits is not None:
                forecasts.next_hit(_next_hit(told, after_s, told.hits))
                continue
            until_end_s = (self._way.newest_us - told.at_us) / SECOND_US
            for who, within in told.within.items():
                asked = Asked(after_s, told.judged, within, told.from_s, told.until_s, until_end_s)
                forecasts.score(who, asked)
                if who == OURS:
                    forecasts.rely(asked)
                    forecasts.hold(asked)
        for _ in range(len(self._hits) - sum(told.hits is not None for told in self._told)):
            forecasts.next_hit(None)
        return forecasts


def _next_hit(told: _Told, after_s: F64, asset: int) -> NextHit:
    from_s, until_s, came_s = (float(x[0, asset]) for x in (told.from_s, told.until_s, after_s))
    listed = np.flatnonzero(np.isfinite(told.from_s[0]))
    probability = told.within[OURS][HORIZONS_H[-1]][0]
    place = 1 + int((probability[listed] > probability[asset]).sum()) if np.isfinite(from_s) else None
    timed = bool(told.judged[0, asset]) and np.isfinite([from_s, came_s]).all()
    return NextHit(place, from_s <= came_s <= until_s if timed else None, len(listed))


def _hits(incidents: Sequence[Inject], index: AssetIndex) -> Iterator[tuple[int, str, int]]:
    """Give moment, ship and the asset hit next: after each hit of a drag."""
    numbers = {asset.name: i for i, asset in enumerate(index.assets)}
    for inject in incidents:
        if inject.drag_began_us is None:
            continue
        made = [hit for hit in inject.crossings if hit.crossed_at_us >= inject.drag_began_us]
        for hit, following in pairwise(sorted(made, key=lambda hit: hit.crossed_at_us)):
            at_us = hit.crossed_at_us + _AFTER_HIT_US
            if (
                following.crossed_at_us > at_us
                and following.asset != hit.asset
                and following.asset in numbers
            ):
                yield at_us, vessel_id(hit.mmsi, 0), numbers[following.asset]


def _within(met: Entries, shape: tuple[int, int], tries: int) -> dict[int, F64]:
    within = {}
    for hours in HORIZONS_H:
        soon = met.after_s <= hours * 3600.0
        share = np.zeros(shape)
        np.add.at(share, (met.ship[soon], met.asset[soon]), 1.0 / tries)
        within[hours] = share
    return within


@dataclass
class Way:
    """Where ships were, a report a minute: enough to tell when they entered what."""

    parts: list[tuple[I64, I64, F64, F64]] = field(default_factory=list)
    oldest_us: int = 0
    newest_us: int = 0

    def add(self, reports: pa.Table) -> None:
        """Take released reports (TRACKED)."""
        rows = reports.filter(pa.array((reports["flags"].to_numpy() & LEFT_OUT) == 0))
        ship = ships_of(rows)
        time_us = rows["time_us"].cast(pa.int64()).to_numpy()
        if not len(ship):
            return
        self.oldest_us = int(time_us.min()) if not self.parts else self.oldest_us
        self.newest_us = max(self.newest_us, int(time_us.max()))
        order = np.lexsort((time_us, ship))
        minute = time_us[order] // MINUTE_US
        first = (np.diff(ship[order], prepend=-1) != 0) | (np.diff(minute, prepend=-1) != 0)
        keep = order[first]
        lat, lon = (rows[name].cast(pa.float64()).to_numpy()[keep] for name in ("lat_deg", "lon_deg"))
        self.parts.append((ship[keep], time_us[keep], lat, lon))

    def entered(self, index: AssetIndex) -> Entered:
        """Give every step of every ship that ends in a corridor or goes through it."""
        ship, time_us, lat, lon = (np.concatenate(column) for column in zip(*self.parts, strict=True))
        order = np.lexsort((time_us, ship))
        ship, time_us, lat, lon = ship[order], time_us[order], lat[order], lon[order]
        step = np.flatnonzero((np.diff(ship) == 0) & (np.diff(time_us) <= _STEP_US)) + 1
        row, asset = index.candidates(
            lat[step - 1], lon[step - 1], lat[step], lon[step], within_m=corridors_m(index)
        )
        return Entered(ship[step[row]], time_us[step[row]], asset)


@dataclass(frozen=True, eq=False)
class Entered:
    """Moments at which ships were in corridors; arrays of one length."""

    ship: I64
    time_us: I64
    asset: I64

    def after_s(self, at_us: int, ships: Sequence[str], assets: int) -> F64:
        """Give for each ship and asset in how many seconds she was first in its corridor; infinite: never."""
        after_s = np.full((len(ships), assets), np.inf)
        rows = {key_of(ship): row for row, ship in enumerate(ships)}
        later = (self.time_us > at_us) & np.isin(self.ship, list(rows))
        row = np.array([rows[ship] for ship in self.ship[later].tolist()], dtype=np.int64)
        np.minimum.at(after_s, (row, self.asset[later]), (self.time_us[later] - at_us) / SECOND_US)
        return after_s
