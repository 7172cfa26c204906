"""What a history holds, for people: classes, lanes, anchorages and berths."""

from __future__ import annotations

from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from seavigil.normal.pattern import CELL_LAT_DEG, CELL_LON_DEG, FINE, SECTOR_DEG, SECTORS, corner_of
from seavigil.normal.pattern_class import ShipClass
from seavigil.normal.pattern_history import History
from seavigil.normal.places import ANCHORAGE, NO_PLACES, Places

I64 = NDArray[np.int64]

#: A lane: seven in ten bins under way within 30 deg of one course or its reciprocal, on a hundred bins at
#: least. Own choice: a crossing or a fishing ground spreads over the compass, a third of which this leaves.
LANE_SHARE, LANE_BINS = 0.7, 100


def contents(history: History, known: Places = NO_PLACES) -> dict[str, Any]:
    """Give ``classes`` (ships, summed over the days), ``cells``, ``lanes`` and ``stops`` as JSON values.

    ``known``: charted anchorages and ports, which the stops are held against.
    """
    counted = history.held.group_by("ship_class").len().sort("ship_class")
    return {
        "classes": {ShipClass(c).name: n for c, n in counted.iter_rows()},
        "cells": history.visits["cell"].n_unique(),
        "lanes": lanes(history),
        "stops": [{**stop, **_charted(stop, known)} for stop in places(history)],
    }


def lanes(history: History) -> list[dict[str, Any]]:
    """Give the cells whose traffic keeps to one course or to it and its reciprocal, by number of bins."""
    rows = history.courses.group_by("cell", "sector").agg(pl.col("ship_bins").sum()).sort("cell", "sector")
    cells, at = np.unique(rows["cell"].to_numpy(), return_inverse=True)
    bins = np.zeros((len(cells), SECTORS), dtype=np.int64)
    bins[at, rows["sector"].to_numpy()] = rows["ship_bins"].to_numpy()
    ahead = bins + np.roll(bins, 1, axis=1) + np.roll(bins, -1, axis=1)
    both = ahead + np.roll(ahead, SECTORS // 2, axis=1)
    total = bins.sum(axis=1)
    found = []
    for i in np.flatnonzero((total >= LANE_BINS) & (both.max(axis=1) >= LANE_SHARE * total)).tolist():
        best = int(np.argmax(np.where(both[i] == both[i].max(), ahead[i], -1)))
        south, west = corner_of(cells[i : i + 1])
        found.append(
            {
                "lat_deg": round(float(south[0]) + CELL_LAT_DEG / 2, 3),
                "lon_deg": round(float(west[0]) + CELL_LON_DEG / 2, 3),
                "course_deg": (best + 0.5) * SECTOR_DEG,
                "share": round(float(both[i, best] / total[i]), 3),
                "one_way_share": round(float(ahead[i, best] / total[i]), 3),
                "ship_bins": int(total[i]),
            }
        )
    return sorted(found, key=lambda lane: (-lane["ship_bins"], lane["lat_deg"], lane["lon_deg"]))


def places(history: History) -> list[dict[str, Any]]:
    """Give anchorages and berths: fine cells with stops that touch, as one place, the busiest first."""
    stops = history.stops
    cells = np.unique(stops["fine_cell"].to_numpy())
    of_cell = dict(zip(cells.tolist(), _touching(cells).tolist(), strict=True))
    named = stops.with_columns(
        pl.col("fine_cell").replace_strict(of_cell, return_dtype=pl.Int64).alias("place")
    )
    found = []
    for _, rows in named.group_by("place", maintain_order=True):
        south, west = corner_of(rows["fine_cell"].to_numpy(), FINE)
        found.append(
            {
                "kind": "anchorage" if rows["anchored"].sum() * 2 > rows.height else "berth",
                "lat_deg": round(float(np.median(south)) + CELL_LAT_DEG / FINE / 2, 4),
                "lon_deg": round(float(np.median(west)) + CELL_LON_DEG / FINE / 2, 4),
                "ships": rows["ship"].n_unique(),
                "visits": rows.select("day", "ship").unique().height,
            }
        )
    return sorted(found, key=lambda p: (-p["visits"], p["lat_deg"], p["lon_deg"]))


def _charted(stop: dict[str, Any], known: Places) -> dict[str, Any]:
    """Say whether a stop lies in a charted anchorage and how far the next port is; null: none were given."""
    lat, lon = np.array([stop["lat_deg"]]), np.array([stop["lon_deg"]])
    port_m = float(known.port_distance_m(lat, lon)[0])
    return {
        "in_charted_anchorage": bool(known.in_anchorage(lat, lon)[0]) if known.knows(ANCHORAGE) else None,
        "port_m": round(port_m) if np.isfinite(port_m) else None,
    }


def _touching(cells: I64) -> I64:
    """Number the groups of fine cells that touch, corners included (``cells`` sorted)."""
    south, west = corner_of(cells, FINE)
    row = np.rint(south / (CELL_LAT_DEG / FINE)).astype(np.int64)
    column = np.rint(west / (CELL_LON_DEG / FINE)).astype(np.int64)
    at = {place: i for i, place in enumerate(zip(row.tolist(), column.tolist(), strict=True))}
    group = np.full(len(cells), -1, dtype=np.int64)
    for place, i in at.items():
        if group[i] < 0:
            _flood(place, i, at, group)
    return group


def _flood(place: tuple[int, int], number: int, at: dict[tuple[int, int], int], group: I64) -> None:
    group[number] = number
    reached = [place]
    while reached:
        row, column = reached.pop()
        for near in ((row + r, column + c) for r in (-1, 0, 1) for c in (-1, 0, 1)):
            i = at.get(near, -1)
            if i >= 0 and group[i] < 0:
                group[i] = number
                reached.append(near)
