"""Behaviours of no ship, run over the surroundings once more as more becomes known."""

from __future__ import annotations

from dataclasses import dataclass, field

from seavigil.behaviours import Detected, Surroundings
from seavigil.behaviours.areas import AREA_CATALOGUE, AreaBehaviour
from seavigil.events import Event
from seavigil.records import NEVER_US
from seavigil.runners.faults import Faults


@dataclass
class Areas:
    """How far each behaviour of an area has come."""

    catalogue: tuple[AreaBehaviour, ...] = AREA_CATALOGUE
    _settled_us: dict[str, int] = field(default_factory=dict)
    _told_us: dict[str, int] = field(default_factory=dict)

    def detect(self, surroundings: Surroundings, as_of_us: int, faults: Faults) -> list[Event]:
        """Give the event revisions that became known since the last call; what fails goes to ``faults``."""
        events: list[Event] = []
        for behaviour in self.catalogue:
            found = faults.guard("all areas", behaviour.name, self._run, behaviour, surroundings, as_of_us)
            if found is not None:
                told_us = self._told_us.get(behaviour.name, NEVER_US)
                events += [event for event in found.events if event.known_at_us > told_us]
                self._told_us[behaviour.name] = as_of_us
                self._settled_us[behaviour.name] = found.settled_until_us
        return events

    def _run(self, behaviour: AreaBehaviour, surroundings: Surroundings, as_of_us: int) -> Detected:
        settled_us = self._settled_us.get(behaviour.name, NEVER_US)
        return behaviour.detect(
            surroundings, behaviour.params, settled_until_us=settled_us, as_of_us=as_of_us
        )
