"""Feeds from what a user names: addresses, names of open feeds, recordings at a speed, tables of settings."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from seavigil.feeds.formats import format_named, parse_mapping, recognise
from seavigil.feeds.transports.presets import PRESETS, preset_of, preset_transport
from seavigil.feeds.transports.replay import Pace, Replay
from seavigil.feeds.transports.urls import is_live, transport_of
from seavigil.runners.service import Feed
from seavigil.runners.settings import FeedTable


def named_feed(name: str, table: FeedTable) -> Feed:
    """Give the feed of a table of settings.

    Raises ``ValueError`` that names the feed and says what is wrong with it.
    """
    try:
        return _feed(name, table)
    except ValueError as fault:
        raise ValueError(f"[feeds.{name}] {fault}") from fault


def _feed(name: str, table: FeedTable) -> Feed:
    if table.format is not None:
        format_named(table.format)
    if table.columns is not None:
        parse_mapping(table.columns)
    if table.preset is not None:
        preset = preset_of(table.preset)
        transport = preset_transport(table.preset, table.options, url=table.url)
        return Feed(name, transport, table.format or preset.format, table.columns, table.mute_after_s)
    if table.url is None:
        raise ValueError("neither url nor preset is given")
    transport = transport_of(table.url, table.options)
    return Feed(name, transport, table.format, table.columns, table.mute_after_s)


def live(source: str) -> bool:
    """Whether a source of `seavigil watch` is a live feed: an address, or the name of an open one."""
    return is_live(source) or source in PRESETS


def feeds_of(
    sources: Sequence[str], format_name: str | None, columns: str | None, *, until_closed: bool
) -> list[Feed]:
    """Give the feeds that sources of `seavigil watch` stand for, each named by what it shows.

    ``until_closed``: what they bring has an end: a recording that somebody plays, of whatever day.
    Raises ``ValueError``.
    """
    found = []
    for source in sources:
        ends = until_closed and source.startswith(("tcp://", "tcps://"))
        of_tcp: dict[str, Any] = {"until_closed": True} if ends else {}
        table = (
            FeedTable(preset=source, format=format_name, columns=columns)
            if source in PRESETS
            else FeedTable(url=source, format=format_name, columns=columns, **of_tcp)
        )
        feed = _feed(source, table)
        found.append(replace(feed, name=feed.transport.shown, replay=until_closed))
    return found


def replayed(
    sources: Sequence[str], speed: float | None, format_name: str | None, columns: str | None
) -> Feed:
    """Give recordings as one feed, at ``speed`` times their own pace (None: as fast as can be).

    Raises ``ValueError``.
    """
    pace = None if speed is None else lambda name, head: _pace(name, head, format_name, columns)
    transport = Replay(list(sources), speed=speed, open_pace=pace)
    return Feed("replay", transport, format_name, columns, replay=True)


def _pace(name: str, head: bytes, format_name: str | None, columns: str | None) -> Pace:
    """Tell the newest time in each block of a recording, by decoding it."""
    known = format_named(format_name) if format_name is not None else recognise(head, name)
    receiver = known.open(name, **({} if columns is None else {"mapping": parse_mapping(columns)}))

    def newest_us(block: bytes) -> int | None:
        decoded = receiver.receive(block, received_us=0)
        times = decoded.reports["time_us"].cast("int64").to_numpy()
        told = times[times > 0]
        return int(told.max()) if len(told) else None

    return newest_us
