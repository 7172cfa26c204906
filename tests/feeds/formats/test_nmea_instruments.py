"""The time of the own ship's instruments: what is believed, for how long, and what it is worth."""

from __future__ import annotations

import gzip
import re
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from seavigil.feeds.formats.nmea import NmeaReceiver
from seavigil.feeds.formats.nmea_instruments import (
    EARLIEST_INSTRUMENT_US,
    INSTRUMENT_REACH_BYTES,
    INSTRUMENT_REACH_US,
    ROLLOVER_US,
)
from seavigil.records import DAY_US, Decoded, TimeSource
from tests.feeds.cutting import RECEIVED_US, cut_places, feed, same
from tests.feeds.nmea_writing import pghp, position_report, rmc, sentence, tag_block, vdm, zda

SHIP, FILL = position_report()
LINE = vdm(SHIP, FILL)
PARTS = vdm(SHIP[:20], 0, 2, 1, "3"), vdm(SHIP[20:], FILL, 2, 2, "3")
RECEIVED = (TimeSource.RECEIVED, RECEIVED_US / 1e6)
FIRST_CS, LAST_CS = EARLIEST_INSTRUMENT_US // 10_000, 347_129_279_999  # 2079-12-31T23:59:59.99


def unix_s(text: str) -> float:
    """Give the Unix time of an ISO 8601 time in UTC."""
    return datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp()


EVENING_S = unix_s("2014-04-16T19:57:19")
EVENING = (TimeSource.INSTRUMENTS, EVENING_S)


def times(*lines: str) -> list[tuple[TimeSource, float]]:
    """Give time source and Unix time in seconds of the reports in the lines."""
    return told(feed(NmeaReceiver("a"), "\r\n".join(lines).encode()))


def told(decoded: Decoded) -> list[tuple[TimeSource, float]]:
    """Give time source and Unix time in seconds of reports."""
    rows = decoded.reports.to_pylist()
    return [(TimeSource(row["time_source"]), row["time_us"].timestamp()) for row in rows]


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("GPZDA,195719,16,04,2014,-02,00", "2014-04-16T19:57:19"),
        ("GPZDA,195719,16,04,14,-02,00", "2014-04-16T19:57:19"),
        ("GPZDA,201530.00,04,07,2002,,", "2002-07-04T20:15:30"),
        ("INZDA,000000.125,29,02,2024,00,00", "2024-02-29T00:00:00.125"),
        ("GNRMC,092725.50,A,4717.113,N,00833.915,E,0.004,77.52,091202,,,A,V", "2002-12-09T09:27:25.5"),
        ("GPRMC,235959,A,,,,,,,311279,,", "2079-12-31T23:59:59"),
        ("GPRMC,092725.,A,,,,,,,091202,,", "2002-12-09T09:27:25"),
    ],
)
def test_what_is_read(body: str, expected: str) -> None:
    """Any talker, with and without decimals, zone, position and mode; the zone changes nothing."""
    assert times("$" + sentence(body), LINE) == [(TimeSource.INSTRUMENTS, unix_s(expected))]


@given(st.integers(FIRST_CS, LAST_CS), st.sampled_from([zda, rmc]), st.binary(max_size=30))
def test_every_moment_is_read(time_cs: int, write: Callable[[str], str], noise: bytes) -> None:
    """Any hundredth of a second of 2002 to 2079 comes back, whatever stood before it."""
    assume(abs(RECEIVED_US - time_cs * 10_000 - ROLLOVER_US) > DAY_US)
    moment = datetime.fromtimestamp(time_cs // 100, UTC).replace(microsecond=time_cs % 100 * 10_000)
    data = noise + b"\n" + f"{write(moment.isoformat())}\n{LINE}".encode()
    reports = feed(NmeaReceiver("a"), data).reports.to_pylist()
    assert (reports[-1]["time_source"], reports[-1]["time_us"]) == (TimeSource.INSTRUMENTS, moment)


@pytest.mark.parametrize(
    "body",
    [
        "GPRMC,195719,V,5310.8115,N,00525.7025,E,0.0,0.0,160414,0.7,E,N",
        "GPRMC,195719,,5310.8115,N,00525.7025,E,0.0,0.0,160414,0.7,E,A",
        "GPRMC,195719,AV,5310.8115,N,00525.7025,E,0.0,0.0,160414,0.7,E,A",
        "GPRMC,195719,A,5310.8115,N,00525.7025,E,0.0,0.0,,0.7,E,A",
        "GPRMC,,A,5310.8115,N,00525.7025,E,0.0,0.0,160414,0.7,E,A",
        "GPRMC,195719,A,5310.8115,N,00525.7025,E,0.0,0.0,16042014,0.7,E,A",
        "GPRMC,195719,A,160414",
        "GPRMC,195719,A,5310.8115,N,00525.7025,E,0.0,0.0,220899,0.7,E,A",
        "GPZDA,,,,,,",
        "GPZDA,195719,16,04",
        "GPZDA,195719,31,04,2014,,",
        "GPZDA,195719,16,13,2014,,",
        "GPZDA,245719,16,04,2014,,",
        "GPZDA,195760,16,04,2014,,",
        "GPZDA,19571,16,04,2014,,",
        "GPZDA,1957190,16,04,2014,,",
        "GPZDA,195719.x,16,04,2014,,",
        "GPZDA,195719,16,04,014,,",
        "GPZDA,195719,06,01,1980,,",
        "GPZDA,235959,31,12,2001,,",
        "GPZDA,195719,16,04,2114,,",
        "GPZDA,221320,31,03,2004,,",
    ],
)
def test_what_says_no_time(body: str) -> None:
    """Void, empty, cut short, impossible, before AIS, or 1,024 weeks before receipt: counted, not used."""
    decoded = feed(NmeaReceiver("a"), f"{zda('2014-04-16T19:57:19')}\n${sentence(body)}\n{LINE}".encode())
    assert (told(decoded), decoded.counts["instrument_time_unusable"]) == ([EVENING], 1)
    assert times("$" + sentence(body), LINE) == [RECEIVED]


@pytest.mark.parametrize(
    "line",
    [
        "$GPZDA,195719,16,04,14,-02,00*64",
        "$GPZDA,195719,16,04,14,-02,00",
        "# $GPZDA,195719,16,04,14,-02,00*63",
        "!" + sentence("GPZDA,195719,16,04,14,-02,00"),
        "$" + sentence("PXZDA,195719,16,04,14,-02,00"),
        "$" + sentence("GPZDAX,195719,16,04,14,-02,00"),
        "$GPGGA,195719,5310.8115,N,00525.7025,E,1,00,1.10,-2,M,,M,,*57",
    ],
)
def test_what_is_no_such_sentence(line: str) -> None:
    """A wrong or missing checksum, a remark, a proprietary sentence, a time without a date."""
    assert times(line, LINE) == [RECEIVED]


def test_it_holds_until_the_next_one() -> None:
    """Before the first one nothing is known; a clock set back is believed as one set on."""
    first, later, back = (f"2014-04-16T19:{time}" for time in ("57:19", "58:00", "57:00"))
    lines = [LINE, zda(first), LINE, LINE, rmc(later), LINE, zda(back), LINE]
    after = [(TimeSource.INSTRUMENTS, unix_s(time)) for time in (first, first, later, back)]
    assert times(*lines) == [RECEIVED, *after]


@pytest.mark.parametrize(
    ("lines", "source"),
    [
        ([tag_block("c:1671620143") + LINE], TimeSource.TAG_BLOCK),
        ([pghp(LINE[-2:]), LINE], TimeSource.PGHP),
        ([f"{LINE},1412524603"], TimeSource.TRAILER),
        ([tag_block("c:12415440354") + LINE], TimeSource.INSTRUMENTS),
        (["!" + sentence(f"AIVDO,1,1,,,{SHIP},{FILL}")], TimeSource.INSTRUMENTS),
    ],
)
def test_any_clock_of_the_sentence_is_better(lines: list[str], source: TimeSource) -> None:
    """Tag block, $PGHP and trailer come first; the own ship's reports are timed like the others."""
    [(found, _)] = times(zda("2014-04-16T19:57:19"), *lines)
    assert found == source


def test_a_message_in_parts_has_the_time_at_which_it_is_complete() -> None:
    """The time between its parts is that of the message, in one buffer or in two."""
    lines = [
        rmc("2014-04-16T19:57:18"),
        PARTS[0],
        zda("2014-04-16T19:57:19"),
        PARTS[1],
    ]
    assert times(*lines) == [EVENING]
    assert times(*lines[2:3], *PARTS) == [EVENING]
    data = "\r\n".join(lines).encode()
    assert told(feed(NmeaReceiver("a"), data, [len(data) - 9])) == [EVENING]


def test_it_counts_when_its_checksum_is_there() -> None:
    """A line that is not complete says nothing yet, cut where you will."""
    lines = [zda("2014-04-16T19:57:18"), LINE, rmc("2014-04-16T19:57:19"), LINE, ""]
    data = "\n".join(lines).encode()
    whole = feed(NmeaReceiver("a"), data)
    assert [t for _, t in told(whole)] == [EVENING_S - 1, EVENING_S]
    assert all(same(feed(NmeaReceiver("a"), data, [cut]), whole) for cut in range(len(data)))


@pytest.mark.parametrize(("beyond", "expected"), [(0, EVENING), (1, RECEIVED)])
@pytest.mark.parametrize("step", [100_000, 1 << 30])
def test_it_reaches_so_many_bytes(beyond: int, expected: tuple[TimeSource, float], step: int) -> None:
    """A receiver gone silent does not time the rest of a recording, however that is cut."""
    said = zda("2014-04-16T19:57:19").encode()
    filled = said + b"\n# remark" * (INSTRUMENT_REACH_BYTES // 9)
    data = filled[: INSTRUMENT_REACH_BYTES + beyond - 1] + b"\n" + LINE.encode()
    assert told(feed(NmeaReceiver("a"), data, range(0, len(data), step))) == [expected]


@pytest.mark.parametrize(("late_us", "expected"), [(0, TimeSource.INSTRUMENTS), (1, TimeSource.RECEIVED)])
def test_it_reaches_so_far_by_our_clock(late_us: int, expected: TimeSource) -> None:
    """A live feed whose satellite receiver went silent goes on with our time."""
    receiver = NmeaReceiver("a")
    receiver.receive(f"{zda('2014-04-16T19:57:19')}\n".encode(), received_us=RECEIVED_US)
    after_us = RECEIVED_US + INSTRUMENT_REACH_US + late_us
    [(found, _)] = told(receiver.receive(f"{LINE}\n".encode(), received_us=after_us))
    assert found == expected


def test_what_is_kept_of_it_is_one_time() -> None:
    """However many are heard, the state is the last."""
    receiver = NmeaReceiver("a")
    for second in range(60):
        line = zda(f"2014-04-16T19:57:{second:02d}") + "\n"
        receiver.receive(line.encode() * 3, received_us=RECEIVED_US)
    assert len(receiver._instruments._last.at) == 1


def test_the_earliest_is_2002() -> None:
    """The constant is what its comment says."""
    assert unix_s("2002-01-01T00:00:00") * 1e6 == EARLIEST_INSTRUMENT_US


def _onboard(shared_data: Path) -> bytes:
    return gzip.decompress((shared_data / "ais/nl-onboard-nmea0183.log.gz").read_bytes())


def test_a_yachts_log_spans_what_its_clock_says(shared_data: Path) -> None:
    """Read by a regular expression, ZDA says when each report came; ten come before the first."""
    raw = _onboard(shared_data)
    said, expected = None, []
    for line in raw.decode("latin-1").splitlines():
        if found := re.fullmatch(r"\$GPZDA,(\d{6}),(\d\d),(\d\d),(\d\d),-02,00\*..", line):
            said = datetime.strptime("".join(found.groups()), "%H%M%S%d%m%y").replace(tzinfo=UTC)
        elif found := re.fullmatch(r"!AIVDM,1,1,\d?,[AB]?,(\S+),\d\*..", line):
            expected.append((found[1], said))
    clocks = [re.findall(rb"(?m)^\$GP%b,(\d{6})," % kind, raw) for kind in (b"ZDA", b"RMC")]
    assert clocks[0] == clocks[1]
    assert set(re.findall(rb"\$GPRMC,(?:[^,]*,){8}(\d+)", raw)) == {b"160414"}
    assert (len(clocks[0]), said) == (142, datetime(2014, 4, 16, 19, 59, 40, tzinfo=UTC))
    reports = feed(NmeaReceiver("a"), raw).reports.to_pylist()
    times_us = [r["time_us"] for r in reports if r["time_source"] == TimeSource.INSTRUMENTS]
    assert [r["time_source"] for r in reports[:10]] == [TimeSource.RECEIVED] * 10
    assert len(times_us) == len(reports) - 10
    assert (min(times_us), max(times_us)) == (datetime(2014, 4, 16, 19, 57, 19, tzinfo=UTC), said)


def test_a_yachts_log_agrees_with_the_ships_own_seconds(shared_data: Path) -> None:
    """Ships send the second of their fix: nine in ten are within two seconds of the yacht's clock."""
    reports = feed(NmeaReceiver("a"), _onboard(shared_data)).reports.to_pylist()
    ahead_s = [
        (row["utc_second"] - row["time_us"].second + 30) % 60 - 30
        for row in reports
        if row["time_source"] == TimeSource.INSTRUMENTS and row["utc_second"] is not None
    ]
    assert len(ahead_s) > 1_200
    assert np.mean(np.abs(ahead_s) <= 2) > 0.9
    assert abs(np.median(ahead_s)) <= 1


@given(st.data(), cut_places)
def test_a_yachts_log_cut_anywhere(shared_data: Path, data: st.DataObject, cuts: list[int]) -> None:
    """A stretch of instruments and AIS mixed gives the same rows however it is cut."""
    raw = _onboard(shared_data)
    begin = data.draw(st.integers(0, len(raw) - 6_000))
    stretch = raw[begin : begin + 6_000]
    assert same(feed(NmeaReceiver("a"), stretch, cuts), feed(NmeaReceiver("a"), stretch))
