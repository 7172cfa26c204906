"""The console in the browser: its page and the map library and basemap made beside it."""

from __future__ import annotations

from pathlib import Path

STATIC = Path(__file__).parent / "static"
"""The page, its modules and styles: served at ``/static``."""

VENDOR = Path(__file__).parent / "vendor"
"""The map library and the basemap, made when Seavigil is installed: served at ``/static/vendor``."""

REASON = "missing.txt"
LIBRARY = ("maplibre-gl.mjs", "maplibre-gl-worker.mjs", "maplibre-gl.css", "basemap/index.json")
REMEDY = "python -m seavigil.console.build"


def missing(vendor: Path = VENDOR) -> str | None:
    """Say in words why the map cannot be drawn and what mends it; ``None`` where all is there."""
    if all((vendor / name).is_file() for name in LIBRARY):
        return None
    try:
        why = (vendor / REASON).read_text(encoding="utf-8").strip()
    except OSError:
        why = "they were not made when Seavigil was installed"
    return f"the map library and the basemap are not here: {why}; with a network, run: {REMEDY}"
