"""Looking after a store: what is old goes and what goes on stays; copies come back whole or not at all."""

from __future__ import annotations

import hashlib
import json
import shutil
import sqlite3
import threading
from pathlib import Path

import pytest

from seavigil.store import upkeep
from seavigil.store.database import Database
from tests.postgres import Cluster
from tests.store import batches
from tests.store.batches import NEW_YEAR_US, SECOND_US, content

#: A hundred seconds after New Year, and letters, steps and notes before and after it.
BEFORE_US = NEW_YEAR_US + 100 * SECOND_US
OLD_S, NEW_S = 10, 200


@pytest.fixture
def other_url(request: pytest.FixtureRequest, store_url: str, tmp_path: Path) -> str:
    """Give the URL of a second empty store of the same kind."""
    if store_url.startswith("sqlite"):
        return f"sqlite:///{tmp_path}/other.sqlite"
    running: Cluster = request.getfixturevalue("postgres")
    return running.database()


# --- what is old --------------------------------------------------------------------------------


def test_what_is_over_and_old_goes(database: Database) -> None:
    """A closed alert goes with its revisions, steps, events and sent letters; each is counted."""
    closed = batches.alert("a", 2, at_s=OLD_S, status="closed")
    ended = batches.event("event-of-a", at_s=OLD_S, ended_us=NEW_YEAR_US + OLD_S * SECOND_US)
    old = batches.full(1, at_s=OLD_S)
    database.save(old)
    database.save(batches.batch(2, at_s=OLD_S, alerts=[closed], events=[batches.event(revision=2)]))
    database.save(batches.batch(3, at_s=OLD_S, events=[ended, batches.event("event-of-b", at_s=OLD_S)]))
    database.sent("a:1:hook", NEW_YEAR_US + OLD_S * SECOND_US)
    gone = database.prune(BEFORE_US)
    assert gone == {
        "alerts": 1,
        "events": 0,  # its newest revision still goes on
        "transitions": 0,  # it went with its alert
        "outbox": 1,
        "commands": 0,
        "feed_hours": 1,
        "statements": 1,
        "step_faults": 1,
    }
    left = {name for name, rows in content(database).items() if rows}
    assert left == {"log_position", "events", "feeds", "commands_done"}
    assert database.position() == 3


@pytest.mark.parametrize("status", ["open", "acknowledged", "escalated"])
def test_what_still_goes_on_stays(status: str, database: Database) -> None:
    """An alert that is not over stays however old it is, and all that belongs to it."""
    database.save(batches.batch(1, alerts=[batches.alert(status=status)], transitions=[batches.transition()]))
    before = content(database)
    assert set(database.prune(BEFORE_US).values()) == {0}
    assert content(database)["alert_revisions"] == before["alert_revisions"]
    assert content(database)["transitions"] == before["transitions"]


def test_near_misses_of_pruning_stay(database: Database) -> None:
    """Closed but revised later, touched later by an operator, or with a letter that waits: it stays."""
    closed = {"status": "closed"}
    alerts = [batches.alert("later", at_s=NEW_S, **closed)]
    alerts += [batches.alert(name, **closed) for name in ("touched", "waited-for", "over")]
    database.save(
        batches.batch(
            1,
            alerts=alerts,
            transitions=[batches.transition("touched", what="note", at_s=NEW_S)],
            outbox=[batches.letter("waited-for")],
            events=[batches.event("event-of-later", ended_us=NEW_YEAR_US)],
            statements=[batches.statement(at_s=NEW_S)],
        )
    )
    gone = database.prune(BEFORE_US)
    assert {k: v for k, v in gone.items() if v} == {"alerts": 1}
    assert {a["alert_id"] for a in database.alerts()} == {"later", "touched", "waited-for"}
    assert len(database.events("later")) == 1


def test_commands_go_when_they_are_done(database: Database) -> None:
    """A command that waits stays however old it is; one that is done goes."""
    waits, done = (database.submit({"kind": "silence", "who": "ops"}) for _ in range(2))
    database.save(batches.batch(1, commands=[batches.CommandDone(done, "done", "", 1)]))
    assert database.prune(2**62)["commands"] == 1
    assert [c["command_id"] for c in database.waiting_commands()] == [waits]
    assert database.command(done) is None


def test_a_letter_that_was_pruned_is_not_told_again(database: Database) -> None:
    """The log is read again from its beginning: letters told and pruned long ago stay told."""
    closed = batches.full(1)
    database.save(closed)
    database.sent("a:1:hook", NEW_YEAR_US)
    assert database.prune(BEFORE_US)["outbox"] == 1
    database.save(closed)
    database.save(batches.batch(2, outbox=[batches.letter("b", at_s=NEW_S)]))
    assert [i.key for i in database.due(2**62)] == ["b:1:hook"]


def test_pruning_keeps_no_letter_from_being_told(database: Database) -> None:
    """However late the time pruned to, a letter of a record that was not judged yet is told."""
    database.save(batches.full(1))
    database.sent("a:1:hook", NEW_YEAR_US)
    assert database.prune(NEW_YEAR_US + 10**12)["outbox"] == 1
    database.save(batches.batch(2, outbox=[batches.letter("b", at_s=1)]))
    assert [i.key for i in database.due(2**62)] == ["b:1:hook"]


def test_room_is_given_back(tmp_path: Path) -> None:
    """After pruning, a SQLite file is smaller."""
    with Database.open(tmp_path) as database:
        many = [batches.alert(f"a{n}", status="closed", text="x" * 2000) for n in range(600)]
        database.save(batches.batch(1, alerts=many))
        full_bytes = upkeep.status(tmp_path)["size_bytes"]
        assert database.prune(BEFORE_US)["alerts"] == 600
        assert upkeep.status(tmp_path)["size_bytes"] < full_bytes / 3


def test_pruning_beside_a_watch_stops_neither(database: Database) -> None:
    """While batches close alerts and open them again, pruning goes on beside it, and both end well."""
    failed: list[BaseException] = []

    def save() -> None:
        try:
            for n in range(1, 40):
                status = "closed" if n % 2 else "open"
                rows = [batches.alert(f"a{i}", n, status=status) for i in (*range(20), *range(20, 0, -1))]
                database.save(batches.batch(n, alerts=rows, outbox=[batches.letter(f"a{n}")]))
        except BaseException as fault:
            failed.append(fault)

    watch = threading.Thread(target=save)
    watch.start()
    while watch.is_alive():
        database.prune(BEFORE_US)
    watch.join()
    assert failed == []
    assert database.position() == 39


# --- what is in it ------------------------------------------------------------------------------


def test_status_says_what_is_there(database: Database, store_url: str) -> None:
    """Rows, schema, size and position, of a store that is in use."""
    database.save(batches.full(7))
    found = upkeep.status(store_url)
    assert (found["position"], found["wall_us"], found["schema"]) == (7, NEW_YEAR_US, "0003")
    assert (found["rows"]["alerts"], found["rows"]["commands"], found["outbox"]) == (1, 0, {"waiting": 1})
    assert found["size_bytes"] > 10_000


def test_status_makes_nothing(tmp_path: Path) -> None:
    """Asked for a store that is not there, it says so and leaves nothing behind."""
    with pytest.raises(FileNotFoundError, match="it is not there"):
        upkeep.status(tmp_path)
    assert list(tmp_path.iterdir()) == []


# --- copies -------------------------------------------------------------------------------------


def test_a_copy_comes_back_as_it_was(
    database: Database, store_url: str, other_url: str, tmp_path: Path
) -> None:
    """A backup brought back into an empty store has the same rows and the same place in the log."""
    database.save(batches.full(7))
    database.submit({"kind": "silence", "who": "ops", "command_id": "c-2"})
    manifest = database.backup(tmp_path / "copies" / "one")
    assert (manifest["position"], manifest["rows"]["alerts"]) == (7, 1)
    (copy,) = (p for p in (tmp_path / "copies" / "one").iterdir() if p.name != "manifest.json")
    assert hashlib.sha256(copy.read_bytes()).hexdigest() == manifest["sha256"]
    was = content(database)
    assert upkeep.restore(tmp_path / "copies" / "one", other_url) == manifest
    with Database.open(other_url) as back:
        assert content(back) == was
        back.save(batches.full(8, at_s=5))  # its keys count on where they were
        assert back.position() == 8


def test_a_copy_of_a_moment(database: Database, other_url: str, tmp_path: Path) -> None:
    """Taken while batches are being saved, a copy has whole batches, up to the position that it tells."""
    database.save(batches.batch(1, alerts=[batches.alert("a1")]))
    stop = threading.Event()

    def save() -> None:
        position = 1
        while not stop.is_set():
            position += 1
            database.save(batches.batch(position, alerts=[batches.alert(f"a{position}")]))

    writer = threading.Thread(target=save)
    writer.start()
    try:
        manifest = database.backup(tmp_path / "copy")
    finally:
        stop.set()
        writer.join()
    upkeep.restore(tmp_path / "copy", other_url)
    with Database.open(other_url) as back:
        assert back.position() == manifest["position"] == len(back.alerts(limit=100_000))


def test_a_store_that_holds_something_is_left_alone(
    database: Database, store_url: str, other_url: str, tmp_path: Path
) -> None:
    """A backup is never brought back over what is there; an empty store takes it."""
    database.save(batches.full(7))
    database.backup(tmp_path / "copy")
    with Database.open(other_url) as other:
        other.submit({"kind": "silence", "who": "ops"})
        with pytest.raises(
            ValueError, match=r"has something in it \(commands\); restore into an empty store"
        ):
            upkeep.restore(tmp_path / "copy", other_url)
        assert len(other.waiting_commands()) == 1
    with pytest.raises(ValueError, match="has something in it"):
        upkeep.restore(tmp_path / "copy", store_url)


def test_an_empty_store_takes_a_copy(database: Database, other_url: str, tmp_path: Path) -> None:
    """Tables that a service made but never filled are no hindrance."""
    database.save(batches.full(7))
    database.backup(tmp_path / "copy")
    Database.open(other_url).close()
    upkeep.restore(tmp_path / "copy", other_url)
    with Database.open(other_url) as back:
        assert content(back) == content(database)


def test_a_copy_is_never_written_over(database: Database, tmp_path: Path) -> None:
    """A folder that is there already is refused, and nothing half is left beside it."""
    database.backup(tmp_path / "copy")
    was = sorted(p.name for p in tmp_path.iterdir())
    with pytest.raises(FileExistsError, match="never written over"):
        database.backup(tmp_path / "copy")
    assert sorted(p.name for p in tmp_path.iterdir()) == was


def test_what_is_no_whole_copy_is_refused(tmp_path: Path) -> None:
    """A changed byte, a missing or foreign manifest, another kind of database: each is said."""
    with Database.open(tmp_path / "watch.sqlite") as database:
        database.save(batches.full(7))
        database.backup(tmp_path / "copy")
    to = tmp_path / "new.sqlite"
    manifest = json.loads((tmp_path / "copy" / "manifest.json").read_text())

    def refused(why: str, **changes: object) -> None:
        (tmp_path / "copy" / "manifest.json").write_text(json.dumps({**manifest, **changes}))
        with pytest.raises(ValueError, match=why):
            upkeep.restore(tmp_path / "copy", to)
        assert not to.exists()

    refused("a backup of postgresql, the store is sqlite", database="postgresql")
    refused("not the manifest of a store's backup", kind="holiday pictures")
    refused("made by a newer Seavigil", schema="9999")
    copy = tmp_path / "copy" / "seavigil.sqlite"
    whole = copy.read_bytes()
    copy.write_bytes(whole[:5000] + b"!" + whole[5001:])
    refused("damaged or changed")
    copy.unlink()
    refused("damaged or changed")
    (tmp_path / "copy" / "manifest.json").write_text("{")
    with pytest.raises(ValueError, match="no JSON"):
        upkeep.restore(tmp_path / "copy", to)
    with pytest.raises(ValueError, match="no backup in it"):
        upkeep.restore(tmp_path / "nothing", to)


def test_a_database_of_something_else_is_left_alone(tmp_path: Path) -> None:
    """A SQLite file of another program is neither read as a store nor written over."""
    with Database.open(tmp_path / "watch.sqlite") as database:
        database.backup(tmp_path / "copy")
    other = sqlite3.connect(tmp_path / "other.sqlite")
    other.execute("CREATE TABLE recipes (name TEXT)")
    other.close()
    with pytest.raises(ValueError, match="a database of something else"):
        upkeep.restore(tmp_path / "copy", tmp_path / "other.sqlite")
    with pytest.raises(ValueError, match="no store of Seavigil in it"):
        upkeep.status(tmp_path / "other.sqlite")


def test_no_program_to_copy_with_is_said(
    postgres: Cluster, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where pg_dump is not installed, the backup says so and leaves nothing."""
    with Database.open(postgres.database()) as database:
        monkeypatch.setattr(shutil, "which", lambda _name: None)
        with pytest.raises(FileNotFoundError, match="client programs") as caught:
            database.backup(tmp_path / "copy")
    assert caught.value.filename == "pg_dump"
    assert list(tmp_path.iterdir()) == []
