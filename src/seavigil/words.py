"""Codes to words: the only place where findings become sentences."""

from __future__ import annotations

from typing import Any

from seavigil.reasons import REASONS

BEHAVIOURS = {
    "crossing": "crossed",
    "drifting": "drifting",
    "loitering": "loitering near",
    "anchored_near": "lies still near",
    "gone_dark": "gone dark",
    "identity_conflict": "identity in doubt",
    "position_spoofed": "position in doubt",
    "watchlisted_near": "on a list and near",
    "unmatched_detection": "seen, but by no AIS, near",
    "anchor_drag_under_way": "seems to drag her anchor",
    "dragging_at_anchor": "drags at anchor",
    "sudden_stop": "stopped suddenly",
    "slow_crossing": "crossed slowly",
    "repeated_crossing": "crossed again and again",
    "asset_following": "follows the line of",
    "survey_pattern": "runs survey lines near",
    "zigzag": "zigzags for hours beside",
    "trawling_over": "trawls over",
    "rendezvous": "met another ship near",
    "speed_out_of_class": "speed not of her class",
    "unusual_route": "off the usual routes",
    "fault_match": "fits a fault",
    "gnss_degraded": "satellite navigation disturbed",
    "coverage_lost": "reception lost",
    "feed_dead": "brings no report",
    "feed_clock_off": "has a wrong clock, or is late",
}
#: What is over is not said as if it were so: beside it stands how the feed does now.
_FEED_WAS = {"feed_dead": "brought no report", "feed_clock_off": "had a wrong clock, or was late"}


def reason(one: dict[str, Any], revised_at: str | None = None) -> str:
    """Say one reason of an alert line in words; ``revised_at``: of its revision, from which it counts."""
    if one["code"] == "asset_ahead_in" and revised_at is not None:
        return f"on this course over an asset about {clock(after(revised_at, one['observed']), revised_at)}Z"
    words = REASONS.get(one["code"])
    try:
        said = words(one) if words else None
    except TypeError:  # what it was to be held against is not known
        said = None
    return said or f"{one['code'].replace('_', ' ')} {one['observed']:g} {one['unit']}".strip()


def ship(line: dict[str, Any]) -> str:
    """Name the ship of an alert line: name if known, MMSI, flag; else the area or the contact."""
    vessel = line["vessel"]
    if vessel is None:
        return _area(line)
    name = vessel["name"] or "unnamed"
    flag = f", {vessel['flag']}" if vessel["flag"] else ""
    mark = "EXERCISE: " if line.get("exercise") and not name.startswith("EXERCISE") else ""
    return f"{mark}{name} ({vessel['vessel_id']}{flag})"


def _area(line: dict[str, Any]) -> str:
    mark = "EXERCISE: " if line.get("exercise") else ""
    area, feed = line.get("area"), line.get("feed")
    if feed is not None:
        return f"{mark}feed {feed['name']} ({feed['state'].replace('_', ' ')})"
    if area is None:
        return f"{mark}alert {line['alert_id']}"
    if area["south_deg"] is None or "unmatched_detection" in line["behaviours"]:
        return f"{mark}{area['area_id']}".replace("contact:", "contact ")
    lat = _span(area["south_deg"], area["north_deg"], "NS")
    return f"{mark}area {lat}, {_span(area['west_deg'], area['east_deg'], 'EW')}"


def _span(low: float, high: float, letters: str) -> str:
    ends = (f"{abs(deg):g} {letters[deg < 0]}" for deg in (low, high))
    return " to ".join(ends)


def what(line: dict[str, Any]) -> str:
    """Say what the ship does, behaviours joined."""
    over = _FEED_WAS if line.get("feed") and line.get("ended") else {}
    said = {b: over.get(b) or BEHAVIOURS.get(b, b.replace("_", " ")) for b in line["behaviours"]}
    if "fault_match" in said and line.get("faults"):
        said["fault_match"] = " and ".join(_fits(one, line["faults"]) for one in line["faults"])
    return ", ".join(said.values())


#: How a ship that fits a fault is told, by what is said of her.
_FITS = {
    "likely": "{1}fits {0}",
    "possible": "{1}fits {0} (perhaps by chance)",
    "fits_no_more": "fits {} no more",
    "withdrawn": "fitted {} since withdrawn",
}


def _fits(fault: dict[str, Any], every: list[dict[str, Any]]) -> str:
    """Say which fault she fits: of which asset, and when, with the day where they are not of one day."""
    day = "" if len({one["at"][:10] for one in every}) == 1 else f"{fault['at'][5:10]} "
    about = f"a fault of {fault['name']} at {day}{fault['at'][11:19]}Z"
    return _FITS[fault["says"]].format(about, "best " if fault["rank"] == 1 else "")


def assets(line: dict[str, Any], most: int = 3) -> str:
    """Name the assets concerned, with the time of crossing where there is one."""
    named = [a["name"] + _how(a, line["revised_at"]) for a in line["assets"]]
    rest = f" and {len(named) - most} more" if len(named) > most else ""
    return "; ".join(named[:most]) + rest


def _how(asset: dict[str, Any], revised_at: str) -> str:
    km = f", km {asset['km_along']:.1f}" if asset["km_along"] is not None else ""
    if asset["crossed_at"]:
        return f" at {asset['crossed_at'][11:16]}Z{km}"
    if asset["ahead_in_s"] is not None:
        soon = "ahead" if asset["ahead_in_s"] >= 0 else "perhaps crossed"
        return f" {soon} about {clock(after(revised_at, asset['ahead_in_s']), revised_at)}Z"
    return f", {asset['distance_m']:.0f} m off{km}" if asset["distance_m"] is not None else ""


#: What is less probable is no news; so many stand in a table.
_WORTH_SAYING, _MOST_AHEAD = 0.1, 3


def ahead(line: dict[str, Any]) -> str:
    """Say which assets she reaches next, the most probable ones in order of time, and when to call."""
    likely = [one for one in line["next_assets"] if one["probability"] >= _WORTH_SAYING]
    told = sorted(likely, key=lambda one: -one["probability"])[:_MOST_AHEAD]
    crossed = {asset["asset_id"] for asset in line["assets"] if asset["crossed_at"]}
    said = [
        _reaches(one, line["revised_at"], again=one["asset_id"] in crossed) for one in likely if one in told
    ]
    return "; ".join(said) + (f" and {len(likely) - len(told)} more" if len(likely) > len(told) else "")


def _reaches(one: dict[str, Any], now: str, *, again: bool) -> str:
    between = f"{clock(one['eta_earliest'], now)} to {clock(one['eta_latest'], now)}Z"
    call = f"call by {clock(one['call_by'], now)}Z" if one["call_by"] > now else "too late to stop her short"
    return f"{one['name']}{' again' if again else ''} {between} ({one['probability']:.0%}), {call}"


def after(time: str, seconds: float) -> str:
    """Give the time so many seconds after another: what is so many minutes ago is so only for a minute."""
    from datetime import datetime, timedelta

    then = datetime.fromisoformat(time) + timedelta(seconds=seconds)
    return then.isoformat(timespec="seconds").replace("+00:00", "Z")


def clock(time: str, now: str) -> str:
    """Give the hour and minute, with the date where it is another day's."""
    return time[11:16] if time[:10] == now[:10] else f"{time[5:10]} {time[11:16]}"


def place(line: dict[str, Any]) -> str:
    """Say where she was last, with the hemisphere's letter; nothing of a feed."""
    position = line["position"]
    if position is None:
        return "" if line.get("feed") else "not known"
    lat, lon = position["lat_deg"], position["lon_deg"]
    return f"{abs(lat):.4f} {'N' if lat >= 0 else 'S'} {abs(lon):.4f} {'E' if lon >= 0 else 'W'}"


def how_often(line: dict[str, Any]) -> str:
    """Say how often ordinary traffic raises alerts as strong as this one; nothing where it is not known."""
    rate, of = line["expected_per_1000_ship_days"], line["expected_from"]
    if rate is None or of is None:
        return ""
    whose = "invented traffic" if of["normal"] == "prior" else "your own history"
    said = f"{rate:,.0f}" if rate >= 10 else f"{rate:.2g}"
    return f"{said} as strong or stronger in 1,000 ship-days of {whose}"


def when(line: dict[str, Any]) -> str:
    """Say since when, until when, or as of when it went on; of a feed "went on" would be "came back"."""
    began = line["began"][:16].replace("T", " ")
    if line["ended"]:
        return f"{began} to {line['ended'][11:16]}"
    if line.get("feed") or "gone_dark" in line["behaviours"]:  # who is not heard does not go on with anything
        return f"{began}, still so at {clock(line['revised_at'], line['began'])}"
    return f"{began}, went on at {line['revised_at'][11:16]}"
