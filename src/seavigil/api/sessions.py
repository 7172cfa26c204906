"""Signing in and out: a session that the service keeps, known by a cookie that no script can read."""

from __future__ import annotations

from typing import Annotated, cast

from fastapi import APIRouter, Body, Request
from fastapi.responses import Response

from seavigil.api.context import Context
from seavigil.api.desk import KEPT_NOWHERE, Desk, NewPassword, SignIn, Told, told_of
from seavigil.api.documented import CHANGES
from seavigil.api.identity import COOKIE, Identity
from seavigil.api.oidc_routes import oidc_routes


def session_routes(context: Context) -> APIRouter:
    """Give the routes about signing in and out."""
    routes = APIRouter()
    desk = Desk(context)

    routes.include_router(oidc_routes(context, desk))

    @routes.get("/api/session", summary="Who is signed in, and how to sign in")
    def session(request: Request, response: Response) -> Told:
        response.headers.update(KEPT_NOWHERE)
        return told_of(context, request.state.identity)

    @routes.post("/api/session", summary="Sign in", response_model=Told, responses=CHANGES)
    async def sign_in(request: Request, asked: Annotated[SignIn, Body()]) -> Response:
        return await desk.sign_in(request, asked)

    @routes.patch("/api/session", summary="Change one's password", response_model=Told, responses=CHANGES)
    async def change(request: Request, asked: Annotated[NewPassword, Body()]) -> Response:
        return await desk.change(request, asked)

    @routes.delete("/api/session", status_code=204, summary="Sign out", responses=CHANGES)
    def sign_out(request: Request) -> Response:
        identity = cast("Identity | None", request.state.identity)
        if identity is not None and identity.session is not None:
            context.store.people.end(identity.session)
            context.audit(request, "sign out")
        answer = Response(status_code=204, headers=KEPT_NOWHERE)
        answer.delete_cookie(COOKIE, path="/", httponly=True, samesite="strict")
        return answer

    return routes
