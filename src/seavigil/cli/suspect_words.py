"""Suspects in words: what speaks for and against a ship, and what cannot be known."""

from __future__ import annotations

import shlex
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from seavigil.forecast.suspects import MOST_CHANCE
from seavigil.reasons import many

if TYPE_CHECKING:
    from rich.console import Console

    from seavigil.fault import Fault
    from seavigil.forecast.fit import Line
    from seavigil.forecast.suspects import Findings, Note, Suspect

#: People are shown the first few, and who else is more likely than this; ndjson has them all.
_FIRST, _MOST, _FROM = 3, 12, 0.001
#: So many things for and against are told of each, those worth as much as this.
_LINES, _WORTH, _LEAST = 4, 0.25, 0.05
#: A crossing known less surely than this is told with how surely.
_SURE_S = 20.0


def _span(seconds: float) -> str:
    """Say a length of time no more roughly than it matters: 90 s is neither one minute nor two."""
    seconds = abs(seconds)
    if seconds < 120:
        return f"{seconds:.0f} s"
    if seconds < 5400:
        minutes = f"{seconds / 60:.1f}" if seconds < 600 else f"{seconds / 60:.0f}"
        return f"{minutes.removesuffix('.0')} min"
    return f"{seconds / 3600:.1f} h"


LINES: dict[str, Callable[[Line], str]] = {
    "time_fits": lambda li: f"{_span(li.observed)} {'after' if li.observed >= 0 else 'before'} she crossed",
    "near_then": lambda li: (
        f"{_span(li.observed)} {'after' if li.observed >= 0 else 'before'} she was nearest"
    ),
    "silent_then": lambda li: "was silent then, and can have been there",
    "place_fits": lambda li: f"{li.observed:.1f} km along the route from where she was",
    "over_the_line": lambda li: f"over the true route with probability {li.observed:.2f}",
    "drag_evidence": lambda li: (
        "speed and course as with an anchor dragged" if li.nats > 0 else "speed and course steady, no anchor"
    ),
    "speed_there": lambda li: f"made {li.observed:g} kn of the {li.expected:g} to be expected",
    "least_speed_after": lambda li: f"{li.expected:g} kn before, down to {li.observed:g} just after",
    "dip_at_crossing": lambda li: "lost way suddenly just where she crossed",
    "dip_elsewhere": lambda li: "lost way suddenly where she crossed another asset",
    "dragging_at_anchor": lambda li: "her anchor was not holding",
    "zigzag": lambda li: "zigzagged there",
    "repeated_crossing": lambda li: "crossed again and again",
    "loitering": lambda li: "loitered there",
    "trawling_over": lambda li: "trawled over it",
    "slow_crossing": lambda li: "crossed unusually slowly",
    "sudden_stop": lambda li: "stopped suddenly",
    "drifting": lambda li: "was adrift",
    "gone_dark": lambda li: "fell silent about then",
    "identity_conflict": lambda li: "her identity is in doubt after it",
    "position_spoofed": lambda li: "her positions are in doubt",
    "misses_fault": lambda li: "was not there at its time",
    "class_b": lambda li: "small craft (class B)",
    "light_anchor": lambda li: f"type {li.observed:.0f}: no anchor to harm it",
    "on_duty": lambda li: f"type {li.observed:.0f}: at work there by right",
    "too_fast_to_drag": lambda li: f"{li.observed:g} kn: an anchor is carried clear of the ground",
    "anchor_reach": lambda li: f"anchor reaches {li.observed:g} m, depth {li.expected:g} m",
    "crosses_routinely": lambda li: f"crosses it as a routine ({li.observed:.0f} other times)",
    "lies_in_roads": lambda li: "lies in a charted anchorage",
    "gnss_degraded": lambda li: "satellite navigation disturbed",
    "position_doubtful": lambda li: "her position is doubtful",
}

NOTES: dict[str, Callable[[Note], str]] = {
    "nothing_heard": lambda n: (
        f"nothing at all was recorded from {n.began} to {n.ended}: who was there then cannot be known"
    ),
    "hardly_heard_there": lambda n: (
        f"hardly any ship was heard near the place then ({_percent(n)} of it covered): "
        "who was there cannot be known"
    ),
    "others_not_heard": lambda n: (
        f"{_percent(n)} of the place and time was not covered: other ships, not heard, cannot be excluded"
    ),
    "no_ship_there": lambda n: (
        f"no ship heard was there at the time, though ships were heard ({_percent(n)} of the place covered): "
        "no ship's doing?"
    ),
    "told_twice": lambda n: f"{n.observed:g} notices tell of one outage and count as one ({n.fault_id})",
    "on_land": lambda n: "the place given lies on land: no ship's doing",
    "gnss_degraded": lambda n: "satellite navigation was disturbed there: positions may be wrong",
    "dark_ships": lambda n: f"{many(int(n.observed or 0), 'ship')} silent then could have been there",
    "nobody_fits": lambda n: "nobody fits: another cause, or a ship that was not heard",
    "fit_equally": lambda n: f"{n.observed:.0f} ships fit equally well: which of them cannot be told",
    "others_fit_as_well_at_other_times": lambda n: (
        f"at {100 * (n.observed or 0):.1f} % of other moments some ship fits as well; "
        f"likely asks for {100 * MOST_CHANCE:g} % at most"
    ),
}
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


def _percent(one: Note) -> str:
    return f"{100 * (one.observed or 0):.0f} %"


def said(line: Line) -> str:
    """Say one thing for or against a ship, with what it is worth."""
    words = LINES.get(line.code)
    text = words(line) if words else f"{line.code.replace('_', ' ')} {line.observed:g} {line.unit}"
    return f"{text} ({line.nats:+.1f})"


def note(one: Note, *, several: bool = False) -> str:
    """Say one thing that cannot be known."""
    words = NOTES.get(one.code)
    text = words(one) if words else one.code.replace("_", " ")
    return f"{one.fault_id}: {text}" if several and one.fault_id else text


def cannot_know(findings: Findings) -> list[str]:
    """Say all that cannot be known."""
    return [note(one, several=len(findings.faults) > 1) for one in findings.notes]


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
    when = f"{rfc3339(fault.at_us)} (within {_span(fault.within_s)})"
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
    sure = f" +- {_span(one.crossed_within_s)}" if one.crossed_within_s >= _SURE_S else ""
    offset = f"{_span(one.time_offset_s)} {'after' if one.time_offset_s >= 0 else 'before'}"
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
