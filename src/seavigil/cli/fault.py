"""`seavigil fault`: outage notices for a watch that runs, or will."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

app = typer.Typer(help="Outage notices: write one for a watch to take up, or look through those there are.")

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
) -> int:
    """Write one outage notice into a watched folder and print its id; a notice there is never written over.

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
    }
    fault = fault_of({k: str(v) for k, v in told.items() if v is not None}, load(assets).assets)
    notice = json.dumps(as_json(fault), ensure_ascii=False, indent=1) + "\n"
    write_whole(to / f"{fault.fault_id}.json", notice.encode(), anew=True)
    print(fault.fault_id)
    return 0


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
    from seavigil.cli.given import say_left_out
    from seavigil.inputs import faults

    loaded = load(assets).assets
    notices = faults.Notices([folder], loaded)
    found = sorted(notices.fresh(), key=lambda fault: (fault.at_us, fault.fault_id))
    names = {asset.asset_id: asset.name for asset in loaded}
    for fault in found:
        line = {**faults.as_json(fault), "asset_name": names[fault.asset_id]}
        print(json.dumps(line, ensure_ascii=False) if as_json else _words(line))
    if not found and not as_json:
        print("no notice")
    return say_left_out(notices.left_out)


def _words(line: dict[str, object]) -> str:
    """Say one notice in a line."""
    from seavigil.cli.reasons import minutes

    km, error = line["km_along"], line["km_error"]
    place = "" if km is None else f", km {km:.1f}" + ("" if error is None else f" (+- {error:g})")
    sure = "" if line["confidence"] == 1.0 else f", {line['confidence']:.0%} sure"
    source = f", by {line['source']}" if line["source"] else ""
    within_s = float(str(line["within_s"]))
    time = f"{line['time']} (+- {minutes(within_s) if within_s >= 120 else f'{within_s:.0f} s'})"
    return f"{line['id']}  {time}  {line['asset_name']}{place}{sure}{source}; noticed {line['noticed']}"
