"""Which of the ships under one MMSI sent this row: one row at a time, never looking ahead.

A step is *explained* when the reported speeds cover it, and *reachable* when some craft of that
class could have made it (see ``steps``). A row goes to

1. the ship that explains it, the best by SOG, then the nearest;
2. else, when its payload was heard before, to no ship: an old message repeated, JUMP;
3. else a candidate of two rows or more that explains it;
4. else back to the home of a ship that strayed from it a moment ago (the stray was the error, and
   becomes a candidate);
5. else the nearest ship that reaches it: SPEED_DISAGREES, and the place left is kept as its home;
6. else any candidate that explains it, else a new candidate: JUMP.

A candidate is confirmed by enough rows over enough time. Where some ship has not been heard since
the candidate began, it is that ship, which has moved (or whose first row was the error): one ship
is never in two places. Where all have been heard meanwhile, more rows over more time make it one
ship more. Rows flagged JUMP before stay so: nothing is judged with what came later.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from seavigil.records import Flag
from seavigil.tracks.params import TrackParams, us
from seavigil.tracks.steps import (
    Place,
    implied_between_kn,
    is_explained,
    is_reachable,
    is_still,
    misfit_kn,
    way_between_m,
)

_NONE, _JUMP, _DISAGREES = 0, int(Flag.JUMP), int(Flag.SPEED_DISAGREES)
_SHARED = int(Flag.SHARED_MMSI)

#: Part, flags, implied speed in knots.
Verdict = tuple[int, int, float]


@dataclass(slots=True)
class Run:
    """Consistent rows that belong to no ship yet."""

    last: Place
    began_us: int
    rows: int = 1


@dataclass(slots=True)
class Ship:
    """A ship's last sound place; ``home`` while it is not sure that it really left there."""

    last: Place
    home: Place | None = None
    since: Run | None = None


@dataclass(slots=True)
class Vessel:
    """All that is remembered of one MMSI."""

    heard_us: int
    ships: list[Ship] = field(default_factory=list)
    candidates: list[Run] = field(default_factory=list)


def judge(vessel: Vessel, row: Place, top_kn: float, params: TrackParams, *, echo: bool) -> Verdict:
    """Give the row its ship and flags, and update the vessel; ``echo``: its payload was heard before."""
    if row.time_us - vessel.heard_us > us(params.forget_after_s):
        vessel.ships.clear()
        vessel.candidates.clear()
    vessel.heard_us = row.time_us
    if not vessel.ships:
        vessel.ships.append(Ship(row))
        return 0, _NONE, float("nan")
    part, flags, implied = _Choice(vessel, row, top_kn, params).make(echo)
    return part, flags | (_SHARED if len(vessel.ships) > 1 else _NONE), implied


class _Choice:
    """One row before the ships and candidates of its MMSI."""

    def __init__(self, vessel: Vessel, row: Place, top_kn: float, params: TrackParams) -> None:
        self.vessel, self.row, self.top_kn, self.params = vessel, row, top_kn, params
        ways = [(way_between_m(ship.last, row), part) for part, ship in enumerate(vessel.ships)]
        self.ways = sorted(ways)

    def make(self, echo: bool) -> Verdict:
        fits = [fit for fit in self.ways if self._explains(fit[0], self.vessel.ships[fit[1]].last)]
        if fits:
            return self._sail_on(*min(fits, key=self._misfit))
        if echo:
            return self._jumped()
        run = self._candidate()
        if run is not None and run.rows > 1:
            return self._join(run)
        return self._back_home() or self._stray() or (self._join(run) if run is not None else self._open())

    def _explains(self, metres: float, place: Place) -> bool:
        return is_explained(metres, place, self.row, self.top_kn, self.params)

    def _misfit(self, fit: tuple[float, int]) -> tuple[float, float]:
        metres, part = fit
        return misfit_kn(metres, self.vessel.ships[part].last, self.row, self.params), metres

    def _reaches(self, metres: float, place: Place) -> bool:
        return is_reachable(metres, place, self.row, self.top_kn, self.params)

    def _sail_on(self, metres: float, part: int) -> Verdict:
        ship, row = self.vessel.ships[part], self.row
        still = is_still(metres, ship.last, row, self.params)
        implied = implied_between_kn(metres, ship.last, row)
        ship.last = row
        if ship.since is not None:
            ship.since.rows += 1
            if self._moved(ship.since):
                ship.home = ship.since = None
        return part, _DISAGREES if still else _NONE, implied

    def _moved(self, run: Run) -> bool:
        lasted = self.row.time_us - run.began_us >= us(self.params.confirm_s)
        return lasted and run.rows >= self.params.confirm_rows

    def _is_new(self, run: Run) -> bool:
        lasted = self.row.time_us - run.began_us >= us(self.params.new_ship_s)
        room = len(self.vessel.ships) < self.params.max_parts
        return room and lasted and run.rows >= self.params.new_ship_rows

    def _candidate(self) -> Run | None:
        """Give the nearest candidate that explains the row; candidates long silent are given up."""
        oldest_us = self.row.time_us - us(self.params.candidate_keep_s)
        self.vessel.candidates = [c for c in self.vessel.candidates if c.last.time_us >= oldest_us]
        ways = [(way_between_m(c.last, self.row), i) for i, c in enumerate(self.vessel.candidates)]
        for metres, i in sorted(ways):
            if self._explains(metres, self.vessel.candidates[i].last):
                return self.vessel.candidates[i]
        return None

    def _back_home(self) -> Verdict | None:
        for metres, part in self.ways:
            ship = self.vessel.ships[part]
            if ship.home is None or ship.since is None or self._reaches(metres, ship.last):
                continue
            home_m = way_between_m(ship.home, self.row)
            if self._explains(home_m, ship.home):
                implied = implied_between_kn(home_m, ship.home, self.row)
                self._add_candidate(Run(ship.last, ship.since.began_us, ship.since.rows))
                ship.last, ship.home, ship.since = self.row, None, None
                return part, _NONE, implied
        return None

    def _stray(self) -> Verdict | None:
        for metres, part in self.ways:
            ship = self.vessel.ships[part]
            if self._reaches(metres, ship.last):
                implied = implied_between_kn(metres, ship.last, self.row)
                ship.home = ship.home or ship.last
                ship.last, ship.since = self.row, Run(self.row, self.row.time_us)
                return part, _DISAGREES, implied
        return None

    def _join(self, run: Run) -> Verdict:
        metres, before = way_between_m(run.last, self.row), run.last
        run.last, run.rows = self.row, run.rows + 1
        part = self._place_for(run) if self._moved(run) else None
        if part is None:
            return self._jumped()
        self.vessel.candidates.remove(run)
        return part, _NONE, implied_between_kn(metres, before, self.row)

    def _place_for(self, run: Run) -> int | None:
        """Give the part that the candidate is, a new one where it can be none of them, or none yet."""
        ships = self.vessel.ships
        for _, part in self.ways:
            if ships[part].last.time_us < run.began_us:
                ships[part] = Ship(self.row)
                return part
        if not self._is_new(run):
            return None
        ships.append(Ship(self.row))
        return len(ships) - 1

    def _open(self) -> Verdict:
        self._add_candidate(Run(self.row, self.row.time_us))
        return self._jumped()

    def _add_candidate(self, run: Run) -> None:
        runs = self.vessel.candidates
        if len(runs) >= self.params.max_candidates:
            runs.remove(min(runs, key=lambda c: c.last.time_us))
        runs.append(run)

    def _jumped(self) -> Verdict:
        metres, part = self.ways[0]
        return part, _JUMP, implied_between_kn(metres, self.vessel.ships[part].last, self.row)
