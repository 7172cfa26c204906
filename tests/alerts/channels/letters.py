"""What channels are given in their tests: payloads as the outbox has them, messages made of them."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

from seavigil.alerts import Alert, AlertAsset, VesselFacts
from seavigil.alerts.channels.compose import message_of
from seavigil.alerts.channels.contract import Message, Tools
from seavigil.alerts.notify import Notification
from seavigil.alerts.transitions import Transition
from seavigil.events import Reason
from seavigil.records import parse_time_us

#: 2025-11-20T04:21:14Z: she crosses; the log took note of it two seconds later.
CROSSED_US = parse_time_us("2025-11-20T04:21:14Z")
CREATED_US = CROSSED_US + 2_000_000


def alert(alert_id: str = "3bb711db5a773f21", revision: int = 1, **changes: Any) -> Alert:
    """Give an alert about one ship over one cable."""
    given: dict[str, Any] = {
        "alert_id": alert_id,
        "revision": revision,
        "status": "open",
        "priority": "warning",
        "behaviours": ("drifting", "crossing"),
        "behaviour_first_seen_us": {"crossing": CROSSED_US},
        "vessel": VesselFacts(219000001, "219000001", 9074729, "ALDER", "OXAB", 70, 150.0, "Denmark"),
        "assets": (AlertAsset("link-1", "Link 1", "power_cable", CROSSED_US, 5.0, 29.168, 72.8, 1.0, 0.0),),
        "began_us": CROSSED_US,
        "ended_us": None,
        "detected_at_us": CROSSED_US + 1_000_000,
        "revised_at_us": CROSSED_US + 1_000_000,
        "lat_deg": 59.88442,
        "lon_deg": 25.373242,
        "reasons": (Reason("course_heading_split", observed=80, expected=45.0, unit="deg", weight=2.0),),
        "innocent_readings": (
            {"code": "fishing", "text": "fishing with gear out", "fits": False, "for": [], "against": []},
        ),
        "coverage": {"ships_heard_around": 12, "statement": "12 other ships heard around her in 5 min"},
        "data_quality": {"reports": 197, "depth_known": False, "flags": []},
        "event_ids": ("88233f560ad9a622",),
        "expected_per_1000_ship_days": 0.438,
        "expected_from": {"normal": "prior", "ship_days": 6846},
        "next_assets": (
            {
                "asset_id": "pipe-3",
                "name": "Pipe 3",
                "kind": "gas_pipeline",
                "eta_earliest": "2025-11-20T07:34:31Z",
                "eta_likely": "2025-11-20T09:53:15Z",
                "eta_latest": "2025-11-20T15:17:19Z",
                "probability": 0.625,
                "call_by": "2025-11-20T07:21:16Z",
            },
        ),
    }
    return Alert(**{**given, **changes})


def payload(alert_id: str = "3bb711db5a773f21", revision: int = 1, **changes: Any) -> dict[str, Any]:
    """Give what the outbox holds of an alert: its line and the step that made it worth telling."""
    told = alert(alert_id, revision, **changes)
    step = Transition(alert_id, revision, "opened", None, "open", "seavigil", told.revised_at_us)
    return Notification(told, step).payload()


def message(*payloads: dict[str, Any], channel: str = "x", created_us: int = CREATED_US) -> Message:
    """Give the message that tells these alerts, by default of one."""
    told = payloads or (payload(),)
    keys = [f"{one['alert_id']}:{one['revision']}:{channel}" for one in told]
    return message_of(keys, told, created_us)


def exercise() -> Message:
    """Give a message about an invented ship."""
    return message(payload(exercise=True))


def tools(folder: Path = Path(), *, now_us: int = CREATED_US, exercises: str = "also") -> Tools:
    """Give what a channel is given besides its parameters, the clock standing still."""
    return Tools(lambda: now_us, folder, exercises)


def run(work: Callable[[], Awaitable[Any]]) -> Any:
    """Run something asynchronous to its end, within twenty seconds."""

    async def limited() -> Any:
        async with asyncio.timeout(20):
            return await work()

    return asyncio.run(limited())
