"""Webhooks: signed as the specification says, repeated under the same name, and read by their answers."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from pathlib import Path
from typing import Any

import pytest

from seavigil.alerts.channels import PassingFailure, PermanentFailure, channel_of
from seavigil.alerts.channels.contract import Message
from seavigil.alerts.channels.webhook import retry_after_s, signature
from tests.alerts.channels.letters import CREATED_US, exercise, message, run, tools
from tests.alerts.channels.peers import Http, Request, answer, http, listening, mute, server_tls

KEY = b"k" * 32
SECRET = "whsec_" + base64.b64encode(KEY).decode()
SECRETS = {"env:HOOK": SECRET, "env:OLD": "o" * 24, "env:SHORT": "short", "env:BAD": "whsec_%%%"}


def hook(url: str, **options: Any) -> Any:
    """Give a webhook to an address."""
    given = {"url": url, "secret": "env:HOOK", "timeout_s": 5, **options}
    return channel_of("webhook", given, tools(), SECRETS.__getitem__)


def posted(*answers: bytes, told: Message | None = None, times: int = 1) -> tuple[list[Any], list[Request]]:
    """Send a message some times to a server with these answers; gives what came of it, and the requests."""
    outcomes: list[Any] = []

    async def work() -> list[Request]:
        async with http(*answers) as peer:
            for _ in range(times):
                try:
                    outcomes.append(await hook(peer.url).send(told or message()))
                except (PassingFailure, PermanentFailure) as failure:
                    outcomes.append(failure)
            return peer.requests

    return outcomes, run(work)


def test_a_signature_is_that_of_the_reference_libraries() -> None:
    """The vector with which the specification's own libraries are tested."""
    key = base64.b64decode("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")
    said = signature(key, "msg_p5jXN8AQM9LWM0D4loKWxJek", "1614265330", b'{"test": 2432232314}')
    assert said == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


def test_a_message_is_posted_signed_and_named() -> None:
    """Success: JSON, headers of the specification, a signature over exactly the bytes sent."""
    (sent,), (request,) = posted(answer("200 OK", body=b"thanks"))
    assert sent.says == "HTTP 200"
    assert request.line == "POST /hook HTTP/1.1"
    headers = request.headers
    assert headers["content-type"] == "application/json"
    assert headers["webhook-id"] == headers["idempotency-key"] == "3bb711db5a773f21:1:x"
    assert headers["webhook-timestamp"] == str(CREATED_US // 1_000_000)
    signed = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode() + request.body
    expected = base64.b64encode(hmac.new(KEY, signed, hashlib.sha256).digest()).decode()
    assert headers["webhook-signature"] == f"v1,{expected}"
    body = json.loads(request.body)
    assert body == json.loads(json.dumps(message().as_json()))
    assert (body["type"], body["status"]) == ("seavigil.alert", "actual")
    assert body["alerts"][0]["transition"]["what"] == "opened"


def test_while_a_secret_is_changed_both_sign() -> None:
    """A receiver that knows only the old secret still finds its signature."""

    async def work() -> Http:
        async with http() as peer:
            await hook(peer.url, old_secret="env:OLD").send(message())
            return peer

    (request,) = run(work).requests
    new, old = request.headers["webhook-signature"].split(" ")
    when = request.headers["webhook-timestamp"]
    assert old == signature(b"o" * 24, message().key, when, request.body)
    assert new == signature(KEY, message().key, when, request.body)


def test_a_repeat_has_the_same_name_and_content() -> None:
    """After a failure the same message comes again: the receiver can tell by its id."""
    outcomes, (first, second) = posted(answer("500 Oops"), answer("204 No Content"), times=2)
    assert isinstance(outcomes[0], PassingFailure)
    assert first.headers["webhook-id"] == second.headers["webhook-id"]
    assert first.headers["idempotency-key"] == second.headers["idempotency-key"]
    assert first.body == second.body


@pytest.mark.parametrize(
    "status", ["408 Timeout", "425 Too Early", "429 Slow", "500 Oops", "503 Away", "599 X"]
)
def test_answers_that_pass(status: str) -> None:
    """The other side is busy or broken: later."""
    (outcome,), _ = posted(answer(status, body=b"come\nback later"))
    assert isinstance(outcome, PassingFailure)
    assert outcome.why == f"HTTP {status[:3]}: come back later"
    assert outcome.retry_after_s is None


@pytest.mark.parametrize("status", ["400 Bad", "401 Who", "403 No", "404 Where", "410 Gone", "422 What"])
def test_answers_that_are_permanent(status: str) -> None:
    """The other side will never take it as it is: somebody must look."""
    (outcome,), _ = posted(answer(status))
    assert isinstance(outcome, PermanentFailure)
    assert outcome.why == f"HTTP {status[:3]}"


def test_redirects_are_not_followed() -> None:
    """An alert goes where it was addressed to, and nowhere else."""
    (outcome,), requests = posted(answer("307 There", "Location: http://127.0.0.1:9/elsewhere"))
    assert isinstance(outcome, PermanentFailure)
    assert "redirects are not followed" in outcome.why
    assert len(requests) == 1


@pytest.mark.parametrize(
    ("header", "wait_s"),
    [
        ("Retry-After: 120", 120.0),
        ("Retry-After: Thu, 20 Nov 2025 04:22:16 GMT", 60.0),
        ("Retry-After: soon", None),
    ],
)
def test_the_other_side_may_say_when(header: str, wait_s: float | None) -> None:
    """Retry-After in seconds, or as a date held against our clock (04:21:16Z); what is neither is left."""
    (outcome,), _ = posted(answer("429 Slow", header))
    assert outcome.retry_after_s == wait_s


def test_a_date_that_has_passed_means_now() -> None:
    """A clock that is ahead of theirs never waits a negative time."""
    assert retry_after_s("Thu, 20 Nov 2025 04:00:00 GMT", CREATED_US) == 0.0


def test_nobody_there_passes() -> None:
    """A refused connection is a matter of the network; the server is told, what may be secret is not."""
    asked = []

    async def work() -> None:
        async with http() as peer:
            url = peer.url
            asked.append(url)
        await hook(f"{url}?token=geheim").send(message())

    with pytest.raises(PassingFailure, match="ConnectError") as raised:
        run(work)
    assert "geheim" not in raised.value.why
    assert raised.value.why.startswith("/".join(asked[0].split("/")[:3]) + ": ConnectError")


def test_a_mute_server_passes() -> None:
    """A server that takes the request and never answers is given up after the timeout."""

    async def work() -> None:
        async with mute() as port:
            await hook(f"http://127.0.0.1:{port}/", timeout_s=0.2).send(message())

    with pytest.raises(PassingFailure, match=r"no answer within 0\.2 s"):
        run(work)


def test_an_endless_answer_is_not_read() -> None:
    """Of an answer only the beginning is read and told."""
    (outcome,), _ = posted(answer("400 Bad", body=b"x" * 1_000_000))
    assert len(outcome.why) < 250


def test_an_exercise_is_marked() -> None:
    """The receiver reads it in the data and in the words."""
    _, (request,) = posted(answer("200 OK"), told=exercise())
    body = json.loads(request.body)
    assert (body["status"], body["exercise"]) == ("exercise", True)
    assert body["subject"].startswith("EXERCISE EXERCISE EXERCISE")
    assert body["text"].endswith("EXERCISE EXERCISE EXERCISE")


def test_a_certificate_is_checked(certificate: Path) -> None:
    """A server that nobody vouches for is sent nothing; with its certificate given it is."""

    async def work(**options: Any) -> Http:
        peer = Http([answer("200 OK")])
        async with listening(peer.serve, server_tls(certificate)) as port:
            await hook(f"https://127.0.0.1:{port}/hook", **options).send(message())
        return peer

    with pytest.raises(PassingFailure, match="CERTIFICATE_VERIFY_FAILED"):
        run(work)
    assert len(run(lambda: work(ca_file=str(certificate))).requests) == 1


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"url": "ftp://example.org"}, "write https://HOST/PATH"),
        ({"url": "http://example.org/hook"}, "in the clear"),
        ({"secret": "geheim-geheim-geheim-geheim"}, "secret: give env:NAME or file:PATH"),
        ({"secret": "env:SHORT"}, "secret: 5 bytes; it takes 24 to 64"),
        ({"secret": "env:BAD"}, "secret: after whsec_ comes base64"),
        ({"timeout_s": 0}, "timeout_s"),
        ({"timeot_s": 3}, "no key 'timeot_s'; did you mean 'timeout_s'?"),
    ],
)
def test_settings_that_cannot_be_meant(options: dict[str, Any], said: str) -> None:
    """Refused at the start, in words, without the secret."""
    with pytest.raises(ValueError, match=r"url|secret|timeo") as raised:
        hook(**{"url": "https://example.org/hook", **options})
    assert said in str(raised.value)
    assert "geheim" not in str(raised.value)


def test_plain_http_elsewhere_has_to_be_asked_for() -> None:
    """Near miss: who says that it may go in the clear, may."""
    assert hook("http://example.org/hook", allow_plain=True).params.allow_plain
