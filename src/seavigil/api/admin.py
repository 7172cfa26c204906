"""Signing in, users, tokens, the audit trail, and what the service runs with."""

from __future__ import annotations

from typing import Annotated, Any, cast

from fastapi import APIRouter, Depends, HTTPException, Query, Request, Response
from pydantic import BaseModel

from seavigil.api.context import Context, requires, requires_house
from seavigil.api.desk import KEPT_NOWHERE
from seavigil.api.documented import EVERYWHERE
from seavigil.api.problems import refuse_unknown
from seavigil.api.sessions import session_routes
from seavigil.api.tokens import token_routes
from seavigil.api.users import user_routes
from seavigil.records import parse_time_us, rfc3339
from seavigil.runners.credentials import compared
from seavigil.sharing import Viewer
from seavigil.store.trail import Entry


class EntryTold(BaseModel):
    """One thing that somebody did, or tried."""

    number: int
    at: str
    who: str
    role: str | None
    organisation: str | None
    what: str
    about: str | None
    outcome: str
    address: str | None
    detail: dict[str, Any]


class EntriesTold(BaseModel):
    """A page of the trail, the newest first; ``next`` goes on, null at the end."""

    entries: list[EntryTold]
    next: int | None


def admin_routes(context: Context) -> APIRouter:
    """Give the routes about people and what they do."""
    routes = APIRouter()
    for some in (session_routes, token_routes, user_routes, _trail_routes, _settings_routes):
        routes.include_router(some(context))
    return routes


def _trail_routes(context: Context) -> APIRouter:
    routes = APIRouter(dependencies=[Depends(refuse_unknown)])

    @routes.get(
        "/api/audit",
        summary="Who did what; of operators what they did",
        responses={**EVERYWHERE, 400: {"description": "`since` is no time"}},
    )
    def audit(
        response: Response,
        viewer: Annotated[Viewer, Depends(requires("operator"))],
        since: Annotated[str | None, Query(description="From this time on (RFC 3339).")] = None,
        who: Annotated[str | None, Query(max_length=300, description="Only by this one.")] = None,
        limit: Annotated[int, Query(ge=1, le=1000)] = 100,
        after: Annotated[int | None, Query(ge=0, le=2**62, description="`next` of the page before.")] = None,
    ) -> EntriesTold:
        response.headers.update(KEPT_NOWHERE)
        found = context.store.trail.entries(
            since_us=None if since is None else parse_time_us(since),
            who=_asked_of(viewer, who),
            organisation=viewer.organisation,
            after=after,
            limit=limit + 1,
        )
        more = len(found) > limit
        told = [_told(number, entry) for number, entry in found[:limit]]
        return EntriesTold(entries=told, next=told[-1].number if more else None)

    return routes


def _asked_of(viewer: Viewer, who: str | None) -> str | None:
    """Give whose deeds are asked for: an operator may ask for the own alone."""
    if viewer.can("admin"):
        return who
    if who is not None and compared(who) != compared(viewer.name):
        raise HTTPException(403, "this takes the role admin; ask for your own, without who")
    return viewer.name


def _told(number: int, entry: Entry) -> EntryTold:
    return EntryTold(
        number=number,
        at=cast("str", rfc3339(entry.at_us)),
        **{name: getattr(entry, name) for name in ("who", "role", "organisation", "what", "about")},
        outcome=entry.outcome,
        address=entry.address,
        detail=dict(entry.detail),
    )


def _settings_routes(context: Context) -> APIRouter:
    routes = APIRouter()

    @routes.get(
        "/api/settings",
        summary="What the service runs with; secrets are never shown",
        dependencies=[Depends(requires_house("admin"))],
        responses=EVERYWHERE,
    )
    def settings(request: Request, response: Response) -> dict[str, Any]:
        response.headers.update(KEPT_NOWHERE)
        context.audit(request, "settings", outcome="read")
        return {"settings": context.settings, "recording": context.service.recording}

    return routes
