"""Channels from the command line: listed, tried, and what could not be brought tried anew."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from seavigil.cli.main import run
from seavigil.store.database import Database
from seavigil.store.rows import Batch, OutboxRow
from tests.alerts.channels.letters import CREATED_US, payload

SETTINGS = """
[channels.log]
kind = "file"
path = "told.ndjson"
min_priority = "info"

[channels.drills]
kind = "syslog"
url = "tcp://127.0.0.1:9"
exercises = "only"
timeout_s = 5
"""


@pytest.fixture
def watch(tmp_path: Path) -> Path:
    """Give a service's folder: two channels, one letter sent, one waiting, one given up."""
    (tmp_path / "seavigil.toml").write_text(SETTINGS)
    rows = [
        OutboxRow(f"{n}:1:log", "log", n, 1, "warning", "opened", CREATED_US, payload(n))
        for n in ("a", "b", "c")
    ]
    with Database.open(str(tmp_path)) as database:
        database.save(Batch(position=1, wall_us=CREATED_US, outbox=rows))
        database.sent("a:1:log", CREATED_US)
        database.dead("b:1:log", CREATED_US + 60_000_000, "HTTP 404")
    return tmp_path


def said(capsys: pytest.CaptureFixture[str], *arguments: object, code: int = 0) -> str:
    """Run a command; gives what it printed."""
    assert run(["channels", *map(str, arguments)]) == code
    out, err = capsys.readouterr()
    return err if code else out


def test_channels_are_listed_with_what_became_of_their_letters(
    watch: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Each with its kind and what it is told; how many wait and since when, were sent, are dead."""
    since = "2025-11-20T04:21:16Z"
    assert said(capsys, "list", "--folder", watch).splitlines() == [
        f"log: file, from info on, exercises too; 1 waiting (the oldest since {since}), 1 sent, 1 dead",
        "drills: syslog, from warning on, exercises only; 0 waiting, 0 sent, 0 dead",
    ]
    found = json.loads(said(capsys, "list", "--folder", watch, "--json"))
    assert [(one["name"], one["waiting"], one["dead"]) for one in found] == [("log", 1, 1), ("drills", 0, 0)]


def test_letters_of_a_channel_that_is_no_more_are_told(
    watch: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Whoever takes a channel out of the settings learns what it leaves behind."""
    (watch / "seavigil.toml").write_text("")
    assert said(capsys, "list", "--folder", watch).startswith("log: in no settings any more")


def test_a_channel_is_tried(watch: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The message says that it is a test, and goes where the settings say."""
    assert said(capsys, "test", "log", "--folder", watch) == "log: 1 line written\n"
    (line,) = (watch / "told.ndjson").read_text().splitlines()
    assert json.loads(line)["subject"] == "TEST TEST TEST Seavigil channel log works TEST TEST TEST"


def test_a_channel_that_does_not_work_says_why(watch: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """In one line, with whether it may pass; one that there is not is told from those there are."""
    told = said(capsys, "test", "drills", "--folder", watch, code=1)
    assert told.startswith("seavigil: channel drills: ConnectionRefusedError")
    assert "may pass" in told
    told = said(capsys, "test", "pigeon", "--folder", watch, code=1)
    assert told.endswith("no channel 'pigeon'; there are log, drills\n")


def test_settings_of_a_channel_are_checked(watch: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The table and the key that is meant are named."""
    (watch / "seavigil.toml").write_text('[channels.log]\nkind = "file"\npth = "x"\n')
    told = said(capsys, "test", "log", "--folder", watch, code=1)
    assert "[channels.log] a channel of kind file has no key 'pth'; did you mean 'path'?" in told


def test_what_was_given_up_is_listed_and_tried_anew(watch: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """With its key, what it told and why; then it waits again."""
    listed = said(capsys, "dead", "--folder", watch)
    assert listed.splitlines()[0].startswith("b:1:log  WARNING: ALDER")
    assert listed.splitlines()[1] == "    given up 2025-11-20T04:22:16Z after 1 tries: HTTP 404"
    assert json.loads(said(capsys, "dead", "--folder", watch, "--json"))[0]["why"] == "HTTP 404"
    assert said(capsys, "retry", "b:1:log", "--folder", watch) == "1 to be tried anew\n"
    assert said(capsys, "dead", "--folder", watch) == "nothing was given up\n"
    assert "no dead letter 'b:1:log'" in said(capsys, "retry", "b:1:log", "--folder", watch, code=1)
    assert said(capsys, "retry", "--all", "--folder", watch) == "0 to be tried anew\n"
    assert "say which" in said(capsys, "retry", "--folder", watch, code=1)


def test_machines_are_not_limited_unless_asked(watch: Path) -> None:
    """A limit protects people; a file takes what comes. Who sets a limit has it."""
    from seavigil.runners.lines import line_of
    from seavigil.runners.settings import read_settings

    limited = SETTINGS.replace('min_priority = "info"', "max_per_hour = 5")
    for text, most in ((SETTINGS, None), (limited, 5)):
        (watch / "seavigil.toml").write_text(text)
        table = read_settings(watch / "seavigil.toml").channels["log"]
        assert line_of("log", table, watch).pace.max_per_hour == most
    with pytest.raises(ValueError, match=r"\[channels\.a\.b\] a channel's name has"):
        line_of("a.b", table, watch)
