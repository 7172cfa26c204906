"""Recordings in a console: watched once, asked by many tests. Who changes something makes one of its own."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.api.house import Browser, House
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


@pytest.fixture(scope="module")
def house(console: Shown) -> Iterator[House]:
    """Give a file's own ``console`` before people who are known."""
    found = House(console.recorded, console.recorded.database)
    yield found
    found.app.state.inquiries.stop()


@pytest.fixture
def ours(house: House) -> Browser:
    """Give an operator of the house."""
    return house.browser(house.token("operator"))


@pytest.fixture
def theirs(house: House) -> Browser:
    """Give an operator of another organisation, who may not see the cable."""
    return house.browser(house.token("operator", "Coast Guard"))


@pytest.fixture
def owners(house: House) -> Browser:
    """Give an operator of the owner."""
    return house.browser(house.token("operator", "Northgrid"))
