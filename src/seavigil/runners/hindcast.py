"""Hindcast: one ship's path through recordings, as the watch saw it: crossings, stops, gaps, alerts."""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from seavigil import geodesy
from seavigil.alerts import Alert
from seavigil.events import Event
from seavigil.normal.coverage import Coverage, CoverageLearner, CoverageParams
from seavigil.normal.log import LogLearner
from seavigil.records import END_OF_DATA_US, NEVER_US, SECOND_US, UNUSABLE_POSITION, Flag, rfc3339, ship_named
from seavigil.runners import batch
from seavigil.runners.invented import EXERCISE_MID
from seavigil.runners.live import Outcome, ships_in_order
from seavigil.runners.summary import Summary
from seavigil.track import F64, I64, Track, split
from seavigil.tracks import StaticBook
from seavigil.vessel import Static

#: Own choice: slower than this a ship lies still, currents and the noise of fixes included; she has stopped
#: once she does for ten minutes, longer than it takes to let another ship pass.
STILL_KN, STOPPED_S = 0.5, 600.0
#: Own choice: a gap is ten minutes of silence at least, three times the longest class A interval (3 min,
#: ITU-R M.1371-5 table 1), and ten times her median interval of the half hour before, as `gone_dark` has it.
GAP_S, GAP_INTERVALS, INTERVALS_OF_S = 600.0, 10.0, 1800.0
#: Own choice: a ship that lies swings within so much (`anchored_near`); farther apart are two places.
SWING_M = 500.0
#: A path is one answer: for a year and more nothing heard around her is let go of before it is given.
_KEEP_S = 400 * 86_400

_UNUSABLE = np.uint32(UNUSABLE_POSITION)


@dataclass(frozen=True)
class Asked:
    """Which ship, and which stretch of time. ``part`` None: every ship under her number."""

    mmsi: int
    part: int | None = None
    from_us: int = NEVER_US
    to_us: int = END_OF_DATA_US


@dataclass(frozen=True)
class Stop:
    """She lay still from ``began_us`` to ``ended_us``, by her reports, about this place."""

    began_us: int
    ended_us: int
    lat_deg: float
    lon_deg: float


@dataclass(frozen=True)
class Gap:
    """A silence from her last report to her next; None: she was not heard again in the data.

    ``began_deg`` and ``ended_deg``: latitude and longitude last before and first after it. In ``heard_bins``
    of the ``bins`` whole time bins of 5 min in it (`normal.coverage`) another ship was heard around either
    end; ``others`` ships in the median bin.
    """

    began_us: int
    ended_us: int | None
    until_us: int
    began_deg: tuple[float, float]
    ended_deg: tuple[float, float] | None
    bins: int = 0
    heard_bins: int = 0
    others: int = 0

    @property
    def lasted_s(self) -> float:
        """How long she was silent; while she is not back, until the end of the data."""
        return (self.until_us - self.began_us) / SECOND_US

    @property
    def made_good_m(self) -> float | None:
        """The way from its one end to the other."""
        if self.ended_deg is None:
            return None
        return float(geodesy.distance_m(*self.began_deg, *self.ended_deg))


@dataclass(frozen=True)
class Path:
    """One ship's path. ``track``: her rows with a sound position; ``left_out``: how many rows had none.

    ``usual_us, usual_kn``: her own usual speed as it was known at times (`normal.own`), NaN where too little
    was. ``alerts``: the last revision of each. ``changes``: of each the revisions at which its priority or
    its conduct was another than before, in order of time. Everything is of the stretch asked for.
    """

    vessel_id: str
    static: Static
    track: Track
    left_out: int
    crossings: tuple[Event, ...]
    stops: tuple[Stop, ...]
    gaps: tuple[Gap, ...]
    alerts: tuple[Alert, ...]
    usual_us: I64
    usual_kn: F64
    changes: tuple[Alert, ...] = ()
    exercise: bool = False

    @property
    def made_m(self) -> float:
        """The way from report to report in metres, silences included."""
        lat, lon = self.track.lat_deg, self.track.lon_deg
        return float(geodesy.distance_m(lat[:-1], lon[:-1], lat[1:], lon[1:]).sum())


def asked(mmsi: str, from_us: int | None = None, to_us: int | None = None) -> Asked:
    """Understand `299000001`, or `219165000#2` for the second ship under a number. Raises ``ValueError``."""
    number, part = ship_named(mmsi)
    begin_us, end_us = NEVER_US if from_us is None else from_us, END_OF_DATA_US if to_us is None else to_us
    if begin_us > end_us:
        raise ValueError(f"no time lies between {rfc3339(from_us)} and {rfc3339(to_us)}")
    return Asked(number, part, begin_us, end_us)


def hindcast(
    job: batch.Job, read: batch.Reader, which: Asked, hooks: batch.Hooks | None = None
) -> tuple[list[Path], Summary]:
    """Watch the sources and give the paths of the ships asked for, the first under the number first.

    Raises ``ValueError`` where she was not heard, or not then, and whatever `batch.run` raises.
    """
    gathered = _Gathered(which)
    as_of_us = None if which.to_us == END_OF_DATA_US else which.to_us
    job = replace(job, as_of_us=as_of_us)
    summary = batch.run(job, read, replace(hooks or batch.Hooks(), outcome=gathered.take))
    if summary.first_us is None or summary.last_us is None:
        raise ValueError("no report in the data" + (f" up to {rfc3339(as_of_us)}" if as_of_us else ""))
    span = f"the data are of {rfc3339(summary.first_us)} to {rfc3339(summary.last_us)}"
    if which.from_us > summary.last_us:
        raise ValueError(f"{rfc3339(which.from_us)} lies outside: {span}")
    paths = gathered.paths(summary.last_us)
    if not paths:
        raise ValueError(_why_none(which, gathered, summary) + f"; {span}")
    return paths, summary


def _why_none(which: Asked, gathered: _Gathered, summary: Summary) -> str:
    """Say why there is nothing to show."""
    name, heard = f"{which.mmsi:09d}", gathered.heard()
    if which.mmsi not in summary.vessels:
        return f"MMSI {name} is not among the {len(summary.vessels - summary.other_stations)} ships heard"
    if not heard:
        return f"MMSI {name} never said where she was"
    if which.part is not None and not any(ship.vessel_part == which.part for ship in heard):
        return f"MMSI {name} is sent by {len(heard)}, not by {which.part + 1} ships"
    first, last = (rfc3339(int(f(s.time_us[at] for s in heard))) for f, at in ((min, 0), (max, -1)))
    return f"MMSI {name} was heard only from {first} to {last}"


class _Gathered:
    """What concerns one number while a watch goes on; the others count as those heard meanwhile."""

    def __init__(self, which: Asked) -> None:
        self._which = which
        self._coverage = CoverageLearner(CoverageParams(keep_s=_KEEP_S))
        self._log = LogLearner(keep_s=_KEEP_S)
        self._reports: list[pa.Table] = []
        self._statics = StaticBook(max_changes=100_000)
        self._crossings: dict[str, Event] = {}
        self._alerts: dict[str, Alert] = {}
        self._changes: dict[str, list[Alert]] = {}

    def take(self, outcome: Outcome) -> None:
        """Take what one piece of input led to."""
        mmsi = self._which.mmsi
        hers = outcome.reports.filter(pc.equal(outcome.reports["mmsi"], mmsi))
        vessels = outcome.decoded.vessels
        self._statics.add(vessels.filter(pc.equal(vessels["mmsi"], mmsi)))
        self._coverage.add(outcome.reports)
        self._log.add(hers, self._coverage.learned()[0])
        self._reports.append(hers)
        found = (e for e in outcome.events if e.mmsi == mmsi and e.behaviour == "crossing")
        self._crossings |= {e.event_id: e for e in found}
        for alert in (a for a in outcome.alerts if mmsi in _ships_of(a).values()):
            self._alerts[alert.alert_id] = alert
            changes = self._changes.setdefault(alert.alert_id, [])
            if not changes or _gist(alert) != _gist(changes[-1]):
                changes.append(alert)

    def heard(self) -> list[Track]:
        """Give the rows of every ship under the number that said where she was."""
        if not self._reports:
            return []
        ships = split(ships_in_order(pa.concat_tables(self._reports)))
        return [ship for ship in ships if len(ship.sound)]

    def paths(self, end_us: int) -> list[Path]:
        """Give the paths in the stretch asked for; ``end_us``: the last report of the data."""
        which = self._which
        hers = [s for s in self.heard() if which.part in (None, s.vessel_part)]
        found = [self._path(ship, end_us) for ship in hers]
        return [path for path in found if len(path.track) or path.gaps]

    def _path(self, ship: Track, end_us: int) -> Path:
        log, coverage = self._log.learned().of(ship.mmsi, ship.vessel_part), self._coverage.learned()[0]
        silences = gaps(ship, end_us)
        usual = (log.start_us >= self._which.from_us) & (log.start_us <= self._which.to_us)
        shown = ship.rows((ship.time_us >= self._which.from_us) & (ship.time_us <= self._which.to_us))
        first = ship.vessel_part == 0  # whose of several ships' data these are is not known
        static = (
            self._statics.known(ship.mmsi, min(end_us, self._which.to_us)) if first else Static(ship.mmsi)
        )
        crossings = [e for e in self._crossings.values() if e.vessel_id == ship.vessel_id]
        alerts = [a for a in self._alerts.values() if ship.vessel_id in _ships_of(a)]
        shown_alerts = [a for a in alerts if self._when(a.began_us, a.ended_us or a.revised_at_us)]
        changes = [c for a in shown_alerts for c in self._of_the_stretch(self._changes[a.alert_id])]
        return Path(
            vessel_id=ship.vessel_id,
            static=static,
            track=shown.sound,
            left_out=len(shown) - len(shown.sound),
            crossings=tuple(sorted((e for e in crossings if self._when(_crossed_us(e))), key=_crossed_us)),
            stops=tuple(s for s in stops(ship.sound) if self._when(s.began_us, s.ended_us)),
            gaps=tuple(heard_meanwhile(g, coverage) for g in silences if self._when(g.began_us, g.until_us)),
            alerts=tuple(shown_alerts),
            usual_us=log.start_us[usual],
            usual_kn=log.own_sog_kn[usual],
            changes=tuple(sorted(changes, key=lambda a: (a.revised_at_us, a.alert_id))),
            exercise=ship.mmsi // 1_000_000 == EXERCISE_MID or any(a.exercise for a in alerts),
        )

    def _of_the_stretch(self, changes: list[Alert]) -> list[Alert]:
        """Leave out the changes before the stretch asked for, but for the one that held when it began."""
        earlier = [a for a in changes if a.revised_at_us < self._which.from_us]
        return earlier[-1:] + changes[len(earlier) :]

    def _when(self, began_us: int, ended_us: int | None = None) -> bool:
        """Whether something lies in the stretch asked for, in part at least."""
        return began_us <= self._which.to_us and (ended_us or began_us) >= self._which.from_us


def _ships_of(alert: Alert) -> dict[str, int]:
    ships = [*([] if alert.vessel is None else [alert.vessel]), *alert.other_vessels]
    return {ship.vessel_id: ship.mmsi for ship in ships}


def _gist(alert: Alert) -> tuple[object, ...]:
    """Give what makes another line of an alert: priority, conduct, faults she fits, whether it stands."""
    fits = tuple((fault["fault_id"], fault["says"]) for fault in alert.faults)
    return alert.priority, frozenset(alert.behaviours), fits, alert.retracted_because


def _crossed_us(crossing: Event) -> int:
    at_us = None if crossing.passage is None else crossing.passage.crossed_at_us
    return crossing.began_us if at_us is None else at_us


def stops(track: Track) -> list[Stop]:
    """Give where and when she lay still for STOPPED_S and more; ``track`` holds sound rows only."""
    track = track.rows((track.flags & np.uint32(Flag.IMPOSSIBLE_SPEED)) == 0)
    lat, lon = track.lat_deg, track.lon_deg
    moved = geodesy.distance_m(lat[:-1], lon[:-1], lat[1:], lon[1:]) > SWING_M
    places = np.cumsum(np.concatenate([[False], moved]))[: len(track)]
    still = np.where(track.sog_kn < STILL_KN, places, -1)
    edges = np.flatnonzero(np.diff(still, prepend=-2, append=-2))
    runs = [track.rows(slice(a, b)) for a, b in pairwise(edges.tolist()) if still[a] >= 0]
    long_enough = (r for r in runs if r.time_us[-1] - r.time_us[0] >= STOPPED_S * SECOND_US)
    return [Stop(int(r.time_us[0]), int(r.time_us[-1]), *_middle(r)) for r in long_enough]


def _middle(rows: Track) -> tuple[float, float]:
    return float(np.median(rows.lat_deg)), float(np.median(rows.lon_deg))


def gaps(track: Track, end_us: int) -> list[Gap]:
    """Give her silences up to ``end_us``, the end of the data, without what others were heard meanwhile."""
    silent_us = np.diff(track.time_us, append=max(end_us, int(track.time_us[-1])))
    rows = np.flatnonzero(silent_us >= GAP_S * SECOND_US).tolist()
    long_enough = [row for row in rows if silent_us[row] >= GAP_INTERVALS * _usual_interval_us(track, row)]
    sound = np.flatnonzero((track.flags & _UNUSABLE) == 0)
    return [_gap(track, row, int(track.time_us[row] + silent_us[row]), sound) for row in long_enough]


def _usual_interval_us(track: Track, row: int) -> float:
    first = int(np.searchsorted(track.time_us, track.time_us[row] - INTERVALS_OF_S * SECOND_US))
    return float(np.median(np.diff(track.time_us[first : row + 1]))) if row > first else 0.0


def _gap(track: Track, row: int, until_us: int, sound: NDArray[np.int64]) -> Gap:
    """Put one silence together; its ends lie at the nearest sound positions outside of it."""
    before, after = sound[sound <= row], sound[sound > row]
    last = int(before[-1]) if len(before) else int(after[0])
    back = int(after[0]) if len(after) else None
    is_back = row + 1 < len(track)
    ended_deg = None if back is None else (float(track.lat_deg[back]), float(track.lon_deg[back]))
    return Gap(
        began_us=int(track.time_us[row]),
        ended_us=int(track.time_us[row + 1]) if is_back else None,
        until_us=until_us,
        began_deg=(float(track.lat_deg[last]), float(track.lon_deg[last])),
        ended_deg=ended_deg,
    )


def heard_meanwhile(gap: Gap, coverage: Coverage) -> Gap:
    """Say in how many of the closed time bins of a silence others were heard around its ends."""
    first = int(np.searchsorted(coverage.starts_us, gap.began_us))
    upto = int(np.searchsorted(coverage.starts_us, gap.until_us - coverage.bin_us, side="right"))
    bins = np.arange(first, max(upto, first))
    if not len(bins):
        return gap
    ends = [gap.began_deg] + ([gap.ended_deg] if gap.ended_deg is not None else [])
    ships = np.max([coverage.ships_around(bins, *end) for end in ends], axis=0)
    heard = int(np.count_nonzero(ships))
    return replace(gap, bins=len(bins), heard_bins=heard, others=int(np.median(ships)))
