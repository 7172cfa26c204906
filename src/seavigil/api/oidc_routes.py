"""Going to another house to sign in, and coming back."""

from __future__ import annotations

from urllib.parse import quote, urlencode

from anyio.to_thread import run_sync
from fastapi import APIRouter, HTTPException, Request
from fastapi.responses import RedirectResponse

from seavigil.api.context import Context
from seavigil.api.desk import Desk
from seavigil.api.documented import EVERYWHERE
from seavigil.api.oidc import FLOW_S, NotKnown, Provider
from seavigil.api.throttle import behind

#: What the browser brings back: nobody else can end what it began. It comes back from another site, so a
#: strict cookie would not be sent.
_COOKIE, _PATH = "seavigil_oidc", "/api/oidc"
_ANSWERS = {**EVERYWHERE, 303: {"description": "to the other house, or back to the page"}}


def oidc_routes(context: Context, desk: Desk) -> APIRouter:
    """Give the routes to other houses and back; ``desk`` begins the session."""
    routes = APIRouter()

    @routes.get("/api/oidc/{name}/start", status_code=303, summary="To another house", responses=_ANSWERS)
    async def start(request: Request, name: str) -> RedirectResponse:
        provider = _provider(context, name)
        try:
            address, browser = await provider.start(_back(request, name), _address(request))
        except NotKnown as fault:
            return await _failed(context, request, name, fault)
        answer = _to(address)
        answer.set_cookie(
            _COOKIE,
            browser,
            int(FLOW_S),
            path=_PATH,
            httponly=True,
            samesite="lax",
            secure=desk.secure(request),
        )
        return answer

    @routes.get("/api/oidc/{name}/back", status_code=303, summary="And back from there", responses=_ANSWERS)
    async def back(request: Request, name: str) -> RedirectResponse:
        provider = _provider(context, name)
        try:
            viewer = await provider.back(request.query_params, request.cookies.get(_COOKIE))
        except (NotKnown, ValueError) as fault:
            return await _failed(context, request, name, fault)
        id_, _ = await run_sync(desk.begin, request, viewer, f"oidc {name}")
        answer = _to("/")
        desk.with_cookie(answer, request, id_)
        answer.delete_cookie(_COOKIE, path=_PATH)
        return answer

    return routes


def _provider(context: Context, name: str) -> Provider:
    found = context.access.providers.get(name)
    if found is None:
        raise HTTPException(404, "no such house is known here")
    return found


def _back(request: Request, name: str) -> str:
    return f"{request.url.scheme}://{request.headers['host']}{_PATH}/{quote(name)}/back"


async def _failed(context: Context, request: Request, name: str, fault: Exception) -> RedirectResponse:
    """Send somebody back to the page; why stands in the trail, not in what may be made up in an address."""
    method = f"oidc {name}"
    await run_sync(_note, context, request, method, str(fault))
    return _to(f"/#/signin?{urlencode({'failed': name})}")


def _note(context: Context, request: Request, method: str, why: str) -> None:
    context.refused(request, "unknown", "sign in", method=method, why=why)


def _address(request: Request) -> str:
    return behind(request.client.host if request.client is not None else "")


def _to(address: str) -> RedirectResponse:
    return RedirectResponse(address, 303, headers={"Cache-Control": "no-store"})
