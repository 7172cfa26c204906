"""How `seavigil alert` says how alerts and silences stand."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from seavigil.cli.watch import Format


def print_found(lines: list[dict[str, Any]], output_format: Format) -> None:
    """Print alerts, for people a line each, the most pressing first."""
    import json

    from seavigil.alerts.alert import PRIORITIES
    from seavigil.cli.output import print_geojson

    if output_format == "geojson":
        print_geojson(lines)
    elif output_format == "ndjson":
        for line in lines:
            print(json.dumps(line, ensure_ascii=False))
    else:
        for line in sorted(lines, key=lambda one: -PRIORITIES.index(one["priority"])):
            _print_filled(_line(line))
        if not lines:
            print("no such alert")


def _line(alert: dict[str, Any]) -> str:
    from seavigil import words

    about = words.assets(alert)
    last = alert["revised_at"][:16].replace("T", " ")
    what = f"{words.what(alert)}{' ' + about if about else ''}"
    head = f"{alert['alert_id']}  {alert['priority']}, {stands(alert)}"
    return f"{head}  {words.ship(alert)}: {what}; as of {last}"


def stands(alert: dict[str, Any]) -> str:
    """Say how an alert stands: its status, its outcome, that it is silenced."""
    outcome = f" ({alert['outcome']})" if alert.get("outcome") else ""
    silenced = f", silenced by {alert['silenced_by']}" if alert.get("silenced_by") else ""
    because = f" ({alert['retracted_because']})" if alert["retracted_because"] else ""
    return f"{alert['status']}{outcome}{because}{silenced}"


def step(row: dict[str, Any]) -> dict[str, Any]:
    """Give a transition as it is told: times RFC 3339 UTC."""
    from seavigil.records import rfc3339

    kept = ("alert_id", "revision", "what", "before", "after", "who", "why")
    times = {"at": rfc3339(row["data_us"]), "recorded_at": rfc3339(row["wall_us"])}
    return {name: row[name] for name in kept} | times


def step_words(step: dict[str, Any]) -> str:
    """Say one step in a line."""
    changed = f" -> {step['after']}" if step["after"] != step["before"] else ""
    why = f": {step['why']}" if step["why"] else ""
    return f"{step['at']}  {step['what'].replace('_', ' ')}{changed}, by {step['who']}{why}"


def silence_lines(
    asked: Iterable[dict[str, Any]], steps: Iterable[dict[str, Any]]
) -> Iterator[dict[str, Any]]:
    """Give each silence with how it stands: waiting, refused, set (holds, or will) or over."""
    import re

    times: dict[str, tuple[str, str]] = {}
    over: set[str] = set()
    for one in steps:
        began = re.match(r"silence (\S+) from (\S+) to (\S+):", one["why"])
        name = re.match(r"silence ([^\s:]+)", one["why"])
        if one["what"] == "silence" and began:
            times[began[1]] = (began[2], began[3])
        elif name:
            over.add(name[1])
    for one in asked:
        name_ = one["command_id"]
        state = "over" if name_ in over else "set" if one["state"] == "done" else one["state"]
        from_, until = times.get(name_, (None, None))
        yield {
            "silence_id": name_,
            "state": state,
            "from": from_,
            "until": until,
            **{key: one[key] for key in ("who", "why")},
            "of": one["arguments"],
            "says": one["says"],
        }


def silence_words(line: dict[str, Any]) -> str:
    """Say how a silence stands in a line."""
    times = f" from {line['from']} to {line['until']}" if line["from"] else ""
    spoken = {k: v for k, v in line["of"].items() if k not in {"from", "until", "for_s"}}
    of = "; ".join(f"{k.replace('_', ' ')} {_listed(v)}" for k, v in spoken.items())
    says = f" ({line['says']})" if line["says"] else ""
    return f"{line['silence_id']}  {line['state']}{says}{times}: {of}, by {line['who']}: {line['why']}"


def _listed(value: Any) -> str:
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)


def _print_filled(line: str) -> None:
    import textwrap

    from seavigil.cli.output import for_people

    wide = for_people().width
    print(textwrap.fill(line, wide, subsequent_indent="    ", break_long_words=False, break_on_hyphens=False))
