"""One message heard by several stations is one row.

Rows are the same message when payload and MMSI are equal and their times differ by no more than
``duplicate_window_s`` from the row that was kept, the first by time and report id. The payload of
a position report holds the UTC second of its fix and the state of the radio, so a ship cannot
send an equal one again within 60 s (ITU-R M.1371-5, tables 48 and 49); a moored ship that does so
minutes later is heard as a new message.

Some stations repeat what they heard many minutes later, with the time of the repeat: the ship
seems to be back where it was. ``Echoes`` remembers for such time which payloads were heard.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from seavigil.hashing import mix
from seavigil.tracks.params import TrackParams, us

I64 = NDArray[np.int64]
U64 = NDArray[np.uint64]
Bool = NDArray[np.bool_]
_SMALL_BLOCK = 4096


@dataclass
class Duplicates:
    """The messages kept within the last window: no more than were heard in that time."""

    params: TrackParams
    kept_key: U64 = field(default_factory=lambda: np.empty(0, dtype=np.uint64))
    kept_us: I64 = field(default_factory=lambda: np.empty(0, dtype=np.int64))

    def first_heard(self, time_us: I64, mmsi: NDArray[np.uint32], payload_id: U64) -> Bool:
        """Tell which rows are heard for the first time; rows come in order of time, also over calls."""
        if len(time_us) == 0:
            return np.empty(0, dtype=np.bool_)
        known = len(self.kept_us)
        key = np.concatenate([self.kept_key, mix(payload_id, mmsi)])
        times = np.concatenate([self.kept_us, time_us])
        window_us = us(self.params.duplicate_window_s)
        kept = np.ones(len(key), dtype=np.bool_)
        again = _repeated(key)
        kept[again] = _kept(key[again], times[again], window_us)
        recent = kept & (times >= times[-1] - window_us)
        self.kept_key, self.kept_us = key[recent], times[recent]
        return kept[known:]


def _repeated(key: U64) -> I64:
    """Give the rows whose key occurs more than once: few, and all that need a look."""
    ordered = np.sort(key)
    twice = np.unique(ordered[1:][ordered[1:] == ordered[:-1]])
    return np.flatnonzero(np.isin(key, twice)) if len(twice) else np.empty(0, dtype=np.int64)


def _kept(key: U64, time_us: I64, window_us: int) -> Bool:
    """Tell for rows in order of time which are further than the window from the last kept of their key."""
    if len(key) == 0:
        return np.empty(0, dtype=np.bool_)
    order = np.argsort(key, kind="stable")
    k, t = key[order], time_us[order]
    apart = np.empty(len(k), dtype=np.bool_)
    apart[0] = True
    apart[1:] = (k[1:] != k[:-1]) | (t[1:] - t[:-1] > window_us)
    starts = np.flatnonzero(apart)
    ends = np.append(starts[1:], len(k))
    for begin, end in zip(*_long_runs(t, starts, ends, window_us), strict=True):
        _keep_in_run(apart, t, begin, end, window_us)
    kept = np.empty(len(k), dtype=np.bool_)
    kept[order] = apart
    return kept


def _long_runs(t: I64, starts: I64, ends: I64, window_us: int) -> tuple[list[int], list[int]]:
    """Give the runs of close repeats that together last longer than the window: seldom any."""
    long = t[ends - 1] - t[starts] > window_us
    return starts[long].tolist(), ends[long].tolist()


def _keep_in_run(apart: Bool, t: I64, begin: int, end: int, window_us: int) -> None:
    while begin < end:
        apart[begin] = True
        begin += int(np.searchsorted(t[begin:end], t[begin] + window_us, side="right"))


@dataclass
class Echoes:
    """Payloads of at least the last ``echo_memory_s``, in blocks by time: 16 bytes a row."""

    params: TrackParams
    blocks: list[tuple[U64, I64]] = field(default_factory=list)

    def remember(self, payload_id: U64, time_us: I64) -> None:
        """Take rows in order of time; drop the blocks that are too old for them."""
        if self.blocks and len(self.blocks[-1][0]) < _SMALL_BLOCK:
            keys, times = self.blocks.pop()
            payload_id, time_us = np.concatenate([keys, payload_id]), np.concatenate([times, time_us])
        oldest_us = int(time_us[0]) - us(self.params.echo_memory_s)
        self.blocks = [block for block in self.blocks if block[1][-1] >= oldest_us]
        self.blocks.append((payload_id, time_us))

    def repeated(self, payload_id: U64, time_us: I64) -> Bool:
        """Tell for a few rows whether their payload had been heard before, within the memory."""
        times = self._heard(np.unique(payload_id)) if len(payload_id) else {}
        memory_us = us(self.params.echo_memory_s)
        rows = zip(payload_id.tolist(), time_us.tolist(), strict=True)
        before = [any(now - memory_us <= t < now for t in times.get(key, ())) for key, now in rows]
        return np.array(before, dtype=np.bool_)

    def _heard(self, wanted: U64) -> dict[int, list[int]]:
        """Give the times at which each of the payloads was heard."""
        found: dict[int, list[int]] = {}
        for keys, times in self.blocks:
            at = np.minimum(np.searchsorted(wanted, keys), len(wanted) - 1)
            hits = np.flatnonzero(wanted[at] == keys)
            for key, when in zip(keys[hits].tolist(), times[hits].tolist(), strict=True):
                found.setdefault(key, []).append(when)
        return found
