"""What behaviours find and risk judges: plain values that pass between the pure modules."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import pyarrow as pa

from seavigil.fault import Fault
from seavigil.records import EVENTS, Flag


@dataclass(frozen=True)
class Reason:
    """One observation with what was expected; the words are made where it is shown."""

    code: str
    observed: float
    expected: float | None
    unit: str
    weight: float = 1.0


@dataclass(frozen=True)
class Passage:
    """How a ship went over a line asset, as far as known at one revision of its event."""

    probability_over: float
    crossed_at_us: int | None = None
    crossed_within_s: float | None = None
    km_along: float | None = None
    angle_deg: float | None = None


@dataclass(frozen=True)
class Bounds:
    """An area on the chart."""

    south_deg: float
    west_deg: float
    north_deg: float
    east_deg: float


@dataclass(frozen=True)
class Event:
    """One revision of one event: revision 1 when it first stood, 2 when it ended.

    An event of a ship has her ``mmsi``; one of an area or of a contact that is no AIS ship has None, and
    ``vessel_id`` names it (``area:...``, ``contact:...``). ``others``: ids of the other ships concerned.
    ``fault``: the notice that she fits, of a fault match.

    Holds only what was known at ``known_at_us``. ``began_us`` is the first report at which the
    behaviour's score was on (for a gap: the last report before it).
    """

    event_id: str
    revision: int
    known_at_us: int
    detected_at_us: int
    behaviour: str
    params_hash: str
    vessel_id: str
    mmsi: int | None
    asset_id: str | None
    began_us: int
    ended_us: int | None
    first_report_id: int
    last_report_id: int
    reports: int
    lat_deg: float | None
    lon_deg: float | None
    sog_kn: float | None
    cog_deg: float | None
    peak_score: float
    distance_m: float | None = None
    passage: Passage | None = None
    reasons: tuple[Reason, ...] = ()
    flags: Flag = field(default=Flag(0))
    transceiver: int | None = None
    others: tuple[str, ...] = ()
    bounds: Bounds | None = None
    fault: Fault | None = None


def events_table(events: Sequence[Event]) -> pa.Table:
    """Give ``events`` as a table of the EVENTS schema."""
    return pa.Table.from_pylist([_row(e) for e in events], schema=EVENTS)


def _row(event: Event) -> dict[str, object]:
    row: dict[str, object] = {name: getattr(event, name) for name in EVENTS.names if hasattr(event, name)}
    passage = event.passage
    if passage is not None:
        row |= {name: getattr(passage, name) for name in EVENTS.names if hasattr(passage, name)}
    if event.bounds is not None:
        row |= vars(event.bounds)
    row["others"] = list(event.others)
    row["reasons"] = [
        {"code": r.code, "observed": r.observed, "expected": r.expected, "unit": r.unit, "weight": r.weight}
        for r in event.reasons
    ]
    return row
