"""NMEA streams: however they are cut, the same; whatever the bytes, no exception and no hoard."""

from __future__ import annotations

import gzip
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from seavigil.feeds.formats import recognise
from seavigil.feeds.formats.nmea import FORMAT, NmeaReceiver
from seavigil.feeds.formats.nmea_clocks import REACH_BYTES
from seavigil.feeds.formats.nmea_lines import MAX_LINE_BYTES
from tests.feeds.cutting import RECEIVED_US, cut_places, every_step, feed, same
from tests.feeds.nmea_writing import pghp, position_report, rmc, tag_block, vdm, zda

SHIP, FILL = position_report()
OTHER, _ = position_report(3, 219_000_002, turn=-5)
PART_1, PART_2 = vdm(SHIP[:20], 0, 2, 1, "3"), vdm(SHIP[20:], FILL, 2, 2, "3")

LINES = [
    vdm(SHIP, FILL),
    vdm(OTHER, FILL) + ",1412524603",
    PART_1,
    PART_2,
    tag_block("g:1-2-1604,s:r1,c:1418169601") + PART_1,
    tag_block("g:2-2-1604") + PART_2,
    tag_block("si:AISD"),
    pghp(vdm(SHIP, FILL)[-2:]),
    pghp("FF"),
    tag_block("s:2573135,c:1671620143") + vdm(OTHER, FILL),
    "2013-11-12 12:00 " + vdm(SHIP, FILL) + vdm(OTHER, FILL),
    "$GPGGA,184353.07,1929.045,S,02410.506,E,1,04,2.6,100.00,M,-33.9,M,,0000*6D",
    zda("2014-04-16T19:57:19"),
    rmc("2014-04-16T19:57:20.250"),
    rmc("2016-01-02T03:04:05", "V"),
    zda("1999-08-22T00:00:00"),
    rmc("2014-04-16T19:57:21") + vdm(SHIP, FILL) + zda("2014-04-16T19:57:22"),
    tag_block("s:r1") + zda("2014-04-16T19:57:23")[:-1],
    "# a remark with !AIVDM,1,1",
    "!AIVDM,1,1,,A,",
    vdm(SHIP, FILL)[:-1],
    "\\s:a*00\\" + vdm(SHIP, FILL),
    "\\",
    "$PGHP,",
    "",
    "x" * (MAX_LINE_BYTES + 1),
    "\\" + "y" * MAX_LINE_BYTES,
]
lines = st.lists(st.tuples(st.sampled_from(LINES), st.sampled_from(["\n", "\r\n", "\r", ""])), max_size=14)
noise = st.lists(st.one_of(st.sampled_from(LINES).map(str.encode), st.binary(max_size=40)), max_size=12)


@given(lines, cut_places)
def test_cut_anywhere_is_the_same(parts: list[tuple[str, str]], cuts: list[int]) -> None:
    """Groups, $PGHP lines and messages in several parts that straddle cuts give the same rows and counts."""
    data = "".join(text + end for text, end in parts).encode()
    assert same(feed(NmeaReceiver("a"), data, cuts), feed(NmeaReceiver("a"), data))


@given(noise, cut_places)
def test_any_bytes_cut_anywhere_are_the_same_and_never_raise(parts: list[bytes], cuts: list[int]) -> None:
    """Sentences mixed with arbitrary bytes raise nothing, and cuts change nothing."""
    data = b"\n".join(parts)
    assert same(feed(NmeaReceiver("a"), data, cuts), feed(NmeaReceiver("a"), data))


def test_a_pghp_behind_a_sentence_on_its_line_waits_for_none() -> None:
    """Found by searching longer: a line end lost before $PGHP must not make the cut matter."""
    line = vdm(SHIP, FILL)
    data = f"{line}{tag_block('c:1671620143')}{pghp(line[-2:])}\n{line}\n".encode()
    whole = feed(NmeaReceiver("a"), data)
    assert all(same(feed(NmeaReceiver("a"), data, [cut]), whole) for cut in range(len(data)))


@given(st.binary(max_size=3_000))
def test_arbitrary_bytes_never_raise(data: bytes) -> None:
    """Bytes that are no NMEA at all become rejects."""
    decoded = feed(NmeaReceiver("a"), data)
    assert decoded.rejects.num_rows == decoded.counts.get("rejects", 0)


@pytest.mark.parametrize("step", [1, 2, 7])
def test_byte_by_byte(step: int) -> None:
    """One byte at a time gives what the whole gives."""
    data = "\r\n".join(LINES).encode()
    assert same(every_step(NmeaReceiver, data, step), feed(NmeaReceiver("a"), data))


@settings(max_examples=12)
@given(st.data())
def test_danish_network_cut_anywhere(shared_data: Path, data: st.DataObject) -> None:
    """A stretch of the real network recording, cut at random places, gives the same rows."""
    raw = gzip.decompress((shared_data / "ais/dk-network-20131112.nmea.gz").read_bytes())
    begin = data.draw(st.integers(0, len(raw) - 30_000))
    stretch = raw[begin : begin + 30_000]
    cuts = data.draw(st.lists(st.integers(0, 30_000), max_size=30))
    assert same(feed(NmeaReceiver("a"), stretch, cuts), feed(NmeaReceiver("a"), stretch))


@pytest.mark.parametrize("name", ["gpsd/sample.aivdm", "pyais/mixed.txt", "libais/tagblock.nmea"])
def test_other_decoders_samples_cut_anywhere(shared_data: Path, name: str) -> None:
    """The samples of other projects, with all their oddities, are the same in pieces of 13 bytes."""
    data = (shared_data / "decoder" / name).read_bytes()
    assert same(every_step(NmeaReceiver, data, 13), feed(NmeaReceiver("a"), data))


def test_an_endless_line_is_not_kept() -> None:
    """A line without an end is one reject that keeps its first bytes; the line after it is read."""
    receiver = NmeaReceiver("a")
    for _ in range(50):
        receiver.receive(b"x" * 100_000, received_us=RECEIVED_US)
        assert len(receiver._carry) <= MAX_LINE_BYTES
    last = receiver.receive(f"\n{vdm(SHIP, FILL)}\n".encode(), received_us=RECEIVED_US)
    assert last.reports["offset_bytes"].to_pylist() == [5_000_001]


def test_an_endless_line_is_one_reject() -> None:
    """However long, the line is rejected once, where it began."""
    decoded = feed(NmeaReceiver("a"), b"\n" + b"z" * 9_000 + b"\n", range(0, 9_000, 500))
    assert decoded.rejects.select(["offset_bytes", "fault"]).to_pylist() == [
        {"offset_bytes": 1, "fault": "line_too_long"}
    ]


def test_lines_that_wait_for_a_sentence_are_bounded() -> None:
    """Tag blocks and $PGHP lines without any sentence do not pile up."""
    receiver = NmeaReceiver("a")
    for _ in range(2_000):
        receiver.receive((pghp("FF") + "\n" + tag_block("si:AISD") + "\n").encode(), received_us=RECEIVED_US)
        assert len(receiver._carry) <= REACH_BYTES + 2 * MAX_LINE_BYTES


def test_offsets_count_from_the_begin_of_the_stream() -> None:
    """``offset_bytes`` is the place of the sentence's ``!``, of the first part's for several."""
    data = f"junk {vdm(SHIP, FILL)}\r\n{PART_1}\r\n{PART_2}\r\n".encode()
    offsets = feed(NmeaReceiver("a"), data, [3, 90]).reports["offset_bytes"].to_pylist()
    assert [data[o : o + 10] for o in offsets] == [b"!AIVDM,1,1", b"!AIVDM,2,1"]


def test_long_chunks_are_worked_through_in_blocks() -> None:
    """A chunk of several blocks gives what the same bytes give line by line."""
    line = f"{vdm(SHIP, FILL)}\r\n".encode()
    decoded = feed(NmeaReceiver("a"), line * 60_000)
    assert decoded.counts["type_1"] == 60_000
    assert decoded.reports["offset_bytes"].to_pylist() == list(range(0, len(line) * 60_000, len(line)))


@pytest.mark.parametrize(
    "head",
    [
        vdm(SHIP, FILL),
        "# remark\n" + vdm(SHIP, FILL),
        tag_block("s:a,c:1671620143") + vdm(SHIP, FILL),
        tag_block("si:AISD") + "\r\n" + pghp("62"),
        "$GPGGA,195719,5310.8115,N,00525.7025,E,1,00,1.10,-2,M,,M,,*57",
        "1412524603 " + vdm(SHIP, FILL),
    ],
)
def test_nmea_is_recognised(head: str) -> None:
    """Sentences are recognised with tag blocks, among instruments, after remarks and log prefixes."""
    assert recognise(head.encode(), "a") is FORMAT


@pytest.mark.parametrize(
    "head",
    [
        b"",
        b"\x1f\x8b\x08\x00",
        b"MMSI,BaseDateTime,LAT,LON\n",
        b'{"message": "!AIVDM,1,1,,A,13,0*00"}',
        b"price $5, ok",
    ],
)
def test_other_things_are_not_taken_for_nmea(head: bytes) -> None:
    """CSV, JSON that carries sentences, packed and empty input are left to others."""
    assert not FORMAT.looks_like(head)
