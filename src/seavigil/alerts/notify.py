"""What is worth telling somebody, to which channel, and what is told together.

A watch officer must be told of what is new and must not be woken by the same again: so it is steps in the
life of an alert that are told, never that a figure or a time of it has changed.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Generic, Protocol, TypeVar

from seavigil.alerts.alert import Alert
from seavigil.alerts.standing import rank
from seavigil.alerts.transitions import ACKNOWLEDGED, CLOSED, ESCALATED, OPEN, RETRACTED, Transition
from seavigil.records import SECOND_US

#: What the data of an exercise begin with, for who reads the line itself; `channels` marks subject and text.
EXERCISE_MARK = "EXERCISE EXERCISE EXERCISE"

#: Steps that are told by themselves; of one revision that which stands first here.
_NEWS = ("escalate", "unanswered", "opened", "reopen", "rose", "grew", "went_on", "silence_ended")
#: Steps by which something told earlier is over.
OVER = ("close", "retract", "explained", "ended", "expired")
WORTH_TELLING = (*_NEWS, *OVER)

_STANDING = frozenset({OPEN, ACKNOWLEDGED, ESCALATED})


@dataclass(frozen=True)
class Notification:
    """One revision that somebody is told of, and the step that made it worth telling."""

    alert: Alert
    transition: Transition

    def payload(self) -> dict[str, Any]:
        """Give the alert's ndjson object and its ``transition``; an exercise begins with its ``marking``."""
        mark = {"marking": EXERCISE_MARK} if self.alert.exercise else {}
        return {**mark, **self.alert.as_json(), "transition": self.transition.as_json()}


@dataclass(frozen=True)
class Telling:
    """What one channel is told. Nothing given of ``behaviours``, ``assets`` (ids), ``steps``: whatever it is.

    ``exercises``: ``also``, ``only`` or ``never``. What a person escalates is told to every channel that
    takes its behaviour and asset, however little pressing it is.
    """

    min_priority: str = "info"
    behaviours: frozenset[str] = frozenset()
    assets: frozenset[str] = frozenset()
    exercises: str = "also"
    steps: frozenset[str] = frozenset()

    def __post_init__(self) -> None:
        """Check the values. Raises ``ValueError``."""
        rank(self.min_priority)
        if self.exercises not in {"also", "only", "never"}:
            raise ValueError(f"exercises: {self.exercises!r} is none of also, only, never")
        unknown = self.steps - set(WORTH_TELLING)
        if unknown:
            raise ValueError(f"steps: {min(unknown)!r} is none of {', '.join(WORTH_TELLING)}")

    def wants(self, notification: Notification) -> bool:
        """Whether the channel is told of it."""
        alert, what = notification.alert, notification.transition.what
        concerned = {a.asset_id for a in alert.assets} | {str(n["asset_id"]) for n in alert.next_assets}
        return (
            (what == "escalate" or rank(alert.priority) >= rank(self.min_priority))
            and (not self.behaviours or not self.behaviours.isdisjoint(alert.behaviours))
            and (not self.assets or not self.assets.isdisjoint(concerned))
            and alert.exercise in {"also": {True, False}, "only": {True}, "never": {False}}[self.exercises]
            and (not self.steps or what in self.steps)
        )

    def wants_end(self, what: str) -> bool:
        """Whether the channel, once told of something, is told that it is over by such a step."""
        return what in OVER and (not self.steps or what in self.steps)


def worth_telling(
    transitions: Iterable[Transition], revisions: Iterable[Alert], *, open_from: str = "info"
) -> list[Notification]:
    """Give what of a stretch of the watch is worth telling: of each revision the weightiest step, in order.

    ``open_from``: the bar of the book; of what never came up to it nobody is told that it is over.
    """
    steps: dict[tuple[str | None, int], list[Transition]] = {}
    for step in transitions:
        steps.setdefault((step.alert_id, step.revision), []).append(step)
    found = []
    for alert in revisions:
        told = [s for s in steps.get((alert.alert_id, alert.revision), ()) if _is_told(s, alert, open_from)]
        if told:
            found.append(Notification(alert, min(told, key=lambda s: WORTH_TELLING.index(s.what))))
    return found


def _is_told(step: Transition, alert: Alert, open_from: str) -> bool:
    if step.what not in WORTH_TELLING or alert.silenced_by is not None:
        return False
    if step.what in _NEWS:
        return step.what in {"rose", "grew"} or step.before != step.after or step.what == "silence_ended"
    above_bar = rank(alert.priority) >= rank(open_from)
    return step.before in _STANDING or (step.before == CLOSED and step.after == RETRACTED and above_bar)


class Waiting(Protocol):
    """What waits to be told to one channel: a row of the outbox."""

    @property
    def key(self) -> str:
        """What names it."""

    @property
    def alert_id(self) -> str:
        """Its alert."""

    @property
    def revision(self) -> int:
        """The alert's revision."""

    @property
    def priority(self) -> str:
        """How pressing it is."""

    @property
    def created_us(self) -> int:
        """Wall time at which it came about."""

    @property
    def attempts(self) -> int:
        """How often it was tried."""

    @property
    def next_us(self) -> int:
        """Wall time from which it is due."""

    @property
    def payload(self) -> Mapping[str, Any]:
        """The alert's ndjson object and its ``transition``."""


W = TypeVar("W", bound=Waiting)


@dataclass(frozen=True)
class Group(Generic[W]):
    """What is told in one message: of each alert the newest revision. All of ``items`` are done with it."""

    name: str
    items: tuple[W, ...]

    @property
    def told(self) -> tuple[W, ...]:
        """The newest item of each alert, the most pressing first."""
        newest: dict[str, W] = {}
        for item in sorted(self.items, key=lambda i: i.revision):
            newest[item.alert_id] = item
        return tuple(sorted(newest.values(), key=lambda i: (-rank(i.priority), i.created_us, i.key)))


@dataclass(frozen=True)
class Folded(Generic[W]):
    """Groups that are to be told now, the most pressing first, and when the next one will be (None: none)."""

    ready: tuple[Group[W], ...]
    next_us: int | None


def fold(
    waiting: Sequence[W], *, by: str = "asset", now_us: int, group_wait_s: float, at_once: str = "urgent"
) -> Folded[W]:
    """Put together what one channel is told in one message.

    Items of one group (``by`` ``asset``, ``area``, ``ship`` or ``alert``) wait for each other until the
    first has waited ``group_wait_s`` of wall time; one of priority ``at_once`` or above lets its group go at
    once. Exercises and real alerts are never in one group; what was tried together is tried together again.
    """
    groups: dict[tuple[Any, ...], list[W]] = {}
    for item in waiting:
        again = item.next_us if item.attempts else None
        exercise = bool(item.payload.get("exercise"))
        groups.setdefault((group_name(item.payload, by), exercise, again), []).append(item)
    wait_us = round(group_wait_s * SECOND_US)
    ready, later_us = [], []
    for (name, _, again), items in groups.items():
        goes_us = min(item.created_us for item in items) + wait_us
        pressing = any(rank(item.priority) >= rank(at_once) for item in items)
        if again is not None or pressing or goes_us <= now_us:
            ready.append(Group(name, tuple(items)))
        else:
            later_us.append(goes_us)
    ready.sort(key=lambda g: (-rank(g.told[0].priority), g.told[0].created_us, g.told[0].key))
    return Folded(tuple(ready), min(later_us, default=None))


def group_name(payload: Mapping[str, Any], by: str) -> str:
    """Name the group of an alert: its first asset, the ship, or the square degree it lies in.

    What has no such thing is named by what it has: ship, then area, then feed. Raises ``ValueError`` for an
    unknown ``by``.
    """
    if by not in _GROUPED_BY:
        raise ValueError(f"group_by: {by!r} is none of {', '.join(_GROUPED_BY)}")
    assets, vessel, area, feed = (payload.get(k) for k in ("assets", "vessel", "area", "feed"))
    position = payload.get("position")
    names = {
        "asset": f"asset {assets[0]['asset_id']}" if assets else None,
        "area": _square(position) if position else None,
        "ship": f"ship {vessel['vessel_id']}" if vessel else None,
        "of itself": f"area {area['area_id']}" if area else f"feed {feed['name']}" if feed else None,
    }
    order = {"alert": ()}.get(by, (by, "ship", "of itself"))
    return next((name for key in order if (name := names[key])), f"alert {payload['alert_id']}")


_GROUPED_BY = ("asset", "area", "ship", "alert")


def _square(position: Mapping[str, float]) -> str:
    """Name the square degree of a position by its south-west corner."""
    return f"square {int(position['lat_deg'] // 1)} {int(position['lon_deg'] // 1)}"
