"""Passwords and keys: where they lie may be seen, they may not."""

from __future__ import annotations

import logging
from pathlib import Path

import pytest

from seavigil.feeds.transports.secrets import CUT, Cutter, Secret, filled_in, secret_of, shown_url

KEY = "0123456789abcdef"


def test_a_secret_is_read_from_the_environment_anew_each_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """A key that was exchanged works without a restart."""
    secret = secret_of("env:FEED_KEY", what="key")
    monkeypatch.setenv("FEED_KEY", KEY)
    assert secret.reveal() == KEY
    monkeypatch.setenv("FEED_KEY", "another")
    assert secret.reveal() == "another"


def test_a_secret_is_read_from_a_file_without_its_line_end(tmp_path: Path) -> None:
    """Editors end files with a line break; keys have none."""
    (tmp_path / "key").write_text(f"{KEY}\r\n")
    assert secret_of(f"file:{tmp_path / 'key'}", what="key").reveal() == KEY


@pytest.mark.parametrize(("mode", "warned"), [(0o600, False), (0o400, False), (0o640, True), (0o604, True)])
def test_a_file_that_others_may_read_is_warned_of_once(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, mode: int, warned: bool
) -> None:
    """It works all the same: a watch that stands still is worse."""
    path = tmp_path / f"key-{mode:o}"
    path.write_text(KEY)
    path.chmod(mode)
    with caplog.at_level(logging.WARNING):
        assert [Secret(f"file:{path}").reveal() for _ in range(2)] == [KEY, KEY]
    assert len(caplog.messages) == warned
    assert KEY not in caplog.text


@pytest.mark.parametrize(
    ("place", "says"),
    [
        ("env:THERE_IS_NO_SUCH", "no such environment variable"),
        ("file:/nowhere/key", "No such file"),
        ("file:EMPTY", "empty"),
        ("file:BINARY", "not UTF-8"),
        ("file:LARGE", "no password"),
    ],
)
def test_a_secret_that_is_not_there_is_said_in_words(tmp_path: Path, place: str, says: str) -> None:
    """The message names the place."""
    (tmp_path / "EMPTY").write_text(" \n")
    (tmp_path / "BINARY").write_bytes(b"\xff\xfe\x00")
    (tmp_path / "LARGE").write_bytes(b"a" * 70_000)
    for path in tmp_path.iterdir():
        path.chmod(0o600)
        place = place.replace(f"file:{path.name}", f"file:{path}")
    with pytest.raises(ValueError, match=says) as fault:
        Secret(place).reveal()
    assert place in str(fault.value)


@pytest.mark.parametrize("text", [KEY, "env:", "pass:word", ""])
def test_a_secret_by_value_is_refused_without_repeating_it(text: str) -> None:
    """Command lines and settings files are read by many."""
    with pytest.raises(ValueError, match="password: give env:NAME or file:PATH") as fault:
        secret_of(text, what="password")
    assert not text or text not in str(fault.value).replace("env:NAME", "")


def test_a_secret_prints_as_its_place() -> None:
    """Neither repr nor str knows the value."""
    assert str(Secret("env:A")) == "env:A"
    assert "env:A" in repr(Secret("env:A"))


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("tcp://153.44.253.27:5631", "tcp://153.44.253.27:5631"),
        (f"mqtt://me:{KEY}@host:1883/a/b", f"mqtt://{CUT}@host:1883/a/b"),
        (f"nats://{KEY}@host", f"nats://{CUT}@host"),
        (f"wss://host/x?token={KEY}&format=json", f"wss://host/x?token={CUT}&format=json"),
        (f"wss://host/x?{KEY}", f"wss://host/x?{CUT}"),
        ("wss://host/x?token=env:TOKEN", "wss://host/x?token=env:TOKEN"),
        (f"wss://host/x#{KEY}", "wss://host/x"),
        (f"wss://me:{KEY}@[::1]:1/x", f"wss://{CUT}@[::1]:1/x"),
        (f"ws://[{KEY}", CUT),
    ],
)
def test_a_url_is_shown_without_what_may_be_secret(url: str, shown: str) -> None:
    """Only what is known to be harmless stays."""
    assert shown_url(url) == shown


def test_a_query_may_say_where_its_secret_lies(monkeypatch: pytest.MonkeyPatch) -> None:
    """On the wire there is the value, quoted."""
    monkeypatch.setenv("TOKEN", "a&b c")
    assert filled_in("wss://h/x?a=1&token=env:TOKEN&b") == "wss://h/x?a=1&token=a%26b%20c&b"
    assert filled_in("wss://h/x") == "wss://h/x"


def test_what_a_server_says_is_cut_of_what_it_was_told() -> None:
    """A server may repeat the key it does not like, plain or quoted; its words stay on one short line."""
    cutter = Cutter.of([None, "", "a b", KEY])
    said = cutter.cut(f"key {KEY}\nor a%20b is\tnot valid" + "!" * 500)
    assert said.startswith(f"key {CUT} or {CUT} is not valid")
    assert len(said) == 200
    assert KEY not in repr(cutter)
