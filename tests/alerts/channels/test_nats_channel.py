"""NATS: into a stream that drops repeats, or past it, with a real server."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import nats
import pytest
from nats.js.api import StreamConfig

from seavigil.alerts.channels import PassingFailure, PermanentFailure, channel_of
from seavigil.alerts.channels.contract import Message
from tests.alerts.channels.letters import exercise, message, payload, run, tools
from tests.alerts.channels.peers import mute
from tests.brokers import free_port, nats_broker, nats_server

SECRETS = {"env:RIGHT": "geheim", "env:WRONG": "falsch"}
USERS = 'authorization { user: "watch", password: "geheim" }'


def publisher(url: str, **options: Any) -> Any:
    """Give a channel to a server."""
    return channel_of("nats", {"url": url, "timeout_s": 5, **options}, tools(), SECRETS.__getitem__)


def streamed(url: str, *told: Message, **options: Any) -> tuple[list[str], list[Any]]:
    """Make a stream, send messages; gives what was said of each, and what the stream kept."""

    async def work() -> tuple[list[str], list[Any]]:
        client = await nats.connect(url)
        try:
            stream = client.jetstream()
            await stream.add_stream(StreamConfig(name="ALERTS", subjects=["seavigil.>"]))
            says = [(await publisher(url, **options).send(one)).says for one in told]
            number = (await stream.stream_info("ALERTS")).state.messages
            kept = [await stream.get_msg("ALERTS", seq) for seq in range(1, number + 1)]
            return says, kept
        finally:
            await client.close()

    found: tuple[list[str], list[Any]] = run(work)
    return found


def test_a_stream_keeps_each_alert_once() -> None:
    """Each alert under its subject and key; sent again, the server drops the repeat."""
    with nats_server() as url:
        both = message(payload("a"), payload("b", priority="urgent"))
        says, kept = streamed(url, both, both)
    assert says == ["2 published, 2 kept by a stream"] * 2
    assert [one.subject for one in kept] == ["seavigil.actual.warning", "seavigil.actual.urgent"]
    assert [one.headers["Nats-Msg-Id"] for one in kept] == ["a:1:x", "b:1:x"]
    assert [json.loads(one.data)["alerts"][0]["alert_id"] for one in kept] == ["a", "b"]


def test_another_revision_is_no_repeat() -> None:
    """Near miss: the same alert with more to tell is kept as well."""
    with nats_server() as url:
        _, kept = streamed(url, message(payload("a", 1)), message(payload("a", 2)))
    assert [one.headers["Nats-Msg-Id"] for one in kept] == ["a:1:x", "a:2:x"]


def test_an_exercise_has_a_subject_of_its_own() -> None:
    """Who subscribes to what is meant hears no exercise."""
    with nats_server() as url:
        _, (kept,) = streamed(url, exercise())
    assert kept.subject == "seavigil.exercise.warning"
    assert json.loads(kept.data)["text"].endswith("EXERCISE EXERCISE EXERCISE")


@pytest.mark.parametrize("stream", ["auto", "never"])
def test_without_a_stream_it_goes_to_whoever_listens(stream: str) -> None:
    """Published plainly, with the key in the header, and said so."""

    async def work(url: str) -> tuple[str, Any]:
        client = await nats.connect(url)
        try:
            listening = await client.subscribe("seavigil.>")
            await client.flush()
            says = (await publisher(url, stream=stream).send(message())).says
            return says, await listening.next_msg(timeout=5)
        finally:
            await client.close()

    with nats_server() as url:
        says, heard = run(lambda: work(url))
    assert says == "1 published, no stream keeps it"
    assert heard.headers["Nats-Msg-Id"] == message().key


def test_a_stream_that_is_required_and_missing_is_permanent() -> None:
    """Somebody has to create it: said in words."""
    with nats_server() as url, pytest.raises(PermanentFailure, match="no stream takes seavigil"):
        run(lambda: publisher(url, stream="require").send(message()))


def test_a_wrong_password_is_permanent() -> None:
    """Nobody mends a password by waiting; it is not told."""
    with nats_broker(config=USERS) as broker:
        right = publisher(broker.url("nats"), user="watch", password="env:RIGHT")
        assert run(lambda: right.send(message())).says.startswith("1 published")
        wrong = publisher(broker.url("nats"), user="watch", password="env:WRONG")
        with pytest.raises(PermanentFailure, match="refuses name or password") as raised:
            run(lambda: wrong.send(message()))
    assert "falsch" not in raised.value.why


def test_what_is_too_large_is_permanent() -> None:
    """A server that takes so much and no more is told of by its setting's name."""
    with (
        nats_broker(config="max_payload: 1024") as broker,
        pytest.raises(PermanentFailure, match="max_payload"),
    ):
        run(lambda: publisher(broker.url("nats")).send(message()))


def test_nobody_there_and_nobody_speaking_pass() -> None:
    """A server that is away, or says nothing, may be back later."""
    with pytest.raises(PassingFailure):
        run(lambda: publisher(f"nats://127.0.0.1:{free_port()}").send(message()))

    async def silent() -> None:
        async with mute() as port:
            await publisher(f"nats://127.0.0.1:{port}", timeout_s=1).send(message())

    with pytest.raises(PassingFailure):
        run(silent)


def test_a_server_that_comes_back_is_used_again() -> None:
    """Away once does not matter: each message connects anew."""
    with nats_broker() as broker:
        channel = publisher(broker.url("nats"))
        broker.stop(kill=True)
        with pytest.raises(PassingFailure):
            run(lambda: channel.send(message()))
        broker.start()
        assert asyncio.run(channel.send(message())).says.startswith("1 published")


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"url": "http://127.0.0.1"}, "write nats://HOST:PORT or tls://HOST:PORT"),
        ({"url": "nats://watch:geheim@127.0.0.1"}, "no name and password in it"),
        ({"subject": "seavigil.{mmsi}"}, "in braces it may hold status, priority, alert_id"),
        ({"subject": "seavigil.>"}, "for subscribers"),
        ({"stream": "perhaps"}, "stream"),
    ],
)
def test_settings_that_cannot_be_meant(options: dict[str, Any], said: str) -> None:
    """Refused at the start, in words, without the password."""
    with pytest.raises(ValueError, match=r".") as raised:
        publisher(**{"url": "nats://127.0.0.1", **options})
    assert said in str(raised.value)
    assert "geheim" not in str(raised.value)
