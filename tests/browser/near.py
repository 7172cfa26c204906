"""Small sums about boxes, rings and positions as people write them."""

from __future__ import annotations

import re
from typing import Any

import numpy as np
from numpy.typing import NDArray

_DIGITS = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "niner")


def overlap(one: Any, other: Any) -> bool:
    """Whether two boxes of elements share a pixel."""
    return bool(
        one["x"] < other["x"] + other["width"]
        and other["x"] < one["x"] + one["width"]
        and one["y"] < other["y"] + other["height"]
        and other["y"] < one["y"] + one["height"]
    )


def within(one: Any, other: Any) -> bool:
    """Whether a box lies within another."""
    return bool(
        other["x"] <= one["x"]
        and other["y"] <= one["y"]
        and one["x"] + one["width"] <= other["x"] + other["width"]
        and one["y"] + one["height"] <= other["y"] + other["height"]
    )


def stretch(row: NDArray[np.bool_], at: int) -> int:
    """Give how many neighbours hold, in one piece about a place."""
    low = high = at
    while low > 0 and row[low - 1]:
        low -= 1
    while high + 1 < len(row) and row[high + 1]:
        high += 1
    return high - low + 1


def rings(geometry: Any) -> list[list[list[float]]]:
    """Give the outer rings of a Polygon or MultiPolygon."""
    parts = [geometry["coordinates"]] if geometry["type"] == "Polygon" else geometry["coordinates"]
    return [part[0] for part in parts]


def moved(polygon: Any, east_deg: float) -> Any:
    """Give a polygon moved to the east."""
    return {**polygon, "coordinates": [[[lon + east_deg, lat] for lon, lat in polygon["coordinates"][0]]]}


def position(text: str) -> tuple[float, float]:
    """Read latitude and longitude (degrees) from what the console copies, speech too."""
    if " degrees " in text:
        north, east = (_spoken(half) for half in text.split(", "))
        return north, east
    if "°" not in text:
        lat, lon = map(float, text.split(", "))
        return lat, lon
    halves = re.findall(r"(\d+)°([\d.]+)′(?:([\d.]+)″)?([NSEW])", text)
    lat, lon = (
        (float(d) + float(m) / 60 + float(s or 0) / 3600) * (-1 if side in "SW" else 1)
        for d, m, s, side in halves
    )
    return lat, lon


def _spoken(text: str) -> float:
    degrees, rest = text.split(" degrees ")
    minutes, _, side = rest.partition(" minutes ")
    whole, tenths = minutes.split(" decimal ")
    size = _number(degrees) + (_number(whole) + _number(tenths) / 10) / 60
    return -size if side in ("south", "west") else size


def _number(text: str) -> int:
    return int("".join(str(_DIGITS.index(word)) for word in text.split()))
