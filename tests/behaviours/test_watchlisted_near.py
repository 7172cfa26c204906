"""Watchlisted near: ships on a list, near an asset; and namesakes, strangers and those far off."""

from __future__ import annotations

from typing import Any

import pyarrow as pa
import pytest

from seavigil.behaviours import watchlisted_near
from seavigil.normal.watchlist import Listed, MatchedBy, Watchlist
from seavigil.records import MINUTE_US, VESSELS, parse_time_us, table
from seavigil.vessel import Static
from tests.cases.judge import cable, judge
from tests.cases.sail import sail

BEHAVIOUR = watchlisted_near.BEHAVIOUR
BEGIN_US = parse_time_us("2025-01-01T00:00:00Z")
SHIP = 518_100_001
CABLE = cable((59.0, 22.3), (60.0, 22.3))
LIST = Watchlist(
    (Listed("q1", "list.csv", ("EAGLE S",), imo=9329760, mmsis=(SHIP,), callsigns=("E5U4497",)),)
)


def said(after_min: float = 1, **fields: Any) -> pa.Table:
    """Give one message of static data."""
    columns = {"report_id": [1], "time_us": [BEGIN_US + int(after_min * MINUTE_US)], "time_source": [1]}
    return table(VESSELS, {**columns, "mmsi": [SHIP], **{name: [value] for name, value in fields.items()}})


def passing(at_kn: float = 12.0) -> pa.Table:
    """Give a ship that crosses the cable after some 50 minutes at 12 kn."""
    return sail((59.5, 22.0), at_kn=at_kn, course_deg=90, every_s=30).keep_on(for_min=90).reports(mmsi=SHIP)


def test_a_listed_ship_is_told_while_within_a_mile_of_the_cable() -> None:
    """It begins and ends a nautical mile (and the cable's 50 m) off, and weighs little."""
    opened, ended = judge(BEHAVIOUR, passing(), assets=[CABLE], watchlist=LIST, vessels=said(imo=9329760))
    assert opened.asset_id == "cable"
    assert opened.reasons[0].code == "listed_by_imo"
    assert max(r.weight for r in ended.reasons) <= 1
    assert ended.ended_us is not None
    within_min = (ended.ended_us - ended.began_us) / MINUTE_US
    assert within_min == pytest.approx(2 * (1852 + 50) / 1852 / 12 * 60, abs=1)
    assert ended.distance_m == pytest.approx(0, abs=100)


def test_a_slow_listed_ship_says_so() -> None:
    """Going there at 4 kn is a reason more."""
    reports = sail((59.5, 22.2), at_kn=4, course_deg=90, every_s=30).keep_on(for_min=90).reports(mmsi=SHIP)
    ended = judge(BEHAVIOUR, reports, assets=[CABLE], watchlist=LIST, vessels=said(imo=9329760))[-1]
    assert "listed_and_slow" in {r.code for r in ended.reasons}


@pytest.mark.parametrize("why", ["not listed", "far from the cable", "identity heard after she had passed"])
def test_near_misses(why: str) -> None:
    """A ship on no list, one that stays away, and one whose name came too late: nothing is told."""
    other = Watchlist((Listed("q2", "list.csv", ("SOMEBODY",), imo=9074729),))
    by_imo = Watchlist((Listed("q1", "list.csv", ("EAGLE S",), imo=9329760),))
    listed = {"not listed": other}.get(why, by_imo)
    assets = [cable((59.0, 25.0), (60.0, 25.0))] if why == "far from the cable" else [CABLE]
    late = said(80, imo=9329760) if "after" in why else said(imo=9329760)
    assert not judge(BEHAVIOUR, passing(), assets=assets, watchlist=listed, vessels=late)


@pytest.mark.parametrize(
    ("ship", "by"),
    [
        (Static(999, imo=9329760), MatchedBy.IMO),
        (Static(SHIP), MatchedBy.MMSI),
        (Static(999, name="Eagle-S", callsign="e5u 4497"), MatchedBy.NAME_AND_CALLSIGN),
        (Static(999, name="EAGLE S", callsign="XXXX"), MatchedBy.NAME),
        (Static(SHIP, imo=9074729, name="EAGLE S"), None),
        (Static(999, name="EAGLE"), None),
    ],
)
def test_matching_goes_by_number_first_and_never_against_the_imo_number(
    ship: Static, by: MatchedBy | None
) -> None:
    """IMO number, then MMSI, then name with call sign, then name; another IMO number is another ship."""
    match = LIST.match(ship)
    assert (match.by if match else None) == by
