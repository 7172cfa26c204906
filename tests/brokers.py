"""Throwaway brokers for tests: a mosquitto and a nats-server on free ports, gone with the ``with``.

    with mosquitto() as url: ...             # mqtt://127.0.0.1:PORT
    with nats_server() as url: ...           # nats://127.0.0.1:PORT, with JetStream

Where the program is not installed the test is skipped, with a reason.
"""

from __future__ import annotations

import getpass
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest

#: How long a broker may take to listen. Only a broken one takes so long.
_START_S = 20.0
#: A port may be taken between looking for it and using it: try another.
_TRIES = 5


def free_port() -> int:
    """Give a TCP port on which nothing listens."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@dataclass
class Broker:
    """A running broker that can be stopped and started again, with what it stored."""

    command: list[str]
    ports: Mapping[str, int]  #: by what is spoken there: ``mqtt``, ``mqtts``, ``ws``, ``nats``
    log: Path
    process: subprocess.Popen[bytes] | None = field(default=None, repr=False)

    def url(self, scheme: str) -> str:
        """Give the address at which ``scheme`` is spoken."""
        path = "/mqtt" if scheme in ("ws", "wss") else ""
        return f"{scheme}://127.0.0.1:{self.ports[scheme]}{path}"

    def start(self) -> None:
        """Start it, and wait until it listens on every port."""
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(self.command, stdout=log, stderr=log, stdin=subprocess.DEVNULL)
        until_s = time.monotonic() + _START_S
        for port in self.ports.values():
            while not _listens(port):
                if self.process.poll() is not None or time.monotonic() > until_s:
                    self.stop()
                    raise OSError(self.log.read_text(errors="replace")[-2_000:])
                time.sleep(0.02)

    def stop(self, *, kill: bool = False) -> None:
        """Stop it in order, or by kill -9."""
        if self.process is not None:
            self.process.send_signal(signal.SIGKILL if kill else signal.SIGTERM)
            try:
                self.process.wait(_START_S)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
            self.process = None


def _listens(port: int) -> bool:
    with socket.socket() as probe:
        probe.settimeout(1.0)
        return probe.connect_ex(("127.0.0.1", port)) == 0


def _program(name: str) -> str:
    found = shutil.which(name) or shutil.which(name, path="/usr/sbin:/usr/local/sbin:/usr/local/bin")
    if found is None:
        pytest.skip(f"{name} is not installed (apt-get install {name})")
    return found


@contextmanager
def mosquitto_broker(
    *, users: Mapping[str, str] | None = None, certificate: Path | None = None, more: str = ""
) -> Iterator[Broker]:
    """Run a mosquitto that speaks ``mqtt`` and ``ws``, and ``mqtts`` and ``wss`` given a certificate's PEM.

    ``users`` are names and passwords; without any everybody is let in. ``more`` are lines of configuration.
    """
    program = _program("mosquitto")
    schemes = ["mqtt", "ws"] + (["mqtts", "wss"] if certificate else [])
    with tempfile.TemporaryDirectory(prefix="seavigil-mosquitto-") as name:
        folder = Path(name)
        # the usual 1,000 messages kept for who is slow or away are soon too few, and the rest is dropped;
        # started by root it would go on as another user, who may not read the files of a test
        lines = [
            "max_queued_messages 0",
            "max_inflight_messages 1000",
            more,
            f"user {getpass.getuser()}",
            f"allow_anonymous {'false' if users else 'true'}",
        ]
        if users:
            lines.append(f"password_file {_password_file(folder, users)}")

        def command(ports: Mapping[str, int]) -> list[str]:
            listeners = [_listener(scheme, port, certificate) for scheme, port in ports.items()]
            config = folder / "mosquitto.conf"
            config.write_text("\n".join([*lines, *listeners]) + "\n")
            return [program, "-c", str(config)]

        with _running(command, schemes, folder / "log") as broker:
            yield broker


def _listener(scheme: str, port: int, certificate: Path | None) -> str:
    lines = [f"listener {port} 127.0.0.1"]
    if scheme in ("ws", "wss"):
        lines.append("protocol websockets")
    if scheme in ("mqtts", "wss"):
        lines += [f"certfile {certificate}", f"keyfile {certificate}"]
    return "\n".join(lines)


def _password_file(folder: Path, users: Mapping[str, str]) -> Path:
    path = folder / "passwords"
    path.write_text("".join(f"{user}:{password}\n" for user, password in users.items()))
    subprocess.run([_program("mosquitto_passwd"), "-U", str(path)], check=True, capture_output=True)
    return path


@contextmanager
def mosquitto() -> Iterator[str]:
    """Run a mosquitto that lets everybody in; gives its URL."""
    with mosquitto_broker() as broker:
        yield broker.url("mqtt")


@contextmanager
def nats_broker(*, config: str = "", jetstream: bool = True) -> Iterator[Broker]:
    """Run a nats-server; ``config`` are more lines of its configuration (users, TLS)."""
    program = _program("nats-server")
    with tempfile.TemporaryDirectory(prefix="seavigil-nats-") as name:
        folder = Path(name)

        def command(ports: Mapping[str, int]) -> list[str]:
            lines = [f'listen: "127.0.0.1:{ports["nats"]}"', config]
            if jetstream:
                lines.append(f'jetstream {{ store_dir: "{folder}" }}')
            (folder / "nats.conf").write_text("\n".join(lines) + "\n")
            return [program, "-c", str(folder / "nats.conf")]

        with _running(command, ["nats"], folder / "log") as broker:
            yield broker


@contextmanager
def nats_server() -> Iterator[str]:
    """Run a nats-server with JetStream that lets everybody in; gives its URL."""
    with nats_broker() as broker:
        yield broker.url("nats")


@contextmanager
def _running(command: object, schemes: list[str], log: Path) -> Iterator[Broker]:
    assert callable(command)
    for left in reversed(range(_TRIES)):
        ports = {scheme: free_port() for scheme in schemes}
        broker = Broker(command(ports), ports, log)
        try:
            broker.start()
            break
        except OSError:
            if not left:
                raise
    try:
        yield broker
    finally:
        broker.stop()
