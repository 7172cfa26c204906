"""The catalogue of behaviours: one file each, one line here."""

from __future__ import annotations

from seavigil.behaviours import anchored_near, crossing, drifting, gone_dark, loitering
from seavigil.behaviours.detect import Behaviour, Detected, detect
from seavigil.behaviours.surroundings import Surroundings

CATALOGUE: tuple[Behaviour, ...] = (
    crossing.BEHAVIOUR,
    drifting.BEHAVIOUR,
    loitering.BEHAVIOUR,
    anchored_near.BEHAVIOUR,
    gone_dark.BEHAVIOUR,
)

__all__ = ["CATALOGUE", "Behaviour", "Detected", "Surroundings", "detect"]
