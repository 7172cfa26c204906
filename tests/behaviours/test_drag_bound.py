"""No row's drag score is above what is said of all ships' rows at once."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from seavigil.behaviours import anchor_drag_under_way as drag
from seavigil.behaviours.drag_bound import Limits, most_nats
from seavigil.behaviours.drag_evidence import BIN_US, KEPT_SHARE, EvidenceParams, _slow, evidence, most
from seavigil.behaviours.surroundings import Surroundings
from seavigil.normal.bins import COLUMNS, Log, ship_key
from seavigil.records import SECOND_US

PARAMS = drag.AnchorDragParams()
LIMITS = Limits(PARAMS.window_s, PARAMS.order_nats, PARAMS.most_bow_nats)
FIRST_MMSI = 299_000_000
SEEDS = st.integers(0, 10_000)


def one_log(draw: np.random.Generator, mmsi: int, bins: int, from_us: int = 0) -> dict[str, np.ndarray]:
    """Draw the log of a ship that is steady, drags, turns and, some, stops or is not heard, for some bins."""
    stops, known_from = draw.random() < 0.5, draw.choice([0, 12])
    mood = np.repeat(draw.choice([0, 1, 2, 3, 5, *[4] * stops], bins // 8 + 1), 8)[:bins]
    steps = np.where(draw.random(bins) < 0.02 * stops, draw.integers(2, 20, bins), 1)
    start_us = from_us + np.cumsum(steps) * BIN_US
    rough = np.where((mood == 2) | (mood == 3), 4.0, 1.0)
    pace = np.array([1.0, 1.0, 0.6, 0.8, 0.2, 1.02])[mood]
    own_kn = draw.uniform(6, 18)
    sog_kn = np.maximum(own_kn * (pace + 0.02 * rough * draw.normal(size=bins)), 0.0)

    def seldom(value: float, usual: np.ndarray, share: float = 0.05) -> np.ndarray:
        return np.where(draw.random(bins) < share, value, usual)

    columns = {name: draw.random(bins) for name in COLUMNS}
    return columns | {
        "ship": np.full(bins, ship_key(mmsi, 0)),
        "start_us": start_us,
        "visible_us": start_us + BIN_US + 30 * SECOND_US,
        "first_us": start_us,
        "last_us": start_us + BIN_US - SECOND_US,
        "reports": np.full(bins, 30),
        "last_report_id": np.arange(bins).astype(np.uint64),
        "sog_kn": seldom(np.nan, sog_kn, 0.01),
        "cog_deg": seldom(60.0, np.full(bins, 30.0)),
        "cog_spread_deg": rough * draw.uniform(0.3, 1.5, bins),
        "bow_off_deg": rough * draw.normal(size=bins),
        "nav_status": seldom(1.0, np.zeros(bins), 0.02 * stops),
        "transceiver": seldom(1.0, np.zeros(bins), 0.02),
        "swing_kn": rough * draw.uniform(0.1, 0.5, bins),
        "step_kn": seldom(np.nan, rough * draw.uniform(0.0, 0.3, bins)),
        "own_sog_kn": np.where(
            np.arange(bins) < known_from, np.nan, seldom(np.nan, np.full(bins, own_kn), 0.02)
        ),
        "own_bins": np.full(bins, 50.0),
        "own_swing_kn": np.full(bins, 0.3),
        "own_step_kn": np.full(bins, 0.15),
        "own_cog_spread_deg": np.full(bins, 0.8),
        "own_bow_off_deg": np.zeros(bins),
        "peers": seldom(np.nan, draw.integers(0, 5, bins).astype(float)),
        "peers_sog_share": seldom(np.nan, draw.uniform(0.8, 1.1, bins), 0.3),
        "peers_swing_share": seldom(np.nan, draw.uniform(0.8, 1.5, bins), 0.3),
        "place_ships": np.zeros(bins),
        "place_slow_ships": seldom(3.0, np.zeros(bins)),
    }


def many_logs(seed: int, ships: int = 6) -> Log:
    """Draw the log of several ships, by ship and bin, some longer than the window of ten hours.

    Each is first heard when the one before was last, so that only their numbers tell their rows apart.
    """
    draw = np.random.default_rng(seed)
    drawn: list[dict[str, np.ndarray]] = []
    for ship in range(ships):
        from_us = int(drawn[-1]["start_us"][-1]) if drawn else 0
        drawn.append(one_log(draw, FIRST_MMSI + ship, int(draw.integers(3, 260)), from_us))
    return Log(**{name: np.concatenate([one[name] for one in drawn]) for name in COLUMNS})


def each_ship(log: Log) -> Iterator[tuple[int, np.ndarray]]:
    """Give each ship's number and rows."""
    for key in np.unique(log.ship).tolist():
        yield key // 256, np.flatnonzero(log.ship == key)


def weathers(rows: int, seed: int) -> np.ndarray:
    """Draw what weather leaves a ship of her speed; seldom all but nothing, or nothing is known."""
    draw = np.random.default_rng(seed + 1)
    share = draw.uniform(0.2, 1.1, rows)
    return np.where(draw.random(rows) < 0.1, np.nan, np.where(draw.random(rows) < 0.02, 0.01, share))


@settings(deadline=None, max_examples=30)
@given(SEEDS)
def test_of_many_ships_at_once_each_has_the_terms_she_has_alone(seed: int) -> None:
    """Without weather the bounds of the terms are the terms, and no ship's rows touch another's."""
    log = many_logs(seed)
    terms = most(log, PARAMS.evidence, weather=False)
    for _, rows in each_ship(log):
        alone = evidence(log.rows(rows), np.full(len(rows), np.nan), PARAMS.evidence)
        for name in ("slow", "unsteady", "bow", "ends"):
            np.testing.assert_array_equal(getattr(terms, name)[rows], getattr(alone, name))


@settings(deadline=None, max_examples=30)
@given(SEEDS)
def test_whatever_the_weather_no_term_is_above_its_bound(seed: int) -> None:
    """Weather lowers what is to be expected: it may excuse a slowdown, and a stop may be none."""
    log = many_logs(seed)
    terms = most(log, PARAMS.evidence, weather=True)
    for ship, rows in each_ship(log):
        alone = evidence(log.rows(rows), weathers(len(rows), seed + ship), PARAMS.evidence)
        for name in ("slow", "unsteady", "bow"):
            assert (getattr(terms, name)[rows] >= getattr(alone, name)).all(), name
        assert not (terms.ends[rows] & ~alone.ends).any()


@pytest.mark.parametrize("weather", [False, True])
@settings(deadline=None, max_examples=30)
@given(seed=SEEDS)
def test_no_score_is_above_its_bound(weather: bool, seed: int) -> None:
    """Every row of every ship, weighed with places unknown, against its bound among all ships' rows."""
    log = many_logs(seed)
    bound = most_nats(log, np.arange(len(log)), LIMITS, PARAMS.evidence, weather=weather)
    with pytest.MonkeyPatch.context() as patch:
        if weather:
            patch.setattr(drag, "weather_share", lambda hers, mmsi, *_: weathers(len(hers), seed + mmsi))
        for mmsi, rows in each_ship(log):
            hers = log.rows(rows)
            asked, around = np.ones(len(hers), np.bool_), Surroundings(log=log)
            judged = drag._judge(hers, mmsi, 0, asked, around, PARAMS)
            assert judged is None or (judged.score <= bound[rows]).all()


@settings(deadline=None, max_examples=20)
@given(SEEDS)
def test_a_bound_is_the_same_whichever_rows_are_asked_for(seed: int) -> None:
    """Only some rows are asked for when a bin closes; what they rest on is found all the same."""
    log = many_logs(seed)
    every = most_nats(log, np.arange(len(log)), LIMITS, PARAMS.evidence, weather=False)
    some = np.flatnonzero(np.random.default_rng(seed).random(len(log)) < 0.02)
    np.testing.assert_array_equal(most_nats(log, some, LIMITS, PARAMS.evidence, weather=False), every[some])


def test_the_bound_tells_drags_from_steady_ships() -> None:
    """Of drawn logs some rows may score, and of a ship that only goes on none: so work is spared."""
    logs = [many_logs(seed) for seed in range(5)]
    bounds = [most_nats(log, np.arange(len(log)), LIMITS, PARAMS.evidence, weather=False) for log in logs]
    assert (np.concatenate(bounds) >= PARAMS.rungs[0]).any()
    columns = one_log(np.random.default_rng(1), FIRST_MMSI, 200)
    steady = {"sog_kn": 12.0, "own_sog_kn": 12.0, "cog_deg": 30.0, "cog_spread_deg": 0.5, "swing_kn": 0.2}
    log = Log(**(columns | {name: np.full(200, value) for name, value in steady.items()}))
    assert (most_nats(log, np.arange(200), LIMITS, PARAMS.evidence, weather=False) < PARAMS.rungs[0]).all()


def test_a_ship_that_keeps_her_speed_is_never_said_to_be_slow() -> None:
    """What the bound in weather rests on: at 0.97 of the speed to be expected, or more, nothing does."""
    residual = np.concatenate([np.linspace(np.log(KEPT_SHARE), 5.0, 200_001), [50.0, np.inf]])
    assert (_slow(residual, EvidenceParams()) <= 0).all()
