"""One alert in one sentence, and the sheet for who wants to call the ship."""

from __future__ import annotations

import string
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from seavigil.alerts.channels.contact_sheet import (
    MOST_ADDRESSED,
    MOST_BROADCAST,
    SIX_BIT,
    contact_sheet,
    six_bit,
    spelt,
)
from seavigil.alerts.channels.spoken import degrees_minutes, sentence
from seavigil.behaviours import CATALOGUE
from seavigil.behaviours.areas import AREA_CATALOGUE

LINK = {
    "asset_id": "link-1",
    "name": "Link 1",
    "kind": "power_cable",
    "crossed_at": "2025-11-20T04:21:12.300Z",
    "crossed_within_s": 5.0,
    "km_along": 29.168,
    "angle_deg": 70.0,
    "probability_over": 0.99,
    "distance_m": 0.0,
    "ahead_in_s": None,
}
VESSEL = {
    "mmsi": 299_000_001,
    "vessel_id": "299000001",
    "imo": None,
    "name": "ALDER",
    "callsign": "OJ4",
    "ship_type": 70,
    "length_m": 150.0,
    "flag": "FI",
}


def line(**changed: Any) -> dict[str, Any]:
    """Give the line of an alert about a ship that drifts over a cable."""
    told: dict[str, Any] = {
        "alert_id": "a1",
        "revision": 2,
        "status": "open",
        "priority": "warning",
        "behaviours": ["drifting", "crossing"],
        "vessel": VESSEL,
        "other_vessels": [],
        "area": None,
        "feed": None,
        "assets": [LINK],
        "faults": [],
        "began": "2025-11-20T04:18:00Z",
        "ended": None,
        "detected_at": "2025-11-20T04:21:20Z",
        "revised_at": "2025-11-20T04:30:00Z",
        "position": {"lat_deg": 59.8844, "lon_deg": 25.3732},
        "next_assets": [],
    }
    return told | changed


def heard(age_s: float = 30.0) -> dict[str, Any]:
    """Give where she was last heard, and how long before the moment asked of."""
    place = {"lat_deg": 59.8844, "lon_deg": 25.3732, "at": "2025-11-20T04:32:56Z"}
    return {**place, "age_s": age_s, "asked_at": "2025-11-20T05:15:01Z"}


def asset(**changed: Any) -> dict[str, Any]:
    """Give the cable, as it is named by an alert that tells no crossing."""
    return {**LINK, "crossed_at": None, "km_along": None, "distance_m": None} | changed


def test_who_what_where_since_when() -> None:
    """The sentence has the ship and her number, what she does, the asset with its kilometre, and the time."""
    assert sentence(line()) == (
        "ALDER, MMSI 299000001, flag FI, is drifting and went over Link 1 (kilometre 29.2) at 04:21; "
        "last at 59-53.1 N 025-22.4 E, since 04:18 UTC on 2025-11-20."
    )


def test_what_is_over_is_said_so() -> None:
    """An alert that has ended is told in the past, with both its times."""
    told = sentence(line(status="closed", ended="2025-11-20T05:08:00Z"))
    assert told.startswith("Over: ALDER, MMSI 299000001, flag FI, was drifting and went over Link 1")
    assert told.endswith("from 04:18 to 05:08 UTC on 2025-11-20.")
    assert sentence(line(status="retracted")).startswith("Taken back: ")


def test_near_and_ahead() -> None:
    """Where she crossed nothing yet, the distance or how soon she would be there is said."""
    near = line(behaviours=["drifting"], assets=[asset(distance_m=320.0)])
    assert "is drifting; 320 m from Link 1; last at" in sentence(near)
    ahead = line(behaviours=["gone_dark"], assets=[asset(ahead_in_s=1080.0)])
    assert "has not been heard; on that course over Link 1 about 04:48; last at" in sentence(ahead)


def test_a_crossing_is_not_said_twice() -> None:
    """A slow crossing says that she crossed; the bare crossing beside it adds nothing."""
    told = sentence(line(behaviours=["crossing", "slow_crossing"]))
    assert "went slowly over Link 1" in told
    assert told.count("went") == 1


def test_a_ship_without_a_name_in_an_exercise() -> None:
    """Nobody takes an exercise for the sea, or waits for a name that was not sent."""
    told = sentence(line(exercise=True, vessel={**VESSEL, "name": None, "flag": None}))
    assert told.startswith("EXERCISE: a ship that sends no name, MMSI 299000001, is drifting")


def test_areas_and_feeds() -> None:
    """What is about no ship is told of the area or the feed."""
    bounds = {"south_deg": 59.0, "west_deg": 24.0, "north_deg": 60.0, "east_deg": 25.0}
    area = {"area_id": "area:1", **bounds}
    told = sentence(line(vessel=None, area=area, behaviours=["gnss_degraded"], assets=[], position=None))
    assert told == (
        "In area 59 N to 60 N, 24 E to 25 E satellite navigation is disturbed, since 04:18 UTC on 2025-11-20."
    )
    feed = {"name": "north", "url": "tcp://x", "state": "mute", "why": ""}
    told = sentence(line(vessel=None, feed=feed, behaviours=["feed_dead"], assets=[], position=None))
    assert told == "Feed north (mute) brings no report, since 04:18 UTC on 2025-11-20."


@pytest.mark.parametrize("name", [*(b.name for b in CATALOGUE), *(a.name for a in AREA_CATALOGUE)])
def test_every_behaviour_is_said(name: str) -> None:
    """No behaviour of the catalogue is said by its code, and none leaves a gap where the asset belongs."""
    for ended in (None, "2025-11-20T05:08:00Z"):
        told = sentence(line(behaviours=[name], ended=ended))
        assert "shows" not in told
        assert "_" not in told
        assert "{" not in told


_NAMES = st.text(min_size=1, max_size=40).filter(str.strip)


@given(name=_NAMES, cable=_NAMES)
def test_names_come_through(name: str, cable: str) -> None:
    """Whatever a ship or a cable is called, the sentence is one line with the name in it."""
    told = sentence(line(vessel={**VESSEL, "name": name}, assets=[{**LINK, "name": cable}]))
    assert "\n" not in told
    assert " ".join(cable.split()) in told


@pytest.mark.parametrize(
    ("lat_deg", "lon_deg", "said"),
    [
        (59.8844, 25.3732, "59-53.1 N 025-22.4 E"),  # 0.8844 * 60 = 53.06; 0.3732 * 60 = 22.39
        (-0.0084, -179.9999, "00-00.5 S 180-00.0 W"),  # 0.9999 * 60 = 59.99: a whole degree, not 60 minutes
        (0.0, 0.0, "00-00.0 N 000-00.0 E"),
    ],
)
def test_positions_are_in_degrees_and_minutes(lat_deg: float, lon_deg: float, said: str) -> None:
    """As the chart and the radio have them: degrees, minutes and tenths; never sixty minutes."""
    assert degrees_minutes(lat_deg, lon_deg) == said


def test_the_sheet() -> None:
    """The sheet has her numbers, her position, the channels, and the words; it says that nothing is sent."""
    contact = {"asset_name": "Link 1", "name": "Control room", "phone": "+358 0"}
    sheet = contact_sheet(line(), [contact], heard())
    assert sheet is not None
    assert sheet["vessel"]["callsign"] == "OJ4"
    assert sheet["position"]["text"] == "59-53.1 N 025-22.4 E"
    assert sheet["contacts"] == [contact]
    assert (sheet["vhf"]["channel"], sheet["dsc"]["mmsi"]) == ("16", "299000001")
    assert sheet["vhf"]["words"][0].startswith("ALDER, ALDER, call sign Oscar Juliett 4, MMSI 2 9 9 0 0 0")
    assert sheet["vhf"]["words"][-1].endswith("Over.")
    assert "sends nothing" in sheet["note"]


def test_a_position_has_the_time_of_its_report() -> None:
    """What is older than two minutes is told with its time; of who is not known nothing is told."""
    words = (contact_sheet(line(), (), heard(age_s)) for age_s in (120.0, 121.0))
    now, old = (sheet["vhf"]["words"][1] for sheet in words if sheet is not None)
    assert now == "Information: I have you in position 59-53.1 N 025-22.4 E."
    assert old == "Information: you were last heard at 04:32 UTC in position 59-53.1 N 025-22.4 E."
    sheet = contact_sheet(line(), (), heard(2_500.0))
    assert sheet is not None
    assert sheet["position"]["at"] == "2025-11-20T04:32:56Z"  # never when the alert was revised
    unknown = contact_sheet(line())
    assert unknown is not None
    assert unknown["position"] is None
    assert "position" not in " ".join(unknown["vhf"]["words"])


def test_who_has_gone_dark_is_told_so() -> None:
    """She is not heard now; once that is over she is told when she was."""
    dark = line(behaviours=["gone_dark"])
    sheets = [contact_sheet(dark, (), heard(2_500.0), over) for over in ({}, {"gone_dark": "x"})]
    told = [sheet["vhf"]["words"][1] for sheet in sheets if sheet is not None]
    assert told[0].startswith("Information: your AIS is not heard; last heard at 04:32 UTC in position")
    assert told[1].startswith("Information: you were last heard at 04:32 UTC")


def test_what_is_over_is_said_in_the_past() -> None:
    """She drifted until a time, and crossed: nothing of it goes on, and she is asked of what does."""
    over = {"drifting": "2025-11-20T05:08:37Z", "crossing": "2025-11-20T04:44:00Z"}
    told = sentence(line(), heard(), over)
    assert "was drifting until 05:08 and went over Link 1 (kilometre 29.2) at 04:21" in told
    assert told.endswith(
        "last heard at 04:32 in position 59-53.1 N 025-22.4 E, the first of it at 04:18 UTC on 2025-11-20."
    )
    partly = sentence(line(behaviours=["drifting", "loitering"]), None, {"drifting": "2025-11-20T05:08:37Z"})
    assert "was drifting until 05:08 and is loitering near Link 1" in partly
    assert "since 04:18 UTC" in partly
    both = line(behaviours=["anchor_drag_under_way", "drifting"])
    sheet = contact_sheet(both, (), None, {"anchor_drag_under_way": "2025-11-20T05:08:37Z"})
    assert sheet is not None
    assert "Question: are you under command?" in sheet["vhf"]["words"]


def test_the_last_moment_to_call() -> None:
    """The earliest moment that is not past yet is told; where all are past there is none."""
    ahead = [{"call_by": "2025-11-20T04:29:00Z"}, {"call_by": "2025-11-20T04:50:00Z"}]
    sheet = contact_sheet(line(next_assets=ahead))
    assert sheet is not None
    assert sheet["call_by"] == "2025-11-20T04:50:00Z"
    past = contact_sheet(line(next_assets=ahead[:1]))
    assert past is not None
    assert past["call_by"] is None


def test_no_sheet_without_a_ship() -> None:
    """An area cannot be called."""
    assert contact_sheet(line(vessel=None)) is None


def test_what_is_asked_fits_what_she_does() -> None:
    """A ship whose anchor seems to be down is asked for it, one adrift whether she is under command."""
    drags, drifts = (contact_sheet(line(behaviours=[b])) for b in ("anchor_drag_under_way", "drifting"))
    assert drags is not None
    assert drifts is not None
    assert "Question: is your anchor clear of the bottom?" in drags["vhf"]["words"]
    assert drags["ais_text"]["addressed"]["text"].endswith("CHECK YOUR ANCHOR. CALL VHF 16")
    assert "Question: are you under command?" in drifts["vhf"]["words"]


@given(name=st.text(max_size=300), cable=st.text(min_size=1, max_size=300), exercise=st.booleans())
def test_safety_texts_fit_the_message(name: str, cable: str, exercise: bool) -> None:
    """Both texts have only letters that AIS has, fit their message, and end with what is asked."""
    sheet = contact_sheet(
        line(vessel={**VESSEL, "name": name}, assets=[{**LINK, "name": cable}], exercise=exercise)
    )
    assert sheet is not None
    for kind, number, most in (("addressed", 12, MOST_ADDRESSED), ("broadcast", 14, MOST_BROADCAST)):
        told = sheet["ais_text"][kind]
        assert told["message"] == number
        assert set(told["text"]) <= SIX_BIT
        assert told["characters"] == len(told["text"]) <= told["most"] == most
        assert told["text"].endswith("CALL VHF 16")
        assert not exercise or told["text"].startswith("EXERCISE")


def test_letters_of_ais() -> None:
    """Six bits hold 64 letters, one of which ends the text: 63 are left, all of them one byte of ASCII."""
    assert len(SIX_BIT) == 63
    assert set(string.ascii_uppercase + string.digits + " ") <= SIX_BIT
    assert six_bit("Ærø – Østersøen", 40) == "?R? ? ?STERS?EN"
    assert six_bit("Åland's Öre", 7) == "ALAND'S"


def test_spelling() -> None:
    """Letters are said as the Radio Regulations have them, digits as they are."""
    assert spelt("DA 9x") == "Delta Alfa 9 X-ray"
