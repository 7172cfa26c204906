"""Peers are the other ships on the same water, and the place is what they did there."""

from __future__ import annotations

import numpy as np
import pytest

from tests.cases.sail import sail
from tests.normal.logs import FIRST, log_of


def ship(lat=57.0, lon=19.0, kn=12.0, slow_to=None):
    """Draw four hours of passage, the last two at another speed."""
    drawn = sail((lat, lon), at_kn=kn, course_deg=30, every_s=60).on(30, for_min=120)
    return drawn.slow_to(kn if slow_to is None else slow_to, for_min=120)


def test_she_is_not_her_own_peer():
    """One ship alone has no peers, and slows by herself among ships that keep their speed."""
    alone = log_of(ship(slow_to=6)).of(FIRST, 0)
    assert alone.peers[-1] == 0
    assert np.isnan(alone.peers_sog_share[-1])
    among = log_of(ship(slow_to=6), ship(57.1), ship(57.2), ship(57.3)).of(FIRST, 0)
    assert among.peers[-1] == 3
    assert among.peers_sog_share[-1] == pytest.approx(1.0, abs=1e-6)


def test_the_median_is_that_of_the_others():
    """Shares 0.5, 0.75, 0.9 of the others have the median 0.75, whatever she does herself."""
    others = [ship(57.0 + 0.1 * i, kn=12, slow_to=12 * share) for i, share in enumerate((0.5, 0.75, 0.9))]
    for own in (0.4, 0.8, 1.0):
        log = log_of(ship(slow_to=12 * own), *others).of(FIRST, 0)
        assert log.peers_sog_share[-1] == pytest.approx(0.75, abs=1e-6)


def test_other_water_does_not_count():
    """A ship 3 degrees of latitude away is no peer."""
    assert log_of(ship(), ship(60.0)).of(FIRST, 0).peers[-1] == 0


def test_a_ship_at_anchor_is_no_peer():
    """Only ships under way are compared with."""
    lying = sail((57.1, 19.1), at_kn=0.2, every_s=60).anchor(150, for_min=240)
    assert log_of(ship(), lying).of(FIRST, 0).peers[-1] == 0


def test_where_others_slowed_before_is_told():
    """Three ships in line astern slow at one place: the last is told of the two before her."""
    line = [
        sail((57.0, 19.0), at_kn=12, course_deg=0, every_s=60, start=f"2025-01-01T0{i}:00:00Z")
        .on(0, for_min=150)
        .slow_to(5, for_min=60)
        for i in range(3)
    ]
    log = log_of(*line)
    told = [log.of(FIRST + i, 0) for i in range(3)]
    slow = [float(np.nanmax(rows.place_slow_ships)) for rows in told]
    assert slow == [0.0, 1.0, 2.0]
    assert np.isnan(told[0].place_ships[10])


def test_cut_anywhere_is_the_whole():
    """Peers and places do not depend on the pieces the reports came in."""
    ships = [ship(57.0 + 0.02 * i, slow_to=12 - 2 * i).noisy(seed=i) for i in range(4)]
    whole, cut = log_of(*ships), log_of(*ships, pieces=[0.013, 0.3, 0.31, 0.6, 0.9])
    for name in ("peers", "peers_sog_share", "peers_swing_share", "place_ships", "place_slow_ships"):
        np.testing.assert_array_equal(getattr(whole, name), getattr(cut, name), err_msg=name)
