"""Which channel is told of what: rows for the outbox, in the transaction that keeps what they tell of."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from seavigil.alerts import Alert
from seavigil.alerts.notify import EXERCISE_MARK, OVER, Notification, Telling, worth_telling
from seavigil.alerts.transitions import ACKNOWLEDGED, ESCALATED, OPEN, SEAVIGIL, Transition
from seavigil.runners.judge import Step
from seavigil.store.rows import AlertRow, OutboxRow

#: Own choice: more likely than not she goes there.
_LIKELY = 0.5
_STANDING = frozenset({OPEN, ACKNOWLEDGED, ESCALATED})

#: Letters told before: alert, revision, channel.
Letters = Iterable[tuple[str, int, str]]


@dataclass(frozen=True)
class Desk:
    """The channels by name, each with what it wants; ``open_from``: the bar of the book of alerts.

    That something is over is told to every channel that was told of it, whatever it is about by then. One of
    some assets, not told yet of a ship, is told as soon as a revision has her heading for one of them.
    """

    channels: Mapping[str, Telling] = field(default_factory=dict)
    open_from: str = "info"

    def messages(self, step: Step, before: Letters = ()) -> list[OutboxRow]:
        """Give a row for each channel and each thing worth telling it, in order.

        ``before``: the letters about the alerts that ``asks`` names.
        """
        known = _first_told(before)
        rows = []
        found = worth_telling(step.transitions, step.alerts, open_from=self.open_from)
        news = {(told.alert.alert_id, told.alert.revision): told for told in found}
        for alert in step.alerts:
            told = news.get((alert.alert_id, alert.revision))
            for name, telling in self.channels.items():
                of = (alert.alert_id, name)
                knows = known.get(of, alert.revision) < alert.revision
                one = _for_one(told or _coming(alert), telling, knows=knows, news=told is not None)
                if one is not None:
                    known.setdefault(of, alert.revision)
                    rows.append(_letter(one, name, step.wall_us))
        return rows

    def asks(self, step: Step) -> set[str]:
        """Name the alerts of which it matters who was told before."""
        over = {t.alert_id for t in step.transitions if t.what in OVER and t.alert_id is not None}
        some = any(telling.assets for telling in self.channels.values())
        return over | {a.alert_id for a in step.alerts if some and _coming(a) is not None}

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


def _for_one(told: Notification | None, telling: Telling, *, knows: bool, news: bool) -> Notification | None:
    """Give what one channel is told of a revision; ``knows``: it was told of the alert before."""
    if told is None:
        return None
    if news:
        over = knows and telling.wants_end(told.transition.what)
        return told if over or telling.wants(told) else None
    ahead = {str(n["asset_id"]) for n in told.alert.next_assets if n["probability"] >= _LIKELY}
    return told if not knows and not telling.assets.isdisjoint(ahead) and telling.wants(told) else None


def _coming(alert: Alert) -> Notification | None:
    """Give what a revision that says nothing else says to those whose asset it has ahead of a ship."""
    if alert.status not in _STANDING or alert.silenced_by is not None:
        return None
    ahead = [str(n["asset_id"]) for n in alert.next_assets if n["probability"] >= _LIKELY]
    why = f"ahead {', '.join(ahead)}"
    step = (alert.alert_id, alert.revision, "grew", alert.status, alert.status, SEAVIGIL, alert.revised_at_us)
    return Notification(alert, Transition(*step, why)) if ahead else None


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
