"""The rows kept of every ship, and each behaviour run over them once more as rows come in."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace

from seavigil.behaviours import Behaviour, Detected, Surroundings, detect
from seavigil.behaviours.surroundings import near_all
from seavigil.events import Event
from seavigil.normal.coverage import Clock
from seavigil.records import DAY_US, HOUR_US, MINUTE_US, NEVER_US, SECOND_US
from seavigil.runners.faults import Faults
from seavigil.track import Track

#: After this long without a report no behaviour has anything left to say (see `gone_dark`).
FORGET_AFTER_US = 50 * HOUR_US
#: So long after a report its time bin has closed, and its ship's log tells of it at the next report heard.
_LOGGED_AFTER_US = 6 * MINUTE_US
#: A behaviour that failed on a ship is left alone on that ship for so long.
QUARANTINE_US = HOUR_US


@dataclass
class _Progress:
    """How far one behaviour has come on one ship: settled, told, left alone until, more to be found yet."""

    settled_us: int = NEVER_US
    told_us: int = NEVER_US
    resumes_us: int = NEVER_US
    pending: bool = False


@dataclass
class _Ship:
    """``told_us``: when all that her last report tells was known; None: not yet."""

    track: Track
    progress: dict[str, _Progress]
    told_us: int | None = None

    def forgotten(self, at_us: int, clock: Clock) -> bool:
        """Whether nobody has anything left to say of her; the silence of a whole feed does not count."""
        if self.told_us is None:
            self.told_us = clock.first_tick_us(self.last_us + _LOGGED_AFTER_US, at_us)
        return self.told_us is not None and at_us - self.told_us > FORGET_AFTER_US

    @property
    def last_us(self) -> int:
        return int(self.track.time_us[-1])


@dataclass
class Ships:
    """Per ship the rows that behaviours still need, and per behaviour how far it has come."""

    catalogue: tuple[Behaviour, ...]
    _ships: dict[str, _Ship] = field(default_factory=dict)
    _newest_us: int = NEVER_US

    def detect(
        self, new: Iterable[Track], surroundings: Surroundings, as_of_us: int, faults: Faults
    ) -> list[Event]:
        """Give the event revisions that became known since the last call; what fails goes to ``faults``."""
        tracks = list(new)
        events = self._part_with(tracks, surroundings, faults)
        fresh = {self._keep(track) for track in tracks}
        sound = [self._ships[vessel].track.sound for vessel in sorted(fresh)]
        # should this fail for one ship or asset, each ship is measured by herself, under her own guard
        measured = faults.guard("all ships", "nearness", near_all, surroundings.assets, sound)
        surroundings = replace(surroundings, measured=measured or {})
        for vessel, ship in self._ships.items():
            events += self._run_all(ship, surroundings, vessel in fresh, as_of_us, faults)
            self._trim(ship, as_of_us)
        # by what was heard, not by ``as_of_us``: the next report may still end a silence
        self._ships = {
            k: s for k, s in self._ships.items() if not s.forgotten(self._newest_us, surroundings.clock)
        }
        return events

    def _part_with(self, new: Iterable[Track], surroundings: Surroundings, faults: Faults) -> list[Event]:
        """Say the last of ships that come back only after they would have been forgotten, and forget them."""
        events: list[Event] = []
        for track in new:
            ship = self._ships.get(track.vessel_id)
            if ship is not None and ship.forgotten(int(track.time_us[0]), surroundings.clock):
                back_us = int(track.time_us[0])
                found = self._run_all(ship, surroundings, False, back_us, faults)
                events += [event for event in found if event.known_at_us <= back_us]  # her log goes on
                del self._ships[track.vessel_id]
        return events

    def _run_all(
        self, ship: _Ship, surroundings: Surroundings, fresh: bool, as_of_us: int, faults: Faults
    ) -> list[Event]:
        events: list[Event] = []
        for behaviour in self.catalogue:
            if self._due(ship, behaviour, surroundings, fresh, as_of_us):
                events += self._run(ship, behaviour, surroundings, as_of_us, faults)
        return events

    def _keep(self, track: Track) -> str:
        self._newest_us = max(self._newest_us, int(track.time_us[-1]))
        ship = self._ships.get(track.vessel_id)
        if ship is None:
            self._ships[track.vessel_id] = _Ship(track, {b.name: _Progress() for b in self.catalogue})
        else:
            ship.track, ship.told_us = ship.track.then(track), None
        return track.vessel_id

    def _due(
        self, ship: _Ship, behaviour: Behaviour, surroundings: Surroundings, fresh: bool, as_of_us: int
    ) -> bool:
        progress = ship.progress[behaviour.name]
        if progress.resumes_us > as_of_us or (behaviour.about_assets and surroundings.assets is None):
            return False
        return fresh or behaviour.of_silence or progress.pending

    def _run(
        self, ship: _Ship, behaviour: Behaviour, surroundings: Surroundings, as_of_us: int, faults: Faults
    ) -> list[Event]:
        """Run one behaviour; when it fails it is left alone for a while, and then told what it missed."""
        progress, vessel = ship.progress[behaviour.name], ship.track.vessel_id
        settled_us = progress.settled_us

        def run() -> Detected:
            return detect(
                ship.track,
                surroundings,
                behaviour,
                behaviour.params,
                settled_until_us=settled_us,
                as_of_us=as_of_us,
            )

        found = faults.guard(vessel, behaviour.name, run)
        if found is None:
            progress.resumes_us, progress.pending = as_of_us + QUARANTINE_US, True
            return []
        told_us, progress.told_us = progress.told_us, as_of_us
        progress.settled_us, progress.pending = found.settled_until_us, found.pending
        return [event for event in found.events if event.known_at_us > told_us]

    def _trim(self, ship: _Ship, as_of_us: int) -> None:
        """Let go of the rows that no behaviour needs; one that keeps failing holds no more than a day."""
        needed_us = [
            _needed_us(ship.progress[b.name], as_of_us) - int(b.history_s * SECOND_US)
            for b in self.catalogue
            if ship.progress[b.name] != _Progress()
        ]
        from_us = min(needed_us, default=ship.last_us)
        ship.track = ship.track.since(min(from_us, ship.last_us)).alone()


def _needed_us(progress: _Progress, as_of_us: int) -> int:
    failing = progress.resumes_us > as_of_us
    return max(progress.settled_us, as_of_us - DAY_US) if failing else progress.settled_us
