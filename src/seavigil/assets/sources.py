"""Files of assets to features: the only place here that opens files."""

from __future__ import annotations

import json
import os
import re
import textwrap
import warnings
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from seavigil.assets.foreign import recording_in
from seavigil.assets.model import Assets, UnreadableAssets

SUFFIXES = (".geojson", ".json", ".gpkg", ".shp", ".fgb", ".csv", ".parquet")
_REASON_CHARS = 120
_WKT_COLUMNS = "WKT,wkt,geometry,geom,the_geom,geometry_wkt,wkt_geom"


@dataclass(frozen=True)
class Feature:
    """One feature of a file: its geometry in WGS 84 (``None`` when it has none) and its properties."""

    path: str
    layer: str
    number: int
    geometry: BaseGeometry | None
    properties: Mapping[str, Any]


def expand_paths(paths: Iterable[str | Path]) -> list[Path]:
    """Give the files among ``paths``; a folder stands for the asset files in it.

    Raises ``UnreadableAssets`` for a path that is not there or a folder without such files.
    """
    found: list[Path] = []
    for path in map(Path, paths):
        if path.is_dir():
            inside = sorted(p for p in path.iterdir() if p.suffix.casefold() in SUFFIXES)
            if not inside:
                raise UnreadableAssets(f"{path}: no asset files in this folder ({', '.join(SUFFIXES)})")
            found += inside
        elif path.exists():
            found.append(path)
        else:
            raise UnreadableAssets(f"{path}: no such file")
    return found


def features(path: Path) -> list[Feature]:
    """Read all layers of one file, in WGS 84. Raises ``UnreadableAssets`` with one line."""
    import pyogrio

    if path.stat().st_size == 0:
        raise UnreadableAssets(f"{path}: empty file")
    try:
        with warnings.catch_warnings():  # what GDAL only warns of is found by our own checks
            warnings.simplefilter("ignore")
            layers = [
                str(name) for name, kind in pyogrio.list_layers(path) if kind is not None or _is_csv(path)
            ]
            found = [f for layer in layers for f in _layer(path, layer)]
    except UnreadableAssets:
        raise
    except Exception as fault:  # GDAL raises many kinds, all mean that this file cannot be read
        why = _recording(path) or f"not readable as {_wanted(path)}: {_reason(fault, path)}"
        raise UnreadableAssets(f"{path}: {why}") from fault
    if not found:
        raise UnreadableAssets(
            f"{path}: {_recording(path) or 'no features with a geometry' + _csv_hint(path)}"
        )
    return found


def _recording(path: Path) -> str | None:
    """Say that a file is no assets but a recording, when it begins like one."""
    try:
        kind = recording_in(path)
    except OSError:
        return None
    return f"looks like an AIS recording ({kind}): are the arguments swapped?" if kind else None


def _reason(fault: Exception, path: Path) -> str:
    """Give the first sentence of a library's message, whole words of it, without the path once more."""
    if isinstance(fault, OSError) and fault.strerror:
        return fault.strerror
    said = " ".join(str(fault).split()).replace(f"'{path}'", "").replace(f"{path}: ", "").strip()
    if "not recognized as being in a supported file format" in said:
        return "the content is something else"
    return textwrap.shorten(re.split(r"[.;](?: |$)", said)[0], _REASON_CHARS, placeholder=" ...")


def read_parquet(path: Path) -> Assets:
    """Read assets that ``seavigil assets import`` wrote as Parquet."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        table = pq.read_table(path)
        if "mmsi" in table.column_names:
            raise UnreadableAssets("looks like an AIS recording (parquet): are the arguments swapped?")
        return Assets.from_table(table)
    except UnreadableAssets as fault:
        raise UnreadableAssets(f"{path}: {fault}") from fault
    except (pa.ArrowException, OSError, ValueError, shapely.errors.ShapelyError) as fault:
        raise UnreadableAssets(f"{path}: not readable as Parquet: {_reason(fault, path)}") from fault


def polygons(path: str | Path) -> BaseGeometry:
    """Read the land polygons of a file as one geometry (parts kept apart)."""
    shapes = [f.geometry for p in expand_paths([path]) for f in features(p) if f.geometry is not None]
    parts = [g for s in shapes for g in shapely.get_parts(s) if g.geom_type == "Polygon"]
    if not parts:
        raise UnreadableAssets(f"{path}: no land polygons in it")
    return shapely.union_all(shapely.make_valid(np.array(parts)))


def _layer(path: Path, layer: str) -> list[Feature]:
    from pyogrio import raw

    options = {"GEOM_POSSIBLE_NAMES": _WKT_COLUMNS, "KEEP_GEOM_COLUMNS": "NO"} if _is_csv(path) else {}
    meta, fids, wkb, columns = raw.read(path, layer=layer, return_fids=True, force_2d=True, **options)
    if wkb is None:
        return []
    shapes = _to_wgs84(shapely.from_wkb(wkb, on_invalid="ignore"), meta["crs"])
    names = [str(n) for n in meta["fields"]]
    rows = zip(fids, shapes, *columns, strict=True)
    return [
        Feature(str(path), layer, int(fid), shape, _told(dict(zip(names, values, strict=True))))
        for fid, shape, *values in rows
    ]


def _told(row: dict[str, Any]) -> dict[str, Any]:
    """Keep the properties that say something, as plain Python values."""
    return {k: plain for k, v in row.items() if (plain := _plain(v)) is not None and plain != ""}


def _plain(value: Any) -> Any:
    if isinstance(value, np.ndarray):
        return [_plain(v) for v in value.tolist()]
    if isinstance(value, np.datetime64):
        return None if np.isnat(value) else str(value)
    if isinstance(value, np.generic):
        value = value.item()
    if isinstance(value, float):
        return None if np.isnan(value) else int(value) if value.is_integer() and abs(value) < 2**53 else value
    return value


def _to_wgs84(shapes: Any, crs: str | None) -> Any:
    """Bring projected or differently dated coordinates to WGS 84; without a CRS they are taken as such."""
    from pyproj import CRS, Transformer

    if not crs or crs in ("EPSG:4326", "OGC:CRS84"):
        return shapes
    known = CRS.from_user_input(crs)
    if known.equals(CRS.from_epsg(4326), ignore_axis_order=True):
        return shapes
    to = Transformer.from_crs(known, "EPSG:4326", always_xy=True)
    return shapely.transform(shapes, lambda xy: np.column_stack(to.transform(xy[:, 0], xy[:, 1])))


def _is_csv(path: Path) -> bool:
    return path.suffix.casefold() == ".csv"


def _csv_hint(path: Path) -> str:
    return "; a CSV needs a column WKT" if _is_csv(path) else ""


def _wanted(path: Path) -> str:
    names = {".geojson": "GeoJSON", ".json": "GeoJSON", ".gpkg": "GeoPackage", ".shp": "Shapefile"}
    return names.get(path.suffix.casefold(), "GeoJSON, GeoPackage, Shapefile, FlatGeobuf or CSV with WKT")


def write(assets: Assets, path: Path) -> None:
    """Write assets as ``.parquet`` (``records.ASSETS``) or ``.geojson``, whole or not at all.

    Written beside ``path`` under another name and renamed. Raises ``ValueError`` for another
    ending, something that is no file or a folder that is not there, ``OSError`` that names ``path``.
    """
    ending = path.suffix.casefold()
    if ending not in (".parquet", ".geojson"):
        raise ValueError(f"{path}: assets are written as .parquet or .geojson")
    if path.exists() and not path.is_file():
        raise ValueError(f"{path}: not a file; give the name of one")
    if not path.parent.is_dir():
        raise ValueError(f"{path}: no folder {path.parent} to write it in")
    partial = path.with_name(path.name + ".partial")
    try:
        if ending == ".parquet":
            import pyarrow.parquet as pq

            pq.write_table(assets.to_table(), partial)
        else:
            partial.write_text(json.dumps(_geojson(assets), ensure_ascii=False, separators=(",", ":")))
        partial.replace(path)
    except OSError as fault:  # Arrow's carry a paragraph and no name
        why = os.strerror(fault.errno) if fault.errno else _reason(fault, path)
        raise OSError(fault.errno, why, str(path)) from fault
    finally:
        partial.unlink(missing_ok=True)


def _geojson(assets: Assets) -> dict[str, Any]:
    rows = assets.to_table().drop_columns(["geometry_wkb", "shape", "length_km"]).to_pylist()
    found = [
        {"type": "Feature", "geometry": shapely.geometry.mapping(a.geometry), "properties": row}
        for a, row in zip(assets, rows, strict=True)
    ]
    return {"type": "FeatureCollection", "features": found}
