"""Make one line with one kilometre axis of the pieces of a cable, as far as they belong together."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import shapely
from shapely.geometry import LineString, MultiLineString

from seavigil.geodesy import F64, metres_per_degree, plane_distance_m, turn_deg, unwrap_deg

#: Ends this near to one another are the same place: a charted vertex written with four decimals.
TOUCH_M = 15.0


def join(pieces: Sequence[LineString]) -> LineString | MultiLineString:
    """Join pieces end to end where they touch, turn and order the rest along the route.

    Two pieces become one where they touch and the whole leads further than either: two parallel
    cables that only share a landing stay two. What stays apart is turned the way of the longest
    piece (which keeps its direction) and put in order along it, so that the kilometres of one run
    on into the next. Across the antimeridian longitudes go on past 180.
    """
    chains = [_continuous(p) for p in pieces]
    while (joined := _join_two(chains)) is not None:
        chains = joined
    chains = _in_order(chains)
    lines = [LineString(c) for c in chains]
    return lines[0] if len(lines) == 1 else MultiLineString(lines)


def _continuous(piece: LineString) -> F64:
    xy = shapely.get_coordinates(piece)
    return np.column_stack([unwrap_deg(xy[:, 0]), xy[:, 1]])


def _join_two(chains: list[F64]) -> list[F64] | None:
    """Join the nearest pair of touching ends; ``None`` when no two chains belong together."""
    for i, k in _touching(chains):
        for left, right in _ways(chains[i], chains[k]):
            if _gap_m(left[-1], right[0]) <= TOUCH_M and _leads_on(left, right):
                rest = [c for n, c in enumerate(chains) if n not in (i, k)]
                return [_concatenate(left, right), *rest]
    return None


def _touching(chains: list[F64]) -> list[tuple[int, int]]:
    """Pairs of chains with ends that touch, nearest first."""
    ends = np.vstack([c[[0, -1]] for c in chains])
    lon, lat = ends.T
    gap = plane_distance_m(lat[:, None], lon[:, None], lat, lon)
    a, b = np.nonzero(gap <= TOUCH_M)
    later = a // 2 < b // 2
    a, b = a[later], b[later]
    order = np.argsort(gap[a, b], kind="stable")
    return [(int(i) // 2, int(k) // 2) for i, k in zip(a[order], b[order], strict=True)]


def _ways(a: F64, b: F64) -> list[tuple[F64, F64]]:
    """Ways to put b after or before a; the longer one keeps its direction."""
    if _length_m(a) >= _length_m(b):
        return [(a, b), (a, b[::-1]), (b, a), (b[::-1], a)]
    return [(a, b), (a[::-1], b), (b, a), (b, a[::-1])]


def _leads_on(left: F64, right: F64) -> bool:
    ends = _gap_m(left[0], right[-1])
    return ends > max(_gap_m(left[0], left[-1]), _gap_m(right[0], right[-1]))


def _concatenate(left: F64, right: F64) -> F64:
    shift = 360.0 * np.round((left[-1, 0] - right[0, 0]) / 360.0)
    right = right + np.array([shift, 0.0])
    return np.vstack([left, right[1:] if np.array_equal(left[-1], right[0]) else right])


def _in_order(chains: list[F64]) -> list[F64]:
    """Turn the chains the way of the longest and sort them along it."""
    longest = max(chains, key=_length_m)
    per_lat, per_lon = metres_per_degree(longest[0, 1])
    scale = np.array([float(per_lon), float(per_lat)])

    def offset(place: F64) -> F64:
        east, north = float(turn_deg(place[0] - longest[0, 0])), float(place[1] - longest[0, 1])
        return np.asarray(np.array([east, north]) * scale)

    way = offset(longest[-1])
    turned = [c if (offset(c[-1]) - offset(c[0])) @ way >= 0 else c[::-1] for c in chains]
    return sorted(turned, key=lambda c: float(offset(c[0]) @ way))


def _gap_m(a: F64, b: F64) -> float:
    return float(plane_distance_m(a[1], a[0], b[1], b[0]))


def _length_m(chain: F64) -> float:
    return float(plane_distance_m(chain[:-1, 1], chain[:-1, 0], chain[1:, 1], chain[1:, 0]).sum())
