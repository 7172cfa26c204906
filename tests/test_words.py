"""Alerts in words: whatever an alert may be about is told, whatever of it is not known."""

from __future__ import annotations

from typing import Any

import pytest

from seavigil import words

AREA = {"area_id": "59.0N 24.0E", "south_deg": 59.0, "west_deg": -1.5, "north_deg": 59.5, "east_deg": 1.0}


def test_an_alert_without_a_ship_names_its_area() -> None:
    """Jamming has no ship: its bounds are told, each with the letter of its hemisphere."""
    line: dict[str, Any] = {"vessel": None, "area": AREA, "behaviours": ["gnss_degraded"], "exercise": True}
    assert words.ship(line) == "EXERCISE: area 59 N to 59.5 N, 1.5 W to 1 E"


def test_a_contact_is_told_by_its_name() -> None:
    """Of what another sensor saw the name it was given is told, not the bounds of its error."""
    line = {
        "vessel": None,
        "area": AREA | {"area_id": "contact:S1-0007"},
        "behaviours": ["unmatched_detection"],
    }
    assert words.ship(line) == "contact S1-0007"


def test_an_area_that_is_not_told_leaves_the_id() -> None:
    """Lists of changed alerts hold no area: the alert is named by its id, and nothing breaks."""
    assert words.ship({"vessel": None, "alert_id": "8a01"}) == "alert 8a01"


def test_a_reason_whose_norm_is_not_known_is_still_told() -> None:
    """Words that compare with a norm give way to the plain figure where there is no norm."""
    one = {"code": "slower_than_usual", "observed": 8.1, "expected": None, "unit": "kn"}
    assert words.reason(one) == "slower than usual 8.1 kn"
    assert words.reason({**one, "expected": 11.0}) == "at 8.1 kn where 11 is usual for her"


@pytest.mark.parametrize(
    ("rate", "normal", "said"),
    [
        (0.0432, "prior", "0.043 as strong or stronger in 1,000 ship-days of invented traffic"),
        (5260.0, "learned", "5,260 as strong or stronger in 1,000 ship-days of your own history"),
        (None, "prior", ""),
    ],
)
def test_how_often_the_like_comes(rate: float | None, normal: str, said: str) -> None:
    """The rate is told with the traffic it was counted in; where none was counted nothing is."""
    line = {"expected_per_1000_ship_days": rate, "expected_from": {"normal": normal, "ship_days": 1587}}
    assert words.how_often(line) == said


FITS = {"name": "Link 1", "at": "2025-11-20T04:21:30Z", "says": "likely", "rank": 1}


@pytest.mark.parametrize(
    ("faults", "said"),
    [
        ([FITS], "best fits a fault of Link 1 at 04:21:30Z, drifting"),
        (
            [FITS | {"says": "possible"}],
            "best fits a fault of Link 1 at 04:21:30Z (perhaps by chance), drifting",
        ),
        (
            [FITS | {"says": "possible", "rank": 2}],
            "fits a fault of Link 1 at 04:21:30Z (perhaps by chance), drifting",
        ),
        ([FITS | {"says": "fits_no_more"}], "fits a fault of Link 1 at 04:21:30Z no more, drifting"),
        ([FITS | {"says": "withdrawn"}], "fitted a fault of Link 1 at 04:21:30Z since withdrawn, drifting"),
        (
            [FITS, FITS | {"name": "Fibre 2", "at": "2025-11-21T00:05:00Z"}],
            (
                "best fits a fault of Link 1 at 11-20 04:21:30Z "
                "and best fits a fault of Fibre 2 at 11-21 00:05:00Z, drifting"
            ),
        ),
        ([], "fits a fault, drifting"),
    ],
)
def test_a_fault_is_told_with_its_asset_and_time(faults: list[dict[str, Any]], said: str) -> None:
    """What failed and when, how well she fits it, and whether that still holds; never that she did it."""
    assert words.what({"behaviours": ["fault_match", "drifting"], "faults": faults}) == said


DEAD: dict[str, Any] = {
    "vessel": None,
    "position": None,
    "feed": {"name": "sky", "url": "tcp://sky:1", "state": "mute"},
    "behaviours": ["feed_dead"],
    "began": "2026-11-22T17:13:00Z",
    "revised_at": "2026-11-22T17:19:00Z",
    "ended": None,
}


def test_a_silent_feed_is_not_told_as_if_it_came_back() -> None:
    """It is "still so" while it lasts, with the day where that is another; a feed has no place."""
    assert (words.what(DEAD), words.when(DEAD)) == ("brings no report", "2026-11-22 17:13, still so at 17:19")
    assert words.when(DEAD | {"revised_at": "2026-11-24T01:02:00Z"}).endswith("still so at 11-24 01:02")
    assert words.place(DEAD) == ""


def test_a_feed_that_is_heard_again_is_told_in_the_past() -> None:
    """Beside "connected" nobody reads that it brings nothing."""
    over = DEAD | {"ended": "2026-11-22T17:20:00Z", "feed": DEAD["feed"] | {"state": "connected"}}
    assert words.ship(over) + ", " + words.what(over) == "feed sky (connected), brought no report"


@pytest.mark.parametrize(
    ("code", "observed", "expected", "said"),
    [
        ("feed_reports_before", 177.0, None, "before 177 reports/s"),
        ("feed_reports_before", 0.033, 2400.0, "before 0.033 reports/s (usual at this hour: 2,400)"),
        ("feed_clock_offset", 8821.1 * 3600, 300.0, "its times are 368 days late"),
        ("feed_clock_offset", -71 * 3600.0, -60.0, "its times are 71.0 h ahead"),
    ],
)
def test_figures_of_a_feed_are_said_as_people_say_them(
    code: str, observed: float, expected: float | None, said: str
) -> None:
    """No powers of ten; months are told in days (8,821.1 h are 367.5 days), days in hours."""
    assert words.reason({"code": code, "observed": observed, "expected": expected, "unit": ""}) == said
