"""How far the true route may lie from the one given, when the source does not say.

``position_uncertainty_m`` is the distance within which 95 % of the true route lies. The classes
follow the position accuracy (95 %) of the zones of confidence of nautical charts, CATZOC
(IHO S-57, appendix A, attribute CATZOC; IHO S-67, 2020): B 50 m, C 500 m, D worse than that.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from seavigil.assets.properties import value


@dataclass(frozen=True)
class SourceClass:
    """A class of sources, the distance taken for it, and why."""

    name: str
    position_uncertainty_m: float
    reason: str


SURVEYED = SourceClass("surveyed", 50.0, "as laid or surveyed: CATZOC B, 50 m")
CHARTED = SourceClass("charted", 500.0, "from a chart or a public register: CATZOC C, 500 m")
MAPPED = SourceClass("mapped", 500.0, "OpenStreetMap, mostly traced from charts: CATZOC C, 500 m")
STRUCTURE = SourceClass("structure", 100.0, "a fixed structure seen from the air or on its own chart: 100 m")
SCHEMATIC = SourceClass(
    "schematic", 20_000.0, "schematic or stylised: published routes are 7 to 24 km off in places"
)
UNKNOWN = SourceClass("unknown", 2_000.0, "of unknown origin: worse than CATZOC C, four times its 500 m")

CLASSES = (SURVEYED, CHARTED, MAPPED, STRUCTURE, SCHEMATIC, UNKNOWN)

_SCHEMATIC = re.compile(
    r"schematic|stylis|styliz|telegeography|not a surveyed|indicative|diagram", re.IGNORECASE
)
_SURVEYED = re.compile(r"as[- _]laid|as[- _]built|\bsurvey|route position list|\brpl\b", re.IGNORECASE)
_CHARTED = re.compile(
    r"emodnet|\bchart|\benc\b|\bs-57\b|notice to mariners|hydrographic|register", re.IGNORECASE
)


def classify(source_text: str, *, shape: str, osm: bool) -> SourceClass:
    """Choose the class from what the source says of itself (its text, file and property names)."""
    if _SCHEMATIC.search(source_text):
        return SCHEMATIC
    if _SURVEYED.search(source_text):
        return SURVEYED
    if shape != "line" and osm:
        return STRUCTURE
    if osm:
        return MAPPED
    return CHARTED if _CHARTED.search(source_text) else UNKNOWN


def uncertainty(
    properties: Mapping[str, Any], source_text: str, *, shape: str, osm: bool
) -> tuple[float, str]:
    """Give ``position_uncertainty_m`` and where it was taken from: the source, or a class and its reason."""
    given = value(properties, "position_uncertainty_m")
    try:
        metres = float(given) if given not in (None, "") else None
    except (TypeError, ValueError):
        metres = None
    if metres is not None and 0 <= metres < float("inf"):
        return metres, str(properties.get("uncertainty_source") or "given")
    found = classify(source_text, shape=shape, osm=osm)
    return found.position_uncertainty_m, f"{found.name}: {found.reason}"
