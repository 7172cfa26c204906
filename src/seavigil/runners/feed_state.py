"""How one feed does, told at each tick of the log: as it should, mute, garbage, off its clock, cut off."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from seavigil.feeds.transports.contract import FeedState
from seavigil.reasons import many, span
from seavigil.records import SECOND_US, rfc3339
from seavigil.runners.feed_counts import MINUTE_S, FeedCounts, Minute, Tick, mostly_aside, rejected_share

#: So many ticks from a new connection on may bring what had piled up meanwhile (own choice).
_FRESH_TICKS = 2
MUTE, GARBAGE, CLOCK_OFF, BEHIND = "mute", "garbage", "clock_off", "behind"
_NOT_YET = "nothing was heard of it yet"
_HALF_HOUR_S = 1800.0
#: Nobody falls behind faster than time goes by (a tenth for the median's sake): that is a clock that was set.
_MOST_GROWTH_S_MIN = 66.0


@dataclass(frozen=True)
class FeedHealthParams:
    """When a feed is not as it should be. All own choices.

    ``mute_after_s``: no report for so long is no chance matter where hundreds of ships are heard, and
    leaves a quarter of a minute for whoever must be told within one. Where so few are usual at this hour
    that fewer than ``least_expected`` would have come in that time (by chance none comes once in 20,000
    times: e to the -10), it waits for as many, ``mute_after_most_s`` at most. ``again_within_s``: a feed
    that falls silent again so soon goes on with the same alert.

    ``garbage_share``, ``garbage_records``: so many rejects that the few that pass are chance;
    ``garbage_bytes``: more than the keep-alives of a minute. ``late_s``: shore stations deliver in seconds,
    and five minutes are as long as a bin of the coverage; ``ahead_s``: nothing comes before it was sent,
    and clocks kept by the network agree to well under a second. ``growth_s_min``: delays of a steady feed
    do not change by a quarter of the time. ``off_for_s``: so long before it is told: the growth is known
    by then.

    ``blind_after_s``: as `runners.summary` has it; ``depends_s``: an asset depends on a feed that heard
    ships near it within a day. ``pause_after_s``: ticks come every five seconds; so long without any
    record the watch did not run.
    """

    mute_after_s: float = 45.0
    mute_after_most_s: float = 900.0
    least_expected: float = 10.0
    again_within_s: float = 600.0
    garbage_share: float = 0.95
    garbage_records: int = 20
    garbage_bytes: int = 1024
    late_s: float = 300.0
    ahead_s: float = 60.0
    growth_s_min: float = 15.0
    off_for_s: float = 35.0
    blind_after_s: float = 600.0
    depends_s: float = 86_400.0
    pause_after_s: float = 30.0


@dataclass
class OneFeed:
    """One feed, its connection and how it does. Times ``*_run_us`` count only while the watch ran.

    ``replay``: it plays a recording, whose times are not those of the wall clock and which may end.
    """

    number: int
    name: str
    url: str
    met_us: int
    params: FeedHealthParams
    replay: bool = False
    counts: FeedCounts = field(default_factory=FeedCounts)
    connection: str = "connecting"
    said: str = ""
    #: What was said last of why there is no connection: kept while it is tried again without a word.
    trouble: str = ""
    state: str = "connecting"
    why: str = ""
    since_us: int = 0
    open: dict[int, str] = field(default_factory=dict)
    alive: bool = True
    minute: Minute | None = None
    #: The last minute in which it was as it should be.
    before: Minute | None = None
    ever: bool = False
    #: Nothing was heard of it since it was met, or since the watch began anew.
    awaited: bool = True
    #: Nor did anything come that could be read, whether it could be judged or not.
    unheard: bool = True
    #: Reports between the last two ticks that were judged, and that could not be.
    judged: int = 0
    aside: int = 0
    heard_run_us: int = 0
    heard_us: int = 0
    off_run_us: int | None = None
    cut_run_us: int | None = 0
    #: Ticks to come in which the connection is still new.
    fresh: int = _FRESH_TICKS

    def told(self, content: Mapping[str, Any], run_us: int, wall_us: int) -> None:
        """Take what the connection says of itself."""
        was, self.connection = self.connection, str(content.get("state", self.connection))
        self.said = str(content.get("why", ""))
        self.trouble = "" if self.connection == FeedState.CONNECTED else self.said or self.trouble
        if self.connection == FeedState.CONNECTED:
            self.cut_run_us = None
            self.fresh = self.fresh if was == FeedState.CONNECTED else _FRESH_TICKS
        elif self.cut_run_us is None or was == FeedState.CONNECTED:
            self.cut_run_us = run_us
        self._set(self.connection, self.said, wall_us)

    def came(self, count: int, wall_us: int) -> None:
        """Take bytes; whoever brings some is connected, whatever was said."""
        if self.connection in (FeedState.CONNECTING, FeedState.WAITING):
            self.connection, self.said, self.cut_run_us = FeedState.CONNECTED, "", None
            self.fresh = _FRESH_TICKS
        self.counts.came(count, wall_us)

    def started_again(self, run_us: int, wall_us: int) -> None:
        """The watch begins anew: all connections of the run before are gone, by no fault of the feed."""
        self.open.clear()
        self.heard_run_us, self.trouble = max(self.heard_run_us, run_us), ""
        if self.connection != FeedState.ENDED or not self.replay:
            self.told({"state": FeedState.CONNECTING}, run_us, wall_us)
            self.cut_run_us, self.awaited, self.unheard = run_us, True, True

    def tick(self, run_us: int, seconds: float, wall_us: int) -> None:
        """Close the time since the last tick and tell the state."""
        tick = self.counts.tick(run_us, seconds, fresh=self.fresh > 0)
        self.fresh = max(self.fresh - 1, 0)
        self.minute = self.counts.minute()
        garbage = self._garbage(tick) or self._garbage(self.minute)
        self.judged, self.aside = tick.judged, tick.reports - tick.judged
        if tick.reports and not garbage:
            self.ever, self.heard_run_us, self.heard_us, self.before = True, run_us, wall_us, self.minute
            self.awaited, self.unheard = self.awaited and not tick.judged, False
        self.alive = not self._dead(run_us, wall_us)
        self._set(*self._judged(self.minute, run_us, garbage=garbage), wall_us)
        since_us = run_us if self.off_run_us is None else self.off_run_us
        self.off_run_us = since_us if self.off else None
        if not self.replay:
            self.counts.learn(wall_us, tick, alive=self.alive)

    @property
    def brings(self) -> bool:
        """Whether what it hears is judged: one that is only not late enough to be called dead brings nothing,
        nor does one most of whose reports are set aside.
        """
        return self.alive and not self.awaited and not self._set_aside

    @property
    def recovered(self) -> bool:
        """Whether a silence is over: a start gives it new time, and says nothing of it until it is heard."""
        ended = self.replay and self.connection == FeedState.ENDED
        return self.alive and (ended or not self.unheard)

    @property
    def _set_aside(self) -> bool:
        return self.minute is not None and mostly_aside(self.minute)

    @property
    def delay_s(self) -> float | None:
        """Give the median delay of the last quarter of a minute."""
        return None if self.minute is None else self.minute.delay_s_now

    @property
    def off(self) -> bool:
        """Whether its times are off."""
        return self.state in (CLOCK_OFF, BEHIND)

    def silent_s(self, run_us: int) -> float:
        """Give for how long it has brought no report that could be used, while the watch ran."""
        return (run_us - self.heard_run_us) / SECOND_US

    def patience_s(self, wall_us: int) -> float:
        """Give how long it may be silent at this hour."""
        usual = self.counts.usual(wall_us)
        if usual is None:
            return self.params.mute_after_s
        wanted_s = self.params.least_expected / max(usual.low_per_s, 1e-9)
        return min(max(wanted_s, self.params.mute_after_s), self.params.mute_after_most_s)

    def _dead(self, run_us: int, wall_us: int) -> bool:
        if self.replay and self.connection == FeedState.ENDED:
            return False
        silent_s = self.silent_s(run_us)
        cut_s = 0.0 if self.cut_run_us is None else (run_us - self.cut_run_us) / SECOND_US
        return min(silent_s, cut_s) >= self.params.mute_after_s or silent_s >= self.patience_s(wall_us)

    def _garbage(self, came: Tick | Minute) -> bool:
        enough = came.rejects >= self.params.garbage_records
        return enough and rejected_share(came) >= self.params.garbage_share

    def meanwhile(self, run_us: int) -> Minute:
        """Give what came since it last did as it should, of the last minute at most."""
        return self.counts.minute(min(self.silent_s(run_us), MINUTE_S))

    def _judged(self, minute: Minute, run_us: int, *, garbage: bool) -> tuple[str, str]:
        """Give state and why, as of a tick."""
        if self.connection != FeedState.CONNECTED:
            return self.connection, self.trouble or (_NOT_YET if self.awaited else "")
        meanwhile = minute if self.alive and not garbage else self.meanwhile(run_us)
        much = meanwhile.rejects or meanwhile.bytes >= self.params.garbage_bytes
        if garbage or (not self.alive and much):
            return GARBAGE, self._garbage_words(meanwhile)
        if not self.alive:
            return MUTE, self._mute_words(meanwhile, run_us)
        return self._clock(minute) or (FeedState.CONNECTED, self.said or self._unheard_words)

    @property
    def _unheard_words(self) -> str:
        if self._set_aside:
            return "what it brings is not judged: its times are far from those of others, or judging fails"
        return _NOT_YET if self.awaited else ""

    def _garbage_words(self, minute: Minute) -> str:
        over = f"in the last {round(minute.seconds)} s"
        if not minute.rejects:
            return f"{many(minute.bytes, 'byte')} {over} are no report of any known format: the right feed?"
        passed = f", {many(minute.reports, 'report')}" if minute.reports else ", none of it a report"
        rejected = f"{many(minute.rejects, 'record')} rejected {over}{passed}"
        return f"what comes cannot be read: {rejected}; is the format right?"

    def _mute_words(self, minute: Minute, run_us: int) -> str:
        silent = span(self.silent_s(run_us))
        if minute.bytes:
            came = f"{many(minute.bytes, 'byte')} in the last {round(minute.seconds)} s"
            return f"no report for {silent}: {came} are something else"
        if self.counts.last_bytes_us is None:
            return f"connected, and nothing has ever come ({silent})"
        return f"connected, but nothing came since {rfc3339(self.counts.last_bytes_us)}"

    def _clock(self, minute: Minute) -> tuple[str, str] | None:
        """Tell a clock that is off, or a feed that falls behind; None where its times are as they should."""
        delay_s, growth = minute.delay_s_now, minute.delay_growth_s_min
        if delay_s is None or self.replay or -self.params.ahead_s <= delay_s <= self.params.late_s:
            return None
        steadily = (
            growth is not None and growth <= _MOST_GROWTH_S_MIN and abs(growth) >= self.params.growth_s_min
        )
        if growth is not None and steadily and delay_s > 0:
            way = "falls behind" if growth > 0 else "catches up"
            return (
                BEHIND,
                f"{way}: reports are {span(delay_s)} late, {abs(growth):.0f} s a minute {_more(growth)}",
            )
        side = "behind" if delay_s > 0 else "ahead of"
        return CLOCK_OFF, f"its times are {span(delay_s)} {side} their arrival all the while{_zone(delay_s)}"

    def _set(self, state: str, why: str, wall_us: int) -> None:
        if state != self.state or not self.since_us:
            self.since_us = wall_us
        self.state, self.why = str(state), why


def _more(growth: float) -> str:
    return "more" if growth > 0 else "less"


def whole_half_hours(delay_s: float) -> bool:
    """Whether an offset is one of time zones: half hours, to within a minute."""
    return (
        abs(delay_s) > _HALF_HOUR_S / 2
        and abs(delay_s - round(delay_s / _HALF_HOUR_S) * _HALF_HOUR_S) <= 60.0
    )


def _zone(delay_s: float) -> str:
    return ": a wrong time zone?" if whole_half_hours(delay_s) else ": a wrong clock, or a slow provider?"
