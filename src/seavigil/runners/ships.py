"""The rows kept of every ship, and each behaviour run over them where something may have changed.

A behaviour need not be asked with every report: it says until when nothing can begin (`Quiet`), and
what goes on ends at a known time or with a row. So a call looks at those ships alone of which a row
may begin or end something, whose time has come, or whose log has got a row that may score. All of that is
decided in columns, one element a ship.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from seavigil.behaviours import Behaviour, Detected, Surroundings, detect
from seavigil.behaviours.steps import Steps
from seavigil.behaviours.surroundings import near_all, near_steps
from seavigil.events import Event
from seavigil.normal.coverage import Clock
from seavigil.records import (
    DAY_US,
    END_OF_DATA_US,
    HOUR_US,
    MINUTE_US,
    NEVER_US,
    SECOND_US,
    UNUSABLE_POSITION,
)
from seavigil.runners.faults import Faults
from seavigil.runners.fleet import WaitingRows, last_sound, steps
from seavigil.runners.ship_table import ShipTable
from seavigil.track import FIELD, Track, Tracks, whole

I64 = NDArray[np.int64]
F64 = NDArray[np.float64]
Bool = NDArray[np.bool_]

#: After this long without a report no behaviour has anything left to say (see `gone_dark`).
FORGET_AFTER_US = 50 * HOUR_US
#: So long after a report its time bin has closed, and its ship's log tells of it at the next report heard.
_LOGGED_AFTER_US = 6 * MINUTE_US
#: A behaviour that failed on a ship is left alone on that ship for so long.
QUARANTINE_US = HOUR_US
#: No row waits for longer: own choice, about as long as the behaviours are quiet of an ordinary ship.
_WAIT_AT_MOST_US = 10 * MINUTE_US
_LEAST_PLACES = 256
_LONG_S = 1e9
_NO_ROWS: F64 = np.empty((0, len(FIELD)))


@dataclass
class Ships:
    """Per ship the rows that behaviours still need, and per behaviour how far it has come."""

    catalogue: tuple[Behaviour, ...]
    _place: dict[int, int] = field(default_factory=dict)
    _kept: dict[int, F64] = field(default_factory=dict)
    _free: list[int] = field(default_factory=list)
    _waiting: WaitingRows = field(default_factory=WaitingRows)
    _newest_us: int = NEVER_US
    _bin_us: int = NEVER_US
    _serial: int = 0
    _of_rows: Bool = field(init=False)
    _of_silence: Bool = field(init=False)
    _table: ShipTable = field(init=False)

    def __post_init__(self) -> None:
        self._of_rows = np.array([b.of_rows_too or not b.of_log for b in self.catalogue], dtype=np.bool_)
        self._of_silence = np.array([b.of_silence for b in self.catalogue], dtype=np.bool_)
        self._table = ShipTable(len(self.catalogue))

    def detect(self, new: Tracks, surroundings: Surroundings, as_of_us: int, faults: Faults) -> list[Event]:
        """Give the event revisions that became known since the last call; what fails goes to ``faults``."""
        events = self._part_with(new, surroundings, faults)
        places = self._places(new)
        brought = self._take(new, places, surroundings, faults)
        todo = self._todo(new, places, brought, surroundings, as_of_us, faults)
        ships = np.unique(np.concatenate([todo[0], self._waited_too_long()]))
        ships = ships[np.argsort(self._table.serial[ships], kind="stable")]
        tracks = {place: self._gather(place) for place in ships.tolist()}
        surroundings = self._measure(tracks, surroundings, faults)
        wanted: dict[int, list[int]] = {}
        for place, number in zip(*(column.tolist() for column in todo), strict=True):
            wanted.setdefault(place, []).append(number)
        for place, track in tracks.items():
            events += self._run_all(place, track, wanted.get(place, []), surroundings, as_of_us, faults)
            self._trim(place, as_of_us, surroundings)
        self._forget(surroundings.clock)
        self._bin_us = _newest_bin_us(surroundings)
        return events

    # --- what came in

    def _part_with(self, new: Tracks, surroundings: Surroundings, faults: Faults) -> list[Event]:
        """Say the last of ships that come back only after they would have been forgotten, and forget them."""
        events: list[Event] = []
        known = [(place, at) for at, key in enumerate(new.keys.tolist()) if (place := self._at(key)) >= 0]
        if not known:
            return events
        places, at = np.array(known, dtype=np.int64).T
        backs_us = whole(new.rows, "time_us")[new.begins[at]]
        long = backs_us - self._table.last_us[places] > FORGET_AFTER_US
        for place, back_us in zip(places[long].tolist(), backs_us[long].tolist(), strict=True):
            self._tell(np.array([place]), back_us, surroundings.clock)
            if back_us - self._table.told_us[place] > FORGET_AFTER_US:
                every = list(range(len(self.catalogue)))
                found = self._run_all(place, self._gather(place), every, surroundings, back_us, faults)
                events += [event for event in found if event.known_at_us <= back_us]  # her log goes on
                self._drop(place)
        return events

    def _at(self, key: int) -> int:
        return self._place.get(key, -1)

    def _places(self, new: Tracks) -> I64:
        """Give the place of each ship, a new one to those not known."""
        keys = new.keys.tolist()
        self._begin([key for key in keys if key not in self._place])
        return np.array([self._place[key] for key in keys], dtype=np.int64)

    def _begin(self, keys: list[int]) -> None:
        """Give ships not known yet a place."""
        if len(self._free) < len(keys):
            size = len(self._table)
            more = max(size, len(keys), _LEAST_PLACES)
            self._table.make_room(size + more)
            self._waiting.make_room(size + more)
            self._free = [*range(size + more - 1, size - 1, -1), *self._free]
        places = [self._free.pop() for _ in keys]
        self._place |= zip(keys, places, strict=True)
        self._kept |= dict.fromkeys(places, _NO_ROWS)
        at, serials = np.array(places, dtype=np.int64), self._serial + 1 + np.arange(len(keys))
        self._table.begin(at, np.array(keys, dtype=np.int64), serials)
        self._serial += len(keys)

    def _take(self, new: Tracks, places: I64, surroundings: Surroundings, faults: Faults) -> Steps:
        """Note what came; gives the new rows against the ones before."""
        table = self._table
        brought = steps(new, table.last[places], table.last_us[places])
        near = faults.guard("all ships", "nearness", near_steps, surroundings.assets, brought)
        brought = brought if near is None else replace(brought, near=near)
        self._waiting.add(new, places)
        if not len(places):
            return brought
        firsts, lasts = new.begins[:-1], new.begins[1:] - 1
        self._begin_with(places, brought.time_us[firsts])
        table.last_us[places] = brought.time_us[lasts]
        near_us = np.where(brought.near & brought.sound, brought.time_us, NEVER_US)
        table.near_us[places] = np.maximum(table.near_us[places], np.maximum.reduceat(near_us, firsts))
        table.told_us[places] = END_OF_DATA_US
        table.last[places] = last_sound(new, table.last[places])
        self._newest_us = max(self._newest_us, int(brought.time_us[lasts].max()))
        return brought

    def _begin_with(self, places: I64, first_us: I64) -> None:
        """Note from when on each behaviour is to look at those of these ships that are new."""
        table, none = self._table, self._table.last_us[places] == NEVER_US
        new, since_us = places[none], first_us[none, None]
        again_s = np.array([min(b.again_s, _LONG_S) for b in self.catalogue])
        least_s = np.array([b.least_s for b in self.catalogue])
        begins_us = since_us + (least_s * SECOND_US).astype(np.int64)
        table.rows_from_us[new] = begins_us
        table.room[new] = [b.least_room for b in self.catalogue]
        table.again_us[new] = since_us + (again_s * SECOND_US).astype(np.int64)
        table.due_us[new] = np.where(self._of_silence, begins_us, END_OF_DATA_US)

    # --- what is to be looked at

    def _todo(
        self,
        new: Tracks,
        places: I64,
        brought: Steps,
        surroundings: Surroundings,
        as_of_us: int,
        faults: Faults,
    ) -> tuple[I64, I64]:
        """Give (place, behaviour) of all that may have changed, by place and in order of the catalogue."""
        table = self._table
        bin_closed = _newest_bin_us(surroundings) > self._bin_us
        wanted = table.due_us <= as_of_us
        if not bin_closed:  # a silence scores only when a bin has closed
            wanted &= table.open | ~self._of_silence | (table.resumes_us > NEVER_US)
        if len(places):
            wanted[places] |= self._by_rows(new, places, brought, faults)
        if bin_closed:
            self._by_log(wanted, surroundings, faults)
        wanted &= table.resumes_us <= as_of_us
        if surroundings.assets is None:
            wanted &= ~np.array([b.about_assets for b in self.catalogue], dtype=np.bool_)
        place, number = np.nonzero(wanted)
        return place, number

    def _by_rows(self, new: Tracks, places: I64, brought: Steps, faults: Faults) -> Bool:
        """Tell, for each ship with new rows, of which behaviours they may begin or end something."""
        table, firsts = self._table, new.begins[:-1]
        may = table.last_us[places][:, None] >= table.rows_from_us[places]
        for number, behaviour in enumerate(self.catalogue):
            if behaviour.screen is None:
                continue
            weights = faults.guard("all ships", behaviour.name, behaviour.screen, brought, behaviour.params)
            if weights is None:
                weights = np.ones(len(brought))
            counted = weights if behaviour.of_silence or behaviour.every_row else weights * brought.sound
            table.weight[places, number] += np.add.reduceat(counted.astype(np.float64), firsts)
            may[:, number] &= table.weight[places, number] > table.room[places, number]
        may |= table.open[places] | (table.last_us[places][:, None] >= table.again_us[places])
        return np.asarray(may & self._of_rows)

    def _by_log(self, wanted: Bool, surroundings: Surroundings, faults: Faults) -> None:
        """Add what rows of the log that have become visible since may score."""
        log = surroundings.log
        rows = np.flatnonzero(log.visible_us > self._bin_us)
        places = np.array([self._at(key) for key in log.ship[rows].tolist()], dtype=np.int64)
        known = places >= 0
        rows, places = rows[known], places[known]
        for number, behaviour in enumerate(self.catalogue):
            if not behaviour.of_log or not len(rows):
                continue
            wanted[places, number] |= self._table.open[places, number]
            may = None
            if behaviour.screen_log is not None:
                may = faults.guard(
                    "all ships", behaviour.name, behaviour.screen_log, surroundings, rows, behaviour.params
                )
            wanted[places if may is None else places[may], number] = True

    def _waited_too_long(self) -> I64:
        return np.flatnonzero(self._waiting.since_us() < self._newest_us - _WAIT_AT_MOST_US)

    # --- looking at one ship

    def _gather(self, place: int) -> Track:
        """Put the rows that waited to those kept, and give them all as a track."""
        rows = self._waiting.take(place)
        if len(rows):
            self._kept[place] = np.concatenate([self._kept[place], rows])
        return Track.of(int(self._table.key[place]), self._kept[place])

    def _measure(self, tracks: dict[int, Track], surroundings: Surroundings, faults: Faults) -> Surroundings:
        """Measure the ships to be looked at against the assets; those that came near none need none of it."""
        near: list[Track] = []
        far: list[Track] = []
        for place, track in tracks.items():
            came_near = len(track) and self._table.near_us[place] > track.time_us[0]
            (near if came_near else far).append(track.sound)
        # should this fail for one ship or asset, each ship is measured by herself, under her own guard
        measured = faults.guard("all ships", "nearness", near_all, surroundings.assets, near)
        nothing: dict[str, Any] = {track.vessel_id: (track, []) for track in far}
        return replace(surroundings, measured={**(measured or {}), **nothing})

    def _run_all(
        self,
        place: int,
        track: Track,
        numbers: list[int],
        surroundings: Surroundings,
        as_of_us: int,
        faults: Faults,
    ) -> Iterator[Event]:
        for number in numbers:
            behaviour = self.catalogue[number]
            if not behaviour.about_assets or surroundings.assets is not None:
                yield from self._run(place, track, number, surroundings, as_of_us, faults)

    def _run(
        self,
        place: int,
        track: Track,
        number: int,
        surroundings: Surroundings,
        as_of_us: int,
        faults: Faults,
    ) -> list[Event]:
        """Run one behaviour; when it fails it is left alone for a while, and then told what it missed."""
        table, at, behaviour = self._table, (place, number), self.catalogue[number]

        def run() -> Detected:
            return detect(
                track,
                surroundings,
                behaviour,
                behaviour.params,
                settled_until_us=int(table.settled_us[at]),
                as_of_us=as_of_us,
            )

        found = faults.guard(track.vessel_id, behaviour.name, run)
        table.weight[at] = 0.0
        if found is None:
            table.resumes_us[at] = table.due_us[at] = as_of_us + QUARANTINE_US
            return []
        told_us, table.asked_us[at] = int(table.asked_us[at]), as_of_us
        table.settled_us[at], table.open[at] = found.settled_until_us, found.open
        table.resumes_us[at], table.due_us[at] = NEVER_US, found.due_us
        quiet = found.quiet
        table.rows_from_us[at], table.room[at], table.again_us[at] = (
            quiet.until_us,
            quiet.room,
            quiet.again_us,
        )
        return [event for event in found.events if event.known_at_us > told_us]

    # --- letting go

    def _trim(self, place: int, as_of_us: int, surroundings: Surroundings) -> None:
        """Let go of the rows that no behaviour needs; one that keeps failing holds no more than a day."""
        rows, last_us = self._kept[place], int(self._table.last_us[place])
        needed_us = self._settled_us(place, as_of_us, surroundings)
        history_us = np.array([int(b.history_s * SECOND_US) for b in self.catalogue], dtype=np.int64)
        from_us = min(int((needed_us - history_us).min(initial=last_us)), last_us)
        first = int(np.searchsorted(whole(rows, "time_us"), from_us))
        # back to the last sound row before: a step has two ends
        sound = np.flatnonzero((whole(rows[:first], "flags") & int(UNUSABLE_POSITION)) == 0)
        keep = int(sound[-1]) if len(sound) else max(first - 1, 0)
        if keep:
            self._kept[place] = rows[keep:].copy()

    def _settled_us(self, place: int, as_of_us: int, surroundings: Surroundings) -> I64:
        """Note, and give, until when each behaviour is settled: where nothing goes on, by all that came."""
        table, last_us = self._table, self._table.last_us[place]
        coverage = surroundings.coverage
        logged_us = coverage.starts_us[-1] + coverage.bin_us if len(coverage.starts_us) else NEVER_US
        by_log = np.array([b.of_log for b in self.catalogue], dtype=np.bool_)
        all_us = np.where(by_log, np.minimum(last_us, logged_us), last_us)
        settled_us, fails = table.settled_us[place], table.resumes_us[place] > as_of_us
        quiet_us = np.where(table.open[place] | fails, settled_us, np.maximum(settled_us, all_us))
        table.settled_us[place] = quiet_us
        return np.asarray(np.where(fails, np.maximum(quiet_us, as_of_us - DAY_US), quiet_us))

    def _forget(self, clock: Clock) -> None:
        """Forget ships of whom nobody has anything left to say; a feed's own silence does not count.

        By what was heard, not by the time the data are complete to: the next report may still end a silence.
        """
        table = self._table
        waits = (table.told_us == END_OF_DATA_US) & (table.last_us > NEVER_US)
        waits &= table.last_us <= self._newest_us - _LOGGED_AFTER_US
        self._tell(np.flatnonzero(waits), self._newest_us, clock)
        gone = (table.told_us < self._newest_us - FORGET_AFTER_US) & (table.last_us > NEVER_US)
        for place in np.flatnonzero(gone).tolist():
            self._drop(place)

    def _tell(self, places: I64, at_us: int, clock: Clock) -> None:
        """Note when all that these ships' last reports tell was known, if it was by then."""
        for place in places[self._table.told_us[places] == END_OF_DATA_US].tolist():
            tick_us = clock.first_tick_us(int(self._table.last_us[place]) + _LOGGED_AFTER_US, at_us)
            if tick_us is not None:
                self._table.told_us[place] = tick_us

    def _drop(self, place: int) -> None:
        self._waiting.take(place)
        del self._kept[place], self._place[int(self._table.key[place])]
        self._table.begin(place, 0, 0)
        self._free.append(place)


def _newest_bin_us(surroundings: Surroundings) -> int:
    visible_us = surroundings.coverage.visible_us
    return int(visible_us[-1]) if len(visible_us) else NEVER_US
