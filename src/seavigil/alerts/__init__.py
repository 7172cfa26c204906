"""Alerts: what stands before an operator, from its first revision to its close."""

from seavigil.alerts.alert import Alert, AlertAsset, Area, Feed, VesselFacts
from seavigil.alerts.commands import Command
from seavigil.alerts.lifecycle import AlertBook, BookParams
from seavigil.alerts.silences import Silence
from seavigil.alerts.transitions import Refused, Transition

__all__ = [
    "Alert",
    "AlertAsset",
    "AlertBook",
    "Area",
    "BookParams",
    "Command",
    "Feed",
    "Refused",
    "Silence",
    "Transition",
    "VesselFacts",
]
