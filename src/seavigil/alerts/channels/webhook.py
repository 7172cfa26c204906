"""A signed HTTP POST, as the Standard Webhooks specification 1.0.0 has it (standardwebhooks.com).

Signed is ``ID.TIMESTAMP.BODY`` with HMAC-SHA256; ID and ``Idempotency-Key`` are the message's key, the same
for every try; the timestamp is that of the try. 2xx is success; 408, 425, 429, 5xx and whatever happens on
the network pass; everything else is permanent. So are redirects: they are not followed, the address has to be
mended.
"""

from __future__ import annotations

import base64
import binascii
import hmac
import json
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from seavigil.alerts.channels.contract import (
    Channel,
    Message,
    Params,
    PassingFailure,
    PermanentFailure,
    Sent,
    Tools,
)
from seavigil.alerts.channels.marks import one_line
from seavigil.alerts.channels.tls import CA_FILE, client_context

if TYPE_CHECKING:
    import httpx

#: The specification wants 24 to 64 random bytes.
_LEAST_SECRET, _MOST_SECRET = 24, 64
#: Answers that say "later": 408 Request Timeout, 425 Too Early, 429 Too Many Requests; and every 5xx.
_LATER = frozenset({408, 425, 429})
#: Of an answer so much is read and told (own choice: a line on a screen).
_ANSWER_BYTES, _ANSWER_CHARS = 2_000, 200
_LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})
_SECOND_US = 1_000_000


@dataclass(frozen=True, kw_only=True)
class WebhookParams(Params):
    """Parameters of a webhook."""

    url: str = field(metadata={"secret": "may", "says": "Where to POST; env:NAME or file:PATH hide it."})
    secret: str = field(
        metadata={"secret": "must", "says": "Signs: `whsec_` and base64, or plain text; 24 to 64 bytes."}
    )
    old_secret: str | None = field(
        default=None, metadata={"secret": "must", "says": "Signs beside it while the secret is changed."}
    )
    ca_file: str | None = field(default=None, metadata=CA_FILE)
    allow_plain: bool = field(
        default=False, metadata={"says": "Allow http:// to other machines: anybody on the way can read it."}
    )

    def __post_init__(self) -> None:
        """Check address and secrets. Raises ``ValueError``, without the secret in it."""
        super().__post_init__()
        parts = urlsplit(self.url)
        if parts.scheme not in {"http", "https"} or not parts.hostname:
            raise ValueError("url: write https://HOST/PATH")
        if parts.scheme == "http" and parts.hostname not in _LOOPBACK and not self.allow_plain:
            raise ValueError("url: http:// sends alerts in the clear; write https://, or allow_plain = true")
        for name in ("secret", "old_secret"):
            if (value := getattr(self, name)) is not None:
                _key(value, name)


class Webhook(Channel[WebhookParams]):
    """Sends the message as JSON to one address."""

    params_type = WebhookParams

    def __init__(self, params: WebhookParams, tools: Tools) -> None:
        super().__init__(params, tools)
        secrets = (params.secret, params.old_secret)
        self._keys = [_key(value, "secret") for value in secrets if value is not None]

    async def deliver(self, message: Message) -> Sent:
        """POST it, and read the answer as the module says."""
        import httpx

        body = json.dumps(message.as_json(), ensure_ascii=False, separators=(",", ":")).encode()
        verify = client_context(self.params.ca_file)
        try:
            async with (
                httpx.AsyncClient(
                    verify=verify, timeout=self.params.timeout_s, follow_redirects=False, trust_env=False
                ) as client,
                client.stream(
                    "POST", self.params.url, content=body, headers=self._headers(message.key, body)
                ) as answer,
            ):
                return self._judge(answer, await _beginning(answer))
        except httpx.TimeoutException as fault:
            raise PassingFailure(f"{self._place}: no answer within {self.params.timeout_s:g} s") from fault
        except httpx.InvalidURL as fault:
            raise PermanentFailure("url: not an address that can be asked") from fault
        except httpx.HTTPError as fault:
            why = f"{type(fault).__name__}: {self._without_url(str(fault))}"
            raise PassingFailure(f"{self._place}: {why}") from fault

    def _headers(self, key: str, body: bytes) -> dict[str, str]:
        when = str(self.tools.now_us() // _SECOND_US)
        return {
            "content-type": "application/json",
            "user-agent": "seavigil",
            "idempotency-key": key,
            "webhook-id": key,
            "webhook-timestamp": when,
            "webhook-signature": " ".join(signature(k, key, when, body) for k in self._keys),
        }

    def _judge(self, answer: httpx.Response, begins: str) -> Sent:
        code = answer.status_code
        said = f"HTTP {code}" + (f": {begins}" if begins else "")
        if 200 <= code < 300:
            return Sent(f"HTTP {code}")
        if code in _LATER or code >= 500:
            raise PassingFailure(said, retry_after_s(answer.headers.get("retry-after"), self.tools.now_us()))
        if 300 <= code < 400:
            raise PermanentFailure(f"HTTP {code}: redirects are not followed; set the new address")
        raise PermanentFailure(said)

    @property
    def _place(self) -> str:
        """Say which server is asked, without the rest of the address: it may be a secret."""
        parts = urlsplit(self.params.url)
        return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}"

    def _without_url(self, text: str) -> str:
        """Keep the address out of what is told: it may be a secret."""
        return one_line(
            text.replace(self.params.url, urlsplit(self.params.url).hostname or ""), _ANSWER_CHARS
        )


def signature(key: bytes, message_id: str, timestamp: str, body: bytes) -> str:
    """Sign one try: ``v1,`` and the base64 of HMAC-SHA256 over ``ID.TIMESTAMP.BODY``.

    >>> key = base64.b64decode("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")
    >>> signature(key, "msg_p5jXN8AQM9LWM0D4loKWxJek", "1614265330", b'{"test": 2432232314}')
    'v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE='
    """
    signed = b".".join((message_id.encode(), timestamp.encode(), body))
    return "v1," + base64.b64encode(hmac.digest(key, signed, "sha256")).decode()


def retry_after_s(header: str | None, now_us: int) -> float | None:
    """Read ``Retry-After``: seconds, or a date of HTTP (RFC 9110, 10.2.3); None where there is none to read.

    >>> retry_after_s("120", 0), retry_after_s("Thu, 01 Jan 1970 00:01:30 GMT", 60_000_000)
    (120.0, 30.0)
    """
    if header is None:
        return None
    if header.strip().isdigit():
        return float(header)
    try:
        until = parsedate_to_datetime(header)
    except ValueError:
        return None
    moment = until if until.tzinfo else until.replace(tzinfo=UTC)
    return max(0.0, (moment - datetime.fromtimestamp(now_us / _SECOND_US, UTC)).total_seconds())


async def _beginning(answer: httpx.Response) -> str:
    """Read the beginning of an answer and no more: the other side may send anything."""
    read = b""
    async for piece in answer.aiter_raw(_ANSWER_BYTES):
        read += piece
        if len(read) >= _ANSWER_BYTES:
            break
    return one_line(read.decode("utf-8", "replace"), _ANSWER_CHARS)


def _key(secret: str, name: str) -> bytes:
    """Give the bytes that sign. Raises ``ValueError``, without the secret in it."""
    try:
        encoded = secret.removeprefix("whsec_")
        key = base64.b64decode(encoded, validate=True) if encoded != secret else secret.encode()
    except binascii.Error as fault:
        raise ValueError(f"{name}: after whsec_ comes base64") from fault
    if not _LEAST_SECRET <= len(key) <= _MOST_SECRET:
        raise ValueError(f"{name}: {len(key)} bytes; it takes {_LEAST_SECRET} to {_MOST_SECRET}, random ones")
    return key
