"""The picture of a moment, trails, areas and what there is to look at, over the web interface."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from seavigil.api import Access, Context, make_app
from seavigil.assets import Asset, Assets
from seavigil.normal.ship_kinds import KINDS, ship_kind
from seavigil.records import NEVER_US, SECOND_US, TRACKED, VESSELS, Flag, parse_time_us, table
from seavigil.risk import Policy
from seavigil.runners.known import Known
from seavigil.runners.plan import Plan
from seavigil.runners.priors import prior_rates
from seavigil.store.database import Database
from seavigil.store.days import DayFiles
from seavigil.store.rows import Batch, alert_row
from tests.api.house import House
from tests.api.shown import Shown
from tests.api.test_api import Service, Web, line
from tests.runners.statuses import NOW_US


def ships(collection: Any) -> dict[str, Any]:
    """Give the properties of ships by id."""
    return {one["properties"]["vessel_id"]: one["properties"] for one in collection["features"]}


def place(collection: Any, ship: str) -> list[float]:
    """Give where a ship is."""
    (found,) = (f for f in collection["features"] if f["id"] == ship)
    return list(found["geometry"]["coordinates"])


def reports(rows: list[dict[str, Any]]) -> Any:
    """Give TRACKED rows from what matters of them; times in seconds before now."""
    columns: dict[str, Any] = {name: [row.get(name) for row in rows] for name in rows[0] if name != "ago_s"}
    n = len(rows)
    columns["time_us"] = np.array([NOW_US - row["ago_s"] * SECOND_US for row in rows])
    fixed = {"time_source": 1, "vessel_part": 0, "flags": 0}
    for name, value in fixed.items():
        columns.setdefault(name, [value] * n)
    columns |= {"report_id": list(range(n)), "payload_id": list(range(n))}
    return table(TRACKED, columns)


class Stored:
    """A store filled by hand, and a browser before it."""

    def __init__(self, folder: Path, database: Database) -> None:
        self.days, self.seq = DayFiles(folder), 0
        self.service = Service(folder)
        self.web = Web(make_app(Context(self.service, database, Access())))

    def write(self, name: str, rows: Any) -> None:
        """Write a part."""
        self.seq += 1
        self.days.write(name, rows, self.seq, self.seq)

    def get(self, path: str, **query: Any) -> Any:
        """Ask for something that there is."""
        answer = self.web.get(path, params=query)
        assert answer.status_code == 200, answer.text
        return answer.json()


@pytest.fixture
def stored(tmp_path: Path) -> Any:
    """Give an empty store."""
    with Database.open(tmp_path) as database:
        yield Stored(tmp_path, database)


# --- the picture --------------------------------------------------------------------------------


def test_each_ship_stands_where_she_was_last_heard(stored: Stored) -> None:
    """Of three reports the last sound one counts; a later jump does not move her."""
    row = {"mmsi": 219_165_000, "lon_deg": 12.0, "sog_kn": 5.0}
    jump = {**row, "lat_deg": 70.0, "ago_s": 10, "flags": int(Flag.JUMP)}
    earlier = [
        {**row, "lat_deg": 55.0, "ago_s": 60, "flags": 0},
        {**row, "lat_deg": 55.1, "ago_s": 30, "flags": 0},
    ]
    stored.write("reports", reports([*earlier, jump]))
    told = stored.get("/api/picture")
    assert place(told, "219165000") == [12.0, 55.1]
    assert ships(told)["219165000"]["age_s"] == 30


def test_nothing_later_than_the_moment_is_in_the_picture(stored: Stored) -> None:
    """A minute ago she was elsewhere, without the name that she told since."""
    row = {"mmsi": 219_165_000, "lon_deg": 12.0}
    stored.write(
        "reports", reports([{**row, "lat_deg": 55.0, "ago_s": 90}, {**row, "lat_deg": 56.0, "ago_s": 0}])
    )
    name = {"mmsi": [219_165_000], "name": ["LOTUS"], "ship_type": [70], "time_us": np.array([NOW_US])}
    stored.write("vessels", table(VESSELS, {**name, "report_id": [1], "time_source": [1]}))
    assert ships(stored.get("/api/picture"))["219165000"]["name"] == "LOTUS"
    told = stored.get("/api/picture", at="2026-11-22T13:59:00Z")  # NOW_US is 14:00
    assert place(told, "219165000") == [12.0, 55.0]
    assert ships(told)["219165000"]["name"] is None
    assert ships(told)["219165000"]["ship_class"] == "unknown"


def test_a_ship_not_heard_for_long_is_not_in_the_picture(stored: Stored) -> None:
    """Heard 21 minutes ago: not within 20, but within 22."""
    stored.write("reports", reports([{"mmsi": 1, "lat_deg": 55.0, "lon_deg": 12.0, "ago_s": 21 * 60}]))
    assert not stored.get("/api/picture")["features"]
    assert len(stored.get("/api/picture", max_age_min=22)["features"]) == 1


def test_a_ship_is_in_a_box_by_her_last_place_alone(stored: Stored) -> None:
    """She was in the box and left it; another is in it; one stands beyond the antimeridian."""
    left = [
        {"mmsi": 1, "lat_deg": 55.0, "lon_deg": 179.9, "ago_s": 60},
        {"mmsi": 1, "lat_deg": 55.0, "lon_deg": 170.0, "ago_s": 1},
    ]
    others = [
        {"mmsi": 2, "lat_deg": 55.0, "lon_deg": 179.5, "ago_s": 5},
        {"mmsi": 3, "lat_deg": 55.0, "lon_deg": -179.5, "ago_s": 5},
    ]
    stored.write("reports", reports([*left, *others]))
    assert set(ships(stored.get("/api/picture", bbox="179,50,-179,60"))) == {"000000002", "000000003"}
    assert set(ships(stored.get("/api/picture", bbox="179,50,180,60"))) == {"000000002"}


def test_ships_that_share_a_number_are_two_in_the_picture(stored: Stored) -> None:
    """Whose name it is that came under the number is not known of the second."""
    two = [{"mmsi": 7, "lat_deg": 55.0, "lon_deg": 12.0, "ago_s": 9, "vessel_part": p} for p in (0, 1)]
    stored.write("reports", reports(two))
    assert set(ships(stored.get("/api/picture"))) == {"000000007", "000000007#2"}


def test_before_anything_was_heard_the_picture_is_empty(stored: Stored) -> None:
    """A service that has just begun has no moment to show, and says so with nulls."""
    stored.service.as_of_us = lambda: NEVER_US  # type: ignore[method-assign]
    assert stored.get("/api/picture") == {"type": "FeatureCollection", "as_of": None, "features": []}
    assert stored.get("/api/trails")["features"] == []
    assert stored.get("/api/areas")["features"] == []
    told = stored.get("/api/extent")
    assert (told["as_of"], told["began_at"], told["bounds"], told["reports"]) == (None, None, None, 0)


def test_the_danish_network_has_as_many_ships_as_counted_elsewhere(network: Shown) -> None:
    """1,438 vessels sent positions in those five minutes, by the recording's own description."""
    told = network.get("/api/extent")
    assert told["ships"] == 1_438
    assert told["mode"] == "recording"
    west, south, east, north = told["bounds"]
    assert 7.5 <= west < east <= 16.2
    assert 54.0 <= south < north <= 58.0
    assert len(network.get("/api/picture")["features"]) <= 1_438


def test_an_exercise_is_said_to_be_one(hour: Shown) -> None:
    """By the extent, by each ship, and the alerts about a ship mark her."""
    assert hour.get("/api/extent")["exercise"] is True
    told = ships(hour.get("/api/picture"))
    assert all(ship["exercise"] for ship in told.values())
    standing = [
        a["vessel"]["vessel_id"] for a in hour.get("/api/alerts?status=open")["alerts"] if a["vessel"]
    ]
    assert [ship for ship in standing if ship in told]
    assert {told[ship]["alert"] is not None for ship in standing if ship in told} == {True}


def test_at_the_beginning_no_ship_has_an_alert(hour: Shown) -> None:
    """Alerts are those that stood then: at 04:05 none did."""
    told = ships(hour.get("/api/picture?at=2025-11-20T04:05:00Z"))
    assert told
    assert not any(ship["alert"] for ship in told.values())


# --- trails -------------------------------------------------------------------------------------


def test_trails_hold_no_more_points_than_asked_for(hour: Shown) -> None:
    """However few; and every ship's trail ends where the picture has her."""
    whole = hour.get("/api/trails?minutes=60&max_points=200000")
    count = sum(len(f["geometry"]["coordinates"]) for f in whole["features"])
    few = hour.get("/api/trails?minutes=60&max_points=500")
    assert sum(len(f["geometry"]["coordinates"]) for f in few["features"]) <= 500 < count
    told = hour.get("/api/picture?max_age_min=60")
    for trail in few["features"]:
        end = trail["geometry"]["coordinates"][-1]
        assert end == pytest.approx(place(told, trail["id"]), abs=1e-5)


def test_a_trail_over_the_antimeridian_goes_on(stored: Stored) -> None:
    """From 179.9 E to 179.9 W is a fifth of a degree, not all around the world."""
    way = [{"mmsi": 1, "lat_deg": 0.0, "lon_deg": x, "ago_s": s} for x, s in ((179.9, 60), (-179.9, 30))]
    stored.write("reports", reports(way))
    (trail,) = stored.get("/api/trails")["features"]
    assert trail["geometry"]["coordinates"] == [[179.9, 0.0], [180.1, 0.0]]


# --- areas --------------------------------------------------------------------------------------


def test_cells_say_how_many_ships_were_heard_there_in_the_hour_before(stored: Stored) -> None:
    """Two ships in the cell from 55.0 N, 12.0 E; one reported thrice; one an hour and a minute ago."""
    rows = [{"mmsi": 1, "lat_deg": 55.01, "lon_deg": 12.01, "ago_s": s} for s in (1, 2, 3)]
    rows += [{"mmsi": 2, "lat_deg": 55.09, "lon_deg": 12.19, "ago_s": 100}]
    rows += [{"mmsi": 3, "lat_deg": 55.05, "lon_deg": 12.05, "ago_s": 3_660}]
    stored.write("reports", reports(rows))
    (cell,) = stored.get("/api/areas", kinds="coverage")["features"]
    assert cell["properties"]["ships"] == 2
    corners = np.array(cell["geometry"]["coordinates"][0])
    assert corners.min(axis=0).tolist() == [12.0, 55.0]
    assert corners.max(axis=0).tolist() == [12.2, 55.1]


def test_a_kind_of_area_that_there_is_not_is_refused(stored: Stored) -> None:
    """With what may be meant."""
    answer = stored.web.get("/api/areas", params={"kinds": "coverage,gnss_degrade"})
    assert answer.status_code == 400
    assert "gnss_degraded" in answer.json()["detail"]


# --- what cannot be asked -----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/api/picture?at=yesterday", 400),
        ("/api/picture?bbox=1,2,3", 400),
        ("/api/picture?bbox=1,2,3,nan", 400),
        ("/api/picture?bbox=1,9,3,2", 400),
        ("/api/picture?bbox=-200,1,3,2", 400),
        ("/api/picture?max_age_min=0", 422),
        ("/api/picture?max_age=1", 400),
        ("/api/trails?minutes=100000", 422),
        ("/api/trails?max_points=1", 422),
        ("/api/extent?at=2026-01-01", 400),
    ],
)
def test_nonsense_is_refused_in_words(stored: Stored, path: str, status: int) -> None:
    """A time, a box or a number of no sense is a problem that names it."""
    answer = stored.web.get(path)
    assert answer.status_code == status
    assert answer.json()["detail"]


def test_whatever_is_asked_is_answered_or_refused(hour: Shown) -> None:
    """Never an error of the inside; and a picture is never of later than asked for."""

    @settings(max_examples=25)
    @given(
        at=st.one_of(st.none(), st.text(max_size=30), st.datetimes().map(lambda t: t.isoformat())),
        bbox=st.one_of(st.none(), st.text(max_size=30), st.lists(st.floats(), min_size=3, max_size=5)),
        path=st.sampled_from(["/api/picture", "/api/trails", "/api/areas"]),
    )
    def ask(at: str | None, bbox: Any, path: str) -> None:
        box = ",".join(map(str, bbox)) if isinstance(bbox, list) else bbox
        query = {"at": at, "bbox": None if path == "/api/areas" else box}
        answer = hour.request("GET", path, params={k: v for k, v in query.items() if v is not None})
        assert answer.status_code in (200, 400), answer.text
        if answer.status_code == 200 and at is not None:
            as_of = answer.json()["as_of"]
            assert parse_time_us(as_of) <= parse_time_us(at)

    ask()


def test_every_type_of_ship_is_of_a_kind() -> None:
    """ITU-R M.1371-5, table 53: 0 to 99, and none; what is reserved is unknown or other, never an error."""
    assert {ship_kind(n) for n in range(100)} | {ship_kind(None)} == set(KINDS)
    kinds = {
        30: "fishing",
        31: "tug",
        36: "sailing_pleasure",
        40: "high_speed",
        50: "pilot_sar",
        51: "pilot_sar",
    }
    kinds |= {
        52: "tug",
        55: "pilot_sar",
        60: "passenger",
        70: "cargo",
        89: "tanker",
        33: "service",
        35: "service",
    }
    assert {n: ship_kind(n) for n in kinds} == kinds
    assert all(re.fullmatch("[a-z_]+", kind) for kind in KINDS)


# --- what alerts mark ---------------------------------------------------------------------------


def standing(alert_id: str, **changed: Any) -> Any:
    """Give an alert that stood ten minutes before now and stands."""
    at_us = NOW_US - 600 * SECOND_US
    told = line(1, alert_id=alert_id, began="2026-11-22T13:50:00Z", **changed)
    times = dict.fromkeys(("began_us", "detected_at_us", "revised_at_us"), at_us)
    return alert_row(told, times | {"ended_us": None})


def test_areas_that_are_disturbed_are_drawn_while_their_alert_stands(tmp_path: Path) -> None:
    """Satellite navigation is disturbed from 13:50 on: at 13:49 not yet; reception is lost nowhere."""
    area = {"area_id": "area:1", "south_deg": 59.0, "west_deg": 24.0, "north_deg": 59.25, "east_deg": 24.5}
    with Database.open(tmp_path) as database:
        stored = Stored(tmp_path, database)
        row = standing("g", vessel=None, area=area, assets=[], behaviours=["gnss_degraded"])
        database.save(Batch(1, NOW_US, alerts=[row]))
        (found,) = stored.get("/api/areas", kinds="gnss_degraded,coverage_lost")["features"]
        assert found["properties"]["kind"] == "gnss_degraded"
        assert found["properties"]["since"] == "2026-11-22T13:50:00Z"
        assert shapely.geometry.shape(found["geometry"]).bounds == (24.0, 59.0, 24.5, 59.25)
        assert stored.get("/api/areas", kinds="coverage_lost")["features"] == []
        assert stored.get("/api/areas", kinds="gnss_degraded", at="2026-11-22T13:49:00Z")["features"] == []


def test_an_alert_about_a_hidden_asset_marks_no_ship(tmp_path: Path) -> None:
    """The coast guard sees the ship, and nothing of what she did at Northgrid's cable; the house does."""
    route = shapely.from_wkt("LINESTRING (12 55, 12 56)")
    said = {"owner": "Northgrid", "tlp": "AMBER"}
    cable = Asset("link-1", "Link 1", "power_cable", route, 50.0, "given", properties=said)
    plan = Plan(Assets([cable]), Known(), Policy(prior_rates()), "")
    with Database.open(tmp_path) as database:
        house = House(Service(tmp_path, plan=plan), database)
        rows = reports([{"mmsi": 265_000_001, "lat_deg": 55.5, "lon_deg": 12.0, "ago_s": 5}])
        DayFiles(tmp_path).write("reports", rows, 1, 1)
        database.save(Batch(1, NOW_US, alerts=[standing("a")]))
        ours, theirs = (house.browser(house.token("viewer", who)) for who in (None, "Coast"))
        assert ships(ours.get("/api/picture").json())["265000001"]["alert"] == "warning"
        assert ships(theirs.get("/api/picture").json())["265000001"]["alert"] is None
