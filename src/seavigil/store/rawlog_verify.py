"""Checks a raw log from end to end: bytes against digests, seals against each other, numbers against gaps."""

from __future__ import annotations

from contextlib import closing
from dataclasses import dataclass
from hashlib import sha256
from itertools import pairwise
from pathlib import Path

from seavigil.store.rawlog_notes import pruned
from seavigil.store.rawlog_open import Opened, Sealed, Unindexed, open_segment
from seavigil.store.rawlog_recover import TORN
from seavigil.store.rawlog_seal import extent
from seavigil.store.rawlog_segments import Seal, Segment, read_seal, segments


@dataclass(frozen=True)
class Finding:
    """What was found in a log. ``bad``: something is lost or was changed; else it is only worth knowing."""

    segment: str
    what: str
    bad: bool = True


@dataclass(frozen=True)
class Verified:
    """A log looked through. ``digest`` of the newest seal: noted elsewhere, it proves the log up to there."""

    findings: tuple[Finding, ...]
    segments: int
    records: int  #: that can be read
    digest: str | None

    @property
    def sound(self) -> bool:
        """Whether nothing is lost or changed."""
        return not any(finding.bad for finding in self.findings)


def verify(folder: Path) -> Verified:
    """Check every byte of a log, also while it is written. Raises ``OSError``."""
    check = _Check(folder)
    there = segments(folder)
    for segment in there:
        check.take(segment)
    check.leftovers({segment.first_seq for segment in there})
    return Verified(tuple(check.findings), len(there), check.records, check.digest)


class _Check:
    """Goes along a log; holds what the next segment must fit."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._notes = pruned(folder)
        self.findings: list[Finding] = []
        self.records = 0
        self.digest = self._notes[-1].digest if self._notes else None
        self._next_seq = self._notes[-1].last_seq + 1 if self._notes else 1
        for before, note in pairwise(self._notes):
            if note.previous != before.digest:
                self._say(Segment(folder, note.first_seq), "was pruned; its seal named another one before it")

    def _say(self, segment: Segment, what: str, *, bad: bool = True) -> None:
        self.findings.append(Finding(segment.name, what, bad))

    def take(self, segment: Segment) -> None:
        """Check one segment, and that it goes on where the one before ended."""
        opened = open_segment(segment)
        if opened is None:
            self._say(segment, "was pruned while the log was looked at", bad=False)
            self._next_seq = segment.first_seq
            return
        with closing(opened):
            self._head(segment, opened)
            if isinstance(opened, Sealed):
                self._sealed(segment, opened.seal, opened)
            elif isinstance(opened, Unindexed):
                self._unindexed(segment, opened)
            else:
                self._plain(segment)

    def _head(self, segment: Segment, opened: Opened) -> None:
        """Check what a segment begins with, and whether records before it are missing."""
        try:
            after_gap = opened.head().after_gap
        except ValueError as fault:
            after_gap = False
            self._say(segment, str(fault))
        missing = segment.first_seq - self._next_seq
        if missing > 0 and after_gap:
            self._say(
                segment, f"{missing:,} records before it never reached the disk in a power cut", bad=False
            )
        elif missing:
            which = f"{self._next_seq} to {segment.first_seq - 1}" if missing > 0 else "twice"
            self._say(segment, f"does not go on where the log before it ends: records {which}")

    def _plain(self, segment: Segment) -> None:
        found = extent(segment)
        left = f"{found.size - found.sound_bytes} bytes at its end are no whole record"
        if found.damaged:
            self._say(segment, f"is damaged from byte {found.sound_bytes} on")
        elif found.size > found.sound_bytes:
            later = "they are being written, or will be cut off when the log is next opened"
            self._say(segment, f"{left}: {later}", bad=False)
        self.records += found.next_seq - segment.first_seq
        self._next_seq = found.next_seq

    def _unindexed(self, segment: Segment, opened: Opened) -> None:
        self._say(segment, _seal_fault(segment))
        self._count(segment, opened)
        self.digest = None

    def _sealed(self, segment: Segment, seal: Seal, opened: Sealed) -> None:
        if seal.previous != self.digest:
            self._say(segment, "its seal names another one before it: the chain is broken")
        with segment.zst_path.open("rb") as file:
            content = file.read()
        if sha256(content).hexdigest() != seal.zst_sha256:
            self._say(segment, "its bytes are not those that were sealed")
        if seal.damaged_at is not None:
            self._say(segment, f"was damaged from byte {seal.damaged_at} on when it was sealed")
        self._count(segment, opened)
        plain = sha256()
        for at in range(len(seal.frames)):
            try:
                plain.update(opened.plain(at))
            except ValueError:  # told already
                break
        else:
            if plain.hexdigest() != seal.plain_sha256:
                self._say(segment, "what it holds is not what was sealed")
        self._next_seq = seal.last_seq + 1
        self.digest = seal.digest

    def _count(self, segment: Segment, opened: Opened) -> None:
        """Read all records of a segment; say where that fails."""
        next_seq = segment.first_seq
        for run in opened.runs(0, lambda why: self._say(segment, why)):
            if run[0].seq != next_seq:
                self._say(segment, f"records {next_seq} to {run[0].seq - 1} cannot be read")
            self.records += len(run)
            next_seq = run[-1].seq + 1
        self._next_seq = next_seq

    def leftovers(self, there: set[int]) -> None:
        """Say what lies about: seals without segments, and torn ends that were kept."""
        gone = there | {note.first_seq for note in self._notes}
        for path in sorted(self._folder.glob("*.seal.json")):
            name = path.name.partition(".")[0]
            if name.isdigit() and int(name) not in gone:
                self._say(Segment(self._folder, int(name)), "was sealed, and is not there any more")
        for path in sorted((self._folder / TORN).glob("*")):
            size = path.stat().st_size
            what = f"a torn end of {size:,} bytes was cut off, and is kept as {TORN}/{path.name}"
            self.findings.append(Finding(path.name.partition(".")[0], what, bad=False))


def _seal_fault(segment: Segment) -> str:
    try:
        read_seal(segment)
    except ValueError as fault:
        return str(fault)
    return "its seal is missing"
