"""An operator's rules: read with care, applied until they expire, tried before they go live."""

from __future__ import annotations

import tomllib
from dataclasses import fields

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from seavigil.behaviours import CATALOGUE
from seavigil.behaviours.areas import AREA_CATALOGUE
from seavigil.normal.contacts import Contact, Contacts
from seavigil.records import MINUTE_US, Decoded, parse_time_us
from seavigil.runners import batch
from seavigil.runners.known import Known
from seavigil.runners.rules import Rules, apply, read_rules
from seavigil.runners.trial import trial
from tests.cases.sail import sail

KNOWN = {b.name: b for b in (*CATALOGUE, *AREA_CATALOGUE)}
NOW_US = parse_time_us("2026-01-01T00:00:00Z")
DRIFT_OFF = "[drifting]\nenabled = false"


def rules(text: str) -> Rules:
    """Read rules from TOML."""
    return read_rules(tomllib.loads(text), KNOWN)


def test_a_rule_changes_a_parameter_and_nothing_else() -> None:
    """The other behaviours, and the catalogue that everybody else uses, stay as they are."""
    ruled = apply(rules("[drifting]\nmin_sog_kn = 1.5"), CATALOGUE, NOW_US)
    changed = {b.name for b, was in zip(ruled, CATALOGUE, strict=True) if b != was}
    assert changed == {"drifting"}
    assert next(b for b in ruled if b.name == "drifting").params.min_sog_kn == 1.5


def test_a_longer_window_keeps_rows_for_longer() -> None:
    """Twice the window needs twice the history, or a stream cut in pieces would judge less than the whole."""
    drifting = next(b for b in CATALOGUE if b.name == "drifting")
    [longer] = apply(
        rules(f"[drifting]\nway_window_s = {2 * drifting.params.way_window_s}"), (drifting,), NOW_US
    )
    assert longer.history_s >= 2 * drifting.history_s


def test_a_behaviour_can_be_switched_off_and_capped() -> None:
    """Off is out of the catalogue; a cap is handed to risk."""
    read = rules('[loitering]\nenabled = false\n[gone_dark]\nat_most = "info"')
    assert "loitering" not in {b.name for b in apply(read, CATALOGUE, NOW_US)}
    assert read.caps(NOW_US) == {"gone_dark": "info"}


@pytest.mark.parametrize(
    "written", ["expires = 2025-12-31", 'expires = "2025-12-31T12:00:00Z"', "expires = 2026-01-01T00:00:00Z"]
)
def test_an_expired_rule_is_said_and_ignored(written: str) -> None:
    """A rule made for one storm must not outlive it unseen; at its very moment it no longer holds."""
    read = rules(f"[loitering]\nenabled = false\n{written}")
    assert apply(read, CATALOGUE, NOW_US) == CATALOGUE
    assert read.expired(NOW_US)[0].startswith("rule for loitering expired at 202")


def test_near_miss_a_rule_that_expires_tomorrow_holds() -> None:
    """The file's own date holds for tables without one."""
    read = rules("expires = 2026-01-02\n[loitering]\nenabled = false")
    assert len(apply(read, CATALOGUE, NOW_US)) == len(CATALOGUE) - 1
    assert not read.expired(NOW_US)


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("[drfting]", "did you mean drifting"),
        ("[drifting]\nmax_sog = 3", "did you mean max_sog_kn"),
        ("[drifting]\nmax_sog_kn = 'fast'", "must be like 5.0"),
        ("[drifting]\nmax_sog_kn = nan", "must be like 5.0"),
        ("[drifting]\nmax_sog_kn = true", "must be like 5.0"),
        ("[drifting]\nat_most = 'loud'", "info, advisory, warning, urgent"),
        ("[drifting]\nenabled = 'no'", "must be true or false"),
        ("[drifting]\nexpires = 'soon'", "must be a date or a time"),
        ("drifting = 3", "must be a table"),
        ("[drifting]\nwindow_s = -5", "drifting.window_s must be more than 0"),
        ("[drifting]\nwindow_s = 0", "drifting.window_s must be more than 0"),
        ("[drifting]\nwindow_s = 1e300", "drifting.window_s must be .*at most a year"),
        ("[drifting]\nmin_sog_kn = -1", "drifting.min_sog_kn must be 0 or more"),
        ("[drifting]\nmin_sog_kn = 6", "drifting.min_sog_kn .6. must be less than drifting.max_sog_kn"),
        ("[drifting]\nmax_sog_kn = inf", "drifting.max_sog_kn must be like 5.0, not inf"),
        ("[drifting]\nmin_split_deg = 270", "drifting.min_split_deg must be at most 180"),
        ("[drifting]\nshare = 1.5", "drifting.share must be at most 1"),
        ("[loitering]\nwithin_m = 0", "loitering.within_m must be more than 0"),
        ("[coverage_lost]\nsilent_bins = 0", "coverage_lost.silent_bins must be more than 0"),
        ("[dragging_at_anchor]\nwindows_s = [900, nan]", "dragging_at_anchor.windows_s must be numbers"),
        ("[dragging_at_anchor]\nwindows_s = [-5]", "dragging_at_anchor.windows_s must be each more than 0"),
        ("[dragging_at_anchor]\nrungs = [4, 2, 1]", "dragging_at_anchor.rungs must rise from above 0.5"),
        ("[repeated_crossing]\nrungs = [0.3, 1, 2, 3]", "repeated_crossing.rungs must rise from above 0.5"),
        ("[anchor_drag_under_way]\narrival_nats = [1, 2]", "anchor_drag_under_way.arrival_nats must be like"),
    ],
)
def test_what_cannot_be_meant_is_refused_with_what_can(written: str, said: str) -> None:
    """The officer learns what to write instead."""
    with pytest.raises(ValueError, match=said):
        rules(written)


def test_near_miss_the_defaults_and_limits_of_none_are_taken() -> None:
    """What the watch goes by may be written out without a change; no least speed at all is a wish, too."""
    for name, behaviour in KNOWN.items():
        written = {f.name: getattr(behaviour.params, f.name) for f in fields(behaviour.params)}
        numbers = {k: v for k, v in written.items() if isinstance(v, int | float | tuple)}
        table = {k: list(v) if isinstance(v, tuple) else v for k, v in numbers.items()}
        read = read_rules({name: table}, KNOWN)
        assert apply(read, CATALOGUE, NOW_US) == CATALOGUE
        assert apply(read, AREA_CATALOGUE, NOW_US) == AREA_CATALOGUE
    [drifting] = rules("[drifting]\nmin_sog_kn = 0\nshare = 1").rules
    assert drifting.params == {"min_sog_kn": 0.0, "share": 1.0}


@pytest.mark.parametrize(
    ("text", "nothing"), [("", True), ("[drifting]\nwhy = 'x'", True), (DRIFT_OFF, False)]
)
def test_a_file_without_a_setting_changes_nothing(text: str, nothing: bool) -> None:
    """An empty file and one of mere remarks are alike; one switch makes the difference."""
    assert rules(text).change_nothing is nothing


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.dates() | st.datetimes(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=5,
)
TABLES = st.dictionaries(
    st.sampled_from(["max_sog_kn", "window_s", "enabled", "at_most", "expires", "why", "x"]), VALUES
)


@given(st.dictionaries(st.sampled_from(["drifting", "loitering", "expires", "y"]), TABLES | VALUES))
def test_any_file_is_read_or_refused_with_words(content: dict[str, object]) -> None:
    """Whatever TOML may hold: rules, or one clear refusal."""
    try:
        read = read_rules(content, KNOWN)
    except ValueError:
        read = Rules()
    assert len(apply(read, CATALOGUE, NOW_US)) <= len(CATALOGUE)


def test_a_trial_shows_what_vanishes_and_changes_nothing() -> None:
    """A ship adrift is told of; with drifting switched off over the same recording she is not."""
    ship = sail((59.0, 20.0), at_kn=8, every_s=30).on(90, for_min=20).drift(3, 60, for_min=60)
    reports = ship.reports(mmsi=299_000_001)
    job = batch.Job(["drawn"])
    tried = trial(
        job,
        lambda _: iter([Decoded(reports=reports)]),
        rules("[drifting]\nenabled = false"),
        NOW_US,
        batch.Hooks(),
    ).as_json()
    assert {c["change"] for c in tried["changes"]} == {"vanishes"}
    assert tried["alerts"]["before"]["info"] == 1
    assert sum(tried["alerts"]["after"].values()) == 0
    assert 80 / 1440 <= tried["ship_days"] <= 90 / 1440
    assert tried["per_1000_ship_days"]["before"]["info"] == pytest.approx(1000 / tried["ship_days"], rel=0.02)


def test_other_parameters_that_find_the_same_change_nothing() -> None:
    """An alert found with another limit has another id but is the same alert."""
    ship = sail((59.0, 20.0), at_kn=8, every_s=30).on(90, for_min=20).drift(3, 60, for_min=60)
    decoded = Decoded(reports=ship.reports(mmsi=299_000_001))
    tried = trial(
        batch.Job(["drawn"]),
        lambda _: iter([decoded]),
        rules("[drifting]\nmin_sog_kn = 0.9"),
        NOW_US,
        batch.Hooks(),
    )
    assert {a.alert_id for a in tried.before.alerts.values()} != {
        a.alert_id for a in tried.after.alerts.values()
    }
    assert tried.changes() == []


def test_areas_that_change_are_told_apart() -> None:
    """Two contacts whose alerts vanish are named each; found again with another limit they are the same."""
    ship = sail((59.0, 20.0), at_kn=8, every_s=30).on(90, for_min=20).drift(3, 60, for_min=60)
    reports = ship.reports(mmsi=299_000_001)
    seen_us = int(reports["time_us"].cast(pa.int64())[0].as_py()) + 20 * MINUTE_US
    seen = tuple(Contact(f"c{i}", seen_us, 59.5 + i / 10, 20.0, 100.0) for i in range(2))
    job = batch.Job(["drawn"], known=Known(contacts=Contacts(seen)))

    def areas(of_contacts: str) -> set[str | None]:
        changed = rules(f"{DRIFT_OFF}\n[unmatched_detection]\n{of_contacts}")
        tried = trial(job, lambda _: iter([Decoded(reports=reports)]), changed, NOW_US, batch.Hooks())
        return {None if c["area"] is None else c["area"]["area_id"] for c in tried.as_json()["changes"]}

    assert areas("enabled = false") == {None, "contact:c0", "contact:c1"}
    assert areas("ship_m = 190") == {None}
