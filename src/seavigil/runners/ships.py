"""The rows kept of every ship, and each behaviour run over them once more as rows come in."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace

from seavigil.behaviours import Behaviour, Surroundings, detect
from seavigil.behaviours.surroundings import near_all
from seavigil.events import Event
from seavigil.records import HOUR_US, NEVER_US, SECOND_US
from seavigil.track import Track

#: After this long without a report no behaviour has anything left to say (see `gone_dark`).
FORGET_AFTER_US = 50 * HOUR_US
#: A behaviour that failed on a ship is left alone on that ship for so long.
QUARANTINE_US = HOUR_US


@dataclass(frozen=True)
class Fault:
    """One behaviour that failed on one ship; it is tried again from ``until_us`` on."""

    vessel_id: str
    behaviour: str
    error: str
    until_us: int


@dataclass
class _Ship:
    track: Track
    settled_us: dict[str, int] = field(default_factory=dict)
    quarantined_until_us: dict[str, int] = field(default_factory=dict)


@dataclass
class Ships:
    """Per ship the rows that behaviours still need, and per behaviour the time that is settled."""

    catalogue: tuple[Behaviour, ...]
    _ships: dict[str, _Ship] = field(default_factory=dict)
    _as_of_us: int = NEVER_US

    def detect(
        self, new: Iterable[Track], surroundings: Surroundings, as_of_us: int
    ) -> tuple[list[Event], list[Fault]]:
        """Give the event revisions that became known since the last call, and what failed."""
        fresh = {track.vessel_id for track in (self._keep(t) for t in new)}
        sound = [self._ships[vessel].track.sound for vessel in fresh]
        surroundings = replace(surroundings, measured=near_all(surroundings.assets, sound))
        events: list[Event] = []
        faults: list[Fault] = []
        for vessel, ship in self._ships.items():
            for behaviour in self.catalogue:
                if self._due(ship, behaviour, surroundings, vessel in fresh, as_of_us):
                    try:
                        events.extend(self._run(ship, behaviour, surroundings, as_of_us))
                    except Exception as error:  # one broken ship or behaviour cannot stop the watch
                        faults.append(_quarantine(ship, behaviour, error, as_of_us))
            self._trim(ship)
        self._ships = {k: s for k, s in self._ships.items() if _last_us(s) > as_of_us - FORGET_AFTER_US}
        self._as_of_us = as_of_us
        return events, faults

    def _keep(self, track: Track) -> Track:
        ship = self._ships.get(track.vessel_id)
        if ship is None:
            self._ships[track.vessel_id] = _Ship(track)
        else:
            ship.track = ship.track.then(track)
        return track

    def _due(
        self, ship: _Ship, behaviour: Behaviour, surroundings: Surroundings, fresh: bool, as_of_us: int
    ) -> bool:
        if behaviour.about_assets and surroundings.assets is None:
            return False
        if ship.quarantined_until_us.get(behaviour.name, NEVER_US) > as_of_us:
            return False
        undecided = ship.settled_us.get(behaviour.name, NEVER_US) <= _last_us(ship)
        return fresh or behaviour.of_silence or undecided

    def _run(
        self, ship: _Ship, behaviour: Behaviour, surroundings: Surroundings, as_of_us: int
    ) -> Iterator[Event]:
        found = detect(
            ship.track,
            surroundings,
            behaviour,
            behaviour.params,
            settled_until_us=ship.settled_us.get(behaviour.name, NEVER_US),
            as_of_us=as_of_us,
        )
        ship.settled_us[behaviour.name] = found.settled_until_us
        return (event for event in found.events if event.known_at_us > self._as_of_us)

    def _trim(self, ship: _Ship) -> None:
        needed_us = [
            ship.settled_us[b.name] - int(b.history_s * SECOND_US)
            for b in self.catalogue
            if b.name in ship.settled_us
        ]
        from_us = min(needed_us, default=_last_us(ship))
        ship.track = ship.track.since(min(from_us, _last_us(ship))).alone()


def _last_us(ship: _Ship) -> int:
    return int(ship.track.time_us[-1])


def _quarantine(ship: _Ship, behaviour: Behaviour, error: Exception, as_of_us: int) -> Fault:
    until_us = as_of_us + QUARANTINE_US
    ship.quarantined_until_us[behaviour.name] = until_us
    ship.settled_us[behaviour.name] = as_of_us
    text = f"{type(error).__name__}: {error}"
    return Fault(ship.track.vessel_id, behaviour.name, text, until_us)
