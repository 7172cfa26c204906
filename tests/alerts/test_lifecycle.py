"""Alerts: revisions are numbered, first times never change, and nothing is said twice."""

from __future__ import annotations

from dataclasses import replace

from seavigil.alerts import Alert, AlertBook, Area, VesselFacts

DRAFT = Alert(
    alert_id="a",
    revision=0,
    status="",
    priority="info",
    behaviours=("drifting",),
    behaviour_first_seen_us={"drifting": 10},
    vessel=VesselFacts(299_100_001, "299100001"),
    assets=(),
    began_us=5,
    ended_us=None,
    detected_at_us=10,
    revised_at_us=10,
    lat_deg=59.0,
    lon_deg=20.0,
    reasons=(),
    innocent_readings=(),
    coverage={},
    data_quality={},
    event_ids=("e",),
)


def test_an_alert_opens_grows_closes_and_opens_again() -> None:
    """Status follows the table; each change is one revision."""
    book = AlertBook()
    drafts = [
        DRAFT,
        replace(DRAFT, priority="warning", revised_at_us=20),
        replace(DRAFT, priority="warning", ended_us=25, revised_at_us=30),
        replace(DRAFT, priority="urgent", revised_at_us=40),
    ]
    said = [(a.revision, a.status) for d in drafts for a in book.advance([d], d.revised_at_us)]
    assert said == [(1, "open"), (2, "open"), (3, "closed"), (4, "open")]


def test_an_alert_explained_later_is_retracted_and_opens_with_new_evidence() -> None:
    """Retracted it stays while all is explained, open or ended; what nothing explains opens or closes it."""
    book = AlertBook()
    explained = replace(DRAFT, retracted_because="gnss_degraded")
    drafts = [
        DRAFT,
        replace(explained, revised_at_us=20),
        replace(explained, ended_us=25, revised_at_us=30),
        replace(DRAFT, event_ids=("e", "f"), revised_at_us=40),
        replace(explained, event_ids=("e", "f"), revised_at_us=50),
        replace(DRAFT, event_ids=("e", "f", "g"), ended_us=55, revised_at_us=60),
    ]
    said = [(a.status, a.retracted_because) for d in drafts for a in book.advance([d], d.revised_at_us)]
    assert [status for status, _ in said] == ["open", "retracted", "retracted", "open", "retracted", "closed"]
    assert all((because is not None) == (status == "retracted") for status, because in said)


def test_an_area_has_its_bounds_and_no_ship() -> None:
    """An alert about an area says so in its line; a rate is rounded to three figures."""
    area = Area("area:1", 58.5, 19.5, 59.5, 20.5)
    line = replace(DRAFT, vessel=None, area=area, expected_per_1000_ship_days=12.3456).as_json()
    assert line["vessel"] is None
    assert line["area"] == {
        "area_id": "area:1",
        "south_deg": 58.5,
        "west_deg": 19.5,
        "north_deg": 59.5,
        "east_deg": 20.5,
    }
    assert line["expected_per_1000_ship_days"] == 12.3


def test_detected_at_and_first_seen_never_change() -> None:
    """What first stood when is fixed with the first revision."""
    book = AlertBook()
    later = replace(
        DRAFT, detected_at_us=50, revised_at_us=50, behaviour_first_seen_us={"drifting": 50, "crossing": 50}
    )
    book.advance([DRAFT], 10)
    [alert] = book.advance([later], 50)
    assert alert.detected_at_us == 10
    assert alert.behaviour_first_seen_us == {"drifting": 10, "crossing": 50}


def test_a_draft_that_changes_nothing_is_not_said_again() -> None:
    """The same content at a later time is no revision."""
    book = AlertBook()
    assert len(book.advance([DRAFT, replace(DRAFT, revised_at_us=20, detected_at_us=20)], 20)) == 1


def test_two_ships_have_two_alerts() -> None:
    """Alerts are told apart by their id alone."""
    said = AlertBook().advance([DRAFT, replace(DRAFT, alert_id="b")], 10)
    assert [(a.alert_id, a.revision) for a in said] == [("a", 1), ("b", 1)]


def test_the_line_has_times_in_rfc_3339_and_fixed_keys() -> None:
    """Other tools rely on the keys and their order."""
    line = AlertBook().advance([DRAFT], 10)[0].as_json()
    assert line["detected_at"] == "1970-01-01T00:00:00Z"
    assert list(line)[:5] == ["alert_id", "revision", "status", "priority", "behaviours"]
    assert line["position"] == {"lat_deg": 59.0, "lon_deg": 20.0}
    assert "exercise" not in line
    assert replace(DRAFT, exercise=True).as_json()["exercise"] is True
