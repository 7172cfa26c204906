"""Pictures of one ship's path: speed over time, what she crossed, stops, gaps, alerts.

Colours are those of Okabe and Ito (Color Universal Design, 2008), which people of every colour vision tell
apart; what is shaded is hatched as well.
"""

from __future__ import annotations

import warnings
from collections.abc import Mapping, Sequence
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from seavigil import words
from seavigil.cli import path_lines
from seavigil.records import Flag, parse_time_us

if TYPE_CHECKING:
    from seavigil.runners.hindcast import Path as ShipsPath

_BLUE, _ORANGE, _GREEN, _VERMILION, _GREY = "#0072B2", "#E69F00", "#009E73", "#D55E00", "#555555"
_PRIORITY = {"urgent": _VERMILION, "warning": _ORANGE, "advisory": "#56B4E9", "info": "#BBBBBB"}
#: So that the same path makes the same bytes; names may hold a dollar sign, which is no formula.
_SETTINGS: Any = {
    "svg.hashsalt": "seavigil",
    "text.parse_math": False,
    "font.family": "DejaVu Sans",
    "font.size": 9.0,
    "hatch.linewidth": 0.6,
    "axes.spines.top": False,
    "axes.spines.right": False,
}
_WIDTH_IN, _SPEED_IN, _ROW_IN, _FRAME_IN = 11.0, 3.2, 0.24, 1.15
#: So many names fit above the speed; further crossings have a line without one.
_MOST_NAMES = 30
#: No more than so many alerts have a row of their own.
_MOST_ALERTS = 12
#: A bin of the log (`normal.coverage`).
_BIN_US = 300_000_000


def check(file: Path) -> None:
    """Raise ``ValueError`` where such a picture cannot be made."""
    if file.suffix.casefold() not in {".svg", ".png"}:
        raise ValueError(f"{file}: a picture's name ends in .svg or .png")
    try:
        import matplotlib.figure  # noqa: F401
    except ImportError as fault:
        raise ValueError("plots want matplotlib: pip install 'seavigil[plot]'") from fault


def draw(paths: Sequence[ShipsPath], names: Mapping[str, str], file: Path) -> None:
    """Draw the paths, one above the other, into an .svg or .png file; the same paths make the same bytes.

    Raises ``ValueError`` where matplotlib is not installed or the name ends otherwise, and ``OSError``.
    """
    check(file)
    import io

    import matplotlib as mpl
    from matplotlib.figure import Figure

    form = file.suffix.casefold()[1:]
    drawn = [_Block(path, names) for path in paths]
    with mpl.rc_context(_SETTINGS), warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="Glyph .* missing")  # a box stands for the letter
        figure = Figure(figsize=(_WIDTH_IN, sum(b.height_in for b in drawn)), dpi=110)
        top_in = sum(b.height_in for b in drawn)
        for block in drawn:
            block.draw(figure, top_in)
            top_in -= block.height_in
        picture = io.BytesIO()
        figure.savefig(picture, format=form, metadata={"Date": None} if form == "svg" else {})
    from seavigil.store.disk import write_whole

    write_whole(file, picture.getvalue())


class _Block:
    """One ship's part of the picture: names of crossings, speed, alerts, one above the other."""

    def __init__(self, path: ShipsPath, names: Mapping[str, str]) -> None:
        self._path = path
        marks = path_lines.marks(path, names)
        self._of = {kind: [m for m in marks if m["type"] == kind] for kind in path_lines.KINDS}
        self._rows = _rows_of_names(self._of["crossing"][:_MOST_NAMES], *_span(path))
        by_alert: dict[str, list[Any]] = {}
        for mark in self._of["alert"]:
            by_alert.setdefault(mark["alert"]["alert_id"], []).append(mark["alert"])
        last = {alert.alert_id: alert.as_json() for alert in path.alerts}
        self._alerts = [(steps, last[alert_id]) for alert_id, steps in by_alert.items()][:_MOST_ALERTS]
        self._names_in = _ROW_IN * (max(self._rows, default=-1) + 1)
        self._alerts_in = _ROW_IN * len(self._alerts) + 0.1
        self.height_in = self._names_in + _SPEED_IN + self._alerts_in + _FRAME_IN

    def draw(self, figure: Any, top_in: float) -> None:
        """Draw it into ``figure`` below ``top_in``, in inches from the bottom."""
        whole_in = figure.get_figheight()
        width = (0.07, 0.91)
        speed_in = top_in - 0.4 - self._names_in - _SPEED_IN
        speed = figure.add_axes((width[0], speed_in / whole_in, width[1], _SPEED_IN / whole_in))
        alerts_in = speed_in - self._alerts_in
        strip = figure.add_axes(
            (width[0], alerts_in / whole_in, width[1], self._alerts_in / whole_in), sharex=speed
        )
        figure.text(width[0], (top_in - 0.2) / whole_in, path_lines.title(self._path), va="center", size=10)
        self._speed(speed)
        self._crossings(speed)
        self._strip(strip)
        below = (width[0], (alerts_in - 0.35) / whole_in)
        handles, labels = speed.get_legend_handles_labels()
        figure.legend(
            handles, labels, loc="upper left", bbox_to_anchor=below, ncols=5, fontsize=8, frameon=False
        )

    def _speed(self, axes: Any) -> None:
        path, when = self._path, _dates
        for kind, colour, hatch in (("stop", _GREEN, "..."), ("gap", _GREY, "///")):
            for n, mark in enumerate(self._of[kind]):
                begin, end = when([parse_time_us(mark["time"]), _end_us(mark, path)])
                label = {"stop": "lay still", "gap": "silent"}[kind] if n == 0 else None
                axes.axvspan(
                    begin, end, facecolor=colour, edgecolor=colour, alpha=0.25, hatch=hatch, lw=0, label=label
                )
        axes.plot(when(path.track.time_us), _broken(path), color=_BLUE, lw=1.4, label="speed over ground")
        if np.isfinite(path.usual_kn).any():
            usual = {"color": "black", "lw": 1.1, "ls": (0, (5, 3)), "label": _usual_label(path)}
            bins_us = [*path.usual_us.tolist(), int(path.usual_us[-1]) + _BIN_US]
            axes.step(when(bins_us), [*path.usual_kn.tolist(), path.usual_kn[-1]], where="post", **usual)
        speeds = np.concatenate([_broken(path), path.usual_kn, [2.0]])
        axes.set_ylim(0.0, float(np.nanmax(speeds)) * 1.15)
        axes.set_ylabel("knots")
        axes.grid(axis="y", color="#DDDDDD", lw=0.6)
        axes.set_axisbelow(True)
        axes.margins(x=0.01)
        axes.tick_params(axis="x", labelbottom=False)

    def _crossings(self, axes: Any) -> None:
        """Mark each crossing by a line over the band of its uncertainty, named above the speed."""
        from matplotlib.transforms import blended_transform_factory

        above = blended_transform_factory(axes.transData, axes.transAxes)
        for n, mark in enumerate(self._of["crossing"]):
            at_us, within_us = parse_time_us(mark["time"]), (mark["within_s"] or 0.0) * 1e6
            begin, at, end = _dates([at_us - within_us, at_us, at_us + within_us])
            axes.axvspan(begin, end, color=_VERMILION, alpha=0.2, lw=0)
            row = self._rows[n] if n < len(self._rows) else 0
            top = 1.0 + (row + 0.75) * _ROW_IN / _SPEED_IN if n < len(self._rows) else 1.0
            line = {"color": _VERMILION, "lw": 1.0, "transform": above, "clip_on": False}
            if n < len(self._rows):
                left = _leans_left(at_us, *_span(self._path))
                placed = {"transform": above, "va": "top", "ha": "right" if left else "left", "zorder": 3}
                ground = {"facecolor": "white", "edgecolor": "none", "pad": 0.6}
                axes.text(at, top, f" {_name(mark)} ", size=8, color=_VERMILION, bbox=ground, **placed)
            axes.plot([at, at], [0.0, top], zorder=2.5, **line)

    def _strip(self, axes: Any) -> None:
        """Draw each alert as a bar from its begin to its end, coloured by the priority that it had then.

        Where the conduct had begun and nothing could be said of it yet the bar is empty.
        """
        import matplotlib.dates as mdates

        dates: Any = mdates
        span = _span(self._path)
        for row, (steps, last) in enumerate(self._alerts):
            bars = _bars(steps, last, *span)
            for begin_us, end_us, priority in bars:
                begin, end = _dates([begin_us, end_us])
                colour = "white" if priority is None else _PRIORITY[priority]
                axes.barh(-row, end - begin, left=begin, height=0.62, color=colour, edgecolor="black", lw=0.5)
            left = _leans_left(bars[0][0], *span)
            at, side = (_dates(bars[-1][1]), "right") if left else (_dates(bars[0][0]), "left")
            axes.text(at, -row, f" {_steps(steps)}: {words.what(last)} ", va="center", ha=side, size=8)
        axes.set_ylim(-max(len(self._alerts) - 1, 0) - 0.7, 0.7)
        axes.set_yticks([])
        axes.patch.set_visible(False)
        axes.set_ylabel("alerts" if self._alerts else "", rotation=0, ha="right", va="center")
        axes.spines["left"].set_visible(False)
        locator = dates.AutoDateLocator()
        axes.xaxis.set_major_locator(locator)
        axes.xaxis.set_major_formatter(dates.ConciseDateFormatter(locator))
        axes.set_xlabel("UTC")
        axes.set_xlim(*_dates(_margin(*span)))


def _bars(
    steps: Sequence[Mapping[str, Any]], last: Mapping[str, Any], begin_us: int, end_us: int
) -> list[tuple[int, int, str | None]]:
    """Give the pieces of an alert's bar within a span: from when to when, and which priority it had."""
    rises = [steps[0], *(b for a, b in pairwise(steps) if a["priority"] != b["priority"])]
    times_us = [parse_time_us(last["began"]), *(parse_time_us(rise["revised_at"]) for rise in rises)]
    times_us.append(max(parse_time_us(last["ended"] or last["revised_at"]), times_us[-1]))
    cut_us = [min(max(time_us, begin_us), end_us) for time_us in times_us]
    priorities = [None, *(rise["priority"] for rise in rises)]
    bars = [(a, b, p) for (a, b), p in zip(pairwise(cut_us), priorities, strict=True) if b > a]
    return bars or [(cut_us[-1], cut_us[-1], priorities[-1])]


def _steps(steps: Sequence[Mapping[str, Any]]) -> str:
    """Say which priority an alert had first, and from when on each further one."""
    said = steps[0]["priority"]
    for before, step in pairwise(steps):
        if step["priority"] != before["priority"]:
            said += f", {step['priority']} {words.clock(step['revised_at'], before['revised_at'])}"
    return f"{said}, taken back" if steps[-1]["retracted_because"] else str(said)


def _usual_label(path: ShipsPath) -> str:
    """Name the dashed line; where most of the time no usual speed is known, say so."""
    known = int(np.isfinite(path.usual_kn).sum())
    if 2 * known >= len(path.usual_kn):
        return "her own usual speed"
    return "her own usual speed (only while she makes 3 kn, after half an hour of that)"


def _end_us(mark: Mapping[str, Any], path: ShipsPath) -> int:
    return _span(path)[1] if mark["ended"] is None else min(parse_time_us(mark["ended"]), _span(path)[1])


def _dates(times_us: Any) -> Any:
    """Give times as matplotlib counts them: days since 1970."""
    return np.asarray(times_us, dtype=np.float64) / 86_400e6


def _span(path: ShipsPath) -> tuple[int, int]:
    """Give the first and the last moment of the picture: her reports, and silences after the last."""
    ends = [*path.track.time_us[[0, -1]].tolist()] if len(path.track) else []
    ends += [t for gap in path.gaps for t in (gap.began_us, gap.until_us)]
    return min(ends), max(ends)


def _margin(begin_us: int, end_us: int) -> tuple[float, float]:
    edge_us = max((end_us - begin_us) * 0.01, 30e6)
    return begin_us - edge_us, end_us + edge_us


def _broken(path: ShipsPath) -> Any:
    """Give her speeds, none where one cannot be hers, nor right after a silence: no line bridges it."""
    wrong = (path.track.flags & np.uint32(Flag.IMPOSSIBLE_SPEED)) != 0
    speed = np.where(wrong, np.nan, path.track.sog_kn)
    backs = [
        int(np.searchsorted(path.track.time_us, g.ended_us)) for g in path.gaps if g.ended_us is not None
    ]
    speed[[row for row in backs if row < len(speed)]] = np.nan
    return speed


def _name(mark: Mapping[str, Any]) -> str:
    name = mark["name"] if len(mark["name"]) <= 40 else f"{mark['name'][:39]}…"
    return f"{name} {mark['time'][11:16]}Z"


def _leans_left(at_us: float, begin_us: int, end_us: int) -> bool:
    """Whether a text at that time has more room to its left."""
    return at_us > begin_us + 0.6 * (end_us - begin_us)


def _rows_of_names(crossings: Sequence[Mapping[str, Any]], begin_us: int = 0, end_us: int = 1) -> list[int]:
    """Give for each name the lowest row in which it overlaps no other.

    A letter at 8 points is taken as 0.068 in wide, the mean of the font's small letters and a bit.
    """
    taken: list[list[tuple[float, float]]] = []
    rows = []
    for mark in crossings:
        at_in = (parse_time_us(mark["time"]) - begin_us) / max(end_us - begin_us, 1) * _WIDTH_IN * 0.89
        wide_in = 0.068 * (len(_name(mark)) + 3)
        left = _leans_left(parse_time_us(mark["time"]), begin_us, end_us)
        begin, end = (at_in - wide_in, at_in) if left else (at_in, at_in + wide_in)
        free = (n for n, row in enumerate(taken) if all(end <= a or begin >= b for a, b in row))
        row = next(free, len(taken))
        if row == len(taken):
            taken.append([])
        taken[row].append((begin, end))
        rows.append(row)
    return rows
