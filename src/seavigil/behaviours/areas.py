"""The catalogue of behaviours of no ship: states of an area, and contacts that no ship explains."""

from __future__ import annotations

from seavigil.behaviours import coverage_lost, gnss_degraded, unmatched_detection
from seavigil.behaviours.area_states import AreaBehaviour
from seavigil.behaviours.stored import store_by_name

AREA_CATALOGUE: tuple[AreaBehaviour, ...] = (
    gnss_degraded.BEHAVIOUR,
    coverage_lost.BEHAVIOUR,
    unmatched_detection.BEHAVIOUR,
)

store_by_name(AREA_CATALOGUE)

__all__ = ["AREA_CATALOGUE", "AreaBehaviour"]
