"""Codes to words: the only place where findings become sentences."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

BEHAVIOURS = {
    "crossing": "crossed",
    "drifting": "drifting",
    "loitering": "loitering near",
    "anchored_near": "lies still near",
    "gone_dark": "gone dark",
    "identity_conflict": "identity in doubt",
    "position_spoofed": "position in doubt",
    "watchlisted_near": "on a list, near",
    "unmatched_detection": "seen, but by no AIS, near",
}


def _minutes(seconds: float) -> str:
    minutes = round(seconds / 60)
    return f"{minutes} min" if minutes < 120 else f"{minutes / 60:.1f} h"


def _from_now(seconds: float) -> str:
    return f"in {_minutes(seconds)}" if seconds >= 0 else f"{_minutes(-seconds)} ago"


_Words = Callable[[dict[str, Any]], str]
_REASONS: dict[str, _Words] = {
    "probability_over": lambda r: f"over the line with probability {r['observed']:.2f}",
    "crossing_speed": lambda r: f"at {r['observed']:g} kn",
    "course_heading_split": lambda r: (
        f"heading {r['observed']:g} deg off her course (rule: over {r['expected']:g})"
    ),
    "drift_speed": lambda r: f"making {r['observed']:g} kn",
    "drifted_for": lambda r: f"adrift for {_minutes(r['observed'])} in all",
    "status_not_under_command": lambda r: "says she is not under command",
    "hits": lambda r: f"over {many(r['observed'], 'asset')} meanwhile",
    "anchor_reach": lambda r: f"her anchor reaches {r['observed']:g} m ({r['expected']:g} m of water)",
    "asset_ahead_in": lambda r: f"on this course over an asset {_from_now(r['observed'])}",
    "stayed_near_for": lambda r: f"stayed near for {_minutes(r['observed'])}",
    "loiter_speed": lambda r: f"at {r['observed']:g} kn",
    "nearest": lambda r: f"nearest {r['observed']:g} m",
    "lay_near_for": lambda r: f"lay still for {_minutes(r['observed'])}",
    "status_at_anchor": lambda r: "says she is at anchor",
    "silent_for": lambda r: f"silent for {_minutes(r['observed'])} (usual interval {r['expected']:g} s)",
    "last_speed": lambda r: f"last at {r['observed']:g} kn",
    "ships_heard_around": lambda r: f"{r['observed']:g} ships heard around there meanwhile",
    "assets_in_reach": lambda r: f"can have gone over {many(int(r['observed']), 'asset')} meanwhile",
    "way_to_spare": lambda r: f"with {r['observed']:g} km to spare",
    "off_her_way": lambda r: f"{r['observed']:g} standard deviations off her own way",
    "two_ships_one_mmsi": lambda r: f"two ships use her number, {r['observed']:g} km apart",
    "began_where_another_ended": lambda r: f"began {r['observed']:g} m from where another ship fell silent",
    "imo_changed": lambda r: f"IMO number {r['observed']:.0f} instead of {r['expected']:.0f}",
    "length_changed": lambda r: f"length {r['observed']:g} m instead of {r['expected']:g} m",
    "name_changed": lambda r: f"another name, {many(int(r['observed']), 'letter')} changed",
    "imo_check_digit": lambda r: f"IMO number {r['observed']:.0f} cannot be one",
    "callsign_of_other_state": lambda r: "call sign and MMSI are of two states",
    "leaps": lambda r: f"{many(int(r['observed']), 'leap')} that nothing afloat makes",
    "lay_inland_for": lambda r: f"lay inland for {_minutes(r['observed'])}",
    "perfect_circle": lambda r: f"two turns within {r['observed']:g} m of one circle",
    "course_against_way": lambda r: f"course {r['observed']:g} deg, way made good {r['expected']:g} deg",
    "speed_against_way": lambda r: f"says {r['observed']:g} kn, makes {r['expected']:g} kn",
    "listed_by_imo": lambda r: "on a list, by IMO number",
    "listed_by_mmsi": lambda r: "on a list, by MMSI",
    "listed_by_name_and_callsign": lambda r: "on a list, by name and call sign",
    "possibly_listed_by_name": lambda r: "has the name of a ship on a list",
    "listed_and_slow": lambda r: f"goes there at {r['observed']:g} kn",
    "no_ship_at_contact": lambda r: "no ship heard can have been there",
    "nobody_heard_around": lambda r: "hardly anybody is heard there: no telling who is missing",
    "nearest_ship": lambda r: f"the nearest ship was {r['observed']:g} km off",
    "length_of_no_ship_there": lambda r: f"{r['observed']:g} m long, ships there {r['expected']:g} m",
    "contact_confidence": lambda r: f"the sensor is {r['observed']:.0%} sure",
    "speed_limit_of_class": lambda r: f"at {r['observed']:g} kn, her hull can do {r['expected']:g}",
    "speed_never_seen_here": lambda r: f"at {r['observed']:g} kn, nobody of her class was near that there",
    "class_share_here": lambda r: f"{r['observed']:.1%} of the visits there were by her class",
    "course_share_here": lambda r: f"{r['observed']:.1%} of the ships there steered like her",
    "out_of_class_for": lambda r: f"for {_minutes(r['observed'])}",
    "off_route_for": lambda r: f"for {_minutes(r['observed'])}",
    "learned_ship_bins": lambda r: f"learned from {many(int(r['observed']), 'ship-bin')}",
    "learned_days": lambda r: f"learned from {many(int(r['observed']), 'day')}",
}


def reason(one: dict[str, Any]) -> str:
    """Say one reason of an alert line in words."""
    words = _REASONS.get(one["code"])
    return words(one) if words else f"{one['code']} {one['observed']:g} {one['unit']}".strip()


def ship(line: dict[str, Any]) -> str:
    """Name the ship of an alert line: name if known, MMSI, flag."""
    vessel = line["vessel"]
    name = vessel["name"] or "unnamed"
    flag = f", {vessel['flag']}" if vessel["flag"] else ""
    mark = "EXERCISE: " if line.get("exercise") and not name.startswith("EXERCISE") else ""
    return f"{mark}{name} ({vessel['vessel_id']}{flag})"


def what(line: dict[str, Any]) -> str:
    """Say what the ship does, behaviours joined."""
    return ", ".join(BEHAVIOURS.get(b, b.replace("_", " ")) for b in line["behaviours"])


def assets(line: dict[str, Any], most: int = 3) -> str:
    """Name the assets concerned, with the time of crossing where there is one."""
    named = [a["name"] + _how(a) for a in line["assets"]]
    rest = f" and {len(named) - most} more" if len(named) > most else ""
    return "; ".join(named[:most]) + rest


def _how(asset: dict[str, Any]) -> str:
    km = f", km {asset['km_along']:.1f}" if asset["km_along"] is not None else ""
    if asset["crossed_at"]:
        return f" at {asset['crossed_at'][11:16]}Z{km}"
    if asset["ahead_in_s"] is not None:
        soon = "ahead" if asset["ahead_in_s"] >= 0 else "perhaps crossed"
        return f" {soon} {_from_now(asset['ahead_in_s'])}"
    return f", {asset['distance_m']:.0f} m off{km}" if asset["distance_m"] is not None else ""


def place(line: dict[str, Any]) -> str:
    """Say where she was last, with the hemisphere's letter."""
    position = line["position"]
    if position is None:
        return "not known"
    lat, lon = position["lat_deg"], position["lon_deg"]
    return f"{abs(lat):.4f} {'N' if lat >= 0 else 'S'} {abs(lon):.4f} {'E' if lon >= 0 else 'W'}"


def when(line: dict[str, Any]) -> str:
    """Say since when, until when, or as of when it went on."""
    began = line["began"][:16].replace("T", " ")
    if line["ended"]:
        return f"{began} to {line['ended'][11:16]}"
    return f"{began}, went on at {line['revised_at'][11:16]}"


def many(n: int, word: str) -> str:
    """Count things: `1 report`, `2,000 reports`."""
    return f"{n:,} {word}{'' if n == 1 else 's'}"
