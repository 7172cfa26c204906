"""Assets as people have corrected them since their files were written."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from seavigil.assets.model import Assets

#: What is said of an uncertainty that an operator set.
EDITED = "edited: set by an operator, see the asset's edits"


def with_edits(assets: Assets, uncertainty_m: Mapping[str, float]) -> Assets:
    """Give the assets with the position uncertainties (m, 95 %) that were set since, by asset id.

    What was set of an asset that is there no more is left alone: its file may come back.
    """
    if not any(asset.asset_id in uncertainty_m for asset in assets):
        return assets
    return Assets(
        replace(asset, position_uncertainty_m=uncertainty_m[asset.asset_id], uncertainty_source=EDITED)
        if asset.asset_id in uncertainty_m
        else asset
        for asset in assets
    )
