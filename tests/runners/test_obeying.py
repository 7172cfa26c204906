"""A watch does what a person asks at the data time it has come to, wherever its stream is cut."""

from __future__ import annotations

import pickle
from collections.abc import Sequence
from itertools import pairwise

import pyarrow as pa
import pytest

from seavigil.alerts import BookParams, Command, Refused
from seavigil.records import Decoded
from seavigil.runners.live import Outcome, Watch
from tests.alerts.drafts import command
from tests.cases.judge import cable, in_order
from tests.cases.sail import sail

ASSETS = [cable((58.8, 20.5), (59.2, 20.52), asset_id="north-south", uncertainty_m=300)]
BOOK = BookParams("advisory", "advisory", 900.0, 86_400.0)


def scene() -> pa.Table:
    """Give two ships that drift over a cable, one after the other, and go on."""
    ships = [
        sail((59.0 + i / 20, 20.44), at_kn=10, every_s=30)
        .stop(for_min=1 + 40 * i)
        .on(90, for_min=5, at_kn=10)
        .drift(3.0, 80, for_min=60)
        .on(90, for_min=60, at_kn=10)
        for i in range(2)
    ]
    return in_order(*(ship.reports(mmsi=299_100_001 + i) for i, ship in enumerate(ships)))


def played(cuts: Sequence[int], commands: Sequence[tuple[int, Command]], *, stored: bool = False) -> Outcome:
    """Watch the scene cut at rows, with commands after rows; ``stored``: put away at each cut."""
    from seavigil.assets import Assets

    watch, rows, asked = Watch(Assets(ASSETS), book=BOOK), scene(), list(commands)
    edges = sorted({0, rows.num_rows, *cuts, *(at for at, _ in asked)})
    alerts, transitions = [], []
    for begin, end in pairwise(edges):
        outcomes = [watch.take(Decoded(reports=rows.slice(begin, end - begin)))]
        outcomes += [watch.obey(order) for at, order in asked if at == end]
        assert not any(outcome.faults for outcome in outcomes)
        alerts += [a for outcome in outcomes for a in outcome.alerts]
        transitions += [t for outcome in outcomes for t in outcome.transitions]
        watch = pickle.loads(pickle.dumps(watch)) if stored else watch
    last = watch.take(Decoded(), final=True)
    return Outcome(alerts=(*alerts, *last.alerts), transitions=(*transitions, *last.transitions))


@pytest.fixture(scope="module")
def opened() -> list[str]:
    """Give the ids of the alerts that open when nobody answers, in order."""
    return [t.alert_id for t in played([], []).transitions if t.what == "opened" and t.alert_id]


def test_commands_are_done_at_their_place_wherever_the_stream_is_cut(opened: list[str]) -> None:
    """One ship's alert is acknowledged, the other's silenced and closed: every line and step is the same."""
    assert len(opened) >= 2
    orders = [
        (160, command("acknowledge", opened[0])),
        (170, command("silence", None, mmsi=[299_100_002], for_s=3000)),
        (280, command("close", opened[0], outcome="harmless", command_id="done")),
    ]
    whole = played([], orders)
    cut = played([40, 150, 151, 159, 180, 300, 301, 340, 400], orders, stored=True)
    assert [repr(a) for a in cut.alerts] == [repr(a) for a in whole.alerts]
    assert cut.transitions == whole.transitions
    first = [(t.what, t.after) for t in whole.transitions if t.alert_id == opened[0]]
    assert first[-3:] == [("rose", "open"), ("acknowledge", "acknowledged"), ("close", "closed")]
    second = [(t.what, t.after) for t in whole.transitions if t.alert_id == opened[1]]
    assert second[1:4] == [("opened", "open"), ("silenced", "open"), ("rose", "open")]
    assert second[4] == ("silence_ended", "open")


def test_an_alert_that_nobody_answers_escalates_with_what_lies_ahead_of_the_ship(opened: list[str]) -> None:
    """A quarter of an hour after it opened, with the forecast of that moment."""
    found = played([], [])
    first = next(t for t in found.transitions if t.alert_id == opened[0] and t.what == "opened")
    step = next(t for t in found.transitions if t.alert_id == opened[0] and t.what == "unanswered")
    assert step.data_us - first.data_us == 900_000_000
    line = next(a for a in found.alerts if (a.alert_id, a.revision) == (opened[0], step.revision))
    assert (line.status, line.revised_at_us) == ("escalated", step.data_us)


def test_before_anything_was_heard_there_is_no_time_to_do_anything_at() -> None:
    """A command is refused in words, not taken as of the beginning of time."""
    with pytest.raises(Refused, match="nothing has been heard yet"):
        Watch().obey(command("silence", None, mmsi=[1], for_s=60))
