"""What a person may ask of the watch: one command, checked before anything is made of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from seavigil.alerts.transitions import Refused

#: Commands about one alert, and those about none.
OF_AN_ALERT = ("acknowledge", "escalate", "close", "retract", "reopen", "note")
OF_NONE = ("silence", "unsilence")
KINDS = (*OF_AN_ALERT, *OF_NONE)

#: How a closed alert turned out, in the words of whoever closed it.
OUTCOMES = ("harmless", "confirmed", "duplicate", "test", "unresolved")

#: These change what others see: they must say why.
_NEED_WHY = frozenset({"retract", "note", "silence"})


@dataclass(frozen=True)
class Command:
    """What a person asks. ``arguments``: of ``close`` its ``outcome``, of ``silence`` what `Silence` takes,
    of ``unsilence`` the ``silence_id``.

    Raises ``Refused`` in words where it cannot be meant.
    """

    command_id: str
    kind: str
    alert_id: str | None
    who: str
    why: str = ""
    arguments: Mapping[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Check what can be checked without the alert."""
        if self.kind not in KINDS:
            raise Refused(f"{self.kind!r} is no command; there are {', '.join(KINDS)}")
        if not self.command_id or not self.who.strip():
            raise Refused(f"{self.kind}: say who asks for it")
        if self.kind in _NEED_WHY and not self.why.strip():
            raise Refused(f"{self.kind}: say {'what to note' if self.kind == 'note' else 'why'}")
        if self.kind in OF_AN_ALERT and not self.alert_id:
            raise Refused(f"{self.kind}: say which alert")
        if self.kind == "close" and self.arguments.get("outcome") not in OUTCOMES:
            raise Refused(f"close: say how it turned out: {', '.join(OUTCOMES)}")
        if self.kind == "unsilence" and not self.arguments.get("silence_id"):
            raise Refused("unsilence: say which silence")

    @classmethod
    def from_json(cls, row: Mapping[str, Any]) -> Command:
        """Read a command as the store keeps it and the log carries it. Raises ``Refused``."""
        texts = {key: str(row.get(key) or "") for key in ("command_id", "kind", "who", "why")}
        arguments = row.get("arguments") or {}
        if not isinstance(arguments, Mapping):
            raise Refused(f"{texts['kind']}: its arguments are no object")
        alert_id = row.get("alert_id")
        return cls(alert_id=str(alert_id) if alert_id else None, arguments=arguments, **texts)

    def as_json(self) -> dict[str, Any]:
        """Give it as the store keeps it and the log carries it."""
        return {**vars(self), "arguments": dict(self.arguments)}
