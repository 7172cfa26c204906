"""Encrypted connections: the right ones stand, and each wrong one is said in words."""

from __future__ import annotations

import asyncio
import socket
import ssl
from pathlib import Path

import pytest

from seavigil.feeds.transports.tls import TlsParams, client_context, is_refusal, network_words
from tests.certificates import Authority, authority
from tests.feeds.transports.sinks import play


@pytest.fixture(scope="module")
def trusted(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    """Give an authority of our own."""
    return authority(tmp_path_factory.mktemp("authority"))


async def meet(server: ssl.SSLContext | None, client: ssl.SSLContext, host: str = "127.0.0.1") -> bytes:
    """Let a client meet a server that says hello; gives what the client heard."""

    async def hello(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            writer.write(b"hello\n")
            await writer.drain()
            await reader.read()
        except OSError:
            pass
        finally:
            writer.close()

    listening = await asyncio.start_server(hello, "127.0.0.1", 0, ssl=server)
    port = listening.sockets[0].getsockname()[1]
    try:
        reader, writer = await asyncio.open_connection("127.0.0.1", port, ssl=client, server_hostname=host)
        try:
            return await reader.readline()
        finally:
            writer.close()
    finally:
        listening.close()


def served(certificate: Path, **limits: ssl.TLSVersion) -> ssl.SSLContext:
    """Give a server's side."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    for name, value in limits.items():
        setattr(context, name, value)
    return context


def told(server: ssl.SSLContext | None, params: TlsParams) -> tuple[bool, str]:
    """Give what a person is told when the two meet, and whether it is a refusal."""
    faults: list[BaseException] = []

    async def story() -> None:
        with pytest.raises(OSError) as raised:  # noqa: PT011 - what it says is asked below
            assert await meet(server, client_context(params))
        faults.append(raised.value)

    play(story())
    return is_refusal(faults[0]), network_words(faults[0], "127.0.0.1:443")


def test_a_certificate_of_the_named_authority_is_accepted(trusted: Authority) -> None:
    """The connection stands and carries bytes."""
    server = served(trusted.issue("good"))

    async def story() -> None:
        assert await meet(server, client_context(TlsParams(ca_file=trusted.certificate))) == b"hello\n"

    play(story())


@pytest.mark.parametrize(
    ("issued", "says"),
    [
        ({"name": "expired", "days": -1}, "has expired (or this machine's clock is ahead)"),
        ({"name": "elsewhere", "host": "feed.example"}, "is for another host name"),
    ],
)
def test_a_wrong_certificate_is_refused_in_words(
    trusted: Authority, issued: dict[str, str], says: str
) -> None:
    """Trying again will not help: somebody must look."""
    server = served(trusted.issue(**issued))  # type: ignore[arg-type]
    refused, words = told(server, TlsParams(ca_file=trusted.certificate))
    assert refused
    assert words == f"127.0.0.1:443: the server's certificate {says}"


def test_an_unknown_authority_is_refused_in_words(trusted: Authority, tmp_path: Path) -> None:
    """The message says how to name it, should it be right."""
    stranger = authority(tmp_path, "Somebody else")
    refused, words = told(served(stranger.issue("strange")), TlsParams(ca_file=trusted.certificate))
    assert refused
    assert "unknown authority" in words
    assert "ca_file" in words


def test_a_port_without_tls_is_said_to_be_one() -> None:
    """Somebody mixed up two ports."""
    refused, words = told(None, TlsParams())
    assert refused
    assert "no TLS is spoken at this port" in words


@pytest.mark.filterwarnings("ignore:ssl.TLSVersion:DeprecationWarning")
def test_nothing_older_than_tls_1_2_is_spoken(trusted: Authority) -> None:
    """Nor does the context allow it (RFC 9325)."""
    context = client_context(TlsParams(ca_file=trusted.certificate))
    assert context.minimum_version == ssl.TLSVersion.TLSv1_2
    assert context.verify_mode == ssl.CERT_REQUIRED
    assert context.check_hostname


def test_a_server_that_wants_a_certificate_gets_ours(trusted: Authority) -> None:
    """With it the connection stands; without it the message names the options."""
    server = served(trusted.issue("mutual"), maximum_version=ssl.TLSVersion.TLSv1_2)
    server.verify_mode = ssl.CERT_REQUIRED
    server.load_verify_locations(trusted.certificate)
    ours = trusted.issue("ours", host="watch.example")

    async def story() -> None:
        params = TlsParams(ca_file=trusted.certificate, certificate_file=ours)
        assert await meet(server, client_context(params)) == b"hello\n"

    play(story())
    refused, words = told(server, TlsParams(ca_file=trusted.certificate))
    assert refused or "closed the connection" in words  # some systems close before the alert arrives
    assert not refused or "certificate_file" in words


@pytest.mark.parametrize(
    ("params", "says"),
    [
        (TlsParams(ca_file=Path("/nowhere/ca.pem")), "/nowhere/ca.pem: No such file"),
        (TlsParams(ca_file=Path("README.md")), "no certificates in PEM form"),
        (TlsParams(key_file=Path("README.md")), "of no use without certificate_file"),
    ],
)
def test_files_that_cannot_be_used_are_named(
    params: TlsParams, says: str, repository: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One line, before any connection is made."""
    monkeypatch.chdir(repository)
    with pytest.raises(ValueError, match=says):
        client_context(params)


def test_a_key_that_does_not_fit_is_named(trusted: Authority) -> None:
    """The key of another certificate does not open this one."""
    ours, other = trusted.issue("a"), trusted.issue("b")
    params = TlsParams(certificate_file=ours, key_file=other)
    with pytest.raises(ValueError, match="it or its key cannot be used"):
        client_context(params)


@pytest.mark.parametrize(
    ("fault", "says"),
    [
        (socket.gaierror(-2, "x"), "h:1: no such host name, or no name server answers"),
        (ConnectionRefusedError(111, "x"), "h:1: nothing listens there"),
        (ConnectionResetError(104, "x"), "h:1: the other side closed the connection"),
        (TimeoutError(), "h:1: no answer in time"),
        (OSError(113, "No route to host"), "h:1: No route to host"),
        (OSError(), "h:1: OSError"),
    ],
)
def test_what_the_network_does_is_said_in_words_and_passes(fault: OSError, says: str) -> None:
    """None of these is a refusal: they are tried again soon."""
    assert network_words(fault, "h:1") == says
    assert not is_refusal(fault)
