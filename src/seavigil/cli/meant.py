"""Whether what a person names is there: a silence of what there is not would silence nothing."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from seavigil.runners.settings import Settings
    from seavigil.store.database import Database


def check_silenced(told: Mapping[str, Any], database: Database, folder: Path | None) -> None:
    """Check the names in what a silence is asked of, as far as store and settings tell them.

    ``folder``: that of the settings (None with a store alone: what only they tell is not checked). Raises
    ``ValueError`` with the name that may be meant.
    """
    from seavigil.spelling import check_names
    from seavigil.words import BEHAVIOURS

    check_names("behaviour", told.get("behaviours", ()), BEHAVIOURS)
    settings = _settings(folder)
    if settings is None:
        return
    feeds = {*settings.feeds, *(row["name"] for row in database.feeds())}
    check_names("feed", told.get("feeds", ()), sorted(feeds))
    assets = [name for name in told.get("assets", ()) if not database.alerts(asset=name, limit=1)]
    watched = _assets(settings) if assets else None
    if watched is not None:
        check_names("asset", assets, watched)


def _settings(folder: Path | None) -> Settings | None:
    from seavigil.runners.settings import NAME, read_settings

    path = (folder or Path()) / NAME
    return read_settings(path) if path.is_file() else None


def _assets(settings: Settings) -> list[str] | None:
    """Give the ids of what is watched; None where the files cannot be read: that hinders no silence."""
    from seavigil.assets.read import load

    if not settings.watch.assets:
        return []
    try:
        return [asset.asset_id for asset in load(settings.watch.assets).assets]
    except (OSError, ValueError):
        return None
