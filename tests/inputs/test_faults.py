"""Outage notices: tables, JSON, folders that fill while one watches, and what is wrong with them."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from seavigil.assets import Assets
from seavigil.fault import Withdrawal
from seavigil.inputs import UnreadableSurroundings
from seavigil.inputs.faults import Notices, as_json, duration_s, fault_of, read_faults
from seavigil.records import SECOND_US, parse_time_us
from tests.cases.judge import cable
from tests.inputs.test_contacts import POINTS

ASSETS = Assets(
    [cable((59.0, 20.0), (60.0, 20.0), asset_id="north"), cable((59.0, 21.0), (59.0, 22.0), asset_id="east")]
)
AT_US = parse_time_us("2024-12-25T10:26:00Z")
NORTH_KM = ASSETS[0].length_km or 0.0
ROW = {"time": "2024-12-25T10:26:00Z", "asset": "north", "within": "30m", "km_along": 12.3, "km_error": 2}
CSV = "id,time,asset,within,km,km_error\nf1,2024-12-25T10:26:00Z,North,30m,12.3,2\n"


@pytest.mark.parametrize(
    "text",
    [
        CSV,
        CSV.replace(",", ";"),
        json.dumps({"id": "f1", **ROW}),
        json.dumps([{"id": "f1", **ROW}]),
        json.dumps({"faults": [{"id": "f1", **ROW}]}),
        json.dumps({"id": "f1", **ROW}) + "\n" + json.dumps({"id": "f2", **ROW, "asset": "east"}) + "\n",
    ],
)
def test_every_form_gives_the_same_notice(tmp_path: Path, text: str) -> None:
    """A table, one object, a list, a list under a key, and an object a line."""
    path = tmp_path / "outages"
    path.write_text(text)
    fault = read_faults(path, ASSETS).faults[0]
    assert (fault.fault_id, fault.asset_id, fault.at_us) == ("f1", "north", AT_US)
    assert (fault.within_s, fault.km_along, fault.km_error) == (1800.0, 12.3, 2.0)
    assert fault.noticed_us == AT_US + 1800 * SECOND_US


def test_a_gzipped_file_is_read_as_it_is(tmp_path: Path) -> None:
    """As every other input."""
    path = tmp_path / "outages.csv.gz"
    path.write_bytes(gzip.compress(CSV.encode()))
    assert len(read_faults(path, ASSETS).faults) == 1


@pytest.mark.parametrize(
    ("more", "why"),
    [
        ({"asset": "Estlink 2"}, "no asset has the id or name 'Estlink 2'"),
        ({"asset": ""}, "no asset named"),
        ({"time": "yesterday"}, "'yesterday' is not a time"),
        ({"time": "9999-12-31T00:00:00Z"}, "no time of a cable's fault"),
        ({"within": "soon"}, "no length of time"),
        ({"within": "72h"}, "longer than 48h"),
        ({"within": "-5m"}, "no length of time"),
        ({"km_along": 112.0}, r"kilometre 112 is beyond north, which is 111\.4 km long"),
        ({"km_along": -1}, "kilometre -1 of north: they count from 0 at its start"),
        ({"km_along": "nan"}, "km_along 'nan' is no number"),
        ({"km_error": -2}, "km_error must be 0 or more"),
        ({"km_from": "middle"}, "neither start nor end"),
        ({"slack": 0.9}, "slack 0.9 is not within 1..1.2"),
        ({"confidence": 0}, "confidence must be above 0"),
        ({"noticed": "2024-12-25T09:00:00Z"}, "before it can have happened"),
        ({"time": "2024-12-25"}, "'2024-12-25' is a whole day: give the time of day"),
        ({"noticed": "20241225"}, "'20241225' is a whole day"),
        ({"km_along": 112.0, "km_from": "end"}, "kilometre 112 is beyond north"),
        ({"km_along": -3, "km_from": "end"}, "kilometre -3 of north: they count from 0 at its end"),
        ({"confidence": 0, "id": "x"}, "^confidence must be above 0 and at most 1, not 0$"),
        ({"id": "x", "replaces": "x"}, "cannot replace itself"),
    ],
)
def test_a_bad_notice_is_a_counted_reject_with_its_reason(
    tmp_path: Path, more: dict[str, object], why: str
) -> None:
    """The good one beside it counts; the bad one is told with its place and what is wrong."""
    path = tmp_path / "outages.json"
    path.write_text(json.dumps([{**ROW, **more}, {"id": "good", **ROW}]))
    read = read_faults(path, ASSETS)
    assert [fault.fault_id for fault in read.faults] == ["good"]
    (finding,) = read.findings
    assert finding.asset == "entry 1"
    with pytest.raises(ValueError, match=why):
        fault_of({k: str(v) for k, v in (ROW | more).items()}, ASSETS)


@pytest.mark.parametrize(
    "text", ["", "\ufeff", "{}", "[]", "time,asset\n", "\x00\x01", json.dumps(POINTS), "no table", "[[1]]"]
)
def test_a_file_without_a_notice_is_one_clear_error(tmp_path: Path, text: str) -> None:
    """Whatever it is, the line names the file and says that there is nothing in it, or what is wrong."""
    path = tmp_path / "outages"
    path.write_text(text)
    with pytest.raises(UnreadableSurroundings, match="outages") as error:
        read_faults(path, ASSETS)
    assert "\n" not in str(error.value)


def test_kilometres_of_fibre_from_either_end() -> None:
    """10.2 km of fibre with 2 % of slack are 10 km of route; from the end that is the length less 10."""
    row = {"time": "2024-12-25T10:26:00Z", "asset": "north", "km_along": "10.2", "slack": "1.02"}
    assert fault_of(row, ASSETS).km_along == pytest.approx(10.0)
    assert fault_of({**row, "km_from": "end"}, ASSETS).km_along == pytest.approx(NORTH_KM - 10.0)


def test_a_place_just_beyond_the_end_is_at_the_end() -> None:
    """Half a percent is within what routes and fibres are known to; one percent is not."""
    row = {"time": "2024-12-25T10:26:00Z", "asset": "north", "km_along": str(NORTH_KM * 1.004)}
    assert fault_of(row, ASSETS).km_along == NORTH_KM
    with pytest.raises(ValueError, match="beyond"):
        fault_of({**row, "km_along": str(NORTH_KM * 1.01)}, ASSETS)


def test_a_notice_written_is_read_as_it_was(tmp_path: Path) -> None:
    """What `fault add` writes gives the same notice."""
    row = {k: str(v) for k, v in ROW.items()} | {"source": "Elering", "confidence": "0.8"}
    fault = fault_of(row, ASSETS)
    path = tmp_path / "one.json"
    path.write_text(json.dumps(as_json(fault)))
    assert read_faults(path, ASSETS).faults == (fault,)


@pytest.mark.parametrize(
    ("text", "seconds"), [("90", 90), ("90s", 90), ("1.5h", 5400), ("30 min", 1800), ("5M", 300), ("0", 0)]
)
def test_lengths_of_time(text: str, seconds: float) -> None:
    """Seconds, minutes and hours, with or without a unit."""
    assert duration_s(text) == seconds


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.one_of(st.binary(max_size=300), st.text(max_size=300).map(str.encode)))
def test_any_bytes_give_notices_or_one_line(tmp_path: Path, raw: bytes) -> None:
    """No content crashes the reader, nothing vanishes."""
    path = tmp_path / "outages"
    path.write_bytes(raw)
    try:
        said = read_faults(path, ASSETS).faults[0].asset_id
    except UnreadableSurroundings as why:
        said = str(why)
    assert said in {"north", "east"} or "outages" in said


_cells = st.one_of(
    st.none(), st.integers(), st.floats(), st.text(max_size=12), st.booleans(), st.just("north")
)


@given(st.dictionaries(st.sampled_from([*ROW, "noticed", "slack", "km_from", "id", "confidence"]), _cells))
def test_any_row_is_a_sound_notice_or_a_reason(row: dict[str, object]) -> None:
    """What is taken lies on its asset, was noticed when it had happened, and can be written and read."""
    told = {k: "" if v is None else str(v) for k, v in (ROW | row).items()}
    try:
        fault = fault_of(told, ASSETS)
    except ValueError:
        return
    assert fault.noticed_us >= fault.at_us - fault.within_s * SECOND_US
    assert fault.km_along is None or 0 <= fault.km_along <= NORTH_KM
    json.dumps(as_json(fault))


def test_times_without_a_zone_are_taken_as_utc_and_counted(tmp_path: Path) -> None:
    """Two of these four times say no zone; one has Z, one is an hour ahead of UTC."""
    path = tmp_path / "outages.csv"
    path.write_text(
        "time,asset,noticed\n2024-12-25T10:26,north,2024-12-25T10:30Z\n"
        "2024-12-25 12:26+01:00,north,2024-12-25 12:40\n"
    )
    read = read_faults(path, ASSETS)
    assert [f.at_us - AT_US for f in read.faults] == [0, 3600 * SECOND_US]
    assert read.zoneless == 2


def test_a_notice_may_replace_or_withdraw_another(tmp_path: Path) -> None:
    """Of a correction the new one stands; a withdrawal leaves none; both are read, nothing vanishes."""
    path = tmp_path / "outages.json"
    rows = [{"id": "a", **ROW}, {"id": "b", **ROW, "km_along": 20, "replaces": "a"}, {"id": "c", **ROW}]
    path.write_text(json.dumps([*rows, {"withdraws": "c", "noticed": "2024-12-25T12:00:00Z"}]))
    read = read_faults(path, ASSETS)
    assert [f.fault_id for f in read.faults] == ["a", "b", "c"]
    assert read.withdrawals == (Withdrawal("c", parse_time_us("2024-12-25T12:00:00Z")),)
    notices = Notices([path], ASSETS)
    assert [f.fault_id for f in notices.standing] == ["b"]
    assert [notices.gone(name) for name in "abc"] == ["replaced by b", None, "withdrawn"]


def test_a_withdrawal_tells_of_no_fault(tmp_path: Path) -> None:
    """Whoever writes both in one means to replace; a file of withdrawals alone is one of notices."""
    path = tmp_path / "gone.json"
    path.write_text(json.dumps({"withdraws": "a"}))
    assert read_faults(path, ASSETS).withdrawals == (Withdrawal("a"),)
    path.write_text(json.dumps({"withdraws": "a", **ROW}))
    with pytest.raises(UnreadableSurroundings, match="write replaces for that"):
        read_faults(path, ASSETS)


def test_a_correction_and_its_way_back_are_three_notices() -> None:
    """Told again with the words of the first, it is another notice than the first: that one was replaced."""
    row = {k: str(v) for k, v in ROW.items()}
    first = fault_of(row, ASSETS)
    second = fault_of({**row, "km_along": "20", "replaces": first.fault_id}, ASSETS)
    third = fault_of({**row, "replaces": second.fault_id}, ASSETS)
    assert len({f.fault_id for f in (first, second, third)}) == 3


def _write(path: Path, **more: object) -> Path:
    path.write_text(json.dumps({**ROW, "id": path.stem, **more}))
    return path


def test_a_folder_is_looked_at_again(tmp_path: Path) -> None:
    """What came in since is given once, hidden and other files are left alone."""
    _write(tmp_path / "one.json")
    notices = Notices([tmp_path], ASSETS)
    assert [f.fault_id for f in notices.fresh()] == ["one"]
    assert notices.fresh() == []
    _write(tmp_path / "two.json")
    _write(tmp_path / ".three.json")
    _write(tmp_path / "four.txt")
    _write(tmp_path / "again.json", id="one")
    assert [f.fault_id for f in notices.fresh()] == ["two"]
    (tmp_path / "two.json").unlink()
    assert notices.fresh() == []
    (tmp_path / "no-more.json").write_text('{"withdraws": "two"}')
    assert notices.fresh() == [Withdrawal("two")]
    assert notices.fresh() == []


def test_each_row_of_a_folder_that_cannot_be_used_is_told_by_itself(tmp_path: Path) -> None:
    """Two bad rows in one file, another file that is no table: three findings, none within another."""
    (tmp_path / "a.csv").write_text("time,asset\n2024-12-25T10:26Z,Nowhere\nnoon,north\n")
    (tmp_path / "b.json").write_text("{}")
    notices = Notices([tmp_path], ASSETS)
    assert notices.fresh() == []
    told = [(f.asset, f.message) for f in notices.left_out]
    assert [place for place, _ in told] == ["line 2", "line 3", "entry 1"]
    assert not any("left out" in message or str(tmp_path) in message for _, message in told)


def test_a_file_that_was_half_written_is_read_when_it_is_whole(tmp_path: Path) -> None:
    """Until then it is told as one that cannot be read, and nothing stops."""
    path = tmp_path / "one.json"
    path.write_text('{"time": "2024-12-25T10:2')
    notices = Notices([tmp_path], ASSETS)
    assert notices.fresh() == []
    assert len(notices.findings[path]) == 1
    _write(path)
    assert [f.fault_id for f in notices.fresh()] == ["one"]
    assert notices.findings[path] == ()


def test_a_line_added_to_a_file_of_the_folder_is_one_new_notice(tmp_path: Path) -> None:
    """A log of outages may grow: what was told before is not told again."""
    path = tmp_path / "log.csv"
    path.write_text(CSV)
    notices = Notices([tmp_path], ASSETS)
    notices.fresh()
    path.write_text(CSV + "f2,2024-12-25T11:00:00Z,east,90s,,\n")
    assert [f.fault_id for f in notices.fresh()] == ["f2"]


def test_notices_come_in_order_of_when_they_were_noticed(tmp_path: Path) -> None:
    """Whatever their files are called."""
    _write(tmp_path / "a.json", noticed="2024-12-25T12:00:00Z")
    _write(tmp_path / "b.json", noticed="2024-12-25T11:00:00Z")
    assert [f.fault_id for f in Notices([tmp_path], ASSETS).fresh()] == ["b", "a"]


def test_a_file_given_by_name_must_hold_a_notice(tmp_path: Path) -> None:
    """A wrong name is told before anything is watched; an empty folder is what a watched one begins as."""
    with pytest.raises(UnreadableSurroundings, match="No such file"):
        Notices([tmp_path / "none.csv"], ASSETS)
    assert Notices([tmp_path], ASSETS).fresh() == []
    given_twice = _write(tmp_path / "one.json")
    assert len(Notices([given_twice, tmp_path], ASSETS).fresh()) == 1
