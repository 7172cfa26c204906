"""Records as bytes: what goes in comes out, whatever is cut off or flipped, and nothing is made up."""

from __future__ import annotations

import struct
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from seavigil.runners.intake import TICK_S
from seavigil.store.rawlog_records import (
    LONGEST_STEP_US,
    MAX_PAYLOAD_BYTES,
    Entry,
    Head,
    Kind,
    Times,
    goes_on,
    pack,
    pack_head,
    parse,
    parse_head,
    survey,
)
from tests.store.logs import entries, numbered

many = st.lists(entries, max_size=6)
heads = st.builds(
    Head,
    st.integers(1, 2**40),
    st.integers(-(2**63), 2**63 - 1),
    st.booleans(),
    many.map(numbered).map(tuple),
)


@given(many, st.integers(1, 2**40))
def test_what_goes_in_comes_out(given_: list[Entry], first_seq: int) -> None:
    """Every kind, time, feed, stream and payload, numbered in order."""
    packed = pack(given_, first_seq)
    parsed = parse(packed, 0, first_seq)
    assert parsed.records == numbered(given_, first_seq)
    assert (parsed.next_seq, parsed.stopped_at) == (first_seq + len(given_), len(packed))
    assert not parsed.damaged


def test_a_record_is_laid_out_as_written_down() -> None:
    """By hand, with the standard library's CRC-32: what another program would have to read."""
    body = struct.pack("<IQqIHBB", 3, 7, -5, 9, 2, 3, 0) + b"abc"
    assert pack([Entry(Kind.DATA, -5, 2, 9, b"abc")], 7) == struct.pack("<I", zlib.crc32(body)) + body


@given(many, st.data())
def test_cut_anywhere_it_gives_what_was_whole(given_: list[Entry], cuts: st.DataObject) -> None:
    """Of bytes cut at any place all whole records come out, none is made up, and it is no damage."""
    packed = pack(given_, 1)
    ends = [len(pack(given_[:n], 1)) for n in range(len(given_) + 1)]
    cut = cuts.draw(st.integers(0, len(packed)))
    parsed = parse(packed[:cut], 0, 1)
    whole = sum(end <= cut for end in ends) - 1
    assert parsed.records == numbered(given_)[:whole]
    assert (parsed.stopped_at, parsed.damaged) == (ends[whole], False)


@given(st.lists(entries, min_size=1, max_size=6), st.data())
def test_a_flipped_bit_ends_it_there(given_: list[Entry], flips: st.DataObject) -> None:
    """Records before the flip come out, none behind it: a record that is not true is never given."""
    packed = bytearray(pack(given_, 1))
    bit = flips.draw(st.integers(0, 8 * len(packed) - 1))
    packed[bit // 8] ^= 1 << bit % 8
    sound = sum(len(pack(given_[:n], 1)) <= bit // 8 for n in range(1, len(given_) + 1))
    parsed = parse(bytes(packed), 0, 1)
    assert parsed.records == numbered(given_)[:sound]
    assert survey(bytes(packed), 0, 1)[1:] == parsed[1:]


@given(st.binary(max_size=200), st.integers(0, 3))
def test_any_bytes_will_do(data: bytes, from_seq: int) -> None:
    """Nonsense is no record and no exception."""
    assert parse(data, 0, 1, from_seq).records == []
    assert survey(data, 0, 1).times is None
    with pytest.raises(ValueError, match="segment"):
        parse_head(data)


@given(st.lists(entries, min_size=2, max_size=6), st.data())
def test_a_longer_length_is_told_from_a_torn_end(given_: list[Entry], lengths: st.DataObject) -> None:
    """Where a damaged length reaches behind the end, the next record betrays it; cut off, nothing does."""
    at = lengths.draw(st.integers(0, len(given_) - 2))
    place = len(pack(given_[:at], 1))
    packed = bytearray(pack(given_, 1))
    packed[place + 4 : place + 8] = (1 << 20).to_bytes(4, "little")
    parsed = parse(bytes(packed), 0, 1)
    assert (len(parsed.records), parsed.damaged) == (at, False)
    assert goes_on(bytes(packed[place:]), at + 1)
    torn = pack(given_[at : at + 1], 1 + at)[:-1]
    assert not goes_on(torn, at + 1)


def test_what_looks_like_records_without_end_takes_no_time() -> None:
    """A feed that sends the next number a million times is not looked through."""
    sent = struct.pack("<Q", 2) * (1 << 17)
    assert goes_on(pack([Entry(Kind.DATA, 0, payload=sent)], 1)[:-1], 1)


@given(many, st.integers(0, 8))
def test_records_before_the_one_asked_for_are_checked_and_left_out(
    given_: list[Entry], from_seq: int
) -> None:
    """From a number on, the same records as without it."""
    assert parse(pack(given_, 1), 0, 1, from_seq).records == [
        r for r in numbered(given_) if r.seq >= from_seq
    ]


def test_numbers_go_on_one_by_one() -> None:
    """A sound record of another place, as an old block on a disk would have it, is damage."""
    first, second, third = (pack([Entry(Kind.TICK, 0)], seq) for seq in (1, 2, 3))
    parsed = parse(first + third, 0, 1)
    assert ([r.seq for r in parsed.records], parsed.damaged) == ([1], True)
    parsed = parse(first + second + first, 0, 1)
    assert ([r.seq for r in parsed.records], parsed.damaged) == ([1, 2], True)


@pytest.mark.parametrize(
    "entry",
    [
        Entry(Kind.DATA, 0, payload=bytes(MAX_PAYLOAD_BYTES + 1)),
        Entry(Kind.DATA, 2**63),
        Entry(Kind.DATA, 0, feed=2**16),
        Entry(Kind.DATA, 0, stream=-1),
    ],
    ids=["payload", "time", "feed", "stream"],
)
def test_what_does_not_fit_is_refused_in_words(entry: Entry) -> None:
    """Too long, too late, too many: nothing is cut to fit."""
    with pytest.raises(ValueError, match="the log"):
        pack([entry], 1)


def test_the_longest_payload_fits() -> None:
    """The limit itself is allowed."""
    longest = Entry(Kind.DATA, 0, payload=bytes(MAX_PAYLOAD_BYTES))
    assert parse(pack([longest], 1), 0, 1).records == numbered([longest])


@given(heads)
def test_a_head_comes_out_as_it_went_in(head: Head) -> None:
    """With its repeated records, whatever stands behind it."""
    packed = pack_head(head)
    read = parse_head(packed + b"records")
    assert read == Head(head.first_seq, head.begun_us, head.after_gap, head.repeats, len(packed))


@given(heads, st.data())
def test_a_damaged_head_is_refused(head: Head, damage: st.DataObject) -> None:
    """Cut or flipped anywhere: refused in words, never another head."""
    packed = pack_head(head)
    with pytest.raises(ValueError, match="segment"):
        parse_head(packed[: damage.draw(st.integers(0, len(packed) - 1))])
    flipped = bytearray(packed)
    bit = damage.draw(st.integers(0, 8 * len(packed) - 1))
    flipped[bit // 8] ^= 1 << bit % 8
    with pytest.raises(ValueError, match="segment"):
        parse_head(bytes(flipped))


def test_time_runs_as_the_records_do() -> None:
    """Steps forward add up, none as more than a minute; a step back adds nothing.

    Seconds 0, 1, 3, then a leap to 1,000,000, back to 4, and 5: 1 + 2 + 60 + 0 + 1 = 64 s.
    """
    walls_s = (0, 1, 3, 1_000_000, 4, 5)
    packed = pack([Entry(Kind.TICK, second * 1_000_000) for second in walls_s], 1)
    times = survey(packed, 0, 1).times
    assert times == Times(0, 5_000_000, 0, 1_000_000_000_000, 64_000_000)
    assert LONGEST_STEP_US == 60_000_000


def test_all_the_time_in_which_a_service_runs_counts() -> None:
    """Where nothing but ticks is written for a minute, the log has run for a minute, not for less."""
    walls_us = [round(n * TICK_S * 1_000_000) for n in range(13)]
    times = survey(pack([Entry(Kind.TICK, at) for at in walls_us], 1), 0, 1).times
    assert times is not None
    assert times.running_us == walls_us[-1] == 60_000_000


@given(st.lists(entries, min_size=1, max_size=6), st.data())
def test_times_are_the_same_however_they_are_gathered(given_: list[Entry], cuts: st.DataObject) -> None:
    """Looked over in two parts as in one."""
    cut = cuts.draw(st.integers(0, len(given_)))
    first = survey(pack(given_[:cut], 1), 0, 1)
    second = survey(pack(given_[cut:], 1 + cut), 0, 1 + cut, first.times)
    assert second.times == survey(pack(given_, 1), 0, 1).times
