"""Suspects and fault notices in words: what speaks for and against a ship, and what cannot be known."""

from __future__ import annotations

from collections.abc import Callable

from seavigil.forecast.fit import Line
from seavigil.forecast.suspects import MOST_CHANCE, Findings, Note
from seavigil.reasons import many

#: What came of a fault notice, by the codes of `runners.fault_watch`: why no ship is named.
STATES = {
    "no_coverage": "too little was heard there then: no telling who it was",
    "nobody_fits": "no ship heard fits",
    "none_stands_out": "no ship stands out from those that fit by chance",
    "outside_of_the_data": "its time lies outside of what was heard",
    "noticed_after_the_data": "it came in after the data end; who fits by then is in faults.json (--out)",
    "not_looked_into": "not looked into",
    "withdrawn": "withdrawn",
    "replaced": "replaced",
}


def rough_span(seconds: float) -> str:
    """Say a length of time no more roughly than it matters: 90 s is neither one minute nor two."""
    seconds = abs(seconds)
    if seconds < 120:
        return f"{seconds:.0f} s"
    if seconds < 5400:
        minutes = f"{seconds / 60:.1f}" if seconds < 600 else f"{seconds / 60:.0f}"
        return f"{minutes.removesuffix('.0')} min"
    return f"{seconds / 3600:.1f} h"


LINES: dict[str, Callable[[Line], str]] = {
    "time_fits": lambda li: (
        f"{rough_span(li.observed)} {'after' if li.observed >= 0 else 'before'} she crossed"
    ),
    "near_then": lambda li: (
        f"{rough_span(li.observed)} {'after' if li.observed >= 0 else 'before'} she was nearest"
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
