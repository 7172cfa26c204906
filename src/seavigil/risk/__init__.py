"""From events to what an operator should know: cases, reasons, innocent readings, rarity, priority."""

from seavigil.risk.assess import Assessor, Draft, Policy
from seavigil.risk.budget import Traffic
from seavigil.risk.knowledge import Knowledge
from seavigil.risk.rates import Rates
from seavigil.risk.retraction import HeardLate

__all__ = ["Assessor", "Draft", "HeardLate", "Knowledge", "Policy", "Rates", "Traffic"]
