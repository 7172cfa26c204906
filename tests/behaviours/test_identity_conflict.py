"""Identity conflict: numbers, names and places that do not hold together, and slips that mean nothing."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pyarrow as pa
import pytest

from seavigil.behaviours import identity_conflict
from seavigil.behaviours.identity_conflict import letters_changed
from seavigil.callsign import imo_can_be, state_of_callsign, state_of_mmsi
from seavigil.events import Event
from seavigil.records import HOUR_US, MINUTE_US, SECOND_US, VESSELS, parse_time_us, table
from tests.cases.judge import in_order, judge
from tests.cases.sail import Sail, sail

BEHAVIOUR = identity_conflict.BEHAVIOUR
BEGIN_US = parse_time_us("2025-01-01T00:00:00Z")
SHIP, STRANGER = 219_100_001, 314_100_002


def said(*rows: tuple[float, Mapping[str, Any]], mmsi: int = SHIP) -> pa.Table:
    """Give static data heard: (minutes from the beginning, fields)."""
    names = sorted({name for _, row in rows for name in row})
    columns: dict[str, Any] = {name: [row.get(name) for _, row in rows] for name in names}
    n = len(rows)
    return table(
        VESSELS,
        {
            **columns,
            "report_id": list(range(n)),
            "time_us": [BEGIN_US + int(minutes * MINUTE_US) for minutes, _ in rows],
            "time_source": [1] * n,
            "mmsi": [mmsi] * n,
        },
    )


def passing(for_min: float = 120, at_kn: float = 10.0) -> Sail:
    """Give a ship on her way east."""
    return sail((59.5, 22.0), at_kn=at_kn, course_deg=90, every_s=30).keep_on(for_min=for_min)


def neighbour(for_min: float = 240) -> pa.Table:
    """Give a ship that lies in the same water all the time."""
    return sail((59.45, 22.1), at_kn=0.1, every_s=60).stop(for_min=for_min).reports(mmsi=230_100_009)


def codes(events: list[Event]) -> set[str]:
    """Give the codes of all reasons."""
    return {reason.code for event in events for reason in event.reasons}


def test_two_ships_on_one_number_fire_for_both() -> None:
    """Thirty miles apart in the same hour they cannot be one; each event names the other."""
    other = sail((59.0, 21.0), at_kn=12, course_deg=180, every_s=30).keep_on(for_min=120)
    both = in_order(passing().reports(mmsi=SHIP), other.reports(mmsi=SHIP))
    event = judge(BEHAVIOUR, both, neighbour())[0]
    assert codes([event]) == {"two_ships_one_mmsi"}
    assert event.others == (f"{SHIP}#2",)
    assert event.reasons[0].observed == pytest.approx(80, abs=15)  # km


def test_near_miss_two_sets_on_one_ship() -> None:
    """A second set 300 m aft under the same number (a tow, a spare antenna) is no second ship."""
    aft = sail((59.5, 21.995), at_kn=10, course_deg=90, every_s=30).keep_on(for_min=120)
    both = in_order(passing().reports(mmsi=SHIP), aft.reports(mmsi=SHIP))
    assert not judge(BEHAVIOUR, both, neighbour())


def swap(after_s: float = 60, *, heard_again: bool = False, beside_m: float = 0) -> list[pa.Table]:
    """Give the ship that begins where another ended, and that other one."""
    ended = passing(for_min=60)
    at = (ended.place[0] + beside_m / 111_400, ended.place[1])
    begins_us = ended.end_us + int(after_s * SECOND_US)
    new = sail(at, at_kn=10, course_deg=90, every_s=30, start=begins_us)
    if heard_again:
        ended = ended.silent(for_min=10).keep_on(for_min=60)
    return [new.keep_on(for_min=60).reports(mmsi=STRANGER), ended.reports(mmsi=SHIP)]


def test_a_swap_fires_once_the_other_has_stayed_silent() -> None:
    """B begins a minute after and where A ended: told a quarter of an hour later, A named."""
    opened, ended = judge(BEHAVIOUR, *swap(), neighbour())
    assert codes([opened, ended]) == {"began_where_another_ended"}
    assert opened.others == ended.others == (str(SHIP),)
    assert 15 <= (opened.known_at_us - BEGIN_US) / MINUTE_US - 61 <= 25


@pytest.mark.parametrize(
    "why", ["five minutes later", "400 m beside", "the other is heard again", "heard before", "feed began"]
)
def test_near_miss_no_swap(why: str) -> None:
    """Two ships that pass, a ship known from before, and the first minutes of a feed are no swap."""
    ships = {
        "five minutes later": swap(after_s=300),
        "400 m beside": swap(beside_m=600),
        "the other is heard again": swap(heard_again=True),
        "heard before": swap(),
        "feed began": swap(),
    }[why]
    if why == "heard before":
        before = sail((59.6, 22.0), at_kn=5, course_deg=90, every_s=30).keep_on(for_min=10)
        ships[0] = in_order(before.reports(mmsi=STRANGER), ships[0])
    if why == "feed began":
        late = BEGIN_US + 40 * MINUTE_US
        ships = [s.filter(pa.array(s["time_us"].cast(pa.int64()).to_numpy() >= late)) for s in ships]
        assert not judge(BEHAVIOUR, *ships)
        return
    assert not judge(BEHAVIOUR, *ships, neighbour())


@pytest.mark.parametrize(
    ("before", "after", "code"),
    [
        ({"imo": 9074729}, {"imo": 9319466}, "imo_changed"),
        ({"length_m": 90.0}, {"length_m": 228.0}, "length_changed"),
        ({"name": "XING SHUN 39"}, {"name": "SHUN XIN-39"}, "name_changed"),
    ],
)
def test_what_she_says_of_herself_changes_under_way(
    before: dict[str, Any], after: dict[str, Any], code: str
) -> None:
    """Another IMO number, size or name an hour into the passage is told within ten minutes, once."""
    events = judge(BEHAVIOUR, passing().reports(mmsi=SHIP), vessels=said((1, before), (60, after)))
    assert codes(events) == {code}
    assert len({e.event_id for e in events}) == 1
    assert 60 <= (events[0].known_at_us - BEGIN_US) / MINUTE_US <= 70


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ({"name": "FREJA"}, {"name": "FREYA"}),
        ({"name": "FREJA"}, {"name": "FREJA AF VISBY"}),
        ({"name": "M/V OLEUM 2"}, {"name": "MV OLEUM2"}),
        ({"length_m": 182.0}, {"length_m": 183.0}),
        ({"length_m": 12.0}, {"length_m": 18.0}),
        ({"imo": 9074729}, {"imo": 9074792}),  # one of two digits the wrong way round is no number at all
        ({"destination": "GDANSK"}, {"destination": "RIGA"}),
        ({"callsign": "OWLA6"}, {"callsign": "OWLA6 "}),
    ],
)
def test_near_miss_slips_and_corrections(before: dict[str, Any], after: dict[str, Any]) -> None:
    """A letter retyped, a title added, a metre corrected, two digits exchanged: nothing alone."""
    events = judge(BEHAVIOUR, passing().reports(mmsi=SHIP), vessels=said((1, before), (60, after)))
    assert not events


def test_near_miss_renamed_in_port() -> None:
    """A ship that lies still takes a new name by right."""
    renamed = said((1, {"name": "NORDSTJERNEN"}), (60, {"name": "BALTIC QUEEN"}))
    moored = sail((59.5, 22.0), at_kn=10, course_deg=90).stop(for_min=120, nav_status=5)
    assert not judge(BEHAVIOUR, moored.reports(mmsi=SHIP), vessels=renamed)


def test_weak_signs_fire_only_together() -> None:
    """A wrong check digit or a foreign call sign alone may be a slip; both on one ship are told."""
    wrong_imo, foreign = {"imo": 9074728}, {"callsign": "3FHE7"}
    ship = passing().reports(mmsi=SHIP)
    assert not judge(BEHAVIOUR, ship, vessels=said((1, wrong_imo)))
    assert not judge(BEHAVIOUR, ship, vessels=said((1, foreign)))
    events = judge(BEHAVIOUR, ship, vessels=said((1, wrong_imo | foreign)))
    assert codes(events) == {"imo_check_digit", "callsign_of_other_state"}
    assert events[0].ended_us is None or events[0].ended_us - events[0].began_us < HOUR_US


def test_imo_check_digit() -> None:
    """The usual example, IMO 9074729: 9x7 + 0x6 + 7x5 + 4x4 + 7x3 + 2x2 = 139, which ends in 9."""
    assert imo_can_be(9074729)
    assert not any(imo_can_be(9074720 + digit) for digit in range(9))
    assert not imo_can_be(907472)


@pytest.mark.parametrize(
    ("callsign", "mmsi"),
    [("OJQZ", 230_629_000), ("V7AB1", 538_004_030), ("9HA5678", 215_000_001), ("D5AB9", 636_000_001)],
)
def test_call_signs_of_the_state_of_the_number(callsign: str, mmsi: int) -> None:
    """Finland OF-OJ and MID 230, Marshall Islands V7 and 538, Malta 9H and 215, Liberia D5 and 636 (ITU)."""
    assert state_of_callsign(callsign) == state_of_mmsi(mmsi) is not None


def test_letters_changed_is_the_edit_distance() -> None:
    """The textbook example: kitten to sitting takes three."""
    assert letters_changed("kitten", "sitting") == 3
