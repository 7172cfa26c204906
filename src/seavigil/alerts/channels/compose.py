"""Messages made of what is to be told: of one group, of many in brief, of one alert each, of none."""

from __future__ import annotations

from collections.abc import Sequence

from seavigil.alerts.channels import words
from seavigil.alerts.channels.contract import Message
from seavigil.hashing import short_id


def message_of(
    keys: Sequence[str], payloads: Sequence[words.Payload], created_us: int, *, key: str | None = None
) -> Message:
    """Give the message that tells these alerts in full; ``keys`` are theirs, at least one."""
    return Message(
        key=key or key_of(keys),
        subject=words.subject(payloads),
        text=words.text(payloads),
        created_us=created_us,
        alerts=tuple(payloads),
        keys=tuple(keys),
        priority=words.most_pressing(payloads),
    )


def digest_of(
    keys: Sequence[str], payloads: Sequence[words.Payload], created_us: int, *, key: str | None = None
) -> Message:
    """Give the message that counts and lists these alerts, a line each."""
    return Message(
        key=key or key_of(keys),
        subject=words.digest_subject(payloads),
        text=words.digest_text(payloads),
        created_us=created_us,
        alerts=tuple(words.brief(payload) for payload in payloads),
        keys=tuple(keys),
        priority=words.most_pressing(payloads),
        digest=True,
    )


def trial(channel: str, created_us: int) -> Message:
    """Give the message of `seavigil channels test`: it concerns no ship."""
    return Message(
        key=f"test:{created_us}:{channel}",
        subject=f"Seavigil channel {channel} works",
        text=f"Somebody tries whether channel {channel} works. No ship is concerned; nothing is to be done.",
        created_us=created_us,
        test=True,
    )


def notice(key: str, subject: str, text: str, created_us: int, *, exercise: bool = False) -> Message:
    """Give a message of the watch about itself, such as that another channel does not work."""
    return Message(key, subject, text, created_us, priority="warning", exercise=exercise)


def each(message: Message) -> list[Message]:
    """Give a message for each of its alerts, with its own key; a digest stays one, and so does none."""
    if message.digest or not message.alerts:
        return [message]
    pairs = zip(message.keys, message.alerts, strict=True)
    return [message_of([key], [payload], message.created_us) for key, payload in pairs]


def key_of(keys: Sequence[str]) -> str:
    """Name a message by what it tells: by the key of its only alert, or by all keys, whatever their order."""
    if len(keys) == 1:
        return keys[0]
    channel = keys[0].rpartition(":")[2]
    return f"{short_id(*sorted(keys))}:{len(keys)}:{channel}"
