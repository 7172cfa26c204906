"""Which status of an alert follows which: one table, and the record of each step taken."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from seavigil.records import rfc3339

CANDIDATE, OPEN, ACKNOWLEDGED = "candidate", "open", "acknowledged"
ESCALATED, CLOSED, RETRACTED = "escalated", "closed", "retracted"

STATUSES = (CANDIDATE, OPEN, ACKNOWLEDGED, ESCALATED, CLOSED, RETRACTED)

#: Who does what the data, or the time that goes by in them, bring about.
SEAVIGIL = "seavigil"

#: (status, what happens) -> status. What is not listed does not happen; asked for by a person it is refused.
TRANSITIONS: Mapping[tuple[str, str], str] = {
    # The data, below the bar: it goes on, and nobody was ever called for it.
    (CANDIDATE, "stirred"): CANDIDATE,
    (CLOSED, "stirred"): CANDIDATE,
    (RETRACTED, "stirred"): CANDIDATE,
    # At the bar for the first time.
    (CANDIDATE, "opened"): OPEN,
    (CLOSED, "opened"): OPEN,
    (RETRACTED, "opened"): OPEN,
    # It goes on with nothing new, and no person's answer stands.
    (OPEN, "went_on"): OPEN,
    (ESCALATED, "went_on"): ESCALATED,
    (CLOSED, "went_on"): OPEN,
    (RETRACTED, "went_on"): OPEN,  # what explained it explains it no more
    # It goes on with nothing beyond what a person has acknowledged.
    (ACKNOWLEDGED, "known"): ACKNOWLEDGED,
    (CLOSED, "known"): ACKNOWLEDGED,
    (RETRACTED, "known"): ACKNOWLEDGED,
    # It goes on with nothing beyond what a person has closed or retracted.
    (CLOSED, "settled"): CLOSED,
    (RETRACTED, "settled"): RETRACTED,
    # It is more pressing than ever before: whatever a person said was said of less.
    (OPEN, "rose"): OPEN,
    (ACKNOWLEDGED, "rose"): OPEN,
    (ESCALATED, "rose"): ESCALATED,
    (CLOSED, "rose"): OPEN,
    (RETRACTED, "rose"): OPEN,
    # Another behaviour, another asset, a first passage over one, another fault that she fits.
    (OPEN, "grew"): OPEN,
    (ACKNOWLEDGED, "grew"): OPEN,
    (ESCALATED, "grew"): ESCALATED,
    (CLOSED, "grew"): OPEN,
    (RETRACTED, "grew"): OPEN,
    # All of it has ended. Whoever it was escalated to closes it.
    (CANDIDATE, "ended"): CLOSED,
    (OPEN, "ended"): CLOSED,
    (ACKNOWLEDGED, "ended"): CLOSED,
    (ESCALATED, "ended"): ESCALATED,
    (CLOSED, "ended"): CLOSED,
    (RETRACTED, "ended"): RETRACTED,
    # Later data explain all of it.
    (CANDIDATE, "explained"): RETRACTED,
    (OPEN, "explained"): RETRACTED,
    (ACKNOWLEDGED, "explained"): RETRACTED,
    (ESCALATED, "explained"): RETRACTED,
    (CLOSED, "explained"): RETRACTED,
    (RETRACTED, "explained"): RETRACTED,
    # Nobody has answered for so long: even where it is over, somebody must know of it.
    (OPEN, "unanswered"): ESCALATED,
    (CLOSED, "unanswered"): ESCALATED,
    # It ended so long ago that nobody will answer any more.
    (OPEN, "expired"): CLOSED,
    (ACKNOWLEDGED, "expired"): CLOSED,
    (ESCALATED, "expired"): CLOSED,
    # What people do.
    (OPEN, "acknowledge"): ACKNOWLEDGED,
    (ESCALATED, "acknowledge"): ACKNOWLEDGED,
    (CLOSED, "acknowledge"): CLOSED,  # it ended before anybody answered
    (CANDIDATE, "escalate"): ESCALATED,
    (OPEN, "escalate"): ESCALATED,
    (ACKNOWLEDGED, "escalate"): ESCALATED,
    (CLOSED, "escalate"): ESCALATED,
    (CANDIDATE, "close"): CLOSED,
    (OPEN, "close"): CLOSED,
    (ACKNOWLEDGED, "close"): CLOSED,
    (ESCALATED, "close"): CLOSED,
    (CLOSED, "close"): CLOSED,  # with another outcome, or the first one
    (CANDIDATE, "retract"): RETRACTED,
    (OPEN, "retract"): RETRACTED,
    (ACKNOWLEDGED, "retract"): RETRACTED,
    (ESCALATED, "retract"): RETRACTED,
    (CLOSED, "retract"): RETRACTED,
    (CANDIDATE, "reopen"): OPEN,
    (ACKNOWLEDGED, "reopen"): OPEN,
    (ESCALATED, "reopen"): OPEN,
    (CLOSED, "reopen"): OPEN,
    (RETRACTED, "reopen"): OPEN,
}


class Refused(ValueError):
    """A command that cannot be obeyed; its message says why, for the person who gave it."""


@dataclass(frozen=True, slots=True)
class Transition:
    """One step in the life of an alert, or of a silence (then ``alert_id`` is None).

    ``what`` happened, as in ``TRANSITIONS``, or ``found``, ``note``, ``silenced``, ``silence_ended``;
    ``revision`` is the alert's after it. ``before`` is None for what was not there. ``who`` is a person, or
    SEAVIGIL for what the data and their time brought about. ``data_us`` is data time.
    """

    alert_id: str | None
    revision: int
    what: str
    before: str | None
    after: str | None
    who: str
    data_us: int
    why: str = ""

    def as_json(self) -> dict[str, Any]:
        """Give it as it stands beside an alert's line."""
        return {
            "alert_id": self.alert_id,
            "revision": self.revision,
            "what": self.what,
            "before": self.before,
            "after": self.after,
            "who": self.who,
            "at": rfc3339(self.data_us),
            "why": self.why,
        }


def follows(status: str, what: str) -> str:
    """Give the status after ``what`` happened. Raises ``Refused`` where the table does not list it."""
    after = TRANSITIONS.get((status, what))
    if after is None:
        can = ", ".join(sorted(s for s, happens in TRANSITIONS if happens == what))
        raise Refused(f"{what}: the alert is {status}; only one that is {can or 'nothing known'} can be")
    return after
