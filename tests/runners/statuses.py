"""Statuses of services, made up: all well, and with one thing wrong."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from seavigil.records import HOUR_US, SECOND_US, parse_time_us
from seavigil.runners.status import (
    JudgeStatus,
    LogStatus,
    OutboxStatus,
    Statement,
    StatusSnapshot,
    StoreStatus,
)
from seavigil.store.rows import FeedRow

NOW_US = parse_time_us("2026-11-22T14:00:00Z")
COAST = FeedRow(
    feed=7,
    name="coast",
    url="tcp://coast.example:5631",
    state="connected",
    why="",
    since_us=NOW_US - 2 * HOUR_US,
    last_bytes_us=NOW_US - SECOND_US,
    last_report_us=NOW_US - 2 * SECOND_US,
    bytes=1_000_000,
    reports=20_000,
    rejects=12,
    ships=340,
    delay_s_median=1.25,
    delay_s_p95=4.0,
    usual_reports_per_s=41.0,
    reports_per_s=39.5,
    counts={"alive": 1, "minute_reports": 2370, "minute_s": 60, "kernel_drops": 3},
)
MUTE = replace(
    COAST,
    feed=8,
    name="sky",
    url="wss://sky.example",
    state="mute",
    why="connected, but nothing came since 2026-11-22T13:58:00Z",
    last_report_us=NOW_US - 120 * SECOND_US,
    usual_reports_per_s=None,
    reports_per_s=0.0,
    delay_s_median=None,
    delay_s_p95=None,
    counts={"alive": 0},
)
WELL = StatusSnapshot(
    taken_us=NOW_US,
    started_us=NOW_US - 26 * HOUR_US,
    version="1.2.3",
    pid=4711,
    feeds=(COAST,),
    judge=JudgeStatus(position=998, lag_s=0.5, reports=19_990),
    log=LogStatus(position=1_000, bytes=5_000_000, free_bytes=200 << 30),
    store=StoreStatus("sqlite:///watch/seavigil.sqlite"),
    alerts={"urgent": {"open": 1}, "info": {"candidate": 30, "closed": 200}},
    outbox=OutboxStatus(waiting=0, sent=12, dead=0),
    channels={"duty": {"sent_total": 12.0, "waiting": 0.0}},
    statement=Statement(NOW_US, "2026-11-22 13:00 to 14:00: nothing above info seen; blind: none"),
)


def but(**changed: Any) -> StatusSnapshot:
    """Give the status of a service that does well but for what is named: ``judge={"alive": False}``."""
    parts = {
        name: replace(getattr(WELL, name), **value) if isinstance(value, dict) else value
        for name, value in changed.items()
    }
    return replace(WELL, **parts)
