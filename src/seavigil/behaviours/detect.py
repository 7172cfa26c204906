"""One signature for every behaviour: a pure function from a track to events."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from math import inf
from typing import Any

import numpy as np
from numpy.typing import NDArray

from seavigil.behaviours.episodes import Episode, Rule, Scores, episodes
from seavigil.behaviours.steps import Steps
from seavigil.behaviours.surroundings import Surroundings
from seavigil.events import Event, Passage, Reason
from seavigil.hashing import short_id
from seavigil.normal.log import Log
from seavigil.records import END_OF_DATA_US, NEVER_US, SECOND_US, Flag
from seavigil.track import Track

F64 = NDArray[np.float64]
I64 = NDArray[np.int64]


@dataclass(frozen=True)
class Detail:
    """What one revision of an event says beyond its times: made from rows up to its own.

    ``began_us``: when it began, where that is not the first row that scores; the same in both
    revisions. ``others``: vessel ids of the other ships concerned.
    """

    reasons: tuple[Reason, ...] = ()
    distance_m: float | None = None
    passage: Passage | None = None
    began_us: int | None = None
    others: tuple[str, ...] = ()


@dataclass(frozen=True)
class Quiet:
    """Until when nothing can begin, whatever rows come: no row before ``until_us`` can score enough.

    From then on a row may, once the weights that ``Behaviour.screen`` gives to the rows since add up to
    more than ``room``; without a screen any row may. A row from ``again_us`` on counts whatever it weighs.
    """

    until_us: int = NEVER_US
    room: float = 0.0
    again_us: int = END_OF_DATA_US


#: For ``Quiet.room``: no weight is needed, any row counts.
NO_ROOM = -1.0


@dataclass(frozen=True)
class Behaviour:
    """One behaviour: a pure score, a rule that makes episodes of it, and what to say of one.

    ``score(track, surroundings, params)`` gives one Scores for each asset concerned (or one with
    ``asset=None``). ``detail(track, surroundings, params, scores, first, upto)`` looks at scores
    ``first..upto`` and no later row. ``history_s``: rows this much older than ``settled_until`` are all that
    scoring ever needs. ``about_assets``: without assets there is nothing to score.
    ``of_silence``: it sees every row, also those without a sound position, and ends when the
    silence is broken. ``of_log``: it scores the rows of the ship's log (see ``logged``), not the track's.
    ``of_rows_too``: of the log, and of rows besides.
    ``every_row``: it sees every row too, for the rows without a sound position are its evidence.

    The rest spares work and must never cost an event (see ``Quiet``). ``least_s``: no row sooner than this
    after a ship's first scores enough; ``least_room``, ``again_s``: as in ``Quiet``, from her first row on.
    ``screen(steps, params)`` weighs new rows of many ships at once: 0 for
    one that cannot make anything begin. ``quiet(track, surroundings, params)`` is asked while nothing goes
    on. ``silent_from(track, surroundings, params)``: from when on a silence after the last row may score,
    None: never. ``screen_log(surroundings, rows, params)`` tells which of these rows of all ships' log may
    score enough. What is not given leaves any row, any time, any bin.
    """

    name: str
    params: Any
    history_s: float
    rule: Callable[[Any], Rule]
    score: Callable[[Track, Surroundings, Any], Iterable[Scores]]
    detail: Callable[[Track, Surroundings, Any, Scores, int, int], Detail]
    about_assets: bool = False
    of_silence: bool = False
    of_log: bool = False
    of_rows_too: bool = False
    every_row: bool = False
    least_s: float = 0.0
    least_room: float = 0.0
    again_s: float = inf
    screen: Callable[[Steps, Any], NDArray[Any]] | None = None
    quiet: Callable[[Track, Surroundings, Any], Quiet] | None = None
    silent_from: Callable[[Track, Surroundings, Any], int | None] | None = None
    screen_log: Callable[[Surroundings, I64, Any], NDArray[np.bool_]] | None = None


@dataclass(frozen=True)
class Detected:
    """Events, and the time before which all is settled: pass it to the next call.

    ``open``: something goes on that any row may end. ``due_us``: when it would end, or a silence may
    score, without one. ``quiet``: what is known beforehand of the next rows.
    """

    events: list[Event]
    settled_until_us: int
    open: bool = False
    due_us: int = END_OF_DATA_US
    quiet: Quiet = Quiet()


def detect(
    track: Track,
    surroundings: Surroundings,
    behaviour: Behaviour,
    params: Any,
    *,
    settled_until_us: int,
    as_of_us: int,
) -> Detected:
    """Give every revision, known by ``as_of_us``, of events that begin at or after ``settled_until_us``.

    Rows before ``settled_until_us`` are history only. The input is complete to ``as_of_us``; no
    row later than it may be in ``track``. Passing on the returned time with rows from
    ``history_s`` before it gives, over any cutting, the same events as one call over all rows.
    """
    rows = track if behaviour.of_silence or behaviour.every_row else track.sound
    events: list[Event] = []
    settled_us, due_us, is_open, silent = [], [], False, False
    rule = behaviour.rule(params)
    for scores in behaviour.score(rows, surroundings, params):
        found, until_us = episodes(
            scores,
            rule,
            settled_until_us=settled_until_us,
            as_of_us=as_of_us,
            clock=surroundings.clock,
        )
        settled_us.append(until_us)
        if scores.undecided_since_us is not None:
            settled_us.append(scores.undecided_since_us)
            is_open |= not behaviour.of_silence
        for episode in found:
            if episode.ended_known_us is None:
                silent |= _is_silent(behaviour, rule, rows, scores, episode)
                due_us.append(int(scores.time_us[episode.last] + rule.max_gap_s * SECOND_US) + 1)
            events.extend(_revisions(rows, surroundings, behaviour, params, scores, episode))
    if not settled_us:
        settled_us.append(int(rows.time_us[-1]) + 1 if len(rows) else as_of_us + 1)
    unlogged_us = _unlogged_us(rows, surroundings) if behaviour.of_log else []
    settled = max(min(settled_us + unlogged_us), settled_until_us)
    is_open |= bool(due_us)
    if behaviour.of_silence and not silent:
        silent_us = behaviour.silent_from(rows, surroundings, params) if behaviour.silent_from else NEVER_US
        due_us += [] if silent_us is None else [silent_us]
    quiet = Quiet() if is_open or behaviour.quiet is None else behaviour.quiet(rows, surroundings, params)
    return Detected(events, settled, is_open, min(due_us, default=END_OF_DATA_US), quiet)


def _is_silent(behaviour: Behaviour, rule: Rule, track: Track, scores: Scores, episode: Episode) -> bool:
    """Whether this is the silence after the last row: nothing more is told of it until a row or its end."""
    if not behaviour.of_silence or scores.row is None or episode.stood is None:
        return False
    return bool(scores.row[episode.last] == len(track) - 1 and scores.value[episode.last] >= rule.on)


def logged(track: Track, log: Log, value: F64, asset: int | None = None) -> Scores:
    """Give scores for rows of the ship's own log: each stands at the time its bin became visible.

    ``log``, ``value``: of one length. Rows older than the track are left out: those are settled.
    """
    keep = slice(int(np.searchsorted(log.last_us, track.time_us[0])) if len(track) else len(log), None)
    row = np.searchsorted(track.time_us, log.last_us[keep], side="right") - 1
    return Scores(log.visible_us[keep], value[keep], asset, row=row)


#: Between off and on of the rule of a behaviour that is told rung by rung.
ALIVE = 0.5


def by_rung(values: F64, rungs: Sequence[float], off_share: float) -> Iterator[F64]:
    """Give for each rung, lowest first, the score where it rises to it and not to the next; elsewhere
    just alive, or 0.

    So every rung has its own event, that begins when it is reached and says no more than was known then.
    ``off_share``: below this share of the rung it is over. The rule's off lies below ALIVE, its on is the
    lowest rung. What outlasts the rule's longest duration is not told again until it rises anew.
    """
    reached = np.searchsorted(rungs, values, side="right")
    rises = reached > np.concatenate([[0], reached[:-1]])
    for number, at in enumerate(rungs, start=1):
        alive = np.where(values >= at * off_share, ALIVE, 0.0)
        yield np.where(rises & (reached == number), values, alive)


def _unlogged_us(track: Track, surroundings: Surroundings) -> list[int]:
    """Give the first row that no visible row of the log tells of yet: nothing from there on is settled."""
    coverage = surroundings.coverage
    logged_us = coverage.starts_us[-1] + coverage.bin_us if len(coverage.starts_us) else NEVER_US
    return [int(t) for t in track.time_us[np.searchsorted(track.time_us, logged_us) :][:1]]


def _revisions(
    track: Track,
    surroundings: Surroundings,
    behaviour: Behaviour,
    params: Any,
    scores: Scores,
    episode: Episode,
) -> Iterable[Event]:
    if episode.stood is None:
        return
    stood_us = int(scores.time_us[episode.stood])
    draw = _Drawer(track, surroundings, behaviour, params, scores, episode, stood_us)
    yield draw.event(1, episode.stood, stood_us, None)
    if episode.ended_known_us is not None:
        ended_us = episode.ended_known_us if behaviour.of_silence else draw.last_us
        yield draw.event(2, episode.last, episode.ended_known_us, ended_us)


@dataclass(frozen=True)
class _Drawer:
    """Draws the revisions of one event."""

    track: Track
    surroundings: Surroundings
    behaviour: Behaviour
    params: Any
    scores: Scores
    episode: Episode
    stood_us: int

    def event(self, revision: int, upto: int, known_at_us: int, ended_us: int | None) -> Event:
        """Give one revision: what rows up to score number ``upto`` tell."""
        first, last = self._row(self.episode.first), self._row(upto)
        track, asset = self.track, self.scores.asset
        first_id = int(track.report_id[first])
        asset_id = None if asset is None else self.surroundings.asset(asset).asset_id
        hashed = params_hash(self.params)
        detail = self.behaviour.detail(
            track, self.surroundings, self.params, self.scores, self.episode.first, upto
        )
        return Event(
            event_id=short_id(self.behaviour.name, track.vessel_id, asset_id, first_id, hashed),
            revision=revision,
            known_at_us=known_at_us,
            detected_at_us=self.stood_us,
            behaviour=self.behaviour.name,
            params_hash=hashed,
            vessel_id=track.vessel_id,
            mmsi=track.mmsi,
            asset_id=asset_id,
            began_us=int(track.time_us[first]) if detail.began_us is None else detail.began_us,
            ended_us=ended_us,
            first_report_id=first_id,
            last_report_id=int(track.report_id[last]),
            reports=last - first + 1,
            lat_deg=_known(track.lat_deg[last]),
            lon_deg=_known(track.lon_deg[last]),
            sog_kn=_known(track.sog_kn[last]),
            cog_deg=_known(track.cog_deg[last]),
            peak_score=float(np.max(self.scores.value[self.episode.first : upto + 1])),
            distance_m=detail.distance_m,
            passage=detail.passage,
            reasons=detail.reasons,
            others=detail.others,
            transceiver=_code(track.transceiver[last]),
            flags=Flag(int(np.bitwise_or.reduce(track.flags[first : last + 1]))),
        )

    @property
    def last_us(self) -> int:
        """Give the time of the last report of the episode."""
        return int(self.track.time_us[self._row(self.episode.last)])

    def _row(self, score: int) -> int:
        return score if self.scores.row is None else int(self.scores.row[score])


def _code(value: float) -> int | None:
    return None if np.isnan(value) else int(value)


def _known(value: float) -> float | None:
    return None if np.isnan(value) else float(value)


def params_hash(params: Any) -> str:
    """Give the id of a set of parameters: part of every event's id."""
    return short_id(type(params).__name__, repr(params))
