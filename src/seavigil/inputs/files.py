"""What the readers of surroundings share: opening, unpacking, tables with named columns, findings."""

from __future__ import annotations

import csv
import gzip
import io
import math
import zlib
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from seavigil.assets.check import ERROR, Finding

_ENDINGS = (".geojson", ".json", ".gpkg", ".shp", ".fgb", ".csv", ".xyz")
_GZIP_MAGIC = b"\x1f\x8b"
#: No file of this kind is larger; one that unpacks to more is refused before it fills the memory.
MAX_BYTES = 1 << 30


class UnreadableSurroundings(ValueError):
    """A file of surroundings gives nothing usable; the message is one line that names it and says why."""


def as_paths(paths: Iterable[str | Path] | str | Path) -> list[Path]:
    """Give the files of one path or several; a folder stands for the files of these kinds in it.

    Raises ``UnreadableSurroundings`` for a folder without any.
    """
    given = [Path(paths)] if isinstance(paths, str | Path) else [Path(p) for p in paths]
    return [file for path in given for file in (_inside(path) if path.is_dir() else [path])]


def _inside(folder: Path) -> list[Path]:
    found = sorted(p for p in folder.iterdir() if p.name.casefold().removesuffix(".gz").endswith(_ENDINGS))
    if not found:
        raise UnreadableSurroundings(
            f"{folder}: no files of surroundings in this folder ({', '.join(_ENDINGS)})"
        )
    return found


def text_of(path: Path) -> str:
    """Read a text file, gzipped or not. Raises ``UnreadableSurroundings``."""
    try:
        with path.open("rb") as file:
            packed = file.read(2) == _GZIP_MAGIC
        with gzip.open(path) if packed else path.open("rb") as file:
            raw = file.read(MAX_BYTES + 1)
    except (OSError, EOFError, zlib.error) as fault:
        raise UnreadableSurroundings(f"{path}: {_why(fault)}") from fault
    if len(raw) > MAX_BYTES:
        raise UnreadableSurroundings(f"{path}: larger than {MAX_BYTES >> 20} MiB")
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as fault:
        raise UnreadableSurroundings(f"{path}: not UTF-8 text") from fault
    if not text.strip():
        raise UnreadableSurroundings(f"{path}: empty file")
    return text


def _why(fault: Exception) -> str:
    if isinstance(fault, OSError) and fault.strerror:
        return fault.strerror
    return "not a whole gzip file"


Row = Mapping[str, str]


def rows_of(path: Path, text: str, wanted: Iterable[str]) -> Iterator[tuple[int, Row]]:
    """Give (line number, row) of a CSV whose header has the columns ``wanted``; letter case does not matter.

    Commas or semicolons part the columns, whichever the header has more of. Raises
    ``UnreadableSurroundings`` when a column is missing or the file is no table.
    """
    head = text.split("\n", 1)[0]
    reader = csv.reader(io.StringIO(text), delimiter=max(",;\t", key=head.count))
    try:
        names = [name.strip().casefold() for name in next(reader)]
        missing = [name for name in wanted if name not in names]
        if missing:
            raise UnreadableSurroundings(f"{path}: no column {', '.join(missing)}")
        for cells in reader:
            if any(cell.strip() for cell in cells):
                yield reader.line_num, dict(zip(names, (c.strip() for c in cells), strict=False))
    except csv.Error as fault:
        raise UnreadableSurroundings(f"{path}: not a CSV: {fault}") from fault


def number(row: Row, name: str) -> float | None:
    """Give a cell as a finite number, None when it is empty. Raises ``ValueError`` that names the cell."""
    cell = row.get(name, "")
    if not cell:
        return None
    try:
        value = float(cell)
    except ValueError:
        value = math.nan
    if not math.isfinite(value):
        raise ValueError(f"{name} {cell[:40]!r} is no number")
    return value


def position(row: Row, lat_name: str = "lat_deg", lon_name: str = "lon_deg") -> tuple[float, float]:
    """Give latitude and longitude of a row. Raises ``ValueError`` where there is none or it cannot be."""
    lat, lon = number(row, lat_name), number(row, lon_name)
    if lat is None or lon is None:
        raise ValueError("no position")
    if abs(lat) > 90 or abs(lon) > 180:
        raise ValueError(f"position {lat:g}, {lon:g} is out of range")
    return lat, lon


def rejected(code: str, where: str, path: Path, message: str, fix: str = "left out") -> Finding:
    """Say that one thing of a file was left out and why."""
    return Finding(ERROR, code, where, str(path), message, fix)
