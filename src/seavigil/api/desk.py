"""Where people sign in: passwords, tokens and another house's word become a session."""

from __future__ import annotations

from math import ceil
from typing import Annotated, Any, cast

import anyio
from anyio.to_thread import run_sync
from fastapi import HTTPException, Request
from fastapi.responses import JSONResponse, Response
from pydantic import BaseModel, ConfigDict, Field

from seavigil import __version__
from seavigil.api.context import Context
from seavigil.api.identity import COOKIE, Identity, by_token, session_id
from seavigil.api.throttle import Keys, behind
from seavigil.records import SECOND_US
from seavigil.runners.credentials import (
    compared,
    csrf_of,
    hashed,
    is_token,
    new_secret,
)
from seavigil.sharing import Viewer
from seavigil.store.people import Session, User

#: So many passwords are hashed at a time, each with 64 MiB, and so many wait (own choice).
_AT_ONCE, _WAITING = 2, 20
#: The same for a wrong password, an unknown user and a wrong token: nobody learns which users there are.
_WRONG = "wrong user, password or token"
KEPT_NOWHERE = {"Cache-Control": "no-store"}
_Text = Annotated[str, Field(min_length=1, max_length=10_000)]


class SignIn(BaseModel):
    """Either ``user`` and ``password``, or ``token``."""

    model_config = ConfigDict(extra="forbid", hide_input_in_errors=True)

    user: _Text | None = None
    password: _Text | None = None
    token: _Text | None = None


class NewPassword(BaseModel):
    """The password as it is and as it shall be."""

    model_config = ConfigDict(extra="forbid", hide_input_in_errors=True)

    password: _Text
    new_password: _Text
    revoke_tokens: bool = Field(default=False, description="Whether the own tokens end with it.")


class Told(BaseModel):
    """Who is signed in, and how one signs in here."""

    user: str | None
    role: str | None
    organisation: str | None
    authenticated: bool
    sign_in: str = Field(description="`none`, `password` or `token`.")
    oidc: list[str] = Field(description="Other houses whose word is taken: /api/oidc/NAME/start.")
    csrf: str | None = Field(description="To be sent as X-CSRF-Token with every change.")
    method: str | None = Field(description="How: `none`, `token` or `session`.")
    own_tokens: bool = Field(description="Whether tokens of one's own can be made.")
    own_password: bool = Field(description="Whether there is a password that can be changed.")
    version: str | None
    mode: str = Field(description="`live` or `recording`.")


def told_of(context: Context, identity: Identity | None) -> Told:
    """Say who is signed in. Who is not known learns how to sign in, and nothing else."""
    access, service = context.access, context.service
    viewer = None if identity is None else identity.viewer
    with_password = access.required and bool(context.store.people.users())
    person = identity is not None and identity.method == "session" and identity.owner is not None
    return Told(
        user=None if viewer is None else viewer.name,
        role=None if viewer is None else viewer.role,
        organisation=None if viewer is None else viewer.organisation,
        authenticated=viewer is not None,
        sign_in="none" if not access.required else "password" if with_password else "token",
        oidc=list(access.providers),
        csrf=None if identity is None else identity.csrf,
        method=None if identity is None else identity.method,
        own_tokens=person or (viewer is not None and viewer.can("admin")),
        own_password=person and identity is not None and identity.token_id is None,
        version=__version__ if viewer is not None else None,
        mode="live" if service.recording is None else "recording",
    )


class Desk:
    """Where people sign in: one at a time, and after failures only after a while."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self._access = context.access
        self._passwords = context.access.passwords
        self._limiter: anyio.CapacityLimiter | None = None

    async def sign_in(self, request: Request, asked: SignIn) -> Response:
        """Begin a session. Raises ``HTTPException``: 401 for what is wrong, 429 for too many tries."""
        if not self._access.required:
            raise HTTPException(409, "nobody need sign in here")
        if (asked.token is None) == (asked.user is None or asked.password is None):
            raise HTTPException(422, "send user and password, or token")
        who = compared(asked.user) if asked.user is not None else asked.token or ""
        keys = self._keys(request, hashed(who))
        self._wait(keys)
        found = await self._found(asked)
        if found is None:
            await run_sync(self._note, request, asked.user or "token", asked)
            raise HTTPException(401, _WRONG, {"WWW-Authenticate": "Bearer"})
        self._access.throttle.succeeded(keys)
        return await run_sync(self._begin, request, found, "token" if asked.token else "password")

    async def change(self, request: Request, asked: NewPassword) -> Response:
        """Change the password of the one signed in; all other sessions end."""
        identity = cast("Identity | None", request.state.identity)
        if identity is None:
            raise HTTPException(401, "sign in first", {"WWW-Authenticate": "Bearer"})
        if identity.session is None or identity.owner is None or identity.token_id is not None:
            raise HTTPException(403, "sign in with user and password to change it")
        keys = self._keys(request, hashed(identity.owner))
        self._wait(keys)
        user = await run_sync(self._context.store.people.user, identity.owner)
        if user is None or not await self._fits(user, asked.password):
            await run_sync(self._context.audit, request, "password", identity.owner, "refused")
            raise HTTPException(403, "that is not the password")
        self._access.throttle.succeeded(keys)
        changed = await self._work(self._passwords.changed, user, asked.new_password, self._access.now_us())
        await run_sync(self._context.audit, request, "password", user.name, "changed")
        if not await run_sync(self._context.store.people.change_user, user, changed):
            await run_sync(self._context.audit, request, "password", user.name, "refused")
            raise HTTPException(409, "somebody changed this user meanwhile: sign in again")
        if asked.revoke_tokens:
            await run_sync(self._revoke, request, user.name)
        return await run_sync(self._begin, request, _identity_of(changed), "password")

    def begin(self, request: Request, viewer: Viewer, method: str) -> tuple[str, Identity]:
        """Begin a session for somebody whom another house knows; gives its id. Waits for the store."""
        return self._kept(request, Identity(viewer, "session"), method)

    def with_cookie(self, answer: Response, request: Request, id_: str) -> None:
        """Have an answer set the cookie of a session."""
        answer.set_cookie(
            COOKIE,
            id_,
            max_age=int(self._access.params.session_s),
            path="/",
            httponly=True,
            samesite="strict",
            secure=self.secure(request),
        )
        answer.headers.update(KEPT_NOWHERE)

    def secure(self, request: Request) -> bool:
        """Tell whether cookies are to go over TLS alone: they may cross a network."""
        return not self._access.params.here or request.url.scheme == "https"

    # --- within -------------------------------------------------------------------------------

    def _keys(self, request: Request, who: str) -> Keys:
        return Keys(who, behind(request.client.host if request.client else ""))

    def _wait(self, keys: Keys) -> None:
        wait_s = self._access.throttle.begin(keys)
        if wait_s > 0:
            told = f"too many tries; wait {ceil(wait_s)} s"
            raise HTTPException(429, told, {"Retry-After": str(ceil(wait_s))})

    async def _found(self, asked: SignIn) -> Identity | None:
        people = self._context.store.people
        if asked.token is not None:
            text = asked.token.strip()
            return await run_sync(by_token, self._access, people, text) if is_token(text) else None
        user = await run_sync(people.user, compared(asked.user or ""))
        if not await self._fits(user, asked.password or "") or user is None:
            return None
        newer = await self._work(self._passwords.newer, user, asked.password or "")
        if newer is not None:
            await run_sync(people.rehash, user.name, user.password, newer)
        return _identity_of(user)

    async def _fits(self, user: User | None, password: str) -> bool:
        return bool(await self._work(self._passwords.fits, user, password))

    async def _work(self, hashing: Any, *arguments: Any) -> Any:
        """Hash in a thread, few at a time: each takes much memory. 429 where too many wait already."""
        if self._limiter is None:
            self._limiter = anyio.CapacityLimiter(_AT_ONCE)
        if self._limiter.statistics().tasks_waiting >= _WAITING:
            raise HTTPException(429, "too many sign in at once", {"Retry-After": "2"})
        return await run_sync(hashing, *arguments, limiter=self._limiter)

    def _begin(self, request: Request, found: Identity, method: str) -> Response:
        id_, identity = self._kept(request, found, method)
        answer = JSONResponse(told_of(self._context, identity).model_dump())
        self.with_cookie(answer, request, id_)
        return answer

    def _kept(self, request: Request, found: Identity, method: str) -> tuple[str, Identity]:
        """Keep a new session; the one that came with the request ends, whosever it was."""
        people, now_us = self._context.store.people, self._access.now_us()
        before, id_ = session_id(request.headers), new_secret()
        if before is not None:
            people.end(hashed(before))
        viewer = found.viewer
        self._context.note(request, viewer.name, "sign in", outcome="done", viewer=viewer, method=method)
        oldest_us = now_us - round(self._access.params.idle_s * SECOND_US)
        session = Session(
            hashed(id_),
            found.owner if found.token_id is None else None,
            found.token_id,
            viewer.name,
            viewer.role,
            viewer.organisation,
            method,
            now_us,
            now_us,
        )
        people.begin(session, oldest_us)
        return id_, Identity(viewer, "session", session.owner, found.token_id, session.hash, csrf_of(id_))

    def _revoke(self, request: Request, owner: str) -> None:
        self._context.audit(request, "token", owner, "revoked", all=True)
        self._context.store.people.revoke_own(owner, self._access.now_us())

    def _note(self, request: Request, who: str, asked: SignIn) -> None:
        # what was typed for a user may be a password: only what can be a name is kept
        known = asked.user is not None and self._context.store.people.user(compared(who)) is not None
        name = who if known or asked.user is None else "unknown"
        self._context.refused(request, name, "sign in", method=_method(asked))


def _method(asked: SignIn) -> str:
    return "token" if asked.token is not None else "password"


def _identity_of(user: User) -> Identity:
    return Identity(Viewer(user.shown, user.role, user.organisation), "session", user.name)
