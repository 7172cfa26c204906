"""The inquiry into a fault: what a watch knows of every ship about it, put before `forecast.suspects`."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np
import shapely
from numpy.typing import NDArray

from seavigil import geodesy
from seavigil.assets.model import Asset, Assets
from seavigil.behaviours import Surroundings
from seavigil.behaviours.surroundings import LEAST_SIGMA_M
from seavigil.events import Event
from seavigil.fault import Fault
from seavigil.forecast.presence import Presence, Seen, Sight
from seavigil.forecast.same_fault import joined
from seavigil.forecast.suspects import Findings, suspects
from seavigil.normal.log import Log, ship_key
from seavigil.normal.places import LAND
from seavigil.records import HOUR_US, SECOND_US, rfc3339
from seavigil.runners.conduct import Known, Passage, known_of, with_conduct
from seavigil.runners.hearing import heard, quiet_s, silences_of_all, span, window_us
from seavigil.runners.passages import from_event, passages, way_of
from seavigil.runners.silences import silences

F64 = NDArray[np.float64]

#: Events are looked at that became known so long before the inquiry or later: whoever inquires keeps them.
EVENTS_KEPT_US = 30 * HOUR_US
#: Rows of the log are looked at that begin so long before the inquiry or later: a watch keeps these.
LOG_KEPT_US = 26 * HOUR_US
#: What is known of a passage so much later than of the fault still counts: she came before it or after.
_SLACK_US = HOUR_US
#: So many passages of other assets serve for comparison, evenly out of all (own choice: time to judge them).
_ELSEWHERE = 600
#: A fault of which the place is not known is looked for every so often along its asset.
_EVERY_KM = 10.0


def inquire(
    faults: Sequence[Fault], events: Iterable[Event], surroundings: Surroundings, as_of_us: int
) -> Findings:
    """Rank the ships about one fault, or about several taken as one ship's doing, from what was known.

    ``events``: all revisions that the watch found (older than EVENTS_KEPT_US need not be among them). Nothing
    later than ``as_of_us`` is looked at, however much later the watch already is; but no watch may be more
    than half a day later, or her log has forgotten too much. Notices that tell of one outage are one fault.

    Raises ``ValueError`` for an unknown asset, a kilometre beyond its length, a time of which there are no
    data, or no fault at all.
    """
    known, told = list(events), joined(faults)
    return suspects([look(one.fault, known, surroundings, as_of_us) for one in told], told)


def look(fault: Fault, events: Iterable[Event], surroundings: Surroundings, as_of_us: int) -> Sight:
    """Gather what was known at ``as_of_us`` of every ship about one fault. Raises as ``inquire``."""
    asset = asset_of(fault, surroundings)
    log = _log_until(surroundings.log, as_of_us)
    began_us, ended_us = span(fault, surroundings, as_of_us)
    if window_us(fault)[1] < as_of_us - LOG_KEPT_US:
        raise ValueError(
            f"{fault.fault_id}: {rfc3339(fault.at_us)} is outside of what is still known at "
            f"{rfc3339(as_of_us)}: ships' ways are kept for {LOG_KEPT_US // HOUR_US} hours"
        )
    found = _newest(events, as_of_us)
    known = known_of(found, surroundings, log, as_of_us, max(as_of_us - fault.at_us, 0) + _SLACK_US)
    way = way_of(log)
    passed = [(asset.asset_id, p) for p in passages(asset, found, way, surroundings.statics, as_of_us)]
    judged = with_conduct([*passed, *_elsewhere(asset, found, known)], known)
    here, elsewhere = judged[: len(passed)], judged[len(passed) :]
    dark = list(silences(asset, fault, log, surroundings, found, as_of_us))
    lat, lon = _places(asset, fault)
    return Sight(
        fault=fault,
        as_of_us=as_of_us,
        began_us=max(began_us, as_of_us - LOG_KEPT_US),
        quiet_s=quiet_s(surroundings, max(began_us, as_of_us - LOG_KEPT_US), ended_us),
        ended_us=ended_us,
        sigma_m=max(asset.sigma_m, LEAST_SIGMA_M),
        length_km=asset.length_km,
        heard=heard(fault, lat, lon, surroundings, as_of_us),
        on_land=_on_land(fault, lat, lon, surroundings),
        disturbed=bool(surroundings.gnss.degraded(lat, lon, fault.at_us).any()),
        presences=(*here, *_without(dark, here, fault)),
        elsewhere=tuple(elsewhere),
        silences=tuple(silences_of_all(fault, surroundings, as_of_us)),
        last=last_seen(log, {one.vessel_id for one in (*here, *dark)}),
    )


def asset_of(fault: Fault, surroundings: Surroundings) -> Asset:
    """Give the fault's asset. Raises ``ValueError`` where there is none, or none so long."""
    assets = () if surroundings.assets is None else surroundings.assets.assets
    asset = next((a for a in assets if a.asset_id == fault.asset_id), None)
    asset = asset or Assets(assets).find(fault.asset_id)
    if fault.km_along is not None and fault.km_along > (asset.length_km or 0.0):
        length = "is no line" if asset.length_km is None else f"is {asset.length_km:.1f} km long"
        raise ValueError(
            f"{fault.fault_id}: kilometre {fault.km_along:g} is beyond {asset.name}, which {length}"
        )
    return asset


def _log_until(log: Log, as_of_us: int) -> Log:
    """Give the rows that could be looked at by then, and that any watch still has."""
    return log.rows((log.visible_us <= as_of_us) & (log.start_us > as_of_us - LOG_KEPT_US))


def last_seen(log: Log, vessel_ids: Iterable[str]) -> dict[str, Seen]:
    """Give where each of these ships was last heard, by her log."""
    last: dict[str, Seen] = {}
    for name in vessel_ids:
        mmsi, _, part = name.partition("#")
        row = int(np.searchsorted(log.ship, ship_key(int(mmsi), int(part or 1) - 1), side="right")) - 1
        if row >= 0 and log.ship[row] == ship_key(int(mmsi), int(part or 1) - 1):
            lat, lon, sog, cog = (
                float(getattr(log, n)[row]) for n in ("lat_deg", "lon_deg", "sog_kn", "cog_deg")
            )
            speeds = (None if np.isnan(v) else v for v in (sog, cog))
            last[name] = Seen(int(log.last_us[row]), lat, lon, *speeds)
    return last


def _newest(events: Iterable[Event], as_of_us: int) -> list[Event]:
    """Give of each event the newest revision that was known by then, in order of time."""
    newest: dict[str, Event] = {}
    for event in events:
        if as_of_us - EVENTS_KEPT_US < event.known_at_us <= as_of_us:
            known = newest.get(event.event_id)
            if known is None or event.revision > known.revision:
                newest[event.event_id] = event
    return sorted(newest.values(), key=lambda event: (event.began_us, event.event_id))


def _without(dark: Iterable[Presence], here: Sequence[Presence], fault: Fault) -> list[Presence]:
    """Leave out the silent ships whose passage at the time is known all the same."""
    about_us = int(fault.within_s * SECOND_US) + HOUR_US
    passed = {one.vessel_id for one in here if abs(one.crossed_at_us - fault.at_us) <= about_us}
    return [one for one in dark if one.vessel_id not in passed]


def _elsewhere(asset: Asset, events: Sequence[Event], known: Known) -> list[Passage]:
    """Give passages of the other assets, evenly out of all."""
    others = [e for e in events if e.behaviour == "crossing" and e.asset_id not in (None, asset.asset_id)]
    every = max(1, -(-len(others) // _ELSEWHERE))
    statics = known.surroundings.statics
    found = ((event.asset_id, from_event(event, statics, known.as_of_us)) for event in others[::every])
    return [(name, one) for name, one in found if name is not None and one is not None]


def _places(asset: Asset, fault: Fault) -> tuple[F64, F64]:
    """Give where the fault may be: its kilometre, or places all along the asset."""
    lat, lon, km = [], [], []
    begun_km = 0.0
    for part in shapely.get_parts(asset.geometry):
        xy = shapely.get_coordinates(part)
        edges_km = geodesy.edge_length_m(xy[:-1, 1], xy[:-1, 0], xy[1:, 1], xy[1:, 0]) / 1000.0
        at = begun_km + np.concatenate([[0.0], np.cumsum(edges_km)])
        wanted = np.arange(at[0], at[-1] + 1e-9, _EVERY_KM)
        if fault.km_along is not None:
            wanted = np.clip([fault.km_along], at[0], at[-1])
        km.append(wanted)
        lat.append(np.interp(wanted, at, xy[:, 1]))
        lon.append(np.interp(wanted, at, xy[:, 0]))
        begun_km = float(at[-1])
    if fault.km_along is None:
        return np.concatenate(lat), np.concatenate(lon)
    nearest = int(np.argmin(np.abs(np.concatenate(km) - fault.km_along)))
    return np.concatenate(lat)[[nearest]], np.concatenate(lon)[[nearest]]


def _on_land(fault: Fault, lat: F64, lon: F64, surroundings: Surroundings) -> bool | None:
    if fault.km_along is None or not surroundings.places.knows(LAND):
        return None
    return bool(surroundings.places.on_land(lat, lon).all())
