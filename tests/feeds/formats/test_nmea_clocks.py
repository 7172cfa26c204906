"""Which time and which station a report gets."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from seavigil.feeds.formats.nmea import NmeaReceiver
from seavigil.feeds.formats.nmea_clocks import REACH_BYTES
from seavigil.records import TimeSource
from tests.feeds.cutting import RECEIVED_US, feed
from tests.feeds.nmea_writing import pghp, position_report, sentence, tag_block, vdm

SHIP, FILL = position_report()
LINE = vdm(SHIP, FILL)
OWN = "!" + sentence(f"BSVDO,1,1,,A,{SHIP},{FILL}")
TAG_S, TRAILER_S = 1_671_620_143, 1_412_524_603
PGHP_S = datetime(2013, 11, 12, 12, 0, 0, 11_000, tzinfo=UTC).timestamp()
ANNOUNCED = pghp(LINE[-2:])


def clock(*lines: str, row: int = -1) -> tuple[TimeSource, float, str | None]:
    """Give time source, Unix time in seconds and station of the last report in the lines."""
    reports = feed(NmeaReceiver("a"), "\n".join(lines).encode()).reports.to_pylist()
    last = reports[row]
    return TimeSource(last["time_source"]), last["time_us"].timestamp(), last["station"]


RECEIVED = (TimeSource.RECEIVED, RECEIVED_US / 1e6, None)


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        ([LINE], RECEIVED),
        ([tag_block(f"s:2573135,c:{TAG_S}") + LINE], (TimeSource.TAG_BLOCK, TAG_S, "2573135")),
        ([tag_block(f"c:{TAG_S}250,s:x") + LINE], (TimeSource.TAG_BLOCK, TAG_S + 0.25, "x")),
        ([tag_block(f"q:u,n:157036,T:2014 x,c:{TAG_S}") + LINE], (TimeSource.TAG_BLOCK, TAG_S, None)),
        ([tag_block(f"c:{TAG_S}"), LINE], (TimeSource.TAG_BLOCK, TAG_S, None)),
        ([ANNOUNCED, LINE], (TimeSource.PGHP, PGHP_S, "2190067")),
        ([tag_block("si:AISD"), ANNOUNCED, LINE], (TimeSource.PGHP, PGHP_S, "2190067")),
        ([tag_block("si:AISD"), pghp(LINE[-2:], ""), LINE], (TimeSource.PGHP, PGHP_S, "AISD")),
        ([tag_block("si:MSSIS"), f"{LINE},{TRAILER_S}"], (TimeSource.TRAILER, TRAILER_S, "MSSIS")),
        (
            [f"{LINE},d-109,S2105,t050056.00,T56.1,r003669946,{TRAILER_S},1325394001"],
            (TimeSource.TRAILER, TRAILER_S, "r003669946"),
        ),
        ([f"{LINE},s28089,x147521,r08TPHI1,124295896"], (TimeSource.RECEIVED, RECEIVED_US / 1e6, "r08TPHI1")),
        (
            [tag_block(f"c:{TAG_S}"), ANNOUNCED, f"{LINE},{TRAILER_S}"],
            (TimeSource.TAG_BLOCK, TAG_S, "2190067"),
        ),
        ([ANNOUNCED, f"{LINE},{TRAILER_S}"], (TimeSource.PGHP, PGHP_S, "2190067")),
        ([pghp("00"), OWN], (TimeSource.PGHP, PGHP_S, "2190067")),
    ],
)
def test_where_the_time_comes_from(lines: list[str], expected: tuple[TimeSource, float, str | None]) -> None:
    """Tag block before $PGHP before trailer before our own clock; the row says which, and the station."""
    assert clock(*lines) == expected


@pytest.mark.parametrize(
    "lines",
    [
        [ANNOUNCED, LINE, LINE],
        [ANNOUNCED, "$GPGLL,5310.8115,N,00525.7025,E,195719,A,A*4D", LINE],
        [pghp(f"{int(LINE[-2:], 16) ^ 1:02X}"), LINE],
        [pghp("00"), LINE] if LINE[-2:] != "00" else [LINE],
        [ANNOUNCED, pghp("FF" if LINE[-2:] != "FF" else "FE"), LINE],
        [ANNOUNCED[:-2] + "00", LINE] if ANNOUNCED[-2:] != "00" else [LINE],
        [tag_block(f"c:{TAG_S}"), LINE, LINE],
        [tag_block(f"c:{TAG_S}"), "x" * 2_000, LINE],
        [tag_block(f"c:{TAG_S}"), *["# remark"] * (REACH_BYTES // 9 + 1), LINE],
        [tag_block("c:12415440354") + LINE],
        [tag_block("c:-5") + LINE],
        [f"{LINE},0000000001"],
    ],
)
def test_a_clock_that_is_not_the_sentences_own_is_not_used(lines: list[str]) -> None:
    """Used up, announced for another sentence, damaged, too far away or implausible: received instead."""
    assert clock(*lines) == RECEIVED


def test_a_pghp_of_another_sentence_is_counted() -> None:
    """A $PGHP whose announced checksum is not that of the next sentence is not lost without trace."""
    decoded = feed(NmeaReceiver("a"), f"{pghp(f'{int(LINE[-2:], 16) ^ 1:02X}')}\n{LINE}".encode())
    assert decoded.counts["pghp_of_another_sentence"] == 1


def test_an_unusable_tag_block_time_is_counted() -> None:
    """A time in the year 2363, as in a sample of pyais, is no time, and counted."""
    decoded = feed(NmeaReceiver("a"), (tag_block("c:12415440354") + LINE).encode())
    assert decoded.counts["tag_block_time_unusable"] == 1


@pytest.mark.parametrize(("flip", "expected"), [(0, TimeSource.PGHP), (1, TimeSource.RECEIVED)])
def test_pghp_before_a_message_in_two_parts(flip: int, expected: TimeSource) -> None:
    """Before several parts $PGHP announces the exclusive or of their checksums, as in the Danish network."""
    parts = vdm(SHIP[:20], 0, 2, 1, "3"), vdm(SHIP[20:], FILL, 2, 2, "3")
    together = int(parts[0][-2:], 16) ^ int(parts[1][-2:], 16) ^ flip
    assert clock(pghp(f"{together:02X}"), *parts)[0] == expected


def test_a_single_sentence_takes_the_time_of_its_group() -> None:
    """Only the first sentence of a tag-block group has the time; the second one shares it."""
    lines = tag_block(f"g:1-2-73874,s:b1,c:{TAG_S}") + LINE, tag_block("g:2-2-73874") + LINE
    assert clock(*lines) == (TimeSource.TAG_BLOCK, TAG_S, "b1")


def test_type_4_does_not_set_the_clock() -> None:
    """A base station's own UTC report (libais' example) leaves the time of reports alone."""
    assert clock("!AIVDM,1,1,,A,403OviQuMGCqWrRO9>E6fE700@GO,0*4D") == RECEIVED


def test_a_station_name_is_printable() -> None:
    """Bytes that are no text do not reach the table."""
    body = b"s:\xff\xfe\x01q,c:1671620143"
    total = 0
    for byte in body:
        total ^= byte
    data = b"\\" + body + f"*{total:02X}\\{LINE}".encode()
    assert feed(NmeaReceiver("a"), data).reports["station"].to_pylist() == ["???q"]
