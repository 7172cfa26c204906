"""Letters that are sent as one: they are marked as one, and found together again after a crash."""

from __future__ import annotations

from dataclasses import replace

import pytest

from seavigil.store.database import Database
from seavigil.store.rows import Batch, OutboxRow
from tests.store import batches
from tests.store.batches import NEW_YEAR_US

SOON_US = NEW_YEAR_US + 5_000_000


def kept(database: Database, *letters: OutboxRow) -> list[str]:
    """Save letters and their alerts; gives the keys."""
    names = {letter.alert_id for letter in letters}
    alerts = [batches.alert(name) for name in sorted(names)]
    database.save(Batch(position=1, wall_us=NEW_YEAR_US, alerts=alerts, outbox=letters))
    return [letter.key for letter in letters]


def test_letters_sent_as_one_are_due_at_one_moment(database: Database) -> None:
    """What was about to be sent together is told from the rest by when it is due; no try yet."""
    keys = kept(database, batches.letter("a"), batches.letter("b"), batches.letter("c"))
    database.together(keys[:2], SOON_US)
    assert [(item.key, item.next_us, item.attempts) for item in database.due(SOON_US)] == [
        (keys[0], SOON_US, 0),
        (keys[1], SOON_US, 0),
        (keys[2], NEW_YEAR_US, 0),
    ]
    assert [item.key for item in database.due(NEW_YEAR_US)] == [keys[2]]


def test_letters_are_marked_all_or_none(database: Database) -> None:
    """A key that is not there leaves the others unmarked: whoever marks them learns of it."""
    keys = kept(database, batches.letter("a"), batches.letter("b"))
    with pytest.raises(ValueError, match="no letter 'x:1:hook'"):
        database.sent([*keys, "x:1:hook"], SOON_US)
    assert database.outbox_counts() == {"waiting": 2, "sent": 0, "dead": 0}
    database.sent(keys, SOON_US, "thanks")
    database.together(keys, SOON_US)
    assert database.due(SOON_US) == []
    assert database.outbox_counts() == {"waiting": 0, "sent": 2, "dead": 0}


def test_letters_are_put_off_and_given_up_together(database: Database) -> None:
    """One try of two letters is one try of each."""
    keys = kept(database, batches.letter("a"), batches.letter("b"))
    database.put_off(keys, NEW_YEAR_US, SOON_US, "busy")
    assert [(item.attempts, item.last_error) for item in database.due(SOON_US)] == [(1, "busy")] * 2
    database.dead(keys, SOON_US, "refused")
    assert [(item.key, item.attempts) for item in database.dead_letters()] == [(keys[0], 2), (keys[1], 2)]


def test_a_channel_is_asked_for_by_itself_and_urgent_ones_come_first(database: Database) -> None:
    """However much waits for a turn, what is urgent is among the first that are asked for."""
    many = [batches.letter(f"a{number}", channel="mail") for number in range(5)]
    urgent = replace(batches.letter("z", channel="mail"), priority="urgent")
    kept(database, *many, urgent, batches.letter("b", channel="hook"))
    found = database.due(NEW_YEAR_US, 2, "mail")
    assert [item.alert_id for item in found] == ["z", "a0"]
    assert [item.alert_id for item in database.due(NEW_YEAR_US, 9, "hook")] == ["b"]


def test_when_a_channel_was_sent_messages_is_known(database: Database) -> None:
    """Two letters sent as one count once; those of another channel, too old, of later or given up, not."""
    names = ["a:1:mail", "b:1:mail", "c:1:mail", "d:1:mail", "e:1:mail", "f:1:log"]
    rows = [OutboxRow(key, key[4:], key[0], 1, "info", "opened", 1, {}) for key in names]
    database.save(Batch(1, 1, outbox=rows))
    for keys, at_us in ((names[:2], 20), (names[2:3], 10), (names[3:4], 31), (names[5:], 25)):
        database.sent(keys, at_us)
    database.dead(names[4], 22, "no such user")
    assert database.sent_us("mail", 10, 30) == [20]
    assert database.sent_us("mail", 9, 31) == [10, 20, 31]
