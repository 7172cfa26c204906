"""What a judge that begins anew finds in the hours before, held against what an earlier one had kept."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from typing import Any

from seavigil.alerts import Alert, Command, Transition
from seavigil.alerts.silences import Silence, silence_of
from seavigil.alerts.standing import Earlier, rank
from seavigil.alerts.transitions import RETRACTED, SEAVIGIL
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


@dataclass(frozen=True)
class Silences:
    """The silences that hold, as the store has them; of alerts about feeds those that are in their times."""

    of_ships: list[Silence]
    of_feeds: list[Silence]

    @classmethod
    def before(cls, seq: int, database: Database) -> Silences:
        """Give those asked for in records before one, and not ended by a person. Raises ``OSError``."""
        kinds = ("silence", "unsilence")
        done = [c for c in database.commands(kinds) if c["state"] == "done" and c["position"] < seq]
        ended = {c["arguments"].get("silence_id") for c in done if c["kind"] == "unsilence"}
        steps = (s for s in database.silence_steps() if s["what"] == "silence")
        began_us = {str(s["why"]).split(maxsplit=2)[1]: int(s["data_us"]) for s in steps}
        found = cls([], [])
        for told in done:
            name = told["command_id"]
            if told["kind"] == "silence" and name in began_us and name not in ended:
                books = found.of_feeds if _of_feeds(told["arguments"], database) else found.of_ships
                books.append(silence_of(Command.from_json(told), began_us[name]))
        return found

    def held_by(self, judge: Judge) -> None:
        """Let them hold."""
        for book, silences in ((judge.watch.book, self.of_ships), (judge.feed_alerts, self.of_feeds)):
            for silence in silences:
                book.hold(silence)


def answers(database: Database, before_us: int) -> dict[str, Earlier]:
    """Give what people said, by the clock before then, of alerts that still go on, by what these are about.

    Raises ``OSError``.
    """
    found: dict[str, Earlier] = {}
    for line in database.alerts(states=("acknowledged", "closed", "retracted"), limit=_ALL):
        name = line["alert_id"]
        steps = (
            [s for s in database.transitions(name, _ALL) if s["wall_us"] < before_us]
            if _goes_on(line)
            else []
        )
        said = next((s for s in reversed(steps) if s["what"] in _ENDS_ANSWER), None)
        if said is None or said["what"] not in _ANSWERS:
            continue
        lines = [r for r in database.revisions(name) if r["revision"] <= steps[-1]["revision"]]
        told = frozenset(one for r in lines for one in _told_by(r))
        highest = max((r["priority"] for r in lines), key=rank)
        answer, outcome = _ANSWERS[said["what"]], lines[-1].get("outcome")
        found[_subject(line)] = Earlier(name, steps[-1]["after"], answer, said["who"], told, highest, outcome)
    return found


_ANSWERS = {"acknowledge": "acknowledged", "close": "closed", "retract": "retracted"}
_ENDS_ANSWER = {*_ANSWERS, "escalate", "reopen", "stirred", "opened", "rose", "grew", WHAT}


def _goes_on(line: dict[str, Any]) -> bool:
    return line["ended"] is None


def _told_by(line: dict[str, Any]) -> set[tuple[str, str]]:
    """Give what a stored revision tells, as `alerts.standing.told_by` does."""
    assets = line["assets"]
    told = {("behaviour", str(one)) for one in line["behaviours"]}
    told |= {("asset", a["asset_id"]) for a in assets}
    told |= {("passage", a["asset_id"]) for a in assets if a["probability_over"] is not None}
    return told | {("fault", str(f["fault_id"])) for f in line["faults"]}


def _subject(line: dict[str, Any]) -> str:
    """Name what a stored alert is about, as `alerts.standing.subject_of` does."""
    vessel, area, feed = line["vessel"], line["area"], line["feed"]
    return (
        vessel["vessel_id"] if vessel else area["area_id"] if area else f"feed {feed['name']}" if feed else ""
    )


def _of_feeds(arguments: dict[str, Any], database: Database) -> bool:
    """Whether the book of alerts about feeds took a silence, as `Judge` has it."""
    lines = (database.alert(alert_id) for alert_id in arguments.get("alerts") or ())
    return bool(arguments.get("feeds")) or any(line is not None and line["feed"] for line in lines)


@dataclass(frozen=True)
class Stored:
    """What the store says: number, status and priority of every alert, and the lines of those that stand."""

    revisions: dict[str, tuple[int, str, str]]
    standing: list[dict[str, Any]]

    @classmethod
    def of(cls, database: Database) -> Stored:
        """Read it. Raises ``OSError``."""
        return cls(database.newest_revisions(), database.alerts(states=_STANDING, limit=_ALL))


@dataclass(frozen=True)
class Settled:
    """What the store lacks: of ``step`` all, and ``rows`` with their ``steps``, of which some close alerts.

    ``letters``: what of it is told as news; whoever was told of what is ``closed`` is told that it is over,
    by the step beside it.
    """

    step: Step
    rows: list[AlertRow]
    steps: list[TransitionRow]
    letters: Step
    closed: list[tuple[AlertRow, dict[str, Any]]]


@dataclass
class CatchingUp:
    """Gathers what judging again finds; none of it was kept when it comes to its end."""

    alerts: list[Alert] = field(default_factory=list)
    transitions: list[Transition] = field(default_factory=list)

    def take(self, step: Step) -> None:
        """Take what a stretch of the log led to."""
        self.alerts += step.alerts
        self.transitions += step.transitions

    def settled(self, judge: Judge, stored: Stored) -> Settled:
        """Let the judge's revisions be numbered on from those stored, and give what the store lacks; once.

        That is a step with the alerts that stand and that nobody was told of, and, as rows, those that stand
        otherwise than was stored: what nothing speaks for any more is closed.
        """
        books = (judge.watch.book, judge.feed_alerts)
        known = stored.revisions
        restated = [judge.health.beside(alert) for book in books for alert in book.take_up(known)]
        new = {a.alert_id for book in books for a in book.standing() if a.alert_id not in known}
        step = Step(judge.position, judge.wall_us)
        step.alerts = [alert for alert in self.alerts if alert.alert_id in new]
        step.transitions = [t for t in self.transitions if t.alert_id in new]
        gone = [d for d in stored.standing if not any(book.knows(d["alert_id"]) for book in books)]
        closed = [_closed(line) for line in gone]
        elsewhere = judge.watch.book.taken_over | judge.feed_alerts.taken_over
        rows = [*(row_of(alert) for alert in restated), *closed]
        steps = [_again(row, known[row.alert_id][1], judge.wall_us) for row in rows]
        letters = _newest(step)
        letters.alerts += restated
        letters.transitions += [t for a in restated if (t := _news(a, *known[a.alert_id][1:])) is not None]
        ends = [(row, _over(row, known[row.alert_id][1])) for row in closed if row.alert_id not in elsewhere]
        return Settled(step, rows, steps, letters, ends)


def _over(row: AlertRow, before: str) -> dict[str, Any]:
    """Give the step, as it stands beside an alert's line, by which a stored alert is closed."""
    at_us = row.revised_at_us
    step = Transition(row.alert_id, row.revision, "ended", before, row.status, SEAVIGIL, at_us, _WHY)
    return step.as_json()


def _news(alert: Alert, status: str, priority: str) -> Transition | None:
    """Give the step from how an alert was stored to how it stands now, if somebody is to be told."""
    stood, stands = status in _STANDING, alert.status in _STANDING
    what = None
    if stands and not stood:
        what = "opened"
    elif stands and rank(alert.priority) > rank(priority):
        what = "rose"
    elif stood and not stands:
        what = "explained" if alert.status == RETRACTED else "ended"
    if what is None:
        return None
    at_us = alert.revised_at_us
    return Transition(alert.alert_id, alert.revision, what, status, alert.status, SEAVIGIL, at_us, _WHY)


def _newest(step: Step) -> Step:
    """Give a step with the newest revision of each alert alone, and the step that opened it: to tell once."""
    newest = {alert.alert_id: alert for alert in step.alerts}
    opened = {t.alert_id: t for t in step.transitions if t.what in ("rose", "grew")}
    opened |= {t.alert_id: t for t in step.transitions if t.what in ("opened", "escalate", "reopen")}
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
