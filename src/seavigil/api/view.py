"""What the web interface needs of a watch: a service over live feeds, or a recording that was watched."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Protocol

from seavigil.runners.bulletin import Bulletin
from seavigil.runners.plan import Plan
from seavigil.runners.status import StatusSnapshot


class ServiceView(Protocol):
    """A watch, as the web interface sees it."""

    @property
    def folder(self) -> Path:
        """Its folder: rows by day lie in it."""

    @property
    def plan(self) -> Plan:
        """What is watched, with what knowledge."""

    @property
    def bulletin(self) -> Bulletin:
        """Where it says what is new."""

    @property
    def recording(self) -> str | None:
        """The recording that was watched; None for live feeds."""

    def as_of_us(self) -> int:
        """Give the data time that the watch has come to; NEVER_US before any."""

    def status(self) -> StatusSnapshot:
        """Give how it does right now; called from any thread, and often."""

    def faults(self) -> list[dict[str, Any]]:
        """Give the outage notices known, with what came of them, in order of time."""

    async def notice(self, told: Mapping[str, Any]) -> Any:
        """Write an outage notice into the log; on return it is written.

        Gives what was understood (with its ``fault_id``). Raises ``ValueError`` for one of no sense,
        ``OSError`` where it cannot be written.
        """
