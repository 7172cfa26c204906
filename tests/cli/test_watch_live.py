"""`seavigil watch tcp://...` as a user runs it: stopped by hand, ended by the other side, begun again."""

from __future__ import annotations

import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.cli.conftest import Hour

#: Only what is broken takes so long.
WITHIN_S = 60.0


@contextmanager
def watching(*options: object) -> Iterator[tuple[subprocess.Popen[bytes], socket.socket]]:
    """Start a watch of a sender here; gives the process and the sender's end of the connection."""
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        listening.listen()
        listening.settimeout(WITHIN_S)
        url = f"tcp://127.0.0.1:{listening.getsockname()[1]}"
        command = [sys.executable, "-m", "seavigil", "watch", url, *map(str, options)]
        child = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        try:
            sender, _ = listening.accept()
            with sender:
                yield child, sender
        finally:
            child.kill()
            child.communicate()


def logged(folder: Path) -> int:
    """Give how much the raw log holds."""
    return sum(path.stat().st_size for path in (folder / "log").iterdir() if path.is_file())


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_stopped_by_hand_it_sums_up_what_was_heard(
    tmp_path: Path, hour: Hour, number: signal.Signals
) -> None:
    """Everything that had come is judged first; that is no error."""
    data = hour.nmea.read_bytes()[:200_000].rpartition(b"\n")[0] + b"\n"
    with watching("--assets", hour.assets, "--out", tmp_path) as (child, sender):
        sender.sendall(data)
        until_s = time.monotonic() + WITHIN_S
        while logged(tmp_path) < len(data):
            assert time.monotonic() < until_s
            time.sleep(0.05)
        child.send_signal(number)
        _, err = child.communicate(timeout=WITHIN_S)
    assert child.returncode == 0, err.decode()
    assert "reports" in err.decode()
    assert "Traceback" not in err.decode()


def test_where_nothing_is_kept_the_last_minute_is_judged_as_well(hour: Hour) -> None:
    """A minute is held back for its order; who tries the watch for less than that sees it all."""
    first = hour.nmea.read_bytes()[:60_000].rpartition(b"\n")[0] + b"\n"
    with watching("--assets", hour.assets) as (child, sender):
        sender.sendall(first)
        sender.shutdown(socket.SHUT_WR)
        sender.settimeout(WITHIN_S)
        assert sender.recv(1) == b""  # it has read to the end, and closes its side
        child.send_signal(signal.SIGINT)
        _, err = child.communicate(timeout=WITHIN_S)
    found = re.search(r"([\d,]+) reports of \d+ vessels", err.decode())
    assert found is not None
    assert int(found[1].replace(",", "")) > 100


def test_what_has_ended_is_not_begun_again(tmp_path: Path, hour: Hour) -> None:
    """The folder of a feed that was watched until it closed is refused in one line."""
    data = hour.nmea.read_bytes()[:20_000].rpartition(b"\n")[0] + b"\n"
    for code, words in ((0, "reports"), (1, "the data of this folder have ended")):
        with socket.socket() as listening:
            listening.bind(("127.0.0.1", 0))
            listening.listen()
            listening.settimeout(WITHIN_S)
            url = f"tcp://127.0.0.1:{listening.getsockname()[1]}"
            command = [
                sys.executable,
                "-m",
                "seavigil",
                "watch",
                url,
                "--until-closed",
                "--out",
                str(tmp_path),
            ]
            child = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
            if code == 0:
                sender, _ = listening.accept()
                sender.sendall(data)
                sender.close()
            _, err = child.communicate(timeout=WITHIN_S)
        assert (child.returncode, words in err.decode()) == (code, True), err.decode()
    assert err.count(b"\n") == 1
