"""Every route there is, asked by everybody there can be: the table says who gets in."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any
from urllib.parse import unquote

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from seavigil.api.access import AccessParams
from seavigil.runners.credentials import hashed
from seavigil.store.database import Database
from seavigil.store.rows import Batch, alert_row
from tests.api.house import PASSWORD, Browser, House
from tests.api.test_api import Service, line
from tests.runners.statuses import NOW_US

#: Who gets in: everybody; a viewer; an operator; an admin; an admin of the house itself.
OPEN, VIEWER, OPERATOR, ADMIN, HOUSE = "open", "viewer", "operator", "admin", "house"
#: Every route: method and path as the app has them, and the least that gets in.
TABLE: Mapping[tuple[str, str], str] = {
    ("GET", "/"): OPEN,
    ("GET", "/static/vendor/{name:path}"): OPEN,
    ("GET", "/static/{name:path}"): OPEN,
    ("GET", "/livez"): OPEN,
    ("GET", "/healthz"): OPEN,
    ("GET", "/api/session"): OPEN,
    ("POST", "/api/session"): OPEN,
    ("PATCH", "/api/session"): OPEN,  # with the password alone
    ("GET", "/api/oidc/{name}/start"): OPEN,
    ("GET", "/api/oidc/{name}/back"): OPEN,
    ("GET", "/api"): VIEWER,
    ("GET", "/api/openapi.json"): VIEWER,
    ("GET", "/metrics"): VIEWER,
    ("GET", "/api/status"): VIEWER,
    ("GET", "/api/feeds"): VIEWER,
    ("GET", "/api/statements"): VIEWER,
    ("GET", "/api/alerts"): VIEWER,
    ("GET", "/api/alerts/{alert_id}"): VIEWER,
    ("POST", "/api/alerts/{alert_id}/{what}"): OPERATOR,
    ("GET", "/api/commands/{command_id}"): VIEWER,
    ("GET", "/cap/feed.atom"): VIEWER,
    ("GET", "/cap/messages/{name}"): VIEWER,
    ("GET", "/api/extent"): VIEWER,
    ("GET", "/api/picture"): VIEWER,
    ("GET", "/api/trails"): VIEWER,
    ("GET", "/api/areas"): VIEWER,
    ("GET", "/api/ships"): VIEWER,
    ("GET", "/api/ships/{vessel_id}"): VIEWER,
    ("GET", "/api/ships/{vessel_id}/track"): VIEWER,
    ("GET", "/api/ships/{vessel_id}/events"): VIEWER,
    ("GET", "/api/ships/{vessel_id}/reports"): VIEWER,
    ("GET", "/api/ships/{vessel_id}/forecast"): VIEWER,
    ("GET", "/api/assets"): VIEWER,
    ("GET", "/api/assets/bands"): VIEWER,
    ("GET", "/api/assets/{asset_id:path}/passages"): VIEWER,
    ("GET", "/api/assets/{asset_id:path}/closest"): VIEWER,
    ("GET", "/api/assets/{asset_id:path}/exposure"): VIEWER,
    ("GET", "/api/assets/{asset_id:path}"): VIEWER,
    ("PATCH", "/api/assets/{asset_id:path}"): OPERATOR,
    ("GET", "/api/faults"): VIEWER,
    ("POST", "/api/faults"): OPERATOR,
    ("POST", "/api/suspects"): OPERATOR,
    ("GET", "/api/suspects/{inquiry_id}"): VIEWER,
    ("GET", "/api/stream"): VIEWER,
    ("GET", "/ogc/"): VIEWER,
    ("GET", "/ogc"): VIEWER,
    ("GET", "/ogc/conformance"): VIEWER,
    ("GET", "/ogc/api"): VIEWER,
    ("GET", "/ogc/collections"): VIEWER,
    ("GET", "/ogc/collections/{collection_id}"): VIEWER,
    ("GET", "/ogc/collections/{collection_id}/queryables"): VIEWER,
    ("GET", "/ogc/collections/{collection_id}/items"): VIEWER,
    ("GET", "/ogc/collections/{collection_id}/items/{feature_id:path}"): VIEWER,
    ("GET", "/api/tokens"): VIEWER,
    ("POST", "/api/tokens"): VIEWER,
    ("DELETE", "/api/tokens/{token_id}"): VIEWER,
    ("GET", "/api/users"): ADMIN,
    ("POST", "/api/users"): ADMIN,
    ("PATCH", "/api/users/{name}"): ADMIN,
    ("DELETE", "/api/users/{name}"): ADMIN,
    ("GET", "/api/audit"): OPERATOR,
    ("GET", "/api/settings"): HOUSE,
    ("DELETE", "/api/session"): OPEN,  # last: who did it is signed out
}
_RANK = (OPEN, VIEWER, OPERATOR, ADMIN, HOUSE)
#: Streams do not end: what is asked of them is only whether they begin (tests/api/test_stream.py).
_ENDLESS = ("GET", "/api/stream")


def walk(routes: Any) -> Iterator[tuple[str, str]]:
    """Give method and path of every route."""
    for route in routes:
        if hasattr(route, "methods"):
            yield from ((method, route.path) for method in route.methods - {"HEAD"})
        else:
            yield from walk(route.original_router.routes)


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """Give a house with one alert, which takes any number of requests."""
    folder = tmp_path_factory.mktemp("house")
    with Database.open(folder) as store:
        times = dict.fromkeys(("began_us", "detected_at_us", "revised_at_us"), NOW_US)
        told = line(1, **dict.fromkeys(("began", "revised_at"), "2026-11-22T13:01:00Z"), ended=None)
        store.save(Batch(1, NOW_US, alerts=[alert_row(told, times | {"ended_us": None})]))
        yield House(Service(folder), store, params=AccessParams(required=True, burst=100_000))


@pytest.fixture(scope="module")
def everybody(house: House) -> dict[str, tuple[str, Browser]]:
    """Give everybody there can be, each with the highest rank that gets in."""
    house.user("vera", "viewer")
    signed_in = house.browser()
    assert signed_in.sign_in("vera").status_code == 200
    stale = Browser(house.app, cookies={"seavigil_session": "of-long-ago"})
    revoked = house.token("admin", name="revoked")
    house.store.people.revoke(hashed(revoked)[:8], NOW_US)
    expired = house.token("admin", name="expired", now_us=NOW_US - 2 * 86_400_000_000, days=1)
    return {
        "no token": (OPEN, house.browser()),
        "wrong token": (OPEN, house.browser("sv_" + "A" * 43)),
        "expired token": (OPEN, house.browser(expired)),
        "revoked token": (OPEN, house.browser(revoked)),
        "stale cookie": (OPEN, stale),
        "viewer": (VIEWER, house.browser(house.token("viewer"))),
        "viewer by cookie": (VIEWER, signed_in),
        "operator": (OPERATOR, house.browser(house.token("operator"))),
        "an organisation's admin": (ADMIN, house.browser(house.token("admin", "Northgrid"))),
        "admin": (HOUSE, house.browser(house.token("admin"))),
    }


def test_every_route_stands_in_the_table(house: House) -> None:
    """A new route has to say who gets in, else it is not one."""
    assert set(walk(house.app.routes)) == set(TABLE)


@pytest.mark.parametrize(("method", "path"), [key for key in TABLE if key != _ENDLESS])
def test_who_gets_in(everybody: dict[str, tuple[str, Browser]], house: House, method: str, path: str) -> None:
    """401 for nobody, 403 for too little, and for the rest whatever the route says: never one of these."""
    least = _RANK.index(TABLE[method, path])
    asked = path.replace("{what}", "note")
    for name in ("alert_id", "vessel_id", "asset_id:path", "command_id", "inquiry_id", "feature_id:path"):
        asked = asked.replace(f"{{{name}}}", "none")
    asked = asked.replace("{collection_id}", "assets")
    for name in ("name:path", "name", "token_id"):
        asked = asked.replace(f"{{{name}}}", "none")
    for who, (rank, browser) in everybody.items():
        answer = browser.get(asked) if method == "GET" else browser.send(method, asked, {})
        code, mine = answer.status_code, _RANK.index(rank)
        if mine >= least:
            allowed = code != 401 or path == "/api/session"
            assert allowed, (who, code, answer.text)
            assert code != 403 or _is_for_a_person(method, path), (who, code, answer.text)
        elif rank == OPEN:
            assert (code, answer.headers.get("www-authenticate")) == (401, "Bearer"), (who, answer.text)
        else:
            assert code == 403, (who, code, answer.text)
        assert code < 500, (who, answer.text)


def _is_for_a_person(method: str, path: str) -> bool:
    """Whether a route may say 403 to who gets in: of tokens and passwords, and what is the house's."""
    own = path in ("/api/tokens", "/api/session", "/metrics", "/cap/feed.atom", "/cap/messages/{name}")
    return own or (method, path) == ("GET", "/api/audit")


@pytest.mark.parametrize(
    "path",
    [
        "/api/nothing",
        "/nothing",
        "//api/alerts",
        "/api//alerts",
        "/api/../api/alerts",
        "/static/../api/alerts",
        "/static/%2e%2e/api/alerts",
        "/static/..%2fapi/alerts",
        "/livez/../api/alerts",
        "/livez/",
        "/livez%2f..%2fapi%2falerts",
        "/api/session/../alerts",
        "/api/oidc/../alerts",
        "/api/oidc/%2e%2e/alerts",
        "/API/ALERTS",
        "/api/alerts/",
        "/api/alerts;x=/livez",
        "/api/alerts%00/livez",
        "/static",
        "/.",
    ],
)
def test_no_spelling_of_a_path_gets_around(house: House, path: str) -> None:
    """What is open is told by the whole path as it is matched; all else is closed, also what is not there."""
    status, content = raw(house, path)
    assert status in (401, 404)
    assert b"alert_id" not in content


def raw(house: House, path: str, headers: Sequence[tuple[bytes, bytes]] = ()) -> tuple[int, bytes]:
    """Ask for a path as it is written: clients put it in order before they send it."""
    sent: list[dict[str, Any]] = []
    scope = {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": "GET",
        "scheme": "http",
        "path": unquote(path),
        "raw_path": path.encode(),
        "query_string": b"",
        "root_path": "",
        "headers": [(b"host", b"127.0.0.1:8640"), *headers],
        "client": ("127.0.0.1", 5000),
        "server": ("127.0.0.1", 8640),
    }

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: Any) -> None:
        sent.append(message)

    asyncio.run(house.app(scope, receive, send))
    return sent[0]["status"], b"".join(m.get("body", b"") for m in sent[1:])


@pytest.mark.parametrize("method", ["HEAD", "OPTIONS", "PUT", "TRACE", "BREW"])
def test_other_methods_get_no_further(house: House, method: str) -> None:
    """Closed to nobody, and of no use to others; no answer tells pages of elsewhere that they may ask."""
    for path in ("/api/alerts", "/api/users", "/api/settings"):
        answer = house.browser().request(method, path, json={})
        assert answer.status_code == 401
        known = house.browser(house.token("viewer", name=f"{method} {path}".replace("/", ".")))
        answer = known.request(method, path, json={})
        assert answer.status_code in (403, 405)
        assert not any(name.startswith("access-control") for name in answer.headers)


# --- pages of elsewhere -------------------------------------------------------------------------


def test_a_page_of_elsewhere_changes_nothing(house: House) -> None:
    """With the cookie, but from another origin, or without what our own pages send (CSRF)."""
    house.user("otto", "operator")
    browser = house.browser()
    browser.sign_in("otto")
    right = browser.headers.pop("X-CSRF-Token")
    for headers in (
        {},
        {"X-CSRF-Token": ""},
        {"X-CSRF-Token": right[:-1]},
        {"X-CSRF-Token": right.upper()},
        {"X-CSRF-Token": right, "Origin": "https://evil.example"},
        {"X-CSRF-Token": right, "Origin": "null"},
        {"X-CSRF-Token": right, "Origin": "http://127.0.0.1:9999"},
        {"X-CSRF-Token": right, "Origin": "http://127.0.0.1:8640.evil.example"},
    ):
        answer = browser.send("POST", "/api/alerts/a1/note", {"why": "x"}, headers=headers)
        assert answer.status_code == 403, headers
        assert browser.send("DELETE", "/api/session", headers=headers).status_code == 403
    assert house.store.waiting_commands() == []
    good = {"X-CSRF-Token": right, "Origin": "http://127.0.0.1:8640"}
    assert browser.send("POST", "/api/alerts/a1/note", {"why": "x"}, headers=good).status_code == 202


def test_nobody_is_signed_in_by_a_page_of_elsewhere(house: House) -> None:
    """A session of somebody else's is as bad as one's own taken (login CSRF)."""
    house.user("mallory", "viewer")
    asked = {"user": "mallory", "password": PASSWORD}
    answer = house.browser().send("POST", "/api/session", asked, headers={"Origin": "https://evil.example"})
    assert (answer.status_code, "set-cookie" in answer.headers) == (403, False)


@pytest.mark.parametrize(
    ("base", "origin", "status"), [("https", "http", 403), ("https", "https", 401), ("http", "http", 401)]
)
def test_over_tls_a_page_without_it_is_another(house: House, base: str, origin: str, status: int) -> None:
    """Anybody on the way can make a page of our own name where there is no TLS."""
    params = AccessParams(required=True, here=False, names=("watch.example",))
    far = House(house.service, house.store, params=params)
    headers = {"Origin": f"{origin}://watch.example"}
    assert (
        far.browser(base=f"{base}://watch.example").get("/api/alerts", headers=headers).status_code == status
    )


def test_names_of_the_house_alone_are_answered(house: House) -> None:
    """Bound to a network: by the names of the settings; by loopback names only from this machine."""
    params = AccessParams(required=True, here=False, names=("watch.example", "2001:db8::7"))
    far = House(house.service, house.store, params=params)
    token = far.token("viewer", name="far")
    for base, status in (
        ("https://watch.example", 200),
        ("https://WATCH.example:8640", 200),
        ("https://[2001:db8::7]:8640", 200),
        ("https://evil.example", 403),
        ("https://watch.example.evil.example", 403),
    ):
        assert far.browser(token, base=base).get("/api/alerts").status_code == status, base
    assert far.browser(token).get("/livez").status_code == 200
    assert far.browser(token, client=("192.0.2.7", 1)).get("/livez").status_code == 403


# --- what is sent to do harm --------------------------------------------------------------------


def test_nothing_that_is_sent_gets_into_a_header(house: House) -> None:
    """Line ends in names and tokens are refused or shown as text; none begins a header of its own."""
    split = "x\r\nSet-Cookie: seavigil_session=y"
    answer = house.browser().send("POST", "/api/session", {"user": split, "password": "p"})
    assert answer.status_code == 401
    assert "set-cookie" not in answer.headers
    admin = house.browser(house.token("admin", name="header test"))
    made = admin.send("POST", "/api/users", {"name": split, "password": PASSWORD})
    assert made.status_code == 400
    told = admin.get("/api/audit?limit=3")
    assert told.status_code == 200
    gone = house.browser().get("/api/oidc/%0d%0aSet-Cookie:x=y/start")
    assert (gone.status_code, "set-cookie" in gone.headers) == (404, False)


@given(st.sampled_from(["Authorization", "Cookie", "X-CSRF-Token", "Origin"]), st.binary(max_size=120))
@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_no_bytes_in_a_header_get_further(house: House, name: str, value: bytes) -> None:
    """Whatever stands there, nobody becomes somebody, and nothing fails."""
    status, _ = raw(house, "/api/alerts", [(name.lower().encode(), value)])
    assert status in (401, 403)
    made_up = [(b"cookie", b"seavigil_session=" + value), (b"authorization", b"Bearer sv_" + value)]
    for header in made_up:
        assert raw(house, "/api/alerts", [header])[0] == 401


@pytest.mark.parametrize("length", [10_001, 60_000])
def test_passwords_of_any_length_cost_little(house: House, length: int) -> None:
    """Beyond what anybody has they are refused before they are hashed."""
    answer = house.browser().send("POST", "/api/session", {"user": "vera", "password": "x" * length})
    assert answer.status_code == 422
    assert "xxx" not in answer.text


def test_a_body_of_100_kib_is_not_read(house: House) -> None:
    """It is refused by its length."""
    asked = {"user": "vera", "password": "x" * 102_400}
    assert house.browser().send("POST", "/api/session", asked).status_code == 413


@pytest.mark.parametrize(
    "asked",
    [
        {},
        {"user": "vera"},
        {"password": "x"},
        {"token": "x", "user": "y", "password": "z"},
        {"user": ["vera"], "password": PASSWORD},
        {"user": "vera", "password": {"$ne": ""}},
        {"user": "vera", "password": PASSWORD, "role": "admin"},
        [],
        "vera",
    ],
)
def test_what_is_no_sign_in_is_refused(house: House, asked: Any) -> None:
    """In words, without what was sent."""
    answer = house.browser().send("POST", "/api/session", asked)
    assert answer.status_code == 422
    assert PASSWORD not in answer.text


@pytest.mark.parametrize(
    "name", ["a:b", "token:x", "", " kai", "kai\u202e", "a" * 65, "kai\n", "<b>", "\ud800"]
)
def test_names_that_could_deceive_are_no_names(house: House, name: str) -> None:
    """Nobody can be called as tokens or people of other houses are, nor turn the reader's eye."""
    admin = house.browser(house.token("admin", name=f"names {len(name)} {hash(name) % 10**9}"))
    content = json.dumps({"name": name, "password": PASSWORD}).encode()
    headers = {"Content-Type": "application/json"}
    answer = admin.request("POST", "/api/users", content=content, headers=headers)
    assert answer.status_code in (400, 422)
