"""Who comes in: passwords, tokens, sessions; how often one may try; what is written down of it."""

from __future__ import annotations

import threading
import unicodedata
from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from argon2 import PasswordHasher

from seavigil.api.access import AccessParams
from seavigil.api.uses import Uses
from seavigil.runners.credentials import Passwords, first_token, hashed
from seavigil.store.database import Database
from tests.api.house import PASSWORD, QUICK, Browser, House
from tests.api.test_api import Service, line
from tests.runners.statuses import NOW_US

HOUR_S, DAY_S = 3600.0, 86_400.0


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Database]:
    """Give an empty store."""
    with Database.open(tmp_path) as database:
        yield database


@pytest.fixture
def house(store: Database, tmp_path: Path) -> House:
    """Give a house with a viewer, an operator and an admin, each with the usual password."""
    found = House(Service(tmp_path), store)
    for name, role in (("vera", "viewer"), ("otto", "operator"), ("ada", "admin")):
        found.user(name, role)
    return found


def trail(store: Database) -> list[tuple[str, str, str]]:
    """Give who did what with which outcome, the oldest first."""
    return [(e.who, e.what, e.outcome) for _, e in reversed(store.trail.entries())]


# --- signing in ---------------------------------------------------------------------------------


def test_somebody_signs_in_and_out(house: House, store: Database) -> None:
    """Before, nobody; then the user with role; after signing out nobody again, with the same cookie."""
    browser = house.browser()
    told = browser.get("/api/session").json()
    assert (told["authenticated"], told["user"], told["sign_in"], told["version"]) == (
        False,
        None,
        "password",
        None,
    )
    assert browser.get("/api/alerts").status_code == 401
    told = browser.sign_in("Otto").json()
    assert (told["user"], told["role"], told["authenticated"]) == ("otto", "operator", True)
    assert browser.get("/api/alerts").status_code == 200
    kept = dict(browser.cookies)
    assert browser.send("DELETE", "/api/session").status_code == 204
    assert browser.cookies == {}
    browser.cookies = kept
    assert browser.get("/api/alerts").status_code == 401
    assert trail(store) == [("otto", "sign in", "done"), ("otto", "sign out", "done")]


def test_the_cookie_is_for_no_script_and_no_other_site(house: House) -> None:
    """HttpOnly, SameSite=Strict, for all paths; Secure where it may cross a network (RFC 6265bis)."""
    asked = {"user": "otto", "password": PASSWORD}
    given = house.browser().send("POST", "/api/session", asked).headers["set-cookie"]
    parts = {part.strip().lower() for part in given.split(";")[1:]}
    assert {"httponly", "samesite=strict", "path=/"} <= parts
    assert "secure" not in parts
    secure = house.browser(base="https://127.0.0.1:8640").send("POST", "/api/session", asked)
    assert "secure" in secure.headers["set-cookie"].lower()
    elsewhere = House(house.service, house.store, params=AccessParams(True, here=False, names=("w.example",)))
    given = elsewhere.browser(base="http://w.example").send("POST", "/api/session", asked)
    assert "secure" in given.headers["set-cookie"].lower()


def test_only_hashes_are_kept(house: House, tmp_path: Path) -> None:
    """Neither password nor token nor session's id stands anywhere in the store's files."""
    token = house.token("operator")
    browser = house.browser()
    browser.sign_in("ada")
    made = browser.send("POST", "/api/tokens", {"name": "bot"}).json()["token"]
    (session,) = browser.cookies.values()
    kept = b"".join(path.read_bytes() for path in tmp_path.glob("seavigil.sqlite*"))
    assert hashed(token).encode() in kept
    for secret in (token, made, session, PASSWORD):
        assert secret.encode() not in kept


@pytest.mark.parametrize(
    "asked",
    [
        {"user": "otto", "password": "not the right one"},
        {"user": "nobody", "password": PASSWORD},
        {"user": "otto", "password": PASSWORD.upper()},
        {"user": "otto", "password": "x" * 10_000},
        {"user": "' OR 1=1 --", "password": PASSWORD},
        {"user": "otto\u0000", "password": PASSWORD},
        {"token": "sv_" + "A" * 43},
        {"token": "no token"},
    ],
)
def test_what_is_wrong_is_refused_the_same_way(house: House, asked: dict[str, str]) -> None:
    """An unknown user, a wrong password and a wrong token get the very same answer."""
    answer = house.browser().send("POST", "/api/session", asked)
    assert (answer.status_code, answer.json()["detail"]) == (401, "wrong user, password or token")
    assert "set-cookie" not in answer.headers


def test_an_unknown_user_costs_as_much_hashing(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever measures the time learns no names: one verification with today's parameters in every case."""
    counted: list[str] = []
    hasher = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
    monkeypatch.setattr(
        PasswordHasher, "verify", lambda self, kept, text: counted.append(kept) or kept == "x"
    )
    passwords = Passwords(hasher)
    user = QUICK.make_user("kai", "viewer", PASSWORD, now_us=NOW_US)
    for who in (user, None):
        for text in (PASSWORD, "x" * 9_000):
            passwords.fits(who, text)
    assert len(counted) == 4
    assert {kept.rpartition("$")[0].rpartition("$")[0] for kept in counted} == {"$argon2id$v=19$m=8,t=1,p=1"}


def test_a_password_of_older_parameters_is_hashed_anew(house: House, store: Database) -> None:
    """At the next sign-in, when it is known; the session before goes on, the password stays the same."""
    house = House(house.service, store, passwords=Passwords())
    before = store.people.user("otto")
    assert before is not None
    assert before.password.startswith("$argon2id$v=19$m=8,")
    assert house.browser().sign_in("otto").status_code == 200
    after = store.people.user("otto")
    assert after is not None
    assert not PasswordHasher().check_needs_rehash(after.password)
    assert house.browser().sign_in("otto").status_code == 200


def test_a_name_is_the_same_however_it_is_typed(house: House) -> None:
    """Composed and decomposed letters, capitals: one user (Unicode NFC, then case)."""
    house.user("Åse Løken")
    for written in ("åse løken", unicodedata.normalize("NFD", "Åse Løken"), "ÅSE LØKEN"):
        answer = house.browser().sign_in(written)
        assert (answer.status_code, answer.json().get("user")) == (200, "Åse Løken")


def test_a_new_session_takes_the_place_of_the_old(house: House) -> None:
    """What somebody planted before is of no use after signing in (session fixation)."""
    planted = house.browser()
    planted.sign_in("vera")
    before = dict(planted.cookies)
    victim = Browser(house.app, cookies=dict(before))
    assert victim.sign_in("ada").json()["user"] == "ada"
    assert victim.cookies != before
    assert Browser(house.app, cookies=before).get("/api/alerts").status_code == 401
    made_up = Browser(house.app, cookies={"seavigil_session": "chosen-by-somebody"})
    made_up.sign_in("ada")
    assert made_up.cookies["seavigil_session"] != "chosen-by-somebody"


def test_two_cookies_of_the_name_are_none(house: House) -> None:
    """One of them was set by somebody else's page: which, nobody knows."""
    browser = house.browser()
    browser.sign_in("ada")
    right = f"seavigil_session={browser.cookies['seavigil_session']}"
    assert house.browser().get("/api/alerts", headers={"Cookie": right}).status_code == 200
    both = f"{right}; seavigil_session=x"
    assert house.browser().get("/api/alerts", headers={"Cookie": both}).status_code == 401


def test_a_session_ends_of_itself(house: House) -> None:
    """Twelve hours after it was used last, and a week after it began however busy."""
    browser = house.browser()
    browser.sign_in("vera")
    house.clock.at_s = 11 * HOUR_S
    assert browser.get("/api/alerts").status_code == 200
    house.clock.at_s += 12.1 * HOUR_S
    assert browser.get("/api/alerts").status_code == 401
    browser.sign_in("vera")
    for _ in range(16):  # 16 times 11 h are more than 168 h
        last = browser.get("/api/alerts").status_code
        house.clock.at_s += 11 * HOUR_S
    assert last == 200
    assert browser.get("/api/alerts").status_code == 401


# --- changes end sessions -----------------------------------------------------------------------


@pytest.mark.parametrize("change", [{"role": "viewer"}, {"password": "another long one"}])
def test_a_change_ends_the_users_sessions(house: House, change: dict[str, str]) -> None:
    """Role or password: whoever is signed in has to do it again."""
    browser, admin = house.browser(), house.browser()
    browser.sign_in("otto")
    admin.sign_in("ada")
    assert admin.send("PATCH", "/api/users/OTTO", change).status_code == 200
    assert browser.get("/api/alerts").status_code == 401
    assert admin.get("/api/alerts").status_code == 200


@pytest.mark.parametrize("change", [{"role": "viewer"}, {"organisation": "Northgrid"}])
def test_the_last_admin_stays_one(house: House, change: dict[str, str]) -> None:
    """Nobody takes away their own role, or everybody could be without an admin; other things may change."""
    admin = house.browser()
    admin.sign_in("ada")
    assert admin.send("PATCH", "/api/users/ada", change).status_code == 409
    same = {"role": "admin", "organisation": None}
    assert admin.send("PATCH", "/api/users/ada", {**same, "password": "another long one"}).status_code == 200
    found = house.store.people.user("ada")
    assert found is not None
    assert (found.role, found.organisation) == ("admin", None)


def test_who_is_taken_away_is_gone_with_tokens(house: House) -> None:
    """Sessions end and own tokens are revoked; a new user of that name does not get them."""
    browser, admin = house.browser(), house.browser()
    browser.sign_in("otto")
    token = browser.send("POST", "/api/tokens", {"name": "mine", "role": "operator"}).json()["token"]
    own = house.browser(token)
    assert own.get("/api/session").json()["user"] == "otto (token:mine)"
    admin.sign_in("ada")
    assert admin.send("DELETE", "/api/users/otto").status_code == 204
    assert browser.get("/api/alerts").status_code == own.get("/api/alerts").status_code == 401
    assert admin.send("POST", "/api/users", {"name": "otto", "password": PASSWORD}).status_code == 201
    assert own.get("/api/alerts").status_code == 401
    assert admin.send("DELETE", "/api/users/ada").status_code == 409


def test_one_changes_the_own_password(house: House) -> None:
    """With the old one; other sessions end, this one goes on with a new cookie."""
    browser, other = house.browser(), house.browser()
    browser.sign_in("vera")
    other.sign_in("vera")
    wrong = {"password": "not it, not at all", "new_password": "the second long one"}
    assert browser.send("PATCH", "/api/session", wrong).status_code == 403
    answer = browser.send("PATCH", "/api/session", {**wrong, "password": PASSWORD})
    assert answer.status_code == 200
    assert browser.get("/api/alerts").status_code == 200
    assert other.get("/api/alerts").status_code == 401
    assert house.browser().sign_in("vera").status_code == 401
    assert house.browser().sign_in("vera", "the second long one").status_code == 200
    token = house.browser(house.token("admin"))
    assert token.send("PATCH", "/api/session", wrong).status_code == 403


@pytest.mark.parametrize("gone", [True, False])
def test_a_new_password_brings_nobody_back(house: House, monkeypatch: pytest.MonkeyPatch, gone: bool) -> None:
    """While it is hashed an admin removes the user, or takes the role: that holds, the change does not."""
    browser, admin = house.browser(), house.browser()
    browser.sign_in("otto")
    admin.sign_in("ada")
    hashing = Passwords.changed

    def meanwhile(self: Passwords, *given: Any) -> Any:
        monkeypatch.setattr(Passwords, "changed", hashing)
        if gone:
            assert admin.send("DELETE", "/api/users/otto").status_code == 204
        else:
            assert admin.send("PATCH", "/api/users/otto", {"role": "viewer"}).status_code == 200
        return hashing(self, *given)

    monkeypatch.setattr(Passwords, "changed", meanwhile)
    asked = {"password": PASSWORD, "new_password": "the second long one"}
    assert browser.send("PATCH", "/api/session", asked).status_code == 409
    found = house.store.people.user("otto")
    assert (found.role if found else None) == (None if gone else "viewer")
    assert house.browser().sign_in("otto", "the second long one").status_code == 401


def test_own_tokens_end_with_the_password_where_asked(house: House) -> None:
    """Whoever knew the password may have made one: with `revoke_tokens` they end, without they go on."""
    browser, other = house.browser(), house.browser(house.token("operator"))
    browser.sign_in("otto")
    text = browser.send("POST", "/api/tokens", {"name": "mine", "role": "operator"}).json()["token"]
    own = house.browser(text)
    for password, revokes, code in ((PASSWORD, False, 200), ("the second long one", True, 401)):
        asked = {"password": password, "new_password": "the second long one", "revoke_tokens": revokes}
        answer = browser.send("PATCH", "/api/session", asked)
        assert answer.status_code == 200
        browser.headers["X-CSRF-Token"] = answer.json()["csrf"]
        assert own.get("/api/alerts").status_code == code
    assert other.get("/api/alerts").status_code == 200


# --- tokens -------------------------------------------------------------------------------------


def test_a_token_comes_in_until_it_is_revoked_or_over(house: House, store: Database) -> None:
    """As Bearer, without a cookie and without CSRF; its text is shown once, its last day of use is noted."""
    admin = house.browser()
    admin.sign_in("ada")
    made = admin.send("POST", "/api/tokens", {"name": "scrape", "days": 2}).json()
    assert (made["role"], made["state"], made["id"]) == ("viewer", "valid", hashed(made["token"])[:8])
    browser = house.browser(made["token"])
    assert browser.get("/api/alerts").status_code == 200
    assert house.context.access.uses.written(10)
    (listed,) = admin.get("/api/tokens").json()["tokens"]
    assert "token" not in listed
    assert listed["last_used_at"] == "2026-11-22T00:00:00Z"
    other = admin.send("POST", "/api/tokens", {"name": "other"}).json()
    assert admin.send("DELETE", f"/api/tokens/{other['id']}").status_code == 204
    assert house.browser(other["token"]).get("/api/alerts").status_code == 401
    assert {t.name: t.revoked_us is not None for t in store.people.tokens()} == {
        "scrape": False,
        "other": True,
    }
    house.clock.at_s = 2 * DAY_S - 1
    assert browser.get("/api/alerts").status_code == 200
    house.clock.at_s = 2 * DAY_S
    assert browser.get("/api/alerts").status_code == 401


def test_a_token_can_sign_in_a_browser(house: House, store: Database) -> None:
    """The session ends with the token."""
    text = house.token("operator", name="desk")
    browser = house.browser()
    told = browser.send("POST", "/api/session", {"token": text}).json()
    assert (told["user"], told["role"]) == ("token:desk", "operator")
    assert browser.get("/api/alerts").status_code == 200
    store.people.revoke(hashed(text)[:8], NOW_US)
    assert browser.get("/api/alerts").status_code == 401


@pytest.mark.parametrize(
    "given",
    ["Bearer", "Bearer ", "Basic b3R0bzpvdHRv", "Bearer sv_short", "bearer x y", "Bearer sv_" + "é" * 43],
)
def test_what_is_no_token_is_nobody(house: House, given: str) -> None:
    """And a wrong header is not mended by a right cookie."""
    browser = house.browser()
    browser.sign_in("ada")
    answer = browser.get("/api/alerts", headers={"Authorization": given.encode()})
    assert (answer.status_code, answer.headers["www-authenticate"]) == (401, "Bearer")


def test_a_token_can_do_no_more_than_its_owner(house: House) -> None:
    """Nobody gives more than they have; when the owner may do less, so may the token, at once."""
    browser = house.browser()
    browser.sign_in("otto")
    assert browser.send("POST", "/api/tokens", {"name": "a", "role": "admin"}).status_code == 403
    text = browser.send("POST", "/api/tokens", {"name": "a", "role": "operator"}).json()["token"]
    assert house.browser(text).get("/api/session").json()["role"] == "operator"
    admin = house.browser()
    admin.sign_in("ada")
    admin.send("PATCH", "/api/users/otto", {"role": "viewer"})
    assert house.browser(text).get("/api/session").json()["role"] == "viewer"
    begets = house.browser(text).send("POST", "/api/tokens", {"name": "b"})
    assert (begets.status_code, "user and password" in begets.json()["detail"]) == (403, True)


def test_one_sees_and_revokes_the_own_tokens_alone(house: House) -> None:
    """Those of others are not there; an admin sees all."""
    texts = {}
    for name in ("vera", "otto"):
        browser = house.browser()
        browser.sign_in(name)
        texts[name] = browser.send("POST", "/api/tokens", {"name": "mine"}).json()
    browser = house.browser()
    browser.sign_in("vera")
    assert [t["id"] for t in browser.get("/api/tokens").json()["tokens"]] == [texts["vera"]["id"]]
    assert browser.send("DELETE", f"/api/tokens/{texts['otto']['id']}").status_code == 404
    assert browser.send("DELETE", f"/api/tokens/{texts['vera']['id']}").status_code == 204
    admin = house.browser(house.token("admin"))
    assert len(admin.get("/api/tokens").json()["tokens"]) == 3


def test_the_first_token_is_made_once(store: Database) -> None:
    """Only where nobody can come in: neither a token, be it revoked, nor a user is there."""
    text = first_token(store.people, NOW_US)
    assert text is not None
    assert text.startswith("sv_")
    (token,) = store.people.tokens()
    assert (token.role, token.hash) == ("admin", hashed(text))
    store.people.revoke(token.token_id, NOW_US)
    assert first_token(store.people, NOW_US) is None


def test_no_first_token_where_there_is_a_user(store: Database) -> None:
    """Somebody with a shell added one: that one can come in."""
    store.people.put_user(QUICK.make_user("kai", "admin", PASSWORD, now_us=NOW_US))
    assert first_token(store.people, NOW_US) is None


# --- organisations ------------------------------------------------------------------------------


def test_an_organisations_admin_looks_after_its_own_people(house: House) -> None:
    """Not after the house's, nor others'; and cannot make one of the house."""
    house.user("nora", "admin", "Northgrid")
    house.user("nils", "viewer", "Northgrid")
    browser = house.browser()
    browser.sign_in("nora")
    assert [u["name"] for u in browser.get("/api/users").json()["users"]] == ["nils", "nora"]
    assert browser.send("PATCH", "/api/users/ada", {"role": "viewer"}).status_code == 404
    assert browser.send("PATCH", "/api/users/nils", {"organisation": "Southgrid"}).status_code == 403
    new = {"name": "nina", "password": PASSWORD, "role": "admin"}
    assert browser.send("POST", "/api/users", {**new, "organisation": "Southgrid"}).status_code == 403
    assert browser.send("POST", "/api/users", new).json()["organisation"] == "Northgrid"
    assert browser.send("PATCH", "/api/users/nils", {"organisation": None}).json()["organisation"] == (
        "Northgrid"
    )
    given = browser.send("POST", "/api/tokens", {"name": "t", "role": "admin"}).json()
    assert given["organisation"] == "Northgrid"
    assert browser.get("/api/settings").status_code == 403


def test_the_trail_is_shown_to_whom_it_concerns(house: House) -> None:
    """All to an admin, the organisation's to its admin, the own to an operator, none to a viewer."""
    house.user("nora", "admin", "Northgrid")
    browsers = {name: house.browser() for name in ("vera", "otto", "ada", "nora")}
    for name, browser in browsers.items():
        browser.sign_in(name)

    def who(name: str, asked: str = "") -> Any:
        answer = browsers[name].get(f"/api/audit{asked}")
        return (
            [e["who"] for e in answer.json()["entries"]] if answer.status_code == 200 else answer.status_code
        )

    assert who("ada") == ["nora", "ada", "otto", "vera"]
    assert who("ada", "?who=otto") == ["otto"]
    assert who("nora") == ["nora"]
    assert who("otto") == who("otto", "?who=otto") == ["otto"]
    assert who("otto", "?who=ada") == who("vera") == 403


def test_the_trail_comes_in_pages(house: House, store: Database) -> None:
    """Each entry once, the newest first; what was refused is in it as well, and no secret ever."""
    for password in ("wrong", "wronger", PASSWORD):
        house.browser().sign_in("ada", password)
    house.browser().sign_in(PASSWORD, "ada")  # typed into the wrong field
    admin = house.browser(house.token("admin"))
    first = admin.get("/api/audit?limit=3").json()
    rest = admin.get(f"/api/audit?limit=3&after={first['next']}").json()
    found = [(e["who"], e["outcome"]) for e in first["entries"] + rest["entries"]]
    assert found == [("unknown", "refused"), ("ada", "done"), ("ada", "refused"), ("ada", "refused")]
    assert rest["next"] is None
    assert first["entries"][0]["address"] == "127.0.0.1"
    assert PASSWORD not in str([entry for _, entry in store.trail.entries()])


# --- how often ----------------------------------------------------------------------------------


def test_tries_have_to_wait_longer_and_longer(house: House) -> None:
    """Five wrong passwords are free, then each doubles the wait; the right one has to wait as well."""
    browser = house.browser()
    codes = [browser.sign_in("otto", "wrong").status_code for _ in range(6)]
    assert codes == [401] * 5 + [429]
    answer = browser.sign_in("otto")
    assert (answer.status_code, answer.headers["retry-after"]) == (429, "1")
    house.clock.at_s += 1
    assert browser.sign_in("otto", "wrong").status_code == 401
    assert browser.sign_in("otto", "wrong").headers["retry-after"] == "2"
    house.clock.at_s += 2
    assert browser.sign_in("otto").status_code == 200
    assert [browser.sign_in("otto", "wrong").status_code for _ in range(5)] == [401] * 5


def test_unknown_names_have_to_wait_the_same(house: House) -> None:
    """Else the wait would tell which users there are."""
    browser = house.browser()
    assert [browser.sign_in("nobody", "wrong").status_code for _ in range(6)] == [401] * 5 + [429]


def test_who_tries_a_name_keeps_its_owner_out_nowhere_else(house: House) -> None:
    """Ten wrong passwords for somebody's name; that somebody signs in from elsewhere at once."""
    far = house.browser(client=("192.0.2.7", 1))
    assert [far.sign_in("otto", "wrong").status_code for _ in range(10)] == [401] * 5 + [429] * 5
    assert house.browser().sign_in("otto").status_code == 200


def test_an_address_has_to_wait_for_all_names(house: House) -> None:
    """Fifteen failures whosever; another address is not kept waiting."""
    browser = house.browser(client=("192.0.2.7", 1))
    codes = [browser.sign_in(f"user{n}", "wrong").status_code for n in range(16)]
    assert codes == [401] * 15 + [429]
    assert house.browser(client=("192.0.2.8", 1)).sign_in("otto").status_code == 200


def test_requests_have_a_measure(house: House) -> None:
    """So many at once, then so many a second, of each for itself; files of the page are not counted."""
    params = replace(house.params, requests_per_s=2.0, burst=3)
    small = House(house.service, house.store, house.clock, params)
    one, other = small.browser(small.token(name="one")), small.browser(small.token(name="other"))
    assert [one.get("/api/alerts").status_code for _ in range(4)] == [200, 200, 200, 429]
    assert one.get("/api/alerts").headers["retry-after"] == "1"
    assert other.get("/api/alerts").status_code == 200
    assert all(one.get("/livez").status_code == 200 for _ in range(9))
    small.clock.at_s += 1.0
    assert [one.get("/api/alerts").status_code for _ in range(3)] == [200, 200, 429]


# --- what goes on around it ---------------------------------------------------------------------


def test_a_store_that_is_away_lets_nobody_in(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    """503 rather than a guess; whether it lives can still be asked."""
    token = house.token("admin")

    def away(*_: object) -> None:
        raise OSError(28, "the disk is full", "sqlite:///x")

    monkeypatch.setattr("seavigil.store.people.People.token", away)
    browser = house.browser(token)
    assert browser.get("/api/alerts").status_code == 503
    assert browser.get("/livez").status_code == browser.get("/healthz").status_code == 200


def test_a_full_disk_turns_nobody_away(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    """When sessions and tokens were used cannot be written: they go on, no further than they may."""

    def full(*_: object) -> None:
        raise OSError(28, "no space left on device")

    token, browser = house.browser(house.token()), house.browser()
    browser.sign_in("otto")
    for name in ("used_session", "used_token", "end"):
        monkeypatch.setattr(f"seavigil.store.people.People.{name}", full)
    for _ in range(5):
        house.clock.at_s += 11 * HOUR_S
        assert [browser.get("/api/alerts").status_code, token.get("/api/alerts").status_code] == [200, 200]
    house.clock.at_s += 13 * HOUR_S
    assert browser.get("/api/alerts").status_code == 401


def test_uses_are_noted_beside_the_requests(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    """A store that stands still keeps no request waiting; once it goes on they are written, the last ones."""
    browser, go_on = house.browser(), threading.Event()
    browser.sign_in("otto")
    noting = house.store.people.used_session

    def slow(_: object, hash_: str, now_us: int) -> None:
        go_on.wait(60)
        noting(hash_, now_us)

    monkeypatch.setattr("seavigil.store.people.People.used_session", slow)
    for _ in range(3):
        house.clock.at_s += 61
        assert browser.get("/api/alerts").status_code == 200
    go_on.set()
    assert house.context.access.uses.written(10)
    session = house.store.people.session(hashed(browser.cookies["seavigil_session"]))
    assert session is not None
    assert session.used_us == house.clock.now_us()


def test_no_more_uses_wait_than_there_is_room_for() -> None:
    """A thousand; what comes then is noted at its next use."""
    uses, go_on, written = Uses(), threading.Event(), list[int]()

    def write(n: int) -> None:
        go_on.wait(60)
        written.append(n)

    for n in range(12_000):
        uses.note(str(n), n, partial(write, n))
    assert uses.last_us("11999") == 11_999
    assert uses.last_us("0") is None
    go_on.set()
    assert uses.written(10)
    assert len(written) <= 1_001


def test_elsewhere_health_says_no_more_than_whether(house: House, store: Database) -> None:
    """Bound to a network, the words of what is wrong are for those who are known."""
    params = replace(house.params, here=False, names=("watch.example",))
    far = House(house.service, store, house.clock, params)
    asked = {"base": "https://watch.example"}
    assert far.browser(**asked).get("/healthz").json() == {"status": "ready"}
    known = far.browser(far.token(), **asked)
    assert known.get("/healthz").json() == {"status": "ready", "problems": []}
    assert house.browser().get("/healthz").json() == {"status": "ready", "problems": []}


def test_by_a_proxy_health_says_no_more_than_whether(house: House, store: Database) -> None:
    """Bound to this machine, but asked by the name under which a proxy is reached."""
    near = House(house.service, store, house.clock, replace(house.params, names=("watch.example",)))
    assert near.browser(base="https://watch.example").get("/healthz").json() == {"status": "ready"}
    assert near.browser().get("/healthz").json() == {"status": "ready", "problems": []}


@pytest.mark.parametrize("header", ["X-Forwarded-For", "X-Real-IP", "Forwarded"])
def test_without_sign_in_no_proxy_may_stand_between(house: House, store: Database, header: str) -> None:
    """Whoever comes through one may be anywhere, and would be taken for who sits at this machine."""
    open_ = House(house.service, store, house.clock, AccessParams())
    assert open_.browser().get("/api/alerts").status_code == 200
    assert open_.browser().get("/api/alerts", headers={header: "192.0.2.7"}).status_code == 403


def test_who_has_no_token_keeps_nobody_waiting(house: House) -> None:
    """Wrong tokens of one address are no reason for another's right one to wait."""
    far = house.browser(client=("192.0.2.7", 1))
    for n in range(20):
        far.send("POST", "/api/session", {"token": "sv_" + f"{n:043d}"})
    right = house.token("viewer", name="right")
    assert house.browser().send("POST", "/api/session", {"token": right}).status_code == 200


def test_alerts_are_answered_in_ones_own_name(house: House, store: Database) -> None:
    """Who is signed in needs no ``who``, and may not give another's."""
    from seavigil.store.rows import Batch, alert_row

    times = dict.fromkeys(("began_us", "detected_at_us", "revised_at_us"), NOW_US)
    store.save(Batch(1, NOW_US, alerts=[alert_row(line(1), times | {"ended_us": None})]))
    browser = house.browser()
    browser.sign_in("otto")
    assert browser.send("POST", "/api/alerts/a1/note", {"who": "ada", "why": "x"}).status_code in (400, 422)
    assert browser.send("POST", "/api/alerts/a1/note", {"why": "seen"}).status_code == 202
    (waiting,) = store.waiting_commands()
    assert (waiting["who"], waiting["why"]) == ("otto", "seen")
    assert ("otto", "alert note") in {(e.who, e.what) for _, e in store.trail.entries()}
