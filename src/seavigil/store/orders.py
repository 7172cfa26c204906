"""Operators' commands on their way to the log: looked through, then queued."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any
from uuid import uuid4

from sqlalchemy import Connection

from seavigil.store import reading
from seavigil.store.tables import COMMANDS
from seavigil.store.written import add_new, as_json, as_text

#: Commands about one alert, and those about none.
OF_AN_ALERT = ("acknowledge", "escalate", "close", "retract", "reopen", "note")
OF_NONE = ("silence", "unsilence")

#: A command is no letter (own choice).
MOST_CHARACTERS = 65_536
_FIELDS = ("command_id", "kind", "alert_id", "who", "why", "arguments")
_ID = re.compile(r"[0-9A-Za-z._-]{1,64}")


def checked(command: Mapping[str, Any]) -> dict[str, Any]:
    """Give a command with all its fields, with an id if it had none. Raises ``ValueError`` that says what
    is wrong with it.
    """
    unknown = sorted(set(command) - set(_FIELDS))
    if unknown:
        raise ValueError(f"a command has no {', '.join(unknown)}; it has {', '.join(_FIELDS)}")
    given = {"command_id": uuid4().hex, "alert_id": None, "why": "", "arguments": {}, **command}
    kind, alert_id = given.get("kind"), given["alert_id"]
    if kind not in (*OF_AN_ALERT, *OF_NONE):
        raise ValueError(f"{kind!r}: no such command; there are {', '.join((*OF_AN_ALERT, *OF_NONE))}")
    if kind in OF_AN_ALERT and not (isinstance(alert_id, str) and alert_id):
        raise ValueError(f"{kind}: say of which alert (alert_id)")
    _texts(kind, given)
    return given


def _texts(kind: str, given: Mapping[str, Any]) -> None:
    if not (isinstance(given.get("who"), str) and given["who"].strip()):
        raise ValueError(f"{kind}: say who asks for it (who)")
    if not isinstance(given["why"], str):
        raise ValueError(f"{kind}: why is a text")
    if not (isinstance(given["command_id"], str) and _ID.fullmatch(given["command_id"])):
        raise ValueError(f"{kind}: command_id is up to 64 letters, digits, '.', '_' and '-'")
    if not isinstance(given["arguments"], Mapping):
        raise ValueError(f"{kind}: arguments are an object")
    try:
        long = len(json.dumps(dict(given))) > MOST_CHARACTERS
    except (TypeError, ValueError, RecursionError) as fault:
        raise ValueError(f"{kind}: cannot be written as JSON ({fault})") from fault
    if long:
        raise ValueError(f"{kind}: longer than {MOST_CHARACTERS:,} characters")


def submit(connection: Connection, command: Mapping[str, Any], now_us: int) -> str:
    """Queue a checked command; the same one again changes nothing. Raises ``ValueError`` where another
    has its id.
    """
    row = {
        **{name: as_text(command[name]) for name in ("command_id", "kind", "alert_id", "who", "why")},
        "arguments": as_json(command["arguments"]),
        "submitted_us": now_us,
    }
    add_new(connection, COMMANDS, [row])
    (there,) = reading.commands(connection, command_id=str(row["command_id"]))
    same = ("kind", "alert_id", "who", "why")
    if any(there[n] != row[n] for n in same) or as_json(there["arguments"]) != row["arguments"]:
        raise ValueError(f"another command has the id {row['command_id']!r}")
    return str(row["command_id"])
