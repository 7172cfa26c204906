"""The file: every alert once, on the disk before it counts, whatever happens in between."""

from __future__ import annotations

import errno
import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from seavigil.alerts.channels import PassingFailure, channel_of
from seavigil.alerts.channels.compose import digest_of, trial
from seavigil.alerts.channels.contract import Message
from tests.alerts.channels.letters import CREATED_US, exercise, message, payload, run, tools


def file_of(folder: Path) -> Any:
    """Give a channel that writes into a folder: as after a start, without memory."""
    return channel_of("file", {"path": "out/alerts.ndjson"}, tools(folder), str)


def write(folder: Path, *told: Message) -> list[str]:
    """Send messages through a new channel; gives what it said of each."""
    channel = file_of(folder)
    return [run(lambda one=one: channel.send(one)).says for one in told]


def lines(folder: Path) -> list[dict[str, Any]]:
    """Read the file."""
    return [json.loads(line) for line in (folder / "out" / "alerts.ndjson").read_text().splitlines()]


def test_each_alert_is_a_line_with_its_key(tmp_path: Path) -> None:
    """A message of two alerts is two lines, each whole by itself."""
    assert write(tmp_path, message(payload("a"), payload("b", 2))) == ["2 lines written"]
    assert [line["key"] for line in lines(tmp_path)] == ["a:1:x", "b:2:x"]
    assert [line["alerts"][0]["alert_id"] for line in lines(tmp_path)] == ["a", "b"]
    assert "What:     drifting, crossed" in lines(tmp_path)[0]["text"]


def test_the_same_key_is_never_written_twice(tmp_path: Path) -> None:
    """Sent again by the same program, or by the next one after a crash, folded otherwise or not: one line."""
    assert write(tmp_path, message(payload("a")), message(payload("a"))) == [
        "1 line written",
        "written before",
    ]
    assert write(tmp_path, message(payload("a"))) == ["written before"]
    assert write(tmp_path, message(payload("a"), payload("b"))) == ["1 line written"]
    assert [line["key"] for line in lines(tmp_path)] == ["a:1:x", "b:1:x"]


def test_another_revision_is_another_line(tmp_path: Path) -> None:
    """Near miss: the same alert with more to tell."""
    write(tmp_path, message(payload("a", 1)), message(payload("a", 2)))
    assert [line["key"] for line in lines(tmp_path)] == ["a:1:x", "a:2:x"]


@pytest.mark.parametrize("cut", [1, 20, 500])
def test_a_torn_line_is_written_anew(tmp_path: Path, cut: int) -> None:
    """Power fails while a line is written: what is left of it is cut off, and the line comes again, whole."""
    write(tmp_path, message(payload("a")), message(payload("b")))
    path = tmp_path / "out" / "alerts.ndjson"
    whole = path.read_bytes()
    first = whole.split(b"\n")[0] + b"\n"
    path.write_bytes(first + whole[len(first) : -1 - cut])
    assert write(tmp_path, message(payload("b"))) == ["1 line written"]
    assert path.read_bytes() == whole


def test_a_line_without_its_end_is_kept(tmp_path: Path) -> None:
    """Near miss: only the line end is missing, as an editor may leave it."""
    write(tmp_path, message(payload("a")))
    path = tmp_path / "out" / "alerts.ndjson"
    path.write_bytes(path.read_bytes().rstrip(b"\n"))
    assert write(tmp_path, message(payload("a")), message(payload("b"))) == [
        "written before",
        "1 line written",
    ]
    assert [line["key"] for line in lines(tmp_path)] == ["a:1:x", "b:1:x"]


def test_lines_of_somebody_else_are_left_alone(tmp_path: Path) -> None:
    """What is no line of ours stays as it is."""
    path = tmp_path / "out" / "alerts.ndjson"
    path.parent.mkdir()
    path.write_text("a note\n[1, 2]\n")
    assert write(tmp_path, message()) == ["1 line written"]
    assert path.read_text().startswith("a note\n[1, 2]\n{")


def test_a_file_that_was_moved_away_is_begun_anew(tmp_path: Path) -> None:
    """Whoever rotates the file has the old one; the next line begins a new one."""
    channel = file_of(tmp_path)
    run(lambda: channel.send(message(payload("a"))))
    (tmp_path / "out" / "alerts.ndjson").rename(tmp_path / "old")
    run(lambda: channel.send(message(payload("b"))))
    assert [line["key"] for line in lines(tmp_path)] == ["b:1:x"]


KILLED = """
import asyncio, os, sys
from pathlib import Path
from tests.alerts.channels.letters import message, payload, tools
from seavigil.alerts.channels import channel_of

channel = channel_of("file", {"path": "out/alerts.ndjson"}, tools(Path(sys.argv[1])), str)
for number in range(int(sys.argv[2]), 25):
    sent = asyncio.run(channel.send(message(payload(f"a{number}"))))
    if number % 5 == 3 and sent.says == "1 line written":
        os.kill(os.getpid(), 9)
    print(number, flush=True)  # so much a dispatcher would have taken note of
"""


def test_exactly_once_through_kills(tmp_path: Path, repository: Path) -> None:
    """Killed between writing a line and taking note of it, five times: no line is lost, none is twice."""
    begins, kills = 0, 0
    while begins < 25:
        command = [sys.executable, "-c", KILLED, str(tmp_path), str(begins)]
        done = subprocess.run(command, capture_output=True, text=True, cwd=repository, check=False)
        assert done.returncode in {0, -signal.SIGKILL}, done.stderr
        kills += done.returncode != 0
        begins = int(done.stdout.split()[-1]) + 1
    assert kills == 5
    assert [line["key"] for line in lines(tmp_path)] == [f"a{number}:1:x" for number in range(25)]


def test_a_full_disk_passes_and_leaves_no_half_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The disk takes half a line and no more: the half is taken back, and the line comes later."""
    write(tmp_path, message(payload("a")))
    real = os.write

    def half(file: int, content: Any) -> int:
        if len(content) < 100:
            raise OSError(errno.ENOSPC, "No space left on device")
        return real(file, bytes(content)[: len(content) // 2])

    with monkeypatch.context() as patched:
        patched.setattr(os, "write", half)
        with pytest.raises(PassingFailure, match="No space left on device"):
            write(tmp_path, message(payload("b")))
    assert write(tmp_path, message(payload("b"))) == ["1 line written"]
    assert [line["key"] for line in lines(tmp_path)] == ["a:1:x", "b:1:x"]


def test_a_folder_that_cannot_be_written_passes(tmp_path: Path) -> None:
    """A file stands where the folder should be: told with its name, tried again later."""
    (tmp_path / "out").write_text("")
    with pytest.raises(PassingFailure, match=r"out: (File exists|Not a directory)"):
        write(tmp_path, message())


def test_an_exercise_and_a_test_are_marked(tmp_path: Path) -> None:
    """Whoever reads the lines by a program sees it in the data, whoever reads them in the words."""
    write(tmp_path, exercise(), trial("x", CREATED_US))
    drill, tried = lines(tmp_path)
    assert (drill["status"], tried["status"]) == ("exercise", "test")
    assert drill["text"].startswith("EXERCISE EXERCISE EXERCISE")
    assert drill["text"].endswith("EXERCISE EXERCISE EXERCISE")


def test_a_digest_is_one_line(tmp_path: Path) -> None:
    """What comes in brief is told in brief."""
    two = [payload("a"), payload("b")]
    write(tmp_path, digest_of(["a:1:x", "b:1:x"], two, CREATED_US))
    assert [(line["type"], len(line["alerts"])) for line in lines(tmp_path)] == [("seavigil.digest", 2)]
