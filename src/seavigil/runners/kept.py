"""What a stretch of the log led to, as the rows that the store keeps."""

from __future__ import annotations

from collections.abc import Sequence

from seavigil.alerts import Alert, Transition
from seavigil.runners.judge import Step
from seavigil.store.rows import (
    AlertRow,
    Batch,
    FeedRow,
    OutboxRow,
    StepFaultRow,
    TransitionRow,
    alert_row,
    event_row,
)


def batch_of(step: Step, feeds: Sequence[FeedRow], outbox: Sequence[OutboxRow]) -> Batch:
    """Give all that is to be saved of a step, in one piece."""
    return Batch(
        position=step.position,
        wall_us=step.wall_us,
        alerts=[row_of(alert) for alert in step.alerts],
        transitions=[_stamped(transition, step.wall_us) for transition in step.transitions],
        events=[event_row(event) for outcome in step.outcomes for event in outcome.events],
        outbox=outbox,
        feeds=feeds,
        statements=step.statements,
        commands=step.commands,
        faults=[_fault(found, step) for found in _faults(step)],
    )


def row_of(alert: Alert) -> AlertRow:
    """Give one revision of an alert as a row."""
    names = ("began_us", "ended_us", "detected_at_us", "revised_at_us")
    return alert_row(alert.as_json(), {name: getattr(alert, name) for name in names})


def _stamped(transition: Transition, wall_us: int) -> TransitionRow:
    return TransitionRow(
        transition.alert_id,
        transition.revision,
        transition.what,
        transition.before,
        transition.after,
        transition.who,
        transition.data_us,
        wall_us,
        transition.why,
    )


def _faults(step: Step) -> list[tuple[str, str, str]]:
    found = [(f.vessel_id, f.step, f.error) for outcome in step.outcomes for f in outcome.faults]
    return found + [("a fault notice", "notice", why) for why in step.refused_notices]


def _fault(found: tuple[str, str, str], step: Step) -> StepFaultRow:
    vessel_id, what, error = found
    return StepFaultRow(step.wall_us, step.wall_us, vessel_id, what, error)
