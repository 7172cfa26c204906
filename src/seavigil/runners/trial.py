"""Rules tried over recordings: what would be said with them, against what is said without."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from seavigil.alerts import Alert
from seavigil.risk import Policy
from seavigil.risk.priority import PRIORITIES
from seavigil.runners import batch
from seavigil.runners.live import Outcome
from seavigil.runners.priors import prior_rates
from seavigil.runners.rules import Rules, apply
from seavigil.runners.summary import Summary
from seavigil.runners.volume import ShipDays


@dataclass
class Said:
    """What one run over the recordings said: the last revision of each alert, and the traffic it was of."""

    alerts: dict[str, Alert] = field(default_factory=dict)
    traffic: ShipDays = field(default_factory=ShipDays)

    def take(self, outcome: Outcome) -> None:
        """Take what one piece of input led to."""
        self.alerts.update((alert.alert_id, alert) for alert in outcome.alerts)
        self.traffic.add(outcome.reports)

    def by_priority(self) -> dict[str, int]:
        """Count the alerts by their last, which is their highest, priority."""
        counts = Counter(alert.priority for alert in self.alerts.values())
        return {priority: counts[priority] for priority in reversed(PRIORITIES)}


@dataclass(frozen=True)
class Trial:
    """The two runs side by side. ``summary``: what was read, heard and rejected, the same in both."""

    before: Said
    after: Said
    summary: Summary
    expired: Sequence[str] = ()

    def as_json(self) -> dict[str, Any]:
        """Give counts by priority, also per 1,000 ship-days, and each alert that differs."""
        days = self.before.traffic.ship_days
        runs = {"before": self.before.by_priority(), "after": self.after.by_priority()}
        return {
            "ship_days": round(days, 3),
            "alerts": runs,
            "per_1000_ship_days": {
                name: {p: round(1000.0 * n / days, 3) if days else None for p, n in counts.items()}
                for name, counts in runs.items()
            },
            "changes": self.changes(),
            "expired": list(self.expired),
        }

    def changes(self) -> list[dict[str, Any]]:
        """Give the alerts that appear, vanish or change priority, by ship and time.

        The same conduct found with other parameters has another id: alerts of one ship, or of one state of an
        area, are the same when the times they cover overlap.
        """
        left = list(self.after.alerts.values())
        told: list[dict[str, Any]] = []
        for was in self.before.alerts.values():
            now = next((a for a in left if _same(was, a)), None)
            if now is not None:
                left.remove(now)
            if now is None or now.priority != was.priority:
                told.append(_change("vanishes" if now is None else "changes", was, was, now))
        told += [_change("appears", now, None, now) for now in left]
        return sorted(told, key=lambda c: (c["began"], c["alert_id"]))


def trial(job: batch.Job, read: batch.Reader, rules: Rules, at_us: int, hooks: batch.Hooks) -> Trial:
    """Watch the recordings of ``job`` without and with the rules that hold at ``at_us``.

    Raises what ``batch.run`` raises.
    """
    policy = job.policy or Policy(prior_rates())
    ruled = replace(
        job,
        catalogue=apply(rules, job.catalogue, at_us),
        areas=apply(rules, job.areas, at_us),
        policy=replace(policy, caps={**policy.caps, **rules.caps(at_us)}),
    )
    (before, summary), (after, _) = (_said(one, read, hooks) for one in (job, ruled))
    return Trial(before, after, summary, rules.expired(at_us))


def _said(job: batch.Job, read: batch.Reader, hooks: batch.Hooks) -> tuple[Said, Summary]:
    said = Said()
    return said, batch.run(job, read, replace(hooks, outcome=said.take))


def _same(one: Alert, other: Alert) -> bool:
    if one.alert_id == other.alert_id:
        return True
    if _about(one) != _about(other):
        return False
    first, second = sorted((one, other), key=lambda a: a.began_us)
    return first.ended_us is None or first.ended_us >= second.began_us


def _about(alert: Alert) -> tuple[str, ...]:
    """Name the ship, or the area and what is the matter with it."""
    if alert.vessel is not None:
        return (alert.vessel.vessel_id,)
    return (alert.alert_id if alert.area is None else alert.area.area_id, *sorted(alert.behaviours))


def _change(what: str, about: Alert, was: Alert | None, now: Alert | None) -> dict[str, Any]:
    line = about.as_json()
    return {
        "change": what,
        "alert_id": about.alert_id,
        "vessel": line["vessel"],
        "area": line["area"],
        "behaviours": line["behaviours"],
        "began": line["began"],
        "before": None if was is None else was.priority,
        "after": None if now is None else now.priority,
        **({"exercise": True} if about.exercise else {}),
    }
