"""The summary counts what was given: what was heard, when nothing was, and what was turned away."""

from __future__ import annotations

import shapely

from seavigil.assets import Asset, Assets
from seavigil.cli.output import rejected_words
from seavigil.records import SECOND_US, Decoded, Reject, rejects_table, rfc3339
from seavigil.runners.live import Outcome
from seavigil.runners.summary import QUIET_S, Summary
from tests.tracks.rows import T0_US, Row, reports, track


def heard(*rows: Row, assets: Assets | None = None) -> Summary:
    """Give the summary of these reports, watched in one piece."""
    summary = Summary(assets=assets)
    summary.watched(Outcome(reports=track(reports(rows))))
    return summary


def test_silences_are_left_out_of_the_hours() -> None:
    """Two hours with a silence of one in between are one hour covered, and the silence is told."""
    minutes = [*range(31), *range(90, 121)]
    summary = heard(*((299_000_001, 60.0 * m, 59.0, 20.0, 0.0) for m in minutes))
    assert summary.hours_covered == 1.0
    told = summary.as_json()
    assert told["hours_covered"] == 1.0
    assert [(q["from"], q["to"]) for q in told["quiet"]] == [
        (rfc3339(T0_US + 1_800 * SECOND_US), rfc3339(T0_US + 5_400 * SECOND_US))
    ]


def test_a_pause_is_no_silence() -> None:
    """Up to QUIET_S without a report nothing is said, also from one piece to the next."""
    summary = Summary()
    for at in (0, QUIET_S, 2 * QUIET_S + 1):
        summary.watched(Outcome(reports=track(reports([(299_000_001, float(at), 59.0, 20.0, 0.0)]))))
    assert [(b - a) / SECOND_US for a, b in summary.quiet] == [QUIET_S + 1]


def test_what_cannot_be_read_at_all_is_said_to_be_so() -> None:
    """Pieces of bytes in no known format are no share of anything."""
    summary = Summary()
    garbage = [Reject(0, "unknown_format", b"\x00", "these bytes match no known format")] * 3
    summary.read(Decoded(rejects=rejects_table(garbage, "feed")))
    (said,) = summary.shortfalls
    assert said.startswith("nothing of what came could be read: is it in another format")
    assert (
        rejected_words("unknown_format", 3) == "3 pieces of up to 64 KiB in no known format (unknown_format)"
    )


def test_vessels_with_and_without_a_position() -> None:
    """A ship that sends no position is a vessel, but not one with a position."""
    summary = heard((299_000_001, 0.0, 59.0, 20.0, 5.0), (299_000_002, 1.0, None, None, 5.0))
    assert (summary.reports, len(summary.vessels), len(summary.vessels_with_position)) == (2, 2, 1)
    assert summary.flags == {"no_position": 1}


def test_assets_where_nothing_was_heard() -> None:
    """An asset far from every report is one where the watch is blind."""
    lines = {"here": [(20.0, 59.0), (20.1, 59.0)], "far": [(10.0, 57.0), (10.1, 57.0)]}
    assets = Assets(
        [Asset(n, n, "power_cable", shapely.LineString(li), 50.0, "given") for n, li in lines.items()]
    )
    assert heard((299_000_001, 0.0, 59.0, 20.05, 5.0), assets=assets).unheard_assets() == ["far"]
    assert heard((299_000_001, 0.0, 59.0, 20.05, 5.0)).unheard_assets() == []


def test_limit_of_rejects() -> None:
    """One reject in twenty passes, more than that does not; a source left out never does."""
    rows = reports([(299_000_001, float(i), 59.0, 20.0, 5.0) for i in range(95)])

    def told(rejected: int) -> Summary:
        summary = Summary()
        rejects = rejects_table([Reject(i, "checksum", b"x") for i in range(rejected)])
        summary.read(Decoded(reports=rows, rejects=rejects))
        return summary

    assert told(5).rejects == {"checksum": 5}
    assert not told(5).shortfalls
    assert told(6).shortfalls
    left_out = told(0)
    left_out.unreadable["a.nmea"] = "a.nmea: empty"
    assert left_out.shortfalls


def test_nothing_at_all() -> None:
    """No input, no numbers: nothing is divided by nothing."""
    summary = Summary()
    assert summary.hours_covered == 0.0
    assert summary.as_json()["began"] is None
    assert not summary.shortfalls
