"""Drawn ships before the behaviours: the same steps as the watch, for one behaviour at a time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pyarrow as pa
import shapely

from seavigil.assets import Asset, AssetIndex
from seavigil.behaviours import Behaviour, Surroundings, detect
from seavigil.events import Event
from seavigil.normal.coverage import CoverageLearner
from seavigil.normal.log import LogLearner
from seavigil.records import NEVER_US, Decoded
from seavigil.track import split
from seavigil.tracks import StaticBook, Tracker


def cable(*through: tuple[float, float], uncertainty_m: float = 50.0, asset_id: str = "cable") -> Asset:
    """Give a cable through places (lat, lon)."""
    line = shapely.LineString([(lon, lat) for lat, lon in through])
    return Asset(asset_id, asset_id, "telecom_cable", line, uncertainty_m, "given")


def tracked(*reports: pa.Table) -> pa.Table:
    """Give all ships' reports as the tracker releases them."""
    return Tracker().add(Decoded(reports=in_order(*reports)), final=True).reports


def in_order(*reports: pa.Table) -> pa.Table:
    """Give reports of several ships in order of time, as a feed brings them."""
    return pa.concat_tables(reports).sort_by([("time_us", "ascending"), ("report_id", "ascending")])


def judge(
    behaviour: Behaviour,
    ship: pa.Table,
    *others: pa.Table,
    assets: Sequence[Asset] = (),
    vessels: pa.Table | None = None,
    part: int = 0,
    **more: Any,
) -> list[Event]:
    """Give the event revisions of ``ship``, with ``others`` around her, at the end of their data.

    ``vessels``: static data heard. ``part``: which of the ships under her number. ``more``: further fields of
    the surroundings (weather, places...).
    """
    rows = tracked(ship, *others)
    learner = CoverageLearner()
    learner.add(rows)
    coverage, clock = learner.learned()
    log = LogLearner()
    log.add(rows, coverage)
    statics = StaticBook()
    if vessels is not None:
        statics.add(vessels)
    index = AssetIndex(assets) if assets else None
    surroundings = Surroundings(index, coverage, clock, log.learned(), statics)
    surroundings = replace(surroundings, **more)
    mmsi = ship["mmsi"][0].as_py()
    track = next(t for t in split(rows) if (t.mmsi, t.vessel_part) == (mmsi, part))
    as_of_us = max(rows["time_us"].cast(pa.int64()).to_pylist())
    return detect(
        track, surroundings, behaviour, behaviour.params, settled_until_us=NEVER_US, as_of_us=as_of_us
    ).events
