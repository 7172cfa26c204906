"""What a watch is told beforehand, besides the assets."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Known:
    """Everything the user gives about the sea he watches; what is not given is said to be not known."""
