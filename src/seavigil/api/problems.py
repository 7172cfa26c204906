"""What goes wrong, as RFC 9457 problem details: one form for every error of the web interface."""

from __future__ import annotations

import json
from http import HTTPStatus
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import Response
from starlette.exceptions import HTTPException

from seavigil.spelling import nearest

MEDIA_TYPE = "application/problem+json"


def problem(status: int, detail: str, **more: Any) -> Response:
    """Give a problem: its title is the status' own phrase, ``detail`` says what is wrong here."""
    told = {"type": "about:blank", "title": HTTPStatus(status).phrase, "status": status, "detail": detail}
    content = json.dumps(told | more, ensure_ascii=False).encode()
    return Response(content, status, media_type=MEDIA_TYPE)


def add_problems(app: FastAPI) -> None:
    """Have every error of an app answered as a problem; what nobody foresaw tells nothing of the inside."""

    @app.exception_handler(HTTPException)
    def _http(_: Request, fault: HTTPException) -> Response:
        found = problem(fault.status_code, str(fault.detail))
        found.headers.update(fault.headers or {})
        return found

    @app.exception_handler(RequestValidationError)
    def _invalid(_: Request, fault: RequestValidationError) -> Response:
        errors = [{"where": _where(e["loc"]), "what": e["msg"]} for e in fault.errors()]
        detail = "; ".join(f"{e['where']}: {e['what']}" for e in errors)
        return problem(HTTPStatus.UNPROCESSABLE_ENTITY, detail, errors=errors)

    @app.exception_handler(ValueError)
    def _value(_: Request, fault: ValueError) -> Response:
        return problem(HTTPStatus.BAD_REQUEST, str(fault))

    @app.exception_handler(OSError)
    def _os(_: Request, fault: OSError) -> Response:
        return problem(HTTPStatus.SERVICE_UNAVAILABLE, fault.strerror or "this cannot be done now")

    @app.exception_handler(Exception)
    def _other(_: Request, __: Exception) -> Response:
        return problem(HTTPStatus.INTERNAL_SERVER_ERROR, "something went wrong; the service's log says what")


def refuse_unknown(request: Request) -> None:
    """Refuse a query with a parameter that the route does not have: left unread it would narrow nothing."""
    route = request.scope["route"]
    known = [parameter.alias for parameter in route.dependant.query_params]
    for name in request.query_params:
        if name not in known:
            raise HTTPException(400, f"there is no parameter {name[:100]!r}{nearest(name[:100], known)}")


def _where(loc: tuple[Any, ...]) -> str:
    return ".".join(str(part) for part in loc[1:]) or str(loc[0])
