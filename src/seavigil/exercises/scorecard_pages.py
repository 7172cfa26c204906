"""The scorecard as figures, as Markdown and as one page of HTML with its charts drawn in."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from html import escape
from statistics import median
from typing import Any

from seavigil.exercises import fault_scoring, forecast_scoring
from seavigil.exercises.fault_scoring import Suspected
from seavigil.exercises.forecast_scoring import Forecasts
from seavigil.exercises.scoring import PRIORITIES, SLOWS_BY, Case, Ordinary, Rate, Share, share

#: Rates at which what is stated is held against what was observed, per 1,000 ship-days.
STATED = (0.5, 1.0, 2.0, 5.0, 10.0, 20.0, 50.0, 100.0)

#: Own choice: where five are expected, less than half or more than twice as many come by chance one time in
#: seven.
LEAST_EXPECTED = 5.0

_MOMENTS: Mapping[str, Callable[[Case], bool | None]] = {
    "before_first": lambda c: c.before_first,
    "at_first": lambda c: c.at_first,
    "before_second": lambda c: c.before_second,
    "at_all": lambda c: c.found,
}
_MOMENT_WORDS = {
    "before_first": "before the first hit",
    "at_first": "by 10 min after it",
    "before_second": "before the second hit",
    "at_all": "at all",
}


def figures(
    cases: Mapping[str, Sequence[Case]],
    ordinary: Mapping[str, Ordinary],
    ours: str,
    forecasts: Forecasts | None = None,
    suspected: Suspected | None = None,
) -> dict[str, Any]:
    """Give every figure of the scorecard as plain values, by rule where rules are compared."""
    own, calm = cases.get(ours, ()), ordinary.get(ours, Ordinary())
    rules = {
        rule: _rule(cases.get(rule, ()), ordinary.get(rule, Ordinary()))
        for rule in dict.fromkeys([*cases, *ordinary])
    }
    stated = calm.calibration(STATED)
    return {
        "incidents": {kind: _recall(c for c in own if c.incident == kind) for kind in _kinds(own)},
        "must_hold": [
            *must_hold(own, calm),
            _meant(stated, calm.ship_days),
            *(_beaten(rule, row, rules[ours]) for rule, row in rules.items() if rule != ours),
            *forecast_scoring.must_hold(forecasts or Forecasts()),
            *fault_scoring.must_hold(suspected or Suspected()),
        ],
        "rules": rules,
        "ordinary": {
            "ship_days": round(calm.ship_days, 1),
            "by_priority": {p: r.as_json() for p, r in calm.by_priority().items()},
            "by_behaviour": {
                p: {b: r.as_json() for b, r in calm.by_behaviour(p).items()} for p in ("info", "advisory")
            },
            "areas": sum(one.mmsi is None for one in calm.raised),
        },
        "calibration": stated,
        "forecast": forecast_scoring.figures(forecasts or Forecasts()),
        "suspects": fault_scoring.figures(suspected or Suspected()),
    }


def _kinds(cases: Iterable[Case]) -> list[str]:
    return list(dict.fromkeys(c.incident for c in cases))


def _recall(cases: Iterable[Case]) -> dict[str, Any]:
    all_cases = list(cases)
    leads = [c.lead_s / 60.0 for c in all_cases if c.lead_s is not None]
    slows = [c.slows_by for c in all_cases if c.slows_by is not None]
    return {
        "cases": len(all_cases),
        "slows_by_median": round(median(slows), 3) if slows else None,
        **{moment: share(map(ask, all_cases)).as_json() for moment, ask in _MOMENTS.items()},
        "lead_min_median": round(median(leads), 1) if leads else None,
    }


def _rule(cases: Sequence[Case], calm: Ordinary) -> dict[str, Any]:
    advisory = calm.by_priority()["advisory"]
    return _recall(cases) | {"false_alarms": advisory.as_json()}


def must_hold(cases: Sequence[Case], calm: Ordinary) -> list[dict[str, Any]]:
    """Give each promise of the scorecard: what is wanted, what was reached, and whether it holds."""
    drags = [c for c in cases if c.drags and c.slows_by is not None]
    slowing = [c for c in drags if (c.slows_by or 0.0) >= SLOWS_BY]
    hardly = [c for c in drags if (c.slows_by or 0.0) < SLOWS_BY]
    rates = calm.by_priority()
    return [
        _at_least("drags that slow by 15 % or more: before the second hit", slowing, "before_second", 0.95),
        _at_least(
            "drags that slow, begun 45 min before the first hit: before it",
            [c for c in slowing if c.early],
            "before_first",
            0.70,
        ),
        _at_least("drags that hardly slow: before the second hit", hardly, "before_second", 0.50),
        _at_most("urgent or warning per 1,000 ordinary ship-days", rates["warning"], 1.0),
        _at_most("advisory or higher per 1,000 ordinary ship-days", rates["advisory"], 10.0),
    ]


def _at_least(what: str, cases: Sequence[Case], moment: str, wanted: float) -> dict[str, Any]:
    reached: Share = share(map(_MOMENTS[moment], cases))
    holds = reached.share is not None and reached.share >= wanted
    return {"what": what, "wanted": f">= {wanted:.0%}", "reached": reached.as_json(), "holds": holds}


def _at_most(what: str, rate: Rate, wanted: float) -> dict[str, Any]:
    """Say whether a rate is kept; where not even one alert was to be expected, that it cannot be said."""
    told = rate.ship_days * wanted >= 1000.0
    holds = rate.per_1000 <= wanted if told else None
    return {"what": what, "wanted": f"<= {wanted:g}", "reached": round(rate.per_1000, 3), "holds": holds}


def _meant(stated: Sequence[Mapping[str, Any]], ship_days: float) -> dict[str, Any]:
    """Say at how many stated rates as many alerts came, within a factor of two.

    Rates at which so little traffic lets fewer than LEAST_EXPECTED be expected show nothing and are left out.
    """
    shown = [row for row in stated if row["stated"] * ship_days / 1000.0 >= LEAST_EXPECTED]
    within = share(0.5 <= row["observed_to_stated"] <= 2.0 for row in shown)
    what = "stated rates within a factor of two of those observed"
    return {"what": what, "wanted": "all", "reached": within.as_json(), "holds": within.share == 1.0}


def _beaten(rule: str, theirs: Mapping[str, Any], ours: Mapping[str, Any]) -> dict[str, Any]:
    """Say at how many moments we find more than a published rule, and whether we raise less for nothing.

    Where neither finds, or raises, anything nothing is shown.
    """
    pairs = [(ours[moment]["share"], theirs[moment]["share"]) for moment in _MOMENTS]
    better: list[bool | None] = [a > b or a == 1.0 if a or b else None for a, b in pairs]
    rates = [row["false_alarms"]["per_1000_ship_days"] for row in (ours, theirs)]
    beaten = share([*better, rates[0] < rates[1] if any(rates) else None])
    what = f"{rule} beaten: more found at each moment, less raised for nothing"
    return {"what": what, "wanted": "all", "reached": beaten.as_json(), "holds": beaten.share == 1.0}


def markdown(card: Mapping[str, Any]) -> str:
    """Write the scorecard as Markdown tables."""
    return "\n".join(_lines(card)) + "\n"


def _lines(card: Mapping[str, Any]) -> Iterable[str]:
    yield "# Scorecard"
    yield ""
    yield card["says"]
    for title, note, header, rows in _tables(card):
        yield ""
        yield f"## {title}"
        if note:
            yield from ("", note)
        yield ""
        yield "| " + " | ".join(header) + " |"
        yield "|" + "---|" * len(header)
        yield from ("| " + " | ".join(row) + " |" for row in rows)


Table = tuple[str, str, list[str], list[list[str]]]


def _tables(card: Mapping[str, Any]) -> Iterable[Table]:
    promises = [[p["what"], p["wanted"], _reached(p["reached"]), _holds(p)] for p in card["must_hold"]]
    yield "What must hold", "", ["", "wanted", "reached", "holds"], promises
    words = list(_MOMENT_WORDS.values())
    head = ["incident", "cases", "slows by", *words, "lead, median"]
    yield (
        "Incidents: alerted at advisory or higher",
        "",
        head,
        [
            [kind, str(row["cases"]), _percent(row["slows_by_median"]), *_moments(row), _minutes(row)]
            for kind, row in card["incidents"].items()
        ],
    )
    head = ["rule", *words, "false alarms per 1,000 ship-days"]
    yield (
        "Beside the published rules",
        card["rules_say"],
        head,
        [
            [rule, *_moments(row), f"{row['false_alarms']['per_1000_ship_days']:.2f}"]
            for rule, row in card["rules"].items()
        ],
    )
    calm = card["ordinary"]
    note = (
        f"{calm['ship_days']:,.0f} ship-days without any incident; {calm['areas']} area alerts beside these."
    )
    yield (
        "Ordinary traffic, by priority or higher",
        note,
        ["priority", "alerts", "per 1,000 ship-days"],
        [
            [p, str(calm["by_priority"][p]["alerts"]), f"{calm['by_priority'][p]['per_1000_ship_days']:.2f}"]
            for p in reversed(PRIORITIES)
        ],
    )
    yield (
        "Ordinary traffic, by behaviour that took part",
        "",
        ["behaviour", "at info", "at advisory"],
        [
            [b, str(row["alerts"]), str(calm["by_behaviour"]["advisory"].get(b, {"alerts": 0})["alerts"])]
            for b, row in calm["by_behaviour"]["info"].items()
        ],
    )
    head = ["stated, per 1,000 ship-days", "alerts that stated so or less", "observed", "observed / stated"]
    yield (
        "Stated rates against observed ones",
        "",
        head,
        [
            [f"{r['stated']:g}", str(r["alerts"]), f"{r['observed']:.2f}", f"{r['observed_to_stated']:.2f}"]
            for r in card["calibration"]
        ],
    )
    yield from forecast_scoring.tables(card["forecast"])
    yield from fault_scoring.tables(card["suspects"])


def _moments(row: Mapping[str, Any]) -> list[str]:
    return [_reached(row[moment]) for moment in _MOMENTS]


def _reached(value: Any) -> str:
    if not isinstance(value, Mapping):
        return f"{value:g}"
    return "-" if value["share"] is None else f"{value['share']:.0%} ({value['hits']}/{value['of']})"


def _percent(value: float | None) -> str:
    return "-" if value is None else f"{value:.0%}"


def _minutes(row: Mapping[str, Any]) -> str:
    return "-" if row["lead_min_median"] is None else f"{row['lead_min_median']:.0f} min"


def _holds(promise: Mapping[str, Any]) -> str:
    """Say whether a promise holds; where there was no case of its kind, that nothing was shown."""
    if _reached(promise["reached"]) == "-":
        return "no case of it"
    if promise["holds"] is None:
        return "too little traffic to say"
    return _yes(promise["holds"])


def _yes(holds: bool) -> str:
    return "yes" if holds else "**no**"


_SHARE = re.compile(r"(\d+)% \(")
_STYLE = """
body { font: 15px/1.5 system-ui, sans-serif; max-width: 66rem; margin: 2rem auto; padding: 0 1rem;
  color: #16232e }
h1, h2 { line-height: 1.2 }
h2 { margin-top: 2.2rem; border-bottom: 1px solid #cfd8df; padding-bottom: .3rem }
table { border-collapse: collapse; width: 100% }
th, td { text-align: left; padding: .3rem .6rem; border-bottom: 1px solid #eef3f6 }
th { background: #eef3f6 }
.no { color: #a4161a; font-weight: 600 }
.reliability { margin-top: 1rem; font: 12px system-ui, sans-serif }
.reliability rect { fill: none; stroke: #cfd8df }
.reliability line { stroke: #7c8b97; stroke-dasharray: 5 4 }
.reliability polyline { fill: none; stroke: #0072b2 }
.reliability circle { fill: #0072b2 }
.bar { background: linear-gradient(90deg, #bfe0ea var(--share), #f4f7f9 var(--share)) }
"""


def html(card: Mapping[str, Any]) -> str:
    """Write the scorecard as one page that loads nothing from elsewhere."""
    parts = [
        "<!doctype html><html lang=en><head><meta charset=utf-8><title>Seavigil scorecard</title>",
        f"<style>{_STYLE}</style></head><body><h1>Scorecard</h1><p>{escape(card['says'])}</p>",
    ]
    for title, note, header, rows in _tables(card):
        parts.append(f"<h2>{escape(title)}</h2>" + (f"<p>{escape(note)}</p>" if note else ""))
        parts.append(_html_table(header, rows))
        parts.append(
            forecast_scoring.diagram(card["forecast"]) if title == forecast_scoring.RELIABILITY else ""
        )
    return "\n".join(parts) + "</body></html>\n"


def _html_table(header: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    head = "".join(f"<th>{escape(h)}</th>" for h in header)
    body = "".join("<tr>" + "".join(map(_cell, row)) + "</tr>" for row in rows)
    return f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"


def _cell(text: str) -> str:
    """Write one cell; a share also shows as a bar behind its figure."""
    if text == "**no**":
        return '<td class="no">no</td>'
    share_percent = _SHARE.match(text)
    bar = f' class="bar" style="--share:{share_percent[1]}%"' if share_percent else ""
    return f"<td{bar}>{escape(text)}</td>"
