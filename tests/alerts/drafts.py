"""Drafts of alerts for the tests: one ship, one case, as risk gives them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from seavigil.alerts import Alert, AlertAsset, AlertBook, Command, VesselFacts
from seavigil.records import MINUTE_US

DRAFT = Alert(
    alert_id="a",
    revision=0,
    status="",
    priority="info",
    behaviours=("drifting",),
    behaviour_first_seen_us={"drifting": 10},
    vessel=VesselFacts(299_100_001, "299100001"),
    assets=(),
    began_us=5,
    ended_us=None,
    detected_at_us=10,
    revised_at_us=10,
    lat_deg=59.0,
    lon_deg=20.0,
    reasons=(),
    innocent_readings=(),
    coverage={},
    data_quality={},
    event_ids=("e",),
)


def draft(minute: float, *, ended: bool | float = False, assets: Iterable[str] = (), **told: Any) -> Alert:
    """Give a draft as of a minute; assets with a ``!`` were crossed; ``ended``: then, or at a minute."""
    at_us = round(minute * MINUTE_US)
    ended_us = round(float(ended) * MINUTE_US) if ended is not True and ended else at_us if ended else None
    concerned = tuple(
        AlertAsset(name.rstrip("!"), name.rstrip("!"), "cable", probability_over=1.0 if "!" in name else None)
        for name in assets
    )
    return replace(
        DRAFT, revised_at_us=at_us, detected_at_us=at_us, ended_us=ended_us, assets=concerned, **told
    )


def command(kind: str, alert_id: str | None = "a", *, who: str = "Ada", **told: Any) -> Command:
    """Give a command of a person; arguments by name."""
    why = told.pop("why", "as I see it")
    command_id = told.pop("command_id", f"c-{kind}")
    if kind == "close":
        told.setdefault("outcome", "harmless")
    return Command(command_id, kind, alert_id, who, why, told)


def said(book: AlertBook, *steps: Alert | tuple[float, Command] | float) -> list[tuple[float, str, str]]:
    """Play drafts, commands at minutes and bare minutes; gives the steps: (minute, what, status after)."""
    for step in steps:
        if isinstance(step, Alert):
            book.advance([step], step.revised_at_us)
        elif isinstance(step, tuple):
            minute, given = step
            book.advance([], round(minute * MINUTE_US))
            book.obey(given, round(minute * MINUTE_US))
        else:
            book.advance([], round(step * MINUTE_US))
    return [(t.data_us / MINUTE_US, t.what, t.after or "") for t in book.transitions()]
