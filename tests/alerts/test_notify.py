"""What is told: steps, not figures; to whom; and what in one message."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import pytest

from seavigil.alerts import Alert, AlertBook, Command
from seavigil.alerts.notify import WORTH_TELLING, Notification, Telling, fold, group_name, worth_telling
from seavigil.alerts.transitions import TRANSITIONS
from seavigil.records import MINUTE_US, SECOND_US
from tests.alerts.drafts import command, draft
from tests.alerts.test_lifecycle import SERVICE

WARNED = {"priority": "warning"}


def told(
    *steps: Alert | tuple[float, Command] | float, book: AlertBook | None = None
) -> list[tuple[str, str]]:
    """Play steps as a service does; gives what somebody is told: the step and the status."""
    return [(n.transition.what, n.alert.status) for n in notified(*steps, book=book)]


def notified(
    *steps: Alert | tuple[float, Command] | float, book: AlertBook | None = None
) -> list[Notification]:
    """Play steps as a service does; gives the notifications."""
    book = book or AlertBook(SERVICE)
    found = []
    for step in steps:
        if isinstance(step, Alert):
            revisions = book.advance([step], step.revised_at_us)
        elif isinstance(step, tuple):
            revisions = book.obey(step[1], round(step[0] * MINUTE_US))
        else:
            revisions = book.advance([], round(step * MINUTE_US))
        found += worth_telling(book.transitions(), revisions, open_from=SERVICE.open_from)
    return found


def test_what_is_new_is_told_and_a_figure_is_not() -> None:
    """It opens, gets another figure, grows, rises, ends."""
    steps = (
        draft(1, **WARNED),
        draft(2, **WARNED, strength=3.0),
        draft(3, **WARNED, assets=["one!"]),
        draft(4, priority="urgent", assets=["one!"]),
        draft(5, priority="urgent", assets=["one!"], ended=True),
    )
    assert told(*steps) == [("opened", "open"), ("grew", "open"), ("rose", "open"), ("ended", "closed")]


def test_what_is_over_when_it_is_found_is_told_once_as_opened() -> None:
    """One revision, one message."""
    assert told(draft(1, **WARNED, ended=True)) == [("opened", "closed")]


def test_candidates_are_not_told_and_neither_is_their_end() -> None:
    """Nor that later data explain what nobody was told of."""
    assert told(draft(1), draft(2, ended=True), draft(3), draft(4, retracted_because="gnss_degraded")) == []
    closed = draft(2, ended=True)
    assert told(draft(1), closed, draft(4, ended=2, retracted_because="gnss_degraded")) == []


def test_that_it_was_nothing_is_told_to_those_who_were_told_of_it() -> None:
    """Even when it was over by then: they may have acted on it."""
    late = {"retracted_because": "heard_late", "ended": 2}
    assert told(draft(1, **WARNED), draft(2, **WARNED, ended=True), draft(9, **WARNED, **late)) == [
        ("opened", "open"),
        ("ended", "closed"),
        ("explained", "retracted"),
    ]


def test_who_has_it_is_not_told_again_of_the_same() -> None:
    """After an acknowledgement: its end, and what is new."""
    steps = (
        draft(1, **WARNED),
        (2, command("acknowledge")),
        draft(3, **WARNED, ended=True),
        draft(4, **WARNED),
    )
    assert told(*steps) == [("opened", "open"), ("ended", "closed")]
    assert told(*steps, draft(5, priority="urgent"))[-1] == ("rose", "open")


def test_what_nobody_answers_is_told_as_escalated() -> None:
    """And what a person escalates."""
    assert told(draft(1, priority="urgent"), 60) == [("opened", "open"), ("unanswered", "escalated")]
    assert told(draft(1), (2, command("escalate"))) == [("escalate", "escalated")]


def test_what_is_silenced_is_not_told_until_the_silence_ends() -> None:
    """Nor its end; what stands then is told."""
    quiet = (0, command("silence", None, mmsi=[299_100_001], for_s=3600))
    assert told(quiet, draft(1, **WARNED), draft(2, **WARNED, ended=True), 90) == []
    assert told(quiet, draft(1, **WARNED), 90) == [("silence_ended", "open")]
    assert told(quiet, draft(1, **WARNED), draft(2, priority="urgent")) == [("rose", "open")]


def test_notes_and_acknowledgements_are_not_told() -> None:
    """They are looked up by those who care."""
    assert told(draft(1, **WARNED), (2, command("note")), (3, command("acknowledge"))) == [("opened", "open")]


def test_every_step_that_can_be_told_is_one_there_is() -> None:
    """What the table does not have is a silence's end."""
    assert set(WORTH_TELLING) - {what for _, what in TRANSITIONS} == {"silence_ended"}


def test_the_payload_is_the_line_with_its_step() -> None:
    """And an exercise begins with its mark."""
    [real, drill] = notified(draft(1, **WARNED), draft(2, **WARNED, alert_id="b", exercise=True))
    assert real.payload() == {**real.alert.as_json(), "transition": real.transition.as_json()}
    assert real.payload()["transition"] == {
        "alert_id": "a",
        "revision": 1,
        "what": "opened",
        "before": None,
        "after": "open",
        "who": "seavigil",
        "at": "1970-01-01T00:01:00Z",
        "why": "",
    }
    assert next(iter(drill.payload().items())) == ("marking", "EXERCISE EXERCISE EXERCISE")


@pytest.mark.parametrize(
    ("rules", "wanted"),
    [
        ({}, True),
        ({"min_priority": "warning"}, True),
        ({"min_priority": "urgent"}, False),
        ({"behaviours": frozenset({"drifting", "gone_dark"})}, True),
        ({"behaviours": frozenset({"gone_dark"})}, False),
        ({"assets": frozenset({"one"})}, True),
        ({"assets": frozenset({"ahead"})}, True),
        ({"assets": frozenset({"two"})}, False),
        ({"exercises": "never"}, True),
        ({"exercises": "only"}, False),
        ({"steps": frozenset({"opened"})}, True),
        ({"steps": frozenset({"ended"})}, False),
    ],
)
def test_a_channel_is_told_what_it_wants(rules: dict[str, Any], wanted: bool) -> None:
    """By priority, behaviour, asset concerned or ahead, exercise and step."""
    ahead = ({"asset_id": "ahead", "name": "x"},)
    [one] = notified(draft(1, **WARNED, assets=["one"], next_assets=ahead))
    assert Telling(**rules).wants(one) is wanted


def test_exercises_go_where_exercises_go() -> None:
    """Also, only, never."""
    [drill] = notified(draft(1, **WARNED, exercise=True))
    assert [Telling(exercises=e).wants(drill) for e in ("also", "only", "never")] == [True, True, False]


def test_what_a_person_escalates_is_told_however_little_pressing() -> None:
    """He wants others to know."""
    [one] = notified(draft(1), (2, command("escalate")))
    assert Telling(min_priority="urgent").wants(one)


@pytest.mark.parametrize("wrong", [{"min_priority": "x"}, {"exercises": "x"}, {"steps": frozenset({"x"})}])
def test_rules_that_cannot_be_meant_are_refused(wrong: dict[str, Any]) -> None:
    """In words with what there is."""
    with pytest.raises(ValueError, match="'x' is no"):
        Telling(**wrong)


@dataclass(frozen=True)
class Row:
    """A row of the outbox."""

    key: str
    alert_id: str = "a"
    revision: int = 1
    priority: str = "warning"
    created_us: int = 0
    attempts: int = 0
    next_us: int = 0
    payload: Mapping[str, Any] = field(
        default_factory=lambda: {"alert_id": "a", "assets": [{"asset_id": "one"}]}
    )


def groups(*rows: Row, now_s: float, wait_s: float = 60.0) -> list[list[str]]:
    """Give the keys of each group that is told now."""
    found = fold(rows, now_us=round(now_s * SECOND_US), group_wait_s=wait_s)
    return [[item.key for item in group.items] for group in found.ready]


def about(asset: str, **more: Any) -> dict[str, Any]:
    """Give the payload of an alert about one asset."""
    return {"alert_id": "a", "assets": [{"asset_id": asset}], **more}


def test_what_belongs_together_waits_for_each_other() -> None:
    """Until the first has waited so long; what is about another asset goes by itself."""
    rows = [
        Row("1", created_us=0),
        Row("2", "b", created_us=40 * SECOND_US),
        Row("3", "c", created_us=30 * SECOND_US, payload=about("two")),
    ]
    assert groups(*rows, now_s=59) == []
    assert groups(*rows, now_s=60) == [["1", "2"]]
    assert groups(*rows, now_s=90) == [["1", "2"], ["3"]]
    assert fold(rows, now_us=60 * SECOND_US, group_wait_s=60.0).next_us == 90 * SECOND_US
    assert groups(*rows, now_s=40, wait_s=0.0) == [["1", "2"], ["3"]]


def test_what_is_urgent_waits_for_nobody_and_goes_first() -> None:
    """And takes along what is there of its group."""
    rows = [
        Row("1"),
        Row("2", "b", priority="urgent", payload=about("two")),
        Row("3", "c", payload=about("two")),
    ]
    assert groups(*rows, now_s=1) == [["2", "3"]]
    assert groups(*rows, now_s=60) == [["2", "3"], ["1"]]


def test_an_exercise_is_never_in_one_message_with_a_real_alert() -> None:
    """Though both are about one asset."""
    rows = [Row("1"), Row("2", "b", payload=about("one", exercise=True))]
    assert sorted(groups(*rows, now_s=60)) == [["1"], ["2"]]


def test_what_was_tried_together_is_tried_together_again() -> None:
    """At once and without what came since, so that its message is the same one."""
    tried = [Row(str(i), f"{i}", attempts=1, next_us=7) for i in range(2)]
    assert groups(*tried, Row("new", "n", created_us=50 * SECOND_US), now_s=51) == [["0", "1"]]


def test_of_one_alert_the_newest_revision_is_told() -> None:
    """The older ones are done with it."""
    rows = [Row("2", revision=2), Row("1"), Row("b", "b", priority="urgent")]
    [group] = fold(rows, now_us=60 * SECOND_US, group_wait_s=60.0).ready
    assert [item.key for item in group.told] == ["b", "2"]
    assert sorted(item.key for item in group.items) == ["1", "2", "b"]


@pytest.mark.parametrize(
    ("by", "payload", "name"),
    [
        ("asset", about("one"), "asset one"),
        ("asset", {"alert_id": "a", "assets": [], "vessel": {"vessel_id": "299100001"}}, "ship 299100001"),
        ("asset", {"alert_id": "a", "area": {"area_id": "area:1"}}, "area area:1"),
        ("asset", {"alert_id": "a", "feed": {"name": "north"}}, "feed north"),
        ("area", about("one", position={"lat_deg": 59.9, "lon_deg": -0.1}), "square 59 -1"),
        ("area", {"alert_id": "a", "area": {"area_id": "area:1"}}, "area area:1"),
        ("ship", about("one", vessel={"vessel_id": "299100001#2"}), "ship 299100001#2"),
        ("alert", about("one"), "alert a"),
        ("asset", {"alert_id": "a"}, "alert a"),
    ],
)
def test_a_group_is_named_by_what_it_is_about(by: str, payload: dict[str, Any], name: str) -> None:
    """By asset, ship or square degree; by what there is where it has none."""
    assert group_name(payload, by) == name


def test_an_unknown_way_of_grouping_is_refused() -> None:
    """In words with those there are."""
    with pytest.raises(ValueError, match="'flag' is none of asset, area, ship, alert"):
        group_name({"alert_id": "a"}, "flag")
