"""NMEA sentences: what is taken, what is rejected and under which name, how parts come together."""

from __future__ import annotations

import pytest

from seavigil.feeds.formats.nmea import NmeaReceiver
from seavigil.feeds.formats.nmea_parts import MAX_UNFINISHED, MAX_WAIT_SENTENCES, MAX_WAIT_US
from seavigil.records import Decoded
from tests.feeds.cutting import RECEIVED_US, feed
from tests.feeds.nmea_writing import armour, position_report, sentence, tag_block, vdm

SHIP, FILL = position_report()
LINE = vdm(SHIP, FILL)


def read(*lines: str) -> Decoded:
    """Give what the lines decode to."""
    return feed(NmeaReceiver("a"), "\r\n".join(lines).encode("latin-1"))


def faults(*lines: str) -> list[str]:
    """Give the faults of the lines' rejects."""
    return read(*lines).rejects["fault"].to_pylist()


@pytest.mark.parametrize(
    ("fault", "line"),
    [
        ("not_nmea", "foobar"),
        ("not_nmea", LINE[1:]),
        ("not_nmea", "!?" + LINE[3:]),
        ("no_checksum", LINE[:-3]),
        ("checksum", LINE[:-2] + "00"),
        ("checksum", LINE[:-1]),
        ("checksum", LINE + "0"),
        ("checksum", LINE.replace("AIVDM", "AIVDX")),
        ("malformed_sentence", "!" + sentence(f"AIVDM,1,1,,A,{SHIP}")),
        ("malformed_sentence", "!" + sentence(f"AIVDM,x,1,,A,{SHIP},0")),
        ("malformed_sentence", "!" + sentence(f"AIVDM,12,1,,A,{SHIP},0")),
        ("part_numbers", vdm(SHIP, FILL, 1, 2)),
        ("part_numbers", vdm(SHIP, FILL, 0, 0)),
        ("fill_bits", vdm(SHIP, 6)),
        ("fill_bits", "!" + sentence(f"AIVDM,1,1,,A,{SHIP},")),
        ("fill_bits", vdm(SHIP[:20], 2, 2, 1, "3")),
        ("empty_payload", "!AIVDM,1,1,,B,,0*25"),
        ("bad_armour", vdm(SHIP[:10] + "X" + SHIP[11:], FILL)),
        ("bad_armour", vdm(SHIP[:10] + " " + SHIP[11:], FILL)),
        ("unknown_type", vdm("0" + SHIP[1:], FILL)),
        ("unknown_type", vdm("L" + SHIP[1:], FILL)),
        ("too_short", vdm(SHIP[:24])),
        ("too_short", vdm("6", 0)),
        ("bad_mmsi", vdm(*position_report(mmsi=0))),
        ("bad_mmsi", vdm(*position_report(mmsi=1_000_000_000))),
        ("unknown_part", vdm(*armour((24, 6), (0, 2), (219_000_001, 30), (3, 2), (0, 128)))),
        ("part_out_of_turn", vdm(SHIP[20:], FILL, 2, 2, "3")),
        ("part_missing", vdm(SHIP[:20], 0, 2, 1, "3")),
        ("tag_block", "\\s:a,c:1671620143*00\\" + LINE),
        ("tag_block", "\\s:a,c:1671620143\\" + LINE),
        ("tag_block", "\\s:a"),
        ("pghp_malformed", "$" + sentence("PGHP,1,2013,2,30,12,0,0,11,219,,2190067,1,62")),
        ("pghp_malformed", "$" + sentence("PGHP,1,2013,11,12,12,0,0,11,219,,2190067,1")),
        ("checksum", "$PGHP,1,2009,5,9,0,0,0,10,338,2,,1,09*17"),
        ("line_too_long", "x" * 2_000),
    ],
)
def test_each_fault_has_its_name(fault: str, line: str) -> None:
    """A damaged line is one reject, named, kept as it came; the sound line after it is read."""
    decoded = read(line, LINE)
    assert decoded.rejects["fault"].to_pylist() == [fault]
    assert decoded.counts["rejects"] == 1
    assert decoded.rejects["raw"][0].as_py() in line.encode("latin-1")
    assert decoded.reports["offset_bytes"][-1].as_py() == len(line) + 2


@pytest.mark.parametrize(
    "line",
    [
        LINE[:-2] + LINE[-2:].lower(),
        "2013-11-12 12:00:00.123 INFO " + LINE,
        LINE + ",1412524603",
        LINE + ",d-109,S2105,t050056.00,T56.13718694,r003669946,1325394060,1325394001",
        LINE + "   ",
        LINE + r"\x0d\x0a",
        "!" + sentence(f"AIVDM,1,1,1,,{SHIP},{FILL},0"),
        "!" + sentence(f"BSVDO,1,1,,,{SHIP},{FILL}"),
        "!" + sentence(f"ABVDM,1,1,,B,{SHIP},{FILL}"),
        "!" + sentence(f"SAVDM,1,1,0,2,{SHIP},{FILL}"),
    ],
)
def test_odd_but_sound_sentences_are_read(line: str) -> None:
    """Any talker, log prefixes, trailers, an eighth field as plotters write it: all are read."""
    assert read(line).reports["mmsi"].to_pylist() == [219_000_001]


def test_several_sentences_on_a_line() -> None:
    """Sentences that lost the line end between them are all read, with a tag block between them too."""
    decoded = read(LINE + LINE + tag_block("c:1671620143") + LINE)
    assert decoded.reports["time_us"].cast("int64").to_pylist() == [
        RECEIVED_US,
        RECEIVED_US,
        1671620143_000_000,
    ]
    assert not decoded.rejects.num_rows


def test_other_sentences_and_remarks_are_counted() -> None:
    """Instruments and remarks are no rejects; a wrong checksum among instruments is counted apart."""
    decoded = read(
        "# !AIVDM,1,1", "$GPZDA,195719,16,04,14,-02,00*63", "$SDVLW,,N,322.0,N*59", "", "   ", LINE
    )
    assert dict(decoded.counts) == {
        "comments": 1,
        "other_sentences": 2,
        "other_sentences_checksum": 1,
        "sentences": 1,
        "messages": 1,
        "type_1": 1,
    }


def test_messages_of_other_types_are_counted() -> None:
    """A text message (type 14) is recognised and counted, gives no row and no reject."""
    decoded = read("!AIVDM,1,1,,A,>5?Per18=HB1U:1@E=B0m<L,2*51")
    assert decoded.counts["type_14"] == 1
    assert not decoded.reports.num_rows + decoded.rejects.num_rows


def test_parts_interleaved_on_two_channels() -> None:
    """Parts of two messages under way at once find their own."""
    other, fill = position_report(3, 219_000_002)
    decoded = read(
        vdm(SHIP[:20], 0, 2, 1, "3", "A"),
        vdm(other[:20], 0, 2, 1, "3", "B"),
        vdm(SHIP[20:], FILL, 2, 2, "3", "A"),
        vdm(other[20:], fill, 2, 2, "3", "B"),
    )
    assert decoded.reports["mmsi"].to_pylist() == [219_000_001, 219_000_002]
    assert not decoded.rejects.num_rows


def test_a_late_second_part_does_not_meet_another_first() -> None:
    """Without a group, part 2 before part 1 is rejected: it may belong to an older message."""
    assert faults(vdm(SHIP[20:], FILL, 2, 2, "3"), vdm(SHIP[:20], 0, 2, 1, "3")) == [
        "part_out_of_turn",
        "part_missing",
    ]


def test_grouped_parts_may_come_in_any_order() -> None:
    """A tag-block group names its message, so that its parts may be swapped on the way."""
    first = tag_block("g:1-2-1604,s:r1,c:1418169601") + vdm(SHIP[:20], 0, 2, 1, "3")
    second = tag_block("g:2-2-1604") + vdm(SHIP[20:], FILL, 2, 2, "3")
    for lines in ((first, second), (second, first)):
        row = read(*lines).reports.to_pylist()[0]
        assert (row["station"], row["time_us"].timestamp()) == ("r1", 1418169601)


def test_a_new_first_part_replaces_the_old() -> None:
    """When a message begins again under the same number, the unfinished one is a reject."""
    decoded = read(
        vdm(SHIP[:20], 0, 2, 1, "3"), vdm(SHIP[:20], 0, 2, 1, "3"), vdm(SHIP[20:], FILL, 2, 2, "3")
    )
    assert decoded.rejects["fault"].to_pylist() == ["part_missing"]
    assert decoded.reports.num_rows == 1


def test_unfinished_messages_are_bounded_in_number() -> None:
    """Past the limit the oldest unfinished message is pushed out, as a reject; none vanishes."""
    lines = [tag_block(f"g:1-2-{i}") + vdm(SHIP[:20], 0, 2, 1, "3") for i in range(MAX_UNFINISHED + 5)]
    receiver = NmeaReceiver("a")
    live = receiver.receive("\n".join([*lines, LINE, ""]).encode(), received_us=RECEIVED_US)
    rest = receiver.finish(received_us=RECEIVED_US)
    assert live.rejects["detail"].to_pylist() == ["1 of 2 parts"] * 5
    assert rest.rejects.num_rows == MAX_UNFINISHED


@pytest.mark.parametrize(("between", "wait_us"), [(MAX_WAIT_SENTENCES + 1, 0), (0, MAX_WAIT_US + 1)])
def test_unfinished_messages_are_bounded_in_age(between: int, wait_us: int) -> None:
    """A second part too many sentences or too long after the first is not joined to it."""
    receiver = NmeaReceiver("a")
    first = [vdm(SHIP[:20], 0, 2, 1, "3"), *[LINE] * between, ""]
    receiver.receive("\n".join(first).encode(), received_us=RECEIVED_US)
    second = vdm(SHIP[20:], FILL, 2, 2, "3") + "\n"
    late = receiver.receive(second.encode(), received_us=RECEIVED_US + wait_us)
    assert late.rejects["fault"].to_pylist() == ["part_missing", "part_out_of_turn"]
    assert not late.reports.num_rows
