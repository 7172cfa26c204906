"""Alerts: what stands before an operator, from its first revision to its close."""

from seavigil.alerts.alert import Alert, AlertAsset, Area, Feed, VesselFacts
from seavigil.alerts.lifecycle import AlertBook

__all__ = ["Alert", "AlertAsset", "AlertBook", "Area", "Feed", "VesselFacts"]
