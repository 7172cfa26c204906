"""Innocent readings: what else the same behaviour may be, and what speaks for or against it here."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from seavigil.events import Event


@dataclass(frozen=True)
class Innocent:
    """One innocent reading. ``fits``: True speaks for it here, False against, None: not known."""

    code: str
    text: str
    fits: bool | None


@dataclass(frozen=True)
class _Reading:
    code: str
    text: str
    behaviours: frozenset[str]
    ship_types: frozenset[int] = frozenset()


def _reading(code: str, text: str, behaviours: str, types: Iterable[int] = ()) -> _Reading:
    return _Reading(code, text, frozenset(behaviours.split()), frozenset(types))


#: Ship types are those of ITU-R M.1371-5 table 53.
_READINGS = (
    _reading("passage", "ordinary passage over the asset", "crossing"),
    _reading(
        "engine_stopped",
        "engine trouble, or engines stopped to wait for a berth, pilot or orders",
        "drifting",
    ),
    _reading("fishing", "fishing with gear out", "drifting loitering", [30]),
    _reading("towing_or_tug", "towing, or a tug at work", "drifting loitering anchored_near", [31, 32, 52]),
    _reading(
        "work_at_sea",
        "dredging, diving, survey, cable or guard work",
        "drifting loitering anchored_near",
        [33, 34, 53, 54, 55, 58, 90],
    ),
    _reading(
        "pilot_or_rescue",
        "pilot boat or rescue craft on station",
        "drifting loitering anchored_near",
        [50, 51],
    ),
    _reading("pleasure", "sailing or pleasure craft", "drifting loitering anchored_near", [36, 37]),
    _reading("anchorage", "lies in a charted anchorage or waits for a berth", "anchored_near loitering"),
    _reading("set_off_or_broken", "AIS switched off by right, or set or antenna broken", "gone_dark"),
    _reading("reception", "a receiver lost this ship only", "gone_dark"),
    _reading("naval_or_police", "naval or police ship on duty", "gone_dark loitering", [35, 55]),
)


def readings(events: Iterable[Event], ship_type: int | None) -> tuple[Innocent, ...]:
    """Give the innocent readings of ``events`` together, those that fit this kind of ship first."""
    behaviours = {e.behaviour for e in events}
    if behaviours != {"crossing"}:
        behaviours.discard("crossing")
    found = [Innocent(r.code, r.text, _fits(r, ship_type)) for r in _READINGS if r.behaviours & behaviours]
    return tuple(sorted(found, key=lambda i: (i.fits is not True, i.fits is False)))


def _fits(reading: _Reading, ship_type: int | None) -> bool | None:
    if not reading.ship_types or ship_type is None or ship_type == 0:
        return None
    return ship_type in reading.ship_types
