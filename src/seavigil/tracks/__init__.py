"""Tracks: order, one row a message, plausibility, ships that share an MMSI, static data, gaps."""

from __future__ import annotations

from seavigil.tracks.params import TrackParams
from seavigil.tracks.tracker import Tracked, Tracker

__all__ = ["TrackParams", "Tracked", "Tracker"]
