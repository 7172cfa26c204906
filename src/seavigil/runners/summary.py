"""What a run read, heard and did not hear."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from seavigil.assets import Assets
from seavigil.normal.coverage import cell_of
from seavigil.records import HOUR_US, SECOND_US, UNUSABLE_POSITION, Decoded, Flag, TimeSource, rfc3339
from seavigil.runners.contacts import ContactsJudged
from seavigil.runners.faults import Fault
from seavigil.runners.live import Outcome

#: A stretch without any report at all longer than this is said out loud.
QUIET_S = 600
#: Rejects beyond this share of all that was read make the exit code 2.
REJECT_LIMIT = 0.05
#: Rejects that stand for the rest of a stream, or all of it.
LOST_STREAM = ("truncated_", "corrupt_", "encrypted_", "unknown_packing", "unreadable_file")


@dataclass
class Summary:
    """Counts over one run; every number is of what was given, nothing is estimated."""

    assets: Assets | None = None
    contacts: ContactsJudged = field(default_factory=ContactsJudged)
    reports: int = 0
    duplicates: int = 0
    without_clock: int = 0
    read_rows: int = 0
    vessels: set[int] = field(default_factory=set)
    vessels_with_position: set[int] = field(default_factory=set)
    other_stations: set[int] = field(default_factory=set)
    rejects: Counter[str] = field(default_factory=Counter)
    flags: Counter[str] = field(default_factory=Counter)
    events: Counter[str] = field(default_factory=Counter)
    alerts: dict[str, str] = field(default_factory=dict)
    unreadable: dict[str, str] = field(default_factory=dict)
    faults: list[Fault] = field(default_factory=list)
    fault_notices: list[dict[str, Any]] = field(default_factory=list)
    quiet: list[tuple[int, int]] = field(default_factory=list)
    first_us: int | None = None
    last_us: int | None = None
    written: tuple[str, ...] = ()
    _cells: set[int] = field(default_factory=set)

    def read(self, decoded: Decoded) -> None:
        """Count what was read."""
        self.read_rows += decoded.reports.num_rows + decoded.vessels.num_rows
        for row in pc.value_counts(decoded.rejects["fault"]).to_pylist():
            self.rejects[row["values"]] += row["counts"]

    def watched(self, outcome: Outcome) -> None:
        """Count what was watched."""
        self.duplicates += outcome.counts.get("duplicates", 0)
        self.faults += outcome.faults
        self.events.update(e.behaviour for e in outcome.events if e.revision == 1)
        self.alerts.update((a.alert_id, a.priority) for a in outcome.alerts)
        if outcome.reports.num_rows:
            self._heard(outcome.reports)
        self.vessels.update(pc.unique(outcome.decoded.vessels["mmsi"]).to_pylist())

    def _heard(self, reports: pa.Table) -> None:
        self.reports += reports.num_rows
        self.without_clock += pc.sum(pc.equal(reports["time_source"], TimeSource.RECEIVED)).as_py() or 0
        flags, mmsi = reports["flags"].to_numpy(), reports["mmsi"].to_numpy()
        for flag in Flag:
            count = int(np.count_nonzero(flags & np.uint32(flag)))
            if count and flag.name:
                self.flags[flag.name.lower()] += count
        ship, placed = (flags & np.uint32(Flag.NOT_A_SHIP)) == 0, (flags & np.uint32(Flag.NO_POSITION)) == 0
        usable = (flags & np.uint32(UNUSABLE_POSITION)) == 0
        in_time = (flags & np.uint32(Flag.LATE | Flag.WRONG_CLOCK)) == 0
        self.vessels.update(np.unique(mmsi[ship]).tolist())
        self.vessels_with_position.update(np.unique(mmsi[ship & placed]).tolist())
        self.other_stations.update(np.unique(mmsi[~ship]).tolist())
        cells = cell_of(*(reports[name].to_numpy()[usable] for name in ("lat_deg", "lon_deg")))
        self._cells.update(np.unique(cells).tolist())
        self._when(reports["time_us"].cast(pa.int64()).to_numpy()[in_time])

    def _when(self, time_us: np.ndarray[tuple[int], np.dtype[np.int64]]) -> None:
        if not len(time_us):
            return
        before = self.last_us if self.last_us is not None else int(time_us[0])
        steps = np.diff(time_us, prepend=before)
        for at in np.flatnonzero(steps > QUIET_S * SECOND_US):
            self.quiet.append((int(time_us[at] - steps[at]), int(time_us[at])))
        self.first_us = int(time_us[0]) if self.first_us is None else self.first_us
        self.last_us = int(time_us[-1])

    @property
    def hours_covered(self) -> float:
        """Hours from the first report to the last, without the silences."""
        if self.first_us is None or self.last_us is None:
            return 0.0
        return (self.last_us - self.first_us - sum(b - a for a, b in self.quiet)) / HOUR_US

    @property
    def shortfalls(self) -> list[str]:
        """Why the run should not pass as clean (exit code 2): what was lost, one line each."""
        said = [f"left out: {why}" for why in self.unreadable.values()]
        lost = {fault: n for fault, n in self.rejects.items() if fault.startswith(LOST_STREAM)}
        said += [f"not read to the end: {n} {fault} (see rejects)" for fault, n in sorted(lost.items())]
        rejected = sum(self.rejects.values())
        share = rejected / max(rejected + self.read_rows, 1)
        if rejected and not self.read_rows:
            said.append("nothing of what came could be read: is it in another format, or encrypted?")
        elif share > REJECT_LIMIT:
            said.append(f"{share:.1%} of the input was rejected, more than {REJECT_LIMIT:.0%}")
        return said

    def unheard_assets(self) -> list[str]:
        """Give the assets with no report in any cell (about 11 km) along them: there the watch is blind."""
        if self.assets is None:
            return []
        return [a.asset_id for a in self.assets if not self._cells & cells_along(a.geometry)]

    def as_json(self) -> dict[str, Any]:
        """Give the summary as plain values."""
        return {
            "reports": self.reports,
            "duplicates": self.duplicates,
            "vessels": len(self.vessels - self.other_stations),
            "vessels_with_position": len(self.vessels_with_position),
            "other_stations": len(self.other_stations),
            "began": rfc3339(self.first_us),
            "ended": rfc3339(self.last_us),
            "hours_covered": round(self.hours_covered, 3),
            "quiet": [
                {"from": rfc3339(a), "to": rfc3339(b), "for_s": (b - a) / SECOND_US} for a, b in self.quiet
            ],
            "without_clock": self.without_clock,
            "assets": 0 if self.assets is None else len(self.assets),
            "assets_not_heard": self.unheard_assets(),
            "contacts": self.contacts.as_json(self.first_us, self.last_us),
            "fault_notices": [_notice(told) for told in self.fault_notices],
            "rejects": dict(self.rejects),
            "flags": dict(self.flags),
            "events": dict(self.events),
            "alerts": dict(Counter(self.alerts.values())),
            "unreadable": dict(self.unreadable),
            "shortfalls": self.shortfalls,
            "faults": [vars(f) for f in self.faults],
        }


def _notice(told: Mapping[str, Any]) -> dict[str, Any]:
    """Give the gist of one notice: what it says, what came of it, who is named, what cannot be known."""
    findings = told["findings"] or {"suspects": [], "notes": []}
    named = [s for s in findings["suspects"] if s["vessel"]["vessel_id"] in told["named"]]
    told_of = ("says", "probability", "time_offset_s", "crossed_within_s", "dark")
    ships = [{**s["vessel"], **{k: s[k] for k in told_of}} for s in named]
    said = ("id", "asset", "asset_name", "time", "within_s", "noticed")
    came = ("state", "replaced_by", "refused", "looks_left")
    return {**{k: told[k] for k in (*said, *came)}, "named": ships, "notes": findings["notes"]}


def cells_along(geometry: Any) -> set[int]:
    """Give the cells that a geometry's outline passes, sampled every 0.02 degrees, and their neighbours."""
    import shapely

    points = shapely.get_coordinates(shapely.segmentize(geometry, 0.02))
    around = [(dy, dx) for dy in (-0.1, 0.0, 0.1) for dx in (-0.2, 0.0, 0.2)]
    cells = [cell_of(points[:, 1] + dy, points[:, 0] + dx) for dy, dx in around]
    return set(np.unique(np.concatenate(cells)).tolist())
