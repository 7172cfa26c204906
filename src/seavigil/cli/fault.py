"""`seavigil fault`: outage notices for a watch that runs, or will."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from seavigil.assets import Assets as Read
    from seavigil.fault import Fault
    from seavigil.inputs.faults import Notices

app = typer.Typer(
    help="Outage notices: write one for a watch to take up, take one back, or look through those there are."
)

Assets = Annotated[list[Path], typer.Option("--assets", help="Cables, pipelines...; may be given again.")]


class End(StrEnum):
    """From which end of the route kilometres are counted."""

    START = "start"
    END = "end"


@app.command("add")
def add(
    asset: Annotated[str, typer.Option(help="Id or name of what failed.")],
    at: Annotated[str, typer.Option(help="When (RFC 3339).")],
    assets: Assets,
    to: Annotated[Path, typer.Option(help="Folder that `seavigil watch --faults` looks into.")],
    within: Annotated[str, typer.Option(help="The time is known to within so long: 90s, 5m, 1h.")] = "1m",
    km_along: Annotated[
        float | None, typer.Option(help="Where, in kilometres from one end of the route.")
    ] = None,
    km_error: Annotated[
        float | None, typer.Option(min=0.0, help="Known to within so many kilometres.")
    ] = None,
    km_from: Annotated[
        End, typer.Option(help="Which end: that of its first vertex, or the other.")
    ] = End.START,
    slack: Annotated[
        float, typer.Option(help="Metres of fibre to a metre of route, where kilometres are of fibre.")
    ] = 1.0,
    noticed: Annotated[
        str | None, typer.Option(help="When the notice came in (else as soon as it can have happened).")
    ] = None,
    source: Annotated[str | None, typer.Option(help="Who says so.")] = None,
    confidence: Annotated[
        float, typer.Option(help="How sure the source is that something broke then, above 0 to 1.")
    ] = 1.0,
    replaces: Annotated[
        str | None, typer.Option(help="Id of a notice there that this one corrects; it holds no more.")
    ] = None,
) -> int:
    """Write one outage notice into a watched folder and print it, its id first; none is ever written over.

    Example: seavigil fault add --asset "Demo Link 1" --at 2025-11-20T04:21:30Z --within 30s
    --assets demo/assets.geojson --to outages
    """
    import json

    from seavigil.assets.read import load
    from seavigil.inputs.faults import as_json, fault_of
    from seavigil.store.disk import write_whole

    told = {
        "asset": asset,
        "time": at,
        "within": within,
        "km_along": km_along,
        "km_error": km_error,
        "km_from": km_from.value,
        "slack": slack,
        "noticed": noticed,
        "source": source,
        "confidence": confidence,
        "replaces": replaces,
    }
    loaded = load(assets).assets
    fault = fault_of({k: str(v) for k, v in told.items() if v is not None}, loaded)
    there = _notices(to, loaded) if to.is_dir() or replaces is not None else None
    if there is not None and fault.fault_id in there.known:
        raise ValueError(f"this notice is already there: {fault.fault_id}")
    if there is not None and replaces is not None:
        _standing(there, replaces, to)
    notice = json.dumps(as_json(fault), ensure_ascii=False, indent=1) + "\n"
    write_whole(to / f"{fault.fault_id}.json", notice.encode(), anew=True)
    _say(_words(fault, loaded))
    _warn_of_future(fault)
    return 0


@app.command("remove")
def remove(
    fault_id: Annotated[str, typer.Argument(metavar="ID", help="Id of the notice, as listed.")],
    folder: Annotated[Path, typer.Argument(help="Folder of notices.")],
    assets: Assets,
    noticed: Annotated[
        str | None, typer.Option(help="From when on it holds no more (else it never did).")
    ] = None,
) -> int:
    """Take a notice back: its file stays, and one beside it says that it holds no more.

    A watch that runs retracts what the notice led to, unless something else was odd.

    Example: seavigil fault remove 5b0c1d2e3f405162 outages --assets demo/assets.geojson
    """
    import json

    from seavigil.assets.read import load
    from seavigil.hashing import short_id
    from seavigil.inputs.faults import notice_of
    from seavigil.store.disk import write_whole

    loaded = load(assets).assets
    fault = _standing(_notices(folder, loaded), fault_id, folder)
    row = {"withdraws": fault_id} | ({} if noticed is None else {"noticed": noticed})
    notice_of(row, loaded)
    name = f"withdrawn-{short_id('withdrawal', fault_id)}.json"
    write_whole(folder / name, (json.dumps(row, ensure_ascii=False) + "\n").encode(), anew=True)
    _say(f"withdrawn: {_words(fault, loaded)}")
    return 0


def _notices(folder: Path, assets: Read) -> Notices:
    """Read a folder of notices. Raises ``ValueError`` where it is none."""
    from seavigil.inputs.faults import Notices

    if not folder.is_dir():
        raise ValueError(f"{folder}: no folder of notices")
    notices = Notices([folder], assets)
    notices.fresh()
    return notices


def _standing(notices: Notices, fault_id: str, folder: Path) -> Fault:
    """Give a notice of the folder. Raises ``ValueError`` where it is not there, or holds no more."""
    fault = notices.known.get(fault_id)
    if fault is None:
        raise ValueError(f"{folder}: no notice {fault_id!r} among {len(notices.known)}")
    gone = notices.gone(fault_id)
    if gone is not None:
        raise ValueError(f"notice {fault_id} is already {gone}")
    return fault


def _warn_of_future(fault: Fault) -> None:
    import sys
    import time

    from seavigil.records import SECOND_US, rfc3339

    if fault.at_us > time.time_ns() // 1000 + 60 * SECOND_US:
        print(f"{rfc3339(fault.at_us)} is still to come: are day and year right?", file=sys.stderr)


@app.command("list")
def list_faults(
    folder: Annotated[Path, typer.Argument(help="Folder of notices, or one file.")],
    assets: Assets,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object a line.")] = False,
) -> int:
    """List outage notices in order of time, and on stderr what of them cannot be used and why.

    Example: seavigil fault list outages --assets demo/assets.geojson
    """
    import json

    from seavigil.assets.read import load
    from seavigil.cli import findings
    from seavigil.inputs import faults

    loaded = load(assets).assets
    notices = faults.Notices([folder], loaded)
    notices.fresh()
    for fault in sorted(notices.known.values(), key=lambda fault: (fault.at_us, fault.fault_id)):
        gone = notices.gone(fault.fault_id)
        if as_json:
            name = loaded.find(fault.asset_id).name
            print(json.dumps({**faults.as_json(fault), "asset_name": name, "gone": gone}, ensure_ascii=False))
        else:
            _say(_words(fault, loaded) + (f"; {gone}" if gone else ""))
    return findings.say_read(notices, every=True)


def _say(line: str) -> None:
    """Print a notice, on a narrow terminal in more lines than one, the further ones set in."""
    import textwrap

    from seavigil.cli.output import for_people

    wide = for_people().width
    print(textwrap.fill(line, wide, subsequent_indent="    ", break_long_words=False, break_on_hyphens=False))


def _words(fault: Fault, assets: Read) -> str:
    """Say one notice in a line, its id first."""
    from seavigil.reasons import span
    from seavigil.records import rfc3339

    place = "" if fault.km_along is None else f", km {fault.km_along:.1f}"
    place += "" if not place or fault.km_error is None else f" (+- {fault.km_error:g})"
    sure = "" if fault.confidence == 1.0 else f", {fault.confidence:.0%} sure"
    source = f", by {fault.source}" if fault.source else ""
    time = f"{rfc3339(fault.at_us)} (+- {span(fault.within_s)})"
    name = assets.find(fault.asset_id).name
    return f"{fault.fault_id}  {time}  {name}{place}{sure}{source}; noticed {rfc3339(fault.noticed_us)}"
