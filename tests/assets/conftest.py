"""Assets drawn by hand, and the real ones read without the code under test."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from shapely.geometry import shape
from shapely.geometry.base import BaseGeometry

from seavigil.assets import Asset


def asset(geometry: BaseGeometry, asset_id: str = "a", kind: str = "other", **more: Any) -> Asset:
    """Give an asset of this geometry with 100 m of uncertainty."""
    return Asset(asset_id, asset_id, kind, geometry, 100.0, "given", **more)


@pytest.fixture(scope="session")
def features(shared_data: Path) -> Callable[[str], list[dict[str, Any]]]:
    """Give the GeoJSON features of one shared file, read by json alone."""

    def load(name: str) -> list[dict[str, Any]]:
        return json.loads((shared_data / "assets" / name).read_text())["features"]

    return load


@pytest.fixture(scope="session")
def real_assets(features: Callable[[str], list[dict[str, Any]]]) -> list[Asset]:
    """Give every cable piece, pipeline, wind farm and platform as an asset of its own."""
    names = (
        "submarine_power_cables",
        "telecom_cables_baltic",
        "pipelines_schematic",
        "emodnet_windfarmspoly",
    )
    found = [f for n in (*names, "offshore_platforms") for f in features(f"{n}.geojson")]
    return [asset(shape(f["geometry"]), f"{i}") for i, f in enumerate(found)]
