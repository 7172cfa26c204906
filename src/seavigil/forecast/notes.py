"""What cannot be known about a fault, or limits what a ranking of ships says: codes and figures, no words."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from seavigil.forecast.presence import Presence, Sight
from seavigil.forecast.same_fault import Joined
from seavigil.records import rfc3339

#: Of less of the fault's time and place covered, nobody can say who else was there.
LEAST_HEARD = 0.5
#: However little was heard, so much is taken as heard: a ship heard at the line shows that it is not nothing.
LEAST_SHARE = 0.05
#: A passage is known well where its time is to half of the fault's own, or to half a minute (own choices).
_KNOWN_SHARE, _KNOWN_S = 0.5, 30.0


@dataclass(frozen=True)
class Note:
    """One thing that cannot be known: a code, its figure and, of a length of time, its ends (RFC 3339)."""

    code: str
    observed: float | None = None
    unit: str = ""
    fault_id: str | None = None
    began: str | None = None
    ended: str | None = None

    def as_json(self) -> dict[str, Any]:
        """Give it as plain values."""
        return dict(vars(self))


def covered(sight: Sight) -> bool:
    """Whether so much was heard at the time and place that it is known who was there."""
    return sight.heard is not None and sight.heard >= LEAST_HEARD


def heard_share(sights: Iterable[Sight]) -> float:
    """Give the share of ships that were heard, by the fault about which least was."""
    return min(max(sight.heard or 0.0, LEAST_SHARE) for sight in sights)


def well_known(sight: Sight, one: Presence) -> bool:
    """Whether she was heard so about her passage that it is sure to lie within the fault's time or not."""
    return not one.dark and one.crossed_within_s <= max(_KNOWN_SHARE * sight.fault.within_s, _KNOWN_S)


def of_fault(sight: Sight, *, fits: bool) -> Iterator[Note]:
    """Say what cannot be known about one fault; ``fits``: whether the time fits any ship."""
    name = sight.fault.fault_id
    for began_us, ended_us in sight.silences:
        length_s = (ended_us - began_us) / 1e6
        yield Note("nothing_heard", length_s, "s", name, rfc3339(began_us), rfc3339(ended_us))
    if not covered(sight):
        yield Note("hardly_heard_there", sight.heard, "1", name)
    elif not fits and not sight.silences:
        yield Note("no_ship_there", sight.heard, "1", name)
    if sight.on_land:
        yield Note("on_land", None, "", name)
    if sight.disturbed:
        yield Note("gnss_degraded", None, "", name)


def told_twice(told: Sequence[Joined]) -> Iterator[Note]:
    """Say which notices were taken as one fault."""
    for one in told:
        if len(one.notices) > 1:
            yield Note("told_twice", float(len(one.notices)), "notices", one.fault.fault_id)
