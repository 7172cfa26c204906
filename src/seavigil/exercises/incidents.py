"""The documented incidents, told again by invented ships on an invented sea, varied by seed.

Each function holds one incident: what the public record says (case ids of our incident list), and
what is our own choice where it says nothing. The seed draws ship, lane, assets, side, and depth of
slowdown from that. Drags under way have their figures in ``signatures``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

from seavigil.exercises import anchor, sea, signatures
from seavigil.exercises.anchor import Drag
from seavigil.exercises.at_anchor import SWING_M, Adrift, Lying, down_to, dragging, scope_m
from seavigil.exercises.chance import Chance
from seavigil.exercises.course import Course
from seavigil.exercises.fleet import CARGO, FISHING, TANKER, Register
from seavigil.exercises.motion import KN_MS, move
from seavigil.exercises.orders import Burden, Handling, Order, Passage, Place, Swing
from seavigil.exercises.ordinary import FIRST_DAY_US, background, mix, stage
from seavigil.exercises.plays import Play
from seavigil.exercises.scene import ROADSTEAD_M, Draw, Scene, Told
from seavigil.exercises.traffic import Actor, Part
from seavigil.exercises.under_way import (
    AFTER_S,
    HISTORY_S,
    STEP_S,
    UnderWay,
    crossed_s,
    drag_under_way,
    minutes,
    slows_by,
)
from seavigil.exercises.voyages import handling
from seavigil.records import HOUR_US

MINUTE_S = 60.0
#: Zigzags over a cable end after the fourth time, or so late.
LONGEST_ZIGZAG_S = HISTORY_S + 7 * 3600.0
ENGAGED_IN_FISHING = 7
#: Plays begin at any hour of so many days.
DAYS = 360
KINDS_MOST = 100
#: Ships keep up to so far to either side of a lane's middle.
LANE_OFF_M = 1200.0
PIPES = ("gas_pipeline", "oil_pipeline", "pipeline")


def eagle_s(scene: Scene) -> Told:
    """EAGLES-1..5: 9.3 to 8.8 kn at the power cable, two engine stops, next cable 5 h 38 later."""
    return _under_way(scene, "eagle-s", signatures.EAGLE_S)


def yi_peng_3(scene: Scene) -> Told:
    """YP3-1, YP3-2: 9 to 10 kn falls to 5 to 6 for many hours; cables 18 h apart."""
    return _under_way(scene, "yi-peng-3", signatures.YI_PENG_3)


def newnew_polar_bear(scene: Scene) -> Told:
    """NNPB-1..4: 11 kn with a dip to 9.5 for five minutes; cable and pipeline 7 h 07 apart."""
    return _under_way(scene, "newnew-polar-bear", signatures.NEWNEW_POLAR_BEAR)


def vezhen(scene: Scene) -> Told:
    """VEZHEN-1, VEZHEN-2: in a gale on autopilot, 300 m of chain; two cables 8 min apart."""
    return _under_way(scene, "vezhen", signatures.VEZHEN, gale=True)


def fitburg(scene: Scene) -> Told:
    """FITBURG-1, FITBURG-2: two cables in one night, tens of kilometres dragged."""
    return _under_way(scene, "fitburg", signatures.FITBURG)


def samus_swan(scene: Scene) -> Told:
    """BORNHOLM-2022: a power cable cut at 9 to 10 kn."""
    return _under_way(scene, "samus-swan", signatures.SAMUS_SWAN)


def xing_shun_39(scene: Scene) -> Told:
    """TAIWAN-TPE-2025: a slow drag over a cable, then one AIS identity ends and another begins.

    In the record the first falls silent within the minute before the second is heard 15 m away.
    That it happens 20 to 50 minutes after the hit is our own choice (hours in the record).
    """
    told = _under_way(scene, "xing-shun-39", signatures.XING_SHUN_39)
    first, part = told.actors[0], told.parts[0]
    swap_s = told.seconds - AFTER_S + scene.between(20.0, 50.0, Draw.SWAP) * MINUTE_S
    again_s = swap_s + scene.between(20.0, 90.0, Draw.SWAP, 1)
    other = replace(scene.register.enter(CARGO, destination="EXERCISE"), dimensions=first.ship.dimensions)
    actors = (
        replace(
            first,
            ship=replace(first.ship, silent_s=((swap_s, told.seconds + 1.0),)),
            part=replace(part, expects=(*part.expects, "identity_conflict"), others=(other.mmsi,)),
        ),
        Actor(replace(other, silent_s=((0.0, again_s),)), first.motion),
    )
    return replace(told, actors=actors)


def young_lady(scene: Scene) -> Told:
    """CATS-2007: a tanker on 8 shackles drags 1.3 nm at up to 3 kn in half an hour onto a gas pipeline.

    She hangs on it for some ten minutes, then is free. Other ships ride out the gale beside her, and
    one of them drags a little too (own choice).
    """
    lying = _lying(scene, scene.between(1800.0, 2600.0, Draw.ANCHOR), *PIPES)
    fast_kn = scene.between(2.0, 3.0, Draw.ANCHOR, 1)
    adrift = (
        *down_to(lying, past_m=scope_m(8), drift_kn=fast_kn, ramp_s=600.0),
        Adrift(scene.between(8.0, 15.0, Draw.ANCHOR, 2) * MINUTE_S, 0.05, lying.wind_to_deg),
        Adrift(900.0, scene.between(1.0, 2.0, Draw.ANCHOR, 3), lying.wind_to_deg),
    )
    told = _at_anchor(scene, "young-lady", TANKER, (235.0, 255.0), lying, adrift)
    little = (Adrift(scene.between(900.0, 1800.0, Draw.OTHERS, 1), 0.6, lying.wind_to_deg),)
    return _another(scene, told, lying, little, None)


def apl_sydney(scene: Scene) -> Told:
    """APLSYD-2008: dragging at 0.7 kn, snagged after 43 to 76 min, rupture 37 min later, on at 0.4 kn."""
    lying = _lying(scene, scene.between(900.0, 1400.0, Draw.ANCHOR), *PIPES)
    adrift = (
        *down_to(lying, past_m=scope_m(6), drift_kn=scene.between(0.6, 0.9, Draw.ANCHOR, 1), ramp_s=600.0),
        Adrift(37 * MINUTE_S, 0.03, lying.wind_to_deg),
        Adrift(25 * MINUTE_S, 0.4, lying.wind_to_deg),
    )
    return _at_anchor(scene, "apl-sydney", CARGO, (200.0, 230.0), lying, adrift)


def msc_danit(scene: Scene) -> Told:
    """SANPEDRO-2021: a container ship drags to and fro over one pipeline, four times in three hours.

    Her status stays "at anchor". The Beijing dragged over the same line: a second ship does so once.
    """
    lying = _lying(scene, scene.between(900.0, 1600.0, Draw.ANCHOR), *PIPES)
    back = (lying.wind_to_deg + 180.0) % 360.0
    to_and_fro = tuple(
        Adrift(45 * MINUTE_S, scene.between(0.65, 0.8, Draw.ANCHOR, 4 + i), towards)
        for i, towards in enumerate((back, lying.wind_to_deg, back))
    )
    fast_kn = scene.between(0.9, 1.4, Draw.ANCHOR, 1)
    adrift = (*down_to(lying, past_m=450.0, drift_kn=fast_kn, ramp_s=600.0), *to_and_fro)
    told = _at_anchor(scene, "msc-danit", CARGO, (340.0, 366.0), lying, adrift)
    once = down_to(replace(lying, off_m=lying.off_m + 500.0), past_m=500.0, drift_kn=1.0, ramp_s=600.0)
    return _another(scene, told, lying, once, "msc-danit")


def hong_tai_58(scene: Scene) -> Told:
    """TAIWAN-TP3-2025: zigzags half a mile and more off a cable, then over it with 6 shackles out.

    The record has 56 h of loitering; here it is the six before the anchor goes down. Speeds are an
    own choice (2.5 to 4.5 kn, less with the anchor down), as are 0.5 to 2.5 nautical miles off.
    """
    abreast = scene.beside("telecom_cable")
    pace_kn, half_m = scene.between(2.8, 4.5, Draw.ZIGZAG), scene.between(1500.0, 2500.0, Draw.ZIGZAG, 1)
    offs_m = [scene.between(900.0, 4600.0, Draw.ZIGZAG, 10 + i) for i in range(24)]
    loiters = _cut(abreast.zigzag(half_m, offs_m), HISTORY_S * pace_kn * KN_MS)
    over = abreast.passes(scene.between(700.0, 1100.0, Draw.ZIGZAG, 2), 300.0, 12)
    ship, water = scene.ship(CARGO, (90.0, 120.0)), scene.water(gale=False)
    loss = scene.between(0.2, 0.4, Draw.ZIGZAG, 3)
    ended_s = LONGEST_ZIGZAG_S
    for _ in range(2):  # first to see when she has been over four times
        drag = Drag(HISTORY_S, ended_s, loss, 0.6)
        pulled = anchor.pulled(drag, STEP_S, scene.chance, ship.mmsi)
        burden = Burden(HISTORY_S, pulled.share_lost, pulled.yaw_deg)
        motion = Passage((*loiters, *over), (Order(0.0, pace_kn),), handling(ship), burdens=(burden,))
        both = move([motion, replace(motion, burdens=())], minutes(ended_s + AFTER_S), STEP_S, water)
        hits_s = crossed_s(both, scene.assets, HISTORY_S, ended_s)
        ended_s = hits_s[:4][-1] + 900.0 if hits_s else ended_s
    part = Part(
        "hong-tai-58",
        "A cargo ship zigzags for hours beside a cable, then over it with her anchor down.",
        0.0,
        drag.ended_s,
        ("zigzag", "loitering", "crossing", "repeated_crossing"),
        incident="hong-tai-58",
        slows_by=slows_by(both, drag),
        drag_began_s=HISTORY_S,
    )
    return Told((Actor(ship, motion, part),), minutes(drag.ended_s + AFTER_S), water)


def svalbard_trawling(scene: Scene) -> Told:
    """SVALBARD-2022: a trawler over one cable again and again (30 passes by the police, 140 by the press).

    Here 12 to 24 passes at 3 to 4.2 kn after hours of trawling clear of it (own choice); no anchor.
    """
    abreast = scene.beside("telecom_cable")
    trawl_kn, passes = scene.between(3.0, 4.2, Draw.TRAWL), int(scene.between(12.0, 24.99, Draw.TRAWL, 1))
    offs_m = [scene.between(4000.0, 8000.0, Draw.TRAWL, 10 + i) for i in range(24)]
    clear = _cut(abreast.zigzag(3500.0, offs_m), HISTORY_S * trawl_kn * KN_MS)
    over = abreast.passes(scene.between(700.0, 1300.0, Draw.TRAWL, 2), 120.0, passes)
    route = (*clear, *over)
    ended_s = Course(route).length_m / (trawl_kn * KN_MS)
    ship = scene.ship(FISHING, (38.0, 62.0))
    orders = (Order(0.0, trawl_kn, nav_status=ENGAGED_IN_FISHING),)
    part = Part(
        "svalbard-trawling",
        "A trawler goes to and fro over one cable with her gear on the bottom.",
        HISTORY_S,
        ended_s,
        ("trawling_over", "repeated_crossing", "crossing"),
        incident="svalbard-trawling",
    )
    motion = Passage(route, orders, Handling(60.0, 6.0, 1.0))
    return Told((Actor(ship, motion, part),), minutes(ended_s + AFTER_S), scene.water(gale=False))


def _under_way(scene: Scene, kind: str, signature: UnderWay, *, gale: bool | None = None) -> Told:
    """Tell a drag under way from its signature."""
    ship = scene.register.enter(signature.ship_type, destination="EXERCISE")
    water = scene.water(gale=gale)
    sailed = drag_under_way(
        signature,
        lanes=scene.lanes,
        assets=scene.assets,
        chance=scene.chance,
        ship=ship,
        water=water,
    )
    part = Part(
        kind,
        signature.says,
        sailed.drag.began_s,
        sailed.drag.ended_s,
        ("anchor_drag_under_way", "crossing"),
        incident=kind,
        slows_by=sailed.slows_by,
        drag_began_s=sailed.drag.began_s,
    )
    return Told((Actor(sailed.ship, sailed.motion, part, sailed.manoeuvres),), sailed.seconds, water)


def _at_anchor(
    scene: Scene,
    kind: str,
    ship_type: int,
    length_m: tuple[float, float],
    lying: Lying,
    adrift: Sequence[Adrift],
) -> Told:
    """Tell a drag at anchor in a gale, with four other ships riding it out beside her."""
    ended_s = HISTORY_S + sum(stretch.for_s for stretch in adrift)
    water = scene.water(gale=True, wind_to_deg=lying.wind_to_deg)
    part = Part(
        kind,
        "A ship at anchor drags down wind over a pipeline in a gale; her status stays 'at anchor'.",
        HISTORY_S,
        ended_s,
        ("dragging_at_anchor", "crossing"),
        incident=kind,
        drag_began_s=HISTORY_S,
    )
    motion = dragging(
        lying.place(),
        lying.wind_to_deg,
        from_s=HISTORY_S,
        adrift=adrift,
        sheer_s=scene.between(300.0, 480.0, Draw.SHEER),
    )
    first = Actor(scene.ship(ship_type, length_m), motion, part)
    return Told((first, *_others(scene, lying)), minutes(ended_s + AFTER_S), water)


def _others(scene: Scene, lying: Lying) -> Iterator[Actor]:
    """Give ships that ride out the gale beside her."""
    for i in range(4):
        across_m = (1 if i % 2 else -1) * scene.between(1100.0, 2600.0, Draw.OTHERS, 10 + i)
        place = lying.place(across_m=across_m, up_wind_m=scene.between(200.0, 2500.0, Draw.OTHERS, 20 + i))
        period_s = scene.between(700.0, 1100.0, Draw.SHEER, 1 + i)
        swing = Swing(place, SWING_M, lying.wind_to_deg, 60.0, period_s, 90.0 * i)
        yield Actor(scene.ship(TANKER if i % 2 else CARGO, (110.0, 240.0)), swing)


def _another(scene: Scene, told: Told, lying: Lying, adrift: Sequence[Adrift], incident: str | None) -> Told:
    """Add a second ship that drags beside the first, half an hour after her."""
    from_s = HISTORY_S + 1800.0
    motion = dragging(
        lying.place(across_m=-700.0, up_wind_m=500.0),
        lying.wind_to_deg,
        from_s=from_s,
        adrift=adrift,
        sheer_s=scene.between(300.0, 480.0, Draw.SHEER, 9),
    )
    part = Part(
        "dragging_at_anchor",
        "Another ship at anchor drags in the same gale.",
        from_s,
        from_s + sum(stretch.for_s for stretch in adrift),
        ("dragging_at_anchor",) if incident is None else ("dragging_at_anchor", "crossing"),
        incident=incident,
        drag_began_s=from_s,
    )
    return replace(told, actors=(*told.actors, Actor(scene.ship(CARGO, (250.0, 300.0)), motion, part)))


def _lying(scene: Scene, off_m: float, *kinds: str) -> Lying:
    """Give a berth off a line, towards one shore of the sea, where ships anchor."""
    return Lying(scene.beside(*kinds, low=0.1, high=0.2, clear_m=ROADSTEAD_M), off_m)


def _cut(route: tuple[Place, ...], length_m: float) -> tuple[Place, ...]:
    """Give the end of a route, so long (all of it when it is shorter)."""
    course = Course(route)
    return course.rest(max(0.0, course.length_m - length_m))


#: In this order their luck is told apart: new ones go to the end.
INCIDENTS: dict[str, Callable[[Scene], Told]] = {
    "eagle-s": eagle_s,
    "yi-peng-3": yi_peng_3,
    "newnew-polar-bear": newnew_polar_bear,
    "vezhen": vezhen,
    "fitburg": fitburg,
    "samus-swan": samus_swan,
    "young-lady": young_lady,
    "apl-sydney": apl_sydney,
    "msc-danit": msc_danit,
    "hong-tai-58": hong_tai_58,
    "xing-shun-39": xing_shun_39,
    "svalbard-trawling": svalbard_trawling,
}
#: Those in which a ship at anchor drags with the wind.
AT_ANCHOR_KINDS = ("young-lady", "apl-sydney", "msc-danit")


def incident(kind: str, seed: int) -> Play:
    """Play an incident among 20 to 40 ordinary ships; the same kind and seed give the same play.

    It begins six hours before the anchor goes down and ends an hour after the drag. Raises
    ``ValueError`` for a kind that is none of ``INCIDENTS``.
    """
    if kind not in INCIDENTS:
        raise ValueError(f"no incident {kind!r}; there are: {', '.join(INCIDENTS)}")
    luck = Chance(seed * KINDS_MOST + list(INCIDENTS).index(kind))
    register = Register()
    told = INCIDENTS[kind](Scene(lanes(luck), sea.ASSETS, luck, register))
    peers = mix(20 + int(21 * luck.uniform(Draw.PEERS)[0]))
    actors = [*told.actors, *background(luck, register, peers, told.seconds)]
    return stage(
        kind,
        actors,
        register,
        seed=seed,
        began_us=FIRST_DAY_US + int(luck.uniform(Draw.DAY)[0] * DAYS * 24) * HOUR_US,
        seconds=told.seconds,
        water=told.water,
    )


def lanes(chance: Chance) -> tuple[tuple[Place, ...], ...]:
    """Give the sea's lanes as one ship sails them: a little to one side, the same all along."""
    off_m = LANE_OFF_M * (2.0 * float(chance.uniform(Draw.OFF)[0]) - 1.0)
    return tuple(Course(lane).beside(off_m).route for lane in sea.LANES)
