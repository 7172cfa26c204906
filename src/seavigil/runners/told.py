"""Rows and statuses as they are told to the outside: times in RFC 3339 UTC, what is wrong first."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

from seavigil.records import parse_time_us, rfc3339
from seavigil.runners.status import Problem, StatusSnapshot, feed_alive, problems


def outside(row: Mapping[str, Any]) -> dict[str, Any]:
    """Give a row with its times written out: ``wall_us`` becomes ``wall_at``; all else as it is.

    >>> outside({"wall_us": 0, "text": "quiet"})
    {'wall_at': '1970-01-01T00:00:00Z', 'text': 'quiet'}
    """
    return {_name(key): rfc3339(value) if key.endswith("_us") else value for key, value in row.items()}


def _name(key: str) -> str:
    name = key.removesuffix("_us")
    return name if name in (key, "at") or name.endswith("_at") else f"{name}_at"


def status_json(status: StatusSnapshot) -> dict[str, Any]:
    """Give a status as the web interface and `seavigil status --json` tell it, what is wrong first."""
    told = status.as_json()
    statement = told.pop("statement")
    return {
        "problems": told_problems(problems(status)),
        "taken_at": rfc3339(told.pop("taken_us")),
        "started_at": rfc3339(told.pop("started_us")),
        **told,
        "feeds": feeds_json(status),
        "failing": [outside(row) for row in told["failing"]],
        "statement": None if statement is None else outside(statement),
    }


def status_of(told: Mapping[str, Any]) -> StatusSnapshot:
    """Read what `status_json` gave, times to the millisecond. Raises ``ValueError`` for anything else."""
    try:
        statement = told["statement"]
        plain = {
            **_inside({name: value for name, value in told.items() if name != "problems"}),
            "feeds": [_inside(row) for row in told["feeds"]],
            "failing": [_inside(row) for row in told["failing"]],
            "statement": None if statement is None else _inside(statement),
        }
    except (KeyError, TypeError, AttributeError) as fault:
        raise ValueError(f"this is no status of this version of Seavigil ({fault})") from fault
    return StatusSnapshot.from_json(plain)


def _inside(row: Mapping[str, Any]) -> dict[str, Any]:
    """Undo `outside`."""
    return {
        f"{key.removesuffix('_at')}_us" if key.endswith("_at") else key: parse_time_us(value)
        if key.endswith("_at") and value is not None
        else value
        for key, value in row.items()
    }


def feeds_json(status: StatusSnapshot) -> list[dict[str, Any]]:
    """Give the feeds, each with whether it brings reports."""
    return [{**outside(asdict(row)), "alive": feed_alive(row)} for row in status.feeds]


def told_problems(found: Sequence[Problem]) -> list[dict[str, str]]:
    """Give problems as plain values."""
    return [asdict(problem) for problem in found]
