"""Batches come whole or not at all, and however often and however cut they come the store is the same."""

from __future__ import annotations

import signal
import subprocess
import sys
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete

from seavigil.store.database import Database
from seavigil.store.engine import writing
from seavigil.store.rows import Batch, CommandDone
from seavigil.store.tables import METADATA
from tests.store import batches
from tests.store.batches import NEW_YEAR_US, SECOND_US, content

HOUR_S = 3600


#: What people do is written as they do it, never by a batch.
_OF_PEOPLE = {"commands", "users", "tokens", "sessions", "audit", "asset_edits", "inquiries"}


def test_everything_of_a_batch_is_kept(database: Database) -> None:
    """Each kind of row can be asked for after the batch, as it was given."""
    database.save(batches.full(7))
    row, was = batches.alert(), batches.feed()
    assert database.position() == 7
    assert database.alert("a") == row.line
    assert database.revisions("a") == [row.line]
    assert [t["what"] for t in database.transitions("a")] == ["opened"]
    assert [e["distance_m"] for e in database.events("a")] == [12.5]
    (item,) = database.due(NEW_YEAR_US)
    assert (item.key, item.state, item.attempts, item.payload) == (
        "a:1:hook",
        "waiting",
        0,
        batches.letter().payload,
    )
    (one,) = database.feeds()
    assert (one["counts"], one["delay_s_p95"], one["usual_reports_per_s"]) == (was.counts, 1.5, None)
    assert [s["figures"] for s in database.statements(NEW_YEAR_US)] == [{"heard": 0.97}]
    assert [f["step"] for f in database.step_faults(NEW_YEAR_US)] == ["behaviours"]


def test_the_same_batch_again_changes_nothing(database: Database) -> None:
    """A batch saved a second time, as after a crash before the checkpoint, leaves the store as it was."""
    database.save(batches.full())
    before = content(database)
    database.save(batches.full())
    assert content(database) == before
    assert {name for name, rows in before.items() if not rows} == _OF_PEOPLE


def test_the_newest_revision_stays(database: Database) -> None:
    """An older revision that comes again is no step back; all revisions are kept once."""
    closed = batches.alert("a", 3, status="closed", behaviours=["drifting"], assets=[])
    database.save(
        batches.batch(3, alerts=[batches.alert("a", 1), closed], events=[batches.event(revision=2)])
    )
    database.save(batches.batch(2, alerts=[batches.alert("a", 2)], events=[batches.event(revision=1)]))
    assert database.alert("a") == closed.line
    assert [line["revision"] for line in database.revisions("a")] == [1, 2, 3]
    assert [e["revision"] for e in database.events("a")] == [2]
    assert database.position() == 3
    assert database.alerts(behaviours=["crossing"]) == database.alerts(asset="link-1") == []


def test_a_letter_that_was_sent_is_not_told_again(database: Database) -> None:
    """After a crash the judge asks for the same letters again: what was sent stays sent."""
    database.save(batches.full())
    database.sent("a:1:hook", NEW_YEAR_US + 5, "200 OK")
    database.save(batches.full())
    assert database.due(NEW_YEAR_US + 10**9) == []
    assert database.outbox_counts() == {"waiting": 0, "sent": 1, "dead": 0}


def test_feeds_go_by_the_position(database: Database) -> None:
    """A feed's row is that of the latest position, whatever the clock says; each hour keeps its last."""
    database.save(batches.batch(5, at_s=2 * HOUR_S, feeds=[batches.feed(reports=50)]))
    database.save(batches.batch(3, at_s=2 * HOUR_S + 9, feeds=[batches.feed(reports=30)]))
    database.save(batches.batch(6, at_s=HOUR_S, feeds=[batches.feed(reports=60)]))  # the clock jumped back
    assert [f["reports"] for f in database.feeds()] == [60]
    hours = database.feed_hours(NEW_YEAR_US)
    assert [((h["hour_us"] - NEW_YEAR_US) // SECOND_US // HOUR_S, h["reports"]) for h in hours] == [
        (1, 60),
        (2, 50),
    ]


def test_all_of_a_batch_or_nothing(database: Database) -> None:
    """A batch that cannot be written leaves no part of itself behind."""
    database.save(batches.full(1))
    before = content(database)
    broken = batches.batch(2, alerts=[batches.alert("b")], statements=[batches.statement(text=None)])
    with pytest.raises(Exception, match=r"(?i)null"):
        database.save(broken)
    assert content(database) == before


def test_whatever_letters_a_feed_sends_can_be_kept(database: Database) -> None:
    """NUL, half letters, and figures that JSON does not know stop no batch; the line keeps what it can."""
    vessel = {"vessel_id": "299000001", "mmsi": 299_000_001, "name": "A\0B\ud800Ö"}
    row = batches.alert(vessel=vessel, expected_per_1000_ship_days=float("nan"))
    note = batches.transition(what="note", who="ops\0", why="\udcff?")
    database.save(batches.batch(1, alerts=[row], transitions=[note]))
    line = database.alert("a")
    assert line is not None
    assert (line["vessel"], line["expected_per_1000_ship_days"]) == (vessel, None)
    assert [(t["who"], t["why"]) for t in database.transitions("a")] == [("ops\ufffd", "??")]


def record(number: int) -> Batch:
    """Give what record ``number`` of a log leads to: alerts that grow, and a bit of everything else."""
    name, revision = "abc"[number % 3], number // 3 + 1
    return batches.batch(
        number,
        at_s=number,
        alerts=[batches.alert(name, revision, at_s=number)],
        transitions=[batches.transition(name, revision, at_s=number)],
        events=[batches.event(f"event-of-{name}", revision, at_s=number)],
        outbox=[batches.letter(name, revision, at_s=number)],
        feeds=[batches.feed(reports=number)],
        statements=[batches.statement(at_s=number)] if number % 4 == 0 else [],
        commands=[CommandDone(f"c-{number}", "done", "", number)] if number % 5 == 0 else [],
        faults=[batches.step_fault(at_s=number)] if number % 7 == 0 else [],
    )


def piece(first: int, last: int) -> Batch:
    """Put the records from one to another into one batch; feeds are as they stand at its end."""
    records = [record(n) for n in range(first, last + 1)]
    many = ("alerts", "transitions", "events", "outbox", "statements", "commands", "faults")
    rows = {name: [row for r in records for row in getattr(r, name)] for name in many}
    return Batch(last, records[-1].wall_us, feeds=records[-1].feeds, **rows)


RECORDS = 24
CUTS = st.sets(st.integers(2, RECORDS)).map(lambda cuts: [1, *sorted(cuts), RECORDS + 1])


@settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(first=CUTS, crash=st.integers(1, RECORDS), checkpoint=st.integers(1, RECORDS), second=CUTS)
def test_a_crash_and_other_cuts_leave_the_same(
    database: Database, first: list[int], crash: int, checkpoint: int, second: list[int]
) -> None:
    """Saved in pieces up to a crash, then from an earlier checkpoint in other pieces: as in one go."""
    _clear(database)
    database.save(piece(1, RECORDS))
    whole = content(database)
    _clear(database)
    for begin, end in pairwise(first):
        if end - 1 <= crash:
            database.save(piece(begin, end - 1))
    again = min(checkpoint, database.position() + 1)
    for begin, end in pairwise([again, *(cut for cut in second if cut > again)]):
        database.save(piece(begin, end - 1))
    assert content(database) == whole


def _clear(database: Database) -> None:
    with writing(database._engine) as connection:
        for table in reversed(METADATA.sorted_tables):
            connection.execute(delete(table))


_CHILD = """
import sys
from seavigil.store.database import Database
from tests.store.test_database_saving import record
with Database.open(sys.argv[1]) as database:
    for number in range(1, 100_000):
        database.save(record(number))
        print(number, flush=True)
"""


def test_a_killed_process_leaves_whole_batches(store_url: str, repository: Path) -> None:
    """After a kill -9 in the midst of saving, every batch that was saved is there, and no part of another."""
    child = subprocess.Popen(
        [sys.executable, "-c", _CHILD, store_url], cwd=repository, stdout=subprocess.PIPE, text=True
    )
    assert child.stdout is not None
    with child:
        said = [int(child.stdout.readline()) for _ in range(20)][-1]
        child.send_signal(signal.SIGKILL)
    with Database.open(store_url) as database:
        position = database.position()
        after = content(database)
        _clear(database)
        database.save(piece(1, position))
        assert position >= said
        assert after == content(database)
