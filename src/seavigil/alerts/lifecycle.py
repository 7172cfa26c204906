"""The life of alerts: drafts, commands and data time in; revisions and the steps between them out.

Everything happens at an exact data time, in order of data time: what falls due (an escalation, the end of a
silence) at its own, before a draft of the same time. So the same drafts and commands give the same
revisions and transitions wherever the stream is cut.
"""

from __future__ import annotations

import heapq
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from seavigil.alerts.alert import PRIORITIES, Alert
from seavigil.alerts.commands import Command
from seavigil.alerts.silences import Silence, silence_of, silencing
from seavigil.alerts.standing import (
    BY_OPERATOR,
    Earlier,
    Standing,
    Step,
    rank,
    step_of,
    subject_of,
    told_by,
    what_happened,
    worth_recording,
)
from seavigil.alerts.transitions import (
    ACKNOWLEDGED,
    CANDIDATE,
    CLOSED,
    ESCALATED,
    OPEN,
    RETRACTED,
    SEAVIGIL,
    TRANSITIONS,
    Refused,
    Transition,
    follows,
)
from seavigil.records import NEVER_US, SECOND_US, rfc3339

__all__ = ["TRANSITIONS", "AlertBook", "BookParams"]

_STANDING = frozenset({OPEN, ACKNOWLEDGED, ESCALATED})
#: A silence bears on these; who escalates an alert wants it told.
_CAN_BE_SILENT = frozenset({OPEN, ACKNOWLEDGED})
#: The answer that each command leaves: it stands until something new is found.
_ANSWERS: Mapping[str, str | None] = {
    "acknowledge": ACKNOWLEDGED,
    "close": CLOSED,
    "retract": RETRACTED,
    "escalate": None,
    "reopen": None,
}
#: What takes a person's answer away: it was given to less.
_NEW = frozenset({"stirred", "opened", "rose", "grew"})


@dataclass(frozen=True)
class BookParams:
    """What a book goes by; the defaults are those of a recording, where nobody answers.

    ``open_from``: a case of lower priority is a candidate, nobody is called. ``escalate_from``: an alert
    of this priority or a higher one that nobody has answered for ``escalate_after_s`` (s of data time; None:
    never) escalates. ``expire_after_s``: so long after the last change of what has ended it can still be
    answered. Raises ``ValueError`` where these do not fit together.
    """

    open_from: str = "info"
    escalate_from: str = "urgent"
    escalate_after_s: float | None = None
    expire_after_s: float = 0.0

    def __post_init__(self) -> None:
        """Check the values."""
        for name in ("open_from", "escalate_from"):
            if getattr(self, name) not in PRIORITIES:
                raise ValueError(f"{name}: {getattr(self, name)!r} is none of {', '.join(PRIORITIES)}")
        after_s = self.escalate_after_s
        if after_s is not None and not 0.0 < after_s < self.expire_after_s:
            raise ValueError("escalate_after_s: above 0, and below expire_after_s, or nobody could answer")


@dataclass
class AlertBook:
    """The newest revision of every alert of one watch, who answered it, and the silences that hold."""

    params: BookParams = field(default_factory=BookParams)
    _alerts: dict[str, Standing] = field(default_factory=dict)
    _silences: dict[str, Silence] = field(default_factory=dict)
    _due: list[tuple[int, int, str]] = field(default_factory=list)
    _revisions: list[Alert] = field(default_factory=list)
    _transitions: list[Transition] = field(default_factory=list)
    _live: set[str] = field(default_factory=set)
    _now_us: int = NEVER_US
    #: The revisions that an earlier book gave its alerts: ours are numbered on from there.
    _before: dict[str, int] = field(default_factory=dict)
    #: What people said of what still goes on in an earlier book, by what it is about; and its alerts.
    _earlier: dict[str, Earlier] = field(default_factory=dict)
    _known: frozenset[str] = frozenset()
    #: Alerts of the earlier book that go on under another name.
    taken_over: set[str] = field(default_factory=set)

    def advance(self, drafts: Sequence[Alert], as_of_us: int) -> list[Alert]:
        """Give the revisions that ``drafts`` and the time up to ``as_of_us`` make, in order of data time.

        A draft is an Alert whose ``alert_id`` names its case; its revision, status and first
        times are set here. ``detected_at`` and each behaviour's first time never change. A draft that changes
        nothing makes no revision. Drafts come in order of ``revised_at_us``.
        """
        for draft in drafts:
            at_us = min(draft.revised_at_us, as_of_us)
            self._run(at_us)
            self._take(draft, at_us)
        self._run(as_of_us)
        return self._said()

    def obey(self, command: Command, data_us: int) -> list[Alert]:
        """Do what a person asks at a data time; gives the revisions that this, and the time until then, make.

        Raises ``Refused``, in words for that person, where it cannot be done: then the command changed
        nothing, and what the time until then made comes with the next call, its transitions too.
        """
        at_us = max(data_us, self._now_us)
        self._run(at_us)
        if command.kind == "silence":
            self._silence(command, at_us)
        elif command.kind == "unsilence":
            self._unsilence(command, at_us)
        else:
            self._answer(command, at_us)
        return self._said()

    def transitions(self) -> list[Transition]:
        """Give, once, the steps taken since the last call, in their order."""
        taken, self._transitions = self._transitions, []
        return taken

    def silences(self) -> tuple[Silence, ...]:
        """Give the silences that hold or are still to come, the soonest over first."""
        return tuple(sorted(self._silences.values(), key=lambda s: (s.until_us, s.silence_id)))

    def knows(self, alert_id: str | None) -> bool:
        """Whether an alert is in the book."""
        return alert_id in self._alerts

    def concerns(self, command: Command) -> bool:
        """Whether a command is about an alert, or a silence, of this book."""
        listed = command.arguments.get("alerts")
        ids = [command.alert_id, command.arguments.get("silence_id")]
        ids += listed if isinstance(listed, list | tuple) else []
        return any(isinstance(one, str) and (one in self._alerts or one in self._silences) for one in ids)

    def standing(self) -> list[Alert]:
        """Give the newest revision of every alert that is open, acknowledged or escalated."""
        return [s.newest for s in self._alerts.values() if s.status in _STANDING]

    def take_up(self, stored: Mapping[str, tuple[int, str, str]]) -> list[Alert]:
        """Go on from the newest revisions of an earlier book: number, status and priority by ``alert_id``.

        Gives, as their next revision, those of this book's alerts that stand otherwise than these say.
        """
        self._earlier, self._known = {}, frozenset()
        self._before = {alert_id: number for alert_id, (number, _, _) in stored.items()}
        restated = []
        for alert_id in self._alerts.keys() & stored.keys():
            standing = self._alerts[alert_id]
            number, *stood = stored[alert_id]
            differs = stood != [standing.status, standing.newest.priority]
            number = max(number, standing.newest.revision) + differs
            standing.newest = replace(standing.newest, revision=number)
            restated += [standing.newest] if differs else []
        return sorted(restated, key=lambda alert: (alert.revised_at_us, alert.alert_id))

    def hold(self, silence: Silence) -> None:
        """Let a silence hold in its time; one of an earlier book goes on so, and nothing is said of it."""
        self._silences[silence.silence_id] = silence
        for turn_us in (silence.from_us, silence.until_us):
            heapq.heappush(self._due, (turn_us, _OF_SILENCES, silence.silence_id))

    def recall(self, earlier: Mapping[str, Earlier], known: Iterable[str]) -> None:
        """Let answers of an earlier book, by what they are about, stand for drafts that tell no more.

        ``known``: its alerts; one of them is taken over by no other. Until ``take_up``.
        """
        self._earlier, self._known = dict(earlier), frozenset(known)

    def keep(self, alert_ids: set[str]) -> None:
        """Take note that only these alerts can get further drafts.

        Of the others those that nobody can answer any more are let go of, now or when that time has come.
        """
        for alert_id in self._live - alert_ids:
            standing = self._alerts[alert_id]
            standing.gone = True
            self._let_go_or_wait(alert_id, standing, self._now_us)
        self._live &= alert_ids

    def _said(self) -> list[Alert]:
        said, self._revisions = self._revisions, []
        return said

    # Drafts

    def _take(self, draft: Alert, at_us: int) -> None:
        standing = self._alerts.get(draft.alert_id) or self._first(draft)
        self._alerts[draft.alert_id] = standing
        self._live.add(draft.alert_id)
        standing.gone = False
        before, steps = standing.status, list[Step]()
        for what in what_happened(standing, draft, self.params.open_from):
            after = follows(before, what)
            standing.called |= after in _STANDING
            if what in _NEW:
                standing.answer = None
            if worth_recording(what, before, after, standing, draft):
                steps.append(step_of(what, before, after, standing, draft))
            before = after
        revised = self._with_state(draft, before, standing)
        stood = before in _CAN_BE_SILENT or any(after in _CAN_BE_SILENT for _, _, after, _, _ in steps)
        revised = replace(revised, silenced_by=self._mark(standing, revised, at_us, stood=stood))
        standing.explained = draft.retracted_because
        if draft.retracted_because is None:
            standing.told |= told_by(draft)
            standing.highest = max(standing.highest, draft.priority, key=rank)
        self._revise(standing, revised, steps, at_us)

    def _first(self, draft: Alert) -> Standing:
        subject = subject_of(draft)
        said = self._earlier.get(subject)
        other = said is None or (draft.alert_id in self._known and draft.alert_id != said.alert_id)
        if said is None or other or not told_by(draft) <= said.told:
            return Standing(replace(draft, revision=0, status=CANDIDATE), highest=draft.priority)
        self.taken_over.add(said.alert_id)
        return self._earlier.pop(subject).of(draft)

    def _with_state(self, draft: Alert, status: str, standing: Standing) -> Alert:
        """Give a draft as the next revision: what was first stays, what a person said is kept."""
        newest = standing.newest
        return replace(
            draft,
            status=status,
            detected_at_us=newest.detected_at_us,
            behaviour_first_seen_us={**draft.behaviour_first_seen_us, **newest.behaviour_first_seen_us},
            retracted_because=(draft.retracted_because or BY_OPERATOR) if status == RETRACTED else None,
            outcome=newest.outcome if standing.answer == CLOSED else None,
        )

    def _revise(self, standing: Standing, alert: Alert, steps: Iterable[Step], at_us: int) -> None:
        """Keep an alert as the newest revision if anything changed, and record the steps to it."""
        newest = standing.newest
        changed = newest.revision == 0 or _content(alert) != _content(newest)
        all_steps = [*steps, *self._silent_steps(newest, alert)]
        if changed:
            number = newest.revision or self._before.get(alert.alert_id, 0)
            standing.newest = replace(alert, revision=number + 1)
            self._revisions.append(standing.newest)
        for what, before, after, who, why in all_steps:
            self._transitions.append(
                Transition(alert.alert_id, standing.newest.revision, what, before, after, who, at_us, why)
            )
        if changed or all_steps:
            standing.changed_us = at_us
        self._wait(standing, at_us)

    def _silent_steps(self, newest: Alert, alert: Alert) -> list[Step]:
        """Say that a silence began for an alert, or is over for one that still stands."""
        was, now = newest.silenced_by, alert.silenced_by
        if newest.revision and was and not now and alert.status in _STANDING:
            return [("silence_ended", alert.status, alert.status, SEAVIGIL, f"silence {was}")]
        if now and not (newest.revision and was):
            said = self._silences[now]
            return [("silenced", alert.status, alert.status, said.who, f"silence {now}: {said.why}")]
        return []

    # Time

    def _run(self, until_us: int) -> None:
        """Let everything happen that falls due up to a data time."""
        while self._due and self._due[0][0] <= until_us:
            at_us, rank_, name = heapq.heappop(self._due)
            if rank_ == _OF_SILENCES:
                self._turn(name, at_us)
            elif name in self._alerts:
                self._fall_due(name, self._alerts[name], at_us)
        self._now_us = max(self._now_us, until_us)

    def _fall_due(self, alert_id: str, standing: Standing, at_us: int) -> None:
        if standing.due_us != at_us:  # it has changed since
            return
        standing.due_us = None
        if self._escalates_us(standing) == at_us:
            after_s = self.params.escalate_after_s
            self._change(standing, "unanswered", f"for {after_s:g} s", at_us)
        elif standing.status in _STANDING:
            self._change(standing, "expired", f"ended {rfc3339(standing.newest.ended_us)}", at_us)
            standing.answer, standing.answered_by = CLOSED, SEAVIGIL
            self._wait(standing, at_us)
        self._let_go_or_wait(alert_id, standing, at_us)

    def _change(self, standing: Standing, what: str, why: str, at_us: int) -> None:
        """Let time change the status of an alert."""
        before = standing.status
        after = follows(before, what)
        revised = replace(standing.newest, status=after, revised_at_us=at_us)
        self._revise(standing, revised, [(what, before, after, SEAVIGIL, why)], at_us)

    def _wait(self, standing: Standing, at_us: int) -> None:
        """Note whether an alert waits for an answer, and when the book has to look at it again."""
        newest = standing.newest
        waits = (
            standing.called
            and standing.answer is None
            and newest.status in {OPEN, CLOSED}
            and newest.silenced_by is None
            and rank(newest.priority) >= rank(self.params.escalate_from)
        )
        if not waits:
            standing.waits_since_us = None
        elif standing.waits_since_us is None:
            standing.waits_since_us = at_us
        times = [t for t in (self._escalates_us(standing), self._expires_us(standing)) if t is not None]
        due_us = min(times, default=None)
        if due_us is not None and due_us != standing.due_us:
            heapq.heappush(self._due, (due_us, _OF_ALERTS, newest.alert_id))
        standing.due_us = due_us

    def _escalates_us(self, standing: Standing) -> int | None:
        after_s, since_us = self.params.escalate_after_s, standing.waits_since_us
        return None if after_s is None or since_us is None else since_us + round(after_s * SECOND_US)

    def _expires_us(self, standing: Standing) -> int | None:
        """Give when an alert that ended can be answered no longer, if the book has to do anything then."""
        if standing.newest.ended_us is None or not (standing.gone or standing.status in _STANDING):
            return None
        return standing.changed_us + round(self.params.expire_after_s * SECOND_US)

    def _over(self, standing: Standing, at_us: int) -> bool:
        """Whether nobody can answer an alert any more: nobody was called, or it ended long ago."""
        if standing.newest.ended_us is None or standing.status in _STANDING:
            return False
        return not standing.called or at_us >= standing.changed_us + round(
            self.params.expire_after_s * SECOND_US
        )

    def _let_go_or_wait(self, alert_id: str, standing: Standing, at_us: int) -> None:
        if standing.gone and self._over(standing, at_us):
            del self._alerts[alert_id]
            self._live.discard(alert_id)
        else:
            self._wait(standing, at_us)

    # People

    def _answer(self, command: Command, at_us: int) -> None:
        standing = self._alerts.get(command.alert_id or "")
        if standing is None or self._over(standing, at_us):
            told = "it is over, or there is none such; what was kept of it can be read"
            raise Refused(f"{command.kind}: alert {command.alert_id} can be answered no more: {told}")
        before, kind = standing.status, command.kind
        if kind == "note":
            return self._revise(standing, standing.newest, [_asked(command, before, before)], at_us)
        if kind == "acknowledge" and standing.answer is not None:
            raise Refused(f"acknowledge: {standing.answered_by} has {standing.answer} it already")
        after = follows(before, kind)
        standing.answer, standing.answered_by = _ANSWERS[kind], command.who
        standing.called |= after in _STANDING
        revised = replace(
            standing.newest,
            status=after,
            revised_at_us=at_us,
            retracted_because=BY_OPERATOR if after == RETRACTED else None,
            outcome=command.arguments["outcome"] if kind == "close" else None,
        )
        stood = after in _CAN_BE_SILENT
        revised = replace(revised, silenced_by=self._mark(standing, revised, at_us, stood=stood))
        return self._revise(standing, revised, [_asked(command, before, after)], at_us)

    def _silence(self, command: Command, at_us: int) -> None:
        silence = silence_of(command, at_us)
        lasts = f"silence {silence.silence_id} from {rfc3339(silence.from_us)} to {rfc3339(silence.until_us)}"
        self.hold(silence)
        self._about_silence("silence", command.who, f"{lasts}: {silence.why}", at_us)
        self._run(at_us)

    def _unsilence(self, command: Command, at_us: int) -> None:
        name = str(command.arguments["silence_id"])
        if name not in self._silences:
            raise Refused(f"unsilence: no silence {name} holds or is to come")
        self._about_silence("unsilence", command.who, f"silence {name}: {command.why}", at_us)
        self._silences[name] = replace(self._silences[name], until_us=at_us)
        self._mark_again(at_us)
        del self._silences[name]

    def _turn(self, name: str, at_us: int) -> None:
        """Let a silence begin, or end."""
        silence = self._silences.get(name)
        if silence is None:  # somebody ended it before its time
            return
        self._mark_again(at_us)
        if at_us >= silence.until_us:
            del self._silences[name]
            self._about_silence("silence_ended", SEAVIGIL, f"silence {name}", at_us)

    def _mark_again(self, at_us: int) -> None:
        """Mark the alerts that stand by the silences that hold now."""
        for standing in [s for s in self._alerts.values() if s.status in _CAN_BE_SILENT]:
            mark = self._mark(standing, standing.newest, at_us, stood=True)
            if mark != standing.newest.silenced_by:
                revised = replace(standing.newest, silenced_by=mark, revised_at_us=at_us)
                self._revise(standing, revised, [], at_us)

    def _mark(self, standing: Standing, alert: Alert, at_us: int, *, stood: bool) -> str | None:
        """Give the silence under which a revision is not told; what is over keeps the mark it had."""
        had = standing.newest.silenced_by
        if alert.status == ESCALATED:
            return None
        if not stood:
            return had
        holding = self._silences.get(had or "")
        if holding is not None and holding.active(at_us) and holding.covers(alert):
            return had
        return silencing(self._silences.values(), alert, at_us)

    def _about_silence(self, what: str, who: str, why: str, at_us: int) -> None:
        self._transitions.append(Transition(None, 0, what, None, None, who, at_us, why))


#: What falls due at one moment: silences first.
_OF_SILENCES, _OF_ALERTS = 0, 1


def _content(alert: Alert) -> Alert:
    return replace(alert, revision=0, revised_at_us=0)


def _asked(command: Command, before: str, after: str) -> Step:
    outcome = command.arguments.get("outcome") if command.kind == "close" else None
    why = ": ".join(part for part in (outcome, command.why.strip()) if part)
    return command.kind, before, after, command.who, why
