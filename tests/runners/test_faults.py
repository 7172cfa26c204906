"""One broken ship, behaviour or step cannot stop the watch over the others."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from seavigil.assets import Assets
from seavigil.behaviours import CATALOGUE
from seavigil.records import Decoded
from seavigil.risk import assess
from seavigil.runners.facts import Facts
from seavigil.runners.live import Outcome, Watch
from tests.cases.judge import cable, in_order
from tests.cases.sail import sail

ASSETS = Assets([cable((59.5, 25.0), (60.1, 25.0))])
BROKEN, SOUND = 299_100_001, 299_100_002


def watch(catalogue: Any = CATALOGUE) -> Outcome:
    """Watch two ships that cross a cable, to the end of their data."""
    ships = [sail((59.8 + i / 100, 24.9), (59.8 + i / 100, 25.1), at_kn=12) for i in range(2)]
    reports = in_order(*(s.reports(mmsi=m) for s, m in zip(ships, (BROKEN, SOUND), strict=True)))
    return Watch(ASSETS, catalogue).take(Decoded(reports=reports), final=True)


def test_a_behaviour_that_fails_on_one_ship_is_left_alone_there() -> None:
    """The fault is told with ship, step and error; the other ship is watched as ever."""
    crossing = CATALOGUE[0]

    def score(track: Any, *rest: Any) -> Any:
        if track.mmsi == BROKEN:
            raise RuntimeError("cannot be")
        return crossing.score(track, *rest)

    outcome = watch((replace(crossing, score=score), *CATALOGUE[1:]))
    assert {(f.vessel_id, f.step, f.error) for f in outcome.faults} == {
        (str(BROKEN), "crossing", "RuntimeError: cannot be")
    }
    assert {e.mmsi for e in outcome.events} == {SOUND}


@pytest.mark.parametrize("step", ["knowledge", "alert"])
def test_facts_that_fail_on_one_ship_leave_the_other_its_alert(
    step: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What cannot be said of one ship is said of the other."""
    real = getattr(Facts, step)

    def failing(self: Facts, one: Any, *rest: Any) -> Any:
        if one.mmsi == BROKEN:
            raise RuntimeError("cannot be")
        return real(self, one, *rest)

    monkeypatch.setattr(Facts, step, failing)
    outcome = watch()
    assert {f.vessel_id for f in outcome.faults} == {str(BROKEN)}
    assert SOUND in {a.vessel.mmsi for a in outcome.alerts if a.vessel is not None}


def test_a_fault_of_all_ships_at_once_is_told_and_each_is_tried_alone(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """When the search for all ships together fails, each ship is measured by herself."""
    from seavigil.runners import ships

    def failing(*_: Any) -> Any:
        raise RuntimeError("cannot be")

    monkeypatch.setattr(ships, "near_all", failing)
    outcome = watch()
    assert ("all ships", "nearness") in {(f.vessel_id, f.step) for f in outcome.faults}
    assert {e.mmsi for e in outcome.events} == {BROKEN, SOUND}


def test_risk_that_fails_on_one_ship_leaves_the_other_its_alert(monkeypatch: pytest.MonkeyPatch) -> None:
    """A case that cannot be judged is told as a fault of its ship; the others are judged in the same step."""
    real = assess.readings

    def failing(events: Any, *rest: Any) -> Any:
        if any(event.mmsi == BROKEN for event in events):
            raise RuntimeError("cannot be")
        return real(events, *rest)

    monkeypatch.setattr(assess, "readings", failing)
    outcome = watch()
    assert {(f.vessel_id, f.step) for f in outcome.faults} == {(str(BROKEN), "risk")}
    assert {a.vessel.mmsi for a in outcome.alerts if a.vessel is not None} == {SOUND}
