"""How alerts are printed: a line each, a table for people, or GeoJSON."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

from seavigil import words
from seavigil.reasons import many

if TYPE_CHECKING:
    from rich.console import Console

PRIORITIES = ("info", "advisory", "warning", "urgent")
_STYLES = {"urgent": "bold white on red", "warning": "bold red", "advisory": "yellow", "info": "dim"}


def at_least(lines: Iterable[dict[str, Any]], priority: str) -> list[dict[str, Any]]:
    """Give the alert lines of at least this priority."""
    least = PRIORITIES.index(priority)
    return [line for line in lines if PRIORITIES.index(line["priority"]) >= least]


def drop_stdout() -> None:
    """Send whatever is still to be printed nowhere: its reader has gone."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


#: Columns need this much room; on a narrower terminal, and in a pipe, each alert is a few lines.
_TABLE_WIDTH = 130
_COLUMNS = ("Ship", "What", "Assets", "Next", "Last at", "Since (UTC)", "Why", "Or innocently", "How often")


def print_alerts(lines: Sequence[dict[str, Any]], *, title: str) -> None:
    """Print alerts for people, the most pressing first: a table where it fits, else some lines each."""
    console = for_people()
    if not lines:
        console.print(f"{title}: none")
        return
    ordered = sorted(lines, key=lambda li: (-PRIORITIES.index(li["priority"]), li["began"]))
    (_as_table if console.width >= _TABLE_WIDTH else _as_lines)(console, ordered, title)


def for_people() -> Console:
    """Give a console on stdout, as wide as the terminal; 110 columns where that is not known."""
    from rich.console import Console

    told = (sys.stdout is not None and sys.stdout.isatty()) or "COLUMNS" in os.environ
    return Console(width=None if told else 110, highlight=False)


def _as_table(console: Console, lines: Sequence[dict[str, Any]], title: str) -> None:
    from rich.table import Table

    table = Table(title=title, title_justify="left", show_lines=True)
    for column in ("Priority", *_COLUMNS):
        table.add_column(column, overflow="fold")
    for line in lines:
        table.add_row(_priority(line), *_cells(line))
    console.print(table)


def _as_lines(console: Console, lines: Sequence[dict[str, Any]], title: str) -> None:
    from rich.padding import Padding

    console.print(title)
    for line in lines:
        ship, what, *rest = _cells(line)
        console.print(f"\n{_priority(line)} {ship}: {what}")
        for column, text in zip(_COLUMNS[2:], rest, strict=True):
            if text:
                console.print(Padding(f"{column[0].lower()}{column[1:]}: {text}", (0, 0, 0, 2), expand=False))


def _priority(line: dict[str, Any]) -> str:
    return f"[{_STYLES[line['priority']]}]{line['priority']}[/]"


def _cells(line: dict[str, Any]) -> list[str]:
    from rich.markup import escape

    innocent = [i["text"] for i in line["innocent_readings"] if i["fits"] is not False]
    texts = (
        words.ship(line),
        words.what(line),
        words.assets(line),
        words.ahead(line),
        words.place(line),
        words.when(line),
        "; ".join(words.reason(r, line["revised_at"]) for r in line["reasons"][:4]),
        "; ".join(innocent[:2]),
        words.how_often(line),
    )
    return [escape(text) for text in texts]


def print_geojson(lines: Sequence[dict[str, Any]]) -> None:
    """Print a FeatureCollection of the alert lines."""
    from seavigil.runners.geojson import features

    json.dump(features(lines), sys.stdout, ensure_ascii=False)
    print()


def print_summary(summary: dict[str, Any]) -> None:
    """Say on stderr what was read, heard and not heard."""
    say = _to_stderr
    say(
        f"{many(summary['reports'], 'report')} of {many(summary['vessels'], 'vessel')} "
        f"({summary['vessels_with_position']:,} with a position), "
        f"{many(summary['duplicates'], 'duplicate')} left out"
    )
    if not summary["began"]:
        say("no report in the time looked at")
    else:
        say(f"from {summary['began']} to {summary['ended']}, {summary['hours_covered']:.2f} hours covered")
    for line in quiet_lines(summary):
        say(line)
    if aside := summary["flags"].get("wrong_clock", 0) + summary["flags"].get("late", 0):
        say(f"{many(aside, 'report')} kept, not judged: too late for their order, or of a wrong clock")
    if summary["without_clock"]:
        say(f"{summary['without_clock']:,} reports carry no time of their own: receipt stands for it")
    _say_unheard(summary)
    _say_contacts(summary)
    for why in summary["shortfalls"]:
        say(why)
    for fault, count in sorted(summary["rejects"].items()):
        say(f"rejected: {rejected_words(fault, count)}")
    for fault in summary["faults"]:
        say(f"quarantined: {fault['step']} on {fault['vessel_id']}: {fault['error']}")
    for path in summary.get("written", ()):
        say(f"written: {path}")


def rejected_words(fault: str, count: int) -> str:
    """Say what was rejected: lines, or whole pieces of a stream that is in no known format.

    >>> rejected_words("bad_checksum", 12)
    '12 bad_checksum'
    """
    if fault != "unknown_format":
        return f"{count:,} {fault}"
    return f"{many(count, 'piece')} of up to 64 KiB in no known format ({fault})"


def quiet_lines(summary: dict[str, Any], most: int = 5) -> list[str]:
    """Say when nothing was heard at all: the longest silences, in order, and how many more there were."""
    quiet = summary["quiet"]
    longest = sorted(sorted(quiet, key=lambda q: -q["for_s"])[:most], key=lambda q: q["from"])
    lines = [f"nothing heard at all from {q['from']} to {q['to']}" for q in longest]
    return lines + ([f"and {len(quiet) - most} more silences of over 10 min"] if len(quiet) > most else [])


def _say_unheard(summary: dict[str, Any]) -> None:
    unheard, total = summary["assets_not_heard"], summary["assets"]
    if not total:
        _to_stderr(
            "no assets given (--assets): only what ships do by themselves is judged, nothing near cables"
        )
    elif unheard and len(unheard) == total:
        guess = " Another sea, or latitude and longitude swapped?" if summary["began"] else ""
        _to_stderr(f"blind: no ship heard near any of the {total} assets.{guess}")
    elif unheard:
        named = ", ".join(unheard[:5]) + (f" and {len(unheard) - 5} more" if len(unheard) > 5 else "")
        _to_stderr(f"blind: no ship heard near {len(unheard)} of {total} assets: {named}")


def _say_contacts(summary: dict[str, Any]) -> None:
    contacts = summary.get("contacts", {})
    if contacts.get("given"):
        given, late = many(contacts["given"], "contact"), contacts["too_late"]
        why = ": less than ten minutes before the last report" if late else ""
        _to_stderr(f"{given} given, {contacts['judged']:,} judged, {late:,} too late to be judged{why}")


def _to_stderr(text: str) -> None:
    print(text, file=sys.stderr)
