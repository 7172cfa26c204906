"""Recordings in a console: watched once, asked by many tests. Who changes something makes one of its own."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.api.shown import Shown, invented, shown


@pytest.fixture(scope="session")
def hour(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shown]:
    """Give the invented hour in the Gulf of Finland."""
    nmea, assets = invented(tmp_path_factory.mktemp("hour"))
    with shown(tmp_path_factory.mktemp("store"), [nmea], assets) as found:
        yield found


@pytest.fixture(scope="session")
def network(tmp_path_factory: pytest.TempPathFactory, shared_data: Path) -> Iterator[Shown]:
    """Give five minutes of the Danish shore network, with the power cables of the Baltic."""
    recording = shared_data / "ais" / "dk-network-20131112.nmea.gz"
    assets = shared_data / "assets" / "submarine_power_cables.geojson"
    with shown(tmp_path_factory.mktemp("network"), [recording], assets) as found:
        yield found
