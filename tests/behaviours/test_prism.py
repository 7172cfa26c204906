"""The space-time prism: what lies within a budget of way, by plain distances."""

from __future__ import annotations

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from pyproj import Geod

from seavigil.assets import AssetIndex
from seavigil.behaviours import prism
from tests.cases.judge import cable

WGS84 = Geod(ellps="WGS84")


def detour_m(a: tuple[float, float], at: tuple[float, float], b: tuple[float, float]) -> float:
    """Give the way from a over a place to b."""
    return sum(WGS84.inv(p[1], p[0], q[1], q[0])[2] for p, q in ((a, at), (at, b)))


@settings(max_examples=60)
@given(
    st.floats(-70, 70),
    st.floats(0, 360),
    st.floats(0, 150_000),
    st.floats(1.0, 4.0),
    st.floats(0, 360),
    st.floats(0.02, 0.98),
)
def test_the_ellipse_holds_what_the_budget_reaches(
    lat: float, course: float, apart_m: float, ratio: float, bearing: float, part: float
) -> None:
    """Places whose way from a and on to b is 2 % within the budget are inside, 2 % beyond it outside."""
    a = (lat, 179.5)
    lon_b, lat_b, _ = WGS84.fwd(a[1], a[0], course, apart_m)
    b, budget_m = (lat_b, lon_b), max(apart_m * ratio * 1.001, 1_000.0)
    area = prism.area(a, b, budget_m)
    assert area is not None
    lon, lat_p, _ = WGS84.fwd(a[1], a[0], bearing, part * budget_m)
    way_m = detour_m(a, (lat_p, lon), b)
    inside = area.intersects(shapely.Point(lon, lat_p))
    if way_m < 0.98 * budget_m:
        assert inside
    if way_m > 1.02 * budget_m:
        assert not inside


def test_a_budget_too_small_reaches_nothing() -> None:
    """She cannot have gone 60 nautical miles with a budget of 100 km, nor anywhere without one."""
    assert prism.area((59.0, 20.0), (60.0, 20.0), 100_000.0) is None
    assert prism.area((59.0, 20.0), (59.0, 20.0), 0.0) is None


@pytest.mark.parametrize(("spare", "over"), [(1.02, True), (0.98, False)])
def test_a_cable_off_her_way_needs_way_to_spare(spare: float, over: bool) -> None:
    """A cable 10 km north of her way: over it only if the budget covers the way to its nearest point."""
    a, b = (59.0, 20.0), (59.0, 20.6)
    index = AssetIndex([cable((59.09, 19.0), (59.09, 21.6))])
    least_m = min(detour_m(a, (59.09, lon), b) for lon in np.linspace(20.0, 20.6, 61).tolist())
    assert bool(prism.assets_over(index, a, b, spare * least_m)) == over


def test_without_assets_nothing_is_reached() -> None:
    """No assets are loaded: none is within reach."""
    assert prism.assets_over(None, (59.0, 20.0), (59.0, 20.0), 1e5) == []
