"""All assets as the map and their pages show them: features made once, with what stands about each now."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from seavigil.assets.model import Asset
from seavigil.runners.asset_shapes import band, geometry_json
from seavigil.sharing import Label

Row = dict[str, Any]


class Shapes:
    """Geometries written once for each asset and kept; may be asked from any thread."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._routes: dict[str, tuple[Asset, str]] = {}
        self._bands: dict[str, tuple[Asset, str]] = {}

    def route(self, asset: Asset) -> str:
        """Give an asset's geometry as GeoJSON."""
        return self._kept(self._routes, asset, lambda: geometry_json(asset.geometry))

    def band(self, asset: Asset) -> str:
        """Give the band in which 95 % of the true route lies as GeoJSON; ``null`` where it has no width."""
        return self._kept(self._bands, asset, lambda: _band(asset))

    def _kept(self, known: dict[str, tuple[Asset, str]], asset: Asset, make: Callable[[], str]) -> str:
        with self._lock:
            found = known.get(asset.asset_id)
            if found is None or found[0] is not asset:
                found = known[asset.asset_id] = (asset, make())
            return found[1]


def _band(asset: Asset) -> str:
    found = band(asset)
    return "null" if found is None else geometry_json(found)


def properties(
    asset: Asset, label: Label | None, priorities: Sequence[str], edited: Mapping[str, Any]
) -> Row:
    """Say what an asset is; ``priorities``: of the alerts that stand about it, the most pressing first.

    ``edited``: uncertainties that were set and are not in force before the watch starts again, by id.
    """
    label = label or Label()
    return {
        "asset_id": asset.asset_id,
        "name": asset.name,
        "kind": asset.kind,
        "shape": asset.shape,
        "position_uncertainty_m": asset.position_uncertainty_m,
        "uncertainty_source": asset.uncertainty_source,
        "length_km": None if asset.length_km is None else round(asset.length_km, 3),
        "operator": asset.operator,
        "source": asset.source,
        "countries": list(asset.countries),
        "voltage_kv": asset.voltage_kv,
        "owner": label.owner,
        "tlp": label.tlp,
        "shared_with": list(label.shared_with),
        "risk": priorities[0] if priorities else None,
        "alerts": len(priorities),
        "pending": asset.asset_id in edited and edited[asset.asset_id] != asset.position_uncertainty_m,
    }


def feature(asset: Asset, geometry: str, told: Mapping[str, Any]) -> str:
    """Write one feature whose geometry is written already."""
    number = json.dumps(asset.asset_id, ensure_ascii=False)
    said = json.dumps(told, ensure_ascii=False, separators=(",", ":"))
    return f'{{"type":"Feature","id":{number},"geometry":{geometry},"properties":{said}}}'


def collection(features: Iterable[str], **more: Any) -> bytes:
    """Write a FeatureCollection of features that are written already."""
    head = "".join(f"{json.dumps(name)}:{json.dumps(value)}," for name, value in more.items())
    return f'{{"type":"FeatureCollection",{head}"features":[{",".join(features)}]}}'.encode(
        "utf-8", "replace"
    )
