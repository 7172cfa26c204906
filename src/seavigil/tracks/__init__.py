"""Tracks: order, one row a message, plausibility, ships that share an MMSI, static data, gaps."""

from __future__ import annotations

from seavigil.mid import country
from seavigil.tracks.params import TrackParams
from seavigil.tracks.segments import segments
from seavigil.tracks.statics import StaticBook
from seavigil.tracks.tracker import Tracked, Tracker
from seavigil.vessel import Static

__all__ = ["Static", "StaticBook", "TrackParams", "Tracked", "Tracker", "country", "segments"]
