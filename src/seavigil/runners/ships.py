"""The rows kept of every ship, and each behaviour run over them once more as rows come in."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace

from seavigil.behaviours import Behaviour, Detected, Surroundings, detect
from seavigil.behaviours.surroundings import near_all
from seavigil.events import Event
from seavigil.records import DAY_US, HOUR_US, NEVER_US, SECOND_US
from seavigil.runners.faults import Faults
from seavigil.track import Track

#: After this long without a report no behaviour has anything left to say (see `gone_dark`).
FORGET_AFTER_US = 50 * HOUR_US
#: A behaviour that failed on a ship is left alone on that ship for so long.
QUARANTINE_US = HOUR_US


@dataclass
class _Progress:
    """How far one behaviour has come on one ship: settled, told, and left alone until."""

    settled_us: int = NEVER_US
    told_us: int = NEVER_US
    resumes_us: int = NEVER_US


@dataclass
class _Ship:
    track: Track
    progress: dict[str, _Progress]

    @property
    def last_us(self) -> int:
        return int(self.track.time_us[-1])


@dataclass
class Ships:
    """Per ship the rows that behaviours still need, and per behaviour how far it has come."""

    catalogue: tuple[Behaviour, ...]
    _ships: dict[str, _Ship] = field(default_factory=dict)

    def detect(
        self, new: Iterable[Track], surroundings: Surroundings, as_of_us: int, faults: Faults
    ) -> list[Event]:
        """Give the event revisions that became known since the last call; what fails goes to ``faults``."""
        fresh = {track.vessel_id for track in (self._keep(t) for t in new)}
        sound = [self._ships[vessel].track.sound for vessel in sorted(fresh)]
        # should this fail for one ship or asset, each ship is measured by herself, under her own guard
        measured = faults.guard("all ships", "nearness", near_all, surroundings.assets, sound)
        surroundings = replace(surroundings, measured=measured or {})
        events: list[Event] = []
        for vessel, ship in self._ships.items():
            for behaviour in self.catalogue:
                if self._due(ship, behaviour, surroundings, vessel in fresh, as_of_us):
                    events += self._run(ship, behaviour, surroundings, as_of_us, faults)
            self._trim(ship, as_of_us)
        self._ships = {k: s for k, s in self._ships.items() if s.last_us > as_of_us - FORGET_AFTER_US}
        return events

    def _keep(self, track: Track) -> Track:
        ship = self._ships.get(track.vessel_id)
        if ship is None:
            self._ships[track.vessel_id] = _Ship(track, {b.name: _Progress() for b in self.catalogue})
        else:
            ship.track = ship.track.then(track)
        return track

    def _due(
        self, ship: _Ship, behaviour: Behaviour, surroundings: Surroundings, fresh: bool, as_of_us: int
    ) -> bool:
        progress = ship.progress[behaviour.name]
        if progress.resumes_us > as_of_us or (behaviour.about_assets and surroundings.assets is None):
            return False
        return fresh or behaviour.of_silence or progress.settled_us <= ship.last_us

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
            progress.resumes_us = as_of_us + QUARANTINE_US
            return []
        told_us, progress.told_us = progress.told_us, as_of_us
        progress.settled_us = found.settled_until_us
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
