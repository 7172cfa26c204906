"""Suspects: every ship ranked by how well she fits one fault, or several, and what cannot be known.

Two questions are kept apart. ``probability``: of all that may have caused this fault, how much of it falls on
this ship? (Bayes, with none of the ships heard as one more answer.) ``chance``: at how many other moments
would some other ship look as bad? (a-contrario: Desolneux, Moisan and Morel, "From Gestalt Theory to Image
Analysis", 2008.) On a busy route somebody always fits the time; only who fits better than almost anybody ever
does is called likely.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from math import exp
from typing import Any

from seavigil.fault import Fault
from seavigil.forecast.chance import EQUAL_NATS, Fitted, fitted, shared_chance, single_chance
from seavigil.forecast.fit import Line
from seavigil.forecast.notes import Note, covered, heard_share, of_fault, told_twice, well_known
from seavigil.forecast.once import counted_once
from seavigil.forecast.presence import Seen, Sight
from seavigil.forecast.same_fault import Joined
from seavigil.records import HOUR_US, rfc3339
from seavigil.vessel import Static

__all__ = ["Findings", "Line", "Note", "Suspect", "suspects"]

LIKELY, POSSIBLE, UNLIKELY = "likely", "possible", "unlikely"
#: Fishing and anchoring cause 70 to 80 % of cable faults (International Cable Protection Committee); the
#: lower end. Of it falls on the ships heard what their share is, by the coverage then and there.
SHIP_DID_IT = 0.7
#: Own choices: more likely than all else together; and one fault without a ship in fifty.
LEAST_PROBABILITY, MOST_CHANCE = 0.5, 0.02
POSSIBLE_FROM = 0.05
#: Listed is who passed within the time given and so much more to either side.
LISTED_US = HOUR_US
#: A ship that passed one of several faults and not this one at its time did not do all of them.
MISSES_NATS = -8.0


@dataclass(frozen=True)
class Suspect:
    """One ship, and how well she fits. ``score``: nats, the sum of all lines; ``probability``: it was she.

    Times and places are those of her passage at the first fault that she fits. ``time_offset_s``: so
    much later than the fault she crossed (earlier: below 0). ``crossed``: she was over the charted line, or
    in the area; else the time is when she was nearest. ``dark``: she was silent then; the times are the
    middle of her silence and half its length. ``last``: where she was last heard.
    ``chance``: at what share of moments some passage fits as well. ``fits``: ids of those faults
    whose time fits her.
    """

    rank: int
    score: float
    probability: float
    chance: float
    says: str
    vessel: Static
    vessel_id: str
    crossed_at_us: int
    crossed_within_s: float
    time_offset_s: float
    distance_m: float
    probability_over: float
    km_along: float | None
    dark: bool
    fits: tuple[str, ...]
    lines_for: tuple[Line, ...]
    lines_against: tuple[Line, ...]
    crossed: bool = True
    last: Seen | None = None

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
            **self._times(),
            "crossed": self.crossed,
            "distance_m": round(self.distance_m),
            "probability_over": round(self.probability_over, 3),
            "km_along": None if self.km_along is None else round(self.km_along, 2),
            "dark": self.dark,
            "faults": list(self.fits),
            "for": [line.as_json() for line in self.lines_for],
            "against": [line.as_json() for line in self.lines_against],
            "last": None if self.last is None else _seen(self.last),
        }

    def _times(self) -> dict[str, Any]:
        """Give when she crossed; of a ship that was silent, from when to when."""
        half_us = int(self.crossed_within_s * 1e6)
        silent = (self.crossed_at_us - half_us, self.crossed_at_us + half_us)
        return {
            "crossed_at": None if self.dark else rfc3339(self.crossed_at_us),
            "crossed_within_s": None if self.dark else round(self.crossed_within_s, 1),
            "time_offset_s": None if self.dark else round(self.time_offset_s),
            "silent_from": rfc3339(silent[0]) if self.dark else None,
            "silent_to": rfc3339(silent[1]) if self.dark else None,
        }


def _seen(last: Seen) -> dict[str, Any]:
    place = {"lat_deg": round(last.lat_deg, 5), "lon_deg": round(last.lon_deg, 5)}
    speeds = {n: None if (v := getattr(last, n)) is None else round(v, 1) for n in ("sog_kn", "cog_deg")}
    return {"at": rfc3339(last.at_us), **place, **speeds}


@dataclass(frozen=True)
class Findings:
    """What is found of one fault, or of several taken as one ship's doing; suspects best first.

    ``none_probability``: that none of these ships did it, but another cause or a ship that was not heard.
    """

    faults: tuple[Fault, ...]
    as_of_us: int
    suspects: tuple[Suspect, ...]
    notes: tuple[Note, ...]
    none_probability: float

    def limits(self) -> dict[str, Any]:
        """Give, as plain values, all but the ships: what was asked, and what cannot be known."""
        return {
            "faults": [fault.fault_id for fault in self.faults],
            "as_of": rfc3339(self.as_of_us),
            "none_probability": round(self.none_probability, 4),
            "notes": [note.as_json() for note in self.notes],
        }

    def as_json(self) -> dict[str, Any]:
        """Give everything as plain values."""
        return {
            **self.limits(),
            "suspects": [suspect.as_json() for suspect in self.suspects],
        }


@dataclass(frozen=True)
class _Ship:
    """One ship: her best passage at each fault, None where she has none near it in time."""

    vessel_id: str
    best: tuple[Fitted | None, ...]

    @property
    def missed(self) -> int:
        return sum(one is None for one in self.best)

    @property
    def score(self) -> float:
        return sum(MISSES_NATS if one is None else one.score for one in self.best)


def suspects(sights: Sequence[Sight], told: Sequence[Joined] = ()) -> Findings:
    """Rank the ships that were about one fault, or about several at once, each seen in its ``Sight``.

    ``told``: which notices the faults were put together from. Raises ``ValueError`` without a sight.
    """
    if not sights:
        raise ValueError("no fault given")
    fits = [[fitted(sight, one) for one in sight.presences] for sight in sights]
    ships = sorted(_ships(sights, fits), key=lambda ship: (-ship.score, ship.vessel_id))
    # who passed alongside takes her share only as far as she may have been over it
    passed = max(max(sum(o.presence.probability_over for o in f if not o.presence.dark), 1.0) for f in fits)
    did_it = SHIP_DID_IT * min(sight.fault.confidence for sight in sights)
    heard = did_it * heard_share(sights)
    weights = [heard / passed * exp(min(ship.score, 500.0)) for ship in ships]
    whole = (1.0 - heard) + sum(weights)
    ranked = []
    alone = len(ships) < 2 or ships[0].score - ships[1].score > EQUAL_NATS
    for rank, (ship, weight) in enumerate(zip(ships, weights, strict=True), start=1):
        probability = weight / whole
        chance = _chance(sights, fits, ship) if probability >= POSSIBLE_FROM else 1.0
        says = _says(probability, chance, sure=alone and _heard(sights, ship))
        ranked.append(_suspect(rank, sights, ship, says, probability, chance))
    return Findings(
        tuple(sight.fault for sight in sights),
        max(sight.as_of_us for sight in sights),
        tuple(ranked),
        (*told_twice(told), *_notes(sights, ranked)),
        (1.0 - heard) / whole,
    )


def _heard(sights: Sequence[Sight], ship: _Ship) -> bool:
    """Whether it is known who was at each fault that fits her, or at least that she was."""
    return all(
        covered(sight) or well_known(sight, one.presence)
        for sight, one in zip(sights, ship.best, strict=True)
        if one is not None
    )


def _ships(sights: Sequence[Sight], fits: Sequence[list[Fitted]]) -> Iterator[_Ship]:
    """Give every ship that was about any of the faults near its time, with her best passage at each."""
    best: dict[str, list[Fitted | None]] = {}
    for at, (sight, found) in enumerate(zip(sights, fits, strict=True)):
        for one in found:
            if not _near(sight.fault, one):
                continue
            own = best.setdefault(one.presence.vessel_id, [None] * len(sights))
            known = own[at]
            if known is None or one.score > known.score:
                own[at] = one
    for vessel_id, own in best.items():
        yield _Ship(vessel_id, _once(sights, fits, own))


def _once(
    sights: Sequence[Sight], fits: Sequence[list[Fitted]], own: Sequence[Fitted | None]
) -> tuple[Fitted | None, ...]:
    """Count what she did once, also among the passages that chance is reckoned from."""
    once = counted_once(sights, own)
    for found, was, now in zip(fits, own, once, strict=True):
        if was is not None and now is not None and now is not was:
            found[next(i for i, one in enumerate(found) if one is was)] = now
    return once


def _near(fault: Fault, one: Fitted) -> bool:
    off_us = abs(one.presence.crossed_at_us - fault.at_us)
    return off_us <= LISTED_US + (fault.within_s + one.presence.crossed_within_s) * 1e6


def _chance(sights: Sequence[Sight], fits: Sequence[Sequence[Fitted]], ship: _Ship) -> float:
    each = [
        single_chance(sight, found, one)
        for sight, found, one in zip(sights, fits, ship.best, strict=True)
        if one is not None
    ]
    if len(sights) == 1:
        return each[0]
    return min(len(sights) * min(each), shared_chance(sights, fits, ship.score, MISSES_NATS))


def _suspect(
    rank: int, sights: Sequence[Sight], ship: _Ship, says: str, probability: float, chance: float
) -> Suspect:
    lines: list[Line] = []
    for sight, one in zip(sights, ship.best, strict=True):
        missed = Line("misses_fault", 0.0, sight.fault.within_s, "s", MISSES_NATS)
        lines += [replace(li, fault_id=sight.fault.fault_id) for li in (one.lines if one else (missed,))]
    at, first = next((i, one) for i, one in enumerate(ship.best) if one is not None)
    presence, fault = first.presence, sights[at].fault
    lines.sort(key=lambda line: -abs(line.nats))
    return Suspect(
        rank=rank,
        score=ship.score,
        probability=probability,
        chance=chance,
        says=says,
        vessel=presence.ship,
        vessel_id=presence.vessel_id,
        crossed_at_us=presence.crossed_at_us,
        crossed_within_s=presence.crossed_within_s,
        time_offset_s=(presence.crossed_at_us - fault.at_us) / 1e6,
        distance_m=presence.distance_m,
        probability_over=presence.probability_over,
        km_along=presence.km_along,
        dark=presence.dark,
        fits=tuple(
            s.fault.fault_id for s, one in zip(sights, ship.best, strict=True) if one and one.time.nats > 0
        ),
        lines_for=tuple(line for line in lines if line.nats > 0),
        lines_against=tuple(line for line in lines if line.nats < 0),
        crossed=presence.crossed,
        last=next((s.last[ship.vessel_id] for s in reversed(sights) if ship.vessel_id in s.last), None),
    )


def _says(probability: float, chance: float, *, sure: bool) -> str:
    """Say it in a word; ``sure``: no other ship fits equally well, and she was heard or the place covered."""
    if probability >= LEAST_PROBABILITY and chance <= MOST_CHANCE and sure:
        return LIKELY
    return POSSIBLE if probability >= POSSIBLE_FROM else UNLIKELY


def _notes(sights: Sequence[Sight], ranked: Sequence[Suspect]) -> Iterator[Note]:
    """Say what cannot be known of each fault, then what the ranking leaves open."""
    for sight in sights:
        yield from of_fault(sight, fits=any(_was_there(one, sight.fault.fault_id) for one in ranked))
    dark = sum(one.dark for one in ranked)
    if dark:
        yield Note("dark_ships", float(dark), "ships")
    if not any(one.says != UNLIKELY for one in ranked):
        yield Note("nobody_fits")
        return
    if not all(covered(sight) for sight in sights):
        yield Note("others_not_heard", round(1.0 - min(sight.heard or 0.0 for sight in sights), 3), "1")
    alike = sum(one.score >= ranked[0].score - EQUAL_NATS for one in ranked)
    if alike > 1:
        yield Note("fit_equally", float(alike), "ships")
    first = ranked[0]
    if first.probability >= LEAST_PROBABILITY and first.chance > MOST_CHANCE:
        yield Note("others_fit_as_well_at_other_times", first.chance, "1")


def _was_there(one: Suspect, fault_id: str) -> bool:
    """Whether the time of a fault fits her and, where it is known, the place does."""
    off = any(line.code == "place_fits" and line.fault_id == fault_id for line in one.lines_against)
    return fault_id in one.fits and not off
