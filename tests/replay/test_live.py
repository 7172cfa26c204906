"""What comes live gives the same alerts as the recording read at once, whatever brings it."""

from __future__ import annotations

import asyncio
import gzip
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from seavigil.assets import Assets
from seavigil.assets.read import read as read_assets
from seavigil.exercises import gulf_of_finland
from tests.brokers import mosquitto, nats_server
from tests.replay.streaming import (
    Peer,
    Send,
    batch_run,
    disturbed,
    messages,
    mqtt_sender,
    nats_sender,
    same,
    udp_sender,
    udp_url,
    watch_live,
)

SEEDS = (1, 2, 3, 4, 5)
TRANSPORTS = ("tcp", "udp", "mqtt", "nats")


@contextmanager
def transport(name: str, seed: int) -> Iterator[tuple[str, Send, dict[str, object]]]:
    """Give a feed's URL, what sends to it, and the options of the feed."""
    if name == "tcp":
        with Peer(seed) as peer:
            yield peer.url, peer.send, {}
    elif name == "udp":
        url = udp_url()
        yield url, udp_sender(url), {}
    elif name == "mqtt":
        with mosquitto() as broker:
            yield broker, mqtt_sender(broker, "ais"), {"topics": ["ais"], "client_id": "tested"}
    else:
        with nats_server() as broker:
            asyncio.run(_stream(broker))
            options = {"stream": "AIS", "consumer": "watch"}
            yield broker, nats_sender(broker, "AIS", "ais"), options


async def _stream(url: str) -> None:
    import nats
    from nats.js.api import AckPolicy, ConsumerConfig

    client = await nats.connect(url)
    stream = client.jetstream()
    await stream.add_stream(name="AIS", subjects=["ais"])
    config = ConsumerConfig(durable_name="watch", ack_policy=AckPolicy.EXPLICIT)
    await stream.add_consumer("AIS", config)
    await client.close()


@pytest.fixture(scope="module")
def assets(tmp_path_factory: pytest.TempPathFactory) -> Assets:
    """Give the assets of the invented gulf, which are the same whatever the seed."""
    path = tmp_path_factory.mktemp("gulf") / "assets.geojson"
    path.write_text(gulf_of_finland(seed=1).assets_geojson)
    return read_assets([path])


@pytest.mark.parametrize("name", TRANSPORTS)
@pytest.mark.parametrize("seed", SEEDS)
def test_an_exercise_late_and_doubled_gives_the_alerts_of_its_recording(
    tmp_path: Path, assets: Assets, name: str, seed: int
) -> None:
    """Messages shuffled within 30 s, a fifth of them twice, lead to the same revisions in the same order."""
    recording = tmp_path / "recording.nmea"
    recording.write_bytes(gulf_of_finland(seed=seed).nmea)
    pieces = disturbed(messages(recording.read_bytes()), seed=seed)
    with transport(name, seed) as (url, send, options):
        alerts = watch_live(tmp_path, url, assets, pieces, send, **options)
    expected = same(batch_run(recording, assets))
    assert expected
    assert same(alerts) == expected


@pytest.mark.parametrize("name", TRANSPORTS)
def test_the_danish_network_late_and_doubled_gives_the_alerts_of_its_recording(
    shared_data: Path, tmp_path: Path, name: str
) -> None:
    """The same of a real network of stations."""
    packed = shared_data / "ais" / "dk-network-20131112.nmea.gz"
    routes = ("submarine_power_cables", "telecom_cables_baltic", "pipelines_schematic")
    real = read_assets([shared_data / "assets" / f"{route}.geojson" for route in routes])
    pieces = disturbed(messages(gzip.decompress(packed.read_bytes())), seed=1)
    with transport(name, 1) as (url, send, options):
        alerts = watch_live(tmp_path, url, real, pieces, send, **options)
    expected = same(batch_run(packed, real))
    assert expected
    assert same(alerts) == expected
