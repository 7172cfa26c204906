"""Cables, pipelines, wind farms, platforms, plants: what they are, and an index of nearness.

Files are read and checked by ``seavigil.assets.read`` (``read``, ``load``) and written by
``seavigil.assets.sources`` (``write``).
"""

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
