"""Damage to what is sealed costs what it hits, is named by number, and is found by `verify`."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from seavigil.store.rawlog import RawLog
from seavigil.store.rawlog_notes import pruned
from seavigil.store.rawlog_records import HEAD_BYTES, pack
from seavigil.store.rawlog_segments import Segment, read_seal, segments
from seavigil.store.rawlog_verify import verify
from tests.store.logs import data, feed, read, small, written


@pytest.fixture
def log(tmp_path: Path) -> Path:
    """Give a log of 200 records in several sealed segments of several frames each."""
    written(tmp_path / "log", [feed(1, "coast"), *(data(n) for n in range(1, 200))])
    assert len(segments(tmp_path / "log")) > 4
    return tmp_path / "log"


def flip(path: Path, at: int) -> None:
    """Change one byte of a file."""
    content = bytearray(path.read_bytes())
    content[at] ^= 0x10
    path.write_bytes(content)


def words(folder: Path) -> list[str]:
    """Give what `verify` finds wrong."""
    return [f"{f.segment}: {f.what}" for f in verify(folder).findings if f.bad]


def test_a_sound_log_is_sound(log: Path) -> None:
    """Nothing is found, every record is counted, and the digest is that of the newest seal."""
    found = verify(log)
    assert (found.findings, found.sound, found.records) == ((), True, 200)
    assert found.digest == read_seal(segments(log)[-2]).digest


def test_damage_costs_one_frame(log: Path) -> None:
    """A byte flipped in a sealed segment: its frame's records are lost, and said; all others are read."""
    second = segments(log)[1]
    frame, after = read_seal(second).frames[2:4]
    flip(second.zst_path, frame.zst_at + 20)
    records, lost = read(log)
    gone = range(frame.first_seq, after.first_seq)
    assert [r.seq for r in records] == [seq for seq in range(1, 201) if seq not in gone]
    (said,) = lost
    assert (said.first_seq, said.last_seq) == (gone[0], gone[-1])
    assert f"{second.name}.log.zst is damaged at byte {frame.zst_at}" in said.why
    assert not verify(log).sound
    assert f"{second.name}: records {gone[0]} to {gone[-1]} cannot be read" in words(log)


@given(st.data())
@settings(max_examples=60)
def test_no_flip_makes_up_a_record_or_hides_one(
    tmp_path_factory: pytest.TempPathFactory, flips: st.DataObject
) -> None:
    """Wherever a byte is changed: what is read is true, what is not read is said, and verify sees it."""
    folder = tmp_path_factory.mktemp("log")
    whole = written(folder, [feed(1, "coast"), *(data(n) for n in range(80))])
    files = sorted(p for s in segments(folder) for p in (s.plain_path, s.zst_path, s.seal_path) if p.exists())
    path = flips.draw(st.sampled_from(files))
    flip(path, flips.draw(st.integers(0, path.stat().st_size - 1)))
    records, lost = read(folder)
    assert all(whole[r.seq - 1] == r for r in records)
    numbers = {r.seq for r in records} | {
        n for gone in lost for n in range(gone.first_seq, (gone.last_seq or 81) + 1)
    }
    last = records[-1].seq if records else 0
    assert numbers >= set(range(1, last + 1))
    # the length of the very last record may make it look as if it were being written
    assert lost or len(records) >= 80
    assert verify(folder).findings


@pytest.mark.parametrize("first", [True, False], ids=["the first", "one amidst"])
def test_a_segment_that_is_missing_is_said(log: Path, first: bool) -> None:
    """The feeds are known all the same, for the next segment repeats them."""
    gone, after = segments(log)[:2] if first else segments(log)[2:4]
    gone.zst_path.unlink()
    records, lost = read(log, 1 if first else 2)
    if first:
        assert (records[0].seq, records[1].seq, lost) == (1, after.first_seq, [])
    else:
        assert [(g.first_seq, g.last_seq) for g in lost] == [(gone.first_seq, after.first_seq - 1)]
        assert lost[0].why == "their segment is not there"
    missing = f"records {gone.first_seq} to {after.first_seq - 1}"
    assert words(log)[0] == f"{after.name}: does not go on where the log before it ends: {missing}"
    assert f"{gone.name}: was sealed, and is not there any more" in words(log)


def test_a_segment_without_its_seal_is_read(log: Path) -> None:
    """All its records come, and verify says that the seal is missing."""
    third = segments(log)[2]
    third.seal_path.unlink()
    assert read(log)[1] == []
    assert len(read(log)[0]) == 200
    assert f"{third.name}: its seal is missing" in words(log)


def test_a_segment_with_neither_seal_nor_health(log: Path) -> None:
    """What stands before the damage is read, the rest is named."""
    third, fourth = segments(log)[2:4]
    frame = read_seal(third).frames[2]
    third.seal_path.unlink()
    flip(third.zst_path, frame.zst_at + 20)
    records, lost = read(log)
    assert [(g.first_seq, g.last_seq) for g in lost] == [(frame.first_seq, fourth.first_seq - 1)]
    assert len(records) == 200 - (fourth.first_seq - frame.first_seq)


def test_a_damaged_head_costs_nothing_else(log: Path) -> None:
    """The records of a sealed segment are found without it."""
    third = segments(log)[2]
    flip(third.zst_path, 12)
    records, lost = read(log)
    assert ([r.seq for r in records], lost) == (list(range(1, 201)), [])
    assert len(words(log)) >= 1


def test_a_plain_segment_damaged_before_it_is_sealed(tmp_path: Path) -> None:
    """It is sealed as it is, told, and read up to the damage; its bytes are kept."""
    folder = tmp_path / "log"
    with RawLog(folder, small()) as log:
        log.append([data(n) for n in range(20)])
        first = segments(folder)[0]
    flip(first.plain_path, HEAD_BYTES + len(pack([data(n) for n in range(10)], 1)) + 40)
    shutil.copy(first.plain_path, tmp_path / "kept")
    other = tmp_path / "other"
    with RawLog(other, small()) as log:
        log.append([data(n) for n in range(20)])
        log.append([data(n) for n in range(20, 60)])
        assert log.settle()
    next_ = segments(other)[1]
    (folder / next_.plain_path.name).write_bytes(next_.plain_path.read_bytes())
    with RawLog(folder, small()) as log:
        assert log.settle()
        (said,) = log.notices()
        assert f"{first.name} was damaged from byte" in said
        records = list(log.read())
        (lost,) = log.notices()
    assert [r.seq for r in records] == [*range(1, 11), *range(21, 61)]
    assert lost == f"records 11 to 20 cannot be read: {first.name} was damaged when it was sealed"
    import zstandard

    with first.zst_path.open("rb") as file:
        stream = zstandard.ZstdDecompressor().stream_reader(file, read_across_frames=True)
        assert stream.read() == (tmp_path / "kept").read_bytes()
    assert f"{first.name}: was damaged from byte" in words(folder)[0]


def edit(segment: Segment, change: Callable[[dict], None]) -> None:
    """Change a seal as somebody would who knows its form."""
    seal = json.loads(segment.seal_path.read_bytes())
    change(seal)
    segment.seal_path.write_bytes((json.dumps(seal) + "\n").encode())


def test_a_forged_seal_breaks_the_chain(log: Path) -> None:
    """Whoever writes a seal anew must write all that come after, and then the newest digest is another."""
    before = verify(log).digest
    second, third = segments(log)[1:3]
    edit(second, lambda seal: seal["times"].update(last_us=5))
    assert words(log) == [f"{third.name}: its seal names another one before it: the chain is broken"]
    digest = read_seal(second).digest
    for segment in segments(log)[2:-1]:
        edit(segment, lambda seal, digest=digest: seal.update(previous=digest))
        digest = read_seal(segment).digest
    assert words(log) == []
    assert verify(log).digest != before


def test_another_content_under_a_seal_is_found(log: Path, tmp_path: Path) -> None:
    """A segment put in place of another, sound in itself, is not what was sealed."""
    written(tmp_path / "other", [feed(1, "coast"), *(data(n) for n in range(2, 201))])
    second = segments(log)[1]
    shutil.copy(tmp_path / "other" / second.zst_path.name, second.zst_path)
    assert any("its bytes are not those that were sealed" in w for w in words(log))


def test_torn_ends_are_told_but_are_no_damage(tmp_path: Path) -> None:
    """A crash that cut a record leaves a note of where its bytes are."""
    written(tmp_path, [data(n) for n in range(5)], small(10_000))
    path = segments(tmp_path)[0].plain_path
    path.write_bytes(path.read_bytes()[:-3])
    (told,) = verify(tmp_path).findings
    assert not told.bad
    assert "bytes at its end are no whole record" in told.what
    with RawLog(tmp_path, small()):
        pass
    (told,) = verify(tmp_path).findings
    assert (told.bad, "is kept as torn/" in told.what) == (False, True)


def test_numbers_left_out_on_purpose_are_no_damage(tmp_path: Path) -> None:
    """What a power cut took, and the watch said, is worth knowing and nothing more."""
    with RawLog(tmp_path, small()) as log:
        log.append([data(1)])
        log.skip_to(10)
        log.append([data(10)])
        assert log.settle()
    found = verify(tmp_path)
    assert (found.sound, found.records) == (True, 2)
    assert [f.what for f in found.findings] == ["8 records before it never reached the disk in a power cut"]


def test_a_log_that_is_written_can_be_verified(tmp_path: Path) -> None:
    """Beside appending, sealing and pruning nothing is found wrong."""
    with RawLog(tmp_path, small()) as log:
        for n in range(300):
            log.append([data(n)])
            if n % 50 == 49:
                assert words(tmp_path) == []
        assert log.settle()
        log.prune(keep_bytes=2_000)
        assert pruned(tmp_path)
        assert words(tmp_path) == []
