"""What ships of a kind do at their work: conduct that says little of them, and much of any other ship.

Ship types are those of ITU-R M.1371-5 table 53. Ships send their type themselves, so a trade discounts what
is seen and never clears it. Dredgers, ploughs and cable ships drag gear over the ground and shift their
anchors; to send false positions is nobody's trade.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Trade:
    """Kinds of ship, and the behaviours that are their daily work."""

    types: frozenset[int]
    behaviours: frozenset[str]


def _trade(types: range | list[int], behaviours: str) -> Trade:
    return Trade(frozenset(types), frozenset(behaviours.split()))


TRADES = {
    "fishing": _trade(
        [30], "drifting loitering trawling_over asset_following slow_crossing rendezvous zigzag"
    ),
    "towing_or_tug": _trade(
        [31, 32, 52], "drifting loitering anchored_near rendezvous slow_crossing sudden_stop zigzag"
    ),
    "work_at_sea": _trade(
        [33, 34, 53, 54, 55, 58, 90],
        "drifting loitering anchored_near asset_following survey_pattern repeated_crossing trawling_over"
        " slow_crossing sudden_stop rendezvous dragging_at_anchor anchor_drag_under_way zigzag",
    ),
    "pilot_or_rescue": _trade(
        [50, 51],
        "drifting loitering anchored_near repeated_crossing survey_pattern sudden_stop rendezvous zigzag",
    ),
    "pleasure": _trade(
        [36, 37],
        "drifting loitering anchored_near repeated_crossing survey_pattern slow_crossing sudden_stop zigzag",
    ),
    "ferry_schedule": _trade(range(60, 70), "repeated_crossing asset_following"),
    "naval_or_police": _trade([35, 55], "gone_dark loitering zigzag"),
}


def by_trade(behaviour: str, ship_type: int | None) -> bool:
    """Whether that is what ships of that type do at their work."""
    return any(ship_type in t.types and behaviour in t.behaviours for t in TRADES.values())
