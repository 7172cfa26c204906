"""How pressing a case is: what can be harmed and how soon, and never more than its rarity allows."""

from __future__ import annotations

from collections.abc import Mapping

from seavigil.risk.cases import CARRIED, CONTEXT, FAULT_MATCH, Case

PRIORITIES = ("info", "advisory", "warning", "urgent")

#: Own choice: an officer who watches 1,000 ships for a day can look at some ten alerts and be roused by one;
#: less for each cut, so that chance and traffic a little livelier than that counted still keep the promise.
ADVISORY_PER_1000_SHIP_DAYS = 7.0
WARNING_PER_1000_SHIP_DAYS = 0.8

#: Conduct that endangers whatever lies on the ground, charted or not.
GRAVE = frozenset(
    {"anchor_drag_under_way", "dragging_at_anchor", "repeated_crossing", "survey_pattern", "zigzag"}
)


def highest(case: Case, expected_per_1000_ship_days: float | None, caps: Mapping[str, str]) -> str:
    """Give how pressing a case may be: by the harm possible, the rarity of the like, and the caps.

    ``expected_per_1000_ship_days``: None where no history was counted; then rarity sets no limit. ``caps``:
    the highest priority of a case made of these behaviours only, from an operator's rules.
    """
    levels = [harm(case), rarity(expected_per_1000_ship_days)]
    kinds = {e.behaviour for e in case.events.values()} - {"crossing"} or {"crossing"}
    if kinds <= set(caps):
        levels.append(max((caps[kind] for kind in kinds), key=PRIORITIES.index))
    return min(levels, key=PRIORITIES.index)


def by_fault(case: Case, caps: Mapping[str, str]) -> str:
    """Give how pressing what a fault notice says of her is: likely urgent, possibly a warning, else info.

    Neither the rarity of her conduct nor what is innocent in it bears on that; only an operator's cap does.
    """
    said = {r.code for e in case.events.values() if e.behaviour == FAULT_MATCH for r in e.reasons}
    level = (
        "urgent" if "fault_fits_likely" in said else "warning" if "fault_fits_possibly" in said else "info"
    )
    return min(level, caps.get(FAULT_MATCH, "urgent"), key=PRIORITIES.index)


def rarity(expected_per_1000_ship_days: float | None) -> str:
    """Give the highest priority that an alert may have of which ordinary traffic raises so many."""
    if expected_per_1000_ship_days is None or expected_per_1000_ship_days <= WARNING_PER_1000_SHIP_DAYS:
        return "urgent"
    return "advisory" if expected_per_1000_ship_days <= ADVISORY_PER_1000_SHIP_DAYS else "info"


def harm(case: Case) -> str:
    """Give what the conduct endangers, and how soon.

    ``urgent``: two hits, or one hit and the next asset within the hour while it goes on. ``warning``: one
    hit, or a dragged anchor with an asset within the hour. ``advisory``: carried towards an asset, lying
    where she may foul one, two kinds of odd conduct near assets, grave conduct anywhere, a contact
    without a ship near an asset, an area where positions cannot be trusted.
    """
    seen = case.by_kind()
    made = {e.asset_id for e in case.hits()}
    hits, ahead = len(made), any(asset not in made for asset, _ in case.ahead_now())
    if hits > 1 or (hits and ahead):
        return "urgent"
    if hits or (ahead and _drags(case)):
        return "warning"
    return "advisory" if _advisory(case, set(seen) - CONTEXT) else "info"


def _drags(case: Case) -> bool:
    """Whether an anchor that may reach the ground is being dragged."""
    return any(
        e.behaviour in {"anchor_drag_under_way", "dragging_at_anchor"}
        and e.ended_us is None
        and case.knowledge[e.event_id].anchor_reaches is not False
        for e in case.events.values()
    )


def _advisory(case: Case, conduct: set[str]) -> bool:
    heading = any(case.knowledge[e.event_id].ahead for e in case.events.values() if e.behaviour in CARRIED)
    near = any(e.asset_id is not None and e.behaviour in conduct for e in case.events.values())
    unmatched = near and "unmatched_detection" in conduct
    combined = near and len(conduct) > 1
    alone = conduct & (GRAVE | {"gnss_degraded"})
    return bool(case.fouls or heading or combined or unmatched or alone)
