"""The last step every format but NMEA shares: typed columns to the tables of `seavigil.records`.

"Not available" as ITU-R M.1371-5 codes it (tables 48 and 52: latitude 91, longitude 181, speed
102.3, course 360, heading 511, status 15, turn -128) becomes null here and nowhere later.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import polars as pl
import pyarrow as pa
from numpy.typing import NDArray

from seavigil.hashing import U64, hash_texts, mix
from seavigil.records import MAX_REJECT_BYTES, REPORTS, VESSELS, Reject, TimeSource, table

#: Columns of a report that a format may fill, and their types while decoding.
REPORT_TYPES: dict[str, pl.DataType] = {
    "time_us": pl.Int64(),
    "time_source": pl.UInt8(),
    "received_us": pl.Int64(),
    "offset_bytes": pl.Int64(),
    "mmsi": pl.Int64(),
    "msg_type": pl.UInt8(),
    "transceiver": pl.UInt8(),
    "lat_deg": pl.Float64(),
    "lon_deg": pl.Float64(),
    "sog_kn": pl.Float64(),
    "cog_deg": pl.Float64(),
    "heading_deg": pl.Float64(),
    "rot_deg_min": pl.Float64(),
    "nav_status": pl.Float64(),
    "position_accuracy_high": pl.Boolean(),
    "raim": pl.Boolean(),
    "utc_second": pl.Float64(),
}

#: Columns of a ship's static and voyage data, and their types while decoding.
STATIC_TYPES: dict[str, pl.DataType] = {
    "imo": pl.Float64(),
    "name": pl.String(),
    "callsign": pl.String(),
    "ship_type": pl.Float64(),
    "length_m": pl.Float64(),
    "beam_m": pl.Float64(),
    "to_bow_m": pl.Float64(),
    "to_stern_m": pl.Float64(),
    "to_port_m": pl.Float64(),
    "to_starboard_m": pl.Float64(),
    "draught_m": pl.Float64(),
    "destination": pl.String(),
    "eta": pl.String(),
}

MMSI_MAX = 999_999_999
#: A time outside 1970-01-01 .. 2200-01-01 is no time of an AIS report.
TIME_US_MAX = 7_258_118_400_000_000
#: The field has 30 bits (M.1371-5, table 52); a number that is no sound IMO number is kept as sent.
_IMO_MAX = 2**30 - 1
#: Turn code 126 is 708 deg/min; 127 means only "more than 5 deg in 30 s" (M.1371-5, table 48).
_ROT_MAX_DEG_MIN = 709.0
_TEXT_NOISE = "[\x00-\x1f\x7f]"


def clean_reports(frame: pl.DataFrame) -> pl.DataFrame:
    """Give ``frame`` with every "not available" as null; columns that are absent stay absent."""
    col = pl.col
    rules = {
        "sog_kn": pl.when(
            (col("sog_kn") >= 0) & ~col("sog_kn").is_between(102.25, 102.35) & (col("sog_kn") < 1022.5)
        ).then(col("sog_kn")),
        "cog_deg": pl.when(col("cog_deg").is_between(0, 360, closed="left")).then(col("cog_deg")),
        "heading_deg": pl.when(col("heading_deg").is_between(0, 360, closed="left")).then(col("heading_deg")),
        "rot_deg_min": pl.when(col("rot_deg_min").abs() < _ROT_MAX_DEG_MIN).then(col("rot_deg_min")),
        "nav_status": _code("nav_status", 0, 14),
        "utc_second": _code("utc_second", 0, 59),
    }
    there = (col("lat_deg") != 91) & (col("lon_deg") != 181)
    both = [pl.when(there).then(col(name)).alias(name) for name in ("lat_deg", "lon_deg")]
    given = [rule.alias(name) for name, rule in rules.items() if name in frame.columns]
    return frame.with_columns(*given, *(both if "lat_deg" in frame.columns else ()))


def clean_static(frame: pl.DataFrame) -> pl.DataFrame:
    """Give ``frame`` with trimmed texts and "not available" (0, empty, ``@``) as null."""
    missing = [pl.lit(None, dtype=t).alias(n) for n, t in STATIC_TYPES.items() if n not in frame.columns]
    whole = frame.with_columns(missing).with_columns(
        *(_clean_text(n).alias(n) for n in ("name", "callsign", "destination", "eta")),
        _code("imo", 1, _IMO_MAX).alias("imo"),
        _code("ship_type", 1, 99).alias("ship_type"),
        pl.when(pl.col("draught_m") > 0).then(pl.col("draught_m")).alias("draught_m"),
    )
    return whole.with_columns(_reference_point()).with_columns(
        _extent("length_m", "to_bow_m", "to_stern_m"), _extent("beam_m", "to_port_m", "to_starboard_m")
    )


def has_static(frame: pl.DataFrame) -> pl.Series:
    """Tell per row whether any static value is there."""
    return frame.select(pl.any_horizontal(pl.col(n).is_not_null() for n in STATIC_TYPES)).to_series()


def _code(name: str, low: int, high: int) -> pl.Expr:
    value = pl.col(name)
    return pl.when(value.is_between(low, high) & (value == value.floor())).then(value)


def _clean_text(name: str) -> pl.Expr:
    text = pl.col(name).str.replace_all(_TEXT_NOISE, " ").str.split("@").list.first().str.strip_chars()
    return pl.when(text != "").then(text)


def _reference_point() -> list[pl.Expr]:
    names = ("to_bow_m", "to_stern_m", "to_port_m", "to_starboard_m")
    known = pl.any_horizontal(pl.col(n) > 0 for n in names)
    return [pl.when(known & (pl.col(n) >= 0)).then(pl.col(n)).alias(n) for n in names]


def _extent(name: str, fore: str, aft: str) -> pl.Expr:
    size = pl.coalesce(pl.col(name), pl.col(fore) + pl.col(aft))
    return pl.when(size > 0).then(size).alias(name)


def payload_ids(frame: pl.DataFrame) -> U64:
    """Hash the message itself: ship, time, position, speed and course."""
    floats = (_floats(frame, n) for n in ("lat_deg", "lon_deg", "sog_kn", "cog_deg"))
    return mix(frame["mmsi"].to_numpy(), frame["time_us"].to_numpy(), *floats)


def report_ids(frame: pl.DataFrame, payload: U64) -> U64:
    """Hash payload, station and second, as `seavigil.records` defines ``report_id``."""
    return mix(payload, _station_ids(frame), frame["time_us"].to_numpy() // 1_000_000)


def _station_ids(frame: pl.DataFrame) -> U64:
    """Hash the names of stations; 0 where none is named."""
    if "station" not in frame.columns:
        return np.zeros(1, dtype=np.uint64)
    names = frame["station"].drop_nulls().unique()
    ids = pl.DataFrame({"station": names, "id": hash_texts(names.to_list())})
    found = frame.select("station").join(ids, on="station", how="left", maintain_order="left")
    return found["id"].fill_null(0).to_numpy()


def _floats(frame: pl.DataFrame, name: str) -> NDArray[np.float64]:
    if name not in frame.columns:
        return np.full(frame.height, np.nan)
    return frame[name].to_numpy()


def reports_table(frame: pl.DataFrame, source: str, payload: U64, ids: U64) -> pa.Table:
    """Give the REPORTS table of cleaned rows."""
    columns = _arrow_columns(frame, [*REPORT_TYPES, "station"])
    columns.setdefault("time_source", np.full(frame.height, TimeSource.MESSAGE, dtype=np.uint8))
    return table(REPORTS, {**columns, "report_id": ids, "payload_id": payload, **_named(frame, source)})


def vessels_table(frame: pl.DataFrame, source: str, ids: U64) -> pa.Table:
    """Give the VESSELS table of cleaned rows."""
    common = ("time_us", "time_source", "offset_bytes", "mmsi", "msg_type", "transceiver")
    columns = _arrow_columns(frame, [*common, *STATIC_TYPES])
    columns.setdefault("time_source", np.full(frame.height, TimeSource.MESSAGE, dtype=np.uint8))
    return table(VESSELS, {**columns, "report_id": ids, **_named(frame, source)})


def _named(frame: pl.DataFrame, source: str) -> dict[str, pa.Array]:
    return {"source": pa.repeat(source, frame.height)}


def _arrow_columns(frame: pl.DataFrame, names: Sequence[str] | dict[str, pl.DataType]) -> dict[str, object]:
    return {name: frame[name].to_arrow() for name in names if name in frame.columns}


def reject(offset_bytes: int | None, fault: str, raw: bytes, detail: str | None = None) -> Reject:
    """Give a reject that keeps no more of the raw bytes than the table will."""
    return Reject(offset_bytes, fault, raw[:MAX_REJECT_BYTES], detail)
