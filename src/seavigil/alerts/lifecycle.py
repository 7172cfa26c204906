"""The life of an alert: which status follows which, and what counts as a new revision."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from seavigil.alerts.alert import Alert

OPEN, CLOSED, RETRACTED = "open", "closed", "retracted"

#: (status, what happens) -> status. What is not listed does not happen.
TRANSITIONS: Mapping[tuple[str, str], str] = {
    (OPEN, "goes_on"): OPEN,
    (OPEN, "ended"): CLOSED,
    (CLOSED, "goes_on"): OPEN,
    (CLOSED, "ended"): CLOSED,
    (OPEN, "explained"): RETRACTED,
    (CLOSED, "explained"): RETRACTED,
    (RETRACTED, "explained"): RETRACTED,
    (RETRACTED, "goes_on"): OPEN,  # new evidence that nothing explains
    (RETRACTED, "ended"): CLOSED,
}


@dataclass
class AlertBook:
    """The newest revision of every alert of one watch."""

    _newest: dict[str, Alert] = field(default_factory=dict)

    def advance(self, drafts: Sequence[Alert]) -> list[Alert]:
        """Give the revisions that ``drafts`` make, in order; a draft that changes nothing makes none.

        A draft is an Alert whose ``alert_id`` names its case; its revision, status and first
        times are set here. ``detected_at`` and each behaviour's first time never change.
        """
        revisions = []
        for draft in drafts:
            alert = self._next(draft)
            newest = self._newest.get(alert.alert_id)
            if newest is None or replace(alert, revision=0, revised_at_us=0) != replace(
                newest, revision=0, revised_at_us=0
            ):
                self._newest[alert.alert_id] = alert
                revisions.append(alert)
        return revisions

    def keep(self, alert_ids: set[str]) -> None:
        """Keep only these alerts: the others can no longer change."""
        self._newest = {key: alert for key, alert in self._newest.items() if key in alert_ids}

    def _next(self, draft: Alert) -> Alert:
        newest = self._newest.get(draft.alert_id)
        happens = "explained" if draft.retracted_because else _goes_on(draft)
        if newest is None:
            return replace(draft, revision=1, status=TRANSITIONS[(OPEN, happens)])
        return replace(
            draft,
            revision=newest.revision + 1,
            status=TRANSITIONS[(newest.status, happens)],
            detected_at_us=newest.detected_at_us,
            behaviour_first_seen_us={**draft.behaviour_first_seen_us, **newest.behaviour_first_seen_us},
        )


def _goes_on(draft: Alert) -> str:
    return "goes_on" if draft.ended_us is None else "ended"
