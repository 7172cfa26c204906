"""Files of what surrounds the ships: places, weather, depths; what is unusable is told, nothing crashes."""

from __future__ import annotations

from seavigil.inputs.depth import DepthRead, read_depth
from seavigil.inputs.files import UnreadableSurroundings
from seavigil.inputs.places import PlacesRead, read_places
from seavigil.inputs.weather import WeatherRead, read_weather

__all__ = [
    "DepthRead",
    "PlacesRead",
    "UnreadableSurroundings",
    "WeatherRead",
    "read_depth",
    "read_places",
    "read_weather",
]
