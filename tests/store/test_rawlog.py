"""The raw log keeps what it said it kept: in order, through rolling, sealing, reading and reopening."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import threading
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from seavigil.store.rawlog import Entry, Kind, LogInUse, RawLog, RawLogParams
from seavigil.store.rawlog_open import open_segment
from seavigil.store.rawlog_read import Lost
from seavigil.store.rawlog_segments import read_seal, segments
from tests.store.logs import BEGAN_US, data, entries, feed, numbered, read, small, written

batches = st.lists(st.lists(entries, max_size=5), max_size=8)


@given(batches, st.integers(50, 600), st.integers(1, 300))
@settings(max_examples=40)
def test_everything_in_one_order(
    tmp_path_factory: pytest.TempPathFactory, batches: list[list[Entry]], segment_bytes: int, frame_bytes: int
) -> None:
    """However small segments are, what was appended is read, by the writer, by others, after reopening."""
    folder = tmp_path_factory.mktemp("log")
    wanted = numbered([entry for batch in batches for entry in batch])
    with RawLog(folder, small(segment_bytes, frame_bytes)) as log:
        last = 0
        for batch in batches:
            last += len(batch)
            assert log.append(batch) == last
        assert list(log.read()) == wanted
        assert log.settle()
        for from_seq in range(1, last + 3):
            assert list(log.read(from_seq)) == wanted[from_seq - 1 :]
            assert read(folder, from_seq) == (wanted[from_seq - 1 :], [])
        assert log.notices() == []
    with RawLog(folder, small(segment_bytes, frame_bytes)) as log:
        assert (log.next_seq, list(log.read()), log.notices()) == (last + 1, wanted, [])


def test_segments_are_sealed_and_chained(tmp_path: Path) -> None:
    """All but the newest are compressed, each with a seal that names the one before."""
    written(tmp_path, [data(n) for n in range(200)])
    *sealed, newest = segments(tmp_path)
    assert len(sealed) > 2
    assert all(s.sealed and not s.plain for s in sealed)
    assert (newest.plain, newest.sealed) == (True, False)
    seals = [read_seal(s) for s in sealed]
    assert [seal.previous for seal in seals] == [None, *(seal.digest for seal in seals[:-1])]
    assert [seal.last_seq + 1 for seal in seals] == [s.first_seq for s in segments(tmp_path)[1:]]
    assert seals[0].times.first_us == BEGAN_US
    assert seals[0].times.running_us == (seals[0].records - 1) * 1_000_000


def test_a_sealed_segment_is_plain_zstd(tmp_path: Path) -> None:
    """Any zstd program gives the segment as it was written, head and all."""
    import zstandard

    with RawLog(tmp_path, small(10_000_000)) as log:
        log.append([data(n) for n in range(100)])
        plain = segments(tmp_path)[0].plain_path.read_bytes()
        log.roll()
        assert log.settle()
    with segments(tmp_path)[0].zst_path.open("rb") as file:
        assert zstandard.ZstdDecompressor().stream_reader(file, read_across_frames=True).read() == plain


def test_every_segment_begins_with_the_feeds(tmp_path: Path) -> None:
    """Each can be understood alone: the newest word on each feed is repeated, with its own number."""
    given_ = [feed(1, "coast"), feed(2, "ship"), *map(data, range(60)), feed(1, "coast anew")]
    records = written(tmp_path, [*given_, *map(data, range(60))])
    renamed = records[62]
    for segment in segments(tmp_path)[1:]:
        opened = open_segment(segment)
        newest = [records[1], renamed] if segment.first_seq > 63 else records[:2]
        assert list(opened.head().repeats) == newest
        opened.close()
    assert read(tmp_path) == (records, [])


def test_feeds_are_known_after_reopening(tmp_path: Path) -> None:
    """Also when the open segment was begun before, and when only sealed ones are left."""
    written(tmp_path, [feed(1, "coast"), *map(data, range(100)), feed(2, "ship")])
    for _ in range(2):
        with RawLog(tmp_path, small()) as log:
            log.append([data(0)])
            log.roll()
            assert log.settle()
        opened = open_segment(segments(tmp_path)[-1])
        assert [record.feed for record in opened.head().repeats] == [1, 2]
        opened.close()
        segments(tmp_path)[-1].plain_path.unlink()
    with RawLog(tmp_path, small()) as log:
        assert log.next_seq == 105


def test_a_segment_is_closed_by_age(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An hour after it was begun the next record begins another; the wall clock plays no part."""
    now_s = [1_000.0]
    monkeypatch.setattr("seavigil.store.rawlog.time.monotonic", lambda: now_s[0])
    with RawLog(tmp_path, RawLogParams(segment_s=3600.0, sync_s=1e6)) as log:
        for at_s in (1_000.0, 4_599.9, 4_600.0, 8_199.9, 8_200.0):
            now_s[0] = at_s
            log.append([Entry(Kind.TICK, -5)])
        assert [s.first_seq for s in segments(tmp_path)] == [1, 3, 5]


def test_an_empty_segment_is_never_closed(tmp_path: Path) -> None:
    """Rolling where nothing was written, or appending nothing, leaves all as it is."""
    with RawLog(tmp_path, small()) as log:
        log.roll()
        assert log.append([]) == 0
        log.append([data(1)])
        log.roll()
        log.roll()
        assert [s.first_seq for s in segments(tmp_path)] == [1, 2]


def test_one_append_may_be_longer_than_a_segment(tmp_path: Path) -> None:
    """It is not torn apart: one write, one segment."""
    with RawLog(tmp_path, small(300)) as log:
        log.append([data(n) for n in range(100)])
        log.append([data(100)])
        assert [s.first_seq for s in segments(tmp_path)] == [1, 101]
        assert len(list(log.read())) == 101


def test_what_does_not_fit_leaves_the_log_alone(tmp_path: Path) -> None:
    """One record too many numbers: none of the batch is written, and the next may be."""
    with RawLog(tmp_path, small()) as log:
        with pytest.raises(ValueError, match="does not fit the log"):
            log.append([data(1), Entry(Kind.DATA, 0, feed=-1)])
        assert log.append([data(2)]) == 1
        assert list(log.read()) == numbered([data(2)])


def test_two_writers_are_refused(tmp_path: Path) -> None:
    """The second is told which process has the log; when the first lets go, it may have it."""
    with RawLog(tmp_path, small()) as log:
        with pytest.raises(LogInUse, match=f"process {os.getpid()} is writing this log already"):
            RawLog(tmp_path)
        log.append([data(1)])
    with RawLog(tmp_path) as log:
        assert log.next_seq == 2


def test_a_closed_log_is_closed(tmp_path: Path) -> None:
    """Nothing is written to it any more; closing it twice does no harm; it can be read."""
    log = RawLog(tmp_path, small())
    log.append([data(1)])
    log.close()
    log.close()
    with pytest.raises(ValueError, match="has been closed"):
        log.append([data(2)])
    assert list(log.read()) == numbered([data(1)])


@pytest.mark.parametrize("field", ["segment_bytes", "segment_s", "sync_s", "sync_bytes", "frame_bytes"])
def test_parameters_of_no_sense_are_refused(field: str) -> None:
    """By name."""
    with pytest.raises(ValueError, match=f"{field} is 0"):
        RawLogParams(**{field: 0})


def test_numbers_are_skipped_where_the_judge_is_ahead(tmp_path: Path) -> None:
    """After a power cut no number is given twice; the gap is told once, and is no damage to a reader."""
    with RawLog(tmp_path, small()) as log:
        log.append([data(n) for n in range(5)])
        log.skip_to(3)
        assert (log.next_seq, log.notices()) == (6, [])
        log.skip_to(9)
        assert log.notices() == ["records 6 to 8 were judged, but are not in the log any more"]
        assert log.append([data(9)]) == 9
        assert [r.seq for r in log.read()] == [1, 2, 3, 4, 5, 9]
        assert log.notices() == []
    with RawLog(tmp_path, small()) as log:
        assert (log.next_seq, log.notices()) == (10, [])
    assert [r.seq for r in read(tmp_path)[0]] == [1, 2, 3, 4, 5, 9]
    assert read(tmp_path)[1] == []


def test_skipping_in_an_empty_log(tmp_path: Path) -> None:
    """A log that was lost as a whole goes on where the judge is; no empty segment is left."""
    with RawLog(tmp_path, small()) as log:
        log.skip_to(1_000)
        assert log.append([data(1)]) == 1_000
        assert [s.first_seq for s in segments(tmp_path)] == [1_000]


def test_reading_beside_appending_and_sealing(tmp_path: Path) -> None:
    """A reader that goes on and on sees every record once, in order, whatever the others do."""
    total = 4_000
    seen: list[int] = []
    with RawLog(tmp_path, small(3_000, 700)) as log:

        def follow() -> None:
            while len(seen) < total:
                for record in log.read(len(seen) + 1):
                    assert record.payload == data(record.seq).payload
                    seen.append(record.seq)

        reader = threading.Thread(target=follow)
        reader.start()
        for first in range(1, total, 10):
            log.append([data(n) for n in range(first, first + 10)])
        reader.join(timeout=100)
        assert log.settle()
        assert log.notices() == []
    assert seen == list(range(1, total + 1))
    assert len(segments(tmp_path)) > 50


def test_another_reader_beside_a_writer(tmp_path: Path) -> None:
    """Who is not the writer sees no gap, no half record and nothing twice either."""
    with RawLog(tmp_path, small(3_000, 700)) as log:
        for first in range(1, 2_000, 10):
            log.append([data(n) for n in range(first, first + 10)])
            if first % 200 == 1:
                records, lost = read(tmp_path)
                assert ([r.seq for r in records], lost) == (list(range(1, first + 10)), [])


def test_a_reader_is_not_disturbed_by_sealing_and_pruning(tmp_path: Path) -> None:
    """A segment that goes while it is read is read to its end; one that goes before is told as lost."""
    with RawLog(tmp_path, small()) as log:
        log.append([data(n) for n in range(30)])
        reading = log.read()
        first = next(reading)
        for n in range(30, 300):
            log.append([data(n)])
        assert log.settle()
        gone = log.prune(keep_bytes=0)
        assert len(gone) > 2
        assert [first, *reading] == numbered([data(n) for n in range(30)])
        late = log.read(5)
        assert [r.seq for r in late] == list(range(gone[-1].last_seq + 1, 301))
        assert log.notices() == [
            f"records 5 to {gone[-1].last_seq} cannot be read: their segment is not there"
        ]


KILLED = """
import os, sys
from pathlib import Path
from seavigil.store.rawlog import RawLog
from tests.store.logs import data, small
with RawLog(Path(sys.argv[1]), small(20_000, 4_000)) as log:
    for n in range(10**9):
        last = log.append([data(log.next_seq + i) for i in range(n % 7 + 1)])
        os.write(1, b"%d\\n" % last)
"""


@pytest.mark.parametrize("lines", [1, 2, 97, 1_003])
def test_what_was_said_to_be_written_survives_kill_9(tmp_path: Path, repository: Path, lines: int) -> None:
    """A process killed in the midst of appending loses no record that it had reported, and makes none up."""
    with subprocess.Popen(
        [sys.executable, "-c", KILLED, str(tmp_path)], cwd=repository, stdout=subprocess.PIPE
    ) as killed:
        for _ in range(lines):
            reported = int(killed.stdout.readline())
        killed.kill()
        reported = max([reported, *map(int, killed.stdout.read().splitlines(keepends=False)[:-1])])
    with RawLog(tmp_path, small()) as log:
        records = list(log.read())
        assert log.settle()
    assert len(records) >= reported
    assert [r.payload for r in records] == [data(r.seq).payload for r in records]
    assert [r.seq for r in records] == list(range(1, len(records) + 1))
    assert read(tmp_path) == (records, [])


def crashed(folder: Path, to: Path, given_: list[Entry]) -> Path:
    """Give a copy of a log as a crash would leave it: nothing was closed."""
    with RawLog(folder, small(10_000)) as log:
        for entry in given_:
            log.append([entry])
        shutil.copytree(folder, to, ignore=shutil.ignore_patterns("lock"))
    return segments(to)[-1].plain_path


def test_an_end_cut_off_anywhere(tmp_path: Path) -> None:
    """Cut at every byte of the last three records: all whole ones are there, the torn bytes are kept."""
    given_ = [data(n) for n in range(6)]
    path = crashed(tmp_path / "log", tmp_path / "copy", given_)
    whole = path.read_bytes()
    record_bytes = len(data(0).payload) + 32
    begin = len(whole) - 3 * record_bytes
    for cut in range(begin, len(whole)):
        path.write_bytes(whole[:cut])
        kept, torn = divmod(cut - begin, record_bytes)
        assert read(path.parent) == (numbered(given_[: 3 + kept]), [])
        with RawLog(path.parent, small()) as log:
            assert list(log.read()) == numbered(given_[: 3 + kept])
            assert log.append([data(99)]) == 4 + kept
            said = log.notices()
        assert read(path.parent) == (numbered([*given_[: 3 + kept], data(99)]), [])
        aside = path.parent / "torn"
        if torn:
            (file,) = aside.iterdir()
            assert file.read_bytes() == whole[cut - torn : cut]
            what = f"{torn} bytes from byte {cut - torn} of {path.name} on are no whole records"
            assert said == [f"{what}: cut off, kept as torn/{file.name}"]
            file.unlink()
        else:
            assert said == []


@given(st.data())
@settings(max_examples=60)
def test_an_end_damaged_anywhere(tmp_path_factory: pytest.TempPathFactory, flips: st.DataObject) -> None:
    """A bit flipped anywhere: what stands before is kept, no number that was given is given again."""
    folder = tmp_path_factory.mktemp("log")
    given_ = [feed(1, "coast"), *(data(n) for n in range(5))]
    path = crashed(folder / "log", folder / "copy", given_)
    content = bytearray(path.read_bytes())
    bit = flips.draw(st.integers(0, 8 * len(content) - 1))
    content[bit // 8] ^= 1 << bit % 8
    path.write_bytes(content)
    with RawLog(path.parent, small()) as log:
        kept = list(log.read())
        assert kept == numbered(given_)[: len(kept)]
        assert len(kept) < len(given_)
        last = log.append([data(77)])
        # only the last record's length, damaged, cannot be told from a record that is not whole
        assert last > len(given_) or len(kept) == len(given_) - 1
        assert log.settle()
        assert len(log.notices()) >= 1
    assert len(list((path.parent / "torn").iterdir())) == 1
    records, _ = read(path.parent)
    assert [r.payload for r in records if r.seq == last] == [data(77).payload]
    assert all(a.seq < b.seq for a, b in pairwise(records))


def test_an_unfinished_seal_is_finished(tmp_path: Path) -> None:
    """A crash between any two steps of sealing: nothing is lost or twice, and it ends up sealed."""
    records = written(tmp_path / "log", [data(n) for n in range(60)])
    first = segments(tmp_path / "log")[0]
    opened = open_segment(first)
    plain = b"".join(opened.plain(at) for at in range(len(opened.seal.frames)))
    opened.close()
    for step in ("plain alone", "compressed half", "compressed", "sealed"):
        copy = tmp_path / step
        shutil.copytree(tmp_path / "log", copy)
        (copy / first.plain_path.name).write_bytes(plain)
        if step != "sealed":
            (copy / first.seal_path.name).unlink()
        if step in {"plain alone", "compressed half"}:
            (copy / first.zst_path.name).unlink()
        if step == "compressed half":
            (copy / f".{first.zst_path.name}.part").write_bytes(b"half")
        assert read(copy) == (records, [])
        with RawLog(copy, small()) as log:
            assert log.settle()
            assert (list(log.read()), log.notices()) == (records, [])
        names = {path.name for path in copy.iterdir()}
        assert names == {path.name for path in (tmp_path / "log").iterdir()}
        assert (copy / first.seal_path.name).read_bytes() == first.seal_path.read_bytes()


def test_what_is_lost_is_said_in_words() -> None:
    """One record, several, or nobody knows how many."""
    assert str(Lost(3, 3, "why")) == "record 3 cannot be read: why"
    assert str(Lost(3, 5, "why")) == "records 3 to 5 cannot be read: why"
    assert str(Lost(3, None, "why")) == "records from 3 on cannot be read: why"
