"""One alert as a message of the Common Alerting Protocol 1.2 (OASIS standard, 1 July 2010). Pure.

What the protocol asks for and an alert does not say is our own choice, told in docs/reference/channels.md:
urgency and severity follow from the priority; certainty is never "Observed", since AIS is what ships say of
themselves.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Literal

from seavigil import words
from seavigil.alerts.channels.contract import Message, Params
from seavigil.alerts.channels.marks import EXERCISE, clean, one_line
from seavigil.records import SECOND_US, parse_time_us

if TYPE_CHECKING:
    from lxml.etree import _Element

NAMESPACE = "urn:oasis:names:tc:emergency:cap:1.2"
#: Own choice: the urgency with which somebody should act, and how severe it would be, by priority.
_URGENCY = {"urgent": "Immediate", "warning": "Expected", "advisory": "Future", "info": "Unknown"}
_SEVERITY = {"urgent": "Severe", "warning": "Moderate", "advisory": "Minor", "info": "Unknown"}
_STATUS = {"exercise": "Exercise", "test": "Test", "actual": "Actual"}
#: No identifier and no sender may hold these (3.2.1).
_UNFIT = re.compile(r"[\s,<&]")
_OVER = frozenset({"closed", "retracted"})


@dataclass(frozen=True, kw_only=True)
class CapParams(Params):
    """Parameters of CAP."""

    sender: str = field(
        metadata={"says": "Who sends: an address or domain of yours, as `watch@example.org`."}
    )
    folder: str = field(
        default="cap", metadata={"path": True, "says": "Where feed.atom and the messages lie."}
    )
    scope: Literal["Public", "Restricted", "Private"] = field(
        default="Restricted", metadata={"says": "For whom the messages are."}
    )
    restriction: str | None = field(
        default="Operators of the assets concerned and the authorities",
        metadata={"says": "Who may read them, where the scope is Restricted."},
    )
    addresses: list[str] = field(
        default_factory=list, metadata={"says": "For whom they are, where the scope is Private."}
    )
    sender_name: str | None = field(default=None, metadata={"says": "Who sends, in words."})
    contact: str | None = field(default=None, metadata={"says": "Whom to ask."})
    web: str | None = field(default=None, metadata={"says": "URL with more."})
    radius_km: float = field(default=5.0, metadata={"says": "Around her last position lies the area."})
    expires_h: float = field(default=24.0, metadata={"says": "After so long a message holds no more."})
    keep: int = field(
        default=500, metadata={"says": "So many messages are kept in the feed and on the disk."}
    )

    def __post_init__(self) -> None:
        """Check what the protocol wants. Raises ``ValueError``."""
        super().__post_init__()
        if not self.sender or _UNFIT.search(self.sender):
            raise ValueError("sender: no spaces, commas, < or & in it (CAP 1.2, 3.2.1)")
        if self.scope == "Restricted" and not self.restriction:
            raise ValueError("restriction: say who may read what is Restricted")
        if self.scope == "Private" and not self.addresses:
            raise ValueError("addresses: say for whom what is Private is")
        if not (0 < self.radius_km <= 1_000 and 0 < self.expires_h <= 24 * 365 and 1 <= self.keep <= 100_000):
            raise ValueError("radius_km, expires_h and keep: above 0; at most 1000, 8760 and 100000")


@dataclass(frozen=True)
class Reference:
    """A message sent before about the same alert."""

    sender: str
    identifier: str
    sent: str

    def __str__(self) -> str:
        return f"{self.sender},{self.identifier},{self.sent}"


def identifier_of(message: Message) -> str:
    """Name a message: by its key, less what no identifier may hold; the same for the same message.

    The channel is part of it: two channels may tell the same revision for other readers.
    """
    return _UNFIT.sub("-", "seavigil." + message.key.replace(":", "."))


def time_of(time_us: int) -> str:
    """Write a time as the protocol wants it (3.3.2): no fractions, and UTC is ``-00:00``.

    >>> time_of(1735122360500000)
    '2024-12-25T10:26:00-00:00'
    """
    return datetime.fromtimestamp(time_us // SECOND_US, UTC).strftime("%Y-%m-%dT%H:%M:%S-00:00")


def cap_of(message: Message, params: CapParams, earlier: Sequence[Reference] = ()) -> bytes:
    """Give the XML of a message about one alert or none.

    ``earlier``: what was sent about the same alert before, oldest first: the message then updates it, or
    cancels it where the alert was retracted.
    """
    from lxml import etree

    root = etree.Element(f"{{{NAMESPACE}}}alert", nsmap={None: NAMESPACE})
    for name, value in _head(message, params, earlier):
        _add(root, name, value)
    payload = message.alerts[0] if message.alerts and not message.digest else None
    info = etree.SubElement(root, f"{{{NAMESPACE}}}info")
    for name, value in _info(message, payload, params):
        _add(info, name, value)
    for name, value in _parameters(message, payload):
        parameter = etree.SubElement(info, f"{{{NAMESPACE}}}parameter")
        _add(parameter, "valueName", name)
        _add(parameter, "value", value)
    area = etree.SubElement(info, f"{{{NAMESPACE}}}area")
    for name, value in _area(payload, params):
        _add(area, name, value)
    xml: bytes = etree.tostring(root, xml_declaration=True, encoding="UTF-8", pretty_print=True)
    return xml


def message_type(message: Message, earlier: Sequence[Reference]) -> str:
    """Say what the message does to those before: nothing, where there are none."""
    if not earlier or not message.alerts:
        return "Alert"
    return "Cancel" if message.alerts[0]["status"] == "retracted" else "Update"


def _add(parent: _Element, name: str, value: str | None) -> None:
    from lxml import etree

    if value is not None:
        etree.SubElement(parent, f"{{{NAMESPACE}}}{name}").text = clean(value)


def _head(
    message: Message, params: CapParams, earlier: Sequence[Reference]
) -> Iterator[tuple[str, str | None]]:
    """Give the elements of ``alert`` before ``info``, in the order of the schema."""
    yield "identifier", identifier_of(message)
    yield "sender", params.sender
    yield "sent", time_of(message.created_us)
    yield "status", _STATUS[message.status]
    yield "msgType", message_type(message, earlier)
    yield "source", "Seavigil"
    yield "scope", params.scope
    yield "restriction", params.restriction if params.scope == "Restricted" else None
    yield "addresses", " ".join(map(_quoted, params.addresses)) if params.scope == "Private" else None
    yield "note", EXERCISE if message.exercise else None
    yield "references", " ".join(map(str, earlier)) or None


def _quoted(address: str) -> str:
    return f'"{address}"' if " " in address else address


def _info(
    message: Message, payload: Mapping[str, Any] | None, params: CapParams
) -> Iterator[tuple[str, str | None]]:
    """Give the elements of ``info`` before its parameters, in the order of the schema."""
    began = None if payload is None else parse_time_us(payload["began"])
    revised = message.created_us if payload is None else parse_time_us(payload["revised_at"])
    over = payload is not None and payload["status"] in _OVER
    yield "language", "en-GB"
    yield "category", "Infra"
    yield "event", _event(message, payload)
    yield "responseType", "AllClear" if over else "Assess" if payload else "Monitor"
    yield "urgency", "Past" if over else _URGENCY[message.priority]
    yield "severity", _SEVERITY[message.priority]
    yield "certainty", _certainty(payload)
    yield "effective", time_of(revised)
    yield "onset", None if began is None else time_of(began)
    yield "expires", time_of(max(revised, message.created_us) + round(params.expires_h * 3600 * SECOND_US))
    yield "senderName", params.sender_name
    yield "headline", message.subject
    yield "description", message.text
    yield "web", params.web
    yield "contact", params.contact


def _event(message: Message, payload: Mapping[str, Any] | None) -> str:
    if payload is None:
        return message.subject
    return one_line(f"Undersea infrastructure: {words.what(dict(payload))}", 100)


def _certainty(payload: Mapping[str, Any] | None) -> str:
    """Say ``Possible`` where an innocent reading fits, else ``Likely``; of no alert ``Unknown``."""
    if payload is None:
        return "Unknown"
    fits = any(reading["fits"] for reading in payload["innocent_readings"])
    return "Unlikely" if payload["status"] == "retracted" else "Possible" if fits else "Likely"


def _parameters(message: Message, payload: Mapping[str, Any] | None) -> Iterator[tuple[str, str]]:
    yield "seavigil:key", message.key
    yield "seavigil:priority", message.priority
    if payload is None:
        return
    yield "seavigil:alert_id", payload["alert_id"]
    yield "seavigil:revision", str(payload["revision"])
    yield "seavigil:status", payload["status"]
    for name, value in (payload["vessel"] or {}).items():
        said = one_line(str(value), 100)
        if name in {"mmsi", "imo", "name", "callsign"} and value is not None and said:
            yield f"seavigil:{name}", said
    for following in payload["next_assets"]:
        yield "seavigil:next", f"{following['asset_id']} call by {following['call_by']}"


def _area(payload: Mapping[str, Any] | None, params: CapParams) -> Iterator[tuple[str, str]]:
    """Describe the area: a box as a polygon (latitude first, closed), else a circle around the position."""
    if payload is None:
        yield "areaDesc", "no area"
        return
    line = dict(payload)
    assets = words.assets(line)
    yield "areaDesc", one_line(f"{words.ship(line)}; {assets}" if assets else words.ship(line), 300)
    area, position = payload["area"], payload["position"]
    if area is not None and area["south_deg"] is not None:
        south, west, north, east = (area[f"{side}_deg"] for side in ("south", "west", "north", "east"))
        corners = ((south, west), (south, east), (north, east), (north, west), (south, west))
        yield "polygon", " ".join(f"{lat:g},{lon:g}" for lat, lon in corners)
    elif position is not None:
        yield "circle", f"{position['lat_deg']:.5f},{position['lon_deg']:.5f} {params.radius_km:g}"
