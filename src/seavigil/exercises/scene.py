"""What an incident is told on: lanes, assets, weather and luck; and what comes of it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import IntEnum

from seavigil.exercises.abreast import Abreast
from seavigil.exercises.chance import Chance
from seavigil.exercises.course import Course
from seavigil.exercises.encode import Dimensions
from seavigil.exercises.fleet import Register
from seavigil.exercises.orders import Place
from seavigil.exercises.sets import Ship
from seavigil.exercises.traffic import Actor, DemoAsset, Part
from seavigil.exercises.water import Water, weather

#: Weather is drawn for so long: no incident takes longer than a day and three quarters.
WEATHER_HOURS = 48
#: When a gale must blow: in the hours in which the anchor goes (fresh gale, Beaufort 7 and more).
GALE_HOURS, GALE_MS = slice(6, 10), 14.0
MOST_DRAWS = 64
#: Ships that keep to one line keep so far from all others.
CLEAR_M = 9000.0
ROADSTEAD_M = 3500.0


class Draw(IntEnum):
    """First key of every number drawn here."""

    PLACE = 641
    SIDE = 642
    ANCHOR = 643
    OTHERS = 644
    ZIGZAG = 645
    SWAP = 646
    TRAWL = 647
    LENGTH = 648
    SHEER = 649
    DAY = 650
    OFF = 651
    PEERS = 652


@dataclass(frozen=True)
class Scene:
    """What an incident is told on: lanes sailed end to end, the assets, luck, and who hands out names."""

    lanes: tuple[tuple[Place, ...], ...]
    assets: tuple[DemoAsset, ...]
    chance: Chance
    register: Register
    given: Water | None = None

    def water(self, *, gale: bool | None, wind_to_deg: float | None = None) -> Water:
        """Give the weather: what is given, or drawn so that a gale blows when the anchor goes.

        It is turned to blow to where the story needs it.
        """
        water = self.given or self._drawn(gale)
        if wind_to_deg is None:
            return water
        turned = wind_to_deg + 180.0 - water.wind_from_deg[GALE_HOURS][0]
        return replace(water, wind_from_deg=(water.wind_from_deg + turned) % 360.0)

    def _drawn(self, gale: bool | None) -> Water:
        for turn in range(MOST_DRAWS):
            water = weather(Chance(self.chance.seed * MOST_DRAWS + turn), WEATHER_HOURS, gale=gale)
            if not gale or float(water.wind_ms[GALE_HOURS].min()) >= GALE_MS:
                break
        return water

    def ship(self, ship_type: int, length_m: tuple[float, float]) -> Ship:
        """Enter a ship of a length from this range."""
        ship = self.register.enter(ship_type, destination="EXERCISE")
        return replace(ship, dimensions=hull(self.between(*length_m, Draw.LENGTH, ship.mmsi)))

    def between(self, low: float, high: float, *keys: int) -> float:
        """Draw a number evenly."""
        return low + (high - low) * float(self.chance.uniform(*keys)[0])

    def beside(self, *kinds: str, low: float = 0.3, high: float = 0.7, clear_m: float = CLEAR_M) -> Abreast:
        """Choose a place on one of the lines of these kinds (of all lines, if there is none), and a side.

        ``low`` and ``high``: between these shares of the line's edges. No other line comes within
        ``clear_m``, as far as ``MOST_DRAWS`` draws find such a place.
        """
        lines = [a for a in self.assets if not a.area]
        wanted = [a for a in lines if a.kind in kinds] or lines
        for turn in range(MOST_DRAWS):
            line = wanted[int(self.between(0.0, len(wanted), Draw.PLACE, 2 * turn))]
            starboard = self.between(0.0, 1.0, Draw.SIDE, turn) < 0.5
            share = self.between(low, high, Draw.PLACE, 2 * turn + 1)
            abreast = Abreast.of(line, share, to_starboard=starboard)
            around = Course(abreast.around(clear_m))
            if not around.over([a for a in lines if a is not line]):
                break
        return abreast


@dataclass(frozen=True)
class Told:
    """An incident as told: its ships, how long it lasts, and the weather it happened in."""

    actors: tuple[Actor, ...]
    seconds: int
    water: Water

    @property
    def parts(self) -> tuple[Part, ...]:
        """Give what its ships play."""
        return tuple(actor.part for actor in self.actors if actor.part is not None)


def hull(length_m: float) -> Dimensions:
    """Give a ship so long, her beam a seventh of it, her antenna above the stern."""
    length, beam = round(length_m), round(length_m / 7.0)
    to_bow = round(0.82 * length)
    return Dimensions(to_bow, length - to_bow, beam // 2, beam - beam // 2)
