"""Inquiries on request: one at a time, each once, let go of in good order, never in silence."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
import shapely

from seavigil.assets import Asset, Assets
from seavigil.fault import Fault
from seavigil.records import parse_time_us
from seavigil.risk import Policy
from seavigil.runners import inquiries
from seavigil.runners.inquiries import Busy, Inquiries
from seavigil.runners.known import Known
from seavigil.runners.plan import Plan
from seavigil.runners.priors import prior_rates
from seavigil.store.database import Database
from seavigil.store.days import DayFiles
from seavigil.store.inquiries import InquiryRow

NOW_US = parse_time_us("2025-11-21T00:00:00Z")
AT = "2025-11-20T04:21:00Z"


def plan() -> Plan:
    """Give a plan with one cable."""
    link = Asset(
        "link-1", "Link 1", "power_cable", shapely.LineString([(25.0, 59.0), (25.0, 60.0)]), 50.0, "given"
    )
    return Plan(Assets([link]), Known(), Policy(prior_rates()), "plan")


@dataclass
class Held(Inquiries):
    """Inquiries that wait until they are let go, and then find what they were asked."""

    let_go: threading.Event = field(default_factory=threading.Event)
    begun: int = 0
    at_once: int = 0
    most_at_once: int = 0

    def _inquire(self, row: InquiryRow, fault: Fault) -> dict[str, Any]:
        self.begun += 1
        self.at_once += 1
        self.most_at_once = max(self.most_at_once, self.at_once)
        while not self.let_go.wait(0.005):
            self._on(row, 1, 4)
        self.at_once -= 1
        if fault.within_s == 13.0:
            raise RuntimeError("thirteen")
        return {"within_s": fault.within_s}


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    """Give an empty store."""
    with Database.open(tmp_path) as opened:
        yield opened


@pytest.fixture
def held(tmp_path: Path, database: Database) -> Iterator[Held]:
    """Give inquiries that wait."""
    found = Held(DayFiles(tmp_path), database.inquiries, plan(), lambda: NOW_US, lambda: NOW_US)
    yield found
    found.let_go.set()
    found.stop()


def ask(of: Inquiries, within_s: int = 60) -> str:
    """Ask about the cable; each length of time is another inquiry."""
    return of.ask({"asset": "Link 1", "at": AT, "within": f"{within_s}s"}, "kai")


def ended(of: Inquiries, inquiry_id: str) -> InquiryRow:
    """Wait for an inquiry's end."""
    until_s = time.monotonic() + 20.0
    while (found := of.found(inquiry_id)) is not None and found[1] is not None:
        assert time.monotonic() < until_s
        time.sleep(0.005)
    assert found is not None
    return found[0]


def test_one_at_a_time(held: Held) -> None:
    """Others wait for their turn; how far each is can be asked meanwhile."""
    names = [ask(held, s) for s in (60, 61, 62)]
    assert len(set(names)) == 3
    until_s = time.monotonic() + 20.0
    while held.found(names[0]) is None or _progress(held, names[0]) != 0.25:
        assert time.monotonic() < until_s
        time.sleep(0.005)
    assert _progress(held, names[2]) == 0.0
    held.let_go.set()
    results = [ended(held, name) for name in names]
    assert [row.state for row in results] == ["done"] * 3
    assert [row.result for row in results] == [{"within_s": s} for s in (60.0, 61.0, 62.0)]
    assert held.most_at_once == 1


def _progress(held: Held, name: str) -> float | None:
    found = held.found(name)
    assert found is not None
    return found[1]


def test_the_same_is_held_once(held: Held) -> None:
    """While it runs and when it is done, the same question is the same inquiry."""
    first = ask(held)
    assert ask(held) == first
    held.let_go.set()
    ended(held, first)
    assert ask(held) == first
    assert held.begun == 1


def test_more_data_are_another_inquiry(held: Held, database: Database, tmp_path: Path) -> None:
    """Two hours after the fault one minute more of data may tell more; four hours after it no more can."""

    def at(as_of: str) -> str:
        held.as_of_us = lambda: parse_time_us(as_of)
        return held._id(Fault("fault", "link-1", parse_time_us(AT), parse_time_us(AT)))

    assert at("2025-11-20T06:21:00Z") != at("2025-11-20T06:22:00Z")
    assert at("2025-11-20T08:21:00Z") == at("2025-11-20T08:22:00Z")


def test_what_fails_ends_no_other(held: Held) -> None:
    """One that fails in a way nobody foresaw says so, can be asked again, and the next is held."""
    broken, next_one = ask(held, 13), ask(held, 60)
    held.let_go.set()
    row = ended(held, broken)
    assert (row.state, row.error) == ("failed", "it failed: RuntimeError: thirteen")
    assert ended(held, next_one).state == "done"
    assert ask(held, 13) == broken
    assert ended(held, broken).state == "failed"
    assert held.begun == 3


def test_too_many_wait(held: Held, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever asks when too many wait is told so; what is known already is given all the same."""
    monkeypatch.setattr(inquiries, "MOST_WAITING", 2)
    first, _ = ask(held, 60), ask(held, 61)
    with pytest.raises(Busy, match="2 inquiries wait"):
        ask(held, 62)
    assert ask(held, 60) == first


def test_the_end_of_the_watch(held: Held, database: Database, tmp_path: Path) -> None:
    """What runs is let go of at once; whoever asks after it later is told that it was cut off."""
    name = ask(held)
    held.stop()
    assert held._thread is not None
    assert not held._thread.is_alive()
    later = Held(DayFiles(tmp_path), database.inquiries, plan(), lambda: NOW_US, lambda: NOW_US)
    found = later.found(name)
    assert found is not None
    assert (found[0].state, found[1]) == ("failed", None)
    assert "cut off" in (found[0].error or "")
    later.let_go.set()
    assert ask(later) == name
    assert ended(later, name).state == "done"
    later.stop()


@pytest.mark.parametrize(
    ("told", "says"),
    [
        ({"asset": "Link 9", "at": AT}, "no asset has the id or name"),
        ({"asset": "Link 1", "at": "now"}, "is not a time"),
        ({"asset": "Link 1", "at": AT, "km_along": 4_000}, "beyond Link 1"),
    ],
)
def test_what_makes_no_sense_is_refused(held: Held, told: Mapping[str, Any], says: str) -> None:
    """Nothing is begun of it."""
    with pytest.raises(ValueError, match=says):
        held.ask(told, "kai")
    assert held.begun == 0


def test_without_assets(tmp_path: Path, database: Database) -> None:
    """A fault is one of an asset: where none are watched there is nothing to ask."""
    bare = Plan(None, Known(), Policy(prior_rates()), "plan")
    found = Inquiries(DayFiles(tmp_path), database.inquiries, bare, lambda: NOW_US, lambda: NOW_US)
    with pytest.raises(ValueError, match="no assets are watched"):
        ask(found)
    found.stop()


def test_nothing_is_stored(tmp_path: Path, database: Database) -> None:
    """Of hours that were not kept nobody can tell who was there: said in words."""
    found = Inquiries(DayFiles(tmp_path), database.inquiries, plan(), lambda: NOW_US, lambda: NOW_US)
    row = ended(found, ask(found))
    assert (row.state, row.error) == ("failed", f"nothing is stored of the hours about {AT}")
    found.stop()
