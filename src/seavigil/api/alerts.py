"""Alerts, their lives, and what operators ask of them."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from enum import StrEnum
from typing import Annotated, Any

from fastapi import APIRouter, Body, Depends, HTTPException, Query, Request
from fastapi.responses import FileResponse
from pydantic import BaseModel, ConfigDict, Field

from seavigil.api.asking import MISSING, REFUSED, box_of
from seavigil.api.asset_bodies import contacts_of
from seavigil.api.context import Context, requires, requires_house, sees_of
from seavigil.api.labels import Sees
from seavigil.api.problems import refuse_unknown
from seavigil.api.sea import sea_of
from seavigil.api.silencing import silence_order, unsilence_order
from seavigil.api.view import ServiceView
from seavigil.events import Bounds
from seavigil.records import NEVER_US, parse_time_us
from seavigil.runners import alert_words
from seavigil.runners.event_rows import event_row, known_by
from seavigil.runners.sea import Sea
from seavigil.runners.told import outside
from seavigil.sharing import Viewer
from seavigil.store.database import Database
from seavigil.store.reading import Wanted

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
    SILENCE = "silence"
    UNSILENCE = "unsilence"


class Asked(BaseModel):
    """Why, and what else belongs to it: of ``close`` ``{"outcome": "harmless"}``, of ``silence``
    ``{"for_s": 3600, "of": "alert"}`` or ``"of": "like"``: the same ship, doing the same near the
    same assets.

    Whoever is signed in is the one who asks; ``who`` is for where nobody signs in.
    """

    model_config = ConfigDict(extra="forbid")

    who: Annotated[str | None, Field(min_length=1, max_length=200)] = None
    why: Annotated[str, Field(max_length=4_000)] = ""
    arguments: Mapping[str, Any] = {}
    command_id: Annotated[
        str | None,
        Field(pattern=r"^[0-9A-Za-z._-]{1,64}$", description="Sent again, it is not done twice."),
    ] = None


#: What ends an alert, or keeps others from being told: of an organisation only an owner may.
_ENDS = (What.ACKNOWLEDGE, What.CLOSE, What.RETRACT)
_At = Annotated[str | None, Query(description="As it stood at this time of the data (RFC 3339).")]
_Sees = Annotated[Sees, Depends(sees_of)]
_TheSea = Annotated[Sea, Depends(sea_of)]


def alert_routes(context: Context) -> APIRouter:
    """Give the routes about alerts."""
    routes = APIRouter()
    for some in (_read_routes(context), _ask_routes(context), _cap_routes(context.service)):
        routes.include_router(some)
    return routes


def _read_routes(context: Context) -> APIRouter:
    store, routes = context.store, APIRouter(dependencies=[Depends(refuse_unknown)])

    @routes.get("/api/alerts", summary="Alerts, those first that stood last", responses=REFUSED)
    def alerts(
        sees: _Sees,
        at: _At = None,
        status: Annotated[list[Status] | None, Query(description="Any of these; may be given again.")] = None,
        priority: Annotated[list[Priority] | None, Query(description="Any of these.")] = None,
        behaviour: Annotated[list[str] | None, Query(description="Any of these.")] = None,
        asset: Annotated[str | None, Query(description="About this asset (id).")] = None,
        mmsi: Annotated[int | None, Query(ge=0, le=999_999_999, description="About this ship.")] = None,
        since: Annotated[str | None, Query(description="Revised at this time or later.")] = None,
        until: Annotated[str | None, Query(description="First stood before this time.")] = None,
        box: Annotated[str | None, Query(description="Last placed in west,south,east,north.")] = None,
        limit: Annotated[int, Query(ge=1, le=500)] = 100,
        after: Annotated[str | None, Query(description="`next` of the page before.")] = None,
    ) -> dict[str, Any]:
        since_us, until_us, at_us = (None if t is None else parse_time_us(t) for t in (since, until, at))
        if asset is not None and not sees.asset(asset):
            return {"alerts": [], "next": None}
        wanted = Wanted(
            _texts(status), _texts(priority), behaviour, asset, mmsi, since_us, until_us, _bounds(box)
        )
        found, more = store.pages.page(wanted, limit, after, at_us=at_us, seen=sees.alert)
        return {"alerts": _listed(context, found, at_us), "next": more}

    @routes.get(
        "/api/alerts/{alert_id}",
        summary="One alert with its revisions, its transitions, and all that is said of it",
        responses=MISSING,
    )
    def alert(alert_id: str, sea: _TheSea, sees: _Sees, at: _At = None) -> dict[str, Any]:
        return _whole(context, sea, sees, alert_id, None if at is None else parse_time_us(at))

    return routes


def _seen(store: Database, sees: Sees, alert_id: str, at_us: int | None = None) -> dict[str, Any]:
    """Give an alert as this viewer may see it. Raises 404 where there is none, or none that he may see."""
    line = store.alert(alert_id) if at_us is None else store.pages.as_of(alert_id, at_us)
    told = None if line is None else sees.alert(line)
    if told is None:
        then = "" if at_us is None else " that stood then"
        raise HTTPException(404, f"no alert {alert_id[:100]!r}{then}")
    return told


def _whole(context: Context, sea: Sea, sees: Sees, alert_id: str, at_us: int | None) -> dict[str, Any]:
    """Give an alert with its life, as it was known at a moment (None: now)."""
    store = context.store
    line = _seen(store, sees, alert_id, at_us)
    revisions = [r for r in store.revisions(alert_id) if r["revision"] <= line["revision"]]
    steps = [s for s in store.transitions(alert_id) if at_us is None or s["data_us"] <= at_us]
    known = [event for event in store.events(alert_id) if event["event_id"] in line["event_ids"]]
    heard, over = _by(context, sea, line, known, at_us)
    return {
        "alert": line,
        "revisions": sees.alerts(revisions),
        "transitions": [sees.told(outside(step)) for step in steps],
        "events": sees.events(_events(known, line, at_us)),
        **alert_words.told(line, _contacts(context, sees, line), heard, over),
    }


def _listed(context: Context, lines: Sequence[Mapping[str, Any]], at_us: int | None) -> list[dict[str, Any]]:
    """Give alerts in words, of each what its ship was known by a moment (None: now) to do no more."""
    from seavigil.runners.last_heard import over_by

    going = [line for line in lines if line.get("vessel") and not line.get("ended")]  # the rest is over
    known = context.store.found.events(one for line in going for one in line.get("event_ids", ()))
    then_us = context.service.as_of_us() if at_us is None else at_us
    over = {
        line["alert_id"]: over_by(
            (known[one] for one in line.get("event_ids", ()) if one in known),
            line["vessel"]["vessel_id"],
            then_us,
        )
        for line in going
    }
    return [alert_words.listed(line, over.get(line["alert_id"])) for line in lines]


def _by(
    context: Context,
    sea: Sea,
    line: Mapping[str, Any],
    events: Sequence[Mapping[str, Any]],
    at_us: int | None,
) -> tuple[dict[str, Any] | None, dict[str, str]]:
    """Give where the ship of an alert was last heard by a moment (None: now), and what she does no more."""
    from seavigil.runners.last_heard import last_heard, over_by

    now_us, vessel = context.service.as_of_us(), line["vessel"]
    if vessel is None or now_us == NEVER_US:
        return None, {}
    then_us = now_us if at_us is None else min(at_us, now_us)
    ship = vessel["vessel_id"]
    return last_heard(sea, ship, then_us), over_by(events, ship, then_us)


def _contacts(context: Context, sees: Sees, line: Mapping[str, Any]) -> list[dict[str, str]]:
    """Give whom operators call about the assets of an alert that may be seen."""
    if not sees.viewer.can("operator"):
        return []
    about = {row["asset_id"]: row["name"] for row in (*line["assets"], *line.get("next_assets", ()))}
    watched = {
        asset.asset_id: asset for asset in context.service.plan.assets or () if asset.asset_id in about
    }
    found = [(about[name], contacts_of(context.store, watched[name])) for name in about if name in watched]
    return [{"asset_name": name, **contact} for name, contacts in found for contact in contacts]


def _events(
    events: Sequence[Mapping[str, Any]], line: Mapping[str, Any], at_us: int | None
) -> list[dict[str, Any]]:
    """Give the events that a revision names, as they were known at a moment."""
    names = {asset["asset_id"]: asset["name"] for asset in line["assets"]}
    if at_us is not None:
        events = known_by(events, at_us)
    return [event_row(event, names) for event in events]


def _ask_routes(context: Context) -> APIRouter:
    store, routes = context.store, APIRouter()

    @routes.post(
        "/api/alerts/{alert_id}/{what}",
        status_code=202,
        summary="Ask something of an alert",
        responses=MISSING,
    )
    def ask(
        request: Request,
        alert_id: str,
        what: What,
        asked: Annotated[Asked, Body()],
        viewer: Annotated[Viewer, Depends(requires("operator"))],
        sees: _Sees,
    ) -> dict[str, Any]:
        line = _seen(store, sees, alert_id)
        _may_end(context, what, line, viewer)
        who = _who(context, asked.who, viewer)
        told = {"kind": what.value, "alert_id": alert_id, **asked.model_dump(exclude_none=True), "who": who}
        told |= _of_silences(what, line, asked.arguments, viewer)
        context.audit(request, f"alert {what.value}", alert_id, "asked", why=asked.why)
        command_id = store.submit(told)
        return {"command_id": command_id, "state": "waiting", "see": f"/api/commands/{command_id}"}

    @routes.get(
        "/api/commands/{command_id}", summary="What became of what an operator asked", responses=MISSING
    )
    def command(command_id: str, sees: _Sees) -> dict[str, Any]:
        found = store.command(command_id)
        if found is None or not _may_read(store, sees, found):
            raise HTTPException(404, f"no command {command_id[:100]!r}")
        told: dict[str, Any] = sees.told(outside(found))
        return told

    return routes


def _may_end(context: Context, what: What, line: Mapping[str, Any], viewer: Viewer) -> None:
    """Raise 403 where an organisation would end what is about none of its assets, or a hidden one as well."""
    if what not in _ENDS or viewer.organisation is None:
        return
    labels = context.access.labels(context.service.plan.assets, context.store)
    about = (labels.get(asset["asset_id"]) for asset in line["assets"])
    why = "no asset that it is about is your organisation's"
    if (line.get("withheld") or {}).get("assets"):
        why = "the alert is about an asset as well that is not shown to you"
    elif any(label is not None and label.owner == viewer.organisation for label in about):
        return
    raise HTTPException(403, f"{what.value} is for the house: {why}; you may note and escalate")


def _may_read(store: Database, sees: Sees, command: Mapping[str, Any]) -> bool:
    """Tell whether somebody may read what became of a command; those of no alert are the house's silences."""
    if sees.everything:
        return True
    about = None if command["alert_id"] is None else store.alert(command["alert_id"])
    return about is not None and sees.alert(about) is not None


def _of_silences(
    what: What, line: Mapping[str, Any], said: Mapping[str, Any], viewer: Viewer
) -> dict[str, Any]:
    """Give what is other in an order about silences: who is told of what is for the house alone to say."""
    if what not in (What.SILENCE, What.UNSILENCE):
        return {}
    if viewer.organisation is not None:
        raise HTTPException(403, f"silences are for the house alone; {viewer.name} is of an organisation")
    return silence_order(line, said) if what is What.SILENCE else unsilence_order(line)


def _who(context: Context, said: str | None, viewer: Viewer) -> str:
    """Give who asks: whoever is signed in. Raises 400 where somebody says to be another."""
    if not context.access.required:
        return said or viewer.name
    if said not in (None, viewer.name):
        raise HTTPException(400, f"you are signed in as {viewer.name}: leave who out")
    return viewer.name


def _cap_routes(service: ServiceView) -> APIRouter:
    """Give the CAP messages as they went out: to nobody from whom an asset of theirs may be hidden."""
    routes = APIRouter(dependencies=[Depends(requires_house("viewer"))])

    @routes.get(
        "/cap/feed.atom",
        summary="CAP 1.2 alerts as an Atom feed",
        response_class=FileResponse,
        responses=MISSING,
    )
    def cap_feed() -> FileResponse:
        return _file(service, "feed.atom", "application/atom+xml")

    @routes.get(
        "/cap/messages/{name}",
        summary="One CAP 1.2 message",
        response_class=FileResponse,
        responses=MISSING,
    )
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


def _bounds(box: str | None) -> Bounds | None:
    found = box_of(box)
    return None if found is None else Bounds(found.south_deg, found.west_deg, found.north_deg, found.east_deg)


def _texts(values: list[Any] | None) -> list[str] | None:
    return None if values is None else [str(value) for value in values]
