"""`seavigil log`: a raw log listed, checked, written out and pruned, also while it is written."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from seavigil.store.rawlog import RawLog
from seavigil.store.rawlog_segments import read_seal, segments
from tests.cli.conftest import Said
from tests.store.logs import data, feed, small, written

Command = Callable[..., Said]


@pytest.fixture
def service(tmp_path: Path) -> Path:
    """Give the folder of a service with a log of 200 records."""
    written(tmp_path / "log", [feed(1, "coast"), *(data(n) for n in range(1, 200))])
    return tmp_path


def test_list(seavigil: Command, service: Path) -> None:
    """A line a segment; the open one is not counted. The service's folder does as well as the log's."""
    said = seavigil("log", "list", service)
    assert said.code == 0
    there = segments(service / "log")
    lines = said.out.splitlines()
    assert [line.split()[:2] for line in lines[:-1]] == [[s.name, "sealed"] for s in there[:-1]]
    assert "2025-11-20T04:00:00Z to 2025-11-20T04:00:" in lines[0]
    assert lines[-1].split()[:2] == [there[-1].name, "open"]
    assert said.err.startswith(f"{len(there)} segments, ")
    assert seavigil("log", "list", service / "log").out == said.out


def test_list_as_json(seavigil: Command, service: Path) -> None:
    """The same, a JSON object a line, with the digest of each seal."""
    rows = [json.loads(line) for line in seavigil("log", "list", service, "--json").out.splitlines()]
    seals = [read_seal(s) for s in segments(service / "log")[:-1]]
    assert [row["digest"] for row in rows] == [*(seal.digest for seal in seals), None]
    assert [row["records"] for row in rows] == [*(seal.records for seal in seals), None]
    assert rows[0]["began"] == "2025-11-20T04:00:00Z"


def test_verify(seavigil: Command, service: Path) -> None:
    """Nothing wrong: exit code 0 and a digest. Something wrong: 2, and what, on stderr."""
    said = seavigil("log", "verify", service)
    digest = read_seal(segments(service / "log")[-2]).digest
    count = len(segments(service / "log"))
    assert said.code == 0
    assert said.out.splitlines() == [
        f"{count} segments, 200 records: nothing is lost or changed",
        f"digest of the newest seal: {digest}",
    ]
    second = segments(service / "log")[1]
    second.zst_path.write_bytes(b"")
    said = seavigil("log", "verify", service)
    assert said.code == 2
    assert f"{second.name}: its bytes are not those that were sealed" in said.err
    told = json.loads(seavigil("log", "verify", service, "--json").out)
    assert told["sound"] is False
    assert told["findings"][0]["segment"] == second.name


def test_export(seavigil: Command, service: Path) -> None:
    """What the feed sent, in a file that other commands take; never over one that is there."""
    arguments = ("log", "export", service, "--feed", "coast", "--out", service / "coast.nmea")
    said = seavigil(*arguments, "--from", "2025-11-20T04:00:10Z", "--to", "2025-11-20T04:00:12Z")
    assert (said.code, said.err) == (0, "")
    assert (service / "coast.nmea").read_bytes() == data(10).payload + data(11).payload
    said = seavigil(*arguments)
    assert (said.code, said.err) == (
        1,
        f"seavigil: {service / 'coast.nmea'} is there already; nothing was written\n",
    )
    (service / "coast.nmea").unlink()
    told = json.loads(seavigil(*arguments, "--json").out)
    assert (told["records"], told["lost"]) == (199, [])


def test_export_says_what_is_lost(seavigil: Command, service: Path) -> None:
    """Exit code 2, the records by number; the rest is written."""
    second, third = segments(service / "log")[1:3]
    second.zst_path.unlink()
    said = seavigil("log", "export", service, "--feed", "coast", "--out", service / "out")
    assert said.code == 2
    assert f"records {second.first_seq} to {third.first_seq - 1} cannot be read" in said.err
    assert (service / "out").stat().st_size > 0


def test_prune(seavigil: Command, service: Path) -> None:
    """The oldest go, as many as it says; a second time nothing does."""
    before = segments(service / "log")
    said = seavigil("log", "prune", service, "--keep", "365d", "--keep-bytes", "2kB")
    assert said.code == 0
    gone = len(before) - len(segments(service / "log"))
    assert gone > 1
    assert said.out.startswith(f"{gone} segments removed, ")
    assert said.out.endswith(f"records 1 to {segments(service / 'log')[0].first_seq - 1}\n")
    assert seavigil("log", "prune", service, "--keep-bytes", "2kB").out == "0 segments removed, 0 bytes\n"
    assert seavigil("log", "verify", service).code == 0


def test_prune_as_json(seavigil: Command, service: Path) -> None:
    """One object for each segment that went."""
    first = segments(service / "log")[0]
    lines = seavigil("log", "prune", service, "--keep", "0s", "--json").out.splitlines()
    assert json.loads(lines[0])["first_seq"] == first.first_seq


def test_beside_a_service(seavigil: Command, tmp_path: Path) -> None:
    """Every command works while the log is written, and what is still needed stays."""
    with RawLog(tmp_path / "log", small()) as log:
        log.append([feed(1, "coast")])
        for n in range(1, 200):
            log.append([data(n)])
        assert log.settle()
        log.keep_from(1)
        assert seavigil("log", "prune", tmp_path, "--keep", "0s").out.startswith("0 segments")
        log.keep_from(200)
        assert not seavigil("log", "prune", tmp_path, "--keep", "0s").out.startswith("0 segments")
        assert seavigil("log", "list", tmp_path).code == 0
        assert seavigil("log", "verify", tmp_path).code == 0
        said = seavigil("log", "export", tmp_path, "--feed", "coast", "--out", tmp_path / "out")
        assert (said.code, said.err) == (0, "")
        log.append([data(200)])
        assert log.notices() == []


@pytest.mark.parametrize(
    ("arguments", "why"),
    [
        (("list",), "no raw log is there"),
        (("verify",), "no raw log is there"),
        (("export", "--feed", "x", "--out", "out"), "no raw log is there"),
        (("prune", "--keep", "1d"), "no raw log is there"),
        (("prune",), "say what to keep"),
        (("prune", "--keep", "soon"), "'soon' is no length of time; write 12h, 30d or 4w"),
        (("prune", "--keep-bytes", "much"), "'much' is no size; write 500MB, 100GB or 2TB"),
        (("export", "--feed", "x", "--out", "out", "--from", "noon"), "'noon' is not a time"),
    ],
)
def test_errors_are_one_line(seavigil: Command, tmp_path: Path, arguments: tuple[str, ...], why: str) -> None:
    """Exit code 1, one line that says what is wrong."""
    said = seavigil("log", arguments[0], tmp_path, *arguments[1:])
    assert (said.code, said.err.count("\n")) == (1, 1)
    assert why in said.err
