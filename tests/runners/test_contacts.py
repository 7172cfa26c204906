"""Contacts of other sensors: the summary says how many were given, judged, and could not be."""

from __future__ import annotations

import pyarrow as pa
import pytest

from seavigil.behaviours.areas import AREA_CATALOGUE
from seavigil.normal.contacts import Contact, Contacts
from seavigil.records import MINUTE_US, Decoded
from seavigil.runners import batch
from seavigil.runners.known import Known
from tests.cases.sail import sail

#: Two hours of one ship, a report each minute; far off her nothing explains a contact.
REPORTS = sail((59.0, 20.0), at_kn=8, every_s=60).on(90, for_min=120).reports(mmsi=299_000_001)
BEGAN_US = int(REPORTS["time_us"].cast(pa.int64())[0].as_py())


def watched(
    *minutes: float, step: int = 1000, areas: tuple[str, ...] = ("unmatched_detection",)
) -> tuple[dict[str, int], int]:
    """Watch with contacts at these minutes; gives what the summary says, and how many were told of."""
    seen = [
        Contact(f"c{i}", BEGAN_US + round(m * MINUTE_US), 59.9, 20.0, 100.0) for i, m in enumerate(minutes)
    ]
    job = batch.Job(
        ["drawn"],
        known=Known(contacts=Contacts(tuple(seen))),
        areas=tuple(b for b in AREA_CATALOGUE if b.name in areas),
    )
    summary = batch.run(job, lambda _: (Decoded(reports=REPORTS.slice(i, step)) for i in range(0, 121, step)))
    return summary.as_json()["contacts"], summary.events["unmatched_detection"]


@pytest.mark.parametrize("step", [7, 1000])
def test_contacts_that_wait_in_vain_are_counted(step: int) -> None:
    """Seen five minutes before the last report it is not judged, and that is said; an hour before, it is."""
    said, told = watched(60, 115, -600, 600, step=step)
    assert said == {"given": 4, "judged": 1, "too_late": 1, "at_other_times": 2}
    assert told == said["judged"]


def test_near_miss_contacts_in_good_time_are_all_judged() -> None:
    """Up to ten minutes before the last report nothing is left over."""
    said, told = watched(0, 30, 60, 109)
    assert said == {"given": 4, "judged": 4, "too_late": 0, "at_other_times": 0}
    assert told == 4


def test_where_nobody_judges_none_is_late() -> None:
    """With the behaviour switched off contacts were given, and that is all."""
    assert watched(60, 115, areas=()) == ({"given": 2, "judged": 0, "too_late": 0, "at_other_times": 0}, 0)
