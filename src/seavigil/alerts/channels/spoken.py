"""One alert in one plain sentence, as a person says it on the telephone: who, what, where, since when.

Pure: payloads in, text out. What the ship does is said, never why she may do it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from seavigil import words

Payload = Mapping[str, Any]

#: What she does, as it goes on and once it is over; ``{}`` stands for the assets where they belong into it.
_DOES: dict[str, tuple[str, str]] = {
    "crossing": ("went over {}", "went over {}"),
    "slow_crossing": ("went slowly over {}", "went slowly over {}"),
    "repeated_crossing": ("goes over {} again and again", "went over {} again and again"),
    "trawling_over": ("trawls over {}", "trawled over {}"),
    "drifting": ("is drifting", "was drifting"),
    "loitering": ("is loitering near {}", "was loitering near {}"),
    "anchored_near": ("lies still near {}", "lay still near {}"),
    "gone_dark": ("has not been heard", "was not heard"),
    "identity_conflict": ("sends an identity that is in doubt", "sent an identity that is in doubt"),
    "position_spoofed": ("sends positions that are in doubt", "sent positions that are in doubt"),
    "watchlisted_near": ("is on a watch list and near {}", "is on a watch list and was near {}"),
    "unmatched_detection": ("was seen near {}, and no ship heard explains it",) * 2,
    "anchor_drag_under_way": ("seems to drag her anchor", "seemed to drag her anchor"),
    "dragging_at_anchor": ("drags at anchor", "dragged at anchor"),
    "sudden_stop": ("stopped suddenly", "stopped suddenly"),
    "asset_following": ("follows the line of {}", "followed the line of {}"),
    "survey_pattern": ("runs survey lines near {}", "ran survey lines near {}"),
    "zigzag": ("goes to and fro beside {}", "went to and fro beside {}"),
    "rendezvous": ("lies close to another ship near {}", "lay close to another ship near {}"),
    "speed_out_of_class": ("makes a speed not of her class", "made a speed not of her class"),
    "unusual_route": ("is off the usual routes", "was off the usual routes"),
    "gnss_degraded": ("satellite navigation is disturbed", "satellite navigation was disturbed"),
    "coverage_lost": ("ships are no longer heard", "ships were not heard"),
    "feed_dead": ("brings no report", "brought no report"),
    "feed_clock_off": ("has a wrong clock, or is late", "had a wrong clock, or was late"),
}
#: What she did and has done with: nothing of it goes on.
_MOMENTS = frozenset({"crossing", "slow_crossing", "sudden_stop", "fault_match"})
#: These say more of a crossing than that she crossed.
_CROSSINGS = frozenset({"slow_crossing", "repeated_crossing", "trawling_over"})
_NOTHING: Mapping[str, str] = {}
#: What was heard so long ago is not where she is now: at 10 kn she has gone 600 m (own choice).
OLD_S = 120.0
#: So many behaviours and assets are said; the rest stands in the text (own choice: one breath).
_MOST_DOES, _MOST_ASSETS = 3, 3


def sentence(payload: Payload, heard: Payload | None = None, over: Mapping[str, str] = _NOTHING) -> str:
    """Say one alert in one sentence; times are UTC.

    ``heard``: where the ship was last heard (``lat_deg``, ``lon_deg``, ``at``, ``age_s``), if that is known;
    ``over``: since when she does what she does no more, by behaviour.
    """
    mark = {"retracted": "Taken back: ", "closed": "Over: "}.get(payload["status"], "")
    does, there = _joined(_phrases(payload, over)), _there(payload, heard)
    said = " ".join(f"{mark}{_who(payload)} {does}{there}, {_since(payload, over)}.".split())
    return said if mark else said[0].upper() + said[1:]


def degrees_minutes(lat_deg: float, lon_deg: float) -> str:
    """Say a position as it is said at sea: degrees and minutes to a tenth.

    >>> degrees_minutes(59.8844, 25.3732)
    '59-53.1 N 025-22.4 E'
    """
    lat, lon = _minutes(lat_deg, 2), _minutes(lon_deg, 3)
    return f"{lat} {'N' if lat_deg >= 0 else 'S'} {lon} {'E' if lon_deg >= 0 else 'W'}"


def _minutes(deg: float, digits: int) -> str:
    tenths = round(abs(deg) * 600)
    return f"{tenths // 600:0{digits}d}-{tenths % 600 / 10:04.1f}"


def _who(payload: Payload) -> str:
    vessel = payload["vessel"]
    if vessel is None:
        named = words.ship(dict(payload))
        return f"in {named}" if named.removeprefix("EXERCISE: ").startswith("area ") else named
    mark = "EXERCISE: " if payload.get("exercise") and "EXERCISE" not in (vessel["name"] or "") else ""
    name = vessel["name"] or "a ship that sends no name"
    flag = f", flag {vessel['flag']}" if vessel["flag"] else ""
    return f"{mark}{name}, MMSI {vessel['mmsi']:09d}{flag},"


def _phrases(payload: Payload, over: Mapping[str, str] = _NOTHING) -> list[str]:
    """Give what she does, behaviour by behaviour, the assets said with the first that is about them."""
    every, named, said = payload["behaviours"], _assets(payload), []
    found = [b for b in every if b != "crossing" or not _CROSSINGS & set(every)]
    for behaviour in sorted(found[:_MOST_DOES], key=lambda b: "{}" in _phrase(b, payload)):
        phrase = _phrase(behaviour, payload, over)
        said.append(phrase.replace("{}", named or "an asset") + _until(behaviour, payload, over))
        if "{}" in phrase and named:
            named = "it" if len(payload["assets"]) == 1 else "them"
    return said


def _until(behaviour: str, payload: Payload, over: Mapping[str, str]) -> str:
    """Say until when she did what is over while the rest goes on; what takes a moment needs no end."""
    now, then = _DOES.get(behaviour, ("", ""))
    if payload["ended"] or behaviour not in over or now == then:
        return ""
    return f" until {words.clock(over[behaviour], payload['began'])}"


def _phrase(behaviour: str, payload: Payload, over: Mapping[str, str] = _NOTHING) -> str:
    if behaviour == "fault_match":
        return words.what({**payload, "behaviours": [behaviour]}).replace("{}", "")
    now, then = _DOES.get(behaviour, (f"shows {behaviour.replace('_', ' ')}",) * 2)
    return then if payload["ended"] or behaviour in over else now


def _joined(phrases: Sequence[str]) -> str:
    return " and ".join([", ".join(phrases[:-1]), phrases[-1]] if len(phrases) > 1 else phrases)


def _assets(payload: Payload) -> str:
    """Name the assets concerned, each with its kilometre and when she crossed it."""
    about = payload["assets"]
    named = [_asset(one, payload) for one in about[:_MOST_ASSETS]]
    more = [f"{len(about) - _MOST_ASSETS} more"] if len(about) > _MOST_ASSETS else []
    return _joined(named + more)


def _asset(asset: Mapping[str, Any], payload: Payload) -> str:
    km = f" (kilometre {asset['km_along']:.1f})" if asset["km_along"] is not None else ""
    at = f" at {words.clock(asset['crossed_at'], payload['began'])}" if asset["crossed_at"] else ""
    return f"{asset['name']}{km}{at}"


def _there(payload: Payload, heard: Payload | None) -> str:
    """Say where that is: an asset she would be at soon where none is named yet, and her position."""
    said = ""
    named = any("{}" in _phrase(b, payload) for b in payload["behaviours"])
    if payload["assets"] and not named and payload["vessel"] is not None:
        said = "; " + _joined([_near(one, payload) for one in payload["assets"][:_MOST_ASSETS]])
    if heard is not None:
        place = degrees_minutes(heard["lat_deg"], heard["lon_deg"])
        return f"{said}; last heard at {words.clock(heard['at'], payload['began'])} in position {place}"
    position = payload["position"]
    if position is None or payload["feed"] is not None:
        return said
    return f"{said}; last at {degrees_minutes(position['lat_deg'], position['lon_deg'])}"


def _near(asset: Mapping[str, Any], payload: Payload) -> str:
    km = f" (kilometre {asset['km_along']:.1f})" if asset["km_along"] is not None else ""
    if asset["crossed_at"]:
        return f"over {asset['name']}{km} at {asset['crossed_at'][11:16]}"
    if asset["ahead_in_s"] is not None:
        when = words.after(payload["revised_at"], asset["ahead_in_s"])
        return f"on that course over {asset['name']}{km} about {words.clock(when, payload['began'])}"
    if asset["distance_m"] is not None:
        return f"{asset['distance_m']:.0f} m from {asset['name']}{km}"
    return f"near {asset['name']}{km}"


def _since(payload: Payload, over: Mapping[str, str] = _NOTHING) -> str:
    day, began, ended = payload["began"][:10], payload["began"][11:16], payload["ended"]
    if ended:
        return f"from {began} to {words.clock(ended, payload['began'])} UTC on {day}"
    if over and set(payload["behaviours"]) <= {*over, *_MOMENTS}:
        return f"the first of it at {began} UTC on {day}"
    return f"since {began} UTC on {day}"
