"""The alerts of one history, counted by strength: what the prior and a learned normal rest on."""

from __future__ import annotations

from dataclasses import dataclass, field

from seavigil.risk.rates import LEARNED, Rates, count
from seavigil.runners.live import Outcome
from seavigil.runners.volume import ShipDays


@dataclass
class Counted:
    """Takes the outcomes of one watch over ordinary traffic from end to end, and counts."""

    traffic: ShipDays = field(default_factory=ShipDays)
    strengths: dict[str, float] = field(default_factory=dict)

    def take(self, outcome: Outcome) -> None:
        """Take what one piece of input led to. Retracted alerts count too: they were raised."""
        self.traffic.add(outcome.reports)
        self.strengths.update((alert.alert_id, alert.strength) for alert in outcome.alerts)

    def rates(self, normal: str = LEARNED) -> Rates | None:
        """Give the rates, or None where no ship was heard."""
        days = self.traffic.ship_days
        return count(self.strengths.values(), days, normal) if days else None
