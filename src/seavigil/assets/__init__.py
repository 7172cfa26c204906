"""Cables, pipelines, wind farms, platforms, plants: read, check, uncertainty, and an index of nearness."""

from __future__ import annotations

from seavigil.assets.index import AssetIndex, Crossed, Nearness
from seavigil.assets.model import KINDS, Asset, Assets, UnknownAsset, UnreadableAssets

__all__ = [
    "KINDS",
    "Asset",
    "AssetIndex",
    "Assets",
    "Crossed",
    "Nearness",
    "UnknownAsset",
    "UnreadableAssets",
]
