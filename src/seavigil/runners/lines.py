"""Channels as the settings have them: opened, with the pace at which each is told."""

from __future__ import annotations

import re
import time
from pathlib import Path

from seavigil.alerts.channels import CHANNELS, Tools, channel_of
from seavigil.feeds.transports.secrets import secret_of
from seavigil.runners.dispatch import Line
from seavigil.runners.outgoing import Pace
from seavigil.runners.settings import ChannelTable

#: Names are part of the keys of messages, which a webhook signs between full stops.
_NAME = re.compile(r"[A-Za-z0-9_-]{1,40}")


def line_of(name: str, table: ChannelTable, folder: Path) -> Line:
    """Open a channel; nothing is sent yet. ``folder`` is that of the settings.

    Raises ``ValueError`` that names the table and says what is wrong, without a secret in it.
    """
    try:
        if not _NAME.fullmatch(name):
            raise ValueError("a channel's name has up to 40 letters, digits, - and _")
        tools = Tools(_now_us, folder, table.exercises)
        channel = channel_of(table.kind, table.options, tools, _reveal)
    except ValueError as fault:
        raise ValueError(f"[channels.{name}] {fault}") from fault
    return Line(name, channel, _pace(table))


def _pace(table: ChannelTable) -> Pace:
    """Give the pace. A machine that is told takes what comes, unless the settings limit it."""
    limited = CHANNELS[table.kind].people or "max_per_hour" in table.model_fields_set
    return Pace(
        group_wait_s=table.group_wait_s,
        max_per_hour=table.max_per_hour if limited else None,
        give_up_after_s=table.give_up_after_s,
        group_by=table.group_by,
        hold_urgent=table.hold_urgent,
    )


def _now_us() -> int:
    return time.time_ns() // 1000


def _reveal(place: str) -> str:
    return secret_of(place, what="secret").reveal()
