"""Channels: how alerts reach people and their machines. The only part of alerts that opens sockets and files.

A new kind is a file with its parameters and a `Channel`, and a line in `CHANNELS`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import MISSING, dataclass, fields
from difflib import get_close_matches
from typing import Any

from seavigil.alerts.channels.cap import CapParams
from seavigil.alerts.channels.cap_feed import Cap
from seavigil.alerts.channels.contract import (
    Channel,
    Message,
    Params,
    PassingFailure,
    PermanentFailure,
    Sent,
    Tools,
)
from seavigil.alerts.channels.file import File, FileParams
from seavigil.alerts.channels.mail import Mail, MailParams
from seavigil.alerts.channels.mqtt import Mqtt, MqttParams
from seavigil.alerts.channels.nats import Nats, NatsParams
from seavigil.alerts.channels.syslog import Syslog, SyslogParams
from seavigil.alerts.channels.webhook import Webhook, WebhookParams

__all__ = [
    "CHANNELS",
    "Channel",
    "Message",
    "Params",
    "PassingFailure",
    "PermanentFailure",
    "Sent",
    "Tools",
    "channel_of",
    "described",
]


@dataclass(frozen=True)
class Kind:
    """One kind of channel: what it is called in words, its parameters, and what makes one.

    ``people``: whether people read it, who can be told too much; machines take what comes.
    """

    says: str
    params: type[Params]
    opens: Callable[[Any, Tools], Channel[Any]]
    people: bool = False


CHANNELS: Mapping[str, Kind] = {
    "webhook": Kind("signed HTTP POST", WebhookParams, Webhook, people=True),
    "email": Kind("e-mail over SMTP", MailParams, Mail, people=True),
    "mqtt": Kind("MQTT broker", MqttParams, Mqtt),
    "nats": Kind("NATS, with JetStream where a stream takes it", NatsParams, Nats),
    "cap": Kind("CAP 1.2 messages and an Atom feed, as files", CapParams, Cap),
    "syslog": Kind("lines of syslog", SyslogParams, Syslog),
    "file": Kind("file of JSON lines", FileParams, File),
}


def channel_of(
    kind: str, options: Mapping[str, Any], tools: Tools, reveal: Callable[[str], str]
) -> Channel[Any]:
    """Make a channel of what its settings say.

    ``reveal`` reads the secret that ``env:NAME`` or ``file:PATH`` names. Raises ``ValueError`` in words, and
    without a secret, for a kind or key that there is not, and for what cannot be meant.
    """
    if kind not in CHANNELS:
        raise ValueError(f"there is no kind of channel {kind!r}{_nearest(kind, CHANNELS)}")
    return CHANNELS[kind].opens(_params(kind, options, tools, reveal), tools)


def described(kind: str) -> Iterable[tuple[str, str, str]]:
    """Give each key of a kind: its name, its default (``required``, ``none``), and what it is."""
    for one in fields(CHANNELS[kind].params):
        made = one.default_factory() if one.default_factory is not MISSING else one.default
        default = "required" if made is MISSING else "none" if made is None else _shown(made)
        yield one.name, default, one.metadata.get("says", "")


def _shown(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _params(kind: str, options: Mapping[str, Any], tools: Tools, reveal: Callable[[str], str]) -> Params:
    from pydantic import TypeAdapter, ValidationError

    known = {one.name: one.metadata for one in fields(CHANNELS[kind].params)}
    for key in options:
        if key not in known:
            raise ValueError(f"a channel of kind {kind} has no key {key!r}{_nearest(key, known)}")
    given = {key: _given(key, value, known[key], tools, reveal) for key, value in options.items()}
    try:
        params: Params = TypeAdapter(CHANNELS[kind].params).validate_python(given)
    except ValidationError as fault:
        raise ValueError("; ".join(_said(error) for error in fault.errors())) from None
    return params


def _said(error: Mapping[str, Any]) -> str:
    """Say what is wrong, without the value: it may be a secret."""
    where = ".".join(str(part) for part in error["loc"])
    words = str(error["msg"]).removeprefix("Value error, ")
    return f"{where}: {words}" if where else words


def _given(key: str, value: Any, says: Mapping[str, Any], tools: Tools, reveal: Callable[[str], str]) -> Any:
    """Read secrets from where they lie, and take paths from the folder of the settings."""
    secret, text = says.get("secret"), isinstance(value, str)
    if secret and text and value.startswith(("env:", "file:")):
        return reveal(value)
    if secret == "must":
        raise ValueError(f"{key}: give env:NAME or file:PATH, not the value itself")
    return str(tools.folder / value) if says.get("path") and text else value


def _nearest(name: str, known: Iterable[str]) -> str:
    near = get_close_matches(name, list(known), n=1, cutoff=0.5)
    return f"; did you mean {near[0]!r}?" if near else f"; there are {', '.join(known)}"
