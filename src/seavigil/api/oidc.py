"""Another house's word for who somebody is: OpenID Connect, authorisation code with PKCE.

OpenID Connect Core 1.0 (https://openid.net/specs/openid-connect-core-1_0.html), Discovery 1.0, RFC 7636
(PKCE), RFC 9207 (issuer in the answer). No address is asked but those that the issuer's own page names, and
none at all before somebody wants to sign in so.
"""

from __future__ import annotations

import secrets
import time
from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode, urlsplit

import httpx

from seavigil.runners.credentials import hashed, new_secret, organisation_of, same
from seavigil.sharing import Viewer

#: Own choices: so long somebody may take over there, so many at a time, so long an answer may take.
FLOW_S, _MOST_FLOWS, _ANSWER_S = 600.0, 1_000, 10.0
#: So many of one address: who sends thousands pushes out their own alone (own choice).
_MOST_OF_ONE = 50
#: What a provider says of itself is asked anew after so long (own choice).
_KNOWN_S = 3_600.0
#: Clocks may differ by so much (own choice).
_LEEWAY_S = 60
#: Signatures that only the provider can make; never `none`, never one by a secret that we know too.
ALGORITHMS = ["RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA"]


class NotKnown(Exception):
    """Somebody cannot come in so; the message says why, for the log and the trail."""


@dataclass(frozen=True)
class OidcParams:
    """What the settings say of another house (`[oidc.NAME]`); ``secret`` reads the client's secret."""

    issuer: str
    client_id: str
    secret: Callable[[], str]
    scope: str = "openid profile"
    name_claim: str = "preferred_username"
    role_claim: str = "groups"
    roles: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    organisation_claim: str | None = None
    house: tuple[str, ...] = ()


@dataclass(frozen=True)
class _Flow:
    """Somebody who was sent there and is not back yet."""

    browser: str
    nonce: str
    verifier: str
    redirect: str
    began_s: float
    address: str = ""


class Provider:
    """One other house, and those who are on their way to it."""

    def __init__(
        self,
        name: str,
        params: OidcParams,
        clock: Callable[[], float] = time.monotonic,
        now_s: Callable[[], float] = time.time,
    ) -> None:
        self.name = name
        self._params = params
        self._clock, self._now_s = clock, now_s
        self._flows: OrderedDict[str, _Flow] = OrderedDict()
        self._known: tuple[float, dict[str, Any]] | None = None

    async def start(self, redirect: str, address: str = "") -> tuple[str, str]:
        """Give the address to send somebody to, and what their browser must bring back in a cookie.

        ``address``: from where they ask. Raises `NotKnown` where the provider does not answer as it should.
        """
        known = await self._metadata()
        state, browser = new_secret(), new_secret()
        now_s, nonce = self._clock(), new_secret()
        flow = _Flow(hashed(browser), nonce, secrets.token_urlsafe(48), redirect, now_s, address)
        self._keep(state, flow)
        asked = {
            "response_type": "code",
            "client_id": self._params.client_id,
            "redirect_uri": redirect,
            "scope": self._params.scope,
            "state": state,
            "nonce": flow.nonce,
            "code_challenge": _challenge(flow.verifier),
            "code_challenge_method": "S256",
        }
        there = known["authorization_endpoint"]
        return f"{there}{'&' if urlsplit(there).query else '?'}{urlencode(asked)}", browser

    def _keep(self, state: str, flow: _Flow) -> None:
        same_address = [key for key, one in self._flows.items() if one.address == flow.address]
        if len(same_address) >= _MOST_OF_ONE:
            del self._flows[same_address[0]]
        self._flows[state] = flow
        while len(self._flows) > _MOST_FLOWS:
            self._flows.popitem(last=False)

    async def back(self, answer: Mapping[str, str], browser: str | None) -> Viewer:
        """Give who came back. Raises `NotKnown` that says what is wrong with the answer."""
        flow = self._flows.pop(answer.get("state", ""), None)
        if flow is None or self._clock() - flow.began_s > FLOW_S:
            raise NotKnown("nobody was sent there, or too long ago")
        if browser is None or not same(hashed(browser), flow.browser):
            raise NotKnown("another browser was sent there")
        if answer.get("iss", self._params.issuer) != self._params.issuer:
            raise NotKnown("the answer is of another issuer")
        if "code" not in answer:
            raise NotKnown(f"refused there: {answer.get('error', 'no code')[:100]}")
        return self._viewer(await self._claims(flow, answer["code"]))

    # --- what is asked of the provider ---------------------------------------------------------

    async def _metadata(self) -> dict[str, Any]:
        if self._known is not None and self._clock() - self._known[0] < _KNOWN_S:
            return self._known[1]
        found = await _json("GET", f"{self._params.issuer.rstrip('/')}/.well-known/openid-configuration")
        if found.get("issuer") != self._params.issuer:
            raise NotKnown("its configuration names another issuer")
        for name in ("authorization_endpoint", "token_endpoint", "jwks_uri"):
            if not _is_safe(str(found.get(name, "")), self._params.issuer):
                raise NotKnown(f"its configuration has no {name} by https")
        self._known = (self._clock(), found)
        return found

    async def _claims(self, flow: _Flow, code: str) -> Mapping[str, Any]:
        known = await self._metadata()
        asked = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": flow.redirect,
            "code_verifier": flow.verifier,
        }
        methods = known.get("token_endpoint_auth_methods_supported", ["client_secret_basic"])
        client, secret = self._params.client_id, self._params.secret()
        if "client_secret_basic" in methods:
            found = await _json("POST", known["token_endpoint"], data=asked, auth=(client, secret))
        else:
            both = {**asked, "client_id": client, "client_secret": secret}
            found = await _json("POST", known["token_endpoint"], data=both)
        token = found.get("id_token")
        if not isinstance(token, str):
            raise NotKnown("it gave no id_token")
        keys = await _json("GET", known["jwks_uri"])
        return self._checked(token, keys, flow.nonce)

    def _checked(self, token: str, keys: Mapping[str, Any], nonce: str) -> Mapping[str, Any]:
        """Check an id_token as OpenID Connect Core, 3.1.3.7, says."""
        from joserfc import jwt
        from joserfc.errors import JoseError
        from joserfc.jwk import KeySet

        try:
            signed = jwt.decode(token, KeySet.import_key_set(_signing(keys)), algorithms=ALGORITHMS)
            jwt.JWTClaimsRegistry(
                now=int(self._now_s()),
                leeway=_LEEWAY_S,
                iss={"essential": True, "value": self._params.issuer},
                aud={"essential": True, "value": self._params.client_id},
                exp={"essential": True},
                iat={"essential": True},
                sub={"essential": True},
                nonce={"essential": True, "value": nonce},
            ).validate(signed.claims)
        except (JoseError, ValueError, KeyError, TypeError) as fault:
            raise NotKnown(f"its id_token cannot be believed ({type(fault).__name__})") from fault
        claims: Mapping[str, Any] = signed.claims
        several = isinstance(claims["aud"], list) and len(claims["aud"]) > 1
        if claims.get("azp", None if several else self._params.client_id) != self._params.client_id:
            raise NotKnown("its id_token is for another service")
        return claims

    # --- what its word means here --------------------------------------------------------------

    def _viewer(self, claims: Mapping[str, Any]) -> Viewer:
        name = _claim(claims, self._params.name_claim)
        known = str(name if isinstance(name, str) and name.strip() else claims["sub"])
        role = self._role(_texts(_claim(claims, self._params.role_claim)))
        if role is None:
            raise NotKnown(f"{known[:100]} has no role here")
        return Viewer(f"{self.name}:{_printable(known)}", role, self._organisation(claims))

    def _role(self, values: frozenset[str]) -> str | None:
        """Give the highest role that any of the values makes."""
        for role in ("admin", "operator", "viewer"):
            wanted = self._params.roles.get(role, ())
            if "*" in wanted or values & set(wanted):
                return role
        return None

    def _organisation(self, claims: Mapping[str, Any]) -> str | None:
        """Give the organisation: who is of none that is told is not let in as one of the house."""
        if self._params.organisation_claim is None:
            return None
        found = _claim(claims, self._params.organisation_claim)
        if not isinstance(found, str) or not found.strip():
            raise NotKnown("its id_token does not say of which organisation")
        try:
            name = organisation_of(found)
        except ValueError as fault:
            raise NotKnown(str(fault)) from fault
        return None if name in self._params.house else name


def _challenge(verifier: str) -> str:
    from authlib.oauth2.rfc7636 import create_s256_code_challenge  # type: ignore[import-untyped]

    return str(create_s256_code_challenge(verifier))


async def _json(method: str, address: str, **more: Any) -> dict[str, Any]:
    """Ask the provider; what it says is an object, or it is not known."""
    try:
        async with httpx.AsyncClient(timeout=_ANSWER_S, follow_redirects=False) as client:
            answer = await client.request(method, address, headers={"Accept": "application/json"}, **more)
        found = answer.json()
    except (httpx.HTTPError, httpx.InvalidURL, ValueError) as fault:
        raise NotKnown(f"it does not answer as it should ({type(fault).__name__})") from fault
    if answer.status_code != 200 or not isinstance(found, dict):
        raise NotKnown(f"it answers {answer.status_code}")
    return found


def _is_safe(address: str, issuer: str) -> bool:
    """Whether nobody can listen on the way: https, or as near as an issuer on this machine."""
    parts = urlsplit(address)
    return bool(parts.hostname) and parts.scheme in ("https", urlsplit(issuer).scheme)


def _signing(keys: Mapping[str, Any]) -> Any:
    """Give those of a provider's keys that may have signed: others may be of kinds that we do not know."""
    several = keys.get("keys")
    found = [one for one in several if isinstance(one, dict)] if isinstance(several, list) else []
    kinds = ("RSA", "EC", "OKP")
    return {"keys": [one for one in found if one.get("kty") in kinds and one.get("use", "sig") == "sig"]}


def _claim(claims: Mapping[str, Any], path: str) -> Any:
    """Give a claim by its name, or one inside of others by names with dots."""
    if path in claims:
        return claims[path]
    found: Any = claims
    for name in path.split("."):
        found = found.get(name) if isinstance(found, Mapping) else None
    return found


def _texts(value: Any) -> frozenset[str]:
    several = value if isinstance(value, list) else [value]
    return frozenset(one for one in several if isinstance(one, str))


def _printable(name: str) -> str:
    return "".join(c for c in name if c.isprintable())[:100]
