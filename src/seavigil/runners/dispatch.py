"""The dispatcher: takes what is due out of the outbox and has the channels send it.

Each channel has a worker of its own, so that one that hangs or is away holds up no other. What is about to be
sent is noted in the outbox first, and what became of it afterwards: whatever happens in between, it is sent
again as the same message, and a receiver can tell by its key.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from seavigil.alerts.channels.compose import notice
from seavigil.alerts.channels.contract import Channel, Message, PassingFailure, PermanentFailure, Sent
from seavigil.alerts.channels.marks import one_line
from seavigil.reasons import span
from seavigil.records import SECOND_US
from seavigil.runners.outgoing import HOUR_US, Outgoing, Pace, Turns, outgoing
from seavigil.store.rows import OutboxItem

_LOG = logging.getLogger("seavigil.channels")

#: Own choices: the outbox is looked into so often, for so many rows; after a failure nothing of the channel
#: is tried for at most so long; leaving takes at most so long.
_LOOK_S, _DUE, _REST_MOST_S, _LEAVE_S = 1.0, 1_000, 60.0, 5.0
#: A channel keeps its own time-outs; should it not, it is cut off so long after twice as much.
_CUT_S = 5.0
#: A receiver that asks for more patience than this is asked again all the same (own choice).
_ASKED_MOST_S = 3_600.0
#: A channel that fails for so long is told of through another one, before anything of it is given up.
_TROUBLE_US = 60 * SECOND_US


class Outbox(Protocol):
    """What the dispatcher needs of `store.database.Database`. Each may raise ``OSError``."""

    def due(self, now_us: int, limit: int = 100, channel: str | None = None) -> list[OutboxItem]:
        """Give what waits and is due."""

    def together(self, keys: Sequence[str], at_us: int) -> None:
        """Note what is about to be sent as one message."""

    def sent_us(self, channel: str, since_us: int, until_us: int) -> list[int]:
        """Give when the channel was sent messages."""

    def sent(self, key: str | Sequence[str], now_us: int, says: str = "") -> None:
        """Note that it was sent."""

    def put_off(self, key: str | Sequence[str], now_us: int, until_us: int, why: str) -> None:
        """Note that it failed and is tried again."""

    def dead(self, key: str | Sequence[str], now_us: int, why: str) -> None:
        """Note that it is given up."""


@dataclass(frozen=True)
class Line:
    """One channel as it is told: its name, what sends, and how fast."""

    name: str
    channel: Channel[Any]
    pace: Pace = field(default_factory=Pace)


@dataclass
class ChannelHealth:
    """How one channel has done since the start. ``failed`` counts tries, the others messages and rows.

    ``waiting`` and ``oldest_us`` are of what was due at the last look. ``failing_since_us`` is None while it
    works; ``last_error`` stays. ``short`` counts messages of which a part was refused for good.
    """

    sent: int = 0
    digests: int = 0
    failed: int = 0
    dead: int = 0
    short: int = 0
    waiting: int = 0
    oldest_us: int | None = None
    failing_since_us: int | None = None
    last_error: str = ""
    last_sent_us: int | None = None

    def oldest_waiting_s(self, now_us: int) -> float:
        """Give for how long the oldest of what is due has waited; 0 where nothing is."""
        return 0.0 if self.oldest_us is None else max(0.0, (now_us - self.oldest_us) / SECOND_US)


@dataclass
class _Work:
    """What is known of a channel while it is worked on."""

    line: Line
    turns: Turns
    #: Whether what was sent before the start is counted in ``turns``.
    counted: bool = False
    health: ChannelHealth = field(default_factory=ChannelHealth)
    free: asyncio.Lock = field(default_factory=asyncio.Lock)
    failures: int = 0
    rest_until_us: int = 0
    noted_us: int = 0
    told_us: int = 0
    #: Whether it is the outbox, not the channel, that fails.
    shut: bool = False
    #: What became of messages and could not be written down yet: nothing else is sent before.
    unwritten: list[Callable[[], None]] = field(default_factory=list)


class Dispatcher:
    """Sends what is due. ``now_us``: the clock; ``chance``: gives 0 to 1, to spread tries."""

    def __init__(
        self, outbox: Outbox, lines: Sequence[Line], *, now_us: Callable[[], int], chance: Callable[[], float]
    ) -> None:
        self._outbox, self._now_us, self._chance = outbox, now_us, chance
        self._works = {line.name: _Work(line, Turns(line.pace.max_per_hour)) for line in lines}
        self._woken = {name: asyncio.Event() for name in self._works}
        self._loop: asyncio.AbstractEventLoop | None = None

    @property
    def health(self) -> dict[str, ChannelHealth]:
        """Give how each channel does, by name."""
        return {name: work.health for name, work in self._works.items()}

    def wake(self) -> None:
        """Have the outbox looked into at once: from any thread, after rows were saved."""
        if self._loop is not None and not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._wake)

    def _wake(self) -> None:
        for event in self._woken.values():
            event.set()

    async def run(self) -> None:
        """Send until cancelled; then once more what is due, for a few seconds at most."""
        self._loop = asyncio.get_running_loop()
        async with asyncio.TaskGroup() as tasks:
            for name in self._works:
                tasks.create_task(self._keep_on(name))

    async def _keep_on(self, name: str) -> None:
        step: asyncio.Task[None] | None = None
        try:
            while True:
                self._woken[name].clear()
                step = asyncio.create_task(self.step(name))
                await asyncio.shield(step)
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(self._woken[name].wait(), _LOOK_S)
        except asyncio.CancelledError:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._leave(name, step), _LEAVE_S)
            raise

    async def _leave(self, name: str, step: asyncio.Task[None] | None) -> None:
        """See what is on its way to its end, and what came last on its way."""
        if step is not None:
            await step
        await self.step(name)

    async def step(self, name: str) -> None:
        """Look into the outbox once and send what goes now. Raises nothing: what goes wrong is told."""
        work = self._works[name]
        try:
            await self._write_down(work)
            if self._now_us() < work.rest_until_us:
                return
            for going in await self._look(work):
                if not await self._send(work, going):
                    break
        except OSError as fault:
            work.shut = True
            self._trouble(work, f"the outbox: {fault.strerror or fault}")
        except Exception as fault:  # a fault of ours: the other channels go on, and so does this one
            _LOG.exception("channel %s", name)
            self._trouble(work, f"{type(fault).__name__}: {fault}")

    async def _look(self, work: _Work) -> list[Outgoing]:
        now_us, line = self._now_us(), work.line
        if not work.counted and work.turns.most is not None:
            work.turns.sent_us = await asyncio.to_thread(
                self._outbox.sent_us, line.name, now_us - HOUR_US, now_us
            )
            work.counted = True
        due = await asyncio.to_thread(self._outbox.due, now_us, _DUE, line.name)
        if work.shut:
            work.shut, work.failures, work.health.failing_since_us = False, 0, None
        work.health.waiting = len(due)
        work.health.oldest_us = min((item.created_us for item in due), default=None)
        return outgoing(due, line.pace, work.turns.free(now_us), now_us)

    async def _send(self, work: _Work, going: Outgoing) -> bool:
        """Send one message and write down what became of it; tells whether the channel works."""
        try:
            message = going.message()
        except (KeyError, TypeError, ValueError, IndexError) as fault:
            why = f"cannot be put into words: {type(fault).__name__}: {fault}"
            await self._give_up(work, going, why, None)
            return True
        # a moment of its own, and none at which a row came about: by it they are known to belong together
        work.noted_us = max(self._now_us(), work.noted_us + 1, going.created_us + 1)
        await asyncio.to_thread(self._outbox.together, going.keys, work.noted_us)
        outcome = await self._try(work, message)
        if isinstance(outcome, Sent):
            await self._was_sent(work, going, outcome)
            return True
        work.health.failed += 1
        if isinstance(outcome, PermanentFailure):
            await self._give_up(work, going, outcome.why, message)
            return True
        return await self._failed(work, going, outcome, message)

    async def _try(self, work: _Work, message: Message) -> Sent | PassingFailure | PermanentFailure:
        """Send within a time; whatever goes wrong unforeseen may pass."""
        channel = work.line.channel
        most_s = 2 * channel.params.timeout_s + _CUT_S
        try:
            async with work.free, asyncio.timeout(most_s):
                return await channel.send(message)
        except (PassingFailure, PermanentFailure) as failure:
            return failure
        except TimeoutError:
            return PassingFailure(f"no end after {most_s:g} s: cut off")
        except Exception as fault:
            _LOG.exception("channel %s", work.line.name)
            return PassingFailure(f"{type(fault).__name__}: {fault}")

    async def _was_sent(self, work: _Work, going: Outgoing, sent: Sent) -> None:
        now_us, health = self._now_us(), work.health
        work.turns.took(now_us)
        work.failures = 0
        health.failing_since_us, health.last_sent_us = None, now_us
        health.sent += 1
        health.digests += going.digest
        if sent.short:
            health.short += 1
            health.last_error = sent.short
            _LOG.warning("channel %s: a part did not arrive: %s", work.line.name, sent.short)
        says = f"{sent.says}; not arrived: {sent.short}" if sent.short else sent.says
        await self._note(work, lambda: self._outbox.sent(going.keys, now_us, says))

    async def _failed(self, work: _Work, going: Outgoing, failure: PassingFailure, message: Message) -> bool:
        """Put it off, or give it up when it has been tried for long enough; the channel rests."""
        now_us, pace = self._now_us(), work.line.pace
        if now_us - going.created_us >= pace.give_up_after_s * SECOND_US:
            await self._give_up(work, going, failure.why, message)
        else:
            asked_s = min(failure.retry_after_s or 0.0, pace.give_up_after_s)
            wait_s = max(asked_s, pace.delay_s(going.tries + 1, self._chance()))
            until_us = now_us + round(wait_s * SECOND_US)
            await self._note(work, lambda: self._outbox.put_off(going.keys, now_us, until_us, failure.why))
        self._trouble(work, failure.why, failure.retry_after_s)
        since_us = work.health.failing_since_us
        if since_us is not None and now_us - since_us >= _TROUBLE_US:
            what = f"has failed for {span((now_us - since_us) / SECOND_US)}"
            await self._tell(work, what, failure.why, message.exercise)
        return False

    def _trouble(self, work: _Work, why: str, asked_s: float | None = None) -> None:
        now_us, health = self._now_us(), work.health
        work.failures += 1
        health.failing_since_us = now_us if health.failing_since_us is None else health.failing_since_us
        if health.last_error != why:
            _LOG.warning("channel %s: %s", work.line.name, one_line(why, 300))
        health.last_error = why
        own_s = min(work.line.pace.delay_s(work.failures, self._chance()), _REST_MOST_S)
        rest_s = max(own_s, min(asked_s or 0.0, _ASKED_MOST_S))
        work.rest_until_us = now_us + round(rest_s * SECOND_US)

    async def _give_up(self, work: _Work, going: Outgoing, why: str, message: Message | None) -> None:
        now_us, number = self._now_us(), len(going.items)
        work.health.dead += number
        work.health.last_error = why
        if work.health.failing_since_us is None:
            work.health.failing_since_us = now_us
        _LOG.error("channel %s: %d given up: %s", work.line.name, number, one_line(why, 300))
        await self._note(work, lambda: self._outbox.dead(going.keys, now_us, why))
        exercise = message is not None and message.exercise
        subject = message.subject if message is not None else going.items[0].alert_id
        await self._tell(work, f"did not bring: {subject}", why, exercise)

    async def _tell(self, work: _Work, what: str, why: str, exercise: bool) -> None:
        """Tell of a channel's trouble through another one that works, at most once an hour."""
        now_us, name = self._now_us(), work.line.name
        if work.told_us and now_us - work.told_us < HOUR_US:
            return
        subject, key = f"Channel {name} {what}", f"trouble:{now_us}:{name}"
        text = f"{subject}\n\nIt said: {one_line(why, 300)}\n\n{_HELP.format(name=name)}"
        message = notice(key, subject, text, now_us, exercise=exercise)
        # one that is just sending may hang: it is not waited for
        others = [
            other
            for other in self._works.values()
            if other is not work and not other.failures and not other.free.locked()
        ]
        for other in others:
            if isinstance(await self._try(other, message), Sent):
                work.told_us = now_us
                return
        _LOG.error("channel %s %s: no other channel to tell it through", name, one_line(what, 300))

    async def _note(self, work: _Work, write: Callable[[], None]) -> None:
        """Write down what became of a message, now or as soon as the outbox can be written to."""
        work.unwritten.append(write)
        await self._write_down(work)

    async def _write_down(self, work: _Work) -> None:
        while work.unwritten:
            try:
                await asyncio.to_thread(work.unwritten[0])
            except ValueError as fault:  # pruned meanwhile: there is nothing to mark any more
                _LOG.warning("channel %s: %s", work.line.name, fault)
            work.unwritten.pop(0)


_HELP = (
    "Alerts for it may not have arrived. `seavigil channels list` says how channels do,"
    " `seavigil channels dead` what was given up, `seavigil channels test {name}` tries it."
)
