"""What a channel is, what it is given to send, and how it says that it could not.

That an exercise is marked as one is seen to here, for every channel: there is no `Message` of an exercise
whose subject and text do not begin and end with `EXERCISE`, none that has an exercise and a real alert in it,
and a channel that takes no exercises (``exercises = "never"``) refuses them before any of its own code runs.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, ClassVar, Final, Generic, Literal, TypeVar

from seavigil.alerts.channels.marks import EXERCISE, MAX_SUBJECT, TEST, clean, marked, one_line, unmarked
from seavigil.records import rfc3339


class PassingFailure(Exception):
    """It did not work now and may later: ``why`` in words, ``retry_after_s`` if the other side said when."""

    def __init__(self, why: str, retry_after_s: float | None = None) -> None:
        super().__init__(why)
        self.why = why
        self.retry_after_s = retry_after_s


class PermanentFailure(Exception):
    """It will never work as it is: ``why`` in words for the person who can mend it."""

    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.why = why


@dataclass(frozen=True)
class Sent:
    """What the other side said. ``short``: what of it did not arrive for good, as a recipient refused."""

    says: str = ""
    short: str = ""


@dataclass(frozen=True)
class Message:
    """What one channel is to tell at once.

    ``key`` names it: sent again it has the same key and the same content, so that a receiver can tell a
    repeat. ``alerts`` are payloads of the outbox (an alert's ndjson object plus ``transition``), ``keys``
    theirs. ``created_us``: when the newest of it came about, microseconds UTC. A ``digest`` has alerts in
    brief. Raises ``ValueError`` when exercises and real alerts are mixed.
    """

    key: str
    subject: str
    text: str
    created_us: int
    alerts: tuple[Mapping[str, Any], ...] = ()
    keys: tuple[str, ...] = ()
    priority: str = "info"
    exercise: bool = False
    test: bool = False
    digest: bool = False

    def __post_init__(self) -> None:
        """Clean what ships sent, and mark exercises and tests."""
        exercises = {bool(alert.get("exercise")) for alert in self.alerts}
        if len(exercises) == 2:
            raise ValueError(f"{self.key}: exercises and real alerts in one message")
        exercise = self.exercise or exercises == {True}
        mark = EXERCISE if exercise else TEST if self.test else ""
        subject = one_line(unmarked(self.subject, mark), MAX_SUBJECT)
        object.__setattr__(self, "exercise", exercise)
        object.__setattr__(self, "subject", marked(subject, mark, " "))
        object.__setattr__(self, "text", marked(clean(self.text), mark, "\n\n"))

    @property
    def status(self) -> Literal["exercise", "test", "actual"]:
        """Say whether it is meant: ``exercise``, ``test`` or ``actual``."""
        return "exercise" if self.exercise else "test" if self.test else "actual"

    def as_json(self) -> dict[str, Any]:
        """Give the object that machines get."""
        return {
            "type": "seavigil.digest" if self.digest else "seavigil.alert",
            "key": self.key,
            "timestamp": rfc3339(self.created_us),
            "status": self.status,
            "exercise": self.exercise,
            "test": self.test,
            "priority": self.priority,
            "subject": self.subject,
            "text": self.text,
            "keys": list(self.keys),
            "alerts": [dict(alert) for alert in self.alerts],
        }


@dataclass(frozen=True, kw_only=True)
class Params:
    """What every kind of channel can be told."""

    #: The Standard Webhooks specification says 15 to 30 s; e-mail and brokers need no longer.
    timeout_s: float = field(default=30.0, metadata={"says": "So long the other side may take for a step."})

    def __post_init__(self) -> None:
        """Check what can be checked without the other side. Raises ``ValueError``."""
        if not 0 < self.timeout_s <= 600:
            raise ValueError("timeout_s: above 0, at most 600")


P = TypeVar("P", bound=Params)


@dataclass(frozen=True)
class Tools:
    """What a channel is given besides its parameters.

    ``folder``: paths are taken from there. ``now_us``: the clock, microseconds UTC.
    ``exercises``: ``also``, ``only`` or ``never``.
    """

    now_us: Callable[[], int]
    folder: Path
    exercises: str = "also"


class Channel(ABC, Generic[P]):
    """One way of telling people or their machines."""

    params_type: ClassVar[type[Params]]

    def __init__(self, params: P, tools: Tools) -> None:
        self.params: Final = params
        self.tools: Final = tools

    async def send(self, message: Message) -> Sent:
        """Send, or raise ``PassingFailure`` or ``PermanentFailure``.

        The same key twice arrives once, where the other side can tell.
        """
        if message.exercise and self.tools.exercises == "never":
            raise PermanentFailure("this channel takes no exercises")
        if self.tools.exercises == "only" and message.status == "actual":
            raise PermanentFailure("this channel takes exercises only")
        return await self.deliver(message)

    @abstractmethod
    async def deliver(self, message: Message) -> Sent:
        """Do what `send` says."""
