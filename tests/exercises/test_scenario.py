"""Scenarios: what is asked for is what is played, and a mistake is named with what was expected."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from seavigil.exercises.plays import STEP_S
from seavigil.exercises.scenario import EXAMPLE, read_scenario
from seavigil.exercises.staging import staged
from seavigil.geodesy import distance_m
from seavigil.records import HOUR_US, SECOND_US, rfc3339


def of(text):
    """Give the play of a scenario told in a few lines."""
    return staged(read_scenario(text))


def test_the_example_holds_all_that_it_tells():
    """The commented example is itself a scenario: one of each, at the times it says."""
    scenario = read_scenario(EXAMPLE)
    assert (scenario.name, scenario.hours, scenario.seed) == ("winter-night", 12.0, 1)
    assert rfc3339(scenario.began_us) == "2030-01-14T18:00:00Z"
    assert scenario.traffic["cargo"] == 12
    ones = (scenario.outages, scenario.jamming, scenario.spoofing, scenario.twins, scenario.injects)
    assert [len(one) for one in ones] == [1, 1, 1, 1, 1]
    assert scenario.injects[0].kind == "eagle-s"


def test_an_empty_sea_is_no_exercise():
    """An empty file is a scenario without ships, which cannot be played, and the message says what to add."""
    assert read_scenario("").hours == 12.0
    with pytest.raises(ValueError, match=r"nobody sails: ask for ships in \[traffic\] or for an \[\[inject"):
        of("")


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("hours = 99", r"hours: expected a number from 0.1 to 48, found 99"),
        ("hours = true", r"hours: expected a number from 0.1 to 48, found True"),
        ("seed = 1.5", r"seed: expected a whole number from 0 to 2.14748e\+09, found 1.5"),
        ("hour = 3", r"hour: no such key; there are: begin, hours, inject"),
        ('begin = "today"', r"begin: expected a time such as 2030-01-14T18:00:00Z, without quotes"),
        ('name = "../up"', r"name: expected letters, digits, - and _, 40 at most, found '../up'"),
        ("traffic = 3", r"traffic: expected a table \[traffic\], found 3"),
        ("[traffic]\nufo = 1", r"\[traffic\] ufo: no such key; there are: cable_ship, cargo"),
        ("[traffic]\ncargo = -1", r"\[traffic\] cargo: expected a whole number from 0 to 1000, found -1"),
        ("[weather]\ngale = 'yes'", r"\[weather\] gale: expected true or false, found 'yes'"),
        ("[[inject]]\nat_h = 7", r"\[\[inject\]\] 1, kind is missing: one of eagle-s, yi-peng-3"),
        ('[[inject]]\nkind = "x"', r"\[\[inject\]\] 1, kind: expected one of eagle-s"),
        (
            '[[inject]]\nkind = "eagle-s"\nat_h = 3',
            r"at_h: expected a whole number from 6 to 12, found 3",
        ),
        ('hours = 2\n[[inject]]\nkind = "eagle-s"', r"hours: an \[\[inject\]\] needs 6 or more, found 2"),
        ("[[outage]]\nstation = 99\nfrom_h = 1\nfor_h = 1", r"station: expected a whole number from 1 to 13"),
        ("[[twin]]\nfrom_h = 1", r"\[\[twin\]\] 1, for_h is missing: a number from 0 to 48"),
        ("inject = 1", r"inject: expected tables \[\[inject\]\], found 1"),
        ("hours = ", r"not TOML: "),
    ],
)
def test_a_mistake_is_named(text, says):
    """The message has the key, what was expected, and what stands there."""
    with pytest.raises(ValueError, match=says):
        read_scenario(text)


@given(st.text(max_size=200))
def test_any_text_is_a_scenario_or_a_plain_error(text):
    """Whatever is typed, there is a scenario or a ValueError, nothing else."""
    assert _fault(text) != ""


@given(
    st.dictionaries(
        st.sampled_from(["hours", "seed", "name", "begin", "traffic", "inject", "weather", "x"]),
        st.one_of(st.integers(), st.floats(), st.booleans(), st.just("{}"), st.just("[{}]")),
    )
)
def test_any_values_are_a_scenario_or_a_plain_error(values):
    """Keys of a scenario with values of any kind: a scenario or a ValueError that names the key."""
    text = "".join(f"{key} = {str(value).lower()}\n" for key, value in values.items())
    fault = _fault(text)
    assert fault is None or any(key in fault for key in values)


def _fault(text):
    """Give what is said against a scenario, or None."""
    try:
        read_scenario(text)
    except ValueError as fault:
        return str(fault)
    return None


def test_an_incident_begins_at_its_hour():
    """The anchor goes down at the hour asked for, and she is heard for six hours before."""
    six, nine = (
        of(f'hours = 14.0\n[[inject]]\nkind = "fitburg"\nat_h = {hour}\n[weather]\ngale = false')
        for hour in (6, 9)
    )
    for play, hour in ((six, 6), (nine, 9)):
        (told,) = [inject for inject in play.truth if inject.incident]
        assert told.drag_began_us - play.began_us == hour * HOUR_US
        assert told.crossings
        heard = next(play.pieces(60.0)).reports["time_us"].cast("int64").to_numpy()
        assert heard.min() - play.began_us == pytest.approx((hour - 6) * HOUR_US, abs=120 * SECOND_US)


def test_hits_are_felt_when_an_incident_is_later():
    """She still dips at the crossing, not an hour before or after: her weather is that of those hours."""
    play = of('hours = 20.0\nseed = 3\n[[inject]]\nkind = "newnew-polar-bear"\nat_h = 8')
    sog = np.hypot(play.tracks.east_kn[0], play.tracks.north_kn[0])
    (told,) = [inject for inject in play.truth if inject.incident]
    for crossing in told.crossings:
        at = int((crossing.crossed_at_us - play.began_us) / SECOND_US / STEP_S)
        assert sog[at - 12 : at].mean() - sog[at : at + 48].min() == pytest.approx(1.5, abs=0.5)


def test_radio_troubles_are_heard():
    """A receiver that is out writes nothing meanwhile, and clocks are off by what was asked."""
    play = of(
        "hours = 2.0\n[traffic]\ncargo = 12\n[radio]\nclock_error_s = 20.0\n"
        "[[outage]]\nstation = 6\nfrom_h = 0.5\nfor_h = 1.0"
    )
    reports = next(play.pieces()).reports
    station = np.array(reports["station"].to_pylist())
    at_h = (reports["time_us"].cast("int64").to_numpy() - play.began_us) / HOUR_US
    out = (station == "EXERCISE-06") & (at_h > 0.52) & (at_h < 1.48)
    assert not out.any()
    assert ((at_h > 0.52) & (at_h < 1.48)).any()
    errors = [s.clock_error_s for s in play.stations]
    assert max(errors) >= 18.0
    assert min(errors) <= -18.0


def test_a_spoofed_ship_tells_of_a_ring_elsewhere():
    """Meanwhile her reports lie round one place, within the size of the ring."""
    play = of("hours = 3.0\n[traffic]\ncargo = 2\n[[spoofing]]\nfrom_h = 1.0\nfor_h = 1.0")
    (told,) = [inject for inject in play.truth if inject.kind == "position_spoofed"]
    reports = next(play.pieces(10.0)).reports
    own = reports.filter(np.array(reports["mmsi"].to_pylist()) == told.mmsi)
    at_h = (own["time_us"].cast("int64").to_numpy() - play.began_us) / HOUR_US
    lat, lon = own["lat_deg"].to_numpy(), own["lon_deg"].to_numpy()
    false = (at_h > 1.01) & (at_h < 1.99)
    centre = (lat[false].mean(), lon[false].mean())
    assert np.all(distance_m(*centre, lat[false], lon[false]) < 2500.0)
    assert np.ptp(lat[false]) > 0.02
    assert told.expects == ("position_spoofed",)


def test_a_twin_is_in_two_places():
    """Meanwhile one number is heard far apart within a minute."""
    play = of("hours = 2.0\n[traffic]\ncargo = 14\n[[twin]]\nfrom_h = 0.0\nfor_h = 2.0")
    (told,) = [inject for inject in play.truth if inject.kind == "mmsi_twin"]
    assert sum(ship.mmsi == told.mmsi for ship in play.ships) == 2
    assert told.expects == ("identity_conflict",)


def test_nobody_can_be_spoofed_on_an_empty_sea():
    """The message says what is wanted and where to ask for it."""
    with pytest.raises(ValueError, match=r"\[\[spoofing\]\]: 1 ships wanted, \[traffic\] has 0"):
        of('[[inject]]\nkind = "samus-swan"\n[[spoofing]]\nfrom_h = 1\nfor_h = 1')


def test_an_incident_may_outlast_the_exercise():
    """What is left of it is told, and its truth ends with the exercise."""
    play = of('hours = 7.0\n[[inject]]\nkind = "yi-peng-3"')
    (told,) = [inject for inject in play.truth if inject.incident]
    assert told.ended_us == play.ended_us


def test_the_same_scenario_gives_the_same_bytes():
    """Two runs agree to the byte; another seed differs."""
    text = "hours = 1.0\n[traffic]\ncargo = 3\nyacht = 2\n"
    assert of(text).sentences() == of(text).sentences()
    assert of("seed = 2\n" + text).sentences() != of(text).sentences()
