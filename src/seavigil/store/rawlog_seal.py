"""Seals a segment of the raw log: compressed in frames, with digests, chained to the seal before."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import sha256
from itertools import pairwise

import zstandard

from seavigil.store.rawlog_open import BLOCK_BYTES
from seavigil.store.rawlog_records import HEAD_BYTES, Head, Times, goes_on, head_size, parse_head, survey
from seavigil.store.rawlog_segments import Frame, Seal, Segment, sync_folder, write_durably

#: zstd's own default.
LEVEL = 3
#: Damage costs a frame. Own choice: NMEA compresses as well in frames of 1 MiB as at once.
FRAME_BYTES = 1 << 20


@dataclass(frozen=True)
class Extent:
    """How far a plain segment is sound."""

    head: Head | None  #: null when it is damaged; then nothing behind it is looked at
    marks: tuple[tuple[int, int], ...]  #: numbers of some records and the bytes where they begin
    next_seq: int
    sound_bytes: int
    size: int
    damaged: bool  #: what follows the sound bytes is not just a record that is not whole yet
    times: Times | None


def extent(segment: Segment, every_bytes: int = FRAME_BYTES) -> Extent:
    """Look over a plain segment, with a mark every so many bytes. Raises ``OSError``."""
    with segment.plain_path.open("rb") as file:
        size = file.seek(0, 2)
        file.seek(0)
        first = file.read(HEAD_BYTES)
        try:
            head = parse_head(first + file.read(head_size(first) - HEAD_BYTES))
        except ValueError:
            return Extent(None, (), segment.first_seq, 0, size, damaged=True, times=None)
        seq, at, data = head.first_seq, head.size, b""
        marks, times, damaged = [(seq, at)], None, False
        while not damaged and (block := file.read(min(BLOCK_BYTES, every_bytes))):
            data += block
            times, seq, stopped_at, damaged = survey(data, 0, seq, times)
            data, at = data[stopped_at:], at + stopped_at
            if at - marks[-1][1] >= every_bytes:
                marks.append((seq, at))
    damaged = damaged or goes_on(data, seq)
    return Extent(head, tuple(marks), seq, at, max(size, at + len(data)), damaged, times)


def seal(segment: Segment, previous: str | None, frame_bytes: int = FRAME_BYTES) -> Seal:
    """Put a sealed segment in the place of a plain one; gives its seal. Raises ``OSError``.

    At every moment one of the two is there whole. Bytes that cannot be read are kept as they are.
    """
    found = extent(segment, frame_bytes)
    packing = _Packing(segment, found, frame_bytes)
    write_durably(segment.zst_path, packing.frames())
    sealed = packing.seal(previous)
    write_durably(segment.seal_path, [sealed.as_bytes()])
    segment.plain_path.unlink()
    sync_folder(segment.folder)
    return sealed


class _Packing:
    """Compresses one plain segment; its seal is known when all frames have been given."""

    def __init__(self, segment: Segment, found: Extent, frame_bytes: int) -> None:
        self._segment, self._found, self._frame_bytes = segment, found, frame_bytes
        self._compressor = zstandard.ZstdCompressor(level=LEVEL, write_checksum=True)
        self._plain, self._zst = sha256(), sha256()
        self._plain_bytes = self._zst_bytes = 0
        self._frames: list[Frame] = []

    def frames(self) -> Iterator[bytes]:
        """Give the compressed frames, one behind the other."""
        cuts = self._cuts()
        with self._segment.plain_path.open("rb") as file:
            for (seq, begin), (_, end) in pairwise(cuts):
                yield self._frame(file.read(end - begin), seq)

    def _cuts(self) -> list[tuple[int | None, int]]:
        """Where frames begin, with the number of the first record: the head, records, the unreadable."""
        found = self._found
        cuts: list[tuple[int | None, int]] = [(None, 0), *found.marks]
        bad = range(found.sound_bytes, found.size, self._frame_bytes)
        cuts += [(None, at) for at in bad]
        ends = [*cuts[1:], (None, found.size)]
        return [cut for cut, end in zip(cuts, ends, strict=True) if end[1] > cut[1]] + [(None, found.size)]

    def _frame(self, data: bytes, first_seq: int | None) -> bytes:
        packed = self._compressor.compress(data)
        self._frames.append(Frame(self._plain_bytes, self._zst_bytes, first_seq))
        self._plain.update(data)
        self._zst.update(packed)
        self._plain_bytes += len(data)
        self._zst_bytes += len(packed)
        return packed

    def seal(self, previous: str | None) -> Seal:
        """Give the seal of what was compressed; ``previous`` is the digest of the one before."""
        found = self._found
        return Seal(
            first_seq=self._segment.first_seq,
            last_seq=found.next_seq - 1,
            plain_bytes=self._plain_bytes,
            plain_sha256=self._plain.hexdigest(),
            zst_bytes=self._zst_bytes,
            zst_sha256=self._zst.hexdigest(),
            times=found.times,
            damaged_at=found.sound_bytes if found.sound_bytes < found.size else None,
            previous=previous,
            frames=tuple(self._frames),
        )
