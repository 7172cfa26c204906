"""Files of depths: CSV with named columns, or bare ``longitude latitude depth`` (xyz)."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from seavigil.assets.check import Finding
from seavigil.inputs.files import (
    Row,
    UnreadableSurroundings,
    as_paths,
    number,
    position,
    rejected,
    rows_of,
    text_of,
)
from seavigil.normal.depth import Depth
from seavigil.normal.nearest import Points

#: Names of columns we do not know: which of them is the latitude must not be guessed.
_WORD = re.compile(r"(?!nan\b|inf\b)[a-z_]{2,}")
_NAMES = ("lat_deg", "lon_deg", "depth_m")
#: Nothing is deeper: the Challenger Deep has some 10,935 m. Land in a grid is higher by less than that.
_DEEPEST_M = 11_000.0
#: Rejected rows named one by one; beyond that they are counted together.
_NAMED = 20


@dataclass(frozen=True)
class DepthRead:
    """The depths of some files, and what was left out and why."""

    depth: Depth
    findings: tuple[Finding, ...]


def read_depth(paths: Iterable[str | Path] | str | Path, *, within_m: float = 500.0) -> DepthRead:
    """Read depths, positive down, from CSV or xyz, plain or gzipped.

    CSV: columns ``lat_deg, lon_deg, depth_m``. Without these names in the first line: three
    numbers a line, longitude, latitude, depth, as EMODnet exports them; other names are refused, as
    nothing tells which is which. Where more than half of an
    xyz file is below zero it holds heights, and the sign is turned. Raises
    ``UnreadableSurroundings`` for a file that cannot be read or has nothing usable in it.
    """
    parts: list[np.ndarray[tuple[int, int], np.dtype[np.float64]]] = []
    findings: list[Finding] = []
    for path in as_paths(paths):
        rows, faults = _rows(path, text_of(path))
        if not rows:
            first = f"; first: {faults[0].asset}: {faults[0].message}" if faults else ""
            raise UnreadableSurroundings(f"{path}: no depths in it{first}")
        parts.append(np.array(rows))
        findings += faults
    lat, lon, depth_m = np.concatenate(parts).T
    return DepthRead(Depth(Points(lat, lon), depth_m, within_m), tuple(findings))


_Rows = list[tuple[float, float, float]]


def _rows(path: Path, text: str) -> tuple[_Rows, list[Finding]]:
    head = text.lstrip().split("\n", 1)[0].casefold()
    bare = "depth_m" not in head
    if bare and _WORD.search(head):
        raise UnreadableSurroundings(f"{path}: no column {', '.join(_NAMES)}, nor bare numbers")
    table = _bare(text) if bare else rows_of(path, text, _NAMES)
    rows: _Rows = []
    bad: list[tuple[int, str]] = []
    for line, row in table:
        try:
            rows.append((*position(row), _depth_m(row)))
        except ValueError as fault:
            bad.append((line, str(fault)))
    if bare and sum(depth < 0 for _, _, depth in rows) * 2 > len(rows):
        rows = [(lat, lon, -depth) for lat, lon, depth in rows]
    return rows, _told(path, bad)


def _bare(text: str) -> Iterable[tuple[int, Row]]:
    for line, said in enumerate(text.splitlines(), 1):
        cells = said.replace(",", " ").replace(";", " ").split()
        if cells:
            yield line, dict(zip(("lon_deg", "lat_deg", "depth_m"), cells, strict=False))


def _depth_m(row: Row) -> float:
    depth = number(row, "depth_m")
    if depth is None:
        raise ValueError("no depth")
    if abs(depth) > _DEEPEST_M:
        raise ValueError(f"depth {depth:g} m cannot be")
    return depth


def _told(path: Path, bad: list[tuple[int, str]]) -> list[Finding]:
    named = [rejected("bad_row", f"line {line}", path, said) for line, said in bad[:_NAMED]]
    if len(bad) > _NAMED:
        named.append(rejected("bad_rows", "more lines", path, f"{len(bad) - _NAMED} more rows of this kind"))
    return named
