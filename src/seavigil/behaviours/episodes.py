"""Scores to episodes: the only hysteresis in Seavigil."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from seavigil.normal.coverage import Clock
from seavigil.records import SECOND_US

I64 = NDArray[np.int64]
F64 = NDArray[np.float64]


@dataclass(frozen=True)
class Rule:
    """When scores make an episode.

    It begins at the first row with a score of at least ``on``, stands once it has lasted
    ``min_duration_s``, and ends with the last row before a score under ``off``, before a silence
    longer than ``max_gap_s``, or within ``max_duration_s`` of its begin.
    """

    on: float = 1.0
    off: float = 0.5
    min_duration_s: float = 0.0
    max_gap_s: float = 1800.0
    max_duration_s: float = 86_400.0


@dataclass(frozen=True)
class Scores:
    """A behaviour's score for each row of a track, about one asset or none.

    ``asset``: index of the asset, None for a behaviour of the ship alone. ``undecided_since_us``:
    rows from here on are still needed to score later rows (None: the declared history is enough).
    ``row``: the track's row that each score stands on, where scores are not one for each row.
    ``at_row``: the row of what is scored, where that is one moment.
    """

    time_us: I64
    value: F64
    asset: int | None = None
    undecided_since_us: int | None = None
    row: I64 | None = None
    at_row: int | None = None


@dataclass(frozen=True)
class Episode:
    """Row numbers of one episode. ``stood`` is None while it is too short yet.

    ``ended_known_us`` is the data time at which its end became known, None while it goes on.
    """

    first: int
    last: int
    stood: int | None
    ended_known_us: int | None


def episodes(
    scores: Scores, rule: Rule, *, settled_until_us: int, as_of_us: int, clock: Clock
) -> tuple[list[Episode], int]:
    """Give the episodes that begin at or after ``settled_until_us``, and the new settled time.

    Rows before ``settled_until_us`` are history only. The second value is the earliest time at
    which an episode that can still change begins: rows before it are settled for good. Cutting
    the rows anywhere and passing it on gives the same episodes as the whole.
    """
    found: list[Episode] = []
    on = (scores.value >= rule.on) & (scores.time_us >= settled_until_us)
    if on.any():
        for start, end in _alive_runs(scores, rule):
            found.extend(_within_run(scores, rule, on, start, end, as_of_us, clock))
    settled_us = int(scores.time_us[-1]) + 1 if len(scores.time_us) else settled_until_us
    for episode in found:
        if episode.ended_known_us is None:
            settled_us = min(settled_us, int(scores.time_us[episode.first]))
    return found, max(settled_us, settled_until_us)


def _alive_runs(scores: Scores, rule: Rule) -> Iterator[tuple[int, int]]:
    """Give [start, end) of the longest stretches with no score under ``off`` and no long silence."""
    alive = scores.value >= rule.off
    silent = np.diff(scores.time_us, prepend=scores.time_us[:1]) > rule.max_gap_s * SECOND_US
    starts = np.flatnonzero(alive & (silent | ~np.concatenate([[False], alive[:-1]])))
    ends = np.flatnonzero(alive & np.concatenate([silent[1:] | ~alive[1:], [True]])) + 1
    yield from zip(starts.tolist(), ends.tolist(), strict=True)


def _within_run(
    scores: Scores, rule: Rule, on: NDArray[np.bool_], start: int, end: int, as_of_us: int, clock: Clock
) -> Iterator[Episode]:
    """Give the episodes of one run; one that lasts too long is closed and the next begins after it."""
    while True:
        ons = np.flatnonzero(on[start:end])
        if not len(ons):
            return
        first = start + int(ons[0])
        limit_us = scores.time_us[first] + rule.max_duration_s * SECOND_US
        stop = min(end, int(np.searchsorted(scores.time_us, limit_us, side="right")))
        stands_us = scores.time_us[first] + rule.min_duration_s * SECOND_US
        stood = max(first, int(np.searchsorted(scores.time_us, stands_us)))  # rows may share a time
        known_us = _end_known_us(scores, rule, stop, as_of_us, clock)
        yield Episode(first, stop - 1, stood if stood < stop else None, known_us)
        start = stop


def _end_known_us(scores: Scores, rule: Rule, stop: int, as_of_us: int, clock: Clock) -> int | None:
    """Give when it became known that row ``stop - 1`` was the last: the next row, or a silence."""
    silence_us = clock.first_tick_us(int(scores.time_us[stop - 1] + rule.max_gap_s * SECOND_US) + 1, as_of_us)
    next_us = int(scores.time_us[stop]) if stop < len(scores.time_us) else None
    known = [t for t in (silence_us, next_us) if t is not None]
    return min(known) if known else None
