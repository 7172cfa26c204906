"""Tests of seavigil.tracks."""
