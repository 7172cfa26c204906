"""`seavigil demo`: an invented hour in the Gulf of Finland."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from seavigil.cli.watch import Format

if TYPE_CHECKING:
    from seavigil.exercises.traffic import Exercise


def demo(
    seed: Annotated[int, typer.Option(min=0, max=2**31 - 1, help="Another seed, another hour.")] = 1,
    output_format: Annotated[Format, typer.Option("--format", help="What to print.")] = Format.TABLE,
    write: Annotated[
        Path | None, typer.Option(help="Write the recording, its assets and the truth there and stop.")
    ] = None,
    console: Annotated[
        bool, typer.Option("--console", help="Show it in the browser, on a map, until Ctrl-C.")
    ] = False,
    port: Annotated[
        int, typer.Option(min=0, max=65535, help="Port of the console on this machine; 0: any free one.")
    ] = 8640,
    browser: Annotated[
        bool, typer.Option("--browser/--no-browser", help="Open the console in the browser.")
    ] = True,
) -> int:
    """Watch an invented hour: one ship drags her anchor over two cables among ordinary traffic.

    Every ship, cable and place name in it is invented; nothing is fetched.

    Example: seavigil demo --console
    Example: seavigil demo --write demo/  then  seavigil watch demo/*.nmea --assets demo/assets.geojson
    """
    import tempfile

    from seavigil.assets.read import read as read_assets
    from seavigil.cli.recording import Printer, reader
    from seavigil.exercises import gulf_of_finland
    from seavigil.exercises.write import write_exercise
    from seavigil.runners import batch

    exercise = gulf_of_finland(seed=seed)
    if write is not None:
        for path in write_exercise(exercise, write):
            print(path)
        return 0
    with tempfile.TemporaryDirectory(prefix="seavigil-demo-") as folder:
        if console:
            return _show(exercise, Path(folder), port, browser=browser)
        paths = write_exercise(exercise, Path(folder))
        nmea, assets = paths[0], paths[1]
        job = batch.Job(sources=[str(nmea)], assets=read_assets([assets]))
        printer = Printer(output_format.value, None, final=False)
        with reader(None, None) as (read, progress):
            summary = batch.run(job, read, batch.Hooks(printer.alert, progress))
    code = printer.finish(summary)
    if output_format is Format.TABLE:
        print("Everything above is invented: an exercise, not the sea.", flush=True)
    return code


def _show(exercise: Exercise, folder: Path, port: int, *, browser: bool) -> int:
    """Show the hour in the console, with the places about it and word of an outage."""
    from seavigil.cli import given
    from seavigil.cli.console import Shown, show
    from seavigil.cli.plan import Wanted, planned
    from seavigil.exercises.gulf_places import gulf_fault_json, gulf_places_geojson
    from seavigil.exercises.write import write_exercise, write_texts

    nmea, assets, _ = write_exercise(exercise, folder)
    texts = {"places.geojson": gulf_places_geojson(), "outage.json": gulf_fault_json()}
    places, outage = write_texts(folder, texts)
    plan, code = planned(Wanted(assets=[assets], places=[places]), live=False)
    notices = given.read_notices([outage], plan.assets)
    print("Everything shown is invented: an exercise, not the sea.", flush=True)
    return max(code, show(Shown([str(nmea)], plan, notices), port, browser=browser))
