"""How many position reports a second the whole service keeps up with, from socket to alert.

Run: ``python -m bench.bench_live [--rates 3000,10000] [--minutes 10] [--every 10]`` (`make bench-live`).
One process sends NMEA sentences over TCP on loopback as fast as ships would; the service in another writes
them into its log, judges them with every behaviour on, and keeps and tells the alerts. One JSON line a rate:

``kept_up``: at the end nothing waits to be judged, and the 99th percentile of ``delay`` is below 2 s.
``p50_s``, ``p99_s``, ``most_s``: from the arrival of a report to the moment at which the alerts it led to are
in the store, of steps that led to alerts; ``all_p99_s``: of all steps, alerts or not. Both are counted from
the oldest report of the step. ``cpu_s``: processor seconds of the service. ``mb``: its memory after a third,
two thirds and all of the time. ``pyais_times``: how many times the reports a second that pyais decodes on one
processor of this machine, in the same run.

The traffic is invented: three of ten ships at anchor, the others on legs of ten minutes, one in twenty over
cables; ``every`` is how often a ship under way reports, in seconds (2 to 10: ITU-R M.1371-5, table 1).
"""

from __future__ import annotations

import argparse
import asyncio
import json
import multiprocessing
import socket
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

WITHIN_S = 2.0
AT_ANCHOR_S, ANCHORED_SHARE, LEG_S = 180, 0.3, 600
SOUTH_DEG, NORTH_DEG, WEST_DEG, EAST_DEG = 40.0, 60.0, -30.0, 10.0
CABLES, CABLE_DEG = 150, 5.0
_TAG, _HEAD, _CHARS = b"\\s:bench,c:", b"!AIVDM,1,1,,A,", 28
U8 = NDArray[np.uint8]
I64 = NDArray[np.int64]


class Ships:
    """Invented ships; `lines` gives what they send in one second."""

    def __init__(self, ships: int, every_s: int, seed: int = 1) -> None:
        rng = np.random.default_rng(seed)
        self._rng, self._every = rng, every_s
        self._lat = rng.uniform(SOUTH_DEG, NORTH_DEG, ships)
        self._lon = rng.uniform(WEST_DEG, EAST_DEG, ships)
        anchored = rng.random(ships) < ANCHORED_SHARE
        self._sog = np.where(anchored, 0.0, rng.uniform(5, 20, ships))
        self._cog = rng.uniform(0, 360, ships)
        self._status = np.where(anchored, 1, 0)
        self._every_s = np.where(anchored, AT_ANCHOR_S, every_s)
        self._number = np.arange(ships)
        self._second = 0

    def lines(self, unix_s: int) -> bytes:
        """Move all ships by a second and give the sentences of those whose turn it is."""
        north = self._sog / 216_000 * np.cos(np.radians(self._cog))
        self._lat += north
        self._lon += self._sog / 216_000 * np.sin(np.radians(self._cog)) / np.cos(np.radians(self._lat))
        if self._second % LEG_S == LEG_S - 1:
            self._cog = (self._cog + self._rng.normal(0, 8, len(self._cog))) % 360
        due = np.flatnonzero((self._second + self._number) % self._every_s == 0)
        self._second += 1
        return sentences(
            299_000_000 + due,
            self._status[due],
            self._lat[due] + self._rng.normal(0, 3e-5, len(due)),
            self._lon[due],
            self._sog[due],
            self._cog[due],
            unix_s,
        )


def sentences(
    mmsi: I64, status: I64, lat: NDArray[np.float64], lon: Any, sog: Any, cog: Any, unix_s: int
) -> bytes:
    """Give one tagged sentence for each position report of class A (ITU-R M.1371-5, table 46)."""
    fields = (
        (np.ones_like(mmsi), 6),
        (np.zeros_like(mmsi), 2),
        (mmsi, 30),
        (status, 4),
        (np.zeros_like(mmsi), 8),
        (np.rint(sog * 10).astype(np.int64), 10),
        (np.ones_like(mmsi), 1),
        (np.rint(lon * 600_000).astype(np.int64) & 0xFFFFFFF, 28),
        (np.rint(lat * 600_000).astype(np.int64) & 0x7FFFFFF, 27),
        (np.rint(cog * 10).astype(np.int64) % 3600, 12),
        (np.rint(cog).astype(np.int64) % 360, 9),
        (np.full_like(mmsi, unix_s % 60), 6),
        (np.zeros_like(mmsi), 25),
    )
    bits = np.concatenate([(v[:, None] >> np.arange(n - 1, -1, -1)) & 1 for v, n in fields], axis=1)
    six = bits.reshape(len(mmsi), _CHARS, 6) @ (1 << np.arange(5, -1, -1))
    payload = (six + np.where(six < 40, 48, 56)).astype(np.uint8)
    tag = _TAG[1:] + str(unix_s).encode()
    body = np.concatenate([_rows(_HEAD, len(mmsi)), payload, _rows(b",0", len(mmsi))], axis=1)
    check = np.bitwise_xor.reduce(body[:, 1:], axis=1)
    hexa = np.frombuffer(b"0123456789ABCDEF", dtype=np.uint8)
    tag_check = b"%02X" % np.bitwise_xor.reduce(np.frombuffer(tag, dtype=np.uint8))
    ends = np.stack([hexa[check >> 4], hexa[check & 15]], axis=1)
    parts = [
        _rows(b"\\" + tag + b"*" + tag_check + b"\\", len(mmsi)),
        body,
        _rows(b"*", len(mmsi)),
        ends,
        _rows(b"\r\n", len(mmsi)),
    ]
    return np.concatenate(parts, axis=1).tobytes()


def _rows(text: bytes, count: int) -> U8:
    return np.broadcast_to(np.frombuffer(text, dtype=np.uint8), (count, len(text)))


def send(port: int, ships: int, every_s: int, seconds: int, sent: Any) -> None:
    """Send what the ships send, each second's reports at its time; counts what was sent."""
    fleet = Ships(ships, every_s)
    with socket.create_server(("127.0.0.1", port)) as server:
        peer, _ = server.accept()
        with peer:
            began_s = time.time()
            for second in range(seconds):
                data = fleet.lines(int(began_s) + second)
                time.sleep(max(began_s + second - time.time(), 0))
                peer.sendall(data)
                with sent.get_lock():
                    sent.value += data.count(b"\n")


def cables(path: Path) -> None:
    """Write cables that one ship in twenty is near."""
    rng = np.random.default_rng(3)
    features = []
    for number in range(CABLES):
        lat, lon = rng.uniform(SOUTH_DEG, NORTH_DEG), rng.uniform(WEST_DEG, EAST_DEG)
        angle = rng.uniform(0, np.pi)
        ends = [(lon, lat), (lon + CABLE_DEG * np.cos(angle), lat + CABLE_DEG * np.sin(angle) / 2)]
        line = shapely.geometry.mapping(shapely.LineString(ends))
        properties = {"name": f"Cable {number}", "kind": "telecom_cable"}
        features.append({"type": "Feature", "geometry": line, "properties": properties})
    path.write_text(json.dumps({"type": "FeatureCollection", "features": features}))


def measure(rate: int, minutes: float, every_s: int) -> dict[str, Any]:
    """Send ``rate`` reports a second for so long to a service of its own; gives what was measured."""
    share = (1 - ANCHORED_SHARE) / every_s + ANCHORED_SHARE / AT_ANCHOR_S
    ships, seconds = round(rate / share), round(minutes * 60)
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    sent = multiprocessing.Value("q", 0)
    results: Any = multiprocessing.Queue()
    sender = multiprocessing.Process(target=send, args=(port, ships, every_s, seconds, sent))
    served = multiprocessing.Process(target=serve, args=(port, seconds, results))
    sender.start()
    served.start()
    told: dict[str, Any] = results.get(timeout=seconds * 4 + 600)
    sender.join(5)
    sender.kill()
    served.join()
    return {"rate": rate, "ships": ships, "minutes": minutes, "sent": sent.value, **told}


def serve(port: int, seconds: int, results: Any) -> None:
    """Run a service over what is sent, until the sender closes; says how it kept up."""
    from seavigil.assets.read import read as read_assets
    from seavigil.feeds.transports.urls import transport_of
    from seavigil.risk import Policy
    from seavigil.runners.judge import Step
    from seavigil.runners.known import Known
    from seavigil.runners.plan import Plan
    from seavigil.runners.priors import prior_rates
    from seavigil.runners.service import Feed, Service
    from seavigil.store.database import Database
    from seavigil.store.rawlog import RawLog

    delays: list[float] = []
    with_alerts: list[float] = []
    memory: list[float] = []
    behind: list[float] = []
    began_s = time.monotonic()

    def told(step: Step) -> None:
        delay_s = (time.time_ns() // 1000 - step.first_wall_us) / 1e6
        delays.append(delay_s)
        with_alerts.extend([delay_s] * len(step.alerts))
        if time.monotonic() - began_s > (len(memory) + 1) * seconds / 3:
            memory.append(_memory_mb())
        if time.monotonic() - began_s <= seconds + 5:
            behind[:] = [(time.time_ns() // 1000 - step.wall_us) / 1e6]

    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        cables(folder / "cables.geojson")
        plan = Plan(read_assets([folder / "cables.geojson"]), Known(), Policy(prior_rates()), "bench")
        feed = Feed("bench", transport_of(f"tcp://127.0.0.1:{port}", {"until_closed": True}), "nmea")
        with RawLog(folder / "log") as log, Database.open(folder) as database:
            service = Service(folder, plan, [feed], log, database, until_closed=True, told=told)
            asyncio.run(service.run())
            reports = service.keeper.progress.reports
    p99_s = _percentile(with_alerts, 99)
    results.put(
        {
            "reports": reports,
            "kept_up": bool(behind and behind[0] < WITHIN_S and (p99_s or 0.0) < WITHIN_S),
            "behind_at_end_s": round(behind[0], 2) if behind else None,
            "alerts": len(with_alerts),
            "p50_s": _percentile(with_alerts, 50),
            "p99_s": p99_s,
            "most_s": _percentile(with_alerts, 100),
            "all_p50_s": _percentile(delays, 50),
            "all_p99_s": _percentile(delays, 99),
            "cpu_s": round(time.process_time(), 1),
            "mb": [round(m) for m in [*memory, _memory_mb()]],
        }
    )


def _percentile(values: list[float], percent: float) -> float | None:
    return round(float(np.percentile(values, percent)), 3) if values else None


def _memory_mb() -> float:
    with Path("/proc/self/statm").open() as told:
        return int(told.read().split()[1]) * 4096 / 1e6


def pyais_per_s(lines: Iterator[bytes]) -> float:
    """Give how many of these sentences pyais decodes a second."""
    import pyais

    found = [line.rsplit(b"\\", 1)[-1] for line in lines]
    began_s = time.perf_counter()
    for line in found:
        pyais.decode(line)
    return len(found) / (time.perf_counter() - began_s)


def main() -> None:
    """Measure every rate."""
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("--rates", default="3000,10000,30000", help="reports a second, one after another")
    options.add_argument("--minutes", type=float, default=10.0)
    options.add_argument("--every", type=int, default=10, help="seconds between reports of a ship under way")
    given = options.parse_args()
    peer = pyais_per_s(iter(Ships(20_000, 1).lines(int(time.time())).splitlines()))
    for rate in map(int, given.rates.split(",")):
        found = measure(rate, given.minutes, given.every)
        print(json.dumps({**found, "pyais_s": round(peer), "pyais_times": round(rate / peer, 2)}), flush=True)


if __name__ == "__main__":
    main()
