"""Real recordings, from bytes to alerts: what outsiders say of them must come out."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pytest

from seavigil.alerts import Alert
from seavigil.assets import Assets
from seavigil.assets.read import read as read_assets
from seavigil.feeds import recordings
from seavigil.records import MINUTE_US, Flag, parse_time_us
from seavigil.runners import batch
from seavigil.runners.live import Outcome
from seavigil.runners.summary import Summary

ROUTES = ("submarine_power_cables", "telecom_cables_baltic", "pipelines_schematic", "emodnet_windfarmspoly")


@pytest.fixture(scope="module")
def assets(shared_data: Path) -> Assets:
    """Give the real routes and wind farms."""
    return read_assets([shared_data / "assets" / f"{name}.geojson" for name in ROUTES])


class Run:
    """One recording watched: its alerts, its tracked reports, its summary."""

    def __init__(self, path: Path, assets: Assets | None = None) -> None:
        self.alerts: list[Alert] = []
        self._reports: list[pa.Table] = []
        hooks = batch.Hooks(alert=self.alerts.append, outcome=self._take)
        job = batch.Job([str(path)], assets)
        self.summary: Summary = batch.run(job, lambda s: recordings.read(s, received_us=0), hooks)

    def _take(self, outcome: Outcome) -> None:
        self._reports.append(outcome.reports)

    @property
    def reports(self) -> pa.Table:
        """Give every tracked report."""
        return pa.concat_tables(self._reports)

    def flagged(self, flag: Flag) -> pa.Table:
        """Give the reports with a flag."""
        return self.reports.filter(pc.greater(pc.bit_wise_and(self.reports["flags"], int(flag)), 0))


@pytest.mark.parametrize("with_assets", [False, True])
def test_frio_drifts_when_the_danish_maritime_authority_says_so(
    shared_data: Path, assets: Assets, with_assets: bool
) -> None:
    """The authority's own test dates the drift of FRIO from 16:50:04Z: one alert, within five minutes."""
    path = shared_data / "ais" / "dk-frio-20140928.nmea.gz"
    run = Run(path, assets if with_assets else None)
    drifting = [a for a in run.alerts if "drifting" in a.behaviours]
    label_us = parse_time_us("2014-09-28T16:50:04Z")
    assert len({a.alert_id for a in drifting}) == 1
    assert drifting[0].vessel is not None
    assert drifting[0].vessel.mmsi == 538004030
    assert abs(drifting[0].began_us - label_us) <= 5 * MINUTE_US
    assert drifting[0].detected_at_us <= parse_time_us("2014-09-28T17:10:00Z")


def test_lotus_at_anchor_makes_nothing_of_one_bogus_speed(shared_data: Path) -> None:
    """102.2 kn at anchor is flagged and raises nothing."""
    run = Run(shared_data / "ais" / "dk-lotus-20141005.nmea")
    assert not run.alerts
    assert run.flagged(Flag.IMPOSSIBLE_SPEED)["sog_kn"].to_pylist() == [102.2]


def test_solent_harbour_and_anchorage_stay_quiet(shared_data: Path, assets: Assets) -> None:
    """Eighty ships moored, anchored and under way in a harbour: no drifting, nothing pressing."""
    run = Run(shared_data / "ais" / "uk-solent-20160112-1302.csv.gz", assets)
    assert run.summary.reports > 8_000
    assert not [a for a in run.alerts if "drifting" in a.behaviours or a.priority in ("warning", "urgent")]


def test_solent_corrupt_longitude_is_flagged_and_raises_nothing_else(shared_data: Path) -> None:
    """245188000 leaps at 13:41:20 and is back in the next report: one flagged row, no alert."""
    run = Run(shared_data / "ais" / "uk-solent-20160112-1302.csv.gz")
    jumps = run.flagged(Flag.JUMP)
    assert jumps["mmsi"].to_pylist() == [245188000]
    assert jumps["time_us"][0].as_py().strftime("%H:%M:%S") == "13:41:20"
    assert not [a for a in run.alerts if a.vessel is not None and a.vessel.mmsi == 245188000]


def test_danish_network_counts_and_quiet(shared_data: Path, assets: Assets) -> None:
    """Five minutes of ordinary traffic: 1,438 ships with a position and nothing pressing."""
    run = Run(shared_data / "ais" / "dk-network-20131112.nmea.gz", assets)
    assert len(run.summary.vessels_with_position) == 1_438
    assert {a.priority for a in run.alerts} <= {"info", "advisory"}
    assert not run.summary.faults


def test_danish_network_has_24_518_distinct_fixes(shared_data: Path) -> None:
    """Distinct by content: 24,518. Messages after de-duplication are 24,688: a ship that lies still
    sends the same content again a minute later, in another message (docs/reference/tracks.md).
    """
    run = Run(shared_data / "ais" / "dk-network-20131112.nmea.gz")
    flags = run.reports["flags"].to_numpy()
    ships = run.reports.filter(pa.array((flags & np.uint32(Flag.NOT_A_SHIP | Flag.NO_POSITION)) == 0))
    content = ("mmsi", "lat_deg", "lon_deg", "sog_kn", "cog_deg", "heading_deg", "nav_status", "utc_second")
    assert ships.num_rows == 24_688
    assert ships.group_by(list(content)).aggregate([]).num_rows == 24_518
