"""Another house's word for who somebody is: a small provider here, right and wrong in every way."""

from __future__ import annotations

import json
from base64 import urlsafe_b64encode
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from hashlib import sha256
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from seavigil.api.access import AccessParams
from seavigil.api.oidc import OidcParams
from seavigil.store.database import Database
from tests.api.house import Browser, House
from tests.api.test_api import Service
from tests.runners.statuses import NOW_US

pytest.importorskip("authlib", reason="OpenID Connect is an extra")
from joserfc import jwt
from joserfc.jwk import OctKey, RSAKey

NOW_S = NOW_US // 1_000_000


@dataclass
class Provider:
    """A provider that signs what it is told to, and remembers what it was asked."""

    key: RSAKey = field(default_factory=lambda: RSAKey.generate_key(2048, {"kid": "k1", "use": "sig"}))
    issuer: str = ""
    claims: dict[str, Any] = field(default_factory=dict)
    #: Changes a token's claims, or signs otherwise, before it is given.
    sign: Callable[[dict[str, Any]], str] | None = None
    asked: list[tuple[str, dict[str, str], dict[str, str]]] = field(default_factory=list)
    nonce: str = ""

    def metadata(self) -> dict[str, Any]:
        """Give what it says of itself (OpenID Connect Discovery 1.0, section 3)."""
        return {
            "issuer": self.issuer,
            "authorization_endpoint": f"{self.issuer}/authorise",
            "token_endpoint": f"{self.issuer}/token",
            "jwks_uri": f"{self.issuer}/keys",
        }

    def token(self) -> str:
        """Give an id_token."""
        claims = {
            "iss": self.issuer,
            "aud": "seavigil",
            "sub": "u-17",
            "iat": NOW_S,
            "exp": NOW_S + 300,
            "nonce": self.nonce,
            **self.claims,
        }
        return self.sign(claims) if self.sign else jwt.encode({"alg": "RS256", "kid": "k1"}, claims, self.key)


@pytest.fixture
def provider() -> Iterator[Provider]:
    """Give a provider that listens on loopback."""
    found = Provider()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            told = {
                "/.well-known/openid-configuration": found.metadata,
                "/keys": lambda: {"keys": [found.key.as_dict(private=False)]},
            }[self.path]()
            self._answer(told)

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"])).decode()
            form = {name: values[0] for name, values in parse_qs(body).items()}
            found.asked.append((self.path, form, dict(self.headers)))
            self._answer({"access_token": "a", "token_type": "Bearer", "id_token": found.token()})

        def _answer(self, told: dict[str, Any]) -> None:
            content = json.dumps(told).encode()
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    found.issuer = f"http://127.0.0.1:{server.server_port}"
    thread = Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield found
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.fixture
def house(provider: Provider, tmp_path: Path) -> Iterator[House]:
    """Give a house that takes the provider's word."""
    params = OidcParams(
        issuer=provider.issuer,
        client_id="seavigil",
        secret=lambda: "s3cret",
        role_claim="realm_access.roles",
        roles={"admin": ("watch-admin",), "operator": ("watch",), "viewer": ("guests", "friends")},
        organisation_claim="org",
        house=("Coast Guard",),
    )
    with Database.open(tmp_path) as store:
        yield House(Service(tmp_path), store, params=AccessParams(required=True, oidc={"sso": params}))


def gone_there(browser: Browser, provider: Provider) -> dict[str, str]:
    """Go to the provider; gives what it was asked."""
    answer = browser.get("/api/oidc/sso/start")
    assert answer.status_code == 303
    address = urlsplit(answer.headers["location"])
    assert f"{address.scheme}://{address.netloc}{address.path}" == f"{provider.issuer}/authorise"
    asked = {name: values[0] for name, values in parse_qs(address.query).items()}
    provider.nonce = asked["nonce"]
    return asked


def come_back(browser: Browser, asked: dict[str, str], **changed: str) -> tuple[int, str]:
    """Come back with a code; gives the status and where one is sent."""
    answer = browser.get("/api/oidc/sso/back", params={"code": "c-1", "state": asked["state"], **changed})
    return answer.status_code, answer.headers.get("location", "")


def reasons(house: House) -> list[str]:
    """Give why people were refused, the oldest first."""
    return [
        str(e.detail.get("why")) for _, e in reversed(house.store.trail.entries()) if e.outcome == "refused"
    ]


FRIEND = {"preferred_username": "kai", "realm_access": {"roles": ["watch", "friends"]}, "org": "Coast Guard"}


def test_somebody_comes_in_by_another_houses_word(house: House, provider: Provider) -> None:
    """Code flow with PKCE, state and nonce; the highest role that fits; the session is like any other."""
    provider.claims = FRIEND
    browser = house.browser()
    assert browser.get("/api/session").json()["oidc"] == ["sso"]
    asked = gone_there(browser, provider)
    assert (asked["response_type"], asked["client_id"], asked["code_challenge_method"]) == (
        "code",
        "seavigil",
        "S256",
    )
    assert asked["redirect_uri"] == "http://127.0.0.1:8640/api/oidc/sso/back"
    assert come_back(browser, asked) == (303, "/")
    ((path, form, headers),) = provider.asked
    assert (path, form["code"], form["redirect_uri"]) == ("/token", "c-1", asked["redirect_uri"])
    digest = sha256(form["code_verifier"].encode()).digest()
    assert urlsafe_b64encode(digest).rstrip(b"=").decode() == asked["code_challenge"]  # RFC 7636, 4.2
    assert headers["Authorization"].startswith("Basic ")
    told = browser.get("/api/session").json()
    assert (told["user"], told["role"], told["organisation"]) == ("sso:kai", "operator", None)
    assert browser.get("/api/alerts").status_code == 200
    assert not told["own_tokens"]


def test_of_which_organisation(house: House, provider: Provider) -> None:
    """The claim says it; who is of none that is told is not let in as one of the house."""
    provider.claims = {**FRIEND, "org": "Northgrid"}
    browser = house.browser()
    assert come_back(browser, gone_there(browser, provider)) == (303, "/")
    assert browser.get("/api/session").json()["organisation"] == "Northgrid"
    for missing in (None, "", 7, ["Coast Guard"]):
        provider.claims = {**FRIEND, "org": missing}
        other = house.browser()
        assert come_back(other, gone_there(other, provider))[1] == "/#/signin?failed=sso"
        assert not other.get("/api/session").json()["authenticated"]


def test_who_has_no_role_here_does_not_come_in(house: House, provider: Provider) -> None:
    """However well known there."""
    provider.claims = {**FRIEND, "realm_access": {"roles": ["cooks"]}}
    browser = house.browser()
    assert come_back(browser, gone_there(browser, provider))[1] == "/#/signin?failed=sso"
    assert reasons(house) == ["kai has no role here"]


def _other_key(claims: dict[str, Any]) -> str:
    return jwt.encode({"alg": "RS256", "kid": "k1"}, claims, RSAKey.generate_key(2048))


def _by_secret(claims: dict[str, Any]) -> str:
    return jwt.encode({"alg": "HS256", "kid": "k1"}, claims, OctKey.import_key("s3cret-that-both-know" * 2))


def _unsigned(claims: dict[str, Any]) -> str:
    def part(value: dict[str, Any]) -> str:
        return urlsafe_b64encode(json.dumps(value).encode()).rstrip(b"=").decode()

    return f"{part({'alg': 'none'})}.{part(claims)}."


@pytest.mark.parametrize(
    ("changed", "sign"),
    [
        ({"iss": "https://evil.example"}, None),
        ({"aud": "another"}, None),
        ({"aud": ["another", "seavigil"], "azp": "another"}, None),
        ({"aud": ["another", "seavigil"]}, None),
        ({"exp": NOW_S - 61}, None),
        ({"nonce": "of another time"}, None),
        ({}, _other_key),
        ({}, _by_secret),
        ({}, _unsigned),
        ({}, lambda claims: "not.a.token"),
    ],
)
def test_a_token_that_cannot_be_believed(
    house: House, provider: Provider, changed: dict[str, Any], sign: Callable[[dict[str, Any]], str] | None
) -> None:
    """Issuer, audience, time, nonce, signature: each alone keeps the door shut (OIDC Core, 3.1.3.7)."""
    provider.claims, provider.sign = {**FRIEND, **changed}, sign
    browser = house.browser()
    assert come_back(browser, gone_there(browser, provider)) == (303, "/#/signin?failed=sso")
    assert not browser.get("/api/session").json()["authenticated"]
    assert len(reasons(house)) == 1


def test_nobody_ends_what_another_began(house: House, provider: Provider) -> None:
    """State of nobody, of another browser, used twice, too old, or with another issuer's name: refused."""
    provider.claims = FRIEND
    browser, other = house.browser(), house.browser()
    asked = gone_there(browser, provider)
    assert come_back(other, asked)[1] == "/#/signin?failed=sso"  # the state is spent now
    assert come_back(browser, asked)[1] == "/#/signin?failed=sso"
    assert come_back(browser, {"state": "made up"})[1] == "/#/signin?failed=sso"
    asked = gone_there(browser, provider)
    assert come_back(browser, asked, iss="https://evil.example")[1] == "/#/signin?failed=sso"
    asked = gone_there(browser, provider)
    house.clock.at_s += 601
    assert come_back(browser, asked)[1] == "/#/signin?failed=sso"
    assert provider.asked == []
    assert reasons(house) == [
        "another browser was sent there",
        "nobody was sent there, or too long ago",
        "nobody was sent there, or too long ago",
        "the answer is of another issuer",
        "nobody was sent there, or too long ago",
    ]


def test_nobody_fills_the_trail(house: House, provider: Provider) -> None:
    """Of an address ten refusals are written, then one a minute with the count of those left out."""
    browser = house.browser(client=("203.0.113.9", 1))
    for _ in range(40):
        come_back(browser, {"state": "made up"})
    assert len(reasons(house)) == 10
    house.clock.at_s += 60
    for _ in range(5):
        come_back(browser, {"state": "made up"})
    (newest,) = house.store.trail.entries(limit=1)
    assert (len(reasons(house)), newest[1].detail["not_written_before"]) == (11, 30)


def test_nobody_pushes_out_who_is_on_the_way(house: House, provider: Provider) -> None:
    """Twelve hundred starts of one address take no other's: who was sent there before comes in."""
    provider.claims = FRIEND
    browser, other = house.browser(), house.browser(client=("203.0.113.9", 1))
    asked = gone_there(browser, provider)
    for _ in range(1_200):
        house.clock.at_s += 0.05
        assert other.get("/api/oidc/sso/start").status_code == 303
    assert come_back(browser, asked) == (303, "/")


def test_a_provider_that_is_another_is_not_asked(house: House, provider: Provider) -> None:
    """Its own page names another issuer (a mix-up), or it does not answer at all."""
    right, provider.issuer = provider.issuer, "https://evil.example"
    answer = house.browser().get("/api/oidc/sso/start")
    assert (answer.status_code, answer.headers["location"]) == (303, "/#/signin?failed=sso")
    provider.issuer = right
    assert house.browser().get("/api/oidc/none/start").status_code == 404
    assert house.browser().get("/api/oidc/../alerts").status_code == 401
