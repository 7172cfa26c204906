"""Text cells to typed columns, whole columns at a time.

A `Cell` says which of their columns becomes which of ours and how its text is read. A text that
cannot be read rejects the row when the column is needed to trust the report (time, MMSI, position,
speed, course, heading, turn); elsewhere it becomes null and is counted.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import polars as pl
from numpy.typing import NDArray

from seavigil.feeds.formats.rows import MMSI_MAX, TIME_US_MAX
from seavigil.records import Transceiver

Parse = Callable[[pl.Expr], pl.Expr]

#: A row without these is no report; their rejects have codes of their own.
NEEDED = {"time_us": "bad_time", "mmsi": "bad_mmsi"}

#: 1990-01-01, before there was AIS, to 2100-01-01: a number outside was not meant as a time since 1970.
_EPOCH_US = (631_152_000_000_000, 4_102_444_800_000_000)

#: ITU-R M.1371-5, table 48; the wording of the Danish and American files.
NAV_STATUS = {
    "Under way using engine": 0,
    "At anchor": 1,
    "Not under command": 2,
    "Restricted maneuverability": 3,
    "Restricted manoeuverability": 3,
    "Constrained by her draught": 4,
    "Moored": 5,
    "Aground": 6,
    "Engaged in fishing": 7,
    "Under way sailing": 8,
    "Power-driven vessel towing astern": 11,
    "Power-driven vessel pushing ahead or towing alongside": 12,
    "AIS-SART (active)": 14,
    "AIS-SART is active": 14,
}

TRANSCEIVERS = {
    "A": Transceiver.CLASS_A,
    "B": Transceiver.CLASS_B,
    "Class A": Transceiver.CLASS_A,
    "Class B": Transceiver.CLASS_B,
    "Base Station": Transceiver.BASE_STATION,
    "AtoN": Transceiver.AID_TO_NAVIGATION,
    "SAR Airborne": Transceiver.SAR_AIRCRAFT,
}


@dataclass(frozen=True)
class Cell:
    """One of our columns, read from one of theirs; ``blanks`` are texts that mean "not available"."""

    ours: str
    theirs: str
    parse: Parse
    blanks: frozenset[str] = frozenset()
    soft: bool = False  #: an unreadable text becomes null instead of rejecting the row
    hint: str = ""  #: what to do about a text that cannot be read


#: A whole cell that is a number with a decimal comma.
_DECIMAL_COMMA = r"^(\s*[+-]?\d+),(\d+\s*)$"


def with_decimal_comma(cell: Cell) -> Cell:
    """Give a cell that reads ``59,61`` as it reads ``59.61``."""
    return replace(cell, parse=lambda text: cell.parse(text.str.replace(_DECIMAL_COMMA, "$1.$2")))


@dataclass(frozen=True)
class Bad:
    """A row that a cell rejects."""

    fault: str
    detail: str


def number(text: pl.Expr) -> pl.Expr:
    """Decimal text to a finite number."""
    value = text.cast(pl.Float64, strict=False)
    return pl.when(value.is_finite()).then(value)


def mmsi(text: pl.Expr) -> pl.Expr:
    """MMSI 1..999999999, also when written by a spreadsheet as ``219000000.0``."""
    plain = text.str.strip_suffix(".0").cast(pl.Int64, strict=False)
    return pl.when(plain.is_between(1, MMSI_MAX)).then(plain)


def imo(text: pl.Expr) -> pl.Expr:
    """IMO number with or without the letters IMO before it."""
    return number(text.str.to_uppercase().str.strip_prefix("IMO").str.strip_chars())


def text_but(blanks: frozenset[str]) -> Parse:
    """Text as it stands, null where it is one of the words for "not available"."""
    return lambda text: pl.when(~text.str.strip_chars().is_in(list(blanks))).then(text)


def words(known: Mapping[str, int]) -> Parse:
    """Words to their codes, as spelt in ``known`` or all in one case."""
    spelt = {form: code for word, code in known.items() for form in (word, word.lower(), word.upper())}
    return lambda text: text.replace_strict(spelt, default=None, return_dtype=pl.Float64)


def codes(known: Mapping[str, int]) -> Parse:
    """Words or the codes themselves."""
    by_word = words(known)
    return lambda text: pl.coalesce(by_word(text), number(text))


def within(parse: Parse, low: int, high: int) -> Parse:
    """Whole numbers ``low``..``high`` only."""

    def bounded(text: pl.Expr) -> pl.Expr:
        value = parse(text)
        return pl.when(value.is_between(low, high) & (value == value.floor())).then(value)

    return bounded


def strptime(form: str) -> Parse:
    """Times of one form (chrono's ``%`` codes); without a zone they are UTC."""

    def parse(text: pl.Expr) -> pl.Expr:
        moment = text.str.to_datetime(form, strict=False, time_unit="us", ambiguous="null")
        return _sound_time(moment.dt.epoch("us"))

    return parse


def epoch(unit: str) -> Parse:
    """Times as a number of ``s``, ``ms``, ``us`` or ``ns`` since 1970-01-01 UTC, in 1990 to 2100.

    Anything else is another number, such as the serial day 43831.5 of a spreadsheet.
    """
    per_us = {"s": 1e6, "ms": 1e3, "us": 1.0, "ns": 1e-3}[unit]

    def parse(text: pl.Expr) -> pl.Expr:
        whole = text.cast(pl.Int64, strict=False)
        exact = whole // 1000 if unit == "ns" else pl.when(whole.abs() < 1e13).then(whole * int(per_us))
        exact = exact if unit != "us" else whole
        time_us = pl.coalesce(exact, _whole(number(text) * per_us))
        return pl.when(time_us.is_between(*_EPOCH_US)).then(time_us)

    return parse


def iso_time(text: pl.Expr) -> pl.Expr:
    """ISO 8601 and its common kin: ``T`` or space, fraction or none, ``Z``, ``UTC`` or an offset."""
    plain = text.str.replace(r"^(\d{4}-\d{2}-\d{2})[Tt ]+", "$1 ").str.replace(r" ?(?:Z|z|UTC)$", "")
    zone = plain.str.extract_groups(r" .*([+-])(\d{2}):?(\d{2})$")
    parts = [zone.struct.field(f) for f in ("1", "2", "3")]
    ahead_min = parts[1].cast(pl.Int64) * 60 + parts[2].cast(pl.Int64)
    ahead_min = pl.when(parts[0] == "-").then(-ahead_min).otherwise(ahead_min).fill_null(0)
    local = plain.str.replace(r"( .*?) ?[+-]\d{2}:?\d{2}$", "$1")
    forms = ("%Y-%m-%d %H:%M:%S%.f", "%Y-%m-%d %H:%M", "%Y%m%dT%H%M%S")
    read = [local.str.to_datetime(f, strict=False, time_unit="us", ambiguous="null") for f in forms]
    return _sound_time(pl.coalesce(read).dt.epoch("us") - ahead_min * 60_000_000)


def any_time(text: pl.Expr) -> pl.Expr:
    """ISO 8601, or a number since 1970 whose size tells its unit (s, ms, us or ns)."""
    size = number(text).abs()
    by_size = (
        pl.when(size < 1e11)
        .then(epoch("s")(text))
        .when(size < 1e14)
        .then(epoch("ms")(text))
        .when(size < 1e17)
        .then(epoch("us")(text))
        .otherwise(epoch("ns")(text))
    )
    return pl.when(size.is_not_null()).then(by_size).otherwise(iso_time(text))


def _whole(value: pl.Expr) -> pl.Expr:
    return value.round().cast(pl.Int64, strict=False)


def _sound_time(time_us: pl.Expr) -> pl.Expr:
    return pl.when(time_us.is_between(0, TIME_US_MAX)).then(time_us)


def read_cells(
    raw: pl.DataFrame, cells: Sequence[Cell]
) -> tuple[pl.DataFrame, dict[int, Bad], dict[str, int]]:
    """Read ``cells`` from text columns: typed columns, bad rows by number, counts of soft faults.

    Columns a bad row could not fill are null in the typed frame; the caller drops those rows.
    """
    typed = raw.select(c.parse(pl.col(c.theirs)).alias(c.ours) for c in cells)
    bad: dict[int, Bad] = {}
    counts: dict[str, int] = {}
    for cell in cells:
        value, unread = _read_again(raw[cell.theirs], typed[cell.ours], cell)
        typed = typed.with_columns(value)
        if cell.soft and len(unread):
            counts[f"unread_{cell.ours}"] = len(unread)
        elif not cell.soft:
            for row in unread.tolist():
                bad.setdefault(row, Bad(NEEDED.get(cell.ours, "bad_number"), _detail(cell, raw, row)))
    return typed, bad, counts


def _read_again(text: pl.Series, value: pl.Series, cell: Cell) -> tuple[pl.Series, NDArray[np.int64]]:
    """Read a column once more without the blanks around its texts, and find what stays unread."""
    if not value.null_count():
        return value, np.zeros(0, dtype=np.int64)
    given = text.is_not_null() & (text != "") | (cell.ours in NEEDED)
    if not (value.is_null() & given).any():
        return value, np.zeros(0, dtype=np.int64)
    trimmed = text.str.strip_chars().alias(cell.ours)
    value = trimmed.to_frame().select(cell.parse(pl.col(cell.ours)).alias(cell.ours)).to_series()
    blank = trimmed.is_null() | trimmed.is_in(["", *cell.blanks])
    unread = value.is_null() & (~blank | (cell.ours in NEEDED))
    return value, np.flatnonzero(unread.to_numpy())


def _detail(cell: Cell, raw: pl.DataFrame, row: int) -> str:
    text = raw[cell.theirs][row]
    if not text:
        return f"{cell.theirs}: empty"
    return f"{cell.theirs}: {text[:60]!r}" + (f"; {cell.hint}" if cell.hint else "")
