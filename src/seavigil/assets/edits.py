"""Assets as people have corrected them since their files were written."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from seavigil.assets.model import Asset, Assets

#: What is said of an uncertainty that an operator set.
EDITED = "edited: set by an operator, see the asset's edits"


def with_edits(assets: Assets, uncertainty_m: Mapping[str, float]) -> Assets:
    """Give the assets with the position uncertainties (m, 95 %) that were set since, by asset id.

    What was set of an asset that is there no more is left alone: its file may come back.
    """
    edited = [_edited(asset, uncertainty_m.get(asset.asset_id)) for asset in assets]
    return Assets(edited) if any(a is not b for a, b in zip(edited, assets, strict=True)) else assets


def _edited(asset: Asset, uncertainty_m: float | None) -> Asset:
    if uncertainty_m is None or uncertainty_m == asset.position_uncertainty_m:
        return asset
    return replace(asset, position_uncertainty_m=uncertainty_m, uncertainty_source=EDITED)
