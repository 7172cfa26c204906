"""Open feeds by name, played by servers here: what is asked of them, and what is made of their answers."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import paho.mqtt.publish as paho
import pytest
from websockets.asyncio.server import ServerConnection, serve

from seavigil.feeds.formats import format_named
from seavigil.feeds.transports.contract import FeedState
from seavigil.feeds.transports.presets import PRESETS, preset_of, preset_transport
from tests.brokers import mosquitto_broker
from tests.feeds.transports.sinks import RecordingSink, play, running, until


@pytest.mark.parametrize("name", sorted(PRESETS))
def test_a_preset_says_where_it_comes_from(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Address, licence, how to name the source, what it leaves out; its format is one there is."""
    preset = preset_of(name)
    assert format_named(preset.format)
    assert preset.documentation.startswith("https://")
    assert preset.licence
    assert preset.attribution
    assert preset.lacks
    assert preset_transport(name).shown.partition("?")[0] == preset.url


def test_an_unknown_preset_gives_the_nearest() -> None:
    """Or all there are."""
    with pytest.raises(ValueError, match="no preset digitrafic; did you mean digitraffic"):
        preset_of("digitrafic")
    with pytest.raises(ValueError, match="there are digitraffic, kystverket, aisstream"):
        preset_of("zzz")


def test_options_change_those_of_a_preset() -> None:
    """An unknown one is an error as anywhere."""
    assert preset_transport("aisstream", {"key": "file:/k", "boxes": "59,22,60,30"}).shown.startswith(
        "wss://"
    )
    with pytest.raises(ValueError, match="no option topic_s; did you mean topics"):
        preset_transport("digitraffic", {"topic_s": []})


def test_digitraffic_is_asked_as_its_provider_asks_for() -> None:
    """MQTT over a websocket, both topics, told apart by topic; no oftener than every 12 s."""
    sink = RecordingSink()
    topics = ["vessels-v2/230000001/location", "vessels-v2/230000001/metadata", "vessels-v2/status"]
    with mosquitto_broker() as broker:
        feed = preset_transport("digitraffic", url=broker.url("ws").replace("ws://", "mqtt+ws://"))

        async def during() -> None:
            await until(lambda: sink.last() is FeedState.CONNECTED)
            said = [{"topic": topic, "payload": b'{"time": 1}'} for topic in topics]
            await asyncio.to_thread(paho.multiple, said, hostname="127.0.0.1", port=broker.ports["mqtt"])
            await until(lambda: sink.data().count(b"\n") == 2)

        play(running(feed, sink, during))
    lines = [json.loads(line) for line in sink.data().splitlines()]
    assert [line["topic"] for line in lines] == topics[:2]
    assert PRESETS["digitraffic"].options["apart_s"] >= 60 / 5  # 5 connections a minute
    assert PRESETS["digitraffic"].options["headers"] == {"Digitraffic-User": "seavigil"}


def test_kystverket_is_a_plain_tcp_feed() -> None:
    """Sentences with tag blocks come as they are."""
    line = b"\\s:station7,c:1763612460*00\\!BSVDM,1,1,,A,1000000000000000000000000000,0*00\r\n"
    sink = RecordingSink()

    async def speak(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(line)
        await reader.read()
        writer.close()

    async def story() -> None:
        server = await asyncio.start_server(speak, "127.0.0.1", 0)
        url = f"tcp://127.0.0.1:{server.sockets[0].getsockname()[1]}"
        await running(preset_transport("kystverket", url=url), sink, lambda: until(lambda: sink.total_bytes))
        server.close()

    play(story())
    assert sink.data() == line


def test_aisstream_takes_its_key_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """By the name that is documented."""
    monkeypatch.setenv("AISSTREAM_API_KEY", "0123456789")
    asked: list[Any] = []
    sink = RecordingSink()

    async def speak(socket: ServerConnection) -> None:
        asked.append(json.loads(await socket.recv()))
        await socket.wait_closed()

    async def story() -> None:
        async with serve(speak, "127.0.0.1", 0) as server:
            url = f"ws://127.0.0.1:{server.sockets[0].getsockname()[1]}"
            feed = preset_transport("aisstream", {"boxes": [[59, 22, 60, 30]]}, url=url)
            await running(feed, sink, lambda: until(lambda: asked))

    play(story())
    assert asked == [{"APIKey": "0123456789", "BoundingBoxes": [[[59.0, 22.0], [60.0, 30.0]]]}]
