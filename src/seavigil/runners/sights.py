"""Which alerts about ships and areas an hour is said to have seen: what began, grew or went on in it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field

from seavigil.alerts import Alert, Transition
from seavigil.alerts.standing import rank
from seavigil.alerts.transitions import CLOSED, RETRACTED

#: Steps by which an alert tells of something more.
_RAISED = frozenset({"found", "opened", "reopen", "rose", "grew"})


@dataclass
class Sights:
    """The highest priority of each alert since whoever sums up took them; exercises apart."""

    told: dict[str, str] = field(default_factory=dict)
    drilled: dict[str, str] = field(default_factory=dict)

    def take(self, alerts: Iterable[Alert], transitions: Iterable[Transition]) -> None:
        """Take the revisions and steps of one piece of the watch."""
        steps: dict[tuple[str | None, int], set[str]] = {}
        for step in transitions:
            steps.setdefault((step.alert_id, step.revision), set()).add(step.what)
        for alert in alerts:
            if _shows(alert, steps.get((alert.alert_id, alert.revision), ())):
                into = self.drilled if alert.exercise else self.told
                before = into.get(alert.alert_id, alert.priority)
                into[alert.alert_id] = max(before, alert.priority, key=rank)

    def taken(self) -> tuple[Counter[str], Counter[str]]:
        """Give how many there were by priority, and how many of exercises; they begin anew."""
        found = Counter(self.told.values()), Counter(self.drilled.values())
        self.told, self.drilled = {}, {}
        return found


def _shows(alert: Alert, steps: Collection[str]) -> bool:
    """Whether a revision shows anything: not where it only says that all is over, or was nothing."""
    if alert.status == RETRACTED:
        return False
    goes_on = alert.ended_us is None and alert.status != CLOSED
    return goes_on or not _RAISED.isdisjoint(steps)
