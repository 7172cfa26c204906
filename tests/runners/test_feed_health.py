"""Feeds that fall silent, send garbage or have a wrong clock are told within a minute; quiet ones are not."""

from __future__ import annotations

import json
import pickle

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from seavigil.alerts import Alert
from seavigil.assets import Assets
from seavigil.assets.model import Asset
from seavigil.normal.feed_rates import FeedRates
from seavigil.records import DAY_US, HOUR_US, SECOND_US, Decoded
from seavigil.runners.feed_delays import Delays
from seavigil.runners.feed_health import FeedHealth
from seavigil.store.rawlog import Kind, Record
from tests.runners.wire import BEGIN_US, Wire, again, reports


def cable(name: str, lon: float) -> Asset:
    """Give a short cable from north to south at 59.9 N."""
    line = shapely.LineString([(lon, 59.8), (lon, 60.0)])
    return Asset(name, name.title(), "power_cable", line, 100.0, "given")


@pytest.fixture
def wire() -> Wire:
    """Give a log with one feed that has brought 40 reports a second for two minutes."""
    wire = Wire()
    wire.feed(1, "coast")
    return wire.run(120, {1: 40.0})


def codes(alert: Alert) -> dict[str, float]:
    """Give what the reasons of an alert observed."""
    return {reason.code: reason.observed for reason in alert.reasons}


def reading(alert: Alert, code: str) -> bool | None:
    """Give whether an innocent reading fits."""
    return next(r["fits"] for r in alert.innocent_readings if r["code"] == code)


def test_a_feed_that_does_well_is_told_in_figures_only(wire: Wire) -> None:
    """Its row has the rate of the last minute, the ships and the delay; no alert is made of it."""
    row = wire.row()
    assert (row.state, row.why, wire.told) == ("connected", "", [])
    assert row.reports_per_s == pytest.approx(40.0)
    assert row.usual_reports_per_s is None  # not known yet
    assert row.ships == 200  # 40/s for 5 s, each report of another ship
    assert (row.delay_s_median, row.delay_s_p95) == (1.0, 1.0)
    assert (row.reports, row.bytes, row.last_report_us) == (4800, 24 * 400, BEGIN_US + 120 * SECOND_US)


def test_mute_though_connected_is_told_within_a_minute(wire: Wire) -> None:
    """No frame is a dead feed: the alert is there within 60 s of the last report, and not before 45 s."""
    silent_us = wire.now_us
    wire.run(40)
    assert wire.told == []
    wire.run(20)
    (alert,) = wire.told
    assert 45 <= (alert.revised_at_us - silent_us) / SECOND_US <= 60
    assert alert.began_us == silent_us
    assert alert.feed is not None
    assert (alert.feed.name, alert.feed.state, alert.behaviours) == ("coast", "mute", ("feed_dead",))
    assert codes(alert)["feed_silent_for"] == 45
    assert codes(alert)["feed_reports_before"] == 40
    assert "nothing came since 2026-11-22T13:42:00Z" in wire.row().why
    assert wire.run(600).told == [alert]  # what goes on is told once


def test_it_ends_when_it_is_heard_again(wire: Wire) -> None:
    """The alert ends with the first tick that had reports; the words are those of a sound feed."""
    wire.run(100).run(10, {1: 40.0})
    first, last = wire.told
    assert (first.ended_us, last.ended_us) == (None, wire.now_us - 5 * SECOND_US)
    assert last.alert_id == first.alert_id
    assert last.feed is not None
    assert last.feed.state == "connected"


def test_soon_again_is_the_same_alert_and_later_another(wire: Wire) -> None:
    """A feed that stutters makes one alert that goes on; after ten sound minutes it is another."""
    wire.run(60).run(60, {1: 40.0}).run(60).run(60, {1: 40.0})
    assert len({a.alert_id for a in wire.told}) == 1
    assert [a.ended_us is None for a in wire.told] == [True, False, True, False]
    wire.run(660, {1: 40.0}).run(60)
    assert len({a.alert_id for a in wire.told}) == 2


@pytest.mark.parametrize("state", ["waiting", "refused", "connecting", "ended"])
def test_not_connected_is_told_within_a_minute(wire: Wire, state: str) -> None:
    """Whatever the reason: the state is told at once with its words, the alert as soon as for a mute one."""
    wire.state(1, state, "connection refused by coast:1")
    assert (wire.row().state, wire.row().why) == (state, "connection refused by coast:1")
    wire.run(60)
    (alert,) = wire.told
    assert alert.feed is not None
    assert alert.feed.state == state
    assert codes(alert)["feed_not_connected_for"] >= 45


def test_trying_again_and_again_is_no_news(wire: Wire) -> None:
    """A connection that is tried every ten seconds goes to and fro between two states; that is one alert."""
    for _ in range(30):
        wire.state(1, "connecting")
        wire.run(5)
        wire.state(1, "waiting", "no route")
        wire.run(5)
    assert len(wire.told) == 1


def test_a_refusal_after_a_while_is_news(wire: Wire) -> None:
    """That the key is wrong is to be told though the feed was dead already."""
    wire.state(1, "waiting")
    wire.run(60)
    wire.state(1, "refused", "wrong key")
    wire.run(5)
    assert [a.feed and a.feed.state for a in wire.told] == ["waiting", "refused"]
    assert wire.told[0].alert_id == wire.told[1].alert_id


def test_never_heard_since_the_start_counts_too() -> None:
    """A feed that never brings anything is dead as well, connected or not."""
    wire = Wire()
    wire.feed(1, "coast")
    wire.put(Kind.FEED, 2, {"feed": 2, "name": "sky", "url": "mqtt://sky"})
    wire.run(60)
    assert {a.feed.name: codes(a)["feed_never_heard"] for a in wire.told if a.feed} == {"coast": 1, "sky": 1}
    assert "nothing has ever come" in wire.row(1).why


def test_one_of_two_dead_is_told_though_the_other_goes_on() -> None:
    """The living feed hides nothing; with assets unharmed it is an advisory."""
    wire = Wire()
    wire.feed(1, "coast")
    wire.feed(2, "sky")
    wire.run(60, {1: 10.0, 2: 10.0}).run(60, {2: 10.0})
    (alert,) = wire.told
    assert alert.feed is not None
    assert (alert.feed.name, alert.priority, codes(alert)["feeds_alive"]) == ("coast", "advisory", 1)
    assert alert.coverage["statement"].startswith("1 of 2 feeds alive")
    assert reading(alert, "network") is None
    wire.run(60)
    both = wire.told[-1]
    assert both.feed is not None
    assert (both.feed.name, both.priority) == ("sky", "warning")  # nothing is heard any more


def test_all_silent_together_points_to_this_machine() -> None:
    """Where all feeds fall silent within two minutes, the network reading fits."""
    wire = Wire()
    wire.feed(1, "coast")
    wire.feed(2, "sky")
    wire.run(60, {1: 10.0, 2: 10.0}).run(60)
    assert [reading(a, "network") for a in wire.told] == [True, True]


def test_garbage_is_not_healthy(wire: Wire) -> None:
    """A feed that sends nothing that can be read says so, and is told as soon as a mute one."""
    wire.run(60, bad={1: 50})
    (alert,) = wire.told
    assert alert.feed is not None
    assert (alert.feed.state, codes(alert)["feed_rejected_share"]) == ("garbage", 1.0)
    assert "cannot be read" in wire.row().why


def test_garbage_in_which_some_report_is_found_by_chance_is_garbage(wire: Wire) -> None:
    """One report in fifty records does not make a feed alive."""
    wire.run(120, {1: 0.2}, bad={1: 49})
    assert wire.row().state == "garbage"
    assert len(wire.told) == 1


def test_near_miss_some_rejects(wire: Wire) -> None:
    """A feed of which a third is rejected is heard: its rejects are told in figures."""
    wire.run(120, {1: 40.0}, bad={1: 100})
    assert (wire.row().state, wire.told) == ("connected", [])
    assert wire.row().counts["minute_rejects"] == 1200


def test_bytes_without_reports_are_mute(wire: Wire) -> None:
    """Keep-alives that are neither report nor reject do not make a feed alive."""
    for _ in range(12):
        wire.data(1, Decoded(), size=3)
        wire.run(5)
    (alert,) = wire.told
    assert alert.feed is not None
    assert alert.feed.state == "mute"
    assert codes(alert)["feed_bytes"] == 27  # nine ticks of three bytes each are 45 s
    assert "are something else" in wire.row().why


def test_bytes_of_no_known_format_are_garbage(wire: Wire) -> None:
    """A server that talks of something else all the while: more than keep-alives, though no record."""
    for _ in range(12):
        wire.data(1, Decoded(), size=500)
        wire.run(5)
    assert wire.row().state == "garbage"
    assert "6,000 bytes in the last 60 s are no report of any known format" in wire.row().why


def test_a_quiet_hour_is_waited_out() -> None:
    """Where two reports a minute are usual, a minute without any is no matter; a quarter of an hour is."""
    wire = Wire()
    wire.feed(1, "bay")
    learn(wire, 1 / 30)
    wire.run(300, {1: 0.2})
    wire.run(200)
    assert wire.told == []
    wire.run(700)
    (alert,) = wire.told
    assert codes(alert)["feed_silent_for"] == pytest.approx(300, abs=6)  # ten reports at one in 30 s
    assert reading(alert, "quiet_hour") is None  # ten were to be expected: it may be


def test_a_busy_hour_speaks_against_a_quiet_one(wire: Wire) -> None:
    """Where 40 a second are usual, 45 s without one are no quiet hour."""
    learn(wire, 40.0)
    wire.run(60)
    assert reading(wire.told[0], "quiet_hour") is False
    reason = next(r for r in wire.told[0].reasons if r.code == "feed_reports_before")
    assert (reason.observed, reason.expected) == (40.0, 40.0)


def learn(wire: Wire, per_s: float, feed: int = 1) -> None:
    """Let a feed have had such hours all week."""
    rates: FeedRates = wire.health._feeds[feed].counts.rates
    for hour in range(1, 24 * 15):
        rates.add(BEGIN_US // HOUR_US * HOUR_US - hour * HOUR_US, round(per_s * 3600), 3600.0)


@pytest.mark.parametrize(
    ("late_s", "words"), [(3600.0, "60 min behind their arrival"), (-3600.0, "60 min ahead of their arrival")]
)
def test_a_clock_an_hour_off_is_told_with_its_offset(late_s: float, words: str) -> None:
    """The state and the alert are there within a minute, say how much it is, and guess a time zone."""
    wire = Wire()
    wire.feed(1, "coast")
    wire.run(55, {1: 40.0}, late_s=late_s)
    (alert,) = wire.told
    assert alert.feed is not None
    assert (alert.feed.state, alert.behaviours) == ("clock_off", ("feed_clock_off",))
    assert codes(alert)["feed_clock_offset"] == late_s
    assert words in wire.row().why
    assert "time zone" in wire.row().why
    assert (reading(alert, "time_zone"), reading(alert, "own_clock")) == (True, None)
    wire.run(120, {1: 40.0})
    assert wire.told[-1].ended_us is not None
    assert wire.row().state == "connected"


def test_a_lost_connection_mends_no_clock() -> None:
    """A feed with a wrong clock that connects anew is still the same trouble, told once."""
    wire = Wire()
    wire.feed(1, "coast")
    wire.run(60, {1: 40.0}, late_s=3600.0)
    wire.state(1, "waiting")
    wire.run(15)
    wire.state(1, "connected")
    wire.run(120, {1: 40.0}, late_s=3600.0)
    assert [(a.behaviours, a.ended_us) for a in wire.told] == [(("feed_clock_off",), None)]


def test_falling_behind_is_told_from_a_wrong_clock() -> None:
    """A delay that grows by half a minute each minute is no zone: the feed falls behind."""
    wire = Wire()
    wire.feed(1, "coast")
    wire.run(120, {1: 40.0}, late_s=400.0, growing=0.5)
    (alert,) = wire.told
    assert alert.feed is not None
    assert alert.feed.state == "behind"
    assert codes(alert)["feed_delay_growth"] == 30
    assert "30 s a minute more" in wire.row().why


def test_a_clock_that_is_set_in_mid_stream_is_no_falling_behind(wire: Wire) -> None:
    """Nobody falls behind by an hour in a minute."""
    wire.run(60, {1: 40.0}, late_s=3600.0)
    assert {a.feed.state for a in wire.told if a.feed} == {"clock_off"}


def test_our_own_clock_is_suspected_where_all_are_off_alike() -> None:
    """Two feeds of two providers that are both ten minutes early: this machine is late."""
    wire = Wire()
    wire.feed(1, "coast")
    wire.feed(2, "sky")
    wire.run(60, {1: 10.0, 2: 10.0}, late_s=-600.0)
    assert [reading(a, "own_clock") for a in wire.told] == [True, True]


@pytest.mark.parametrize("late_s", [240.0, -30.0])
def test_near_miss_ordinary_delays(late_s: float) -> None:
    """Minutes of a slow provider, or half a minute of a ship's clock, are no wrong clock."""
    wire = Wire()
    wire.feed(1, "coast")
    assert wire.run(120, {1: 40.0}, late_s=late_s).told == []


def test_a_recording_played_may_be_of_years_ago_and_end() -> None:
    """Its times are not those of the wall clock, and its end is no failure."""
    wire = Wire()
    wire.feed(1, "tape", replay=True)
    wire.run(60, {1: 40.0}, late_s=2.0 * 365 * 86_400)
    wire.state(1, "ended")
    assert wire.run(120).told == []
    assert wire.row().delay_s_median is None


def test_what_a_dead_feed_leaves_blind_is_named() -> None:
    """The cable that only this feed hears ships near is blind at once; that of the other feed is not."""
    wire = Wire(FeedHealth(assets=Assets([cable("west", 22.0), cable("east", 25.0), cable("far", 5.0)])))
    wire.feed(1, "coast")
    wire.feed(2, "sky")
    for _ in range(24):
        wire.data(1, Decoded(reports(5, wire.now_us, lon=25.0)))
        wire.data(2, Decoded(reports(5, wire.now_us, lon=22.0)))
        wire.run(5)
    wire.run(60, {2: 10.0}, lon=22.0)
    (alert,) = wire.told
    assert ([a.asset_id for a in alert.assets], alert.priority) == (["east"], "warning")
    assert alert.coverage["assets_blind"] == ["east", "far"]
    assert codes(alert)["assets_blind"] == 1


def test_a_feed_never_heard_may_be_needed_by_all_that_is_not_heard() -> None:
    """Nobody knows what it would have heard."""
    wire = Wire(FeedHealth(assets=Assets([cable("west", 22.0), cable("east", 25.0)])))
    wire.feed(1, "coast")
    wire.feed(2, "sky")
    wire.run(60, {2: 10.0}, lon=22.0)
    assert [a.asset_id for a in wire.told[0].assets] == ["east"]


def test_a_stop_of_the_watch_is_no_silence_of_a_feed(wire: Wire) -> None:
    """After an hour down, or a leap of the clock, feeds have their time to connect; then they are told."""
    wire.now_us += HOUR_US
    wire.put(Kind.STATE, 0, {"state": "started"})
    wire.feed(1, "coast")
    wire.run(40)
    assert wire.told == []
    wire.run(20)
    assert len(wire.told) == 1


def test_a_clock_that_goes_back_kills_nobody(wire: Wire) -> None:
    """Time that goes back counts as none; what follows is as before."""
    wire.now_us -= DAY_US
    assert wire.run(60, {1: 40.0}).told == []
    wire.run(60)
    assert len(wire.told) == 1


def test_a_feed_taken_out_of_the_settings_is_left(wire: Wire) -> None:
    """What was told of it ends; one that says something of itself after the start is kept."""
    wire.feed(2, "sky")
    wire.run(60, {1: 40.0})
    assert wire.told[-1].ended_us is None
    wire.now_us += 10 * SECOND_US
    wire.put(Kind.STATE, 0, {"state": "started"})
    wire.state(1, "connected")
    wire.run(30, {1: 40.0})
    assert [r.name for r in wire.health.rows()] == ["coast"]
    assert wire.told[-1].ended_us is not None


def test_losses_are_counted_by_name(wire: Wire) -> None:
    """Kernel drops and shed bytes stand in the feed's row, summed since the log began."""
    wire.put(Kind.COUNT, 1, {"what": "kernel_drops", "n": 3})
    wire.put(Kind.COUNT, 1, {"what": "kernel_drops", "n": 4})
    assert wire.row().counts["kernel_drops"] == 7


def test_beside_an_alert_stands_how_much_was_heard(wire: Wire) -> None:
    """The share of the usual where it is known, and that it is not where it is not."""
    wire.run(600)
    dead = wire.told[0]
    plain = wire.health.beside(dead).coverage
    assert "what is usual at this hour is not known yet" in plain["statement"]
    learn(wire, 40.0)
    wire.run(600, {1: 38.8})
    coverage = wire.health.beside(dead).coverage
    assert coverage["statement"].endswith(
        "97% of the reports usual for this hour heard from 1 of 1 feed in the last 10 min"
    )
    assert coverage["feeds"]["share"] == 0.97
    assert coverage["ships_heard_around"] is None


def test_the_same_wherever_it_is_stored_and_woken(wire: Wire) -> None:
    """Stored after each hundredth record and woken again, it tells the same alerts and rows."""
    wire.feed(2, "sky")
    wire.run(90, {1: 10.0}, late_s=3600.0).run(60, {2: 5.0}, bad={1: 30}).run(120, {1: 5.0, 2: 5.0})
    health, told = FeedHealth(), []
    for n, (record, decoded) in enumerate(wire.records):
        health.take(record)
        if decoded is not None:
            health.heard(decoded, record.wall_us, record.feed)
        if record.kind == Kind.TICK:
            told += health.alerts()
        if n % 100 == 0:
            health = pickle.loads(pickle.dumps(health))
    assert told == wire.told
    assert len(told) >= 4
    assert health.rows() == wire.health.rows()


def test_reports_may_come_in_one_piece_or_in_many() -> None:
    """Between two ticks it does not matter how what came was cut."""
    one, many = Wire(), Wire()
    for wire in (one, many):
        wire.feed(1, "coast")
    for n in range(60):
        came = reports(20, one.now_us - n * SECOND_US)
        one.data(1, Decoded(came), size=20)
        for row in range(20):
            many.data(1, Decoded(came.slice(row, 1)), size=1)
        one.run(5)
        many.run(5)
    assert one.health.rows() == many.health.rows()
    assert one.told == many.told


def test_nothing_piles_up() -> None:
    """Two days of a feed with thousands of ships cost no more memory than an hour."""
    wire = Wire(tick_s=60.0, health=FeedHealth())
    wire.health.params = type(wire.health.params)(pause_after_s=120.0)
    wire.feed(1, "coast")
    sizes = []
    for hour in range(48):
        for n in range(60):
            wire.data(1, Decoded(reports(50, wire.now_us, mmsi=200_000_000 + (hour * 60 + n) * 50)))
            wire.run(60)
        sizes.append(len(pickle.dumps(wire.health)))
    assert sizes[-1] < sizes[1] * 1.1 + 48 * 40  # the hours learned
    assert wire.row().ships == 500


def test_a_delay_is_a_median() -> None:
    """A tenth of the ships with clocks of their own does not move it; quantiles are right to 6 %."""
    delays = Delays()
    rng = np.random.default_rng(7)
    values = np.concatenate([rng.lognormal(1.0, 0.5, 9_000), np.full(1_000, -86_400.0)]) * SECOND_US
    for part in np.array_split(values.astype(np.int64), 30):
        delays.add(part)
    for share in (0.5, 0.95):
        expected = float(np.quantile(values, share)) / SECOND_US
        assert delays.quantile_s(share) == pytest.approx(expected, rel=0.06)
    assert Delays().quantile_s(0.5) is None


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)
_TOLD = st.dictionaries(
    st.sampled_from(["feed", "name", "url", "state", "why", "what", "n", "peer", "mute_after_s", "replay"]),
    _JSON | st.sampled_from(["connected", "waiting", "started", 7]),
)


@settings(max_examples=200, deadline=None)
@given(st.lists(st.tuples(st.sampled_from(list(Kind)), st.integers(0, 2), _TOLD | _JSON, st.integers(0, 60))))
def test_whatever_a_log_holds_is_taken(told: list[tuple[Kind, int, object, int]]) -> None:
    """Records of another version, or damaged ones, lose at most what they tell."""
    health, now_us = FeedHealth(), BEGIN_US
    for seq, (kind, feed, content, step_s) in enumerate(told):
        now_us += step_s * SECOND_US
        health.take(Record(seq + 1, kind, now_us, feed, 1, json.dumps(content).encode()))
        health.heard(Decoded(), now_us, feed)
        health.rows()
        health.alerts()
    pickle.dumps(health)


def test_all_of_it_can_be_taken_at_any_record(wire: Wire) -> None:
    """Rows can be asked for between ticks too."""
    for health in again(wire, FeedHealth()):
        assert len(health.rows()) <= 1


def test_what_had_piled_up_is_no_rate() -> None:
    """A feed that connects, delivers 10,000 reports at once and dies is not one of 167 reports a second.

    While it is dead its rate is that since it fell silent: none; before, nothing steady is known.
    """
    wire = Wire()
    wire.feed(1, "coast")
    wire.data(1, Decoded(reports(10_000, wire.now_us)))
    wire.run(5)
    assert wire.row().reports_per_s == pytest.approx(2000.0)  # while it lives: of the last minute
    wire.run(50)
    (alert,) = wire.told
    assert "feed_reports_before" not in codes(alert)
    assert wire.row().reports_per_s == 0.0


def test_what_piles_up_in_mid_run_is_left_out_of_the_rate_before(wire: Wire) -> None:
    """Near miss: two ticks after it connected anew its reports count: 40 a second, not what came at once."""
    wire.state(1, "waiting")
    wire.run(20)
    wire.state(1, "connected")
    wire.data(1, Decoded(reports(10_000, wire.now_us)))
    wire.run(60, {1: 40.0}).run(60)
    assert codes(wire.told[0])["feed_reports_before"] == pytest.approx(40.0)


def test_once_another_feed_is_back_nothing_is_told_as_blind() -> None:
    """Both die: a warning that names the cable. One is back and hears it: an advisory that names none."""
    wire = Wire(FeedHealth(assets=Assets([cable("east", 25.0)])))
    wire.feed(1, "coast")
    wire.feed(2, "sky")
    wire.run(60, {1: 10.0, 2: 10.0}).run(60)
    assert [a.priority for a in wire.told] == ["warning", "warning"]
    wire.run(60, {1: 10.0})
    last = next(a for a in reversed(wire.told) if a.feed and a.feed.name == "sky")
    assert (last.priority, last.assets, last.ended_us) == ("advisory", (), None)
    assert last.coverage["statement"] == "1 of 2 feeds alive; assets blind: none"
    wire.run(30, {1: 10.0, 2: 10.0}).run(60, {1: 10.0})  # again, soon: the same alert goes on
    again = wire.told[-1]
    assert (again.alert_id, again.priority, again.assets) == (last.alert_id, "advisory", ())


def test_assets_that_are_heard_again_one_by_one_leave_the_alert_within_a_minute() -> None:
    """Near miss: as long as one of them is blind it stays a warning; not each makes a revision."""
    lons = [22.0, 23.0, 24.0, 25.0]
    wire = Wire(FeedHealth(assets=Assets([cable(f"c{lon:g}", lon) for lon in lons])))
    wire.feed(1, "coast")
    wire.feed(2, "sky")
    for _ in range(12):
        for lon in lons:
            wire.data(1, Decoded(reports(5, wire.now_us, lon=lon)))
        wire.run(5, {2: 10.0}, lon=10.0)
    wire.run(60, {2: 10.0}, lon=10.0)
    assert [len(a.assets) for a in wire.told] == [4]
    for lon in lons[:3]:
        wire.run(10, {2: 10.0}, lon=lon)
    wire.run(60, {2: 10.0}, lon=10.0)
    assert [len(a.assets) for a in wire.told] == [4, 1]
    assert wire.told[-1].priority == "warning"


def test_a_restart_is_no_all_clear(wire: Wire) -> None:
    """A feed that was mute and is mute after the start as well is one alert, which the start does not end."""
    wire.feed(2, "sky")
    wire.run(60, {1: 40.0})
    wire.now_us += 10 * SECOND_US
    wire.put(Kind.STATE, 0, {"state": "started"})
    wire.feed(1, "coast")
    wire.feed(2, "sky")
    wire.state(2, "connecting")
    wire.run(20, {1: 40.0})
    assert (wire.row(2).counts["alive"], wire.row(2).why) == (0, "nothing was heard of it yet")
    wire.state(2, "connected")
    wire.run(100, {1: 40.0})
    assert [(a.feed and a.feed.name, a.ended_us) for a in wire.told] == [("sky", None)]
    wire.run(5, {1: 40.0, 2: 2.0})
    assert wire.told[-1].ended_us == wire.now_us  # near miss: the first report is an all-clear


def test_after_a_restart_a_feed_with_a_wrong_clock_is_no_dead_one() -> None:
    """Near miss: what it brings cannot be judged, but it is heard: the alert that it is silent ends."""
    wire = Wire()
    wire.feed(1, "coast")
    wire.run(60)
    wire.put(Kind.STATE, 0, {"state": "started"})
    wire.feed(1, "coast")
    wire.run(20, {1: 40.0}, late_s=7 * DAY_US / SECOND_US)
    dead = [a for a in wire.told if a.behaviours == ("feed_dead",)]
    assert [a.ended_us is None for a in dead] == [True, False]
