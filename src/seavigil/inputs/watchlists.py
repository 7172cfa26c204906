"""Lists of ships: an own CSV or JSON, and OpenSanctions' table of targets and lines of entities.

| form | recognised by | taken |
|---|---|---|
| own CSV | a column ``imo``, ``mmsi`` or ``name`` | ``imo, mmsi, name, callsign, reason, id`` |
| own JSON | a list of objects with those keys, or an object with such a list under ``ships`` | the same |
| OpenSanctions ``targets.simple.csv`` | columns ``schema`` and ``identifiers`` | rows of schema Vessel |
| OpenSanctions entities, a JSON object a line | ``schema`` and ``properties`` | entities of schema Vessel |
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from seavigil.assets.check import Finding
from seavigil.callsign import imo_can_be
from seavigil.inputs.files import UnreadableSurroundings, as_paths, rejected, rows_of, text_of
from seavigil.normal.watchlist import Listed, Watchlist

_IDENTIFYING = ("imo", "mmsi", "name")
_NUMBER = re.compile(r"(?:IMO|MMSI)?[\s:#-]*([0-9]+)", re.IGNORECASE)


@dataclass(frozen=True)
class WatchlistsRead:
    """The ships of some lists, what was left out and why, and how many entries are no ships."""

    watchlist: Watchlist
    findings: tuple[Finding, ...]
    unused: int


def read_watchlists(paths: Iterable[str | Path] | str | Path) -> WatchlistsRead:
    """Read lists of ships, plain or gzipped, recognised by their content.

    Raises ``UnreadableSurroundings`` for a file that cannot be read or lists no ship.
    """
    entries: list[Listed] = []
    findings: list[Finding] = []
    unused = 0
    for path in as_paths(paths):
        found: list[Listed] = []
        faults: list[Finding] = []
        for place, told in _records(path, text_of(path)):
            try:
                entry = _entry(path, place, told)
            except ValueError as fault:
                faults.append(rejected("bad_entry", place, path, str(fault)))
                continue
            unused += entry is None
            found += [] if entry is None else [entry]
        if not found:
            first = f"; first: {faults[0].asset}: {faults[0].message}" if faults else ""
            raise UnreadableSurroundings(f"{path}: no ship in it, {len(faults)} left out{first}")
        entries += found
        findings += faults
    return WatchlistsRead(Watchlist(tuple(entries)), tuple(findings), unused)


def _records(path: Path, text: str) -> Iterator[tuple[str, Any]]:
    """Give (place in the file, record); a line that is no JSON comes as text."""
    if text.lstrip()[:1] not in ("{", "["):
        head = text.split("\n", 1)[0].casefold()
        if not any(name in re.split(r'[,;\t"\s]+', head) for name in _IDENTIFYING):
            raise UnreadableSurroundings(f"{path}: no column {', '.join(_IDENTIFYING)}")
        yield from ((f"line {line}", dict(row)) for line, row in rows_of(path, text, ()))
        return
    try:
        whole = json.loads(text)
    except (ValueError, RecursionError):
        lines = ((n, line) for n, line in enumerate(text.splitlines(), start=1) if line.strip())
        yield from ((f"line {n}", _json(line)) for n, line in lines)
        return
    ships = whole.get("ships", [whole]) if isinstance(whole, dict) else whole
    ships = ships if isinstance(ships, list) else [ships]
    yield from ((f"entry {n}", ship) for n, ship in enumerate(ships, start=1))


def _json(line: str) -> Any:
    try:
        return json.loads(line)
    except (ValueError, RecursionError):
        return line


def _entry(path: Path, place: str, told: Any) -> Listed | None:
    """Understand one record; None for one that is no ship. Raises ``ValueError`` where it is faulty."""
    if not isinstance(told, Mapping):
        raise ValueError("no JSON object")
    schema = told.get("schema")
    if schema not in (None, "", "Vessel"):
        return None
    if isinstance(told.get("properties"), Mapping):
        return _of_entity(path, place, told, told["properties"])
    if schema and "identifiers" in told:
        return _of_target(path, place, told)
    told = {str(name).casefold(): value for name, value in told.items()}
    return _listed(
        path,
        str(told.get("id") or place),
        names=_texts(told.get("name")),
        imos=_texts(told.get("imo")),
        mmsis=_texts(told.get("mmsi")),
        callsigns=_texts(told.get("callsign")),
        reasons=_texts(told.get("reason")),
    )


def _of_entity(path: Path, place: str, told: Mapping[str, Any], of: Mapping[str, Any]) -> Listed:
    return _listed(
        path,
        str(told.get("id") or place),
        names=[*_texts(told.get("caption")), *_texts(of.get("name")), *_texts(of.get("alias"))],
        imos=_texts(of.get("imoNumber")),
        mmsis=_texts(of.get("mmsi")),
        callsigns=_texts(of.get("callSign")),
        reasons=[*_texts(of.get("topics")), *_texts(told.get("datasets"))],
    )


def _of_target(path: Path, place: str, told: Mapping[str, Any]) -> Listed:
    """Tell IMO numbers from MMSIs by their length: the column ``identifiers`` holds all of them."""
    given = [part.strip() for part in str(told.get("identifiers") or "").split(";")]
    digits = {part: found[1] for part in given if (found := _NUMBER.fullmatch(part))}
    return _listed(
        path,
        str(told.get("id") or place),
        names=[*_texts(told.get("name")), *str(told.get("aliases") or "").split(";")],
        imos=[d for d in digits.values() if len(d) == 7],
        mmsis=[d for d in digits.values() if len(d) == 9],
        callsigns=[],
        reasons=_texts(told.get("sanctions") or told.get("dataset")),
    )


def _listed(
    path: Path,
    entry_id: str,
    *,
    names: Iterable[str],
    imos: Iterable[str],
    mmsis: Iterable[str],
    callsigns: Iterable[str],
    reasons: Iterable[str],
) -> Listed:
    """Make an entry. Raises ``ValueError`` for numbers that cannot be, and where nothing tells the ship."""
    numbers = sorted({_digits("IMO number", text, 7) for text in imos if text})
    for imo in numbers:
        if not imo_can_be(imo):
            raise ValueError(f"IMO number {imo}: wrong check digit")
    if len(numbers) > 1:
        raise ValueError(f"several IMO numbers: {', '.join(map(str, numbers))}")
    kept = tuple(dict.fromkeys(name.strip() for name in names if name.strip()))
    called = tuple(_digits("MMSI", text, 9) for text in mmsis if text)
    if not (numbers or called or kept):
        raise ValueError("neither IMO number nor MMSI nor name")
    signs = tuple(sign for sign in callsigns if sign)
    return Listed(
        entry_id=entry_id,
        source=str(path),
        names=kept,
        imo=numbers[0] if numbers else None,
        mmsis=called,
        callsigns=signs,
        reason="; ".join(text for text in reasons if text) or None,
    )


def _digits(what: str, text: str, length: int) -> int:
    found = _NUMBER.fullmatch(text.strip())
    if found is None or len(found[1]) != length or not found[1].isascii():
        raise ValueError(f"{what} {text[:40]!r} has not {length} digits")
    return int(found[1])


def _texts(value: Any) -> list[str]:
    """Give a value or a list of values as texts; null and what is no plain value are left out."""
    values = value if isinstance(value, list) else [value]
    return [str(v).strip() for v in values if isinstance(v, str | int) and not isinstance(v, bool)]
