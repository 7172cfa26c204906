"""How many position reports a second one watch keeps up with, every behaviour on.

Run: ``python bench/bench_live_judge.py [ships [minutes [every_s]]]``. Prints one JSON line a case, each
measured in a process of its own. Reports come in pieces of one second of data, as a live feed brings them;
the peer in the same run is the track keeper alone over the same pieces (``times_tracks``: how many times
as long the whole watch takes). The last two thirds of the time count, once state has been built up.

``reports_s``: reports a second while it computes, ``reports_cpu_s``: a second of processor time, which other
work on the machine does not change so much. ``p50_ms``, ``p99_ms``, ``most_ms``: of a call.
``p99_delay_s``, ``most_delay_s``: from the end of a second of data to its answer, if each piece came on time
and waited for the one before. ``*_mb``: memory held after a third, two thirds and all of the time.

The traffic is invented: three of ten ships at anchor, the others on legs of ten minutes, over as many
invented cables as bring one ship in twenty near one.
"""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import shapely

from seavigil.hashing import mix
from seavigil.records import REPORTS, SECOND_US, VESSELS, Decoded, TimeSource, Transceiver, table

CASES = ((2_000, 20.0, 10), (10_000, 12.0, 10), (30_000, 12.0, 10))
SOUTH_DEG, NORTH_DEG, WEST_DEG, EAST_DEG = 40.0, 60.0, -30.0, 10.0
CABLES, CABLE_DEG = 150, 5.0
ANCHORED_SHARE, AT_ANCHOR_S, LEG_S = 0.3, 180, 600
BEGAN_US = 1_735_689_600 * SECOND_US
_TYPES = (70, 80, 60, 30)
_FIX_DEG = 3e-5


@dataclass
class Fleet:
    """Invented ships; ``seconds`` gives what they send, one second of data after another."""

    ships: int
    every_s: int
    seed: int = 1

    def seconds(self, count: int) -> Iterator[Decoded]:
        """Give ``count`` seconds of reports; static data every six minutes."""
        rng = np.random.default_rng(self.seed)
        lat, lon = rng.uniform(SOUTH_DEG, NORTH_DEG, self.ships), rng.uniform(WEST_DEG, EAST_DEG, self.ships)
        anchored = rng.random(self.ships) < ANCHORED_SHARE
        sog = np.where(anchored, 0.0, rng.uniform(5, 20, self.ships))
        cog = rng.uniform(0, 360, self.ships)
        every_s = np.where(anchored, AT_ANCHOR_S, self.every_s)
        number = np.arange(self.ships)
        for second in range(count):
            north = sog / 216_000 * np.cos(np.radians(cog))
            lat, lon = lat + north, lon + sog / 216_000 * np.sin(np.radians(cog)) / np.cos(np.radians(lat))
            turns = (second + number) % LEG_S == 0
            cog = np.where(turns, cog + rng.normal(0, 8, self.ships), cog) % 360
            due = np.flatnonzero((second + number) % every_s == 0)
            said = np.flatnonzero((second + number) % 360 == 0)
            yield Decoded(
                self._reports(rng, second, due, (lat, lon, sog, cog), anchored), self._statics(second, said)
            )

    def _reports(
        self, rng: np.random.Generator, second: int, due: Any, state: tuple[Any, ...], anchored: Any
    ) -> Any:
        n, (lat, lon, sog, cog) = len(due), (column[due] for column in state)
        time_us = BEGAN_US + second * SECOND_US + np.sort(rng.integers(0, SECOND_US, n))
        mmsi = (299_000_000 + due).astype(np.uint32)
        cog = np.round((cog + rng.normal(0, 0.5, n)) % 360, 1) % 360
        columns = {
            "lat_deg": lat + rng.normal(0, _FIX_DEG, n),
            "lon_deg": lon + rng.normal(0, _FIX_DEG, n),
            "sog_kn": np.round(np.maximum(sog + rng.normal(0, 0.08, n), 0.0), 1),
            "cog_deg": cog,
            "heading_deg": np.floor(cog),
        }
        payload = mix(mmsi, time_us, columns["lat_deg"], columns["lon_deg"])
        return table(
            REPORTS,
            {
                **columns,
                "report_id": mix(payload),
                "payload_id": payload,
                "time_us": time_us,
                "time_source": np.full(n, TimeSource.MESSAGE),
                "received_us": time_us,
                "mmsi": mmsi,
                "transceiver": np.full(n, Transceiver.CLASS_A),
                "nav_status": np.where(anchored[due], 1, 0),
            },
            n,
        )

    def _statics(self, second: int, said: Any) -> Any:
        mmsi = (299_000_000 + said).astype(np.uint32)
        time_us = np.full(len(said), BEGAN_US + second * SECOND_US)
        columns = {
            "report_id": mix(mmsi, time_us),
            "time_us": time_us,
            "time_source": np.full(len(said), TimeSource.MESSAGE),
            "mmsi": mmsi,
            "ship_type": np.array(_TYPES)[said % 4],
            "length_m": 30.0 + said % 270,
        }
        return table(VESSELS, columns, len(said))


def cables(seed: int = 1) -> Any:
    """Give straight invented cables."""
    from seavigil.assets import Asset, Assets

    rng = np.random.default_rng(seed)
    lat, lon = rng.uniform(SOUTH_DEG, NORTH_DEG, CABLES), rng.uniform(WEST_DEG, EAST_DEG, CABLES)
    way = rng.uniform(0, np.pi, CABLES)
    lines = (
        shapely.LineString([(x, y), (x + CABLE_DEG * np.sin(w), y + CABLE_DEG / 2 * np.cos(w))])
        for x, y, w in zip(lon, lat, way, strict=True)
    )
    return Assets(
        [Asset(f"c{i}", f"c{i}", "telecom_cable", line, 200.0, "given") for i, line in enumerate(lines)]
    )


def held_mb() -> float:
    """Give the memory held now."""
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    return round(pages * 4096 / 2**20, 1)


def delays_s(took_s: Any) -> Any:
    """Give how long after its second each piece is answered, if each waits for the one before."""
    out, late_s = np.zeros(len(took_s)), 0.0
    for at, took in enumerate(took_s.tolist()):
        out[at] = late_s = max(late_s - 1.0, 0.0) + took
    return out


def measure(ships: int, minutes: float, every_s: int) -> dict[str, Any]:
    """Feed a watch and, beside it, a track keeper alone; give the figures of the last two thirds."""
    from seavigil.runners.live import Watch
    from seavigil.tracks import Tracker

    watch, alone = Watch(cables()), Tracker()
    seconds = int(minutes * 60)
    took, cpu, peer, rows = (np.zeros(seconds) for _ in range(4))
    held: list[float] = []
    alerts = 0
    for at, piece in enumerate(Fleet(ships, every_s).seconds(seconds)):
        began = time.perf_counter()
        alone.add(piece)
        middle, cpu_s = time.perf_counter(), time.process_time()
        outcome = watch.take(piece)
        took[at], peer[at] = time.perf_counter() - middle, middle - began
        cpu[at] = time.process_time() - cpu_s
        rows[at], alerts = piece.reports.num_rows, alerts + len(outcome.alerts)
        if outcome.faults:
            raise RuntimeError(str(outcome.faults[0]))
        if (at + 1) % (seconds // 3) == 0:
            held.append(held_mb())
    late = slice(seconds // 3, None)
    ms = took[late] * 1000.0
    return {
        "case": f"watch {ships} ships",
        "data_minutes": minutes,
        "came_s": round(rows[late].mean()),
        "reports_s": round(rows[late].sum() / took[late].sum()),
        "reports_cpu_s": round(rows[late].sum() / cpu[late].sum()),
        "p50_ms": round(float(np.percentile(ms, 50)), 1),
        "p99_ms": round(float(np.percentile(ms, 99)), 1),
        "most_ms": round(float(ms.max()), 1),
        "p99_delay_s": round(float(np.percentile(delays_s(took)[late], 99)), 2),
        "most_delay_s": round(float(delays_s(took)[late].max()), 2),
        "times_tracks": round(took[late].sum() / peer[late].sum(), 1),
        "held_mb": held,
        "alerts": alerts,
    }


def main(args: list[str]) -> None:
    """Measure one case, or each in a process of its own."""
    if args:
        ships, minutes, every_s = (*args, *map(str, CASES[0]))[: len(args)] + tuple(map(str, CASES[0]))[
            len(args) :
        ]
        print(json.dumps(measure(int(ships), float(minutes), int(every_s))), flush=True)
        return
    for case in CASES:
        subprocess.run([sys.executable, __file__, *map(str, case)], check=True)


if __name__ == "__main__":
    main(sys.argv[1:])
