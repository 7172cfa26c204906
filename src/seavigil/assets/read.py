"""Files to assets: kinds, names and ids understood, pieces joined, faults told and left out."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from seavigil.assets import check, properties, sources
from seavigil.assets.check import ERROR, WARNING, Finding
from seavigil.assets.join import join
from seavigil.assets.model import MULTI, Asset, Assets, UnreadableAssets
from seavigil.assets.uncertainty import uncertainty

_OWN_COLUMNS = {"asset_id", "uncertainty_source", "properties_json"}


@dataclass(frozen=True)
class Loaded:
    """The usable assets, what was found on the way, and whether routes were held against the land."""

    assets: Assets
    findings: tuple[Finding, ...]
    land_checked: bool

    @property
    def errors(self) -> int:
        """Number of faults that left an asset out."""
        return sum(f.level == ERROR for f in self.findings)


@dataclass(frozen=True)
class _Piece:
    feature: sources.Feature
    geometry: BaseGeometry
    kind: str
    name: str | None
    asset_id: str | None


def read(paths: Iterable[str | Path] | str | Path) -> Assets:
    """Read the usable assets of files or folders; see ``load`` for what was left out and why.

    Raises ``UnreadableAssets`` (one line) for a file that is missing, empty or not readable, and
    for one in which nothing is usable.
    """
    return load(paths).assets


def load(paths: Iterable[str | Path] | str | Path, *, land: str | Path | None = None) -> Loaded:
    """Read files or folders of assets, join pieces, check everything, leave out what is broken.

    Lines of one name and kind in one file are pieces of one asset. ``land`` is a file of polygons:
    with it routes over land are found too. Raises ``UnreadableAssets`` as ``read`` does.
    """
    given = [paths] if isinstance(paths, str | Path) else list(paths)
    assets: list[Asset] = []
    findings: list[Finding] = []
    for path in sources.expand_paths(given):
        found, faults = _read_file(path)
        if not found:
            raise UnreadableAssets(_nothing_usable(path, faults))
        assets += found
        findings += faults
    if not assets:
        raise UnreadableAssets("no files of assets were given")
    assets, faults = _unique_ids(assets)
    shore = None if land is None else sources.polygons(land)
    faults += check.check(assets, shore)
    broken = {f.asset for f in faults if f.level == ERROR and f.code != "duplicate"}
    kept = Assets(a for a in assets if a.asset_id not in broken)
    if not kept:
        raise UnreadableAssets(_nothing_usable(given[0], faults))
    return Loaded(kept, (*findings, *faults), shore is not None)


def _nothing_usable(path: str | Path, faults: Sequence[Finding]) -> str:
    first = next(f for f in faults if f.level == ERROR)
    count = sum(f.level == ERROR for f in faults)
    return f"{path}: nothing usable in it, {count} errors; first: {first.asset}: {first.message}; {first.fix}"


def _read_file(path: Path) -> tuple[list[Asset], list[Finding]]:
    if path.suffix.casefold() == ".parquet":
        return list(sources.read_parquet(path)), []
    pieces: list[_Piece] = []
    findings: list[Finding] = []
    for feature in sources.features(path):
        piece, faults = _understand(feature)
        findings += faults
        pieces += [piece] if piece else []
    return [_asset(group) for group in _groups(pieces)], findings


def _understand(feature: sources.Feature) -> tuple[_Piece | None, list[Finding]]:
    """Kind, name, id and faults of one feature; no piece when it is broken."""
    told = feature.properties
    shape = None if feature.geometry is None else check.shape_of(feature.geometry)
    own_id, name = properties.id_of(told), properties.name_of(told)
    hint = " ".join([Path(feature.path).stem, feature.layer, own_id or ""])
    kind, claimed = properties.kind_of(told, shape or "", hint)
    where = own_id or name or f"feature {feature.number}"
    faults = [
        Finding(level, code, where, feature.path, message, fix)
        for level, code, message, fix in check.check_geometry(feature.geometry, kind, claimed)
    ]
    if feature.geometry is None or any(f.level == ERROR for f in faults):
        return None, faults
    return _Piece(feature, feature.geometry, kind, name, own_id), faults


def _groups(pieces: Iterable[_Piece]) -> list[list[_Piece]]:
    """Pieces of one asset together: lines of one name and kind, or of one given ``asset_id``."""
    groups: dict[tuple[str, ...], list[_Piece]] = {}
    for number, piece in enumerate(pieces):
        line = check.shape_of(piece.geometry) == "line"
        if "asset_id" in piece.feature.properties:
            key: tuple[str, ...] = ("id", str(piece.asset_id))
        elif line and piece.name:
            key = ("name", piece.kind, " ".join(piece.name.casefold().split()))
        else:
            key = ("alone", str(number))
        groups.setdefault(key, []).append(piece)
    return list(groups.values())


def _asset(pieces: Sequence[_Piece]) -> Asset:
    first = max(pieces, key=lambda p: p.geometry.length)
    told = {
        **{k: v for p in reversed(pieces) for k, v in p.feature.properties.items()},
        **first.feature.properties,
    }
    path = Path(first.feature.path)
    asset_id = _asset_id(pieces, path)
    geometry = _geometry(pieces)
    osm = properties.is_osm(told)
    said = " ".join(str(told.get(k, "")) for k in ("source", "uncertainty_source", "note"))
    metres, reason = uncertainty(told, f"{said} {path.stem} {asset_id}", shape=_shape(geometry), osm=osm)
    return Asset(
        asset_id=asset_id,
        name=first.name or f"unnamed {first.kind.replace('_', ' ')} ({asset_id})",
        kind=first.kind,
        geometry=geometry,
        position_uncertainty_m=metres,
        uncertainty_source=reason,
        operator=properties.operator(told),
        countries=properties.countries(told),
        voltage_kv=properties.voltage_kv(told),
        source=properties.text(told, "source") or path.name,
        properties=_kept_properties(told, pieces),
    )


def _asset_id(pieces: Sequence[_Piece], path: Path) -> str:
    """The source's id when all pieces share it, else the slug of the name, else file and number."""
    ids = {p.asset_id for p in pieces}
    name = pieces[0].name
    if len(ids) == 1 and pieces[0].asset_id:
        return pieces[0].asset_id
    slug = properties.slug(name) if name else ""
    return slug or f"{properties.slug(path.stem)}-{pieces[0].feature.number}"


def _geometry(pieces: Sequence[_Piece]) -> BaseGeometry:
    geometries = [p.geometry for p in pieces]
    if _shape(geometries[0]) != "line":
        parts = shapely.get_parts(np.array(geometries))
        return parts[0] if len(parts) == 1 else MULTI[_shape(parts[0])](parts)
    return join([line for g in geometries for line in shapely.get_parts(g) if line.length > 0])


def _shape(geometry: BaseGeometry) -> str:
    return check.shape_of(geometry) or ""


def _kept_properties(told: dict[str, Any], pieces: Sequence[_Piece]) -> dict[str, Any]:
    """The source's own properties, and the ids of the pieces when several became one."""
    restored = told.get("properties_json")
    if isinstance(restored, str):  # written by `assets import`
        return dict(json.loads(restored))
    kept = {k: v for k, v in told.items() if k not in _OWN_COLUMNS}
    ids = [p.asset_id for p in pieces if p.asset_id]
    return {**kept, "piece_ids": ids} if len(pieces) > 1 and ids else kept


def _unique_ids(assets: Iterable[Asset]) -> tuple[list[Asset], list[Finding]]:
    """The same asset read twice is left out; another one under a taken id gets a number."""
    kept: dict[str, Asset] = {}
    findings: list[Finding] = []
    for asset in assets:
        taken = kept.get(asset.asset_id)
        if taken is None:
            kept[asset.asset_id] = asset
            continue
        where = asset.source or ""
        if taken.geometry.equals(asset.geometry):
            said = f"read twice (also from {taken.source})"
            findings.append(
                Finding(ERROR, "duplicate", asset.asset_id, where, said, "the second is left out")
            )
            continue
        number = next(n for n in range(2, len(kept) + 3) if f"{asset.asset_id}-{n}" not in kept)
        new = f"{asset.asset_id}-{number}"
        kept[new] = replace(asset, asset_id=new)
        said = f"this id is taken by {taken.name}, now {new}"
        findings.append(
            Finding(WARNING, "duplicate_id", asset.asset_id, where, said, "give each asset its own id")
        )
    return list(kept.values()), findings
