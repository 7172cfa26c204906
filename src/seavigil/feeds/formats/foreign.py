"""What is often given as a recording and is none: files of assets, text in UTF-16."""

from __future__ import annotations

import re

from seavigil.feeds.formats.csv_lines import first_line_names

GIVE_AS_ASSETS = "looks like assets, no recording; give it with --assets"

_UTF16_MARKS = (b"\xff\xfe", b"\xfe\xff")
#: First bytes of GeoPackage (SQLite), FlatGeobuf and Shapefile.
_BINARY_ASSETS = (b"SQLite format 3\x00", b"fgb\x03", b"\x00\x00\x27\x0a")
_GEOJSON = re.compile(rb'"type"\s*:\s*"Feature(?:Collection)?"')
_WKT_NAMES = {"wkt", "geometry", "geom", "the_geom", "geometry_wkt", "wkt_geom"}


def looks_like_utf16(head: bytes) -> bool:
    """Tell whether ``head`` begins as text in UTF-16 with a byte order mark does."""
    return head.startswith(_UTF16_MARKS) and b"\x00" in head[2:4]


def looks_like_assets(head: bytes) -> bool:
    """Tell whether ``head`` begins a file of geometries in which no MMSI is named."""
    if head.startswith(_BINARY_ASSETS):
        return True
    if b"mmsi" in head.lower():
        return False
    return bool(_GEOJSON.search(head)) or bool(_WKT_NAMES & {n.lower() for n in first_line_names(head)})
