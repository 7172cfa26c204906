"""From Danish AIS CSV to alerts: rows a second, peak memory, and where the time goes.

Run: ``python bench/bench_watch.py [rows]``. Prints one JSON line a case, each measured in a process
of its own: ``polars`` merely reads the same file and parses its times (the peer), ``watch`` is
`seavigil watch --out`, ``watch in little memory`` the same with few rows kept in memory. The
traffic is invented: ships on legs through the Gulf of Finland and ships at anchor, over the
demo's cables, about as many reports an hour as the Danish day files have.
"""

from __future__ import annotations

import functools
import json
import resource
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
import polars as pl

ROWS, SHIPS = 1_000_000, 2_000
LITTLE_MEMORY_ROWS = 100_000
BLOCK_S = 600
#: Reports under way and at anchor come so often (ITU-R M.1371-5, table 1).
UNDER_WAY_S, AT_ANCHOR_S = 10, 180
SOUTH_DEG, NORTH_DEG, WEST_DEG, EAST_DEG = 59.3, 60.2, 22.0, 27.5
BEGAN_S = 1_735_689_600  # 2025-01-01
UNKNOWN = "Unknown"


def write_traffic(path: Path, rows: int, ships: int = SHIPS, seed: int = 1) -> None:
    """Write ``rows`` invented reports as a Danish day file, in order of time, never all in memory."""
    left = rows
    with path.open("wb") as out:
        for number, block in enumerate(_blocks(ships, np.random.default_rng(seed))):
            _write(block.head(left), out, header=number == 0)
            left -= block.height
            if left <= 0:
                return


def _write(block: pl.DataFrame, out: BinaryIO, *, header: bool) -> None:
    block.write_csv(out, include_header=header, quote_style="never", float_precision=6)


def _blocks(ships: int, rng: np.random.Generator) -> Iterator[pl.DataFrame]:
    """Give ten minutes of traffic after ten minutes: each ship holds her course for as long."""
    lat, lon = rng.uniform(SOUTH_DEG, NORTH_DEG, ships), rng.uniform(WEST_DEG, EAST_DEG, ships)
    anchored = rng.random(ships) < 0.3
    sog = np.where(anchored, rng.uniform(0, 0.3, ships), rng.uniform(5, 20, ships))
    cog = rng.uniform(0, 360, ships)
    every_s = np.where(anchored, AT_ANCHOR_S, UNDER_WAY_S)
    static = _static(ships)
    began_s = BEGAN_S
    while True:
        after_s, ship = _times(every_s, began_s)
        north, east = _miles(sog, cog)
        where = (
            lat[ship] + north[ship] * after_s,
            lon[ship] + east[ship] / np.cos(np.radians(lat[ship])) * after_s,
        )
        yield _frame(began_s + after_s, ship, where, sog, cog, anchored, static)
        lat, lon = lat + north * BLOCK_S, lon + east / np.cos(np.radians(lat)) * BLOCK_S
        outside = (lat < SOUTH_DEG) | (lat > NORTH_DEG) | (lon < WEST_DEG) | (lon > EAST_DEG)
        home = np.degrees(np.arctan2((24.75 - lon) * 0.5, 59.75 - lat)) % 360
        cog = np.where(outside, home, cog + rng.normal(0, 8, ships)) % 360
        began_s += BLOCK_S


def _times(every_s: np.ndarray, began_s: int) -> tuple[np.ndarray, np.ndarray]:
    """Give the seconds after ``began_s`` at which ships report, in order, and which ship it is."""
    second, ship = np.nonzero(
        (began_s + np.arange(BLOCK_S)[:, None] + np.arange(len(every_s))) % every_s == 0
    )
    return second, ship


def _miles(sog: np.ndarray, cog: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Give degrees of latitude a second northward, and as many miles eastward."""
    per_s = sog / 3600 / 60
    return per_s * np.cos(np.radians(cog)), per_s * np.sin(np.radians(cog))


def _static(ships: int) -> dict[str, list[Any]]:
    numbers = range(ships)
    return {
        "MMSI": [299_000_000 + i for i in numbers],
        "Name": [f"EXERCISE {i}" for i in numbers],
        "Callsign": [f"Q{i}" for i in numbers],
        "Ship type": [("Cargo", "Tanker", "Passenger", "Fishing")[i % 4] for i in numbers],
        "Length": [30 + i % 270 for i in numbers],
        "Width": [6 + i % 40 for i in numbers],
        "Destination": ["EXERCISE"] * ships,
    }


def _frame(
    time_s: np.ndarray,
    ship: np.ndarray,
    where: tuple[np.ndarray, np.ndarray],
    sog: np.ndarray,
    cog: np.ndarray,
    anchored: np.ndarray,
    static: dict[str, list[Any]],
) -> pl.DataFrame:
    told = pl.DataFrame(static)[ship]
    status = np.where(anchored, "At anchor", "Under way using engine")
    times = pl.Series(time_s).cast(pl.Int64) * 1_000
    return pl.DataFrame(
        {
            "# Timestamp": times.cast(pl.Datetime("ms")).dt.strftime("%d/%m/%Y %H:%M:%S"),
            "Type of mobile": pl.repeat("Class A", len(ship), eager=True),
            "MMSI": told["MMSI"],
            "Latitude": where[0],
            "Longitude": where[1],
            "Navigational status": status[ship],
            "ROT": pl.repeat("0.0", len(ship), eager=True),
            "SOG": _tenths(sog)[ship],
            "COG": _tenths(cog)[ship],
            "Heading": cog.astype(np.int64)[ship],
            "IMO": pl.repeat(UNKNOWN, len(ship), eager=True),
            "Callsign": told["Callsign"],
            "Name": told["Name"],
            "Ship type": told["Ship type"],
            "Cargo type": pl.repeat("", len(ship), eager=True),
            "Width": told["Width"],
            "Length": told["Length"],
            "Type of position fixing device": pl.repeat("GPS", len(ship), eager=True),
            "Draught": _tenths(told["Length"].to_numpy() / 30),
            "Destination": told["Destination"],
            "ETA": pl.repeat("", len(ship), eager=True),
            "Data source type": pl.repeat("AIS", len(ship), eager=True),
        }
    )


def _tenths(values: np.ndarray) -> pl.Series:
    return pl.Series(values.round(1)).cast(pl.String)


def read_with_polars(path: Path, began: Callable[[], None]) -> dict[str, Any]:
    """Read the whole file and parse its times: what any program must do at least."""
    began()
    when = pl.col("# Timestamp").str.to_datetime("%d/%m/%Y %H:%M:%S")
    frame = pl.read_csv(path, infer_schema_length=10_000).with_columns(when)
    return {"rows": frame.height}


def watch(path: Path, began: Callable[[], None], memory_rows: int) -> dict[str, Any]:
    """Watch the file as `seavigil watch --out` does and say where the time went.

    ``began`` is called when everything is imported and the assets are read.
    """
    from seavigil.alerts import AlertBook
    from seavigil.assets.read import read as read_assets
    from seavigil.exercises import gulf_of_finland
    from seavigil.feeds import recordings
    from seavigil.normal.coverage import CoverageLearner
    from seavigil.risk import Assessor
    from seavigil.runners import batch
    from seavigil.runners.facts import Facts
    from seavigil.runners.ships import Ships
    from seavigil.runners.summary import Summary
    from seavigil.store.results import Results
    from seavigil.store.spool import Spool
    from seavigil.tracks import Tracker

    spent_s: defaultdict[str, float] = defaultdict(float)
    for part, owner, names in (
        ("spool", Spool, ("add",)),
        ("tracks", Tracker, ("add",)),
        ("behaviours", Ships, ("detect",)),
        ("risk and alerts", Assessor, ("assess",)),
        ("risk and alerts", AlertBook, ("advance",)),
        ("risk and alerts", Facts, ("alert", "knowledge")),
        ("static data and coverage", Facts, ("learn",)),
        ("static data and coverage", CoverageLearner, ("add",)),
        ("summary", Summary, ("read", "watched")),
        ("write", Results, ("add", "commit", "write_geojson")),
    ):
        for name in names:
            setattr(owner, name, _timed(getattr(owner, name), part, spent_s))

    exercise = gulf_of_finland(seed=1)

    def read(source: str) -> Iterator[Any]:
        return _timed_pieces(recordings.read(source, received_us=0), "read", spent_s)

    in_order = Spool.pieces
    setattr(Spool, "pieces", lambda spool: _timed_pieces(in_order(spool), "spool", spent_s))  # noqa: B010

    with tempfile.TemporaryDirectory() as folder:
        assets = Path(folder) / "assets.geojson"
        assets.write_text(exercise.assets_geojson)
        job = batch.Job([str(path)], read_assets([assets]), Path(folder) / "out", memory_rows=memory_rows)
        began()
        summary = batch.run(job, read)
    split = {f"{part}_s": round(seconds, 2) for part, seconds in sorted(spent_s.items(), key=lambda s: -s[1])}
    return {"rows": summary.reports, "alerts": len(summary.alerts), "split": split}


def _timed_pieces(pieces: Iterator[Any], part: str, spent_s: dict[str, float]) -> Iterator[Any]:
    following = _timed(functools.partial(next, pieces, None), part, spent_s)
    while (piece := following()) is not None:
        yield piece


def _timed(work: Callable[..., Any], part: str, spent_s: dict[str, float]) -> Callable[..., Any]:
    @functools.wraps(work, updated=())
    def measured(*arguments: Any, **named: Any) -> Any:
        began_s = time.perf_counter()
        try:
            return work(*arguments, **named)
        finally:
            spent_s[part] += time.perf_counter() - began_s

    return measured


CASES: dict[str, Callable[[Path, Callable[[], None]], dict[str, Any]]] = {
    "polars": read_with_polars,
    "watch": functools.partial(watch, memory_rows=2_000_000),
    "watch in little memory": functools.partial(watch, memory_rows=LITTLE_MEMORY_ROWS),
}


def measure(case: str, path: Path) -> None:
    """Print the speed of one case, imports left out, and the most memory its process had."""
    clocks: list[tuple[float, float]] = []

    def tick() -> None:
        clocks.append((time.perf_counter(), time.process_time()))

    found = CASES[case](path, tick)
    tick()
    took_s, cpu_s = (end - begin for begin, end in zip(*clocks, strict=True))
    figures = {"took_s": round(took_s, 2), "rows_per_s": round(found["rows"] / took_s)}
    figures["rows_per_cpu_s"] = round(found["rows"] / cpu_s)
    peak_mb = round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)
    print(json.dumps({"case": case, **found, **figures, "peak_mb": peak_mb}))


def main() -> None:
    """Invent the traffic, then measure each case in a process of its own."""
    if len(sys.argv) > 2:
        measure(sys.argv[1], Path(sys.argv[2]))
        return
    rows = int(sys.argv[1]) if len(sys.argv) > 1 else ROWS
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "traffic.csv"
        write_traffic(path, rows)
        took_s = {}
        for case in CASES:
            line = subprocess.check_output([sys.executable, __file__, case, str(path)], text=True)
            print(line, end="", flush=True)
            took_s[case] = json.loads(line)["took_s"]
    print(json.dumps({"watch takes times as long as polars": round(took_s["watch"] / took_s["polars"], 1)}))


if __name__ == "__main__":
    main()
