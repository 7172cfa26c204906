"""Drawn passages before a fault: each thing for and against a ship, equal fits, several faults, chance."""

from __future__ import annotations

from dataclasses import replace
from math import exp, log

import numpy as np
import pytest

from seavigil.fault import Fault
from seavigil.forecast.fit import (
    CURVES,
    GROUPS,
    LEAST_NATS,
    MOST_CONDUCT,
    WORTH,
    Window,
    conduct,
    total,
    window,
)
from seavigil.forecast.notes import well_known
from seavigil.forecast.presence import Presence, Sight, Sign
from seavigil.forecast.suspects import (
    LEAST_PROBABILITY,
    LIKELY,
    MISSES_NATS,
    MOST_CHANCE,
    POSSIBLE,
    UNLIKELY,
    Findings,
    Suspect,
    suspects,
)
from seavigil.records import HOUR_US, MINUTE_US, SECOND_US, parse_time_us
from seavigil.vessel import Static

AT_US = parse_time_us("2025-01-01T12:00:00Z")
BEGAN_US, ENDED_US = AT_US - 12 * HOUR_US, AT_US + 12 * HOUR_US


def fault(**more: object) -> Fault:
    """Give a fault of the drawn cable at noon, known to the minute."""
    given = {"fault_id": "fault", "asset_id": "cable", "at_us": AT_US, "noticed_us": AT_US, **more}
    return Fault(**given)


def passage(name: int = 1, after_s: float = 0.0, *signs: Sign, **more: object) -> Presence:
    """Give a passage at 10 kn, so long after noon, of a cargo ship 150 m long."""
    ship = Static(mmsi=name, ship_type=70, length_m=150.0)
    given = {"crossed_within_s": 5.0, "probability_over": 1.0, "sog_kn": 10.0, "angle_deg": 90.0, **more}
    at_us = AT_US + int(after_s * SECOND_US)
    return Presence(given.pop("ship", ship), f"{name:09d}", at_us, signs=signs, **given)


def sight(*presences: Presence, what: Fault | None = None, **more: object) -> Sight:
    """Give what was seen in a day about the fault, on a well-charted cable of 200 km."""
    given = {
        "as_of_us": ENDED_US,
        "began_us": BEGAN_US,
        "ended_us": ENDED_US,
        "sigma_m": 25.0,
        "length_km": 200.0,
        "heard": 1.0,
        "on_land": None,
        **more,
    }
    return Sight(fault=what or fault(), presences=presences, **given)


def asked(*presences: Presence, what: Fault | None = None, **more: object) -> Findings:
    """Give what is found about one fault."""
    return suspects([sight(*presences, what=what, **more)])


def others(n: int = 40, every_min: float = 17.0) -> list[Presence]:
    """Give ordinary passages at all hours but about noon."""
    plain = (Sign("drag_evidence", 0.0, unit="nats"), Sign("speed_there", 10.0, 10.0, "kn"))
    minutes = [every_min * (i - n / 2) for i in range(n)]
    return [passage(100 + i, m * 60.0, *plain) for i, m in enumerate(minutes) if abs(m) > 60]


def codes(found: tuple[object, ...]) -> set[str]:
    """Name the lines."""
    return {line.code for line in found}


# time and place


def test_time_fits_her_who_crossed_then() -> None:
    """Of two ships alike the one that crossed at the time stands first, with the time on her side."""
    first, second = asked(passage(1), passage(2, 20 * 60.0)).suspects
    assert (first.mmsi, first.rank, second.mmsi, second.rank) == (1, 1, 2, 2)
    assert "time_fits" in codes(first.lines_for)
    assert "time_fits" in codes(second.lines_against)
    assert second.time_offset_s == 20 * 60.0


def test_anchor_of_a_slow_ship_is_late() -> None:
    """Ten minutes after she crossed a fault still fits a ship that made 1 kn, and not one that made 10."""
    slow, fast = (passage(1, -600.0, sog_kn=kn) for kn in (1.0, 10.0))
    slow_nats, fast_nats = (window(fault(), one, 25.0, 86400.0).nats(600.0) for one in (slow, fast))
    # 600 s at 1 kn are 309 m, less than her 150 m and 350 m of chain; at 10 kn they are 3,087 m
    assert slow_nats > 0.0 > fast_nats


@pytest.mark.parametrize("flank_s", [20.0, 200.0, 2_000.0, 20_000.0])
def test_time_is_worth_one_in_all_however_badly_a_route_is_charted(flank_s: float) -> None:
    """A density: over all offsets it sums to one, so that nothing is won by knowing little."""
    when = Window(-100.0, 60.0, 400.0, flank_s, 86_400.0)
    at_s = np.linspace(-4e5, 4e5, 800_001)
    worth = np.exp(when.all_nats(at_s)) / 86_400.0
    least = np.exp(LEAST_NATS) / 86_400.0 * (at_s[-1] - at_s[0])  # no time is worth less than that
    assert worth.sum() * (at_s[1] - at_s[0]) == pytest.approx(1.0, abs=least + 1e-3)


def test_time_is_worth_its_share_of_the_day() -> None:
    """The nats of a good fit are the logarithm of the day over the span in which a fault may show."""
    told = window(fault(within_s=3600.0), passage(sog_kn=10.0), 25.0, 86400.0)
    # two hours and her own minute: between ln(24 h / 2 h) less a twelfth and ln(24 h / 2 h)
    assert log(86400 / 7200) - 0.09 < told.nats(0.0) < log(86400 / 7200)


def test_route_badly_known_is_patient() -> None:
    """Six minutes off fit a cable charted to 2 km, and hardly one charted to 50 m."""
    near, far = (window(fault(), passage(), sigma_m, 86400.0).nats(360.0) for sigma_m in (25.0, 1020.0))
    assert far > 0.0 > near


def test_kilometre_tells_two_ships_apart() -> None:
    """Of two ships at the same time she is first who crossed where the fault is."""
    there, elsewhere = passage(1, km_along=50.5), passage(2, km_along=90.0)
    first, second = asked(elsewhere, there, what=fault(km_along=50.0, km_error=2.0)).suspects
    assert first.mmsi == 1
    assert "place_fits" in codes(first.lines_for)
    assert "place_fits" in codes(second.lines_against)


def test_without_kilometre_place_says_nothing() -> None:
    """Where no kilometre is known none is judged."""
    (only,) = asked(passage(1, km_along=50.0)).suspects
    assert "place_fits" not in codes(only.lines_for + only.lines_against)


def test_doubtful_passage_counts_less() -> None:
    """A ship over the true route one time in ten loses ln 10; one surely over it loses nothing."""
    doubtful, sure = passage(1, probability_over=0.1), passage(2)
    assert total(conduct(doubtful)) - total(conduct(sure)) == pytest.approx(-log(10.0))


# conduct, kind, capability


@pytest.mark.parametrize("code", [code for code, nats in WORTH.items() if nats > 0])
def test_conduct_speaks_for(code: str) -> None:
    """What is seldom seen of ordinary ships speaks for a ship, and its absence is no line at all."""
    with_it, without = asked(passage(1, 0.0, Sign(code)), passage(2)).suspects
    assert (with_it.mmsi, without.mmsi) == (1, 2)
    assert code in codes(with_it.lines_for)
    assert code not in codes(without.lines_for + without.lines_against)


@pytest.mark.parametrize(
    ("code", "shows", "hardly"),
    [
        ("drag_evidence", (15.0, None), (0.2, None)),
        ("speed_there", (8.0, 10.0), (10.0, 10.0)),
        ("least_speed_after", (8.5, 10.0), (9.9, 10.0)),
        ("dip_at_crossing", (12.0, None), None),
        ("dip_elsewhere", (12.0, None), None),
    ],
)
def test_evidence_of_her_log(code: str, shows: tuple[float, float | None], hardly: object) -> None:
    """A ship slowed or unsteady at the crossing fits better for it; one that was neither fits worse."""
    (found,) = conduct(passage(1, 0.0, Sign(code, *shows)))
    assert found.nats > 0
    if hardly is not None:
        (near,) = conduct(passage(1, 0.0, Sign(code, *hardly)))
        assert near.nats < 0


def test_signs_of_one_thing_count_once_and_a_half() -> None:
    """Zigzag and crossing again and again are one and the same thing: the weaker counts half."""
    both = conduct(passage(1, 0.0, Sign("zigzag"), Sign("repeated_crossing")))
    assert total(both) == pytest.approx(WORTH["zigzag"] + WORTH["repeated_crossing"] / 2)


def test_conduct_is_capped() -> None:
    """However much a ship did, all of it is worth no more than the cap."""
    everything = [Sign(code) for code, nats in WORTH.items() if nats > 0]
    everything += [Sign("drag_evidence", 30.0), Sign("dip_at_crossing", 18.0)]
    assert total(conduct(passage(1, 0.0, *everything))) == pytest.approx(MOST_CONDUCT)


def test_groups_and_curves_name_known_signs() -> None:
    """Every grouped sign has a worth."""
    assert {code for group in GROUPS for code in group} <= {*CURVES, *WORTH}


@pytest.mark.parametrize(
    ("code", "culprit", "near_miss"),
    [
        ("too_fast_to_drag", {"sog_kn": 18.0}, {"sog_kn": 13.9}),
        ("light_anchor", {"ship": Static(1, ship_type=37)}, {"ship": Static(1, ship_type=70)}),
        ("on_duty", {"ship": Static(1, ship_type=50)}, {"ship": Static(1, ship_type=52)}),
    ],
)
def test_kind_speaks_against(code: str, culprit: dict[str, object], near_miss: dict[str, object]) -> None:
    """Fast ships, small craft and ships at work there hardly break cables; others get no such line."""
    against = [line for line in conduct(passage(1, **culprit)) if line.nats < 0]
    assert codes(tuple(against)) == {code}
    assert code not in codes(tuple(conduct(passage(1, **near_miss))))


@pytest.mark.parametrize(("depth_m", "nats"), [(120.0, -5.0), (40.0, 0.3)])
def test_anchor_must_reach(depth_m: float, nats: float) -> None:
    """An anchor that reaches 80 m harms nothing at 120 m; at 40 m it may."""
    (line,) = conduct(passage(1, 0.0, Sign("anchor_reach", 80.0, depth_m, "m")))
    assert (line.code, line.nats) == ("anchor_reach", nats)


def test_routine_protects_and_to_and_fro_does_not() -> None:
    """A ferry on her line is no suspect for being there; a ship that zigzags over it is not on a line."""
    ferry = replace(passage(1, 0.0, Sign("crosses_routinely", 6.0)), ship=Static(1, ship_type=60))
    assert total(conduct(ferry)) == pytest.approx(-1.0 - 0.6 - 0.5)
    restless = passage(1, 0.0, Sign("crosses_routinely", 6.0), Sign("repeated_crossing"))
    assert total(conduct(restless)) > 0


def test_lying_in_a_charted_anchorage() -> None:
    """Who lies in charted roads is where she may; not so who says "at anchor" elsewhere, or drags."""
    assert total(conduct(passage(1, 0.0, Sign("says_at_anchor", 1.0)))) < 0
    assert conduct(passage(1, 0.0, Sign("says_at_anchor", 0.0))) == []
    assert total(conduct(passage(1, 0.0, Sign("says_at_anchor", 1.0), Sign("dragging_at_anchor")))) > 0


# how sure, and what cannot be known


def dragged(name: int = 1, after_s: float = 10.0) -> Presence:
    """Give a passage with a dragged anchor on it."""
    return passage(name, after_s, Sign("drag_evidence", 18.0, unit="nats"), Sign("dip_at_crossing", 12.0))


def notes(found: Findings) -> set[str]:
    """Name what cannot be known."""
    return {note.code for note in found.notes}


def test_who_dragged_at_the_time_is_likely() -> None:
    """A drag at the minute of the fault, in traffic of whom nobody else drags, is called likely."""
    first = asked(dragged(), *others()).suspects[0]
    assert (first.mmsi, first.says) == (1, LIKELY)
    assert first.probability >= LEAST_PROBABILITY
    assert first.chance <= MOST_CHANCE


def test_who_only_crossed_is_not_likely() -> None:
    """On a cable crossed every few minutes somebody always crosses at the time: she is possible at most."""
    plain = (Sign("drag_evidence", 0.0, unit="nats"),)
    first = asked(passage(1, 10.0, *plain), *others(240, every_min=5.0)).suspects[0]
    assert first.says in (POSSIBLE, UNLIKELY)
    assert first.chance > MOST_CHANCE


def test_who_fits_any_fault_fits_none() -> None:
    """A ship that drags over the cable every quarter of an hour fits whatever the time: not likely."""
    always = [dragged(1, minutes * 60.0) for minutes in range(-600, 601, 15)]
    assert asked(*always, *others()).suspects[0].says == POSSIBLE


def test_two_that_fit_equally() -> None:
    """Of two ships that dragged together neither is called likely, and it is said that they fit equally."""
    found = asked(dragged(1), dragged(2), *others())
    assert [one.says for one in found.suspects[:2]] == [POSSIBLE, POSSIBLE]
    assert "fit_equally" in notes(found)
    assert "fit_equally" not in notes(asked(dragged(1), *others()))


def test_probabilities_share_out_what_is_sure() -> None:
    """All ships and nobody make one."""
    found = asked(dragged(1), passage(2, 30.0), passage(3, 600.0), *others())
    whole = sum(one.probability for one in found.suspects) + found.none_probability
    assert whole == pytest.approx(1.0)


def test_unsure_source_makes_unsure_suspects() -> None:
    """Where the source is not sure that anything broke, less falls on every ship."""
    sure, unsure = (asked(passage(), what=fault(confidence=c)).suspects[0] for c in (1.0, 0.2))
    assert unsure.probability < sure.probability


def test_dark_ship_is_listed_as_such() -> None:
    """A ship that was silent and could have been there is listed, with no time of crossing."""
    dark = passage(
        2, 0.0, Sign("silent_for", 3600.0), dark=True, crossed_within_s=1800.0, probability_over=0.2
    )
    found = asked(dragged(1), dark, *others())
    told = found.suspects[1].as_json()
    assert (told["dark"], told["crossed_at"], told["time_offset_s"]) == (True, None, None)
    assert (told["silent_from"], told["silent_to"]) == ("2025-01-01T11:30:00Z", "2025-01-01T12:30:00Z")
    assert "dark_ships" in notes(found)


def test_nothing_heard_there() -> None:
    """It is said where hardly any ship was heard, and where ships were heard and none was there."""
    assert {"hardly_heard_there", "nobody_fits"} <= notes(asked(*others(), heard=0.1))
    assert {"no_ship_there", "nobody_fits"} <= notes(asked(passage(5, 3 * 3600.0), heard=1.0))
    assert not {"hardly_heard_there", "no_ship_there", "nobody_fits"} & notes(asked(dragged(), *others()))


def unheard(*ships: Presence, **more: object) -> Findings:
    """Give what is found where hardly anybody was heard then."""
    return asked(*ships, *others(), heard=0.1, **more)


def test_likely_where_nobody_is_heard_asks_for_her_own_reports() -> None:
    """Without coverage only a ship herself heard at the line is likely: not one joined over a gap."""
    heard, joined_over = dragged(), replace(dragged(), crossed_within_s=750.0)
    assert asked(joined_over, *others()).suspects[0].probability >= LEAST_PROBABILITY
    assert unheard(heard).suspects[0].says == LIKELY
    assert unheard(joined_over).suspects[0].says != LIKELY


@pytest.mark.parametrize(("within_s", "known_s"), [(60.0, 30.0), (3600.0, 1800.0)])
def test_how_well_her_passage_is_known(within_s: float, known_s: float) -> None:
    """Known is a passage to half of the fault's own time; a second more and it is not."""
    seen = sight(what=fault(within_s=within_s))
    assert well_known(seen, replace(dragged(), crossed_within_s=known_s))
    assert not well_known(seen, replace(dragged(), crossed_within_s=known_s + 1.0))
    assert not well_known(seen, replace(dragged(), crossed_within_s=1.0, dark=True))


def test_ships_not_heard_are_counted_among_the_others() -> None:
    """The less was heard the more falls on none of these ships, and it is said that others may have been."""
    covered, hardly = asked(passage(), *others()), unheard(passage())
    assert hardly.none_probability > covered.none_probability
    # 0.7 x 0.1 of the prior falls on ships heard: the rest is 0.93
    weight = 0.07 * exp(hardly.suspects[0].score) / len([*others(), passage()])
    assert hardly.suspects[0].probability == pytest.approx(weight / (0.93 + weight), rel=0.02)
    (said,) = [one for one in hardly.notes if one.code == "others_not_heard"]
    assert said.observed == pytest.approx(0.9)
    assert "others_not_heard" not in notes(covered)


def test_feed_silent_over_the_fault() -> None:
    """Where nothing at all was heard it is said from when to when, and never that no ship was there."""
    silence = (AT_US - 11 * MINUTE_US, AT_US + 14 * MINUTE_US)
    for heard in (0.0, 0.9):
        found = asked(*others(), heard=heard, silences=(silence,))
        (said,) = [one for one in found.notes if one.code == "nothing_heard"]
        assert (said.began, said.ended) == ("2025-01-01T11:49:00Z", "2025-01-01T12:14:00Z")
        assert said.observed == 25 * 60.0
        assert "no_ship_there" not in notes(found)
    assert "nothing_heard" not in notes(asked(*others()))


def test_who_came_near_did_not_cross() -> None:
    """A ship 1.9 km off is told as nearest, not as having crossed; one over the line as having crossed."""
    near, over = asked(passage(1, distance_m=1900.0, probability_over=0.01)), asked(passage(1))
    assert (near.suspects[0].crossed, over.suspects[0].crossed) == (False, True)
    assert "near_then" in codes(near.suspects[0].lines_for)
    assert "time_fits" in codes(over.suspects[0].lines_for)


def test_place_on_land_and_disturbed_navigation_are_told() -> None:
    """A fault on land, or where satellite navigation was disturbed, says so."""
    assert {"on_land", "gnss_degraded"} <= notes(asked(dragged(), on_land=True, disturbed=True))
    assert not {"on_land", "gnss_degraded"} & notes(asked(dragged(), on_land=False))


def test_far_passages_are_no_suspects() -> None:
    """A ship that crossed hours from the fault is not listed, though she counts as traffic."""
    found = asked(passage(1), passage(2, 5 * 3600.0))
    assert [one.mmsi for one in found.suspects] == [1]


# several faults


def two_faults(*ships: tuple[Presence, Presence]) -> Findings:
    """Give what is found of two faults 40 minutes apart on two cables; ships pass one after the other."""
    later = fault(fault_id="second", asset_id="other", at_us=AT_US + 40 * MINUTE_US)
    return suspects([sight(*(a for a, _ in ships)), sight(*(b for _, b in ships), what=later)])


def pair(name: int, first_s: float, second_s: float) -> tuple[Presence, Presence]:
    """Give one ship's passages of both cables."""
    return passage(name, first_s), passage(name, second_s)


def test_one_ship_at_both_faults() -> None:
    """Who was at both at their times is first, before one who was at the first only, who is still listed."""
    ordinary = [pair(100 + i, 700.0 * i, 700.0 * i + 3600.0) for i in range(-40, 40, 3) if abs(i) > 12]
    found = two_faults(pair(1, 10.0, 2410.0), pair(2, -10.0, 5 * 3600.0), *ordinary)
    first, second = (next(s for s in found.suspects if s.mmsi == mmsi) for mmsi in (1, 2))
    assert (first.rank, first.fits, first.says) == (1, ("fault", "second"), LIKELY)
    assert second.fits == ("fault",)
    assert ("misses_fault", MISSES_NATS) in [(line.code, line.nats) for line in second.lines_against]


def test_two_faults_say_more_than_one() -> None:
    """A ship that only crossed is likelier when the second fault fits her as well."""
    ordinary = [pair(100 + i, 700.0 * i, 700.0 * i + 3600.0) for i in range(-40, 40, 3) if abs(i) > 12]
    one = asked(passage(1, 10.0), *(a for a, _ in ordinary)).suspects[0]
    both = two_faults(pair(1, 10.0, 2410.0), *ordinary).suspects[0]
    assert both.probability > one.probability


def held_twice(*signs: tuple[Sign, Sign]) -> tuple[float, Suspect]:
    """Give what one ship's conduct at two faults is worth, each pair of signs at the first and the second."""
    both = (passage(1, 10.0, *(a for a, _ in signs)), passage(1, 2410.0, *(b for _, b in signs)))
    (one,) = two_faults(both).suspects
    conduct_codes = {a.code for a, _ in signs} | {b.code for _, b in signs}
    return sum(li.nats for li in one.lines_for if li.code in conduct_codes), one


def test_one_drift_over_two_assets_counts_once() -> None:
    """One drift that lasts over both faults is worth one drift; two drifts are worth two."""
    worth = WORTH["drifting"]
    drift, another = Sign("drifting", episode="drift"), Sign("drifting", episode="another")
    assert held_twice((drift, drift))[0] == pytest.approx(worth)
    assert held_twice((drift, another))[0] == pytest.approx(2 * worth)


def test_one_dip_counts_where_it_weighs_most() -> None:
    """A dip at the second asset is no further one elsewhere for the first."""
    elsewhere, there = Sign("dip_elsewhere", 8.0, episode="dip"), Sign("dip_at_crossing", 8.0, episode="dip")
    nats, one = held_twice((elsewhere, there))
    # 8 nats of a dip at the crossing are worth 3.5 (CURVES), elsewhere 2
    assert nats == pytest.approx(3.5)
    assert [(li.code, li.fault_id) for li in one.lines_for if li.code.startswith("dip")] == [
        ("dip_at_crossing", "second")
    ]


@pytest.mark.parametrize(("later_s", "times"), [(3000, 1), (3601, 2)])
def test_rows_of_her_log_count_once(later_s: int, times: int) -> None:
    """Evidence out of rows that overlap is the same; out of rows of another hour it is more."""
    early = Sign("drag_evidence", 15.0, unit="nats", span_us=(AT_US, AT_US + 3600 * SECOND_US))
    late = replace(early, span_us=(AT_US + later_s * SECOND_US, AT_US + 2 * HOUR_US))
    one_nats = total(conduct(passage(1, 0.0, early)))
    assert held_twice((early, late))[0] == pytest.approx(times * one_nats)


def test_lines_say_which_fault_they_are_about() -> None:
    """Of two faults each thing for or against names its own."""
    one = two_faults(pair(1, 10.0, 2410.0)).suspects[0]
    assert [li.fault_id for li in one.lines_for if li.code == "time_fits"] in (
        ["fault", "second"],
        ["second", "fault"],
    )
    assert {li.as_json()["fault"] for li in one.lines_for} == {"fault", "second"}


def test_no_fault_is_an_error() -> None:
    """Somebody has to say what broke."""
    with pytest.raises(ValueError, match="no fault given"):
        suspects([])


def test_line_has_every_key() -> None:
    """The ndjson object has the keys that other tools rely on, in this order."""
    one: Suspect = asked(dragged()).suspects[0]
    assert list(one.as_json()) == [
        *("rank", "score", "probability", "says", "chance", "vessel", "crossed_at", "crossed_within_s"),
        *("time_offset_s", "silent_from", "silent_to", "crossed", "distance_m", "probability_over"),
        *("km_along", "dark", "faults", "for", "against", "last"),
    ]
