"""The raw log: everything that can change what is judged, in one order, on disk before it is judged.

One process writes, any number read. The newest segment is open and plain; a full or old one is sealed
in the background. What it is for and what it promises is told in `docs/explanation/raw-log.md`.
"""

from __future__ import annotations

import os
import threading
import time
from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from errno import EIO
from pathlib import Path
from types import TracebackType

from seavigil.store.rawlog_notes import Pruned, note_needed
from seavigil.store.rawlog_prune import prune
from seavigil.store.rawlog_read import Lost, read_log
from seavigil.store.rawlog_records import Entry, Head, Kind, Record, pack
from seavigil.store.rawlog_recover import lock, own_id, recover
from seavigil.store.rawlog_seal import FRAME_BYTES
from seavigil.store.rawlog_sealer import Sealer
from seavigil.store.rawlog_segments import LogInUse, LogNotWritable, Segment
from seavigil.store.rawlog_tail import Tail, newest, not_writable

__all__ = [
    "Entry",
    "Kind",
    "LogInUse",
    "LogNotWritable",
    "Lost",
    "RawLog",
    "RawLogParams",
    "Record",
    "read_log",
]


@dataclass(frozen=True)
class RawLogParams:
    """How a log is cut and synced. All are own choices."""

    segment_bytes: int = 64 << 20  #: minutes of a busy sea
    segment_s: float = 3600.0  #: what came an hour ago is sealed and chained
    sync_s: float = 1.0  #: what a power cut may cost, in time...
    sync_bytes: int = 4 << 20  #: ...and in bytes
    frame_bytes: int = FRAME_BYTES  #: what damage to a sealed segment costs

    def __post_init__(self) -> None:
        for name in ("segment_bytes", "segment_s", "sync_s", "sync_bytes", "frame_bytes"):
            if not getattr(self, name) > 0:
                raise ValueError(f"{name} is {getattr(self, name)}: it must be above 0")


class RawLog:
    """A log that this process writes. Opened, it is whole: a torn end has been cut off and kept aside.

    Methods may be called from any thread. Raises `LogInUse` when another process writes it and
    `LogNotWritable` when it cannot be written, both of them ``OSError``.
    """

    def __init__(self, folder: Path, params: RawLogParams = RawLogParams()) -> None:
        self.folder = folder
        self._params = params
        self._guard = threading.Lock()
        self._said: deque[str] = deque(maxlen=1_000)
        self._lock = lock(folder)
        try:
            found = recover(folder)
            #: What tells it from every other log; a copy has the same.
            self.log_id = own_id(folder)
        except BaseException:
            os.close(self._lock)
            raise
        self._said.extend(found.said)
        self._tail, self._next_seq, self._feeds = found.tail, found.next_seq, found.feeds
        self._begun_s = time.monotonic()
        self._written = self._synced = 0  # bytes since it was opened
        self._doubtful = self._rewriting = self._closed = False
        self._wake = threading.Event()
        self._syncing = threading.Thread(target=self._sync_on, name="rawlog-sync", daemon=True)
        self._syncing.start()
        self._sealer = Sealer(folder, params.frame_bytes, self._said.append)
        self._sealer.before(self._tail.segment.first_seq)

    def __enter__(self) -> RawLog:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    @property
    def next_seq(self) -> int:
        """The number that the next record will have."""
        return self._next_seq

    @property
    def feeds(self) -> tuple[Record, ...]:
        """The newest FEED record of each feed, in the log's order."""
        return newest(self._feeds)

    @property
    def unsynced_bytes(self) -> int:
        """How much a power cut would take now."""
        return self._written - self._synced

    def notices(self) -> list[str]:
        """Give what there is to say since the last call, in words: cut ends, lost records, failed syncs."""
        return [self._said.popleft() for _ in range(len(self._said))]

    def append(self, entries: Sequence[Entry]) -> int:
        """Write entries down, in order; gives the number of the last record of the log.

        On return they are with the operating system: killing this process loses none. Raises
        `LogNotWritable`, after which none of them is in the log and it may be tried again, and
        ``ValueError`` where one does not fit.
        """
        with self._guard:
            self._check_open()
            if entries:
                data = pack(entries, self._next_seq)
                if self._is_full(len(data)):
                    self._roll(self._next_seq, entries[0].wall_us)
                self._tail.write(data, self._next_seq)
                self._remember_feeds(entries)
                self._written += len(data)
                self._next_seq += len(entries)
                if self.unsynced_bytes >= self._params.sync_bytes:
                    self._wake.set()
            return self._next_seq - 1

    def _check_open(self) -> None:
        if self._closed:
            raise ValueError(f"{self.folder}: this raw log has been closed")

    def _remember_feeds(self, entries: Sequence[Entry]) -> None:
        for seq, e in enumerate(entries, self._next_seq):
            if e.kind is Kind.FEED:
                self._feeds[e.feed] = Record(seq, e.kind, e.wall_us, e.feed, e.stream, e.payload)

    def _is_full(self, more_bytes: int) -> bool:
        too_much = self._tail.size + more_bytes > self._params.segment_bytes
        too_old = time.monotonic() - self._begun_s >= self._params.segment_s
        return (too_much or too_old or self._doubtful) and not self._tail.empty

    def _roll(self, first_seq: int, begun_us: int, *, after_gap: bool = False) -> None:
        """Begin a new segment; the old one, which no power cut may touch any more, is to be sealed."""
        old = self._tail
        if not self._doubtful:
            old.sync()
            self._synced = self._written
        head = Head(first_seq, begun_us, after_gap, newest(self._feeds))
        self._tail = Tail.create(Segment(self.folder, first_seq), head)
        old.close()
        if old.empty:
            old.segment.plain_path.unlink()
        self._rewriting, self._doubtful = self._rewriting or self._doubtful, False
        self._begun_s = time.monotonic()
        self._sealer.before(first_seq)

    def roll(self) -> None:
        """Close the open segment and begin another, unless it is empty. Raises `LogNotWritable`."""
        with self._guard:
            self._check_open()
            if not self._tail.empty:
                self._roll(self._next_seq, 0)

    def skip_to(self, seq: int) -> None:
        """Give no number below ``seq`` any more, where a power cut took records that were judged already.

        Does nothing when the log is as far. Raises `LogNotWritable`.
        """
        with self._guard:
            self._check_open()
            if seq > self._next_seq:
                lost = f"records {self._next_seq} to {seq - 1} were judged, but are not in the log any more"
                self._roll(seq, 0, after_gap=True)
                self._said.append(lost)
                self._next_seq = seq

    def settle(self) -> bool:
        """Wait until closed segments have been sealed; gives whether all are."""
        return self._sealer.settle()

    def sync(self) -> None:
        """Bring all that was appended onto the disk: on return a power cut loses none of it.

        Raises `LogNotWritable`. A new segment is begun then, and the old one written anew when it is
        sealed: a disk that failed once to write something later says that it has.
        """
        with self._guard:
            self._check_open()
            tail, written = self._tail, self._written
        try:
            tail.sync()
        except LogNotWritable:
            self._doubtful = True
            raise
        except OSError as fault:  # not tried: too many open files
            raise not_writable(tail.segment, fault) from fault
        if self._rewriting and not self._sealer.settle():
            raise not_writable(tail.segment, OSError(EIO, "what could not be synced is not sealed yet"))
        self._rewriting = False
        with self._guard:
            self._synced = max(self._synced, written)

    def _sync_on(self) -> None:
        failing = False
        while True:
            self._wake.wait(self._params.sync_s)
            self._wake.clear()
            if self._closed:
                return
            if self.unsynced_bytes:
                failing = not self._synced_quietly(said=failing)

    def _synced_quietly(self, *, said: bool) -> bool:
        try:
            self.sync()
        except (OSError, ValueError) as fault:
            if not said and not self._closed:
                self._said.append(f"not brought onto the disk: {fault}")
            return False
        return True

    def read(self, from_seq: int = 1) -> Iterator[Record]:
        """Give the records from ``from_seq`` on that have been appended when reading begins, in order.

        Records that cannot be read are told by `notices`. Raises ``OSError``.
        """
        with self._guard:
            start, last_seq = self._tail.place(from_seq), self._next_seq - 1
        return read_log(self.folder, from_seq, say=self._lost, last_seq=last_seq, start=start)

    def _lost(self, lost: Lost) -> None:
        self._said.append(str(lost))

    def keep_from(self, seq: int) -> None:
        """Note that records from ``seq`` on are needed after a crash: none of them is pruned, by anybody.

        Raises ``OSError``.
        """
        note_needed(self.folder, seq)

    def prune(
        self, keep_s: float | None = None, keep_bytes: int | None = None, *, keep_from_seq: int | None = None
    ) -> list[Pruned]:
        """Let the oldest sealed segments go, as `rawlog_prune.prune` says; gives those that went."""
        return prune(self.folder, keep_s, keep_bytes, keep_from_seq=keep_from_seq)

    def close(self) -> None:
        """Sync and let go of the log. Raises `LogNotWritable`; it is closed nevertheless."""
        with self._guard:
            if self._closed:
                return
            self._closed = True
        self._wake.set()
        self._syncing.join()
        self._sealer.close()
        try:
            self._tail.sync()
        finally:
            self._tail.close()
            os.close(self._lock)
