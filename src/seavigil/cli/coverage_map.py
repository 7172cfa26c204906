"""Where reports came from, drawn in the terminal."""

from __future__ import annotations

from bisect import bisect_right
from math import cos, radians
from typing import Any

from seavigil.runners.contents import CELL_DEG

#: Each shade stands for at least so many reports.
_SHADES = {
    ".": 1,
    ":": 3,
    "-": 10,
    "=": 30,
    "+": 100,
    "*": 300,
    "#": 1_000,
    "%": 10_000,
    "@": 100_000,
}
_LEAST = tuple(_SHADES.values())
_COLUMNS, _ROWS = 72, 24
#: A terminal's character is about twice as high as wide.
_ASPECT = 2.0
#: One degree of latitude: 60 minutes of 1852 m.
_KM_PER_DEG = 111.12


def draw(cells: list[dict[str, Any]]) -> list[str]:
    """Give the lines of a map of cells, darker where more was heard, and what its characters mean.

    A cell is named by its south-western corner (lat_deg, lon_deg) and is CELL_DEG wide and high.
    """
    if not cells:
        return []
    lats, lons = [c["lat_deg"] for c in cells], [c["lon_deg"] for c in cells]
    south, north, west, east = min(lats), max(lats) + CELL_DEG, min(lons), max(lons) + CELL_DEG
    shrink = cos(radians((south + north) / 2))
    width_deg = max((east - west) / _COLUMNS, (north - south) / _ROWS / (shrink * _ASPECT), CELL_DEG)
    height_deg = max(width_deg * shrink * _ASPECT, CELL_DEG)
    counts: dict[tuple[int, int], int] = {}
    for cell in cells:
        down, along = north - cell["lat_deg"] - CELL_DEG / 2, cell["lon_deg"] + CELL_DEG / 2 - west
        at = int(down / height_deg), int(along / width_deg)
        counts[at] = counts.get(at, 0) + cell["reports"]
    rows, columns = max(r for r, _ in counts) + 1, max(c for _, c in counts) + 1
    body = ["|" + "".join(_shade(counts.get((r, c), 0)) for c in range(columns)) + "|" for r in range(rows)]
    edge = "+" + "-" * columns + "+"
    high_km, wide_km = height_deg * _KM_PER_DEG, width_deg * _KM_PER_DEG * shrink
    size = f"a character is {wide_km:.1f} km wide, {high_km:.1f} high"
    corners = latitude(north, 2), longitude(west, 2), latitude(south, 2), longitude(east, 2)
    return [
        f"{corners[0]}, {corners[1]} (north-western corner)",
        edge,
        *body,
        edge,
        f"{corners[2]}, {corners[3]} (south-eastern); {size}",
        f"reports there, at least: {_legend()}; blank: none",
    ]


def latitude(deg: float, digits: int) -> str:
    """Give a latitude in words: 59.45 N.

    >>> latitude(-12.3456, 2), longitude(-70.0, 1)
    ('12.35 S', '70.0 W')
    """
    return f"{abs(deg):.{digits}f} {'S' if deg < 0 else 'N'}"


def longitude(deg: float, digits: int) -> str:
    """Give a longitude in words: 24.90 E."""
    return f"{abs(deg):.{digits}f} {'W' if deg < 0 else 'E'}"


def _shade(reports: int) -> str:
    return " " if reports == 0 else list(_SHADES)[bisect_right(_LEAST, reports) - 1]


def _legend() -> str:
    return " ".join(f"{shade} {least:,}" for shade, least in _SHADES.items())
