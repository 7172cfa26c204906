"""Recordings sent as if they came now: every byte, cut at line ends, at their own pace times any speed."""

from __future__ import annotations

import asyncio
import gzip
import io
import zipfile
from collections.abc import Callable
from pathlib import Path

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from seavigil.feeds.formats import recognise
from seavigil.feeds.transports.contract import FeedState
from seavigil.feeds.transports.replay import BlockSize, Pacer, Replay, ReplayParams
from seavigil.records import SECOND_US
from tests.feeds.transports.sinks import RecordingSink, play, stopped, until

BEGAN_S = 1_700_000_000


def recorded(seconds: int, per_second: int = 10) -> bytes:
    """Give a recording in which each line is the second it was recorded in."""
    return b"".join(b"%d\n" % (BEGAN_S + at // per_second) for at in range(seconds * per_second))


def newest(block: bytes) -> int | None:
    """Tell the newest time of such lines; what is no number has none."""
    times = [int(line) for line in block.split() if line.isdigit()]
    return max(times) * SECOND_US if times else None


def by_lines(name: str, head: bytes) -> Callable[[bytes], int | None]:
    """Open the pace of any recording of such lines."""
    return newest


class Sleeper:
    """Stands for waiting: notes how long it would have taken, and takes no time."""

    def __init__(self) -> None:
        self.waits_s: list[float] = []

    async def __call__(self, wait_s: float) -> None:
        self.waits_s.append(wait_s)
        await asyncio.sleep(0)


def sent(*sources: Path | str, **options: object) -> RecordingSink:
    """Replay to the end."""
    sink = RecordingSink()
    play(Replay([str(source) for source in sources], **options).run(sink))  # type: ignore[arg-type]
    assert set(sink.ends) == set(sink.peers)
    return sink


def test_a_recording_is_sent_whole(tmp_path: Path) -> None:
    """As fast as the sink takes it: every byte, in blocks that end at line ends, then the end."""
    file = tmp_path / "day.nmea"
    file.write_bytes(recorded(3_000))
    sink = sent(file, params=ReplayParams(block_bytes=10_000))
    assert sink.data() == recorded(3_000)
    assert len(sink.pieces[1]) > 30
    assert all(piece.endswith(b"\n") for piece in sink.pieces[1])
    assert sink.states == [(FeedState.CONNECTED, f"replay of {file}"), (FeedState.ENDED, "")]
    assert sink.peers == {1: str(file)}


def test_packed_files_and_folders_are_streams_of_their_own(tmp_path: Path) -> None:
    """A folder with a plain file, a gzip and a zip of two: four streams, in the order of their names."""
    (tmp_path / "a").write_bytes(b"plain\n")
    (tmp_path / "b.gz").write_bytes(gzip.compress(b"gzip\n"))
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("one", b"first\n")
        archive.writestr("two", b"second without an end")
    (tmp_path / "c.zip").write_bytes(packed.getvalue())
    sink = sent(tmp_path)
    assert [sink.data(n) for n in range(1, 5)] == [
        b"plain\n",
        b"gzip\n",
        b"first\n",
        b"second without an end",
    ]
    assert sink.peers[4] == f"{tmp_path / 'c.zip'}!two"


def test_waits_are_those_of_the_recording_by_speed(tmp_path: Path) -> None:
    """60 times its speed: a recording of 10 minutes takes 10 s, and no step is longer than some tenths."""
    file, sleeper = tmp_path / "day", Sleeper()
    file.write_bytes(recorded(600, per_second=200))
    sink = sent(file, speed=60, open_pace=by_lines, sleep=sleeper)
    assert sink.data() == recorded(600, per_second=200)
    # each wait is from the (standing) clock to the moment when a block is due
    assert sleeper.waits_s[0] == 0
    assert max(sleeper.waits_s) == pytest.approx(599 / 60, abs=0.5)
    steps_s = [b - a for a, b in zip(sleeper.waits_s, sleeper.waits_s[1:], strict=False)]
    assert max(steps_s) < 0.5
    assert sink.states[0][1].endswith("at 60 times its speed")


def test_lines_without_times_are_sent_with_the_others(tmp_path: Path) -> None:
    """A block in which nothing tells the time waits for nothing."""
    file, sleeper = tmp_path / "day", Sleeper()
    file.write_bytes(b"no time here\n" * 1_000)
    sink = sent(file, speed=1, open_pace=by_lines, sleep=sleeper)
    assert sink.data() == b"no time here\n" * 1_000
    assert sleeper.waits_s == []


def test_pacer_goes_by_the_first_moment() -> None:
    """What was recorded 30 s after the first block is due 0.5 s after it at 60 times the speed."""
    pacer = Pacer(60, longest_wait_s=300)
    assert pacer.wait_s(100, 1_000 * SECOND_US) == 0
    assert pacer.wait_s(100, 1_030 * SECOND_US) == 0.5
    assert pacer.wait_s(100.4, 1_030 * SECOND_US) == pytest.approx(0.1)
    assert pacer.wait_s(107, 1_060 * SECOND_US) == 0  # late: caught up with
    assert pacer.wait_s(107, 1_600 * SECOND_US) == 3


def test_pacer_shortens_long_silences() -> None:
    """A recording that goes on the next day waits the longest wait once, and then goes on at its pace."""
    pacer = Pacer(1, longest_wait_s=300)
    pacer.wait_s(0, 0)
    assert pacer.wait_s(0, 86_400 * SECOND_US) == 300
    assert pacer.wait_s(300, 86_410 * SECOND_US) == 10


def test_pacer_survives_a_leap_back() -> None:
    """A file of an earlier day after a later one is sent at its own pace, not all at once."""
    pacer = Pacer(1, longest_wait_s=300)
    pacer.wait_s(0, 86_400 * SECOND_US)
    assert pacer.wait_s(5, 0) == 0
    assert pacer.wait_s(5, 7 * SECOND_US) == 7


@given(st.lists(st.tuples(st.floats(0, 10), st.integers(-(2**62), 2**62)), max_size=50))
def test_no_wait_is_longer_than_the_longest(steps: list[tuple[float, int]]) -> None:
    """Whatever times a broken recording tells, a wait lies between nothing and 300 s."""
    pacer, now_s = Pacer(1, longest_wait_s=300), 0.0
    for later_s, data_us in steps:
        now_s += later_s
        assert 0 <= pacer.wait_s(now_s, data_us) <= 300


def test_blocks_grow_and_shrink_to_the_step() -> None:
    """Blocks that hold less than a step are doubled, those that hold more are halved, within the limits."""
    size = BlockSize(ReplayParams(least_block_bytes=1_000, block_bytes=8_000), step_us=100)
    sizes = []
    for newest_us in (0, 10, 20, 30, 40, 50, 1_000, 2_000, 3_000, 4_000, 4_100):
        size.held(newest_us)
        sizes.append(size.size_bytes)
    assert sizes == [1_000, 2_000, 4_000, 8_000, 8_000, 8_000, 4_000, 2_000, 1_000, 1_000, 1_000]


def test_damage_is_told_and_the_rest_is_sent(tmp_path: Path) -> None:
    """A gzip cut off in the middle gives what it holds; the next file is sent; the end tells of it."""
    (tmp_path / "a.gz").write_bytes(gzip.compress(recorded(5_000))[:-200])
    (tmp_path / "b").write_bytes(b"sound\n")
    sink = sent(tmp_path)
    assert sink.data(1)
    assert recorded(5_000).startswith(sink.data(1))
    assert sink.data(2) == b"sound\n"
    assert sink.counts == {"damaged_recordings": 1}
    assert "end before their end mark" in sink.ends[1]
    assert sink.states[-1] == (FeedState.ENDED, sink.ends[1])


def test_what_cannot_be_read_is_told(tmp_path: Path) -> None:
    """A file that is not there and a table of rows: counted, told in the end, the others sent."""
    table, sound = tmp_path / "table.parquet", tmp_path / "sound"
    pl.DataFrame({"mmsi": [1]}).write_parquet(table)
    sound.write_bytes(b"sound\n")
    sink = sent(tmp_path / "gone", table, sound)
    assert sink.counts == {"unreadable_recordings": 2}
    assert sink.data(2) == b"sound\n"
    assert "no such file" in sink.states[-1][1]
    assert "(2 could not be read in full)" in sink.states[-1][1]


def test_a_recording_without_known_times_is_told(tmp_path: Path) -> None:
    """Where the caller finds no times in it, a pace cannot be kept: it is counted, not sent at any speed."""
    file = tmp_path / "text"
    file.write_bytes(b"Dear Sir\n")

    def none(name: str, head: bytes) -> Callable[[bytes], int | None]:
        raise ValueError(f"{name}: none of the known formats")

    sink = sent(file, speed=1, open_pace=none)
    assert sink.counts == {"unreadable_recordings": 1}
    assert sink.total_bytes == 0
    assert sink.states[-1] == (FeedState.ENDED, f"{file}: none of the known formats")


def test_speeds_that_are_none() -> None:
    """A speed of nothing, or one without knowing the times, is an error in one line."""
    for speed in (0, -1, float("inf"), float("nan")):
        with pytest.raises(ValueError, match="speed must be above 0"):
            Replay(["x"], speed=speed, open_pace=by_lines)
    with pytest.raises(ValueError, match="times in the recording"):
        Replay(["x"], speed=1)


def test_stopped_in_the_middle(tmp_path: Path) -> None:
    """Stopped while it waits: the stream is closed, the file too, nothing is left running."""
    file = tmp_path / "day"
    file.write_bytes(recorded(1_000))

    async def story() -> None:
        sink, waiting = RecordingSink(), asyncio.Event()

        async def wait(wait_s: float) -> None:
            if wait_s:
                await waiting.wait()

        replay = Replay([str(file)], speed=1, open_pace=by_lines, sleep=wait)
        task = asyncio.create_task(replay.run(sink))
        await until(lambda: sink.total_bytes)
        await stopped(task)
        assert sink.ends == {1: "stopped here"}
        assert sink.last() == FeedState.CONNECTED

    play(story())


def test_slow_sink_is_waited_for(tmp_path: Path) -> None:
    """While the sink waits no further block is read: one block is held, no more."""
    file = tmp_path / "day"
    file.write_bytes(recorded(5_000))

    async def story() -> None:
        sink = RecordingSink(gate=asyncio.Event())
        replay = Replay([str(file)], params=ReplayParams(block_bytes=10_000))
        task = asyncio.create_task(replay.run(sink))
        await until(lambda: sink.waiting_bytes)
        for _ in range(100):
            await asyncio.sleep(0)
        assert sink.waiting_bytes <= 10_000
        assert sink.gate is not None
        sink.gate.set()
        await task
        assert sink.data() == recorded(5_000)

    play(story())


def by_decoding(name: str, head: bytes) -> Callable[[bytes], int | None]:
    """Open the pace of a real recording: what its reports tell."""
    receiver = recognise(head, name).open(name)

    def tell(block: bytes) -> int | None:
        times = receiver.receive(block, received_us=0).reports["time_us"]
        return max((time.value for time in times), default=None)

    return tell


def test_a_real_recording_keeps_its_pace(shared_data: Path) -> None:
    """The Danish network's five minutes at 60 times their speed: 5 s, every line, in steps of some tenths."""
    file, sleeper = shared_data / "ais" / "dk-network-20131112.nmea.gz", Sleeper()
    sink = sent(file, speed=60, open_pace=by_decoding, sleep=sleeper)
    assert sink.data() == gzip.decompress(file.read_bytes())
    assert max(sleeper.waits_s) == pytest.approx(300 / 60, abs=1.5)
    assert len(sleeper.waits_s) > 25
