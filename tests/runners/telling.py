"""An outbox in memory, channels that answer as they are told, and a clock that is set."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from seavigil.alerts.channels import Channel, Message, Params, PassingFailure, Sent, Tools
from seavigil.runners.dispatch import Dispatcher, Line
from seavigil.runners.outgoing import Pace
from seavigil.store.rows import OutboxItem
from tests.alerts.channels.letters import CREATED_US, payload

SECOND_US = 1_000_000
HOUR_S = 3600


def letter(
    alert_id: str, channel: str = "mail", *, revision: int = 1, at_s: float = 0.0, **changes: Any
) -> OutboxItem:
    """Give a row of the outbox, created ``at_s`` after CREATED_US; each alert is about another asset."""
    assets = changes.pop("assets", None)
    told = payload(alert_id, revision, **changes)
    told["assets"][0] |= {"asset_id": assets or f"asset of {alert_id}"}
    created_us = CREATED_US + round(at_s * SECOND_US)
    return OutboxItem(
        key=f"{alert_id}:{revision}:{channel}",
        channel=channel,
        alert_id=alert_id,
        revision=revision,
        priority=told["priority"],
        what="opened",
        created_us=created_us,
        payload=told,
        next_us=created_us,
    )


@dataclass
class Box:
    """An outbox as `Database` keeps it. While it is ``shut`` nothing can be read or written."""

    rows: dict[str, OutboxItem] = field(default_factory=dict)
    shut: bool = False

    def put(self, *letters: OutboxItem) -> None:
        """Save rows; what is there stays as it is."""
        for one in letters:
            self.rows.setdefault(one.key, one)

    def _open(self) -> None:
        if self.shut:
            raise OSError(28, "No space left on device")

    def due(self, now_us: int, limit: int = 100, channel: str | None = None) -> list[OutboxItem]:
        """Give waiting rows of a channel, the urgent first."""
        self._open()
        found = [
            r
            for r in self.rows.values()
            if r.state == "waiting" and r.next_us <= now_us and r.channel == channel
        ]
        return sorted(found, key=lambda r: r.priority != "urgent")[:limit]

    def _set(self, key: str | Sequence[str], **changes: Any) -> None:
        self._open()
        for one in [key] if isinstance(key, str) else key:
            self.rows[one] = replace(self.rows[one], **changes)

    def _tried(self, key: str | Sequence[str], **changes: Any) -> None:
        keys = [key] if isinstance(key, str) else list(key)
        for one in keys:
            self._set(one, attempts=self.rows[one].attempts + 1, **changes)

    def together(self, keys: Sequence[str], at_us: int) -> None:
        """Let rows be due at one moment."""
        self._set(keys, next_us=at_us)

    def sent_us(self, channel: str, since_us: int, until_us: int) -> list[int]:
        """Give when messages were sent."""
        self._open()
        sent = [r for r in self.rows.values() if r.state == "sent" and r.channel == channel]
        done = {(r.done_us, r.next_us) for r in sent if r.done_us is not None}
        return sorted(at for at, _ in done if since_us < at <= until_us)

    def sent(self, key: str | Sequence[str], now_us: int, says: str = "") -> None:
        """Mark rows."""
        self._tried(key, state="sent", done_us=now_us, says=says)

    def put_off(self, key: str | Sequence[str], now_us: int, until_us: int, why: str) -> None:
        """Mark rows."""
        self._tried(key, next_us=until_us, last_error=why)

    def dead(self, key: str | Sequence[str], now_us: int, why: str) -> None:
        """Mark rows."""
        self._tried(key, state="dead", done_us=now_us, last_error=why)

    def states(self) -> dict[str, str]:
        """Give the state of each row by alert and revision."""
        return {key.rpartition(":")[0]: row.state for key, row in self.rows.items()}


class Scripted(Channel[Params]):
    """A channel that answers with these, one after the other, then takes everything; ``hang`` never ends."""

    params_type = Params

    def __init__(self, *answers: Exception | str, timeout_s: float = 30.0, exercises: str = "also") -> None:
        tools = Tools(lambda: CREATED_US, Path(), exercises)
        super().__init__(Params(timeout_s=timeout_s), tools)
        self.answers, self.heard = list(answers), list[Message]()

    @property
    def keys(self) -> list[str]:
        """Give the keys of the messages that came, in order."""
        return [message.key for message in self.heard]

    async def deliver(self, message: Message) -> Sent:
        """Answer."""
        self.heard.append(message)
        answer = self.answers.pop(0) if self.answers else "ok"
        if isinstance(answer, Exception):
            raise answer
        if answer == "hang":
            await asyncio.Event().wait()
        return Sent(answer)


@dataclass
class Desk:
    """A dispatcher with everything around it. Times are seconds after CREATED_US."""

    box: Box
    channels: dict[str, Scripted]
    pace: Pace = field(default_factory=Pace)
    chance: float = 1.0
    now_s: float = 0.0

    def __post_init__(self) -> None:
        self.start()

    def start(self) -> None:
        """Begin anew, as after a crash: only the outbox remembers."""
        lines = [Line(name, channel, self.pace) for name, channel in self.channels.items()]
        self.dispatcher = Dispatcher(self.box, lines, now_us=lambda: self.now_us, chance=lambda: self.chance)

    @property
    def now_us(self) -> int:
        """Give the clock's time."""
        return CREATED_US + round(self.now_s * SECOND_US)

    def at(self, now_s: float, name: str = "mail") -> Scripted:
        """Set the clock and let one channel's worker look once."""
        self.now_s = now_s
        asyncio.run(self.dispatcher.step(name))
        return self.channels[name]


def away(retry_after_s: float | None = None) -> PassingFailure:
    """Give what a channel raises whose other side is away."""
    return PassingFailure("HTTP 503", retry_after_s)
