"""`seavigil alert`: what stands, what was done about it, and what a person does about it."""

from __future__ import annotations

import sys
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer

from seavigil.cli.alert_orders import about_each, ask, opened, order, there
from seavigil.cli.alert_words import print_found, silence_lines, silence_words, stands, step, step_words
from seavigil.cli.watch import Format, Priority

app = typer.Typer(
    no_args_is_help=True,
    help="Alerts of a service: what stands, and acknowledging, escalating, closing, silencing it.",
)

Folder = Annotated[Path | None, typer.Option(help="Folder of the service, or its store (else: here).")]
Store = Annotated[str | None, typer.Option(help="URL of its store: postgresql://USER@HOST/DATABASE.")]
Who = Annotated[str | None, typer.Option(help="Who does it (else: whoever is logged in).")]
Why = Annotated[str, typer.Option(help="Why; kept beside it.")]
Wait = Annotated[float, typer.Option(min=0.0, help="Seconds to wait for the service to do it.")]
Ids = Annotated[list[str], typer.Argument(metavar="ID...", help="Ids of alerts, as listed.")]
AsJson = Annotated[bool, typer.Option("--json", help="One JSON object a line.")]


class Status(StrEnum):
    """How an alert stands."""

    CANDIDATE = "candidate"
    OPEN = "open"
    ACKNOWLEDGED = "acknowledged"
    ESCALATED = "escalated"
    CLOSED = "closed"
    RETRACTED = "retracted"


class Outcome(StrEnum):
    """How an alert turned out."""

    HARMLESS = "harmless"
    CONFIRMED = "confirmed"
    DUPLICATE = "duplicate"
    TEST = "test"
    UNRESOLVED = "unresolved"


@app.command("list")
def list_alerts(
    folder: Folder = None,
    store: Store = None,
    status: Annotated[
        list[Status] | None, typer.Option(help="Only these (else: open, escalated, acknowledged).")
    ] = None,
    min_priority: Annotated[Priority, typer.Option(help="Leave out what is less pressing.")] = Priority.INFO,
    behaviour: Annotated[list[str] | None, typer.Option(help="Only with one of these behaviours.")] = None,
    asset: Annotated[str | None, typer.Option(help="Only about this asset (id).")] = None,
    mmsi: Annotated[int | None, typer.Option(help="Only of this ship.")] = None,
    since: Annotated[str | None, typer.Option(help="Only revised since (RFC 3339).")] = None,
    limit: Annotated[int, typer.Option(min=1, help="At most so many, the newest first.")] = 100,
    output_format: Annotated[Format, typer.Option("--format", help="What to print.")] = Format.TABLE,
) -> int:
    """List alerts, the most pressing first: a line each, with its id and how it stands.

    Example: seavigil alert list --folder ./watch --status open --min-priority warning
    """
    from seavigil.alerts.alert import PRIORITIES
    from seavigil.records import parse_time_us

    with opened(folder, store, to_read=True) as database:
        found = database.alerts(
            states=[str(one) for one in status or _STANDING],
            priorities=list(PRIORITIES[PRIORITIES.index(min_priority.value) :]),
            behaviours=behaviour or None,
            asset=asset,
            mmsi=mmsi,
            since_us=None if since is None else parse_time_us(since),
            limit=limit,
        )
    print_found(found, output_format)
    if len(found) == limit:
        print(f"the newest {limit} of them; see --limit", file=sys.stderr)
    return 0


_STANDING = (Status.OPEN, Status.ESCALATED, Status.ACKNOWLEDGED)


@app.command("show")
def show(
    alert_id: Annotated[str, typer.Argument(metavar="ID", help="Id of the alert, as listed.")],
    folder: Folder = None,
    store: Store = None,
    as_json: Annotated[
        bool, typer.Option("--json", help="One JSON object: alert, revisions and transitions.")
    ] = False,
) -> int:
    """Show one alert: how it stands, why, and every step in its life with who took it.

    Example: seavigil alert show 5b0c1d2e3f405162 --folder ./watch
    """
    import json

    from seavigil.cli.output import print_alerts

    with opened(folder, store, to_read=True) as database:
        alert = there(database, alert_id)
        alert_id = alert["alert_id"]
        steps = [step(row) for row in database.transitions(alert_id)]
        revisions = database.revisions(alert_id) if as_json else []
    if as_json:
        print(json.dumps({"alert": alert, "revisions": revisions, "transitions": steps}, ensure_ascii=False))
        return 0
    print_alerts([alert], title=f"Alert {alert_id}, {stands(alert)}")
    print()
    for one in steps:
        print(step_words(one))
    return 0


@app.command("ack")
def acknowledge(
    alert_ids: Ids,
    folder: Folder = None,
    store: Store = None,
    who: Who = None,
    why: Why = "",
    wait: Wait = 5.0,
) -> int:
    """Say that you have an alert: the same will not be told again, what is new will.

    Example: seavigil alert ack 5b0c1d2e3f405162 --folder ./watch --why "calling her on channel 16"
    """
    return about_each("acknowledge", alert_ids, (folder, store), who, why, wait)


@app.command("escalate")
def escalate(
    alert_ids: Ids,
    folder: Folder = None,
    store: Store = None,
    who: Who = None,
    why: Why = "",
    wait: Wait = 5.0,
) -> int:
    """Pass an alert on: every channel that takes its kind is told, however little pressing it is.

    Example: seavigil alert escalate 5b0c1d2e3f405162 --folder ./watch --why "no answer, heads for Link 2"
    """
    return about_each("escalate", alert_ids, (folder, store), who, why, wait)


@app.command("close")
def close(
    alert_ids: Ids,
    outcome: Annotated[Outcome, typer.Option(help="How it turned out.")],
    folder: Folder = None,
    store: Store = None,
    who: Who = None,
    why: Why = "",
    wait: Wait = 5.0,
) -> int:
    """Close an alert and say how it turned out; it opens again if something new is found.

    Example: seavigil alert close 5b0c1d2e3f405162 --outcome harmless --why "engine repaired" --folder ./watch
    """
    told = {"outcome": outcome.value}
    return about_each("close", alert_ids, (folder, store), who, why, wait, told)


@app.command("retract")
def retract(
    alert_ids: Ids,
    why: Annotated[str, typer.Option(help="Why it is taken back.")],
    folder: Folder = None,
    store: Store = None,
    who: Who = None,
    wait: Wait = 5.0,
) -> int:
    """Take an alert back: it should not have been raised. Those who were told of it are told.

    Example: seavigil alert retract 5b0c1d2e3f405162 --why "receiver under test" --folder ./watch
    """
    return about_each("retract", alert_ids, (folder, store), who, why, wait)


@app.command("reopen")
def reopen(
    alert_ids: Ids,
    folder: Folder = None,
    store: Store = None,
    who: Who = None,
    why: Why = "",
    wait: Wait = 5.0,
) -> int:
    """Take up again what was acknowledged, closed or taken back; or open a candidate.

    Example: seavigil alert reopen 5b0c1d2e3f405162 --folder ./watch --why "closed by mistake"
    """
    return about_each("reopen", alert_ids, (folder, store), who, why, wait)


@app.command("note")
def note(
    alert_id: Annotated[str, typer.Argument(metavar="ID", help="Id of the alert, as listed.")],
    text: Annotated[str, typer.Argument(metavar="TEXT", help="What to note.")],
    folder: Folder = None,
    store: Store = None,
    who: Who = None,
    wait: Wait = 5.0,
) -> int:
    """Note something about an alert; nobody is told, it stands among its steps.

    Example: seavigil alert note 5b0c1d2e3f405162 "cutter on scene at 04:50" --folder ./watch
    """
    return about_each("note", [alert_id], (folder, store), who, text, wait)


@app.command("silence")
def silence(
    why: Annotated[str, typer.Option(help="What is expected.")],
    folder: Folder = None,
    store: Store = None,
    lasts: Annotated[str | None, typer.Option("--for", help="For so long: 90m, 12h, 7d.")] = None,
    until: Annotated[str | None, typer.Option(help="Until then, by the data's time (RFC 3339).")] = None,
    begins: Annotated[str | None, typer.Option("--from", help="From then on (else: from now).")] = None,
    behaviour: Annotated[list[str] | None, typer.Option(help="Of these behaviours and no others.")] = None,
    asset: Annotated[list[str] | None, typer.Option(help="About these assets (ids) and no others.")] = None,
    mmsi: Annotated[list[int] | None, typer.Option(help="Of these ships.")] = None,
    area: Annotated[
        str | None, typer.Option(metavar="S,W,N,E", help="Found in this area, in degrees.")
    ] = None,
    alert: Annotated[list[str] | None, typer.Option(help="These alerts (ids).")] = None,
    feed: Annotated[list[str] | None, typer.Option(help="About these feeds (names).")] = None,
    at_most: Annotated[
        Priority, typer.Option(help="What is more pressing is told all the same.")
    ] = Priority.WARNING,
    who: Who = None,
    wait: Wait = 5.0,
) -> int:
    """Tell nobody, for a time, of what is expected: all that is given must hold. Prints the silence's id.

    What is silenced is judged and kept as ever; what still stands when the silence ends is told then.

    Example: seavigil alert silence --asset link-1 --behaviour asset_following --for 12h
    --why "cable ship at work" --folder ./watch
    """
    from seavigil.cli.log import length_s
    from seavigil.cli.meant import check_silenced

    given = {"behaviours": behaviour, "assets": asset, "mmsi": mmsi, "alerts": alert, "feeds": feed}
    told: dict[str, Any] = {name: list(values) for name, values in given.items() if values}
    told |= {name: text for name, text in (("from", begins), ("until", until)) if text is not None}
    told |= {} if lasts is None else {"for_s": length_s(lasts)}
    told |= {} if area is None else {"area": _degrees(area)}
    told["at_most_priority"] = at_most.value
    with opened(folder, store) as database:
        check_silenced(told, database, folder if store is None else None)
        return ask(database, [order("silence", None, who, why, told)], wait, folder, store)


@app.command("unsilence")
def unsilence(
    silence_id: Annotated[str, typer.Argument(metavar="ID", help="Id of the silence.")],
    folder: Folder = None,
    store: Store = None,
    who: Who = None,
    why: Why = "",
    wait: Wait = 5.0,
) -> int:
    """End a silence before its time; what still stands is told.

    Example: seavigil alert unsilence 3f9a... --folder ./watch
    """
    with opened(folder, store) as database:
        told = {"silence_id": silence_id}
        return ask(database, [order("unsilence", None, who, why, told)], wait, folder, store)


@app.command("silences")
def silences(
    folder: Folder = None,
    store: Store = None,
    as_json: AsJson = False,
    refused: Annotated[bool, typer.Option("--refused", help="Those that were refused as well.")] = False,
) -> int:
    """List the silences set, in order of asking: what of, how long, by whom, and whether one is over.

    Example: seavigil alert silences --folder ./watch
    """
    import json

    with opened(folder, store, to_read=True) as database:
        asked = [one for one in database.commands(["silence"]) if one["state"] != "refused" or refused]
        steps = database.silence_steps()
    for line in silence_lines(asked, steps):
        print(json.dumps(line, ensure_ascii=False) if as_json else silence_words(line))
    if not asked and not as_json:
        print("nothing is or was silenced", file=sys.stderr)
    return 0


def _degrees(area: str) -> list[float]:
    try:
        return [float(part) for part in area.split(",")]
    except ValueError:
        raise ValueError(f"--area {area[:40]!r}: write south,west,north,east in degrees") from None
