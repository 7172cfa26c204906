"""What one viewer may see of assets, alerts and events, by the labels of the assets."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from seavigil.sharing import Label, Viewer, may_see

_OPEN = Label()


@dataclass(frozen=True)
class Sees:
    """A viewer before labelled assets (by ``asset_id``; those without a label are not in it)."""

    viewer: Viewer
    labels: Mapping[str, Label]

    def asset(self, asset_id: str | None) -> bool:
        """Tell whether an asset, or what is about no asset, may be seen."""
        return asset_id is None or may_see(self.labels.get(asset_id, _OPEN), self.viewer)

    def alert(self, line: Mapping[str, Any]) -> dict[str, Any] | None:
        """Give an alert's line as this viewer may see it, None where it is about hidden assets alone.

        Hidden assets among others are taken out of it; ``withheld`` says how many.
        """
        about, ahead = line.get("assets") or [], line.get("next_assets") or []
        seen, near = self._of(about), self._of(ahead)
        if about and not seen:
            return None
        gone = {"assets": len(about) - len(seen), "next_assets": len(ahead) - len(near)}
        told = {**line, "assets": seen, "next_assets": near}
        return {**told, "withheld": gone} if any(gone.values()) else told

    def alerts(self, lines: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
        """Give those alerts that may be seen, as they may."""
        return [told for told in map(self.alert, lines) if told is not None]

    def _of(self, rows: Iterable[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
        return [row for row in rows if self.asset(row.get("asset_id"))]
