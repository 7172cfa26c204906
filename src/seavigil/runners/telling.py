"""Which channel is told of what: rows for the outbox, in the transaction that keeps what they tell of."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from seavigil.alerts.notify import Telling, worth_telling
from seavigil.runners.judge import Step
from seavigil.store.rows import OutboxRow


@dataclass(frozen=True)
class Desk:
    """The channels by name, each with what it wants; ``open_from``: the bar of the book of alerts."""

    channels: Mapping[str, Telling] = field(default_factory=dict)
    open_from: str = "info"

    def messages(self, step: Step) -> list[OutboxRow]:
        """Give a row for each channel and each thing worth telling it, in order."""
        found = worth_telling(step.transitions, step.alerts, open_from=self.open_from)
        return [
            OutboxRow(
                key=f"{told.alert.alert_id}:{told.alert.revision}:{name}",
                channel=name,
                alert_id=told.alert.alert_id,
                revision=told.alert.revision,
                priority=told.alert.priority,
                what=told.transition.what,
                created_us=step.wall_us,
                payload=told.payload(),
            )
            for told in found
            for name, telling in self.channels.items()
            if telling.wants(told)
        ]
