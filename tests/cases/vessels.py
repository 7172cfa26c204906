"""What drawn ships say of themselves."""

from __future__ import annotations

import pyarrow as pa

from seavigil.records import VESSELS, parse_time_us, table


def typed(ship_type: int, mmsi: int = 299_100_001, at: str = "2025-01-01T00:00:00Z") -> pa.Table:
    """Give static data with nothing but a ship's type (ITU-R M.1371-5 table 53), heard at one time."""
    columns = {"report_id": [1], "time_us": [parse_time_us(at)], "mmsi": [mmsi], "ship_type": [ship_type]}
    return table(VESSELS, columns, rows=1)
