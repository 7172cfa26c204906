"""The forecast of one ship out of recordings, as it stood at one moment."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from math import isfinite
from typing import Any

from seavigil.normal.places import LAND, LANE
from seavigil.records import SECOND_US, rfc3339, ship_named, vessel_id
from seavigil.runners import batch
from seavigil.runners.ahead import SILENT_US, Asked
from seavigil.runners.batch import Hooks, Job, Reader
from seavigil.runners.live import Watch
from seavigil.runners.summary import Summary


@dataclass(frozen=True)
class Forecast:
    """One ship at one moment: how she went, what lies ahead of her, and what that was reckoned from."""

    line: Mapping[str, Any]
    summary: Summary


def forecast(job: Job, read: Reader, ship: str, at_us: int | None, hooks: Hooks | None = None) -> Forecast:
    """Read the recordings of ``job`` up to ``at_us`` (None: to her last report) and look ahead of ``ship``.

    ``ship``: her MMSI, or ``219165000#2``. Nothing later is looked at. Raises ``ValueError`` where no
    assets are given or she was not heard within six hours before, and what `batch.run` raises.
    """
    if job.assets is None or not len(job.assets):
        raise ValueError("no assets are given (--assets): nothing lies ahead of any ship")
    vessel = vessel_of(ship)
    watched: list[Watch] = []
    hooks = replace(hooks or Hooks(), ended=watched.append)
    summary = batch.run(replace(job, as_of_us=at_us, catalogue=(), areas=(), out=None), read, hooks)
    watch = watched[0]
    heard_us = watch.ahead.last_heard_us(vessel)
    if heard_us is None:
        when = "" if at_us is None else f" by {rfc3339(at_us)}"
        raise ValueError(f"{ship} was not heard{when} in these recordings")
    moment_us = heard_us if at_us is None else at_us
    if moment_us - heard_us > SILENT_US:
        raise ValueError(
            f"{ship} was last heard at {rfc3339(heard_us)}, more than six hours before {rfc3339(moment_us)}"
        )
    return Forecast(_line(watch, (vessel, moment_us), heard_us), summary)


def vessel_of(ship: str) -> str:
    """Give a ship's id as events have it. Raises ``ValueError`` for what is no MMSI."""
    mmsi, part = ship_named(ship)
    return vessel_id(mmsi, part or 0)


def _line(watch: Watch, asked: Asked, heard_us: int) -> dict[str, Any]:
    vessel, at_us = asked
    look = watch.ahead.look([asked], watch.surroundings)
    state, places = look.state, watch.surroundings.places
    static = watch.surroundings.statics.known(int(vessel.partition("#")[0]), at_us)
    known = {name: _number(getattr(state, name)[0]) for name in ("lat_deg", "lon_deg", "sog_kn", "cog_deg")}
    return {
        "vessel": {"mmsi": static.mmsi, "vessel_id": vessel, "name": static.name, "flag": static.flag},
        "at": rfc3339(at_us),
        "last_heard": rfc3339(heard_us),
        "silent_s": round((at_us - heard_us) / SECOND_US),
        "position": {"lat_deg": known["lat_deg"], "lon_deg": known["lon_deg"]},
        "sog_kn": known["sog_kn"],
        "cog_deg": known["cog_deg"],
        "destination": static.destination,
        "next_assets": [dict(one) for one in watch.ahead.lines(look.found[0])],
        "reckoned_from": {
            "ways_of_ships_heard": watch.ahead.ways_heard(at_us, watch.surroundings),
            "lanes_given": places.knows(LANE),
            "land_given": places.knows(LAND),
            "history_given": watch.surroundings.pattern.known,
            "destination_known": isfinite(state.to_lat_deg[0]),
        },
    }


def _number(value: float) -> float | None:
    return round(float(value), 5) if isfinite(value) else None
