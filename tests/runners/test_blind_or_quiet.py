"""Nobody is told that all is quiet where nothing was judged, or nothing heard."""

from __future__ import annotations

import json
from typing import Any

import pyarrow as pa
from shapely import LineString

from seavigil.alerts import Alert, AlertBook, BookParams
from seavigil.assets import Assets
from seavigil.assets.model import Asset
from seavigil.records import SECOND_US, Flag
from seavigil.runners.failing import Failing
from seavigil.runners.feed_health import FeedHealth
from seavigil.runners.judge import Judge, Step
from seavigil.runners.live import Outcome, Watch
from seavigil.runners.statements import StatementParams, Statements
from seavigil.store.rawlog import Kind, Record
from tests.alerts.drafts import command, draft
from tests.runners.rig import BEGIN_US, report
from tests.runners.test_hazards import heard


class Log:
    """A log written by hand, with a statement a minute; it is judged in pieces of any size."""

    def __init__(self, *feeds: str) -> None:
        self.records: list[Record] = []
        self.now_us = BEGIN_US
        self.write(Kind.STATE, state="started")
        for number, name in enumerate(feeds, 1):
            self.meet(number, name)

    def write(self, what: Kind, of: int = 0, payload: bytes | None = None, **content: Any) -> None:
        """Write one record."""
        told = json.dumps(content).encode() if payload is None else payload
        self.records.append(Record(len(self.records) + 1, what, self.now_us, of, of, told))

    def meet(self, number: int, name: str, **more: Any) -> None:
        """Make a feed known, and connect it."""
        self.write(Kind.FEED, number, feed=number, name=name, url=f"tcp://{name}:1", format="nmea", **more)
        self.write(Kind.STATE, number, state="connected")

    def go_on(self, seconds: int, ahead_s: dict[int, float] | None = None) -> None:
        """Let feeds bring ten reports in five seconds each; their clocks are so far ahead."""
        for _ in range(seconds // 5):
            self.now_us += 5 * SECOND_US
            for feed, off_s in (ahead_s or {}).items():
                self.write(Kind.DATA, feed, heard(self.now_us / SECOND_US + off_s))
            self.write(Kind.TICK)

    def judged(self, piece: int = 1_000, judge: Judge | None = None) -> list[Step]:
        """Judge all of it."""
        judge = judge or new_judge()
        return [judge.step(self.records[at : at + piece]) for at in range(0, len(self.records), piece)]


def new_judge(every_s: int = 60, assets: Assets | None = None) -> Judge:
    """Give a judge that says a statement each minute, or as often as told."""
    book = BookParams()
    return Judge(
        Watch(book=book),
        None,
        FeedHealth(assets=assets),
        book,
        Statements(StatementParams(every_s * SECOND_US)),
    )


def flags(steps: list[Step]) -> list[int]:
    """Give the flags of all reports that were tracked, in order."""
    rows = pa.concat_tables([o.reports for step in steps for o in step.outcomes])
    return [int(found) for found in rows["flags"].to_pylist()]


def texts(steps: list[Step]) -> list[str]:
    """Give the statements."""
    return [row.text for step in steps for row in step.statements]


def test_a_feed_that_is_met_changes_nothing_of_what_came_before_it() -> None:
    """A recording is met after reports of the future came: they are set aside, however the log is cut."""
    log = Log("coast")
    for second in (0, 5, 10):  # so many that without times of receipt they would be believed
        log.write(Kind.DATA, 1, heard(BEGIN_US / SECOND_US + 3600 + second))
    log.meet(2, "tape", replay=True)
    log.go_on(20, {1: 0.0})
    whole, cut = flags(log.judged()), flags(log.judged(1))
    assert whole == cut
    assert sum(f & Flag.WRONG_CLOCK != 0 for f in whole) == 30


def said_of(*drafts: Alert, bar: str = "info", by_hand: bool = False) -> str:
    """Give what the first minute's statement says was seen, after drafts of alerts, and a person's answer."""
    log, judge = Log("coast"), new_judge()
    log.go_on(10, {1: 0.0})
    log.judged(judge=judge)
    before = len(log.records)
    book = AlertBook(BookParams(bar))
    for one in drafts:
        judge.health.sights.taken()  # what was seen before it belongs to hours before
        alerts = book.advance([one], one.revised_at_us)
        judge._told(Outcome(alerts=tuple(alerts), transitions=tuple(book.transitions())), Step(0, 0))
    if by_hand:
        judge.health.sights.taken()
        alerts = book.obey(command("close"), drafts[-1].revised_at_us)
        judge._told(Outcome(alerts=tuple(alerts), transitions=tuple(book.transitions())), Step(0, 0))
    log.go_on(60, {1: 0.0})
    (row,) = (row for row in judge.step(log.records[before:]).statements)
    return row.text.partition(": ")[2].partition("; 1")[0]


def test_an_hour_has_seen_what_began_or_went_on_in_it() -> None:
    """Also what was over before it was known, and what calls nobody."""
    begun = draft(1, priority="urgent")
    assert said_of(begun) == "alerts: 1 urgent"
    assert said_of(begun, draft(2, priority="urgent", lat_deg=59.1)) == "alerts: 1 urgent"
    assert said_of(draft(1, ended=True, priority="warning")) == "alerts: 1 warning"
    assert said_of(draft(1), draft(2, priority="advisory"), bar="warning") == "alerts: 1 advisory"


def test_near_miss_what_is_over_or_explained_was_not_seen_in_the_hour() -> None:
    """That an alert of an earlier hour ended, was closed by a person or is explained now is no sight."""
    begun, quiet = draft(1, priority="urgent"), "nothing above info seen"
    assert said_of(begun, draft(2, ended=True, priority="urgent")) == quiet
    assert said_of(begun, by_hand=True) == quiet
    assert said_of(begun, draft(2, priority="urgent", retracted_because="pilot_boat")) == quiet


def test_exercises_are_counted_apart() -> None:
    """An invented ship is nothing that was seen at sea."""
    assert said_of(draft(1, priority="urgent", exercise=True)) == (
        "nothing above info seen; exercises: 1 urgent"
    )


def test_a_feed_that_was_never_heard_is_not_alive() -> None:
    """From its first second on nobody listens, though it is told to be dead only when it is late enough."""
    log, judge = Log("coast"), new_judge()
    log.go_on(30)
    log.judged(judge=judge)
    (row,) = judge.health.rows()
    assert (row.counts["alive"], row.why) == (0, "nothing was heard of it yet")
    assert judge.health.share().words().startswith("0 reports heard from 0 of 1 feed ")
    assert judge.health.alerts() == []
    log.go_on(30)
    assert texts(log.judged()) == [
        "2026-11-22 13:40 to 13:41: nobody listened; blind: 13:40 to 13:41 (no feed alive)"
    ]


def test_a_silence_begins_with_the_last_report() -> None:
    """Not when it had been silent for long enough to be told: of two minutes it heard half a minute."""
    log = Log("coast")
    log.go_on(30, {1: 0.0})
    log.go_on(90)
    (row,) = (row for step in log.judged(judge=new_judge(120)) for row in step.statements)
    assert row.figures["blind_s"] == 90


def test_after_a_start_a_feed_is_awaited_again() -> None:
    """What it brought before the watch stopped says nothing of now."""
    log, judge = Log("coast"), new_judge()
    log.go_on(60, {1: 0.0})
    log.now_us += 3_600 * SECOND_US
    log.write(Kind.STATE, state="started")
    log.meet(1, "coast")
    log.go_on(20)
    log.judged(judge=judge)
    assert judge.health.alive == 0
    log.go_on(5, {1: 0.0})
    judge.step(log.records[-2:])
    assert judge.health.alive == 1


def test_near_miss_a_feed_heard_at_once_is_alive_all_the_while() -> None:
    """And so is one that says nothing for half a minute."""
    log = Log("coast")
    for _ in range(2):
        log.go_on(5, {1: 0.0})
        log.go_on(25)
    (text,) = texts(log.judged())
    assert text.endswith("1 of 1 feed alive, blind: none")


HOUR_S = 3600.0


def test_a_feed_far_ahead_of_a_right_one_is_not_heard() -> None:
    """All that it brings is set aside: only the other one counts, and it is said how much was not judged."""
    log, judge = Log("coast", "sky"), new_judge()
    log.go_on(60, {1: 0.0, 2: HOUR_S})
    steps = log.judged(judge=judge)
    (text,) = texts(steps)
    assert "120 reports heard" in text
    assert " and 120 more not judged" in text
    assert "at times only 1 of 2 feeds alive" in text
    assert [row.counts["alive"] for row in judge.health.rows()] == [1, 0]
    assert judge.health.share().reports == 120
    assert texts(log.judged(7)) == [text]


def test_a_feed_far_behind_a_right_one_is_not_heard_either() -> None:
    """What comes an hour late is kept, and never judged."""
    log, judge = Log("coast", "sky"), new_judge()
    log.go_on(60, {1: 0.0, 2: -HOUR_S})
    (text,) = texts(log.judged(judge=judge))
    assert "at times only 1 of 2 feeds alive" in text
    assert [row.counts["alive"] for row in judge.health.rows()] == [1, 0]


def test_near_miss_a_feed_behind_that_is_alone_is_judged() -> None:
    """By its own times, which are told to be off."""
    log, judge = Log("coast"), new_judge()
    log.go_on(120, {1: -HOUR_S})
    second = texts(log.judged(judge=judge))[1]
    assert "120 reports heard (what is usual is not known yet), 1 of 1 feed alive, blind: none" in second


def test_a_feed_that_is_set_aside_hears_no_ship_near_an_asset() -> None:
    """The cable that only it heard ships near is blind."""
    cable = Asset("c", "Cable", "power_cable", LineString([(24.0, 59.0), (25.0, 59.4)]), 100.0, "given")
    said: list[str] = []
    for ahead_s in (0.0, HOUR_S):
        log, judge = Log("coast", "sky"), new_judge(assets=Assets([cable]))
        far = {"lat_deg": 10.0, "lon_deg": 10.0}
        for _ in range(12):
            log.now_us += 5 * SECOND_US
            now_s = log.now_us / SECOND_US
            log.write(Kind.DATA, 1, b"".join(report(230_000_000, now_s - s, **far) for s in (1, 3)))
            log.write(Kind.DATA, 2, heard(now_s + ahead_s))
            log.write(Kind.TICK)
        said += texts(log.judged(judge=judge))
    assert ["no ship heard near Cable" in text for text in said] == [False, True]


def breaks(*_: object, **__: object) -> Outcome:
    """Judge as code does to which what is stored does not fit."""
    raise AttributeError("'Watch' object has no attribute '_new'")


def test_where_judging_fails_the_hour_is_not_quiet() -> None:
    """Nobody listened: what was heard, nobody judged; and it is said by what."""
    log, judge = Log("coast"), new_judge()
    log.go_on(60, {1: 0.0})
    judge.watch.take = breaks  # type: ignore[method-assign]
    (text,) = texts(log.judged(judge=judge))
    assert text == (
        "2026-11-22 13:40 to 13:41: nobody listened; blind: 13:40 to 13:41 (judging failed); JUDGING FAILED"
        " for all ships 12 times (AttributeError: 'Watch' object has no attribute '_new'):"
        " much may be missing"
    )
    assert judge.health.alive == 0


def test_a_part_of_judging_that_fails_for_all_ships_is_said_too() -> None:
    """The rest was judged, so it is not blind."""
    log, judge = Log("coast"), new_judge()
    log.go_on(60, {1: 0.0})
    judge.watch._facts.learn = breaks  # type: ignore[assignment, method-assign]
    (text,) = texts(log.judged(judge=judge))
    assert "1 of 1 feed alive, blind: none; JUDGING FAILED for all ships" in text


def test_judging_that_fails_is_followed_step_by_step() -> None:
    """Until something is judged again; a step in which nothing came says nothing."""
    log, judge, failing = Log("coast"), new_judge(), Failing()
    log.go_on(20, {1: 0.0})
    right = judge.watch.take
    judge.watch.take = breaks  # type: ignore[method-assign]
    seen = []
    for number, record in enumerate(log.records):
        if number == len(log.records) - 2:
            judge.watch.take = right  # type: ignore[method-assign]
        failing.take(judge.step([record]))
        seen.append((failing.unjudged, failing.unjudged_s))
    assert seen == [*[(0, 0)] * 3, *[(1, 0)] * 2, *[(2, 5)] * 2, *[(3, 10)] * 2, *[(0, 0)] * 2]
    assert (failing.steps, failing.why) == (0, "")
