"""Syslog: lines as RFC 5424 has them, over datagrams and streams."""

from __future__ import annotations

import re
import socket
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from seavigil.alerts.channels import PassingFailure, channel_of
from seavigil.alerts.channels.contract import Message
from seavigil.alerts.channels.syslog import SyslogParams, line
from tests.alerts.channels.letters import alert, exercise, message, payload, run, tools
from tests.alerts.channels.peers import ear, mute, server_tls
from tests.brokers import free_port

#: RFC 5424, section 6: HEADER SP STRUCTURED-DATA SP MSG, as a regular expression of its ABNF.
RFC5424 = re.compile(
    rb"<(?P<pri>[0-9]{1,3})>1 (?P<time>\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,6})?Z) (?P<host>[!-~]{1,255})"
    rb" (?P<app>[!-~]{1,48}) (?P<proc>[!-~]{1,128}) (?P<id>[!-~]{1,32})"
    rb' (?P<data>\[[!-~]+@\d+(?: [!-~]+="(?:[^"\\\]]|\\.)*")*\]) \xef\xbb\xbf(?P<msg>.*)',
    re.DOTALL,
)


def sender(url: str, **options: Any) -> Any:
    """Give a channel to an address."""
    return channel_of(
        "syslog", {"url": url, "hostname": "watch.example", "timeout_s": 5, **options}, tools(), str
    )


def parts(octets: bytes) -> dict[str, bytes]:
    """Read one line as the RFC has it."""
    found = RFC5424.fullmatch(octets)
    assert found is not None, octets
    return found.groupdict()


def received(told: Message, family: socket.AddressFamily, at: Any, url: str, number: int) -> list[bytes]:
    """Send over datagrams to a socket of ours."""
    with socket.socket(family, socket.SOCK_DGRAM) as ours:
        ours.bind(at)
        ours.settimeout(5)
        address = url.format(ours.getsockname()[1] if family == socket.AF_INET else at)
        run(lambda: sender(address).send(told))
        return [ours.recv(65_536) for _ in range(number)]


def test_each_alert_is_a_datagram() -> None:
    """Facility local0 (16), severity by priority: 16 * 8 + 4 for a warning, + 1 for an urgent one."""
    told = message(payload("a"), payload("b", priority="urgent"))
    first, second = (
        parts(one) for one in received(told, socket.AF_INET, ("127.0.0.1", 0), "udp://127.0.0.1:{}", 2)
    )
    assert (first["pri"], second["pri"]) == (b"132", b"129")
    assert (first["time"], first["host"]) == (b"2025-11-20T04:21:16Z", b"watch.example")
    assert (first["app"], first["id"]) == (b"seavigil", b"actual")
    assert b'key="a:1:x"' in first["data"]
    assert b'mmsi="219000001"' in first["data"]
    assert b"What: drifting, crossed; Who: ALDER" in first["msg"]
    assert b"\n" not in first["msg"]


def test_the_socket_of_this_machine(tmp_path: Path) -> None:
    """As a syslog daemon listens on /dev/log."""
    at = str(tmp_path / "log")
    (one,) = received(message(), socket.AF_UNIX, at, "unix://{}", 1)
    assert parts(one)["pri"] == b"132"


def split(octets: bytes) -> list[bytes]:
    """Part a stream by its counts: RFC 6587, 3.4.1."""
    found = []
    while octets:
        count, _, rest = octets.partition(b" ")
        found.append(rest[: int(count)])
        octets = rest[int(count) :]
    return found


def test_a_stream_counts_octets() -> None:
    """Over TCP each line is preceded by its length; it counts as sent when the other side has read it all."""
    told = message(payload("a"), payload("b"))

    async def work() -> tuple[str, list[bytes]]:
        async with ear() as peer:
            sent = await sender(f"tcp://127.0.0.1:{peer.port}").send(told)
            return sent.says, peer.heard

    says, (heard,) = run(work)
    assert says == "2 lines, read to the end"
    assert [b"a:1:x" in parts(one)["data"] for one in split(heard)] == [True, False]


def test_a_repeat_has_the_same_key() -> None:
    """Syslog knows no repeats: the key in the structured data tells one."""

    async def work() -> list[bytes]:
        async with ear() as peer:
            for _ in range(2):
                await sender(f"tcp://127.0.0.1:{peer.port}").send(message())
            return peer.heard

    first, second = run(work)
    assert first == second


def test_tls_checks_the_certificate(certificate: Path) -> None:
    """A server that nobody vouches for is sent nothing."""

    async def work(**options: Any) -> list[bytes]:
        async with ear(tls=server_tls(certificate)) as peer:
            await sender(f"tls://127.0.0.1:{peer.port}", **options).send(message())
        return peer.heard

    with pytest.raises(PassingFailure, match="CERTIFICATE_VERIFY_FAILED"):
        run(work)
    (heard,) = run(lambda: work(ca_file=str(certificate)))
    assert parts(split(heard)[0])["pri"] == b"132"


def test_a_server_that_keeps_the_connection_has_it_all_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    """Some daemons never close: handed over, and said so."""
    monkeypatch.setattr("seavigil.alerts.channels.syslog._CLOSING_S", 0.05)

    async def work() -> str:
        async with mute() as port:
            return str((await sender(f"tcp://127.0.0.1:{port}").send(message())).says)

    assert run(work) == "1 lines, handed over, the other side keeps the connection"


@pytest.mark.parametrize("scheme", ["tcp", "unix"])
def test_nobody_there_passes(scheme: str, tmp_path: Path) -> None:
    """A daemon that is away may be back later."""
    url = f"unix://{tmp_path}/log" if scheme == "unix" else f"tcp://127.0.0.1:{free_port()}"
    with pytest.raises(PassingFailure):
        run(lambda: sender(url).send(message()))


def test_an_exercise_is_marked_before_and_after_even_when_cut() -> None:
    """A line is at most 2,048 octets: what is cut is the middle, never the mark at the end."""
    reasons = tuple(replace(alert().reasons[0], code=f"some_code_{n}_{'x' * 80}") for n in range(40))
    readings = tuple(
        {"code": "x", "text": "\N{SNOWMAN}" * 100, "fits": None, "for": [], "against": []} for _ in range(9)
    )
    told = message(payload(exercise=True, reasons=reasons, innocent_readings=readings))
    octets = line(told, SyslogParams(), "host", 1)
    assert len(octets) <= 2_048
    text = parts(octets)["msg"].decode()
    assert text.startswith("EXERCISE EXERCISE EXERCISE ")
    assert text.endswith("... EXERCISE EXERCISE EXERCISE")
    assert parts(line(exercise(), SyslogParams(), "host", 1))["id"] == b"exercise"


@given(st.text(max_size=40))
def test_nothing_that_a_ship_sends_breaks_the_form(name: str) -> None:
    """Brackets, quotes, line ends in a name or an id: the line stays one of RFC 5424."""
    vessel = replace(alert().vessel or pytest.fail("no vessel"), name=name)
    told = message(payload(alert_id=f'a"]\\{1}', vessel=vessel))
    found = parts(line(told, SyslogParams(), "host", 1))
    assert b"\n" not in found["msg"]


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"url": "http://127.0.0.1"}, "write udp://HOST:PORT"),
        ({"url": "unix://"}, "unix:///dev/log"),
        ({"facility": "kern"}, "facility: 'kern'; there are user, daemon, local0"),
        ({"app_name": "sea vigil"}, "app_name: up to 48"),
        ({"hostname": ""}, "hostname"),
    ],
)
def test_settings_that_cannot_be_meant(options: dict[str, Any], said: str) -> None:
    """Refused at the start, in words."""
    with pytest.raises(ValueError, match=r".") as raised:
        sender(**{"url": "udp://127.0.0.1", **options})
    assert said in str(raised.value)
