"""What the web interface needs of a service."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Protocol

from seavigil.runners.status import StatusSnapshot


class ServiceView(Protocol):
    """A service at work, as the web interface sees it."""

    @property
    def folder(self) -> Path:
        """The folder of the service."""

    def status(self) -> StatusSnapshot:
        """Give how it does right now; called from any thread, and often."""

    async def notice(self, told: Mapping[str, Any]) -> Any:
        """Write an outage notice into the log; on return it is written.

        Gives what was understood (with its ``fault_id``). Raises ``ValueError`` for one of no sense,
        ``OSError`` where it cannot be written.
        """


class AlertStore(Protocol):
    """The store, as far as it is read and asked here (`seavigil.store.database.Database`)."""

    def alerts(
        self,
        *,
        states: Sequence[str] | None = None,
        priorities: Sequence[str] | None = None,
        behaviours: Sequence[str] | None = None,
        asset: str | None = None,
        mmsi: int | None = None,
        since_us: int | None = None,
        until_us: int | None = None,
        limit: int = 100,
        after: str | None = None,
    ) -> list[dict[str, Any]]:
        """Give the newest revisions of alerts."""

    def alert(self, alert_id: str) -> dict[str, Any] | None:
        """Give one alert."""

    def revisions(self, alert_id: str) -> list[dict[str, Any]]:
        """Give its revisions."""

    def transitions(self, alert_id: str | None = None, limit: int = 1000) -> list[dict[str, Any]]:
        """Give its transitions."""

    def submit(self, command: Mapping[str, Any]) -> str:
        """Queue an operator's command."""

    def command(self, command_id: str) -> dict[str, Any] | None:
        """Give what became of one."""

    def statements(self, since_us: int) -> list[dict[str, Any]]:
        """Give statements."""
