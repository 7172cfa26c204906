"""Parquet by day: parts that are whole, that come again in the same place, and that become one in the end."""

from __future__ import annotations

import errno
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from seavigil.records import DAY_US, REJECTS, TRACKED, VESSELS, Reject, rejects_table, table
from seavigil.store import days
from seavigil.store.days import MOST_DAYS, DayFiles

#: 2026-01-01T00:00:00Z is day 20,454 since 1970: 56 years of 365 days, and 14 leap days.
NEW_YEAR_US = (56 * 365 + 14) * DAY_US
JAN_1, JAN_2, JAN_3 = date(2026, 1, 1), date(2026, 1, 2), date(2026, 1, 3)


def reports(*times_us: int) -> pa.Table:
    """Give tracked rows at these times after New Year; ``offset_bytes`` numbers them by their time."""
    n = len(times_us)
    at_us = np.array(times_us, dtype=np.int64) + NEW_YEAR_US
    ids = np.arange(n, dtype=np.uint64)
    ones = {"time_source": np.ones(n, np.uint8), "mmsi": np.full(n, 299_000_001, np.uint32)}
    none = {"vessel_part": np.zeros(n, np.uint8), "flags": np.zeros(n, np.uint32)}
    times = {"time_us": at_us, "offset_bytes": np.array(times_us, dtype=np.int64)}
    return table(TRACKED, {"report_id": ids, "payload_id": ids, **times, **ones, **none}, n)


def kept(files: DayFiles, first: date = JAN_1, last: date = date(2026, 12, 31)) -> list[int]:
    """Give the rows of a range of days, by their times."""
    return files.read("reports", first, last).collect()["offset_bytes"].to_list()


def names(folder: Path) -> list[str]:
    """Give all files under a folder."""
    return sorted(str(p.relative_to(folder)) for p in folder.rglob("*") if p.is_file())


def test_rows_lie_by_their_day(tmp_path: Path) -> None:
    """A part over midnight is two files, each with the rows of its day and all columns as they were."""
    files = DayFiles(tmp_path)
    rows = reports(DAY_US - 1, DAY_US, 3)
    files.write("reports", rows, 7, 9)
    part = "part-000000000007-000000000009.parquet"
    assert names(tmp_path) == [f"reports/day=2026-01-01/{part}", f"reports/day=2026-01-02/{part}"]
    assert kept(files) == [DAY_US - 1, 3, DAY_US]
    assert kept(files, JAN_2, JAN_2) == [DAY_US]
    assert pq.read_table(tmp_path / f"reports/day=2026-01-02/{part}", partitioning=None).equals(
        rows.slice(1, 1)
    )
    assert (
        pq.read_schema(tmp_path / f"reports/day=2026-01-02/{part}").field("sog_kn").metadata[b"unit"] == b"kn"
    )


def test_rows_without_a_time_go_to_the_day_that_is_said(tmp_path: Path) -> None:
    """A reject has no time of its own: it lies with the day on which it came."""
    files = DayFiles(tmp_path)
    rejects = rejects_table([Reject(3, "checksum", b"!AIVDM")], "coast")
    (path,) = files.write("rejects", rejects, 1, 1, wall_us=NEW_YEAR_US + DAY_US)
    assert path.parent.name == "day=2026-01-02"
    assert pq.read_table(path, partitioning=None).equals(rejects)
    with pytest.raises(ValueError, match="which day"):
        files.write("rejects", rejects, 2, 2)
    assert files.write("rejects", REJECTS.empty_table(), 2, 2) == []


def test_nothing_kept_reads_as_no_rows(tmp_path: Path) -> None:
    """A range of days in which nothing was kept gives the columns and no row."""
    frame = DayFiles(tmp_path).read("vessels", JAN_1, JAN_2).collect()
    assert (frame.height, frame.columns) == (0, VESSELS.names)


def test_other_tables_are_refused(tmp_path: Path) -> None:
    """A table of another name or other columns is refused in words before anything is written."""
    files = DayFiles(tmp_path)
    with pytest.raises(ValueError, match="no table kept by day; there are reports, vessels, rejects"):
        files.write("alerts", reports(1), 1, 1)
    with pytest.raises(ValueError, match="reports: not the columns"):
        files.write("reports", VESSELS.empty_table(), 1, 1)
    assert names(tmp_path) == []


def test_a_part_written_again_replaces_itself(tmp_path: Path) -> None:
    """The judge goes over the same records again: the same rows lie there once."""
    files = DayFiles(tmp_path)
    for _ in range(2):
        files.write("reports", reports(1, 2), 1, 5)
    assert kept(files) == [1, 2]


def test_parts_beyond_the_checkpoint_go(tmp_path: Path) -> None:
    """After a crash other cuts double nothing: what is beyond the checkpoint goes first."""
    files = DayFiles(tmp_path)
    files.write("reports", reports(1, 2), 1, 5)
    files.write("reports", reports(3, 4, DAY_US), 6, 9)
    gone = files.cut_back(5)
    assert len(gone) == 2
    files.write("reports", reports(3), 6, 7)
    files.write("reports", reports(4, DAY_US), 8, 12)
    assert kept(files) == [1, 2, 3, 4, DAY_US]
    assert DayFiles(tmp_path).cut_back(12) == []


def test_no_part_is_cut_in_two(tmp_path: Path) -> None:
    """A checkpoint in the midst of a part is refused in words, and nothing is taken away."""
    files = DayFiles(tmp_path)
    files.write("reports", reports(1, 2), 1, 5)
    files.write("reports", reports(3), 6, 6)
    with pytest.raises(
        ValueError, match="holds records 1 to 5 as one; go on from a checkpoint before 1, not from 3"
    ):
        files.cut_back(3)
    assert kept(files) == [1, 2, 3]


def test_a_full_disk_leaves_no_half_part(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What cannot be written is not there, and the error names the folder."""
    files = DayFiles(tmp_path)
    files.write("reports", reports(1), 1, 1)

    def full(*_: object, **__: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(days.pq.ParquetWriter, "write_table", full)
    with pytest.raises(OSError, match="No space") as caught:
        files.write("reports", reports(2), 2, 2)
    assert caught.value.filename == str(tmp_path / "reports/day=2026-01-01")
    assert (kept(files), len(names(tmp_path))) == ([1], 1)


def test_a_day_that_is_over_becomes_one_part(tmp_path: Path) -> None:
    """Parts of past days up to a position are put together in order; those of today and later ones stay."""
    files = DayFiles(tmp_path)
    for seq in range(1, 5):
        files.write("reports", reports(seq, DAY_US + seq), seq, seq)
    (made,) = files.compact(JAN_2, upto_seq=3)
    assert made.name == "part-000000000001-000000000003.parquet"
    assert len(names(tmp_path)) == 2 + 4
    assert kept(files) == [1, 2, 3, 4, *(DAY_US + s for s in range(1, 5))]
    assert pq.read_schema(made).equals(TRACKED, check_metadata=True)
    assert files.compact(JAN_2, upto_seq=3) == []
    assert files.compact(JAN_3, upto_seq=4)[0].name == "part-000000000001-000000000004.parquet"
    assert kept(files) == [1, 2, 3, 4, *(DAY_US + s for s in range(1, 5))]


class Killed(BaseException):
    """Stands for a process that ends at once."""


@pytest.mark.parametrize("survived", range(6))
def test_putting_together_may_be_cut_off_anywhere(
    survived: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Ended before any step on the disk, readers see each row once, and the next call finishes it."""
    files = DayFiles(tmp_path)
    for seq in range(1, 5):
        files.write("reports", reports(seq), seq, seq)
    steps = iter(range(100))
    unlink, replace = Path.unlink, Path.replace

    def counted() -> None:
        if next(steps) >= survived:
            raise Killed

    def unlinking(path: Path, missing_ok: bool = False) -> None:
        counted()
        unlink(path, missing_ok=missing_ok)

    def replacing(path: Path, target: Path) -> Path:
        counted()
        return replace(path, target)

    with monkeypatch.context() as patch:
        patch.setattr(Path, "unlink", unlinking)
        patch.setattr(Path, "replace", replacing)
        with pytest.raises(Killed):
            files.compact(JAN_2, upto_seq=4)
    assert kept(files) == [1, 2, 3, 4]
    files.compact(JAN_2, upto_seq=4)
    assert names(tmp_path) == ["reports/day=2026-01-01/part-000000000001-000000000004.parquet"]
    assert kept(files) == [1, 2, 3, 4]


def test_days_go_by_age(tmp_path: Path) -> None:
    """Days before one go with all they hold; that one and what others put there stay."""
    files = DayFiles(tmp_path)
    files.write("reports", reports(1, DAY_US, 2 * DAY_US), 1, 1)
    (tmp_path / "reports" / "notes.txt").write_text("mine")
    assert files.prune(JAN_2) == {"reports": 1, "vessels": 0, "rejects": 0}
    assert kept(files) == [DAY_US, 2 * DAY_US]
    assert (tmp_path / "reports" / "notes.txt").exists()


def test_nonsense_times_make_no_heap_of_folders(tmp_path: Path) -> None:
    """A part with a row on each of many days is spread over so many at most, and no row is lost."""
    files = DayFiles(tmp_path)
    times = [0, 1, *(day * DAY_US for day in range(1, 100))]
    files.write("reports", reports(*times), 1, 1)
    assert len(names(tmp_path)) == MOST_DAYS
    assert sorted(kept(files)) == times


def _pieces(cuts: list[int]) -> Iterator[tuple[int, int]]:
    yield from zip([1, *(c + 1 for c in cuts)], [*cuts, 12], strict=True)


CUTS = st.sets(st.integers(1, 11)).map(sorted)


@given(first=CUTS, second=CUTS, crash=st.integers(0, 12), put_together=st.booleans())
def test_crash_and_other_cuts_keep_each_row_once(
    first: list[int],
    second: list[int],
    crash: int,
    put_together: bool,
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    """Written in pieces up to a crash, put together or not, then on from the checkpoint in other pieces."""
    files = DayFiles(tmp_path_factory.mktemp("days"))
    checkpoint = 0
    for begin, end in _pieces(first):
        files.write("reports", reports(*range(begin, end + 1)), begin, end)
        if end <= crash:
            checkpoint = end
    if put_together:
        files.compact(JAN_3, upto_seq=checkpoint)
    files.cut_back(checkpoint)
    for begin, end in _pieces([c for c in second if c > checkpoint]):
        begins = max(begin, checkpoint + 1)
        if begins <= end:
            files.write("reports", reports(*range(begins, end + 1)), begins, end)
    assert kept(files) == list(range(1, 13))
