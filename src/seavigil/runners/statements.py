"""What can be said of each hour: what was seen, how much of the usual was heard, when the watch was blind.

"Nothing seen" means something only beside how well was listened; so every hour has both, and a quiet
hour in which nobody listened is not called quiet.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from seavigil.reasons import many
from seavigil.records import HOUR_US, SECOND_US, rfc3339
from seavigil.runners.feed_health import FeedHealth, Tick
from seavigil.runners.live import Watch
from seavigil.store.rows import StatementRow

_MOST_NAMED = 5
_MOST_BLIND = 5
_PRIORITIES = ("urgent", "warning", "advisory")
#: Ships with clocks of their own are always about: up to this share is no news (own choice).
_FEW_ASIDE = 0.02
_NOT_RUNNING, _FAILED = "the watch did not run", "judging failed"


@dataclass(frozen=True)
class StatementParams:
    """``every_us``: one for each full hour (own choice: a watch officer's log is kept by the hour).

    ``named_us``: blind times shorter than a minute are counted, not named.
    """

    every_us: int = HOUR_US
    named_us: int = 60 * SECOND_US


@dataclass
class _Blind:
    began_us: int
    ended_us: int
    why: str


@dataclass
class _Period:
    """What was gathered since ``began_us``. ``alive``: the fewest feeds at a time."""

    began_us: int
    run_s: float = 0.0
    reports: int = 0
    aside: int = 0
    of_known: int = 0
    expected: float = 0.0
    known: int = 0
    alive: int | None = None
    feeds: int = 0
    blind: list[_Blind] = field(default_factory=list)

    @property
    def blind_us(self) -> int:
        """Give for how long in all nobody listened."""
        return sum(b.ended_us - b.began_us for b in self.blind)


@dataclass
class Statements:
    """Makes one statement for each hour, at the first tick after it."""

    params: StatementParams = field(default_factory=StatementParams)
    _now: _Period | None = None

    def tick(self, wall_us: int, health: FeedHealth, watch: Watch | None) -> list[StatementRow]:
        """Take a tick that the health has taken; gives the statements of the hours that are over."""
        last = health.last
        if last is None:
            return []
        if self._now is None or wall_us < self._now.began_us:  # a clock that was set back
            self._now = _Period(last.began_us)
        every_us = self.params.every_us
        over_us = wall_us - wall_us % every_us
        if over_us <= self._now.began_us:
            _add(self._now, last, last.began_us, wall_us)
            return []
        first_us = self._now.began_us - self._now.began_us % every_us + every_us
        _add(self._now, last, last.began_us, first_us)
        said = [self._say(self._now, first_us, wall_us, health, watch)]
        if first_us < over_us:  # hours that went by without a record
            skipped = _Period(first_us, feeds=last.feeds, alive=0)
            _blind(skipped, first_us, over_us, _NOT_RUNNING)
            said.append(self._say(skipped, over_us, wall_us, health, watch))
        self._now = _Period(over_us)
        if last.pause_us:
            _add(self._now, last, over_us, wall_us)
        return said

    def _say(
        self, period: _Period, until_us: int, wall_us: int, health: FeedHealth, watch: Watch | None
    ) -> StatementRow:
        """Say one hour, and let what was told in it go."""
        told, drilled = health.sights.taken()
        notes, areas = [*_failures(health.failures), *health.notes], sorted(health.areas_lost)
        health.failures.clear()
        health.notes.clear()
        unheard = health.blind(period.run_s + 1.0)
        figures = _figures(period, until_us, told, unheard, areas, notes)
        figures["exercises"] = _by_priority(drilled)
        text = _text(period, until_us, told, drilled, unheard, areas, notes, self.params.named_us)
        return StatementRow(wall_us, _data_us(watch, wall_us), text, figures)


def _add(period: _Period, tick: Tick, from_us: int, until_us: int) -> None:
    """Count a tick, or a part of a pause; one that just crosses the hour counts for the hour that is over."""
    share = (until_us - from_us) / max(tick.wall_us - tick.began_us, 1) if tick.pause_us else 1.0
    period.expected += tick.expected * share
    period.known, period.feeds = max(period.known, tick.known), max(period.feeds, tick.feeds)
    period.alive = tick.alive if period.alive is None else min(period.alive, tick.alive)
    if from_us == tick.began_us:
        period.run_s += tick.seconds
        period.reports += tick.reports
        period.aside += tick.aside
        period.of_known += tick.of_known
    if tick.pause_us:
        _blind(period, from_us, until_us, _NOT_RUNNING)
    elif not tick.alive:
        why = _FAILED if tick.failed else "no feed alive" if tick.feeds else "no feed"
        _blind(period, _deaf_us(period, tick, from_us), until_us, why)


def _deaf_us(period: _Period, tick: Tick, from_us: int) -> int:
    """Give since when nothing was heard: by the time that is known, it has gone on for a while.

    What of it lies in an hour that was told of already stays as it was told: under a minute for a busy feed.
    """
    heard_us = from_us if tick.heard_us is None else min(tick.heard_us, from_us)
    last_us = period.blind[-1].ended_us if period.blind else period.began_us
    return max(heard_us, last_us)


def _blind(period: _Period, began_us: int, ended_us: int, why: str) -> None:
    before = period.blind[-1] if period.blind else None
    if before is not None and before.why == why and before.ended_us >= began_us:
        before.ended_us = max(before.ended_us, ended_us)
    elif ended_us > began_us:
        period.blind.append(_Blind(began_us, ended_us, why))


def _data_us(watch: Watch | None, wall_us: int) -> int:
    """Give the newest data time heard; where nothing ever was, the wall time."""
    ticks = None if watch is None else watch.surroundings.clock.ticks_us
    return wall_us if ticks is None or not len(ticks) else int(ticks[-1])


def _figures(
    period: _Period,
    until_us: int,
    told: Counter[str],
    unheard: list[tuple[str, str, str]],
    areas: list[str],
    notes: list[str],
) -> dict[str, Any]:
    return {
        "from": rfc3339(period.began_us),
        "to": rfc3339(until_us),
        "alerts": _by_priority(told),
        "reports": period.reports,
        "reports_set_aside": period.aside,
        "reports_of_known_feeds": period.of_known,
        "expected": round(period.expected) if period.known else None,
        "share": round(period.of_known / period.expected, 3) if period.known and period.expected else None,
        "feeds_alive_least": period.alive,
        "feeds": period.feeds,
        "feeds_known": period.known,
        "blind_s": round(period.blind_us / SECOND_US),
        "blind": [
            {"from": rfc3339(b.began_us), "to": rfc3339(b.ended_us), "why": b.why} for b in period.blind
        ],
        "assets_not_heard": [asset_id for asset_id, _, _ in unheard],
        "areas_lost": areas,
        "notes": notes,
    }


def _text(
    period: _Period,
    until_us: int,
    told: Counter[str],
    drilled: Counter[str],
    unheard: list[tuple[str, str, str]],
    areas: list[str],
    notes: list[str],
    named_us: int,
) -> str:
    blind = f"blind: {_blind_words(period, unheard, areas, named_us)}"
    drill = f"; exercises: {_numbers(drilled)}" if _by_priority(drilled) else ""
    if period.blind_us >= until_us - period.began_us and not _by_priority(told) and not drill:
        heard = f"nobody listened; {blind}"
    else:
        seen = f"{_seen(period, until_us, told, named_us)}{drill}"
        heard = f"{seen}; {_heard(period)}{_aside(period)}, {_alive(period)}, {blind}"
    return "; ".join([f"{_span(period.began_us, until_us)}: {heard}", *notes])


def _seen(period: _Period, until_us: int, told: Counter[str], named_us: int) -> str:
    if _by_priority(told):
        return f"alerts: {_numbers(told)}"
    listened_min = (until_us - period.began_us - period.blind_us) // (60 * SECOND_US)
    part = f" in the {listened_min} min in which it listened" if period.blind_us >= named_us else ""
    return f"nothing above info seen{part}"


def _by_priority(told: Counter[str]) -> dict[str, int]:
    """Give how many there are of each priority above info."""
    return {p: told[p] for p in _PRIORITIES if told[p]}


def _numbers(told: Counter[str]) -> str:
    return ", ".join(f"{n} {p}" for p, n in _by_priority(told).items())


def _heard(period: _Period) -> str:
    if not period.known or not period.expected:
        return f"{many(period.reports, 'report')} heard (what is usual is not known yet)"
    share = f"{period.of_known / period.expected:.0%} of expected reports heard"
    other = (
        "" if period.known == period.feeds else f" by the {many(period.known, 'feed')} of which it is known"
    )
    return f"{share} ({period.of_known:,} of {round(period.expected):,}{other})"


def _failures(found: Mapping[str, int]) -> list[str]:
    """Say how often judging failed for all ships, and by what most of all."""
    if not found:
        return []
    often = max(found, key=lambda why: found[why])
    return [
        f"JUDGING FAILED for all ships {many(sum(found.values()), 'time')} ({often}): much may be missing"
    ]


def _aside(period: _Period) -> str:
    """Say what came late or far ahead and was not judged, where it is more than the odd ship's."""
    if period.aside <= _FEW_ASIDE * (period.reports + period.aside):
        return ""
    return f" and {period.aside:,} more not judged"


def _alive(period: _Period) -> str:
    alive = f"{period.alive or 0} of {many(period.feeds, 'feed')} alive"
    return alive if period.alive == period.feeds else f"at times only {alive}"


def _blind_words(
    period: _Period, unheard: list[tuple[str, str, str]], areas: list[str], named_us: int
) -> str:
    named = [b for b in period.blind if b.ended_us - b.began_us >= named_us][:_MOST_BLIND]
    said = [f"{_clock(b.began_us)} to {_clock(b.ended_us)} ({b.why})" for b in named]
    rest = [b for b in period.blind if b not in named]
    if rest:
        rest_s = sum(b.ended_us - b.began_us for b in rest) / SECOND_US
        said.append(f"{rest_s:,.0f} s {'more ' if said else ''}in {many(len(rest), 'piece')}")
    if unheard:
        names = ", ".join(name for _, name, _ in unheard[:_MOST_NAMED])
        more = f" and {len(unheard) - _MOST_NAMED} more" if len(unheard) > _MOST_NAMED else ""
        said.append(f"no ship heard near {names}{more}")
    if areas:
        said.append(f"reception lost in {many(len(areas), 'area')}")
    return ", ".join(said) or "none"


def _span(began_us: int, ended_us: int) -> str:
    began, ended = (datetime.fromtimestamp(us // SECOND_US, UTC) for us in (began_us, ended_us))
    day = "" if began.date() == ended.date() or ended_us % (24 * HOUR_US) == 0 else f"{ended:%Y-%m-%d} "
    return f"{began:%Y-%m-%d %H:%M} to {day}{ended:%H:%M}"


def _clock(us: int) -> str:
    return f"{datetime.fromtimestamp(us // SECOND_US, UTC):%H:%M}"
