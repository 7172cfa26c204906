"""Suspects: every ship ranked by how well she fits one fault, or several, and what cannot be known."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from seavigil.forecast.fault import Fault
from seavigil.forecast.presence import Presence, Sight
from seavigil.records import rfc3339
from seavigil.vessel import Static

LIKELY, POSSIBLE, UNLIKELY = "likely", "possible", "unlikely"


@dataclass(frozen=True)
class Line:
    """One thing that speaks for a ship (``nats`` above 0) or against her (below), and how much."""

    code: str
    observed: float
    expected: float | None
    unit: str
    nats: float

    def as_json(self) -> dict[str, Any]:
        """Give it as plain values."""
        return {**vars(self), "nats": round(self.nats, 2)}


@dataclass(frozen=True)
class Note:
    """One thing that cannot be known, or that limits what the ranking says: a code and its figure."""

    code: str
    observed: float | None = None
    unit: str = ""
    fault_id: str | None = None


@dataclass(frozen=True)
class Suspect:
    """One ship, and how well she fits. ``score``: nats, the sum of all lines. ``probability``: that it was she.

    Times and places are those of her passage at the first of the faults that she fits. ``time_offset_s``: so
    much later than the fault she crossed (earlier: below 0). ``dark``: she was silent then.
    ``chance``: how often, at other moments, some other ship fits as well. ``fits``: ids of the faults she fits.
    """

    rank: int
    score: float
    probability: float
    chance: float
    says: str
    vessel: Static
    vessel_id: str
    crossed_at_us: int | None
    crossed_within_s: float | None
    time_offset_s: float | None
    distance_m: float | None
    probability_over: float
    km_along: float | None
    dark: bool
    fits: tuple[str, ...]
    lines_for: tuple[Line, ...]
    lines_against: tuple[Line, ...]

    @property
    def mmsi(self) -> int:
        """The number she sends under."""
        return self.vessel.mmsi

    def as_json(self) -> dict[str, Any]:
        """Give the ndjson line's object: times RFC 3339 UTC, keys in a fixed order."""
        ship = self.vessel
        return {
            "rank": self.rank,
            "score": round(self.score, 2),
            "probability": round(self.probability, 4),
            "says": self.says,
            "chance": round(self.chance, 4),
            "vessel": {
                "mmsi": ship.mmsi,
                "vessel_id": self.vessel_id,
                **{n: getattr(ship, n) for n in ("imo", "name", "callsign", "ship_type", "length_m", "flag")},
            },
            "crossed_at": rfc3339(self.crossed_at_us),
            "crossed_within_s": _rounded(self.crossed_within_s, 1),
            "time_offset_s": _rounded(self.time_offset_s, 0),
            "distance_m": _rounded(self.distance_m, 0),
            "probability_over": round(self.probability_over, 3),
            "km_along": _rounded(self.km_along, 2),
            "dark": self.dark,
            "faults": list(self.fits),
            "for": [line.as_json() for line in self.lines_for],
            "against": [line.as_json() for line in self.lines_against],
        }


@dataclass(frozen=True)
class Findings:
    """What is found of one fault, or of several taken as one ship's doing; suspects best first.

    ``none_probability``: that none of these ships did it.
    """

    faults: tuple[Fault, ...]
    as_of_us: int
    suspects: tuple[Suspect, ...]
    notes: tuple[Note, ...]
    none_probability: float

    def as_json(self) -> dict[str, Any]:
        """Give everything as plain values."""
        return {
            "faults": [fault.fault_id for fault in self.faults],
            "as_of": rfc3339(self.as_of_us),
            "none_probability": round(self.none_probability, 4),
            "notes": [vars(note) for note in self.notes],
            "suspects": [suspect.as_json() for suspect in self.suspects],
        }


def _rounded(value: float | None, digits: int) -> float | None:
    return None if value is None else round(value, digits)


def suspects(sights: Sequence[Sight]) -> Findings:
    """Rank the ships that were about one fault, or about several at once, each seen in its ``Sight``.

    Raises ``ValueError`` without a sight.
    """
    if not sights:
        raise ValueError("no fault given")
    found = [
        _bare(rank, sights[0].fault, presence) for rank, presence in enumerate(sights[0].presences, start=1)
    ]
    as_of_us = max(sight.as_of_us for sight in sights)
    return Findings(tuple(sight.fault for sight in sights), as_of_us, tuple(found), (), 1.0)


def _bare(rank: int, fault: Fault, presence: Presence) -> Suspect:
    return Suspect(
        rank=rank,
        score=0.0,
        probability=0.0,
        chance=1.0,
        says=UNLIKELY,
        vessel=presence.ship,
        vessel_id=presence.vessel_id,
        crossed_at_us=presence.crossed_at_us,
        crossed_within_s=presence.crossed_within_s,
        time_offset_s=(presence.crossed_at_us - fault.at_us) / 1e6,
        distance_m=presence.distance_m,
        probability_over=presence.probability_over,
        km_along=presence.km_along,
        dark=presence.dark,
        fits=(fault.fault_id,),
        lines_for=(),
        lines_against=(),
    )
