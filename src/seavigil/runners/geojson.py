"""Alerts as GeoJSON: one point each, at the ship's last position, with the line's own properties."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any


def features(lines: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
    """Give a FeatureCollection (RFC 7946, WGS 84) of alert lines as ``Alert.as_json`` makes them."""
    return {"type": "FeatureCollection", "features": [feature(line) for line in lines]}


def feature(line: Mapping[str, Any]) -> dict[str, Any]:
    """Give one alert line as a Feature; its geometry is null where the alert has no position."""
    position, point = line["position"], None
    if position is not None:
        point = {"type": "Point", "coordinates": [position["lon_deg"], position["lat_deg"]]}
    return {"type": "Feature", "id": line["alert_id"], "geometry": point, "properties": dict(line)}
