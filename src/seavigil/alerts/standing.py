"""How one alert stands: its newest revision, what a person answered, and what of a draft is new."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from seavigil.alerts.alert import PRIORITIES, Alert
from seavigil.alerts.transitions import CANDIDATE, CLOSED, ESCALATED, RETRACTED, SEAVIGIL

#: Why an alert is retracted where a person did it.
BY_OPERATOR = "by_operator"

#: One thing that a revision tells: a behaviour, an asset, a passage over one, a fault that she fits.
Told = tuple[str, str]

#: One step of an alert that is about to be recorded: what, before, after, who, why.
Step = tuple[str, str | None, str | None, str, str]


@dataclass
class Standing:
    """How one alert stands.

    ``newest``: its last revision. ``called``: whether it was ever above the bar, or raised by a person.
    ``answer``: the status that a person gave it, as long as nothing new is found, and ``answered_by`` whom.
    ``told``: all that its revisions told so far, ``highest`` the greatest priority of them.
    ``explained``: what explained the last draft.
    ``changed_us``: data time of the last change. ``waits_since_us``: since when it waits for an answer,
    None where it does not. ``due_us``: when the book looks at it again. ``gone``: no draft of it can come.
    """

    newest: Alert
    called: bool = False
    answer: str | None = None
    answered_by: str = ""
    told: frozenset[Told] = frozenset()
    highest: str = PRIORITIES[0]
    explained: str | None = None
    changed_us: int = 0
    waits_since_us: int | None = None
    due_us: int | None = None
    gone: bool = False

    @property
    def status(self) -> str:
        """The status of the newest revision."""
        return self.newest.status


@dataclass(frozen=True)
class Earlier:
    """What a person said of an alert of an earlier book that still went on: it stands until more is found.

    ``told`` and ``highest``: all that its revisions told, as in `Standing`.
    """

    alert_id: str
    status: str
    answer: str
    who: str
    told: frozenset[Told]
    highest: str
    outcome: str | None = None

    def of(self, draft: Alert) -> Standing:
        """Give how a draft about the same begins."""
        first = replace(draft, revision=0, status=self.status, outcome=self.outcome)
        return Standing(first, True, self.answer, self.who, told=self.told, highest=self.highest)


def subject_of(alert: Alert) -> str:
    """Name what an alert is about: a ship, an area or a feed."""
    about = (alert.vessel and alert.vessel.vessel_id, alert.area and alert.area.area_id)
    return next((str(name) for name in about if name), f"feed {alert.feed.name}" if alert.feed else "")


def rank(priority: str) -> int:
    """Give how pressing a priority is: 0 the least. Raises ``ValueError`` for what is none."""
    if priority not in PRIORITIES:
        raise ValueError(f"{priority!r} is no priority; there are {', '.join(PRIORITIES)}")
    return PRIORITIES.index(priority)


def told_by(alert: Alert) -> frozenset[Told]:
    """Give what an alert tells, piece by piece; figures and times are none of it."""
    told = {("behaviour", behaviour) for behaviour in alert.behaviours}
    told |= {("asset", asset.asset_id) for asset in alert.assets}
    told |= {("passage", a.asset_id) for a in alert.assets if a.probability_over is not None}
    return frozenset(told | {("fault", str(f["fault_id"])) for f in alert.faults})


def what_happened(standing: Standing, draft: Alert, bar: str) -> list[str]:
    """Give what a draft brings about, step by step, each as the table of transitions has it.

    ``bar``: a case of less priority that was never above it calls nobody.
    """
    if _newly_explained(standing, draft):
        return ["settled" if standing.answer == CLOSED else "explained"]
    going = _going(standing, draft, bar)
    if draft.ended_us is None:
        return going
    ended_anew = draft.ended_us != standing.newest.ended_us or standing.newest.revision == 0
    if going[0] in _QUIET and standing.status not in {CANDIDATE, RETRACTED}:
        return ["ended"] if ended_anew else []
    return [*going, "ended"]


#: What alone opens nothing that was closed, if it has ended as well.
_QUIET = frozenset({"went_on", "known", "stirred"})


def _newly_explained(standing: Standing, draft: Alert) -> bool:
    """Whether it is explained; what a person knew when he took it up again explains it no more."""
    because = draft.retracted_because
    return because is not None and (standing.status == RETRACTED or because != standing.explained)


def _going(standing: Standing, draft: Alert, bar: str) -> list[str]:
    """Give what happens while it goes on."""
    if not standing.called:
        below = rank(draft.priority) < rank(bar)
        settled = standing.answer in {CLOSED, RETRACTED} and not _more(standing, draft)
        return ["settled" if settled else "stirred" if below else "opened"]
    more = _more(standing, draft)
    if more is not None:
        return [more]
    if standing.answer in {CLOSED, RETRACTED}:
        return ["settled"]
    return ["went_on" if standing.answer is None else "known"]


def _more(standing: Standing, draft: Alert) -> str | None:
    """Say whether a draft tells more than all before it did."""
    if rank(draft.priority) > rank(standing.highest):
        return "rose"
    return None if told_by(draft) <= standing.told else "grew"


def worth_recording(what: str, before: str, after: str, standing: Standing, draft: Alert) -> bool:
    """Whether a step says more than its revision does."""
    if standing.newest.revision == 0 or before != after or what in {"rose", "grew"}:
        return True
    return what == "ended" and before == ESCALATED and draft.ended_us != standing.newest.ended_us


def step_of(what: str, before: str, after: str, standing: Standing, draft: Alert) -> Step:
    """Give a step that the data took; the first of an alert comes from nothing."""
    first = standing.newest.revision == 0 and before == CANDIDATE and what != "ended"
    named = "found" if first and after == CANDIDATE else what
    why: Mapping[str, str] = {
        "rose": f"{standing.highest} to {draft.priority}",
        "grew": ", ".join(f"{kind} {name}" for kind, name in sorted(told_by(draft) - standing.told)),
        "explained": draft.retracted_because or "",
    }
    return named, None if first else before, after, SEAVIGIL, why.get(what, "")
