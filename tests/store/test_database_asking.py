"""What can be asked of the store: alerts by what they are, letters by what became of them, commands."""

from __future__ import annotations

from dataclasses import replace

import pytest

from seavigil.events import Bounds, Event, Passage, Reason
from seavigil.store import orders
from seavigil.store.database import Database
from seavigil.store.rows import AlertRow, CommandDone, EventRow, TransitionRow, event_row
from tests.store import batches
from tests.store.batches import NEW_YEAR_US, SECOND_US

NOW_US = NEW_YEAR_US + 1000 * SECOND_US


def an_event(event_id: str = "e-1", *, last_report_id: int = 2) -> Event:
    """Give a crossing with a reason and its way over the asset."""
    return Event(
        event_id=event_id,
        revision=1,
        known_at_us=NEW_YEAR_US,
        detected_at_us=NEW_YEAR_US,
        behaviour="crossing",
        params_hash="p",
        vessel_id="299000001",
        mmsi=299_000_001,
        asset_id="link-1",
        began_us=NEW_YEAR_US,
        ended_us=None,
        first_report_id=1,
        last_report_id=last_report_id,
        reports=2,
        lat_deg=59.8,
        lon_deg=25.4,
        sog_kn=9.0,
        cog_deg=80.0,
        peak_score=0.9,
        passage=Passage(0.75),
        reasons=(Reason("slowdown", 5.6, 9.8, "kn"),),
    )


def ids(lines: list[dict[str, object]]) -> list[object]:
    """Give the ids of alerts, in the order given."""
    return [line["alert_id"] for line in lines]


def save(database: Database, *alerts: AlertRow) -> None:
    """Keep alerts."""
    database.save(batches.batch(1, alerts=alerts))


def test_an_alert_that_is_not_there_is_none(database: Database) -> None:
    """Asked for what it does not have, an empty store gives nothing and fails at nothing."""
    assert database.alert("x") is None
    assert database.command("x") is None
    assert database.alerts() == database.revisions("x") == database.transitions() == database.feeds() == []
    assert (database.position(), database.due(NOW_US), database.waiting_commands()) == (0, [], [])


def test_alerts_are_found_by_what_they_are(database: Database) -> None:
    """Status, priority, behaviour and asset each choose; together they must all fit."""
    save(
        database,
        batches.alert("a", behaviours=["crossing", "drifting"]),
        batches.alert("b", status="closed", priority="info"),
        batches.alert("c", assets=[{"asset_id": "pipe-3"}, {"asset_id": "link-1"}], priority="info"),
    )
    assert ids(database.alerts()) == ["a", "b", "c"]
    assert ids(database.alerts(states=["closed", "retracted"])) == ["b"]
    assert ids(database.alerts(priorities=["info"])) == ["b", "c"]
    assert ids(database.alerts(behaviours=["drifting", "loitering"])) == ["a"]
    assert ids(database.alerts(asset="pipe-3")) == ["c"]
    assert ids(database.alerts(asset="link-1", priorities=["info"], states=["open"])) == ["c"]
    assert ids(database.alerts(states=[])) == []


def test_a_ship_is_found_as_the_other_one_too(database: Database) -> None:
    """An identity conflict is found by either ship's number; an alert of an area by none."""
    other = [{"vessel_id": "299000002", "mmsi": 299_000_002}]
    save(database, batches.alert("a", other_vessels=other), batches.alert("b", vessel=None, position=None))
    assert ids(database.alerts(mmsi=299_000_002)) == ids(database.alerts(mmsi=299_000_001)) == ["a"]
    assert ids(database.alerts(mmsi=2990)) == []


def test_alerts_of_a_time(database: Database) -> None:
    """A span has the alerts that stood or changed in it: revised since, first stood before its end."""
    save(database, batches.alert("a", at_s=0), batches.alert("b", at_s=100))
    late = replace(batches.alert("c", at_s=100), detected_at_us=NEW_YEAR_US + 50 * SECOND_US)
    save(database, late)
    assert ids(database.alerts(since_us=NEW_YEAR_US + SECOND_US)) == ["c", "b"]
    assert ids(database.alerts(until_us=NEW_YEAR_US + 50 * SECOND_US)) == ["a", "b"]
    assert ids(database.alerts(since_us=NEW_YEAR_US + 101 * SECOND_US)) == []


@pytest.mark.parametrize(
    ("box", "found"),
    [
        (Bounds(59.0, 25.0, 60.0, 26.0), ["a"]),
        (Bounds(59.0, 25.5, 60.0, 26.0), []),
        (Bounds(-20.0, 170.0, -10.0, -170.0), ["east", "west"]),  # over the date line
        (Bounds(-90.0, -180.0, 90.0, 180.0), ["a", "east", "west"]),
    ],
)
def test_alerts_in_a_box(box: Bounds, found: list[str], database: Database) -> None:
    """A box of the chart has the alerts placed in it, also over the date line."""
    places = {"a": (59.8, 25.4), "east": (-17.0, 179.5), "west": (-17.0, -179.5)}
    placed = [
        batches.alert(name, position={"lat_deg": lat, "lon_deg": lon}) for name, (lat, lon) in places.items()
    ]
    save(database, *placed, batches.alert("nowhere", position=None))
    assert ids(database.alerts(box=box)) == found


def test_pages_go_on_where_the_last_one_ended(database: Database) -> None:
    """Page by page every alert comes once, also when a new one comes, or an old one grows, in between."""
    save(database, *(batches.alert(f"a{n}") for n in range(7)))
    first = database.alerts(limit=3)
    newer = replace(batches.alert("new"), detected_at_us=NOW_US)
    save(database, newer, batches.alert("a5", 2, at_s=60))
    second = database.alerts(limit=3, after="a2")
    assert ids(first + second) == ["a0", "a1", "a2", "a3", "a4", "a5"]
    assert ids(database.alerts(after="a5")) == ["a6"]
    with pytest.raises(ValueError, match="no alert 'gone' to go on after"):
        database.alerts(after="gone")


def test_transitions_come_in_their_order(database: Database) -> None:
    """The last ones of an alert, or of all, oldest first; two notes of one moment are both kept."""
    notes = [batches.transition(what="note", who="ops", why=why) for why in ("call made", "no answer")]
    silence = batches.transition(None, 0, what="silence", who="ops")
    rows: list[TransitionRow] = [batches.transition(), *notes, silence, batches.transition("b")]
    database.save(batches.batch(1, transitions=rows))
    assert [(t["what"], t["why"]) for t in database.transitions("a")] == [
        ("opened", ""),
        ("note", "call made"),
        ("note", "no answer"),
    ]
    assert [(t["alert_id"], t["what"]) for t in database.transitions(limit=2)] == [
        (None, "silence"),
        ("b", "opened"),
    ]


def test_an_event_keeps_all_it_knew() -> None:
    """The row of an event has every field of it, its reasons, its way over the asset and its 64-bit ids."""
    row: EventRow = event_row(an_event(last_report_id=2**64 - 1))
    assert (row.event_id, row.behaviour, row.mmsi) == ("e-1", "crossing", 299_000_001)
    assert row.line["last_report_id"] == 2**64 - 1
    assert row.line["passage"]["probability_over"] == 0.75
    assert row.line["reasons"][0]["code"] == "slowdown"


def test_events_of_an_alert(database: Database) -> None:
    """Those that its newest revision names are given, as they stand now."""
    newest = event_row(an_event("event-of-a", last_report_id=2**64 - 1))
    database.save(batches.batch(1, alerts=[batches.alert("a")], events=[newest, batches.event("other")]))
    (line,) = database.events("a")
    assert (line["event_id"], line["last_report_id"]) == ("event-of-a", 2**64 - 1)
    assert database.events("x") == []


# --- letters ------------------------------------------------------------------------------------


def letters(database: Database, *names: str) -> None:
    """Put letters into the outbox."""
    database.save(batches.batch(1, outbox=[batches.letter(name) for name in names]))


def test_letters_are_due_until_they_are_sent(database: Database) -> None:
    """The oldest first, none before its time, and a sent one never again, whatever is told of it."""
    database.save(batches.batch(1, outbox=[batches.letter("late", at_s=60), batches.letter("a")]))
    assert [i.key for i in database.due(NEW_YEAR_US)] == ["a:1:hook"]
    assert [i.key for i in database.due(NOW_US)] == ["late:1:hook", "a:1:hook"]
    assert [i.key for i in database.due(NOW_US, limit=1)] == ["late:1:hook"]
    database.sent("a:1:hook", NOW_US, "200 OK")
    database.put_off("a:1:hook", NOW_US, NOW_US, "too late")
    database.dead("a:1:hook", NOW_US, "too late")
    assert [i.key for i in database.due(NOW_US)] == ["late:1:hook"]
    assert database.outbox_counts() == {"waiting": 1, "sent": 1, "dead": 0}


def test_a_letter_put_off_comes_back(database: Database) -> None:
    """Tries are counted, with what went wrong; it is due again at its time and not before."""
    letters(database, "a")
    database.put_off("a:1:hook", NOW_US, NOW_US + 10, "503 busy")
    assert database.due(NOW_US + 9) == []
    (item,) = database.due(NOW_US + 10)
    assert (item.attempts, item.last_error, item.state) == (1, "503 busy", "waiting")


def test_a_dead_letter_waits_for_an_operator(database: Database) -> None:
    """Given up it is due no more, and stands in the list until somebody retries it."""
    letters(database, "a", "b")
    database.dead("a:1:hook", NOW_US, "404 no such hook")
    assert [i.key for i in database.due(NOW_US)] == ["b:1:hook"]
    (dead,) = database.dead_letters()
    assert (dead.key, dead.last_error, dead.done_us) == ("a:1:hook", "404 no such hook", NOW_US)
    database.retry("a:1:hook")
    assert (database.dead_letters(), len(database.due(NOW_US))) == ([], 2)
    with pytest.raises(ValueError, match="no dead letter 'b:1:hook'"):
        database.retry("b:1:hook")


def test_no_letter_of_that_key(database: Database) -> None:
    """Marking a letter that is not there is an error in words: it would vanish otherwise."""
    with pytest.raises(ValueError, match="no letter 'x:1:hook' in the outbox"):
        database.sent("x:1:hook", NOW_US)


# --- commands -----------------------------------------------------------------------------------


def test_a_command_waits_until_the_log_says_what_became_of_it(database: Database) -> None:
    """Submitted it waits, the oldest first; done or refused it waits no more, and says why."""
    first = database.submit({"kind": "acknowledge", "alert_id": "a", "who": "ops"})
    second = database.submit(
        {"kind": "silence", "who": "ops", "arguments": {"mmsi": 299_000_001, "for_s": 60}}
    )
    assert [c["command_id"] for c in database.waiting_commands()] == [first, second]
    database.save(batches.batch(4, commands=[CommandDone(first, "refused", "no alert a", 4)]))
    (waiting,) = database.waiting_commands()
    assert (waiting["kind"], waiting["arguments"]["for_s"], waiting["alert_id"]) == ("silence", 60, None)
    done = database.command(first)
    assert done is not None
    assert (done["state"], done["says"], done["position"], done["who"]) == ("refused", "no alert a", 4, "ops")


def test_a_command_may_be_submitted_again(database: Database) -> None:
    """One with an id of its own is queued once; another with that id is refused."""
    command = {"command_id": "c-1", "kind": "note", "alert_id": "a", "who": "ops", "why": "called"}
    assert database.submit(command) == database.submit(command) == "c-1"
    assert len(database.waiting_commands()) == 1
    with pytest.raises(ValueError, match="another command has the id 'c-1'"):
        database.submit({**command, "why": "called twice"})


@pytest.mark.parametrize(
    ("command", "why"),
    [
        ({"who": "ops"}, "None: no such command; there are acknowledge, escalate, close"),
        ({"kind": "sink", "who": "ops"}, "'sink': no such command"),
        ({"kind": "close", "who": "ops"}, "close: say of which alert"),
        ({"kind": "close", "alert_id": 7, "who": "ops"}, "close: say of which alert"),
        ({"kind": "close", "alert_id": "a"}, "close: say who asks for it"),
        ({"kind": "close", "alert_id": "a", "who": " "}, "close: say who asks for it"),
        ({"kind": "note", "alert_id": "a", "who": "ops", "why": 3}, "note: why is a text"),
        ({"kind": "silence", "who": "ops", "arguments": []}, "silence: arguments are an object"),
        ({"kind": "silence", "who": "ops", "command_id": "a/b"}, "silence: command_id is up to 64"),
        ({"kind": "silence", "who": "ops", "prio": 1}, "a command has no prio; it has command_id"),
    ],
)
def test_commands_of_no_sense_are_refused(command: dict[str, object], why: str) -> None:
    """What is wrong with a command is said at once, before it is queued."""
    with pytest.raises(ValueError, match=why):
        orders.checked(command)
