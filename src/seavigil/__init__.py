"""Seavigil: the open watch over undersea and offshore critical infrastructure."""

__version__ = "0.1.0"
