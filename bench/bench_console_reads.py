"""How long questions to the rows by day take: `python bench/bench_console_reads.py [SHIPS] [HOURS]`.

Ships that each report every ten seconds: the hours but the last six as one part, these in parts of five
minutes, as a live watch leaves them. 2,000 ships and 24 hours are 17 million rows and take some minutes to
write. One JSON line a question: seconds of the first time and of the best of three after it, and of CPU.
"""

from __future__ import annotations

import argparse
import json
import tempfile
import time
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from seavigil.records import DAY_US, HOUR_US, MINUTE_US, SECOND_US, TRACKED, VESSELS, table
from seavigil.runners.pictures import picture, trails
from seavigil.runners.ships_seen import ShipsSeen
from seavigil.store.days import DayFiles
from seavigil.store.sightings import Sightings

#: A midnight: what lies before it is of a day that is over.
MIDNIGHT_US = 1_767_225_600 * SECOND_US
FIRST_MMSI, EVERY_S, PART_S = 219_000_000, 10, 300
TYPES = np.array([70, 80, 60, 30, 37, 52], dtype=np.uint8)


def reports(ships: int, begin_us: int, seed: int) -> pa.Table:
    """Give five minutes of all ships, in order of time."""
    rng = np.random.default_rng(seed)
    n = ships * (PART_S // EVERY_S)
    ship = np.tile(np.arange(ships), PART_S // EVERY_S)
    after_s = np.repeat(np.arange(0, PART_S, EVERY_S), ships) + rng.uniform(0, EVERY_S, n)
    order = np.argsort(after_s)
    ship, time_us = ship[order], begin_us + (after_s[order] * 1e6).astype(np.int64)
    hours = (time_us - MIDNIGHT_US) / HOUR_US
    columns: dict[str, Any] = {
        **{name: rng.integers(0, 2**63, n).astype(np.uint64) for name in ("report_id", "payload_id")},
        **{name: np.ones(n, dtype=np.uint8) for name in ("time_source", "msg_type", "transceiver")},
        **{name: np.zeros(n, dtype=np.uint8) for name in ("nav_status", "vessel_part")},
        "time_us": time_us,
        "mmsi": (FIRST_MMSI + ship).astype(np.uint32),
        "lat_deg": 54 + 6 * (ship / ships) + 0.05 * hours,
        "lon_deg": 8 + ship * 0.618 % 20 + 0.05 * hours,
        **{name: (ship % 360).astype(np.float64) for name in ("cog_deg", "heading_deg")},
        "sog_kn": (ship % 16).astype(np.float64),
        "flags": np.zeros(n, dtype=np.uint32),
    }
    return table(TRACKED, columns)


def statics(ships: int, begin_us: int) -> pa.Table:
    """Give what ships say of themselves in an hour, every six minutes."""
    ship = np.tile(np.arange(ships), 10)
    n = len(ship)
    columns: dict[str, Any] = {
        "report_id": np.arange(n, dtype=np.uint64),
        "time_us": begin_us + np.repeat(np.arange(10) * 6 * MINUTE_US, ships),
        "time_source": np.ones(n, dtype=np.uint8),
        "mmsi": (FIRST_MMSI + ship).astype(np.uint32),
        "name": [f"SHIP {i}" for i in ship],
        "ship_type": TYPES[ship % len(TYPES)],
    }
    return table(VESSELS, columns)


def fill(folder: Path, ships: int, hours: int) -> int:
    """Write the store; gives the time of its end."""
    days, end_us = DayFiles(folder), MIDNIGHT_US + min(hours, 6) * HOUR_US
    begin_us = end_us - hours * HOUR_US
    for seq, at_us in enumerate(range(begin_us, end_us, PART_S * SECOND_US), start=1):
        days.write("reports", reports(ships, at_us, seq), seq, seq)
        if (at_us - begin_us) % HOUR_US == 0:
            days.write("vessels", statics(ships, at_us), seq, seq)
    days.compact(date(2026, 1, 1), 2**40)
    return end_us - 1


def measure(name: str, ask: Callable[[], Any]) -> dict[str, Any]:
    """Ask four times."""
    walls, cpus, size = [], [], 0
    for _ in range(4):
        wall_s, cpu_s = time.perf_counter(), time.process_time()
        size = len(json.dumps(ask(), default=str))
        walls.append(time.perf_counter() - wall_s)
        cpus.append(time.process_time() - cpu_s)
    best = {"again_s": round(min(walls[1:]), 3), "cpu_s": round(min(cpus[1:]), 3)}
    return {"question": name, "first_s": round(walls[0], 3), **best, "bytes": size}


def main() -> None:
    """Fill a store in a temporary folder and ask."""
    told = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    told.add_argument("ships", nargs="?", type=int, default=500)
    told.add_argument("hours", nargs="?", type=int, default=8)
    given = told.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        end_us = fill(Path(folder), given.ships, given.hours)
        sea = Sightings(DayFiles(Path(folder)))
        ships, ship = ShipsSeen(sea), (FIRST_MMSI + 7, 0)
        rows = sum(piece.rows for piece in sea.pieces("reports"))
        print(json.dumps({"ships": given.ships, "hours": given.hours, "rows": rows}), flush=True)
        age_us = 20 * MINUTE_US
        questions: dict[str, Callable[[], Any]] = {
            "picture": lambda: picture(sea, ships, end_us, max_age_us=age_us),
            "picture of then": lambda: picture(sea, ships, end_us - 7 * HOUR_US, max_age_us=age_us),
            "trails": lambda: trails(sea, ships, end_us, over_us=age_us, most_points=20_000, box=None),
            "a ship's day": lambda: sea.reports(end_us - DAY_US, end_us, ship=ship).height,
            "all ships": lambda: len(ships.heard()),
        }
        for name, ask in questions.items():
            print(json.dumps(measure(name, ask)), flush=True)


if __name__ == "__main__":
    main()
