"""Cases: what belongs together on one ship, how strong it is, and what was hit meanwhile."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from math import erf, log2, sqrt

from seavigil.events import Event
from seavigil.records import MINUTE_US, SECOND_US
from seavigil.risk import weights
from seavigil.risk.knowledge import Knowledge
from seavigil.risk.trades import by_trade

#: Events of one ship no farther apart than this are one case.
LINK_S = 7200.0
#: A drag under way may show at one asset and hours later at the next: seven hours on record (5 h 38, 7 h 07).
LINK_DRAG_S = 8 * 3600.0
#: Once all odd conduct ended this long ago, a crossing is a new passage.
LINK_CROSSING_S = 600.0
#: Crossings no farther apart than this are one passage.
LINK_PASSAGE_S = 1800.0
#: Crossings this long before odd conduct belong to its case.
LOOK_BACK_S = 3600.0
#: A crossing this long before a drift or a drag was established was made in its first minutes.
BEFORE_DRIFT_S = 900.0
#: Two crossings at least this far apart in time are two hits.
APART_US = 5 * MINUTE_US
#: A ship that lies nearer to the true line than this may foul it as she swings.
FOULING_M = 463.0

_DRAG = "anchor_drag_under_way"
#: Conduct in which an anchor, or what hangs from the ship, may reach the ground.
BOTTOM = frozenset({"drifting", "anchor_drag_under_way", "dragging_at_anchor"})
#: Conduct in which she goes where wind, current or her last course takes her.
CARRIED = BOTTOM | {"gone_dark"}
#: Conduct that is seen, not inferred by a likelihood ratio. Only to it what she goes over, or towards,
#: meanwhile adds: a ship in a lane crosses what lies there whether she drags or not.
_SEEN = frozenset(kind for kind, weight in weights.WEIGHTS.items() if not weight.per_score)
#: No conduct but outside evidence: an asset failed when she was over it.
FAULT_MATCH = "fault_match"
#: What says something about a ship without being odd conduct of hers.
CONTEXT = frozenset({"crossing", "watchlisted_near"})


@dataclass
class Case:
    """The events of one ship, or of one area, that belong together, and the most that was seen of them."""

    case_id: str
    events: dict[str, Event] = field(default_factory=dict)
    knowledge: dict[str, Knowledge] = field(default_factory=dict)
    fouls: set[str] = field(default_factory=set)
    told: dict[str, dict[str | None, float]] = field(default_factory=dict)
    found: dict[str, float] = field(default_factory=dict)
    priority: str = "info"
    strength: float = 0.0

    def takes(self, event: Event) -> bool:
        """Whether a new event belongs to this case."""
        if self.drags_on(event):
            return True
        conduct = [e for e in self.events.values() if e.behaviour != "crossing"]
        if event.behaviour != "crossing":
            return _live(conduct, event.began_us, LINK_S) or _live(
                self.events.values(), event.began_us, LOOK_BACK_S
            )
        if conduct:
            return _live(conduct, event.began_us, LINK_CROSSING_S)
        return _live(self.events.values(), event.began_us, LINK_PASSAGE_S)

    def drags_on(self, event: Event) -> bool:
        """Whether a new event goes on with a drag under way of this case: an anchor is down for hours."""
        drags = [e for e in self.events.values() if e.behaviour == _DRAG]
        return event.behaviour == _DRAG and _live(drags, event.began_us, LINK_DRAG_S)

    def held_then(self, at_us: int) -> bool:
        """Whether the case was going on at a time, crossings shortly before and the hours after included."""
        began_us = min(e.began_us for e in self.events.values()) - LOOK_BACK_S * SECOND_US
        return began_us <= at_us and _live(self.events.values(), at_us, LINK_S)

    def live(self, at_us: int) -> bool:
        """Whether anything in it goes on or ended within LINK_S before ``at_us``."""
        return _live(self.events.values(), at_us, LINK_S)

    def note(self, event: Event, knowledge: Knowledge) -> None:
        """Take one revision of an event, with what is known around it."""
        self.events[event.event_id] = event
        self.knowledge[event.event_id] = knowledge
        if event.behaviour == "anchored_near" and _may_foul(event, knowledge):
            self.fouls.add(event.event_id)
        told = self.told.setdefault(event.behaviour, {})
        worth = found_strength(event, knowledge.ship_type)
        told[event.asset_id] = max(told.get(event.asset_id, 0.0), worth)
        self.found[event.behaviour] = _of_kind(event.behaviour, told)
        self.strength = max(self.strength, self._strength())

    def ahead_now(self) -> tuple[tuple[str, float], ...]:
        """Give the assets ahead of what still goes on, the soonest first."""
        legs = [self.knowledge[e.event_id].ahead for e in self.events.values() if e.ended_us is None]
        soonest = {asset: in_s for leg in legs for asset, in_s in sorted(leg, key=lambda a: -a[1])}
        return tuple(sorted(soonest.items(), key=lambda a: (a[1], a[0])))

    def hits(self) -> list[Event]:
        """Give the crossings made while something of hers may have reached the ground, one for each hit.

        Crossings of different assets count as two where they lie at least APART_US apart; one over ground
        that her anchor cannot reach is none.
        """
        return self._hits_of(BOTTOM)

    def _hits_of(self, kinds: frozenset[str]) -> list[Event]:
        conduct = [e for e in self.events.values() if e.behaviour in kinds]
        if not conduct:
            return []
        made = [e for e in self.by_kind().get("crossing", ()) if _during(e, conduct) and self._reaches(e)]
        firsts: dict[str | None, Event] = {}
        for crossing in made:
            firsts.setdefault(crossing.asset_id, crossing)
        hits: list[Event] = []
        for crossing in sorted(firsts.values(), key=lambda e: (e.began_us, e.event_id)):
            if not hits or crossing.began_us - hits[-1].began_us >= APART_US:
                hits.append(crossing)
        return hits

    def by_kind(self) -> Mapping[str, list[Event]]:
        """Give the events by behaviour, each kind in order of time."""
        seen: dict[str, list[Event]] = {}
        for event in sorted(self.events.values(), key=lambda e: (e.began_us, e.event_id)):
            seen.setdefault(event.behaviour, []).append(event)
        return seen

    def _reaches(self, event: Event) -> bool:
        return self.knowledge[event.event_id].anchor_reaches is not False

    def _strength(self) -> float:
        hits = sorted((_probability_over(e) for e in self._hits_of(_SEEN & BOTTOM)), reverse=True)
        worth = weights.HIT * sum(p * weights.FURTHER_HIT**i for i, p in enumerate(hits))
        asset = worth * self._sure_of(_SEEN & BOTTOM)
        asset += weights.AHEAD * self._sure_of(_SEEN & CARRIED) if self.ahead_now() else 0.0
        asset += weights.FOULING if self.fouls else 0.0
        return round(together(self.found) + asset, 3)

    def _sure_of(self, kinds: frozenset[str]) -> float:
        """Say how far such conduct was found, 0 to 1; what is her trade is discounted here as there."""
        shares = [self.found[kind] / weights.WEIGHTS[kind].found for kind in kinds & set(self.found)]
        return min(max(shares, default=0.0), 1.0)


def found_strength(event: Event, ship_type: int | None = None) -> float:
    """Give what one revision of an event says by itself of a ship of that type, as a strength."""
    weight = weights.WEIGHTS.get(event.behaviour, weights.OTHER)
    doublings = min(log2(max(event.peak_score, 1.0)), 3.0)
    by_score = weight.per_score * min(max(event.peak_score, 0.0), weight.most_score)
    most: dict[str, float] = {}
    for reason in () if weight.per_score else event.reasons:
        most[reason.code] = max(most.get(reason.code, 1.0), reason.weight)
    telling = sum(most[code] - 1.0 for code in sorted(most))
    says = weight.found + weight.per_doubling * doublings + by_score + weights.PER_REASON * telling
    return weights.BY_TRADE * says if by_trade(event.behaviour, ship_type) else says


def _of_kind(kind: str, told: Mapping[str | None, float]) -> float:
    """Give what a kind of conduct says: the most of it, or of ratios at different assets their sum.

    What she shows along her way and what she shows at the assets are two views of one motion (a single
    manoeuvre gives both): the stronger counts in full, the other by half.
    """
    if not weights.WEIGHTS.get(kind, weights.OTHER).per_score:
        return max(told.values())
    at_assets = sum(told[asset] for asset in sorted(asset for asset in told if asset is not None))
    along = told.get(None, 0.0)
    return max(along, at_assets) + weights.SAME_FAMILY * min(along, at_assets)


def together(found: Mapping[str, float]) -> float:
    """Add up kinds of conduct; within a family the strongest counts in full, the others by half."""
    families: dict[str, list[float]] = {}
    for kind in sorted(found):
        family = weights.WEIGHTS.get(kind, weights.OTHER).family or kind
        families.setdefault(family, []).append(found[kind])
    return sum(max(f) + weights.SAME_FAMILY * (sum(f) - max(f)) for f in families.values())


def _probability_over(crossing: Event) -> float:
    return 1.0 if crossing.passage is None else crossing.passage.probability_over


def _live(events: Iterable[Event], at_us: int, link_s: float) -> bool:
    return any(e.ended_us is None or at_us - e.ended_us <= link_s * SECOND_US for e in events)


def _may_foul(event: Event, knowledge: Knowledge) -> bool:
    """Whether the true line more likely than not lies within her swing; small craft carry no such anchor."""
    if event.distance_m is None or knowledge.small_craft:
        return False
    sigma_m = max(knowledge.sigma_m, 1.0)
    ends = ((event.distance_m + reach_m) / sigma_m for reach_m in (-FOULING_M, FOULING_M))
    beyond, within = (0.5 * (1.0 + erf(end / sqrt(2.0))) for end in ends)
    return within - beyond >= 0.5


def _during(crossing: Event, conduct: Iterable[Event]) -> bool:
    """Whether a crossing was made during the conduct, or in the minutes before that was established."""
    for one in conduct:
        from_us = one.began_us - BEFORE_DRIFT_S * SECOND_US
        until_us = one.ended_us + LINK_CROSSING_S * SECOND_US if one.ended_us is not None else None
        if crossing.began_us >= from_us and (until_us is None or crossing.began_us <= until_us):
            return True
    return False
