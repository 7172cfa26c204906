"""Tokens: an admin's for programs, anybody's for the own; shown once, when they are made."""

from __future__ import annotations

from typing import Annotated, cast

from fastapi import APIRouter, Body, HTTPException, Request, Response
from pydantic import BaseModel, ConfigDict, Field

from seavigil.api.context import Context
from seavigil.api.documented import CHANGES, EVERYWHERE
from seavigil.api.identity import Identity
from seavigil.records import rfc3339
from seavigil.runners.credentials import MOST_TOKEN_DAYS, TOKEN_DAYS, make_token
from seavigil.store.people import Token


class Wanted(BaseModel):
    """A token to be made. ``own``: it is the own, can do no more than its owner, and ends with the owner."""

    model_config = ConfigDict(extra="forbid")

    name: Annotated[str, Field(min_length=1, max_length=200)]
    role: Annotated[str, Field(max_length=20)] = "viewer"
    organisation: Annotated[str | None, Field(max_length=200)] = None
    days: Annotated[int | None, Field(ge=1, le=MOST_TOKEN_DAYS, description="null: for good.")] = TOKEN_DAYS
    own: bool = False


class TokenTold(BaseModel):
    """A token without its text. ``id``: the first eight hex digits of its SHA-256."""

    id: str
    name: str
    role: str
    organisation: str | None
    owner: str | None
    made_by: str
    created_at: str
    expires_at: str | None
    last_used_at: str | None = Field(description="To the day.")
    revoked_at: str | None
    state: str = Field(description="`valid`, `expired` or `revoked`.")


class NewToken(TokenTold):
    """A new token with its text, which is never shown again."""

    token: str


class TokensTold(BaseModel):
    """Tokens in the order in which they were made."""

    tokens: list[TokenTold]


def token_routes(context: Context) -> APIRouter:
    """Give the routes about tokens."""
    routes = APIRouter()
    people = context.store.people

    @routes.get("/api/tokens", summary="The own tokens; an admin's are all", responses=EVERYWHERE)
    def tokens(request: Request, response: Response) -> TokensTold:
        response.headers["Cache-Control"] = "no-store"
        identity, now_us = _who(request), context.access.now_us()
        return TokensTold(tokens=[_told(t, now_us) for t in people.tokens() if _may(identity, t)])

    @routes.post("/api/tokens", status_code=201, summary="Make a token", responses=CHANGES)
    def make(request: Request, response: Response, asked: Annotated[Wanted, Body()]) -> NewToken:
        response.headers["Cache-Control"] = "no-store"
        now_us = context.access.now_us()
        text, token = _made(_who(request), asked, now_us)
        if any(_same(one, token) and _state(one, now_us) == "valid" for one in people.tokens()):
            raise HTTPException(409, f"there is a token {token.name!r} already")
        context.audit(
            request, "token", token.token_id, "made", name=token.name, role=token.role, days=asked.days
        )
        people.add_token(token)
        return NewToken(**_told(token, now_us).model_dump(), token=text)

    @routes.delete("/api/tokens/{token_id}", status_code=204, summary="Revoke a token", responses=CHANGES)
    def revoke(request: Request, token_id: str) -> Response:
        token = people.token_of_id(token_id)
        if token is None or not _may(_who(request), token):
            raise HTTPException(404, "there is no such token")
        context.audit(request, "token", token.token_id, "revoked", name=token.name)
        people.revoke(token.token_id, context.access.now_us())
        return Response(status_code=204)

    return routes


def _who(request: Request) -> Identity:
    return cast("Identity", request.state.identity)


def _may(identity: Identity, token: Token) -> bool:
    """Tell whether a token is one's own, or of those one looks after."""
    viewer = identity.viewer
    if viewer.can("admin") and viewer.organisation in (None, token.organisation):
        return True
    return identity.owner is not None and token.owner == identity.owner


def _made(identity: Identity, asked: Wanted, now_us: int) -> tuple[str, Token]:
    """Make what is asked for. Raises ``HTTPException`` 403 for more than one may give, ``ValueError``."""
    viewer = identity.viewer
    if not viewer.can(asked.role):
        raise HTTPException(403, f"a token can do no more than who makes it: {viewer.role}")
    own = asked.own or not viewer.can("admin")
    if own and (identity.owner is None or identity.method != "session"):
        raise HTTPException(403, "sign in with user and password to make a token of your own")
    if viewer.organisation is not None and asked.organisation not in (None, viewer.organisation):
        raise HTTPException(403, f"you give tokens of {viewer.organisation} alone")
    return make_token(
        asked.name,
        asked.role,
        made_by=viewer.name,
        now_us=now_us,
        organisation=viewer.organisation if own or viewer.organisation is not None else asked.organisation,
        owner=identity.owner if own else None,
        days=asked.days,
    )


def _same(one: Token, other: Token) -> bool:
    return (one.name, one.owner) == (other.name, other.owner)


def _state(token: Token, now_us: int) -> str:
    if token.revoked_us is not None:
        return "revoked"
    return "expired" if token.expires_us is not None and token.expires_us <= now_us else "valid"


def _told(token: Token, now_us: int) -> TokenTold:
    return TokenTold(
        id=token.token_id,
        name=token.name,
        role=token.role,
        organisation=token.organisation,
        owner=token.owner,
        made_by=token.made_by,
        created_at=cast("str", rfc3339(token.created_us)),
        expires_at=rfc3339(token.expires_us),
        last_used_at=rfc3339(token.last_used_us),
        revoked_at=rfc3339(token.revoked_us),
        state=_state(token, now_us),
    )
