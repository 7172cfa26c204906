"""E-mail: handed over to a real SMTP conversation, refused for now or for good, named by its key."""

from __future__ import annotations

import base64
import email
import json
from email.message import EmailMessage
from email.policy import default
from pathlib import Path
from typing import Any

import pytest

from seavigil.alerts.channels import PassingFailure, PermanentFailure, channel_of
from seavigil.alerts.channels.contract import Message
from tests.alerts.channels.letters import exercise, message, payload, run, tools
from tests.alerts.channels.peers import Smtp, mute, server_tls, smtp

SECRETS = {"env:MAIL": "geheim"}
BOTH = ["duty@example.org", "second@example.org"]


def mailer(port: int, **options: Any) -> Any:
    """Give a channel to a mail server of this machine."""
    server = {"host": "127.0.0.1", "port": port, "security": "none", "timeout_s": 5}
    given = {**server, "sender": "watch@example.org", "to": BOTH, **options}
    return channel_of("email", given, tools(), SECRETS.__getitem__)


def mailed(peer: Smtp, *told: Message, **options: Any) -> list[Any]:
    """Send messages; gives what came of each."""

    async def work() -> list[Any]:
        outcomes: list[Any] = []
        async with smtp(peer):
            channel = mailer(peer.port, **options)
            for one in told:
                try:
                    outcomes.append(await channel.send(one))
                except (PassingFailure, PermanentFailure) as failure:
                    outcomes.append(failure)
        return outcomes

    found: list[Any] = run(work)
    return found


def read(peer: Smtp, number: int = 0) -> EmailMessage:
    """Read a mail that the server took."""
    mail = email.message_from_bytes(peer.mails[number][2], policy=default)
    assert isinstance(mail, EmailMessage)
    return mail


def test_a_mail_has_the_text_and_the_data() -> None:
    """Success: both recipients, the words to read, the alerts as a file."""
    peer = Smtp()
    (sent,) = mailed(peer, message())
    assert (sent.says, sent.short) == ("taken for 2 of 2", "")
    assert peer.mails[0][0].startswith("<watch@example.org>")
    assert peer.mails[0][1] == [f"<{address}>" for address in BOTH]
    mail = read(peer)
    assert mail["Subject"] == message().subject
    assert mail["To"] == "duty@example.org, second@example.org"
    assert mail["Date"] == "Thu, 20 Nov 2025 04:21:16 +0000"
    assert mail["X-Priority"] == "2 (High)"
    body = mail.get_body(("plain",))
    assert body is not None
    assert body.get_content().splitlines() == message().text.splitlines()
    (data,) = mail.iter_attachments()
    assert data.get_filename() == "actual.json"
    assert json.loads(data.get_content()) == json.loads(json.dumps(message().as_json()))


def test_what_is_told_of_one_alert_stays_together() -> None:
    """Two revisions are two mails of one thread; two alerts are no thread."""
    peer = Smtp()
    mailed(peer, message(), message(payload(revision=2)), message(payload("a"), payload("b")))
    first, second, both = (read(peer, n) for n in range(3))
    assert first["References"] == second["References"]
    assert first["Message-ID"] != second["Message-ID"]
    assert both["References"] is None


def test_a_repeat_has_the_same_message_id() -> None:
    """A mail whose acknowledgement got lost comes again under the same name."""
    peer = Smtp(refuses={"END": "451 disk full, says the server, but it had kept it"})
    first, second = mailed(peer, message(), message())
    assert isinstance(first, PassingFailure)
    assert isinstance(second, PassingFailure)
    assert read(peer, 0)["Message-ID"] == read(peer, 1)["Message-ID"]
    assert peer.mails[0] == peer.mails[1]


def test_who_took_it_is_not_sent_it_again() -> None:
    """One recipient is put off: the next try is for that one alone."""
    peer = Smtp(refuses={"RCPT <second@example.org>": "450 mailbox busy"})
    (first,) = mailed(peer, message())
    assert isinstance(first, PassingFailure)
    assert first.why == "second@example.org: 450 mailbox busy"

    async def work() -> Any:
        async with smtp(peer):
            channel = mailer(peer.port)
            with pytest.raises(PassingFailure):
                await channel.send(message())
            peer.refuses.clear()
            return await channel.send(message())

    assert run(work).says == "taken for 2 of 2"
    assert [to for _, to, _ in peer.mails] == [
        ["<duty@example.org>"],
        ["<duty@example.org>"],
        ["<second@example.org>"],
    ]


def test_who_is_refused_for_good_is_told_of() -> None:
    """One wrong address keeps the mail from nobody else, and is not forgotten."""
    (sent,) = mailed(Smtp(refuses={"RCPT <second@example.org>": "550 no such mailbox"}), message())
    assert sent.says == "taken for 1 of 2"
    assert sent.short == "second@example.org: 550 no such mailbox"


@pytest.mark.parametrize(
    ("refuses", "failure", "said"),
    [
        ({"RCPT": "550 no such mailbox"}, PermanentFailure, "duty@example.org: 550 no such mailbox"),
        ({"RCPT": "452 too many"}, PassingFailure, "452 too many"),
        ({"MAIL": "451 later"}, PassingFailure, "451 later"),
        ({"MAIL": "553 not you"}, PermanentFailure, "553 not you"),
        ({"DATA": "421 going down"}, PassingFailure, "421 going down"),
        ({"DATA": "554 no"}, PermanentFailure, "554 no"),
        ({"END": "452 full"}, PassingFailure, "452 full"),
        ({"END": "554 spam"}, PermanentFailure, "554 spam"),
    ],
)
def test_answers_of_the_server(refuses: dict[str, str], failure: type[Exception], said: str) -> None:
    """Whatever the server says no to: 4xx passes, 5xx is permanent."""
    (outcome,) = mailed(Smtp(refuses=refuses), message())
    assert isinstance(outcome, failure)
    assert said in str(outcome)


def test_login_goes_over_tls_only(certificate: Path) -> None:
    """STARTTLS first, then name and password, then the mail."""
    peer = Smtp(offers=("STARTTLS", "AUTH PLAIN"), tls=server_tls(certificate))
    options = {"security": "starttls", "user": "watch", "password": "env:MAIL", "ca_file": str(certificate)}
    (sent,) = mailed(peer, message(), **options)
    assert sent.says == "taken for 2 of 2"
    assert peer.logins == ["AUTH PLAIN " + base64.b64encode(b"\0watch\0geheim").decode()]


def test_a_wrong_password_is_permanent(certificate: Path) -> None:
    """Nobody mends a password by waiting; it is not repeated in what is told."""
    peer = Smtp(refuses={"AUTH": "535 wrong"}, offers=("STARTTLS", "AUTH PLAIN"), tls=server_tls(certificate))
    options = {"security": "starttls", "user": "watch", "password": "env:MAIL", "ca_file": str(certificate)}
    (outcome,) = mailed(peer, message(), **options)
    assert isinstance(outcome, PermanentFailure)
    assert "535 wrong" in outcome.why
    assert "geheim" not in outcome.why


def test_a_server_without_tls_gets_no_mail() -> None:
    """What was to be secured is never sent unsecured."""
    peer = Smtp()
    (outcome,) = mailed(peer, message(), security="starttls")
    assert isinstance(outcome, PermanentFailure)
    assert "does not offer" in outcome.why
    assert peer.mails == []


def test_smtps_checks_the_certificate(certificate: Path) -> None:
    """TLS from the first byte; a certificate that nobody vouches for passes as a failure in words."""

    async def work(**options: Any) -> Any:
        async with smtp(tls=server_tls(certificate)) as peer:
            await mailer(peer.port, security="smtps", **options).send(message())
            return peer

    with pytest.raises(PassingFailure, match="CERTIFICATE_VERIFY_FAILED"):
        run(work)
    assert len(run(lambda: work(ca_file=str(certificate))).mails) == 1


def test_nobody_there_and_nobody_speaking_pass() -> None:
    """A server that is away, or takes the connection and says nothing, may be back later."""

    async def away() -> None:
        async with smtp() as peer:
            port = peer.port
        await mailer(port).send(message())

    async def silent() -> None:
        async with mute() as port:
            await mailer(port, timeout_s=0.2).send(message())

    for work in (away, silent):
        with pytest.raises(PassingFailure):
            run(work)


def test_an_exercise_is_marked() -> None:
    """Subject, text and the name of the file say so."""
    peer = Smtp()
    mailed(peer, exercise())
    mail = read(peer)
    assert mail["Subject"].startswith("EXERCISE EXERCISE EXERCISE")
    body = mail.get_body(("plain",))
    assert body is not None
    assert body.get_content().strip().endswith("EXERCISE EXERCISE EXERCISE")
    assert next(iter(mail.iter_attachments())).get_filename() == "exercise.json"


def test_a_name_of_a_ship_adds_no_header() -> None:
    """A ship that sends line ends in her name writes no headers of her own."""
    from dataclasses import replace

    from tests.alerts.channels.letters import alert

    vessel = replace(alert().vessel or pytest.fail("no vessel"), name="A\r\nBcc: x@example.org")
    peer = Smtp()
    mailed(peer, message(payload(vessel=vessel)))
    assert read(peer)["Bcc"] is None
    assert len(peer.mails[0][1]) == 2


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"to": []}, "to: at least one address"),
        ({"to": ["nobody"]}, "'nobody' is not an address"),
        ({"to": ["a@b.org\nBcc: c@d.org"]}, "is not an address"),
        ({"sender": "watch"}, "'watch' is not an address"),
        ({"user": "watch"}, "user and password go together"),
        ({"user": "watch", "password": "env:MAIL"}, "in the clear"),
        ({"password": "geheim"}, "password: give env:NAME or file:PATH"),
        ({"security": "tls"}, "security"),
        ({"timeout_s": "long"}, "timeout_s"),
    ],
)
def test_settings_that_cannot_be_meant(options: dict[str, Any], said: str) -> None:
    """Refused at the start, in words, without the password."""
    with pytest.raises(ValueError, match=r".") as raised:
        mailer(25, **options)
    assert said in str(raised.value)
    assert "geheim" not in str(raised.value)
