"""What a feed sent comes out byte for byte, connection by connection, however it was interleaved."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from seavigil.feeds.formats.nmea import NmeaReceiver
from seavigil.store import rawlog_export
from seavigil.store.rawlog import Entry, Kind, RawLog
from seavigil.store.rawlog_export import Exported, export, tag_block
from seavigil.store.rawlog_segments import segments
from tests.store.logs import BEGAN_US, SECOND_US, data, feed, small, written


def opened(stream: int, feed_: int = 1) -> Entry:
    """Give the record of a connection."""
    return Entry(Kind.OPENED, BEGAN_US, feed_, stream, json.dumps({"peer": "203.0.113.5:10110"}).encode())


def closed(stream: int, feed_: int = 1) -> Entry:
    """Give the record of a connection's end."""
    return Entry(Kind.CLOSED, BEGAN_US, feed_, stream, b'{"why": "peer closed"}')


def exported(folder: Path, name: str = "coast", **options: object) -> tuple[bytes, Exported]:
    """Write out what a feed sent; gives it. Nothing may be lost."""
    out = folder.parent / f"{folder.name}.out"
    out.unlink(missing_ok=True)
    lost: list[object] = []
    done = export(folder, name, out, say=lost.append, **options)  # type: ignore[arg-type]
    assert lost == []
    assert done.size == out.stat().st_size
    return out.read_bytes(), done


pieces = st.binary(min_size=1, max_size=20)


@given(
    st.lists(st.tuples(st.integers(0, 3), st.integers(1, 2), pieces), max_size=30), st.integers(300, 2_000)
)
@settings(max_examples=30)
def test_what_went_in_comes_out(
    tmp_path_factory: pytest.TempPathFactory, sent: list[tuple[int, int, bytes]], segment_bytes: int
) -> None:
    """Four connections of two feeds, interleaved in any way: each feed's come out one behind another."""
    folder = tmp_path_factory.mktemp("log") / "log"
    given_ = [feed(1, "coast"), feed(2, "ship"), *(opened(n, f) for f in (1, 2) for n in range(4))]
    given_ += [data(1, payload, stream=stream, feed=number) for stream, number, payload in sent]
    written(folder, given_, small(segment_bytes))
    for number, name in ((1, "coast"), (2, "ship")):
        streams = [b"".join(p for s, f, p in sent if (s, f) == (n, number)) for n in range(4)]
        streams = [stream for stream in streams if stream]
        wanted = b""
        for stream in streams:
            wanted += b"\n" if wanted and not wanted.endswith(b"\n") else b""
            wanted += stream
        content, done = exported(folder, name)
        assert content == wanted
        assert done.streams == len(streams)
        assert done.size - done.parted == sum(map(len, streams))


def test_in_order_of_opening(tmp_path: Path) -> None:
    """The first to open comes first, though another sent before it; a number used again is another."""
    given_ = [feed(1, "coast"), opened(7), opened(3), data(1, b"3a\n", stream=3), data(2, b"7a\n", stream=7)]
    given_ += [closed(7), opened(7), data(3, b"7b\n", stream=7), data(4, b"3b\n", stream=3)]
    written(tmp_path / "log", given_)
    assert exported(tmp_path / "log") == (b"7a\n3a\n3b\n7b\n", Exported(3, 4, 12, 0))


def test_lines_of_two_connections_are_kept_apart(tmp_path: Path) -> None:
    """Where one ended within a line a line end is put between, and counted; none is put at the end."""
    given_ = [feed(1, "coast"), data(1, b"!AIVDM,1", stream=1), data(2, b"!AIVDM,2", stream=2)]
    written(tmp_path / "log", given_)
    assert exported(tmp_path / "log") == (b"!AIVDM,1\n!AIVDM,2", Exported(2, 2, 17, 1))


def test_of_a_stretch_of_time(tmp_path: Path) -> None:
    """From a time on, until before another, by receipt; segments outside of it are not even opened."""
    written(tmp_path / "log", [feed(1, "coast"), *(data(n) for n in range(200))])
    segments(tmp_path / "log")[0].zst_path.write_bytes(b"")
    content, _ = exported(
        tmp_path / "log", from_us=BEGAN_US + 90 * SECOND_US, to_us=BEGAN_US + 120 * SECOND_US
    )
    assert content == b"".join(data(n).payload for n in range(90, 120))


def test_a_feed_that_changed_its_number(tmp_path: Path) -> None:
    """Names count: after a restart the feeds may be numbered otherwise."""
    given_ = [feed(1, "coast"), feed(2, "ship"), data(1, b"coast\n", feed=1), data(2, b"ship\n", feed=2)]
    given_ += [feed(1, "ship"), feed(2, "coast"), data(3, b"SHIP\n", feed=1), data(4, b"COAST\n", feed=2)]
    written(tmp_path / "log", given_)
    assert exported(tmp_path / "log")[0] == b"coast\nCOAST\n"
    assert exported(tmp_path / "log", "ship")[0] == b"ship\nSHIP\n"


def test_a_feed_that_is_not_there(tmp_path: Path) -> None:
    """Said with those that are; nothing is written."""
    written(tmp_path / "log", [feed(1, "coast"), feed(2, "ship"), data(1)])
    with pytest.raises(ValueError, match=r"no feed 'cost' in this log then \(there are: coast, ship\)"):
        exported(tmp_path / "log", "cost")
    assert [path.name for path in tmp_path.iterdir()] == ["log"]


def test_a_feed_without_a_name_is_called_by_its_number(tmp_path: Path) -> None:
    """Whatever its record holds."""
    written(tmp_path / "log", [Entry(Kind.FEED, 0, 5, 0, b"[nonsense"), data(1, b"x", feed=5)])
    assert exported(tmp_path / "log", "feed 5")[0] == b"x"


def test_what_is_lost_is_said(tmp_path: Path) -> None:
    """The rest comes out."""
    written(tmp_path / "log", [feed(1, "coast"), *(data(n) for n in range(1, 200))])
    second, third = segments(tmp_path / "log")[1:3]
    second.zst_path.unlink()
    lost: list[object] = []
    export(tmp_path / "log", "coast", tmp_path / "out", say=lost.append)
    assert [(gone.first_seq, gone.last_seq) for gone in lost] == [(second.first_seq, third.first_seq - 1)]
    kept = [n for n in range(1, 200) if not second.first_seq <= n + 1 < third.first_seq]
    assert (tmp_path / "out").read_bytes() == b"".join(data(n).payload for n in kept)


def test_beside_a_writer(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is appended between the two looks does not disturb; pruning does, is said, and leaves nothing."""
    places = rawlog_export._places
    with RawLog(tmp_path / "log", small()) as log:
        log.append([feed(1, "coast"), *(data(n) for n in range(1, 100))])

        def between(do: Callable[[], object]) -> None:
            monkeypatch.setattr(rawlog_export, "_places", lambda streams: (do(), places(streams))[1])

        between(lambda: log.append([data(n) for n in range(100, 200)]))
        assert exported(tmp_path / "log")[0] == b"".join(data(n).payload for n in range(1, 100))
        log.roll()
        log.append([data(200)])
        log.roll()
        assert log.settle()
        between(lambda: log.prune(keep_bytes=0))
        with pytest.raises(ValueError, match="it was pruned while it was exported; try again"):
            export(tmp_path / "log", "coast", tmp_path / "out", say=lambda lost: None)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["log", "log.out"]


SENTENCE = b"!AIVDM,1,1,,A,13HOI:0P0000VOHLCnHQKwvL05Ip,0*23\n"


def test_tag_blocks_carry_the_time_of_receipt(tmp_path: Path) -> None:
    """A sentence without a time gets one, and the decoder reads it; the checksum is worked out by hand.

    Exclusive or of the characters of c:1763611201 (0x63 0x3a, then digits 1 7 6 3 6 1 1 2 0 1).
    """
    by_hand = 0
    for code in (0x63, 0x3A, 0x31, 0x37, 0x36, 0x33, 0x36, 0x31, 0x31, 0x32, 0x30, 0x31):
        by_hand ^= code
    written(tmp_path / "log", [feed(1, "coast"), data(1, SENTENCE)])
    content, _ = exported(tmp_path / "log", tag_blocks=True)
    assert content == b"\\c:1763611201*%02X\\" % by_hand + SENTENCE
    decoded = NmeaReceiver("x").receive(content, received_us=0)
    assert decoded.reports["time_us"].to_pylist()[0].timestamp() == 1_763_611_201
    assert decoded.rejects.num_rows == 0


@pytest.mark.parametrize(
    "line",
    [
        b"\\c:1735122360*5D\\" + SENTENCE,
        b"\\s:station*14\\\r\n" + SENTENCE,
        b"$PGHP,1,2024,12,25,10,26,0,0,219,,2190048,1,23*31\r\n" + SENTENCE,
        b'{"mmsi": 1}\n',
        b"$GPZDA,102600,25,12,2024,00,00*4C\n",
        b"\n\r\n",
        b"",
    ],
)
def test_what_tells_its_time_or_is_no_sentence_stays(tmp_path: Path, line: bytes) -> None:
    """Byte for byte, wherever it was cut."""
    for cut in range(len(line)):
        folder = tmp_path / str(cut)
        written(folder, [feed(1, "coast"), data(1, line[:cut]), data(2, line[cut:])])
        assert exported(folder, tag_blocks=True)[0] == line


def test_tag_blocks_however_it_was_cut(tmp_path: Path) -> None:
    """One tag a sentence, with the time at which its first byte came."""
    sent = SENTENCE + b"$PGHP,1\n" + SENTENCE + SENTENCE
    for cut in range(1, len(sent)):
        folder = tmp_path / str(cut)
        written(folder, [feed(1, "coast"), data(1, sent[:cut]), data(2, sent[cut:])], small(100_000))
        last = len(sent) - len(SENTENCE)
        tag = tag_block(BEGAN_US + (1 if cut > last else 2) * SECOND_US)
        first = tag_block(BEGAN_US + SECOND_US)
        assert exported(folder, tag_blocks=True)[0] == first + sent[:last] + tag + SENTENCE
