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

F64 = NDArray[np.float64]
I64 = NDArray[np.int64]

#: Courses closer together than this are the same (COG comes in tenths, and wanders by half a degree).
COG_STEP_DEG = 0.5
#: Thousandths of a nat.
MILLI = 1000.0


#: A curve through knots: what is seen, and the nats it is worth; beyond the last knots as at them.
Curve = tuple[tuple[float, float], ...]


@dataclass(frozen=True)
class EvidenceParams:
    """How the terms are weighed; ``docs/explanation/drag.md`` has the cases the sizes rest on.

    ``cruise_scale``: how closely a ship keeps her usual speed (log of the share; scale of a Student's t with
    3 degrees of freedom). ``least_share``: below it she is stopping, not dragging: the slowest drag on record
    made 3 to 4 of 9.5 kn (YP3-1). ``half_peers``: so many peers count half. The curves go by the log of
    swing, step and course spread over what is usual for her, and by degrees of the bow; they follow the
    ratio of how often such a bin was seen with an anchor down and without, on exercise seeds below 1000
    (decision 9). A step beyond five times the usual may as well be an order to the engine. ``share_counted``:
    of the terms' sum, because neighbouring bins are alike (pulls last for minutes) and terms too.
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
    still_s: float = 3600.0


@dataclass(frozen=True)
class DipParams:
    """When a short loss of speed over an asset counts, and for how much.

    NNPB-2 lost 14 % for some five minutes at the pipeline and made it up again. ``least_size``: in her own
    usual swings. ``most_share``: a ship that loses more has stopped her engine. ``most_nats``, for a dip of
    six swings: a hit shows so deep a dip half the time (own choice), and an ordinary ship eases her engine so
    much within the minutes of a crossing less than once in two hundred: log(0.5 / 0.0033).
    """

    made_up_share: float = 0.4
    least_size: float = 1.5
    nats_per_size: float = 1.0
    most_share: float = 0.6
    most_nats: float = 5.0


@dataclass(frozen=True)
class Evidence:
    """Terms of each bin, in thousandths of a nat, and what they rest on.

    ``expected_kn``: speed to be expected. ``judged``: false where the bin says nothing (turning, just under
    way again, no history). ``ends``: she stops here, or her record is broken: no sum goes past it.
    """

    slow: I64
    unsteady: I64
    bow: I64
    rises: I64
    expected_kn: F64
    judged: NDArray[np.bool_]
    ends: NDArray[np.bool_]


def evidence(log: Log, weather_share: F64, params: EvidenceParams) -> Evidence:
    """Weigh the rows of one ship's log, oldest first.

    ``weather_share``: what wind and sea leave her of her usual speed, for each row; NaN if not known.
    """
    at = np.arange(len(log))
    expected_kn = log.own_sog_kn * expected_share(log, weather_share, params)
    share = log.sog_kn / expected_kn
    ends = _ends(log, share, params)
    judged = np.isfinite(expected_kn) & under_way(log) & ~_turning(log, at) & ~_lately(log, ends, params)
    slow = np.where(share > 0, _slow(np.log(np.maximum(share, 1e-6)), params), 0.0)
    unsteady = _unsteady(log, params)
    rises = _rises(log, at, expected_kn, params)
    terms = (slow, unsteady, _bow(log, params), rises)
    slow, unsteady, bow, rises = (np.where(judged, term, 0.0) for term in terms)
    return Evidence(_milli(slow), _milli(unsteady), _milli(bow), _milli(rises), expected_kn, judged, ends)


def expected_share(log: Log, weather_share: F64, params: EvidenceParams) -> F64:
    """Give the share of her usual speed to be expected: the lesser of what weather and what peers say."""
    n = np.nan_to_num(log.peers)
    lost = np.clip(1.0 - np.nan_to_num(log.peers_sog_share, nan=1.0), 0.0, None)
    by_peers = 1.0 - lost * n / (n + params.half_peers)
    return np.asarray(np.fmin(by_peers, np.fmin(weather_share, 1.0)))


def _milli(nats: F64) -> I64:
    return np.rint(np.nan_to_num(nats) * MILLI).astype(np.int64)


def _turning(log: Log, at: I64) -> NDArray[np.bool_]:
    """Say where the course changed within the bin or from the one before: turning costs speed."""
    changed = angle_between_deg(log.cog_deg, log.cog_deg[before(log, at, 1)])
    return np.asarray((log.cog_spread_deg > TURN_DEG) | (changed > TURN_DEG))


def _ends(log: Log, share: F64, params: EvidenceParams) -> NDArray[np.bool_]:
    """Say where she has stopped, or all but, or was not heard for the hour before."""
    gap = np.diff(log.start_us, prepend=log.start_us[:1]) > params.still_s * 1e6
    return np.asarray(gap | ~under_way(log) | (share < params.stopped_share))


def _lately(log: Log, ends: NDArray[np.bool_], params: EvidenceParams) -> NDArray[np.bool_]:
    """Say where she lay still within the hour before: she is still gathering way."""
    last = np.maximum.accumulate(np.where(ends, log.start_us, np.int64(-(2**62))))
    return np.asarray(log.start_us - last < params.still_s * 1e6)


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


@dataclass(frozen=True)
class Dips:
    """Short losses of speed that are already being made up again; for each bin, the dip it confirms.

    ``deepest``: the bin with the least speed, ``share``: how much of her speed was lost, ``nats``: what
    that says if an asset was crossed there, in thousandths; 0 where no dip is confirmed.
    """

    deepest: I64
    share: F64
    nats: I64


def dips(log: Log, found: Evidence, params: DipParams) -> Dips:
    """Find dips that end in each bin, the least speed one or two bins before."""
    at = np.arange(len(log))
    turning = _turning(log, at)
    best, share, deepest = np.zeros(len(log)), np.zeros(len(log)), at
    for back in (1, 2):
        low = before(log, at, back)
        first, second = before(log, low, 1), before(log, low, 2)
        known = (low < at) & (second < first) & (first < low) & ~turning & ~turning[low] & ~turning[first]
        base = np.minimum(log.sog_kn[first], log.sog_kn[second])
        lost = base - log.sog_least_kn[low]
        made_up = log.sog_most_kn[at] - log.sog_least_kn[low] >= params.made_up_share * lost
        size = lost / (log.own_swing_kn[at] + SOG_STEP_KN)
        nats = np.clip(params.nats_per_size * (size - params.least_size), 0.0, params.most_nats)
        fits = known & made_up & (lost < params.most_share * base) & (nats > best) & found.judged
        best, deepest = np.where(fits, nats, best), np.where(fits, low, deepest)
        share = np.where(fits, lost / np.maximum(base, 1.0), share)
    again = (best > 0) & _dipped_before(best, at, log)
    return Dips(deepest, share, _milli(np.where(again, 0.0, best)))


def _dipped_before(nats: F64, at: I64, log: Log) -> NDArray[np.bool_]:
    """Say where one of the two bins before confirms a dip already: it is the same one."""
    one, two = before(log, at, 1), before(log, at, 2)
    return ((one < at) & (nats[one] > 0)) | ((two < at) & (nats[two] > 0))
