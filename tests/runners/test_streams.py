"""Each connection of a live feed is decoded by itself, and what it sends is recognised however it is cut."""

import pickle
from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from seavigil.records import Decoded, join
from seavigil.runners.streams import Streams


def lines(count: int) -> bytes:
    """Write sentences of one ship, ten seconds apart."""
    from seavigil.exercises.sentences import checksum

    told = []
    for number in range(count):
        tag = f"s:station,c:{1735122360 + 10 * number}"
        told.append(
            f"\\{tag}*{checksum(tag):02X}\\!AIVDM,1,1,,A,13u?etPv2;0n:dDPwUM1U1Cb069D,0*24\r\n".encode()
        )
    return b"".join(told)


def heard(data: bytes, cuts: list[int], *, thaw: bool = False) -> Decoded:
    """Decode one connection that comes in pieces."""
    streams = Streams()
    streams.feed(1, "coast", None)
    edges = [0, *sorted(min(c, len(data)) for c in cuts), len(data)]
    parts = []
    for a, b in pairwise(edges):
        parts.append(streams.receive(1, 1, data[a:b], 7))
        streams = pickle.loads(pickle.dumps(streams)) if thaw else streams
    return join([*parts, streams.close(1, 1, 7)])


@settings(max_examples=60, deadline=None)
@given(st.lists(st.integers(0, 1200), max_size=8), st.binary(max_size=40))
def test_a_stream_gives_the_same_however_it_is_cut_and_whatever_comes_before_its_first_line(
    cuts, before
) -> None:
    """A connection may begin within a line, and be stored and woken anywhere."""
    data = before.replace(b"\n", b"").replace(b"\r", b"") + b"\n" + lines(10)
    whole, cut = heard(data, []), heard(data, cuts, thaw=True)
    assert whole.reports.equals(cut.reports)
    assert whole.rejects.equals(cut.rejects)


def test_a_line_cut_by_the_connection_is_no_table_of_a_format_of_its_own() -> None:
    """The rest of a sentence has commas as a table has."""
    assert heard(b"etPv2;0n:dDPwUM1U1Cb069D,0*24\r\n" + lines(3), []).reports.num_rows == 3


def test_two_connections_of_one_feed_do_not_mix() -> None:
    """Half a line of one, a line of the other, the rest of the first."""
    streams = Streams()
    streams.feed(1, "coast", "nmea")
    data = lines(1)
    parts = [streams.receive(1, 1, data[:50], 7), streams.receive(1, 2, data, 7)]
    parts.append(streams.receive(1, 1, data[50:], 7))
    assert join(parts).reports.num_rows == 2
    assert join(parts).rejects.num_rows == 0


def test_a_connection_that_breaks_within_a_line_leaves_a_reject_and_the_next_begins_anew() -> None:
    """Half a sentence is counted, not joined to another."""
    streams = Streams()
    streams.feed(1, "coast", "nmea")
    data = lines(1)
    parts = [streams.receive(1, 1, data[:-20], 7), streams.close(1, 1, 7)]
    assert join(parts).rejects.num_rows == 1
    assert streams.receive(1, 2, data, 7).reports.num_rows == 1


def test_garbage_is_rejected_counted_and_bounded_and_sentences_behind_it_are_found() -> None:
    """A feed may begin to make sense late."""
    found = heard(b"\x00\xff\x17 nonsense\n" * 20_000 + lines(2), [])
    assert found.counts["unknown_format"] == 20_000 * 13 // 65_536
    assert found.reports.num_rows == 2


def test_a_feed_that_ends_before_anything_is_known_is_rejected() -> None:
    """Five letters are no format."""
    assert heard(b"hello", []).rejects["fault"].to_pylist() == ["unknown_format"]


def test_a_decoder_that_fails_costs_its_chunk_and_the_feed_goes_on(monkeypatch) -> None:
    """An error nobody foresaw is a reject like others."""
    from seavigil.feeds.formats.nmea import NmeaReceiver

    streams = Streams()
    streams.feed(1, "coast", "nmea")
    sound = NmeaReceiver.receive

    def broken(self, chunk, *, received_us):
        if b"poison" in chunk:
            raise ZeroDivisionError("unforeseen")
        return sound(self, chunk, received_us=received_us)

    monkeypatch.setattr(NmeaReceiver, "receive", broken)
    assert streams.receive(1, 1, b"poison\n", 7).rejects["fault"].to_pylist() == ["decoder_failed"]
    assert streams.receive(1, 1, lines(1), 7).reports.num_rows == 1
