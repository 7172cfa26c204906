"""Static data as known at a time, flag states, segments."""

from __future__ import annotations

import csv
from itertools import pairwise
from pathlib import Path

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from seavigil.mid import COUNTRY
from seavigil.records import SECOND_US, VESSELS, table
from seavigil.tracks import Static, StaticBook, country, segments

SHIP = 219_000_001


def _vessels(rows: list[tuple[int, int, str | None, float | None]]) -> pa.Table:
    """Give VESSELS from (mmsi, second, name, draught)."""
    n = len(rows)
    columns = {
        "report_id": list(range(n)),
        "time_us": [r[1] * SECOND_US for r in rows],
        "time_source": [1] * n,
        "mmsi": [r[0] for r in rows],
        "name": [r[2] for r in rows],
        "draught_m": pa.array([r[3] for r in rows], type=pa.float64()),
    }
    return table(VESSELS, columns, n)


def _book(rows: list[tuple[int, int, str | None, float | None]], cuts: set[int] = frozenset()) -> StaticBook:
    book, edges = StaticBook(), [0, *sorted(c for c in cuts if c <= len(rows)), len(rows)]
    for begin, end in pairwise(edges):
        book.add(_vessels(rows[begin:end]))
    return book


def test_only_what_was_known_then() -> None:
    """A name heard at 100 s is not known at 99 s, and a later name does not reach back."""
    book = _book([(SHIP, 100, "ALFA", None), (SHIP, 200, "BRAVO", None)])
    names = [book.known(SHIP, t * SECOND_US).name for t in (99, 100, 199, 200, 999)]
    assert names == [None, "ALFA", "ALFA", "BRAVO", "BRAVO"]


def test_fields_are_merged_one_by_one() -> None:
    """A row without a name leaves the name known before; parts A and B of type 24 complete each other."""
    book = _book([(SHIP, 1, "ALFA", None), (SHIP, 2, None, 7.5)])
    assert book.known(SHIP, 5 * SECOND_US) == Static(SHIP, name="ALFA", draught_m=7.5)


def test_an_unknown_ship_still_has_a_flag() -> None:
    """Of a ship never heard only the state in its number is known."""
    static = StaticBook().known(SHIP, 0)
    assert (static.name, static.flag) == (None, "DK")


NAMES = st.sampled_from(["ALFA", "BRAVO", "CHARLIE", None])
SHIPS = st.sampled_from([SHIP, SHIP + 1])
TIMED = st.lists(
    st.tuples(
        st.sampled_from([SHIP, SHIP + 1]), st.integers(0, 30), NAMES, st.sampled_from([None, 5.0, 6.0])
    ),
    max_size=25,
)


@given(rows=TIMED, cuts=st.sets(st.integers(0, 25)), at_s=st.integers(-1, 31))
def test_in_order_of_time_it_is_the_last_value_told(rows: list, cuts: set[int], at_s: int) -> None:
    """For rows in order of time, cut anywhere, each field is the last value not missing by then."""
    rows = sorted(rows, key=lambda r: r[1])
    known = _book(rows, cuts).known(SHIP, at_s * SECOND_US)
    told = [r for r in rows if r[0] == SHIP and r[1] <= at_s]
    assert known.name == next((r[2] for r in reversed(told) if r[2] is not None), None)
    assert known.draught_m == next((r[3] for r in reversed(told) if r[3] is not None), None)


@given(rows=TIMED, cuts=st.sets(st.integers(0, 25)), at_s=st.integers(-1, 31))
def test_out_of_order_the_cut_does_not_matter(rows: list, cuts: set[int], at_s: int) -> None:
    """Rows in any order give the same however they are cut, and the last row by time is always heard."""
    whole, cut = _book(rows).known(SHIP, at_s * SECOND_US), _book(rows, cuts).known(SHIP, at_s * SECOND_US)
    assert whole == cut
    last = max((r[1] for r in rows if r[0] == SHIP and r[2] is not None), default=None)
    if last is not None and at_s >= last:
        assert whole.name in {r[2] for r in rows if r[0] == SHIP and r[1] == last}


def test_an_old_row_that_comes_late_takes_its_own_place() -> None:
    """A late row between two equal ones holds from its own time until the second of them."""
    book = _book([(SHIP, 10, "ALFA", None), (SHIP, 30, "ALFA", None), (SHIP, 20, "BRAVO", None)])
    assert [book.known(SHIP, t * SECOND_US).name for t in (15, 25, 35)] == ["ALFA", "BRAVO", "ALFA"]


def test_flapping_values_stay_bounded() -> None:
    """A name that changes ten thousand times keeps its last 128 changes only."""
    book = _book([(SHIP, t, ("ALFA", "BRAVO")[t % 2], None) for t in range(10_000)])
    assert book.known(SHIP, 10_000 * SECOND_US).name == "BRAVO"
    assert book.known(SHIP, 9_872 * SECOND_US).name == "ALFA"
    assert book.known(SHIP, 9_871 * SECOND_US).name is None


def test_ships_beyond_the_limit_are_forgotten() -> None:
    """The longest silent go first, and the number stays within the limit."""
    book = StaticBook(max_vessels=10)
    book.add(_vessels([(SHIP + i, i, "ALFA", None) for i in range(100)]))
    assert len(book) <= 10
    assert book.known(SHIP + 99, 10**12).name == "ALFA"
    with pytest.raises(ValueError, match="at least 1"):
        StaticBook(max_vessels=0)


@pytest.mark.parametrize(
    ("mmsi", "code"),
    [
        (538_004_030, "MH"),
        (2_190_047, "DK"),
        (992_301_234, "FI"),
        (111_265_501, "SE"),
        (982_731_234, "RU"),
        (219_165_000, "DK"),
        (970_012_345, None),
        (11_388, None),
        (0, None),
        (123_456_789, None),
    ],
)
def test_the_state_in_a_number(mmsi: int, code: str | None) -> None:
    """Ships, coast stations, marks, aircraft and craft carry their MID where ITU-R M.585-9 puts it."""
    assert country(mmsi) == code


# A word of the ITU's name of the country, for the fleets and coasts that matter most here.
# fmt: off
NAMED = {
    "AL": "Albania", "DE": "Germany", "DK": "Denmark", "GB": "Kingdom", "FI": "Finland", "EE": "Estonia",
    "LV": "Latvia", "LT": "Lithuania", "PL": "Poland", "SE": "Sweden", "NO": "Norway", "RU": "Russian",
    "CN": "China", "HK": "Hong", "TW": "Taiwan", "PA": "Panama", "LR": "Liberia", "MH": "Marshall",
    "MT": "Malta", "BS": "Bahamas", "AG": "Antigua", "CK": "Cook", "SG": "Singapore", "CY": "Cyprus",
    "KM": "Comoros", "GA": "Gabon", "CM": "Cameroon", "TG": "Togo", "SL": "Sierra", "VC": "Vincent",
    "NL": "Netherlands", "KP": "People", "KR": "Korea", "US": "America", "GM": "Gambia", "IR": "Iran",
    "GR": "Greece", "TR": "Turkey", "VN": "Viet", "IN": "India", "PW": "Palau", "TZ": "Tanzania",
    "VU": "Vanuatu", "BZ": "Belize", "BB": "Barbados",
}
# fmt: on


def test_the_table_agrees_with_the_itu_list(shared_data: Path) -> None:
    """Every MID of the list has a code, and the codes looked at stand for the country named there."""
    with (shared_data / "mid.csv").open() as file:
        names = {int(row["prefix"]): row["country"] for row in csv.DictReader(file)}
    assert not set(names) - set(COUNTRY)
    assert set(COUNTRY) - set(names) <= {374, 471, 550}  # assigned later than that list
    for prefix, name in names.items():
        word = NAMED.get(COUNTRY[prefix])
        assert word is None or word in name, (prefix, name)


def test_segments_are_cut_at_gaps_only() -> None:
    """A step of exactly the gap does not cut, one longer does; no rows give no segment."""
    times = pa.array([0, 10, 20, 81, 141]).to_numpy() * SECOND_US
    assert segments(times, gap_s=60) == [slice(0, 3), slice(3, 5)]
    assert segments(times[:0], gap_s=60) == []
    with pytest.raises(ValueError, match="order"):
        segments(times[::-1], gap_s=60)
