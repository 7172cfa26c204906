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
HORIZONS_H = (1, 3, 6, 12)
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


@dataclass
class Forecasts:
    """All forecasts of one or many plays: ours and the straight line's."""

    brier: dict[str, dict[int, Brier]] = field(default_factory=dict)
    forecast: list[int] = field(default_factory=lambda: [0] * STEPS)
    stated: list[float] = field(default_factory=lambda: [0.0] * STEPS)
    came: list[int] = field(default_factory=lambda: [0] * STEPS)
    held: int = 0
    early: int = 0
    late: int = 0
    next_listed: list[bool] = field(default_factory=list)
    next_held: list[bool] = field(default_factory=list)

    def add(self, other: Forecasts) -> None:
        """Take those of another play."""
        for who, horizons in other.brier.items():
            for hours, sums in horizons.items():
                self._brier(who, hours).add(sums.squares, sums.ships)
        self.forecast = [a + b for a, b in zip(self.forecast, other.forecast, strict=True)]
        self.stated = [a + b for a, b in zip(self.stated, other.stated, strict=True)]
        self.came = [a + b for a, b in zip(self.came, other.came, strict=True)]
        self.held, self.early, self.late = (
            self.held + other.held,
            self.early + other.early,
            self.late + other.late,
        )
        self.next_listed += other.next_listed
        self.next_held += other.next_held

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

    def hold(self, asked: Asked) -> None:
        """Count the intervals that held the time; those that end after what was heard are left out."""
        told = asked.judged & (asked.until_s <= asked.until_end_s) & np.isfinite(asked.after_s)
        after_s, from_s, until_s = asked.after_s[told], asked.from_s[told], asked.until_s[told]
        early, late = int((after_s < from_s).sum()), int((after_s > until_s).sum())
        self.held += len(after_s) - early - late
        self.early, self.late = self.early + early, self.late + late

    def next_hit(self, listed: bool, held: bool | None) -> None:
        """Note whether the asset that a ship of an incident hit next stood in the list, and when it held."""
        self.next_listed.append(listed)
        if held is not None:
            self.next_held.append(held)

    def _brier(self, who: str, hours: int) -> Brier:
        return self.brier.setdefault(who, {}).setdefault(hours, Brier())


def figures(forecasts: Forecasts) -> dict[str, Any]:
    """Give everything as plain values."""
    return {
        "brier": [_brier_row(forecasts, hours) for hours in HORIZONS_H],
        "reliability": [_rely_row(forecasts, i) for i in range(STEPS)],
        "intervals": _intervals(forecasts),
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
    every = forecasts.held + forecasts.early + forecasts.late
    return {
        "held": Share(forecasts.held, every).as_json(),
        "before": Share(forecasts.early, every).as_json(),
        "after": Share(forecasts.late, every).as_json(),
    }


def must_hold(forecasts: Forecasts) -> list[dict[str, Any]]:
    """Give the promises of the forecast: what is wanted, what was reached, and whether it holds."""
    rows = [_brier_row(forecasts, hours) for hours in HORIZONS_H]
    better = _counted(row["brier"] < row["straight_line"] for row in rows if row["moments"])
    every = forecasts.held + forecasts.early + forecasts.late
    return [
        _promise(
            "the asset hit next stands in the forecast", ">= 98%", _counted(forecasts.next_listed), 0.98, 1.0
        ),
        _promise("its 90 % interval holds the time", "85% to 95%", _counted(forecasts.next_held), 0.85, 0.95),
        _promise(
            "90 % intervals of all ships hold the time",
            "85% to 95%",
            Share(forecasts.held, every),
            0.85,
            0.95,
        ),
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
    note = (
        "For every ship heard and every full hour: will she enter each asset's corridor (its uncertainty and "
        "200 m) by then? Squares of what was wrong, summed over the assets; less is better."
    )
    return [
        ("Next assets: Brier score", note, ["within", "ships and hours", "seavigil", "straight line"], brier),
        (
            RELIABILITY,
            "By the longest time ahead that was heard to its end.",
            ["stated", "forecasts", "on average", "came"],
            reliability,
        ),
    ]


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
