"""What people of other organisations are told of a service: how it does, not where it lies or whom it asks.

What it counts is counted over hidden assets too, and its words were written for the house: they get the
figures that hold for everybody.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from seavigil.reasons import many

Row = Mapping[str, Any]

#: What stands in place of an address, a path or a text that is the house's own.
WITHHELD = "withheld"
#: Figures of a statement that count, or name, what may be hidden.
_HOUSE = ("alerts", "assets", "exercises", "areas_lost", "notes")
#: Problems of the house's own: its channels, its letters, how it is reached.
_ITS_OWN = ("channel_fails", "dead_letters", "outbox_waits", "exposed")


def status(told: Row, assets: int, alerts: Mapping[str, Mapping[str, int]]) -> dict[str, Any]:
    """Give a status, with what may be seen counted; letters and channels are the house's."""
    said = told["statement"]
    return {
        **told,
        "problems": problems(told["problems"]),
        "assets": assets,
        "pid": 0,
        "exposed": "",
        "feeds": feeds(told["feeds"]),
        "store": {**told["store"], "shown": WITHHELD, "why": _hidden(told["store"]["why"])},
        "log": {**told["log"], "why": _hidden(told["log"]["why"])},
        "judge": {**told["judge"], **{name: _hidden(told["judge"][name]) for name in ("why", "fails_by")}},
        "alerts": alerts,
        "channels": {},
        "outbox": {name: None if value is None else 0 for name, value in told["outbox"].items()},
        "failing": [],
        "statement": None if said is None else {**said, "text": WITHHELD},
    }


def problems(found: Sequence[Row]) -> list[dict[str, Any]]:
    """Give what is wrong without why: that names addresses and paths."""
    return [{**one, "words": one["words"].split(": ")[0]} for one in found if one["code"] not in _ITS_OWN]


def feeds(told: Sequence[Row]) -> list[dict[str, Any]]:
    """Give feeds without where they come from."""
    return [{**one, "url": WITHHELD, "why": _hidden(one["why"])} for one in told]


def statement(told: Row) -> dict[str, Any]:
    """Give a statement with words made of what holds for everybody: how much was heard, and when nobody was.

    ``told``: its row as far as the viewer may see it.
    """
    figures = {name: value for name, value in (told["figures"] or {}).items() if name not in _HOUSE}
    return {**told, "figures": figures, "text": _words(figures)}


def _words(figures: Row) -> str:
    said = [f"{many(int(figures.get('reports') or 0), 'report')} heard"]
    if figures.get("share") is not None:
        said.append(f"{figures['share']:.0%} of what was expected")
    if figures.get("feeds"):
        said.append(f"{figures.get('feeds_alive_least') or 0} of {many(figures['feeds'], 'feed')} alive")
    blind = [f"{one['from'][11:16]} to {one['to'][11:16]}" for one in figures.get("blind") or ()]
    if blind:
        said.append(f"nobody listened {', '.join(blind)}")
    return "; ".join(said)


def _hidden(text: str) -> str:
    return WITHHELD if text else ""
