"""The text a person reads: what, who, where, when, why, what else it may be, what comes next.

Pure: payloads in, text out. It says what was observed and what is usual, never what anybody wants.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from seavigil import words
from seavigil.alerts.channels import feed_words
from seavigil.alerts.channels.marks import MAX_SUBJECT, one_line

Payload = Mapping[str, Any]

PRIORITIES = ("info", "advisory", "warning", "urgent")

#: What happened to an alert, as its transition names it; what is not listed is told by its name.
_HAPPENED = {
    "found": "first told of",
    "opened": "first told of",
    "rose": "more pressing than before",
    "grew": "there is more of it than before",
    "escalated": "escalated",
    "escalate": "escalated",
    "unanswered": "nobody has acknowledged it",
    "acknowledge": "acknowledged",
    "close": "closed",
    "ended": "it has ended",
    "expired": "it ended long ago",
    "retract": "retracted",
    "explained": "later data explain it",
    "reopen": "opened again",
    "went_on": "it goes on again",
    "silence_ended": "it was silenced until now, and still stands",
}

#: Every text ends with it.
_CAVEAT = "Read from AIS, which each ship sends of herself. It says what was seen, not why it was done."

#: So many of each are told in a text; the rest is counted. The data beside the text has all of them.
_MOST_REASONS, _MOST_READINGS, _MOST_NEXT, _MOST_ASSETS = 8, 5, 5, 5


def most_pressing(payloads: Sequence[Payload]) -> str:
    """Give the highest priority among the alerts; ``info`` of none."""
    return max((p["priority"] for p in payloads), key=PRIORITIES.index, default="info")


def headline(payload: Payload) -> str:
    """Say one alert in a line: priority, what, who, near which assets; that it is over or taken back."""
    over = {"retracted": "RETRACTED: ", "closed": "closed: "}.get(payload["status"], "")
    near = "; ".join(asset["name"] for asset in payload["assets"][:2])
    more = f" and {len(payload['assets']) - 2} more" if len(payload["assets"]) > 2 else ""
    about = f": {near}{more}" if near else ""
    line = dict(payload)
    if feed_words.is_feed(payload):
        return feed_words.headline(payload, about)
    return f"{over}{payload['priority'].upper()}: {words.ship(line)}, {words.what(line)}{about}"


def subject(payloads: Sequence[Payload]) -> str:
    """Say one or several alerts in a line; that nothing is heard comes before all that is as pressing."""
    first = _blind_first(payloads) or max(payloads, key=lambda p: PRIORITIES.index(p["priority"]))
    count = f"{len(payloads)} alerts, first " if len(payloads) > 1 else ""
    name = f" [{first['alert_id']}]"
    return one_line(f"{count}{headline(first)}", MAX_SUBJECT - len(name)) + name


def _blind_first(payloads: Sequence[Payload]) -> Payload | None:
    blind = feed_words.blind(payloads)
    return blind if blind and blind["priority"] == most_pressing(payloads) else None


def text(payloads: Sequence[Payload]) -> str:
    """Say alerts in full, one below the other."""
    return "\n\n".join("\n".join(_lines(payload)) for payload in payloads) + f"\n\n{_caveat(payloads)}"


def _caveat(payloads: Sequence[Payload]) -> str:
    return feed_words.CAVEAT if all(map(feed_words.is_feed, payloads)) else _CAVEAT


def digest_subject(payloads: Sequence[Payload]) -> str:
    """Count the alerts of a digest by priority, the most pressing first."""
    counts = ((p, sum(one["priority"] == p for one in payloads)) for p in reversed(PRIORITIES))
    said = ", ".join(f"{n} {p}" for p, n in counts if n)
    blind = f"{feed_words.BLIND}: " if feed_words.blind(payloads) else ""
    return f"{blind}{len(payloads)} alerts in brief: {said}"


def digest_text(payloads: Sequence[Payload]) -> str:
    """List alerts in a line each: more came than this channel is sent one by one."""
    head = f"More came than is sent one by one. {len(payloads)} alerts, each once, the most pressing first:"
    told = (f"- {p['revised_at'][:16].replace('T', ' ')}Z {headline(p)} [{p['alert_id']}]" for p in payloads)
    return "\n".join([head, "", *told, "", "`seavigil alert show ID` tells one in full.", _caveat(payloads)])


def brief(payload: Payload) -> dict[str, Any]:
    """Give what a digest holds of an alert."""
    kept = ("alert_id", "revision", "status", "priority", "behaviours", "began", "ended", "revised_at")
    vessel = payload["vessel"] or {}
    return {
        **{key: payload[key] for key in kept},
        "vessel": {key: vessel.get(key) for key in ("mmsi", "imo", "name")} if vessel else None,
        "position": payload["position"],
        "assets": [{key: a[key] for key in ("asset_id", "name")} for a in payload["assets"]],
        **({"exercise": True} if payload.get("exercise") else {}),
    }


def _lines(payload: Payload) -> Iterator[str]:
    line = dict(payload)
    yield headline(payload)
    yield from _told_because(payload.get("transition") or {})
    yield ""
    yield f"What:     {words.what(line)}"
    yield from _about_feed(payload) if feed_words.is_feed(payload) else _about_ship(payload)
    yield f"Coverage: {payload['coverage'].get('statement') or 'not known'}"
    outcome = f" ({payload['outcome']})" if payload.get("outcome") else ""
    yield f"Alert:    {payload['alert_id']}, revision {payload['revision']}, {payload['status']}{outcome}"


def _about_ship(payload: Payload) -> Iterator[str]:
    line = dict(payload)
    yield f"Who:      {_who(payload)}"
    yield f"Where:    {_where(payload)}"
    yield f"When:     {words.when(line)} UTC; first known {_moment(payload['detected_at'])}"
    yield from _list("Seen:", [_reason(one, payload) for one in payload["reasons"]], _MOST_REASONS)
    yield from _list("It may be:", [_reading(r) for r in payload["innocent_readings"]], _MOST_READINGS)
    yield f"How often: {words.how_often(line) or 'not known for ordinary traffic'}"
    yield from _list("Next:", _ahead(line), _MOST_NEXT)


def _about_feed(payload: Payload) -> Iterator[str]:
    """Say of a feed what is asked of one; how it was is all there is to say when it is over."""
    yield from feed_words.facts(payload)
    seen = "Seen then:" if payload["ended"] else "Seen:"
    yield from _list(seen, [words.reason(dict(one)) for one in payload["reasons"]], _MOST_REASONS)
    if not payload["ended"]:
        yield from _list("It may be:", [_reading(r) for r in payload["innocent_readings"]], _MOST_READINGS)
    yield from _list("Next:", feed_words.steps(payload), _MOST_NEXT)


def _told_because(transition: Mapping[str, Any]) -> Iterator[str]:
    what = transition.get("what")
    if what is None:
        return
    happened = _HAPPENED.get(what, what.replace("_", " "))
    who = transition.get("who")
    by = f", by {who}" if who and who != "seavigil" else ""
    why = f": {transition['why']}" if transition.get("why") else ""
    yield f"Told because: {happened}{by}{why}"


def _who(payload: Payload) -> str:
    vessel = payload["vessel"]
    if vessel is None:
        return words.ship(dict(payload))
    known = {
        "MMSI": vessel["mmsi"],
        "IMO": vessel["imo"],
        "call sign": vessel["callsign"],
        "flag": vessel["flag"],
        "AIS type": vessel["ship_type"],
    }
    length = [f"{vessel['length_m']:g} m long"] if vessel["length_m"] else []
    told = [vessel["name"] or "unnamed", *(f"{k} {v}" for k, v in known.items() if v is not None), *length]
    others = [f"with {other['name'] or other['vessel_id']}" for other in payload["other_vessels"]]
    return ", ".join(told + others)


def _where(payload: Payload) -> str:
    line = dict(payload)
    place = words.place(line) if payload["position"] else words.ship(line)
    assets = words.assets(line, most=_MOST_ASSETS)
    return f"{place}; {assets}" if assets else place


def _moment(time: str) -> str:
    return time[:16].replace("T", " ")


def _reason(one: Mapping[str, Any], payload: Payload) -> str:
    """Say a reason, and the figure it is held against where the words do not name it."""
    said = words.reason(dict(one), payload["revised_at"])
    if one["expected"] is None or one["code"] == "asset_ahead_in":
        return said
    unit = f" {one['unit']}" if one["unit"] not in {"", "1"} else ""
    return f"{said} [observed {one['observed']:g}{unit}, expected {one['expected']:g}{unit}]"


def _reading(one: Mapping[str, Any]) -> str:
    fits = {True: "this fits", False: "this does not fit", None: "nothing decides"}[one["fits"]]
    signs = [
        f"{side} it: " + ", ".join(sign(each) for each in one[key])
        for side, key in (("for", "for"), ("against", "against"))
        if one[key]
    ]
    return "; ".join([f"{one['text']} ({fits})", *signs])


def sign(one: Mapping[str, Any]) -> str:
    """Say a sign for or against a reading."""
    said = feed_words.sign(one)
    if said is not None:
        return said
    unit = f" {one['unit']}" if one["unit"] not in {"", "1"} else ""
    return f"{one['code'].replace('_', ' ')} {one['observed']:g}{unit}"


def _ahead(line: dict[str, Any]) -> list[str]:
    one_by_one = ({**line, "next_assets": [one]} for one in line["next_assets"])
    return [said for one in one_by_one if (said := words.ahead(one))]


def _list(title: str, items: Sequence[str], most: int) -> Iterator[str]:
    if items:
        yield title
        yield from (f"  - {item}" for item in items[:most])
    if len(items) > most:
        yield f"  - and {len(items) - most} more"
