"""Which of a million reports are near which cable: our index beside shapely's STRtree.

Run: ``python bench/bench_nearness.py [rows]``. Prints one JSON line a case. With the shared power cables
where they are at hand, else with as many invented ones. The peer works in EPSG:3035, projection counted.
"""

from __future__ import annotations

import json
import os
import resource
import sys
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import shapely
from pyproj import Transformer

from seavigil.assets import Asset, AssetIndex
from seavigil.assets.read import read
from seavigil.geodesy import F64

SHARED = Path(os.environ.get("SEAVIGIL_SHARED") or Path(__file__).resolve().parents[2] / "shared" / "data")
CABLES = SHARED / "assets" / "submarine_power_cables.geojson"


def cables() -> tuple[str, list[Asset]]:
    """Give the shared power cables, or 600 invented ones of 20 edges on the same water."""
    if CABLES.exists():
        return "shared", list(read(CABLES))
    chance = np.random.default_rng(1)
    found = []
    for i in range(600):
        start = chance.uniform([9, 54], [30, 66])
        route = start + np.cumsum(chance.normal(0.01, 0.01, (21, 2)), axis=0)
        found.append(Asset(f"c{i}", f"c{i}", "power_cable", shapely.LineString(route), 500.0, "given"))
    return "invented", found


def peer(assets: list[Asset]) -> Callable[[F64, F64, float], int]:
    """Give shapely's answer to the same question, in the plane of EPSG:3035."""
    to = Transformer.from_crs(4326, 3035, always_xy=True)
    flat = [shapely.transform(a.geometry, lambda xy: np.column_stack(to.transform(*xy.T))) for a in assets]
    tree = shapely.STRtree(flat)

    def count(lat: F64, lon: F64, within_m: float) -> int:
        points = shapely.points(*to.transform(lon, lat))
        return len(tree.query(points, predicate="dwithin", distance=within_m)[0])

    return count


def main(rows: int) -> None:
    """Time both, best of three, for two reaches, and the measuring of what was found."""
    where, assets = cables()
    chance = np.random.default_rng(2)
    lat, lon = chance.uniform(54, 66, rows), chance.uniform(9, 30, rows)
    index, ask = AssetIndex(assets), peer(assets)
    for within_m in (500.0, 5_000.0):
        index.candidates(lat[:1], lon[:1], lat[:1], lon[:1], within_m=within_m)
        (row, asset), ours_s = best(partial(index.candidates, lat, lon, lat, lon, within_m=within_m))
        count, peer_s = best(partial(ask, lat, lon, within_m))
        _, measure_s = best(partial(index.measure, lat[row], lon[row], asset))
        say(
            case=f"near within {within_m:.0f} m",
            cables=where,
            assets=len(assets),
            rows=rows,
            pairs=len(row),
            peer_pairs=count,
            rows_per_s=round(rows / ours_s),
            shapely_strtree_rows_per_s=round(rows / peer_s),
            measured_pairs_per_s=round(len(row) / measure_s),
        )
    step = chance.normal(0, [[0.005], [0.01]], (2, rows))
    job = partial(index.candidates, lat, lon, lat + step[0], lon + step[1], within_m=500.0)
    pairs, ours_s = best(job)
    say(case="segments within 500 m", rows=rows, pairs=len(pairs[0]), rows_per_s=round(rows / ours_s))


def best(job: Callable[[], Any]) -> tuple[Any, float]:
    """Give the answer and the shortest of three times."""
    times = []
    for _ in range(3):
        begin = time.perf_counter()
        answer = job()
        times.append(time.perf_counter() - begin)
    return answer, min(times)


def say(**facts: object) -> None:
    """Print one case with the peak memory so far."""
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    print(json.dumps({**facts, "peak_memory_mib": peak}), flush=True)


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000)
