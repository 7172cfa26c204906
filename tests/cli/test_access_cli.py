"""`seavigil access`: whoever has a shell makes tokens and users, and takes them away."""

from __future__ import annotations

import io
import json
import socket
from pathlib import Path
from typing import Any

import pytest

from seavigil.cli.reached import say_address
from seavigil.runners.credentials import Passwords, hashed
from seavigil.runners.settings import Settings
from seavigil.runners.settings_tables import ApiTable
from seavigil.store.database import Database
from tests.cli.test_store_cli import Command

PASSWORD = "a long enough one"


@pytest.fixture
def watch(tmp_path: Path) -> Path:
    """Give the folder of a service that ran once."""
    folder = tmp_path / "watch"
    folder.mkdir()
    Database.open(folder).close()
    return folder


def type_in(monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    """Have this come in by standard input."""
    monkeypatch.setattr("sys.stdin", io.StringIO(text))


def test_a_token_is_made_listed_and_revoked(seavigil: Command, watch: Path) -> None:
    """Its text is printed alone, so that it can be taken up by a script, and never again."""
    said = seavigil("access", "token", "new", "--folder", watch, "--name", "scrape", "--days", "30")
    text = said.out.strip()
    assert (said.code, said.err, text[:3]) == (0, "", "sv_")
    listed = seavigil("access", "token", "list", "--folder", watch, "--json")
    told = json.loads(listed.out)
    assert (told["id"], told["name"], told["role"]) == (hashed(text)[:8], "scrape", "viewer")
    assert text not in listed.out
    said = seavigil("access", "token", "revoke", told["id"], "--folder", watch)
    assert said.out == f"{told['id']}: revoked\n"
    assert "was revoked already" in seavigil("access", "token", "revoke", told["id"], "--folder", watch).out
    with Database.open(watch) as database:
        trail = [(e.what, e.about, e.outcome) for _, e in database.trail.entries()]
    assert ("token", told["id"], "made") in trail
    assert ("token", told["id"], "revoked") in trail


def test_a_user_is_added_changed_and_taken_away(
    seavigil: Command, watch: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The password comes by standard input, never as an option that others see in the list of processes."""
    type_in(monkeypatch, f"{PASSWORD}\n")
    said = seavigil("access", "user", "add", "Kai", "--role", "operator", "--folder", watch)
    assert (said.code, said.out) == (0, "Kai: operator\n")
    with Database.open(watch) as database:
        assert Passwords().fits(database.people.user("kai"), PASSWORD)
    changed = ("access", "user", "change", "KAI", "--organisation", "Northgrid", "--folder", watch)
    assert seavigil(*changed).out == "Kai: operator of Northgrid\n"
    listed = json.loads(seavigil("access", "user", "list", "--folder", watch, "--json").out)
    assert (listed["name"], listed["organisation"]) == ("Kai", "Northgrid")
    assert seavigil("access", "user", "remove", "kai", "--folder", watch).code == 0
    assert seavigil("access", "user", "list", "--folder", watch).out == ""


@pytest.mark.parametrize(
    ("command", "told"),
    [
        (["token", "revoke", "00000000"], "00000000: no such token"),
        (["token", "new", "--name", "a:b"], "a name is 1 to 64 letters"),
        (["token", "new", "--days", "-1"], "greater than or equal to 0"),
        (["user", "change", "nobody", "--role", "admin"], "nobody: no such user"),
        (["user", "change", "nobody"], "say what to change"),
        (["user", "remove", "nobody"], "nobody: no such user"),
        (["user", "add", "kai"], "a password has 12 to 256 letters"),
    ],
)
def test_what_cannot_be_is_told_in_one_line(
    seavigil: Command, watch: Path, monkeypatch: pytest.MonkeyPatch, command: list[str], told: str
) -> None:
    """Nothing is changed by it."""
    type_in(monkeypatch, "short\n")
    said = seavigil("access", *command, "--folder", watch)
    assert (said.code, said.out) == (1, "")
    assert told in said.err
    assert said.err.count("\n") == 1


@pytest.mark.parametrize(
    ("more", "shown"),
    [({}, "http://127.0.0.1:"), ({"names": ["watch.example"], "host": "0.0.0.0"}, "http://watch.example:")],
)
def test_the_address_of_the_console_is_said(
    more: dict[str, Any], shown: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """With port 0 nobody else could know it."""
    settings = Settings(api=ApiTable(**more))
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        say_address(settings, taken)
        assert capsys.readouterr().err == f"console: {shown}{taken.getsockname()[1]}/\n"
