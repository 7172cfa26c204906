"""Who was silent about a fault and could have been there: gaps in the logs, held against coverage.

A ship heard before and after with a crossing between is no matter of this: `behaviours.crossing` takes steps
of up to three hours as straight. Here are those that could have gone there and back, or on and away.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray

from seavigil import geodesy
from seavigil.assets.model import Asset
from seavigil.behaviours import Surroundings, prism
from seavigil.events import Event
from seavigil.fault import Fault
from seavigil.forecast.presence import Presence, Sign
from seavigil.normal.log import Log
from seavigil.records import MINUTE_US, SECOND_US, vessel_id

I64 = NDArray[np.int64]

#: A shorter gap in the log is two missed bins, no silence.
LEAST_GAP_US = 15 * MINUTE_US
#: As in `gone_dark`: most merchant ships can make 12 kn, and a fifth more than she made lately.
LEAST_TOP_KN, TOP_RATIO = 12.0, 1.2
#: Slower than this when last heard she was not going anywhere.
LEAST_SOG_KN = 1.0
#: How likely a ship that could have gone there did (own choices): one whose silence was told by
#: `gone_dark`, one of a silence with others heard around, and one where hardly anybody was heard.
TOLD, COVERED, UNCOVERED = 0.2, 0.08, 0.02
#: Others heard in so many of the bins meanwhile: as in `gone_dark`.
LEAST_SHIPS, COVERED_SHARE = 3, 0.8
_METRES_PER_SECOND = 1852.0 / 3600.0
_SAID_AT_REST = (1, 5, 6)


@dataclass(frozen=True)
class _Gap:
    """Rows of the log before and after a silence (``after`` None: not heard again)."""

    before: int
    after: int | None
    ended_us: int


def silences(
    asset: Asset, fault: Fault, log: Log, surroundings: Surroundings, events: Iterable[Event], as_of_us: int
) -> Iterator[Presence]:
    """Give the ships that were silent about the time of the fault and can have been at the asset then."""
    told = {event.vessel_id for event in events if event.behaviour == "gone_dark"}
    around_us = int(fault.within_s * SECOND_US)
    window_us = (fault.at_us - around_us, fault.at_us + around_us)
    for gap in _gaps(log, window_us, as_of_us):
        reached = _reached(asset, log, gap)
        if reached is None:
            continue
        name = vessel_id(int(log.ship[gap.before]) // 256, int(log.ship[gap.before]) % 256)
        covered = _covered(log, gap, surroundings, as_of_us)
        likely = TOLD if name in told else COVERED if covered else UNCOVERED
        began_us = int(log.last_us[gap.before])
        sog_kn = float(log.sog_kn[gap.before])
        yield Presence(
            surroundings.statics.known(int(log.ship[gap.before]) // 256, as_of_us),
            name,
            (began_us + gap.ended_us) // 2,
            (gap.ended_us - began_us) / 2 / SECOND_US,
            likely,
            distance_m=reached,
            sog_kn=sog_kn if np.isfinite(sog_kn) else None,
            dark=True,
            signs=(Sign("silent_for", round((gap.ended_us - began_us) / SECOND_US), 300.0, "s"),),
        )


def _gaps(log: Log, window_us: tuple[int, int], as_of_us: int) -> Iterator[_Gap]:
    """Give the silences of ships under way that overlap the window."""
    if not len(log):
        return
    last = np.append(log.ship[1:] != log.ship[:-1], True)
    heard_until_us = int(log.last_us.max())
    next_us = np.where(last, min(as_of_us, heard_until_us), np.append(log.first_us[1:], 0))
    moving = (log.sog_kn >= LEAST_SOG_KN) & ~np.isin(log.nav_status, _SAID_AT_REST)
    long = next_us - log.last_us >= LEAST_GAP_US
    overlaps = (log.last_us <= window_us[1]) & (next_us >= window_us[0])
    for row in np.flatnonzero(moving & long & overlaps).tolist():
        yield _Gap(row, None if last[row] else row + 1, int(next_us[row]))


def _reached(asset: Asset, log: Log, gap: _Gap) -> float | None:
    """Give how far the asset was off her when last heard, in metres, if she can have gone there meanwhile."""
    lat, lon = float(log.lat_deg[gap.before]), float(log.lon_deg[gap.before])
    budget_m = _top_kn(log, gap.before) * _METRES_PER_SECOND
    budget_m *= (gap.ended_us - int(log.last_us[gap.before])) / SECOND_US
    back = (lat, lon)
    if gap.after is not None:
        back = (float(log.first_lat_deg[gap.after]), float(log.first_lon_deg[gap.after]))
    area = prism.area((lat, lon), back, budget_m if gap.after is not None else 2.0 * budget_m)
    if area is None or not shapely.intersects(area, asset.geometry):
        return None
    near = shapely.shortest_line(shapely.Point(lon, lat), asset.geometry)
    to_lon, to_lat = shapely.get_coordinates(near)[-1]
    return float(geodesy.distance_m(lat, lon, to_lat, to_lon))


def _top_kn(log: Log, row: int) -> float:
    """Give the speed she can make: by what she made in the half hour before."""
    first = int(np.searchsorted(log.ship, log.ship[row]))
    recent = log.sog_kn[max(first, row - 6) : row + 1]
    return max(LEAST_TOP_KN, TOP_RATIO * float(np.nanmedian(recent)))


def _covered(log: Log, gap: _Gap, surroundings: Surroundings, as_of_us: int) -> bool:
    """Whether others were heard, meanwhile, around where she was last."""
    coverage = surroundings.coverage
    bins = np.flatnonzero(
        (coverage.visible_us <= as_of_us)
        & (coverage.starts_us >= log.last_us[gap.before])
        & (coverage.starts_us + coverage.bin_us <= gap.ended_us)
    )
    if not len(bins):
        return False
    place = float(log.lat_deg[gap.before]), float(log.lon_deg[gap.before])
    heard: I64 = coverage.ships_around(bins, *place)
    return bool((heard >= LEAST_SHIPS).mean() >= COVERED_SHARE)
