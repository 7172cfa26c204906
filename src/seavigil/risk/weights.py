"""What each kind of conduct is worth: the one table of weights, on the one scale of strength.

Strength only puts cases in order; how rare a strength is, is counted (`risk.rates`). One unit is meant as one
nat: the conduct is e times likelier of a ship that endangers an asset than of one that does not. All
weights are our own choice, because nobody has published likelihoods for them; the reason stands with
each. They were set by hand, looked at over training traffic only, and are fitted to nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType


@dataclass(frozen=True)
class Weight:
    """How much one kind of conduct says.

    ``found``: by being found at all. ``per_doubling``: for each doubling of its peak score over its
    threshold, three at most. ``per_score``: for each unit of peak score, where that is a likelihood ratio
    in nats, up to ``most_score``. ``family``: kinds that see the same motion; the strongest of a family
    counts in full, the others by half. ``why``: the reason for the choice.
    """

    found: float
    why: str
    family: str = ""
    per_doubling: float = 0.5
    per_score: float = 0.0
    most_score: float = 40.0


_TABLE: dict[str, Weight] = {
    "crossing": Weight(0.0, "ships cross cables all day", per_doubling=0.0),
    "drifting": Weight(3.0, "out of command: she cannot keep clear of anything", "slow"),
    "anchor_drag_under_way": Weight(
        0.0,
        "its score is the log-likelihood ratio itself; by half, since rows minutes apart are not independent",
        "drag",
        per_doubling=0.0,
        per_score=0.5,
    ),
    "dragging_at_anchor": Weight(
        4.5,
        "half as much again as a drift: the anchor is on the ground already; the farther, the surer",
        "drag",
        per_doubling=1.5,
    ),
    "slow_crossing": Weight(2.0, "way lost over an asset, though for many reasons", "drag"),
    "sudden_stop": Weight(2.0, "an anchor that has caught stops a ship, as engines do", "drag"),
    "repeated_crossing": Weight(
        3.0,
        "over one line again and again is seldom passage, and a dozen times in a watch nobody's",
        "line",
        per_doubling=2.5,
    ),
    "survey_pattern": Weight(2.5, "parallel legs over an asset are a search of the ground", "line"),
    "zigzag": Weight(
        8.0,
        "a whole watch beside a cable is nobody's passage; who broke Taiwan-Penghu No. 3 did it for 56 h",
        "line",
    ),
    "asset_following": Weight(1.5, "along a line: also a lane laid beside a cable", "line"),
    "trawling_over": Weight(1.5, "gear on the ground, but where fishing is allowed it is daily work", "slow"),
    "loitering": Weight(1.0, "mostly waiting, fishing or work (51 h of it were innocent once)", "slow"),
    "anchored_near": Weight(1.0, "mostly an anchorage that a cable passes", "slow"),
    "gone_dark": Weight(8.0, "silence where others are heard: no training day had one", "position"),
    "position_spoofed": Weight(3.0, "a false position is made by somebody", "position"),
    "identity_conflict": Weight(2.0, "a false name is made by somebody, or mistyped", "position"),
    "speed_out_of_class": Weight(1.0, "wrong type in the set more often than a wrong ship", "position"),
    "rendezvous": Weight(1.5, "two ships alongside at sea: bunkers, pilots, stores, or worse", "slow"),
    "unusual_route": Weight(1.0, "rare is not wrong", "route"),
    "unmatched_detection": Weight(2.0, "a ship that does not say that she is there", "position"),
    "watchlisted_near": Weight(0.5, "what a list says of a ship is context, not evidence", "context", 0.0),
    "fault_match": Weight(
        0.0,
        "evidence from outside of her track: its score is minus the log of how often some ship fits as well",
        "fault",
        per_doubling=0.0,
        per_score=2.0,
    ),
    "gnss_degraded": Weight(1.0, "a state of an area: says how far positions can be trusted", "area"),
    "coverage_lost": Weight(0.5, "a state of a receiver: says where the watch is blind", "area"),
}

WEIGHTS: Mapping[str, Weight] = MappingProxyType(_TABLE)
#: A kind of conduct without a line in the table. Own choice: as much as the least of the others.
OTHER = Weight(1.0, "not weighed yet")
#: Each code of a reason above the ordinary weight of 1 adds so much for each unit above, where the score is
#: no likelihood ratio, which holds them already.
PER_REASON = 0.25
#: Of kinds in one family all but the strongest count by so much.
SAME_FAMILY = 0.5
#: What ships of her kind do at their work (`risk.trades`) counts by so much. Own choice: by a quarter, not
#: by nothing, because a type is what a ship says of herself.
BY_TRADE = 0.25
#: A crossing made during conduct that reaches the ground, times the probability that it was over the true
#: line. Own choice: more than twice the drift itself, because it is what turns a drift into damage.
HIT = 8.0
#: Each further hit adds so much of the one before. Own choice: a ship in a lane crosses what lies there
#: anyway.
FURTHER_HIT = 0.5
#: An asset within the hour on her course while the conduct goes on.
AHEAD = 1.5
#: She lies where her swing more likely than not covers the true line.
FOULING = 1.0
