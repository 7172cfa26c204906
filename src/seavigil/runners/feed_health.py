"""How all feeds do, as a function of the raw log: nothing else is asked, no clock least of all.

Time is that of the records. It counts only while the watch ran: a stretch without any record, as
between the end of one run and the beginning of the next, or over a leap of the clock, makes no feed
mute. All that is told changes at ticks of the wall clock only, so it is the same however the records
between them are cut into steps; what the records before a tick brought is to be told (`heard`) before the
tick is taken.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, replace
from math import isfinite
from typing import Any

import numpy as np
import pyarrow as pa

from seavigil.alerts import Alert
from seavigil.assets import Assets
from seavigil.feeds.transports.contract import FeedState
from seavigil.records import SECOND_US, Decoded
from seavigil.runners.feed_alerts import CLOCK, DEAD, Around, Spell, begin, draft, ended
from seavigil.runners.feed_state import FeedHealthParams, OneFeed
from seavigil.runners.heard_assets import HeardAssets, cells_of, heard_by_any
from seavigil.runners.heard_share import HeardShare, share_of
from seavigil.runners.sights import Sights
from seavigil.store.rawlog import Kind, Record
from seavigil.store.rows import FeedRow

#: Feeds whose offsets differ by less are off alike: then it may be our own clock.
_ALIKE_S = 30.0
#: Feeds heard last within so much of each other fell silent together.
_TOGETHER_US = 120 * SECOND_US
#: A feed that says nothing of itself so long after the service began is configured no more.
_NO_MORE_US = 15 * SECOND_US


@dataclass(frozen=True)
class Tick:
    """What one tick says of all feeds together, for whoever sums up.

    ``pause_us``: so much of ``began_us`` to ``wall_us`` without any record. ``expected``: reports usual for
    the time the watch ran, of feeds whose usual is known, and ``of_known`` what these brought. ``heard_us``:
    when a report that was judged last came; ``aside``: reports, none of ``reports``, that could not be;
    ``failed``: whether judging failed for all ships.
    """

    began_us: int
    wall_us: int
    seconds: float
    pause_us: int
    reports: int
    of_known: int
    expected: float
    known: int
    alive: int
    feeds: int
    heard_us: int | None = None
    aside: int = 0
    failed: bool = False


class FeedHealth:
    """Takes every record of the log in its order; can be stored and woken again."""

    def __init__(self, params: FeedHealthParams | None = None, assets: Assets | None = None) -> None:
        self.params = params or FeedHealthParams()
        #: Alerts about ships and areas since whoever sums up took them.
        self.sights = Sights()
        #: Areas of which nobody is heard while others are: alerts of `coverage_lost` that go on.
        self.areas_lost: set[str] = set()
        #: What was told of the clock and the log since whoever sums up took it.
        self.notes: list[str] = []
        #: By what judging failed for all ships since whoever sums up took it, and how often.
        self.failures: Counter[str] = Counter()
        self.last: Tick | None = None
        self._failed = False
        self._feeds: dict[int, OneFeed] = {}
        self._along = cells_of(assets)
        self._near: dict[int, HeardAssets] = {}
        self._spells: dict[tuple[int, str], Spell] = {}
        self._drafts: list[Alert] = []
        self._run_us = 0
        self._wall_us: int | None = None
        self._tick_us: int | None = None
        self._tick_run_us = 0
        self._pause_us = 0
        self._met: set[int] = set()
        self._unmet: set[int] = set()
        self._started_run_us = 0
        self._share = share_of((), 0)
        self._own_behind_us = 0
        self._heard_us: int | None = None

    def take(self, record: Record) -> None:
        """Take one record."""
        self._pass(record.wall_us)
        if record.kind == Kind.TICK:
            self._tick(record.wall_us)
        elif record.kind == Kind.FEED:
            self._meet(record)
        elif record.feed in self._feeds:
            self._seen(record.feed)
            self._of_feed(self._feeds[record.feed], record)
        elif record.kind == Kind.STATE:
            self._of_watch(record)

    def heard(self, decoded: Decoded, wall_us: int, feed: int) -> None:
        """Take what bytes of a feed became, received at ``wall_us``."""
        one = self._feeds.get(feed)
        if one is not None:
            one.counts.heard(decoded, wall_us, timed=not one.replay)
            self._near[feed].heard(decoded.reports)

    def failed(self, why: str) -> None:
        """Take note that judging failed for all ships."""
        self.failures[why] += 1
        self._failed = True

    def unjudged(self, *rows: pa.Table) -> None:
        """Take reports that were heard and could not be judged."""
        names = Counter(name for some in rows for name in some["source"].to_pylist())
        for feed in self._feeds.values():
            feed.counts.set_aside(names[feed.name])

    def rows(self) -> list[FeedRow]:
        """Give each feed as it stands, its rates as of the last tick."""
        return [self._row(feed) for feed in self._feeds.values()]

    def alerts(self) -> list[Alert]:
        """Give, once, the drafts of alerts about feeds that ticks led to since the last call."""
        drafts, self._drafts = self._drafts, []
        return drafts

    def share(self) -> HeardShare:
        """Give how much of what is usual was heard in the last ten minutes, as of the last tick."""
        return self._share

    def beside(self, alert: Alert) -> Alert:
        """Give a revision of an alert about a ship or an area with how well feeds are heard beside it.

        To be called after the book has numbered it: a change of these figures alone makes no revision.
        """
        if "coverage_lost" in alert.behaviours and alert.area is not None:
            (self.areas_lost.add if alert.ended_us is None else self.areas_lost.discard)(alert.area.area_id)
        share = self.share()
        if not share.feeds:
            return alert
        said = "; ".join(filter(None, [alert.coverage.get("statement"), share.words()]))
        return replace(alert, coverage={**alert.coverage, "statement": said, "feeds": share.as_json()})

    def blind(self, since_s: float | None = None) -> list[tuple[str, str, str]]:
        """Give id, name and kind of the assets near which no ship was heard for so long (else 10 min)."""
        since_us = self._run_us - round((since_s or self.params.blind_after_s) * SECOND_US)
        heard = heard_by_any(self._near.values(), since_us, self._along.assets)
        return [asset for asset, near in zip(self._along.assets, heard, strict=True) if not near]

    @property
    def receipt_off_us(self) -> int | None:
        """How far our own clock is behind, as of the last tick; None where a recording is played.

        It is taken to be where all feeds that there are agree on it: one alone may be ahead of all others,
        and must not take the time of all with it.
        """
        return None if any(feed.replay for feed in self._feeds.values()) else self._own_behind_us

    @property
    def live_alerts(self) -> set[str]:
        """Give the ids of the alerts about feeds that may still change."""
        return {spell.alert_id for spell in self._spells.values()}

    @property
    def alive(self) -> int:
        """How many feeds bring reports."""
        return sum(f.brings for f in self._feeds.values())

    def _pass(self, wall_us: int) -> None:
        """Let time go by; a long stretch without a record does not count, nor does one that goes back."""
        if self._wall_us is None:
            self._wall_us = self._tick_us = wall_us
        step_us = wall_us - self._wall_us
        if step_us > self.params.pause_after_s * SECOND_US:
            self._pause_us += step_us
        else:
            self._run_us += max(step_us, 0)
        self._wall_us = wall_us

    def _meet(self, record: Record) -> None:
        told = _content(record)
        number, name, url = record.feed, str(told.get("name", "")), str(told.get("url", ""))
        one = self._feeds.get(number)
        if one is None or one.name != name:
            one = OneFeed(number, name, url, record.wall_us, self.params)
            one.heard_us, one.heard_run_us, one.cut_run_us = record.wall_us, self._run_us, self._run_us
            one.since_us = record.wall_us
            self._leave(number, record.wall_us)
            self._feeds[number], self._near[number] = one, HeardAssets(self._along)
        one.url, one.replay = url, bool(told.get("replay", False))
        mute_after_s = _number(told.get("mute_after_s"), self.params.mute_after_s)
        one.params = replace(self.params, mute_after_s=mute_after_s)
        self._seen(number)

    def _seen(self, number: int) -> None:
        self._met.add(number)
        self._unmet.discard(number)

    def _of_feed(self, feed: OneFeed, record: Record) -> None:
        if record.kind == Kind.DATA:
            feed.came(len(record.payload), record.wall_us)
        elif record.kind == Kind.STATE:
            feed.told(_content(record), self._run_us, record.wall_us)
        elif record.kind == Kind.OPENED:
            feed.open[record.stream] = str(_content(record).get("peer", ""))
        elif record.kind == Kind.CLOSED:
            feed.open.pop(record.stream, None)
        elif record.kind == Kind.COUNT:
            told = _content(record)
            feed.counts.lost[str(told.get("what", "lost"))] += int(_number(told.get("n"), 1))

    def _of_watch(self, record: Record) -> None:
        """Take what the service says of itself: that it starts, what its clock did, what the log can."""
        told = _content(record)
        if told.get("state") != "started":
            self.notes.append(str(told.get("why", "")))
            return
        for feed in self._feeds.values():
            feed.started_again(self._run_us, record.wall_us)
        self._unmet, self._started_run_us = set(self._feeds) - self._met, self._run_us

    def _tick(self, wall_us: int) -> None:
        """Close the time since the last tick: rates, states, alerts."""
        seconds = (self._run_us - self._tick_run_us) / SECOND_US
        if self._unmet and self._run_us - self._started_run_us >= _NO_MORE_US:
            for number in sorted(self._unmet):
                self._leave(number, wall_us)
            self._unmet = set()
        self._met = set()
        for number, feed in self._feeds.items():
            feed.tick(self._run_us, seconds, wall_us)
            self._near[number].tick(self._run_us, judged=feed.judged > 0)
        for feed in self._feeds.values():
            self._watch_over(feed, wall_us)
        self._own_clock()
        self.last = self._summed(wall_us, seconds)
        self._share = share_of(self._feeds.values(), wall_us)
        self._failed = False
        self._tick_us, self._tick_run_us, self._pause_us = wall_us, self._run_us, 0

    def _own_clock(self) -> None:
        """Take from the feeds how far our own clock is behind; it is believed until one of them denies it."""
        ahead_s = [-d for feed in self._feeds.values() if (d := feed.delay_s) is not None]
        if not ahead_s:
            return
        least_us = round(max(min(ahead_s), 0.0) * SECOND_US)
        agreed = len(ahead_s) == len(self._feeds) and max(ahead_s) - min(ahead_s) <= _ALIKE_S
        if agreed or least_us < self._own_behind_us:
            self._own_behind_us = least_us

    def _summed(self, wall_us: int, seconds: float) -> Tick:
        came = {n: f.judged for n, f in self._feeds.items()}
        known = {n: u for n, f in self._feeds.items() if (u := f.counts.usual(wall_us)) is not None}
        pause_s = self._pause_us / SECOND_US
        if any(came.values()):
            self._heard_us = wall_us
        return Tick(
            began_us=wall_us if self._tick_us is None else self._tick_us,
            wall_us=wall_us,
            seconds=seconds,
            pause_us=self._pause_us,
            reports=sum(came.values()),
            of_known=sum(came[n] for n in known),
            expected=sum(u.reports_per_s for u in known.values()) * (seconds + pause_s),
            known=len(known),
            alive=self.alive,
            feeds=len(self._feeds),
            heard_us=self._heard_us,
            aside=sum(f.aside for f in self._feeds.values()),
            failed=self._failed,
        )

    def _leave(self, number: int, wall_us: int) -> None:
        """Forget a feed that is no more; what was told of it ends."""
        feed = self._feeds.pop(number, None)
        self._near.pop(number, None)
        for behaviour in (DEAD, CLOCK):
            spell = self._spells.pop((number, behaviour), None)
            if feed is not None and spell is not None:
                self._end(spell, feed, wall_us)

    def _watch_over(self, feed: OneFeed, wall_us: int) -> None:
        """Begin, go on with or end what is told of one feed."""
        off_for_us = 0 if feed.off_run_us is None else self._run_us - feed.off_run_us
        off = feed.alive and feed.off and off_for_us >= self.params.off_for_s * SECOND_US
        right = not feed.alive or (feed.state == FeedState.CONNECTED and feed.delay_s is not None)
        for behaviour, holds, over in ((DEAD, not feed.alive, feed.recovered), (CLOCK, off, right)):
            spell = self._spells.get((feed.number, behaviour))
            if holds:
                self._go_on(behaviour, spell, feed, wall_us)
            elif over and spell is not None:
                self._end(spell, feed, wall_us)

    def _go_on(self, behaviour: str, spell: Spell | None, feed: OneFeed, wall_us: int) -> None:
        """Tell what began, or has changed; figures that grow by themselves are told only then."""
        if spell is None or (spell.ended_us is not None and not self._again(spell)):
            began_us = feed.heard_us if behaviour == DEAD else feed.since_us
            spell = begin(behaviour, feed, began_us, wall_us)
            self._spells[feed.number, behaviour] = spell
        around = self._around(feed, wall_us)
        told = draft(spell, feed, around)
        if told is not None:
            self._drafts.append(told)

    def _again(self, spell: Spell) -> bool:
        return self._run_us - spell.ended_run_us <= self.params.again_within_s * SECOND_US

    def _end(self, spell: Spell, feed: OneFeed, wall_us: int) -> None:
        if spell.draft is None or spell.ended_us is not None:
            return
        spell.ended_us, spell.ended_run_us = wall_us, self._run_us
        self._drafts.append(ended(spell.draft, feed, self._around(feed, wall_us)))

    def _around(self, feed: OneFeed, wall_us: int) -> Around:
        """Give what the other feeds, and the assets, say of one feed's silence."""
        since_us = self._run_us - round(self.params.blind_after_s * SECOND_US)
        living = [self._near[n] for n, f in self._feeds.items() if f.brings and n != feed.number]
        unheard = ~heard_by_any(living, since_us, self._along.assets)
        day_us = self._run_us - round(self.params.depends_s * SECOND_US)
        near = self._near.get(feed.number)  # none of one that is left
        own = near.since(day_us) if feed.ever and near is not None else np.ones_like(unheard)
        timed = [d for f in self._feeds.values() if (d := f.delay_s) is not None]
        mine = feed.delay_s
        return Around(
            wall_us=wall_us,
            run_us=self._run_us,
            alive=self.alive,
            feeds=len(self._feeds),
            dead_together=sum(not f.alive and _together(f, feed) for f in self._feeds.values()),
            depend=self._named(unheard & own),
            blind=self._named(unheard),
            off_alike=0 if mine is None else sum(abs(d - mine) <= _ALIKE_S for d in timed),
            timed=len(timed),
        )

    def _named(self, which: Any) -> tuple[tuple[str, str, str], ...]:
        return tuple(self._along.assets[i] for i in np.flatnonzero(which).tolist())

    def _row(self, feed: OneFeed) -> FeedRow:
        minute, usual = feed.minute, feed.counts.usual(self._tick_us or 0)
        lately = {} if minute is None else minute.counts()
        rated = minute if feed.alive else feed.meanwhile(self._tick_run_us)
        return FeedRow(
            feed=feed.number,
            name=feed.name,
            url=feed.url,
            state=feed.state,
            why=feed.why,
            since_us=feed.since_us,
            last_bytes_us=feed.counts.last_bytes_us,
            last_report_us=feed.counts.last_report_us,
            bytes=feed.counts.bytes,
            reports=feed.counts.reports,
            rejects=feed.counts.rejects,
            ships=feed.counts.ships(),
            delay_s_median=None if minute is None else minute.delay_s_median,
            delay_s_p95=None if minute is None else minute.delay_s_p95,
            usual_reports_per_s=None if usual is None else usual.reports_per_s,
            reports_per_s=None if minute is None or rated is None else rated.reports_per_s,
            counts={**feed.counts.lost, **lately, "alive": int(feed.brings), "connections": len(feed.open)},
        )


def _together(one: OneFeed, other: OneFeed) -> bool:
    return abs(one.heard_run_us - other.heard_run_us) <= _TOGETHER_US


def _content(record: Record) -> Mapping[str, Any]:
    try:
        told = json.loads(record.payload or b"{}")
    except ValueError:
        return {}
    return told if isinstance(told, dict) else {}


def _number(told: Any, otherwise: float) -> float:
    """Give a number of a record, or another where there is none: a log may be of another version."""
    sound = isinstance(told, int | float) and isfinite(told) and told > 0
    return float(told) if sound else otherwise
