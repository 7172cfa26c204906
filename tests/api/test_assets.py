"""Assets over the web interface: where they lie, who passed, what people correct, and who may see it."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from seavigil.assets import Asset, Assets
from seavigil.assets.edits import with_edits
from seavigil.assets.index import AssetIndex
from seavigil.events import Event
from seavigil.feeds import recordings
from seavigil.geodesy import destination, distance_m
from seavigil.records import rfc3339
from seavigil.risk import Policy
from seavigil.runners import batch
from seavigil.runners.asset_shapes import band, kilometres, places_at
from seavigil.runners.known import Known
from seavigil.runners.plan import Plan
from seavigil.runners.priors import prior_rates
from seavigil.store.asset_edits import CONTACTS, UNCERTAINTY
from seavigil.store.database import Database
from tests.api.house import House
from tests.api.shown import NOW_US as CLOCK_US
from tests.api.shown import Shown
from tests.api.test_api import Service
from tests.api.test_picture import Stored, reports

LINK = "demo-link-1"


def cable(asset_id: str = "a", wkt: str = "LINESTRING (12 55, 12 56)", **more: Any) -> Asset:
    """Give a cable, north along 12 E unless told."""
    given = {"position_uncertainty_m": 500.0, "uncertainty_source": "given", **more}
    return Asset(asset_id, f"Cable {asset_id}", "power_cable", shapely.from_wkt(wkt), **given)


def plan(*assets: Asset) -> Plan:
    """Give a plan that watches these."""
    return Plan(Assets(assets), Known(), Policy(prior_rates()), "f")


# --- where they lie -----------------------------------------------------------------------------


def test_all_assets_are_features_with_what_stands_about_them(hour: Shown) -> None:
    """Four invented assets; the cable that was dragged over has alerts that stand, and at 04:05 had none."""
    told = {f["id"]: f["properties"] for f in hour.get("/api/assets")["features"]}
    assert len(told) == len(hour.recorded.plan.assets or ())
    assert told[LINK]["kind"] == "power_cable"
    assert told[LINK]["alerts"] > 0
    assert told[LINK]["risk"] in ("info", "advisory", "warning", "urgent")
    early = {f["id"]: f["properties"] for f in hour.get("/api/assets?at=2025-11-20T04:05:00Z")["features"]}
    assert (early[LINK]["alerts"], early[LINK]["risk"]) == (0, None)


@pytest.mark.parametrize("reach_m", [50.0, 500.0, 20_000.0])
@pytest.mark.parametrize(
    "wkt", ["LINESTRING (12 55, 12.5 57.5)", "LINESTRING (20 59.9, 27 60.1)", "POINT (5 62)"]
)
def test_a_band_reaches_as_far_as_the_uncertainty(reach_m: float, wkt: str) -> None:
    """On the geodesic across the middle of the route: inside at 88 % of it, outside at 112 %:
    what is drawn is simplified by a twentieth of the band's width, a tenth of the uncertainty.
    """
    found = cable(wkt=wkt, position_uncertainty_m=reach_m)
    whole = band(found)
    assert whole is not None
    assert whole.is_valid
    middle = shapely.get_coordinates(found.geometry)
    lon, lat = middle.mean(axis=0)
    for bearing in (90.0, 270.0) if wkt.startswith("LINESTRING (12") else (0.0, 180.0):
        for share, inside in ((0.88, True), (1.12, False)):
            at_lat, at_lon = destination(lat, lon, bearing, reach_m * share)
            near = AssetIndex([found]).measure(at_lat, at_lon, 0).distance_m[0]
            assert abs(near - reach_m * share) < 0.08 * reach_m  # nearly across
            assert whole.contains(shapely.Point(float(at_lon), float(at_lat))) is inside


def test_a_band_goes_on_over_the_antimeridian() -> None:
    """A route from 179.9 E to 179.9 W has a band a fifth of a degree long, not one around the world."""
    found = band(cable(wkt="LINESTRING (179.9 0, -179.9 0)"))
    assert found is not None
    west, _, east, _ = found.bounds
    assert east - west < 0.3


def test_an_asset_known_exactly_has_no_band() -> None:
    """Nothing is drawn around it."""
    assert band(cable(position_uncertainty_m=0.0)) is None


def test_six_hundred_bands_are_small_and_valid(network: Shown) -> None:
    """All routes of the Baltic, in one answer of less than two megabytes."""
    answer = network.request("GET", "/api/assets/bands")
    assert len(answer.content) < 2_000_000
    shapes = [shapely.geometry.shape(f["geometry"]) for f in answer.json()["features"]]
    assert len(shapes) == len(network.recorded.plan.assets or ())
    assert all(shape.is_valid for shape in shapes)


def test_kilometres_are_those_of_crossings() -> None:
    """The place at a kilometre, measured by the index that crossings are told with, has that kilometre.

    Of two pieces the second counts on where the first ends.
    """
    found = cable(wkt="MULTILINESTRING ((12 55, 12.5 55.5, 13 55.2), (13.5 55, 14 56))")
    assert found.length_km is not None
    km = np.linspace(0.01, found.length_km - 0.01, 50)
    lat, lon = places_at(found, km)
    told = AssetIndex([found]).measure(lat, lon, np.zeros(50, dtype=np.int64))
    assert told.distance_m.max() < 0.1
    assert np.abs(told.km_along - km).max() < 1e-4
    marks = kilometres(found)
    assert (marks[0]["km"], marks[-1]["km"]) == (0.0, round(found.length_km, 3))
    assert len(marks) <= 62
    steps = {round(b["km"] - a["km"], 6) for a, b in pairwise(marks[:-1])}
    assert steps == {5.0}


def test_an_asset_that_is_no_line_has_no_kilometres() -> None:
    """A platform is a place."""
    assert kilometres(cable(wkt="POINT (12 55)")) == []


# --- who passed ---------------------------------------------------------------------------------


def test_passages_are_the_crossings_that_the_watch_found(hour: Shown) -> None:
    """The same ships, times and kilometres as the events of the same recording, the last first."""
    found: list[Event] = []
    (source,) = {row.url for row in hour.recorded.feeds()}
    job = batch.Job([source], hour.recorded.plan.assets)
    hooks = batch.Hooks(outcome=lambda outcome: found.extend(outcome.events))
    batch.run(job, lambda s: recordings.read(s, received_us=lambda: CLOCK_US), hooks)
    newest = {e.event_id: e for e in found if e.behaviour == "crossing" and e.asset_id == LINK}
    told = hour.get(f"/api/assets/{LINK}/passages")["passages"]
    expected = sorted(
        (rfc3339(e.passage.crossed_at_us), e.vessel_id, round(e.passage.km_along or 0, 3))
        for e in newest.values()
        if e.passage is not None
    )
    assert [(p["crossed_at"], p["vessel_id"], p["km_along"]) for p in reversed(told)] == expected
    assert [p["crossed_at"] for p in told] == sorted((p["crossed_at"] for p in told), reverse=True)
    alerts = {a["alert_id"] for a in hour.get("/api/alerts?limit=500")["alerts"]}
    assert {p["alert_id"] for p in told} <= alerts
    assert all(p["name"].startswith("EXERCISE") for p in told)


def test_a_passage_lies_on_the_route(hour: Shown) -> None:
    """At its kilometre of the charted line, to a metre."""
    assets = hour.recorded.plan.assets
    assert assets is not None
    index = AssetIndex([assets.find(LINK)])
    for one in hour.get(f"/api/assets/{LINK}/passages")["passages"]:
        place = one["position"]
        near = index.measure(place["lat_deg"], place["lon_deg"], 0)
        assert near.distance_m[0] < 1.0


def test_the_nearest_come_first_each_once(tmp_path: Path) -> None:
    """One ship passes 1 km east of the cable, one comes to 3 km, one stays 6 km off."""
    _, east_1 = destination(55.5, 12.0, 90.0, 1_000.0)
    _, east_3 = destination(55.5, 12.0, 90.0, 3_000.0)
    _, east_6 = destination(55.5, 12.0, 90.0, 6_000.0)
    rows = [{"mmsi": 1, "lat_deg": 55.4 + s / 1000, "lon_deg": float(east_1), "ago_s": s} for s in range(200)]
    rows += [{"mmsi": 2, "lat_deg": 55.5, "lon_deg": float(east_6), "ago_s": 9}]
    rows += [{"mmsi": 2, "lat_deg": 55.5, "lon_deg": float(east_3), "ago_s": 5}]
    rows += [{"mmsi": 3, "lat_deg": 55.5, "lon_deg": float(east_6), "ago_s": 5}]
    with Database.open(tmp_path) as database:
        stored = Stored(tmp_path, database)
        stored.service.plan = plan(cable())
        stored.write("reports", reports(rows))
        told = stored.get("/api/assets/a/closest")["closest"]
        assert [(one["vessel_id"], round(one["distance_m"], -1)) for one in told] == [
            ("000000001", 1000.0),
            ("000000002", 3000.0),
        ]
        assert told[1]["at"] == "2026-11-22T13:59:55Z"
        assert told[1]["km_along"] == pytest.approx(float(distance_m(55.0, 12.0, 55.5, 12.0)) / 1000, abs=0.1)
        assert len(stored.get("/api/assets/a/closest", within_m=2_000)["closest"]) == 1


def test_exposure_counts_and_says_when_nobody_was_heard(hour: Shown) -> None:
    """As many crossings as passages, by kilometre and by kind; what nobody kept is not unheard."""
    passages = hour.get(f"/api/assets/{LINK}/passages")["passages"]
    told = hour.get(f"/api/assets/{LINK}/exposure")
    assert told["crossings"] == len(passages) == sum(told["by_class"].values())
    assert sum(one["crossings"] for one in told["km"]) == len(passages)
    for one in passages:
        (part,) = (k for k in told["km"] if k["from_km"] <= one["km_along"] < k["to_km"])
        assert part["crossings"] > 0
    assert told["unheard"] == []
    wider = hour.get(f"/api/assets/{LINK}/exposure?from=2025-11-20T01:00:00Z")
    assert wider["from"] == hour.get("/api/extent")["began_at"] == "2025-11-20T03:59:59Z"
    assert (wider["unheard"], wider["hours_asked"]) == ([], wider["hours_heard"])


def test_hours_that_the_recording_only_touches_are_not_unheard(hour: Shown) -> None:
    """It begins a second before four: of no asset it is said that nobody was heard from three to four."""
    assets = [one["id"] for one in hour.get("/api/assets")["features"]]
    for asset_id in assets:
        told = hour.get(f"/api/assets/{asset_id}/exposure")
        for gap in told["unheard"]:
            assert told["from"] <= gap["from"] < gap["to"] <= told["to"]
            assert gap["from"] >= "2025-11-20T04:00:00Z"
        assert told["hours_asked"] <= 3


def test_a_passage_is_told_once_it_was_found(hour: Shown) -> None:
    """Looking back, neither a crossing nor its alert is told of before anybody knew of it."""
    for to in ("2025-11-20T04:21:15Z", "2025-11-20T04:22:00Z", "2025-11-20T04:44:00Z"):
        for row in hour.get(f"/api/assets/{LINK}/passages?to={to}")["passages"]:
            events = hour.get(f"/api/ships/{row['vessel_id']}/events")["events"]
            (event,) = (one for one in events if one["event_id"] == row["event_id"])
            assert event["detected_at"] <= to
            if row["alert_id"]:
                hour.get(f"/api/alerts/{row['alert_id']}?at={to}")  # it stood then


# --- corrections --------------------------------------------------------------------------------


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    """Give a house that watches three cables, two of them of somebody."""
    secret = cable("s", properties={"owner": "Northgrid", "tlp": "AMBER", "name": "Cable s"})
    mine = cable("way/7", properties={"owner": "Coast", "tlp": "AMBER", "contacts": [{"name": "Duty"}]})
    with Database.open(tmp_path) as database:
        yield House(Service(tmp_path, plan=plan(cable(), secret, mine)), database)


def test_an_uncertainty_is_corrected_with_history_and_holds_from_the_next_start(house: House) -> None:
    """Kept with who, why, before and after; pending until then; and once started so, no more."""
    browser = house.browser(house.token("operator"))
    path = "/api/assets/way/7"
    assert (
        browser.send("PATCH", path, {"position_uncertainty_m": 50, "why": "as-laid survey"}).status_code
        == 200
    )
    assert (
        browser.send("PATCH", path, {"position_uncertainty_m": 80, "why": "no, the other"}).status_code == 200
    )
    page = browser.get(path).json()
    assert page["pending"] is True
    assert page["properties"]["position_uncertainty_m"] == 500.0
    told = [(e["field"], e["before"], e["after"], e["why"]) for e in page["edits"]]
    assert told == [(UNCERTAINTY, 50.0, 80.0, "no, the other"), (UNCERTAINTY, 500.0, 50.0, "as-laid survey")]
    started = house.context.service.plan.edited(house.store.asset_edits.newest(UNCERTAINTY))
    house.service.plan = started  # type: ignore[misc]
    page = browser.get(path).json()
    assert (page["pending"], page["properties"]["position_uncertainty_m"]) == (False, 80.0)
    assert page["properties"]["uncertainty_source"].startswith("edited")


def test_contacts_hold_at_once_and_are_for_those_who_work_here(house: House) -> None:
    """What the file has until somebody corrects it; a viewer is given none, nor the edits."""
    operator, viewer = house.browser(house.token("operator")), house.browser(house.token("viewer"))
    assert [c["name"] for c in operator.get("/api/assets/way/7").json()["contacts"]] == ["Duty"]
    row = {"name": "Control room", "role": "operator", "phone": "+45 1", "email": "", "vhf": "16"}
    sent = operator.send("PATCH", "/api/assets/way/7", {"contacts": [row], "why": "new number"})
    assert sent.status_code == 200
    assert operator.get("/api/assets/way/7").json()["contacts"] == [row]
    page = viewer.get("/api/assets/way/7").json()
    assert (page["contacts"], page["edits"]) == ([], [])
    assert house.store.asset_edits.newest(CONTACTS) == {"way/7": [row]}


@pytest.mark.parametrize(
    ("role", "organisation", "body", "status"),
    [
        ("viewer", None, {"position_uncertainty_m": 50, "why": "w"}, 403),
        ("operator", None, {"tlp": "CLEAR", "why": "w"}, 403),
        ("admin", "Coast", {"tlp": "CLEAR", "why": "w"}, 403),
        ("admin", None, {"tlp": "CLEAR", "why": "w"}, 200),
        ("operator", "Coast", {"position_uncertainty_m": 50, "why": "w"}, 200),
        ("operator", None, {"position_uncertainty_m": -1, "why": "w"}, 422),
        ("operator", None, {"position_uncertainty_m": "NaN", "why": "w"}, 422),
        ("operator", None, {"position_uncertainty_m": None, "why": "w"}, 400),
        ("operator", None, {"position_uncertainty_m": 50}, 422),
        ("operator", None, {"position_uncertainty_m": 50, "why": "  "}, 422),
        ("operator", None, {"why": "w"}, 400),
        ("operator", None, {"kind": "pipeline", "why": "w"}, 422),
        ("admin", None, {"tlp": "PINK", "why": "w"}, 422),
        ("operator", None, {"contacts": [{"phone": "1"}], "why": "w"}, 422),
    ],
)
def test_who_may_correct_what(
    house: House, role: str, organisation: str | None, body: dict[str, Any], status: int
) -> None:
    """Operators the figures, an admin of the house whose it is; always with a reason; never nonsense."""
    answer = house.browser(house.token(role, organisation)).send("PATCH", "/api/assets/way/7", body)
    assert answer.status_code == status, answer.text
    assert bool(house.store.asset_edits.of("way/7")) == (status == 200)


def test_the_same_again_is_no_edit(house: House) -> None:
    """Sent twice it is written down once; and what was asked stands in the audit trail."""
    browser = house.browser(house.token("operator"))
    for _ in range(2):
        browser.send("PATCH", "/api/assets/way/7", {"position_uncertainty_m": 50, "why": "survey"})
    assert len(house.store.asset_edits.of("way/7")) == 1
    assert [e.what for _, e in house.store.trail.entries()].count("asset edit") == 2


def test_edits_make_another_plan_and_none_the_same() -> None:
    """A watch must not go on from what was judged with other assets; what is not there changes nothing."""
    old = plan(cable("a"), cable("b"))
    assert old.edited({}) is old
    assert old.edited({"gone": 5.0}) is old
    assert old.edited({"a": 500.0}) is old
    new = old.edited({"a": 5.0})
    assert new.fingerprint != old.fingerprint
    assert new.assets is not None
    assert [one.position_uncertainty_m for one in new.assets] == [5.0, 500.0]
    assert old.assets is not None
    assert with_edits(old.assets, {"b": 1.0})[0] is old.assets[0]


# --- who may see it -----------------------------------------------------------------------------


def test_an_asset_of_others_is_nowhere(house: House) -> None:
    """Of Northgrid's cable the coast guard sees neither route nor page, nor that it is there."""
    browser = house.browser(house.token("admin", "Coast"))
    for path in ("/api/assets", "/api/assets/bands"):
        answer = browser.get(path)
        assert [f["id"] for f in answer.json()["features"]] == ["a", "way/7"]
        assert "Northgrid" not in answer.text
    for path in ("", "/passages", "/closest", "/exposure"):
        hidden, none = browser.get(f"/api/assets/s{path}"), browser.get(f"/api/assets/x{path}")
        assert (hidden.status_code, none.status_code) == (404, 404)
        assert hidden.json()["detail"].replace("'s'", "'x'") == none.json()["detail"]
    assert (
        browser.send("PATCH", "/api/assets/s", {"position_uncertainty_m": 1, "why": "w"}).status_code == 404
    )
    assert browser.get("/api/extent").json()["assets_bounds"] == [12.0, 55.0, 12.0, 56.0]
    ours = house.browser(house.token("viewer")).get("/api/assets").json()["features"]
    assert [f["id"] for f in ours] == ["a", "s", "way/7"]


def test_an_asset_hidden_by_an_edit_is_hidden_at_once(house: House) -> None:
    """The admin of the house marks a cable that everybody saw."""
    guest = house.browser(house.token("viewer", "Coast"))
    assert guest.get("/api/assets/a").status_code == 200
    body = {"owner": "Northgrid", "tlp": "RED", "why": "agreed with them"}
    assert house.browser(house.token("admin")).send("PATCH", "/api/assets/a", body).status_code == 200
    assert guest.get("/api/assets/a").status_code == 404
    page = house.browser(house.token("admin")).get("/api/assets/a").json()
    assert (page["properties"]["owner"], page["properties"]["tlp"]) == ("Northgrid", "RED")


# --- what cannot be asked -----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/api/assets/nothing", 404),
        ("/api/assets/demo-link-1/passages?from=x", 400),
        ("/api/assets/demo-link-1/passages?limit=0", 422),
        ("/api/assets/demo-link-1/closest?within_m=1e9", 422),
        ("/api/assets/demo-link-1/closest?within_m=nan", 422),
        ("/api/assets/demo-link-1/closest?from=2020-01-01", 400),
        ("/api/assets/demo-link-1/exposure?from=2020-01-01", 400),
        ("/api/assets/demo-link-1/exposure?hours=3", 400),
        ("/api/assets?at=soon", 400),
        ("/api/assets/bands?at=2025-11-20", 400),
    ],
)
def test_nonsense_is_refused_in_words(hour: Shown, path: str, status: int) -> None:
    """No such asset is 404; a number or time of no sense says what is wanted."""
    answer = hour.request("GET", path)
    assert answer.status_code == status, answer.text
    assert answer.json()["detail"]


def test_whatever_is_asked_of_an_asset_is_answered_or_refused(hour: Shown) -> None:
    """Never an error of the inside, whatever stands for the asset and the times."""

    @settings(max_examples=30)
    @given(
        asset=st.one_of(st.just(LINK), st.text(min_size=1, max_size=20)),
        kind=st.sampled_from(["", "/passages", "/closest", "/exposure"]),
        query=st.dictionaries(
            st.sampled_from(["from", "to", "at", "within_m"]),
            st.one_of(st.text(max_size=20), st.datetimes().map(lambda t: t.isoformat())),
            max_size=3,
        ),
    )
    def ask(asset: str, kind: str, query: dict[str, str]) -> None:
        from urllib.parse import quote

        answer = hour.request("GET", f"/api/assets/{quote(asset, safe='')}{kind}", params=query)
        assert answer.status_code in (200, 400, 404, 422), answer.text

    ask()


def test_a_file_may_say_whatever_it_likes_of_its_assets(tmp_path: Path) -> None:
    """Numbers that JSON has not, nested things and strange ids: the page is JSON all the same."""
    odd = cable(
        'a b/ö\u2028"', properties={"x": float("nan"), "y": [float("inf"), {"z": (1, None)}], "w": {1: 2}}
    )
    with Database.open(tmp_path) as database:
        stored = Stored(tmp_path, database)
        stored.service.plan = plan(odd)
        (feature,) = stored.get("/api/assets")["features"]
        assert feature["id"] == odd.asset_id
        page = stored.get("/api/assets/a%20b%2F%C3%B6%E2%80%A8%22")
        assert page["properties_of_source"] == {"x": None, "y": [None, {"z": [1, None]}], "w": {"1": 2}}


def test_what_has_not_come_yet_is_no_time(hour: Shown) -> None:
    """From next year on there are no hours, no crossings and nobody near: an answer, of the end alone."""
    told = hour.get(f"/api/assets/{LINK}/exposure?from=2031-01-01T00:00:00Z")
    assert (told["hours"], told["hours_asked"], told["crossings"]) == (0.0, 0, 0)
    assert told["from"] == told["to"] == hour.get("/api/extent")["as_of"]
    assert hour.get(f"/api/assets/{LINK}/passages?from=2031-01-01")["passages"] == []


def test_exposure_begins_where_the_data_do(hour: Shown) -> None:
    """Of the hour and a quarter that there are, not of a week before the first report."""
    told = hour.get(f"/api/assets/{LINK}/exposure")
    assert told["hours"] == pytest.approx(1.25, abs=0.02)
