"""What is said of the invented hour's alerts: nothing later than the moment, nothing older than it says."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from tests.api.shown import Shown, invented, shown

#: She drifts over two cables until 05:08 and goes on; she falls silent at 04:32 and stays so.
ADRIFT, DARK = 299_000_001, 299_000_002


@pytest.fixture(scope="module")
def hour(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shown]:
    """Give the invented hour in a console, with a notice that keeps the drifter's alert open."""
    folder = tmp_path_factory.mktemp("hour")
    nmea, assets = invented(folder)
    notice = {"asset": "Demo Fibre 2", "time": "2025-11-20T04:43:00Z", "noticed": "2025-11-20T05:00:00Z"}
    (notices := folder / "notices.json").write_text(json.dumps([notice]), encoding="utf-8")
    with shown(folder / "store", [nmea], assets, [notices]) as found:
        yield found


def told(hour: Shown, mmsi: int, at: str | None = None) -> Any:
    """Give the page of the only alert about a ship, at a moment."""
    asked = "" if at is None else f"at={at}"
    (alert,) = hour.get(f"/api/alerts?mmsi={mmsi}&{asked}")["alerts"]
    return hour.get(f"/api/alerts/{alert['alert_id']}?{asked}")


@pytest.mark.parametrize("at", [None, "2025-11-20T05:07:00Z"])
def test_a_dark_ship_has_the_position_of_her_last_report(hour: Shown, at: str | None) -> None:
    """Not of the moment at which her silence was found: the page of the ship says the same."""
    page = told(hour, DARK, at)
    ship = hour.get(f"/api/ships/{DARK}")
    sheet = page["contact_sheet"]
    assert sheet["position"]["at"] == ship["last_seen"]
    assert page["alert"]["revised_at"] > ship["last_seen"]
    assert "your AIS is not heard; last heard at 04:32 UTC in position" in sheet["vhf"]["words"][1]
    assert "last heard at 04:32 in position" in page["sentence"]
    assert "went on" not in page["text"]


def test_how_long_ago_is_written_as_a_time(hour: Shown) -> None:
    """What was so many minutes ago when it was found is as many more ago when it is read."""
    page = told(hour, DARK)
    for text in (page["sentence"], page["text"], *(one["text"] for one in page["because"])):
        assert " ago" not in text
    assert "Demo Fibre 2 perhaps crossed about 04:39Z" in page["text"]
    assert "on this course over an asset about 04:39Z" in [one["text"] for one in page["because"]]


def test_what_has_ended_is_told_so_and_she_is_where_she_is_heard(hour: Shown) -> None:
    """At the end of the hour she drifts no more, and six minutes have gone by since."""
    page = told(hour, ADRIFT)
    assert "was drifting until 05:08" in page["sentence"]
    assert "is drifting" not in page["sentence"]
    (listed,) = hour.get(f"/api/alerts?mmsi={ADRIFT}")["alerts"]
    assert "was drifting until 05:08" in listed["sentence"]
    assert page["contact_sheet"]["position"]["age_s"] <= 10.0
    assert page["contact_sheet"]["position"]["at"].startswith("2025-11-20T05:14:")


def test_no_words_are_ahead_of_the_moment(hour: Shown) -> None:
    """While she drifted nobody knew that she would drift no more."""
    page = told(hour, ADRIFT, "2025-11-20T05:07:00Z")
    assert "is drifting" in page["sentence"]
    assert page["contact_sheet"]["position"]["at"] <= "2025-11-20T05:07:00Z"
    (listed,) = hour.get(f"/api/alerts?mmsi={ADRIFT}&at=2025-11-20T05:07:00Z")["alerts"]
    assert "is drifting" in listed["sentence"]
