"""What came of fault notices, in words."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from seavigil.cli.reasons import many, minutes

#: Codes of `runners.fault_watch`: why no ship is named.
STATES = {
    "no_coverage": "hardly anybody is heard there: no telling who it was",
    "nobody_fits": "no ship heard fits",
    "none_stands_out": "no ship stands out from those that fit by chance",
    "outside_of_the_data": "its time lies outside of what was heard",
    "noticed_after_the_data": "it came in after the data end; who fits by then is in faults.json (--out)",
    "not_looked_into": "not looked into",
}
_SAID_BY_STATE = ("hardly_heard_there", "nobody_fits")


def say(notices: Sequence[Mapping[str, Any]]) -> None:
    """Tell on stderr what came of the notices of a summary; nothing where none were given."""
    if notices:
        matched = sum(notice["state"] == "matched" for notice in notices)
        print(f"{many(len(notices), 'fault notice')}, {matched} matched", file=sys.stderr)
    for notice in notices:
        for line in lines(notice):
            print(line, file=sys.stderr)


def lines(notice: Mapping[str, Any]) -> Iterator[str]:
    """Say what came of one notice, and below it what cannot be known."""
    from seavigil.cli.suspect_words import note
    from seavigil.forecast.suspects import Note

    about = f"fault {notice['id']} of {notice['asset_name']} at {notice['time'][:16]}Z"
    if notice["named"]:
        yield f"{about}: " + "; ".join(_ship(ship) for ship in notice["named"])
    else:
        yield f"{about}: {STATES[notice['state']]}"
    told = [] if notice["refused"] is None else [notice["refused"]]
    told += [note(Note(**one)) for one in notice["notes"] if one["code"] not in _SAID_BY_STATE]
    if notice["looks_left"]:
        told.append(
            f"the data end before {notice['looks_left'][-1][:16]}Z, when it would be looked into again"
        )
    yield from (f"  {text}" for text in told)


def _ship(ship: Mapping[str, Any]) -> str:
    offset_s = ship["time_offset_s"]
    off = f"{abs(offset_s)} s" if abs(offset_s) < 120 else minutes(abs(offset_s))
    when = f"{off} {'before' if offset_s < 0 else 'after'}"
    name = f"{ship['name'] or 'unnamed'} ({ship['vessel_id']})"
    return f"{ship['says']} {name}, there {when} it, probability {ship['probability']:.2f}"
