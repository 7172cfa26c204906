"""A house with people: users, tokens and a clock that stands where it is put."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from argon2 import PasswordHasher
from fastapi import FastAPI
from httpx import ASGITransport, AsyncClient, Response

from seavigil.api import Access, Context, make_app
from seavigil.api.access import AccessParams
from seavigil.api.view import ServiceView
from seavigil.runners.credentials import Passwords, make_token
from seavigil.store.database import Database
from tests.runners.statuses import NOW_US

HERE = "http://127.0.0.1:8640"
PASSWORD = "a long enough one"
#: As weak as argon2 takes: these tests are not about strength.
QUICK = Passwords(PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))


@dataclass
class Clock:
    """A clock that stands still until it is told to go on."""

    at_s: float = 0.0

    def now_us(self) -> int:
        """Give the time of the statuses, and what has gone by since."""
        return NOW_US + round(self.at_s * 1_000_000)

    def __call__(self) -> float:
        return 1_000.0 + self.at_s


@dataclass
class Browser:
    """Somebody's browser: it keeps cookies, and sends what it is told beside."""

    app: FastAPI
    headers: dict[str, str] = field(default_factory=dict)
    cookies: dict[str, str] = field(default_factory=dict)
    base: str = HERE
    client: tuple[str, int] = ("127.0.0.1", 5000)

    def request(self, method: str, path: str, **more: Any) -> Response:
        """Ask, and give the answer."""
        sent = {**self.headers, **more.pop("headers", {})}
        if self.cookies:
            sent.setdefault("Cookie", "; ".join(f"{name}={value}" for name, value in self.cookies.items()))

        async def ask() -> Response:
            transport = ASGITransport(self.app, raise_app_exceptions=False, client=self.client)
            async with AsyncClient(transport=transport, base_url=self.base) as client:
                return await client.request(method, path, headers=sent, **more)

        answer = asyncio.run(ask())
        for name, value in answer.cookies.items():
            self.cookies[name] = value
        if 'seavigil_session=""' in answer.headers.get("set-cookie", ""):
            self.cookies.pop("seavigil_session", None)
        return answer

    def get(self, path: str, **more: Any) -> Response:
        """Ask for something."""
        return self.request("GET", path, **more)

    def send(self, method: str, path: str, body: Any = None, **more: Any) -> Response:
        """Send something."""
        return self.request(method, path, json={} if body is None else body, **more)

    def sign_in(self, user: str, password: str = PASSWORD) -> Response:
        """Sign in with a password, and send from now on what pages send with each change."""
        answer = self.send("POST", "/api/session", {"user": user, "password": password})
        if answer.status_code == 200:
            self.headers["X-CSRF-Token"] = answer.json()["csrf"]
        return answer


@dataclass
class House:
    """A watch that takes people who are known."""

    service: ServiceView
    store: Database
    clock: Clock = field(default_factory=Clock)
    params: AccessParams = field(default_factory=lambda: AccessParams(required=True))
    settings: Mapping[str, Any] = field(default_factory=dict)
    passwords: Passwords = QUICK

    def __post_init__(self) -> None:
        access = Access(self.params, self.passwords, now_us=self.clock.now_us, clock=self.clock)
        self.context = Context(self.service, self.store, access, self.settings)
        self.app = make_app(self.context)

    def user(self, name: str, role: str = "viewer", organisation: str | None = None) -> None:
        """Add a user with the usual password."""
        user = QUICK.make_user(name, role, PASSWORD, now_us=NOW_US, organisation=organisation)
        self.store.people.put_user(user)

    def token(self, role: str = "viewer", organisation: str | None = None, **more: Any) -> str:
        """Make a token and give its text."""
        name = more.pop("name", f"{role} of {organisation or 'ours'}".replace("'", ""))
        given = {"made_by": "test", "now_us": self.clock.now_us(), "organisation": organisation, **more}
        text, token = make_token(name, role, **given)
        self.store.people.add_token(token)
        return text

    def browser(self, token: str | None = None, **more: Any) -> Browser:
        """Give a browser, which sends a token if one is given."""
        headers = {} if token is None else {"Authorization": f"Bearer {token}"}
        return Browser(self.app, headers, **more)
