"""A dip counts where it begins at the asset to the minute, is sharp, and is made up again."""

from __future__ import annotations

import numpy as np
import pytest
import shapely

from seavigil.behaviours.anchor_drag_under_way import BEHAVIOUR
from seavigil.behaviours.drag_dips import DipParams
from seavigil.events import Event
from seavigil.normal.places import PORT, Place, Places
from seavigil.records import MINUTE_US
from tests.cases.judge import cable, judge
from tests.cases.sail import Sail, sail
from tests.cases.vessels import typed

START = (57.0, 19.0)
KN = 9.3


def over_a_cable(*, at_kn: float = KN, every_s: float = 20.0, uncertainty_m: float = 50.0):
    """Draw an hour of passage up to a cable; gives the ship there and the cable."""
    ship = sail(START, at_kn=at_kn, course_deg=30, every_s=every_s).on(30, for_min=60)
    lat, lon = ship.place
    return ship, cable((lat + 0.1, lon - 0.2), (lat - 0.1, lon + 0.2), uncertainty_m=uncertainty_m)


def checked(ship: Sail, lost: float, *, for_min: float = 3.0) -> Sail:
    """Lose a share of her speed within two minutes, hold so, make it up within six, and go on."""
    kn = ship.speed_kn
    ship = ship.slow_to(kn * (1 - lost), for_min=2 + for_min, over_min=2).slow_to(kn, for_min=6, over_min=6)
    return ship.on(30, for_min=40)


def dips(ship: Sail, *cables, **more) -> list[Event]:
    """Give her events about an asset."""
    events = judge(BEHAVIOUR, ship.noisy(seed=3).reports(), assets=cables, **more)
    return [e for e in events if e.revision == 1 and e.asset_id is not None]


@pytest.mark.parametrize("every_s", [10.0, 20.0, 60.0])
@pytest.mark.parametrize(("at_kn", "lost"), [(9.3, 0.08), (11.0, 0.14)])
def test_a_check_at_the_asset_is_told(at_kn: float, lost: float, every_s: float) -> None:
    """As EAGLES-1 and NNPB-2: told within a quarter of an hour, with the share lost and the moment."""
    ship, line = over_a_cable(at_kn=at_kn, every_s=every_s)
    (event,) = dips(checked(ship, lost), line)
    assert event.asset_id == "cable"
    assert abs(event.began_us - ship.end_us) < MINUTE_US
    assert event.detected_at_us - event.began_us < 15 * MINUTE_US
    reasons = {r.code: r.observed for r in event.reasons}
    assert reasons["dip_at_crossing"] == pytest.approx(lost, rel=0.35)


def test_no_dip_is_nothing() -> None:
    """Near miss: over the cable at an even speed."""
    ship, line = over_a_cable()
    assert not dips(ship.on(30, for_min=60), line)


@pytest.mark.parametrize("off_min", [-20.0, 10.0, 25.0])
def test_the_same_check_elsewhere_is_nothing(off_min: float) -> None:
    """Near miss: the engine eased ten minutes from a well charted cable has nothing to do with it."""
    _, line = over_a_cable()
    at = sail(START, at_kn=KN, course_deg=30, every_s=20).on(30, for_min=60 + off_min)
    assert not dips(checked(at, 0.1).on(30, for_min=30), line)


def test_giving_way_goes_on_slower() -> None:
    """Near miss: she eases her engine at the cable for another ship, and stays slow for twenty minutes."""
    ship, line = over_a_cable()
    eased = ship.slow_to(KN * 0.85, for_min=20, over_min=15).slow_to(KN, for_min=10, over_min=10)
    assert not dips(eased.on(30, for_min=30), line)


def test_a_turn_at_the_cable_is_no_dip() -> None:
    """Near miss: speed lost in a turn over the cable."""
    ship, line = over_a_cable()
    turned = ship.slow_to(KN * 0.9, for_min=3, over_min=2).on(60, for_min=6, at_kn=KN)
    assert not dips(turned.on(60, for_min=40, at_kn=KN), line)


def test_an_engine_stopped_is_no_dip() -> None:
    """Near miss: half her speed gone in two minutes is an engine, no cable."""
    ship, line = over_a_cable()
    assert not dips(checked(ship, 0.5), line)


def test_where_the_line_is_unsure_a_dip_says_less() -> None:
    """A route charted to a kilometre may lie minutes away, and so may the dip: found, and worth less."""
    (sure,) = dips(checked(over_a_cable()[0], 0.12), over_a_cable()[1])
    ship, line = over_a_cable(uncertainty_m=1000.0)
    later = checked(ship.on(30, for_min=1), 0.12)
    (unsure,) = dips(later, line)
    assert unsure.peak_score < sure.peak_score - 1


def test_off_a_port_engines_are_eased() -> None:
    """Near miss: the same dip two miles off a charted port."""
    ship, line = over_a_cable()
    lat, lon = ship.place
    port = Places((Place(PORT, "port", shapely.Point(lon, lat + 0.03), 5000.0),))
    assert dips(checked(ship, 0.1), line)
    assert not dips(checked(ship, 0.1), line, places=port)


@pytest.mark.parametrize("ship_type", [30, 31, 52, 60])
def test_ships_at_work_and_ferries_are_left_out(ship_type: int) -> None:
    """Near miss: a trawler or tug goes up and down by its work, a ferry eases there on every run."""
    ship, line = over_a_cable()
    assert not dips(checked(ship, 0.1), line, vessels=typed(ship_type))


def test_an_unsteady_ship_must_dip_deeper() -> None:
    """The size is in her own changes of speed: what is much for a steady ship is nothing for another."""
    ship, line = over_a_cable()
    rough = sail(START, at_kn=KN, course_deg=30, every_s=20)
    for i in range(15):
        rough = rough.on(30, for_min=4, at_kn=KN + 0.5 * (-1) ** i)
    steady, unsteady = (
        dips(checked(ship, 0.07), line),
        dips(checked(rough.on(30, for_min=0.1, at_kn=KN), 0.07), line),
    )
    assert steady
    assert not unsteady


def test_history_reaches_as_far_as_it_looks() -> None:
    """The rows kept hold the half hour before the crossing when the last report of a dip comes."""
    params = DipParams()
    late_s = params.most_steps * params.step_s + params.after_s[1]
    early_s = params.most_steps * params.step_s - params.usual_s[0] - params.before_s[0]
    assert params.history_s >= late_s + early_s
    assert np.isclose(BEHAVIOUR.history_s, params.history_s)
