"""Pages of alerts as they stood: held against a plain reading of all revisions, on both databases."""

from __future__ import annotations

import random
from collections.abc import Mapping
from typing import Any

import pytest

from seavigil.events import Bounds
from seavigil.records import MINUTE_US, parse_time_us, rfc3339
from seavigil.store.database import Database
from seavigil.store.reading import Wanted
from seavigil.store.rows import Batch, alert_row

BEGAN_US = parse_time_us("2025-11-20T00:00:00Z")
STATES, PRIORITIES = ("open", "acknowledged", "closed"), ("info", "advisory", "warning")
BEHAVIOURS, ASSETS = ("crossing", "drifting", "loitering"), ("link-1", "link-2", "pipe-3")


def revisions(chance: random.Random, alerts: int) -> list[dict[str, Any]]:
    """Give revisions of alerts, each later than the one before, with whatever else by chance."""
    told = []
    for n in range(alerts):
        at_us = detected_us = BEGAN_US + chance.randrange(0, 200) * MINUTE_US
        for number in range(1, chance.randrange(2, 6)):
            lon_deg = chance.choice((-179.5, 10.0, 179.5))
            told.append(
                {
                    "alert_id": f"a{n:03d}",
                    "revision": number,
                    "status": chance.choice(STATES),
                    "priority": chance.choice(PRIORITIES),
                    "behaviours": chance.sample(BEHAVIOURS, chance.randrange(1, 3)),
                    "vessel": None if chance.random() < 0.2 else _ship(265_000_000 + n % 5),
                    "other_vessels": [_ship(265_000_009)] if chance.random() < 0.2 else [],
                    "assets": [{"asset_id": a} for a in chance.sample(ASSETS, chance.randrange(0, 3))],
                    "position": None if chance.random() < 0.2 else {"lat_deg": 58.0, "lon_deg": lon_deg},
                    "event_ids": [],
                    "detected_at": rfc3339(detected_us),
                    "revised_at": rfc3339(at_us),
                }
            )
            at_us += chance.randrange(1, 60) * MINUTE_US
    return told


def _ship(mmsi: int) -> dict[str, Any]:
    return {"mmsi": mmsi, "vessel_id": str(mmsi), "name": None}


def save(database: Database, lines: list[dict[str, Any]]) -> None:
    """Write revisions into a store."""
    rows = []
    for line in lines:
        detected_us, revised_us = (parse_time_us(line[k]) for k in ("detected_at", "revised_at"))
        times = {"began_us": detected_us, "detected_at_us": detected_us, "revised_at_us": revised_us}
        rows.append(alert_row(line, {**times, "ended_us": None}))
    database.save(Batch(1, BEGAN_US, alerts=rows))


def every(database: Database, wanted: Wanted, limit: int, **more: Any) -> list[str]:
    """Give the ids of all pages; each but the last is full."""
    found: list[str] = []
    after = None
    while True:
        page, after = database.pages.page(wanted, limit, after, **more)
        found += [line["alert_id"] for line in page]
        if after is None:
            return found
        assert len(page) == limit


WANTED = (
    Wanted(),
    Wanted(states=("open",)),
    Wanted(priorities=("warning", "advisory")),
    Wanted(behaviours=("drifting",)),
    Wanted(asset="link-2"),
    Wanted(mmsi=265_000_001),
    Wanted(mmsi=265_000_009),
    Wanted(since_us=BEGAN_US + 90 * MINUTE_US),
    Wanted(until_us=BEGAN_US + 90 * MINUTE_US),
    Wanted(box=Bounds(57.0, 9.0, 59.0, 11.0)),
    Wanted(box=Bounds(57.0, 179.0, 59.0, -179.0)),
    Wanted(states=("open", "closed"), behaviours=("crossing",), asset="link-1"),
)


def plainly(lines: list[dict[str, Any]], wanted: Wanted, at_us: int) -> list[str]:
    """Give what a page holds, by reading everything."""
    newest: dict[str, dict[str, Any]] = {}
    for line in lines:
        if parse_time_us(line["revised_at"]) <= at_us:
            newest[line["alert_id"]] = line
    found = [line for line in newest.values() if _wanted(line, wanted)]
    found.sort(key=lambda line: (-parse_time_us(line["detected_at"]), line["alert_id"]))
    return [line["alert_id"] for line in found]


def _wanted(line: Mapping[str, Any], wanted: Wanted) -> bool:
    ships = {v["mmsi"] for v in (line["vessel"], *line["other_vessels"]) if v}
    place = line["position"]
    inside = wanted.box is None or (
        place is not None
        and (abs(place["lon_deg"]) > 179 if wanted.box.west_deg > 11 else place["lon_deg"] == 10)
    )
    return (
        (wanted.states is None or line["status"] in wanted.states)
        and (wanted.priorities is None or line["priority"] in wanted.priorities)
        and (wanted.behaviours is None or not set(wanted.behaviours).isdisjoint(line["behaviours"]))
        and (wanted.asset is None or wanted.asset in {a["asset_id"] for a in line["assets"]})
        and (wanted.mmsi is None or wanted.mmsi in ships)
        and (wanted.since_us is None or parse_time_us(line["revised_at"]) >= wanted.since_us)
        and (wanted.until_us is None or parse_time_us(line["detected_at"]) < wanted.until_us)
        and inside
    )


def test_pages_are_what_stood(database: Database) -> None:
    """At any moment, for any filter and any size of page, the alerts are those of a plain reading."""
    chance = random.Random(7)
    lines = revisions(chance, 60)
    save(database, lines)
    for wanted in WANTED:
        for minute in (-1, 0, 45, 120, 199, 1_000):
            at_us = BEGAN_US + minute * MINUTE_US
            assert every(database, wanted, 7, at_us=at_us) == plainly(lines, wanted, at_us), (wanted, minute)
        assert every(database, wanted, 7) == plainly(lines, wanted, BEGAN_US * 2), wanted


def test_more_than_is_read_at_once(database: Database) -> None:
    """Pages go on over the portions in which rows are read, with most of them withheld."""
    lines = revisions(random.Random(1), 450)
    save(database, lines)

    def seen(line: Mapping[str, Any]) -> dict[str, Any] | None:
        return dict(line) if int(line["alert_id"][1:]) % 50 == 3 else None

    for at_us in (None, BEGAN_US + 300 * MINUTE_US):
        found = every(database, Wanted(), 2, at_us=at_us, seen=seen)
        assert sorted(found) == [f"a{n:03d}" for n in range(3, 450, 50)]


def test_one_alert_as_it_stood(database: Database) -> None:
    """One alert is given in its newest revision by then, and not before its first."""
    lines = revisions(random.Random(3), 1)
    save(database, lines)
    for line in lines:
        found = database.pages.as_of("a000", parse_time_us(line["revised_at"]))
        assert found is not None
        assert found["revision"] == line["revision"]
    first_us = parse_time_us(lines[0]["revised_at"])
    assert database.pages.as_of("a000", first_us - 1) is None
    assert database.pages.as_of("a001", first_us) is None


def test_where_it_went_on_is_gone(database: Database) -> None:
    """A page that goes on after an alert that was pruned says so."""
    with pytest.raises(ValueError, match="may have been pruned"):
        database.pages.page(Wanted(), 5, "a999", at_us=BEGAN_US)
