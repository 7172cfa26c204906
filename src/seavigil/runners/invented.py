"""What an exercise made up: marked while it is heard so, and nothing beyond that."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from seavigil.events import Bounds, Event
from seavigil.normal.log import Log
from seavigil.records import HOUR_US, Flag
from seavigil.risk import Draft

#: Stations of invented traffic are named so; what they report is marked.
EXERCISE_STATION = "EXERCISE"
#: Maritime identification digits that the ITU has assigned to nobody: so are all invented ships numbered.
EXERCISE_MID = 299
#: A number that invented traffic used is a real ship's again once it was heard without the mark for so long
#: (own choice: while both are heard in turns what she does may be made up).
_UNMARKED_US = HOUR_US
#: As far back as a draft can be known, from the end of a piece (half a day), and as the log is kept (26 h).
_KEPT_US = 24 * HOUR_US
#: Ships so far around a contact, which is a point, are about it: as large as an area of `normal.gnss`.
_AROUND_LAT_DEG, _AROUND_LON_DEG = 0.25, 0.5
#: An area of which more ships are real is told as real (own choice): one message made up, by whoever has a
#: transmitter, may not hide what happens to others.
_LEAST_SHARE = 0.5

_NOT_JUDGED = int(Flag.NOT_A_SHIP | Flag.LATE | Flag.WRONG_CLOCK)


class Invented:
    """Which ships and areas are those of an exercise, as of any time of the last half day.

    A number that the ITU gave to nobody is always one. Any other is one from the first report that an
    exercise's station brought until none has for an hour in which she was heard.
    """

    def __init__(self) -> None:
        #: By MMSI: from when to when, None while it lasts, and the last report that was marked.
        self._spells: dict[int, list[tuple[int, int | None]]] = {}
        self._marked_us: dict[int, int] = {}

    def learn(self, reports: pa.Table) -> None:
        """Take released reports in the order of their release."""
        named = pc.fill_null(pc.starts_with(reports["station"], EXERCISE_STATION), False)
        known = pa.array(list(self._spells), type=reports.schema.field("mmsi").type)
        mine = pc.or_(named, pc.is_in(reports["mmsi"], value_set=known)) if len(known) else named
        if not pc.any(mine).as_py():
            return
        marked = set(pc.unique(reports["mmsi"].filter(named)).to_pylist()) | self._spells.keys()
        judged = pc.equal(pc.bit_wise_and(reports["flags"], _NOT_JUDGED), 0)
        of_these = pc.is_in(reports["mmsi"], value_set=pa.array(sorted(marked), type=known.type))
        taken = pc.and_(pc.and_(judged, of_these), pc.invert(_numbered(reports["mmsi"])))
        times_us = reports["time_us"].cast(pa.int64()).filter(taken).to_pylist()
        said = (reports["mmsi"].filter(taken).to_pylist(), times_us, named.filter(taken).to_pylist())
        for mmsi, time_us, is_named in zip(*said, strict=True):
            self._one(mmsi, time_us, named=is_named)
        if times_us:
            self._forget(times_us[-1])

    def _one(self, mmsi: int, time_us: int, *, named: bool) -> None:
        spells = self._spells.get(mmsi, [])
        lasts = bool(spells) and spells[-1][1] is None
        if named:
            self._marked_us[mmsi] = time_us
            if not lasts:
                self._spells[mmsi] = [*spells, (time_us, None)]
        elif lasts and time_us - self._marked_us[mmsi] >= _UNMARKED_US:
            spells[-1] = (spells[-1][0], time_us)

    def _forget(self, now_us: int) -> None:
        """Let go of what was over long ago."""
        for mmsi, spells in list(self._spells.items()):
            kept = [s for s in spells if s[1] is None or s[1] > now_us - _KEPT_US]
            if kept:
                self._spells[mmsi] = kept
            else:
                del self._spells[mmsi], self._marked_us[mmsi]

    def ship(self, mmsi: int, at_us: int) -> bool:
        """Whether what a number reported up to a time was made up."""
        spells = self._spells.get(mmsi, ())
        return mmsi // 1_000_000 == EXERCISE_MID or any(
            from_us <= at_us and (until_us is None or at_us < until_us) for from_us, until_us in spells
        )

    def draft(self, draft: Draft, log: Log) -> bool:
        """Whether an exercise made this up; of an area, whether at least half of the ships there were:

        those heard in it from an hour before it began; where nobody was, those heard anywhere then.
        """
        if draft.mmsi is not None:
            return self.ship(draft.mmsi, draft.known_at_us)
        at_us = draft.known_at_us
        from_us = max(min(e.began_us for e in draft.events) - HOUR_US, at_us - _KEPT_US)
        then = (log.last_us >= from_us) & (log.visible_us <= at_us)
        there = then & _inside(log, _bounds(draft.events))
        ships = np.unique(log.ship[there if there.any() else then] // 256).tolist()
        invented = sum(self.ship(mmsi, at_us) for mmsi in ships)
        return bool(ships) and invented >= _LEAST_SHARE * len(ships)


def _numbered(mmsi: pa.ChunkedArray) -> pa.ChunkedArray:
    return pc.equal(pc.divide(mmsi, 1_000_000), EXERCISE_MID)


def _bounds(events: Iterable[Event]) -> Iterator[Bounds]:
    for event in events:
        if event.bounds is not None:
            yield event.bounds
        elif event.lat_deg is not None and event.lon_deg is not None:
            south, west = event.lat_deg - _AROUND_LAT_DEG, event.lon_deg - _AROUND_LON_DEG
            yield Bounds(south, west, south + 2 * _AROUND_LAT_DEG, west + 2 * _AROUND_LON_DEG)


def _inside(log: Log, areas: Iterable[Bounds]) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
    inside = np.zeros(len(log), dtype=np.bool_)
    for one in areas:
        east = (log.lon_deg - one.west_deg) % 360.0 <= (one.east_deg - one.west_deg) % 360.0
        inside |= east & (log.lat_deg >= one.south_deg) & (log.lat_deg <= one.north_deg)
    return inside
