"""What the channels to message brokers share: addresses, topics, and the object that is published."""

from __future__ import annotations

import json
import re
from urllib.parse import SplitResult, urlsplit

from seavigil.alerts.channels.contract import Message

#: Names that a topic or subject may hold in braces.
NAMES = ("status", "priority", "alert_id")


def address(url: str, schemes: tuple[str, ...]) -> SplitResult:
    """Read a broker's URL. Raises ``ValueError`` that says what to write, without a password in it."""
    parts = urlsplit(url)
    if parts.scheme not in schemes or not parts.hostname:
        raise ValueError(f"url: write {' or '.join(f'{s}://HOST:PORT' for s in schemes)}")
    if parts.username or parts.password:
        raise ValueError("url: no name and password in it; there are keys for them")
    return parts


def check_template(template: str, name: str) -> None:
    """Raise ``ValueError`` where a topic holds something else in braces than there is."""
    unknown = [found for found in re.findall(r"\{([^}]*)\}", template) if found not in NAMES]
    if unknown or template.count("{") != template.count("}") or not template.strip("/. "):
        raise ValueError(f"{name}: {template!r}; in braces it may hold {', '.join(NAMES)}")


def filled(template: str, message: Message) -> str:
    """Put a message's words into a topic or subject; what would divide it or match others is left out.

    ``alert_id`` of a digest is ``digest``, of what concerns no alert ``none``.
    """
    alert_id = message.alerts[0]["alert_id"] if len(message.alerts) == 1 and not message.digest else None
    fallback = "digest" if message.digest else "none"
    values = {"status": message.status, "priority": message.priority, "alert_id": alert_id or fallback}
    return template.format(**{k: re.sub(r"[^\w-]", "_", str(v)) for k, v in values.items()})


def published(message: Message) -> bytes:
    """Give the JSON that is published."""
    return json.dumps(message.as_json(), ensure_ascii=False, separators=(",", ":")).encode()
