"""One ship over the web interface: who she is, how she went, what she did, what lies ahead of her."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from seavigil.feeds import recordings
from seavigil.geodesy import destination
from seavigil.records import DAY_US, SECOND_US, VESSELS, Flag, parse_time_us, table
from seavigil.runners.batch import Job
from seavigil.runners.forecasts import forecast
from seavigil.runners.ships_seen import ShipsSeen
from seavigil.store.database import Database
from seavigil.store.sightings import Sightings
from seavigil.tracks import StaticBook
from tests.api.shown import NOW_US as CLOCK_US
from tests.api.shown import Shown, invented, shown
from tests.api.test_picture import Stored, reports
from tests.runners.statuses import NOW_US

#: The invented ship that drags her anchor.
ALDER = "299000001"


@pytest.fixture
def stored(tmp_path: Path) -> Any:
    """Give an empty store."""
    with Database.open(tmp_path) as database:
        yield Stored(tmp_path, database)


def said(rows: list[tuple[int, dict[str, Any]]], mmsi: int = 219_165_000) -> Any:
    """Give static data: so many seconds before now, what was said."""
    names = sorted({name for _, told in rows for name in told})
    columns: dict[str, Any] = {name: [told.get(name) for _, told in rows] for name in names}
    columns["time_us"] = np.array([NOW_US - ago * SECOND_US for ago, _ in rows])
    n = len(rows)
    return table(
        VESSELS, {**columns, "mmsi": [mmsi] * n, "report_id": list(range(n)), "time_source": [1] * n}
    )


def sail(ago_s: list[int], mmsi: int = 219_165_000, **more: Any) -> Any:
    """Give reports of a ship that goes north at 10 kn."""
    rows = [{"mmsi": mmsi, "lat_deg": 55.0 - s / 21_600, "lon_deg": 12.0, "ago_s": s} for s in ago_s]
    return reports([{**row, "sog_kn": 10.0, "cog_deg": 0.0, **more} for row in rows])


# --- who she is ---------------------------------------------------------------------------------


def test_ships_are_found_by_name_call_sign_and_number(stored: Stored) -> None:
    """Exact before beginnings before the rest; letter case does not matter; nothing later than heard."""
    for n, name in enumerate(["NORD", "NORD STAR", "BIG NORD"]):
        stored.write("reports", sail([100 - n], mmsi=219_000_001 + n))
        more = {"name": name, "callsign": f"OW{n}", "imo": 9074729}
        stored.write("vessels", said([(50, more)], mmsi=219_000_001 + n))
    found = [ship["name"] for ship in stored.get("/api/ships", q="nord")["ships"]]
    assert found == ["NORD", "NORD STAR", "BIG NORD"]
    assert [s["mmsi"] for s in stored.get("/api/ships", q="ow2")["ships"]] == [219_000_003]
    assert [s["mmsi"] for s in stored.get("/api/ships", q="219000002")["ships"]] == [219_000_002]
    assert len(stored.get("/api/ships", q="9074729")["ships"]) == 3
    assert len(stored.get("/api/ships", q="", limit=2)["ships"]) == 2
    assert stored.get("/api/ships", q="no such ship")["ships"] == []


def test_a_clock_far_ahead_hides_nobody(stored: Stored) -> None:
    """One report of the year 2080 is kept with its flag: ships of today are found, and none of then."""
    stored.write("reports", sail([100]))
    ahead_s = 54 * 365 * 86_400
    stored.write("reports", sail([-ahead_s], mmsi=219_000_009, flags=int(Flag.WRONG_CLOCK)))
    stored.write("vessels", said([(50, {"name": "NOW"}), (-ahead_s, {"name": "THEN"})]))
    assert [ship["name"] for ship in stored.get("/api/ships")["ships"]] == ["NOW"]
    told = stored.get("/api/extent")
    assert (told["ended_at"], told["ships"]) == ("2026-11-22T13:58:20Z", 1)


def test_every_value_that_a_field_ever_had_is_told_with_its_time(stored: Stored) -> None:
    """Two names, one call sign; what she said later than the moment is not known at it."""
    stored.write("reports", sail([7200, 10]))
    told = [
        (7000, {"name": "ANNA", "callsign": "OWAA2"}),
        (3600, {"name": "ANNA"}),
        (60, {"name": "BERTA MAERSK"}),
    ]
    stored.write("vessels", said(told))
    page = stored.get("/api/ships/219165000")
    names = [(one["value"], one["since"]) for one in page["identity"] if one["field"] == "name"]
    assert names == [("ANNA", "2026-11-22T12:03:20Z"), ("BERTA MAERSK", "2026-11-22T13:59:00Z")]
    assert page["vessel"]["name"] == "BERTA MAERSK"
    assert [one["code"] for one in page["conflicts"]] == ["name_changed"]
    before = stored.get("/api/ships/219165000", at="2026-11-22T13:58:00Z")
    assert before["vessel"]["name"] == "ANNA"
    assert before["conflicts"] == []
    assert (before["reports"], page["reports"]) == (1, 2)


def test_who_she_is_costs_what_she_said_and_no_more(stored: Stored) -> None:
    """What others say is not kept for her page, nor looked for further back than a month."""
    stored.write("reports", sail([10]))
    days = [(d * 86_400, {"name": f"NAME {d}"}) for d in (40, 32, 30, 20)]
    stored.write("vessels", said(days))
    stored.write("vessels", said(days, 219_165_001))
    seen = ShipsSeen(Sightings(stored.days))
    changes = seen.history(219_165_000, ("name",), NOW_US)["name"]
    assert [name for _, name in changes] == ["NAME 30", "NAME 20"]
    assert len(seen._book) == 0


def test_a_day_of_static_data_is_read_piece_by_piece(stored: Stored, monkeypatch: pytest.MonkeyPatch) -> None:
    """However many rows lie in a file, few are Python's objects at a time; all are known afterwards."""
    monkeypatch.setattr("seavigil.runners.ships_seen._AT_ONCE", 10)
    told = [(100 - n, {"name": f"NAME {n}"}) for n in range(95)]
    stored.write("reports", sail([10]))
    stored.write("vessels", said(told))
    sizes, add = [], StaticBook.add

    def counted(book: StaticBook, rows: Any) -> None:
        sizes.append(rows.num_rows)
        add(book, rows)

    monkeypatch.setattr(StaticBook, "add", counted)
    seen = ShipsSeen(Sightings(stored.days))
    seen.warm()
    assert sizes == [10] * 9 + [5]
    assert len(seen._book.changes(219_165_000, "name", NOW_US)) == 95


def test_what_cannot_be_is_a_conflict(stored: Stored) -> None:
    """9074729 is an IMO number (its digits times 7 to 2 end in its last), 9074728 none; 3FHE7 is Panama's."""
    stored.write("reports", sail([100]))
    stored.write("vessels", said([(90, {"imo": 9074728, "callsign": "3FHE7"})]))
    codes = [one["code"] for one in stored.get("/api/ships/219165000")["conflicts"]]
    assert codes == ["callsign_of_other_state", "imo_check_digit"]
    stored.write("reports", sail([100], mmsi=219_000_009))
    stored.write("vessels", said([(90, {"imo": 9074729, "callsign": "OWLA6"})], mmsi=219_000_009))
    assert stored.get("/api/ships/219000009")["conflicts"] == []


def test_ships_that_share_a_number_are_named(stored: Stored) -> None:
    """Each page names the other; and whose the static data are is not known of the second."""
    stored.write("reports", sail([100]))
    stored.write("reports", sail([100], vessel_part=1))
    stored.write("vessels", said([(90, {"name": "ONE OF THEM"})]))
    first, second = stored.get("/api/ships/219165000"), stored.get("/api/ships/219165000%232")
    assert (first["sharing_mmsi"], second["sharing_mmsi"]) == (["219165000#2"], ["219165000"])
    assert "shared_mmsi" in [one["code"] for one in second["conflicts"]]
    assert (first["vessel"]["name"], second["vessel"]["name"]) == ("ONE OF THEM", None)


def test_identity_conflicts_of_the_watch_are_on_the_page(hour: Shown) -> None:
    """Invented ships have numbers that no state gives out: that is said of each."""
    page = hour.get(f"/api/ships/{ALDER}")
    assert page["vessel"]["name"] == "EXERCISE ALDER"
    assert [one["code"] for one in page["conflicts"]] == ["no_state"]


# --- how she went -------------------------------------------------------------------------------


def test_a_track_is_columns_of_one_length_without_unsound_positions(stored: Stored) -> None:
    """Four of five reports; the jump is not drawn, and is in the table of reports with its flag."""
    stored.write("reports", sail([40, 30, 20, 10], flags=0))
    jump = reports(
        [{"mmsi": 219_165_000, "lat_deg": 80.0, "lon_deg": 0.0, "ago_s": 25, "flags": int(Flag.JUMP)}]
    )
    stored.write("reports", jump)
    told = stored.get("/api/ships/219165000/track")
    columns = ("time_us", "lat_deg", "lon_deg", "sog_kn", "cog_deg", "heading_deg", "flags")
    assert {len(told[name]) for name in columns} == {4}
    assert told["heading_deg"] == [None] * 4
    assert max(told["lat_deg"]) < 56
    rows = stored.get("/api/ships/219165000/reports")["reports"]
    assert [row["flags"] for row in rows] == [[], ["jump"], [], [], []] or [row["flags"] for row in rows] == [
        [],
        [],
        ["jump"],
        [],
        [],
    ]


def test_a_long_track_is_thinned_evenly_and_says_how_many_there_were(stored: Stored) -> None:
    """Of an hour at ten seconds 36 points at most; the last report is the last point."""
    stored.write("reports", sail(list(range(3600, 0, -10))))
    told = stored.get("/api/ships/219165000/track", max_points=36)
    assert told["total_points"] == 360
    assert 12 <= len(told["time_us"]) <= 36
    assert told["time_us"][-1] == NOW_US - 10 * SECOND_US


def test_silences_are_told_and_the_one_that_goes_on_has_no_end(stored: Stored) -> None:
    """Heard every ten seconds for ten minutes, then not for an hour, then once, then not for half an hour."""
    ago = [*range(6000, 5400, -10), 1800]
    stored.write("reports", sail(ago))
    gaps = stored.get("/api/ships/219165000/track")["gaps"]
    assert [(gap["gap_s"], gap["to"] is None) for gap in gaps] == [(5410 - 1800, False), (1800, True)]


def test_nothing_before_or_after_the_stretch_is_in_a_track(stored: Stored) -> None:
    """Asked from two minutes to one minute ago."""
    stored.write("reports", sail(list(range(300, 0, -10))))
    span = {"from": "2026-11-22T13:58:00Z", "to": "2026-11-22T13:59:00Z"}
    times = stored.get("/api/ships/219165000/track", **span)["time_us"]
    assert (times[0], times[-1]) == (NOW_US - 120 * SECOND_US, NOW_US - 60 * SECOND_US)


def test_reports_come_page_by_page_each_once(stored: Stored) -> None:
    """25 rows in pages of ten, rows of one second among them: all, in order of time, none twice."""
    stored.write("reports", sail([n // 3 for n in range(25, 0, -1)]))
    seen, after = [], None
    for _ in range(3):
        page = stored.get("/api/ships/219165000/reports", limit=10, **({"after": after} if after else {}))
        seen += [(row["time_at"], row["report_id"]) for row in page["reports"]]
        after = page["next"]
    assert after is None
    assert len(seen) == len(set(seen)) == 25
    assert [time for time, _ in seen] == sorted(time for time, _ in seen)


def test_the_rows_of_the_demo_are_those_of_the_store(hour: Shown) -> None:
    """As many reports as the tracks hold of her, and ids as text: a browser has no 64 bits."""
    kept = hour.recorded.days.read("reports", *_days(hour)).filter(pl.col("mmsi") == int(ALDER)).collect()
    first = hour.get(f"/api/ships/{ALDER}/reports?limit=1")["reports"][0]
    assert hour.get(f"/api/ships/{ALDER}")["reports"] == kept.height
    assert first["report_id"] == str(kept.sort("time_us")["report_id"][0])
    assert first["nav_status_words"] == "under way using engine"


def _days(hour: Shown) -> tuple[Any, Any]:
    days = [part.day for part in hour.recorded.days.parts("reports")]
    return min(days), max(days)


# --- what she did -------------------------------------------------------------------------------


def test_her_events_are_told_in_words_and_only_once_they_stood(hour: Shown) -> None:
    """She drifted from 04:39:29 on; at 04:39 that was not known, and while it went on it had no end."""
    events = hour.get(f"/api/ships/{ALDER}/events")["events"]
    (drift,) = (one for one in events if one["behaviour"] == "drifting" and one["began"] > "2025-11-20T04:39")
    assert drift["behaviour_words"] == "drifting"
    assert all(reason["text"] for reason in drift["reasons"])
    crossing = next(one for one in events if one["behaviour"] == "crossing")
    assert crossing["asset_name"] == "Demo Fibre 2"
    early = hour.get(f"/api/ships/{ALDER}/events?to=2025-11-20T04:39:00Z")["events"]
    assert drift["event_id"] not in [one["event_id"] for one in early]
    during = hour.get(f"/api/ships/{ALDER}/events?to=2025-11-20T05:00:00Z")["events"]
    assert [one["ended"] for one in during if one["event_id"] == drift["event_id"]] == [None]


def test_events_looked_back_at_are_those_of_a_recording_cut_there(hour: Shown, tmp_path: Path) -> None:
    """Nothing is told that was learned later; what was revised later is left blank, and said to be so."""
    at = "2025-11-20T04:40:00Z"
    nmea, assets = invented(tmp_path)
    until_s = parse_time_us(at) // SECOND_US
    lines = nmea.read_text(encoding="utf-8").splitlines(keepends=True)
    stamps = [re.search(r"c:(\d+)", one) for one in lines]
    kept = [
        one for one, stamp in zip(lines, stamps, strict=True) if stamp is None or int(stamp[1]) <= until_s
    ]
    (cut := tmp_path / "cut.nmea").write_text("".join(kept), encoding="utf-8")
    blank = 0
    with shown(tmp_path / "cut", [cut], assets) as then:
        for ship in ("299000001", "299000003", "299000004", "299000007"):
            back = hour.get(f"/api/ships/{ship}/events?to={at}")["events"]
            known = {one["event_id"]: one for one in then.get(f"/api/ships/{ship}/events")["events"]}
            for one in back:
                assert max(t for t in (one["known_at"], one["ended"], one["crossed_at"]) if t) <= at
                blank += one["revised_later"]
                for name in (
                    "behaviour",
                    "asset_id",
                    "began",
                    "detected_at",
                    "crossed_at",
                    "ended",
                    "sog_kn",
                ):
                    was = known.get(one["event_id"], {}).get(name, one[name])
                    assert one[name] == was or (one["revised_later"] and one[name] is None), name
    assert blank > 0


# --- what lies ahead ----------------------------------------------------------------------------


@pytest.mark.parametrize("at", ["2025-11-20T04:25:00Z", "2025-11-20T05:15:00Z"])
def test_the_forecast_is_that_of_the_command(hour: Shown, at: str) -> None:
    """Out of stored rows as out of the recording: the same assets, times and probabilities."""
    told = hour.get(f"/api/ships/{ALDER}/forecast?at={at}")
    (source,) = {row.url for row in hour.recorded.feeds()}
    job = Job([source], hour.recorded.plan.assets)
    line = forecast(
        job, lambda s: recordings.read(s, received_us=lambda: CLOCK_US), ALDER, parse_time_us(at)
    ).line
    assert told["next_assets"] == line["next_assets"]
    assert told["next_assets"]
    assert (told["sog_kn"], told["cog_deg"]) == (line["sog_kn"], line["cog_deg"])


def test_the_fan_widens_and_holds_where_she_goes(stored: Stored) -> None:
    """Steadily north at 10 kn: in an hour she is ten miles on, and the areas grow from hour to hour."""
    stored.write("reports", sail(list(range(3600, 0, -30))))
    told = stored.get("/api/ships/219165000/forecast")
    assert told["next_assets"] == []
    areas = {f["properties"]["hours"]: shapely.geometry.shape(f["geometry"]) for f in told["fan"]["features"]}
    assert list(areas) == [1, 3, 6, 12]
    assert all(area.is_valid for area in areas.values())
    lat, lon = destination(55.0, 12.0, 0.0, 18_520.0)
    assert areas[1].contains(shapely.Point(float(lon), float(lat)))
    assert areas[1].area < areas[3].area < areas[6].area < areas[12].area


def test_of_a_ship_silent_for_six_hours_nothing_is_forecast(stored: Stored) -> None:
    """She may be anywhere: the fan is null and says why."""
    stored.write("reports", sail([6 * 3600 + 60]))
    told = stored.get("/api/ships/219165000/forecast")
    assert (told["fan"], told["next_assets"], told["position"]) == (None, [], None)
    assert "six hours" in told["reason"]


# --- what cannot be asked -----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/api/ships/219165000", 404),
        ("/api/ships/219165000/track", 404),
        ("/api/ships/219165000/events", 404),
        ("/api/ships/219165000/reports", 404),
        ("/api/ships/219165000/forecast", 404),
        ("/api/ships/12345", 400),
        ("/api/ships/anna", 400),
        ("/api/ships/219165000%239999/track", 400),
        ("/api/ships/219165000/track?from=2026-01-02&to=2026-01-01", 400),
        ("/api/ships/219165000/track?from=2020-01-01", 400),
        ("/api/ships/219165000/track?begin=2026-01-01", 400),
        ("/api/ships/219165000/reports?after=yesterday", 400),
        ("/api/ships/219165000/reports?limit=100000", 422),
        ("/api/ships?q=" + "x" * 101, 422),
    ],
)
def test_nonsense_is_refused_in_words(stored: Stored, path: str, status: int) -> None:
    """No such ship is 404; a number, time or page of no sense says what is wanted."""
    if "?" in path and status == 400:
        stored.write("reports", sail([10]))
    answer = stored.web.get(path)
    assert answer.status_code == status, answer.text
    assert answer.json()["detail"]


def test_whatever_is_asked_of_a_ship_is_answered_or_refused(hour: Shown) -> None:
    """Never an error of the inside, whatever stands for the ship, the times and the page."""
    kinds = ["", "/track", "/events", "/reports", "/forecast"]
    words = st.one_of(st.text(max_size=20), st.datetimes().map(lambda t: t.isoformat()))

    @settings(max_examples=30)
    @given(
        ship=st.one_of(st.just(ALDER), st.from_regex(r"[0-9]{9}(#[0-9]{1,3})?", fullmatch=True)),
        kind=st.sampled_from(kinds),
        query=st.dictionaries(st.sampled_from(["from", "to", "at", "after"]), words, max_size=3),
    )
    def ask(ship: str, kind: str, query: dict[str, str]) -> None:
        answer = hour.request("GET", f"/api/ships/{ship.replace('#', '%23')}{kind}", params=query)
        assert answer.status_code in (200, 400, 404, 422), answer.text

    ask()


def test_a_day_is_what_is_asked_for_at_most_by_default(stored: Stored) -> None:
    """Without a beginning a track is of the day before its end."""
    stored.write("reports", sail([DAY_US // SECOND_US + 100, 100]))
    assert len(stored.get("/api/ships/219165000/track")["time_us"]) == 1


def test_who_sends_reports_without_a_position_is_not_silent(stored: Stored) -> None:
    """For an hour her reports have none: the track has a hole there, but she was heard all the time."""
    stored.write("reports", sail([*range(5400, 4800, -10), *range(600, 0, -10)], flags=0))
    nowhere = {"mmsi": 219_165_000, "lat_deg": None, "lon_deg": None, "flags": int(Flag.NO_POSITION)}
    stored.write("reports", reports([{**nowhere, "ago_s": ago} for ago in range(4800, 600, -10)]))
    told = stored.get("/api/ships/219165000/track")
    assert told["gaps"] == []
    assert told["total_points"] == 120
