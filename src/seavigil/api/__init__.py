"""The web interface of a service: health, metrics, alerts, and what operators ask. For this machine only."""

from seavigil.api.app import ServiceView, make_app

__all__ = ["ServiceView", "make_app"]
