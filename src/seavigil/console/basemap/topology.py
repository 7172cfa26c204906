"""Read TopoJSON: lines that are stored once, in whole numbers, and polygons that name their lines.

Of the format only what the basemap needs: delta-coded arcs with a transform, and geometry
collections of polygons and multipolygons (the TopoJSON Format Specification, sections 2.1.2 to 2.1.4).
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Points = NDArray[np.float64]
"""Longitudes and latitudes in degrees, shape (n, 2)."""

Ring = list[int]
"""Numbers of arcs in order; ``~n`` is arc n from its end to its start."""


@dataclass(frozen=True)
class Topology:
    """What one file holds: its arcs, and under each name the polygons (lists of rings) of each member."""

    arcs: tuple[Points, ...]
    members: dict[str, tuple[tuple[list[Ring], ...], ...]]

    def line(self, ring: Ring) -> Points:
        """Give the points of ``ring``, each meeting point of two arcs once. Shape (n, 2), degrees."""
        parts = [self.arcs[n] if n >= 0 else self.arcs[~n][::-1] for n in ring]
        return np.concatenate([parts[0], *(part[1:] for part in parts[1:])])

    def polygons(self, name: str) -> Iterator[list[Points]]:
        """Give each polygon under ``name`` as its rings, the outer one first."""
        for member in self.members[name]:
            for rings in member:
                yield [self.line(ring) for ring in rings]

    def between(self, name: str) -> list[Points]:
        """Give the arcs that two members under ``name`` share: the borders, without the coasts."""
        users = Counter(
            n
            for member in self.members[name]
            for n in {_plain(n) for rings in member for r in rings for n in r}
        )
        return [self.arcs[n] for n in sorted(users) if users[n] > 1]


def _plain(n: int) -> int:
    return n if n >= 0 else ~n


def decode(text: str | bytes) -> Topology:
    """Read a TopoJSON file.

    Raises:
        ValueError: not a topology with a transform and collections of polygons.
    """
    try:
        held = json.loads(text)
        scale, move = (np.array(held["transform"][key], float) for key in ("scale", "translate"))
        arcs = tuple(np.cumsum(np.array(arc, np.int64), axis=0) * scale + move for arc in held["arcs"])
        members = {name: _members(thing) for name, thing in held["objects"].items()}
    except (KeyError, TypeError) as fault:
        raise ValueError(f"not a TopoJSON file of polygons: {fault!r}") from fault
    return Topology(arcs, members)


def _members(thing: dict[str, Any]) -> tuple[tuple[list[Ring], ...], ...]:
    inside = thing["geometries"] if thing["type"] == "GeometryCollection" else [thing]
    return tuple(_polygons(member) for member in inside)


def _polygons(member: dict[str, Any]) -> tuple[list[Ring], ...]:
    match member["type"]:
        case "Polygon":
            return (member["arcs"],)
        case "MultiPolygon":
            return tuple(member["arcs"])
        case None:
            return ()
    raise ValueError(f"neither Polygon nor MultiPolygon: {member['type']}")
