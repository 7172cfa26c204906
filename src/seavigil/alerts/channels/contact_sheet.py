"""What somebody needs who wants to call the ship of an alert: numbers, position, words. Nothing is sent.

Pure: a line in, a sheet out. The words say what is seen and ask what only the ship knows; they follow the
message markers of the IMO Standard Marine Communication Phrases (resolution A.918(22)).
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from seavigil import words
from seavigil.alerts.channels.spoken import OLD_S, degrees_minutes

Line = Mapping[str, Any]

#: Characters of an addressed and of a broadcast safety related message: 936 and 966 bits of six (ITU-R
#: M.1371-5, annex 8, messages 12 and 14).
MOST_ADDRESSED, MOST_BROADCAST = 156, 161
#: The 6-bit letters (ITU-R M.1371-5, annex 8) less ``@``, which ends a text.
SIX_BIT = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZ[\\]^_ !\"#$%&'()*+,-./0123456789:;<=>?")

NOTE = "Prepared for a person to use. Seavigil sends nothing to any ship."
#: What ships call the kinds of assets.
_KINDS = {
    "power_cable": "submarine cable",
    "telecom_cable": "submarine cable",
    "cable": "submarine cable",
    "pipeline": "pipeline",
    "gas_pipeline": "gas pipeline",
    "oil_pipeline": "oil pipeline",
    "wind_farm": "wind farm",
    "platform": "platform",
}
#: What is asked of her, by what she does; the first that fits. Own choice of words.
_ASKED: tuple[tuple[frozenset[str], str, str], ...] = (
    (
        frozenset({"anchor_drag_under_way", "dragging_at_anchor"}),
        "is your anchor clear of the bottom?",
        "CHECK YOUR ANCHOR",
    ),
    (frozenset({"anchored_near"}), "are you at anchor, and does it hold?", "CHECK YOUR ANCHOR HOLDS"),
    (frozenset({"drifting", "sudden_stop"}), "are you under command?", "DO NOT ANCHOR HERE"),
    (frozenset({"trawling_over"}), "is your gear on the bottom?", "LIFT YOUR GEAR"),
    (frozenset({"position_spoofed", "gone_dark"}), "what is your position?", "CHECK YOUR AIS AND GNSS"),
    (frozenset({"identity_conflict"}), "what are your name, call sign and MMSI?", "CHECK YOUR AIS SETTINGS"),
)
_NOTHING: Line = {}
_ELSE = ("what are your intentions?", "DO NOT ANCHOR HERE")
_PHONETIC = (
    "Alfa Bravo Charlie Delta Echo Foxtrot Golf Hotel India Juliett Kilo Lima Mike November Oscar Papa "
    "Quebec Romeo Sierra Tango Uniform Victor Whiskey X-ray Yankee Zulu"
)


def contact_sheet(
    line: Line, contacts: Iterable[Mapping[str, Any]] = (), heard: Line | None = None, over: Line = _NOTHING
) -> dict[str, Any] | None:
    """Give the sheet of an alert about a ship, None of any other.

    ``contacts``: people to call about the assets concerned, as they stand with the assets (``asset_name``,
    ``name``, ``role``, ``phone``, ``email``, ``vhf``). ``heard``: where she was last heard (``lat_deg``,
    ``lon_deg``, ``at``, ``age_s``), None where that is not known: then no position is told. ``over``: since
    when she does what she does no more, by behaviour.
    """
    vessel = line["vessel"]
    if vessel is None:
        return None
    known = ("mmsi", "vessel_id", "imo", "name", "callsign", "flag", "ship_type", "length_m")
    return {
        "vessel": {key: vessel.get(key) for key in known},
        "position": _position(heard),
        "call_by": call_by(line),
        "contacts": [dict(one) for one in contacts],
        "vhf": {"channel": "16", "words": _spoken(line, heard, over)},
        "dsc": {"channel": "70", "mmsi": f"{vessel['mmsi']:09d}", "category": "safety"},
        "ais_text": {
            "addressed": _message(12, line, over, MOST_ADDRESSED),
            "broadcast": _message(14, line, over, MOST_BROADCAST),
        },
        "note": NOTE,
    }


def call_by(line: Line) -> str | None:
    """Give the first moment after the revision by which a call still keeps her out of an asset, if any."""
    times = (one["call_by"] for one in line["next_assets"])
    return min((time for time in times if time > line["revised_at"]), default=None)


def six_bit(text: str, most: int) -> str:
    """Give a text in the letters that AIS has, at most so many; what it has no letter for becomes ``?``.

    >>> six_bit("Öland's cable@", 40)
    "OLAND'S CABLE?"
    """
    plain = unicodedata.normalize("NFKD", text).upper()
    bare = (letter for letter in plain if not unicodedata.combining(letter))
    return "".join(letter if letter in SIX_BIT else "?" for letter in bare)[:most].rstrip()


def spelt(text: str) -> str:
    """Spell letters and digits as they are said on VHF (ITU Radio Regulations, appendix 14).

    >>> spelt("OJ4")
    'Oscar Juliett 4'
    """
    said = dict(zip("ABCDEFGHIJKLMNOPQRSTUVWXYZ", _PHONETIC.split(), strict=True))
    return " ".join(said.get(letter, letter) for letter in text.upper() if not letter.isspace())


def _position(heard: Line | None) -> dict[str, Any] | None:
    if heard is None:
        return None
    return {**heard, "text": degrees_minutes(heard["lat_deg"], heard["lon_deg"])}


def _where(line: Line, heard: Line, over: Line) -> str:
    """Say where she is, or where and when she was last heard; that one is not heard who has gone dark."""
    place = degrees_minutes(heard["lat_deg"], heard["lon_deg"])
    if heard["age_s"] <= OLD_S:
        return f"Information: I have you in position {place}."
    dark = "gone_dark" in line["behaviours"] and "gone_dark" not in over and not line["ended"]
    said = "your AIS is not heard; last" if dark else "you were last"
    when = words.clock(heard["at"], heard["asked_at"])
    return f"Information: {said} heard at {when} UTC in position {place}."


def _asked(line: Line, over: Line) -> tuple[str, str]:
    """Give what is asked of her, by what goes on before what is over."""
    every = line["behaviours"]
    going = [one for one in every if one not in over]
    return _of(going) if any(about & set(going) for about, *_ in _ASKED) else _of(every)


def _of(behaviours: Sequence[str]) -> tuple[str, str]:
    return next(((q, r) for about, q, r in _ASKED if about & set(behaviours)), _ELSE)


def _asset(line: Line) -> tuple[str, str] | None:
    """Give what the first asset concerned is, and its name."""
    first = next(iter(line["assets"]), None)
    return None if first is None else (_KINDS.get(first["kind"], "offshore installation"), first["name"])


def _spoken(line: Line, heard: Line | None, over: Line) -> list[str]:
    """Give what to say on VHF, line by line."""
    vessel, about = line["vessel"], _asset(line)
    name, digits = vessel["name"] or "ship without a name", " ".join(f"{vessel['mmsi']:09d}")
    sign = f", call sign {spelt(vessel['callsign'])}" if vessel["callsign"] else ""
    mark = "Exercise, exercise. " if line.get("exercise") else ""
    said = [f"{mark}{name}, {name}{sign}, MMSI {digits}, this is (your station)."]
    if heard is not None:
        said.append(_where(line, heard, over))
    if about is not None:
        said.append(f"Information: the {about[0]} {about[1]} is near you.")
    said.append(f"Question: {_asked(line, over)[0]}")
    if about is not None:
        said.append("Request: do not anchor, and lay out no gear near it.")
    return [*said[:-1], f"{said[-1]} Over."]


def _message(number: int, line: Line, over: Line, most: int) -> dict[str, Any]:
    """Give the text of a safety related message: to her (12), or to all around her with her name (14).

    What is asked stands last and whole; a name that is too long is cut.
    """
    vessel, about = line["vessel"], _asset(line)
    to = f"{vessel['name'] or vessel['mmsi']}: " if number == 14 else ""
    mark = "EXERCISE " if line.get("exercise") and not to.startswith("EXERCISE") else ""
    near = f"{about[0]} {about[1]} NEAR YOU" if about is not None else "WATCH CALLING"
    ends = six_bit(f". {_asked(line, over)[1]}. CALL VHF 16", most)
    text = six_bit(f"{mark}{to}{near}", most - len(ends)) + ends
    return {"message": number, "text": text, "characters": len(text), "most": most}
