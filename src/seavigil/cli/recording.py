"""What `watch`, `inspect` and `demo` share: reading with a progress bar, printing as alerts come."""

from __future__ import annotations

import json
import os
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from seavigil.alerts import Alert
from seavigil.cli import findings, output
from seavigil.feeds import recordings
from seavigil.feeds.recordings import OnFormat
from seavigil.records import Decoded
from seavigil.runners.batch import Reader
from seavigil.runners.summary import Summary


@contextmanager
def reader(
    input_format: str | None, mapping: str | None, on_format: OnFormat | None = None
) -> Iterator[tuple[Reader, Callable[[int, int], None]]]:
    """Give a reader of sources and a counter of rows watched, both shown on a progress bar on a terminal."""
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn

    columns_of = recordings.load_mapping(mapping) if mapping else None
    columns = (TextColumn("{task.description}"), BarColumn(), TextColumn("{task.fields[done]}"))
    console = Console(stderr=True)
    with Progress(
        *columns,
        TimeElapsedColumn(),
        TimeRemainingColumn(),
        console=console,
        disable=not console.is_terminal,
        transient=True,
    ) as progress:
        reading = progress.add_task("reading", total=None, done="")
        watching = progress.add_task("watching", total=None, done="", visible=False)

        def read(source: str) -> Iterator[Decoded]:
            rows = 0
            for decoded in recordings.read(
                source,
                format_name=input_format,
                mapping=columns_of,
                received_us=_receipt(source),
                on_format=on_format,
            ):
                rows += decoded.reports.num_rows
                progress.update(reading, description=f"reading {Path(source).name}", done=f"{rows:,} reports")
                yield decoded

        def watched(done: int, total: int) -> None:
            said = f"{done:,} of {total:,} rows"
            progress.update(watching, completed=done, total=total, done=said, visible=True)

        yield read, watched


def _receipt(source: str) -> Callable[[], int]:
    """Give the clock for rows without a time: when the file was last written, or now for a pipe."""
    if os.path.isfile(source):  # noqa: PTH113  # Path.is_file raises where we may not look
        written_us = Path(source).stat().st_mtime_ns // 1000
        return lambda: written_us
    return lambda: time.time_ns() // 1000


def recorded(sources: list[str], out: Path | None = None) -> list[str]:
    """Give the files that ``sources`` stand for, without those in ``out`` that nobody named.

    The results of an earlier run may lie in the folder that is watched. Raises ``ValueError`` for
    a live feed.
    """
    for source in sources:
        if "://" in source:
            raise ValueError(f"{source}: a live feed; seavigil watch and serve take those")
    files = recordings.expand(sources)
    if out is None:
        return files
    return [f for f in files if f in sources or out.resolve() not in Path(f).resolve().parents]


class Printer:
    """Prints alerts in the wanted form and, at the end, the summary on stderr.

    With ``files`` the run has other results: it goes on when nobody reads what is printed.
    """

    def __init__(self, form: str, min_priority: str | None, *, final: bool, files: bool = False) -> None:
        self.form = form
        self._files = files
        self.least = min_priority or ("advisory" if form == "table" else "info")
        self._streams = form == "ndjson" and not final
        self._newest: dict[str, dict[str, Any]] = {}
        self._hidden: set[str] = set()
        self._told: set[str] = set()
        #: Whether the depth was known at any alert; None before the first.
        self.depth_known: bool | None = None

    def alert(self, alert: Alert) -> None:
        """Take one revision."""
        line = alert.as_json()
        self.depth_known = bool(self.depth_known) or line["data_quality"]["depth_known"]
        shown = output.at_least([line], self.least)
        if self._streams:
            if shown or alert.alert_id in self._told:  # who heard of it hears its end
                self._told.add(alert.alert_id)
                self._print([line])
        elif shown:
            self._newest[alert.alert_id] = line
            self._hidden.discard(alert.alert_id)
        else:
            self._newest.pop(alert.alert_id, None)
            self._hidden.add(alert.alert_id)

    def finish(self, summary: Summary) -> int:
        """Print what is left to print; gives the exit code."""
        lines = list(self._newest.values())
        if self.form == "table":
            output.print_alerts(lines, title="Alerts")
            if self._hidden:
                print(f"{len(self._hidden)} below {self.least} not shown (--min-priority info shows them)")
        elif self.form == "geojson":
            output.print_geojson(lines)
        elif not self._streams:
            self._print(lines)
        sys.stdout.flush()
        told = summary.as_json()
        output.print_summary({**told, "written": summary.written})
        findings.say(told["fault_notices"])
        return 2 if summary.shortfalls else 0

    def _print(self, lines: list[dict[str, Any]]) -> None:
        try:
            for line in lines:
                print(json.dumps(line, ensure_ascii=False), flush=True)
        except BrokenPipeError:
            if not self._files:
                raise
            output.drop_stdout()
