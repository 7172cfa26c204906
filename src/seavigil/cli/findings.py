"""What came of fault notices, in words."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from seavigil.reasons import many, span

if TYPE_CHECKING:
    from seavigil.inputs.faults import Notices

#: The state says this note already.
_SAID_BY_STATE = {"no_coverage": "hardly_heard_there", "nobody_fits": "nobody_fits"}
#: So many notices that cannot be used are told; `seavigil fault list` tells all.
_MOST = 5


def say(notices: Sequence[Mapping[str, Any]]) -> None:
    """Tell on stderr what came of the notices of a summary; nothing where none were given."""
    if notices:
        matched = sum(notice["state"] == "matched" for notice in notices)
        gone = sum(notice["state"] in {"withdrawn", "replaced"} for notice in notices)
        held = f", {gone} withdrawn or replaced" if gone else ""
        print(f"{many(len(notices), 'fault notice')}, {matched} matched{held}", file=sys.stderr)
    for notice in notices:
        for line in lines(notice):
            print(line, file=sys.stderr)


def lines(notice: Mapping[str, Any]) -> Iterator[str]:
    """Say what came of one notice, and below it what cannot be known."""
    from seavigil.forecast.suspects import Note
    from seavigil.runners.suspect_words import STATES, note

    when = f"{notice['time']} (+- {span(notice['within_s'])})"
    about = f"fault {notice['id']} of {notice['asset_name']} at {when}"
    if notice["named"]:
        yield f"{about}: " + "; ".join(_ship(ship) for ship in notice["named"])
    else:
        by = f" by {notice['replaced_by']}" if notice["replaced_by"] else ""
        yield f"{about}: {STATES[notice['state']]}{by}"
    told = [] if notice["refused"] is None else [notice["refused"].removeprefix(f"{notice['id']}: ")]
    said = _SAID_BY_STATE.get(notice["state"])
    told += [note(Note(**one)) for one in notice["notes"] if one["code"] != said]
    if notice["looks_left"]:
        told.append(
            f"the data end before {notice['looks_left'][-1][:16]}Z, when it would be looked into again"
        )
    yield from (f"  {text}" for text in told)


def _ship(ship: Mapping[str, Any]) -> str:
    name = f"{ship['name'] or 'unnamed'} ({ship['vessel_id']})"
    return f"{ship['says']} {name}, {_there(ship)}, probability {ship['probability']:.2f}"


def _there(ship: Mapping[str, Any]) -> str:
    """Say how long before or after the fault she was there, and how well that is known."""
    if ship["dark"]:
        return "silent then"
    side = "before" if ship["time_offset_s"] < 0 else "after"
    within_s = ship["crossed_within_s"] or 0.0
    sure = f" (+- {span(within_s)})" if within_s >= 1.0 else ""
    return f"there {span(ship['time_offset_s'])} {side} it{sure}"


def say_read(notices: Notices, *, every: bool = False) -> int:
    """Tell on stderr which notices could not be used and what was taken on trust, and if there are none.

    Gives the exit code, 2 where something was left out. ``every``: tell of each, else of the first few.
    """
    left_out = notices.left_out
    if not notices.known:
        print(f"0 fault notices in {', '.join(map(str, notices.paths))}", file=sys.stderr)
    if notices.zoneless:
        print(f"{many(notices.zoneless, 'time')} without a zone taken as UTC", file=sys.stderr)
    told = left_out if every else left_out[:_MOST]
    for one in told:
        print(f"left out: {one.path}, {one.asset}: {one.message}", file=sys.stderr)
    if len(left_out) > len(told):
        print(f"and {len(left_out) - len(told)} more left out (see: seavigil fault list)", file=sys.stderr)
    return 2 if left_out else 0
