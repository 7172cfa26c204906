"""Suspects in words: what speaks for and against a ship, and what cannot be known."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from seavigil.cli.reasons import many

if TYPE_CHECKING:
    from seavigil.forecast.fit import Line
    from seavigil.forecast.suspects import Findings, Note, Suspect

#: People are shown the first few, and who else is more likely than this; ndjson has them all.
_FIRST, _MOST, _FROM = 3, 12, 0.001
#: So many things for and against are told of each, those worth as much as this.
_LINES, _WORTH = 4, 0.25


def _span(seconds: float) -> str:
    seconds = abs(seconds)
    if seconds < 90:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 5400 else f"{seconds / 3600:.1f} h"


LINES: dict[str, Callable[[Line], str]] = {
    "time_fits": lambda li: f"{_span(li.observed)} {'after' if li.observed >= 0 else 'before'} she crossed",
    "silent_then": lambda li: "was silent then, and can have been there",
    "place_fits": lambda li: f"{li.observed:.1f} km from where she crossed",
    "over_the_line": lambda li: f"over the true route with probability {li.observed:.2f}",
    "drag_evidence": lambda li: f"steadiness of her way: {li.observed:g} nats for a dragged anchor",
    "speed_there": lambda li: f"made {li.observed:g} kn of the {li.expected:g} to be expected",
    "least_speed_after": lambda li: f"{li.expected:g} kn before, down to {li.observed:g} just after",
    "dip_at_crossing": lambda li: "checked exactly where she crossed",
    "dip_elsewhere": lambda li: "checked where she crossed another asset",
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
    "misses_fault": lambda li: "was not at the other fault",
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
    "hardly_heard_there": lambda n: (
        f"hardly any ship was heard near the place then ({100 * (n.observed or 0):.0f} % of it covered): "
        "who was there cannot be known"
    ),
    "no_ship_there": lambda n: (
        "no ship heard was there at the time, though ships were heard: no ship's doing?"
    ),
    "on_land": lambda n: "the place given lies on land: no ship's doing",
    "gnss_degraded": lambda n: "satellite navigation was disturbed there: positions may be wrong",
    "dark_ships": lambda n: f"{many(int(n.observed or 0), 'ship')} silent then could have been there",
    "nobody_fits": lambda n: "nobody fits: another cause, or a ship that was not heard",
    "fit_equally": lambda n: f"{n.observed:.0f} ships fit equally well: which of them cannot be told",
    "others_fit_as_well_at_other_times": lambda n: (
        f"at {100 * (n.observed or 0):.0f} % of other moments some other ship fits as well"
    ),
}


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


def table(findings: Findings, names: Mapping[str, str]) -> None:
    """Print the suspects for people, best first."""
    from rich import box
    from rich.markup import escape
    from rich.table import Table

    from seavigil.cli.output import for_people
    from seavigil.records import rfc3339

    console = for_people()
    for fault in findings.faults:
        place = "" if fault.km_along is None else f", km {fault.km_along:.1f}"
        when = f"{rfc3339(fault.at_us)} (within {_span(fault.within_s)})"
        console.print(escape(f"Fault of {names.get(fault.asset_id, fault.asset_id)}{place} at {when}"))
    if not findings.suspects:
        console.print("no ship was there at the time")
        return
    shown = Table("", "Ship", "Says", "Crossed (UTC)", "For", "Against", box=box.SIMPLE, pad_edge=False)
    told = [s for s in findings.suspects[:_MOST] if s.rank <= _FIRST or s.probability >= _FROM]
    for one in told:
        shown.add_row(*map(escape, _cells(one)))
    console.print(shown)
    more = len(findings.suspects) - len(told)
    if more > 0:
        console.print(f"and {more} more who hardly fit (--format ndjson shows all)")
    console.print(f"none of these: probability {findings.none_probability:.2f}")


def _cells(one: Suspect) -> tuple[str, ...]:
    from seavigil.records import rfc3339

    ship = one.vessel
    named = f"{ship.name or 'unnamed'} ({one.vessel_id}{', ' + ship.flag if ship.flag else ''})"
    says = f"{one.says} {one.probability:.2f}"
    crossed = "silent then" if one.dark else f"{(rfc3339(one.crossed_at_us) or '')[5:19].replace('T', ' ')}"
    offset = f"{_span(one.time_offset_s)} {'after' if one.time_offset_s >= 0 else 'before'}"
    return (
        str(one.rank),
        named,
        says,
        crossed if one.dark else f"{crossed}, {offset}",
        _few(one.lines_for),
        _few(one.lines_against),
    )


def _few(lines: Any) -> str:
    return "; ".join(said(line) for line in lines[:_LINES] if abs(line.nats) >= _WORTH)
