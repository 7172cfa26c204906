"""Who asks: tokens, sessions, users; and what their organisations may see."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from seavigil.assets import Assets
from seavigil.sharing import Label, Viewer
from seavigil.store.database import Database

#: Whoever sits at this machine, where nobody need sign in.
HERE = Viewer("local", "admin")


@dataclass(frozen=True)
class Access:
    """How people are known. Without ``required`` everybody at this machine is the house itself."""

    required: bool = False

    def labels(self, assets: Assets | None, store: Database) -> Mapping[str, Label]:  # noqa: ARG002
        """Give the labels of assets that have one, by id."""
        found = {asset.asset_id: Label.of(asset.properties) for asset in assets or ()}
        return {asset_id: label for asset_id, label in found.items() if label != Label()}
