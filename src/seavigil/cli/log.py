"""`seavigil log`: the raw log of a live watch: looked through, checked, given back as NMEA, cut short."""

from __future__ import annotations

import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from seavigil.reasons import many

if TYPE_CHECKING:
    from seavigil.store.rawlog_segments import Segment

app = typer.Typer(
    no_args_is_help=True,
    help="The raw log of a live watch: list, check, write out or prune it, also while it is written.",
)

Folder = Annotated[Path, typer.Argument(metavar="DIR", help="Folder of the log, or of the service it is in.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON.")]

#: The exit code when something is lost or was changed.
DAMAGED = 2
_UNITS = {"": 1, "kB": 10**3, "MB": 10**6, "GB": 10**9, "TB": 10**12}
_LENGTHS_S = {"s": 1, "m": 60, "h": 3600, "d": 86_400, "w": 604_800}


@app.command("list")
def list_segments(folder: Folder, as_json: AsJson = False) -> int:
    """List the segments of a raw log: which records, from when to when, how large.

    Example: seavigil log list /var/lib/seavigil
    """
    import json

    from seavigil.store.rawlog_segments import segments

    rows = [_row(segment) for segment in segments(_log(folder))]
    for row in rows:
        if as_json:
            print(json.dumps(row))
        else:
            records = "records not counted yet" if row["records"] is None else many(row["records"], "record")
            times = f"{row['began'] or '-'} to {row['ended'] or '-'}" if row["records"] else ""
            size = f"{row['disk_bytes']:>13,} bytes on disk"
            print(f"{row['segment']}  {row['state']:<7} {size}  {records}  {times}".rstrip())
    if not as_json:
        total = sum(row["disk_bytes"] for row in rows)
        print(f"{many(len(rows), 'segment')}, {total:,} bytes on disk", file=sys.stderr)
    return 0


def _row(segment: Segment) -> dict[str, Any]:
    from seavigil.records import rfc3339
    from seavigil.store.rawlog_prune import size
    from seavigil.store.rawlog_segments import read_seal

    try:
        seal = None if segment.plain else read_seal(segment)
        state = "open" if segment.plain else "sealed" if seal is not None else "no seal"
    except ValueError:
        seal, state = None, "damaged"
    times = None if seal is None else seal.times
    return {
        "segment": segment.name,
        "state": state,
        "first_seq": segment.first_seq,
        "last_seq": None if seal is None else seal.last_seq,
        "records": None if seal is None else seal.records,
        "plain_bytes": None if seal is None else seal.plain_bytes,
        "disk_bytes": size(segment),
        "began": None if times is None else rfc3339(times.first_us),
        "ended": None if times is None else rfc3339(times.last_us),
        "digest": None if seal is None else seal.digest,
    }


@app.command("verify")
def verify(folder: Folder, as_json: AsJson = False) -> int:
    """Check every byte of a raw log, and that no segment is missing; exit code 2 if something is wrong.

    The digest printed at the end stands for all that is sealed: kept elsewhere, it proves later that
    nothing was changed.

    Example: seavigil log verify /var/lib/seavigil
    """
    import json
    from dataclasses import asdict

    from seavigil.store import rawlog_verify

    found = rawlog_verify.verify(_log(folder))
    if as_json:
        print(json.dumps({"sound": found.sound, **asdict(found)}))
    else:
        for finding in found.findings:
            print(f"{finding.segment}: {finding.what}", file=sys.stderr)
        bad = sum(finding.bad for finding in found.findings)
        counted = f"{many(found.segments, 'segment')}, {many(found.records, 'record')}"
        print(f"{counted}: " + ("nothing is lost or changed" if found.sound else f"{bad} found wrong"))
        if found.digest is not None:
            print(f"digest of the newest seal: {found.digest}")
    return 0 if found.sound else DAMAGED


@app.command("export")
def export(
    folder: Folder,
    feed: Annotated[str, typer.Option(help="Name of the feed.")],
    out: Annotated[Path, typer.Option(help="File to write; never one that is there.")],
    from_time: Annotated[str | None, typer.Option("--from", help="Received from then on (RFC 3339).")] = None,
    to_time: Annotated[str | None, typer.Option("--to", help="Received before then (RFC 3339).")] = None,
    tag_blocks: Annotated[
        bool,
        typer.Option(
            "--tag-blocks", help="Give AIS sentences that have no time a tag block with that of receipt."
        ),
    ] = False,
    as_json: AsJson = False,
) -> int:
    """Write out what a feed sent, byte for byte, one connection behind another: a recording for `watch`.

    Example: seavigil log export /var/lib/seavigil --feed coast --from 2026-01-01T00:00:00Z --out coast.nmea
    """
    import json
    from dataclasses import asdict

    from seavigil.records import parse_time_us
    from seavigil.store import rawlog_export

    from_us, to_us = (None if text is None else parse_time_us(text) for text in (from_time, to_time))
    if out.exists():
        raise ValueError(f"{out} is there already; nothing was written")
    lost: list[str] = []
    done = rawlog_export.export(
        _log(folder),
        feed,
        out,
        from_us=from_us,
        to_us=to_us,
        tag_blocks=tag_blocks,
        say=lambda gone: lost.append(str(gone)),
    )
    for why in lost:
        print(why, file=sys.stderr)
    if as_json:
        print(json.dumps({**asdict(done), "lost": lost}))
    else:
        print(f"{out}: {done.size:,} bytes of {many(done.streams, 'connection')}")
    return DAMAGED if lost else 0


@app.command("prune")
def prune(
    folder: Folder,
    keep: Annotated[str | None, typer.Option(help="Keep what came in so long: 30d, 12h, 4w.")] = None,
    keep_bytes: Annotated[str | None, typer.Option(help="Keep so much: 100GB, 500MB.")] = None,
    as_json: AsJson = False,
) -> int:
    """Remove the oldest sealed segments: what is older, and what is more, than you keep.

    Age counts the time in which the log was written, so that a clock gone wrong makes nothing old.
    What a running service may still need is never removed, nor the newest sealed segment.

    Example: seavigil log prune /var/lib/seavigil --keep 30d --keep-bytes 100GB
    """
    import json
    from dataclasses import asdict

    from seavigil.store import rawlog_prune

    if keep is None and keep_bytes is None:
        raise ValueError("say what to keep: --keep 30d, --keep-bytes 100GB, or both")
    keep_s = None if keep is None else length_s(keep)
    most = None if keep_bytes is None else size_bytes(keep_bytes)
    gone = rawlog_prune.prune(_log(folder), keep_s, most)
    if as_json:
        for note in gone:
            print(json.dumps(asdict(note)))
    else:
        freed = sum(note.size for note in gone)
        which = f": records {gone[0].first_seq} to {gone[-1].last_seq}" if gone else ""
        print(f"{many(len(gone), 'segment')} removed, {freed:,} bytes{which}")
    return 0


def _log(folder: Path) -> Path:
    """Give the folder of the log itself. Raises ``ValueError`` where there is none."""
    from seavigil.store.rawlog_notes import pruned
    from seavigil.store.rawlog_segments import segments

    for place in (folder, folder / "log"):
        if segments(place) or pruned(place):
            return place
    raise ValueError(f"{folder}: no raw log is there")


def length_s(text: str) -> float:
    """Read a length of time such as ``30d``, ``12h``, ``4w``, in seconds. Raises ``ValueError``.

    >>> length_s("30d")
    2592000.0
    """
    found = re.fullmatch(r"(\d{1,9}(?:\.\d{1,9})?) ?([smhdw])", text.strip(), re.ASCII)
    if found is None:
        raise ValueError(f"{text[:40]!r} is no length of time; write 12h, 30d or 4w")
    return float(found[1]) * _LENGTHS_S[found[2]]


def size_bytes(text: str) -> int:
    """Read a size such as ``100GB`` or ``500MB`` (powers of 1,000), in bytes. Raises ``ValueError``.

    >>> size_bytes("1.5GB")
    1500000000
    """
    found = re.fullmatch(r"(\d{1,15}(?:\.\d{1,9})?) ?(kB|MB|GB|TB|)", text.strip(), re.ASCII)
    if found is None:
        raise ValueError(f"{text[:40]!r} is no size; write 500MB, 100GB or 2TB")
    return int(float(found[1]) * _UNITS[found[2]])
