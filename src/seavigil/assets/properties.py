"""What the property names of the usual sources mean: OpenStreetMap, EMODnet, TeleGeography, our own."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from typing import Any

from seavigil.assets.model import KINDS

Properties = Mapping[str, Any]

_ALIASES = {
    "power": "power_cable",
    "electricity_cable": "power_cable",
    "hvdc_cable": "power_cable",
    "interconnector": "power_cable",
    "telecom": "telecom_cable",
    "telecoms_cable": "telecom_cable",
    "telecommunication_cable": "telecom_cable",
    "data_cable": "telecom_cable",
    "fibre": "telecom_cable",
    "fiber": "telecom_cable",
    "submarine_cable": "cable",
    "gas": "gas_pipeline",
    "oil": "oil_pipeline",
    "windfarm": "wind_farm",
    "offshore_wind_farm": "wind_farm",
    "offshore_platform": "platform",
    "power_plant": "plant",
    "lng": "lng_terminal",
    "landing": "landing_point",
    "landing_station": "landing_point",
}
#: What a part of a file's, layer's or feature id's name says (EMODnet layers among them).
_HINTS = (
    ("landing", "landing_point"),
    ("telecom", "telecom_cable"),
    ("pcable", "power_cable"),
    ("power_cable", "power_cable"),
    ("powercable", "power_cable"),
    ("pipeline", "pipeline"),
    ("windfarm", "wind_farm"),
    ("wind_farm", "wind_farm"),
    ("platform", "platform"),
    ("lng", "lng_terminal"),
    ("refiner", "refinery"),
    ("cable", "cable"),
)
_NAME_KEYS = (
    "name",
    "seamark:name",
    "cable_name",
    "pipeline_name",
    "name_en",
    "name:en",
    "loc_name",
    "title",
)
_ID_KEYS = ("asset_id", "osm_id", "@id", "full_id", "id", "cable_id", "feature_id")


def value(properties: Properties, *keys: str) -> Any:
    """Give the first of these properties that is there; letter case of the keys does not matter.

    A Shapefile cuts its column names to ten letters, so the first ten are enough for a longer key.
    """
    lower = {k.casefold(): v for k, v in properties.items()}
    for key in keys:
        for name in (key, key[:10]) if len(key) > 10 else (key,):
            if lower.get(name) not in (None, ""):
                return lower[name]
    return None


def text(properties: Properties, *keys: str) -> str | None:
    """Give the first of these properties that says anything as text, whatever the letter case of its key."""
    lower = {k.casefold(): v for k, v in properties.items()}
    for key in keys:
        said = lower.get(key)
        if isinstance(said, str | int) and str(said).strip():
            return str(said).strip()
    return None


def name_of(properties: Properties) -> str | None:
    """Give the name, or ``None`` for a nameless feature."""
    return text(properties, *_NAME_KEYS)


def id_of(properties: Properties) -> str | None:
    """Give the source's own id; a bare OSM number stays a number, as text."""
    return text(properties, *_ID_KEYS)


def is_osm(properties: Properties) -> bool:
    """Tell whether the feature comes from OpenStreetMap, by its id or its source."""
    from_osm = re.match(r"(node|way|relation|[nwr])/?\d+$", id_of(properties) or "")
    said = text(properties, "source", "attribution") or ""
    return "osm_id" in properties or bool(from_osm) or "openstreetmap" in said.casefold()


def kind_of(properties: Properties, shape: str, hint: str) -> tuple[str, str | None]:
    """Give the kind of a feature, and a kind that it claims but which is not known.

    Its own ``kind`` first, then OSM tags, then the columns of EMODnet and TeleGeography, then what
    the names of file, layer and feature id (``hint``) say; ``other`` when nothing tells.
    """
    claimed = text(properties, "kind", "asset_kind", "asset_type")
    if claimed:
        plain = re.sub(r"[\s-]+", "_", claimed.casefold())
        plain = _ALIASES.get(plain, plain)
        if plain in KINDS:
            return plain, None
    kind = _from_osm(properties) or _from_columns(properties, shape) or _from_hint(hint, shape)
    return kind or "other", claimed


def _from_osm(tags: Properties) -> str | None:
    power, seamark, made = text(tags, "power"), text(tags, "seamark:type"), text(tags, "man_made")
    if seamark == "cable_submarine" or power == "cable":
        return _cable(tags, power)
    if text(tags, "communication") in ("line", "cable") or text(tags, "telecom") in ("line", "cable"):
        return "telecom_cable"
    if made == "pipeline" or seamark == "pipeline_submarine":
        return _pipeline(text(tags, "substance", "type", "seamark:pipeline_submarine:product", "product"))
    if made == "offshore_platform" or seamark in ("platform", "production_platform"):
        return "platform"
    if power in ("plant", "generator"):
        wind = text(tags, "plant:source", "generator:source") == "wind"
        return "wind_farm" if wind else "plant"
    return "substation" if power == "substation" else _industry(tags)


def _cable(tags: Properties, power: str | None) -> str:
    category = text(tags, "seamark:cable_submarine:category") or ""
    if power == "cable" or category in ("power", "transmission", "high_voltage"):
        return "power_cable"
    told = text(tags, "communication", "telecom") or category in (
        "fibre_optic",
        "optical",
        "telephone",
        "telegraph",
    )
    return "telecom_cable" if told else "cable"


def _pipeline(medium: str | None) -> str:
    medium = (medium or "").casefold()
    if "gas" in medium or "lng" in medium:
        return "gas_pipeline"
    return "oil_pipeline" if "oil" in medium or "condensate" in medium else "pipeline"


def _industry(tags: Properties) -> str | None:
    product = text(tags, "product", "substance", "cargo") or ""
    industrial = text(tags, "industrial") or ""
    if "lng" in f"{product} {industrial} {name_of(tags) or ''}".casefold().split() or industrial == "gas":
        return "lng_terminal"
    return "refinery" if industrial in ("refinery", "oil") else None


def _from_columns(properties: Properties, shape: str) -> str | None:
    columns = {k.casefold() for k in properties}
    if columns & {"n_turbines", "nturbines"}:
        return "wind_farm"
    if "medium" in columns and shape == "line":
        return _pipeline(text(properties, "medium"))
    if "is_tbd" in columns or {"landing_points", "rfs"} <= columns:
        return "telecom_cable" if shape == "line" else "landing_point"
    return None


def _from_hint(hint: str, shape: str) -> str | None:
    plain = re.sub(r"[\s-]+", "_", hint.casefold())
    return next((kind for part, kind in _HINTS if part in plain and shape in KINDS[kind]), None)


def voltage_kv(properties: Properties) -> float | None:
    """Give the highest voltage in kV: ``voltage_kv`` as it is, OSM's ``voltage`` from volts."""
    for key, factor in (("voltage_kv", 1.0), ("voltage", 1e-3)):
        said = re.findall(r"\d+(?:\.\d+)?", str(value(properties, key) or ""))
        volts = max((float(v) for v in said), default=0.0) * factor
        if volts > 0:
            return volts
    return None


def countries(properties: Properties) -> tuple[str, ...]:
    """Give the countries as the source writes them: a list, or a text parted by ``;`` or ``,``."""
    told = value(properties, "countries", "country") or ()
    said = [str(v) for v in told] if isinstance(told, list | tuple) else re.split(r"[;,|]", str(told))
    return tuple(c.strip(" []\"'") for c in said if c.strip(" []\"'"))


def operator(properties: Properties) -> str | None:
    """Give who runs or owns it."""
    return text(properties, "operator", "owner", "owners")


def slug(name: str) -> str:
    """Give the name in lower-case letters, digits and hyphens.

    >>> slug("HVDC Storebælt I (Great Belt power link)")
    'hvdc-storebaelt-i-great-belt-power-link'
    """
    for letter, plain in (
        ("æ", "ae"),
        ("ø", "o"),
        ("å", "a"),
        ("ß", "ss"),
        ("ł", "l"),
        ("đ", "d"),
        ("þ", "th"),
    ):
        name = name.casefold().replace(letter, plain)
    plain = unicodedata.normalize("NFKD", name)
    return re.sub(r"[^\w]+|_", "-", "".join(c for c in plain if not unicodedata.combining(c))).strip("-")
