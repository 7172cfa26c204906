"""A ship at anchor in a gale: she fishtails on her chain, then drags, snags a line and breaks out again.

Shown as orders without way: the bow to the wind and a little to either side, the wind setting her
down. Her status stays "at anchor" throughout, as that of the MSC Danit did (SANPEDRO-2021).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from seavigil.exercises.abreast import Abreast
from seavigil.exercises.anchor import SHACKLE_M
from seavigil.exercises.orders import (
    AT_ANCHOR,
    KN_MS,
    Call,
    Handling,
    Lies,
    Order,
    Passage,
    Place,
)
from seavigil.geodesy import destination

#: A ship in a gale sheers to and fro on her chain: so fast across the wind, the bow so far off it
#: (own choice; with 5 to 8 minutes a side she swings some 50 to 80 m to either side).
SHEER_KN = 0.5
SHEER_DEG = 24.0
SLUGGISH = Handling(speed_tau_s=240.0, turn_tau_s=40.0, turn_rate_max_deg_s=0.2)
#: The anchor lies this share of the chain's length up wind of her bow: the rest hangs in a bow.
SCOPE_SHARE = 0.85
#: Her antenna swings so far from the anchor before she drags; she is followed so long when held again.
SWING_M = 160.0
HELD_S = 2 * 3600.0


@dataclass(frozen=True)
class Adrift:
    """One stretch of a drag at anchor: towards ``towards_deg`` at ``drift_kn`` for ``for_s``; 0 kn: held."""

    for_s: float
    drift_kn: float
    towards_deg: float


@dataclass(frozen=True)
class Lying:
    """A ship at anchor ``off_m`` up wind of a line asset; the wind blows square to the line."""

    abreast: Abreast
    off_m: float

    @property
    def wind_to_deg(self) -> float:
        """Give where the wind blows to."""
        return (self.abreast.off_deg + 180.0) % 360.0

    def place(self, *, across_m: float = 0.0, up_wind_m: float = 0.0) -> Place:
        """Give her place, or one beside her or up wind of her."""
        return self.abreast.place(across_m, self.off_m + up_wind_m)


def scope_m(shackles: int) -> float:
    """Give how far the anchor lies from the bow."""
    return SCOPE_SHARE * SHACKLE_M * shackles


def down_to(lying: Lying, *, past_m: float, drift_kn: float, ramp_s: float) -> tuple[Adrift, ...]:
    """Give the drag from her place until she is ``past_m`` beyond the line: at half speed first."""
    towards = lying.wind_to_deg
    slow_m = drift_kn / 2.0 * KN_MS * ramp_s
    fast_s = max(0.0, lying.off_m + past_m - slow_m) / (drift_kn * KN_MS)
    return Adrift(ramp_s, drift_kn / 2.0, towards), Adrift(fast_s, drift_kn, towards)


def dragging(
    place: Place, wind_to_deg: float, *, from_s: float, adrift: Sequence[Adrift], sheer_s: float
) -> Passage:
    """Give a ship that lies at anchor until ``from_s``, drags stretch by stretch, and then is held again.

    ``sheer_s`` is how long she takes from one side to the other. While her status is "at anchor" the
    water does nothing to her (``orders``): her anchor, not her windage, says how fast she drags.
    """
    lies = Call(0, until_s=from_s, lies=Lies.AT_ANCHOR, nav_status=AT_ANCHOR, swing_m=SWING_M)
    down_lat, down_lon = destination(*place, wind_to_deg, 1000.0)
    stretches = [Adrift(from_s, 0.0, wind_to_deg), *adrift, Adrift(HELD_S, 0.0, wind_to_deg)]
    orders = tuple(_sheering(stretches, wind_to_deg, sheer_s))
    return Passage((place, (float(down_lat), float(down_lon))), orders, SLUGGISH, calls=(lies,))


def _sheering(stretches: Sequence[Adrift], wind_to_deg: float, sheer_s: float) -> Iterator[Order]:
    """Give sheers of one length, an even number to a stretch: to one side as often as to the other."""
    began_s = 0.0
    for stretch in stretches:
        pairs = max(1, round(stretch.for_s / (2.0 * sheer_s)))
        for number in range(2 * pairs):
            side = 1.0 if number % 2 else -1.0
            yield _order(began_s + number * stretch.for_s / (2.0 * pairs), stretch, wind_to_deg, side)
        began_s += stretch.for_s


def _order(at_s: float, stretch: Adrift, wind_to_deg: float, side: float) -> Order:
    """Give one sheer: the drift and, across the wind, her swing to one side."""
    drift, across = np.radians(stretch.towards_deg), np.radians(wind_to_deg + 90.0)
    east = stretch.drift_kn * np.sin(drift) + side * SHEER_KN * np.sin(across)
    north = stretch.drift_kn * np.cos(drift) + side * SHEER_KN * np.cos(across)
    return Order(
        at_s,
        0.0,
        heading_deg=(wind_to_deg + 180.0 - side * SHEER_DEG) % 360.0,
        set_kn=float(np.hypot(east, north)),
        set_deg=float(np.degrees(np.arctan2(east, north)) % 360.0),
        nav_status=AT_ANCHOR,
    )
