"""E-mail over SMTP: the text, and the alerts as an attached JSON file.

An answer of 4xx passes, one of 5xx is permanent (RFC 5321, 4.2.1). ``Message-ID`` follows from the message's
key, so that a mail sent again is known as the same. A recipient who took it is not sent it again, as long as
this program runs; one who is refused for good does not keep it from the others, and is told of.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
import smtplib
import ssl
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.utils import format_datetime
from typing import Literal

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

_PORTS = {"starttls": 587, "smtps": 465, "none": 25}  # RFC 6409, RFC 8314, RFC 5321
#: Who took which message is remembered for so many messages (own choice: more than are ever under way).
_REMEMBERED = 1_000
_PRIORITY = {"urgent": "1 (Highest)", "warning": "2 (High)"}


@dataclass(frozen=True, kw_only=True)
class MailParams(Params):
    """Parameters of e-mail."""

    host: str = field(metadata={"says": "The mail server."})
    sender: str = field(metadata={"says": "Address it comes from."})
    to: list[str] = field(metadata={"says": "Addresses it goes to."})
    port: int | None = field(default=None, metadata={"says": "587 for starttls, 465 for smtps, 25 for none."})
    security: Literal["starttls", "smtps", "none"] = field(
        default="starttls", metadata={"says": "How the connection is secured; none: anybody can read it."}
    )
    user: str | None = field(default=None, metadata={"says": "Name to log in with."})
    password: str | None = field(default=None, metadata={"secret": "must", "says": "Its password."})
    ca_file: str | None = field(default=None, metadata=CA_FILE)

    def __post_init__(self) -> None:
        """Check the addresses. Raises ``ValueError``."""
        super().__post_init__()
        if not self.to:
            raise ValueError("to: at least one address")
        for address in (self.sender, *self.to):
            _checked(address)
        if (self.user is None) != (self.password is None):
            raise ValueError("user and password go together")
        if self.user is not None and self.security == "none":
            raise ValueError('security = "none" would send the password in the clear')


class Mail(Channel[MailParams]):
    """Sends the message to every recipient."""

    params_type = MailParams

    def __init__(self, params: MailParams, tools: Tools) -> None:
        super().__init__(params, tools)
        self._took: OrderedDict[str, set[str]] = OrderedDict()

    async def deliver(self, message: Message) -> Sent:
        """Hand it to the mail server, in a thread: smtplib waits."""
        took = self._took.setdefault(message.key, set())
        left = [address for address in self.params.to if address not in took]
        if not left:
            return Sent("taken before")
        mail = mail_of(message, self.params)
        refused = await asyncio.to_thread(self._hand_over, mail, left)
        took.update(address for address in left if address not in refused)
        self._forget()
        return _judge(refused, len(self.params.to))

    def _hand_over(self, mail: EmailMessage, to: Sequence[str]) -> Mapping[str, tuple[int, bytes]]:
        """Give the recipients who were refused, each with the server's answer."""
        try:
            with self._connected() as server:
                return server.send_message(mail, from_addr=self.params.sender, to_addrs=list(to))
        except smtplib.SMTPRecipientsRefused as fault:
            return fault.recipients
        except smtplib.SMTPResponseException as fault:
            said = f"{fault.smtp_code} {_words(fault.smtp_error)}"
            raise (PassingFailure if 400 <= fault.smtp_code < 500 else PermanentFailure)(said) from fault
        except smtplib.SMTPNotSupportedError as fault:
            raise PermanentFailure(f"the mail server does not offer it: {fault}") from fault
        except (OSError, smtplib.SMTPException) as fault:  # OSError: refused, timed out, not to be trusted
            raise PassingFailure(one_line(f"{type(fault).__name__}: {fault}", 200)) from fault

    def _connected(self) -> smtplib.SMTP:
        params = self.params
        port = params.port if params.port is not None else _PORTS[params.security]
        context = client_context(params.ca_file) if params.security != "none" else None
        server = self._server(port, context)
        try:
            if params.security == "starttls":
                server.starttls(context=context)
            if params.user is not None and params.password is not None:
                server.login(params.user, params.password)
        except BaseException:
            server.close()
            raise
        return server

    def _server(self, port: int, context: ssl.SSLContext | None) -> smtplib.SMTP:
        host, timeout = self.params.host, self.params.timeout_s
        if self.params.security == "smtps":
            return smtplib.SMTP_SSL(host, port, timeout=timeout, context=context)
        return smtplib.SMTP(host, port, timeout=timeout)

    def _forget(self) -> None:
        while len(self._took) > _REMEMBERED:
            self._took.popitem(last=False)


def mail_of(message: Message, params: MailParams) -> EmailMessage:
    """Make the mail: the same for the same message, to the last header."""
    mail = EmailMessage()
    mail["From"], mail["To"] = params.sender, ", ".join(params.to)
    mail["Subject"] = message.subject
    mail["Date"] = format_datetime(datetime.fromtimestamp(message.created_us // 1_000_000, UTC))
    domain = params.sender.rpartition("@")[2]
    mail["Message-ID"] = _id(message.key, domain)
    threads = sorted({str(alert["alert_id"]) for alert in message.alerts})
    if len(threads) == 1:  # a mail program shows all that is told of one alert together
        mail["References"] = _id(threads[0], domain)
    mail["Auto-Submitted"] = "auto-generated"  # RFC 3834: no holiday notices in answer
    if message.priority in _PRIORITY:
        mail["X-Priority"] = _PRIORITY[message.priority]
    mail.set_content(message.text)
    data = json.dumps(message.as_json(), ensure_ascii=False, indent=1).encode()
    mail.add_attachment(data, maintype="application", subtype="json", filename=f"{message.status}.json")
    mail.set_boundary(f"seavigil-{_digest(message.key)}")  # else a new one each time
    return mail


def _id(name: str, domain: str) -> str:
    return f"<{_digest(name)}@{domain}>"


def _digest(name: str) -> str:
    return hashlib.sha256(name.encode()).hexdigest()[:32]


def _judge(refused: Mapping[str, tuple[int, bytes]], of: int) -> Sent:
    """Say what the refusals of recipients come to: one that passes has the rest of them tried again."""
    told = "; ".join(f"{address}: {code} {_words(said)}" for address, (code, said) in refused.items())
    if any(400 <= code < 500 for code, _ in refused.values()):
        raise PassingFailure(told)
    if len(refused) == of:
        raise PermanentFailure(told)
    return Sent(f"taken for {of - len(refused)} of {of}", short=told)


def _words(said: bytes | str) -> str:
    return one_line(said.decode("utf-8", "replace") if isinstance(said, bytes) else said, 200)


def _checked(address: str) -> None:
    try:
        parsed = Address(addr_spec=address)
    except (ValueError, IndexError) as fault:
        raise ValueError(f"{address!r} is not an address of e-mail") from fault
    if not parsed.domain or any(c.isspace() for c in address):
        raise ValueError(f"{address!r} is not an address of e-mail")
