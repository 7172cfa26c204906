"""The spool gives back what it took, in order of time, from memory or disk, and leaves nothing behind."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from seavigil.records import DAY_US, REPORTS, VESSELS, Decoded
from seavigil.store import spool as spool_module
from seavigil.store.spool import Spool
from tests.store.rows import decoded

#: Few times, so that many are equal, before 1970 too; ids that repeat, and neighbours that one double holds.
rows = st.lists(
    st.tuples(st.integers(-2, 3), st.sampled_from([0, 1, 2, 2**64 - 2, 2**64 - 1])),
    max_size=12,
)
parts = st.lists(st.tuples(rows, rows), max_size=8)


@contextmanager
def small(piece_rows: int, merged_runs: int) -> Iterator[None]:
    """Let pieces be cut and runs be merged twice over with a handful of rows."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(spool_module, "PIECE_ROWS", piece_rows)
        patch.setattr(spool_module, "MERGED_RUNS", merged_runs)
        patch.setattr(spool_module, "BATCH_ROWS", 3)
        yield


def keys(table: pa.Table) -> list[tuple[int, int]]:
    """Give (time_us, report_id) of each row."""
    times = table["time_us"].cast(pa.int64()).to_pylist()
    return list(zip(times, table["report_id"].to_pylist(), strict=True))


def spooled(taken: list[Decoded], memory_rows: int) -> list[Decoded]:
    """Put everything through a spool."""
    with tempfile.TemporaryDirectory() as folder, Spool(Path(folder), memory_rows) as spool:
        for piece in taken:
            spool.add(piece)
        pieces = list(spool.pieces())
        assert sum(p.reports.num_rows + p.vessels.num_rows for p in pieces) == spool.rows
    return pieces


@given(parts, st.sampled_from([0, 1, 5, 1_000]), st.sampled_from([1, 4, 100]), st.sampled_from([2, 3, 32]))
@settings(max_examples=60)
def test_everything_once_and_in_order(
    parts: list[tuple[list, list]], memory_rows: int, piece_rows: int, merged_runs: int
) -> None:
    """Whatever came in whatever order comes back sorted, in full pieces, wherever it was kept."""
    with small(piece_rows, merged_runs):
        pieces = spooled([decoded(reports, vessels) for reports, vessels in parts], memory_rows)
    for at, kind in enumerate(("reports", "vessels")):
        found = [key for piece in pieces for key in keys(getattr(piece, kind))]
        assert found == sorted(key for part in parts for key in part[at])
    sizes = [p.reports.num_rows + p.vessels.num_rows for p in pieces]
    assert all(size == piece_rows for size in sizes[:-1])
    assert all(0 < size <= piece_rows for size in sizes)
    for piece in pieces:
        assert piece.reports.schema.equals(REPORTS, check_metadata=True)
        assert piece.vessels.schema.equals(VESSELS, check_metadata=True)


@given(rows, rows, st.randoms(use_true_random=False), st.sampled_from([0, 2, 7]), st.sampled_from([2, 5]))
@settings(max_examples=60)
def test_pieces_depend_on_the_rows_alone(
    reports: list, vessels: list, random: object, memory_rows: int, merged_runs: int
) -> None:
    """Any cutting of the input, in any order, with any memory, gives piece for piece the same."""
    with small(4, merged_runs):
        whole = spooled([decoded(reports, vessels)], 1_000)
        single = [decoded([row]) for row in reports] + [decoded([], [row]) for row in vessels]
        random.shuffle(single)  # type: ignore[attr-defined]
        pieces = spooled(single, memory_rows)
    assert [(keys(p.reports), keys(p.vessels)) for p in pieces] == [
        (keys(p.reports), keys(p.vessels)) for p in whole
    ]


@given(parts, st.sampled_from([0, 5, 1_000]), st.sampled_from([1, 2, 5]))
@settings(max_examples=30)
def test_static_data_are_never_late(
    parts: list[tuple[list, list]], memory_rows: int, piece_rows: int
) -> None:
    """No piece has static data of a time of which a piece before it had reports."""
    with small(piece_rows, 2):
        pieces = spooled([decoded(reports, vessels) for reports, vessels in parts], memory_rows)
    for at, piece in enumerate(pieces):
        reported = [time for before in pieces[:at] for time, _ in keys(before.reports)]
        assert all(time > max(reported, default=time - 1) for time, _ in keys(piece.vessels))


@pytest.mark.parametrize("memory_rows", [0, 3, 1_000])
@pytest.mark.parametrize("merged_runs", [2, 32])
def test_equal_rows_keep_their_order(memory_rows: int, merged_runs: int) -> None:
    """Rows of one time and id come back in the order in which they came, disk or not."""
    taken = []
    for at in range(9):
        piece = decoded([(7, 1), (7, 1)])
        numbered = piece.reports.set_column(5, REPORTS.field("source"), pa.array([f"{at}a", f"{at}b"]))
        taken.append(Decoded(reports=numbered))
    with small(100, merged_runs):
        (piece,) = spooled(taken, memory_rows)
    assert piece.reports["source"].to_pylist() == [f"{at}{half}" for at in range(9) for half in "ab"]


def test_memory_holds_no_more_than_allowed(tmp_path: Path) -> None:
    """Once there are more rows than allowed they lie on disk; the folder goes with the spool."""
    with Spool(tmp_path, memory_rows=100) as spool:
        for piece in range(50):
            spool.add(decoded([(piece * DAY_US // 240 + i, i) for i in range(30)]))
            assert sum(table.num_rows for tables in spool._held for table in tables) <= 100
        assert [p.name[:16] for p in tmp_path.iterdir()] == [".seavigil-spool-"]
        assert sum(piece.reports.num_rows for piece in spool.pieces()) == 1_500
    assert list(tmp_path.iterdir()) == []


def test_times_scattered_over_a_century(tmp_path: Path) -> None:
    """The number of files and pieces depends on how many rows there are, not on how far apart they lie."""
    times = np.random.default_rng(1).integers(-50 * 365 * DAY_US, 60 * 365 * DAY_US, 20_000).tolist()
    with Spool(tmp_path, memory_rows=4_999) as spool:
        for begin in range(0, 20_000, 1_000):
            spool.add(decoded([(time, i) for i, time in enumerate(times[begin : begin + 1_000])]))
        assert len([p for p in tmp_path.rglob("*") if p.is_file()]) == 2 * 4
        (piece,) = spool.pieces()
    assert [time for time, _ in keys(piece.reports)] == sorted(times)


def test_merging_holds_a_few_files_open(tmp_path: Path) -> None:
    """A hundred runs are merged until few are left, and those that were merged are gone."""
    with small(100, 4), Spool(tmp_path, memory_rows=0) as spool:
        for at in range(100):
            spool.add(decoded([(at % 7, at)]))
        first = next(spool.pieces())
        assert len([p for p in tmp_path.rglob("*") if p.is_file()]) == 2 * 4
    assert keys(first.reports) == sorted((at % 7, at) for at in range(100))


def test_small_input_touches_no_disk(tmp_path: Path) -> None:
    """As long as memory does, no folder is made."""
    with Spool(tmp_path / "missing", memory_rows=100) as spool:
        spool.add(decoded([(1, 1)]))
        assert [keys(piece.reports) for piece in spool.pieces()] == [[(1, 1)]]


def test_nothing_gives_nothing() -> None:
    """Without rows there are no pieces."""
    assert spooled([Decoded()], 0) == []


def test_folder_that_cannot_be_written(tmp_path: Path) -> None:
    """A folder that is not there is an OSError that names it."""
    with Spool(tmp_path / "missing", memory_rows=0) as spool, pytest.raises(OSError, match="missing"):
        spool.add(decoded([(1, 1)]))
