"""What a watch is told beforehand, besides the assets."""

from __future__ import annotations

from dataclasses import dataclass

from seavigil.normal.contacts import NO_CONTACTS, Contacts
from seavigil.normal.depth import NO_DEPTH, Depth
from seavigil.normal.pattern import NO_PATTERN, Pattern
from seavigil.normal.places import NO_PLACES, Places
from seavigil.normal.watchlist import NO_WATCHLIST, Watchlist
from seavigil.normal.weather import NO_WEATHER, Weather


@dataclass(frozen=True)
class Known:
    """What the user gives about the sea he watches; what is not given is said to be not known."""

    pattern: Pattern = NO_PATTERN
    places: Places = NO_PLACES
    weather: Weather = NO_WEATHER
    depth: Depth = NO_DEPTH
    watchlist: Watchlist = NO_WATCHLIST
    contacts: Contacts = NO_CONTACTS
