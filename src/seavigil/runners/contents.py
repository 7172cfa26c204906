"""What is in a recording: gathered on the way through the same steps as a watch."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from itertools import pairwise
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from seavigil.records import SECOND_US, UNUSABLE_POSITION, Decoded, Flag, TimeSource, vessel_id
from seavigil.runners.batch import Reader
from seavigil.runners.live import Outcome
from seavigil.runners.summary import Summary

#: Cells of the coverage map, in degrees.
CELL_DEG = 0.02
#: Rows whose times say nothing about how often a ship reports.
_NOT_COUNTED = np.uint32(Flag.NOT_A_SHIP | Flag.LATE | Flag.WRONG_CLOCK)


class Intervals:
    """How often each ship reports: its intervals in whole seconds, counted, so memory stays small."""

    def __init__(self) -> None:
        self._newest: dict[int, tuple[int, int]] = {}  # ship -> (time of its newest row, rows so far)
        self._counts: dict[int, Counter[int]] = {}

    def add(self, reports: pa.Table) -> None:
        """Take rows that follow, in time order, those taken before."""
        rows = reports.filter(pa.array((reports["flags"].to_numpy() & _NOT_COUNTED) == 0))
        ship = rows["mmsi"].to_numpy().astype(np.int64) * 256 + rows["vessel_part"].to_numpy()
        time_us = rows["time_us"].cast(pa.int64()).to_numpy()
        order = np.lexsort((time_us, ship))
        ship, time_us = ship[order], time_us[order]
        starts = np.flatnonzero(np.diff(ship, prepend=-1)).tolist()
        for first, end in pairwise([*starts, len(ship)]):
            one, own_us = int(ship[first]), time_us[first:end]
            before_us, count = self._newest.get(one, (int(own_us[0]), 0))
            steps_us = np.diff(own_us, prepend=before_us)[0 if count else 1 :]
            self._newest[one] = (int(own_us[-1]), count + len(own_us))
            seconds, times = np.unique(np.rint(steps_us / SECOND_US).astype(np.int64), return_counts=True)
            counts = self._counts.setdefault(one, Counter())
            counts.update(dict(zip(seconds.tolist(), times.tolist(), strict=True)))

    def as_json(self) -> list[dict[str, Any]]:
        """Give each ship's reports and median interval (null for one report alone), by MMSI."""
        return [
            {
                "vessel_id": vessel_id(*divmod(ship, 256)),
                "reports": self._newest[ship][1],
                "median_interval_s": _median(self._counts[ship]),
            }
            for ship in sorted(self._newest)
        ]


def _median(counts: Counter[int]) -> int | None:
    """Give the (lower) median of counted values."""
    left = (counts.total() + 1) // 2
    for value in sorted(counts):
        left -= counts[value]
        if left <= 0:
            return value
    return None


class Contents:
    """Counts by message type, station and time source, intervals, the box and the cells heard from."""

    def __init__(self) -> None:
        self._counters: dict[str, Counter[Any]] = {
            n: Counter() for n in ("message_types", "stations", "time_sources", "counts")
        }
        self._formats: dict[str, str] = {}
        self._intervals = Intervals()
        self._cells: Counter[tuple[int, int]] = Counter()
        self._box: list[float] = []

    def recognised(self, source: str, name: str) -> None:
        """Note the format of one source."""
        self._formats[source] = name

    def reading(self, read: Reader) -> Reader:
        """Wrap a reader so that what it reads is counted."""

        def counted(source: str) -> Iterator[Decoded]:
            for decoded in read(source):
                self._counters["counts"].update(decoded.counts)
                yield decoded

        return counted

    def watched(self, outcome: Outcome) -> None:
        """Count what came out of the tracks."""
        reports = outcome.reports
        for title, column in (
            ("message_types", "msg_type"),
            ("stations", "station"),
            ("time_sources", "time_source"),
        ):
            for row in pc.value_counts(reports[column]).to_pylist():
                if row["values"] is not None:
                    self._counters[title][row["values"]] += row["counts"]
        self._intervals.add(reports)
        usable = (reports["flags"].to_numpy() & np.uint32(UNUSABLE_POSITION)) == 0
        if usable.any():
            self._place(reports.select(["lat_deg", "lon_deg"]).filter(pa.array(usable)))

    def _place(self, rows: pa.Table) -> None:
        lat, lon = rows["lat_deg"].to_numpy(), rows["lon_deg"].to_numpy()
        cell = np.stack([np.floor(lat / CELL_DEG), np.floor(lon / CELL_DEG)]).astype(np.int64)
        cells, counts = np.unique(cell, axis=1, return_counts=True)
        for (y, x), n in zip(cells.T.tolist(), counts.tolist(), strict=True):
            self._cells[(y, x)] += n
        now = [lat.min(), lat.max(), lon.min(), lon.max()]
        old = self._box or now
        self._box = [min(old[0], now[0]), max(old[1], now[1]), min(old[2], now[2]), max(old[3], now[3])]

    def as_json(self, summary: Summary) -> dict[str, Any]:
        """Give everything as plain values, the summary of the run included."""
        facts = summary.as_json()
        span_s = 0.0 if summary.first_us is None else ((summary.last_us or 0) - summary.first_us) / 1e6
        heard = summary.reports + summary.duplicates
        names = ("south_deg", "north_deg", "west_deg", "east_deg")
        sources = self._counters["time_sources"]
        return {
            **{
                k: facts[k]
                for k in facts
                if k not in ("assets", "assets_not_heard", "contacts", "events", "alerts", "faults")
            },
            "formats": dict(self._formats),
            "reports_per_s": summary.reports / span_s if span_s else 0.0,
            "vessel_rates": self._intervals.as_json(),
            "duplicate_share": summary.duplicates / heard if heard else 0.0,
            "box": dict(zip(names, map(float, self._box), strict=True)) if self._box else None,
            "message_types": {str(k): n for k, n in sorted(self._counters["message_types"].items())},
            "stations": dict(self._counters["stations"].most_common()),
            "time_sources": {TimeSource(k).name.lower(): n for k, n in sources.most_common()},
            "counts": dict(sorted(self._counters["counts"].items())),
            "cells": [
                {"lat_deg": round(y * CELL_DEG, 4), "lon_deg": round(x * CELL_DEG, 4), "reports": n}
                for (y, x), n in sorted(self._cells.items())
            ],
        }
