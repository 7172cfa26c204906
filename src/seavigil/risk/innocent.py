"""Innocent readings: what else the same conduct may be, and what speaks for and against each here.

A reading fits when what speaks for it outweighs what speaks against it by FITS; it fits strongly by
STRONGLY. One that fits makes an alert one step less pressing, one that fits strongly makes it info. Some
readings never do (``lowers`` false): a ship with engine trouble drifts over a cable as surely as any.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from seavigil.events import Event
from seavigil.risk import signs
from seavigil.risk.knowledge import Knowledge
from seavigil.risk.priority import PRIORITIES
from seavigil.risk.signs import Case, Sign
from seavigil.risk.trades import TRADES, Trade

#: Own choice: one ordinary sign makes a reading fit, three (or a strong and an ordinary one) make it fit
#: strongly. A sign alone never clears a ship.
FITS, STRONGLY = 1.0, 3.0


@dataclass(frozen=True)
class Innocent:
    """One innocent reading, with what speaks for and against it here.

    ``fits``: True where what speaks for it prevails, False against, None: not known. ``strongly``: it fits
    by STRONGLY. ``lowers``: an alert that it fits is less pressing.
    """

    code: str
    text: str
    fits: bool | None
    speaks_for: tuple[Sign, ...] = ()
    speaks_against: tuple[Sign, ...] = ()
    strongly: bool = False
    lowers: bool = True

    @property
    def says(self) -> float:
        """Give what speaks for it less what speaks against it."""
        return sum(sign.weight for sign in (*self.speaks_for, *self.speaks_against))

    def as_json(self) -> dict[str, Any]:
        """Give the object of an alert line."""
        return {
            "code": self.code,
            "text": self.text,
            "fits": self.fits,
            "for": [vars(s) for s in self.speaks_for],
            "against": [vars(s) for s in self.speaks_against],
        }


@dataclass(frozen=True)
class _Reading:
    """One reading and how it is weighed.

    ``behaviours``: of what it is a reading; ``types``: kinds of ship whose work it is; ``weighs``: what else
    speaks for it (above 0) or against it (below).
    """

    code: str
    text: str
    behaviours: frozenset[str]
    types: frozenset[int] = frozenset()
    weighs: tuple[Callable[[Case], Iterable[Sign]], ...] = ()
    lowers: bool = True
    only_with_signs: bool = False


def _reading(
    code: str,
    text: str,
    behaviours: str = "",
    *weighs: Callable[[Case], Iterable[Sign]],
    lowers: bool = True,
    only_with_signs: bool = False,
) -> _Reading:
    """Give a reading of these behaviours, and of those that are the trade of the same code."""
    trade = TRADES.get(code, Trade(frozenset(), frozenset()))
    of = frozenset(behaviours.split()) | trade.behaviours
    return _Reading(code, text, of, trade.types, weighs, lowers, only_with_signs)


_SLOW = "drifting loitering slow_crossing sudden_stop anchor_drag_under_way"
_LINE = "repeated_crossing asset_following survey_pattern trawling_over zigzag"
_NOT_WHERE_SHE_SAYS = "position_spoofed speed_out_of_class"

_READINGS = (
    _reading("passage", "ordinary passage over the asset", "crossing"),
    _reading(
        "engine_stopped",
        "engine trouble, or engines stopped to wait for a berth, pilot or orders",
        _SLOW,
        signs.not_under_command,
        signs.peers_go_on,
        signs.makes_way,
        lowers=False,
    ),
    _reading(
        "pilot_boarding",
        "slows to take or land a pilot",
        "loitering slow_crossing sudden_stop anchor_drag_under_way rendezvous",
        signs.pilot_place,
        signs.pilot_boat,
        signs.longer_than_a_boarding,
    ),
    _reading(
        "weather",
        "slows in wind and sea, as every ship there does",
        "slow_crossing sudden_stop anchor_drag_under_way",
        signs.peers_slow,
        signs.peers_go_on_too,
        signs.sea_expects_it,
        signs.more_than_the_others,
        signs.sea_is_calm,
    ),
    _reading(
        "waiting_for_berth",
        "waits for a berth or for orders",
        "loitering slow_crossing rendezvous unusual_route zigzag",
        signs.anchorage,
        signs.near_port,
        signs.far_from_port,
    ),
    _reading(
        "fishing",
        "fishing with gear out",
        "repeated_crossing survey_pattern",
        signs.asset_again_and_again,
    ),
    _reading("towing_or_tug", "towing, or a tug at work"),
    _reading("work_at_sea", "dredging, diving, survey, cable or guard work"),
    _reading("pilot_or_rescue", "pilot boat or rescue craft on station"),
    _reading("pleasure", "sailing or pleasure craft"),
    _reading("ferry_schedule", "a ferry or liner on her usual run", "unusual_route", signs.own_speed),
    _reading(
        "anchorage",
        "lies in a charted anchorage or waits for a berth",
        "anchored_near loitering dragging_at_anchor",
        signs.anchorage,
        signs.says_at_anchor,
        signs.no_anchorage,
    ),
    _reading(
        "usual_here",
        "what ships ordinarily do at this place",
        f"{_SLOW} anchored_near rendezvous",
        signs.usual_here,
        only_with_signs=True,
    ),
    _reading(
        "degraded_gnss",
        "positions falsified or lost over the whole area",
        f"{_SLOW} {_LINE} {_NOT_WHERE_SHE_SAYS} anchored_near dragging_at_anchor rendezvous unusual_route",
        signs.gnss_degraded,
        signs.gnss_sound,
        only_with_signs=True,
    ),
    _reading(
        "set_off_or_broken", "AIS switched off by right, or set or antenna broken", "gone_dark", lowers=False
    ),
    _reading("reception", "a receiver lost this ship only", "gone_dark", signs.heard_late),
    _reading("wrong_entry", "typed wrong in the set", "identity_conflict speed_out_of_class", lowers=False),
    _reading(
        "other_cause",
        "the fault may have another cause than a ship, and ships cross there day and night",
        "fault_match",
        signs.crossed_daily,
        lowers=False,
    ),
    _reading(
        "another_ship",
        "another ship fits the fault as well",
        "fault_match",
        signs.others_fit,
        lowers=False,
        only_with_signs=True,
    ),
    _reading("naval_or_police", "naval or police ship on duty"),
)


def readings(
    events: Iterable[Event], known: Knowledge, held: frozenset[str] = frozenset()
) -> tuple[Innocent, ...]:
    """Give the innocent readings of ``events`` together, those that fit first, those that do not last,
    and of each the ones of which most speaks in favour before the others.

    ``known``: what is known around the newest of them. ``held``: what was known to explain them already
    when they were found (`risk.retraction`).
    """
    case = Case(tuple(events), known, held)
    behaviours = {e.behaviour for e in case.events}
    if behaviours != {"crossing"}:
        behaviours.discard("crossing")
    read = ((r, _read(r, case)) for r in _READINGS if r.behaviours & behaviours)
    found = [i for r, i in read if i.speaks_for or i.speaks_against or not r.only_with_signs]
    return tuple(sorted(found, key=lambda i: (i.fits is not True, i.fits is False, -i.says)))


def lowered(priority: str, innocent: Iterable[Innocent]) -> str:
    """Give the priority with what is innocent taken off: a step where a reading fits, all if strongly."""
    fitting = [i for i in innocent if i.fits and i.lowers]
    if any(i.strongly for i in fitting):
        return PRIORITIES[0]
    return PRIORITIES[max(PRIORITIES.index(priority) - 1, 0)] if fitting else priority


def _read(reading: _Reading, case: Case) -> Innocent:
    found = [*_by_type(reading, case.known.ship_type), *(s for w in reading.weighs for s in w(case))]
    says = sum(s.weight for s in found)
    fits = True if says >= FITS else False if says <= -FITS else None
    speaks_for = tuple(s for s in found if s.weight > 0)
    against = tuple(s for s in found if s.weight < 0)
    return Innocent(reading.code, reading.text, fits, speaks_for, against, says >= STRONGLY, reading.lowers)


def _by_type(reading: _Reading, ship_type: int | None) -> Iterator[Sign]:
    """Give what the type of ship she sends says: her work, or not."""
    if reading.types and ship_type:
        weight = 1.0 if ship_type in reading.types else -1.0
        yield Sign("ship_type", ship_type, "", weight)
