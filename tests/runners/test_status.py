"""What is wrong with a service is told in one place: what a restart mends, what makes it blind, the rest."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from seavigil.records import SECOND_US
from seavigil.runners.status import (
    STATUS_FILE,
    Failing,
    OutboxStatus,
    StatusSnapshot,
    live,
    problems,
    read_status,
    ready,
    write_status,
)
from seavigil.runners.told import status_json, status_of
from tests.runners.statuses import COAST, MUTE, NOW_US, WELL, but


def test_all_well_is_no_problem() -> None:
    """A service that hears, judges, keeps and tells has nothing to say of itself."""
    assert problems(WELL, NOW_US + 5 * SECOND_US) == []


@pytest.mark.parametrize(
    ("status", "code", "severity"),
    [
        (but(judge={"alive": False, "why": "KeyError: 'x'"}), "judge_ended", "dead"),
        (but(judge={"idle_s": 121.0}), "judge_stalled", "dead"),
        (but(judge={"lag_s": 61.0}), "judge_lags", "unready"),
        (but(log={"writable": False, "why": "disk full"}), "log_not_writable", "unready"),
        (but(log={"free_bytes": 1 << 20}), "disk_nearly_full", "warning"),
        (but(store={"writable": False, "why": "locked"}), "store_not_writable", "unready"),
        (but(feeds=()), "no_feed", "unready"),
        (but(assets=0), "no_assets", "warning"),
        (but(feeds=(COAST, MUTE)), "feed_dead", "warning"),
        (but(feeds=(replace(COAST, state="clock_off", why="1 h behind"),)), "feed_troubled", "warning"),
        (but(failing=(Failing("hook", NOW_US, "HTTP 503"),)), "channel_fails", "warning"),
        (but(outbox={"dead": 2}), "dead_letters", "warning"),
        (but(outbox={"waiting": 3, "oldest_s": 601.0}), "outbox_waits", "warning"),
        (but(faults=1), "step_faults", "warning"),
        (but(faults=2, faults_of_all=2), "judge_failed", "warning"),
        (but(judge={"failing": 1, "fails_by": "facts: KeyError"}), "judge_fails", "unready"),
        (but(judge={"failing": 9, "unjudged": 9, "unjudged_s": 299.0}), "judge_fails", "unready"),
        (but(judge={"failing": 9, "unjudged": 9, "unjudged_s": 300.0}), "judge_fails", "dead"),
    ],
)
def test_one_thing_wrong_is_one_problem(status: StatusSnapshot, code: str, severity: str) -> None:
    """Each has its code and how bad it is; only what a restart may mend is told to whoever restarts."""
    (found,) = problems(status)
    assert (found.code, found.severity) == (code, severity)
    assert bool(live(status)) == (severity == "dead")
    assert bool(ready(status)) == (severity != "warning")


@pytest.mark.parametrize(
    "status",
    [
        but(judge={"idle_s": 119.0, "lag_s": 59.0}),
        but(outbox=OutboxStatus(waiting=5, oldest_s=599.0)),
        but(log={"free_bytes": None}),
        but(assets=1),
        but(assets=None),
        but(feeds=(replace(COAST, state="ended"),)),
    ],
)
def test_near_misses(status: StatusSnapshot) -> None:
    """A little behind, a little late, or not known: that is no problem."""
    assert problems(status) == []


def test_all_feeds_dead_is_blind() -> None:
    """The worst comes first, then each feed with what it says of itself."""
    found = problems(but(feeds=(MUTE,)))
    assert [p.code for p in found] == ["all_feeds_dead", "feed_dead"]
    assert found[1].words == "feed sky is mute: connected, but nothing came since 2026-11-22T13:58:00Z"


def test_a_channel_that_fails_is_said_at_once() -> None:
    """Since when, and what it said last: whoever looks knows that alerts do not arrive."""
    (found,) = problems(but(failing=(Failing("hook", NOW_US, "http://127.0.0.1:9: ConnectError"),)))
    assert found.words == "channel hook fails since 2026-11-22T14:00:00Z: http://127.0.0.1:9: ConnectError"


def test_an_old_status_is_that_of_a_service_that_is_gone() -> None:
    """Half a minute without a new one: it is not running, whatever the old one said."""
    (found,) = problems(WELL, NOW_US + 31 * SECOND_US)
    assert (found.code, found.severity) == ("not_running", "dead")


def test_it_is_read_as_it_was_written(tmp_path: Path) -> None:
    """The file in the folder gives the same snapshot; without one there is none."""
    status = but(feeds=(COAST, MUTE), failing=(Failing("hook", NOW_US, "HTTP 503"),))
    assert read_status(tmp_path) is None
    write_status(tmp_path, status)
    assert read_status(tmp_path) == status


def test_what_the_web_tells_is_read_back() -> None:
    """Nothing of it is lost on the way: `seavigil status` asks a service whose disk is full."""
    status = but(feeds=(COAST, MUTE), failing=(Failing("hook", NOW_US, "HTTP 503"),), assets=3)
    assert status_of(json.loads(json.dumps(status_json(status)))) == status
    with pytest.raises(ValueError, match="no status of this version"):
        status_of({"feeds": 1})


@pytest.mark.parametrize("text", ["", "[]", "null", "{}", json.dumps(WELL.as_json() | {"judge": {"x": 1}})])
def test_a_file_that_is_none_is_said_to_be(tmp_path: Path, text: str) -> None:
    """Whatever is in it: one line that names the file."""
    (tmp_path / STATUS_FILE).write_text(text)
    with pytest.raises(ValueError, match=STATUS_FILE.replace(".", r"\.")):
        read_status(tmp_path)
