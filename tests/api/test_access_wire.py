"""Over the wire: TLS by a certificate, proxies that are believed, and the status asked from a shell."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from threading import Thread
from typing import Any

import httpx
import pytest

from seavigil.api.access import AccessParams
from seavigil.api.serve import Wire, bound, serve
from seavigil.cli.asking import ask_status
from seavigil.cli.main import run
from seavigil.cli.reached import check_access
from seavigil.runners.credentials import hashed
from seavigil.runners.local_key import new_key, read_key
from seavigil.runners.settings import NAME, read_settings
from seavigil.store.database import Database
from tests.api.house import PASSWORD, House
from tests.api.test_api import Service
from tests.certificates import authority
from tests.runners.statuses import WELL


@contextmanager
def served(house: House, wire: Wire) -> Iterator[int]:
    """Serve a house on a port of this machine, and give the port."""
    taken = bound("127.0.0.1", 0)
    taken.listen()  # who comes before it is served waits
    port = int(taken.getsockname()[1])
    loop = asyncio.new_event_loop()
    task = loop.create_task(serve(house.context, taken, wire))

    def work() -> None:
        with pytest.raises(asyncio.CancelledError):
            loop.run_until_complete(task)

    thread = Thread(target=work)
    thread.start()
    try:
        yield port
    finally:
        loop.call_soon_threadsafe(task.cancel)
        thread.join()
        loop.close()


@pytest.fixture
def made(tmp_path: Path) -> Iterator[Callable[..., House]]:
    """Give a way to make a house in this folder."""
    with Database.open(tmp_path) as store:

        def make(**params: Any) -> House:
            service = Service(tmp_path, replace(WELL, store=replace(WELL.store, shown=store.shown)))
            return House(service, store, params=AccessParams(required=True, **params))

        yield make


def test_over_tls(made: Callable[..., House], tmp_path: Path) -> None:
    """The cookie is Secure then; who speaks plainly is not understood."""
    ours = authority(tmp_path)
    house = made()
    house.user("otto", "operator")
    with served(house, Wire(ours.issue("watch"))) as port:
        trusting = ssl.create_default_context(cafile=ours.certificate)
        asked = {"user": "otto", "password": PASSWORD}
        answer = httpx.post(f"https://127.0.0.1:{port}/api/session", json=asked, verify=trusting)
        assert answer.status_code == 200
        assert "secure" in answer.headers["set-cookie"].lower()
        with pytest.raises(httpx.TransportError):
            httpx.get(f"http://127.0.0.1:{port}/livez")


def test_only_proxies_of_the_settings_are_believed(made: Callable[..., House]) -> None:
    """Whom they speak for, and that it came by TLS; anybody else speaks for themselves."""
    headers = {"X-Forwarded-For": "192.0.2.7", "X-Forwarded-Proto": "https"}
    asked = {"user": "nobody", "password": PASSWORD}
    house = made()
    for wire, address in ((Wire(), "127.0.0.1"), (Wire(behind_proxy=("127.0.0.1",)), "192.0.2.7")):
        house.user("otto", "operator")
        with served(house, wire) as port:
            url = f"http://127.0.0.1:{port}/api/session"
            assert httpx.post(url, json=asked, headers=headers).status_code == 401
            cookie = httpx.post(url, json={**asked, "user": "otto"}, headers=headers).headers["set-cookie"]
        last = house.store.trail.entries(limit=2)
        assert {entry.address for _, entry in last} == {address}
        assert ("secure" in cookie.lower()) == (address == "192.0.2.7")


@pytest.mark.parametrize("tls", [False, True])
def test_the_status_is_asked_with_the_folders_key(
    made: Callable[..., House], tmp_path: Path, tls: bool
) -> None:
    """`seavigil status` reads the key beside the settings, also over TLS; without it it is told nothing."""
    key = new_key(tmp_path)
    assert key is not None
    assert (tmp_path / "api.key").stat().st_mode & 0o777 == 0o600
    assert new_key(tmp_path) != key  # another at each start
    house = made(local=hashed(str(read_key(tmp_path))))
    pem = authority(tmp_path).issue("watch") if tls else None
    with served(house, Wire(pem)) as port:
        certificate = f"certificate = '{pem}'\n" if tls else ""
        (tmp_path / NAME).write_text(f"[api]\nport = {port}\n{certificate}")
        told = ask_status(tmp_path)
        assert told is not None
        assert told.pid == WELL.pid
        (tmp_path / "api.key").unlink()
        assert ask_status(tmp_path) is None


def test_the_folders_key_may_only_look(made: Callable[..., House], tmp_path: Path) -> None:
    """Who can read the folder can read what lies in it; to change anything takes more."""
    key = str(new_key(tmp_path))
    house = made(local=hashed(key))
    browser = house.browser(key)
    assert browser.get("/api/status").status_code == 200
    assert browser.send("POST", "/api/faults", {"asset": "x"}).status_code == 403
    assert browser.get("/api/audit").status_code == 403


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("[api]\ncertificate = 'none.pem'", "none.pem: No such file"),
        ("[api]\ncertificate = 'text.pem'", "text.pem: "),
        ("[oidc.a.b]\n", "[oidc.a] issuer: Field required"),
        (
            "[oidc.'a b']\nissuer='https://x'\nclient_id='c'\nclient_secret='env:S'\nviewer=['*']",
            "[oidc.a b] a name of another house is letters, digits, - and _",
        ),
        (
            "[oidc.sso]\nissuer='https://x'\nclient_id='c'\nclient_secret='env:NOT_THERE'\nviewer=['*']",
            "env:NOT_THERE: no such environment variable",
        ),
    ],
)
def test_what_cannot_be_is_told_before_anything_starts(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], text: str, told: str
) -> None:
    """`seavigil config check` says it in one line."""
    (tmp_path / "text.pem").write_text("this is no certificate")
    (tmp_path / NAME).write_text(text)
    assert run(["config", "check", str(tmp_path)]) == 1
    said = capsys.readouterr().err
    assert told in said
    assert said.count("\n") == 1


def test_a_key_with_a_password_is_not_waited_for(tmp_path: Path) -> None:
    """A service has nobody to ask."""
    from cryptography.hazmat.primitives import serialization

    pem = authority(tmp_path).issue("watch")
    key = serialization.load_pem_private_key(pem.read_bytes(), None)
    locked = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.BestAvailableEncryption(b"secret"),
    )
    (tmp_path / "locked.pem").write_bytes(locked)
    (tmp_path / NAME).write_text(f"[api]\ncertificate = '{pem}'\nkey = 'locked.pem'")
    with pytest.raises(ValueError, match=r"\[api\]"):
        check_access(read_settings(tmp_path / NAME))
