"""Outage notices: which asset failed, when, where along it, and how sure that is.

Columns of a table, or keys of JSON objects (one, a list, one a line, or a list under ``faults``):

| name | meaning |
|---|---|
| ``time`` | when it happened (also ``at``) |
| ``asset`` | id or name (also ``asset_id``, ``cable``) |
| ``within`` | known to within so long: ``90s``, ``30m``, ``1h`` (also ``within_s``); default one minute |
| ``km_along``, ``km_error`` | where in kilometres, and how sure (also ``km``) |
| ``km_from``, ``slack`` | ``start`` or ``end`` of the route; metres of fibre to a metre of route |
| ``noticed`` | when the notice came in; default: the time and ``within`` |
| ``source``, ``confidence``, ``id`` | who says so, how sure (0 to 1), what it is called |
| ``replaces`` | id of the notice that this one corrects: from when this one came in that one holds no more |
| ``withdraws`` | id of a notice that is taken back; ``noticed``: from when on, default: it never held |
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from typing import Any

from seavigil.assets.check import Finding
from seavigil.assets.model import Asset, Assets
from seavigil.fault import Fault, Notice, Withdrawal
from seavigil.hashing import short_id
from seavigil.inputs.files import UnreadableSurroundings, number, rejected, rows_of, text_of
from seavigil.records import NEVER_US, SECOND_US, parse_time_us, rfc3339

_ALIASES = {
    "at": "time",
    "timestamp": "time",
    "time_utc": "time",
    "asset_id": "asset",
    "cable": "asset",
    "km": "km_along",
    "kilometre": "km_along",
    "within_s": "within",
    "noticed_at": "noticed",
    "fault_id": "id",
}
_NOTICES = (".csv", ".json", ".jsonl", ".ndjson")
_LENGTH = re.compile(r"([0-9]+(?:\.[0-9]+)?) *(s|sec|m|min|h)?", re.IGNORECASE)
_SECONDS = {"": 1.0, "s": 1.0, "sec": 1.0, "m": 60.0, "min": 60.0, "h": 3600.0}
#: Own choice: a notice that is unsure by more than two days names no ship.
MOST_WITHIN_S = 48 * 3600.0
#: Own choice: no fibre lies in its cable, and no cable on the ground, with more than a fifth of slack.
MOST_SLACK = 1.2
#: A place so little beyond the end is at the end: routes and fibres are measured no better (own choice).
_BEYOND_SHARE = 0.005
_END = {False: "start", True: "end"}
_LATEST_US = parse_time_us("2200-01-01T00:00:00Z")


@dataclass(frozen=True)
class FaultsRead:
    """The notices of some files, those taken back included, and what was left out and why.

    ``zoneless``: how many times had no zone and were taken as UTC.
    """

    faults: tuple[Fault, ...]
    findings: tuple[Finding, ...]
    withdrawals: tuple[Withdrawal, ...] = ()
    zoneless: int = 0


def read_faults(path: Path, assets: Assets) -> FaultsRead:
    """Read the notices of one file, plain or gzipped, recognised by its content.

    Of notices with one id the first counts; without one it is named by what it says. A notice about an
    asset that is not among ``assets``, or of a kilometre beyond its length, is left out and told. Raises
    ``UnreadableSurroundings`` for a file that cannot be read or has no notice in it.
    """
    read = _read(path, assets)
    if not read.faults and not read.withdrawals:
        findings = read.findings
        first = f"; first: {findings[0].asset}: {findings[0].message}" if findings else ""
        raise UnreadableSurroundings(f"{path}: no fault notice in it, {len(findings)} left out{first}")
    return read


def _read(path: Path, assets: Assets) -> FaultsRead:
    """Read a file that may hold nothing but what cannot be used. Raises ``UnreadableSurroundings``."""
    faults: dict[str, Fault] = {}
    withdrawals: list[Withdrawal] = []
    findings: list[Finding] = []
    zoneless = 0
    for place, row in _rows(path, text_of(path)):
        try:
            notice = notice_of(row, assets)
            if isinstance(notice, Withdrawal):
                withdrawals.append(notice)
            elif notice.fault_id in faults:
                raise ValueError(f"id {notice.fault_id!r} is taken")
            else:
                faults[notice.fault_id] = notice
            zoneless += sum(_zoneless((row or {}).get(name)) for name in ("time", "noticed"))
        except ValueError as why:
            findings.append(rejected("bad_fault", place, path, str(why)))
    return FaultsRead(tuple(faults.values()), tuple(findings), tuple(withdrawals), zoneless)


def _zoneless(text: str | None) -> bool:
    return bool(text) and datetime.fromisoformat((text or "").strip().upper()).tzinfo is None


def _rows(path: Path, text: str) -> Iterator[tuple[str, Any]]:
    """Give (place in the file, row) with own names and text cells."""
    if text.lstrip()[:1] not in ("{", "["):
        yield from ((f"line {line}", named(row)) for line, row in rows_of(path, text, ()))
        return
    try:
        whole = json.loads(text)
    except (ValueError, RecursionError):
        for n, line in enumerate(text.splitlines(), start=1):
            if line.strip():
                yield f"line {n}", _of_json(_loaded(line))
        return
    rows = whole.get("faults", whole) if isinstance(whole, Mapping) else whole
    for n, row in enumerate(rows if isinstance(rows, list) else [rows], start=1):
        yield f"entry {n}", _of_json(row)


def _loaded(line: str) -> Any:
    try:
        return json.loads(line)
    except (ValueError, RecursionError):
        return None


def _of_json(row: Any) -> dict[str, str] | None:
    return named(row) if isinstance(row, Mapping) else None


def named(row: Mapping[str, Any]) -> dict[str, str]:
    """Give a notice's values as text, under the names of the module's table."""
    texts = {str(name).strip().casefold(): "" if v is None else str(v).strip() for name, v in row.items()}
    return {_ALIASES.get(name, name): value for name, value in texts.items()}


def notice_of(row: Mapping[str, str] | None, assets: Assets) -> Notice:
    """Understand one notice, or one that takes another back. Raises ``ValueError`` that says why not."""
    gone = None if row is None else row.get("withdraws")
    if row is None or not gone:
        return fault_of(row, assets)
    if row.get("asset") or row.get("time"):
        raise ValueError(f"withdraws {gone!r} and tells of a fault as well: write replaces for that")
    noticed = row.get("noticed")
    return Withdrawal(gone, _time_us(noticed) if noticed else None)


def fault_of(row: Mapping[str, str] | None, assets: Assets) -> Fault:
    """Understand one notice, by the names of the module's table. Raises ``ValueError`` that says why not."""
    if row is None:
        raise ValueError("no JSON object")
    if not row.get("asset"):
        raise ValueError("no asset named")
    asset = assets.find(row["asset"])
    at_us = _time_us(row.get("time", ""))
    within_s = duration_s(row.get("within") or "60s")
    noticed = row.get("noticed")
    noticed_us = _time_us(noticed) if noticed else at_us + int(within_s * SECOND_US)
    if noticed_us < at_us - within_s * SECOND_US:
        raise ValueError(f"noticed at {rfc3339(noticed_us)}, before it can have happened")
    km_along, km_error = _place(row, asset)
    confidence = number(row, "confidence")
    replaces = row.get("replaces") or None
    said = [asset.asset_id, at_us, within_s, km_along, km_error, row.get("source")]
    said += [] if replaces is None else [replaces]  # back to what it was once is another notice
    return Fault(
        fault_id=row.get("id") or short_id("fault", *said),
        asset_id=asset.asset_id,
        at_us=at_us,
        noticed_us=noticed_us,
        within_s=within_s,
        km_along=km_along,
        km_error=km_error,
        source=row.get("source") or None,
        confidence=1.0 if confidence is None else confidence,
        replaces=replaces,
    )


def _time_us(text: str) -> int:
    at_us = parse_time_us(text)
    if _is_day(text):
        raise ValueError(f"{text!r} is a whole day: give the time of day as well, as 2024-12-25T10:26:00Z")
    if not 0 <= at_us <= _LATEST_US:
        raise ValueError(f"{text!r} is no time of a cable's fault")
    return at_us


def _is_day(text: str) -> bool:
    try:
        date.fromisoformat(text.strip())
    except ValueError:
        return False
    return True


def _place(row: Mapping[str, str], asset: Asset) -> tuple[float | None, float | None]:
    """Give where along the route, and how sure, in kilometres from its first vertex."""
    km, error, slack = (number(row, name) for name in ("km_along", "km_error", "slack"))
    slack = 1.0 if slack is None else slack
    if not 1.0 <= slack <= MOST_SLACK:
        raise ValueError(f"slack {slack:g} is not within 1..{MOST_SLACK:g}: metres of fibre to one of route")
    if error is not None and error < 0:
        raise ValueError(f"km_error must be 0 or more, not {error:g}")
    if km is None:
        return None, None
    ends = row.get("km_from") or "start"
    if ends.casefold() not in ("start", "end"):
        raise ValueError(f"km_from {ends!r} is neither start nor end")
    return route_km(asset, km, from_end=ends.casefold() == "end", slack=slack), error


def route_km(asset: Asset, km: float, *, from_end: bool = False, slack: float = 1.0) -> float:
    """Give the kilometre along the route of so many kilometres of fibre from one of its ends.

    Raises ``ValueError`` where the asset has no such kilometre.
    """
    if asset.length_km is None:
        raise ValueError(f"{asset.name} is no line: it has no kilometre {km:g}")
    along = km / slack
    if along < 0.0:
        raise ValueError(f"kilometre {km:g} of {asset.name}: they count from 0 at its {_END[from_end]}")
    if not 0.0 <= along <= asset.length_km * (1.0 + _BEYOND_SHARE):
        raise ValueError(
            f"kilometre {along:g} is beyond {asset.name}, which is {asset.length_km:.1f} km long"
        )
    along = min(along, asset.length_km)
    return asset.length_km - along if from_end else along


def duration_s(text: str) -> float:
    """Read a length of time: ``90s``, ``30m``, ``1.5h``; a number alone is seconds. Raises ``ValueError``.

    >>> duration_s("30m")
    1800.0
    """
    found = _LENGTH.fullmatch(text.strip())
    if found is None or not text.isascii():
        raise ValueError(f"{text[:40]!r} is no length of time; write 90s, 30m or 1h")
    seconds = float(found[1]) * _SECONDS[(found[2] or "").casefold()]
    if seconds > MOST_WITHIN_S:
        raise ValueError(f"{text[:40]} is longer than {MOST_WITHIN_S / 3600:.0f}h")
    return seconds


def as_json(fault: Fault) -> dict[str, Any]:
    """Give a notice as the object that ``read_faults`` reads."""
    return {
        "id": fault.fault_id,
        "asset": fault.asset_id,
        "time": rfc3339(fault.at_us),
        "within_s": fault.within_s,
        "km_along": fault.km_along,
        "km_error": fault.km_error,
        "noticed": rfc3339(fault.noticed_us),
        "source": fault.source,
        "confidence": fault.confidence,
        "replaces": fault.replaces,
    }


@dataclass
class Notices:
    """The notices of files, read once, and of folders, which are looked at again each time it is asked.

    A file given by name must be there and hold a notice: raises ``UnreadableSurroundings``. One in a folder
    that cannot be read, perhaps because it is not whole yet, is read again once it has changed.
    ``findings``: what was left out so far, by file.
    """

    paths: Sequence[Path]
    assets: Assets
    findings: dict[Path, tuple[Finding, ...]] = field(default_factory=dict)
    known: dict[str, Fault] = field(default_factory=dict)
    withdrawn: dict[str, Withdrawal] = field(default_factory=dict)
    _zoneless: dict[Path, int] = field(default_factory=dict)
    _files: list[Path] = field(default_factory=list)
    _seen: dict[Path, tuple[int, int]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Read the files that are no folders, so that a wrong name is told before anything is watched."""
        self._folders = [path for path in self.paths if path.is_dir()]
        self._files = [path for path in self.paths if not path.is_dir()]
        self._waiting: list[Notice] = []
        for path in self._files:
            self._waiting += self._take(path, read_faults)

    @property
    def left_out(self) -> list[Finding]:
        """What was left out so far, of all files."""
        return [finding for findings in self.findings.values() for finding in findings]

    @property
    def zoneless(self) -> int:
        """How many times had no zone and were taken as UTC."""
        return sum(self._zoneless.values())

    @property
    def standing(self) -> list[Fault]:
        """The notices known that nothing withdraws or replaces."""
        return [fault for fault in self.known.values() if self.gone(fault.fault_id) is None]

    def gone(self, fault_id: str) -> str | None:
        """Say what became of a notice: ``withdrawn``, or ``replaced by`` another; None while it stands."""
        by = [fault.fault_id for fault in self.known.values() if fault.replaces == fault_id]
        if by:
            return f"replaced by {', '.join(by)}"
        return "withdrawn" if fault_id in self.withdrawn else None

    def fresh(self) -> list[Notice]:
        """Give the notices that came in since the last call, in order of when they were noticed.

        Those that take others back from the first come first.
        """
        found, self._waiting = self._waiting, []
        for path in (p for folder in self._folders for p in notices_in(folder)):
            stamp = _stamp(path)
            if stamp is not None and self._seen.get(path) != stamp:
                self._seen[path] = stamp
                found += self._take(path, _tolerant)
        return sorted(found, key=_when)

    def _take(self, path: Path, how: Callable[[Path, Assets], FaultsRead]) -> list[Notice]:
        read = how(path, self.assets)
        self.findings[path] = read.findings
        self._zoneless[path] = read.zoneless
        new: list[Notice] = [fault for fault in read.faults if fault.fault_id not in self.known]
        new += [w for w in read.withdrawals if w.fault_id not in self.withdrawn]
        self.known = {fault.fault_id: fault for fault in read.faults} | self.known
        self.withdrawn = {w.fault_id: w for w in read.withdrawals} | self.withdrawn
        return new


def _when(notice: Notice) -> tuple[int, str]:
    return NEVER_US if notice.noticed_us is None else notice.noticed_us, notice.fault_id


def _tolerant(path: Path, assets: Assets) -> FaultsRead:
    """Read a file of a folder; where it cannot be read, that is all that is told."""
    try:
        read = _read(path, assets)
    except UnreadableSurroundings as why:
        return FaultsRead((), (rejected("bad_fault", "the file", path, _without(path, str(why))),))
    if read.faults or read.withdrawals or read.findings:
        return read
    return FaultsRead((), (rejected("bad_fault", "the file", path, "no fault notice in it"),))


def _without(path: Path, message: str) -> str:
    return message.removeprefix(f"{path}: ")


def notices_in(folder: Path) -> list[Path]:
    """Give the files of a folder that may hold notices, by name; hidden ones are not whole yet."""
    try:
        found = [p for p in folder.iterdir() if not p.name.startswith(".")]
    except OSError:  # it may come back: a share that is not mounted for a moment
        return []
    return sorted(p for p in found if p.name.casefold().removesuffix(".gz").endswith(_NOTICES))


def _stamp(path: Path) -> tuple[int, int] | None:
    try:
        stat = path.stat()
    except OSError:  # taken away meanwhile
        return None
    return stat.st_mtime_ns, stat.st_size
