"""Alerts, their lives, what operators ask of them, and outage notices."""

from __future__ import annotations

import re
from collections.abc import Mapping
from enum import StrEnum
from typing import Annotated, Any

from fastapi import APIRouter, Body, Depends, HTTPException, Query
from fastapi.responses import FileResponse
from pydantic import BaseModel, ConfigDict, Field

from seavigil.api.context import Context
from seavigil.api.problems import refuse_unknown
from seavigil.api.view import ServiceView
from seavigil.records import parse_time_us
from seavigil.runners.told import outside
from seavigil.store.database import Database

_FILE = re.compile(r"[0-9A-Za-z][0-9A-Za-z._-]{0,200}\.xml")


class Status(StrEnum):
    """The statuses of an alert."""

    CANDIDATE = "candidate"
    OPEN = "open"
    ACKNOWLEDGED = "acknowledged"
    ESCALATED = "escalated"
    CLOSED = "closed"
    RETRACTED = "retracted"


class Priority(StrEnum):
    """The priorities of an alert."""

    INFO = "info"
    ADVISORY = "advisory"
    WARNING = "warning"
    URGENT = "urgent"


class What(StrEnum):
    """What an operator may ask of an alert."""

    ACKNOWLEDGE = "acknowledge"
    ESCALATE = "escalate"
    CLOSE = "close"
    RETRACT = "retract"
    REOPEN = "reopen"
    NOTE = "note"


class Asked(BaseModel):
    """Who asks, why, and what else belongs to it (of ``close``: ``{"outcome": "harmless"}``)."""

    model_config = ConfigDict(extra="forbid")

    who: Annotated[str, Field(min_length=1, max_length=200)]
    why: Annotated[str, Field(max_length=4_000)] = ""
    arguments: Mapping[str, Any] = {}
    command_id: Annotated[
        str | None,
        Field(pattern=r"^[0-9A-Za-z._-]{1,64}$", description="Sent again, it is not done twice."),
    ] = None


class Notice(BaseModel):
    """An outage notice, by the names of docs/howto/faults.md."""

    model_config = ConfigDict(extra="allow")


def alert_routes(context: Context) -> APIRouter:
    """Give the routes about alerts."""
    service, store = context.service, context.store
    routes = APIRouter()
    for some in (_read_routes(store), _ask_routes(service, store), _cap_routes(service)):
        routes.include_router(some)
    return routes


def _read_routes(store: Database) -> APIRouter:
    routes = APIRouter(dependencies=[Depends(refuse_unknown)])

    @routes.get("/api/alerts", summary="Alerts, those first that stood last")
    def alerts(
        status: Annotated[list[Status] | None, Query(description="Any of these; may be given again.")] = None,
        priority: Annotated[list[Priority] | None, Query(description="Any of these.")] = None,
        behaviour: Annotated[list[str] | None, Query(description="Any of these.")] = None,
        asset: Annotated[str | None, Query(description="About this asset (id).")] = None,
        mmsi: Annotated[int | None, Query(ge=0, le=999_999_999, description="About this ship.")] = None,
        since: Annotated[str | None, Query(description="Revised at this time or later.")] = None,
        until: Annotated[str | None, Query(description="First stood before this time.")] = None,
        limit: Annotated[int, Query(ge=1, le=500)] = 100,
        after: Annotated[str | None, Query(description="`next` of the page before.")] = None,
    ) -> dict[str, Any]:
        found = store.alerts(
            states=_texts(status),
            priorities=_texts(priority),
            behaviours=behaviour,
            asset=asset,
            mmsi=mmsi,
            since_us=None if since is None else parse_time_us(since),
            until_us=None if until is None else parse_time_us(until),
            limit=limit + 1,
            after=after,
        )
        more = len(found) > limit
        return {"alerts": found[:limit], "next": found[limit - 1]["alert_id"] if more else None}

    @routes.get("/api/alerts/{alert_id}", summary="One alert with its revisions and transitions")
    def alert(alert_id: str) -> dict[str, Any]:
        found = store.alert(alert_id)
        if found is None:
            raise HTTPException(404, f"no alert {alert_id!r}")
        transitions = [outside(row) for row in store.transitions(alert_id)]
        return {"alert": found, "revisions": store.revisions(alert_id), "transitions": transitions}

    return routes


def _ask_routes(service: ServiceView, store: Database) -> APIRouter:
    routes = APIRouter()

    @routes.post("/api/alerts/{alert_id}/{what}", status_code=202, summary="Ask something of an alert")
    def ask(alert_id: str, what: What, asked: Annotated[Asked, Body()]) -> dict[str, Any]:
        if store.alert(alert_id) is None:
            raise HTTPException(404, f"no alert {alert_id!r}")
        told = {"kind": what.value, "alert_id": alert_id, **asked.model_dump(exclude_none=True)}
        command_id = store.submit(told)
        return {"command_id": command_id, "state": "waiting", "see": f"/api/commands/{command_id}"}

    @routes.get("/api/commands/{command_id}", summary="What became of what an operator asked")
    def command(command_id: str) -> dict[str, Any]:
        found = store.command(command_id)
        if found is None:
            raise HTTPException(404, f"no command {command_id!r}")
        return outside(found)

    @routes.post("/api/faults", status_code=202, summary="Tell of an outage")
    async def fault(told: Annotated[Notice, Body()]) -> dict[str, Any]:
        found = await service.notice(told.model_dump())
        return {"fault_id": found.fault_id}

    return routes


def _cap_routes(service: ServiceView) -> APIRouter:
    routes = APIRouter()

    @routes.get("/cap/feed.atom", summary="CAP 1.2 alerts as an Atom feed", response_class=FileResponse)
    def cap_feed() -> FileResponse:
        return _file(service, "feed.atom", "application/atom+xml")

    @routes.get("/cap/messages/{name}", summary="One CAP 1.2 message", response_class=FileResponse)
    def cap_message(name: str) -> FileResponse:
        if _FILE.fullmatch(name) is None:
            raise HTTPException(404, f"no message {name!r}")
        return _file(service, f"messages/{name}", "application/cap+xml")

    return routes


def _file(service: ServiceView, name: str, media_type: str) -> FileResponse:
    path = service.folder / "cap" / name
    if not path.is_file():
        raise HTTPException(404, "there is no such file; is a channel of kind cap configured?")
    return FileResponse(path, media_type=media_type)


def _texts(values: list[Any] | None) -> list[str] | None:
    return None if values is None else [str(value) for value in values]
