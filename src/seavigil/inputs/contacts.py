"""Contacts of other sensors: a table or GeoJSON points.

Columns, or properties of a point: ``time``; ``lat_deg, lon_deg`` (or ``lat, lon``, ``latitude, longitude``);
``error_m``; and, where known, ``id``, ``sensor`` (sar, optical, rf, seabed, radar), ``length_m`` and
``confidence``.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from seavigil.assets.check import Finding
from seavigil.inputs.files import (
    UnreadableSurroundings,
    as_paths,
    number,
    position,
    rejected,
    rows_of,
    text_of,
)
from seavigil.normal.contacts import OTHER, SENSORS, Contact, Contacts
from seavigil.records import parse_time_us

_ALIASES = {
    "lat": "lat_deg",
    "latitude": "lat_deg",
    "lon": "lon_deg",
    "lng": "lon_deg",
    "longitude": "lon_deg",
    "contact_id": "id",
    "timestamp": "time",
    "time_utc": "time",
}
#: Longer than any ship afloat (Prelude, 488 m) or on any chart.
_MOST_LENGTH_M = 600.0


@dataclass(frozen=True)
class ContactsRead:
    """The contacts of some files, and what was left out and why."""

    contacts: Contacts
    findings: tuple[Finding, ...]


def read_contacts(paths: Iterable[str | Path] | str | Path) -> ContactsRead:
    """Read contacts from CSV or GeoJSON, plain or gzipped, recognised by their content.

    A contact without an id is named by its file and place there. Of contacts with one id the first
    counts. Raises ``UnreadableSurroundings`` for a file that cannot be read or has no contact in it.
    """
    contacts: dict[str, Contact] = {}
    findings: list[Finding] = []
    for path in as_paths(paths):
        before, first = len(contacts), len(findings)
        for place, row in _rows(path, text_of(path)):
            try:
                contact = _contact(row, f"{path.name}:{place}")
                if contact.contact_id in contacts:
                    raise ValueError(f"id {contact.contact_id!r} is taken")
                contacts[contact.contact_id] = contact
            except ValueError as fault:
                findings.append(rejected("bad_contact", place, path, str(fault)))
        if len(contacts) == before:
            faults = findings[first:]
            why = f"; first: {faults[0].asset}: {faults[0].message}" if faults else ""
            raise UnreadableSurroundings(f"{path}: no contact in it, {len(faults)} left out{why}")
    return ContactsRead(Contacts(tuple(contacts.values())), tuple(findings))


def _rows(path: Path, text: str) -> Iterator[tuple[str, Mapping[str, str]]]:
    """Give (place in the file, row) with own column names and text cells."""
    if text.lstrip()[:1] != "{":
        yield from ((f"line {line}", _named(row)) for line, row in rows_of(path, text, ()))
        return
    try:
        whole = json.loads(text)
    except (ValueError, RecursionError) as fault:
        raise UnreadableSurroundings(f"{path}: not GeoJSON") from fault
    features = whole.get("features", [whole])
    for n, feature in enumerate(features if isinstance(features, list) else [], start=1):
        yield f"feature {n}", _of_feature(feature)


def _named(row: Mapping[str, Any]) -> dict[str, str]:
    named = {str(name).strip().casefold(): "" if v is None else str(v).strip() for name, v in row.items()}
    return {_ALIASES.get(name, name): value for name, value in named.items()}


def _of_feature(feature: Any) -> dict[str, str]:
    """Give a feature's properties with the place of its point; empty where it is no point."""
    if not isinstance(feature, Mapping):
        return {}
    geometry, told = feature.get("geometry"), feature.get("properties")
    row = _named(told) if isinstance(told, Mapping) else {}
    if feature.get("id") is not None:
        row.setdefault("id", str(feature["id"]))
    if isinstance(geometry, Mapping) and geometry.get("type") == "Point":
        at = geometry.get("coordinates")
        if isinstance(at, list) and len(at) >= 2:
            row |= {"lon_deg": str(at[0]), "lat_deg": str(at[1])}
    return row


def _contact(row: Mapping[str, str], name: str) -> Contact:
    """Understand one row. Raises ``ValueError`` that says what is wrong with it."""
    lat, lon = position(row)
    error_m, length_m, confidence = (number(row, k) for k in ("error_m", "length_m", "confidence"))
    if error_m is None or error_m < 0:
        raise ValueError("error_m is wanted: within how many metres 95 % of such contacts are")
    if length_m is not None and not 0 < length_m <= _MOST_LENGTH_M:
        raise ValueError(f"length_m {length_m:g} is no ship's")
    if confidence is not None and not 0 <= confidence <= 1:
        raise ValueError(f"confidence {confidence:g} is not within 0..1")
    sensor = row.get("sensor", "").casefold()
    return Contact(
        contact_id=row.get("id") or name,
        time_us=parse_time_us(row.get("time", "")),
        lat_deg=lat,
        lon_deg=lon,
        error_m=error_m,
        sensor=sensor if sensor in SENSORS else OTHER,
        length_m=length_m,
        confidence=confidence,
    )
