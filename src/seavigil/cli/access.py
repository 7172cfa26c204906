"""`seavigil access`: tokens and users of a service, for who has a shell on its machine."""

from __future__ import annotations

import sys
from contextlib import contextmanager
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from collections.abc import Iterator

    from seavigil.store.database import Database

app = typer.Typer(
    no_args_is_help=True,
    help="Who may come in by the web: tokens and users of a service, running or not.\n\n"
    "Example: seavigil access token new --folder watch --name scrape --role viewer",
)
token_app = typer.Typer(no_args_is_help=True, help="Tokens: of programs, and for a first sign-in.")
user_app = typer.Typer(no_args_is_help=True, help="People who sign in with a password.")
app.add_typer(token_app, name="token")
app.add_typer(user_app, name="user")

Folder = Annotated[Path | None, typer.Option(help="Folder of the service, or its store (else: here).")]
Store = Annotated[str | None, typer.Option(help="URL of its store: postgresql://USER@HOST/DATABASE.")]
AsJson = Annotated[bool, typer.Option("--json", help="One JSON object a line.")]
Organisation = Annotated[str | None, typer.Option(help="Of this organisation (else: of the house itself).")]
Name = Annotated[str, typer.Argument(metavar="NAME", help="The user's name.")]


class Role(StrEnum):
    """What somebody may do, each all that those before it may."""

    VIEWER = "viewer"
    OPERATOR = "operator"
    ADMIN = "admin"


@token_app.command("new")
def new_token(
    folder: Folder = None,
    store: Store = None,
    name: Annotated[str, typer.Option(help="What it is for.")] = "shell",
    role: Annotated[Role, typer.Option(help="What it may do.")] = Role.VIEWER,
    organisation: Organisation = None,
    days: Annotated[
        int | None, typer.Option(help="Good for so many days (else: 365; 0: for good).", min=0, max=3650)
    ] = None,
) -> None:
    """Make a token and print it, this once: only its hash is kept.

    Example: seavigil access token new --folder watch --name grafana --role viewer
    """
    from seavigil.runners.credentials import TOKEN_DAYS, make_token

    good_for = TOKEN_DAYS if days is None else days or None
    with _opened(folder, store) as database:
        made = {"made_by": _shell(), "now_us": _now_us(), "organisation": organisation, "days": good_for}
        text, token = make_token(name, role.value, **made)  # type: ignore[arg-type]
        _note(database, "token", token.token_id, "made", name=token.name, role=token.role)
        database.people.add_token(token)
    print(text)


@token_app.command("list")
def list_tokens(folder: Folder = None, store: Store = None, as_json: AsJson = False) -> None:
    """List tokens: what each is for, what it may do, until when, and when it was used last.

    Example: seavigil access token list --folder watch
    """
    from seavigil.records import rfc3339

    with _opened(folder, store) as database:
        found = database.people.tokens()
    for one in found:
        times = ("created_us", "expires_us", "last_used_us", "revoked_us")
        told: dict[str, Any] = {
            "id": one.token_id,
            **{key: getattr(one, key) for key in ("name", "role", "organisation", "owner", "made_by")},
            **{f"{key.removesuffix('_us')}_at": rfc3339(getattr(one, key)) for key in times},
        }
        _say(told, as_json)


@token_app.command("revoke")
def revoke(
    token_id: Annotated[str, typer.Argument(metavar="ID", help="Its id, as listed.")],
    folder: Folder = None,
    store: Store = None,
) -> None:
    """Have a token be of no use from now on; sessions that began with it end.

    Example: seavigil access token revoke 5b0c1d2e --folder watch
    """
    with _opened(folder, store) as database:
        if database.people.token_of_id(token_id) is None:
            raise ValueError(f"{token_id}: no such token (see: seavigil access token list)")
        _note(database, "token", token_id, "revoked")
        done = database.people.revoke(token_id, _now_us())
    print(f"{token_id}: {'revoked' if done else 'was revoked already'}")


@user_app.command("add")
def add(
    name: Name,
    folder: Folder = None,
    store: Store = None,
    role: Annotated[Role, typer.Option(help="What the user may do.")] = Role.VIEWER,
    organisation: Organisation = None,
) -> None:
    """Add a user; the password is asked for, or is the first line of standard input.

    Example: seavigil access user add kai --role operator --folder watch
    """
    from seavigil.runners.credentials import Passwords, compared

    with _opened(folder, store) as database:
        if database.people.user(compared(name)) is not None:
            raise ValueError(f"{name}: there is a user of that name")
        user = Passwords().make_user(
            name, role.value, _password(), now_us=_now_us(), organisation=organisation
        )
        _note(database, "user", user.name, "added", role=user.role)
        if not database.people.add_user(user):
            raise ValueError(f"{name}: there is a user of that name")
    print(f"{user.shown}: {user.role}{f' of {user.organisation}' if user.organisation else ''}")


@user_app.command("list")
def list_users(folder: Folder = None, store: Store = None, as_json: AsJson = False) -> None:
    """List users.

    Example: seavigil access user list --folder watch
    """
    from seavigil.records import rfc3339

    with _opened(folder, store) as database:
        found = database.people.users()
    for one in found:
        times = {"created_at": rfc3339(one.created_us), "changed_at": rfc3339(one.changed_us)}
        _say({"name": one.shown, "role": one.role, "organisation": one.organisation, **times}, as_json)


@user_app.command("change")
def change(
    name: Name,
    folder: Folder = None,
    store: Store = None,
    role: Annotated[Role | None, typer.Option(help="What the user may do from now on.")] = None,
    organisation: Annotated[str | None, typer.Option(help="Of this one from now on; '': the house.")] = None,
    password: Annotated[bool, typer.Option("--password", help="Ask for a new password.")] = False,
) -> None:
    """Change a user; whatever the user is signed in with ends.

    Example: seavigil access user change kai --password --folder watch
    """
    from dataclasses import replace

    from seavigil.runners.credentials import Passwords, compared, organisation_of

    if role is None and organisation is None and not password:
        raise ValueError("say what to change: --role, --organisation or --password")
    with _opened(folder, store) as database:
        before = database.people.user(compared(name))
        if before is None:
            raise ValueError(f"{name}: no such user (see: seavigil access user list)")
        after = replace(
            before,
            role=before.role if role is None else role.value,
            organisation=before.organisation
            if organisation is None
            else organisation_of(organisation or None),
            changed_us=_now_us(),
        )
        if password:
            after = Passwords().changed(after, _password(), _now_us())
        _note(database, "user", before.name, "changed", role=after.role, password=password)
        if not database.people.change_user(before, after):
            raise ValueError(f"{name}: somebody changed this user meanwhile; try again")
    print(f"{after.shown}: {after.role}{f' of {after.organisation}' if after.organisation else ''}")


@user_app.command("remove")
def remove(name: Name, folder: Folder = None, store: Store = None) -> None:
    """Take a user away, with sessions and own tokens.

    Example: seavigil access user remove kai --folder watch
    """
    from seavigil.runners.credentials import compared

    with _opened(folder, store) as database:
        if database.people.user(compared(name)) is None:
            raise ValueError(f"{name}: no such user (see: seavigil access user list)")
        _note(database, "user", compared(name), "removed")
        database.people.remove_user(compared(name), _now_us())
    print(f"{name}: taken away")


@contextmanager
def _opened(folder: Path | None, store: str | None) -> Iterator[Database]:
    from seavigil.cli.alert_orders import opened

    with opened(folder, store) as database:
        yield database


def _now_us() -> int:
    import time

    return time.time_ns() // 1000


def _shell() -> str:
    """Give who sits at the shell, as the trail tells it."""
    import getpass

    try:
        return f"shell:{getpass.getuser()}"
    except (OSError, KeyError):  # no name for this number
        return "shell"


def _note(database: Database, what: str, about: str, outcome: str, **detail: Any) -> None:
    from seavigil.store.trail import Entry

    database.trail.add(Entry(_now_us(), _shell(), what, outcome, about=about, detail=detail))


def _password() -> str:
    """Ask for a password twice; where nobody sits there, take the first line of standard input."""
    if not sys.stdin.isatty():
        return sys.stdin.readline().rstrip("\r\n")
    return str(typer.prompt("Password", hide_input=True, confirmation_prompt=True, err=True))


def _say(told: dict[str, Any], as_json: bool) -> None:
    import json

    if as_json:
        print(json.dumps(told, ensure_ascii=False))
        return
    print(
        "  ".join(f"{key} {value}" if index else str(value) for index, (key, value) in enumerate(_set(told)))
    )


def _set(told: dict[str, Any]) -> list[tuple[str, Any]]:
    return [(key.replace("_at", ""), value) for key, value in told.items() if value is not None]
