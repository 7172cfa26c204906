"""`seavigil scorecard`: what the watch finds and what it raises for nothing, measured."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from seavigil.cli import given


def scorecard(
    quick: Annotated[bool, typer.Option("--quick", help="A small one, in about three minutes.")] = False,
    out: Annotated[
        Path | None, typer.Option(help="Folder for scorecard.html, scorecard.json and scorecard.md.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the figures as JSON.")] = False,
    workers: Annotated[int, typer.Option(min=1, max=64, help="Processes that share the work.")] = 2,
    recording: Annotated[
        list[str] | None, typer.Option(help="Score this recording instead; may be given several times.")
    ] = None,
    truth: Annotated[Path | None, typer.Option(help="With --recording: its truth.json.")] = None,
    assets: Annotated[list[Path] | None, typer.Option(help="With --recording: its assets.")] = None,
    places: given.Places = None,
    weather: given.Weather = None,
    depth: given.Depth = None,
    normal: given.Normal = None,
) -> int:
    """Play documented incidents and ordinary traffic, and hold the alerts against the truth.

    All ships are invented; the seeds played here are used for nothing else. The published rules of
    others run over the same reports. With --recording the same figures are made from recordings
    with a truth.json (`seavigil exercise run` writes one), and the places, weather.. given for them.

    Example: seavigil scorecard --quick --out card/
    """
    import json
    import sys

    from rich.console import Console
    from rich.progress import Progress

    from seavigil.assets.read import load
    from seavigil.cli.recording import reader, recorded
    from seavigil.exercises import scorecard_pages
    from seavigil.exercises.write import write_texts
    from seavigil.risk import Policy
    from seavigil.runners import batch
    from seavigil.runners import scorecard as runner
    from seavigil.runners.priors import prior_rates

    if bool(recording) != bool(truth):
        raise ValueError("--recording and --truth belong together")
    if quick and recording:
        raise ValueError("--quick plays, --recording does not: give one of them")
    if (assets or places or weather or depth or normal) and not recording:
        raise ValueError("--assets, --places, --weather, --depth and --normal go with --recording")
    told = given.read_given(places=places, weather=weather, depth=depth, normal=normal)
    console = Console(stderr=True)
    with Progress(console=console, disable=not console.is_terminal, transient=True) as progress:
        task = progress.add_task("playing", total=None)

        def played(done: int, total: int) -> None:
            progress.update(task, completed=done, total=total)

        if recording and truth:
            with reader(None, None) as (read, _):
                policy = Policy(told.rates or prior_rates())
                job = batch.Job(
                    recorded(recording),
                    load(assets).assets if assets else None,
                    known=told.known,
                    policy=policy,
                )
                card = runner.of_recordings(job, truth, read)
            if not assets:
                print("no assets given (--assets): nothing near cables is judged", file=sys.stderr)
        else:
            plan = runner.Plan.quick() if quick else runner.Plan()
            card = runner.card(plan, workers=workers, progress=played)
    if out is not None:
        texts = {
            "scorecard.json": json.dumps(card, indent=1) + "\n",
            "scorecard.md": scorecard_pages.markdown(card),
            "scorecard.html": scorecard_pages.html(card),
        }
        for path in write_texts(out, texts):
            print(path, file=sys.stderr)
    print(json.dumps(card, indent=2) if as_json else scorecard_pages.markdown(card))
    return told.code
