"""Users, tokens, sessions and the trail in the store: what is kept, and what goes with what."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy.exc import IntegrityError

from seavigil.store.database import Database
from seavigil.store.engine import writing
from seavigil.store.inquiries import InquiryRow
from seavigil.store.people import Session, Token, User
from seavigil.store.tables import ASSET_EDITS
from seavigil.store.trail import Entry

KAI = User("kai", "Kai", "operator", "Northgrid", "$argon2id$x", 1, 1)
TOKEN = Token("0123abcd", "h" * 64, "scrape", "viewer", None, None, "ada", 1)


def session(hash_: str, **changed: Any) -> Session:
    """Give a session of Kai's."""
    return replace(Session(hash_, "kai", None, "Kai", "admin", None, "password", 10, 10), **changed)


def test_users_are_kept_changed_and_taken_away(database: Database) -> None:
    """By the name as it is compared; a change ends the user's sessions and nobody else's."""
    people = database.people
    people.put_user(KAI)
    people.put_user(replace(KAI, name="ada", shown="Ada"))
    people.begin(session("s1"), 0)
    people.begin(session("s2", owner="ada", name="Ada"), 0)
    assert people.user("kai") == KAI
    assert [user.name for user in people.users()] == ["ada", "kai"]
    people.put_user(replace(KAI, role="viewer", changed_us=2))
    assert people.session("s1") is None
    assert people.session("s2") is not None
    assert people.remove_user("ada", 3)
    assert not people.remove_user("ada", 3)
    assert people.session("s2") is None


def test_nothing_that_another_changed_is_put_back(database: Database) -> None:
    """Who read a user before that user was changed or removed changes nothing, and ends no session."""
    people = database.people
    assert people.add_user(KAI)
    assert not people.add_user(replace(KAI, role="admin"))
    newer = replace(KAI, organisation=None, changed_us=2)
    assert people.change_user(KAI, newer)
    people.begin(session("s1"), 0)
    assert not people.change_user(KAI, replace(KAI, password="x"))
    assert people.user("kai") == newer
    assert people.session("s1") is not None
    assert people.change_user(newer, KAI)
    assert people.session("s1") is None
    people.remove_user("kai", 3)
    assert not people.change_user(KAI, newer)
    assert people.user("kai") is None


def test_a_session_is_as_its_user_is_now(database: Database) -> None:
    """Role and organisation are those of the user, not those when it began; without the user it is none."""
    people = database.people
    people.begin(session("s1"), 0)
    assert people.session("s1") is None
    people.put_user(KAI)
    people.begin(session("s2"), 0)
    found = people.session("s2")
    assert found is not None
    assert (found.role, found.organisation) == ("operator", "Northgrid")
    people.begin(session("s3", owner=None, name="sso:kai", method="oidc sso"), 0)
    other = people.session("s3")
    assert other is not None
    assert (other.role, other.organisation) == ("admin", None)


def test_a_rehash_does_not_undo_a_change(database: Database) -> None:
    """Somebody changed the password while it was hashed anew: theirs stays; sessions go on."""
    people = database.people
    people.put_user(KAI)
    people.begin(session("s1"), 0)
    people.rehash("kai", "$argon2id$x", "$argon2id$y")
    people.rehash("kai", "$argon2id$x", "$argon2id$z")
    user = people.user("kai")
    assert user is not None
    assert user.password == "$argon2id$y"
    assert people.session("s1") is not None


def test_old_sessions_are_forgotten(database: Database) -> None:
    """Whenever one begins; the use of one is noted."""
    people = database.people
    people.put_user(KAI)
    for name, used_us in (("old", 10), ("new", 20)):
        people.begin(session(name, used_us=used_us), 0)
    people.used_session("new", 30)
    people.begin(session("newest", used_us=40), 30)
    assert [people.session(name) is not None for name in ("old", "new", "newest")] == [False, True, True]
    people.end("new")
    assert people.session("new") is None


def test_tokens_are_kept_and_revoked(database: Database) -> None:
    """Found by hash and by id; revoked once, their sessions end; their last day of use only goes on."""
    people = database.people
    people.add_token(TOKEN)
    people.begin(session("s1", owner=None, token_id=TOKEN.token_id), 0)
    people.used_token(TOKEN.token_id, 86_400_000_000)
    people.used_token(TOKEN.token_id, 0)
    found = people.token(TOKEN.hash)
    assert found == people.token_of_id(TOKEN.token_id) == replace(TOKEN, last_used_us=86_400_000_000)
    assert people.revoke(TOKEN.token_id, 7)
    assert not people.revoke(TOKEN.token_id, 8)
    found = people.token(TOKEN.hash)
    assert found is not None
    assert found.revoked_us == 7
    assert people.session("s1") is None
    assert people.token("x") is people.token_of_id("x") is None
    with pytest.raises(IntegrityError):
        people.add_token(TOKEN)


def test_own_tokens_go_with_their_owner(database: Database) -> None:
    """They are revoked: another user of that name does not get them."""
    people = database.people
    people.put_user(KAI)
    people.add_token(replace(TOKEN, owner="kai"))
    people.add_token(replace(TOKEN, token_id="2", hash="other"))
    people.remove_user("kai", 5)
    other = people.token("other")
    assert other is not None
    assert other.revoked_us is None
    assert people.token(TOKEN.hash) == replace(TOKEN, owner="kai", revoked_us=5)


def test_the_first_token_only_where_nobody_can_come_in(database: Database) -> None:
    """Neither beside another token nor beside a user."""
    people = database.people
    assert people.add_first(TOKEN)
    assert not people.add_first(replace(TOKEN, token_id="2", hash="other"))
    assert people.tokens() == [TOKEN]


def test_the_trail_is_read_in_pages_and_by_whom(database: Database) -> None:
    """The newest first; by time, person and organisation; ``after`` goes on."""
    trail = database.trail
    for n in range(5):
        who, organisation = ("ada", None) if n % 2 else ("nils", "Northgrid")
        trail.add(Entry(n, who, "note", "done", organisation=organisation, detail={"n": n}))
    assert [entry.at_us for _, entry in trail.entries()] == [4, 3, 2, 1, 0]
    first = trail.entries(limit=2)
    assert [entry.at_us for _, entry in trail.entries(after=first[-1][0])] == [2, 1, 0]
    assert [entry.at_us for _, entry in trail.entries(who="ada")] == [3, 1]
    assert [entry.at_us for _, entry in trail.entries(organisation="Northgrid", since_us=2)] == [4, 2]
    assert trail.entries(limit=1)[0][1] == Entry(
        4, "nils", "note", "done", organisation="Northgrid", detail={"n": 4}
    )


def test_old_entries_and_inquiries_are_taken_away(database: Database) -> None:
    """Those of before a time, and no others."""
    for at_us in (1, 2, 3):
        database.trail.add(Entry(at_us, "ada", "settings", "read"))
        database.inquiries.put(InquiryRow(str(at_us), at_us, "ada", None, {}))
    assert database.trail.prune(3) == database.inquiries.prune(3) == 2
    assert [entry.at_us for _, entry in database.trail.entries()] == [3]
    assert database.inquiries.get("2") is None
    assert database.inquiries.get("3") is not None


@pytest.mark.parametrize("text", ["x" * 10_000, "a\0b", "\ud800", "' OR 1=1; --", "line\nend", "🚢"])
def test_whatever_was_tried_can_be_written_down(database: Database, text: str) -> None:
    """Of any length and letters: cut and mended, never refused, and never more than text."""
    database.trail.add(Entry(1, text, text, "refused", about=text, detail={"tried": text, "n": float("nan")}))
    ((_, entry),) = database.trail.entries()
    assert len(entry.who) <= 300
    assert "\0" not in entry.who
    assert entry.outcome == "refused"
    assert len(str(entry.detail)) < 5_000


@pytest.mark.parametrize("text", ["a\0b", "\ud800", "x" * 100_000])
def test_whatever_is_asked_for_is_not_there(database: Database, text: str) -> None:
    """No letter in a name, a token or a cookie is more than the database can be asked for."""
    people = database.people
    assert people.user(text) is people.token(text) is people.token_of_id(text) is people.session(text) is None
    assert database.trail.entries(who=text) == []


def test_labels_as_they_were_edited_last(database: Database) -> None:
    """Of each field the newest edit; other fields are not among them."""
    assert (database.labels.newest(), database.labels.all()) == (0, {})
    edits = [("c1", "tlp", '"RED"'), ("c1", "tlp", '"GREEN"'), ("c1", "position_uncertainty_m", "50")]
    edits += [("c2", "shared_with", '["Coast Guard"]')]
    with writing(database._engine) as connection:
        for n, (asset_id, field, after) in enumerate(edits):
            row = {"edit_id": str(n), "at_us": n, "who": "ada", "asset_id": asset_id, "field": field}
            connection.execute(ASSET_EDITS.insert().values(**row, before="null", after=after, why="x"))
    assert database.labels.newest() == 4
    assert database.labels.all() == {"c1": {"tlp": "GREEN"}, "c2": {"shared_with": ["Coast Guard"]}}


def test_an_edit_whose_number_was_given_out_earlier_is_newer(database: Database) -> None:
    """A database gives numbers out before edits are there: number 2 may come after number 3."""
    row = {"at_us": 1, "who": "ada", "field": "tlp", "before": "null", "after": '"RED"', "why": "x"}
    known = set()
    for number in (1, 3, 2):
        with writing(database._engine) as connection:
            edit = {"number": number, "edit_id": str(number), "asset_id": f"c{number}"}
            connection.execute(ASSET_EDITS.insert().values(**row, **edit))
        known.add(database.labels.newest())
    assert len(known) == 3
