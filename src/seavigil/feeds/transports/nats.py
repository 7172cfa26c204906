"""Messages of NATS: a durable consumer of a JetStream, acknowledged once written down, or a plain subject."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from seavigil.feeds.transports.backoff import BackoffParams
from seavigil.feeds.transports.contract import Sink
from seavigil.feeds.transports.lines import whole
from seavigil.feeds.transports.links import Link, keep_connected, network_faults, revealed
from seavigil.feeds.transports.retrying import Trouble
from seavigil.feeds.transports.secrets import Cutter, Secret
from seavigil.feeds.transports.sockets import shown_address
from seavigil.feeds.transports.tls import TlsParams, client_context

if TYPE_CHECKING:
    from nats.aio.client import Client
    from nats.aio.msg import Msg
    from nats.js import JetStreamContext
    from nats.js.api import ConsumerInfo

#: Which of the two is missing (github.com/nats-io/nats-server, server/errors.json).
_NO_STREAM = 10059
#: Words of the server that only a person can make unsaid.
_REFUSING = ("authorization", "authentication", "permissions violation", "account")


@dataclass(frozen=True, kw_only=True)
class NatsLogin:
    """How we say who we are: a user and password, a token, or a credentials file (JWT)."""

    user: str | None = None
    password: Secret | None = None
    token: Secret | None = None
    credentials_file: str | None = None


@dataclass(frozen=True, kw_only=True)
class NatsParams:
    """How to speak to the server; own choices."""

    connect_timeout_s: float = 10.0
    batch: int = 256  #: messages fetched at once
    fetch_wait_s: float = 2.0  #: a fetch that brings nothing ends after this; a lost server shows then
    look_s: float = 20.0  #: while nothing comes it is looked so often whether the consumer is still there
    ping_s: int = 10  #: the server is asked so often whether it lives; two answers missing: it does not
    waiting_bytes: int = (
        16_777_216  #: of a plain subject: what may wait for the disk; more is shed and counted
    )


class NatsConsumer:
    """Either ``stream`` and ``consumer``, which exist, or a ``subject`` without memory."""

    def __init__(
        self,
        host: str,
        port: int = 4222,
        *,
        stream: str = "",
        consumer: str = "",
        subject: str = "",
        login: NatsLogin | None = None,
        tls: TlsParams | None = None,
        params: NatsParams | None = None,
        retry: BackoffParams | None = None,
    ) -> None:
        if bool(stream) != bool(consumer) or bool(subject) == bool(stream):
            raise ValueError("nats: give stream and consumer (nothing is lost), or a subject, not both")
        self._where = shown_address(host, port)
        self._stream, self._consumer, self._subject = stream, consumer, subject
        self._login = login or NatsLogin()
        self._tls = tls
        self._params = params or NatsParams()
        self._retry = retry or BackoffParams()

    @property
    def shown(self) -> str:
        """The server's address and what is asked of it."""
        scheme = "nats" if self._tls is None else "nats+tls"
        return f"{scheme}://{self._where}/{self._subject or f'{self._stream}/{self._consumer}'}"

    async def run(self, sink: Sink) -> None:
        """Bring messages until cancelled."""
        await keep_connected(sink, self._attempt, self._retry)

    async def _attempt(self, link: Link) -> None:
        async with self._connected(link) as session:
            if self._subject:
                await session.follow_subject(self._subject)
            else:
                await session.consume(self._stream, self._consumer)

    @asynccontextmanager
    async def _connected(self, link: Link) -> AsyncIterator[_Session]:
        from nats.aio.client import Client

        login, client = self._login, Client()
        password = None if login.password is None else revealed(login.password)
        token = None if login.token is None else revealed(login.token)
        session = _Session(client, link, self._params, self._where, Cutter.of([password, token]))
        try:
            async with _oddities(self._where), session.faults():
                await self._connect(client, session, password, token)
            session.connecting = False
            if self._tls is not None and not _encrypted(client):
                raise _unencrypted(self._where)
            yield session
        finally:
            await _close(client)

    async def _connect(
        self, client: Client, session: _Session, password: str | None, token: str | None
    ) -> None:
        login, timeout_s = self._login, self._params.connect_timeout_s

        def told(secret: str) -> str:
            if self._tls is not None and not _encrypted(client):
                raise _unencrypted(self._where)
            return secret

        try:
            tls = None if self._tls is None else client_context(self._tls)
        except ValueError as fault:
            raise Trouble(str(fault), refused=True) from None
        async with asyncio.timeout(timeout_s):
            await client.connect(
                servers=[f"nats://{self._where}"],
                name="seavigil",
                error_cb=session.failed,
                closed_cb=session.closed,
                allow_reconnect=False,
                connect_timeout=max(1, int(timeout_s)),
                ping_interval=self._params.ping_s,
                tls=tls,
                user=login.user if password is None else lambda: told(login.user or ""),
                password=None if password is None else lambda: told(password),
                token=None if token is None else lambda: told(token),
                user_credentials=login.credentials_file,
            )


@asynccontextmanager
async def _oddities(where: str) -> AsyncIterator[None]:
    """Turn what the library raises over things it does not expect into `Trouble`."""
    try:
        yield
    except ImportError as fault:
        raise Trouble(f"credentials_file needs the Python package {fault.name}", refused=True) from None
    except (AttributeError, KeyError, TypeError, ValueError) as fault:
        raise Trouble(f"{where}: this is no NATS server, or speaks otherwise ({fault})") from None


def _encrypted(client: Client) -> bool:
    """Whether the server speaks TLS. The library goes on in the clear where it does not."""
    return bool(getattr(client, "_server_info", {}).get("tls_required"))


def _unencrypted(where: str) -> Trouble:
    return Trouble(f"{where}: this server speaks no TLS; nothing secret was sent", refused=True)


async def _close(client: Client) -> None:
    with contextlib.suppress(Exception):  # it is gone already, or never came to be
        async with asyncio.timeout(2.0):
            await client.close()


class _Session:
    """One connection to the server."""

    def __init__(self, client: Client, link: Link, params: NatsParams, where: str, cutter: Cutter) -> None:
        self.connecting = True
        self._client = client
        self._link = link
        self._params = params
        self._where = where
        self._cutter = cutter
        self._over = asyncio.Event()
        self._fault: Exception | None = None

    async def failed(self, fault: Exception) -> None:
        """Take a fault from the library, which otherwise would try again by itself or say it on a log."""
        from nats.errors import SlowConsumerError

        if self.connecting:
            raise fault
        if isinstance(fault, SlowConsumerError):
            self._link.sink.count("shed_messages")
            return
        self._fault = self._fault or fault
        self._over.set()

    async def closed(self) -> None:
        """Note that the connection is over."""
        self._over.set()

    @asynccontextmanager
    async def faults(self) -> AsyncIterator[None]:
        """Turn what the library raises into `Trouble`, in words."""
        from nats.errors import Error

        async with network_faults(self._where):
            try:
                yield
            except (OSError, TimeoutError):  # some of the library's faults are these as well
                raise
            except Error as fault:
                raise self._trouble(fault) from None

    def _trouble(self, fault: Exception) -> Trouble:
        from nats.errors import ConnectionClosedError, StaleConnectionError

        if isinstance(fault, (ConnectionClosedError, StaleConnectionError)):
            return Trouble(f"{self._where}: the server closed the connection, or answers no more")
        words = self._cutter.cut(str(fault)).removeprefix("nats: ").strip("'")
        refused = any(part in words.lower() for part in _REFUSING)
        if "authorization" in words.lower():
            words = "wrong user, password, token or credentials"
        return Trouble(f"{self._where}: {words or type(fault).__name__}", refused=refused)

    def _check(self) -> None:
        """Raise what went wrong meanwhile."""
        if self._fault is not None:
            raise self._trouble(self._fault)
        if self._over.is_set() or self._client.is_closed:
            raise Trouble(f"{self._where}: the server closed the connection")

    async def consume(self, stream: str, consumer: str) -> None:
        """Fetch, write down, acknowledge, for as long as the connection holds."""
        loop = asyncio.get_running_loop()
        jetstream = self._client.jetstream(timeout=self._params.connect_timeout_s)
        info = await self._consumer_info(jetstream, stream, consumer)
        async with self.faults():
            subscription = await jetstream.pull_subscribe_bind(consumer=consumer, stream=stream)
        self._link.connected(self._where)
        looked_s = loop.time()
        while True:
            messages = await self._fetched(subscription)
            if messages:
                await self._write_down(messages, info.config.ack_wait or 30.0)
            elif loop.time() - looked_s >= self._params.look_s:
                # a fetch from a consumer that was taken away just brings nothing
                info = await self._consumer_info(jetstream, stream, consumer)
                looked_s = loop.time()
            self._check()

    async def _consumer_info(self, jetstream: JetStreamContext, stream: str, consumer: str) -> ConsumerInfo:
        """Look whether there is a consumer, and one that fits; otherwise say what to create."""
        from nats.errors import NoRespondersError
        from nats.js.api import AckPolicy
        from nats.js.errors import NotFoundError, ServiceUnavailableError

        add = f"nats consumer add {stream} {consumer} --pull --ack explicit --deliver all --replay instant"
        async with self.faults():
            try:
                info: ConsumerInfo = await jetstream.consumer_info(stream, consumer)
            except NotFoundError as fault:
                if fault.err_code == _NO_STREAM:
                    make = f"nats stream add {stream} --subjects SUBJECT"
                    raise self._missing(f"there is no stream {stream}; create it: {make}") from None
                raise self._missing(f"stream {stream} has no consumer {consumer}; create it: {add}") from None
            except (ServiceUnavailableError, NoRespondersError):
                raise self._missing("JetStream is not switched on for this server or account") from None
        if info.config.deliver_subject is not None:
            raise self._missing(f"consumer {consumer} pushes; one to pull from is needed: {add}")
        if info.config.ack_policy not in (AckPolicy.EXPLICIT, AckPolicy.ALL):
            raise self._missing(f"consumer {consumer} waits for no acknowledgement: {add}")
        return info

    def _missing(self, words: str) -> Trouble:
        return Trouble(f"{self._where}: {words}", refused=True)

    async def _fetched(self, subscription: JetStreamContext.PullSubscription) -> Sequence[Msg]:
        async with self.faults():
            try:
                return await subscription.fetch(self._params.batch, timeout=self._params.fetch_wait_s)
            except TimeoutError:
                return ()

    async def _write_down(self, messages: Sequence[Msg], ack_wait_s: float) -> None:
        """Write messages down, then acknowledge them; while that lasts the server is told to wait."""
        data = b"".join(whole(message.data) for message in messages if message.data)
        writing = asyncio.ensure_future(self._link.received(data) if data else asyncio.sleep(0))
        try:
            while not (await asyncio.wait({writing}, timeout=ack_wait_s / 3))[0]:
                async with self.faults():
                    for message in messages:
                        await message.in_progress()
            writing.result()
        finally:
            writing.cancel()
            await asyncio.gather(writing, return_exceptions=True)
        async with self.faults():
            for message in messages:
                await message.ack()

    async def follow_subject(self, subject: str) -> None:
        """Take what comes on a subject, one after another, for as long as the connection holds."""
        params, opened = self._params, asyncio.Event()

        async def took(message: Msg) -> None:
            await opened.wait()
            if message.data:
                await self._link.received(whole(message.data))

        async with self.faults():
            subscription = await self._client.subscribe(
                subject, cb=took, pending_bytes_limit=params.waiting_bytes
            )
            await self._client.flush(max(1, int(params.connect_timeout_s)))
        self._check()  # a refusal comes before the answer to the flush
        self._link.connected(self._where)
        opened.set()
        await self._over.wait()
        if subscription.pending_msgs:
            self._link.sink.count("shed_messages", subscription.pending_msgs)
        self._check()
