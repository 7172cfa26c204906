"""Alerts and events as map layers: by box and time, page by page, the same of each kind of store."""

from __future__ import annotations

from dataclasses import replace
from itertools import product

import pytest

from seavigil.events import Bounds
from seavigil.store.database import Database
from seavigil.store.features import Place, Within
from seavigil.store.rows import AlertRow, Batch, EventRow, event_row
from tests.store import batches
from tests.store.batches import NEW_YEAR_US, SECOND_US
from tests.store.test_database_asking import an_event

PLACES: list[tuple[float | None, float | None]] = [
    (59.8, 25.4),
    (-17.0, 179.9),
    (-17.0, -179.9),
    (None, None),
]
ENDS_S = (None, 10, 100)


def rows() -> list[EventRow]:
    """Give events at each place, of each length, each known a second after the one before, two at a time."""
    found = []
    for n, ((lat_deg, lon_deg), end_s) in enumerate(product(PLACES, ENDS_S)):
        ended_us = None if end_s is None else NEW_YEAR_US + end_s * SECOND_US
        event = replace(
            an_event(f"e-{n}"),
            known_at_us=NEW_YEAR_US + n // 2 * SECOND_US,
            ended_us=ended_us,
            lat_deg=lat_deg,
            lon_deg=lon_deg,
        )
        found.append(event_row(event))
    return found


def alert_rows() -> list[AlertRow]:
    """Give alerts as the events are."""
    return [
        replace(
            batches.alert(f"a-{event.event_id}"),
            detected_at_us=event.known_at_us,
            ended_us=event.ended_us,
            lat_deg=event.lat_deg,
            lon_deg=event.lon_deg,
        )
        for event in rows()
    ]


@pytest.fixture
def filled(database: Database) -> Database:
    """Give a store with them all."""
    database.save(Batch(1, NEW_YEAR_US, events=rows(), alerts=alert_rows()))
    return database


def every(database: Database, within: Within, limit: int, what: str = "events") -> list[str]:
    """Turn all pages."""
    found: list[str] = []
    after: Place | None = None
    while True:
        page = getattr(database.features, what)(within, limit, after)
        found += [place[1] for place, _ in page]
        if len(page) < limit:
            return found
        after = page[-1][0]


WITHINS = [
    Within(),
    Within([Bounds(59.0, 25.0, 60.0, 26.0)]),
    Within([Bounds(-20.0, 179.0, -10.0, 180.0), Bounds(-20.0, -180.0, -10.0, -179.0)]),
    Within(from_us=NEW_YEAR_US + 50 * SECOND_US),
    Within(to_us=NEW_YEAR_US - 1),
    Within([Bounds(59.0, 25.0, 60.0, 26.0)], NEW_YEAR_US + 10 * SECOND_US, NEW_YEAR_US + 10 * SECOND_US),
]


def fits(row: EventRow, within: Within) -> bool:
    """Tell the same in plain words: no place is in every box, no end goes on."""
    lat, lon = row.lat_deg, row.lon_deg
    inside = lat is None or lon is None or not within.boxes
    for box in within.boxes:
        if lat is not None and lon is not None:
            inside |= box.south_deg <= lat <= box.north_deg and box.west_deg <= lon <= box.east_deg
    ended = row.ended_us is None or row.ended_us >= within.from_us
    return inside and ended and row.began_us <= within.to_us


@pytest.mark.parametrize("limit", [1, 5, 100])
@pytest.mark.parametrize("within", WITHINS)
def test_each_that_fits_comes_once(filled: Database, within: Within, limit: int) -> None:
    """In pages of any size, in order of the time at which it became known, then of its id."""
    wanted = [row for row in rows() if fits(row, within)]
    wanted.sort(key=lambda row: (row.known_at_us, row.event_id))
    assert every(filled, within, limit) == [row.event_id for row in wanted]
    alerts = sorted((row.known_at_us, f"a-{row.event_id}") for row in wanted)
    assert every(filled, within, limit, "alerts") == [alert_id for _, alert_id in alerts]


def test_what_is_revised_while_pages_are_turned_comes_again(filled: Database) -> None:
    """It moves to the end: who turns the pages leaves none out, and has its newest revision last."""
    first = filled.features.events(Within(), 3)
    again = replace(an_event("e-0"), revision=2, known_at_us=NEW_YEAR_US + 90 * SECOND_US)
    filled.save(Batch(2, NEW_YEAR_US + SECOND_US, events=[event_row(again)]))
    rest = filled.features.events(Within(), 100, first[-1][0])
    told = [place[1] for place, _ in [*first, *rest]]
    assert set(told) == {row.event_id for row in rows()}
    assert told[-1] == "e-0"
    assert rest[-1][1]["revision"] == 2


def test_one_event_by_its_id(filled: Database) -> None:
    """Its whole object; nothing where there is none."""
    found = filled.features.event("e-3")
    assert found is not None
    assert (found["event_id"], found["passage"]["probability_over"]) == ("e-3", 0.75)
    assert filled.features.event("none") is None
