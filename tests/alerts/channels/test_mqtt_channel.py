"""MQTT: published at QoS 1 to a real broker, each alert by itself."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Sequence
from typing import Any

import aiomqtt
import pytest

from seavigil.alerts.channels import PassingFailure, PermanentFailure, channel_of
from seavigil.alerts.channels.compose import digest_of
from seavigil.alerts.channels.contract import Message
from tests.alerts.channels.letters import CREATED_US, exercise, message, payload, run, tools
from tests.alerts.channels.peers import mute
from tests.brokers import free_port, mosquitto, mosquitto_broker

SECRETS = {"env:RIGHT": "geheim", "env:WRONG": "falsch"}


def publisher(url: str, **options: Any) -> Any:
    """Give a channel to a broker."""
    return channel_of("mqtt", {"url": url, "timeout_s": 5, **options}, tools(), SECRETS.__getitem__)


async def heard(url: str, number: int, *, ready: asyncio.Event | None = None) -> list[aiomqtt.Message]:
    """Subscribe to everything, and give so many messages."""
    host, port = url.removeprefix("mqtt://").split(":")
    found: list[aiomqtt.Message] = []
    async with aiomqtt.Client(host, int(port), protocol=aiomqtt.ProtocolVersion.V5) as client:
        await client.subscribe("#", qos=1)
        if ready is not None:
            ready.set()
        async for one in client.messages:
            found.append(one)
            if len(found) >= number:
                break
    return found


def published(told: Sequence[Message], number: int, **options: Any) -> list[aiomqtt.Message]:
    """Send messages while somebody listens; gives what was heard."""

    async def work(url: str) -> list[aiomqtt.Message]:
        ready = asyncio.Event()
        listening = asyncio.create_task(heard(url, number, ready=ready))
        await ready.wait()
        for one in told:
            await publisher(url, **options).send(one)
        return await listening

    with mosquitto() as url:
        found: list[aiomqtt.Message] = run(lambda: work(url))
    return found


def key_of(one: aiomqtt.Message) -> str:
    """Give the key that a message carries as a user property."""
    assert one.properties is not None
    return dict(one.properties.UserProperty)["key"]


def test_each_alert_is_published_under_its_topic() -> None:
    """Status, priority and alert are in the topic; the JSON is that of every channel; QoS 1."""
    found = published([message(payload("a"), payload("b", priority="urgent"))], 2)
    assert [one.topic.value for one in found] == ["seavigil/actual/warning/a", "seavigil/actual/urgent/b"]
    assert [one.qos for one in found] == [1, 1]
    assert [json.loads(bytes(one.payload))["alerts"][0]["alert_id"] for one in found] == ["a", "b"]
    assert [key_of(one) for one in found] == ["a:1:x", "b:1:x"]


def test_a_repeat_has_the_same_key() -> None:
    """MQTT knows no repeats: a subscriber tells one by the key."""
    first, second = published([message(), message()], 2)
    assert key_of(first) == key_of(second)
    assert first.payload == second.payload


def test_who_comes_later_gets_what_was_retained() -> None:
    """With ``retain`` the newest of each topic waits at the broker."""
    with mosquitto() as url:
        run(lambda: publisher(url, retain=True, version="3.1.1").send(message(payload("a"))))
        (kept,) = run(lambda: heard(url, 1))
    assert (kept.retain, kept.topic.value) == (True, "seavigil/actual/warning/a")


def test_an_exercise_has_a_topic_of_its_own() -> None:
    """Who subscribes to what is meant hears no exercise."""
    (found,) = published([exercise()], 1)
    assert found.topic.value.startswith("seavigil/exercise/")
    assert json.loads(bytes(found.payload))["text"].startswith("EXERCISE EXERCISE EXERCISE")


def test_a_digest_is_published_whole() -> None:
    """What comes in brief comes as one."""
    two = [payload("a"), payload("b")]
    (found,) = published([digest_of(["a:1:x", "b:1:x"], two, CREATED_US)], 1)
    assert found.topic.value == "seavigil/actual/warning/digest"


@pytest.mark.parametrize("version", ["3.1.1", "5"])
def test_a_wrong_password_is_permanent(version: str) -> None:
    """Nobody mends a password by waiting."""
    with mosquitto_broker(users={"watch": "geheim"}) as broker:
        options = {"user": "watch", "version": version}
        right = publisher(broker.url("mqtt"), password="env:RIGHT", **options)
        assert run(lambda: right.send(message())).says == "1 acknowledged by the broker"
        wrong = publisher(broker.url("mqtt"), password="env:WRONG", **options)
        with pytest.raises(PermanentFailure, match=r"(?i)not authori"):
            run(lambda: wrong.send(message()))


def test_nobody_there_and_nobody_speaking_pass() -> None:
    """A broker that is away, or says nothing, may be back later."""
    with pytest.raises(PassingFailure):
        run(lambda: publisher(f"mqtt://127.0.0.1:{free_port()}").send(message()))

    async def silent() -> None:
        async with mute() as port:
            await publisher(f"mqtt://127.0.0.1:{port}", timeout_s=0.3).send(message())

    with pytest.raises(PassingFailure):
        run(silent)


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"url": "http://127.0.0.1"}, "write mqtt://HOST:PORT"),
        ({"url": "mqtt://watch:geheim@127.0.0.1"}, "no name and password in it"),
        ({"topic": "seavigil/{mmsi}"}, "in braces it may hold status, priority, alert_id"),
        ({"topic": "seavigil/#"}, "for subscribers"),
        ({"topic": ""}, "in braces"),
        ({"version": "4"}, "version"),
    ],
)
def test_settings_that_cannot_be_meant(options: dict[str, Any], said: str) -> None:
    """Refused at the start, in words, without the password."""
    with pytest.raises(ValueError, match=r".") as raised:
        publisher(**{"url": "mqtt://127.0.0.1", **options})
    assert said in str(raised.value)
    assert "geheim" not in str(raised.value)
