"""The spool gives back what it took, in order of time, from memory or disk, and leaves nothing behind."""

from __future__ import annotations

import tempfile
from pathlib import Path

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from seavigil.records import HOUR_US, REPORTS, VESSELS, Decoded
from seavigil.store.spool import Spool
from tests.store.rows import decoded

#: Times around the edges of a few hours, before 1970 too, and ids that repeat.
rows = st.lists(
    st.tuples(
        st.builds(lambda h, d: h * HOUR_US + d, st.integers(-2, 3), st.integers(-2, 2)), st.integers(0, 3)
    ),
    max_size=12,
)
pieces = st.lists(st.tuples(rows, rows), max_size=8)


def keys(table: pa.Table) -> list[tuple[int, int]]:
    """Give (time_us, report_id) of each row."""
    times = table["time_us"].cast(pa.int64()).to_pylist()
    return list(zip(times, table["report_id"].to_pylist(), strict=True))


@given(pieces, st.sampled_from([0, 1, 5, 1_000]))
@settings(max_examples=30)
def test_everything_once_and_in_order(pieces: list[tuple[list, list]], memory_rows: int) -> None:
    """Whatever came in whatever order comes back sorted, each hour whole, wherever it was kept."""
    with tempfile.TemporaryDirectory() as folder, Spool(Path(folder), memory_rows) as spool:
        for reports, vessels in pieces:
            spool.add(decoded(reports, vessels))
        expected = spool.count_hours
        hours = list(spool.hours())
        assert len(hours) == expected
    for at, kind in enumerate(("reports", "vessels")):
        found = [key for hour in hours for key in keys(getattr(hour, kind))]
        assert found == sorted(key for piece in pieces for key in piece[at])
    for hour in hours:
        assert len({t // HOUR_US for t, _ in [*keys(hour.reports), *keys(hour.vessels)]}) == 1
        assert (hour.reports.schema, hour.vessels.schema) == (REPORTS, VESSELS)


@pytest.mark.parametrize("memory_rows", [0, 3, 1_000])
def test_equal_rows_keep_their_order(memory_rows: int) -> None:
    """Rows of one time and id come back in the order in which they came, disk or not."""
    with Spool(memory_rows=memory_rows) as spool:
        for at in range(5):
            piece = decoded([(7, 1), (7, 1)])
            numbered = piece.reports.set_column(5, REPORTS.field("source"), pa.array([f"{at}a", f"{at}b"]))
            spool.add(Decoded(reports=numbered))
        (hour,) = spool.hours()
    assert hour.reports["source"].to_pylist() == [f"{at}{half}" for at in range(5) for half in "ab"]


def test_memory_holds_no_more_than_allowed(tmp_path: Path) -> None:
    """Once there are more rows than allowed they lie on disk; the folder goes with the spool."""
    with Spool(tmp_path, memory_rows=100) as spool:
        for piece in range(50):
            spool.add(decoded([(piece * HOUR_US // 10 + i, i) for i in range(30)]))
            held = sum(r.num_rows + v.num_rows for parts in spool._held.values() for r, v in parts)
            assert held <= 100
        assert [p.name[:16] for p in tmp_path.iterdir()] == [".seavigil-spool-"]
        assert sum(hour.reports.num_rows for hour in spool.hours()) == 1_500
    assert list(tmp_path.iterdir()) == []


def test_small_input_touches_no_disk(tmp_path: Path) -> None:
    """As long as memory does, no folder is made."""
    with Spool(tmp_path / "missing", memory_rows=100) as spool:
        spool.add(decoded([(1, 1)]))
        assert [keys(h.reports) for h in spool.hours()] == [[(1, 1)]]


def test_folder_that_cannot_be_written(tmp_path: Path) -> None:
    """A folder that is not there is an OSError that names it."""
    with Spool(tmp_path / "missing", memory_rows=0) as spool, pytest.raises(OSError, match="missing"):
        spool.add(decoded([(1, 1)]))
