"""The documented incidents as told again, against the public record (training seeds only)."""

from __future__ import annotations

import csv
import re
from itertools import pairwise

import numpy as np
import pytest

from seavigil.exercises import incidents, sea, signatures
from seavigil.exercises.incidents import AT_ANCHOR_KINDS, INCIDENTS, incident
from seavigil.exercises.plays import STEP_S
from seavigil.exercises.under_way import HISTORY_S
from seavigil.records import HOUR_US, SECOND_US

UNDER_WAY = (
    *("eagle-s", "yi-peng-3", "newnew-polar-bear", "vezhen"),
    *("fitburg", "samus-swan", "xing-shun-39"),
)
#: Kinds of which each test plays one; plays take a second or two.
SEEDS = dict(zip(INCIDENTS, range(1, 13), strict=True))


@pytest.fixture(scope="module")
def plays():
    """Give each incident once, played when first asked for."""
    made = {}

    def give(kind):
        if kind not in made:
            made[kind] = incident(kind, SEEDS[kind])
        return made[kind]

    return give


def truth(play):
    """Give the truth about the incident's own ship."""
    return next(inject for inject in play.truth if inject.incident == play.name)


def sog_kn(play, row=0):
    """Give the true speed over ground of a ship, step by step."""
    return np.hypot(play.tracks.east_kn[row], play.tracks.north_kn[row])


def step_at(play, time_us):
    """Give the step of a play at a time."""
    return int((time_us - play.began_us) / SECOND_US / STEP_S)


def around_kn(play, crossing, before_s, after_s):
    """Give the mean speed in the minutes before a crossing and the least in those after."""
    at = step_at(play, crossing.crossed_at_us)
    sog = sog_kn(play)
    return sog[at - int(before_s / STEP_S) : at].mean(), sog[at : at + int(after_s / STEP_S)].min()


def test_the_same_seed_gives_the_same_play():
    """Truth and reports agree in every row; another seed tells it otherwise."""
    one, again, other = (incident("samus-swan", seed) for seed in (3, 3, 4))
    assert one.truth == again.truth
    assert next(one.pieces(60.0)).reports.equals(next(again.pieces(60.0)).reports)
    assert other.truth != one.truth


@pytest.mark.parametrize("kind", INCIDENTS)
def test_every_incident_has_history_hits_and_peers(plays, kind):
    """Six hours before the anchor goes (or the gear), a hit or more, twenty ships and more around."""
    play = plays(kind)
    told = truth(play)
    began_us = told.drag_began_us or told.began_us
    assert began_us - play.began_us == HISTORY_S * SECOND_US
    assert told.ended_us <= play.ended_us <= told.ended_us + 3 * HOUR_US
    assert told.crossings
    assert all(began_us <= c.crossed_at_us for c in told.crossings)
    assert "crossing" in told.expects
    assert len(play.ships) >= 21


@pytest.mark.parametrize("kind", INCIDENTS)
def test_nobody_real_is_meant(plays, kind):
    """Digits 299 and EXERCISE in every name of ship, receiver and asset, to the end of the tables."""
    play = plays(kind)
    assert all(s.mmsi // 1_000_000 == 299 and s.name.startswith("EXERCISE") for s in play.ships)
    assert all(asset.name.startswith("Exercise") for asset in play.assets)
    piece = next(play.pieces(300.0))
    assert all(name.startswith("EXERCISE-") for name in piece.reports["station"].unique().to_pylist())


@pytest.mark.parametrize("kind", UNDER_WAY)
def test_a_drag_slows_by_what_it_says(plays, kind):
    """The share told is that between the hours of the drag and those before it, within the wind and sea."""
    play = plays(kind)
    told = truth(play)
    sog = sog_kn(play)
    began, ended = step_at(play, told.drag_began_us), step_at(play, told.ended_us)
    running = sog[began:ended][sog[began:ended] > 1.0]  # engine stops are no loss to the anchor
    made = 1.0 - running.mean() / sog[began - 360 : began].mean()
    assert made == pytest.approx(told.slows_by, abs=0.12)


@pytest.mark.parametrize("kind", UNDER_WAY)
def test_the_slowdown_lies_in_the_documented_range(plays, kind):
    """The true share lost is that of the signature, give or take what dips and noise add."""
    signature = getattr(signatures, kind.upper().replace("-", "_"))
    low, high = signature.loss
    assert low - 0.02 <= truth(plays(kind)).slows_by <= high + 0.06


def test_eagle_s_dips_as_on_record(plays, shared_data):
    """EAGLES-1: 9.3 to 8.8 kn while crossing, half a knot in two minutes."""
    (case,) = cases(shared_data, "EAGLES-1")
    before, least = map(float, re.match(r"([\d.]+)->([\d.]+)", case["speed_during_kn"]).groups())
    play = plays("eagle-s")
    for crossing in truth(play).crossings:
        at_hit, dipped = around_kn(play, crossing, 120.0, 300.0)
        assert 1.0 - dipped / at_hit == pytest.approx(1.0 - least / before, abs=0.05)


def test_newnew_polar_bear_dips_as_on_record(plays, shared_data):
    """NNPB-2: 11 kn with a dip to 9.5 for about five minutes, and no slower before and after."""
    (case,) = cases(shared_data, "NNPB-2")
    assert "dip to 9.5" in case["speed_during_kn"]
    play = plays("newnew-polar-bear")
    for crossing in truth(play).crossings:
        at_hit, dipped = around_kn(play, crossing, 120.0, 480.0)
        assert at_hit - dipped == pytest.approx(11.0 - 9.5, abs=0.5)
    assert truth(play).slows_by < 0.06


def test_yi_peng_3_loses_nearly_half_her_speed(plays, shared_data):
    """YP3-1: 9 to 10 kn before, 5 to 6 for hours."""
    (case,) = cases(shared_data, "YP3-1")
    assert (case["speed_before_kn"], case["speed_during_kn"][:3]) == ("9-10", "5-6")
    play = plays("yi-peng-3")
    told, sog = truth(play), sog_kn(play)
    began = step_at(play, told.drag_began_us)
    assert 8.4 <= sog[began - 360 : began].mean() <= 10.5
    assert 4.7 <= sog[began + 90 : step_at(play, told.ended_us)].mean() <= 6.6


def test_eagle_s_stops_her_engine_twice(plays):
    """EAGLES-1: engine stopped 83 min after the hit, restarted 27 min later, again at 136 min."""
    play = plays("eagle-s")
    first = step_at(play, truth(play).crossings[0].crossed_at_us)
    slow = sog_kn(play)[first : first + 1000] < 4.0
    began = [i * STEP_S / 60 for i, (a, b) in enumerate(pairwise(slow)) if b and not a]
    assert len(began) == 2
    assert 83 <= began[0] <= 100
    assert 136 <= began[1] <= 152


@pytest.mark.parametrize("kind", AT_ANCHOR_KINDS)
def test_ships_that_drag_at_anchor_say_at_anchor(plays, kind):
    """SANPEDRO-2021: status "at anchor" throughout; the drag is down wind, over a pipeline, in a gale."""
    play = plays(kind)
    told = truth(play)
    assert set(play.tracks.nav_status[0].tolist()) == {1}
    assert {a.kind for a in play.assets if a.name in told.assets} == {"gas_pipeline"}
    assert max(play.weather["atmosphere"]["hourly"]["wind_speed_10m"][6:9]) > 14.0 * 3.6
    lying = sog_kn(play)[: int(HISTORY_S / STEP_S)]
    assert np.mean(lying) < 0.7


def test_msc_danit_goes_over_the_pipeline_four_times(plays):
    """SANPEDRO-2021: first crossing, and three more within three hours; a second ship once."""
    play = plays("msc-danit")
    times = [c.crossed_at_us for c in truth(play).crossings]
    assert len(times) == 4
    assert times[-1] - times[0] <= 3.5 * HOUR_US
    second = [i for i in play.truth if i.incident == "msc-danit"][1]
    assert len(second.crossings) == 1


def test_xing_shun_39_changes_her_name_on_the_spot(plays):
    """TAIWAN-TPE-2025: identity A ends, B begins within two minutes and fifty metres."""
    play = plays("xing-shun-39")
    first, second = play.ships[:2]
    ends, begins = first.silent_s[0][0], second.silent_s[0][1]
    assert 0 < begins - ends <= 120
    rows = [play.tracks.at(np.array([row]), np.array([int(ends)])).place for row in (0, 1)]
    assert np.allclose(rows[0], rows[1], atol=1e-9)
    assert truth(play).mmsis == (first.mmsi, second.mmsi)
    assert first.dimensions == second.dimensions


def test_hong_tai_58_loiters_beside_one_cable_first(plays):
    """TAIWAN-TP3-2025: she keeps half a nautical mile off the cable until the anchor is down."""
    play = plays("hong-tai-58")
    told = truth(play)
    assert told.crossings[0].crossed_at_us > told.drag_began_us
    assert {c.asset for c in told.crossings} == set(told.assets)
    assert len(told.crossings) >= 2


def test_the_trawler_goes_over_one_cable_many_times(plays):
    """SVALBARD-2022: at trawling speed, engaged in fishing, a dozen passes and more."""
    play = plays("svalbard-trawling")
    told = truth(play)
    assert len(told.crossings) >= 8
    assert set(play.tracks.nav_status[0].tolist()) == {7}
    assert all(2.0 <= c.sog_kn <= 5.0 for c in told.crossings)


def test_seeds_vary_ship_and_place():
    """Over a few seeds other assets are hit, at other speeds, and some drags begin late before the hit."""
    told = [truth(incident("samus-swan", seed)) for seed in range(20, 26)]
    assert len({one.crossings[0].asset for one in told}) >= 2
    assert len({round(one.slows_by, 3) for one in told}) == 6
    leads = [(one.crossings[0].crossed_at_us - one.drag_began_us) / (60 * SECOND_US) for one in told]
    assert min(leads) < 45 < max(leads)


def test_an_unknown_kind_names_the_known_ones():
    """The message lists what there is."""
    with pytest.raises(ValueError, match="no incident 'titanic'; there are: eagle-s, yi-peng-3"):
        incident("titanic", 1)


def test_every_kind_is_named_where_it_is_told():
    """Each incident's function says first which rows of the record it rests on, and they exist."""
    assert all(re.match(r"[A-Z0-9]+-", tell.__doc__) for tell in INCIDENTS.values())
    assert tuple(k for k in INCIDENTS if k in AT_ANCHOR_KINDS) == incidents.AT_ANCHOR_KINDS


def test_the_rows_named_are_in_the_record(shared_data):
    """Case ids in the docstrings are those of the incident list."""
    known = {case["id"] for case in cases(shared_data)}
    for tell in INCIDENTS.values():
        first = tell.__doc__.split(":")[0]
        names = [re.sub(r"\.\.\d+$", "", name) for name in first.split(", ")]
        assert set(names) <= known


def test_lanes_are_those_of_the_sea():
    """A ship's lanes are the sea's, moved to one side by no more than a mile."""
    from seavigil.exercises.chance import Chance
    from seavigil.geodesy import distance_m

    for own, lane in zip(incidents.lanes(Chance(5)), sea.LANES, strict=True):
        off = [float(distance_m(*a, *b)) for a, b in zip(own, lane, strict=True)]
        assert max(off) < 1852.0


def cases(shared_data, case_id=None):
    """Give the rows of the incident list, or the one of an id."""
    with (shared_data / "incidents/incidents.csv").open() as lines:
        return [row for row in csv.DictReader(lines) if case_id in {None, row["id"]}]
