"""From events to what an operator should know: cases, reasons, innocent readings, priority."""

from seavigil.risk.assess import Assessor, Draft, Knowledge

__all__ = ["Assessor", "Draft", "Knowledge"]
