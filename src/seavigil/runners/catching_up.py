"""What a judge that begins anew finds in the hours before, held against what an earlier one had kept."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace

from seavigil.alerts import Alert, Transition
from seavigil.records import parse_time_us
from seavigil.runners.judge import Judge, Step
from seavigil.runners.kept import row_of
from seavigil.store.database import Database
from seavigil.store.rawlog import Record
from seavigil.store.rows import AlertRow, TransitionRow, alert_row

_STANDING = ("open", "acknowledged", "escalated")
#: More alerts than ever stand at once: who reads a part of them would leave the rest open for good.
_ALL = 1_000_000
WHAT = "judged_again"
_WHY = "judged again after a change of settings, or without a checkpoint"


def seq_at(read: Callable[[int], Iterator[Record]], wall_us: int, upto: int) -> int:
    """Give the first record of a log that came at ``wall_us`` or later, or ``upto``, by halving."""
    low = next((record.seq for record in read(1) if record.feed == 0), upto)
    high = max(upto, low)
    while low < high:
        middle = (low + high) // 2
        record = next(read(middle), None)
        if record is None or record.wall_us >= wall_us:
            high = middle
        else:
            low = middle + 1
    return low


@dataclass
class CatchingUp:
    """Gathers what judging again finds; none of it was kept when it comes to its end."""

    alerts: list[Alert] = field(default_factory=list)
    transitions: list[Transition] = field(default_factory=list)

    def take(self, step: Step) -> None:
        """Take what a stretch of the log led to."""
        self.alerts += step.alerts
        self.transitions += step.transitions

    def settled(self, judge: Judge, database: Database) -> tuple[Step, list[AlertRow], list[TransitionRow]]:
        """Let the judge's revisions be numbered on from those stored, and give what the store lacks.

        That is a step with the alerts that stand and that nobody was told of, and, as rows, those that stand
        otherwise than was stored: what nothing speaks for any more is closed. Raises ``OSError``.
        """
        stored = database.newest_revisions()
        books = (judge.watch.book, judge.feed_alerts)
        restated = [alert for book in books for alert in book.take_up(stored)]
        new = {a.alert_id for book in books for a in book.standing() if a.alert_id not in stored}
        step = Step(judge.position, judge.wall_us)
        step.alerts = [alert for alert in self.alerts if alert.alert_id in new]
        step.transitions = [t for t in self.transitions if t.alert_id in new]
        rows = [row_of(judge.health.beside(alert)) for alert in restated]
        steps = [_again(row, stored[row.alert_id][1], judge.wall_us) for row in rows]
        for line in database.alerts(states=_STANDING, limit=_ALL):
            if not any(book.knows(line["alert_id"]) for book in books):
                rows.append(_closed(line))
                steps.append(_again(rows[-1], line["status"], judge.wall_us))
        return step, rows, steps


def newest_letters(step: Step) -> Step:
    """Give a step with the newest revision of each alert alone, and the step that opened it: to tell once."""
    newest = {alert.alert_id: alert for alert in step.alerts}
    opened = {t.alert_id: t for t in step.transitions if t.what in ("opened", "escalate", "reopen")}
    told = Step(step.position, step.wall_us, alerts=list(newest.values()))
    told.transitions = [
        replace(t, revision=newest[t.alert_id].revision) for t in opened.values() if t.alert_id in newest
    ]
    return told


def _closed(line: dict[str, object]) -> AlertRow:
    """Give a stored alert as closed, at the time of its last revision."""
    again = {**line, "status": "closed", "revision": int(str(line["revision"])) + 1}
    names = ("began", "ended", "detected_at", "revised_at")
    times = {f"{n}_us": None if line[n] is None else parse_time_us(str(line[n])) for n in names}
    return alert_row(again, times)


def _again(row: AlertRow, before: str, wall_us: int) -> TransitionRow:
    return TransitionRow(
        row.alert_id, row.revision, WHAT, before, row.status, "seavigil", row.revised_at_us, wall_us, _WHY
    )
