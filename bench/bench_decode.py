"""How fast AIS sentences are decoded, beside pyais: `python bench/bench_decode.py [MESSAGES]`.

Both work in this process on the same sentences, each on one core. Seavigil takes the stream as it
comes (tag blocks, $PGHP lines and all) to finished tables; pyais gets the AIS sentences as a list
of lines and only decodes them, which spares it the reading. One JSON line a case; then a table.
The recording of the Danish network is a case where it is at hand.
"""

from __future__ import annotations

import argparse
import gzip
import json
import os
import resource
import sys
import time
import tracemalloc
from collections.abc import Callable
from pathlib import Path

from pyais import IterMessages

from seavigil.exercises.encode import Dimensions, position_a, position_b, static_a
from seavigil.exercises.sentences import sentences
from seavigil.feeds.formats.nmea import NmeaReceiver

CHUNK_BYTES = 4 << 20
SHARED = Path(os.environ.get("SEAVIGIL_SHARED") or Path(__file__).resolve().parents[2] / "shared/data")
RECORDING = SHARED / "ais/dk-network-20131112.nmea.gz"
PYAIS_MESSAGES = 20_000
ROUNDS = 3


def invented(tagged: bool) -> bytes:
    """Give 5,000 invented messages: eight in ten of class A, one of class B, one static in two parts."""
    lines = []
    for i in range(5_000):
        mmsi, lat, lon = 219_000_000 + i % 700, 54 + i % 977 / 300, 8 + i % 991 / 150
        if i % 10 == 8:
            payload = position_b(mmsi, lat_deg=lat, lon_deg=lon, sog_kn=5.1, cog_deg=i % 360)
        elif i % 10 == 9:
            size = Dimensions(120, 20, 10, 12)
            payload = static_a(mmsi, name=f"SHIP {mmsi}", destination="AARHUS", dimensions=size)
        else:
            payload = position_a(mmsi, lat_deg=lat, lon_deg=lon, sog_kn=i % 200 / 10, cog_deg=i % 360)
        tag = {"station": "2573135", "time_s": 1_671_620_143 + i // 50} if tagged else {}
        lines.append(sentences(payload, sequence=i % 10, **tag))  # type: ignore[arg-type]
    return b"".join(lines)


def decode(data: bytes) -> int:
    """Decode a stream to tables; give how many messages it held."""
    receiver, messages = NmeaReceiver("bench"), 0
    for at in range(0, len(data), CHUNK_BYTES):
        messages += receiver.receive(data[at : at + CHUNK_BYTES], received_us=0).counts.get("messages", 0)
    return messages + receiver.finish(received_us=0).counts.get("messages", 0)


def decode_with_pyais(lines: list[bytes]) -> int:
    """Decode as many messages as make a fair sample; give their number."""
    messages = 0
    for message in IterMessages(lines):
        message.decode()
        messages += 1
        if messages == PYAIS_MESSAGES:
            break
    return messages


def rate(work: Callable[[], int]) -> float:
    """Give the best of ROUNDS rates, in messages a second of processor time."""
    rates = []
    for _ in range(ROUNDS):
        begin = time.process_time()
        messages = work()
        rates.append(messages / (time.process_time() - begin))
    return max(rates)


def peak_mib(work: Callable[[], int]) -> float:
    """Give how much memory the work takes at most beyond what is there before it."""
    tracemalloc.start()
    work()
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return peak / 2**20


def live_line_us(data: bytes) -> float:
    """Give the time one line takes when each comes alone, as from a live feed."""
    lines = data.splitlines(keepends=True)[:1_000]

    def one_by_one() -> int:
        receiver = NmeaReceiver("bench")
        for line in lines:
            receiver.receive(line, received_us=0)
        return len(lines)

    return 1e6 / rate(one_by_one)


def measure(name: str, data: bytes, at_least: int) -> dict[str, float | str | int]:
    """Measure one case: ``data`` repeated until it holds ``at_least`` messages."""
    once = decode(data)
    stream = data * -(-at_least // once)
    lines = [line[line.index(b"!") :] for line in data.splitlines() if b"!" in line]
    ours, theirs = rate(lambda: decode(stream)), rate(lambda: decode_with_pyais(lines))
    return {
        "case": name,
        "messages": once * (len(stream) // len(data)),
        "mib": round(len(stream) / 2**20, 1),
        "seavigil_per_s": round(ours),
        "pyais_per_s": round(theirs),
        "ratio": round(ours / theirs, 1),
        "seavigil_peak_mib": round(peak_mib(lambda: decode(stream)), 1),
        "line_alone_us": round(live_line_us(data)),
    }


def main() -> int:
    """Measure the cases, print a JSON line for each and a table of all."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("messages", nargs="?", type=int, default=300_000)
    at_least = parser.parse_args().messages
    cases = {"sentences": invented(False), "tag blocks": invented(True)}
    if RECORDING.exists():
        cases["danish network"] = gzip.decompress(RECORDING.read_bytes())
    rows = []
    for name, data in cases.items():
        rows.append(measure(name, data, at_least))
        print(json.dumps(rows[-1]), flush=True)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"# {'case':<16}{'Seavigil/s':>12}{'pyais/s':>10}{'ratio':>8}{'peak MiB':>10}{'one line us':>13}")
    for row in rows:
        print(
            f"# {row['case']:<16}{row['seavigil_per_s']:>12,}{row['pyais_per_s']:>10,}{row['ratio']:>8}"
            f"{row['seavigil_peak_mib']:>10}{row['line_alone_us']:>13}"
        )
    print(f"# whole process at most {peak:.0f} MiB, of which {at_least:,} messages held as input")
    return 0


if __name__ == "__main__":
    sys.exit(main())
