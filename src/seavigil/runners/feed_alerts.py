"""A feed that does not do as it should, as an alert: what was seen, what it may be, what it leaves blind."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from seavigil.alerts import Alert, AlertAsset, Feed
from seavigil.events import Reason
from seavigil.hashing import short_id
from seavigil.reasons import many
from seavigil.records import SECOND_US
from seavigil.runners.feed_counts import rejected_share
from seavigil.runners.feed_state import GARBAGE, OneFeed, whole_half_hours

DEAD, CLOCK = "feed_dead", "feed_clock_off"
#: Fewer reports than this to be expected meanwhile: none may be chance; more than the other: hardly.
_FEW, _PLENTY = 3.0, 10.0
_MOST_NAMED = 5
#: States between which a connection that is tried again goes to and fro: no news.
_NOT_CONNECTED = {"connecting": "waiting"}
#: Assets are heard again one by one as ships come by: not each makes a revision (own choice).
_REVISED_US = 60 * SECOND_US
#: What fits comes first, what does not last.
_FITS_FIRST = (True, None, False)
#: Times as old as this are no delay of a provider: somebody sends what was stored (own choice).
_STORED_S = 86_400.0


@dataclass(frozen=True)
class Around:
    """What is known beside the feed itself, as of one tick.

    ``depend``: the assets that nobody else hears and that this feed hears, or may; ``blind``: all that no
    living feed hears. ``off_alike``: feeds with the same offset, of ``timed`` feeds whose times tell.
    """

    wall_us: int
    run_us: int
    alive: int
    feeds: int
    dead_together: int
    depend: tuple[tuple[str, str, str], ...] = ()
    blind: tuple[tuple[str, str, str], ...] = ()
    off_alike: int = 0
    timed: int = 0


@dataclass
class Spell:
    """One stretch in which a feed did not do as it should: one alert.

    ``depend``: all that was told so far to depend on it; ``state``, ``around``: as told last.
    """

    behaviour: str
    alert_id: str
    began_us: int
    first_us: int
    state: str = ""
    around: Around | None = None
    depend: set[tuple[str, str, str]] = field(default_factory=set)
    ended_us: int | None = None
    ended_run_us: int = 0
    draft: Alert | None = None


def begin(behaviour: str, feed: OneFeed, began_us: int, wall_us: int) -> Spell:
    """Give a new stretch."""
    return Spell(behaviour, short_id(behaviour, feed.name, began_us), began_us, wall_us)


def draft(spell: Spell, feed: OneFeed, around: Around) -> Alert | None:
    """Give the alert where anything began or changed; None where only figures grow by themselves."""
    state = _NOT_CONNECTED.get(feed.state, feed.state)
    same = spell.draft is not None and spell.ended_us is None and state == spell.state
    if same and set(around.depend) <= spell.depend and not _outdated(spell, around):
        return None
    spell.state, spell.around, spell.ended_us = state, around, None
    spell.depend |= set(around.depend)
    spell.draft = _drafted(spell, feed, around)
    return spell.draft


def _outdated(spell: Spell, around: Around) -> bool:
    """Whether it is told no more as it is what the silence leaves blind: at once where nothing is heard any
    more, or something again, or no asset is blind; where only fewer or others are, once a minute.
    """
    was = spell.around
    if was is None or spell.behaviour != DEAD:
        return False
    if bool(was.alive) != bool(around.alive) or (was.depend and not around.depend):
        return True
    return set(was.depend) != set(around.depend) and around.run_us - was.run_us >= _REVISED_US


def _drafted(spell: Spell, feed: OneFeed, around: Around) -> Alert:
    """Give the alert as it stands at a tick while it goes on; its number and status are the book's."""
    dead = spell.behaviour == DEAD
    reasons = _dead_reasons(feed, around) if dead else _clock_reasons(feed)
    readings = _dead_readings(feed, around) if dead else _clock_readings(feed, around)
    return Alert(
        alert_id=spell.alert_id,
        revision=0,
        status="",
        priority=_priority(spell, around),
        behaviours=(spell.behaviour,),
        behaviour_first_seen_us={spell.behaviour: spell.first_us},
        vessel=None,
        assets=tuple(AlertAsset(*asset) for asset in around.depend) if dead else (),
        began_us=spell.began_us,
        ended_us=None,
        detected_at_us=around.wall_us,
        revised_at_us=around.wall_us,
        lat_deg=None,
        lon_deg=None,
        reasons=tuple(sorted(reasons, key=lambda r: -r.weight)),
        innocent_readings=tuple(sorted(readings, key=lambda r: _FITS_FIRST.index(r["fits"]))),
        coverage=_coverage(around),
        data_quality={"reports": feed.counts.reports, "depth_known": False, "flags": []},
        event_ids=(),
        feed=Feed(feed.name, feed.url, feed.state, feed.trouble or feed.why),
    )


def ended(told: Alert, feed: OneFeed, around: Around) -> Alert:
    """Give the alert as it ends: how the feed does by now, and what is blind all the same."""
    now = Feed(feed.name, feed.url, feed.state, feed.why)
    end_us = around.wall_us
    return replace(told, ended_us=end_us, revised_at_us=end_us, feed=now, coverage=_coverage(around))


def _priority(spell: Spell, around: Around) -> str:
    """Give ``warning`` where assets depend on the feed or nothing is heard any more, else ``advisory``.

    A wrong clock is an advisory: its reports are heard, and set aside if they lie ahead.
    """
    blind = spell.behaviour == DEAD and bool(around.depend or not around.alive)
    return "warning" if blind else "advisory"


def _dead_reasons(feed: OneFeed, around: Around) -> Iterator[Reason]:
    silent_s = round(feed.silent_s(around.run_us))
    yield Reason("feed_silent_for", silent_s, round(feed.patience_s(around.wall_us)), "s", 2.0)
    if feed.cut_run_us is not None:
        cut_s = round((around.run_us - feed.cut_run_us) / SECOND_US)
        yield Reason("feed_not_connected_for", cut_s, feed.params.mute_after_s, "s", 1.5)
    if not feed.ever:
        yield Reason("feed_never_heard", 1, None, "", 1.0)
    if feed.before is not None and feed.before.steady_per_s is not None:
        usual = feed.counts.usual(around.wall_us)
        per_s = None if usual is None else float(f"{usual.reports_per_s:.3g}")
        yield Reason("feed_reports_before", float(f"{feed.before.steady_per_s:.3g}"), per_s, "1/s", 0.5)
    meanwhile = feed.meanwhile(around.run_us)
    if meanwhile.bytes:
        yield Reason("feed_bytes", meanwhile.bytes, None, "B", 0.5)
        if feed.state == GARBAGE:
            share = round(rejected_share(meanwhile), 3)
            yield Reason("feed_rejected_share", share, feed.params.garbage_share, "1", 1.5)
    yield Reason("feeds_alive", around.alive, around.feeds, "feeds", 0.5)
    if around.depend:
        yield Reason("assets_blind", len(around.depend), 0, "assets", 1.0)


def _clock_reasons(feed: OneFeed) -> Iterator[Reason]:
    minute, delay_s = feed.minute, feed.delay_s
    if minute is None or delay_s is None:
        return
    limit_s = feed.params.late_s if delay_s > 0 else -feed.params.ahead_s
    yield Reason("feed_clock_offset", round(delay_s), limit_s, "s", 2.0)
    if minute.delay_growth_s_min is not None:
        yield Reason("feed_delay_growth", round(minute.delay_growth_s_min), 0, "s/min", 1.0)


def _dead_readings(feed: OneFeed, around: Around) -> Iterator[dict[str, Any]]:
    if feed.state == GARBAGE:
        yield _reading("other_format", "another format, or another port, than its settings say", None)
        yield _reading("encrypted", "what comes is encrypted or compressed", None)
    yield _reading("maintenance", "maintenance of the receiver, or of the provider's server", None)
    others = around.dead_together > 1 or None
    sign = {"code": "feeds_dead_together", "observed": around.dead_together, "unit": "feeds", "weight": 1.0}
    network = "the network between, or this machine's own"
    yield _reading("network", network, others, [sign] if others else [])
    usual = feed.counts.usual(around.wall_us)
    expected = None if usual is None else usual.reports_per_s * feed.silent_s(around.run_us)
    fits = None if expected is None or _FEW <= expected <= _PLENTY else expected < _FEW
    sign = {"code": "reports_expected", "observed": round(expected or 0.0, 1), "unit": "reports"}
    signs = [] if fits is None else [{**sign, "weight": 1.0 if fits else -1.0}]
    yield _reading("quiet_hour", "few ships are about at this hour", fits, signs)


def _clock_readings(feed: OneFeed, around: Around) -> Iterator[dict[str, Any]]:
    delay_s = feed.delay_s
    growth = None if feed.minute is None else feed.minute.delay_growth_s_min
    zone = delay_s is not None and whole_half_hours(delay_s)
    yield _reading("time_zone", "times in another zone, or of summer, sent as if they were UTC", zone)
    stored = delay_s is not None and delay_s > _STORED_S
    yield _reading("stored", "a recording, or what was stored, sent as if it were of now", stored)
    shrinks = None if growth is None else growth < -feed.params.growth_s_min
    yield _reading("backlog", "what had piled up at the provider is being delivered", shrinks)
    alike = around.timed > 1 and around.off_alike == around.timed
    yield _reading("own_clock", "this machine's own clock is wrong", alike if around.timed > 1 else None)


def _reading(
    code: str, text: str, fits: bool | None, signs: Sequence[Mapping[str, Any]] = ()
) -> dict[str, Any]:
    against = [dict(s) for s in signs if s["weight"] < 0]
    speaks_for = [dict(s) for s in signs if s["weight"] > 0]
    return {"code": code, "text": text, "fits": fits, "for": speaks_for, "against": against}


def _coverage(around: Around) -> dict[str, Any]:
    named = ", ".join(name for _, name, _ in around.blind[:_MOST_NAMED])
    more = len(around.blind) - _MOST_NAMED
    blind = f"{named} and {more} more" if more > 0 else named or "none"
    return {
        "ships_heard_around": None,
        "statement": f"{around.alive} of {many(around.feeds, 'feed')} alive; assets blind: {blind}",
        "assets_blind": [asset_id for asset_id, _, _ in around.blind],
    }
