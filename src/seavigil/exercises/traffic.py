"""An exercise: invented ships played before invented assets, as NMEA, with the truth kept beside it."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import chain

import numpy as np
from numpy.typing import NDArray

from seavigil.exercises.chance import Chance
from seavigil.exercises.motion import Motion, Place, Tracks, move
from seavigil.exercises.radio import Aid, Ship, Station, broadcast, receive, shore
from seavigil.records import SECOND_US

F64 = NDArray[np.float64]

NOTE = "EXERCISE: invented assets for invented ships. No such cable, pipeline or wind farm exists."


@dataclass(frozen=True)
class DemoAsset:
    """An invented asset; an area's ``route`` is its outline, closed by itself."""

    name: str
    kind: str
    route: tuple[Place, ...]
    position_uncertainty_m: float
    area: bool = False


@dataclass(frozen=True)
class Part:
    """What a ship plays: a ``kind`` of conduct, from when to when, and what a good watch makes of it.

    ``expects`` names the behaviours that ought to be found; it is empty for a near miss, which
    must raise nothing but ordinary crossings.
    """

    kind: str
    says: str
    began_s: float
    ended_s: float
    expects: tuple[str, ...] = ()
    assets: tuple[str, ...] = ()
    incident: str | None = None
    slows_by: float | None = None
    drag_began_s: float | None = None
    others: tuple[int, ...] = ()


@dataclass(frozen=True)
class Stretch:
    """An ordinary part whose times the passage itself gives: between two of its waypoints.

    From when she reaches waypoint ``from_at`` to when she reaches ``to_at``; one not reached is no end.
    """

    kind: str
    says: str
    from_at: int
    to_at: int


@dataclass(frozen=True)
class Actor:
    """A ship, how she moves, and the part she plays, if any; ``more`` and ``stretches`` are further parts."""

    ship: Ship
    motion: Motion
    part: Part | None = None
    more: tuple[Part, ...] = ()
    stretches: tuple[Stretch, ...] = ()


@dataclass(frozen=True)
class Crossing:
    """A ship's true track over an asset's charted line; ``heard`` is false while her set was off."""

    mmsi: int
    asset: str
    crossed_at_us: int
    lat_deg: float
    lon_deg: float
    sog_kn: float
    heard: bool


@dataclass(frozen=True)
class Inject:
    """The truth about one ship's part: when, near which assets, and her crossings meanwhile.

    ``incident`` names the documented case it is drawn after. ``slows_by``: share of her way that the
    anchor took while she dragged it, from ``drag_began_us`` on. ``other_mmsis``: further numbers
    that she sent under.
    """

    kind: str
    mmsi: int
    name: str
    says: str
    began_us: int
    ended_us: int
    expects: tuple[str, ...]
    assets: tuple[str, ...]
    crossings: tuple[Crossing, ...] = ()
    incident: str | None = None
    slows_by: float | None = None
    drag_began_us: int | None = None
    other_mmsis: tuple[int, ...] = ()

    @property
    def mmsis(self) -> tuple[int, ...]:
        """Give every number that she sent under."""
        return (self.mmsi, *self.other_mmsis)


@dataclass(frozen=True)
class Exercise:
    """A whole exercise: sentences as stations wrote them, the assets, and the truth about both."""

    name: str
    seed: int
    began_us: int
    ended_us: int
    nmea: bytes = field(repr=False)
    assets_geojson: str = field(repr=False)
    truth: tuple[Inject, ...] = ()
    crossings: tuple[Crossing, ...] = field(default=(), repr=False)
    ships: tuple[Ship, ...] = field(default=(), repr=False)


def play(
    name: str,
    *,
    actors: Sequence[Actor],
    assets: Sequence[DemoAsset],
    stations: Sequence[Station],
    aids: Sequence[Aid],
    began_us: int,
    seconds: int,
    seed: int,
) -> Exercise:
    """Move all actors, let them send and be heard, and compute the truth from their noiseless tracks."""
    ships = tuple(actor.ship for actor in actors)
    tracks = move([actor.motion for actor in actors], seconds)
    chance = Chance(seed)
    began_s = began_us // SECOND_US
    sent = chain(broadcast(ships, tracks, began_s, chance), shore(stations, aids, began_s, seconds, chance))
    crossings = all_crossings(ships, tracks, assets, began_us)
    return Exercise(
        name=name,
        seed=seed,
        began_us=began_us,
        ended_us=began_us + seconds * SECOND_US,
        nmea=receive(list(sent), stations, chance),
        assets_geojson=geojson(assets),
        truth=injects(actors, tracks, crossings, began_us),
        crossings=crossings,
        ships=ships,
    )


def geojson(assets: Sequence[DemoAsset]) -> str:
    """Write the assets as GeoJSON, marked as an exercise in the collection and in every feature."""
    features = [
        {
            "type": "Feature",
            "properties": {
                "name": asset.name,
                "kind": asset.kind,
                "position_uncertainty_m": asset.position_uncertainty_m,
                "exercise": True,
                "note": NOTE,
            },
            "geometry": _geometry(asset),
        }
        for asset in assets
    ]
    whole = {"type": "FeatureCollection", "name": "EXERCISE assets", "note": NOTE, "features": features}
    return json.dumps(whole, indent=1) + "\n"


def line_crossings(lat_deg: F64, lon_deg: F64, route: Sequence[Place]) -> F64:
    """Give the times, in steps of the track from its first point, at which it crosses a route.

    Both are straight in longitude and latitude between their points, as GeoJSON says. A point of
    the track that lies on the route counts with the step that begins there.
    """
    line = np.array(route)
    # only steps that come into the line's box can cross it
    near = _beside(lat_deg, line[:, 0]) & _beside(lon_deg, line[:, 1])
    steps = np.flatnonzero(near)
    y, x = lat_deg[steps, None], lon_deg[steps, None]
    dy, dx = lat_deg[steps + 1, None] - y, lon_deg[steps + 1, None] - x
    v, u = line[:-1, 0], line[:-1, 1]
    dv, du = np.diff(line[:, 0]), np.diff(line[:, 1])
    across = dx * dv - dy * du
    with np.errstate(divide="ignore", invalid="ignore"):
        along_track = ((u - x) * dv - (v - y) * du) / across
        along_line = ((u - x) * dy - (v - y) * dx) / across
    hit = (along_track >= 0) & (along_track < 1) & (along_line >= 0) & (along_line < 1)
    step, edge = np.nonzero(hit)
    times: F64 = steps[step] + along_track[step, edge]
    return times


def _beside(track_deg: F64, line_deg: F64) -> NDArray[np.bool_]:
    """Tell which steps of a track reach into the span of a line, on one axis."""
    least, most = np.minimum(track_deg[:-1], track_deg[1:]), np.maximum(track_deg[:-1], track_deg[1:])
    beside: NDArray[np.bool_] = (least <= line_deg.max()) & (most >= line_deg.min())
    return beside


def _geometry(asset: DemoAsset) -> dict[str, object]:
    points = [[lon, lat] for lat, lon in asset.route]
    if asset.area:
        return {"type": "Polygon", "coordinates": [[*points, points[0]]]}
    return {"type": "LineString", "coordinates": points}


def all_crossings(
    ships: Sequence[Ship], tracks: Tracks, assets: Sequence[DemoAsset], began_us: int
) -> tuple[Crossing, ...]:
    """Give every crossing of every line asset, in order of time; row ``i`` of ``tracks`` is ``ships[i]``."""
    found = []
    for row, ship in enumerate(ships):
        lat, lon = tracks.lat_deg[row], tracks.lon_deg[row]
        clock = np.arange(len(lat), dtype=np.float64) * tracks.step_s
        sog = np.hypot(tracks.east_kn[row], tracks.north_kn[row])
        for asset in assets:
            if asset.area:
                continue
            for at_s in (tracks.step_s * line_crossings(lat, lon, asset.route)).tolist():
                here_lat, here_lon, kn = (float(np.interp(at_s, clock, c)) for c in (lat, lon, sog))
                heard = not any(off <= at_s < on for off, on in ship.silent_s)
                at_us = began_us + round(at_s * 1e6)
                found.append(Crossing(ship.mmsi, asset.name, at_us, here_lat, here_lon, kn, heard))
    return tuple(sorted(found, key=lambda c: c.crossed_at_us))


def injects(
    actors: Sequence[Actor], tracks: Tracks, crossings: Sequence[Crossing], began_us: int
) -> tuple[Inject, ...]:
    """Give the truth about every part that the actors played, actor by actor."""
    own: dict[int, list[Crossing]] = {}
    for crossing in crossings:
        own.setdefault(crossing.mmsi, []).append(crossing)
    return tuple(
        _inject(actor.ship, part, own.get(actor.ship.mmsi, ()), began_us)
        for row, actor in enumerate(actors)
        for part in _parts(actor, tracks.reached_s[row], tracks.seconds)
    )


def _parts(actor: Actor, reached_s: F64, seconds: float) -> Iterator[Part]:
    if actor.part is not None:
        yield actor.part
    yield from actor.more
    for stretch in actor.stretches:
        began, ended = reached_s[stretch.from_at], reached_s[stretch.to_at]
        if not np.isnan(began):
            until = seconds if np.isnan(ended) else float(ended)
            yield Part(stretch.kind, stretch.says, float(began), until)


def _inject(ship: Ship, part: Part, crossings: Sequence[Crossing], began_us: int) -> Inject:
    def at_us(at_s: float) -> int:
        return began_us + round(at_s * 1e6)

    began, ended = at_us(part.began_s), at_us(part.ended_s)
    meanwhile = tuple(c for c in crossings if began <= c.crossed_at_us <= ended)
    concerned = part.assets or tuple(dict.fromkeys(c.asset for c in meanwhile))
    return Inject(
        part.kind,
        ship.mmsi,
        ship.name,
        part.says,
        began,
        ended,
        part.expects,
        concerned,
        meanwhile,
        part.incident,
        part.slows_by,
        None if part.drag_began_s is None else at_us(part.drag_began_s),
        part.others,
    )
