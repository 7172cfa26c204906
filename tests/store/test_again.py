"""Stored rows as they were decoded: those of the hours asked for, each once, with what is in no file yet."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa

from seavigil.records import DAY_US, HOUR_US, REPORTS, TRACKED, VESSELS, parse_time_us, table
from seavigil.store.again import STATICS_DAYS, decoded
from seavigil.store.days import DayFiles
from seavigil.store.sightings import Unwritten

BEGAN_US = parse_time_us("2025-11-20T22:00:00Z")


def rows(hours: Sequence[float], schema: pa.Schema = TRACKED) -> pa.Table:
    """Give rows so many hours after ten in the evening; their number is their id."""
    n = len(hours)
    columns = {
        "report_id": np.array([round(hour * 100) for hour in hours], dtype=np.int64) + 100_000,
        "time_us": np.array([BEGAN_US + round(hour * HOUR_US) for hour in hours], dtype=np.int64),
        "time_source": np.ones(n, dtype=np.uint8),
        "mmsi": np.full(n, 265_000_001, dtype=np.uint32),
    }
    if schema is TRACKED:
        columns["payload_id"] = columns["report_id"]
        columns |= {"vessel_part": np.zeros(n, dtype=np.uint8), "flags": np.zeros(n, dtype=np.uint32)}
    return table(schema, columns, n)


@dataclass(frozen=True)
class Watch:
    """A watch with rows in memory."""

    newest: Unwritten

    def unwritten(self) -> Unwritten:
        """Give them."""
        return self.newest


def read(days: DayFiles, begin: float, end: float, fresh: Watch | None = None) -> tuple[list[int], list[int]]:
    """Give the ids of the reports and of the static rows between two hours."""
    found = list(decoded(days, BEGAN_US + round(begin * HOUR_US), BEGAN_US + round(end * HOUR_US), fresh))
    assert all(one.reports.schema.equals(REPORTS) and one.vessels.schema.equals(VESSELS) for one in found)
    reports = [i - 100_000 for one in found for i in one.reports["report_id"].to_pylist()]
    vessels = [i - 100_000 for one in found for i in one.vessels["report_id"].to_pylist()]
    return reports, vessels


def test_the_hours_asked_for(tmp_path: Path) -> None:
    """Over midnight, both ends included; nothing before and nothing after."""
    days = DayFiles(tmp_path)
    days.write("reports", rows([0.0, 1.0, 1.5, 2.5, 3.0, 4.0]), 1, 1)
    assert read(days, 1.0, 3.0)[0] == [100, 150, 250, 300]
    assert read(days, 5.0, 9.0)[0] == []


def test_what_ships_said_of_themselves_before(tmp_path: Path) -> None:
    """Who she is was said before the hours, up to a week; what she says later is not known yet."""
    days = DayFiles(tmp_path)
    week_h = STATICS_DAYS * DAY_US / HOUR_US
    days.write("vessels", rows([-week_h - 1.0, 1.0 - week_h, 0.0, 2.0, 3.5], VESSELS), 1, 1)
    assert read(days, 1.0, 3.0)[1] == [round((1.0 - week_h) * 100), 0, 200]


def test_what_is_in_no_file_yet(tmp_path: Path) -> None:
    """Rows in memory count as well, each once: a part that is written meanwhile is not read beside them."""
    days = DayFiles(tmp_path)
    days.write("reports", rows([1.0, 1.1]), 1, 4)
    fresh = Watch(Unwritten(5, {"reports": (rows([1.2]), rows([1.3, 9.0]))}))
    assert read(days, 1.0, 3.0, fresh)[0] == [100, 110, 120, 130]
    days.write("reports", rows([1.2, 1.3, 9.0]), 5, 9)
    assert read(days, 1.0, 3.0, fresh)[0] == [100, 110, 120, 130]
    assert read(days, 1.0, 3.0, Watch(Unwritten(10, {})))[0] == [100, 110, 120, 130]
