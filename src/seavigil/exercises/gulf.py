"""The demo: seventy-five invented minutes in the Gulf of Finland, one dragging ship among ordinary ones.

Coordinates of ships, cables, pipeline, wind farm and anchorages are our own. They keep to the water
and to the general run of traffic there, and copy no real route.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from math import cos, pi, sin

from seavigil.exercises import fleet
from seavigil.exercises.chance import Chance
from seavigil.exercises.fleet import Register
from seavigil.exercises.motion import MOORED, Berth, Handling, Order, Passage, Place, Swing
from seavigil.exercises.radio import Aid, Station
from seavigil.exercises.traffic import Actor, DemoAsset, Exercise, Part, play
from seavigil.geodesy import metres_per_degree
from seavigil.records import parse_time_us

BEGAN = "2025-11-20T04:00:00Z"
SECONDS = 75 * 60

LINK, FIBRE, PIPE, FARM = "Demo Link 1", "Demo Fibre 2", "Demo Pipe 3", "Demo Wind Farm 4"

ASSETS = (
    DemoAsset(
        LINK,
        "power_cable",
        (
            (60.160, 25.500),
            (60.020, 25.480),
            (59.930, 25.465),
            (59.880, 25.452),
            (59.800, 25.430),
            (59.700, 25.380),
            (59.600, 25.300),
            (59.530, 25.270),
        ),
        position_uncertainty_m=50.0,
    ),
    DemoAsset(
        FIBRE,
        "telecom_cable",
        (
            (60.100, 25.120),
            (60.000, 25.300),
            (59.930, 25.405),
            (59.880, 25.418),
            (59.800, 25.370),
            (59.700, 25.270),
            (59.600, 25.160),
            (59.550, 25.140),
        ),
        position_uncertainty_m=150.0,
    ),
    DemoAsset(
        PIPE,
        "gas_pipeline",
        (
            (59.980, 24.300),
            (59.900, 24.420),
            (59.780, 24.520),
            (59.660, 24.570),
            (59.600, 24.600),
            (59.500, 24.640),
        ),
        position_uncertainty_m=25.0,
    ),
    DemoAsset(
        FARM,
        "wind_farm",
        ((59.970, 25.720), (60.020, 25.720), (60.025, 25.880), (59.975, 25.890)),
        position_uncertainty_m=20.0,
        area=True,
    ),
)

STATIONS = (
    Station("EXERCISE-NORTH", 2_990_001, 60.10, 25.05, range_km=56.0, clock_error_s=-0.3, delay_s=0.2),
    Station("EXERCISE-SOUTH", 2_990_002, 59.53, 24.85, range_km=49.0, clock_error_s=1.2, delay_s=0.5),
)

AIDS = (
    Aid(992_991_001, "EXERCISE BUOY 1", 59.845, 25.150, aid_type=30),
    Aid(992_991_002, "EXERCISE BUOY 2", 59.985, 24.960, aid_type=30),
)

EASTBOUND: tuple[Place, ...] = (
    (59.660, 23.80),
    (59.735, 24.45),
    (59.805, 25.15),
    (59.860, 25.75),
    (59.920, 26.30),
)
WESTBOUND: tuple[Place, ...] = (
    (59.985, 26.30),
    (59.925, 25.75),
    (59.872, 25.15),
    (59.795, 24.45),
    (59.720, 23.80),
)
FERRY_LINE: tuple[Place, ...] = (
    (59.455, 24.765),
    (59.500, 24.745),
    (59.580, 24.735),
    (59.700, 24.800),
    (59.950, 24.930),
    (60.090, 24.965),
    (60.135, 24.945),
)

HEAVY = Handling(speed_tau_s=480.0, turn_tau_s=25.0, turn_rate_max_deg_s=0.25)
FERRY = Handling(speed_tau_s=150.0, turn_tau_s=10.0, turn_rate_max_deg_s=0.6)
LIGHT = Handling(speed_tau_s=15.0, turn_tau_s=3.0, turn_rate_max_deg_s=3.0)

END_S = float(SECONDS)


def gulf_of_finland(seed: int = 1) -> Exercise:
    """Give the demo exercise; the same seed gives the same bytes.

    The seed moves what is ordinary (speeds and places in the lanes, errors, losses), not what the
    ships with a part do.
    """
    return play(
        "gulf-of-finland",
        actors=tuple(_actors(Register(), Chance(seed))),
        assets=ASSETS,
        stations=STATIONS,
        aids=AIDS,
        began_us=parse_time_us(BEGAN),
        seconds=SECONDS,
        seed=seed,
    )


def _actors(ships: Register, chance: Chance) -> Iterator[Actor]:
    yield from _with_a_part(ships)
    yield from _near_misses(ships)
    yield from _lane(ships, EASTBOUND, "RULED", chance, lane=1, count=9)
    yield from _lane(ships, WESTBOUND, "NLRTM", chance, lane=2, count=8)
    yield from _ferries(ships)
    yield from _at_rest(ships, chance)
    yield from _small_craft(ships, chance)


def _with_a_part(ships: Register) -> Iterator[Actor]:
    """Give the four ships that a good watch finds."""
    yield _dragging(ships)
    off_s = 33 * 60.0
    yield Actor(
        ships.enter(fleet.TANKER, destination="RULED", silent_s=((off_s, END_S + 1),)),
        Passage(_from(EASTBOUND, 25.127), (Order(0, 12.0),)),
        Part(
            "gone_dark",
            "A tanker stops sending two kilometres short of two cables; ships around her are still heard.",
            off_s,
            END_S,
            ("gone_dark",),
            (FIBRE, LINK),
        ),
    )
    yield Actor(
        ships.enter(fleet.CARGO, destination="EETLL"),
        Swing((59.6400, 24.5855), radius_m=110.0, towards_deg=165.0, arc_deg=50.0, period_s=1500.0),
        Part(
            "anchored_near",
            "A ship lies at anchor 300 m from a pipeline.",
            0,
            END_S,
            ("anchored_near",),
            (PIPE,),
        ),
    )
    yield Actor(
        ships.enter(fleet.OTHER, destination="EXERCISE"),
        Passage(_circles((59.7200, 25.3985), radius_m=350.0), (Order(0, 8.0), Order(9 * 60, 3.0))),
        Part(
            "loitering",
            "A survey ship comes in at 8 kn, then circles at 3 kn within a kilometre of a power cable.",
            9 * 60.0,
            END_S,
            ("loitering",),
            (LINK,),
        ),
    )


def _dragging(ships: Register) -> Actor:
    """Give the bulk carrier whose anchor takes the ground at 04:18 and is hove up at 05:02."""
    down_s, up_s = 18 * 60.0, 62 * 60.0
    yawing = [
        Order(
            down_s + 60 * (9 + 2 * i),
            0.7,
            heading_deg=322.0 + (12.0 if i % 2 else -12.0),
            set_kn=3.1,
            set_deg=218.0,
        )
        for i in range(17)
    ]
    orders = (
        Order(0, 10.0),
        Order(down_s, 0.7),
        Order(down_s + 5 * 60, 0.7, heading_deg=285.0, set_kn=1.5, set_deg=218.0),
        *yawing,
        Order(up_s, 9.0),
    )
    return Actor(
        ships.enter(fleet.CARGO, destination="NLRTM"),
        Passage(_from(WESTBOUND, 25.5695), orders, HEAVY),
        Part(
            "anchor_drag",
            "A bulk carrier under way drags her anchor over two cables: 10 kn falls to 3, her bow held up "
            "to the wind while it sets her down; her status stays 'under way using engine'.",
            down_s,
            up_s,
            ("drifting", "crossing"),
            (LINK, FIBRE),
        ),
    )


def _near_misses(ships: Register) -> Iterator[Actor]:
    """Give ships that look odd for a moment and are not."""
    southbound = (59.70, 24.80), *FERRY_LINE[:3][::-1]
    slowing = (Order(0, 18.0), Order(36 * 60, 12.0), Order(49 * 60, 7.0))
    yield Actor(
        ships.enter(fleet.PASSENGER, destination="EETLL"),
        Passage(((59.725, 24.8135), *southbound), slowing, FERRY, berths_at_end=True),
        Part("slowing_to_port", "A ferry slows down to her berth.", 36 * 60.0, END_S),
    )
    yield Actor(
        ships.enter(fleet.PLEASURE, class_b=True, has_compass=False),
        Passage(((60.040, 24.750),), (Order(0, 0.0, heading_deg=40.0, set_kn=1.4, set_deg=140.0),), LIGHT),
        Part("angler", "An angler without a compass drifts far from any cable.", 0, END_S),
    )
    yield Actor(
        ships.enter(fleet.TOWING, destination="FIKTK"),
        Passage(_from(EASTBOUND, 25.330), (Order(0, 5.5),)),
        Part(
            "slow_tow", "A tug with a tow crosses two cables at her steady 5.5 kn.", 0, END_S, ("crossing",)
        ),
    )
    yield Actor(
        ships.enter(fleet.CARGO, destination="SESTO"),
        Passage(_from(WESTBOUND, 25.700), (Order(0, 11.0, set_kn=2.2, set_deg=185.0),)),
        Part("crabbing", "A ship in ballast crabs some ten degrees at 11 kn.", 0, END_S, ("crossing",)),
    )


def _lane(
    ships: Register, lane_route: tuple[Place, ...], destination: str, chance: Chance, *, lane: int, count: int
) -> Iterator[Actor]:
    """Give ordinary ships spread along a lane, each at her own steady speed and side of it."""
    for i in range(count):
        place, pace, side = (float(chance.uniform(100, lane, i, what)[0]) for what in range(3))
        lon = 23.85 + 2.2 * (i + 0.2 + 0.6 * place) / count
        aside = 0.012 * (side - 0.5)
        route = tuple((lat + aside, lon) for lat, lon in _from(lane_route, lon))
        kind = fleet.TANKER if i % 3 == 1 else fleet.CARGO
        speed = 9.0 + 6.5 * pace
        yield Actor(ships.enter(kind, destination=destination), Passage(route, (Order(0, speed),)))


def _ferries(ships: Register) -> Iterator[Actor]:
    north, south = FERRY_LINE, FERRY_LINE[::-1]
    leaving = (Order(0, 0.0, nav_status=MOORED), Order(1200, 6.0), Order(1500, 14.0), Order(1900, 20.0))
    for kind, route, orders in (
        (fleet.PASSENGER, ((59.640, 24.768), *north[3:]), (Order(0, 21.0),)),
        (fleet.PASSENGER, ((59.860, 24.883), *north[4:]), (Order(0, 17.0), Order(2400, 10.0))),
        (fleet.PASSENGER, ((60.000, 24.942), *south[2:]), (Order(0, 22.0), Order(4000, 12.0))),
        (fleet.HIGH_SPEED, ((59.800, 24.852), *south[3:]), (Order(0, 33.0), Order(1920, 14.0))),
        (fleet.PASSENGER, north, leaving),
    ):
        to = "FIHEL" if route[-1] == north[-1] else "EETLL"
        yield Actor(ships.enter(kind, destination=to), Passage(route, orders, FERRY, berths_at_end=True))


def _at_rest(ships: Register, chance: Chance) -> Iterator[Actor]:
    """Give ships in two roadsteads, swinging to one wind, and ships alongside."""
    roads: tuple[tuple[Place, str], ...] = (((60.120, 25.330), "FIHEL"), ((59.552, 24.930), "EETLL"))
    for road, ((lat, lon), port) in enumerate(roads):
        for i in range(4):
            radius, period, phase = (float(chance.uniform(200, road, i, what)[0]) for what in range(3))
            anchor = (lat + 0.009 * (i // 2), lon + 0.018 * (i % 2))
            swing = Swing(anchor, 90 + 80 * radius, 218.0, 70.0, 900 + 900 * period, 360 * phase)
            yield Actor(ships.enter(fleet.CARGO if i % 2 else fleet.TANKER, destination=port), swing)
    berths = (((59.4470, 24.7620), 75.0), ((59.4490, 24.7660), 255.0), ((59.4900, 24.9600), 12.0))
    for place, heading in (
        *berths,
        ((60.1550, 24.9200), 340.0),
        ((60.2080, 25.1900), 5.0),
        ((60.2100, 25.1960), 185.0),
    ):
        yield Actor(ships.enter(fleet.CARGO), Berth(place, heading))


def _small_craft(ships: Register, chance: Chance) -> Iterator[Actor]:
    trawl = ((59.715, 24.930), (59.735, 25.010), (59.712, 25.070), (59.742, 25.000), (59.720, 24.930))
    for i in range(3):
        route = tuple((lat - 0.012 * i, lon - 0.02 * i) for lat, lon in trawl)
        yield Actor(
            ships.enter(fleet.FISHING), Passage(route, (Order(0, 3.4 + 0.3 * i, nav_status=7),), LIGHT)
        )
    out = ((60.115, 24.985), (60.020, 24.975), (60.000, 24.960), (60.110, 24.990))
    run = (Order(0, 21.0), Order(960, 6.0), Order(1500, 18.0), Order(2580, 4.0))
    yield Actor(ships.enter(fleet.PILOT), Passage(out, run, LIGHT))
    yield Actor(
        ships.enter(fleet.PILOT),
        Passage(
            ((59.488, 24.738), (59.590, 24.720)), (Order(0, 0.0), Order(900, 20.0), Order(1440, 3.0)), LIGHT
        ),
    )
    beat = ((59.930, 25.000), (59.925, 25.200), (59.990, 25.200), (59.990, 25.000))
    yield Actor(ships.enter(fleet.LAW_ENFORCEMENT), Passage(beat, (Order(0, 13.0),), FERRY))
    for i in range(6):
        lat, lon, pace = (float(chance.uniform(300, i, what)[0]) for what in range(3))
        start = (60.02 + 0.06 * lat, 24.68 + 0.12 * lon)
        end = (start[0] - 0.02, start[1] + 0.42 - 0.10 * (i % 3))
        craft = ships.enter(fleet.PLEASURE, class_b=True, has_compass=i % 2 == 0, accurate=i % 3 == 0)
        yield Actor(craft, Passage((start, end), (Order(0, 4.0 + 9.0 * pace),), LIGHT))


def _from(route: tuple[Place, ...], lon_deg: float) -> tuple[Place, ...]:
    """Give the rest of a lane, beginning where it has this longitude."""
    east = route[-1][1] > route[0][1]
    for (lat_a, lon_a), (lat_b, lon_b) in pairwise(route):
        share = (lon_deg - lon_a) / (lon_b - lon_a)
        if 0.0 <= share < 1.0:
            ahead = tuple(p for p in route if (p[1] > lon_deg if east else p[1] < lon_deg))
            return ((lat_a + share * (lat_b - lat_a), lon_deg), *ahead)
    raise ValueError(f"lon_deg {lon_deg} is beyond the lane {route[0][1]}..{route[-1][1]}")


def _circles(centre: Place, *, radius_m: float, laps: int = 4, points: int = 24) -> tuple[Place, ...]:
    """Give an approach from four kilometres east, then laps round a centre."""
    north_m, east_m = (float(per_degree) for per_degree in metres_per_degree(centre[0]))
    turns = (2.0 * pi * i / points for i in range(laps * points))
    ring = tuple(
        (centre[0] + radius_m * sin(turn) / north_m, centre[1] + radius_m * cos(turn) / east_m)
        for turn in turns
    )
    return ((centre[0], centre[1] + 4000.0 / east_m), *ring)
