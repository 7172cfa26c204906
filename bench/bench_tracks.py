"""Rows a second through the track keeper, clean and with one ship in a hundred odd.

Run: ``python bench/bench_tracks.py [rows]``. Prints one JSON line a case.
"""

from __future__ import annotations

import json
import resource
import sys
import time

import numpy as np
import pyarrow as pa

from seavigil.hashing import mix
from seavigil.records import REPORTS, SECOND_US, Decoded, table
from seavigil.tracks import Tracker

_STEP_S = 10
_BEGAN_US = 1_400_000_000 * SECOND_US


def traffic(rows: int, ships: int, *, odd_share: float, seed: int = 1) -> pa.Table:
    """Give reports of ships on straight courses, in order of time, some with leaps in position."""
    rng = np.random.default_rng(seed)
    round_no, ship = np.divmod(np.arange(rows), ships)
    time_us = _BEGAN_US + (round_no * _STEP_S + ship * _STEP_S / ships).astype(np.int64) * SECOND_US
    sog, cog = rng.uniform(0, 20, ships), rng.uniform(0, 360, ships)
    miles = sog[ship] * round_no * _STEP_S / 3600
    lat = rng.uniform(-60, 60, ships)[ship] + miles / 60 * np.cos(np.radians(cog[ship]))
    lon = rng.uniform(-170, 170, ships)[ship] + miles / 60 * np.sin(np.radians(cog[ship]))
    lat = lat + np.where((ship < ships * odd_share) & (rng.random(rows) < 0.02), 2.0, 0.0)
    mmsi = (200_000_000 + ship).astype(np.uint32)
    payload = mix(mmsi, time_us, lat, lon)
    columns = {
        "report_id": mix(payload),
        "payload_id": payload,
        "time_us": time_us,
        "time_source": np.ones(rows, dtype=np.uint8),
        "source": pa.array(["bench.csv"] * rows),
        "offset_bytes": np.arange(rows) * 100,
        "mmsi": mmsi,
        "transceiver": np.ones(rows, dtype=np.uint8),
        "lat_deg": lat,
        "lon_deg": lon,
        "sog_kn": sog[ship],
        "cog_deg": cog[ship],
    }
    return table(REPORTS, columns, rows)


def measure(name: str, reports: pa.Table, chunk_rows: int) -> None:
    """Print the speed of one pass over the reports in chunks."""
    tracker, released = Tracker(), 0
    began = time.perf_counter()
    for at in range(0, reports.num_rows, chunk_rows):
        last = at + chunk_rows >= reports.num_rows
        released += tracker.add(Decoded(reports.slice(at, chunk_rows)), final=last).reports.num_rows
    took_s = time.perf_counter() - began
    peak_mb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    figures = {"case": name, "rows": released, "chunk_rows": chunk_rows}
    print(json.dumps(figures | {"rows_per_s": round(released / took_s), "peak_mb": round(peak_mb)}))


def main() -> None:
    """Measure clean and odd traffic."""
    rows = int(sys.argv[1]) if len(sys.argv) > 1 else 2_000_000
    clean = traffic(rows, 5_000, odd_share=0.0)
    odd = traffic(rows, 5_000, odd_share=0.01)
    measure("clean", clean, 500_000)
    measure("clean, live chunks", clean.slice(0, rows // 4), 5_000)
    measure("one ship in 100 leaps", odd, 500_000)


if __name__ == "__main__":
    main()
