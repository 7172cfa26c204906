"""Suspects in words: what speaks for and against a ship, and what cannot be known."""

from __future__ import annotations

import shlex
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from seavigil.runners.suspect_words import cannot_know, rough_span, said

if TYPE_CHECKING:
    from rich.console import Console

    from seavigil.fault import Fault
    from seavigil.forecast.fit import Line
    from seavigil.forecast.suspects import Findings, Suspect

#: People are shown the first few, and who else is more likely than this; ndjson has them all.
_FIRST, _MOST, _FROM = 3, 12, 0.001
#: So many things for and against are told of each, those worth as much as this.
_LINES, _WORTH, _LEAST = 4, 0.25, 0.05
#: A crossing known less surely than this is told with how surely.
_SURE_S = 20.0


#: Ship types (ITU-R M.1371-5, table 53) in words, by the code or by its tens.
TYPES = {
    30: "fishing",
    **dict.fromkeys((31, 32), "towing"),
    33: "dredger",
    34: "diving",
    35: "military",
    36: "sailing",
    37: "pleasure craft",
    50: "pilot",
    51: "search and rescue",
    52: "tug",
    53: "port tender",
    54: "anti-pollution",
    55: "law enforcement",
    58: "medical",
}
_TENS = {2: "wing in ground", 4: "high-speed craft", 6: "passenger", 7: "cargo", 8: "tanker"}
#: Columns need this much room, as for alerts; with less each ship is some lines.
_TABLE_WIDTH = 130
_COLUMNS = ("", "Ship", "Says", "There (UTC)", "For", "Against", "Last heard")


def report(findings: Findings, names: Mapping[str, str]) -> None:
    """Print for people: the faults, the suspects best first, and what cannot be known."""
    from rich.markup import escape

    from seavigil.cli.output import for_people

    console = for_people()
    several = len(findings.faults) > 1
    for fault in findings.faults:
        console.print(escape(_fault(fault, names, several=several)))
    told = [s for s in findings.suspects[:_MOST] if s.rank <= _FIRST or s.probability >= _FROM]
    if told:
        rows = [[escape(text) for text in _cells(one, several=several)] for one in told]
        (_as_table if console.width >= _TABLE_WIDTH else _as_lines)(console, rows)
        if len(told) < len(findings.suspects):
            rest = len(findings.suspects) - len(told)
            console.print(f"and {rest} more who hardly fit (--format ndjson shows all)")
        console.print("in brackets: weight in nats; +1 makes her 2.7 times as likely, -1 as much less")
        console.print(f"none of these: probability {findings.none_probability:.2f}")
    else:
        console.print("no ship heard was there")
    for text in cannot_know(findings):
        console.print(escape(text))


def closing(findings: Findings, sources: str, assets: str) -> Iterator[str]:
    """Name the commands that go on about the first of the ships, as they are typed."""
    if findings.suspects and findings.suspects[0].says != "unlikely":
        ship = shlex.quote(findings.suspects[0].vessel_id)
        yield f"her way: seavigil track {ship} {sources} {assets}"
        yield f"what she reaches next: seavigil forecast {sources} --mmsi {ship} {assets}"


def _fault(fault: Fault, names: Mapping[str, str], *, several: bool) -> str:
    from seavigil.records import rfc3339

    place = "" if fault.km_along is None else f", km {fault.km_along:.1f}"
    when = f"{rfc3339(fault.at_us)} (within {rough_span(fault.within_s)})"
    said_of = f"Fault of {names.get(fault.asset_id, fault.asset_id)}{place} at {when}"
    return f"{fault.fault_id}: {said_of}" if several else said_of


def _as_table(console: Console, rows: Sequence[Sequence[str]]) -> None:
    from rich import box
    from rich.table import Table

    shown = Table(*_COLUMNS, box=box.SIMPLE, pad_edge=False)
    for row in rows:
        shown.add_row(*row)
    console.print(shown)


def _as_lines(console: Console, rows: Sequence[Sequence[str]]) -> None:
    from rich.padding import Padding

    for rank, ship, says, *rest in rows:
        console.print(f"\n{rank:>2} {says} {ship}")
        for column, text in zip(_COLUMNS[3:], rest, strict=True):
            name = column.removesuffix(" (UTC)").lower()
            console.print(Padding(f"{name}: {text}", (0, 0, 0, 3), expand=False))
    console.print()


def _cells(one: Suspect, *, several: bool) -> tuple[str, ...]:
    return (
        str(one.rank),
        _ship(one),
        f"{one.says} {one.probability:.2f}",
        _there(one),
        _few(one.lines_for, several=several),
        _few(one.lines_against, several=several),
        _last(one),
    )


def _ship(one: Suspect) -> str:
    ship, kind = one.vessel, one.vessel.ship_type
    facts = [one.vessel_id, ship.flag, ship_type(kind), ship.callsign and f"call sign {ship.callsign}"]
    facts.append(None if ship.length_m is None else f"{ship.length_m:.0f} m")
    return f"{ship.name or 'unnamed'} ({', '.join(fact for fact in facts if fact)})"


def ship_type(code: int | None) -> str | None:
    """Say a type of ship in words; None where she told none."""
    if not code:
        return None
    return TYPES.get(code) or _TENS.get(code // 10) or f"type {code}"


def _there(one: Suspect) -> str:
    """Say when she crossed or was nearest, how surely, and how far off the fault's time that is."""
    from seavigil.records import rfc3339

    if one.dark:
        told = one.as_json()
        return f"silent {_clock(told['silent_from'])} to {_clock(told['silent_to'])}"
    sure = f" +- {rough_span(one.crossed_within_s)}" if one.crossed_within_s >= _SURE_S else ""
    offset = f"{rough_span(one.time_offset_s)} {'after' if one.time_offset_s >= 0 else 'before'}"
    how = "crossed" if one.crossed else f"nearest ({_off(one.distance_m)} off)"
    return f"{how} {_clock(rfc3339(one.crossed_at_us))}{sure}, {offset} it"


def _off(distance_m: float) -> str:
    return f"{distance_m:.0f} m" if distance_m < 1000 else f"{distance_m / 1000:.1f} km"


def _clock(time: str | None) -> str:
    return (time or "")[5:19].replace("T", " ")


def _last(one: Suspect) -> str:
    """Say where she was last heard and how she went."""
    from seavigil import words
    from seavigil.records import rfc3339

    last = one.last
    if last is None:
        return "-"
    place = words.place({"position": {"lat_deg": last.lat_deg, "lon_deg": last.lon_deg}})
    going = "" if last.sog_kn is None else f", {last.sog_kn:.1f} kn"
    course = "" if last.cog_deg is None else f" on {last.cog_deg:03.0f}"
    return f"{_clock(rfc3339(last.at_us))} at {place}{going}{course}"


def _few(lines: Sequence[Line], *, several: bool) -> str:
    """Say the weightiest lines: at least one, if there is any."""
    worth = [line for line in lines[:_LINES] if abs(line.nats) >= _WORTH]
    worth = worth or [line for line in lines[:1] if abs(line.nats) >= _LEAST]
    return "; ".join(_of(line, several=several) for line in worth) or "nothing"


def _of(line: Line, *, several: bool) -> str:
    return f"{line.fault_id}: {said(line)}" if several and line.fault_id else said(line)
