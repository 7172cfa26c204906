"""The text of alerts about feeds: that the watch is blind, which feed, since when, what to do next.

Pure: payloads in, text out. Here no ship is concerned: what is said of ships in other texts has no place.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from seavigil import words
from seavigil.reasons import many

Payload = Mapping[str, Any]

BLIND = "THE WATCH IS BLIND"
CAVEAT = "This is about the watch itself: no ship is concerned."

#: Connected, if not in every way as it should be: its reports come.
_HEARD = ("connected", "clock_off", "behind")

#: What whoever is on watch does, by the state of the feed.
_STEPS = {
    "connecting": "see whether its address is right and the other side up; it is tried again by itself",
    "waiting": "see whether its address is right and the other side up; it is tried again by itself",
    "refused": "mend its key, certificate or subscription in the settings: trying again will not help",
    "mute": "ask the provider; of a receiver of your own see to power, antenna and line",
    "garbage": "hold format, port and encryption in its settings against what the provider says it sends",
    "clock_off": "ask the provider for the clock of its server; look at this machine's clock too",
    "behind": "ask the provider; see whether the line to it carries what it should",
    "ended": "see why the other side has ended it; only a new start of the service connects again",
}

#: Signs whose code and figure alone would not be understood.
_SIGNS = {
    "feeds_dead_together": lambda n: f"{many(int(n), 'feed')} fell silent together",
    "reports_expected": lambda n: f"{n:,.0f} reports were to be expected meanwhile",
}


def is_feed(payload: Payload) -> bool:
    """Whether an alert is about a feed."""
    return payload.get("feed") is not None


def blind(payloads: Sequence[Payload]) -> Payload | None:
    """Give the alert that says that no feed brings anything, if that holds by the newest of them."""
    dead = [p for p in payloads if is_feed(p) and "feed_dead" in p["behaviours"]]
    newest = max(dead, key=lambda p: p["revised_at"], default=None)
    if newest is None or newest["ended"] or newest["status"] == "retracted":
        return None
    none = any(r["code"] == "feeds_alive" and not r["observed"] for r in newest["reasons"])
    return newest if none else None


def headline(payload: Payload, near: str) -> str:
    """Say one alert in a line; ``near`` names the assets that are blind, or is empty."""
    line = dict(payload)
    if payload["ended"] and payload["status"] != "retracted":
        return over(payload)
    shut = {"retracted": "RETRACTED: ", "closed": "closed: "}.get(payload["status"], "")
    alarm = f"{BLIND}: " if blind([payload]) else ""
    return f"{shut}{payload['priority'].upper()}: {alarm}{words.ship(line)}, {words.what(line)}{near}"


def over(payload: Payload) -> str:
    """Say that it is over, and how: heard again, or watched no more."""
    feed, mark = payload["feed"], "EXERCISE: " if payload.get("exercise") else ""
    if feed["state"] in _HEARD:
        now = "is heard again" if "feed_dead" in payload["behaviours"] else "is as it should be again"
    else:
        now = "has come to its end" if feed["state"] == "ended" else "is watched no more"
    return f"closed: {mark}feed {feed['name']} {now}: it {words.what(dict(payload))} {_span(payload)}"


def facts(payload: Payload) -> Iterator[str]:
    """Give the lines of a text that say which feed, since when, and what it leaves blind."""
    line, feed = dict(payload), payload["feed"]
    says = f": {feed['why']}" if feed.get("why") else ""
    yield f"Feed:     {feed['name']}, {feed['url']}"
    yield f"State:    {feed['state'].replace('_', ' ')}{says}"
    first = words.clock(payload["detected_at"], payload["began"])
    yield f"When:     {words.when(line)} UTC; first told {first}"
    if payload["assets"] and not payload["ended"]:
        yield f"Blind:    {words.assets(line, most=5)}"


def steps(payload: Payload) -> list[str]:
    """Give what to do next; nothing where it is over."""
    if payload["ended"]:
        return []
    step = _STEPS.get(payload["feed"]["state"])
    other = "until a feed is back, watch by other means: by AIS nothing is watched now"
    return [
        *([other] if blind([payload]) else []),
        *([step] if step else []),
        "`seavigil status` says how all feeds do now",
    ]


def sign(one: Mapping[str, Any]) -> str | None:
    """Say a sign for or against a reading of a feed; None of one that is not its own."""
    said = _SIGNS.get(one["code"])
    return said(one["observed"]) if said else None


def _span(payload: Payload) -> str:
    began, ended = payload["began"], payload["ended"]
    return f"from {began[11:16]} to {words.clock(ended, began)} UTC"
