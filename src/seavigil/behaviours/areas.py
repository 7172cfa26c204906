"""Behaviours of no ship: states of an area, and contacts that no ship explains."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from seavigil.behaviours.detect import Detected
from seavigil.behaviours.surroundings import Surroundings


@dataclass(frozen=True)
class AreaBehaviour:
    """One behaviour judged on the surroundings alone; its events have no ``mmsi``.

    ``detect(surroundings, params, settled_until_us=, as_of_us=)`` gives every revision, known by ``as_of_us``, of
    events that begin at or after ``settled_until_us``, and the time to pass on: the same contract as for ships.
    """

    name: str
    params: Any
    detect: Callable[..., Detected]


AREA_CATALOGUE: tuple[AreaBehaviour, ...] = ()
