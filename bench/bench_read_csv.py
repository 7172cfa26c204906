"""How fast Danish AIS CSV is read, and in how much memory: `python bench/bench_read_csv.py [ROWS]`.

The rows are invented: 3,000 ships whose static data change now and then, as in the daily files.
"""

from __future__ import annotations

import argparse
import os
import random
import resource
import time
from collections.abc import Iterator

os.environ.setdefault("POLARS_MAX_THREADS", "1")

from seavigil.feeds.formats import dma_csv

HEADER = (
    b"# Timestamp,Type of mobile,MMSI,Latitude,Longitude,Navigational status,ROT,SOG,COG,Heading,IMO,"
    b"Callsign,Name,Ship type,Cargo type,Width,Length,Type of position fixing device,Draught,"
    b"Destination,ETA,Data source type,A,B,C,D\n"
)
SHIPS = 3_000
BLOCK_ROWS = 30_000


def rows(begin: int, end: int, chance: random.Random) -> bytes:
    """Write invented rows ``begin`` to ``end`` of one day."""
    lines = []
    for i in range(begin, end):
        ship = chance.randrange(SHIPS)
        second = i // 30 % 86_400
        lines.append(
            f"01/06/2018 {second // 3600:02d}:{second // 60 % 60:02d}:{second % 60:02d},Class A,"
            f"{219_000_000 + ship},{55 + chance.random():.6f},{11 + chance.random():.6f},"
            f"Under way using engine,0.0,{chance.random() * 20:.1f},{chance.random() * 359.9:.1f},"
            f"{chance.randrange(360)},{9_000_000 + ship},OXA{ship},SHIP {ship},Cargo,,{ship % 40 + 5},"
            f"{ship % 300 + 20},GPS,7.1,{'GDANSK' if i % 900_000 < 600_000 else 'AARHUS'},"
            f"05/06/2018 12:00:00,AIS,{ship % 200 + 1},{ship % 100 + 19},10,10\n"
        )
    return "".join(lines).encode()


def blocks(total: int) -> Iterator[bytes]:
    """Give the invented file in blocks, the header first."""
    chance = random.Random(1)
    yield HEADER
    for begin in range(0, total, BLOCK_ROWS):
        yield rows(begin, min(total, begin + BLOCK_ROWS), chance)


def main() -> None:
    """Read the rows and print the rate, without the time it took to invent them."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("rows", nargs="?", type=int, default=600_000)
    total = parser.parse_args().rows
    receiver = dma_csv.open_receiver("bench")
    spent_s = cpu_s = 0.0
    reports = vessels = size_bytes = 0
    for block in blocks(total):
        begin_s, begin_cpu_s = time.perf_counter(), time.process_time()
        decoded = receiver.receive(block, received_us=0)
        spent_s += time.perf_counter() - begin_s
        cpu_s += time.process_time() - begin_cpu_s
        reports += decoded.reports.num_rows
        vessels += decoded.vessels.num_rows
        size_bytes += len(block)
    peak_mib = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(
        f"dma-csv: {reports:,} reports, {vessels:,} vessel rows, {size_bytes / 1e6:.0f} MB "
        f"in {spent_s:.2f} s: "
        f"{reports / spent_s:,.0f} rows/s ({reports / cpu_s:,.0f} per CPU second), peak {peak_mib:.0f} MiB"
    )


if __name__ == "__main__":
    main()
