"""The contract over the whole catalogue: a stream cut anywhere gives what the whole gives."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import numpy as np
import pyarrow as pa
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from seavigil.assets import Asset, Assets
from seavigil.behaviours import CATALOGUE, unmatched_detection
from seavigil.fault import Fault, Notice, Withdrawal
from seavigil.normal.contacts import Contact, Contacts
from seavigil.normal.pattern import CLASSES, COURSE_STEPS, Pattern, Tally, cells_around, sector
from seavigil.normal.watchlist import Listed, Watchlist
from seavigil.records import MINUTE_US, SECOND_US, VESSELS, Decoded, parse_time_us, table
from seavigil.risk.cases import FAULT_MATCH
from seavigil.runners.known import Known
from seavigil.runners.live import Watch
from tests.cases.judge import cable, in_order
from tests.cases.sail import Sail, sail

WIND_FARM = Asset(
    "farm",
    "farm",
    "wind_farm",
    shapely.box(20.52, 59.02, 20.56, 59.04),
    100.0,
    "given",
)
ASSETS = Assets(
    [
        cable((58.8, 20.5), (59.2, 20.52), asset_id="north-south", uncertainty_m=300),
        cable((59.0, 20.0), (59.01, 20.4), (59.0, 21.0), asset_id="east-west", uncertainty_m=20),
        WIND_FARM,
    ]
)
BEGIN_US = parse_time_us("2025-01-01T00:00:00Z")
#: A month of history in which all ships went east where the fast ship goes west.
WEST = np.unique(cells_around(np.full(9, 59.1), 19.3 + 0.1 * np.arange(9)))
EASTWARD = Tally.of((WEST * CLASSES + 1) * COURSE_STEPS + sector(np.array([90.0])), np.full(len(WEST), 600))
#: One of the ships is on a list, and a radar sees something every twenty minutes where nobody need be.
LISTED = Watchlist((Listed("one", "drawn", mmsis=(299_100_000,)),))
SEEN = Contacts(
    tuple(Contact(f"c{i}", BEGIN_US + (7 + 20 * i) * MINUTE_US, 59.04, 20.47, 150.0, "sar") for i in range(9))
)
KNOWN = Known(pattern=Pattern(days=30, ship_days=1000.0, courses=EASTWARD), watchlist=LISTED, contacts=SEEN)

#: Both cables fail now and then; of some it is known late, of one where along it that was.
BROKEN: list[Notice] = [
    Fault(
        f"f{i}",
        ("north-south", "east-west")[i % 2],
        BEGIN_US + (12 + 23 * i) * MINUTE_US,
        BEGIN_US + (12 + 23 * i + 9 * i % 40) * MINUTE_US,
        within_s=60.0 + 200.0 * (i % 3),
        km_along=22.0 if i == 2 else None,
        km_error=2.0 if i == 2 else None,
        replaces="f1" if i == 3 else None,
    )
    for i in range(8)
]
#: One is taken back while whom it names is sought, one before it came in.
BROKEN += [Withdrawal("f0", BEGIN_US + 41 * MINUTE_US), Withdrawal("f5")]

#: Up and down, two lines of a field.
MOWN = ((40, 90), (2, 0), (40, 270), (2, 0))

#: Speeds of a ship whose anchor ploughs, skips and catches, in turn.
PLOUGHED = (7.9, 7.3, 7.8, 7.1, 7.6, 8.1, 7.4, 6.9, 7.5, 7.0, 7.7, 8.0) * 3

#: On passage, and minutes later she lies there.
STOPPED = (("on", 45, 12.0, 60), ("on", 2, 6.0, 60), ("on", 10, 0.5, 60))

#: One scene that raises every behaviour.
SCENE = [
    (59.0, 20.47, 30, 0, [("on", 20, 8.0, 95), ("drift", 40, 3.0, 60), ("on", 20, 12.0, 95)]),
    (59.0, 20.51, 30, 0, [("circle", 50, 3.0, 0), ("circle", 30, 3.0, 0), ("anchor", 50, 1.0, 0)]),
    (59.0, 20.50, 30, 0, [("on", 5, 6.0, 180), ("silent", 50, 2.0, 180), ("on", 10, 6.0, 0)]),
    (59.011, 20.45, 30, 0, [("on", 150, 4.0, 95)]),
    (58.97, 20.49, 30, 0, [("on", 20, 4.5, 95), ("on", 40, 4.5, 300), ("on", 40, 4.5, 95)]),
    (58.9, 20.3, 30, 0, [("drift", 90, 0.8, 60)]),
    (58.901, 20.301, 30, 0, [("drift", 90, 0.8, 60)]),
    (58.93, 20.0, 30, 0, [("on", 90, 10.0, 95), ("on", 40, 4.0, 95)]),
    (58.9, 20.48, 30, 0, [("on", m, 4.5, c) for _ in range(3) for m, c in MOWN]),
    (58.7, 20.0, 60, 0, [("on", 100, 12.0, 60), *(("on", 4, kn, 60) for kn in PLOUGHED)]),
    (58.75, 20.9, 60, 0, [("anchor", 40, 1.0, 0), ("drift", 30, 2.5, 60), *STOPPED]),
]

#: One leg: what she does, for how many minutes, how fast, which way.
legs = st.tuples(
    st.sampled_from(["on", "drift", "circle", "stop", "anchor", "silent"]),
    st.one_of(st.integers(1, 50), st.integers(200, 500)),
    st.floats(0.5, 16),
    st.sampled_from([0, 60, 95, 180, 225, 300]),
)
ships = st.tuples(
    st.floats(58.97, 59.03),
    st.floats(20.45, 20.55),
    st.sampled_from([7, 30, 110, 400, 2500]),
    st.sampled_from([0, 2, 5]),
    st.lists(legs, min_size=1, max_size=6),
)


def draw(
    lat_deg: float, lon_deg: float, every_s: int, status: int, verbs: Sequence[tuple[str, int, float, int]]
) -> Sail:
    """Draw a ship from what hypothesis chose."""
    ship = sail((lat_deg, lon_deg), at_kn=8, every_s=every_s, nav_status=status, start=BEGIN_US)
    for verb, minutes, kn, course in verbs:
        match verb:
            case "on":
                ship = ship.on(course, for_min=minutes, at_kn=kn)
            case "drift":
                ship = ship.drift(min(kn, 4.5), course, for_min=minutes)
            case "circle":
                ship = ship.circle(250, for_min=minutes, at_kn=min(kn, 4.5))
            case "stop":
                ship = ship.stop(for_min=minutes)
            case "anchor":
                ship = ship.anchor(150, for_min=minutes)
            case _:
                ship = ship.silent(for_min=minutes)
    return ship


def spoiled(reports: pa.Table, seed: int) -> pa.Table:
    """Take positions away, make some leap, and let some come at the same moment as the one before."""
    draw = np.random.default_rng(seed)
    lat, lon = reports["lat_deg"].to_numpy().copy(), reports["lon_deg"].to_numpy().copy()
    time_us = reports["time_us"].cast(pa.int64()).to_numpy().copy()
    what = draw.choice(4, size=len(lat), p=[0.85, 0.07, 0.05, 0.03])
    lat[what == 1] = lon[what == 1] = np.nan
    lat[what == 2] += 1.0
    again = np.flatnonzero(what == 3)
    time_us[again] = time_us[np.maximum(again - 1, 0)]
    columns = {"lat_deg": lat, "lon_deg": lon, "time_us": time_us}
    for name, values in columns.items():
        at = reports.schema.get_field_index(name)
        spoilt = pa.array(values, from_pandas=True).cast(reports.schema.field(name).type)
        reports = reports.set_column(at, reports.schema.field(name), spoilt)
    return reports


def traffic(chosen: Sequence[tuple[float, float, int, int, list[tuple[str, int, float, int]]]]) -> pa.Table:
    """Give all ships' reports in order, with three that lie there all the time so that silence counts.

    The second ship's rows are spoiled; all but the third and the tenth, of whom it is asked who she is, send
    under two numbers by turns.
    """
    drawn = [draw(*one).noisy(seed=i) for i, one in enumerate(chosen)]
    sent = [s.reports(mmsi=299_100_000 + (i if i in {2, 9} else i % 2)) for i, s in enumerate(drawn)]
    sent[1:2] = [spoiled(one, seed=7) for one in sent[1:2]]
    lie = [
        sail((59.0 + 0.01 * i, 20.5), at_kn=0.2, every_s=120, start=BEGIN_US).stop(for_min=300)
        for i in range(3)
    ]
    fast = sail((59.1, 20.0), at_kn=30, every_s=30, start=BEGIN_US).on(270, for_min=40)
    lie.append(fast)
    return in_order(*sent, *(s.reports(mmsi=299_100_010 + i) for i, s in enumerate(lie)))


def told(pieces: Sequence[pa.Table]) -> list[Decoded]:
    """Give the pieces as decoded; with the first the fast ship says that she is a coaster."""
    said = {"report_id": [1], "time_us": [BEGIN_US], "time_source": [1], "mmsi": [299_100_013]}
    coaster = table(VESSELS, {**said, "ship_type": [70], "length_m": [90.0]})
    first, *rest = pieces
    return [Decoded(reports=first, vessels=coaster), *(Decoded(reports=piece) for piece in rest)]


def notified() -> Watch:
    """Open a watch that knows all and has been given the fault notices."""
    one = Watch(ASSETS, known=KNOWN)
    one.notices.notice(BROKEN)
    return one


def watch(pieces: Sequence[pa.Table]) -> tuple[list[str], list[str]]:
    """Watch the pieces one after another; gives event revisions and alert revisions as text, in order."""
    one = notified()
    outcomes = [one.take(piece) for piece in told(pieces)]
    outcomes.append(one.take(Decoded(), final=True))
    for outcome in outcomes:
        assert not outcome.faults, outcome.faults
    events = sorted(repr(e) for o in outcomes for e in o.events)
    return events, [repr(a) for o in outcomes for a in o.alerts]


@settings(max_examples=25)
@given(st.lists(ships, min_size=1, max_size=3), st.lists(st.floats(0, 1), max_size=12))
def test_cut_anywhere_is_the_whole(
    chosen: list[tuple[float, float, int, int, list[tuple[str, int, float, int]]]], cuts: list[float]
) -> None:
    """Events and alerts, every field and their order, do not depend on where the stream was cut."""
    reports = traffic(chosen)
    edges = sorted({0, reports.num_rows, *(int(c * reports.num_rows) for c in cuts)})
    pieces = [reports.slice(a, b - a) for a, b in pairwise(edges)]
    assert watch(pieces) == watch([reports])


@settings(max_examples=6)
@given(st.lists(ships, min_size=1, max_size=2), st.integers(1, 100))
def test_report_by_report_is_the_whole(
    chosen: list[tuple[float, float, int, int, list[tuple[str, int, float, int]]]], seconds: int
) -> None:
    """Even in pieces of seconds, as a live feed brings them."""
    reports = traffic(chosen)
    second = reports["time_us"].cast(pa.int64()).to_numpy() // (seconds * SECOND_US)
    edges = [
        0,
        *(np.flatnonzero(np.diff(second)) + 1)[:: max(1, len(second) // 300)].tolist(),
        reports.num_rows,
    ]
    pieces = [reports.slice(a, b - a) for a, b in pairwise(edges)]
    assert watch(pieces) == watch([reports])


def later(reports: pa.Table, by_us: int) -> pa.Table:
    """Give the same ships once more so much later; no report is one of the first."""
    columns = {"time_us": reports["time_us"].cast(pa.int64()).to_numpy() + by_us}
    for name in ("report_id", "payload_id"):
        columns[name] = reports[name].to_numpy() + np.uint64(1)
    for name, values in columns.items():
        at = reports.schema.get_field_index(name)
        kind = reports.schema.field(name)
        reports = reports.set_column(at, kind, pa.array(values).cast(kind.type))
    return reports


@pytest.mark.parametrize("silent_h", [30, 60, 200])
def test_a_feed_that_was_silent_for_days_is_cut_anywhere_too(silent_h: int) -> None:
    """What went on when the feed fell silent ends at the first report after it, in one piece or in many."""
    scene = traffic(SCENE)
    early = scene["time_us"].cast(pa.int64()).to_numpy() < BEGIN_US + 88 * MINUTE_US
    before, after = scene.filter(pa.array(early)), later(scene, silent_h * 60 * MINUTE_US)
    whole, first = pa.concat_tables([before, after]), before.num_rows
    edges = [0, first // 2, first, first + 1, first + 20, first + 200, first + 900, whole.num_rows]
    pieces = [whole.slice(a, b - a) for a, b in pairwise(edges)]
    assert watch(pieces) == watch([whole])


def test_a_ship_gone_for_days_is_cut_anywhere_too() -> None:
    """She is forgotten by the hours in which others were heard, not by where the stream was cut."""
    lie = [
        sail((59.0 + 0.01 * i, 20.5), at_kn=0.2, every_s=170, start=BEGIN_US).stop(for_min=66 * 60)
        for i in range(3)
    ]
    legs = [("on", 20, 8.0, 95), ("drift", 40, 3.0, 60)]
    gone = [
        draw(59.0, 20.47 + 0.01 * i, 30, 0, [*legs, ("silent", (49 + 4 * i) * 60, 1.0, 0), *legs])
        for i in range(4)
    ]
    reports = in_order(*(s.reports(mmsi=299_100_010 + i) for i, s in enumerate([*lie, *gone])))
    edges = np.linspace(0, reports.num_rows, 60).astype(int).tolist()
    pieces = [reports.slice(a, b - a) for a, b in pairwise(edges)]
    assert watch(pieces) == watch([reports])


def renamed(minutes: range, ahead_min: int) -> pa.Table:
    """Give static data: the ship says another name each minute, dated so far ahead."""
    said = {"time_us": [BEGIN_US + (m + ahead_min) * MINUTE_US for m in minutes]}
    said |= {"mmsi": [299_100_000 + ahead_min % 2] * len(minutes), "name": [f"NAME {m}" for m in minutes]}
    return table(VESSELS, said | {"report_id": list(minutes), "time_source": [1] * len(minutes)})


@pytest.mark.parametrize("every_min", [7, 60])
def test_static_data_of_a_wrong_clock_change_no_alert(
    every_min: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Rows from years ahead are let go of in a stream of pieces and not in the whole: both say the same."""
    monkeypatch.setattr("seavigil.runners.facts._MAX_TO_COME", 90)
    reports = traffic(SCENE)
    minute = (reports["time_us"].cast(pa.int64()).to_numpy() - BEGIN_US) // MINUTE_US

    def said(step: int) -> tuple[list[str], int]:
        one = Watch(ASSETS, known=KNOWN)
        outcomes = []
        for begin in range(0, int(minute.max()) + 1, step):
            its = range(begin, min(begin + step, int(minute.max()) + 1))
            vessels = pa.concat_tables([renamed(its, 0), renamed(its, 5_000_001)])
            rows = reports.filter(pa.array((minute >= begin) & (minute < begin + step)))
            outcomes.append(one.take(Decoded(reports=rows, vessels=vessels)))
        outcomes.append(one.take(Decoded(), final=True))
        dropped = sum(outcome.counts["static_too_far_ahead"] for outcome in outcomes)
        return [repr(a) for o in outcomes for a in o.alerts], dropped

    (cut, many), (whole, _) = said(every_min), said(10_000)
    assert cut == whole
    assert many > 0
    assert any("NAME" in alert for alert in whole)


@settings(max_examples=20)
@given(st.lists(ships, min_size=1, max_size=2), st.integers(5, 200))
def test_nothing_looks_ahead(
    chosen: list[tuple[float, float, int, int, list[tuple[str, int, float, int]]]], minutes: int
) -> None:
    """A recording that ends at a time gives just the revisions that the whole gave until then."""
    reports = traffic(chosen)
    until_us = BEGIN_US + minutes * MINUTE_US
    early = reports.filter(pa.array(reports["time_us"].cast(pa.int64()).to_numpy() <= until_us))
    last_us = max(early["time_us"].cast(pa.int64()).to_pylist())

    def known(rows: pa.Table) -> list[str]:
        one = notified()
        outcomes = [*map(one.take, told([rows])), one.take(Decoded(), final=True)]
        return [repr(a) for o in outcomes for a in o.alerts if a.revised_at_us <= last_us]

    assert known(early) == known(reports)


def test_the_drawn_traffic_raises_every_behaviour() -> None:
    """The suite would prove nothing if its traffic raised nothing: one scene has all behaviours."""
    one = notified()
    outcomes = [*map(one.take, told([traffic(SCENE)])), one.take(Decoded(), final=True)]
    seen = {e.behaviour for o in outcomes for e in o.events}
    assert seen == {b.name for b in (*CATALOGUE, unmatched_detection.BEHAVIOUR)} | {FAULT_MATCH}


@pytest.mark.parametrize("behaviour", CATALOGUE, ids=lambda b: b.name)
def test_every_behaviour_states_its_contract(behaviour: object) -> None:
    """Parameters are frozen values, so that an event's id can name them."""
    params = behaviour.params  # type: ignore[attr-defined]
    with pytest.raises(AttributeError):
        params.anything = 1
    assert hash(params) == hash(type(params)())
