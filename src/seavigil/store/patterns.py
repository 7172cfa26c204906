"""A learned pattern of life as a folder: Parquet tables, and a manifest that names them.

The manifest is replaced last and in one step: a reader sees the folder as it was or as it is. Tables
of an older state are then removed.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

import polars as pl

from seavigil.hashing import short_id
from seavigil.normal.pattern import CELL_LAT_DEG, CELL_LON_DEG, Pattern
from seavigil.normal.pattern_history import BIN_US, SCHEMAS, History
from seavigil.records import SECOND_US
from seavigil.store.disk import named

#: What reads a folder must know this number; it goes up when a table changes its meaning.
VERSION = 1
KIND = "seavigil pattern of life"
_MANIFEST = "manifest.json"


@dataclass(frozen=True)
class Source:
    """One recording learned. ``sha256``: of its bytes; None for what came through a pipe."""

    name: str
    sha256: str | None
    reports: int


@dataclass(frozen=True)
class Learned:
    """A folder's content. ``rates``: how often ordinary traffic raised alerts, as risk wrote it."""

    history: History = field(default_factory=History)
    sources: tuple[Source, ...] = ()
    rates: Mapping[str, Any] | None = None

    def holds(self, sha256: str | None) -> bool:
        """Say whether a recording with these bytes was learned."""
        return sha256 is not None and any(s.sha256 == sha256 for s in self.sources)

    def summary(self) -> dict[str, Any]:
        """Give what the manifest says of it."""
        days = self.history.held.group_by("day").len().sort("day")
        dates = days["day"].cast(pl.Date).dt.to_string("%Y-%m-%d").to_list()
        return {
            "kind": KIND,
            "version": VERSION,
            "bin_s": BIN_US // SECOND_US,
            "cell_lat_deg": CELL_LAT_DEG,
            "cell_lon_deg": CELL_LON_DEG,
            "ship_days": round(self.history.ship_days, 3),
            "ships": self.history.held["ship"].n_unique(),
            "days": dict(zip(dates, days["len"].to_list(), strict=True)),
            "sources": [asdict(s) for s in self.sources],
            "rates": self.rates,
        }


def read(folder: Path) -> Learned:
    """Give what a folder holds. Raises ``ValueError``, which names it, when it holds no pattern or a broken
    one, ``OSError`` when it cannot be read.
    """
    if folder.exists() and not folder.is_dir():
        raise ValueError(f"{folder}: no folder; give the one that `seavigil normal learn` wrote")
    manifest = _manifest(folder)
    tables = {name: _table(folder, name, manifest["tables"]) for name in SCHEMAS}
    sources = tuple(Source(s["name"], s["sha256"], s["reports"]) for s in manifest["sources"])
    return Learned(History(**tables), sources, manifest["rates"])


def pattern(folder: Path) -> tuple[Pattern, Mapping[str, Any] | None]:
    """Give the pattern of a folder and its rates, if any were written. Raises as ``read``."""
    learned = read(folder)
    return learned.history.pattern(), learned.rates


def is_pattern(folder: Path) -> bool:
    """Say whether there is a manifest in the folder."""
    return (folder / _MANIFEST).is_file()


def write(folder: Path, learned: Learned) -> None:
    """Put a pattern into a folder, made if need be, in the place of what it held.

    Raises ``OSError`` when it cannot be written; the folder then holds what it held before.
    """
    with named(folder):
        folder.mkdir(parents=True, exist_ok=True)
        state = short_id(learned.summary(), *(t.hash_rows().sum() for t in learned.history.tables().values()))
        files = {name: f"{name}-{state}.parquet" for name in SCHEMAS}
        for name, table in learned.history.tables().items():
            table.write_parquet(folder / files[name], compression="zstd")
        rows = {name: table.height for name, table in learned.history.tables().items()}
        tables = {name: {"file": file, "rows": rows[name]} for name, file in files.items()}
        _put(folder / _MANIFEST, {**learned.summary(), "tables": tables})
        _remove_others(folder, files.values())


def write_rates(folder: Path, rates: Mapping[str, Any]) -> None:
    """Put rates beside what a folder holds. Raises as ``read`` and ``write``."""
    write(folder, replace(read(folder), rates=rates))


def _put(path: Path, content: Mapping[str, Any]) -> None:
    partial = path.with_name(f".{path.name}.partial")
    with partial.open("w", encoding="utf-8") as out:
        json.dump(content, out, ensure_ascii=False, indent=1)
        out.write("\n")
        out.flush()
        os.fsync(out.fileno())
    partial.replace(path)


def _remove_others(folder: Path, files: Iterable[str]) -> None:
    kept = set(files)
    for name in SCHEMAS:
        for path in folder.glob(f"{name}-*.parquet"):
            if path.name not in kept:
                with suppress(OSError):  # a reader may hold it open; it goes the next time
                    path.unlink()


def _manifest(folder: Path) -> dict[str, Any]:
    path = folder / _MANIFEST
    try:
        manifest = json.loads(path.read_bytes())
    except FileNotFoundError:
        raise ValueError(f"{folder}: no pattern of life in it (no {_MANIFEST})") from None
    except ValueError:
        raise ValueError(f"{path}: no JSON") from None
    if not isinstance(manifest, dict) or manifest.get("kind") != KIND:
        raise ValueError(f"{path}: not the manifest of a pattern of life")
    if manifest.get("version") != VERSION:
        raise ValueError(f"{path}: version {manifest.get('version')!r}; this program reads {VERSION}")
    if manifest.get("bin_s") != BIN_US // SECOND_US or not _complete(manifest):
        raise ValueError(f"{path}: incomplete; learn the history again into an empty folder")
    return manifest


def _complete(manifest: Mapping[str, Any]) -> bool:
    tables, sources = manifest.get("tables"), manifest.get("sources")
    rates = manifest.get("rates")
    return (
        isinstance(tables, dict)
        and all(isinstance(tables.get(n), dict) and "file" in tables[n] for n in SCHEMAS)
        and isinstance(sources, list)
        and all(isinstance(s, dict) and {"name", "sha256", "reports"} <= s.keys() for s in sources)
        and (rates is None or isinstance(rates, dict))
    )


def _table(folder: Path, name: str, tables: Mapping[str, Mapping[str, Any]]) -> pl.DataFrame:
    path = folder / Path(str(tables[name]["file"])).name
    try:
        table = pl.read_parquet(path)
    except FileNotFoundError:
        raise ValueError(f"{path}: the manifest names it, but it is not there") from None
    except (pl.exceptions.PolarsError, OSError) as fault:
        raise ValueError(f"{path}: cannot be read as Parquet ({' '.join(str(fault).split())[:80]})") from None
    if dict(table.schema) != SCHEMAS[name] or table.height != tables[name].get("rows"):
        raise ValueError(f"{path}: not the table that the manifest names")
    return table
