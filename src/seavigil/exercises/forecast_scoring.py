"""What forecasts of next assets were worth: held against the corridors that ships in fact entered.

Pure: what was forecast and what came in, figures out. The Brier score is the mean square of probability minus
outcome (G. W. Brier, Monthly Weather Review 78, 1950); it is proper: nobody betters it by saying what he
does not believe. It is summed here over all assets and given for each ship and moment.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from seavigil.exercises.scoring import Share

F64 = NDArray[np.float64]
Bool = NDArray[np.bool_]

#: Probabilities are held against what came at so many hours ahead.
HORIZONS_H = (1, 3, 6, 12, 24)
#: What is forecast is said to come within so long.
DAY_S = 24 * 3600.0
#: Intervals are also counted by how far ahead they begin, up to so many hours.
LEADS_H = (3, 6, 12, 24)
#: A reliability diagram of ten steps.
STEPS = 10
#: Who forecasts: we, and a straight line at the speed and on the course of the moment.
OURS, STRAIGHT_LINE = "seavigil", "straight_line"


@dataclass(frozen=True, eq=False)
class Asked:
    """Forecasts of many ships at one moment, and what came; arrays of shape (ships, assets).

    ``after_s``: when each corridor was first entered (infinite: not). ``judged``: the pairs that count: she
    was not in the corridor then. ``within``: by hours ahead, the probability of entering by then. ``from_s,
    until_s``: the interval stated, NaN of what was not forecast. ``until_end_s``: how much was heard after.
    """

    after_s: F64
    judged: Bool
    within: Mapping[int, F64]
    from_s: F64
    until_s: F64
    until_end_s: float


@dataclass
class Brier:
    """Sums for one forecaster at one horizon."""

    squares: float = 0.0
    ships: int = 0

    def add(self, squares: float, ships: int) -> None:
        """Take more."""
        self.squares, self.ships = self.squares + squares, self.ships + ships

    @property
    def score(self) -> float | None:
        """Give the score of a ship and moment, None of none."""
        return self.squares / self.ships if self.ships else None


@dataclass(frozen=True)
class NextHit:
    """What the forecast said of the asset hit next.

    ``place``: its place among those listed by probability, from 1 on, None: not listed. ``held``: whether
    the interval held the time, None: she was in the corridor already. ``listed``: how many assets were.
    """

    place: int | None
    held: bool | None
    listed: int


@dataclass
class Forecasts:
    """All forecasts of one or many plays: ours and the straight line's."""

    brier: dict[str, dict[int, Brier]] = field(default_factory=dict)
    forecast: list[int] = field(default_factory=lambda: [0] * STEPS)
    stated: list[float] = field(default_factory=lambda: [0.0] * STEPS)
    came: list[int] = field(default_factory=lambda: [0] * STEPS)
    unlisted: int = 0
    unlisted_came: int = 0
    held: list[int] = field(default_factory=lambda: [0] * len(LEADS_H))
    early: list[int] = field(default_factory=lambda: [0] * len(LEADS_H))
    late: list[int] = field(default_factory=lambda: [0] * len(LEADS_H))
    next_hits: list[NextHit] = field(default_factory=list)
    not_asked: int = 0

    def add(self, other: Forecasts) -> None:
        """Take those of another play."""
        for who, horizons in other.brier.items():
            for hours, sums in horizons.items():
                self._brier(who, hours).add(sums.squares, sums.ships)
        for name in ("forecast", "stated", "came", "held", "early", "late"):
            setattr(
                self, name, [a + b for a, b in zip(getattr(self, name), getattr(other, name), strict=True)]
            )
        self.unlisted, self.unlisted_came = (
            self.unlisted + other.unlisted,
            self.unlisted_came + other.unlisted_came,
        )
        self.next_hits += other.next_hits
        self.not_asked += other.not_asked

    def score(self, who: str, asked: Asked) -> None:
        """Score the probabilities of one forecaster at every horizon that was heard to its end."""
        for hours in HORIZONS_H:
            if hours * 3600.0 <= asked.until_end_s:
                came = asked.after_s <= hours * 3600.0
                squares = float(np.square(asked.within[hours] - came)[asked.judged].sum())
                self._brier(who, hours).add(squares, len(came))

    def rely(self, asked: Asked) -> None:
        """Count, by the probability stated for the longest horizon heard, how often it came."""
        heard = [hours for hours in HORIZONS_H if hours * 3600.0 <= asked.until_end_s]
        if not heard:
            return
        stated, came = asked.within[heard[-1]], asked.after_s <= heard[-1] * 3600.0
        said = asked.judged & (stated > 0)
        step = np.minimum((stated[said] * STEPS).astype(np.int64), STEPS - 1)
        for i in range(STEPS):
            self.forecast[i] += int((step == i).sum())
            self.stated[i] += float(stated[said][step == i].sum())
            self.came[i] += int(came[said][step == i].sum())
        unsaid = asked.judged & ~(stated > 0)
        self.unlisted += int(unsaid.sum())
        self.unlisted_came += int(came[unsaid].sum())

    def hold(self, asked: Asked) -> None:
        """Count the intervals that held the time, of moments that were followed for the whole day.

        Of shorter ones only those would count in which she came early.
        """
        if asked.until_end_s < DAY_S:
            return
        told = asked.judged & np.isfinite(asked.from_s) & (asked.after_s <= DAY_S)
        after_s, from_s, until_s = asked.after_s[told], asked.from_s[told], asked.until_s[told]
        lead = np.minimum(np.searchsorted(LEADS_H, from_s / 3600.0, side="right"), len(LEADS_H) - 1)
        early, late = after_s < from_s, after_s > until_s
        for i in range(len(LEADS_H)):
            here = lead == i
            self.early[i] += int((here & early).sum())
            self.late[i] += int((here & late).sum())
            self.held[i] += int((here & ~early & ~late).sum())

    def next_hit(self, hit: NextHit | None) -> None:
        """Note what the list said of the asset that a ship of an incident hit next; None: not asked."""
        if hit is None:
            self.not_asked += 1
        else:
            self.next_hits.append(hit)

    @property
    def intervals(self) -> tuple[Share, Share, Share]:
        """Give how many intervals held the time, and how many ships came before and after it."""
        every = sum(self.held) + sum(self.early) + sum(self.late)
        return Share(sum(self.held), every), Share(sum(self.early), every), Share(sum(self.late), every)

    def _brier(self, who: str, hours: int) -> Brier:
        return self.brier.setdefault(who, {}).setdefault(hours, Brier())


def figures(forecasts: Forecasts) -> dict[str, Any]:
    """Give everything as plain values."""
    return {
        "brier": [_brier_row(forecasts, hours) for hours in HORIZONS_H],
        "reliability": [_rely_row(forecasts, i) for i in range(STEPS)],
        "unlisted": {"forecast": forecasts.unlisted, "came": forecasts.unlisted_came},
        "intervals": _intervals(forecasts),
        "next": _next(forecasts),
    }


def _brier_row(forecasts: Forecasts, hours: int) -> dict[str, Any]:
    both = {who: forecasts.brier.get(who, {}).get(hours, Brier()) for who in (OURS, STRAIGHT_LINE)}
    return {
        "hours": hours,
        "moments": both[OURS].ships,
        "brier": both[OURS].score,
        "straight_line": both[STRAIGHT_LINE].score,
    }


def _rely_row(forecasts: Forecasts, i: int) -> dict[str, Any]:
    said = forecasts.forecast[i]
    return {
        "from": i / STEPS,
        "forecast": said,
        "stated": forecasts.stated[i] / said if said else None,
        "came": forecasts.came[i] / said if said else None,
    }


def _intervals(forecasts: Forecasts) -> dict[str, Any]:
    names = ("held", "before", "after")
    whole = {name: share.as_json() for name, share in zip(names, forecasts.intervals, strict=True)}
    rows = zip(LEADS_H, forecasts.held, forecasts.early, forecasts.late, strict=True)
    leads = [{"until_h": until_h, "held": h, "before": e, "after": late} for until_h, h, e, late in rows]
    return {**whole, "by_lead": leads}


def _next(forecasts: Forecasts) -> dict[str, Any]:
    hits = forecasts.next_hits
    return {
        "hits": len(hits),
        "not_asked": forecasts.not_asked,
        "listed_mean": round(sum(hit.listed for hit in hits) / len(hits), 1) if hits else None,
    }


def must_hold(forecasts: Forecasts) -> list[dict[str, Any]]:
    """Give the promises of the forecast: what is wanted, what was reached, and whether it holds."""
    rows = [_brier_row(forecasts, hours) for hours in HORIZONS_H]
    better = _counted(row["brier"] < row["straight_line"] for row in rows if row["moments"])
    hits, tenths = forecasts.next_hits, "85% to 95%"
    listed = _counted(hit.place is not None for hit in hits)
    first = _counted(hit.place is not None and hit.place <= 3 for hit in hits)
    held = _counted(hit.held for hit in hits if hit.held is not None)
    return [
        _promise("the asset hit next stands in the forecast", ">= 98%", listed, 0.98, 1.0),
        _promise("and is one of its three most probable", ">= 90%", first, 0.90, 1.0),
        _promise("its 90 % interval holds the time", tenths, held, 0.85, 0.95),
        _promise("90 % intervals of all ships hold the time", tenths, forecasts.intervals[0], 0.85, 0.95),
        _promise("Brier score below the straight line's, at each horizon", "all", better, 1.0, 1.0),
    ]


def _counted(answers: Iterable[bool]) -> Share:
    known = list(answers)
    return Share(sum(known), len(known))


def _promise(what: str, wanted: str, reached: Share, least: float, most: float) -> dict[str, Any]:
    holds = reached.share is not None and least <= reached.share <= most
    return {"what": what, "wanted": wanted, "reached": reached.as_json(), "holds": holds}


#: Title of the reliability table, beside which the diagram stands.
RELIABILITY = "Next assets: what was stated and what came"
Table = tuple[str, str, list[str], list[list[str]]]


def tables(card: Mapping[str, Any]) -> list[Table]:
    """Give title, note, header and rows of the forecast's tables."""
    brier = [
        [f"{r['hours']} h", f"{r['moments']:,}", _said(r["brier"]), _said(r["straight_line"])]
        for r in card["brier"]
    ]
    reliability = [
        [
            f"{r['from']:.0%} to {r['from'] + 1 / STEPS:.0%}",
            f"{r['forecast']:,}",
            _percent(r["stated"]),
            _percent(r["came"]),
        ]
        for r in card["reliability"]
    ]
    leads = [
        [f"up to {r['until_h']} h", *(f"{r[name]:,}" for name in ("before", "held", "after")), _share_held(r)]
        for r in card["intervals"]["by_lead"]
    ]
    note = (
        "For every ship heard and every full hour: will she enter each asset's corridor (its uncertainty and "
        "200 m) by then? Squares of what was wrong, summed over the assets; less is better."
    )
    lost = card["unlisted"]
    unsaid = (
        "By the longest time ahead that was heard to its end. Of what was not listed "
        f"{lost['came']:,} of {lost['forecast']:,} came all the same."
    )
    hits = card["next"]
    asked = (
        "Of moments followed for a day, by when the interval begins. Hits of incidents asked about: "
        f"{hits['hits']}, with {_mean(hits['listed_mean'])} assets in the list on average; "
        f"{hits['not_asked']} more could not be asked about."
    )
    return [
        ("Next assets: Brier score", note, ["within", "ships and hours", "seavigil", "straight line"], brier),
        (RELIABILITY, unsaid, ["stated", "forecasts", "on average", "came"], reliability),
        ("Next assets: 90 % intervals", asked, ["begins", "before", "held", "after", "held"], leads),
    ]


def _share_held(row: Mapping[str, int]) -> str:
    every = row["held"] + row["before"] + row["after"]
    return _percent(row["held"] / every if every else None)


def _mean(value: float | None) -> str:
    return "-" if value is None else f"{value:g}"


def _said(score: float | None) -> str:
    return "-" if score is None else f"{score:.3f}"


def _percent(share: float | None) -> str:
    return "-" if share is None else f"{share:.0%}"


#: The diagram's side and margin in pixels.
_SIDE, _MARGIN = 320.0, 60.0


def diagram(card: Mapping[str, Any]) -> str:
    """Draw the reliability diagram as SVG: what was stated against what came; rightly said is the diagonal.

    A dot's area goes with the number of forecasts. Gives nothing where nothing was forecast.
    """
    rows = [row for row in card["reliability"] if row["forecast"]]
    if not rows:
        return ""
    most = max(row["forecast"] for row in rows)
    dots = [
        f'<circle cx="{_x(row["stated"]):.1f}" cy="{_y(row["came"]):.1f}" '
        f'r="{3.0 + 9.0 * (row["forecast"] / most) ** 0.5:.1f}"><title>stated {row["stated"]:.2f}, came '
        f"{row['came']:.2f}, {row['forecast']:,} forecasts</title></circle>"
        for row in rows
    ]
    line = " ".join(f"{_x(row['stated']):.1f},{_y(row['came']):.1f}" for row in rows)
    ticks = [
        f'<text x="{_x(share):.1f}" y="{_y(0.0) + 18.0:.1f}" text-anchor="middle">{share:.0%}</text>'
        f'<text x="{_x(0.0) - 8.0:.1f}" y="{_y(share) + 4.0:.1f}" text-anchor="end">{share:.0%}</text>'
        for share in (0.0, 0.5, 1.0)
    ]
    whole, middle = _SIDE + 2.0 * _MARGIN, _y(0.5)
    says = "Reliability diagram: what was stated against what came"
    size = f'viewBox="0 0 {whole:g} {whole:g}" width="{whole:g}"'
    return "".join(
        [
            f'<svg class="reliability" {size} role="img" aria-label="{says}">',
            f'<rect x="{_x(0.0)}" y="{_y(1.0)}" width="{_SIDE}" height="{_SIDE}"/>',
            f'<line x1="{_x(0.0)}" y1="{_y(0.0)}" x2="{_x(1.0)}" y2="{_y(1.0)}"/>',
            f'<polyline points="{line}"/>',
            *dots,
            *ticks,
            f'<text x="{_x(0.5)}" y="{whole - 6.0}" text-anchor="middle">stated</text>',
            f'<text x="14" y="{middle}" text-anchor="middle" transform="rotate(-90 14 {middle})">came</text>',
            "</svg>",
        ]
    )


def _x(share: float) -> float:
    return _MARGIN + _SIDE * share


def _y(share: float) -> float:
    return _MARGIN + _SIDE * (1.0 - share)
