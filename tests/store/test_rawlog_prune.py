"""Pruning removes what is old or too much, never what is needed, and the chain still shows what went."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from seavigil.store.rawlog import Entry, Kind, RawLog
from seavigil.store.rawlog_notes import needed_from, pruned
from seavigil.store.rawlog_prune import prune, size
from seavigil.store.rawlog_segments import read_seal, segments
from seavigil.store.rawlog_verify import verify
from tests.store.logs import BEGAN_US, SECOND_US, data, feed, read, small, written

HOUR_US = 3_600 * SECOND_US
YEAR_US = 365 * 24 * HOUR_US


def hours(folder: Path, count: int, leap_at: int | None = None, leap_us: int = YEAR_US) -> None:
    """Write a log with a tick a minute, a segment an hour; for one minute the clock may be wrong."""
    with RawLog(folder, small(1 << 20)) as log:
        log.append([feed(1, "coast")])
        for hour in range(count):
            walls_us = [BEGAN_US + hour * HOUR_US + minute * 60 * SECOND_US for minute in range(60)]
            if hour == leap_at:
                walls_us[30] += leap_us
            log.append([Entry(Kind.TICK, wall_us) for wall_us in walls_us])
            log.roll()
        assert log.settle()


def left(folder: Path) -> int:
    """Count the sealed segments."""
    return sum(segment.sealed for segment in segments(folder))


@pytest.mark.parametrize(("keep_h", "kept"), [(100, 10), (9.1, 10), (9, 9), (3.1, 4), (3, 3), (0, 1)])
def test_by_age(tmp_path: Path, keep_h: float, kept: int) -> None:
    """Ten hours, one a segment. A segment's age is how long the log ran in those behind it: 59 min each.

    So the oldest is 9 * 59 min old, which is kept by an age just above and not by that.
    """
    hours(tmp_path, 10)
    prune(tmp_path, keep_h * 3_600 * 59 / 60)
    assert left(tmp_path) == kept


@pytest.mark.parametrize("leap_us", [YEAR_US, -YEAR_US, 40 * YEAR_US])
@pytest.mark.parametrize("leap_at", [0, 5, 9])
def test_a_clock_that_leaps_makes_nothing_old(tmp_path: Path, leap_us: int, leap_at: int) -> None:
    """A minute in another year, now or then, takes no segment away that would have stayed without it."""
    hours(tmp_path, 10, leap_at, leap_us)
    assert prune(tmp_path, 10 * 3_600) == []
    assert left(tmp_path) == 10


def test_by_size(tmp_path: Path) -> None:
    """The oldest go until the whole log takes no more than is to be kept, and no more of them."""
    written(tmp_path, [data(n) for n in range(300)])
    sizes = [size(segment) for segment in segments(tmp_path)]
    keep_bytes = sum(sizes[3:])
    gone = prune(tmp_path, keep_bytes=keep_bytes)
    assert len(gone) == 3
    assert [note.size for note in gone] == sizes[:3]
    assert sum(size(segment) for segment in segments(tmp_path)) == keep_bytes
    assert prune(tmp_path, keep_bytes=keep_bytes) == []


def test_the_newest_stay_whatever_is_asked(tmp_path: Path) -> None:
    """The open segment, and the newest sealed one: the chain goes on from there."""
    written(tmp_path, [data(n) for n in range(300)])
    newest = segments(tmp_path)[-2:]
    prune(tmp_path, 0.0, 0)
    assert segments(tmp_path) == newest


def test_what_is_needed_stays(tmp_path: Path) -> None:
    """Neither the record asked for nor any after it goes; a note on disk binds every program."""
    written(tmp_path, [data(n) for n in range(300)])
    third = segments(tmp_path)[2]
    prune(tmp_path, 0.0, keep_from_seq=third.first_seq)
    assert segments(tmp_path)[0] == third
    with RawLog(tmp_path, small()) as log:
        log.keep_from(read_seal(third).last_seq)
    assert needed_from(tmp_path) == read_seal(third).last_seq
    prune(tmp_path, 0.0, keep_from_seq=10_000)
    assert segments(tmp_path)[0] == third
    with RawLog(tmp_path, small()) as log:
        log.keep_from(read_seal(third).last_seq + 1)
        assert len(log.prune(0.0, keep_from_seq=read_seal(segments(tmp_path)[1]).last_seq)) == 1


def test_what_is_needed_cannot_be_read(tmp_path: Path) -> None:
    """Then nothing goes, and it is said."""
    written(tmp_path, [data(n) for n in range(300)])
    before = segments(tmp_path)
    (tmp_path / "needed").write_bytes(b"")
    with pytest.raises(OSError, match="no record number; nothing may be pruned"):
        prune(tmp_path, 0.0)
    assert segments(tmp_path) == before


def test_nothing_asked_nothing_done(tmp_path: Path) -> None:
    """Without an age or a size all stays."""
    written(tmp_path, [data(n) for n in range(300)])
    assert prune(tmp_path) == []
    assert not (tmp_path / "pruned.ndjson").exists()


def test_the_chain_still_holds(tmp_path: Path) -> None:
    """The notes of what went have its digests, and verify goes on from them; a changed note shows."""
    written(tmp_path, [data(n) for n in range(300)])
    seals = [read_seal(segment) for segment in segments(tmp_path)[:-1]]
    prune(tmp_path, keep_bytes=2_500)
    prune(tmp_path, keep_bytes=1_500)
    notes = pruned(tmp_path)
    assert [(n.first_seq, n.last_seq, n.digest, n.previous) for n in notes] == [
        (s.first_seq, s.last_seq, s.digest, s.previous) for s in seals[: len(notes)]
    ]
    assert verify(tmp_path).sound
    lines = (tmp_path / "pruned.ndjson").read_text().splitlines()
    forged = json.dumps({**json.loads(lines[-1]), "digest": "0" * 64})
    (tmp_path / "pruned.ndjson").write_text("\n".join([*lines[:-1], forged]) + "\n")
    assert [f.what for f in verify(tmp_path).findings] == [
        "its seal names another one before it: the chain is broken"
    ]


def test_a_pruned_log_reads_from_where_it_begins(tmp_path: Path) -> None:
    """The feeds come first, known from the repeats, with their own numbers; nothing is called lost."""
    records = written(tmp_path, [feed(1, "coast"), *(data(n) for n in range(300))])
    gone = prune(tmp_path, keep_bytes=1_500)[-1].last_seq
    assert gone > 100
    assert read(tmp_path) == ([records[0], *records[gone:]], [])
    assert read(tmp_path, gone + 1) == (records[gone:], [])
    (lost,) = read(tmp_path, gone)[1]
    assert (lost.first_seq, lost.last_seq) == (gone, gone)


def test_a_crash_while_pruning_is_finished(tmp_path: Path) -> None:
    """Noted but not removed yet: the next time removes it and notes nothing twice."""
    written(tmp_path, [data(n) for n in range(300)])
    first = segments(tmp_path)[0]
    kept = {path: path.read_bytes() for path in (first.zst_path, first.seal_path)}
    prune(tmp_path, keep_bytes=1_500)
    notes = (tmp_path / "pruned.ndjson").read_bytes()
    for path, content in kept.items():
        path.write_bytes(content)
    (tmp_path / "pruned.ndjson").write_bytes(notes + b'{"first_seq": 9')
    prune(tmp_path, keep_bytes=1_500)
    assert not first.zst_path.exists()
    assert len(pruned(tmp_path)) == notes.count(b"\n")
    assert verify(tmp_path).sound


def test_a_log_of_which_all_is_gone_goes_on_behind(tmp_path: Path) -> None:
    """Numbers are never given twice, though no segment is left to tell them."""
    written(tmp_path, [data(n) for n in range(300)])
    gone = prune(tmp_path, 0.0)[-1].last_seq
    for segment in segments(tmp_path):
        for path in (segment.plain_path, segment.zst_path, segment.seal_path):
            path.unlink(missing_ok=True)
    with RawLog(tmp_path, small()) as log:
        assert log.next_seq == gone + 1
