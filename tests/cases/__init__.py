"""Drawn tracks with names, for the tests of everyone."""
