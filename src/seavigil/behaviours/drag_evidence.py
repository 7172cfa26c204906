"""Evidence for a dragged anchor, bin by bin: how much likelier what was seen is than without one.

All is in nats (natural logarithms of likelihood ratios), kept in whole thousandths so that sums over a
window are exact. Every term is clipped: one bad bin can neither raise an alarm nor wipe one out. Where
something is not known (no history, no heading) its term is 0: it speaks for neither side.

Terms of a bin
    ``slow``: her speed as a share of what is to be expected, her own usual speed less what peers on the same
    water lose and what the weather costs. Without an anchor a ship on passage keeps it within a few
    per cent (Student's t, heavy-tailed); with one she makes a little less, or much less.
    ``unsteady``: swing of the speed within the bin and steps from bin to bin, and spread of the course, each
    against what is usual for her (and for her peers today): an anchor that ploughs, skips and catches
    makes her stop and go.
    ``bow``: the anchor pulls her bow off her course. So do wind and current, for hours: all bins together
    can say only so much.
    ``rises``: she gains speed again. A ship that comes to her port or anchorage only loses it.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from seavigil.behaviours.windows import angle_between_deg
from seavigil.normal.bins import Log
from seavigil.normal.own import TURN_DEG, before, under_way
from seavigil.normal.peers import SOG_STEP_KN
from seavigil.records import SECOND_US

F64 = NDArray[np.float64]
I64 = NDArray[np.int64]

#: Courses closer together than this are the same (COG comes in tenths, and wanders by half a degree).
COG_STEP_DEG = 0.5
#: Length of the log's bins.
BIN_US = 300 * SECOND_US
#: Thousandths of a nat.
MILLI = 1000.0
#: At this share of the speed to be expected, or more, speed never speaks for a drag: the curves of keeping
#: her speed and of dragging cross at 0.955 (tests/behaviours/test_drag_bound.py).
KEPT_SHARE = 0.97


#: A curve through knots: what is seen, and the nats it is worth; beyond the last knots as at them.
Curve = tuple[tuple[float, float], ...]


@dataclass(frozen=True)
class EvidenceParams:
    """How the terms are weighed; ``docs/explanation/drag.md`` has the cases the sizes rest on.

    ``cruise_scale``: how closely a ship keeps her usual speed (log of the share; scale of a Student's t with
    3 degrees of freedom). ``least_share``: below it she is stopping, not dragging: the slowest drag on record
    made 3 to 4 of 9.5 kn (YP3-1). ``stopped_bins``: who arrives lies for
    longer than twenty minutes. ``half_peers``: so many peers count half. The curves go by the log of
    swing, step and course spread over what is usual for her, and by degrees of the bow; they follow the
    ratio of how often such a bin was seen with an anchor down and without, on exercise seeds below 1000
    (decision 9). A step beyond five times the usual may as well be an order to the engine. ``share_counted``:
    of the terms' sum, because neighbouring bins are alike (pulls last for minutes) and terms too.

    A reversal is a top or a bottom of her speed, ``reversal_kn`` and ``reversal_share`` of her usual speed
    above or below what was within ``reversal_bins`` before and after. Ships on passage show
    ``usual_reversals_per_h``, ships that lost 15 % or more to an anchor two or three an hour (the same
    exercise seeds). One is worth ``reversal_nats``, less than the logarithm of that, as a manoeuvre brings
    two; a bin without one costs a little.
    """

    cruise_scale: float = 0.03
    least_share: float = 0.32
    half_peers: float = 1.0
    most_slow_nats: float = 1.0
    swing: Curve = ((-0.7, -0.1), (0.1, -0.3), (0.5, 0.4), (0.9, 1.0), (1.4, 1.5))
    step: Curve = ((0.0, -0.7), (0.25, -0.4), (0.5, 0.8), (0.8, 1.3), (1.3, 1.2), (1.8, 0.6), (2.5, 0.0))
    course: Curve = ((0.0, -0.05), (0.5, 0.1), (1.0, 0.4))
    bow_deg: Curve = ((0.5, -0.5), (1.75, -0.25), (2.5, 0.6), (4.0, 1.4), (6.0, 1.8))
    share_counted: float = 0.8
    least_unsteady_nats: float = -0.8
    most_unsteady_nats: float = 1.5
    rise_nats: float = 0.8
    rise_share: float = 0.02
    level_nats: float = 0.1
    fall_nats: float = -0.4
    stopped_share: float = 0.25
    stopped_bins: int = 4
    still_s: float = 3600.0
    reversal_kn: float = 0.3
    reversal_share: float = 0.04
    reversal_bins: int = 3
    reversal_nats: float = 1.5
    usual_reversals_per_h: float = 0.3
    level_off_nats: float = -0.12


@dataclass(frozen=True)
class Evidence:
    """Terms of each bin, in thousandths of a nat, and what they rest on.

    ``reversals``: her speed has turned back. ``expected_kn``: speed to be expected. ``judged``: false where
    the bin says nothing (turning, just under way again, no history). ``ends``: she stops here, or her
    record is broken: no sum goes past it.
    """

    slow: I64
    unsteady: I64
    bow: I64
    rises: I64
    reversals: NDArray[np.bool_]
    expected_kn: F64
    judged: NDArray[np.bool_]
    ends: NDArray[np.bool_]


@dataclass(frozen=True)
class Terms:
    """What the terms of each bin cannot exceed, in thousandths of a nat; no sum goes past ``ends``."""

    slow: I64
    unsteady: I64
    bow: I64
    ends: NDArray[np.bool_]


def evidence(log: Log, weather_share: F64, params: EvidenceParams) -> Evidence:
    """Weigh the rows of ships' logs, by ship and oldest first.

    ``weather_share``: what wind and sea leave her of her usual speed, for each row; NaN if not known.
    """
    at = np.arange(len(log))
    expected_kn = log.own_sog_kn * expected_share(log, weather_share, params)
    share = log.sog_kn / expected_kn
    ends = _ends(log, share, params)
    judged = np.isfinite(expected_kn) & under_way(log) & ~_turning(log, at) & ~_lately(log, ends, params)
    slow = np.where(share > 0, _slow(np.log(np.maximum(share, 1e-6)), params), 0.0)
    turned_back = reversals(log, params)
    unsteady = _all_unsteady(log, turned_back, params)
    rises = _rises(log, at, expected_kn, params)
    terms = (slow, unsteady, _bow(log, params), rises)
    slow, unsteady, bow, rises = (np.where(judged, term, 0.0) for term in terms)
    unsteady = np.where(turned_back & ~judged, params.reversal_nats + params.level_off_nats, unsteady)
    return Evidence(
        _milli(slow), _milli(unsteady), _milli(bow), _milli(rises), turned_back, expected_kn, judged, ends
    )


def most(log: Log, params: EvidenceParams, *, weather: bool) -> Terms:
    """Bound the terms of rows of ships' logs, by ship and oldest first; without weather they are the terms.

    ``weather``: what it costs her may be known, and is not looked at. It can only make the speed to be
    expected less, her share of it more; so she may not have stopped, and may be judged sooner.
    """
    found = evidence(log, np.full(len(log), np.nan), params)
    if not weather:
        return Terms(found.slow, found.unsteady, found.bow, found.ends)
    ends = _ends(log, np.full(len(log), np.nan), params)
    at = np.arange(len(log))
    expected = np.isfinite(found.expected_kn)
    may = expected & under_way(log) & ~_turning(log, at) & ~_lately(log, ends, params)
    slow = np.where(log.sog_kn >= KEPT_SHARE * found.expected_kn, 0.0, params.most_slow_nats)
    to_and_fro = np.where(found.reversals, params.reversal_nats + params.level_off_nats, 0.0)
    unsteady = np.maximum(_milli(_all_unsteady(log, found.reversals, params)), _milli(to_and_fro))
    bow = np.maximum(_milli(_bow(log, params)), 0)
    open_to_doubt = may & ~found.judged
    return Terms(
        _milli(np.where(may, slow, 0.0)),
        np.where(open_to_doubt, unsteady, found.unsteady),
        np.where(open_to_doubt, bow, found.bow),
        ends,
    )


def expected_share(log: Log, weather_share: F64, params: EvidenceParams) -> F64:
    """Give the share of her usual speed to be expected: the lesser of what weather and what peers say."""
    n = np.nan_to_num(log.peers)
    lost = np.clip(1.0 - np.nan_to_num(log.peers_sog_share, nan=1.0), 0.0, None)
    by_peers = 1.0 - lost * n / (n + params.half_peers)
    return np.asarray(np.fmin(by_peers, np.fmin(weather_share, 1.0)))


def _all_unsteady(log: Log, turned_back: NDArray[np.bool_], params: EvidenceParams) -> F64:
    to_and_fro = np.where(turned_back, params.reversal_nats, 0.0) + params.level_off_nats
    return _unsteady(log, params) + to_and_fro


def _milli(nats: F64) -> I64:
    return np.rint(np.nan_to_num(nats) * MILLI).astype(np.int64)


def _turning(log: Log, at: I64) -> NDArray[np.bool_]:
    """Say where the course changed within the bin or from the one before: turning costs speed."""
    changed = angle_between_deg(log.cog_deg, log.cog_deg[before(log, at, 1)])
    return np.asarray((log.cog_spread_deg > TURN_DEG) | (changed > TURN_DEG))


def _ends(log: Log, share: F64, params: EvidenceParams) -> NDArray[np.bool_]:
    """Say where she has lain stopped, or all but, for a while, or was not heard for the hour before."""
    gap = np.diff(log.start_us, prepend=log.start_us[:1]) > params.still_s * 1e6
    gap &= np.diff(log.ship, prepend=log.ship[:1]) == 0
    still = ~under_way(log) | (share < params.stopped_share)
    at = np.arange(len(log))
    stopped = np.logical_and.reduce([still[before(log, at, bins)] for bins in range(params.stopped_bins)])
    return np.asarray(gap | stopped)


def _lately(log: Log, ends: NDArray[np.bool_], params: EvidenceParams) -> NDArray[np.bool_]:
    """Say where she lay still within the hour before: she is still gathering way."""
    last = np.maximum.accumulate(np.where(ends, np.arange(len(log)), -1))
    hers = (last >= 0) & (log.ship[last] == log.ship)
    return np.asarray(hers & (log.start_us - log.start_us[last] < params.still_s * 1e6))


def _slow(residual: F64, params: EvidenceParams) -> F64:
    """Weigh log(speed / expected): dragging against keeping her speed."""
    keeps = _student3(residual / params.cruise_scale) / params.cruise_scale
    drags = (
        0.3 * _normal(residual, -0.04, 0.04)
        + 0.4 * _normal(residual, -0.16, 0.10)
        + 0.3 * _normal(residual, -0.45, 0.18)
    )
    nats = np.log((drags + 1e-9) / (keeps + 1e-9))
    nats = np.clip(nats, -params.most_slow_nats, params.most_slow_nats)
    return np.where(residual < np.log(params.least_share), -params.most_slow_nats, nats)


def _student3(t: F64) -> F64:
    return np.asarray(6.0 * np.sqrt(3.0) / (np.pi * (3.0 + t**2) ** 2))


def _normal(x: F64, mean: float, sigma: float) -> F64:
    return np.asarray(np.exp(-0.5 * ((x - mean) / sigma) ** 2) / (sigma * np.sqrt(2.0 * np.pi)))


def _unsteady(log: Log, params: EvidenceParams) -> F64:
    """Weigh stop-go, wobble and bow against her own habits, less what peers show today."""
    n = np.nan_to_num(log.peers)
    rough = np.log(np.clip(np.nan_to_num(log.peers_swing_share, nan=1.0), 1.0, None))
    rough *= n / (n + params.half_peers)
    terms = (
        (params.swing, _over(log.swing_kn, log.own_swing_kn, SOG_STEP_KN) - rough),
        (params.step, _over(log.step_kn, log.own_step_kn, SOG_STEP_KN) - rough),
        (params.course, _over(log.cog_spread_deg, log.own_cog_spread_deg, COG_STEP_DEG) - rough),
    )
    total = params.share_counted * sum(np.nan_to_num(_curve(curve, seen)) for curve, seen in terms)
    return np.clip(total, params.least_unsteady_nats, params.most_unsteady_nats)


def reversals(log: Log, params: EvidenceParams) -> NDArray[np.bool_]:
    """Say in which bins it shows that her speed had come to a top or a bottom and has turned back.

    It looks at so few bins around that it does not depend on where the log begins.
    """
    reach = params.reversal_bins
    least_kn = np.maximum(params.reversal_kn, params.reversal_share * log.own_sog_kn)
    sog_kn = np.where(np.isfinite(least_kn) & under_way(log), log.sog_kn, np.nan)
    out = np.zeros(len(log), dtype=np.bool_)
    for speed in (sog_kn, -sog_kn):
        near = {k: _shifted(speed, log, k) for k in range(-reach, reach + 1)}
        lowest_before = np.fmin.reduce([near[k] for k in range(-reach, 0)])
        top = (near[-1] <= speed) & (speed - lowest_before >= least_kn)
        for k in range(1, reach + 1):
            top &= ~(near[k] > speed)
            back = np.flatnonzero(top & (speed - near[k] >= least_kn))
            out[back + k] = True
            top[back] = False
    return out


def _shifted(values: F64, log: Log, bins: int) -> F64:
    """Give the value so many bins later (earlier below 0); NaN where that bin is missing."""
    out = np.full(len(values), np.nan)
    at = np.arange(max(-bins, 0), len(values) - max(bins, 0))
    next_to = log.start_us[at + bins] - log.start_us[at] == bins * BIN_US
    next_to = at[next_to & (log.ship[at + bins] == log.ship[at])]
    out[next_to] = values[next_to + bins]
    return out


def _bow(log: Log, params: EvidenceParams) -> F64:
    """Weigh by how much her bow points off her course, against what is usual for her on such a course.

    Leeway grows as the speed falls: the same wind takes a slower ship farther off.
    """
    share = log.sog_kn / log.own_sog_kn
    off_deg = np.abs((log.bow_off_deg * share - log.own_bow_off_deg + 180.0) % 360.0 - 180.0)
    return params.share_counted * _curve(params.bow_deg, off_deg)


def _over(seen: F64, usual: F64, step: float) -> F64:
    """Give the log of what is seen over what is usual; ``step`` is what the instrument tells apart."""
    return np.asarray(np.log((seen + step) / (usual + step)))


def _curve(curve: Curve, seen: F64) -> F64:
    """Read a curve; NaN stays NaN."""
    knots, nats = zip(*curve, strict=True)
    return np.asarray(np.interp(seen, knots, nats))


def _rises(log: Log, at: I64, expected_kn: F64, params: EvidenceParams) -> F64:
    gained = (log.sog_kn - log.sog_kn[before(log, at, 1)]) / expected_kn
    level = np.where(gained < -params.rise_share, params.fall_nats, params.level_nats)
    return np.where(gained > params.rise_share, params.rise_nats, level)
