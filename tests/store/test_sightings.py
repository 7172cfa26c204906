"""Rows of the day files as they are asked for: by time, ship and box; also while parts come and go."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

import numpy as np
import polars as pl
import pyarrow as pa
import pytest

from seavigil.records import DAY_US, END_OF_DATA_US, NEVER_US, SECOND_US, TRACKED, VESSELS, Flag, table
from seavigil.store.days import DayFiles
from seavigil.store.sightings import Box, Sightings, Unwritten, moment

#: 2026-11-22T00:00:00Z, from `date -u -d 2026-11-22 +%s`.
MIDNIGHT_US = 1_795_305_600 * SECOND_US


def rows(times_us: list[int], mmsi: int = 219_165_000, **more: object) -> pa.Table:
    """Give reports of one ship at these times, a hundredth of a degree apart."""
    n = len(times_us)
    columns = {
        "report_id": np.arange(n, dtype=np.uint64) + np.uint64(mmsi),
        "payload_id": np.arange(n, dtype=np.uint64),
        "time_us": np.array(times_us),
        "time_source": np.ones(n, dtype=np.uint8),
        "mmsi": np.full(n, mmsi, dtype=np.uint32),
        "lat_deg": 55.0 + 0.01 * np.arange(n),
        "lon_deg": np.full(n, 12.0),
        "vessel_part": np.zeros(n, dtype=np.uint8),
        "flags": np.zeros(n, dtype=np.uint32),
    }
    return table(TRACKED, {**columns, **more})


@dataclass
class Memory:
    """A watch with rows in no file yet."""

    held: Unwritten = field(default_factory=Unwritten)

    def unwritten(self) -> Unwritten:
        """Give them."""
        return self.held


def times(found: pl.DataFrame) -> list[int]:
    """Give the seconds after midnight."""
    return [(t - MIDNIGHT_US) // SECOND_US for t in found["time_us"].to_list()]


def seconds(*after: int) -> list[int]:
    """Give times so many seconds after midnight."""
    return [MIDNIGHT_US + s * SECOND_US for s in after]


def test_both_ends_of_a_stretch_belong_to_it(tmp_path: Path) -> None:
    """Asked from the second to the fourth second, three rows come, in order of time."""
    days = DayFiles(tmp_path)
    days.write("reports", rows(seconds(5, 4, 3, 2, 1)), 1, 10)
    found = Sightings(days).reports(*seconds(2, 4))
    assert times(found) == [2, 3, 4]


def test_a_stretch_over_midnight_takes_both_days(tmp_path: Path) -> None:
    """Rows a second before and after midnight lie in two folders and come as one answer."""
    days = DayFiles(tmp_path)
    days.write("reports", rows(seconds(-1, 0, 1)), 1, 10)
    assert len({part.day for part in days.parts("reports")}) == 2
    assert times(Sightings(days).reports(NEVER_US, END_OF_DATA_US)) == [-1, 0, 1]


def test_only_the_ship_that_was_asked_for(tmp_path: Path) -> None:
    """By MMSI, and by part where two share one."""
    days = DayFiles(tmp_path)
    days.write("reports", rows(seconds(1)), 1, 1)
    days.write("reports", rows(seconds(2), mmsi=230_000_000), 2, 2)
    days.write("reports", rows(seconds(3), vessel_part=np.ones(1, dtype=np.uint8)), 3, 3)
    sea = Sightings(days)
    assert times(sea.reports(*seconds(0, 9), ship=(219_165_000, None))) == [1, 3]
    assert times(sea.reports(*seconds(0, 9), ship=(219_165_000, 1))) == [3]


def test_unsound_positions_stay_out_unless_asked_for(tmp_path: Path) -> None:
    """A jump is no position of the picture; a base station is no track in either case."""
    days = DayFiles(tmp_path)
    flags = np.array([0, Flag.JUMP, Flag.NOT_A_SHIP, Flag.SHARED_MMSI], dtype=np.uint32)
    days.write("reports", rows(seconds(1, 2, 3, 4), flags=flags), 1, 1)
    sea = Sightings(days)
    assert times(sea.reports(*seconds(0, 9))) == [1, 4]
    assert times(sea.reports(*seconds(0, 9), sound=False)) == [1, 2, 4]


def test_a_box_goes_over_the_antimeridian(tmp_path: Path) -> None:
    """From 179 E to 179 W: 179.5 and -179.5 lie in it, 0 and 178 do not."""
    days = DayFiles(tmp_path)
    lon = np.array([178.0, 179.5, -179.5, 0.0])
    days.write("reports", rows(seconds(1, 2, 3, 4), lon_deg=lon), 1, 1)
    found = Sightings(days).reports(*seconds(0, 9), box=Box(179.0, 50.0, -179.0, 60.0))
    assert times(found) == [2, 3]


def test_what_is_in_no_file_yet_is_there_and_is_never_there_twice(tmp_path: Path) -> None:
    """The rows in memory are given; once they are written, and memory still has them, they come once."""
    days, memory = DayFiles(tmp_path), Memory()
    days.write("reports", rows(seconds(1)), 1, 10)
    memory.held = Unwritten(11, {"reports": (rows(seconds(2)), rows(seconds(3)))})
    sea = Sightings(days, memory)
    assert times(sea.reports(*seconds(0, 9))) == [1, 2, 3]
    days.write("reports", rows(seconds(2, 3)), 11, 20)
    assert times(sea.reports(*seconds(0, 9))) == [1, 2, 3]
    memory.held = Unwritten(21)
    assert times(sea.reports(*seconds(0, 9))) == [1, 2, 3]


def test_a_part_that_goes_while_it_is_read_is_read_again(tmp_path: Path) -> None:
    """Between the list of files and the reading two parts become one: no row is lost or doubled."""
    days = DayFiles(tmp_path)
    days.write("reports", rows(seconds(1)), 1, 1)
    days.write("reports", rows(seconds(2)), 2, 2)
    sea = Sightings(days)
    pieces = sea.pieces
    compacted: list[Path] = []

    def racing(*asked: object) -> object:
        found = pieces(*asked)  # type: ignore[arg-type]
        if not compacted:
            compacted.extend(days.compact(date(2027, 1, 1), 2))
        return found

    sea.pieces = racing  # type: ignore[method-assign, assignment]
    assert times(sea.reports(*seconds(0, 9))) == [1, 2]
    assert len(compacted) == 1


def test_what_is_gone_for_good_is_said(tmp_path: Path) -> None:
    """A part whose file goes again and again is an error of the disk, not an empty answer."""
    days = DayFiles(tmp_path)
    (path,) = days.write("reports", rows(seconds(1)), 1, 1)
    sea = Sightings(days)
    found = sea.pieces("reports")
    path.unlink()
    sea.pieces = lambda *_: found  # type: ignore[method-assign]
    with pytest.raises(OSError, match="part-"):
        sea.reports(*seconds(0, 9))


def test_files_of_other_times_are_not_opened(tmp_path: Path) -> None:
    """A piece is chosen by its own first and last time, whatever day its folder is of."""
    days = DayFiles(tmp_path)
    days.write("reports", rows(seconds(1)), 1, 1)
    days.write("reports", rows([MIDNIGHT_US + DAY_US]), 2, 2)
    found = Sightings(days).pieces("reports", *seconds(0, 100))
    assert [(one.rows, one.first_us, one.last_us) for one in found] == [(1, *seconds(1, 1))]


def test_an_empty_store_has_no_rows_and_all_columns(tmp_path: Path) -> None:
    """Nothing heard is an empty table, not an error."""
    sea = Sightings(DayFiles(tmp_path))
    found = sea.reports(NEVER_US, END_OF_DATA_US)
    assert found.height == 0
    assert found.columns == TRACKED.names
    assert sea.vessels(NEVER_US, END_OF_DATA_US).columns == VESSELS.names
    assert sea.first_us() == END_OF_DATA_US


def test_times_beyond_the_calendar_are_its_ends() -> None:
    """NEVER_US and END_OF_DATA_US lie beyond every date there is."""
    assert moment(NEVER_US).year == 1
    assert moment(END_OF_DATA_US).year == 9999
    assert moment(MIDNIGHT_US).isoformat() == "2026-11-22T00:00:00+00:00"
