"""Reasons of an alert in words: for each code, how its numbers are said."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

#: From three days on nobody counts hours (own choice).
_DAYS_FROM_S = 3 * 86_400


def minutes(seconds: float) -> str:
    """Say a length of time: `40 min`, `2.5 h`."""
    whole = round(seconds / 60)
    return f"{whole} min" if whole < 120 else f"{whole / 60:.1f} h"


def span(seconds: float) -> str:
    """Say how well a time is known, or how far two are apart: `90 s`, `2 min 30 s`, `2.5 h`, `12 days`."""
    whole = round(abs(seconds))
    if whole >= _DAYS_FROM_S:
        return f"{round(whole / 86_400):,} days"
    if whole < 120:
        return f"{whole} s"
    over = f" {whole % 60} s" if whole % 60 and whole < 600 else ""
    return f"{whole // 60} min{over}" if over else minutes(whole)


def from_now(seconds: float) -> str:
    """Say how far ahead or back: `in 20 min`, `20 min ago`."""
    return f"in {minutes(seconds)}" if seconds >= 0 else f"{minutes(-seconds)} ago"


def many(n: int, word: str) -> str:
    """Count things: `1 report`, `2,000 reports`."""
    return f"{n:,} {word}{'' if n == 1 else 's'}"


def _about_fault(offset_s: float, within_s: float) -> str:
    """Say how long before or after the fault she crossed, and how well its time is known."""
    side = "before" if offset_s < 0 else "after"
    return f"crossed {span(offset_s)} {side} the fault (its time known to +- {span(within_s)})"


def _usual(per_s: float | None) -> str:
    return "" if per_s is None else f" (usual at this hour: {_rate(per_s)})"


def _rate(per_s: float) -> str:
    """Say a rate to two figures, and never as a power of ten: `0.033`, `4.2`, `180`."""
    return f"{per_s:,.0f}" if per_s >= 10 else f"{per_s:.2g}"


def _off(delay_s: float) -> str:
    return "late" if delay_s >= 0 else "ahead"


_Words = Callable[[dict[str, Any]], str]
REASONS: dict[str, _Words] = {
    "probability_over": lambda r: f"over the line with probability {r['observed']:.2f}",
    "crossing_speed": lambda r: f"at {r['observed']:g} kn",
    "course_heading_split": lambda r: (
        f"heading {r['observed']:g} deg off her course (rule: over {r['expected']:g})"
    ),
    "drift_speed": lambda r: f"making {r['observed']:g} kn",
    "drifted_for": lambda r: f"adrift for {minutes(r['observed'])} in all",
    "status_not_under_command": lambda r: "says she is not under command",
    "hits": lambda r: f"over {many(r['observed'], 'asset')} meanwhile",
    "anchor_reach": lambda r: f"her anchor reaches {r['observed']:g} m ({r['expected']:g} m of water)",
    "asset_ahead_in": lambda r: f"on this course over an asset {from_now(r['observed'])}",
    "stayed_near_for": lambda r: f"stayed near for {minutes(r['observed'])}",
    "loiter_speed": lambda r: f"at {r['observed']:g} kn",
    "nearest": lambda r: f"nearest {r['observed']:g} m",
    "lay_near_for": lambda r: f"lay still for {minutes(r['observed'])}",
    "status_at_anchor": lambda r: "says she is at anchor",
    "silent_for": lambda r: f"silent for {minutes(r['observed'])} (usual interval {r['expected']:g} s)",
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
    "lay_inland_for": lambda r: f"lay inland for {minutes(r['observed'])}",
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
    "out_of_class_for": lambda r: f"for {minutes(r['observed'])}",
    "off_route_for": lambda r: f"for {minutes(r['observed'])}",
    "learned_ship_bins": lambda r: f"learned from {many(int(r['observed']), 'ship-bin')}",
    "learned_days": lambda r: f"learned from {many(int(r['observed']), 'day')}",
    # An anchor dragged under way: what it weighs together, then what it is made of.
    "drag_evidence": lambda r: f"evidence of a dragged anchor {r['observed']:g} (log of a likelihood ratio)",
    "slower_than_usual": lambda r: f"at {r['observed']:g} kn where {r['expected']:g} is usual for her",
    "stop_and_go": lambda r: f"speed goes up and down by {r['observed']:g} kn (usual {r['expected']:g})",
    "speed_reversals": lambda r: f"speed turned back {r['observed']:g} times (usual {r['expected']:g})",
    "dip_size": lambda r: f"{r['observed']:g} times as much as her speed usually changes so soon",
    "course_wobble": lambda r: f"course wavers by {r['observed']:g} deg (usual {r['expected']:g})",
    "bow_off_course": lambda r: f"bow {r['observed']:g} deg off her course (usual {r['expected']:g})",
    "evidence_for": lambda r: f"for {minutes(r['observed'])}",
    "dip_at_crossing": lambda r: f"lost {r['observed']:.0%} of her speed where she crossed",
    "normal_from_own_hours": lambda r: f"her usual speed is that of {r['observed']:g} h of her own",
    "normal_from_peers": lambda r: f"{many(int(r['observed']), 'other ship')} to compare with",
    "normal_from_weather": lambda r: f"wind and sea leave her {r['observed']:.0%} of her speed",
    "others_slow_here": lambda r: f"{r['observed']:.0%} of other ships were slow there",
    "peers_keep_speed": lambda r: f"ships around her keep {r['observed']:.0%} of their speed",
    "speed_before": lambda r: f"before at {r['observed']:g} kn",
    "stopped_in": lambda r: f"stopped within {minutes(r['observed'])}",
    "speed_after": lambda r: f"then at {r['observed']:g} kn",
    "left_swing": lambda r: f"came {r['observed']:g} m where her chain allows {r['expected']:g} m",
    "dragged_at": lambda r: f"at {r['observed']:g} kn",
    "dragged_for": lambda r: f"for {minutes(r['observed'])}",
    "slow_over": lambda r: f"over it at {r['observed']:g} kn where {r['expected']:g} is usual for her",
    "followed_for": lambda r: f"along it for {r['observed'] / 1000:.1f} km",
    "follow_speed": lambda r: f"at {r['observed']:g} kn",
    "crossed_times": lambda r: f"over it {many(int(r['observed']), 'time')}",
    "crossed_within": lambda r: f"within {minutes(r['observed'])}",
    "trawled_for": lambda r: f"at trawling speed for {minutes(r['observed'])}",
    "trawl_speed": lambda r: f"at {r['observed']:g} kn",
    "crossed_while_trawling": lambda r: f"over it {many(int(r['observed']), 'time')} meanwhile",
    "fishing_vessel": lambda r: "says she is a fishing vessel",
    "status_fishing": lambda r: "says she is fishing",
    "to_and_fro_for": lambda r: f"to and fro for {minutes(r['observed'])}",
    "to_and_fro_speed": lambda r: f"at {r['observed']:g} kn",
    "turned_back": lambda r: f"turned back {many(int(r['observed']), 'time')}",
    "made_good_share": lambda r: f"made good {r['observed']:.0%} of the way made",
    "survey_lines": lambda r: f"{many(int(r['observed']), 'survey line')} in a row",
    "line_spacing": lambda r: f"{r['observed']:g} m apart",
    "survey_speed": lambda r: f"at {r['observed']:g} kn",
    "met_for": lambda r: f"two ships close together for {minutes(r['observed'])}",
    "met_within": lambda r: f"{r['observed']:g} m apart",
    "met_speed": lambda r: f"at {r['observed']:g} kn",
    "fault_fits_likely": lambda r: f"fits the fault best, hardly by chance (probability {r['observed']:.2f})",
    "fault_fits_possibly": lambda r: f"fits the fault, perhaps by chance (probability {r['observed']:.2f})",
    "fault_fits_no_more": lambda r: "another ship, or none, fits the fault better now",
    "fault_withdrawn": lambda r: "the fault notice was withdrawn or replaced",
    "fault_time_offset": lambda r: _about_fault(r["observed"], r["expected"]),
    "fault_place_offset": lambda r: f"{r['observed']:.1f} km from where the fault was located",
    "fault_rank": lambda r: f"number {r['observed']:g} of {many(int(r['expected']), 'ship')} about then",
    "fault_chance": lambda r: f"at {r['observed']:.1%} of other times some ship fits as well",
    "fault_confidence": lambda r: f"the notice's source is {r['observed']:.0%} sure",
    "silent_at_fault": lambda r: f"silent then, and can have been there ({minutes(r['observed'])})",
    "others_fit_fault": lambda r: f"it fits {many(int(r['observed']), 'other ship')} as well",
    "asset_crossed_daily": lambda r: f"crossed {many(int(r['observed']), 'time')} in the day before",
    "ships_disturbed": lambda r: f"positions of {many(int(r['observed']), 'ship')} disturbed at once",
    "share_disturbed": lambda r: f"{r['observed']:.0%} of the ships there",
    "ships_fell_silent": lambda r: f"{many(int(r['observed']), 'ship')} fell silent",
    "feed_silent_for": lambda r: f"no report for {span(r['observed'])} (rule: over {r['expected']:g} s)",
    "feed_not_connected_for": lambda r: f"not connected for {span(r['observed'])}",
    "feed_never_heard": lambda r: "not one report since the watch began",
    "feed_reports_before": lambda r: f"before {_rate(r['observed'])} reports/s{_usual(r['expected'])}",
    "feed_bytes": lambda r: f"{r['observed']:,.0f} bytes came meanwhile",
    "feed_rejected_share": lambda r: f"{r['observed']:.0%} of what came was rejected",
    "feed_clock_offset": lambda r: f"its times are {span(r['observed'])} {_off(r['observed'])}",
    "feed_delay_growth": lambda r: f"{r['observed']:g} s more each minute",
    "feeds_alive": lambda r: f"{r['observed']:g} of {many(int(r['expected']), 'feed')} bring reports",
    "assets_blind": lambda r: f"nobody heard near {many(int(r['observed']), 'asset')} by any other feed",
    "ships_heard_elsewhere": lambda r: f"{many(int(r['observed']), 'ship')} still heard elsewhere",
}
