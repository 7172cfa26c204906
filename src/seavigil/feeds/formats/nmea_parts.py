"""Messages that come in several sentences, put together as the parts arrive."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import reduce
from operator import xor

from seavigil.records import Reject, TimeSource

#: So many unfinished messages (and open tag-block groups) are kept; a further one pushes the oldest out.
MAX_UNFINISHED = 64
#: A part waits for the next one this many AIS sentences..
MAX_WAIT_SENTENCES = 1_000
#: ..and so long, by our own clock: sequence numbers 0..9 soon come round again.
MAX_WAIT_US = 60_000_000

Clock = tuple[int, int]
_Key = tuple[bytes, ...]


@dataclass(frozen=True)
class Part:
    """One sentence of a message in several, or of a tag-block group.

    ``key`` tells messages apart; ``group`` is the tag block's ``g`` (number-total-name), empty
    without one; ``clock`` is the time source and the time, if the sentence has any.
    """

    key: _Key
    group: bytes
    number: int
    of: int
    payload: bytes
    fill_bits: int
    offset_bytes: int
    raw: bytes
    clock: Clock | None
    station: bytes
    checksum: int = 0  #: of this sentence
    announced: int = -1  #: by a $PGHP line before it: the checksums of all parts, exclusive or

    @property
    def group_name(self) -> bytes:
        """Give the group without the number of the sentence in it."""
        return self.group.partition(b"-")[2]


@dataclass(frozen=True)
class Whole:
    """A message put together from its parts, in order, with its group's clock and station."""

    parts: tuple[Part, ...]
    clock: Clock | None
    station: bytes

    @property
    def payload(self) -> bytes:
        """Give the armoured payload."""
        return b"".join(p.payload for p in self.parts)

    @property
    def raw(self) -> bytes:
        """Give the sentences, one a line."""
        return b"\n".join(p.raw for p in self.parts)


@dataclass
class _Unfinished:
    sentence: int
    received_us: int
    parts: dict[int, Part] = field(default_factory=dict)
    clock: Clock | None = None
    station: bytes = b""

    def take(self, part: Part) -> None:
        """Take the part's clock when it is more trusted, its station when there was none."""
        if part.clock and (self.clock is None or part.clock[0] < self.clock[0]):
            self.clock = part.clock
        self.station = self.station or part.station

    def stale(self, sentence: int, received_us: int) -> bool:
        """Tell whether the rest will not come any more."""
        return sentence - self.sentence > MAX_WAIT_SENTENCES or received_us - self.received_us > MAX_WAIT_US


@dataclass
class PartTable:
    """Unfinished messages; bounded in number, in sentences and in time. All it drops is a reject.

    Parts with a tag-block group may come in any order. Without one, a part is only taken when all
    before it are there: a late part 2 must not meet the part 1 of another message.
    """

    _open: dict[_Key, _Unfinished] = field(default_factory=dict)
    _groups: dict[bytes, _Unfinished] = field(default_factory=dict)

    @property
    def waiting(self) -> bool:
        """Tell whether any message is unfinished."""
        return bool(self._open)

    def add(self, part: Part, sentence: int, received_us: int) -> tuple[Whole | None, list[Reject]]:
        """Take a part, the ``sentence``-th AIS sentence of the stream; give a whole message if done."""
        group = self._group(part, sentence, received_us)
        if part.of == 1:
            return _whole({1: part}, group), []
        rejects = self._drop_stale(sentence, received_us)
        key = (*part.key, part.group_name)
        found = self._open.get(key)
        if found is not None and (part.number in found.parts or part.of != _any(found).of):
            rejects.append(_incomplete(self._open.pop(key)))
            found = None
        if not part.group and part.number != (1 if found is None else len(found.parts) + 1):
            detail = f"part {part.number} of {part.of}"
            return None, [*rejects, Reject(part.offset_bytes, "part_out_of_turn", part.raw, detail)]
        if found is None:
            rejects += self._drop_oldest()
            found = self._open[key] = _Unfinished(sentence, received_us)
        found.parts[part.number] = part
        found.take(part)
        if len(found.parts) < part.of:
            return None, rejects
        del self._open[key]
        return _whole(found.parts, group if part.group else found), rejects

    def finish(self) -> list[Reject]:
        """Give what is still unfinished as rejects, and forget it."""
        rejects = [_incomplete(u) for u in self._open.values()]
        self._open.clear()
        self._groups.clear()
        return rejects

    def _group(self, part: Part, sentence: int, received_us: int) -> _Unfinished:
        """Give what is known of the part's group: often only its first sentence has the time."""
        found = self._groups.pop(part.group_name, None) if part.group else None
        if found is None or found.stale(sentence, received_us):
            found = _Unfinished(sentence, received_us)
        found.take(part)
        if part.group:
            self._groups[part.group_name] = found
            if len(self._groups) > MAX_UNFINISHED:
                del self._groups[next(iter(self._groups))]
        return found

    def _drop_stale(self, sentence: int, received_us: int) -> list[Reject]:
        stale = [key for key, u in self._open.items() if u.stale(sentence, received_us)]
        return [_incomplete(self._open.pop(key)) for key in stale]

    def _drop_oldest(self) -> list[Reject]:
        if len(self._open) < MAX_UNFINISHED:
            return []
        return [_incomplete(self._open.pop(next(iter(self._open))))]


def _any(unfinished: _Unfinished) -> Part:
    return next(iter(unfinished.parts.values()))


def _whole(parts: dict[int, Part], around: _Unfinished) -> Whole:
    ordered = tuple(parts[i] for i in sorted(parts))
    together = reduce(xor, (p.checksum for p in ordered))
    unsure = len(ordered) > 1 and around.clock is not None and around.clock[0] == TimeSource.PGHP
    if unsure and ordered[0].announced != together:
        return Whole(ordered, None, b"")
    return Whole(ordered, around.clock, around.station)


def _incomplete(unfinished: _Unfinished) -> Reject:
    parts = [unfinished.parts[i] for i in sorted(unfinished.parts)]
    detail = f"{len(parts)} of {parts[0].of} parts"
    return Reject(parts[0].offset_bytes, "part_missing", b"\n".join(p.raw for p in parts), detail)
