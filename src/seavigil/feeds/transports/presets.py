"""Open feeds by name: where they are, what they speak, and what their providers ask for.

What stands here is documented by the providers, at the addresses given; they may change it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from typing import Any

from seavigil.feeds.transports.contract import Transport
from seavigil.feeds.transports.urls import transport_of


@dataclass(frozen=True, kw_only=True)
class Preset:
    """A feed that needs no more than its name."""

    name: str
    what: str
    url: str
    format: str  #: as in `feeds.formats`
    licence: str
    attribution: str  #: to be shown with whatever is published of it
    documentation: str
    lacks: str  #: what it leaves out, by its own words: a ship not heard there may well be there
    options: Mapping[str, Any] = field(default_factory=dict)


#: Finland. Address, topics: https://www.digitraffic.fi/en/marine-traffic/ (MQTT WebSocket APIs); what is left
#: out: https://www.digitraffic.fi/en/marine-traffic/ais/ ; Digitraffic-User, 5 MQTT connections a minute for
#: one address: https://www.digitraffic.fi/en/support/instructions/ ; licence and how to name the source:
#: https://www.digitraffic.fi/en/terms-of-service/ . QoS 0: they promise no session that outlives a
#: connection, and a stable client_id would let two watches throw each other out.
DIGITRAFFIC = Preset(
    name="digitraffic",
    what="Finnish waters and the northern Baltic, from Fintraffic",
    url="mqtt+wss://meri.digitraffic.fi:443/mqtt",
    format="digitraffic",
    licence="CC BY 4.0",
    attribution="Source: Fintraffic / digitraffic.fi, license CC 4.0 BY",
    documentation="https://www.digitraffic.fi/en/marine-traffic/",
    lacks="class B, and all fishing vessels (ship type 30); ship types 40 to 49, 60 to 99 only by their tens",
    options={
        "topics": ["vessels-v2/+/location", "vessels-v2/+/metadata"],
        "qos": 0,
        "headers": {"Digitraffic-User": "seavigil"},
        "apart_s": 13.0,
    },
)

#: Norway. Address, what is left out, licence: https://www.kystverket.no (Brukartilgang til AIS Norge) and
#: https://www.kystverket.no/en/sea-transport-and-ports/ais/access-to-ais-data/ ; the form, IEC 62320-1, has a
#: tag block with station and time before each sentence.
KYSTVERKET = Preset(
    name="kystverket",
    what="Norwegian waters, from the Norwegian Coastal Administration",
    url="tcp://153.44.253.27:5631",
    format="nmea",
    licence="NLOD (Norwegian Licence for Open Government Data)",
    attribution="Contains data under the Norwegian licence for Open Government data (NLOD) distributed by "
    "the Norwegian Coastal Administration (Kystverket)",
    documentation="https://www.kystverket.no/en/sea-transport-and-ports/ais/access-to-ais-data/",
    lacks="fishing vessels under 15 m and pleasure craft under 45 m",
)

#: The world's coasts, from volunteers. Address, subscription, key: https://aisstream.io/documentation . The
#: key is free, at https://aisstream.io/apikeys . They state no licence for the data: ask before publishing.
AISSTREAM = Preset(
    name="aisstream",
    what="coasts of the world, from volunteers' receivers, by AISStream",
    url="wss://stream.aisstream.io/v0/stream",
    format="aisstream",
    licence="none stated: ask AISStream before you publish",
    attribution="AIS data: aisstream.io",
    documentation="https://aisstream.io/documentation",
    lacks="the open sea, and coasts without volunteers; a service in beta, without promises",
    options={"key": "env:AISSTREAM_API_KEY"},
)

PRESETS: Mapping[str, Preset] = {p.name: p for p in (DIGITRAFFIC, KYSTVERKET, AISSTREAM)}


def preset_of(name: str) -> Preset:
    """Give a preset; raises `ValueError` that gives the nearest name there is."""
    if name in PRESETS:
        return PRESETS[name]
    near = get_close_matches(name, PRESETS, n=1, cutoff=0.5)
    hint = f"did you mean {near[0]}?" if near else f"there are {', '.join(PRESETS)}"
    raise ValueError(f"no preset {name}; {hint}")


def preset_transport(
    name: str, options: Mapping[str, Any] | None = None, *, url: str | None = None
) -> Transport:
    """Make the transport of a preset; ``options`` change its own, ``url`` names another server."""
    preset = preset_of(name)
    return transport_of(url or preset.url, {**preset.options, **(options or {})})
