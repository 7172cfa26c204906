"""How well a fault was listened to: at its very time, at its very place, and by the whole feed."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

from seavigil.behaviours import Surroundings
from seavigil.fault import Fault
from seavigil.normal.coverage import Coverage
from seavigil.records import MINUTE_US, SECOND_US, rfc3339

F64 = NDArray[np.float64]
I64 = NDArray[np.int64]

#: Nothing at all heard for longer than this is a silence of the feed: as the summary of a watch has it.
QUIET_US = 10 * MINUTE_US
#: Where ships are few, one heard so long before or after stands for the time between (own choice).
_ABOUT_BINS = 3
#: Where so many ships are usual, as in `gone_dark`, a bin of the place without any is a bin without coverage.
_USUAL_SHIPS = 3
#: What is usual is that of so much before and after (own choice: two hours, in bins of five minutes).
_USUAL_BINS = 24


def window_us(fault: Fault) -> tuple[int, int]:
    """Give from when to when it may have happened."""
    within_us = round(fault.within_s * SECOND_US)
    return fault.at_us - within_us, fault.at_us + within_us


def span(fault: Fault, known: Surroundings, as_of_us: int) -> tuple[int, int]:
    """Give from when to when reports were heard, as of then.

    Raises ``ValueError`` where that leaves the fault out, or where no time bin has closed yet.
    """
    ticks = _ticks(known, as_of_us)
    if not len(ticks):
        raise ValueError(f"{fault.fault_id}: nothing was heard by {rfc3339(as_of_us)}")
    began_us, ended_us = int(ticks[0]), int(ticks[-1])
    if as_of_us - ended_us <= QUIET_US or _goes_on(known, as_of_us):
        ended_us = as_of_us
    outside(fault, began_us, ended_us)
    if not (known.coverage.visible_us <= as_of_us).any():
        raise ValueError(
            f"{fault.fault_id}: too short, heard is only {rfc3339(began_us)} to {rfc3339(int(ticks[-1]))}: "
            "ships are ranked from six to eleven minutes on"
        )
    return began_us, ended_us


def outside(fault: Fault, began_us: int, ended_us: int) -> None:
    """Raise ``ValueError`` where the fault lies before or after all that was heard, and say by how much."""
    from_us, until_us = window_us(fault)
    heard = f"of what was heard, which is of {rfc3339(began_us)} to {rfc3339(ended_us)}"
    at = f"{fault.fault_id}: {rfc3339(fault.at_us)} is outside"
    if until_us < began_us:
        raise ValueError(f"{at} {heard}: {_long(began_us - until_us)} before it")
    if from_us > ended_us:
        raise ValueError(f"{at} {heard}: {_long(from_us - ended_us)} after it")


def _long(us: int) -> str:
    """Say a length of time in its largest fitting unit."""
    seconds = us / SECOND_US
    for unit, one_s in (("days", 86_400), ("h", 3600), ("min", 60)):
        if seconds >= 2 * one_s:
            return f"{seconds / one_s:,.0f} {unit}"
    return f"{seconds:,.0f} s"


def _ticks(known: Surroundings, as_of_us: int) -> I64:
    ticks = known.clock.ticks_us
    if ticks is None:
        return np.zeros(0, dtype=np.int64)
    return ticks[: int(np.searchsorted(ticks, as_of_us, side="right"))]


def _goes_on(known: Surroundings, as_of_us: int) -> bool:
    """Whether the feed was only silent then: it was heard again before anybody looked."""
    ticks = known.clock.ticks_us
    return ticks is not None and len(ticks) > 0 and bool(ticks[-1] > as_of_us)


def quiet_s(known: Surroundings, from_us: int, until_us: int) -> float:
    """Give for how long in all nothing was heard between two moments, in seconds; pauses do not count."""
    ticks = _ticks(known, until_us)
    gaps_us = np.diff(ticks[ticks >= from_us])
    return float(gaps_us[gaps_us > QUIET_US].sum() / SECOND_US)


def silences_of_all(fault: Fault, known: Surroundings, as_of_us: int) -> Iterator[tuple[int, int]]:
    """Give from when to when nothing at all was heard, where it is long and the fault may fall into it.

    Before the first report and after the last nothing was heard either, as far as the fault may lie there;
    a silence that goes on is told up to ``as_of_us``.
    """
    ticks = _ticks(known, as_of_us)
    from_us, until_us = window_us(fault)
    if not len(ticks):
        return
    edges = np.concatenate([[min(from_us, ticks[0])], ticks, [as_of_us]])
    for at in np.flatnonzero(np.diff(edges) > QUIET_US).tolist():
        began_us, ended_us = int(edges[at]), int(edges[at + 1])
        if began_us < min(until_us, as_of_us) and ended_us > from_us:
            yield began_us, ended_us


def heard(fault: Fault, lat: F64, lon: F64, known: Surroundings, as_of_us: int) -> float:
    """Give the share, of places times bins of the fault's time, in which ships were listened to.

    A bin in which nobody at all was heard anywhere is none. Nor is one without a ship about a place that
    usually has three; at a lonely place one ship within a quarter of an hour is enough. A bin that
    has not closed yet is judged by the last one that has.
    """
    if any(_covers(one, fault, as_of_us) for one in silences_of_all(fault, known, as_of_us)):
        return 0.0
    coverage = known.coverage
    bins = np.flatnonzero(coverage.visible_us <= as_of_us)
    at = _wanted(coverage, bins, fault, as_of_us)
    if not (at >= 0).any():
        return 0.0
    low, high = int(at[at >= 0].min()), int(at.max())
    about = np.arange(max(low - _USUAL_BINS, 0), min(high + _USUAL_BINS, int(bins[-1])) + 1)
    alive = coverage.ships_by_bin()[about] > 0
    shares = []
    for a, o in zip(lat, lon, strict=True):
        listened = _listened(coverage.ships_around(about, a, o), alive)
        shares.append(np.where(at >= 0, listened[np.maximum(at - about[0], 0)], False).mean())
    return float(np.mean(shares))


def _covers(silence: tuple[int, int], fault: Fault, as_of_us: int) -> bool:
    from_us, until_us = window_us(fault)
    return silence[0] <= from_us and silence[1] >= min(until_us, as_of_us)


def _wanted(coverage: Coverage, bins: I64, fault: Fault, as_of_us: int) -> I64:
    """Give the position of each bin that the fault may lie in; -1 where there is none."""
    from_us, until_us = window_us(fault)
    width_us = coverage.bin_us
    first, last = from_us // width_us, max(min(until_us, as_of_us), from_us) // width_us
    wanted = np.arange(first, last + 1) * width_us
    starts = coverage.starts_us[bins]
    newest = int(starts[-1])
    near = (wanted > newest) & (wanted <= newest + _ABOUT_BINS * width_us)
    wanted = np.where(near, newest, wanted)
    at = np.minimum(np.searchsorted(starts, wanted), len(starts) - 1)
    return np.where(starts[at] == wanted, bins[at], -1)


def _listened(ships: I64, alive: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Say of each bin whether ships were listened to in it, by those counted about one place."""
    if np.median(ships) >= _USUAL_SHIPS:
        return np.asarray((ships > 0) & alive)
    padded = np.pad(ships, _ABOUT_BINS)
    nearby = sliding_window_view(padded, 2 * _ABOUT_BINS + 1).max(axis=1)
    return np.asarray((nearby > 0) & alive)
