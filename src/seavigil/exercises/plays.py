"""A play: invented ships on the invented sea, as tables, as sentences or as Danish CSV, with the truth."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cached_property
from typing import Any

from seavigil.exercises import sea
from seavigil.exercises.chance import Chance
from seavigil.exercises.motion import Tracks, join, move
from seavigil.exercises.radio import Station, broadcast, receive
from seavigil.exercises.reception import F64, Reception
from seavigil.exercises.sets import SOUND, Faults, Ship
from seavigil.exercises.traffic import Actor, Crossing, DemoAsset, Inject, all_crossings, injects
from seavigil.exercises.water import Water, open_meteo
from seavigil.records import SECOND_US, Decoded

#: Ships are moved in steps of this long.
STEP_S = 10


@dataclass(frozen=True)
class Play:
    """A whole play: the sea it is on, the ships' true tracks, and the truth about what they did.

    ``weather`` has the shape of two Open-Meteo answers (``marine``, ``atmosphere``); ``depths`` are rows
    of latitude, longitude and depth in metres.
    """

    name: str
    seed: int
    began_us: int
    ended_us: int
    assets: tuple[DemoAsset, ...]
    places_geojson: str = field(repr=False)
    depths: F64 = field(repr=False)
    weather: dict[str, Any] = field(repr=False)
    truth: tuple[Inject, ...] = field(repr=False)
    crossings: tuple[Crossing, ...] = field(repr=False)
    ships: tuple[Ship, ...] = field(repr=False)
    stations: tuple[Station, ...] = field(repr=False)
    tracks: Tracks = field(repr=False)
    faults: Faults = field(default=SOUND, repr=False)

    @property
    def ship_days(self) -> float:
        """For how long ships were on the air within hearing, all together."""
        return self._reception.ship_days()

    def pieces(self, every_s: float | None = None, rows: int = 250_000) -> Iterator[Decoded]:
        """Give REPORTS and VESSELS in order of time, about ``rows`` reports at a time.

        With ``every_s`` at most one report a ship in each such span, and none heard twice.
        """
        return self._reception.pieces(every_s, rows)

    def sentences(self) -> bytes:
        """Write it as NMEA with tag blocks, in order of arrival; for plays of some hours."""
        began_s = self.began_us // SECOND_US
        sent = list(broadcast(self.ships, self.tracks, began_s, self._chance, self.faults))
        return receive(sent, self.stations, self._chance, began_s)

    def dma_rows(self) -> Iterator[str]:
        """Write it as lines of a Danish AIS CSV file, header first, each report once."""
        yield ",".join(_DMA_COLUMNS)
        ships = {ship.mmsi: _dma_static(ship) for ship in self.ships}
        for piece in self.pieces(every_s=1.0):
            for report in piece.reports.to_pylist():
                yield ",".join(_dma_dynamic(report) + ships[report["mmsi"]])

    @property
    def _chance(self) -> Chance:
        return Chance(self.seed)

    @cached_property
    def _reception(self) -> Reception:
        return Reception(self.ships, self.tracks, self.stations, self.faults, self._chance, self.began_us)


def perform(
    name: str,
    actors: Sequence[Actor],
    *,
    seed: int,
    began_us: int,
    seconds: int,
    water: Water,
    stations: Sequence[Station] | None = None,
    faults: Faults = SOUND,
    moved: Tracks | None = None,
) -> Play:
    """Move all actors on the invented sea and give the play; ``moved`` are the tracks of the first ones.

    ``seconds`` is a whole number of steps of STEP_S.
    """
    have = 0 if moved is None else len(moved.lat_deg)
    parts = [] if moved is None else [moved]
    if len(actors) > have:
        parts.append(move([actor.motion for actor in actors[have:]], seconds, STEP_S, water))
    tracks = join(parts)
    ships = tuple(actor.ship for actor in actors)
    crossings = all_crossings(ships, tracks, sea.ASSETS, began_us)
    return Play(
        name,
        seed,
        began_us,
        began_us + seconds * SECOND_US,
        sea.ASSETS,
        sea.places_geojson(),
        sea.depth_samples(),
        open_meteo(water, began_us, lat_deg=sea.MIDDLE[0], lon_deg=sea.MIDDLE[1]),
        injects(actors, tracks, crossings, began_us),
        crossings,
        ships,
        sea.stations() if stations is None else tuple(stations),
        tracks,
        faults,
    )


_DMA_COLUMNS = (
    *("# Timestamp", "Type of mobile", "MMSI", "Latitude", "Longitude", "Navigational status", "ROT", "SOG"),
    *("COG", "Heading", "IMO", "Callsign", "Name", "Ship type", "Cargo type", "Width", "Length"),
    *("Type of position fixing device", "Draught", "Destination", "ETA", "Data source type"),
)
#: Words of the Danish files for the status and the types that exercises use (ITU-R M.1371-5, table 53).
_DMA_STATUS = {
    0: "Under way using engine",
    1: "At anchor",
    2: "Not under command",
    3: "Restricted maneuverability",
    5: "Moored",
    7: "Engaged in fishing",
}
_DMA_TYPES = {
    30: "Fishing",
    31: "Towing",
    33: "Dredging",
    37: "Pleasure",
    40: "HSC",
    50: "Pilot",
    55: "Law enforcement",
    60: "Passenger",
    70: "Cargo",
    80: "Tanker",
    90: "Other",
}


def _dma_dynamic(report: dict[str, Any]) -> list[str]:
    time: datetime = report["time_us"].astimezone(UTC)
    status = _DMA_STATUS.get(report["nav_status"], "Unknown value")
    lat, lon = report["lat_deg"], report["lon_deg"]
    return [
        time.strftime("%d/%m/%Y %H:%M:%S"),
        "Class B" if report["transceiver"] == 2 else "Class A",
        str(report["mmsi"]),
        "91.000000" if lat is None else f"{lat:.6f}",
        "0.000000" if lon is None else f"{lon:.6f}",
        status,
        *(_said(report[name], "{:.1f}") for name in ("rot_deg_min", "sog_kn", "cog_deg")),
        _said(report["heading_deg"], "{:.0f}"),
    ]


def _said(value: float | None, form: str) -> str:
    return "" if value is None else form.format(value)


def _dma_static(ship: Ship) -> list[str]:
    sides = ship.dimensions
    length, beam = sides.to_bow_m + sides.to_stern_m, sides.to_port_m + sides.to_starboard_m
    kind = _DMA_TYPES.get(ship.ship_type, "Undefined")
    return [
        *("Unknown", ship.callsign or "Unknown", ship.name or "Unknown", kind, ""),
        *(str(beam or ""), str(length or ""), "GPS", str(ship.draught_m or "")),
        *(ship.destination or "Unknown", "", "AIS"),
    ]
