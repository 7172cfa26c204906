"""What is known around an event or a case: the ship, the assets, what was heard there."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import lru_cache
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from seavigil import geodesy
from seavigil.alerts import Alert, AlertAsset, Area, VesselFacts
from seavigil.assets.index import AssetIndex
from seavigil.assets.model import Asset
from seavigil.behaviours import Surroundings
from seavigil.behaviours.surroundings import LEAST_SIGMA_M
from seavigil.events import Event
from seavigil.normal.coverage import Coverage
from seavigil.records import SECOND_US, VESSELS, Flag, Transceiver, empty, vessel_id
from seavigil.risk import Draft, HeardLate, Knowledge, Traffic
from seavigil.risk.cases import CARRIED
from seavigil.runners.around import around
from seavigil.runners.fault_watch import fitted
from seavigil.runners.faults import Faults
from seavigil.runners.invented import Invented
from seavigil.tracks import StaticBook
from seavigil.vessel import Static

#: Half a day is looked at with all of its static data known: ships that share an MMSI take turns in it every
#: few seconds to minutes (type 5 every 6 min each, ITU-R M.1371-5), and the turns before may not be lost.
_MAX_CHANGES = 2048
#: So many rows of static data may wait for their time from one piece to the next: more than a piece of a
#: recording has, and than all ships of the world send within the reordering delay.
_MAX_TO_COME = 300_000
_HOUR_S = 3600.0
_METRES_PER_SECOND = 1852.0 / 3600.0


class Facts:
    """Joins static data, assets and coverage to what was found, each as known at its data time."""

    def __init__(self, index: AssetIndex | None) -> None:
        self._index = index
        self.statics = StaticBook(max_changes=_MAX_CHANGES)
        self._to_come = empty(VESSELS)
        self._invented = Invented()
        self._late: list[HeardLate] = []
        self._at = {} if index is None else {a.asset_id: i for i, a in enumerate(index.assets)}

    def hold(self, vessels: pa.Table) -> int:
        """Take static and voyage data; they become known when the watch has come to their time.

        Where too many are left over from earlier pieces, as of a feed with a wrong clock, those farthest
        ahead are let go of; gives how many. Of what comes at once none is.
        """
        waiting = self._to_come.num_rows
        if waiting > _MAX_TO_COME:
            soonest = np.argsort(self._to_come["time_us"].cast(pa.int64()).to_numpy(), kind="stable")
            kept = np.sort(soonest[: _MAX_TO_COME * 9 // 10])  # or the next piece would sort again
            self._to_come = self._to_come.take(pa.array(kept))
        dropped = int(waiting - self._to_come.num_rows)
        self._to_come = pa.concat_tables([self._to_come, vessels])
        return dropped

    def learn(self, reports: pa.Table, as_of_us: int) -> None:
        """Let static data up to ``as_of_us`` become known, what came late, and what an exercise invented."""
        if self._to_come.num_rows:
            known = pc.less_equal(self._to_come["time_us"].cast(pa.int64()), as_of_us)
            self.statics.add(self._to_come.filter(known))
            # One chunk: Arrow slows with their number, and a live feed adds one a call.
            self._to_come = self._to_come.filter(pc.invert(known)).combine_chunks()
        self._late += [HeardLate(*said, as_of_us) for said in _came_late(reports)]
        self._invented.learn(reports)

    def late(self) -> list[HeardLate]:
        """Give, once, the reports of ships that came after their time."""
        late, self._late = self._late, []
        return late

    def knowledge(self, event: Event, surroundings: Surroundings) -> Knowledge:
        """Give what risk needs to know around one event, all of it as of ``event.known_at_us``."""
        static = self._static(event)
        sigma_m = 0.0 if event.asset_id is None else max(self._asset(event.asset_id).sigma_m, LEAST_SIGMA_M)
        small = Transceiver.CLASS_B in (event.transceiver, static.transceiver)
        more = around(event, static, surroundings)
        return Knowledge(static.ship_type, self._ahead(event), sigma_m, small, **more)

    def around(
        self, events: Iterable[Event], surroundings: Surroundings, faults: Faults
    ) -> list[tuple[Event, Knowledge]]:
        """Give each event with what is known around it; where that fails, with nothing."""
        known = ((e, faults.guard(e.vessel_id, "facts", self.knowledge, e, surroundings)) for e in events)
        return [(event, found or Knowledge()) for event, found in known]

    def alerts(self, drafts: Iterable[Draft], surroundings: Surroundings, faults: Faults) -> list[Alert]:
        """Give the drafts as alerts; one that fails is left out."""
        ready = (faults.guard(d.vessel_id, "alert", self.alert, d, surroundings) for d in drafts)
        return [alert for alert in ready if alert is not None]

    def _static(self, about: Event | Draft) -> Static:
        return Static(0) if about.mmsi is None else self.statics.known(about.mmsi, about.known_at_us)

    def _ahead(self, event: Event) -> tuple[tuple[str, float], ...]:
        """Give the lines she crosses within the hour if she goes on as she does, the soonest first.

        A ship gone dark is taken from where she was last heard: what she would have crossed since
        comes with seconds below zero.
        """
        carried = event.behaviour in CARRIED and event.ended_us is None
        if self._index is None or not carried or event.lat_deg is None or event.lon_deg is None:
            return ()
        if not event.sog_kn or event.cog_deg is None:
            return ()
        silent_s = (event.known_at_us - event.began_us) / SECOND_US if event.behaviour == "gone_dark" else 0.0
        run_s = silent_s + _HOUR_S
        lat_a, lon_a = np.array([event.lat_deg]), np.array([event.lon_deg])
        run_m = np.array([event.sog_kn * _METRES_PER_SECOND * run_s])
        lat_b, lon_b = geodesy.destination(lat_a, lon_a, np.array([event.cog_deg]), run_m)
        _, asset = self._index.candidates(lat_a, lon_a, lat_b, lon_b, within_m=_touch_m(self._index))
        from_lat, from_lon, to_lat, to_lon = (np.repeat(x, len(asset)) for x in (lat_a, lon_a, lat_b, lon_b))
        met = self._index.crossings(from_lat, from_lon, to_lat, to_lon, asset)
        hits = [
            (self._index.assets[int(a)].asset_id, float(f) * run_s - silent_s)
            for a, f in zip(asset, met.fraction, strict=True)
            if np.isfinite(f)
        ]
        return tuple(sorted(hits, key=lambda hit: hit[1]))

    def alert(self, draft: Draft, surroundings: Surroundings) -> Alert:
        """Give the draft as an alert with everything known at its data time; it has no number yet."""
        conduct = [e for e in draft.events if e.behaviour != "crossing"] or list(draft.events)
        newest = max(draft.events, key=lambda e: (e.known_at_us, e.event_id))
        first_seen: dict[str, int] = {}
        for event in draft.events:
            first_seen[event.behaviour] = min(first_seen.get(event.behaviour, 2**62), event.detected_at_us)
        return Alert(
            alert_id=draft.case_id,
            revision=0,
            status="",
            priority=draft.priority,
            behaviours=tuple(dict.fromkeys(e.behaviour for e in [*conduct, *draft.events])),
            behaviour_first_seen_us=first_seen,
            vessel=None if draft.mmsi is None else self._vessel(draft.vessel_id, draft.known_at_us),
            other_vessels=tuple(self._vessel(o, draft.known_at_us) for o in draft.others if _is_ship(o)),
            area=None if draft.mmsi is not None else _area(draft),
            assets=self._assets(draft),
            faults=tuple(fitted(e, self._asset(e.fault.asset_id).name) for e in draft.events if e.fault),
            began_us=min(e.began_us for e in draft.events),
            ended_us=None if draft.open else max(e.ended_us or 0 for e in draft.events),
            detected_at_us=draft.known_at_us,
            revised_at_us=draft.known_at_us,
            lat_deg=newest.lat_deg,
            lon_deg=newest.lon_deg,
            reasons=draft.reasons,
            innocent_readings=tuple(i.as_json() for i in draft.innocent_readings),
            strength=draft.strength,
            expected_per_1000_ship_days=draft.expected_per_1000_ship_days,
            expected_from=draft.expected_from,
            retracted_because=draft.retracted_because,
            coverage=_heard_around(newest, draft.known_at_us, surroundings),
            data_quality=_quality(draft),
            event_ids=tuple(e.event_id for e in draft.events),
            exercise=self._invented.draft(draft, surroundings.log),
        )

    def _vessel(self, ship: str, known_at_us: int) -> VesselFacts:
        mmsi = int(ship.partition("#")[0])
        static = self.statics.known(mmsi, known_at_us)
        if ship != vessel_id(mmsi, 0):  # whose of several ships' data these are is not known
            return VesselFacts(mmsi, ship, flag=static.flag)
        return VesselFacts(
            mmsi=mmsi,
            vessel_id=ship,
            imo=static.imo,
            name=static.name,
            callsign=static.callsign,
            ship_type=static.ship_type,
            length_m=static.length_m,
            flag=static.flag,
        )

    def _assets(self, draft: Draft) -> tuple[AlertAsset, ...]:
        """Give each asset concerned once, with its surest passage, then those ahead."""
        found: dict[str, AlertAsset] = {}
        for event in draft.events:
            if event.asset_id is None:
                continue
            passage = {} if event.passage is None else dict(vars(event.passage))
            one = self._alert_asset(event.asset_id, distance_m=event.distance_m, **passage)
            kept = found.get(event.asset_id)
            if kept is None or (one.probability_over or 0.0) > (kept.probability_over or 0.0):
                found[event.asset_id] = one
        for asset_id, in_s in draft.ahead:
            found.setdefault(asset_id, self._alert_asset(asset_id, ahead_in_s=in_s))
        return tuple(found.values())

    def _alert_asset(self, asset_id: str, **said: Any) -> AlertAsset:
        asset = self._asset(asset_id)
        return AlertAsset(asset_id, asset.name, asset.kind, **said)

    def _asset(self, asset_id: str) -> Asset:
        assert self._index is not None  # an asset's id in an event says that assets were loaded
        return self._index.assets[self._at[asset_id]]


def traffic(coverage: Coverage) -> Traffic:
    """Give how many ships were heard in each closed time bin."""
    return Traffic(coverage.visible_us, coverage.ships_by_bin())


def _came_late(reports: pa.Table) -> Iterator[tuple[str, int]]:
    """Give ship and own time of the reports that came too late to be judged."""
    what = np.uint32(Flag.LATE | Flag.NOT_A_SHIP | Flag.NO_POSITION)
    late = reports.filter(pa.array((reports["flags"].to_numpy() & what) == np.uint32(Flag.LATE)))
    times_us = late["time_us"].cast(pa.int64()).to_pylist()
    for mmsi, time_us in zip(late["mmsi"].to_pylist(), times_us, strict=True):
        yield vessel_id(mmsi, 0), time_us


def _is_ship(name: str) -> bool:
    return name.partition("#")[0].isdigit()


def _area(draft: Draft) -> Area:
    return Area(draft.vessel_id, **({} if draft.bounds is None else vars(draft.bounds)))


@lru_cache(maxsize=4)
def _touch_m(index: AssetIndex) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    return np.zeros(len(index.assets))


def _heard_around(event: Event, at_us: int, surroundings: Surroundings) -> dict[str, Any]:
    """Say how many others were heard around her in the newest closed time bin."""
    coverage = surroundings.coverage
    at = int(np.searchsorted(coverage.visible_us, at_us, side="right")) - 1
    if at < 0 or event.lat_deg is None or event.lon_deg is None:
        return {"ships_heard_around": None, "statement": "no time bin has closed yet: coverage not known"}
    ships = int(coverage.ships_around(np.array([at]), event.lat_deg, event.lon_deg)[0])
    others = ships if event.behaviour == "gone_dark" else max(ships - 1, 0)
    minutes = coverage.bin_us // 60_000_000
    said = f"{others or 'no'} other ship{'' if others == 1 else 's'} heard around her in {minutes} min"
    return {"ships_heard_around": others, "statement": said}


def _quality(draft: Draft) -> dict[str, Any]:
    flags = Flag(0)
    for event in draft.events:
        flags |= event.flags
    return {
        "reports": sum(e.reports for e in draft.events),
        "depth_known": draft.depth_known,
        "flags": [f.name.lower() for f in Flag if f in flags and f.name],
    }
