"""The other sides: small servers on this machine that write down what they are sent, and answer as told."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path


@dataclass(frozen=True)
class Request:
    """What an HTTP server was sent."""

    line: str
    headers: Mapping[str, str]
    body: bytes


@dataclass
class Http:
    """An HTTP server that gives its answers one after the other, the last again and again."""

    answers: list[bytes]
    port: int = 0
    requests: list[Request] = field(default_factory=list)

    @property
    def url(self) -> str:
        """Where it listens."""
        return f"http://127.0.0.1:{self.port}/hook"

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Read one request, answer it, close."""
        first, *rest = (await reader.readuntil(b"\r\n\r\n")).decode().strip().split("\r\n")
        headers = {k.lower(): v for k, v in (line.split(": ", 1) for line in rest)}
        body = await reader.readexactly(int(headers.get("content-length", 0)))
        self.requests.append(Request(first, headers, body))
        writer.write(self.answers.pop(0) if len(self.answers) > 1 else self.answers[0])
        await _end(writer)


def answer(status: str, *headers: str, body: bytes = b"") -> bytes:
    """Give an HTTP answer: ``answer("503 Service Unavailable", "Retry-After: 7")``."""
    lines = [f"HTTP/1.1 {status}", *headers, f"Content-Length: {len(body)}", "Connection: close"]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


@asynccontextmanager
async def http(*answers: bytes) -> AsyncIterator[Http]:
    """Run an HTTP server with these answers."""
    peer = Http(list(answers) or [answer("204 No Content")])
    async with listening(peer.serve) as peer.port:
        yield peer


@dataclass
class Smtp:
    """A mail server. ``refuses``: command (``MAIL``, ``RCPT <a@b>``, ``DATA``, ``AUTH``...) to its answer."""

    refuses: dict[str, str] = field(default_factory=dict)
    offers: tuple[str, ...] = ()
    tls: ssl.SSLContext | None = None
    port: int = 0
    mails: list[tuple[str, list[str], bytes]] = field(default_factory=list)
    logins: list[str] = field(default_factory=list)

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Talk SMTP (RFC 5321), no more of it than a client needs that only hands mail over."""
        say = _Sayer(writer)
        await say("220 peer")
        sender, to = "", []
        while line := (await reader.readline()).decode().strip():
            verb = line.split(" ", maxsplit=1)[0].split(":")[0].upper()
            refused = self._refusal(line, verb)
            if refused:
                await say(refused)
            elif verb == "EHLO":
                await say(*(f"250-{one}" for one in ("peer", *self.offers)), "250 8BITMIME")
            elif verb == "STARTTLS" and self.tls is not None:
                await say("220 go")
                await writer.start_tls(self.tls)
            elif verb == "AUTH":
                self.logins.append(line)
                await say("235 in")
            elif verb == "DATA":
                await say("354 end with a dot")
                body = await reader.readuntil(b"\r\n.\r\n")
                self.mails.append((sender, to, body.removesuffix(b".\r\n")))
                await say(self.refuses.get("END", "250 queued as 42"))
            else:
                sender = line[10:] if verb == "MAIL" else sender
                to = [*to, line[8:]] if verb == "RCPT" else [] if verb in {"MAIL", "RSET"} else to
                await say("221 bye" if verb == "QUIT" else "250 ok")
                if verb == "QUIT":
                    break
        await _end(writer)

    def _refusal(self, line: str, verb: str) -> str | None:
        said_to = {verb, line.upper().replace("TO:", "")}
        found = (said for key, said in self.refuses.items() if key.upper() in said_to)
        return next(found, None)


class _Sayer:
    def __init__(self, writer: asyncio.StreamWriter) -> None:
        self._writer = writer

    async def __call__(self, *lines: str) -> None:
        self._writer.write("".join(f"{line}\r\n" for line in lines).encode())
        await self._writer.drain()


@asynccontextmanager
async def smtp(peer: Smtp | None = None, *, tls: ssl.SSLContext | None = None) -> AsyncIterator[Smtp]:
    """Run a mail server; with ``tls`` it speaks TLS from the first byte on."""
    peer = peer or Smtp()
    async with listening(peer.serve, tls) as peer.port:
        yield peer


@dataclass
class Ear:
    """A server that reads each connection to its end and closes it, or keeps it open."""

    closes: bool = True
    port: int = 0
    heard: list[bytes] = field(default_factory=list)

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Read all."""
        self.heard.append(await reader.read())
        if self.closes:
            await _end(writer)


@asynccontextmanager
async def ear(*, tls: ssl.SSLContext | None = None) -> AsyncIterator[Ear]:
    """Run a server that listens."""
    peer = Ear()
    async with listening(peer.serve, tls) as peer.port:
        yield peer


@asynccontextmanager
async def mute() -> AsyncIterator[int]:
    """Run a server that takes connections and never says a word; gives its port."""
    done = asyncio.Event()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await done.wait()
        await _end(writer)

    async with listening(serve) as port:
        try:
            yield port
        finally:
            done.set()


@asynccontextmanager
async def listening(serve: Callable[..., object], tls: ssl.SSLContext | None = None) -> AsyncIterator[int]:
    """Run a server on a free port; gives the port. All its connections end with it."""
    tasks: set[asyncio.Task[None]] = set()

    async def kept(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        tasks.add(task)
        try:
            await serve(reader, writer)  # type: ignore[misc]
        except (ConnectionError, asyncio.IncompleteReadError, ssl.SSLError):
            pass  # the client has gone: some tests are about that
        finally:
            await _end(writer)

    server = await asyncio.start_server(kept, "127.0.0.1", 0, ssl=tls)
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        server.close()
        await asyncio.gather(*tasks, return_exceptions=True)


async def _end(writer: asyncio.StreamWriter) -> None:
    writer.close()
    with suppress(ConnectionError, ssl.SSLError):
        await writer.wait_closed()


def server_tls(pem: Path) -> ssl.SSLContext:
    """Give a server's TLS with this certificate and key."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(pem)
    return context
