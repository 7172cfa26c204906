"""What an asset is, and a collection of them that can be searched, stored and read back."""

from __future__ import annotations

import difflib
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, overload

import numpy as np
import pyarrow as pa
import shapely
from shapely.geometry.base import BaseGeometry

from seavigil import geodesy, records

#: Each kind and the shape it usually has; a shape it may not have is an error of the check.
KINDS: Mapping[str, tuple[str, ...]] = {
    "power_cable": ("line",),
    "telecom_cable": ("line",),
    "cable": ("line",),  # a cable of which the source does not say what it carries
    "pipeline": ("line",),
    "gas_pipeline": ("line",),
    "oil_pipeline": ("line",),
    "wind_farm": ("area", "point"),
    "platform": ("point", "area"),
    "plant": ("area", "point"),
    "substation": ("area", "point"),
    "refinery": ("area", "point"),
    "lng_terminal": ("area", "point"),
    "landing_point": ("point", "area"),
    "other": ("line", "area", "point"),
}

_SHAPES = {
    "LineString": "line",
    "MultiLineString": "line",
    "Polygon": "area",
    "MultiPolygon": "area",
    "Point": "point",
    "MultiPoint": "point",
}
#: How parts of a shape are put together.
MULTI = {"line": shapely.multilinestrings, "area": shapely.multipolygons, "point": shapely.multipoints}


class UnreadableAssets(ValueError):
    """A file of assets gives nothing usable; the message is one line that names it and says why."""


class UnknownAsset(ValueError):
    """No asset, or more than one, goes by that id or name; the message names the nearest."""


@dataclass(frozen=True)
class Asset:
    """One cable, pipeline, wind farm, platform or plant, in WGS 84 longitude and latitude.

    Edges between vertices are straight in longitude and latitude. 95 % of the true route lies
    within ``position_uncertainty_m`` of the one given; ``sigma_m`` is the same as a standard
    deviation. ``length_km`` (lines only) is the sum of the pieces.
    """

    asset_id: str
    name: str
    kind: str
    geometry: BaseGeometry
    position_uncertainty_m: float
    uncertainty_source: str
    operator: str | None = None
    countries: tuple[str, ...] = ()
    voltage_kv: float | None = None
    source: str | None = None
    properties: Mapping[str, Any] = field(default_factory=dict)
    length_km: float | None = None

    def __post_init__(self) -> None:
        if self.geometry.geom_type not in _SHAPES or self.geometry.is_empty:
            raise ValueError(
                f"{self.asset_id}: {self.geometry.geom_type} is no line, area or point with a place"
            )
        if not (np.isfinite(self.position_uncertainty_m) and self.position_uncertainty_m >= 0):
            raise ValueError(f"{self.asset_id}: position_uncertainty_m must be 0 or more")
        if self.length_km is None and self.shape == "line":
            object.__setattr__(self, "length_km", line_length_km(self.geometry))

    @property
    def shape(self) -> str:
        """``line``, ``area`` or ``point``."""
        return _SHAPES[self.geometry.geom_type]

    @property
    def sigma_m(self) -> float:
        """Standard deviation of the route across itself: 95 % of a normal lies within 1.96 of them."""
        return self.position_uncertainty_m / 1.96

    @property
    def piece_ids(self) -> tuple[str, ...]:
        """Ids that the source gave to the pieces which were joined into this asset."""
        return tuple(self.properties.get("piece_ids", ()))


def line_length_km(geometry: BaseGeometry) -> float:
    """Give the length of all pieces of a line on the ellipsoid, along edges straight in lon and lat."""
    total = 0.0
    for part in shapely.get_parts(geometry):
        lon, lat = shapely.get_coordinates(part).T
        total += float(geodesy.edge_length_m(lat[:-1], lon[:-1], lat[1:], lon[1:]).sum()) / 1000
    return total


class Assets(Sequence[Asset]):
    """Assets in a fixed order; position ``i`` is the asset number that ``AssetIndex`` speaks of."""

    def __init__(self, assets: Iterable[Asset] = ()) -> None:
        self._assets = tuple(assets)
        self._by_name: dict[str, list[int]] = {}
        for i, asset in enumerate(self._assets):
            for text in _names(asset):
                rows = self._by_name.setdefault(text, [])
                if i not in rows:
                    rows.append(i)

    @overload
    def __getitem__(self, i: int) -> Asset: ...
    @overload
    def __getitem__(self, i: slice) -> Assets: ...
    def __getitem__(self, i: int | slice) -> Asset | Assets:
        """Give one asset by its number, or several as ``Assets``."""
        return Assets(self._assets[i]) if isinstance(i, slice) else self._assets[i]

    def __len__(self) -> int:
        """Give the number of assets."""
        return len(self._assets)

    def __iter__(self) -> Iterator[Asset]:
        """Go through the assets in order."""
        return iter(self._assets)

    def __eq__(self, other: object) -> bool:
        """Tell whether both hold equal assets in the same order."""
        return isinstance(other, Assets) and self._assets == other._assets

    def __hash__(self) -> int:
        """Hash by the ids."""
        return hash(tuple(a.asset_id for a in self._assets))

    def find(self, text: str) -> Asset:
        """Give the asset with this id, name or id of a piece (letter case does not matter).

        Whole words that only one asset's name contains are enough: "Estlink 2" for "HVDC Estlink 2".
        Raises ``UnknownAsset`` naming close matches, or all ids when the name is shared.
        """
        rows = self._by_name.get(_key(text), [])
        exact = [i for i in rows if self._assets[i].asset_id == text]
        if len(exact or rows) == 1:
            return self._assets[(exact or rows)[0]]
        if rows:
            ids = ", ".join(self._assets[i].asset_id for i in rows)
            raise UnknownAsset(f"{text!r} is the name of {len(rows)} assets; give an id: {ids}")
        words = f" {_key(text)} "
        near = [k for k in self._by_name if words in f" {k} "] if words.strip() else []
        meant = {i for k in near for i in self._by_name[k]}
        if len(meant) == 1:
            return self._assets[meant.pop()]
        near = near[:5] or difflib.get_close_matches(_key(text), list(self._by_name), n=5, cutoff=0.6)
        hits = dict.fromkeys(self._assets[self._by_name[k][0]].name for k in near)
        hint = f"; did you mean {', '.join(repr(h) for h in hits)}?" if hits else ""
        raise UnknownAsset(f"no asset has the id or name {text!r} among {len(self)}{hint}")

    def to_table(self) -> pa.Table:
        """Give the assets as a table of ``records.ASSETS``."""
        return records.table(
            records.ASSETS, {n: [_cell(a, n) for a in self] for n in records.ASSETS.names}, len(self)
        )

    @classmethod
    def from_table(cls, table: pa.Table) -> Assets:
        """Read a table of ``records.ASSETS``; raises ``UnreadableAssets`` when a column is missing."""
        missing = [n for n in records.ASSETS.names if n not in table.column_names]
        if missing:
            raise UnreadableAssets(f"not a table of assets: it has no column {missing[0]}")
        return cls(_from_row(row) for row in table.select(records.ASSETS.names).to_pylist())


def _names(asset: Asset) -> list[str]:
    pieces = [*asset.piece_ids, *(p.rpartition("/")[2] for p in asset.piece_ids)]
    return [_key(t) for t in (asset.asset_id, asset.asset_id.rpartition("/")[2], asset.name, *pieces)]


def _key(text: str) -> str:
    return " ".join(text.casefold().split())


def _cell(asset: Asset, column: str) -> Any:
    if column == "geometry_wkb":
        multi = MULTI[asset.shape](shapely.get_parts(asset.geometry))
        return shapely.to_wkb(multi, flavor="iso")
    if column == "properties_json":
        return json.dumps(dict(asset.properties), ensure_ascii=False, sort_keys=True, default=str)
    return list(asset.countries) if column == "countries" else getattr(asset, column)


def _from_row(row: dict[str, Any]) -> Asset:
    del row["shape"]  # follows from the geometry
    geometry = shapely.from_wkb(row.pop("geometry_wkb"))
    parts = shapely.get_parts(geometry)
    properties = json.loads(row.pop("properties_json") or "{}")
    countries = tuple(row.pop("countries") or ())
    return Asset(
        **row, geometry=parts[0] if len(parts) == 1 else geometry, properties=properties, countries=countries
    )
