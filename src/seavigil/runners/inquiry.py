"""The inquiry into a fault: what a watch knows of every ship about it, put before `forecast.suspects`."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from seavigil.assets.model import Assets, UnknownAsset
from seavigil.behaviours import Surroundings
from seavigil.events import Event
from seavigil.forecast.fault import Fault
from seavigil.forecast.presence import Presence, Sight
from seavigil.forecast.suspects import Findings, suspects
from seavigil.records import HOUR_US

#: Events are looked at that became known so long before the inquiry or later: whoever inquires keeps them.
EVENTS_KEPT_US = 30 * HOUR_US
#: Rows of the log are looked at that begin so long before the inquiry or later: a watch keeps these.
LOG_KEPT_US = 26 * HOUR_US


def inquire(
    faults: Sequence[Fault], events: Iterable[Event], surroundings: Surroundings, as_of_us: int
) -> Findings:
    """Rank the ships about one fault, or about several taken as one ship's doing, from what was known.

    ``events``: all revisions that the watch found (older than EVENTS_KEPT_US need not be among them). Nothing
    later than ``as_of_us`` is looked at, however much later the watch already is; but no watch may be more
    than half a day later, or her log has forgotten too much.

    Raises ``ValueError`` for an unknown asset, a kilometre beyond its length, or no fault at all.
    """
    known = list(events)
    return suspects([look(fault, known, surroundings, as_of_us) for fault in faults])


def look(fault: Fault, events: Iterable[Event], surroundings: Surroundings, as_of_us: int) -> Sight:
    """Gather what was known at ``as_of_us`` of every ship about one fault. Raises as ``inquire``."""
    check(fault, surroundings)
    presences = [
        Presence(
            surroundings.statics.known(event.mmsi, as_of_us),
            event.vessel_id,
            event.passage.crossed_at_us,
            event.passage.crossed_within_s or 0.0,
            event.passage.probability_over,
            km_along=event.passage.km_along,
            sog_kn=event.sog_kn,
            angle_deg=event.passage.angle_deg,
        )
        for event in events
        if event.asset_id == fault.asset_id
        and event.known_at_us <= as_of_us
        and event.mmsi is not None
        and event.passage is not None
        and event.passage.crossed_at_us is not None
    ]
    presences.sort(key=lambda one: abs(one.crossed_at_us - fault.at_us))
    return Sight(fault, as_of_us, as_of_us, as_of_us, 0.0, None, None, None, tuple(presences))


def check(fault: Fault, surroundings: Surroundings) -> None:
    """Raise ``ValueError`` where the fault names no asset that is loaded, or a place beyond its end."""
    if surroundings.assets is None:
        raise UnknownAsset(f"{fault.fault_id}: no assets are loaded")
    named = [asset for asset in surroundings.assets.assets if asset.asset_id == fault.asset_id]
    asset = named[0] if named else Assets(surroundings.assets.assets).find(fault.asset_id)
    if fault.km_along is not None and fault.km_along > (asset.length_km or 0.0):
        length = f"is {asset.length_km:.1f} km long" if asset.length_km else "is no line"
        raise ValueError(f"{fault.fault_id}: kilometre {fault.km_along:g}: {asset.name} {length}")
