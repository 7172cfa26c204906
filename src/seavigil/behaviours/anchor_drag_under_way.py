"""Anchor drag under way: the ship sails on with her anchor on the bottom.

In a sailor's words: her anchor has run out, or was let go, and she does not stop for it. She makes
a little less way than she did, or much less; the anchor ploughs, fouls, skips and catches, so that her
speed goes up and down, her course wobbles and her bow is pulled off it; where it meets a cable or pipe
she checks for some minutes and comes free again. To the eye she still looks like a ship on passage.

The test: Page's cumulative sum (E. S. Page, Biometrika 41, 1954) over her log, a row for every five
minutes. Each row weighs, in nats, how much likelier it is with an anchor down than without (see
`drag_evidence`: speed against her own normal less what peers and weather lose, stop-go, reversals of
her speed, course wobble, bow). For every moment at which the anchor may have gone down the sums since
then are compared with the best innocent story, and the greatest is the score:

* she simply sails on: the sum of all terms;
* she was slowed by order (slow steaming, waiting for her turn): her speed says nothing more, only
  unsteadiness does, and such an order was ``order_nats`` likelier than an anchor to begin with;
* she comes to a port, anchorage or pilot: she only ever loses speed, so only gains speak against it,
  and ``arrival_nats`` (less where places are known and one is near) speaks for it.

Back at the speed to be expected of her she has more likely given way to somebody: all counts for less.

A dip of her speed exactly where she crossed an asset is an event of its own (see `drag_dips`), because
between two hits a dragging ship may look as ever.

Where others slow down at the same place, by the log of the last day or by a learned pattern, all counts
for less. Where satellite navigation is degraded nothing speaks for a drag, nor where another ship was heard
under her number before her and within the window: she may be elsewhere. A stop, or a break in the record,
ends all sums. Score: nats. It is told in rungs: an event for each rung reached, so that an alert
can grow with the evidence.

What it misses: ships whose normal is not known (heard for less than an hour under way), ships below 5 kn on
passage, small craft and class B, drags that neither slow her nor make her unsteady nor show at an asset, and
the first quarter of an hour of all, and the second ship under a shared number.

Innocent readings: slow steaming, weather that peers do not share, engine or steering trouble, ice, a tow,
giving way, approach to a place that is not charted.

Cases: tests/behaviours/test_anchor_drag_under_way.py.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from itertools import groupby

import numpy as np
from numpy.typing import NDArray

from seavigil.behaviours.detect import ALIVE, NO_ROOM, Behaviour, Detail, Quiet, by_rung, logged
from seavigil.behaviours.drag_bound import Limits, most_nats
from seavigil.behaviours.drag_circumstances import said, usual_here, weather_share
from seavigil.behaviours.drag_dips import Dip, DipParams, confirmed_from_us, dips
from seavigil.behaviours.drag_evidence import (
    MILLI,
    Evidence,
    EvidenceParams,
    evidence,
)
from seavigil.behaviours.episodes import Rule, Scores
from seavigil.behaviours.steps import Steps
from seavigil.behaviours.surroundings import Surroundings
from seavigil.events import Reason
from seavigil.normal.bins import Log
from seavigil.normal.places import ANCHORAGE, PILOT, PORT
from seavigil.records import SECOND_US, Flag, Transceiver
from seavigil.track import Track

F64 = NDArray[np.float64]
I64 = NDArray[np.int64]
Bool = NDArray[np.bool_]

#: Types whose speed goes up and down by their work or pleasure (ITU-R M.1371-5, table 53): fishing, towing,
#: dredging, diving, military, sailing, pleasure; wing in ground, high-speed craft; pilot, rescue, tug,
#: tender, anti-pollution, law enforcement.
_AT_WORK = (*range(20, 38), *range(40, 60))
#: Passenger ships ease their engines at the same places on every run, cables or not.
_BY_TIMETABLE = range(60, 70)


@dataclass(frozen=True)
class AnchorDragParams:
    """``rungs``: an event for each of these scores reached (nats), the first as soon as it is worth a look.

    ``window_s``: an anchor that has been down for longer is found by the hours since. ``order_nats``: of a
    thousand ship-days perhaps fifty see an unforced slowdown and far less than one a dragged anchor; all but
    these nats of that is in the rungs. ``regained_share``: at so much of the speed to be expected a ship that
    gave way is back at hers, and what was seen counts by ``regained_counts``. ``arrival_nats``: what speaks
    for an arrival where no place is near, where none is known, and near one (``near_m``: an hour at 10 kn).
    Own choices, set on exercise seeds below 1000 (decisions 9 and 12).
    """

    rungs: tuple[float, ...] = (8.5, 9.5, 10.5, 11.5, 12.5, 13.5, 14.5, 16.0, 18.0, 20.0)
    off_share: float = 0.4
    window_s: float = 10 * 3600.0
    least_own_sog_kn: float = 5.0
    order_nats: float = 9.0
    regained_share: float = 0.93
    regained_counts: float = 0.8
    most_bow_nats: float = 2.0
    arrival_nats: tuple[float, float, float] = (8.0, 3.0, -2.0)
    near_m: float = 18_520.0
    evidence: EvidenceParams = field(default_factory=EvidenceParams)
    dip: DipParams = field(default_factory=DipParams)


@dataclass(frozen=True)
class Judged:
    """One ship's log, weighed: for each row the score in nats and the row since which it counts."""

    log: Log
    found: Evidence
    usual_here: F64
    weather_share: F64
    score: F64
    since: I64


def score(track: Track, surroundings: Surroundings, params: AnchorDragParams) -> Iterable[Scores]:
    """Score the rows of her log in nats, once for each rung (see ``by_rung``), and each dip at an asset."""
    yield from _dip_scores(track, surroundings, params)
    judged = judge(track, surroundings, params)
    if judged is None or not (judged.score >= params.rungs[0]).any():
        return
    for value in by_rung(judged.score, params.rungs, params.off_share):
        yield logged(track, judged.log, value)


def _dip_scores(track: Track, surroundings: Surroundings, params: AnchorDragParams) -> Iterable[Scores]:
    """Score, for each asset, the reports that confirm a dip where she crossed it."""
    for asset, found in groupby(_dips(track, surroundings, params), key=lambda dip: dip.asset):
        values = np.zeros(len(track))
        for dip in found:
            values[dip.row] = max(values[dip.row], dip.nats)
        yield Scores(track.time_us, values, asset)


def screen(steps: Steps, params: AnchorDragParams) -> Bool:
    """A dip needs that she comes near an asset; all else is told by the log."""
    return steps.near


def screen_log(surroundings: Surroundings, rows: I64, params: AnchorDragParams) -> Bool:
    """Only a row of a ship whose usual speed is known, and is one of a passage, scores; up to its bound."""
    log, limits = surroundings.log, Limits(params.window_s, params.order_nats, params.most_bow_nats)
    may = log.own_sog_kn[rows] >= params.least_own_sog_kn
    may &= log.transceiver[rows] != Transceiver.CLASS_B
    most = most_nats(log, rows[may], limits, params.evidence, weather=bool(len(surroundings.weather)))
    may[may] = most * max(params.regained_counts, 1.0) >= params.rungs[0]
    return np.asarray(may)


def quiet(track: Track, surroundings: Surroundings, params: AnchorDragParams) -> Quiet:
    """A dip is confirmed only some time after the crossing."""
    until_us, waits = confirmed_from_us(track, surroundings, params.dip)
    return Quiet(until_us, NO_ROOM if waits else 0.0)


def _dips(track: Track, surroundings: Surroundings, params: AnchorDragParams) -> list[Dip]:
    """Give her dips that are worth a look; none of ships at work or on timetable, nor with bad GNSS."""
    if surroundings.assets is None or (track.transceiver == Transceiver.CLASS_B).any():
        return []
    found = [dip for dip in dips(track, surroundings, params.dip) if dip.nats >= params.rungs[0]]
    return [dip for dip in found if _to_be_trusted(track, surroundings, dip.row)]


def _to_be_trusted(track: Track, surroundings: Surroundings, row: int) -> bool:
    at_us, at = int(track.time_us[row]), slice(row, row + 1)
    if surroundings.statics.known(track.mmsi, at_us).ship_type in (*_AT_WORK, *_BY_TIMETABLE):
        return False
    if track.vessel_part and track.flags[row] & np.uint32(Flag.SHARED_MMSI):
        return False
    return not surroundings.gnss.degraded(track.lat_deg[at], track.lon_deg[at], at_us).any()


def judge(track: Track, surroundings: Surroundings, params: AnchorDragParams) -> Judged | None:
    """Weigh one ship's log, the rows since the track begins; None where there is nothing to weigh.

    It is kept with the log, so that it is done once for every closed bin and not with every report.
    """
    memo, key = surroundings.log.memo, (params, track.mmsi, track.vessel_part)
    from_us = int(track.time_us[0]) if len(track) else 0
    known: tuple[int, Judged | None] | None = memo.get(key)
    if known is None or known[0] > from_us:
        log = surroundings.log.of(track.mmsi, track.vessel_part)
        rows = log.last_us >= from_us
        judged = _judge(log, track.mmsi, track.vessel_part, rows, surroundings, params)
        known = memo[key] = (from_us, judged)
    return known[1]


def weigh(
    log: Log, mmsi: int, part: int, rows: NDArray[np.bool_], surroundings: Surroundings
) -> tuple[F64, F64]:
    """Give, for one ship's log, the score in nats and the speed to be expected of her in knots.

    Only ``rows`` are scored, the others get 0. The score is below any rung as a rule: who asks for it has
    reasons of his own to suspect this ship at this time. NaN where her normal is not known.
    """
    params = BEHAVIOUR.params
    judged = _judge(log, mmsi, part, rows, surroundings, params)
    if judged is None:
        return np.full(len(log), np.nan), np.full(len(log), np.nan)
    told = log.own_sog_kn >= params.least_own_sog_kn
    return np.where(told, judged.score, np.nan), judged.found.expected_kn


def _judge(
    log: Log,
    mmsi: int,
    part: int,
    rows: NDArray[np.bool_],
    surroundings: Surroundings,
    params: AnchorDragParams,
) -> Judged | None:
    wanted = rows & (log.own_sog_kn >= params.least_own_sog_kn)
    wanted &= ~_at_work(log, mmsi, surroundings)
    if not wanted.any():
        return None
    weather = weather_share(log, mmsi, surroundings, params.window_s)
    found = evidence(log, weather, params.evidence)
    usual = usual_here(log, surroundings)
    trusted = ~surroundings.gnss.degraded(log.lat_deg, log.lon_deg, log.visible_us)
    trusted &= ~_displaced(log, mmsi, part, surroundings, params)
    terms = _terms(found, np.where(trusted, usual, 1.0))
    values, since = _sums(log, wanted, found.ends, terms, _arrival_nats(log, surroundings, params), params)
    regained = ~(log.sog_kn <= params.regained_share * found.expected_kn)
    values = np.where(regained, params.regained_counts * values, values)
    return Judged(log, found, usual, weather, values, since)


def _displaced(
    log: Log, mmsi: int, part: int, surroundings: Surroundings, params: AnchorDragParams
) -> NDArray[np.bool_]:
    """Say in which rows she may be a ship that is elsewhere: not the first under her number, heard lately."""
    others_us = np.sort(surroundings.log.under_her_number(mmsi, part).last_us)
    if not part or not len(others_us):
        return np.zeros(len(log), dtype=np.bool_)
    latest = np.searchsorted(others_us, log.last_us, side="right") - 1
    since_us = log.last_us - others_us[np.maximum(latest, 0)]
    return np.asarray((latest >= 0) & (since_us < params.window_s * SECOND_US))


def _at_work(log: Log, mmsi: int, surroundings: Surroundings) -> NDArray[np.bool_]:
    """Say in which rows she was known to be a ship at work or at play, or class B."""
    ship_type = said(log, mmsi, "ship_type", surroundings)
    return np.asarray(np.isin(ship_type, _AT_WORK) | (log.transceiver == Transceiver.CLASS_B))


def _arrival_nats(log: Log, surroundings: Surroundings, params: AnchorDragParams) -> I64:
    """Give what speaks against an arrival before anything is seen, by what is known of places."""
    places, (far, unknown, near) = surroundings.places, params.arrival_nats
    kinds = [kind for kind in (PORT, ANCHORAGE, PILOT) if places.knows(kind)]
    if not kinds:
        nats = np.full(len(log), unknown)
    else:
        close = places.port_distance_m(log.lat_deg, log.lon_deg) <= params.near_m
        close |= places.in_anchorage(log.lat_deg, log.lon_deg) | places.in_pilot_area(
            log.lat_deg, log.lon_deg
        )
        nats = np.where(close, near, far if PORT in kinds else unknown)
    return np.rint(nats * MILLI).astype(np.int64)


def _terms(found: Evidence, usual_here: F64) -> tuple[I64, ...]:
    """Give what speed, unsteadiness, bow and gains say; less for a drag where others slow down too."""
    weight = 1.0 - np.clip(usual_here, 0.0, 1.0)
    slow, unsteady, bow, rises = (
        np.where(term > 0, np.rint(term * weight).astype(np.int64), term)
        for term in (found.slow, found.unsteady, found.bow, found.rises)
    )
    return slow, unsteady, bow, rises


def _sums(
    log: Log,
    wanted: NDArray[np.bool_],
    ends: NDArray[np.bool_],
    terms: tuple[I64, ...],
    arrival: I64,
    params: AnchorDragParams,
) -> tuple[F64, I64]:
    """Give the score of the rows wanted in nats, and the row at which the anchor then best went down."""
    at = np.arange(len(log))
    began = np.maximum.accumulate(np.where(ends, at + 1, 0))
    window = np.searchsorted(log.start_us, log.start_us - int(params.window_s * SECOND_US), side="right")
    first = np.maximum(began, window)
    order, most_bow = (round(nats * MILLI) for nats in (params.order_nats, params.most_bow_nats))
    best, since = np.zeros(len(log)), at.copy()
    totals = [np.concatenate([[0], np.cumsum(term)]) for term in terms]
    for row in np.flatnonzero(wanted & (first <= at)).tolist():
        slow, unsteady, bow, rises = (total[row + 1] - total[first[row] : row + 1] for total in totals)
        sums = unsteady + np.minimum(slow, order) + np.minimum(bow, most_bow)
        sums = np.minimum(sums, rises + arrival[row] + order)
        top = int(np.argmax(sums))
        best[row], since[row] = max(int(sums[top]), 0) / MILLI, first[row] + top
    return best, since


def detail(
    track: Track,
    surroundings: Surroundings,
    params: AnchorDragParams,
    scores: Scores,
    first: int,
    upto: int,
) -> Detail:
    """Say what speaks for an anchor on the bottom up to score ``upto``."""
    if scores.asset is not None:
        return _dip_detail(track, surroundings, params, scores, first)
    judged = judge(track, surroundings, params)
    assert judged is not None
    log = judged.log
    rows = np.searchsorted(log.visible_us, scores.time_us[[first, upto]])
    since, last = int(judged.since[rows[0]]), int(rows[1])
    reasons = _reasons(judged, slice(since, last + 1), params)
    return Detail(reasons, began_us=int(log.first_us[since]))


def _dip_detail(
    track: Track, surroundings: Surroundings, params: AnchorDragParams, scores: Scores, row: int
) -> Detail:
    dip = next(d for d in _dips(track, surroundings, params) if (d.asset, d.row) == (scores.asset, row))
    reasons = (
        Reason("drag_evidence", round(dip.nats, 1), params.rungs[0], "nats", 2.0),
        Reason("dip_at_crossing", round(dip.share, 3), 0.0, "1", 2.0),
        Reason("dip_size", round(dip.size, 1), 1.0, "times", 1.0),
    )
    return Detail(reasons, 0.0, began_us=dip.crossed_at_us)


def _reasons(judged: Judged, rows: slice, params: AnchorDragParams) -> tuple[Reason, ...]:
    log, counted = judged.log.rows(rows), judged.found.judged[rows]
    lasted_s = (log.last_us[-1] - log.first_us[0]) / SECOND_US
    expected_kn = judged.found.expected_kn[rows]

    def medians(observed: F64, usual: F64) -> list[tuple[float, float]]:
        both = counted & np.isfinite(observed) & np.isfinite(usual)
        pair = [round(float(np.median(values[both])), 1) for values in (observed, usual) if both.any()]
        return [(pair[0], pair[1])] if pair else []

    reasons = [
        Reason("drag_evidence", round(float(judged.score[rows][-1]), 1), params.rungs[0], "nats", 2.0),
        *(Reason("slower_than_usual", *m, "kn", 2.0) for m in medians(log.sog_kn, expected_kn)),
        *(Reason("stop_and_go", *m, "kn", 1.5) for m in medians(log.swing_kn, log.own_swing_kn)),
        Reason("speed_reversals", *_reversals(judged, rows, lasted_s, params), "times", 1.5),
        *(
            Reason("course_wobble", *m, "deg", 1.0)
            for m in medians(log.cog_spread_deg, log.own_cog_spread_deg)
        ),
        *(Reason("bow_off_course", *m, "deg", 1.0) for m in medians(log.bow_off_deg, log.own_bow_off_deg)),
        Reason("evidence_for", round(float(lasted_s)), None, "s", 1.0),
    ]
    return (*reasons, *_normal_from(judged, log, rows))


def _reversals(judged: Judged, rows: slice, lasted_s: float, params: AnchorDragParams) -> tuple[float, float]:
    """Give how often her speed turned back, and how often a ship on passage does in that time."""
    usual = lasted_s / 3600.0 * params.evidence.usual_reversals_per_h
    return float(np.count_nonzero(judged.found.reversals[rows])), round(float(usual), 1)


def _normal_from(judged: Judged, log: Log, rows: slice) -> list[Reason]:
    """Say what the normal rests on: her own hours, her peers, the weather, the place."""
    hours = float(np.nan_to_num(log.own_bins[-1])) / 12.0
    reasons = [Reason("normal_from_own_hours", round(hours, 1), None, "h", 0.5)]
    reasons.append(Reason("normal_from_peers", float(np.nanmedian(log.peers)), None, "ships", 0.5))
    if np.isfinite(log.peers_sog_share).any():
        share = round(float(np.nanmedian(log.peers_sog_share)), 2)
        reasons.append(Reason("peers_keep_speed", share, 1.0, "1", 1.0))
    weather = judged.weather_share[rows]
    if np.isfinite(weather).any():
        reasons.append(Reason("normal_from_weather", round(float(np.nanmedian(weather)), 2), 1.0, "1", 0.5))
    usual = float(judged.usual_here[rows].max())
    if usual > 0:
        reasons.append(Reason("others_slow_here", round(usual, 2), 0.0, "1", 0.5))
    return reasons


BEHAVIOUR = Behaviour(
    name="anchor_drag_under_way",
    params=AnchorDragParams(),
    history_s=DipParams().history_s,
    rule=lambda p: Rule(on=p.rungs[0], off=ALIVE / 2, max_gap_s=3600.0, max_duration_s=12 * 3600.0),
    score=score,
    detail=detail,
    of_log=True,
    of_rows_too=True,
    least_s=DipParams().after_s[1],
    screen=screen,
    quiet=quiet,
    screen_log=screen_log,
)
