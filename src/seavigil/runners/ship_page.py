"""One ship as a page shows her: who she says she is, how she went, her reports row by row."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise
from typing import Any

import polars as pl

from seavigil import words
from seavigil.behaviours.identity_conflict import IdentityConflictParams, letters_changed
from seavigil.callsign import imo_can_be, state_of_callsign, state_of_mmsi
from seavigil.mid import country
from seavigil.normal.ship_kinds import nav_status_words, ship_kind
from seavigil.records import (
    NEVER_US,
    TRACKED,
    UNUSABLE_POSITION,
    Flag,
    TimeSource,
    Transceiver,
    rfc3339,
    vessel_id,
)
from seavigil.runners.event_rows import Row, known_by, rounded
from seavigil.runners.hindcast import gaps
from seavigil.runners.pictures import thinned
from seavigil.runners.sea import Sea
from seavigil.runners.ships_seen import Heard, Ship
from seavigil.store.found import Span
from seavigil.track import split

#: What a ship says of herself that is told with its history; when she means to arrive changes all the time.
TOLD = ("imo", "name", "callsign", "ship_type", "length_m", "beam_m", "draught_m", "destination")
_PARAMS = IdentityConflictParams()
_COLUMNS = ("time_us", "lat_deg", "lon_deg", "sog_kn", "cog_deg", "heading_deg", "flags")
_TRACK = (*_COLUMNS, "mmsi", "vessel_part", "report_id", "nav_status", "transceiver")
#: A path is looked at row by row for silences up to here: a day of a ship that reports every two seconds
#: (ITU-R M.1371-5, table 1) three times over.
_MOST_LOOKED_AT = 130_000


def search(sea: Sea, text: str, limit: int, now_us: int) -> list[Row]:
    """Find ships by name, call sign, MMSI or IMO number; those that begin so first, then the last heard."""
    sea.ships.warm()
    heard = sea.ships.heard()
    known = sea.ships.known(((one.mmsi, one.part) for one in heard), now_us)
    sought = " ".join(text.casefold().split())
    ranked = []
    for one, said in zip(heard, known, strict=True):
        rank = _rank(sought, (f"{one.mmsi:09d}", said.name, said.callsign, str(said.imo or "")))
        if rank is not None:
            ranked.append((rank, -one.last_us, one.mmsi, one.part, said))
    ranked.sort(key=lambda found: found[:4])
    return [
        {
            "vessel_id": vessel_id(mmsi, part),
            **{name: getattr(said, name) for name in ("mmsi", "name", "callsign", "imo", "flag")},
            "ship_class": ship_kind(said.ship_type),
            "last_seen": rfc3339(-last_us),
        }
        for _, last_us, mmsi, part, said in ranked[:limit]
    ]


def _rank(sought: str, names: tuple[str | None, ...]) -> int | None:
    given = [name.casefold() for name in names if name]
    if sought in given:
        return 0
    if any(name.startswith(sought) for name in given):
        return 1
    return 2 if any(sought in name for name in given) else None


def about(sea: Sea, ship: Ship, at_us: int) -> Row | None:
    """Say who a ship is by what she had said up to a moment; None where she was not heard by then."""
    under = sea.ships.heard(mmsi=ship[0], until_us=at_us)
    hers = next((one for one in under if (one.mmsi, one.part) == ship), None)
    (said,) = sea.ships.known([ship], at_us)
    heard = {} if ship[1] else sea.ships.history(ship[0], TOLD, at_us)
    history = _in_order(heard)
    if hers is None and not history:
        return None
    facts = ("imo", "name", "callsign", "ship_type", "length_m", "beam_m", "draught_m", "destination", "eta")
    sharing = [vessel_id(one.mmsi, one.part) for one in under if one.part != ship[1]]
    return {
        "vessel": {
            "mmsi": ship[0],
            "vessel_id": vessel_id(*ship),
            **{name: getattr(said, name) for name in facts},
            "ship_class": ship_kind(said.ship_type),
            "flag": said.flag,
        },
        "identity": [
            {"field": name, "value": value, "since": rfc3339(since)} for since, name, value in history
        ],
        "conflicts": _conflicts(sea, ship, hers, sharing, heard, at_us),
        "first_seen": rfc3339(hers.first_us) if hers else None,
        "last_seen": rfc3339(hers.last_us) if hers else None,
        "reports": hers.reports if hers else 0,
        "sharing_mmsi": sharing,
    }


#: Of each field its values, with the time each was first heard.
_Heard = Mapping[str, Sequence[tuple[int, Any]]]


def _in_order(heard: _Heard) -> list[tuple[int, str, Any]]:
    """Give every value of what she says, with the time it was first heard, oldest first."""
    found = [(at, name, value) for name, values in heard.items() for at, value in values]
    return sorted(found, key=lambda one: one[0])


def _conflicts(
    sea: Sea, ship: Ship, hers: Heard | None, sharing: list[str], heard: _Heard, at_us: int
) -> list[Row]:
    """Give what does not hold together in what she says, and what the watch found of it, oldest first."""
    found = [*_impossible(ship[0], heard), *_changed(heard)]
    if country(ship[0]) is None:
        found.append((hers.first_us if hers else None, "no_state", "no state gives out numbers like hers"))
    if sharing:
        at = hers.first_us if hers else None
        found.append((at, "shared_mmsi", f"her number is also used by {', '.join(sharing)}"))
    known = {code for _, code, _ in found}
    for line in known_by(sea.found.events_of_ship(vessel_id(*ship), Span(NEVER_US, at_us)), at_us):
        if line["behaviour"] == "identity_conflict":
            told = [one for one in line["reasons"] if one["code"] not in known]
            found += [(line["began_us"], one["code"], words.reason(one)) for one in told]
            if line.get("revised_later"):
                found.append((line["began_us"], line["behaviour"], words.BEHAVIOURS[line["behaviour"]]))
    found.sort(key=lambda one: (one[0] or 0, one[1]))
    return [{"code": code, "text": text, "at": rfc3339(at)} for at, code, text in found]


_Conflict = tuple[int | None, str, str]


def _impossible(mmsi: int, heard: _Heard) -> Iterator[_Conflict]:
    for at, imo in heard.get("imo", ()):
        if not imo_can_be(imo):
            yield at, "imo_check_digit", _said("imo_check_digit", imo)
    of_mmsi = state_of_mmsi(mmsi)
    for at, sign in heard.get("callsign", ()):
        of_sign = state_of_callsign(sign)
        if of_mmsi and of_sign and of_mmsi != of_sign:
            text = f"call sign {sign} is of {of_sign}, her MMSI of {of_mmsi}"
            yield at, "callsign_of_other_state", text


def _changed(heard: _Heard) -> Iterator[_Conflict]:
    """Give changes as large as `identity_conflict` counts them."""
    for (_, old), (at, new) in pairwise(heard.get("imo", ())):
        if imo_can_be(old) and imo_can_be(new):
            yield at, "imo_changed", _said("imo_changed", new, old)
    for (_, old), (at, new) in pairwise(heard.get("length_m", ())):
        low, high = sorted((old, new))
        if high - low >= _PARAMS.min_length_change_m and high >= _PARAMS.min_length_ratio * low:
            yield at, "length_changed", _said("length_changed", new, old, "m")
    for (_, old), (at, new) in pairwise(heard.get("name", ())):
        if letters_changed(old, new) >= _PARAMS.min_letters_changed:
            yield at, "name_changed", f"called {old} before"


def _said(code: str, observed: float, expected: float | None = None, unit: str = "") -> str:
    return words.reason({"code": code, "observed": observed, "expected": expected, "unit": unit})


def track(sea: Sea, ship: Ship, from_us: int, to_us: int, most: int) -> Row:
    """Give how she went as columns of one length, null where missing: sound positions, at most ``most``.

    ``gaps``: her silences, of ten minutes and more (see `hindcast`), ``to`` null while she is
    not heard again. ``total_points``: before points were left out, evenly in time.
    """
    heard = sea.sightings.reports(from_us, to_us, ship=ship, columns=_TRACK, sound=False)
    rows = heard.filter(_without(UNUSABLE_POSITION))
    shown = thinned(rows, most)
    columns = {name: shown[name].round(digits).to_list() for name, digits in _DIGITS.items()}
    return {
        "vessel_id": vessel_id(*ship),
        "time_us": shown["time_us"].to_list(),
        **columns,
        "flags": [flag_words(flags) for flags in shown["flags"].to_list()],
        "gaps": _gaps(heard.filter(_without(Flag.LATE | Flag.WRONG_CLOCK)), to_us),
        "total_points": rows.height,
    }


_DIGITS = {"lat_deg": 6, "lon_deg": 6, "sog_kn": 1, "cog_deg": 1, "heading_deg": 1}


def _without(flags: Flag) -> pl.Expr:
    return (pl.col("flags") & pl.lit(int(flags), pl.UInt32)) == 0


def _gaps(rows: pl.DataFrame, to_us: int) -> list[Row]:
    tracks = list(split(rows.tail(_MOST_LOOKED_AT).to_arrow()))
    found = [gap for one in tracks for gap in gaps(one, to_us)]
    return [
        {"from": rfc3339(gap.began_us), "to": rfc3339(gap.ended_us), "gap_s": round(gap.lasted_s)}
        for gap in found
    ]


def reports(
    sea: Sea, ship: Ship, from_us: int, to_us: int, after: tuple[int, int] | None, limit: int
) -> tuple[list[Row], str | None]:
    """Give her reports as they were kept, oldest first, and what to go on after; flagged ones too.

    ``after``: time and report id of the last row that was given.
    """
    begin_us = from_us if after is None else max(from_us, after[0])
    asked = [pl.col("mmsi") == ship[0], pl.col("vessel_part") == ship[1]]
    rows = sea.sightings.rows("reports", begin_us, to_us, asked).sort("time_us", "report_id")
    if after is not None:
        later = (pl.col("time_us") > after[0]) | (pl.col("report_id") > pl.lit(after[1], pl.UInt64))
        rows = rows.filter(later)
    given = [_report(row) for row in rows.head(limit).iter_rows(named=True)]
    more = rows.height > limit
    return given, f"{rows['time_us'][limit - 1]}-{rows['report_id'][limit - 1]}" if more else None


def _report(row: Row) -> Row:
    """Give one row with times as such, codes in words beside them, and ids as text: JSON has no 64 bits."""
    told = {name.replace("_us", "_at") if name.endswith("_us") else name: row[name] for name in TRACKED.names}
    received = row["received_us"]
    return told | {
        "report_id": str(row["report_id"]),
        "payload_id": str(row["payload_id"]),
        "time_at": rfc3339(row["time_us"]),
        "received_at": None if received is None else rfc3339(round(received.timestamp() * 1e6)),
        "time_source": _name(TimeSource, row["time_source"]),
        "transceiver": _name(Transceiver, row["transceiver"]),
        "nav_status_words": nav_status_words(row["nav_status"]),
        "flags": flag_words(row["flags"]),
        "implied_speed_kn": rounded(row["implied_speed_kn"], 2),
        "vessel_id": vessel_id(row["mmsi"], row["vessel_part"]),
    }


def _name(names: type[TimeSource] | type[Transceiver], code: int | None) -> str | None:
    try:
        return None if code is None else names(code).name.lower()
    except ValueError:
        return str(code)


def flag_words(flags: int) -> list[str]:
    """Give what the plausibility check found on a row, by name."""
    return [flag.name.lower() for flag in Flag(flags) if flag.name] if flags else []
