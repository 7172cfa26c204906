"""Published to NATS, each alert by itself; into a stream of JetStream where one takes the subject.

``Nats-Msg-Id`` is the key: a stream drops what comes twice within its duplicate window (two minutes where
nothing else is set). Without a stream the server passes it on to whoever listens, and keeps nothing.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

from seavigil.alerts.channels.brokers import address, check_template, filled, published
from seavigil.alerts.channels.compose import each
from seavigil.alerts.channels.contract import Channel, Message, Params, PassingFailure, PermanentFailure, Sent
from seavigil.alerts.channels.marks import one_line
from seavigil.alerts.channels.tls import CA_FILE, client_context

if TYPE_CHECKING:
    from nats.aio.client import Client

_SCHEMES = ("nats", "tls")


@dataclass(frozen=True, kw_only=True)
class NatsParams(Params):
    """Parameters of NATS."""

    url: str = field(metadata={"says": "nats://HOST:PORT, or tls:// with TLS."})
    subject: str = field(
        default="seavigil.{status}.{priority}",
        metadata={"says": "Subject; in braces `status` (actual, exercise, test), `priority`, `alert_id`."},
    )
    stream: Literal["auto", "require", "never"] = field(
        default="auto",
        metadata={"says": "Whether a stream must take it: `require` fails without, `never` asks for none."},
    )
    user: str | None = field(default=None, metadata={"says": "Name to log in with."})
    password: str | None = field(default=None, metadata={"secret": "must", "says": "Its password."})
    token: str | None = field(default=None, metadata={"secret": "must", "says": "Token to log in with."})
    credentials: str | None = field(default=None, metadata={"path": True, "says": "File of credentials."})
    ca_file: str | None = field(default=None, metadata=CA_FILE)

    def __post_init__(self) -> None:
        """Check address and subject. Raises ``ValueError``."""
        super().__post_init__()
        address(self.url, _SCHEMES)
        check_template(self.subject, "subject")
        if any(c.isspace() or c in "*>" for c in self.subject):
            raise ValueError("subject: no spaces; * and > are for subscribers")


class Nats(Channel[NatsParams]):
    """Publishes each alert, connected only so long."""

    params_type = NatsParams

    async def deliver(self, message: Message) -> Sent:
        """Publish, and wait for the stream's acknowledgement of each, or the server's of all."""
        import nats.errors

        try:
            async with asyncio.timeout(self.params.timeout_s):
                client = await self._connected()
                try:
                    return Sent(await self._publish(client, each(message)))
                finally:
                    await client.close()
        except (nats.errors.AuthorizationError, nats.errors.InvalidUserCredentialsError) as fault:
            raise PermanentFailure(f"the server refuses name or password: {_words(fault)}") from fault
        except nats.errors.MaxPayloadError as fault:
            raise PermanentFailure("larger than the server takes (max_payload)") from fault
        except TimeoutError as fault:
            raise PassingFailure(f"no end within {self.params.timeout_s:g} s") from fault
        except (nats.errors.Error, OSError) as fault:
            raise _of_connecting(fault) from fault

    async def _publish(self, client: Client, messages: list[Message]) -> str:
        streamed = 0
        for one in messages:
            subject, headers = filled(self.params.subject, one), {"Nats-Msg-Id": one.key}
            if await self._taken(client, subject):
                stream = client.jetstream(timeout=self.params.timeout_s)
                await stream.publish(subject, published(one), headers=headers)
                streamed += 1
            else:
                await client.publish(subject, published(one), headers=headers)
        await client.flush(timeout=max(1, round(self.params.timeout_s)))
        kept = f"{streamed} kept by a stream" if streamed else "no stream keeps it"
        return f"{len(messages)} published, {kept}"

    async def _taken(self, client: Client, subject: str) -> bool:
        """Ask whether a stream takes the subject: that of a stream and that of a listener look alike."""
        import nats.js.errors

        if self.params.stream == "never":
            return False
        try:
            # NotFoundError: no stream for it. ServiceUnavailableError: a server without JetStream
            await client.jsm(timeout=self.params.timeout_s).find_stream_name_by_subject(subject)
        except (nats.js.errors.NotFoundError, nats.js.errors.ServiceUnavailableError) as fault:
            if self.params.stream == "require":
                raise PermanentFailure(f"no stream takes {subject}; create one") from fault
            return False
        return True

    async def _connected(self) -> Client:
        from nats.aio.client import Client

        params, quiet, client = self.params, _Faults(), Client()
        tls = client_context(params.ca_file) if params.url.startswith("tls://") else None
        try:
            await client.connect(
                params.url,
                error_cb=quiet.heard,
                allow_reconnect=False,
                max_reconnect_attempts=1,  # 0 would try for ever
                reconnect_time_wait=0,
                connect_timeout=max(1, round(params.timeout_s)),
                user=params.user,
                password=params.password,
                token=params.token,
                user_credentials=params.credentials,
                tls=tls,
            )
        except BaseException as fault:
            await client.close()
            if isinstance(fault, Exception):
                raise quiet.first or fault from fault
            raise
        return client


class _Faults:
    """What the client says went wrong: the first is the cause, what it raises may come of that only."""

    def __init__(self) -> None:
        self.first: Exception | None = None

    async def heard(self, fault: Exception) -> None:
        """Keep the first."""
        self.first = self.first or fault


def _of_connecting(fault: Exception) -> PassingFailure | PermanentFailure:
    said = _words(fault)
    if "authorization" in said.lower() or "authentication" in said.lower():
        return PermanentFailure(f"the server refuses name or password: {said}")
    return PassingFailure(f"{type(fault).__name__}: {said}")


def _words(fault: Exception) -> str:
    return one_line(str(fault).removeprefix("nats: "), 200)
