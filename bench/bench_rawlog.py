"""How fast the raw log takes and gives records: `python bench/bench_rawlog.py [RECORDS]`.

A record is one AIS sentence of some 80 bytes, in batches of 1,500 as the service writes them; sealing
goes on beside. The peer is sqlite3 of the standard library in the same run, under the same promise: a
batch is committed when it is with the operating system (WAL, synchronous=OFF), and the disk is told once
a second or every 4 MiB. One JSON line for each, and one with the ratios.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import sqlite3
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from seavigil.store.rawlog import Entry, Kind, RawLog

BATCH = 1_500
#: Five times the whole world's AIS.
WANTED_PER_S = 30_000
SYNC_S, SYNC_BYTES = 1.0, 4 << 20
#: Invented payloads; the characters are those of AIS armour.
ARMOUR = "0123456789:;<=>?@ABCDEFGHIJKLMNOPQRSTUVW`abcdefghijklmnopqrstuvw"


def batches(total: int) -> list[list[Entry]]:
    """Invent sentences, one a record."""
    chance = random.Random(1)
    made = []
    for first in range(0, total, BATCH):
        rows = range(first, min(first + BATCH, total))
        payloads = ["".join(chance.choices(ARMOUR, k=28)) for _ in rows]
        wall_us = 1_763_611_200_000_000 + first * 1_000_000 // WANTED_PER_S
        lines = [f"\\s:2190048,c:1763611200*0E\\!BSVDM,1,1,,A,{p},0*2A\r\n".encode() for p in payloads]
        made.append([Entry(Kind.DATA, wall_us, 1, 1, line) for line in lines])
    return made


def measured(name: str, what: str, records: int, size: int, do: Callable[[], int]) -> dict[str, object]:
    """Run one case and print it; CPU time is that of all threads."""
    begin_s, begin_cpu_s = time.perf_counter(), time.process_time()
    assert do() == records
    spent_s, cpu_s = time.perf_counter() - begin_s, time.process_time() - begin_cpu_s
    line = {
        "case": f"{name} {what}",
        "records_per_s": round(records / spent_s),
        "mb_per_s": round(size / spent_s / 1e6, 1),
        "cpu_us_per_record": round(cpu_s / records * 1e6, 2),
        "core_share_at_30000_per_s": round(cpu_s / records * WANTED_PER_S, 4),
    }
    print(json.dumps(line), flush=True)
    return line


class Peer:
    """The same records in an SQLite table."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._db = sqlite3.connect(path, isolation_level=None)
        self._db.execute("PRAGMA journal_mode=WAL")
        self._db.execute("PRAGMA synchronous=OFF")
        columns = "seq INTEGER PRIMARY KEY, kind INT, wall_us INT, feed INT, stream INT, payload BLOB"
        self._db.execute(f"CREATE TABLE log ({columns})")

    def append(self, made: list[list[Entry]]) -> int:
        """Insert all batches; gives how many records there are."""
        synced_s, unsynced = time.perf_counter(), 0
        for batch in made:
            rows = [(e.kind, e.wall_us, e.feed, e.stream, e.payload) for e in batch]
            self._db.execute("BEGIN")
            self._db.executemany(
                "INSERT INTO log (kind, wall_us, feed, stream, payload) VALUES (?, ?, ?, ?, ?)", rows
            )
            self._db.execute("COMMIT")
            unsynced += sum(len(e.payload) for e in batch)
            if unsynced >= SYNC_BYTES or time.perf_counter() - synced_s >= SYNC_S:
                self._sync()
                synced_s, unsynced = time.perf_counter(), 0
        self._sync()
        return int(self._db.execute("SELECT max(seq) FROM log").fetchone()[0])

    def _sync(self) -> None:
        for path in (self._path, Path(f"{self._path}-wal")):
            number = os.open(path, os.O_RDONLY)
            os.fdatasync(number)
            os.close(number)

    def read(self) -> int:
        """Read all rows; gives how many."""
        return sum(1 for _ in self._db.execute("SELECT * FROM log ORDER BY seq"))


def log_append(folder: Path, made: list[list[Entry]]) -> int:
    """Append all batches to a raw log and wait until it is synced and sealed; gives how many there are."""
    with RawLog(folder) as log:
        for batch in made:
            log.append(batch)
        log.settle()
        return log.next_seq - 1


def log_read(folder: Path) -> int:
    """Read all records; gives how many."""
    with RawLog(folder) as log:
        return sum(1 for _ in log.read())


def main() -> None:
    """Measure both and print the ratios."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("records", nargs="?", type=int, default=1_500_000)
    total = parser.parse_args().records
    made = batches(total)
    size = sum(len(e.payload) for batch in made for e in batch)
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder)
        peer = Peer(place / "peer.sqlite")
        ours = [
            measured("raw log", "append and seal", total, size, lambda: log_append(place / "log", made)),
            measured("raw log", "read", total, size, lambda: log_read(place / "log")),
        ]
        theirs = [
            measured("sqlite3", "append", total, size, lambda: peer.append(made)),
            measured("sqlite3", "read", total, size, peer.read),
        ]
        disk = sum(path.stat().st_size for path in (place / "log").iterdir())
        peer_disk = sum(path.stat().st_size for path in place.glob("peer.sqlite*"))
    ratios = {
        f"{what}_cpu_times_peer": round(
            float(str(a["cpu_us_per_record"])) / float(str(b["cpu_us_per_record"])), 2
        )
        for what, a, b in zip(("append", "read"), ours, theirs, strict=True)
    }
    print(json.dumps({**ratios, "disk_times_peer": round(disk / peer_disk, 2)}))


if __name__ == "__main__":
    main()
