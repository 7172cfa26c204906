"""The settings as they may be shown: no secret, and nothing in which one may hide."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from seavigil.feeds.transports.secrets import CUT, is_place, shown_url
from seavigil.runners.settings_tables import ChannelTable, FeedTable, Settings
from seavigil.store.engine import shown, store_url

#: Options of channels that are words of ours or places of theirs; any other text may be a secret.
_PLAIN = frozenset({"port", "topic", "subject", "from", "to", "facility", "format", "language", "sender"})


def settings_shown(settings: Settings) -> dict[str, Any]:
    """Give every table with every key, as plain values.

    Of addresses passwords and query values are cut; of channels, whose address alone may let anybody post,
    only the host is told. Of options that belong to a transport or kind of channel, texts are cut.
    """
    told: dict[str, Any] = {
        name: _plain(table.model_dump())
        for name, table in settings
        if name not in ("feeds", "channels", "oidc")
    }
    told["store"]["url"] = None if settings.store.url is None else shown(store_url(settings.store.url))
    told["feeds"] = {name: _feed(table) for name, table in settings.feeds.items()}
    told["channels"] = {name: _channel(table) for name, table in settings.channels.items()}
    told["oidc"] = {name: _plain(table.model_dump()) for name, table in settings.oidc.items()}
    return told


def _plain(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {key: _plain(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [_plain(one) for one in value]
    return str(value) if isinstance(value, Path) else value


def _feed(table: FeedTable) -> dict[str, Any]:
    known = {name: getattr(table, name) for name in FeedTable.model_fields}
    url = None if table.url is None else shown_url(table.url)
    return {**_plain(known), "url": url, **{k: _option(k, v) for k, v in table.options.items()}}


def _channel(table: ChannelTable) -> dict[str, Any]:
    known = {name: getattr(table, name) for name in ChannelTable.model_fields}
    return {**_plain(known), **{k: _option(k, v) for k, v in table.options.items()}}


def _option(name: str, value: Any) -> Any:
    if isinstance(value, Mapping):
        return {key: _option(key, inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [_option(name, one) for one in value]
    if not isinstance(value, str):
        return value
    if is_place(value) or name in _PLAIN or name.endswith("_file"):
        return value
    return _host(value) if name == "url" else CUT


def _host(url: str) -> str:
    try:
        parts = urlsplit(url)
        port = f":{parts.port}" if parts.port is not None else ""
    except ValueError:
        return CUT
    return f"{parts.scheme}://{parts.hostname}{port}/{CUT}" if parts.hostname else CUT
