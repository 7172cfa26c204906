"""A play as tables and as sentences: one truth, two ways to hear it."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pytest

from seavigil.exercises import fleet, sea
from seavigil.exercises.chance import Chance
from seavigil.exercises.fleet import Register
from seavigil.exercises.motion import Handling, Order, Passage
from seavigil.exercises.plays import perform
from seavigil.exercises.sets import SOUND, Faults, Jamming
from seavigil.exercises.traffic import Actor, Part
from seavigil.exercises.water import weather
from seavigil.feeds.formats import dma_csv, nmea
from seavigil.records import REPORTS, VESSELS, parse_time_us
from tests.feeds.cutting import feed

BEGAN_US = parse_time_us("2025-03-01T00:00:00Z")
HERE = sea.place(72.0, 3.0)


def staged(seed=1, seconds=3600, faults=SOUND, silent_s=()):
    """Give a cargo ship, a tanker and a yacht in the lane."""
    register = Register()
    lane = (HERE, sea.place(90.0, 8.0))
    part = Part("speed_change", "She slows.", 600.0, 1800.0)
    actors = [
        Actor(
            register.enter(fleet.CARGO, silent_s=silent_s),
            Passage(lane, (Order(0, 12.0), Order(600, 8.0))),
            part,
        ),
        Actor(
            register.enter(fleet.TANKER), Passage(lane[::-1], (Order(0, 15.0),), Handling(500.0, 20.0, 0.3))
        ),
        Actor(
            register.enter(fleet.PLEASURE, class_b=True, has_compass=False), Passage(lane, (Order(0, 6.0),))
        ),
    ]
    water = weather(Chance(seed), 2, gale=False)
    return perform("test", actors, seed=seed, began_us=BEGAN_US, seconds=seconds, water=water, faults=faults)


def whole(pieces):
    """Join pieces to one table of reports and one of static data."""
    parts = list(pieces)
    return pa.concat_tables(p.reports for p in parts), pa.concat_tables(p.vessels for p in parts)


def decoded(data, form):
    """Read bytes as a format does."""
    got = feed(form.open("test"), data)
    assert got.rejects.num_rows == 0
    return got.reports, got.vessels


def test_pieces_are_in_order_and_of_the_contract():
    """Tables have the schemas of `records`, times never go back, and cuts elsewhere change nothing."""
    play = staged()
    small = list(play.pieces(rows=100))
    reports, vessels = whole(small)
    assert reports.schema == REPORTS
    assert vessels.schema == VESSELS
    time_us = reports["time_us"].cast(pa.int64()).to_numpy()
    assert (np.diff(time_us) >= 0).all()
    again, vessels_again = whole(play.pieces())
    assert reports.equals(again)
    assert vessels.equals(vessels_again)
    assert all(p.reports.num_rows <= 100 for p in small)


def test_the_same_seed_gives_the_same_bytes_and_another_others():
    """Everything random comes from the seed."""
    first, second = (whole(staged(7).pieces())[0] for _ in range(2))
    assert first.equals(second)
    assert not first.equals(whole(staged(8).pieces())[0])
    assert staged(7, 600).sentences() == staged(7, 600).sentences()


def test_everything_is_marked():
    """Station, source, name and number of every row say that it is an exercise."""
    reports, vessels = whole(staged().pieces())
    assert all(s.startswith("EXERCISE-") for s in reports["station"].unique().to_pylist())
    assert reports["source"].unique().to_pylist() == ["exercise"]
    assert {m // 1_000_000 for m in reports["mmsi"].unique().to_pylist()} == {299}
    assert all(n.startswith("EXERCISE ") for n in vessels["name"].unique().to_pylist() if n is not None)


def test_tables_say_what_the_sentences_say():
    """Decoded sentences of a play and its tables hold the same fixes of each ship, field by field."""
    play = staged()
    direct, _ = whole(play.pieces())
    read, _ = decoded(play.sentences(), nmea.FORMAT)
    assert read.num_rows > 300
    fields = (
        "lat_deg",
        "lon_deg",
        "sog_kn",
        "cog_deg",
        "heading_deg",
        "nav_status",
        "msg_type",
        "transceiver",
    )

    def fixes(table):
        rows = table.to_pylist()
        return {(r["mmsi"], r["utc_second"], round(r["lat_deg"], 5)): [r[f] for f in fields] for r in rows}

    ours, theirs = fixes(direct), fixes(read)
    both = ours.keys() & theirs.keys()
    assert len(both) > 0.9 * len(theirs)
    for key in both:
        for mine, other in zip(ours[key], theirs[key], strict=True):
            assert (mine is None) == (other is None)
            assert mine is None or mine == pytest.approx(other, abs=1e-6)


def test_static_data_says_what_the_sentences_say():
    """A class A ship states all at once, a class B ship in two parts, as the decoder finds them."""
    play = staged()
    _, direct = whole(play.pieces())
    _, read = decoded(play.sentences(), nmea.FORMAT)
    own = [
        n for n in VESSELS.names if n not in {"report_id", "time_us", "time_source", "source", "offset_bytes"}
    ]

    def said(table):
        rows = (tuple(row[name] for name in own) for row in table.select(own).to_pylist())
        return set(rows)

    assert said(direct) == said(read)
    assert len(said(direct)) == 4


def test_danish_lines_are_read_by_the_danish_format():
    """`dma_rows` gives a file that the format for Danish CSV reads without a reject, each fix once."""
    play = staged(seconds=1200)
    lines = list(play.dma_rows())
    data = "\n".join(lines).encode() + b"\n"
    assert dma_csv.looks_like(data[:2000])
    reports, vessels = decoded(data, dma_csv.FORMAT)
    assert reports.num_rows == len(lines) - 1
    assert all(n.startswith("EXERCISE ") for n in vessels["name"].to_pylist())
    direct, _ = whole(play.pieces(every_s=1.0))
    assert reports["lat_deg"].to_numpy() == pytest.approx(direct["lat_deg"].to_numpy(), abs=1e-6)


def test_thinning_keeps_one_report_a_ship_and_span():
    """With every_s 60 no ship has two reports in one minute, and nothing is lost but the rest."""
    play = staged()
    thin, _ = whole(play.pieces(every_s=60.0))
    full, _ = whole(play.pieces())
    assert thin.num_rows < full.num_rows / 3
    for mmsi in thin["mmsi"].unique().to_pylist():
        own = thin.filter(pc.equal(thin["mmsi"], mmsi))
        assert len(own["payload_id"].unique()) == own.num_rows
        assert own.num_rows <= 60
    assert set(thin["payload_id"].to_pylist()) <= set(full["payload_id"].to_pylist())


def test_a_set_that_is_off_is_not_heard():
    """Between the times of her silence a ship sends nothing, neither positions nor static data."""
    off, on = 900.0, 2400.0
    reports, vessels = whole(staged(silent_s=((off, on),)).pieces())
    for table in (reports, vessels):
        own = table.filter(pc.equal(table["mmsi"], 299_000_001))
        at_s = (own["time_us"].cast(pa.int64()).to_numpy() - BEGAN_US) / 1e6
        assert not ((at_s > off + 10) & (at_s < on - 10)).any()
        assert len(at_s) > 0


def test_jamming_takes_hold_inside_its_area_and_hours_only():
    """In a jammed area accuracy is gone and some positions with it; before and after, nothing is amiss."""
    jamming = Jamming(*HERE, 40.0, 1200.0, 2400.0, sea.place(118.0, 2.0))
    reports, _ = whole(staged(faults=Faults((jamming,))).pieces())
    at_s = (reports["time_us"].cast(pa.int64()).to_numpy() - BEGAN_US) / 1e6
    accurate = reports["position_accuracy_high"].to_numpy(zero_copy_only=False)
    during = (at_s > 1210) & (at_s < 2390)
    assert not accurate[during].all()
    assert accurate[(at_s < 1190) | (at_s > 2410)].all()
    assert reports["lat_deg"].null_count < during.sum()


def test_truth_tells_parts_and_true_crossings():
    """The part is in the truth with its times; crossings lie on the ship's own track and name an asset."""
    play = staged()
    (inject,) = play.truth
    assert (inject.kind, inject.expects, inject.incident) == ("speed_change", (), None)
    assert inject.mmsis == (299_000_001,)
    assert inject.began_us == BEGAN_US + 600_000_000
    names = {asset.name for asset in sea.ASSETS}
    assert play.crossings
    for crossing in play.crossings:
        row = [s.mmsi for s in play.ships].index(crossing.mmsi)
        at_s = (crossing.crossed_at_us - BEGAN_US) / 1e6
        now = play.tracks.at(np.array([row]), np.array([at_s]))
        assert (now.place[0][0], now.place[1][0]) == pytest.approx(
            (crossing.lat_deg, crossing.lon_deg), abs=1e-6
        )
        assert crossing.asset in names
