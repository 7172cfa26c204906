"""Nonsense for the formats: no exception, no difference between whole and cut, no unbounded buffer."""
