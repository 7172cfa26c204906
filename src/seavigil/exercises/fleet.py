"""Who sails in the exercises: ships that plainly do not exist.

Their MMSIs begin with 299. That looks like a European ship's to any program (9 digits, first digit
2), but the ITU has given the maritime identification digits 299 to nobody, so no real ship can be
meant. Every name begins with EXERCISE; callsigns begin with Q, which begins no station's callsign
(ITU Radio Regulations, article 19); the IMO number is left "not available".
"""

from __future__ import annotations

from itertools import count
from typing import Any

from seavigil.exercises.encode import Dimensions
from seavigil.exercises.radio import Ship

EXERCISE_MID = 299

PASSENGER, HIGH_SPEED, CARGO, TANKER = 60, 40, 70, 80
FISHING, TOWING, DREDGING, PLEASURE = 30, 31, 33, 37
PILOT, LAW_ENFORCEMENT, OTHER = 50, 55, 90

#: Trees, stones and spices: no ship is called EXERCISE and one of these.
_NAMES = [
    "ALDER",
    "AMBER",
    "ANVIL",
    "ASPEN",
    "BASALT",
    "BEACON",
    "BIRCH",
    "BRAMBLE",
    "CEDAR",
    "CHALK",
    "CLOVER",
    "COBALT",
    "COPPER",
    "CORAL",
    "CROCUS",
    "CYPRESS",
    "DAHLIA",
    "EBONY",
    "ELM",
    "FENNEL",
    "FERN",
    "FLINT",
    "GARNET",
    "GINGER",
    "GRANITE",
    "HAZEL",
    "HEATHER",
    "HOLLY",
    "INDIGO",
    "IRIS",
    "IVORY",
    "JASMINE",
    "JASPER",
    "JUNIPER",
    "LARCH",
    "LAUREL",
    "LILAC",
    "LINDEN",
    "MAPLE",
    "MARBLE",
    "MYRTLE",
    "NUTMEG",
    "OLIVE",
    "ONYX",
    "OPAL",
    "ORCHID",
    "PEPPER",
    "POPLAR",
    "PRIMROSE",
    "QUARTZ",
    "ROWAN",
    "SAFFRON",
    "SLATE",
    "SORREL",
    "SPRUCE",
    "TANSY",
    "THISTLE",
    "TOPAZ",
    "VERBENA",
    "WALNUT",
    "WILLOW",
    "YARROW",
    "ZINC",
]

#: A name and a number up to 99 fill the 20 characters that a name may have.
_TURNS = 99

#: Ship type to overall length, beam and draught in metres, and how far aft her antenna stands.
_BUILD = {
    PASSENGER: (200, 29, 6.8, 0.3),
    HIGH_SPEED: (80, 22, 3.4, 0.4),
    CARGO: (150, 23, 8.1, 0.85),
    TANKER: (185, 32, 10.2, 0.85),
    FISHING: (28, 8, 4.0, 0.4),
    TOWING: (34, 11, 4.6, 0.4),
    DREDGING: (98, 19, 6.2, 0.75),
    PILOT: (16, 5, 1.6, 0.5),
    PLEASURE: (11, 4, 0.0, 0.6),
    LAW_ENFORCEMENT: (50, 10, 3.5, 0.4),
    OTHER: (62, 14, 4.8, 0.4),
}


class Register:
    """Hands out names and numbers, one ship after another; 6,000 and more before it runs out."""

    def __init__(self) -> None:
        self._numbers = count(1)

    def enter(self, ship_type: int, *, scale: float = 1.0, **said: Any) -> Ship:
        """Enter the next ship of a type, ``scale`` times as long as usual; ``said`` goes to ``Ship``.

        Raises ``ValueError`` when all names are taken.
        """
        number = next(self._numbers)
        turn, word = divmod(number - 1, len(_NAMES))
        if turn >= _TURNS:
            raise ValueError(f"all {_TURNS * len(_NAMES)} names are taken")
        name = f"EXERCISE {_NAMES[word]}" + (f" {turn + 1}" if turn else "")
        return Ship(
            mmsi=EXERCISE_MID * 1_000_000 + number,
            name=name,
            callsign=f"Q{number:04d}",
            ship_type=ship_type,
            dimensions=dimensions(ship_type, scale),
            draught_m=round(_BUILD[ship_type][2] * scale, 1),
            **said,
        )


def dimensions(ship_type: int, scale: float = 1.0) -> Dimensions:
    """Give the dimensions of a ship of a type, ``scale`` times as long and broad as usual."""
    length, beam, _, aft = _BUILD[ship_type]
    length, beam = round(length * scale), round(beam * scale)
    to_bow = round(length * aft)
    return Dimensions(to_bow, length - to_bow, beam // 2, beam - beam // 2)
