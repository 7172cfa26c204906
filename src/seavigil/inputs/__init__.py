"""Files of places, weather, depths, lists and contacts; what is unusable is told, nothing crashes."""

from __future__ import annotations

from seavigil.inputs.contacts import ContactsRead, read_contacts
from seavigil.inputs.depth import DepthRead, read_depth
from seavigil.inputs.faults import FaultsRead, Notices, read_faults
from seavigil.inputs.files import UnreadableSurroundings
from seavigil.inputs.places import PlacesRead, read_places
from seavigil.inputs.watchlists import WatchlistsRead, read_watchlists
from seavigil.inputs.weather import WeatherRead, read_weather

__all__ = [
    "ContactsRead",
    "DepthRead",
    "FaultsRead",
    "Notices",
    "PlacesRead",
    "UnreadableSurroundings",
    "WatchlistsRead",
    "WeatherRead",
    "read_contacts",
    "read_depth",
    "read_faults",
    "read_places",
    "read_watchlists",
    "read_weather",
]
