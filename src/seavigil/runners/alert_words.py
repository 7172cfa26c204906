"""Alerts in words, as channels and the console both say them: a line in, what a person reads out."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from seavigil import words as plain
from seavigil.alerts.channels import contact_sheet, spoken, words

Line = Mapping[str, Any]

#: What a line of an older Seavigil may lack.
_USUAL: dict[str, Any] = {
    **dict.fromkeys(("vessel", "area", "feed", "position", "ended", "expected_from"), None),
    **dict.fromkeys(("expected_per_1000_ship_days", "retracted_because"), None),
    **dict.fromkeys(("other_vessels", "assets", "faults", "reasons", "innocent_readings", "next_assets"), ()),
    "coverage": {},
    "data_quality": {},
}
_VESSEL = dict.fromkeys(("imo", "name", "callsign", "ship_type", "length_m", "flag"))
_ASSET = dict.fromkeys(("crossed_at", "km_along", "ahead_in_s", "distance_m"))


def listed(line: Line, over: Mapping[str, str] | None = None) -> dict[str, Any]:
    """Give a line with its headline and its sentence; ``over``: what the ship does no more."""
    whole = _whole(line)
    return {**line, "headline": words.headline(whole), "sentence": spoken.sentence(whole, None, over or {})}


def told(
    line: Line,
    contacts: Iterable[Mapping[str, Any]] = (),
    heard: Line | None = None,
    over: Mapping[str, str] | None = None,
) -> dict[str, Any]:
    """Give what is said of one revision: in a line, a sentence and in full, why, what else, whom to call.

    ``heard``: where the ship was last heard, ``over``: what she does no more, as in `contact_sheet`.
    """
    whole, done = _whole(line), over or {}
    return {
        "headline": words.headline(whole),
        "sentence": spoken.sentence(whole, heard, done),
        "text": words.text([whole]),
        "because": [_because(one, whole["revised_at"]) for one in whole["reasons"]],
        "innocent": [_innocent(one) for one in whole["innocent_readings"]],
        "contact_sheet": contact_sheet.contact_sheet(whole, contacts, heard, done),
    }


def _because(one: Line, revised_at: str) -> dict[str, Any]:
    told = {**one, "text": plain.reason(dict(one), revised_at)}
    # a time is said: there is nothing to hold it against
    return {**told, "expected": None} if one["code"] == "asset_ahead_in" else told


def _innocent(one: Mapping[str, Any]) -> dict[str, Any]:
    signs = {side: [words.sign(sign) for sign in one[side]] for side in ("for", "against")}
    return {"code": one["code"], "text": one["text"], "fits": one["fits"], **signs}


def _whole(line: Line) -> dict[str, Any]:
    """Give a line with all that is read of one."""
    whole = {**_USUAL, **line}
    whole["vessel"] = whole["vessel"] and {**_VESSEL, **whole["vessel"]}
    whole["assets"] = [{**_ASSET, **asset} for asset in whole["assets"]]
    whole["began"] = line.get("began") or line["detected_at"]
    whole["revised_at"] = line.get("revised_at") or line["detected_at"]
    return whole
