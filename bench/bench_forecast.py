"""What lies ahead of every ship, and who was at a fault: seconds on a day of invented traffic.

Run: ``python bench/bench_forecast.py [ships] [hours]``. The day goes through the watch once. Then, of all
ships heard lately: the assets ahead of each (peer: the straight line on through the same search), and the
suspects for a fault six hours before the end, as the watch looks into a notice (peer: the least that
anybody must do, the distance of every report within an hour of it to the asset, by shapely).
"""

from __future__ import annotations

import json
import resource
import sys
import time
from collections.abc import Callable
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import shapely

from seavigil.events import Event
from seavigil.exercises.ordinary import ordinary
from seavigil.fault import Fault
from seavigil.records import HOUR_US, MINUTE_US, TRACKED, Decoded, empty
from seavigil.runners.ahead import Ahead
from seavigil.runners.forecast_plays import STRAIGHT
from seavigil.runners.inquiry import inquire
from seavigil.runners.live import Watch
from seavigil.runners.playing import known_of

SHIPS, HOURS, SEED = 300, 24.0, 1


def timed(work: Callable[[], Any]) -> tuple[float, Any]:
    """Give how long ``work`` took, in seconds, and what it gave; the best of three."""
    best_s, result = float("inf"), None
    for _ in range(3):
        began_s = time.perf_counter()
        result = work()
        best_s = min(best_s, time.perf_counter() - began_s)
    return best_s, result


def main() -> None:
    """Play, watch, and measure."""
    ships = int(sys.argv[1]) if len(sys.argv) > 1 else SHIPS
    hours = float(sys.argv[2]) if len(sys.argv) > 2 else HOURS
    play = ordinary(SEED, ships=ships, days=hours / 24.0)
    assets, known = known_of(play)
    fault_us = play.ended_us - 6 * HOUR_US
    watch = Watch(assets, known=known)
    near: list[pa.Table] = []
    events: list[Event] = []
    began_s, reports, lately = time.perf_counter(), 0, empty(TRACKED)
    for piece in [*play.pieces(every_s=20.0), None]:
        outcome = watch.take(Decoded() if piece is None else piece, final=piece is None)
        reports += outcome.reports.num_rows
        events += outcome.events
        lately = outcome.reports if outcome.reports.num_rows else lately
        off_us = pc.abs(pc.subtract(outcome.reports["time_us"].cast(pa.int64()), fault_us))
        near.append(outcome.reports.filter(pc.less(off_us, HOUR_US)))
    print(json.dumps({"case": "day", "ships": ships, "reports": reports, "s": _round(began_s)}), flush=True)
    index = watch.surroundings.assets
    assert index is not None
    straight = Ahead(index, STRAIGHT)
    straight.heard(lately)
    now_us = int(pc.max(lately["time_us"].cast(pa.int64())).as_py())
    asked = [(ship, now_us) for ship in straight.heard_since(now_us - 10 * MINUTE_US, now_us)]
    ours_s, _ = timed(lambda: watch.ahead.look(asked, watch.surroundings))
    peer_s, _ = timed(lambda: straight.look(asked, watch.surroundings))
    each = {"ships": len(asked), "ms_a_ship": round(1000 * ours_s / len(asked), 2)}
    print(json.dumps({"case": "forecast", **each, "times_the_straight_line": round(ours_s / peer_s, 1)}))
    asset = index.assets[0]
    line, rows = asset.geometry, pa.concat_tables(near)
    places = [rows[name].cast(pa.float64()).to_numpy() for name in ("lon_deg", "lat_deg")]
    peer_s, _ = timed(lambda: shapely.distance(shapely.points(*np.nan_to_num(places)), line))
    fault = Fault("bench", asset.asset_id, fault_us, now_us)
    ours_s, found = timed(lambda: inquire([fault], events, watch.surroundings, now_us))
    figures = {"s": round(ours_s, 2), "suspects": len(found.suspects), "rows_in_the_hours": rows.num_rows}
    print(json.dumps({"case": "suspects", **figures, "times_shapely": round(ours_s / peer_s, 1)}))
    print(json.dumps({"peak_mb": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)}))


def _round(began_s: float) -> float:
    return round(time.perf_counter() - began_s, 1)


if __name__ == "__main__":
    main()
