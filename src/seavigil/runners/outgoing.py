"""What of the outbox goes to one channel now, and as which messages. Pure: rows, pace and clock in.

What was about to be sent together once (`Database.together`) is sent together again, as the same message.
The rest is put together by `alerts.notify.fold`; beyond what a channel may get in an hour it waits and goes
as one digest, so that nothing is left out. Urgent alerts are not held back.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from seavigil.alerts.channels.compose import digest_of, key_of, message_of
from seavigil.alerts.channels.contract import Message
from seavigil.alerts.notify import Group, fold
from seavigil.records import SECOND_US
from seavigil.store.rows import OutboxItem

HOUR_US = 3600 * SECOND_US
#: A digest lists so many alerts; the next one the rest (own choice: a mail that can still be read through).
MOST_IN_DIGEST = 500


@dataclass(frozen=True)
class Pace:
    """How fast one channel is told, and how long it is tried.

    ``max_per_hour``: None for no limit. ``hold_urgent``: whether the limit holds urgent alerts back too.
    Tries are ``retry_first_s`` apart at first, then twice as long each time, up to ``retry_most_s`` (own
    choice: a receiver that restarts is back within seconds, and no alert should wait long for one that was
    away).
    """

    group_wait_s: float = 0.0
    max_per_hour: int | None = 60
    give_up_after_s: float = 86_400.0
    group_by: str = "asset"
    hold_urgent: bool = False
    retry_first_s: float = 5.0
    retry_most_s: float = 300.0

    def delay_s(self, failures: int, chance: float) -> float:
        """Give the wait after so many failures in a row, at least one; ``chance`` in 0 to 1 spreads it."""
        doubled = self.retry_first_s * 2.0 ** min(failures - 1, 30)
        return min(self.retry_most_s, doubled) * (0.5 + 0.5 * chance)


@dataclass
class Turns:
    """How many messages a channel may get now: never more than ``most`` within an hour.

    The first half goes as it comes; the other half is spread over the hour, so that what is held back never
    waits for long. None: no limit.
    """

    most: int | None
    sent_us: list[int] = field(default_factory=list)

    def free(self, now_us: int) -> int:
        """Give how many may go now."""
        if self.most is None:
            return sys.maxsize
        self.sent_us = [at for at in self.sent_us if at > now_us - HOUR_US]
        left, half = self.most - len(self.sent_us), (self.most + 1) // 2
        at_will = half - len(self.sent_us)
        if at_will > 0 or left <= 0:
            return max(0, min(at_will, left))
        return int(now_us - max(self.sent_us) >= HOUR_US // (self.most - half))

    def took(self, now_us: int) -> None:
        """Take note that one was sent."""
        if self.most is not None:
            self.sent_us.append(now_us)


@dataclass(frozen=True)
class Outgoing:
    """Rows that go as one message. ``told``: the newest of each alert among ``items``, which it settles."""

    items: tuple[OutboxItem, ...]
    told: tuple[OutboxItem, ...]
    digest: bool = False

    @property
    def keys(self) -> list[str]:
        """Give the keys of all rows it settles."""
        return [item.key for item in self.items]

    @property
    def created_us(self) -> int:
        """Give the wall time at which the newest of it came about."""
        return max(item.created_us for item in self.items)

    @property
    def tries(self) -> int:
        """Give how often it was tried."""
        return max(item.attempts for item in self.items)

    def message(self) -> Message:
        """Make the message: the same for the same rows."""
        make = digest_of if self.digest else message_of
        keys = [item.key for item in self.told]
        payloads = [item.payload for item in self.told]
        return make(keys, payloads, self.created_us, key=key_of(self.keys))


def outgoing(due: Sequence[OutboxItem], pace: Pace, free: int, now_us: int) -> list[Outgoing]:
    """Give what goes now, in order: urgent alerts, others as far as ``free``, what was tried before.

    What has failed comes last: a message at which the other side always stumbles holds up no other.
    """
    again, fresh = _tried_before(due)
    folded = fold(fresh, by=pace.group_by, now_us=now_us, group_wait_s=pace.group_wait_s)
    new = [_of_group(group) for group in folded.ready]
    pressing = [one for one in new if not pace.hold_urgent and one.told[0].priority == "urgent"]
    held = [one for one in new if one not in pressing]
    return [*pressing, *_as_turns_allow(held, free - len(pressing)), *again]


def _tried_before(due: Sequence[OutboxItem]) -> tuple[list[Outgoing], list[OutboxItem]]:
    """Part what was about to be sent before, by the moment at which it is due again, from what never was."""
    again: dict[int, list[OutboxItem]] = {}
    fresh = []
    for item in due:
        if item.next_us in {item.created_us, 0}:  # 0: an operator wants it tried anew
            fresh.append(item)
        else:
            again.setdefault(item.next_us, []).append(item)
    tried = [_of_rows(again[at]) for at in sorted(again)]
    return sorted(tried, key=lambda one: (one.tries, one.told[0].priority != "urgent")), fresh


def _of_rows(items: Sequence[OutboxItem]) -> Outgoing:
    """Make again what went as one: a digest where more than one group was in it."""
    group = Group("", tuple(items))
    names = fold(items, now_us=0, group_wait_s=0.0, at_once="info").ready
    return Outgoing(group.items, group.told, digest=len(names) > 1)


def _of_group(group: Group[OutboxItem]) -> Outgoing:
    return Outgoing(group.items, group.told)


def _as_turns_allow(held: Sequence[Outgoing], free: int) -> Iterable[Outgoing]:
    """Let each go by itself where there are turns for all; else the last turn is a digest of the rest."""
    if len(held) <= free:
        return held
    if free <= 0:
        return ()
    in_order = sorted(held, key=lambda one: one.created_us)
    alone, rest = in_order[: free - 1], in_order[free - 1 :]
    real = [one for one in rest if not _exercise(one)]
    return [*alone, _digest(real or rest)]


def _exercise(one: Outgoing) -> bool:
    return bool(one.told[0].payload.get("exercise"))


def _digest(groups: Sequence[Outgoing]) -> Outgoing:
    if len(groups) == 1:
        return groups[0]
    items: list[OutboxItem] = []
    for one in groups:
        if items and len(items) + len(one.items) > MOST_IN_DIGEST:
            break
        items += one.items
    return Outgoing(tuple(items), Group("", tuple(items)).told, digest=True)


def subject_of(item: OutboxItem) -> str:
    """Say in a line what a row tells; of one that cannot be put into words its alert's id."""
    try:
        return Outgoing((item,), (item,)).message().subject
    except (KeyError, TypeError, ValueError, IndexError):
        return f"{item.priority}: alert {item.alert_id}, revision {item.revision}"
