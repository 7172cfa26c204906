"""`seavigil store`: what it says of a store, and that it harms none."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from seavigil.records import parse_time_us
from seavigil.store.database import Database
from seavigil.store.rows import alert_row
from tests.cli.conftest import Hour, Said
from tests.store import batches

Command = Callable[..., Said]


@pytest.fixture
def watch(tmp_path: Path) -> Path:
    """Give the folder of a service that saved one batch."""
    folder = tmp_path / "watch"
    folder.mkdir()
    with Database.open(folder) as database:
        database.save(batches.full(1234))
        database.sent("a:1:hook", batches.NEW_YEAR_US)
    return folder


def test_status_in_words_and_as_json(seavigil: Command, watch: Path) -> None:
    """URL, schema, size, position and rows; the same as one JSON object."""
    said = seavigil("store", "status", watch)
    assert (said.code, said.err) == (0, "")
    lines = said.out.splitlines()
    assert lines[0] == f"sqlite:///{watch}/seavigil.sqlite"
    assert lines[1].startswith("schema 0003; 0.3 MB")
    assert lines[2] == "log saved up to record 1,234, written down at 2026-01-01T00:00:00Z"
    assert lines[3] == "letters: 1 sent"
    assert "             1  alerts" in lines
    found = json.loads(seavigil("store", "status", watch, "--json").out)
    assert (found["position"], found["rows"]["alert_revisions"]) == (1234, 1)


def test_a_store_that_is_not_there_is_an_error(seavigil: Command, tmp_path: Path) -> None:
    """No command makes a store by looking at it, and each says so in one line."""
    for command in (["status"], ["prune", "--older-than", "1d"], ["backup"]):
        name, *options = command
        to = [tmp_path / "copy"] if name == "backup" else []
        said = seavigil("store", name, tmp_path, *to, *options)
        assert (said.code, said.out) == (1, "")
        assert said.err.startswith(f"seavigil: sqlite:///{tmp_path}/seavigil.sqlite: cannot be opened")
        assert len(said.err.splitlines()) == 1
    assert list(tmp_path.iterdir()) == []


def test_no_password_is_printed(seavigil: Command) -> None:
    """A server that does not answer is told without the password that was given for it."""
    said = seavigil("store", "status", "postgresql://ops:secret@127.0.0.1:1/watch")
    assert said.code == 1
    assert said.err == "seavigil: postgresql://ops:***@127.0.0.1:1/watch: no connection to the server\n"


def test_a_copy_and_back(seavigil: Command, watch: Path, tmp_path: Path) -> None:
    """A backup restored elsewhere says the same of itself; over what is there it is refused."""
    said = seavigil("store", "backup", watch, tmp_path / "copy")
    assert (said.code, said.err) == (0, "")
    assert "1 alerts, the log up to record 1,234" in said.out
    assert seavigil("store", "restore", tmp_path / "copy", tmp_path / "new").code == 0
    was, now = (json.loads(seavigil("store", "status", f, "--json").out) for f in (watch, tmp_path / "new"))
    assert (now["rows"], now["position"]) == (was["rows"], was["position"])
    said = seavigil("store", "restore", tmp_path / "copy", watch)
    assert said.code == 1
    assert "has something in it" in said.err


def test_alerts_of_a_watch_come_back_as_they_were(seavigil: Command, hour: Hour, tmp_path: Path) -> None:
    """Every revision of every alert of the invented hour is given back as the watch printed it."""
    said = seavigil("watch", hour.nmea, "--assets", hour.assets, "--format", "ndjson")
    lines = [json.loads(line) for line in said.out.splitlines()]
    names = ("began", "ended", "detected_at", "revised_at")
    times = [{f"{n}_us": None if li[n] is None else parse_time_us(li[n]) for n in names} for li in lines]
    rows = [alert_row(li, t) for li, t in zip(lines, times, strict=True)]
    newest = {li["alert_id"]: li for li in lines}
    with Database.open(tmp_path) as database:
        database.save(batches.batch(1, alerts=rows))
        stored = {li["alert_id"]: li for li in database.alerts(limit=10_000)}
        revisions = [li for alert_id in newest for li in database.revisions(alert_id)]
        ship = newest[lines[0]["alert_id"]]["vessel"]["mmsi"]
        assert lines[0]["alert_id"] in {li["alert_id"] for li in database.alerts(mmsi=ship)}
    assert len(newest) > 5
    assert stored == newest
    in_order = sorted(lines, key=lambda li: (list(newest).index(li["alert_id"]), li["revision"]))
    assert revisions == in_order


def test_what_is_old_goes(seavigil: Command, watch: Path) -> None:
    """By age or before a time; what was taken away is counted."""
    said = seavigil("store", "prune", watch, "--before", "2026-01-01T00:00:00Z")
    assert said.out == "taken away from before 2026-01-01T00:00:00Z: nothing\n"
    said = seavigil("store", "prune", watch, "--before", "2026-01-02T00:00:00Z", "--json")
    assert json.loads(said.out)["rows"]["statements"] == 1
    assert seavigil("store", "prune", watch, "--older-than", "0s").code == 0


@pytest.mark.parametrize(
    ("options", "why"),
    [
        ((), "say either --older-than or --before"),
        (("--older-than", "1d", "--before", "2026-01-01"), "say either --older-than or --before"),
        (("--older-than", "soon"), "'soon' is no length of time; write 90d"),
        (("--older-than", "nand"), "'nand' is no length of time to look back"),
        (("--older-than", "-3d"), "'-3d' is no length of time to look back"),
        (("--before", "yesterday"), "'yesterday' is not a time"),
    ],
)
def test_times_of_no_sense(options: tuple[str, ...], why: str, seavigil: Command, watch: Path) -> None:
    """Without a time, with two, or with none that is one, nothing is taken away."""
    said = seavigil("store", "prune", watch, *options)
    assert said.code == 1
    assert why in said.err


def test_tables_go_down_only_when_it_is_meant(seavigil: Command, watch: Path) -> None:
    """Taking a store up is free; taking it down wants a word, for it loses what is in it."""
    assert seavigil("store", "migrate", watch).out.endswith("already at 0003\n")
    said = seavigil("store", "migrate", watch, "--to", "base")
    assert (said.code, "say --yes if that is meant" in said.err) == (1, True)
    said = seavigil("store", "migrate", watch, "--to", "base", "--yes")
    assert said.out.endswith("from 0003 to no tables\n")
    assert "no store of Seavigil in it" in seavigil("store", "status", watch).err
