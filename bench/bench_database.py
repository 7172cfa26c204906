"""How many revisions of alerts a second a store takes: `python bench/bench_database.py [REVISIONS] [STORE]`.

Alerts that grow, with a transition, an event and two letters each, in batches of the sizes that a busy and a
quiet judge saves; STORE is an empty store (a temporary SQLite file without it). One JSON line a size.
"""

from __future__ import annotations

import argparse
import json
import tempfile
import time
from pathlib import Path

from seavigil.store.database import Database
from seavigil.store.rows import AlertRow, Batch, EventRow, OutboxRow, TransitionRow, alert_row

START_US = 1_767_225_600_000_000
#: Revisions of one alert: own choice, about what a drag has.
REVISIONS_EACH = 10


def alert(number: int) -> AlertRow:
    """Give one revision with as much in its line (some 3 kB) as alerts of the watch have."""
    alert_id, revision, at_us = (
        f"alert-{number // REVISIONS_EACH}",
        number % REVISIONS_EACH + 1,
        START_US + number,
    )
    reason = {"code": "slowdown", "observed": 5.6, "expected": 9.8, "unit": "kn", "weight": 1.9}
    line = {
        "alert_id": alert_id,
        "revision": revision,
        "status": "open",
        "priority": "warning",
        "behaviours": ["crossing", "drifting", "anchor_drag_under_way"],
        "vessel": {"vessel_id": "299000001", "mmsi": 299_000_001, "name": "EXERCISE ALDER"},
        "assets": [
            {"asset_id": f"link-{n}", "name": f"Demo Link {n}", "kind": "power_cable"} for n in range(4)
        ],
        "position": {"lat_deg": 59.8, "lon_deg": 25.4},
        "reasons": [reason] * 15,
        "innocent_readings": [{"code": "engine_trouble", "text": "x" * 60, "fits": None}] * 8,
        "event_ids": [f"event-{alert_id}-{n}" for n in range(3)],
    }
    times = {"began_us": START_US, "ended_us": None, "detected_at_us": at_us, "revised_at_us": at_us}
    return alert_row(line, times)


def batch(first: int, size: int) -> Batch:
    """Give the batch that begins with one revision."""
    alerts = [alert(n) for n in range(first, first + size)]
    at_us = START_US + first
    return Batch(
        position=first + size,
        wall_us=at_us,
        alerts=alerts,
        transitions=[
            TransitionRow(a.alert_id, a.revision, "grew", "open", "open", "seavigil", at_us, at_us)
            for a in alerts
        ],
        events=[_event(a) for a in alerts],
        outbox=[_letter(a, channel, at_us) for a in alerts for channel in ("hook", "mail")],
    )


def _event(row: AlertRow) -> EventRow:
    times = (row.began_us, None, row.revised_at_us)
    return EventRow(
        row.event_ids[0],
        row.revision,
        "crossing",
        "299000001",
        row.mmsi,
        "link-1",
        *times,
        59.8,
        25.4,
        {"a": 1},
    )


def _letter(row: AlertRow, channel: str, at_us: int) -> OutboxRow:
    key = f"{row.alert_id}:{row.revision}:{channel}"
    return OutboxRow(key, channel, row.alert_id, row.revision, row.priority, "grew", at_us, row.line)


def main() -> None:
    """Measure."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("revisions", type=int, nargs="?", default=20_000)
    parser.add_argument("store", nargs="?")
    told = parser.parse_args()
    first = 0
    with tempfile.TemporaryDirectory() as folder, Database.open(told.store or Path(folder)) as database:
        for size in (1, 10, 100, 1000):
            count = min(told.revisions, 1000 * size) // size
            made = [batch(first + n * size, size) for n in range(count)]
            first += count * size
            began = time.perf_counter()
            for one in made:
                database.save(one)
            took_s = time.perf_counter() - began
            figures = {
                "revisions_per_s": round(count * size / took_s),
                "batch_ms": round(1000 * took_s / count, 2),
            }
            print(json.dumps({"case": "save", "batch_revisions": size, "batches": count, **figures}))


if __name__ == "__main__":
    main()
