"""What is in a recording: gathered on the way through the same steps as a watch."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from seavigil.records import UNUSABLE_POSITION, Decoded, TimeSource
from seavigil.runners.batch import Reader
from seavigil.runners.live import Outcome
from seavigil.runners.summary import Summary

#: Cells of the coverage map, in degrees.
CELL_DEG = 0.02


class Contents:
    """Counts by message type, station and time source, the box and the cells heard from."""

    def __init__(self) -> None:
        self._counters: dict[str, Counter[Any]] = {
            n: Counter() for n in ("message_types", "stations", "time_sources", "counts")
        }
        self._formats: dict[str, str] = {}
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
                if k not in ("assets", "assets_not_heard", "events", "alerts", "faults")
            },
            "formats": dict(self._formats),
            "reports_per_s": summary.reports / span_s if span_s else 0.0,
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
