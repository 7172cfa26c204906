"""A few reports and static rows for the store: only what orders them matters."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from seavigil.records import REPORTS, VESSELS, Decoded, table


def decoded(reports: Sequence[tuple[int, int]], vessels: Sequence[tuple[int, int]] = ()) -> Decoded:
    """Give rows of (time_us, report_id); ``offset_bytes`` numbers them."""
    return Decoded(*(_rows(schema, rows) for schema, rows in ((REPORTS, reports), (VESSELS, vessels))))


def _rows(schema: object, rows: Sequence[tuple[int, int]]) -> object:
    n = len(rows)
    columns: dict[str, object] = {
        "time_us": np.array([r[0] for r in rows], dtype=np.int64),
        "report_id": np.array([r[1] for r in rows], dtype=np.uint64),
        "time_source": np.ones(n, dtype=np.uint8),
        "mmsi": np.full(n, 299_000_001, dtype=np.uint32),
        "offset_bytes": np.arange(n, dtype=np.int64),
    }
    if schema is REPORTS:
        columns["payload_id"] = columns["report_id"]
    return table(schema, columns, n)
