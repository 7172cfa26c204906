"""Users: an admin of the house looks after all, one of an organisation after its own."""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated, cast

from fastapi import APIRouter, Body, Depends, HTTPException, Request, Response
from pydantic import BaseModel, ConfigDict, Field

from seavigil.api.context import Context, requires
from seavigil.api.documented import CHANGES, EVERYWHERE
from seavigil.api.identity import Identity
from seavigil.records import rfc3339
from seavigil.runners.credentials import Passwords, compared, organisation_of
from seavigil.sharing import ROLES, Viewer
from seavigil.store.people import User

Admin = Annotated[Viewer, Depends(requires("admin"))]
_Password = Annotated[str, Field(min_length=1, max_length=10_000)]
_Role = Annotated[str, Field(max_length=20, description=f"One of {', '.join(ROLES)}.")]
_Organisation = Annotated[str | None, Field(max_length=200, description="null: of the house itself.")]


class NewUser(BaseModel):
    """A user to be added."""

    model_config = ConfigDict(extra="forbid", hide_input_in_errors=True)

    name: Annotated[str, Field(min_length=1, max_length=200)]
    password: _Password
    role: _Role = "viewer"
    organisation: _Organisation = None


class Change(BaseModel):
    """What shall be another of a user; what is not given stays."""

    model_config = ConfigDict(extra="forbid", hide_input_in_errors=True)

    password: _Password | None = None
    role: _Role | None = None
    organisation: _Organisation = None


class UserTold(BaseModel):
    """A user."""

    name: str
    role: str
    organisation: str | None
    created_at: str
    changed_at: str


class UsersTold(BaseModel):
    """Users by name."""

    users: list[UserTold]


def user_routes(context: Context) -> APIRouter:
    """Give the routes about users."""
    routes = APIRouter()
    people, passwords = context.store.people, context.access.passwords

    @routes.get("/api/users", summary="Users that one looks after", responses=EVERYWHERE)
    def users(response: Response, viewer: Admin) -> UsersTold:
        response.headers["Cache-Control"] = "no-store"
        return UsersTold(users=[_told(user) for user in people.users() if _may(viewer, user)])

    @routes.post("/api/users", status_code=201, summary="Add a user", responses=CHANGES)
    def add(request: Request, viewer: Admin, asked: Annotated[NewUser, Body()]) -> UserTold:
        if people.user(compared(asked.name)) is not None:
            raise HTTPException(409, f"there is a user {asked.name!r} already")
        user = passwords.make_user(
            asked.name,
            asked.role,
            asked.password,
            now_us=context.access.now_us(),
            organisation=_organisation(viewer, asked.organisation),
        )
        context.audit(
            request, "user", user.name, "added", role=user.role, organisation_given=user.organisation
        )
        if not people.add_user(user):
            raise HTTPException(409, f"there is a user {asked.name!r} already")
        return _told(user)

    @routes.patch("/api/users/{name}", summary="Change a user, whose sessions end", responses=CHANGES)
    def change(request: Request, viewer: Admin, name: str, asked: Annotated[Change, Body()]) -> UserTold:
        before = _found(context, viewer, name)
        if cast("Identity", request.state.identity).owner == before.name and _is_less(before, asked):
            raise HTTPException(409, "nobody takes away their own role; another admin has to do it")
        after = _changed(passwords, viewer, before, asked, context.access.now_us())
        given = sorted(asked.model_fields_set)
        context.audit(request, "user", before.name, "changed", fields=given, role_given=asked.role)
        if not people.change_user(before, after):
            raise HTTPException(409, "somebody changed this user meanwhile: look again")
        return _told(after)

    @routes.delete("/api/users/{name}", status_code=204, summary="Take a user away", responses=CHANGES)
    def remove(request: Request, viewer: Admin, name: str) -> Response:
        user = _found(context, viewer, name)
        if cast("Identity", request.state.identity).owner == user.name:
            raise HTTPException(409, "nobody takes themselves away")
        context.audit(request, "user", user.name, "removed")
        people.remove_user(user.name, context.access.now_us())
        return Response(status_code=204)

    return routes


def _found(context: Context, viewer: Viewer, name: str) -> User:
    user = context.store.people.user(compared(name))
    if user is None or not _may(viewer, user):
        raise HTTPException(404, f"there is no user {name[:100]!r}")
    return user


def _may(viewer: Viewer, user: User) -> bool:
    return viewer.organisation in (None, user.organisation)


def _is_less(user: User, asked: Change) -> bool:
    """Tell whether a change would take away what an admin may do."""
    moved = (
        "organisation" in asked.model_fields_set and organisation_of(asked.organisation) != user.organisation
    )
    return moved or asked.role not in (None, user.role)


def _organisation(viewer: Viewer, asked: str | None) -> str | None:
    """Give the organisation of a user: an organisation's admin adds its own people alone."""
    if viewer.organisation is None:
        return organisation_of(asked)
    if asked not in (None, viewer.organisation):
        raise HTTPException(403, f"you look after people of {viewer.organisation} alone")
    return viewer.organisation


def _changed(passwords: Passwords, viewer: Viewer, user: User, asked: Change, now_us: int) -> User:
    if asked.role is not None and asked.role not in ROLES:
        raise ValueError(f"role {asked.role[:20]!r}: there are {', '.join(ROLES)}")
    moved = "organisation" in asked.model_fields_set
    found = replace(
        user,
        role=asked.role or user.role,
        organisation=_organisation(viewer, asked.organisation) if moved else user.organisation,
        changed_us=now_us,
    )
    return found if asked.password is None else passwords.changed(found, asked.password, now_us)


def _told(user: User) -> UserTold:
    return UserTold(
        name=user.shown,
        role=user.role,
        organisation=user.organisation,
        created_at=cast("str", rfc3339(user.created_us)),
        changed_at=cast("str", rfc3339(user.changed_us)),
    )
