"""Notices drawn by hand: which of them tell of one outage, and what they say together."""

from __future__ import annotations

import pytest

from seavigil.fault import Fault
from seavigil.forecast.same_fault import joined
from seavigil.records import SECOND_US, parse_time_us

AT_US = parse_time_us("2025-01-01T12:00:00Z")


def notice(name: str, after_s: float = 0.0, **more: object) -> Fault:
    """Give a notice of the cable so long after noon, known to the minute."""
    at_us = AT_US + int(after_s * SECOND_US)
    given = {"asset_id": "cable", "at_us": at_us, "noticed_us": at_us, **more}
    return Fault(name, **given)


def test_two_notices_of_one_outage_are_one() -> None:
    """Times that overlap are one fault: what both allow of the time, and the higher confidence."""
    (one,) = joined([notice("b", 60.0, confidence=0.9), notice("a", 0.0, confidence=0.4)])
    assert one.notices == ("a", "b")
    # 11:59 to 12:01 and 12:00 to 12:02 have 12:00 to 12:01 in common
    assert (one.fault.at_us, one.fault.within_s) == (AT_US + 30 * SECOND_US, 30.0)
    assert (one.fault.confidence, one.fault.noticed_us) == (0.9, AT_US + 60 * SECOND_US)


def test_best_kilometre_holds() -> None:
    """Of two kilometres that can be one place the one known best is taken, whichever came first."""
    rough, fine = notice("a", km_along=29.0, km_error=5.0), notice("b", km_along=31.0, km_error=0.5)
    (one,) = joined([rough, fine])
    assert (one.fault.km_along, one.fault.km_error) == (31.0, 0.5)
    (other,) = joined([notice("a"), fine])
    assert other.fault.km_along == 31.0


@pytest.mark.parametrize(
    ("other", "why"),
    [
        (notice("b", 121.0), "a second beyond both minutes"),
        (notice("b", asset_id="other"), "another asset"),
    ],
)
def test_other_faults_stay_apart(other: Fault, why: str) -> None:
    """Times apart, and other assets, are faults of their own."""
    assert [one.notices for one in joined([notice("a"), other])] == [("a",), ("b",)], why


def test_broken_twice_at_once() -> None:
    """Kilometres farther apart than their errors are two breaks, at whatever time."""
    both = [notice("a", km_along=10.0, km_error=1.0), notice("b", km_along=13.0, km_error=1.0)]
    assert len(joined(both)) == 2


def test_three_notices_and_a_fault_alone() -> None:
    """Any number of notices come together; one alone stays as it is."""
    alone = notice("c", 7200.0)
    told = joined([alone, notice("a"), notice("b", 5.0), notice("d", 10.0)])
    assert [one.notices for one in told] == [("a", "b", "d"), ("c",)]
    assert told[1].fault is alone
