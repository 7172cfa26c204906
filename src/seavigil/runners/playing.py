"""A play before the watch: what a user would give with a recording, read the way he gives it."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path

from seavigil.assets import Assets
from seavigil.assets.read import read as read_assets
from seavigil.exercises.plays import Play
from seavigil.exercises.traffic import geojson
from seavigil.inputs import read_places, read_weather
from seavigil.runners.known import Known


def known_of(play: Play) -> tuple[Assets, Known]:
    """Give the play's assets, and what is known of its sea: places and weather; no history, and no depths."""
    with tempfile.TemporaryDirectory(prefix="seavigil-play-") as name:
        folder = Path(name)
        texts = {
            "assets.geojson": geojson(play.assets),
            "places.geojson": play.places_geojson,
            "weather.json": json.dumps(play.weather),
        }
        for file, text in texts.items():
            (folder / file).write_text(text, encoding="utf-8")
        known = Known(
            places=read_places(folder / "places.geojson").places,
            weather=read_weather(folder / "weather.json").weather,
        )
        return read_assets([folder / "assets.geojson"]), known
