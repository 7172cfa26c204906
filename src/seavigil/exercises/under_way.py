"""A ship drags her anchor under way: from a documented signature to orders, hits and burdens.

The signature gives ranges; a seed draws from them. Where she catches depends on how fast she goes,
and how fast she goes on what she catches, so she is sailed a few times until both agree.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import IntEnum
from math import inf

import numpy as np

from seavigil.exercises import anchor
from seavigil.exercises.anchor import Drag, Hit
from seavigil.exercises.chance import Chance
from seavigil.exercises.course import Course, Over
from seavigil.exercises.itinerary import Luck
from seavigil.exercises.motion import move
from seavigil.exercises.orders import (
    AT_ANCHOR,
    KN_MS,
    Burden,
    Call,
    Lies,
    Order,
    Passage,
    Place,
    Tracks,
)
from seavigil.exercises.scene import hull
from seavigil.exercises.sets import Ship
from seavigil.exercises.traffic import DemoAsset, Part, line_crossings
from seavigil.exercises.unrest import Manners, unrest
from seavigil.exercises.voyages import handling
from seavigil.exercises.water import Water

Range = tuple[float, float]

#: Her own normal needs a history: she is heard for so long before the anchor goes down.
HISTORY_S = 6 * 3600.0
#: She is followed for so long after her last hit.
AFTER_S = 3600.0
#: No drag takes longer than this, history and all; she goes as unsteadily as others all that time.
LONGEST_S = 48 * 3600.0
#: How much later than reckoned she may come to the last asset: engine stops, water and seaway.
SLACK_S = 3 * 3600.0
#: Tracks of incidents are drawn in steps of so many seconds.
STEP_S = 10
#: To find when she comes to the assets she is sailed so many times, in steps three times as long; after
#: the second time the hits move by seconds only.
ROUNDS = 3
COARSER = 3
#: The anchor drags this many chain lengths behind the bow: it meets a line a little after she does.
TRAIL_SHARE = 0.9
#: A ship waiting for the play to need her swings at anchor on so long a chain.
WAITS_SWING_M = 120.0
#: What makes two assets on a lane suit an incident badly, each as much as times between them that are
#: wrong by a factor of e: another line between them or just before, room for the drag short by
#: ``SHORT_M``, room for her history by ``LATE_M``.
BETWEEN_COST, BEFORE_COST = 0.25, 0.4
#: Another line within so long of the anchor's going down: there is no time to see it.
SOON_S, SOON_COST = 2700.0, 1.0
SHORT_M, LATE_M = 5e3, 2e5


class Draw(IntEnum):
    """First key of every number drawn here."""

    LENGTH = 621
    SERVICE = 622
    LOSS = 623
    UNSTEADY = 624
    LEAD = 625
    DIP = 626
    DIP_TIME = 627
    PAIR = 628
    SPLIT = 629
    RUNS_ON = 630
    TAU = 631


@dataclass(frozen=True)
class Stop:
    """Her engine stands still: so long after the first hit, for so long."""

    after_s: float
    for_s: float


@dataclass(frozen=True)
class UnderWay:
    """What is documented of a drag under way; ranges are drawn from evenly.

    ``lead_s``: from the anchor down to the first asset. ``apart_s``: from the first asset to the
    second, as documented; ``None`` where only one was hit. ``dip`` and ``dip_s``: share of her speed
    lost at a hit, and over how long. ``runs_on_s``: how long she drags on after the last of them.
    """

    says: str
    ship_type: int
    length_m: Range
    service_kn: Range
    loss: Range
    unsteadiness: Range
    lead_s: Range
    apart_s: float | None
    dip: Range
    dip_s: Range = (60.0, 300.0)
    runs_on_s: Range = (600.0, 2400.0)
    shackles: int = 5
    stops: tuple[Stop, ...] = ()


@dataclass(frozen=True)
class Sailed:
    """A drag as sailed; ``slows_by`` is the share of her speed over ground that the anchor took."""

    ship: Ship
    motion: Passage
    drag: Drag
    seconds: int
    slows_by: float
    manoeuvres: tuple[Part, ...]


class _Drawn:
    """The numbers of one incident, drawn from a signature."""

    def __init__(self, signature: UnderWay, chance: Chance, ship: Ship) -> None:
        self._chance, self.mmsi = chance, ship.mmsi
        self.ship = replace(ship, dimensions=hull(self.between(signature.length_m, Draw.LENGTH)))
        self.handling = handling(self.ship)
        self.service_kn = self.between(signature.service_kn, Draw.SERVICE)
        self.loss = self.between(signature.loss, Draw.LOSS)
        self.unsteadiness = self.between(signature.unsteadiness, Draw.UNSTEADY)
        self.lead_s = self.between(signature.lead_s, Draw.LEAD)
        self.runs_on_s = self.between(signature.runs_on_s, Draw.RUNS_ON)
        self.pull_tau_s = self.between((120.0, 600.0), Draw.TAU)
        side = 1.0 if self.between((0.0, 1.0), Draw.SPLIT, 1) < 0.5 else -1.0
        self.split_deg = side * self.between((1.0, 4.0), Draw.SPLIT)
        self.drag_kn = self.service_kn * (1.0 - self.loss)

    def between(self, span: Range, *keys: int) -> float:
        return span[0] + (span[1] - span[0]) * float(self._chance.uniform(*keys, self.mmsi)[0])

    def hit(self, signature: UnderWay, number: int, at_s: float) -> Hit:
        dip = self.between(signature.dip, Draw.DIP, number)
        return Hit(at_s, self.between(signature.dip_s, Draw.DIP_TIME, number), dip)


def drag_under_way(
    signature: UnderWay,
    *,
    lanes: Sequence[tuple[Place, ...]],
    assets: Sequence[DemoAsset],
    chance: Chance,
    ship: Ship,
    water: Water | None = None,
) -> Sailed:
    """Sail ``ship`` with this signature along the lane that suits its time between assets best.

    Raises ``ValueError`` when no lane goes over an asset.
    """
    drawn = _Drawn(signature, chance, ship)
    course, first, last = _where(signature, drawn, lanes, assets, chance)
    start_m = first.along_m - drawn.lead_s * drawn.drag_kn * KN_MS - HISTORY_S * drawn.service_kn * KN_MS
    waits_s = max(0.0, -start_m / (drawn.service_kn * KN_MS))
    gap_s = (last.along_m - first.along_m) / (drawn.drag_kn * KN_MS)
    hits = [HISTORY_S + drawn.lead_s]
    last_s = hits[0] + gap_s + sum(stop.for_s for stop in signature.stops if stop.after_s < gap_s)
    unsteady, made = unrest(Luck(chance, ship.mmsi), int(LONGEST_S), Manners())
    for _ in range(ROUNDS):
        drag = _drag(signature, drawn, hits, last_s)
        orders = _orders(signature, drawn, hits[0])
        motion = _passage(course.rest(max(start_m, 0.0)), orders, waits_s, drag, drawn, chance)
        motion = replace(motion, unrest=unsteady)
        both = (_coarser(motion), replace(motion, burdens=()))
        tracks = move(both, minutes(drag.ended_s + SLACK_S), COARSER * STEP_S, water)
        meant = crossed_s(tracks, [a for a in assets if a.name == last.asset], drag.began_s, inf)
        last_s = next((at_s for at_s in meant if at_s > last_s - SLACK_S), last_s)
        hits = crossed_s(tracks, assets, drag.began_s, last_s + drawn.runs_on_s) or hits
    ends_s = minutes(drag.ended_s + AFTER_S)
    manoeuvres = tuple(part for part in made if part.began_s < ends_s)
    return Sailed(drawn.ship, motion, drag, ends_s, slows_by(tracks, drag), manoeuvres)


def slows_by(tracks: Tracks, drag: Drag) -> float:
    """Give the true share of speed over ground that a drag took: row 0 is she, row 1 she without it."""
    part = slice(round(drag.began_s / tracks.step_s), round(drag.ended_s / tracks.step_s) + 1)
    with_kn, without_kn = np.hypot(tracks.east_kn[:, part], tracks.north_kn[:, part]).mean(axis=1).tolist()
    return float(1.0 - with_kn / without_kn)


def _coarser(motion: Passage) -> Passage:
    """Give the same motion to be sailed in longer steps."""
    burdens = tuple(
        replace(b, share_lost=b.share_lost[::COARSER], yaw_deg=b.yaw_deg[::COARSER]) for b in motion.burdens
    )
    return replace(motion, burdens=burdens)


def crossed_s(tracks: Tracks, assets: Sequence[DemoAsset], from_s: float, to_s: float) -> list[float]:
    """Give when the first ship went over a line between two times, in order."""
    lat, lon = tracks.lat_deg[0], tracks.lon_deg[0]
    times = [
        at * tracks.step_s
        for asset in assets
        if not asset.area
        for at in line_crossings(lat, lon, asset.route).tolist()
    ]
    return sorted(at_s for at_s in times if from_s <= at_s <= to_s)


def minutes(seconds: float) -> int:
    """Give whole minutes, in seconds."""
    return int(seconds // 60) * 60


def _where(
    signature: UnderWay,
    drawn: _Drawn,
    lanes: Sequence[tuple[Place, ...]],
    assets: Sequence[DemoAsset],
    chance: Chance,
) -> tuple[Course, Over, Over]:
    """Choose lane and assets: among the three that suit best, by chance."""
    choices: list[tuple[float, int, Over, Over]] = []
    for number, lane in enumerate(lanes):
        course = Course(lane)
        over = course.over(assets)
        for i, first in enumerate(over):
            rest = (first,) if signature.apart_s is None else over[i + 1 :]
            for last in (o for o in rest if o is first or o.asset != first.asset):
                between = sum(first.along_m < o.along_m < last.along_m for o in over)
                cost = _cost(signature, drawn, course, first, last) + BETWEEN_COST * between
                lead_m = drawn.lead_s * drawn.drag_kn * KN_MS
                before = [o.along_m - first.along_m + lead_m for o in over if o.along_m < first.along_m]
                soon = any(0.0 <= ahead_m < SOON_S * drawn.drag_kn * KN_MS for ahead_m in before)
                cost += BEFORE_COST * sum(ahead_m >= 0.0 for ahead_m in before) + SOON_COST * soon
                choices.append((cost, number, first, last))
    if not choices:
        raise ValueError("no lane of this sea goes over as many assets as the incident hit")
    best = sorted(choices, key=lambda choice: choice[:2])[:5]
    _, number, first, last = best[int(len(best) * chance.uniform(Draw.PAIR, drawn.mmsi)[0])]
    return Course(lanes[number]), first, last


def _cost(signature: UnderWay, drawn: _Drawn, course: Course, first: Over, last: Over) -> float:
    """Tell how badly two assets on a lane suit: too near or far apart, no room before or behind."""
    way_ms = drawn.drag_kn * KN_MS
    needs_m = drawn.lead_s * way_ms
    history_m = HISTORY_S * drawn.service_kn * KN_MS
    room_m = (drawn.runs_on_s + AFTER_S) * drawn.service_kn * KN_MS
    short_m = max(0.0, needs_m - first.along_m) + max(0.0, last.along_m + room_m - course.length_m)
    late_m = max(0.0, needs_m + history_m - first.along_m)
    apart = 0.0
    if signature.apart_s is not None:
        apart = abs(float(np.log(max(last.along_m - first.along_m, 1.0) / way_ms / signature.apart_s)))
    return apart + short_m / SHORT_M + late_m / LATE_M


def _drag(signature: UnderWay, drawn: _Drawn, hits_s: Sequence[float], last_s: float) -> Drag:
    trail_s = TRAIL_SHARE * signature.shackles * anchor.SHACKLE_M / (drawn.drag_kn * KN_MS)
    hits = tuple(drawn.hit(signature, i, at_s + trail_s) for i, at_s in enumerate(hits_s))
    return Drag(
        HISTORY_S,
        last_s + drawn.runs_on_s,
        drawn.loss,
        drawn.unsteadiness,
        drawn.pull_tau_s,
        drawn.split_deg,
        drawn.handling.speed_tau_s,
        hits,
    )


def _orders(signature: UnderWay, drawn: _Drawn, hit_s: float) -> tuple[Order, ...]:
    """Give her orders: under way at service speed, her engine standing still where the case says so."""
    stops = tuple(
        order
        for stop in signature.stops
        for order in (
            Order(hit_s + stop.after_s, 0.0),
            Order(hit_s + stop.after_s + stop.for_s, drawn.service_kn),
        )
    )
    return (Order(0.0, drawn.service_kn), *stops)


def _passage(
    route: tuple[Place, ...],
    orders: tuple[Order, ...],
    waits_s: float,
    drag: Drag,
    drawn: _Drawn,
    chance: Chance,
) -> Passage:
    """Put her under way; where the lane is too short for her history she first lies at anchor."""
    pulled = anchor.pulled(drag, STEP_S, chance, drawn.mmsi)
    burden = Burden(drag.began_s, pulled.share_lost, pulled.yaw_deg)
    waits = Call(0, until_s=waits_s, lies=Lies.AT_ANCHOR, lying_status=AT_ANCHOR, swing_m=WAITS_SWING_M)
    calls = (waits,) if waits_s > 0.0 else ()
    return Passage(route, orders, drawn.handling, burdens=(burden,), calls=calls)
