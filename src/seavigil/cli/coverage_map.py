"""Where reports came from, drawn in the terminal."""

from __future__ import annotations

from math import cos, log10, radians
from typing import Any

_SHADES = " .:-=+*#%@"
_COLUMNS, _ROWS = 72, 24
#: A terminal's character is about twice as high as wide.
_ASPECT = 2.0


def draw(cells: list[dict[str, Any]]) -> list[str]:
    """Give the lines of a map of cells (lat_deg, lon_deg, reports); darker is more, by powers of ten."""
    if not cells:
        return []
    lats, lons = [c["lat_deg"] for c in cells], [c["lon_deg"] for c in cells]
    south, north, west, east = min(lats), max(lats), min(lons), max(lons)
    squash = cos(radians((south + north) / 2)) * _ASPECT
    width_deg = max((east - west) / _COLUMNS, (north - south) / _ROWS / squash, 0.02)
    height_deg = max(width_deg * squash, 0.02)
    counts: dict[tuple[int, int], int] = {}
    for cell in cells:
        at = int((north - cell["lat_deg"]) / height_deg), int((cell["lon_deg"] - west) / width_deg)
        counts[at] = counts.get(at, 0) + cell["reports"]
    rows, columns = max(r for r, _ in counts) + 1, max(c for _, c in counts) + 1
    body = ["|" + "".join(_shade(counts.get((r, c), 0)) for c in range(columns)) + "|" for r in range(rows)]
    edge = "+" + "-" * columns + "+"
    scale = f"reports a cell: {_SHADES[1]} 1 to {_SHADES[-1]} 100,000 and more; blank: nothing heard"
    return [f"{north:.2f} N, {west:.2f} E", edge, *body, edge, f"{south:.2f} N, {east:.2f} E; {scale}"]


def _shade(reports: int) -> str:
    return " " if reports == 0 else _SHADES[min(1 + int(log10(reports) * 8 / 5), len(_SHADES) - 1)]
