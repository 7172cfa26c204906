"""Published to an MQTT broker, QoS 1, each alert by itself.

The broker has it when its acknowledgement came. MQTT knows no keys: after a crash one may be published again,
with the same ``key`` in the JSON (and, in MQTT 5, as a user property), by which a subscriber tells a repeat.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

from seavigil.alerts.channels.brokers import address, check_template, filled, published
from seavigil.alerts.channels.compose import each
from seavigil.alerts.channels.contract import Channel, Message, Params, PassingFailure, PermanentFailure, Sent
from seavigil.alerts.channels.marks import one_line
from seavigil.alerts.channels.tls import CA_FILE, client_context

if TYPE_CHECKING:
    import aiomqtt

_PORTS = {"mqtt": 1883, "mqtts": 8883}  # registered with IANA
#: Who is refused so needs another password, name or right: 1, 2, 4, 5 of MQTT 3.1.1 (3.2.2.3), and of MQTT 5
#: unsupported version, client identifier, bad user name or password, not authorised, banned, bad
#: authentication method (3.2.2.2).
_REFUSED = frozenset({1, 2, 4, 5, 132, 133, 134, 135, 138, 140})
_SEPARATORS = frozenset("#+")


@dataclass(frozen=True, kw_only=True)
class MqttParams(Params):
    """Parameters of MQTT."""

    url: str = field(metadata={"says": "mqtt://HOST:PORT, or mqtts:// with TLS."})
    topic: str = field(
        default="seavigil/{status}/{priority}/{alert_id}",
        metadata={"says": "Topic; in braces `status` (actual, exercise, test), `priority`, `alert_id`."},
    )
    retain: bool = field(
        default=False, metadata={"says": "Whether the broker keeps the last one of each topic for newcomers."}
    )
    user: str | None = field(default=None, metadata={"says": "Name to log in with."})
    password: str | None = field(default=None, metadata={"secret": "must", "says": "Its password."})
    client_id: str | None = field(default=None, metadata={"says": "Client identifier; none: any."})
    version: Literal["3.1.1", "5"] = field(default="5", metadata={"says": "Version of MQTT."})
    ca_file: str | None = field(default=None, metadata=CA_FILE)

    def __post_init__(self) -> None:
        """Check address and topic. Raises ``ValueError``."""
        super().__post_init__()
        address(self.url, tuple(_PORTS))
        check_template(self.topic, "topic")
        if _SEPARATORS & set(self.topic):
            raise ValueError("topic: # and + are for subscribers")


class Mqtt(Channel[MqttParams]):
    """Publishes each alert, connected only so long."""

    params_type = MqttParams

    async def deliver(self, message: Message) -> Sent:
        """Publish, and wait for the broker's acknowledgement of each."""
        import aiomqtt

        messages = each(message)
        try:
            async with self._client() as client:
                for one in messages:
                    await client.publish(
                        filled(self.params.topic, one),
                        published(one),
                        qos=1,
                        retain=self.params.retain,
                        properties=self._properties(one.key),
                        timeout=self.params.timeout_s,
                    )
        except aiomqtt.MqttError as fault:
            raise _failure(fault) from fault
        except OSError as fault:
            raise PassingFailure(one_line(f"{type(fault).__name__}: {fault}", 200)) from fault
        return Sent(f"{len(messages)} acknowledged by the broker")

    def _client(self) -> aiomqtt.Client:
        import aiomqtt

        params = self.params
        parts = address(params.url, tuple(_PORTS))
        version = aiomqtt.ProtocolVersion.V5 if params.version == "5" else aiomqtt.ProtocolVersion.V311
        return aiomqtt.Client(
            parts.hostname or "",
            parts.port or _PORTS[parts.scheme],
            username=params.user,
            password=params.password,
            identifier=params.client_id,
            protocol=version,
            timeout=params.timeout_s,
            tls_context=client_context(params.ca_file) if parts.scheme == "mqtts" else None,
        )

    def _properties(self, key: str) -> Any:
        if self.params.version != "5":
            return None
        from paho.mqtt.packettypes import PacketTypes
        from paho.mqtt.properties import Properties

        properties = Properties(PacketTypes.PUBLISH)  # type: ignore[no-untyped-call]
        properties.ContentType = "application/json"
        properties.UserProperty = ("key", key)
        return properties


def _failure(fault: Exception) -> PassingFailure | PermanentFailure:
    """Tell a broker that wants somebody else from one that is not there."""
    code = getattr(fault, "rc", None)
    number = getattr(code, "value", code)
    words = one_line(f"the broker: {fault}", 200)
    return PermanentFailure(words) if number in _REFUSED else PassingFailure(words)
