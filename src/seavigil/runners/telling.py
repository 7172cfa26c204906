"""Which channel is told of what: rows for the outbox, in the transaction that keeps what they tell of."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from seavigil.alerts.notify import EXERCISE_MARK, OVER, Notification, Telling, worth_telling
from seavigil.runners.judge import Step
from seavigil.store.rows import AlertRow, OutboxRow

#: Letters told before: alert, revision, channel.
Letters = Iterable[tuple[str, int, str]]


@dataclass(frozen=True)
class Desk:
    """The channels by name, each with what it wants; ``open_from``: the bar of the book of alerts.

    That something is over is told to every channel that was told of it, whatever it is about by then.
    """

    channels: Mapping[str, Telling] = field(default_factory=dict)
    open_from: str = "info"

    def messages(self, step: Step, before: Letters = ()) -> list[OutboxRow]:
        """Give a row for each channel and each thing worth telling it, in order.

        ``before``: the letters about the alerts that ``ends`` names.
        """
        known = _first_told(before)
        rows = []
        for told in worth_telling(step.transitions, step.alerts, open_from=self.open_from):
            for name, telling in self.channels.items():
                of = (told.alert.alert_id, name)
                over = known.get(of, told.alert.revision) < told.alert.revision
                if telling.wants(told) or (over and telling.wants_end(told.transition.what)):
                    known.setdefault(of, told.alert.revision)
                    rows.append(_letter(told, name, step.wall_us))
        return rows

    def ends(self, step: Step) -> set[str]:
        """Name the alerts of which a step says that they are over."""
        return {t.alert_id for t in step.transitions if t.what in OVER and t.alert_id is not None}

    def ended(self, row: AlertRow, what: Mapping[str, Any], before: Letters, wall_us: int) -> list[OutboxRow]:
        """Give the rows that tell whoever was told of a stored alert that it is over."""
        mark = {"marking": EXERCISE_MARK} if row.exercise else {}
        payload = {**mark, **row.line, "transition": what}
        about = (row.priority, str(what["what"]), wall_us, payload)
        told = {name for alert_id, _, name in before if alert_id == row.alert_id}
        return [
            OutboxRow(f"{row.alert_id}:{row.revision}:{name}", name, row.alert_id, row.revision, *about)
            for name, telling in self.channels.items()
            if name in told and telling.wants_end(str(what["what"])) and row.line.get("silenced_by") is None
        ]


def _first_told(letters: Letters) -> dict[tuple[str, str], int]:
    """Give the first revision of each alert that each channel was told of."""
    first: dict[tuple[str, str], int] = {}
    for alert_id, revision, name in letters:
        first[alert_id, name] = min(revision, first.get((alert_id, name), revision))
    return first


def _letter(told: Notification, channel: str, wall_us: int) -> OutboxRow:
    return OutboxRow(
        key=f"{told.alert.alert_id}:{told.alert.revision}:{channel}",
        channel=channel,
        alert_id=told.alert.alert_id,
        revision=told.alert.revision,
        priority=told.alert.priority,
        what=told.transition.what,
        created_us=wall_us,
        payload=told.payload(),
    )
